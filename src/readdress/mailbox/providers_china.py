"""Holds what is known of the mail providers of China: QQ, NetEase (163, 126, yeah), Sina; see :mod:`readdress.mailbox.providers`."""

from __future__ import annotations

from readdress.mailbox.preset import ONE_AT_A_TIME, Pace, Preset, Source
from readdress.models import Text

_GENTLE = Pace(connections=1, idle=False, brisk=3.0, steady=15.0, others=10.0, login_wait=900.0)
_TABLES = "https://github.com/search?type=code&q=%22{}%22"  # the same server in many programs' tables, to be looked up

QQ = Preset(
    name="qq",
    domains=("qq.com", "foxmail.com", "vip.qq.com"),
    host="imap.qq.com",
    junk=("Junk",),
    other=("其他文件夹/QQ邮件订阅",),
    pace=ONE_AT_A_TIME,
    login_unclear=True,
    password=Text(
        "QQ Mail on the web (https://wx.mail.qq.com/account): 账号与安全 → 安全设置 → POP3/IMAP/SMTP: press 开启服务, prove who you "
        "are (WeChat scan or text message), then 生成授权码: an authorization code of 16 letters. Use that code, not the QQ "
        "password. Changing the QQ password ends all codes; you may hold several.",
        "网页版 QQ 邮箱（https://wx.mail.qq.com/account）：账号与安全 → 安全设置 → POP3/IMAP/SMTP：点“开启服务”，用微信扫码或短信验证，"
        "然后“生成授权码”（16 位字母）。请使用授权码，不是 QQ 密码。修改 QQ 密码会使所有授权码失效；可以同时有多个授权码。",
    ),
    quirks=(
        Text(
            "By default IMAP may show recent mail only: set 收取选项 to 全部, tick 收取“我的文件夹”, and connect again.",
            "IMAP 默认可能只收取近期邮件：请把收取选项设为“全部”，勾选收取“我的文件夹”，然后重新连接。",
        ),
        Text(
            "Signing in often trips a limit; then it is best left alone for 10 to 15 minutes. So there is one connection, one "
            "sign-in a run, and one folder is looked at every 5 seconds.",
            "频繁登录会触发限制，之后最好等待 10–15 分钟。因此只用一个连接、每次运行只登录一次，每 5 秒查看一个文件夹。",
        ),
        Text(
            "One sentence answers every refused sign-in: a wrong code and a banned number look the same. Whether a code goes on "
            "working after a ban nobody could show: save the mail while it works.",
            "登录被拒时只有一种提示：授权码错误和号码被封看起来一样。封号后授权码是否仍可用没有定论：趁还能登录请先备份邮件。",
        ),
        Text(
            "Its Authentication-Results (mx.qq.com) are not relied upon: nobody could show that forged ones are removed.",
            "不采信其 Authentication-Results（mx.qq.com）：无法确认伪造的该字段会被移除。",
        ),
    ),
    sources=(
        Source("https://help.mail.qq.com/detail/108/1023", "one sentence answers every refused login", "consistent"),
        Source(
            "https://service.mail.qq.com/detail/0/75",
            "codes instead of the password; where to create them",
            "consistent",
        ),
        Source(
            "https://blog.zhheo.com/p/6124d6aa.html",
            "several codes at once; changing the QQ password ends them all",
            "consistent",
        ),
        Source(
            "https://ashea.com.cn/guandian/2022/1011/707174.html",
            "from 2022-11-01 only codes; WeChat scan; codes listed under device management",
            "single",
        ),
        Source(
            "https://github.com/situker/qqmail-cli",
            "one login a run; wait 10–15 minutes on a limit; the options of what is collected",
            "single",
        ),
    ),
)
NETEASE = Preset(
    name="163",
    domains=("163.com", "126.com", "yeah.net", "vip.163.com", "vip.126.com", "188.com"),
    host="imap.163.com",
    own_hosts=(
        ("126.com", "imap.126.com"),
        ("yeah.net", "imap.yeah.net"),
        ("vip.163.com", "imap.vip.163.com"),
        ("vip.126.com", "imap.vip.126.com"),
        ("188.com", "imap.188.com"),
    ),
    junk=("垃圾邮件",),
    other=("订阅邮件", "广告邮件"),
    pace=_GENTLE,
    send_id=True,
    password=Text(
        "NetEase mail on the web: 设置 → POP3/SMTP/IMAP: turn on IMAP/SMTP服务, then 新增授权密码 (an authorization password, proved by "
        "text message). It is shown once. Use it, not the password of the website.",
        "网页版网易邮箱：设置 → POP3/SMTP/IMAP：开启“IMAP/SMTP服务”，再点“新增授权密码”（需短信验证）。授权密码只显示一次，"
        "请用它登录，不要用网页登录密码。",
    ),
    quirks=(
        Text(
            "By default only the last 30 days may be shown: on the same page set 收取选项 to 收取全部邮件.",
            "默认可能只收取最近 30 天的邮件：请在同一页面把收取选项设为“收取全部邮件”。",
        ),
        Text(
            "Refuses to open a folder (“Unsafe Login”) unless the program has named itself with the ID command; readdress does.",
            "如果客户端没有用 ID 命令表明身份，会拒绝打开文件夹（提示 “Unsafe Login”）；readdress 会发送 ID。",
        ),
        Text(
            "An account may hold five authorization passwords at most.",
            "每个账号最多 5 个授权密码。",
        ),
    ),
    sources=(
        Source(
            "https://help.mail.163.com/faqDetail.do?code=d7a5dc8471cd0c0e8b4b8f4f8e49998b374173cfe9171305fa1ce630d7f67ac286624f309a1a7089",
            "authorization passwords (the provider's help, as other programs cite it)",
            "consistent",
        ),
        Source(
            _TABLES.format("%E6%96%B0%E5%A2%9E%E6%8E%88%E6%9D%83%E5%AF%86%E7%A0%81"),
            "where it is made, shown once; a copy of the page of 2023: five at most, last 30 days or all mail",
            "consistent",
        ),
        Source(
            "https://github.com/OfflineIMAP/offlineimap/issues/696",
            "'Unsafe Login' on SELECT and EXAMINE without ID; cites help.mail.163.com",
            "consistent",
        ),
        Source(
            "https://github.com/mscdex/node-imap/issues/908", "EXAMINE refused until ID was configured", "consistent"
        ),
        Source("https://github.com/Wh1isper/mcp-email-server/issues/17", "the same on imap.126.com", "consistent"),
        Source(
            _TABLES.format("imap.vip.163.com"), "the VIP domains and 188.com have servers of their own", "consistent"
        ),
    ),
)
SINA = Preset(
    name="sina",
    domains=("sina.com", "sina.cn", "2008.sina.com", "vip.sina.com", "vip.sina.cn"),
    host="imap.sina.com",
    own_hosts=(
        ("sina.cn", "imap.sina.cn"),
        ("vip.sina.com", "imap.vip.sina.com"),
        ("vip.sina.cn", "imap.vip.sina.cn"),
    ),
    junk=("垃圾邮件", "垃圾夹"),
    pace=_GENTLE,
    password=Text(
        "Sina mail on the web: 设置 → 客户端POP/IMAP/SMTP: set IMAP4/SMTP服务 to 开启 (proved by text message); it then shows a 授权码 of "
        "16 characters, once. Use that code, not the password of the website.",
        "网页版新浪邮箱：设置 → 客户端POP/IMAP/SMTP：把“IMAP4/SMTP服务”设为“开启”（需短信验证），随后显示 16 位“授权码”，只显示一次。"
        "请使用授权码，不要用网页登录密码。",
    ),
    quirks=(
        Text(
            "Nothing is known of the names of its folders beyond inbox and junk, nor of what it stamps: every signature is "
            "verified here.",
            "除收件箱和垃圾邮件外，其文件夹名称没有资料，盖章方式也不清楚：签名均由本程序自行验证。",
        ),
    ),
    sources=(
        Source(
            "https://www.topmailsender.com/en/youxiang/109-xinlang-sinayouxiang-sina-personal-email",
            "IMAP is off at first; code of 16 characters after a text message, shown once; passwords are refused",
            "consistent",
        ),
        Source(_TABLES.format("imap.sina.com"), "host and port in many independent programs' tables", "consistent"),
        Source(
            _TABLES.format("imap.vip.sina.com"),
            "servers of sina.cn and the VIP domains; the code comes from the same page",
            "consistent",
        ),
    ),
)
