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
    "--no-browser": "只做静态检查，不在浏览器中运行用例。",
    "--case": "只运行这个用例，可重复给出。",
    "--show": "运行用例时显示浏览器。",
    "--yes": "不询问，供已读过代码的脚本使用。",
    "--revoke": "收回同意。",
}


def option(path: str, name: str) -> str | None:
    """The help of an option of the command ``path``."""
    return _OPTIONS.get(f"{path} {name}") or _OPTIONS.get(name)
