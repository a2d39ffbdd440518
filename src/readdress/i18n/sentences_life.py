"""Errors and next actions of watching, people, notes, the dossier, the way back and the new mailbox, in Chinese."""

from __future__ import annotations

LIFE: tuple[tuple[str, str], ...] = (
    # undo and route
    ("{name} has no route {route}.", "{name} 没有路线 {route}。"),
    ("Its routes: {listed}. `migrate route {id}` shows them.", "可用路线：{listed}。migrate route {id} 可查看。"),
    ("This way needs what you do not hold: {lacks}.", "这条路线需要您没有的：{lacks}。"),
    (
        "`migrate route {id}` lists the other ways; `migrate have` keeps what you hold.",
        "migrate route {id} 列出其他路线；migrate have 记录您持有的。",
    ),
    ("Nothing was changed at {name}, so there is nothing to take back.", "在 {name} 没有更改过，无需撤销。"),
    ("The way back at {name} needs the old mailbox, and that is gone.", "{name} 的退路需要旧邮箱，而旧邮箱已失效。"),
    ("`migrate route {id}` lists the other ways, recovery among them.", "migrate route {id} 列出其他路线，包括找回。"),
    ("Go on with: migrate {command}", "继续：migrate {command}"),
    ("Now change the address: migrate --service {id}", "现在更改地址：migrate --service {id}"),
    (
        "Note the answers as they come: migrate note TEXT --topic appeal",
        "收到答复后请记录：migrate note 文字 --topic appeal",
    ),
    ("{done} of {all} steps were done.", "{all} 步中完成了 {done} 步。"),
    ("No step was done, so nothing was taken back.", "没有执行任何步骤，因此没有撤销。"),
    (
        "The change was taken back: the account is bound to the old address again.",
        "更改已撤销：该账号重新绑定旧地址。",
    ),
    (
        "It is left alone from now on; to move it once more: migrate --service {id}",
        "之后不会再动它；要重新迁移：migrate --service {id}",
    ),
    ("No way back is known for {name}.", "{name} 没有已知的退路。"),
    (
        "{old} is gone, so there is nothing to go back to. If the new address is wrong, correct it on {name}'s own page{at}.",
        "{old} 已失效，无法改回。如果新地址有误，请在 {name} 自己的页面上更正{at}。",
    ),
    (
        "{old} was not taken away there: make it the first one again on {name}'s own page{at}, and do not run its removal.",
        "{old} 在那里没有被移除：请在 {name} 自己的页面上把它重新设为首选{at}，不要执行移除步骤。",
    ),
    (
        "As long as the mail to the new address is not confirmed nothing has changed: leave it, or cancel on {name}'s own page{at}.",
        "只要新地址收到的邮件没有确认，就没有任何改变：不用管它，或在 {name} 自己的页面上取消{at}。",
    ),
    (
        "Change it once more by hand on {name}'s own page{at}, from the new address to {old}, while {old} still receives mail.",
        "趁 {old} 还能收信，请在 {name} 自己的页面上手动从新地址改回 {old}{at}。",
    ),
    # notes
    ("A note needs words.", "记录不能为空。"),
    (
        'Write them: migrate note "Appealed in the app" --topic appeal',
        "例如：migrate note “已在客户端申诉” --topic appeal",
    ),
    ("There is no topic {name}.", "没有类别 {name}。"),
    ("{day} is no day.", "{day} 不是日期。"),
    (
        "Write it as year-month-day, like 2022-12-11, or with the time: 2022-12-11 18:00.",
        "请写成“年-月-日”，如 2022-12-11，或带时间：2022-12-11 18:00。",
    ),
    ("{day} is still to come.", "{day} 还没有到。"),
    ("A note says what has happened.", "记录的是已经发生的事。"),
    ("Name a file that can be.", "请指定可读的文件。"),
    # the dossier
    ("{pair} says nothing that a dossier holds.", "{pair} 不是说明中的内容。"),
    ("Nothing is known of a provider {name}.", "没有关于 {name} 的资料。"),
    (
        "Name one with channels of its own ({listed}), or a service of `migrate recipes list`.",
        "请指定有渠道资料的（{listed}），或 migrate recipes list 中的服务。",
    ),
    ("There is another file at {path} already; it was not touched.", "{path} 处已有别的文件，没有改动它。"),
    ("Choose another name, or take that file away.", "请换一个名称，或移走该文件。"),
    # people
    ("The old mailbox is not set up to be read.", "旧邮箱尚未设置为可读取。"),
    (
        "migrate mailbox add old; or, if it is gone, name what you saved of it: migrate people --mbox FILE",
        "migrate mailbox add old；如已失效，请指定保存下来的内容：migrate people --mbox 文件",
    ),
    ("Run `migrate people` again then.", "届时再运行 migrate people。"),
    # the new mailbox, forwarding
    ("The code {code} does not stand in what was pasted.", "粘贴的内容中没有代码 {code}。"),
    ("No To line stands in what was pasted.", "粘贴的内容中没有“收件人”一行。"),
    (
        "Open the mail in the new mailbox, show its details or source, and paste the lines To and Subject.",
        "请在新邮箱中打开该邮件，显示详情或原文，粘贴“收件人”和“主题”两行。",
    ),
    (
        "The mail came to {listed}, but the new address is written down as {new}.",
        "邮件发到了 {listed}，而记录的新地址是 {new}。",
    ),
    (
        "One of the two is a typing error. If it is the one written down, begin anew with the right one: migrate init",
        "其中一个打错了。如果记录的有误，请用正确的地址重新开始：migrate init",
    ),
    (
        "The old mailbox receives nothing any more, so there is nothing to forward.",
        "旧邮箱已不再收信，没有可转发的内容。",
    ),
    (
        "Tell people yourself: migrate people. If it still receives mail: migrate old alive",
        "请自行通知联系人：migrate people。如果它还能收信：migrate old alive",
    ),
)
