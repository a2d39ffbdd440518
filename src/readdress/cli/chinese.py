"""The help of every command and option in Chinese."""

from __future__ import annotations

HEADINGS = {"Options": "选项", "Commands": "命令"}
CLICK = {"Show this message and exit.": "显示本帮助。"}  # what click itself writes

EPILOG = """\b
退出码：0 全部完成，1 失败，2 用法错误，3 等待您操作，4 等待时间或邮件
先试一试：migrate practice（演练，不会触碰您的任何东西）"""

# command → its one line in a list, and what is said below it
COMMANDS: dict[str, tuple[str, str]] = {
    "": (
        "把生活从一个邮箱地址迁走。",
        "找出绑定旧地址的每个账号；能安全自动修改的自动修改，其余与您一起完成；证明确实改好；随时可停，随时可继续。",
    ),
    "practice": (
        "演练一次完整的迁移，不触碰您的任何东西。",
        "邮件服务器、网站和账号都是内置的。程序在准备好的邮箱中找出账号、排好顺序、在真实浏览器中迁移、故意中断一次、再继续并核对，最后列出结果。",
    ),
    "init": ("开始一次迁移。", "创建状态文件，记录已知和已做的一切（不含密码）。缺少的内容会询问。"),
    "resume": ("继续未完成的操作。", "还没到时间的账号不会动。做过的不会再做一次。"),
    "mailbox": ("如何连接旧邮箱和新邮箱。", ""),
    "mailbox add": ("设置一个邮箱并试连。", "密码存入密钥环（除非 --secret 指定别处），只有连接成功才会保存。"),
    "mailbox list": ("显示两个邮箱的连接方式（不显示密码）。", ""),
    "mailbox presets": ("列出已知的邮箱服务商。", "以及如何取得邮件程序登录所用的授权码。"),
    "secret": ("账号密码，保存在系统的密钥环中。", ""),
    "secret set": ("把一个账号的密码存入密钥环。", "ACCOUNT 是服务、登录名或编号。只会在配方指定的地方代您输入。"),
    "secret forget": ("从密钥环删除一个账号的密码。", "ACCOUNT 是服务、登录名或编号。"),
    "discover": (
        "找出绑定旧地址的账号。",
        "读取旧邮箱（所有文件夹，只读新增部分，先读邮件头，不作任何改动），或您指定的归档和导出文件。逐个说明为何相信它存在。随时可停。",
    ),
    "accounts": ("显示账号清单，以及每个账号的依据。", ""),
    "add": (
        "记录一个任何来源都没有显示的账号。",
        "例如“用 QQ 登录”的网站或手机上的应用。SERVICE 是编号、名称或网站域名。",
    ),
    "backup": (
        "趁邮箱还能读取，把整个邮箱保存到文件夹。",
        "保存每个文件夹并与服务器核对；邮箱内容不作任何改动。DIR 是新的或空的文件夹，或其中已有先前的备份（将继续补全）。随时可停。",
    ),
    "remember": (
        "凭记忆记录账号。",
        "供既没有邮箱也没有导出文件的人使用的问答：按类别列出服务、话费与银行卡账单、已安装的应用、浏览器保存的登录。可一次回答多项：1 3 5-9、名称、网址。使用 --answers 时格式相同：编号写成一行一页（money: 1 3 5-9），名称可写在任意处。",
    ),
    "catalogue": ("对没有配方的服务所知的内容。", ""),
    "catalogue update": (
        "更新您自己的公开数据副本。",
        "来自三个公开数据集（apple/password-manager-resources、jdm、2fa.directory）的数千个服务的域名、账号页面和二次验证方式。不会发送任何关于您的信息。任何失败都会保留原有副本。",
    ),
    "catalogue show": ("显示对一个服务所知的内容。", "DOMAIN 是域名、网址、编号或名称。"),
    "status": ("每个账号的进度，以及在等谁、等到何时。", ""),
    "check": ("检查状态文件。", "完整性、日志没有缺口、当前状态与日志一致、文件权限。"),
    "export": ("把全部状态导出为一个 JSON 文档。", "其中有地址和登录名，没有密码。"),
    "log": ("显示事件日志。", "发现、执行、看到和询问过的一切，按顺序排列。"),
    "recipes": ("对每个服务所知的内容，以及如何修改地址。", ""),
    "recipes list": ("列出支持的服务及支持程度。", "每个服务有多少步骤是自动的、依据什么验证、何时核对。"),
    "recipes show": ("显示一个配方的内容。", "路线、步骤、等待时间、尚无人知道的事，以及每条事实的来源。"),
    "recipes new": ("创建一个新配方的起点。", "文字、代码、示例页面和用例，全部可以通过检查，在此基础上修改。"),
    "recipes check": (
        "检查一个配方并运行它的用例。",
        "RECIPE 是文件夹或已知的编号。用例在真实浏览器中的示例页面上运行：会执行其中的代码。",
    ),
    "recipes trust": ("同意运行第三方配方的代码。", "会显示将要运行哪些文件。不同意也可以按配方的文字手动操作。"),
    "doctor": ("检查浏览器、密钥环、邮箱、状态文件和配方。", ""),
}

_OPTIONS = {
    "--service": "立即迁移一个服务：编号或名称，如 microsoft。",
    "--site": "与 --service 合用：网站地址，用于可架设在多个网站上的软件。",
    "--account": "与 --service 合用：在该服务有多个账号时指定登录名。",
    "log --account": "只看这个账号：服务、登录名或编号。",
    "discover --mbox": "改为读取邮箱文件（mbox，也可为 gzip 或 Takeout）。",
    "discover --maildir": "改为读取 Maildir。",
    "discover --eml": "改为读取 .eml 或 .msg 文件的文件夹。",
    "discover --zip": "改为读取装有上述内容的 zip 文件。",
    "discover --passwords": "读取密码管理器或浏览器的导出文件。",
    "discover --alias": "您在旧邮箱中的另一个地址；会被记住。",
    "accounts --why": "逐封邮件说明为何相信这个账号存在：服务、登录名或编号。",
    "add --login": "您在那里的登录名。",
    "add --site": "网站地址，用于可架设在多个网站上的软件。",
    "add --slot": "旧地址用在哪里：sign_in、contact、recovery、two_factor、sso、billing 或 newsletter。",
    "backup --form": "eml：每封邮件一个文件。mbox：每个文件夹一个文件。默认 eml。",
    "backup --side": "哪个邮箱。默认旧邮箱（old）。",
    "remember --answers": "不询问：从该文件（- 表示标准输入）或这段文字读取答案。",
    "remember --only": "只问这一页，可重复给出。",
    "remember --list": "只显示各页及其编号的服务。",
    "catalogue update --from": "从该文件夹读取文件，而不是下载。",
    "--state": "状态文件。默认：您数据文件夹中的那一个。",
    "--lang": "显示的语言。默认：系统语言。",
    "--recipes": "另一个配方文件夹，可重复给出。",
    "--debug": "显示错误回溯和（已脱敏的）日志。",
    "--headless": "不显示受控浏览器的窗口。",
    "--version": "显示版本。",
    "--json": "输出 JSON 文档而不是文字。",
    "export --json": "导出总是 JSON，此选项不改变任何东西。",
    "--old": "您要离开的地址。",
    "--new": "您要迁往的地址。",
    "--output": "写入该文件，而不是显示出来。",
    "--last": "只看最后这么多条。",
    "--preset": "采用该服务商的设置（qq、gmail 等）。默认：按地址判断。",
    "--host": "IMAP 服务器。",
    "--port": "端口。默认 993；starttls 或 plain 为 143。",
    "--security": "默认 tls。plain 只能用于本机。",
    "--login": "登录名。默认：邮箱地址。",
    "--ca-file": "信任这个证书颁发机构（PEM），代替系统的。",
    "--folder": "除收件箱和垃圾箱外还关注此文件夹，可重复给出。",
    "practice --folder": "在此文件夹中演练（新的或空的），并保留它。",
    "--secret": "密码（授权码）在哪里：keyring、ask、env:变量名 或 command:命令。默认 keyring。",
    "--by-hand": "没有 IMAP：您自己查看邮件，粘贴验证码和链接。",
    "--no-check": "现在不试登录。",
    "--name": "配方中的名称。默认 password。",
    "--offline": "不连接邮箱。",
    "--pause": "每一步之前停下，显示浏览器；按回车继续。",
    "--keep": "保留演练的文件夹，包括状态文件。",
    "--window": "显示浏览器，但不停下。",
    "--dir": "创建在哪里。默认：当前文件夹。",
    "--no-browser": "不启动浏览器：只做静态检查、按文字走一遍每条路线、核对样例邮件。",
    "--case": "只运行这个用例，可重复给出。",
    "--show": "运行用例时显示浏览器。",
    "--yes": "不询问，供已读过代码的脚本使用。",
    "--revoke": "收回同意。",
}


def option(path: str, name: str) -> str | None:
    """The help of an option of the command ``path``."""
    return _OPTIONS.get(f"{path} {name}") or _OPTIONS.get(name)
