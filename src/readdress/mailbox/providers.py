"""Holds what is known of each mail provider: where its IMAP server is, how gently it wants to be read, and who says so.

Grades are those of the recipes: ``official`` (the provider's own page), ``consistent`` (two or more independent public
sources, or captured mail), ``single`` (one third party). Nothing here was tried against a live server.
"""

from __future__ import annotations

from readdress.mailbox.preset import DOVECOT_LIKE, ONE_AT_A_TIME, Pace, Preset, Source
from readdress.models import Text

_ISPDB = "https://github.com/thunderbird/autoconfig/blob/master/ispdb/"

QQ = Preset(
    name="qq",
    domains=("qq.com", "foxmail.com", "vip.qq.com"),
    host="imap.qq.com",
    junk=("Junk",),
    other=("其他文件夹/QQ邮件订阅",),
    pace=ONE_AT_A_TIME,
    login_unclear=True,
    password=Text(
        "QQ Mail on the web → account and security → security settings → POP3/IMAP/SMTP service: turn it on and create an "
        "authorization code (16 letters). Use that code, not the QQ password. Changing the QQ password ends all codes.",
        "网页版 QQ 邮箱 → 账号与安全 → 安全设置 → POP3/IMAP/SMTP 服务：开启服务并生成授权码（16 位字母）。"
        "请使用授权码，不是 QQ 密码。修改 QQ 密码会使所有授权码失效。",
    ),
    quirks=(
        Text(
            "Signing in often trips a limit; then it is best left alone for 10 to 15 minutes. So there is one connection, one "
            "sign-in a run, and one folder is looked at every 5 seconds.",
            "频繁登录会触发限制，之后最好等待 10–15 分钟。因此只用一个连接、每次运行只登录一次，每 5 秒查看一个文件夹。",
        ),
        Text(
            "By default IMAP may show recent mail only: set the range of collected mail to all and tick “my folders”.",
            "IMAP 默认可能只收取近期邮件：请把收取选项设为“全部”，并勾选“我的文件夹”。",
        ),
        Text(
            "Its Authentication-Results (mx.qq.com) are not relied upon: nobody could show that forged ones are removed.",
            "不采信其 Authentication-Results（mx.qq.com）：无法确认伪造的该字段会被移除。",
        ),
    ),
    sources=(
        Source(
            "https://help.mail.qq.com/detail/108/1023",
            "one sentence answers every refused login",
            "consistent",
        ),
        Source(
            "https://service.mail.qq.com/detail/0/75",
            "codes instead of the password; where to create them",
            "consistent",
        ),
        Source(
            "https://github.com/situker/qqmail-cli",
            "one login a run; wait 10–15 minutes on a limit",
            "single",
        ),
    ),
)
NETEASE = Preset(
    name="163",
    domains=("163.com", "126.com", "yeah.net", "vip.163.com"),
    host="imap.163.com",
    own_hosts=(("126.com", "imap.126.com"), ("yeah.net", "imap.yeah.net")),
    junk=("垃圾邮件",),
    other=("订阅邮件", "广告邮件"),
    pace=Pace(connections=1, idle=False, brisk=3.0, steady=15.0, others=10.0, login_wait=900.0),
    send_id=True,
    password=Text(
        "NetEase mail on the web → settings → POP3/SMTP/IMAP: turn IMAP on and create an authorization code. Use that code.",
        "网页版网易邮箱 → 设置 → POP3/SMTP/IMAP：开启 IMAP 服务并新增授权密码。请使用授权密码登录。",
    ),
    quirks=(
        Text(
            "Refuses to open a folder (“Unsafe Login”) unless the program has named itself with the ID command.",
            "如果客户端没有用 ID 命令表明身份，会拒绝打开文件夹（提示 “Unsafe Login”）。",
        ),
    ),
    sources=(
        Source(
            "https://github.com/OfflineIMAP/offlineimap/issues/696",
            "'Unsafe Login' on SELECT and EXAMINE without ID; cites help.mail.163.com",
            "consistent",
        ),
        Source(
            "https://github.com/mscdex/node-imap/issues/908",
            "EXAMINE refused until ID was configured",
            "consistent",
        ),
        Source("https://github.com/Wh1isper/mcp-email-server/issues/17", "the same on imap.126.com", "consistent"),
    ),
)
SINA = Preset(
    name="sina",
    domains=("sina.com", "sina.cn"),
    host="imap.sina.com",
    own_hosts=(("sina.cn", "imap.sina.cn"),),
    junk=("垃圾邮件", "垃圾夹"),
    pace=Pace(connections=1, idle=False, brisk=3.0, steady=15.0, others=10.0, login_wait=900.0),
    password=Text(
        "Sina mail on the web → settings → client POP/IMAP/SMTP: turn IMAP on; create an authorization code where it is offered.",
        "网页版新浪邮箱 → 设置区 → 客户端 pop/imap/smtp：开启 IMAP 服务；如提供授权码，请生成并使用授权码。",
    ),
    sources=(
        Source(
            "https://github.com/search?q=imap.sina.com&type=code",
            "host and port in many independent programs' tables",
            "consistent",
        ),
    ),
)
GMAIL = Preset(
    name="gmail",
    domains=("gmail.com", "googlemail.com"),
    host="imap.gmail.com",
    junk=("[Gmail]/Spam", "[Google Mail]/Spam", "[Gmail]/垃圾邮件"),
    authserv_ids=("mx.google.com",),
    password=Text(
        "Turn on 2-Step Verification, then create an app password at https://myaccount.google.com/apppasswords (16 letters).",
        "先开启两步验证，再到 https://myaccount.google.com/apppasswords 创建应用专用密码（16 位字母）。",
    ),
    quirks=(
        Text(
            "At most 15 connections at a time for one account, all programs together; we use two.",
            "同一账号所有程序合计最多 15 个连接；本程序使用两个。",
        ),
    ),
    sources=(
        Source(
            "https://developers.google.com/workspace/gmail/imap/imap-smtp",
            "host, port, implicit TLS",
            "official",
        ),
        Source("https://github.com/dlt-hub/verified-sources/pull/615", "15 simultaneous connections", "single"),
        Source(
            "https://spfwise.com/en/article/how-to-read-authentication-results-header",
            "stamps Authentication-Results as mx.google.com; providers strip forged ones",
            "consistent",
        ),
    ),
)
OUTLOOK = Preset(
    name="outlook",
    domains=("outlook.com", "hotmail.com", "live.com", "msn.com", "live.cn", "hotmail.co.uk"),
    host="outlook.office365.com",
    junk=("Junk", "Junk Email"),
    passwords=False,
    password=Text(
        "Outlook.com takes no passwords from mail programs, only OAuth sign-ins, which readdress does not offer yet. Have its "
        "mail forwarded, or read it by hand (kind: none).",
        "Outlook.com 不再接受邮件程序使用密码，只接受 OAuth 登录，本程序尚未提供。请设置转发，或改为手动读取（kind: none）。",
    ),
    quirks=(
        Text(
            "Its Authentication-Results carry no identifier of the stamping server, so every signature is verified here.",
            "其 Authentication-Results 不带服务器标识，因此由本程序自行验证签名。",
        ),
    ),
    sources=(
        Source(_ISPDB + "hotmail.com.xml", "host, port, OAuth2 as the way to sign in", "consistent"),
        Source(
            "https://learn.microsoft.com/en-us/defender-office-365/message-headers-eop-mdo",
            "examples of Authentication-Results begin with spf=, without an authserv-id",
            "official",
        ),
    ),
)
YAHOO = Preset(
    name="yahoo",
    domains=("yahoo.com", "ymail.com", "rocketmail.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr"),
    host="imap.mail.yahoo.com",
    junk=("Bulk", "Bulk Mail"),
    password=Text(
        "Yahoo account info → security → generate an app password (16 letters). Use it instead of the account's password.",
        "Yahoo 账户信息 → 账户安全 → 生成应用密码（16 位字母），用它代替账户密码。",
    ),
    quirks=(
        Text(
            "The name under which it stamps mail differs from server to server.",
            "每台服务器盖章所用的名称不同。",
        ),
    ),
    sources=(
        Source(_ISPDB + "yahoo.com.xml", "host and port", "consistent"),
        Source(
            "https://xenocept.com/docs/email-setup/yahoo.html",
            "app password is required, 16 characters",
            "consistent",
        ),
    ),
)
ICLOUD = Preset(
    name="icloud",
    domains=("icloud.com", "me.com", "mac.com"),
    host="imap.mail.me.com",
    junk=("Junk",),
    password=Text(
        "Sign in at https://account.apple.com → Sign-In and Security → App-Specific Passwords; two-factor sign-in must be on.",
        "登录 https://account.apple.com → 登录与安全 → App 专用密码；需先启用双重认证。",
    ),
    quirks=(
        Text(
            "Stamps one Authentication-Results each as bimi, dmarc, dkim-verifier and spf.icloud.com; not relied upon, since "
            "nobody could show that forged ones are removed.",
            "会分别以 bimi、dmarc、dkim-verifier、spf.icloud.com 盖章；因无法确认伪造字段会被移除，不予采信。",
        ),
    ),
    sources=(
        Source(_ISPDB + "me.com.xml", "host and port", "consistent"),
        Source("https://sowebmail.com/email-setup/icloud", "app-specific password is required", "consistent"),
    ),
)
PROTON = Preset(
    name="proton",
    domains=("proton.me", "protonmail.com", "pm.me", "protonmail.ch"),
    host="127.0.0.1",
    port=1143,
    security="starttls",
    junk=("Spam",),
    pace=DOVECOT_LIKE,
    password=Text(
        "Start Proton Mail Bridge on this computer; its window shows the port and a password of its own. Export its TLS "
        "certificate there and name it as the CA file.",
        "在本机启动 Proton Mail Bridge；其窗口显示端口和专用密码。请在其中导出 TLS 证书，并作为 CA 文件使用。",
    ),
    quirks=(
        Text(
            "The bridge signs its certificate itself, so its file must be named; the server is this computer.",
            "Bridge 使用自签名证书，因此必须指定证书文件；服务器就是本机。",
        ),
    ),
    sources=(
        Source(
            "https://proton.me/support/macos-certificate-warning",
            "loopback only, self-signed certificate",
            "official",
        ),
    ),
)
FASTMAIL = Preset(
    name="fastmail",
    domains=("fastmail.com", "fastmail.fm", "messagingengine.com"),
    host="imap.fastmail.com",
    junk=("Spam", "Junk Mail"),
    pace=Pace(brisk=0.5, steady=10.0, others=3.0, login_wait=300.0),
    password=Text(
        "Fastmail → Settings → Privacy & Security → Integrations → New app password, with access to mail.",
        "Fastmail → Settings → Privacy & Security → Integrations → New app password，选择邮件权限。",
    ),
    quirks=(
        Text(
            "The Basic plan has no IMAP. Stamps as mxN.messagingengine.com, N differs from mail to mail.",
            "Basic 套餐不含 IMAP。盖章名称为 mxN.messagingengine.com，N 会变化。",
        ),
    ),
    sources=(
        Source(
            "https://www.fastmail.com/help/technical/servernamesandports.html",
            "host, port, implicit TLS only",
            "official",
        ),
        Source("https://www.fastmail.com/help/clients/apppassword.html", "app passwords", "official"),
    ),
)
GMX = Preset(
    name="gmx",
    domains=("gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.com", "gmx.us", "gmx.co.uk"),
    host="imap.gmx.net",
    own_hosts=(("gmx.com", "imap.gmx.com"), ("gmx.us", "imap.gmx.com"), ("gmx.co.uk", "imap.gmx.com")),
    junk=("Spamverdacht", "Spam"),
    password=Text(
        "Turn on POP3 and IMAP in the mailbox's settings on the web. With two-factor sign-in, create an app-specific password.",
        "在网页版设置中开启 POP3 与 IMAP。若启用两步验证，请创建应用专用密码。",
    ),
    quirks=(
        Text(
            "Stamps dkim only, as gmx.net; not relied upon, since nobody could show that forged ones are removed.",
            "仅以 gmx.net 盖 dkim 章；因无法确认伪造字段会被移除，不予采信。",
        ),
    ),
    sources=(
        Source(_ISPDB + "gmx.net.xml", "host and port", "consistent"),
        Source(_ISPDB + "gmx.com.xml", "host and port of gmx.com", "consistent"),
    ),
)

ALL = (QQ, NETEASE, SINA, GMAIL, OUTLOOK, YAHOO, ICLOUD, PROTON, FASTMAIL, GMX)
