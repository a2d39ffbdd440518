"""Holds what is known of each mail provider: where its IMAP server is, how gently it wants to be read, and who says so.

Grades are those of the recipes: ``official`` (the provider's own page), ``consistent`` (two or more independent public
sources, or captured mail), ``single`` (one third party). Nothing here was tried against a live server.
"""

from __future__ import annotations

from readdress.mailbox.preset import DOVECOT_LIKE, Pace, Preset, Source
from readdress.mailbox.providers_china import NETEASE, QQ, SINA
from readdress.models import Text

_ISPDB = "https://github.com/thunderbird/autoconfig/blob/master/ispdb/"

GMAIL = Preset(
    name="gmail",
    domains=("gmail.com", "googlemail.com"),
    host="imap.gmail.com",
    junk=("[Gmail]/Spam", "[Google Mail]/Spam", "[Gmail]/垃圾邮件"),
    authserv_ids=("mx.google.com",),
    password=Text(
        "Google Account → Security: turn on 2-Step Verification, then open https://myaccount.google.com/apppasswords (App passwords) and "
        "make one: 16 letters, shown once. The account's own password is not taken.",
        "Google 帐号 → 安全性：先开启“两步验证”，再打开 https://myaccount.google.com/apppasswords （应用专用密码）创建一个：16 位字母，"
        "只显示一次。不能用帐号本身的密码。",
    ),
    quirks=(
        Text(
            "At most 15 connections at a time for one account, all programs together; we use two.",
            "同一账号所有程序合计最多 15 个连接；本程序使用两个。",
        ),
        Text(
            "No App passwords there? 2-Step Verification is off or uses security keys only, Advanced Protection is on, or the account "
            "belongs to work or school.",
            "没有“应用专用密码”？可能未开启两步验证、只用安全密钥、启用了高级保护，或是单位/学校账号。",
        ),
    ),
    sources=(
        Source(
            "https://developers.google.com/workspace/gmail/imap/imap-smtp",
            "host, port, implicit TLS",
            "official",
        ),
        Source(
            "https://support.google.com/accounts/answer/185833",
            "app passwords, when they are not offered (the provider's help, as several guides repeat it)",
            "consistent",
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
        "mail forwarded, or read it by hand (--by-hand).",
        "Outlook.com 不再接受邮件程序使用密码，只接受 OAuth 登录，本程序尚未提供。请设置转发，或改为手动读取（--by-hand）。",
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
            "https://developer.nylas.com/docs/cookbook/email/outlook-smtp-settings/",
            "the same host and port; passwords were ended in favour of OAuth",
            "consistent",
        ),
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
        "Yahoo → Account Security → External connections → Create app password: type a name, Generate password (16 letters), Done. Use "
        "it instead of the account's password. Older pages: Account info → Account security → Generate app password.",
        "Yahoo → Account Security（帐户安全）→ External connections → Create app password：填写名称，点 Generate password"
        "（16 位字母），再点 Done，用它代替帐户密码。旧版页面：帐户信息 → 帐户安全 → 生成应用密码。",
    ),
    quirks=(
        Text(
            "The name under which it stamps mail differs from server to server.",
            "每台服务器盖章所用的名称不同。",
        ),
        Text(
            "Yahoo lets you make an app password only in a browser in which you have signed in for some days, not in a private window; its "
            "support cannot change that. App passwords stay valid when you change the account's password.",
            "Yahoo 只允许在连续登录过几天的浏览器中创建应用密码，无痕窗口不行，客服也无法例外。修改帐户密码后，应用密码仍然有效。",
        ),
    ),
    sources=(
        Source(_ISPDB + "yahoo.com.xml", "host and port", "consistent"),
        Source(
            "https://help.yahoo.com/kb/generate-manage-rd-party-passwords-sln15241.html",
            "where it is made; the browser it wants; it outlives a new password (read in a copy)",
            "official",
        ),
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
        "Sign in at https://account.apple.com → Sign-In and Security → App-Specific Passwords; two-factor authentication must "
        "be on. Use it instead of the Apple Account's password.",
        "登录 https://account.apple.com → 登录与安全 → App 专用密码；需先启用双重认证。用它代替 Apple 账户密码。",
    ),
    quirks=(
        Text(
            "Refuses the sign-in? Apple wants the part before the @ as user name in some programs: add --login ann (your own).",
            "登录被拒？Apple 在部分程序中要求只用 @ 前面的部分作用户名：请加 --login ann（换成您自己的）。",
        ),
        Text(
            "Stamps one Authentication-Results each as bimi, dmarc, dkim-verifier and spf.icloud.com; not relied upon, since "
            "nobody could show that forged ones are removed.",
            "会分别以 bimi、dmarc、dkim-verifier、spf.icloud.com 盖章；因无法确认伪造字段会被移除，不予采信。",
        ),
    ),
    sources=(
        Source(_ISPDB + "me.com.xml", "host and port", "consistent"),
        Source(
            "https://support.apple.com/en-us/102525",
            "server settings, no POP; user name usually the part before the @, else the whole address (as others quote it)",
            "consistent",
        ),
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
        "Start Proton Mail Bridge on this computer and sign in there; “Mailbox details” shows the port and a password of its own, not that "
        "of your account. Export its TLS certificate in its settings and name it as the CA file.",
        "在本机启动 Proton Mail Bridge 并登录；“Mailbox details”中显示端口和 Bridge 专用密码（不是账户密码）。请在其设置中导出 TLS "
        "证书，并作为 CA 文件使用。",
    ),
    quirks=(
        Text(
            "The bridge signs its certificate itself, so its file must be named; the server is this computer.",
            "Bridge 使用自签名证书，因此必须指定证书文件；服务器就是本机。",
        ),
        Text(
            "The Bridge is for paid plans only, and must run as long as readdress reads.",
            "Bridge 仅限付费用户，并且 readdress 读取期间必须保持运行。",
        ),
    ),
    sources=(
        Source(
            "https://proton.me/support/macos-certificate-warning",
            "loopback only, self-signed certificate",
            "official",
        ),
        Source(
            "https://proton.me/support/protonmail-bridge-faq",
            "for all paid users; a password of its own, shown under Mailbox details",
            "official",
        ),
        Source(
            "https://gist.github.com/kaplun/7718e82864ff65c6aadc268a1d1d7b8a",
            "port 1143 with STARTTLS on this computer, as in many other set-ups",
            "consistent",
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
        "Fastmail → Settings → Privacy & Security → Connected apps & API tokens (older: Integrations) → Manage app passwords and access → New "
        "app password, with access to mail. The account's own password is never taken.",
        "Fastmail → Settings → Privacy & Security → Connected apps & API tokens（旧版为 Integrations）→ Manage app passwords and access → "
        "New app password，选择邮件权限。账户密码本身不能用于登录。",
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
        Source(
            "https://fastmail.help/hc/en-us/articles/1500000279921",
            "every IMAP connection needs an app password of its own",
            "official",
        ),
        Source("https://xenocept.com/docs/email-setup/fastmail.html", "the names of the present menus", "single"),
    ),
)
GMX = Preset(
    name="gmx",
    domains=("gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.com", "gmx.us", "gmx.co.uk"),
    host="imap.gmx.net",
    own_hosts=(("gmx.com", "imap.gmx.com"), ("gmx.us", "imap.gmx.com"), ("gmx.co.uk", "imap.gmx.com")),
    junk=("Spamverdacht", "Spam"),
    password=Text(
        "On the web, in the e-mail settings (E-Mail-Einstellungen), turn POP3 and IMAP on; they are off at first. With two-factor "
        "sign-in: Mein Account → Sicherheit → Anwendungsspezifische Passwörter → Jetzt anwendungsspezifisches Passwort einrichten; it "
        "is shown once. Without two-factor sign-in the account's own password is used.",
        "网页版邮箱设置（E-Mail-Einstellungen）中开启 POP3 与 IMAP，默认是关闭的。若启用两步验证：Mein Account → Sicherheit → "
        "Anwendungsspezifische Passwörter → Jetzt anwendungsspezifisches Passwort einrichten，只显示一次；未启用则用账户密码。",
    ),
    quirks=(
        Text(
            "Stamps dkim only, as gmx.net; not relied upon, since nobody could show that forged ones are removed.",
            "仅以 gmx.net 盖 dkim 章；因无法确认伪造字段会被移除，不予采信。",
        ),
        Text(
            "A mailbox that nobody uses for some months may be emptied: sign in now and then.",
            "数月不用的邮箱内容可能被清空：请不时登录。",
        ),
    ),
    sources=(
        Source(_ISPDB + "gmx.net.xml", "host and port", "consistent"),
        Source(_ISPDB + "gmx.com.xml", "host and port of gmx.com", "consistent"),
        Source(
            "https://hilfe.gmx.net/sicherheit/2fa/anwendungsspezifisches-passwort.html",
            "app-specific passwords need two-factor sign-in; where they are made; shown once",
            "official",
        ),
        Source(
            "https://www.gmx.net/mail/tipps/posts/pop3-imap/36/", "POP3 and IMAP are off until turned on", "official"
        ),
        Source(
            "https://hilfe.gmx.net/account/inaktiv.html",
            "the mail of a mailbox unused for months may be deleted",
            "official",
        ),
    ),
)

ALL = (QQ, NETEASE, SINA, GMAIL, OUTLOOK, YAHOO, ICLOUD, PROTON, FASTMAIL, GMX)
