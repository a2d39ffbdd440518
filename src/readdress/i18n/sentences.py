"""The errors and next actions that people meet most, in Chinese: looked up by their English sentence.

Errors carry one English sentence, so that logs and programs see one wording. Where no Chinese is known the English is shown.
"""

from __future__ import annotations

import re
from functools import cache

from readdress.i18n.sentences_archives import ARCHIVES
from readdress.i18n.sentences_finding import FINDING
from readdress.i18n.sentences_life import LIFE
from readdress.i18n.sentences_mail import MAIL
from readdress.i18n.sentences_run import RUN

# English with {placeholders} → Chinese with the same. A test makes sure that each English one is still what the code says.
SENTENCES: tuple[tuple[str, str], ...] = (
    # state file
    ("No migration was started yet.", "尚未开始迁移。"),
    (
        "Start one: migrate init --old ME@OLD --new ME@NEW (or rehearse: migrate practice)",
        "开始迁移：migrate init --old 旧地址 --new 新地址（或先演练：migrate practice）",
    ),
    ("Start one: migrate init", "开始迁移：migrate init"),
    ("There are several migrations:\n{list}", "有多个迁移：\n{list}"),
    ("Say which one with --state FILE.", "请用 --state 指定其中一个文件。"),
    ("There is no state file {path}.", "没有状态文件 {path}。"),
    ("Begin with `migrate init`, or give the file's right place.", "请先运行 migrate init，或给出正确的文件位置。"),
    ("There is a file {path} already.", "文件 {path} 已存在。"),
    (
        "Go on with it (`migrate status`), or give the new migration another file.",
        "继续使用它（migrate status），或为新的迁移另选文件。",
    ),
    ("The state file {path} is being written by {who}.", "状态文件 {path} 正在被 {who} 写入。"),
    (
        "Wait until that command has ended, or end it; reading (`migrate status`) goes on meanwhile.",
        "等该命令结束，或将其结束；期间仍可读取（migrate status）。",
    ),
    (
        "The state file {path} has format {have}; this readdress knows formats up to {known}.",
        "状态文件 {path} 的格式为 {have}，本程序只认识到 {known}。",
    ),
    (
        "Use the newer readdress that wrote it: `pip install --upgrade readdress`.",
        "请使用写入它的较新版本：pip install --upgrade readdress。",
    ),
    ("{path} is a database of another program.", "{path} 是其他程序的数据库。"),
    ("{path} is no state file of readdress.", "{path} 不是 readdress 的状态文件。"),
    ("Give the state file's right place.", "请给出状态文件的正确位置。"),
    ("The state file {path} is damaged: {why}.", "状态文件 {path} 已损坏：{why}。"),
    (
        "It was not written to. Keep it, and go on with a copy of it that passes `migrate check`.",
        "没有写入过它。请保留它，并使用能通过 migrate check 的副本继续。",
    ),
    ("{path} is a folder.", "{path} 是文件夹。"),
    ("Give the state file in it.", "请给出其中的状态文件。"),
    ("The disk is full: {path} cannot grow.", "磁盘已满：{path} 无法变大。"),
    ("The disk is full: {path} cannot be written.", "磁盘已满：{path} 无法写入。"),
    ("Make room and try again. Nothing that was recorded before is lost.", "请腾出空间后重试。之前的记录没有丢失。"),
    ("The state file {path}, or the folder it is in, may not be written.", "状态文件 {path} 或其所在文件夹不可写。"),
    (
        "Make both writable, or copy the file to a folder that is. Nothing that was recorded before is lost.",
        "请让两者可写，或把文件复制到可写的文件夹。之前的记录没有丢失。",
    ),
    ("{path} may not be written.", "{path} 不可写。"),
    ("Make the folder writable, or give the state file another one.", "请让文件夹可写，或把状态文件放到别处。"),
    ("{path} is sound ({n} entries).", "{path} 完好（{n} 条记录）。"),
    ("{path} may be read by others (mode {mode}).", "其他人可以读取 {path}（权限 {mode}）。"),
    ("Run: chmod 600 {path}", "请运行：chmod 600 {path}"),
    ("There is another file at {path} already; it was not touched.", "{path} 已有其他文件，没有改动它。"),
    ("Choose another name, or take that file away.", "请换一个名称，或移走该文件。"),
    # addresses, services, accounts
    (
        "{text} is no email address: it needs one @ with something on both sides.",
        "{text} 不是邮箱地址：需要一个 @，两边都要有内容。",
    ),
    (
        "{text} is no email address that services accept: look at the part before the @.",
        "{text} 不是服务会接受的邮箱地址：请检查 @ 之前的部分。",
    ),
    ("{text} is no email address: {domain} is no domain name.", "{text} 不是邮箱地址：{domain} 不是域名。"),
    ("Give one plain address, like name@example.com.", "请给出一个地址，如 name@example.com。"),
    ("The old and the new address are the same.", "旧地址和新地址相同。"),
    ("Give the address that you move to with --new.", "请用 --new 给出您要迁往的地址。"),
    ("There is no recipe called {name}.", "没有名为 {name} 的配方。"),
    ("Did you mean {name}? migrate recipes list shows them all.", "是否指 {name}？migrate recipes list 列出全部。"),
    ("migrate recipes list shows them all.", "migrate recipes list 列出全部。"),
    ("{name} runs on many hosts: which one is meant?", "{name} 可架设在许多网站上：指的是哪一个？"),
    ("Name it: migrate --service {name} --site https://…", "请指明：migrate --service {name} --site https://…"),
    ("{name} is one service with one address; it takes no --site.", "{name} 只有一个网站，不需要 --site。"),
    ("Leave --site out.", "请去掉 --site。"),
    ("{text} is no web address.", "{text} 不是网址。"),
    ("{text} is no web address that can be opened.", "{text} 不是可以打开的网址。"),
    (
        "{text} would be reached without encryption; only this machine itself may be.",
        "{text} 的连接没有加密；只有本机可以如此。",
    ),
    (
        "Give the address of the site's front page, like https://forum.example.org.",
        "请给出网站首页的地址，如 https://forum.example.org。",
    ),
    ("No account {name} is known.", "没有名为 {name} 的账号。"),
    ("`migrate status` lists them all.", "migrate status 列出全部账号。"),
    ("There are several accounts at {name}: {list}.", "在 {name} 有多个账号：{list}。"),
    ("Say which one with --account LOGIN.", "请用 --account 指定登录名。"),
    ("Say which one with --site URL.", "请用 --site 指定网站。"),
    # mailboxes
    ("The mail server of {address} is not known.", "不知道 {address} 的邮件服务器。"),
    (
        "Name it: --host imap.example.com (and --port, --security), or --by-hand.",
        "请指明：--host imap.example.com（以及 --port、--security），或使用 --by-hand。",
    ),
    ("There is no preset {name}.", "没有名为 {name} 的预设。"),
    ("Choose one of: {list}.", "请从中选择：{list}。"),
    ("{name} lets no program sign in with a password.", "{name} 不允许程序用密码登录。"),
    (
        "Use --by-hand: you read the mailbox and paste codes and links.",
        "请使用 --by-hand：由您查看邮件并粘贴验证码和链接。",
    ),
    ("--secret takes a place, not a password.", "--secret 要的是存放位置，不是密码。"),
    ("Use keyring, ask, env:NAME or command:CMD.", "可用 keyring、ask、env:变量名 或 command:命令。"),
    ("No password was given.", "没有输入密码。"),
    (
        "Run the command again; see `migrate mailbox presets` for how to get one.",
        "请重新运行；如何取得授权码见 migrate mailbox presets。",
    ),
    ("A secret is needed, and there is no terminal to ask for it.", "需要密码，但没有可以询问的终端。"),
    (
        "Run this in a terminal. For a mailbox there is also: migrate mailbox add --secret env:NAME or command:CMD.",
        "请在终端中运行。邮箱也可用：migrate mailbox add --secret env:变量名 或 command:命令。",
    ),
    ("{host} refused the login of {login}: {said}", "{host} 拒绝了 {login} 的登录：{said}"),
    (
        "Check the login name, and whether the provider wants an app password here.",
        "请检查登录名，以及服务商是否要求使用授权码。",
    ),
    (
        "The certificate of {host} does not verify: {why}. No password was sent.",
        "{host} 的证书无法验证：{why}。没有发送密码。",
    ),
    (
        "Check the host name. If it is your own server, name its CA file. Do not go on if you expected a valid one.",
        "请检查主机名。如果是您自己的服务器，请给出其 CA 文件。如果本应有效，请不要继续。",
    ),
    ("{host} does not answer in time.", "{host} 没有及时响应。"),
    ("Nothing accepts connections at {host}.", "{host} 不接受连接。"),
    ("The mail server's name {host} cannot be looked up.", "查不到邮件服务器 {host}。"),
    ("It is not set up.", "尚未设置。"),
    ("{address} is read by you.", "{address} 由您自己查看。"),
    ("{login} at {host}: {n} messages in {m} watched folders.", "{login}，{host}：{m} 个关注的文件夹中有 {n} 封邮件。"),
    ("{login} at {host} (not tried).", "{login}，{host}（未尝试连接）。"),
    # keyring, browser, recipes
    ("The keyring on this computer ({names}) does not protect secrets.", "这台电脑上的密钥环（{names}）不能保护密码。"),
    (
        "{unlock} or keep the secret elsewhere: `--secret ask` (asked once a run), `--secret env:NAME`, or `--secret command:CMD` (a password manager's command).",
        "请安装并解锁密钥环（Linux：gnome-keyring 或 kwalletmanager，以及 python3-secretstorage）；或把密码放在别处：--secret ask（每次运行询问）、--secret env:变量名，或 --secret command:命令（密码管理器的命令）。",
    ),
    ("{name} protects secrets.", "{name} 可以保护密码。"),
    ("No Chrome, Edge or Chromium was found on this machine.", "这台电脑上没有找到 Chrome、Edge 或 Chromium。"),
    ("{variable} names {path}, and there is no program there.", "{variable} 指定了 {path}，但那里没有程序。"),
    (
        "Set {variable} to the path of Chrome, Edge or Chromium, or remove it.",
        "请把 {variable} 设为 Chrome、Edge 或 Chromium 的路径，或取消该变量。",
    ),
    (
        "The browser of this migration is in use by another process ({holder}).",
        "本次迁移的浏览器正被另一进程使用（{holder}）。",
    ),
    ("Let that process finish or stop it, then try again.", "请等该进程结束或将其停止，然后重试。"),
    ("1 recipe is sound.", "1 个配方完好。"),
    ("{n} recipes are sound.", "{n} 个配方完好。"),
    ("None of the ways to change {name} fits what you hold.", "您持有的条件不符合 {name} 的任何修改方式。"),
    (
        "`migrate recipes show {name}` lists every way, recovery and appeal among them.",
        "migrate recipes show {name} 列出所有方式，包括找回和申诉。",
    ),
    # how a run ends
    ("“{title}” is still to be done.", "“{title}”尚未完成。"),
    ("It is not known whether “{title}” happened.", "不清楚“{title}”是否已经完成。"),
    ("Run `migrate resume`.", "请运行 migrate resume。"),
    ("Run `migrate resume` then.", "到时请运行 migrate resume。"),
    ("Run `migrate resume` and try again.", "请运行 migrate resume 再试一次。"),
    ("Run `migrate resume` with the mail at hand.", "准备好邮件后运行 migrate resume。"),
    ("Run `migrate doctor`, then `migrate resume`.", "请先运行 migrate doctor，再运行 migrate resume。"),
    ("You stopped before the next step.", "您在下一步之前停下了。"),
    ("A question is still open.", "还有一个问题没有回答。"),
    ("The sign-in is still to be done.", "尚未登录。"),
    ("The mail from {name} to {address} has not come yet.", "{name} 发给 {address} 的邮件还没有到。"),
    ("Look into the junk folder too; then run `migrate resume`.", "也请看看垃圾箱，然后运行 migrate resume。"),
    ("The mail from {name} to {address} is still to be read.", "{name} 发给 {address} 的邮件还需要查看。"),
    ("None of the pasted texts was the expected one.", "粘贴的内容都不是所需的。"),
    ("The mail that was asked for is too old to be used.", "所需的邮件已过期。"),
    (
        "Ask the service to send it again; `migrate resume` shows where.",
        "请让服务重新发送；migrate resume 会显示在哪里操作。",
    ),
    (
        "{name} allows this {count} times in {time}, and that is spent.",
        "{name} 在 {time} 内只允许 {count} 次，已经用完。",
    ),
    ("The old address stays: the new one was not read back on the page yet.", "保留旧地址：尚未在页面上核对到新地址。"),
    (
        "Finish the steps before this one; your word alone does not unlock the removal.",
        "请先完成前面的步骤；仅凭口头确认不会移除旧地址。",
    ),
    ("The old address stays for {time} after the new one was read back.", "核对到新地址后，旧地址还会保留 {time}。"),
    ("This step would close your last known way into {name}.", "这一步会关闭您登录 {name} 的最后一种已知方式。"),
    ("{address} was not seen to receive mail yet.", "尚未确认 {address} 能收到邮件。"),
    ("Send a mail to it and run `migrate resume`.", "请给它发一封邮件，然后运行 migrate resume。"),
    ("{name} replaces the address, and you have not agreed to that.", "{name} 会直接替换地址，而您尚未同意。"),
    ("The browser was closed in the middle of a step.", "浏览器在步骤中途被关闭。"),
    *RUN,
    *FINDING,
    *ARCHIVES,
    *LIFE,
    *MAIL,
    # wrong use: the first ones are click's
    ("No such command {name}. Did you mean {near}?", "没有命令 {name}。是否指 {near}？"),
    ("No such command {name}.", "没有命令 {name}。"),
    ("No such option {name}. Did you mean {near}?", "没有选项 {name}。是否指 {near}？"),
    ("No such option {name}.", "没有选项 {name}。"),
    ("No such option: {name}", "没有选项 {name}"),
    ("Missing argument {name}.", "缺少参数 {name}。"),
    ("Option {name} requires an argument.", "选项 {name} 需要一个值。"),
    ("Invalid value for {name}: {why}", "{name} 的值不对：{why}"),
    ("{name} is missing.", "缺少 {name}。"),
    ("{name} needs --service.", "{name} 需要与 --service 合用。"),
    ("--service needs a name.", "--service 需要一个名称。"),
    (
        "{name} would be dropped by `{command}`. Either move a service (migrate --service NAME) or run a command.",
        "{name} 会被 {command} 忽略。请迁移一个服务（migrate --service 名称），或运行一个命令。",
    ),
)
_HOLE = re.compile(r"\{(\w+)\}")


@cache
def _pattern(en: str) -> re.Pattern[str]:
    pieces = _HOLE.split(en)
    return re.compile("".join(f"(?P<{p}>.+?)" if n % 2 else re.escape(p) for n, p in enumerate(pieces)), re.DOTALL)


@cache
def _by_beginning() -> tuple[tuple[str, str, str, str], ...]:
    """Each sentence with what it begins and ends with. Those that begin with a hole fit much, so they come last, the longest first."""
    rows = [(_HOLE.split(en)[0], _HOLE.split(en)[-1], en, zh) for en, zh in SENTENCES]
    return tuple(sorted(rows, key=lambda row: (not row[0], -len(row[2]) if not row[0] else 0)))


def translate(sentence: str, lang: str) -> str:
    """``sentence`` in ``lang``, or as it is where nobody has translated it."""
    if lang != "zh":
        return sentence
    for begins, ends, en, zh in _by_beginning():
        if not (sentence.startswith(begins) and sentence.endswith(ends)):
            continue
        found = _pattern(en).fullmatch(sentence)
        if found:
            return _HOLE.sub(lambda hole, found=found: found[hole[1]], zh)  # type: ignore[misc]
    return sentence
