"""The design's words as a person reads them."""

from __future__ import annotations

from readdress.models import RouteKind, Slot, Text, Verdict

VERDICTS: dict[Verdict, Text] = {
    Verdict.FOUND: Text("found", "已发现"),
    Verdict.STRAGGLER: Text("still writes to OLD", "仍在给旧地址发信"),
    Verdict.STARTED: Text("started", "已开始"),
    Verdict.CLAIMED: Text("you said so", "您说已完成"),
    Verdict.SUBMITTED: Text("submitted", "已提交"),
    Verdict.CONFIRMED: Text("confirmed", "已确认"),
    Verdict.READ_BACK: Text("read back", "已在页面核对"),
    Verdict.PROVEN: Text("proven", "已证实"),
}

SLOTS: dict[Slot, Text] = {
    Slot.SIGN_IN: Text("sign-in", "登录"),
    Slot.CONTACT: Text("contact", "联系"),
    Slot.RECOVERY: Text("recovery", "找回"),
    Slot.TWO_FACTOR: Text("second factor", "二次验证"),
    Slot.SSO: Text("sign-in with …", "第三方登录"),
    Slot.BILLING: Text("billing", "账单"),
    Slot.NEWSLETTER: Text("newsletter", "订阅邮件"),
}

ENDED: dict[str, Text] = {
    "done": Text("moved", "已迁移"),
    "nothing_to_do": Text("nothing to do", "无需操作"),
    "needs_person": Text("waits for you", "等待您操作"),
    "needs_time": Text("waits for a time", "等待时间"),
    "needs_mail": Text("waits for mail", "等待邮件"),
    "refused": Text("refused by the service", "被服务拒绝"),
}

WAITS: dict[str, Text] = {
    "person": Text("for you", "等待您"),
    "time": Text("until", "等到"),
    "mail": Text("for a mail", "等待邮件"),
}

ROUTES: dict[RouteKind, Text] = {
    RouteKind.CHANGE: Text("change", "更改"),
    RouteKind.UNDO: Text("undo", "撤回"),
    RouteKind.SAVE: Text("save", "保存"),
    RouteKind.RECOVER: Text("recover", "找回"),
    RouteKind.APPEAL: Text("appeal", "申诉"),
}
