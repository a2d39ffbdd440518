"""Errors and next actions of finding and planning, in Chinese; see :mod:`readdress.i18n.sentences`."""

from __future__ import annotations

FINDING: tuple[tuple[str, str], ...] = (
    # the catalogue of services
    ("{host} could not be reached ({why}).", "无法连接 {host}（{why}）。"),
    ("{host} answered {code} instead of the file.", "{host} 返回 {code}，没有给出文件。"),
    ("{host} did not answer within {time} s.", "{host} 在 {time} 秒内没有响应。"),
    ("The certificate of {host} does not verify.", "{host} 的证书无法验证。"),
    ("What you had before is kept. {rest}", "原有内容已保留。{rest}"),
    ("Nothing was taken over. {rest}", "没有写入任何内容。{rest}"),
    ("Nothing is known of {name}.", "对 {name} 一无所知。"),
    ("{name} runs on many sites, and there is no recipe for it.", "{name} 可架设在多个网站上，且没有配方。"),
    # the generic recipe
    (
        "{name} has not written to {new} yet; until then the change is only your word.",
        "{name} 尚未向 {new} 发信；在此之前更改仅凭您的说法。",
    ),
    (
        "Nothing is to be done. `migrate resume` looks again: any mail of the service to the new address confirms it.",
        "无需操作。migrate resume 会再次检查：该服务发往新邮箱的任何邮件都可确认。",
    ),
    ("{name} wrote to the new address after the change.", "更改之后，{name} 已向新邮箱发信。"),
    (
        "The next mail of the service to the new address proves it; keep the old mailbox until then.",
        "该服务发往新邮箱的下一封邮件即可证实；在此之前请保留旧邮箱。",
    ),
    (
        "The new mailbox is not set up to be read, so only your word says that {name} uses the new address.",
        "新邮箱尚未设置读取，{name} 是否已使用新邮箱仅凭您的说法。",
    ),
    (
        "Set it up with `migrate mailbox add new`, then run `migrate resume`.",
        "请先运行 migrate mailbox add new 设置，再运行 migrate resume。",
    ),
    ("The change at {name} is still to be agreed to.", "尚待您同意在 {name} 更改邮箱。"),
    (
        "Set a password or add a phone number there first if you have no other way in, then run `migrate resume`.",
        "如果没有其他登录方式，请先在那里设置密码或绑定手机号，再运行 migrate resume。",
    ),
    # discover
    ("The old mailbox is not set up to be read.", "旧邮箱尚未设置读取。"),
    (
        "migrate mailbox add old; or, if it is gone: migrate discover --mbox FILE, --passwords FILE, or migrate remember",
        "migrate mailbox add old；若已失效：migrate discover --mbox 文件、--passwords 文件，或 migrate remember",
    ),
    (
        "The provider of the old mailbox was asked too often; it is left alone until {when} UTC.",
        "对旧邮箱服务商的请求过于频繁；在 {when}（UTC）之前不再访问。",
    ),
    (
        "Run `migrate discover` again then; what was read is kept.",
        "届时再次运行 migrate discover；已读取的内容已保留。",
    ),
    ("No account {name} is known.", "没有已知的账号 {name}。"),
    ("`migrate accounts` lists them all.", "migrate accounts 列出全部账号。"),
    # planning
    ("What is dead has no end to come.", "已失效的不会再有到期日。"),
    ("Leave --until out, or say alive.", "请去掉 --until，或改为 alive。"),
    ("{text} is no day.", "{text} 不是日期。"),
    ("Write it as year-month-day, like 2026-12-08.", "请写成 年-月-日，如 2026-12-08。"),
    ("{text} is over.", "{text} 已经过去。"),
    ("Say dead if it has ended, or give a day to come.", "若已结束请说 dead，或给出将来的日期。"),
    (
        "{name} is nothing that one holds. Choose from: {list}, sso:SERVICE.",
        "{name} 不是可以持有的东西。可选：{list}、sso:服务。",
    ),
    (
        "Of the old mailbox speaks: migrate old alive, read-only or dead.",
        "旧邮箱的状况请用：migrate old alive、read-only 或 dead。",
    ),
    ("Give --account or --service, not both.", "请只给出 --account 或 --service 之一。"),
    ("--from and --where need --set.", "--from 和 --where 需要与 --set 合用。"),
    ("{name} is no service: use its id, like qq or google.", "{name} 不是服务：请用编号，如 qq 或 google。"),
)
