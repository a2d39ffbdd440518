"""The words of a dossier in both languages: headings, labels, groups, remarks (data only)."""

from __future__ import annotations

from readdress.models import OldState, Slot, Text

TITLE = Text("Dossier about a lost account: {provider}", "账号丢失情况说明：{provider}")
SUBTITLE = Text("{old} · made on {day}", "{old} · {day} 生成")
FOOT = Text(
    "Made with readdress from the person's own records. Estimates, notes and wishes are the person's; nothing in it was "
    "checked by anybody else, and it is no legal advice.",
    "由 readdress 根据本人记录生成。估值、记录和诉求均为本人陈述，未经他人核实，不构成法律意见。",
)
WHO = Text("Who, and which account", "当事人与账号")
HANGS = Text("What hangs on it", "受影响的账号与财产")
TIMELINE = Text("What happened, and what was done", "经过与已采取的步骤")
CHANNELS = Text("Where to turn, in this order", "申诉与投诉渠道（按顺序）")
LAW = Text("Provisions that people cite", "常被引用的法律条文")
FILES = Text("What is enclosed", "附件")
DAY, SIGNATURE = Text("Day", "日期"), Text("Signature", "签名")

NAME, PHONE, REACH = Text("Name", "姓名"), Text("Telephone", "电话"), Text("To be reached at", "联系邮箱")
IDENTITY = Text("Identity number", "身份证号")
BY_HAND = Text("by hand, where it is asked for; it is not kept", "需要时手写，程序不保存")
ADDRESS, NUMBER = Text("Lost address", "丢失的邮箱"), Text("Account or number there", "账号或号码")
SINCE, CLOSED = Text("Used since", "开始使用时间"), Text("Closed on", "封停时间")
STATE, NOTICE = Text("State of the mailbox", "邮箱状态"), Text("The provider's own words", "封停提示原文")
REQUEST = Text("What is asked for", "诉求")
OLD_STATES = {
    OldState.ALIVE: Text("alive", "可用"),
    OldState.READ_ONLY: Text("can be read, receives nothing", "只能读取，不再收信"),
    OldState.DEAD: Text("out of reach", "无法使用"),
}

GROUPS = {
    "social": Text("Social relations", "社会关系"),
    "property": Text("Property", "财产"),
    "identity": Text("Identity and education", "身份与教育"),
    "travel": Text("Travel", "出行"),
    "work": Text("Work and works of one's own", "工作与作品"),
    "other": Text("Other", "其他"),
}
"""Groups of accounts, in their order."""
GROUP_OF = {
    "social": "social",
    "news": "other",
    "money": "property",
    "shopping": "property",
    "entertainment": "property",
    "gaming": "property",
    "utilities": "property",
    "identity": "identity",
    "government": "identity",
    "education": "identity",
    "health": "identity",
    "mail": "work",
    "work": "work",
    "developer": "work",
    "travel": "travel",
    "other": "other",
}
"""Category of a service → its group."""
VALUED = frozenset({"property", "travel"})
"""Groups in which the person's estimate is asked for."""
DATED = frozenset({"social", "property"})

COUNT = Text("Accounts bound to it: {n} ({counts}).", "与之绑定的账号：{n} 个（{counts}）。")
TOTAL = Text(
    "Own estimate of what they are worth: {total} ({n} of them estimated).",
    "本人估值合计：{total}（其中 {n} 个已估值）。",
)
ESTIMATES = Text("Values are the person's own estimates.", "金额均为本人估计。")
AND, SEMICOLON, COLON = Text(", ", "、"), Text("; ", "；"), Text(": ", "：")
SERVICE, LOGIN, HOW = Text("Service", "服务"), Text("Login", "登录名"), Text("How it hangs on it", "绑定方式")
SINCE_SHORT, VALUE, STANDS = Text("Since", "开始时间"), Text("Own estimate", "本人估值"), Text("State now", "目前状态")
SLOT_USE = {
    Slot.SIGN_IN: Text("sign-in", "登录"),
    Slot.CONTACT: Text("contact", "联系"),
    Slot.RECOVERY: Text("recovery", "找回"),
    Slot.TWO_FACTOR: Text("second factor", "二次验证"),
    Slot.SSO: Text("signed in through it", "用其登录"),
    Slot.BILLING: Text("bills", "账单"),
    Slot.NEWSLETTER: Text("newsletters", "订阅"),
}
MOVED_NOW = Text("moved to the new address", "已改为新邮箱")
OPEN_NOW = Text("still bound to the lost one", "仍绑定丢失的邮箱")
APPEAL_NOW = Text("no way in is known but support", "除客服外没有已知的进入方式")
CLOSED_NOW = Text("nothing that is held opens it", "现有方式都无法进入")

WHEN, KIND, WHAT = Text("When", "时间"), Text("Kind", "类别"), Text("What", "内容")
TOPICS = {
    "appeal": Text("appeal", "申诉"),
    "complaint": Text("complaint", "投诉"),
    "answer": Text("answer", "答复"),
    "ban": Text("closure", "封停"),
    "call": Text("call", "电话"),
    "change": Text("change", "更改"),
    "loss": Text("loss", "损失"),
    "other": Text("other", "其他"),
}
SHOWN_BY = Text("(enclosed: {file})", "（附件：{file}）")
NOTE_HINT = Text(
    "migrate note TEXT --date DAY --topic ban|appeal|complaint|answer --file FILE",
    "migrate note 文字 --date 日期 --topic ban|appeal|complaint|answer --file 文件",
)
MOVED = Text(
    "{moved} of {total} accounts known have been moved to the new address so far.",
    "已知的 {total} 个账号中，已有 {moved} 个改为新邮箱。",
)
EVENT_BEGUN = Text("Began to move the accounts to a new address.", "开始把账号迁往新邮箱。")
EVENT_OLD = {
    OldState.ALIVE: Text("The mailbox was usable.", "邮箱可用。"),
    OldState.READ_ONLY: Text("The mailbox could only be read any more.", "邮箱只能读取。"),
    OldState.DEAD: Text("Noted that the mailbox is out of reach.", "记录：邮箱已无法使用。"),
}
EVENT_PROVIDER = {
    OldState.ALIVE: Text("Signing in through it was possible.", "可用其登录其他服务。"),
    OldState.READ_ONLY: Text("Signing in through it was limited.", "用其登录其他服务受限。"),
    OldState.DEAD: Text(
        "Noted that signing in to other services through it is impossible.", "记录：已无法用其登录其他服务。"
    ),
}

CHANNEL, BEFORE = Text("Channel", "渠道"), Text("Before, and how", "前提与注意")
TAKES, ASKS, GRADE = Text("Waiting time", "等待时间"), Text("It asks for", "所需材料"), Text("How sure", "可靠程度")
GRADES = {
    "official": Text("official", "官方"),
    "strong": Text("several sources", "多个来源"),
    "single": Text("one source", "单一来源"),
    "weak": Text("doubtful", "存疑"),
    "observed": Text("seen", "实测"),
}
SOURCES = Text("Sources:", "来源：")
CHECKED = Text("Last checked against these sources on {day}; nothing was tried.", "最近核对日期：{day}；未实际尝试。")
NO_CHANNELS = Text("No channel is known for this provider.", "没有已知的渠道。")
LAW_INTRO = Text(
    "Named so that they can be looked up. Whether they apply to this case is for somebody who knows the law to say.",
    "仅列出以便查阅。是否适用于本案，请咨询专业人士。",
)
LAW_NAME, ARTICLE = Text("Law", "法律"), Text("Articles", "条款")
ABOUT, SOURCE = Text("About", "内容"), Text("Source", "来源")
ARTICLES = Text("Art. {numbers}", "第 {numbers} 条")
FILE = Text("File", "文件")
FILE_HINT = Text("migrate note TEXT --file FILE", "migrate note 文字 --file 文件")
