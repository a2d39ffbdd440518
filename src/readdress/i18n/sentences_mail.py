"""The sentences about mail servers and secrets in Chinese, looked up by their English; a part of :mod:`readdress.i18n.sentences`."""

from __future__ import annotations

MAIL: tuple[tuple[str, str], ...] = (
    ("{host} does not let {address} in just now: {said}", "{host} 暂时不让 {address} 登录：{said}"),
    ("Wait some minutes, then try again.", "请等几分钟再试。"),
    (
        "{host} refused the login of {address}. It uses the same sentence for a wrong code, a switched-off service, too many logins and a banned account, so the reason cannot be told: {said}",
        "{host} 拒绝了 {address} 的登录。授权码错误、服务未开启、登录过于频繁和账号被封，它都用同一句话，因此无法判断原因：{said}",
    ),
    (
        "Wait 15 minutes and try again once. If it is refused again, sign in on the web: if that fails too the account is blocked; if it works, create a new code. {how}",
        "请等 15 分钟再试一次。若仍被拒绝，请在网页上登录：网页也登录不了说明账号被封；能登录则重新生成授权码。{how}",
    ),
    ("{host} takes no passwords from mail programs: {said}", "{host} 不接受邮件程序用密码登录：{said}"),
    (
        "No trustworthy encrypted connection to {where} came about: {why}. No password was sent.",
        "未能与 {where} 建立可信的加密连接：{why}。没有发送密码。",
    ),
    (
        "Check the port (993 for IMAP over TLS) and that the server speaks TLS 1.2 or newer.",
        "请检查端口（IMAP over TLS 为 993），以及服务器是否支持 TLS 1.2 或更新版本。",
    ),
    ("The connection to {where} broke: {why}.", "与 {where} 的连接中断：{why}。"),
    ("Check host and port of the mailbox and the network, then try again.", "请检查邮箱的主机、端口和网络，然后重试。"),
    ("{where} lacks something that is needed: {why}", "{where} 缺少所需的功能：{why}"),
    ("{where} sends an answer that cannot be understood ({why}).", "无法理解 {where} 的应答（{why}）。"),
    (
        "Check host and port; if they are right, report the server's name.",
        "请检查主机和端口；若无误，请报告该服务器的名称。",
    ),
    ("{where} wants to be left alone for a while: {said}", "{where} 要求稍后再来：{said}"),
    ("Wait 15 minutes, then try again.", "请等 15 分钟再试。"),
    ("{where} ended the connection: {said}", "{where} 断开了连接：{said}"),
    ("{where} ended the connection.", "{where} 断开了连接。"),
    ("{where} refuses: {said}", "{where} 拒绝：{said}"),
    ("Try again later; `migrate doctor` tells more.", "请稍后再试；migrate doctor 会给出更多信息。"),
    ("The mail server {what}.", "邮件服务器的应答不符合协议（{what}）。"),
    (
        "Check host and port of the mailbox. If they are right, the server is broken or not what it claims to be.",
        "请检查邮箱的主机和端口。若无误，则该服务器有故障，或并非其所称的服务器。",
    ),
    (
        "The mailbox of {address} is read by hand, there is no server to ask.",
        "{address} 由您自己查看，没有可询问的服务器。",
    ),
    (
        "{word} is no way to secure a connection: tls, starttls or plain.",
        "{word} 不是连接加密方式：可用 tls、starttls 或 plain。",
    ),
    ("A mailbox needs a host and a port from 1 to 65535.", "邮箱需要主机，以及 1 到 65535 的端口。"),
    ("The CA file {path} cannot be used: {why}.", "CA 文件 {path} 无法使用：{why}。"),
    ("Name a PEM file that holds the server's authority.", "请给出包含该服务器证书颁发机构的 PEM 文件。"),
    (
        "{where} offers no STARTTLS, so the connection would stay readable. No password was sent.",
        "{where} 不支持 STARTTLS，连接将不加密。没有发送密码。",
    ),
    ("Use port 993 with TLS.", "请使用 993 端口和 TLS。"),
    ("{where} sent more than its answer before encryption began.", "{where} 在加密开始之前多发了内容。"),
    ("Use port 993 with TLS; do not use this network for mail.", "请使用 993 端口和 TLS；不要在此网络上收发邮件。"),
    (
        "{host} is not this computer, so the connection must be encrypted. Nothing was sent.",
        "{host} 不是本机，连接必须加密。没有发送任何内容。",
    ),
    ("Use security tls (port 993), or starttls.", "请使用 tls（993 端口）或 starttls。"),
    ("A {thing} may not hold line breaks or NUL.", "{thing} 不能含有换行或 NUL。"),
    ("Set the mailbox up again.", "请重新设置邮箱。"),
    ("{host} did not answer within {time} s.", "{host} 在 {time} 秒内没有响应。"),
    ("Check the network, then try again.", "请检查网络后重试。"),
    ("Reading the mailbox failed ({why}).", "读取邮箱失败（{why}）。"),
    ("Please report this.", "请报告此问题。"),
    ("The password holds a line break or NUL, so it is no password.", "密码中含有换行或 NUL，不是有效的密码。"),
    ("Store it again.", "请重新保存。"),
    ("{host} offers no way to sign in with a password.", "{host} 不提供密码登录方式。"),
    ("{host} can only take logins of plain ASCII letters.", "{host} 只接受纯 ASCII 字符的登录名。"),
    # secrets
    ("The keyring {name} did not keep what it was given.", "密钥环 {name} 没有保存内容。"),
    ("The command for the secret has an open quote.", "取密码的命令中引号没有闭合。"),
    ("{command} failed with status {code}.", "{command} 运行失败，状态码 {code}。"),
    ("{command} printed no secret within {time} s.", "{command} 在 {time} 秒内没有输出密码。"),
    ("{command} cannot be run ({why}).", "{command} 无法运行（{why}）。"),
    ("What {command} printed is no UTF-8 text.", "{command} 的输出不是 UTF-8 文本。"),
    ("The setting names no place for a secret.", "设置中没有指明密码的存放位置。"),
    ("Use one of: {list}.", "可用：{list}。"),
)
