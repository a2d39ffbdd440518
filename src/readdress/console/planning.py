"""The screens of the plan: the order, what is at risk, the derivation of one account, the one thing to do now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from readdress.console.tables import line
from readdress.i18n.clean import clean
from readdress.models import OldState, Text
from readdress.planner.derive import derivation
from readdress.planner.explain import cycle_text
from readdress.planner.plan import Can, NewCare, Place, Plan
from readdress.planner.reach import Reach
from readdress.planner.risk import Danger, Event, Loss, Risk
from readdress.planner.todo import NEW_CARE, NEW_COMMANDS, Todo, act_text, house_of_new
from readdress.planner.wording import (
    account_name,
    day,
    length_text,
    names_text,
    service_name,
    sets_text,
    spaced,
    span_text,
)

if TYPE_CHECKING:
    from rich.console import Console

    from readdress.planner.situation import Situation

_KEEP = Text(
    "As long as anything is still signed in: do not sign out, do not clear cookies, do not reset that device.",
    "只要还有地方处于登录状态：不要退出登录，不要清除 Cookie，不要重置该设备。",
)
_ASSUMED = Text(
    "You have not said what you still hold, so this takes for granted that you know the passwords, and nothing else. Say it: migrate have",
    "您还没有说明持有什么，因此这里只假定您知道密码。请说明：migrate have",
)
_STATES = {
    OldState.ALIVE: Text("alive", "可用"),
    OldState.READ_ONLY: Text("an archive only", "只剩存档"),
    OldState.DEAD: Text("gone", "已失效"),
}
_HEADS: tuple[tuple[tuple[Can, ...], Text], ...] = (
    ((Can.NOW, Can.RECOVER, Can.SAVE), Text("Do now, in this order", "现在按此顺序处理")),
    ((Can.LATER,), Text("Later", "稍后")),
    (
        (Can.BLOCKED, Can.MISSING),
        Text("Open, but not to be changed with what you hold", "能进入，但以您持有的条件无法更改"),
    ),
    ((Can.APPEAL,), Text("Only an appeal is left", "只剩申诉")),
    ((Can.CLOSED,), Text("Closed to you", "无法进入")),
    ((Can.DONE,), Text("Moved", "已迁移")),
)
_EVENTS = {
    "old": Text("If the old mailbox went", "如果旧邮箱失效"),
    "sessions": Text("If the devices that are signed in were lost", "如果失去仍处于登录状态的设备"),
}
_LOSSES = {
    Loss.CLOSED: Text("closed: nothing would open it", "进不去：没有任何方式能进入"),
    Loss.SESSION_LEFT: Text("open only as long as a device stays signed in", "只有仍处于登录状态的设备能进入"),
    Loss.STUCK: Text("open, but its address could never be changed", "能进入，但再也无法更改地址"),
    Loss.NO_RECOVERY: Text("open, but nothing would bring it back once that fails", "能进入，但一旦失败就无法找回"),
}
_NOTHING = Text("nothing that is known of is lost.", "已知的账号都不会丢失。")
_UNREACHABLE = Text("Out of reach already", "已经无法进入")
_MANY = 6  # lesser losses: so many by name, the rest are counted


def show_plan(situation: Situation, reach: Reach, plan: Plan, old: str, new: str, lang: str) -> None:
    """The order, each place with its sentence."""
    console = _console()
    for text in _head(situation, reach, old, new):
        line(console, _safe(text, lang))
    warnings = _warnings(plan)
    for text in warnings:
        line(console, f"! {text.to(lang)}", style="bold yellow", hang=2)
    if not plan.places:
        line(console, Text("No account is known yet. → migrate discover", "尚无账号。→ migrate discover").to(lang))
        return
    line(console, _safe(house_of_new(situation.new), lang), hang=0)
    number = 0
    for kinds, head in _HEADS:
        places = plan.of(*kinds)
        if not places:
            continue
        line(console, "")
        line(console, head.to(lang) + _sum(plan, kinds, places).to(lang), style="bold")
        if kinds == (Can.DONE,):
            line(console, f"  {_safe(names_text(reach, [p.account for p in places]), lang)}", hang=2)
            continue
        for place in places:
            number += 1
            _show_place(console, reach, place, number, lang)
    for cycle in plan.cycles:
        line(console, "")
        text = cycle_text(reach, cycle.members, cycle.opener, cycle.way, cycle.missing)
        line(console, f"↻ {_safe(text, lang)}", hang=2)
    line(console, "")
    line(console, Text("→ One thing at a time: migrate next", "→ 一次做一件事：migrate next").to(lang))
    line(
        console,
        Text("→ Why one stands there: migrate plan --why NAME", "→ 为何如此排列：migrate plan --why 名称").to(lang),
    )


def show_why(reach: Reach, place: Place, number: int, lang: str) -> None:
    """Everything that one account's place rests on."""
    console = _console()
    name = account_name(reach, place.account).to(lang)
    line(console, f"{number}. {clean(name, 120)}{_effort(place).to(lang)}", style="bold")
    for head, lines in derivation(reach, place):
        line(console, "")
        line(console, head.to(lang), style="bold")
        for text in lines:
            shown = clean(text.to(lang), 600)
            line(console, f"  {shown}", hang=4 if shown[:2] in {"✓ ", "✗ ", "? "} else 2)


def show_risk(situation: Situation, reach: Reach, risk: Risk, old: str, new: str, lang: str) -> None:
    """What would be lost, and the act that saves each."""
    console = _console()
    for text in _head(situation, reach, old, new):
        line(console, _safe(text, lang))
    for text in _warnings(risk.plan):
        line(console, f"! {text.to(lang)}", style="bold yellow", hang=2)
    for event in risk.events:
        line(console, "")
        _show_event(console, reach, event, lang)
    if risk.unreachable:
        line(console, "")
        line(console, _UNREACHABLE.to(lang), style="bold")
        for place in risk.unreachable:
            line(console, f"  ✗ {clean(account_name(reach, place.account).to(lang), 120)}", style="red", hang=4)
            line(console, f"    {_safe(place.why, lang)}", hang=4)
            service = reach.accounts[reach.index[place.account]].service
            if service.has_recipe:
                line(console, f"    → migrate recipes show {service.id}", style="cyan", hang=6)
    if not risk.events and not risk.unreachable:
        line(console, "")
        line(console, Text("Nothing is at risk that is known of.", "已知的账号都没有风险。").to(lang))
    line(console, "")
    line(console, Text("→ One thing at a time: migrate next", "→ 一次做一件事：migrate next").to(lang))


def show_next(todo: Todo, lang: str) -> None:
    """The one thing to do now."""
    console = _console()
    line(console, clean(todo.what.to(lang), 1000))
    if todo.command:
        line(console, f"→ {todo.command}", style="bold cyan", hang=2)


# -----------------------------------------------------------------------------------------------------------------------


def _safe(text: Text, lang: str) -> str:
    """The text without what a login or a site could hide in it."""
    return clean(spaced(text).to(lang), 2000)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _head(situation: Situation, reach: Reach, old: str, new: str) -> list[Text]:
    parts = [_state_text(Text("Old mailbox", "旧邮箱"), situation.old, situation, None)]
    for service, (state, _) in sorted(situation.providers.items()):
        name = service_name(reach, service)
        subject = Text(f"sign-in with {name.en}", f"用{name.zh}登录")
        parts.append(_state_text(subject, state, situation, service))
    return [
        Text(f"{old} → {new}", f"{old} → {new}"),
        Text("; ".join(p.en for p in parts) + ".", "；".join(p.zh for p in parts) + "。"),
    ]


def _state_text(subject: Text, state: OldState, situation: Situation, provider: str | None) -> Text:
    until = situation.old_until if provider is None else situation.providers[provider][1]
    more = Text("", "")
    if until is not None and until > situation.now:
        days = -((situation.now - until) // timedelta(days=1))
        more = Text(f" until {day(until)} ({days} days left)", f"，到 {day(until)}（还剩 {days} 天）")
    elif until is not None:
        more = Text(f" (it was to end on {day(until)})", f"（预计 {day(until)} 失效）")
    return Text(f"{subject.en}: {_STATES[state].en}{more.en}", f"{subject.zh}：{_STATES[state].zh}{more.zh}")


def _warnings(plan: Plan) -> list[Text]:
    found = [_KEEP] if plan.keep_sessions else []
    if plan.assumed and plan.places:
        found.append(_ASSUMED)
    if plan.new is not NewCare.NOTHING and plan.places:
        care, command = NEW_CARE[plan.new], NEW_COMMANDS[plan.new]
        found.append(Text(f"First of all: {care.en} → {command}", f"首先：{care.zh}→ {command}"))
    return found


def _sum(plan: Plan, kinds: tuple[Can, ...], places: Sequence[Place]) -> Text:
    if kinds[0] is Can.NOW and plan.minutes:
        took = length_text(plan.minutes)
        return Text(f" ({len(places)}; about {took.en} of your time)", f"（{len(places)} 个，约需您 {took.zh}）")
    return Text(f" ({len(places)})", f"（{len(places)} 个）")


def _show_place(console: Console, reach: Reach, place: Place, number: int, lang: str) -> None:
    from rich.text import Text as RichText

    name = clean(account_name(reach, place.account).to(lang), 120)
    effort = _effort(place).to(lang)
    if not console.is_terminal:
        line(console, f"{number}. {name}{effort}: {_safe(place.why, lang)}")
        return
    console.print(RichText.assemble(f"{number:>3}. ", (name, "bold"), (effort, "dim")), soft_wrap=True)
    line(console, f"     {_safe(place.why, lang)}", hang=5)


def _effort(place: Place) -> Text:
    if not (place.can.doable or place.can is Can.LATER):
        return Text("", "")
    took = length_text(max(1, place.minutes))
    if place.takes:
        wait = span_text(place.takes)
        return Text(f" · {took.en}, then {wait.en} of waiting", f" · {took.zh}，之后等待 {wait.zh}")
    return Text(f" · {took.en}", f" · {took.zh}")


def _show_event(console: Console, reach: Reach, event: Event, lang: str) -> None:
    name = service_name(reach, event.what)
    head = _EVENTS.get(event.what, Text(f"If {name.en} closed your account", f"如果{name.zh}封停您的账号"))
    until = Text(f" (expected on {day(event.until)})", f"（预计 {day(event.until)}）") if event.until else Text("", "")
    if not event.dangers:
        line(console, f"{head.to(lang)}{until.to(lang)}: {_NOTHING.to(lang)}", style="bold")
        return
    line(console, f"{head.to(lang)}{until.to(lang)}", style="bold")
    for loss in Loss:
        dangers = event.of(loss)
        if not dangers:
            continue
        serious = loss in {Loss.CLOSED, Loss.SESSION_LEFT, Loss.STUCK}
        count = Text(f"{len(dangers)} ", f"{len(dangers)} 个")
        style = "red" if loss is Loss.CLOSED else "yellow" if serious else ""
        line(console, f"  {count.to(lang)}{_LOSSES[loss].to(lang)}", style=style, hang=2)
        if not serious:
            line(console, f"    {_safe(_few(reach, dangers), lang)}", hang=4)
            continue
        for danger in dangers:
            _show_danger(console, reach, danger, lang)


def _few(reach: Reach, dangers: Sequence[Danger]) -> Text:
    names = [account_name(reach, d.account) for d in dangers[:_MANY]]
    rest = len(dangers) - len(names)
    return Text(
        ", ".join(n.en for n in names) + (f" and {rest} more" if rest else ""),
        "、".join(n.zh for n in names) + (f" 等 {len(dangers)} 个" if rest else ""),
    )


def _show_danger(console: Console, reach: Reach, danger: Danger, lang: str) -> None:
    name = account_name(reach, danger.account)
    opens = Text("", "")
    if danger.sets:
        sets = sets_text(reach, danger.sets)
        opens = Text(f": would open with {sets.en}", f"：有{sets.zh}才能进入")
    if danger.loss is Loss.STUCK:
        opens = Text("", "")
    line(console, f"    ✗ {clean(name.to(lang), 120)}{opens.to(lang)}", hang=6)
    if danger.act is not None:
        line(console, f"      → {_safe(act_text(reach, danger.act), lang)}", style="green", hang=8)
    else:
        none = Text(
            "no single act saves it: save what is in it while you can", "没有单独一步能保住它：趁还能进入，保存其中内容"
        )
        line(console, f"      → {none.to(lang)}", hang=8)
