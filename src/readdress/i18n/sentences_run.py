"""The sentences of the engine and the browser in Chinese, looked up by their English; a part of :mod:`readdress.i18n.sentences`."""

from __future__ import annotations

RUN: tuple[tuple[str, str], ...] = (
    # how a run ends
    ("There is nothing to do.", "无需操作。"),
    ("The new address was read back.", "已在页面上核对到新地址。"),
    (
        "All steps are over, but the new address was not seen on the service's own page.",
        "所有步骤都已完成，但尚未在该服务自己的页面上看到新地址。",
    ),
    (
        "Look at the account yourself; mail from the service to the new address will prove it.",
        "请您自己查看该账号；之后该服务发到新地址的邮件会证实这一点。",
    ),
    (
        "All steps are over. That it worked is your word until {name} writes to the new address.",
        "所有步骤都已完成。在 {name} 向新地址发信之前，是否成功只是您的说法。",
    ),
    (
        "Nothing more is to be done now. Keep the old mailbox until that mail has come: `migrate resume` looks for it.",
        "现在无需再做什么。在那封邮件到达之前请保留旧邮箱：migrate resume 会查找它。",
    ),
    ("{name} wrote to the new address after the change.", "更改之后，{name} 已向新地址发信。"),
    (
        "The next mail of the service to the new address proves it; keep the old mailbox until then.",
        "该服务下一封发到新地址的邮件会证实这一点；在此之前请保留旧邮箱。",
    ),
    ("The mail has to be asked for once more.", "需要让对方重新发送邮件。"),
    # what keeps OLD, and what closes a way in
    (
        "Tell what else you hold (password, phone, passkey …), or add another way in first.",
        "请说明您还持有什么（密码、手机、通行密钥等），或先增加另一种登录方式。",
    ),
    (
        "With the old mailbox gone, this step would leave fewer ways into {name} than now.",
        "旧邮箱已不可用，这一步会让登录 {name} 的方式比现在更少。",
    ),
    ("Add another way in first.", "请先增加另一种登录方式。"),
    (
        "The old address stays: no mail of {name} to the new one has proved the change yet.",
        "保留旧地址：{name} 尚未向新地址发信，更改还没有得到证实。",
    ),
    (
        "Run `migrate resume` once it has written to the new address; your word alone does not unlock the removal.",
        "等它向新地址发信后运行 migrate resume；仅凭口头确认不会移除旧地址。",
    ),
    ("The old address stays: no page can show the new one once more.", "保留旧地址：没有页面可以再次核对新地址。"),
    (
        "The old address stays: the new one is not seen any more ({detail}).",
        "保留旧地址：页面上已看不到新地址（{detail}）。",
    ),
    ("Look at the account, then run `migrate resume`.", "请查看该账号，然后运行 migrate resume。"),
    ("{name} replaces the address, and no other way in is known.", "{name} 会直接替换地址，而没有已知的其他登录方式。"),
    (
        "Set a password or add a phone number there first, then run `migrate resume`.",
        "请先在那里设置密码或绑定手机，然后运行 migrate resume。",
    ),
    ("Which way the address is changed here is still to be said.", "还需要说明此处用哪一种方式更改地址。"),
    # the generic recipe
    (
        "The new mailbox is not set up to be read, so only your word says that {name} uses the new address.",
        "新邮箱没有设置为可读取，因此只有您的说法表明 {name} 使用新地址。",
    ),
    (
        "Set it up with `migrate mailbox add new`, then run `migrate resume`.",
        "请用 migrate mailbox add new 设置，然后运行 migrate resume。",
    ),
    ("The change at {name} is still to be agreed to.", "{name} 的更改尚待您同意。"),
    (
        "Set a password or add a phone number there first if you have no other way in, then run `migrate resume`.",
        "如果没有其他登录方式，请先在那里设置密码或绑定手机，然后运行 migrate resume。",
    ),
    (
        "{name} has not written to {new} yet; until then the change is only your word.",
        "{name} 尚未向 {new} 发信；在此之前更改只是您的说法。",
    ),
    (
        "Nothing is to be done. `migrate resume` looks again: any mail of the service to the new address confirms it.",
        "无需操作。migrate resume 会再次查看：该服务发到新地址的任何邮件都可确认。",
    ),
    # mail
    ("No step has asked {name} for this mail yet.", "还没有步骤请求 {name} 发送这封邮件。"),
    ("Do the step before this one.", "请先完成上一步。"),
    ("Whether {name} writes from {sender} is still to be said.", "还需要说明 {name} 是否使用 {sender} 发信。"),
    (
        "{name} writes to {address}, which is gone. Look for another way on its page: a phone, an app, another address.",
        "{name} 会发信到 {address}，而该邮箱已不可用。请在其页面上寻找其他方式：手机、应用或其他地址。",
    ),
    (
        "If there is none, `migrate recipes show {name}` has the ways to recover the account.",
        "如果没有，migrate recipes show {name} 列出找回账号的方式。",
    ),
    # a service's own interface
    ("There is no token yet to look it up.", "还没有可用于查询的令牌。"),
    ("The token is still to be given.", "尚未提供令牌。"),
    ("The recipe {name} does not list the call {call}.", "配方 {name} 没有列出调用 {call}。"),
    ("A look of recipe {name} tried to change something by {call}.", "配方 {name} 的查看函数试图用 {call} 更改内容。"),
    ("A look of recipe {name} tried to {what}.", "配方 {name} 的查看函数试图执行不允许的操作（{what}）。"),
    ("Step {step} of recipe {name} uses no mail {mail}.", "配方 {name} 的步骤 {step} 没有使用邮件 {mail}。"),
    ('Its author has to write `uses = "…"` in recipe.toml.', '配方作者需要在 recipe.toml 中写明 uses = "…"。'),
    (
        "Mail {mail} of recipe {name} brings a {have}, not a {want}.",
        "配方 {name} 的邮件 {mail} 带来的是 {have}，不是 {want}。",
    ),
    ("Report this to the recipe's author.", "请告知配方的作者。"),
    ("The service's interface answered something that is no JSON.", "该服务的接口返回的内容不是 JSON。"),
    # the page
    (
        "The page is not on the service's own site, so nothing is typed there.",
        "页面不在该服务自己的网站上，因此不会在其中输入任何内容。",
    ),
    ("The page left the service's site before the code was typed.", "填写验证码之前，页面离开了该服务的网站。"),
    ("The place for the secret is not an input field.", "应填写密码的位置不是输入框。"),
    ("The field for the secret stands on a page outside of the service's hosts.", "密码输入框所在的页面不属于该服务。"),
    (
        "The field for the secret stands inside a page outside of the service's hosts.",
        "密码输入框嵌在不属于该服务的页面中。",
    ),
    (
        "The form around the field would send the secret outside of the service's hosts.",
        "输入框所在的表单会把密码发送到该服务之外。",
    ),
    ("The field for the secret is not on the page, or cannot be typed into.", "页面上没有密码输入框，或无法输入。"),
    ("The field does not take the secret as it is.", "输入框没有原样接受密码。"),
    (
        "Type it yourself, if the page is the right one; look at the address first.",
        "如果页面无误，请您自己输入；请先核对网址。",
    ),
    # the controlled browser
    ("The package playwright is not installed.", "没有安装 playwright。"),
    ("Run: pip install playwright", "请运行：pip install playwright"),
    ("The browser's driver did not start ({why}).", "浏览器驱动没有启动（{why}）。"),
    ("Reinstall playwright.", "请重新安装 playwright。"),
    ("The browser cannot be driven from inside a running asyncio loop.", "无法在运行中的 asyncio 循环里控制浏览器。"),
    ("Call readdress from a thread of its own.", "请在单独的线程中调用 readdress。"),
    ("No local port is free for the browser's filter.", "没有可供浏览器过滤器使用的本地端口。"),
    ("Close other programs and try again.", "请关闭其他程序后重试。"),
    ("There is no screen to show the browser on.", "没有可以显示浏览器的屏幕。"),
    ("Run it where there is a screen, or with the headless option.", "请在有屏幕的地方运行，或使用无界面选项。"),
    ("{path} cannot build its sandbox on this machine.", "{path} 无法在这台电脑上建立沙箱。"),
    (
        "Allow user namespaces for it (kernel.unprivileged_userns_clone), or install the browser from your system's packages.",
        "请为其允许用户命名空间（kernel.unprivileged_userns_clone），或从系统软件源安装浏览器。",
    ),
    ("{path} did not start: {why}", "{path} 没有启动：{why}"),
    (
        "Start it by hand to see whether it works, or name another one in {variable}.",
        "请手动启动看是否正常，或用 {variable} 指定另一个浏览器。",
    ),
    ("The browser's profile folder {path} cannot be used: {why}.", "浏览器的配置文件夹 {path} 无法使用：{why}。"),
    (
        "A browser left over from an earlier run still uses this profile (process {pid}).",
        "上次运行遗留的浏览器仍在使用此配置（进程 {pid}）。",
    ),
    ("The page crashed.", "页面崩溃了。"),
    ("The browser window was closed.", "浏览器窗口已关闭。"),
    ("Start the command again: it goes on where it stopped.", "请重新运行该命令：它会从停下的地方继续。"),
    ("{where} did not load in time.", "{where} 没有及时加载。"),
    ("Look at the network connection, then go on with: migrate resume", "请检查网络连接，然后继续：migrate resume"),
    ("The browser failed ({why}).", "浏览器出错（{why}）。"),
    ("The browser failed on {where}: {why}", "浏览器在 {where} 出错：{why}"),
    (
        "The connection to {where} is not safe: its certificate does not verify ({why}).",
        "与 {where} 的连接不安全：其证书无法验证（{why}）。",
    ),
    ("Do not go on from this network; try again from another one.", "请不要在此网络上继续；换一个网络再试。"),
    ("{where} could not be reached: {why}.", "无法连接 {where}：{why}。"),
    ("readdress did not go to {where}: {why}.", "没有前往 {where}：{why}。"),
    (
        "Do this step by hand in your own browser, if you know that host.",
        "如果您认识该网站，请在自己的浏览器中手动完成这一步。",
    ),
)
