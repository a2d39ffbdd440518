"""The one thing to do now, with the command to run (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from shlex import quote

from readdress.models import Text
from readdress.planner.plan import Can, NewCare, Place
from readdress.planner.reach import Reach
from readdress.planner.risk import Act, Danger, Loss, Risk
from readdress.planner.situation import NewMailbox
from readdress.planner.wording import FACTORS, account_name, day, factor_text, length_text, spaced


@dataclass(frozen=True, slots=True)
class Todo:
    """What to do now and why, in words; ``command`` does it, or notes that it was done. ``at``: not before."""

    what: Text
    command: str = ""
    account: str = ""
    at: datetime | None = None


NEW_CARE: dict[NewCare, Text] = {
    NewCare.CLOSED: Text(
        "You do not get into the new mailbox: nothing may move to it before you do.",
        "您进不了新邮箱：在此之前不要把任何账号迁过去。",
    ),
    NewCare.RECOVERS_BY_OLD: Text(
        "If you lost the new mailbox's password, only the old mailbox would bring it back: enter a phone number or another mailbox there.",
        "如果丢失新邮箱的密码，只有旧邮箱能找回：请在新邮箱中登记手机号或另一个邮箱。",
    ),
    NewCare.NO_RECOVERY: Text(
        "If you lost the new mailbox's password, nothing would bring it back: enter a phone number or another mailbox there, or keep its recovery codes.",
        "如果丢失新邮箱的密码，没有办法找回：请在新邮箱中登记手机号或另一个邮箱，或保存其恢复代码。",
    ),
    NewCare.NO_SECOND_FACTOR: Text(
        "The new mailbox opens with a password alone: switch its second factor on, for everything will hang on it.",
        "新邮箱只用密码就能打开：请开启二次验证，因为以后一切都依赖它。",
    ),
    NewCare.UNKNOWN: Text(
        "Is the new mailbox safe: a second factor, and a way back that is not the old mailbox? Say it.",
        "新邮箱安全吗：有二次验证，且找回方式不是旧邮箱？请说明。",
    ),
    NewCare.SET_UP: Text(
        "readdress does not know yet how to read the new mailbox.", "readdress 还不知道如何读取新邮箱。"
    ),
}
"""What NEW needs, in a sentence."""

NEW_COMMANDS = {
    NewCare.RECOVERS_BY_OLD: "migrate have --new-recovery phone",
    NewCare.NO_RECOVERY: "migrate have --new-recovery phone",
    NewCare.NO_SECOND_FACTOR: "migrate have --new-second-factor yes",
    NewCare.UNKNOWN: "migrate have --new",
    NewCare.SET_UP: "migrate mailbox add new",
    NewCare.CLOSED: "migrate have --set new_mailbox",
}
"""The command that answers or mends it."""


def next_todo(reach: Reach, risk: Risk) -> Todo:
    """The one thing to do now."""
    todo = _next(reach, risk)
    return replace(todo, what=spaced(todo.what))


def _next(reach: Reach, risk: Risk) -> Todo:
    plan = risk.plan
    if not plan.places:
        return Todo(Text("No account is known yet: look for them.", "尚无账号：先找出它们。"), "migrate discover")
    if plan.assumed:
        return Todo(
            Text(
                "Say what you still hold: a phone, passwords, devices that are signed in.",
                "请说明您还持有什么：手机、密码、仍处于登录状态的设备。",
            ),
            "migrate have",
        )
    if plan.new is not NewCare.NOTHING:
        return Todo(NEW_CARE[plan.new], NEW_COMMANDS[plan.new])
    first = next((p for p in plan if p.can.doable), None)
    if first is not None:
        return _do(reach, first)
    act = next((a for d in closing(risk) if (a := d.act) is not None and a.factor), None)
    if act is not None:
        return Todo(
            act_text(reach, act), f"migrate have --account {quote(act.account)} --set {act.factor}", act.account
        )
    return _rest(reach, risk)


def house_of_new(new: NewMailbox) -> Text:
    """On whom the new mailbox itself depends: a provider that may close it, or a domain that may lapse."""
    if new.provider:
        return Text(
            f"From then on everything hangs on {new.provider}: if it closes the new mailbox, all goes with it. Keep a second way into "
            "what matters most (a phone number, a passkey, recovery codes).",
            f"此后一切都依赖 {new.provider}：如果它关闭新邮箱，所有账号都会受影响。最重要的账号请另留一条路（手机、通行密钥、恢复代码）。",
        )
    return Text(
        "The new address is on a domain of its own: whoever holds the domain holds your accounts. Keep it paid for years ahead, and let the "
        "registrar's account hang neither on the old mailbox nor on the new one alone.",
        "新地址使用自有域名：谁掌握域名，谁就掌握您的账号。请提前多年续费，并且不要让域名注册商的账号只依赖旧邮箱或新邮箱。",
    )


def closing(risk: Risk) -> list[Danger]:
    """Accounts that would be closed by something, each once, the event that is due soonest first."""
    found: dict[str, Danger] = {}
    for event in sorted(risk.events, key=lambda e: (e.until is None, e.until)):
        for danger in event.of(Loss.CLOSED, Loss.SESSION_LEFT):
            found.setdefault(danger.account, danger)
    return list(found.values())


def command_for(reach: Reach, account: str) -> str:
    """The command that moves an account; ``""`` where there is no recipe."""
    holding = reach.accounts[reach.index[account]]
    if not (holding.service.has_recipe or holding.service.guided):
        return ""
    command = f"migrate --service {holding.service.id}"
    if holding.service.id in reach.several:
        if holding.site:
            command += f" --site {quote(holding.site)}"
        command += f" --account {quote(holding.login or holding.id)}"
    return command


def act_text(reach: Reach, act: Act) -> Text:
    """An act that saves an account, as something to do."""
    return spaced(_act(reach, act))


def _act(reach: Reach, act: Act) -> Text:
    name, took = account_name(reach, act.account), length_text(act.minutes)
    if not act.factor:
        return Text(f"Change the address of {name.en} ({took.en}).", f"更改{name.zh}的地址（{took.zh}）。")
    if act.factor in {"password", "passkey", "recovery_code", "totp"}:
        verb = {
            "password": Text("Set a password", "设置密码"),
            "passkey": Text("Make a passkey", "创建通行密钥"),
            "recovery_code": Text("Make a recovery code and keep it on paper", "生成恢复代码并写在纸上"),
            "totp": Text("Set up an authenticator app", "设置身份验证器"),
        }[act.factor]
        return Text(f"{verb.en} at {name.en} ({took.en}).", f"在{name.zh}{verb.zh}（{took.zh}）。")
    if act.factor.startswith("sso:"):
        factor = factor_text(reach, act.factor)
        return Text(f"Link {factor.en} at {name.en} ({took.en}).", f"在{name.zh}绑定“{factor.zh}”（{took.zh}）。")
    factor = FACTORS[act.factor]
    return Text(f"Enter {factor.en} at {name.en} ({took.en}).", f"在{name.zh}登记{factor.zh}（{took.zh}）。")


def _do(reach: Reach, place: Place) -> Todo:
    name, took = account_name(reach, place.account), length_text(max(1, place.minutes))
    command = command_for(reach, place.account)
    if place.can is Can.NOW and not command:
        what = Text(f"Change the address of {name.en} by hand, in its settings.", f"在{name.zh}的设置中手动更改地址。")
    elif place.can is Can.NOW:
        what = Text(f"Change the address of {name.en} ({took.en}).", f"更改{name.zh}的地址（{took.zh}）。")
    else:
        verb = {
            Can.RECOVER: Text(f"Set a new password at {name.en}", f"为{name.zh}设置新密码")
            if place.reset
            else Text(f"Get back into {name.en}", f"找回{name.zh}"),
            Can.SAVE: Text(f"Save what is in {name.en}", f"保存{name.zh}中的内容"),
        }[place.can]
        what = Text(f"{verb.en} ({took.en}).", f"{verb.zh}（{took.zh}）。")
        command = f"migrate recipes show {reach.accounts[reach.index[place.account]].service.id}"
    return Todo(Text(f"{what.en} {place.why.en}", f"{what.zh}{place.why.zh}"), command, place.account)


def _rest(reach: Reach, risk: Risk) -> Todo:
    later = risk.plan.of(Can.LATER)
    if later:
        at, name = later[0].at, account_name(reach, later[0].account)
        assert at is not None
        return Todo(
            Text(f"Nothing before {day(at)}; then {name.en}.", f"{day(at)} 之前无事可做；届时处理{name.zh}。"),
            "migrate resume",
            later[0].account,
            at,
        )
    left = [p for can in (Can.APPEAL, Can.BLOCKED, Can.MISSING, Can.CLOSED) for p in risk.plan.of(can)]
    if left:
        name, service = account_name(reach, left[0].account), reach.accounts[reach.index[left[0].account]].service
        known = f"migrate recipes show {service.id}" if service.has_recipe else ""
        return Todo(Text(f"{name.en}: {left[0].why.en}", f"{name.zh}：{left[0].why.zh}"), known, left[0].account)
    return Todo(Text("Nothing: every account has moved.", "没有：所有账号都已迁移。"), "migrate status")
