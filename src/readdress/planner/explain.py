"""One sentence for each place of a plan, and for each cycle, made of the plan's own facts (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from readdress.models import RouteKind, Text
from readdress.planner.access import GUESS, UNKNOWN, Way
from readdress.planner.plan import Because, Can, Place
from readdress.planner.reach import Reach
from readdress.planner.wording import (
    account_name,
    day,
    length_text,
    names_text,
    set_text,
    sets_text,
    spaced,
    way_text,
)

_CATEGORIES = {
    "identity": Text("identity", "身份"),
    "money": Text("money", "财产"),
    "mail": Text("mail", "邮件"),
    "social": Text("social", "社交"),
    "work": Text("work", "工作"),
    "shopping": Text("shopping", "购物"),
    "travel": Text("travel", "出行"),
    "education": Text("education", "教育"),
    "government": Text("government", "政务"),
    "utilities": Text("utilities", "生活"),
    "health": Text("health", "健康"),
    "entertainment": Text("entertainment", "娱乐"),
    "gaming": Text("games", "游戏"),
    "developer": Text("programming", "开发"),
    "news": Text("news", "新闻"),
}


def why(reach: Reach, place: Place) -> Text:
    """Why the account stands where it does, and what is special about it."""
    parts = [t for t in (_situation(reach, place), _reason(reach, place), _doubt(place)) if t is not None]
    return spaced(Text(" ".join(t.en for t in parts), "".join(t.zh for t in parts)))


def _doubt(place: Place) -> Text | None:
    """Where the recipe could not establish what the change asks for."""
    if place.can in {Can.NOW, Can.RECOVER, Can.LATER} and place.way is not None and place.way.grade == UNKNOWN:
        return Text("Nobody could establish what the change asks for.", "更改需要什么，无人能确认。")
    return None


def _situation(reach: Reach, place: Place) -> Text | None:
    """What can or cannot be done, where that is not simply: now."""
    n = reach.index[place.account]
    if place.can is Can.RECOVER:
        way = way_text(reach, place.entry)
        took = length_text(place.entry.minutes if place.entry else 0)
        if place.reset:
            return Text(
                f"First set a new password with {way.en} ({took.en}).", f"先用{way.zh}设置新密码（{took.zh}）。"
            )
        return Text(f"First get back in with {way.en} ({took.en}).", f"先用{way.zh}找回（{took.zh}）。")
    if place.can is Can.SAVE:
        return Text("Its address cannot be changed; save what is in it.", "无法更改地址，请先保存其中的内容。")
    if place.can is Can.LATER and place.at is not None:
        reason = {
            "limit": Text(", its limit is spent until then", "，在此之前次数已用完"),
            "rest": Text(", it rests until then", "，在此之前是等待期"),
        }.get(place.waits_for, Text("", ""))
        late = Text(" That is after the old mailbox ends, and the change needs it.", "届时旧邮箱已失效，而更改需要它。")
        return Text(
            f"Not before {day(place.at)}{reason.en}.{late.en if place.late else ''}",
            f"{day(place.at)} 之前不行{reason.zh}。{late.zh if place.late else ''}",
        )
    if place.can is Can.DONE:
        return Text("The new address was read back there.", "已在页面核对到新地址。")
    if place.can is Can.BLOCKED:
        return _blocked(reach, place)
    if place.can is Can.MISSING:
        return _missing(reach, place, n)
    if place.can in {Can.APPEAL, Can.CLOSED}:
        return _closed(reach, place, n)
    return None


def _reason(reach: Reach, place: Place) -> Text | None:
    """Why it stands here among those that something can be done about."""
    if not (place.can.doable or place.can is Can.LATER):
        return None
    n = reach.index[place.account]
    service = reach.accounts[n].service
    by = day(place.by) if place.by else ""
    match place.because:
        case Because.SESSION_ONLY:
            session = way_text(reach, None, reach.accounts[n].session)
            return Text(f"Only {session.en} opens it.", f"只有{session.zh}能进入。")
        case Because.FRAGILE_BY:
            session = way_text(reach, None, reach.accounts[n].session)
            return Text(f"From {by} on only {session.en} opens it.", f"{by} 起只有{session.zh}能进入。")
        case Because.FRAGILE_WITH_OLD:
            session = way_text(reach, None, reach.accounts[n].session)
            return Text(f"Without the old mailbox only {session.en} opens it.", f"没有旧邮箱，只有{session.zh}能进入。")
        case Because.LOST_BY:
            return Text(f"From {by} on nothing that you hold opens it.", f"{by} 起，您持有的一切都无法进入。")
        case Because.STUCK_BY:
            return Text(f"From {by} on its address cannot be changed any more.", f"{by} 起将无法再更改地址。")
        case Because.PROVIDES:
            return _provides(reach, place)
        case Because.LOST_WITH_OLD:
            return Text(
                "Without the old mailbox nothing that you hold opens it.", "没有旧邮箱，您持有的一切都无法进入。"
            )
        case Because.STUCK_WITH_OLD:
            return Text("Only the old mailbox can confirm the change.", "只有旧邮箱能确认更改。")
        case Because.OLD_RECOVERS:
            return Text("Only the old mailbox could bring it back.", "一旦丢失，只有旧邮箱能找回它。")
        case Because.VALUE:
            kind = _CATEGORIES.get(service.category, Text(service.category, service.category))
            needs = _needs(reach, place, n)
            return Text(
                f"Not urgent, sorted by kind ({kind.en}); {needs.en}.",
                f"不紧急，按类别（{kind.zh}）排序；{needs.zh}。",
            )
        case Because.NO_RECIPE:
            return Text(
                "No recipe yet, so this is a guess: by hand, in its settings.",
                "暂无配方，这只是推测：在其设置中手动更改。",
            )
        case _:
            needs = _needs(reach, place, n)
            return Text(
                f"Not urgent, and nothing hangs on it; {needs.en}.", f"不紧急，也没有其他东西依赖它；{needs.zh}。"
            )


def _provides(reach: Reach, place: Place) -> Text:
    """What others get out of it; the way to somebody's support is named as such."""
    index = reach.index[place.account]
    helped = [u for u in place.users if index in reach.suppliers(reach.index[u], ["support"])]
    if helped:
        names = names_text(reach, helped)
        return Text(f"It is your way to the support of {names.en}.", f"它是您联系{names.zh}客服的渠道。")
    users = names_text(reach, place.users)
    verb = "hangs" if len(place.users) == 1 else "hang"
    return Text(f"{users.en} {verb} on it.", f"{users.zh}要靠它。")


def _needs(reach: Reach, place: Place, n: int) -> Text:
    """What the change takes besides being signed in and having NEW; where that is nothing: how one gets in."""
    asked = (place.way.needs if place.way else frozenset()) - {"session", "new_mailbox"}
    if asked:
        needs = set_text(reach, asked)
        return Text(f"the change needs {needs.en}", f"更改需要{needs.zh}")
    entry = way_text(reach, place.entry, reach.accounts[n].session)
    return Text(f"you get in with {entry.en}", f"可用{entry.zh}进入")


def _blocked(reach: Reach, place: Place) -> Text:
    if not place.victims:
        return Text("The new mailbox itself is not open to you: see to that first.", "您还进不了新邮箱：请先解决。")
    names = names_text(reach, place.victims)
    return Text(
        f"The change would close the last way into {names.en}: add another way first.",
        f"更改会关闭进入{names.zh}的最后一种方式：请先增加另一种。",
    )


def _missing(reach: Reach, place: Place, n: int) -> Text:
    entry = way_text(reach, place.entry, reach.accounts[n].session)
    start = Text(f"You get in with {entry.en}, but ", f"您可用{entry.zh}进入，但")
    if place.missing:
        needs = sets_text(reach, place.missing, inside=True)
        return Text(f"{start.en}the change needs {needs.en} too.", f"{start.zh}更改还需要{needs.zh}。")
    if not reach.accounts[n].service.of_kind(RouteKind.CHANGE):
        return Text(
            f"{start.en}nobody could establish how its address is changed.", f"{start.zh}无人能确认如何更改其地址。"
        )
    gone = _gone(reach, n, reach.accounts[n].service.change)
    return Text(f"{start.en}the change needs {gone.en}, which is gone.", f"{start.zh}更改需要{gone.zh}，而它已失效。")


def _closed(reach: Reach, place: Place, n: int) -> Text:
    service = reach.accounts[n].service
    if reach.shut[n]:
        start = Text("It is gone itself", "它本身已失效")
    elif (gone := _gone(reach, n, service.sign_in)).en:
        start = Text(f"Its way in was {gone.en}, which is gone", f"原来的进入方式是{gone.zh}，已失效")
    else:
        start = Text("Nothing that you hold opens it", "您持有的一切都无法进入")
    parts = [start]
    if reach.shut[n] and place.users:
        users = names_text(reach, place.users)
        parts.append(Text(f"{users.en} {'hangs' if len(place.users) == 1 else 'hang'} on it", f"{users.zh}要靠它"))
    if place.missing:
        sets = sets_text(reach, place.missing)
        parts.append(Text(f"it would open with {sets.en}", f"有{sets.zh}才能进入"))
    if place.can is Can.APPEAL:
        parts.append(_appeal(place))
    elif not place.missing:
        parts.append(Text("nobody could establish another way", "无人能确认其他方式"))
    return Text("; ".join(p.en for p in parts) + ".", "；".join(p.zh for p in parts) + "。")


def _appeal(place: Place) -> Text:
    took = length_text(place.way.minutes) if place.way else None
    unsure = place.way is None or place.way.grade in {UNKNOWN, GUESS}
    return Text(
        f"what is left is an appeal to its support{f' (about {took.en})' if took and not unsure else ''}"
        + (", and nobody could establish how that ends" if unsure else ""),
        f"只剩向其客服申诉{f'（约 {took.zh}）' if took and not unsure else ''}"
        + ("，结果无人能确认" if unsure else ""),
    )


def _gone(reach: Reach, n: int, ways: Iterable[Way]) -> Text:
    """What never comes back of ways whose other factors are there."""
    gone: set[str] = set()
    for way in ways:
        lost = {f for f in way.needs if not reach.obtainable(n, f)}
        held = reach.held(n) | {"old_mailbox"}
        if lost <= held and all(reach.has(n, f, inside=True) or f == "session" for f in way.needs - lost):
            gone |= lost
    return set_text(reach, gone)


def cycle_text(reach: Reach, members: tuple[str, ...], opener: str, way: Way | None, missing: frozenset[str]) -> Text:
    """A cycle, and the act that breaks it."""
    return spaced(_cycle(reach, members, opener, way, missing))


def _cycle(reach: Reach, members: tuple[str, ...], opener: str, way: Way | None, missing: frozenset[str]) -> Text:
    names = names_text(reach, members)
    start = Text(f"These need each other: {names.en}.", f"这些账号互相依赖：{names.zh}。")
    if not opener:
        return Text(
            f"{start.en} Nothing that could be added opens any of them.",
            f"{start.zh}没有可增加的条件能进入其中任何一个。",
        )
    name = account_name(reach, opener)
    if way is not None:
        needs = way_text(reach, way, reach.accounts[reach.index[opener]].session)
        return Text(
            f"{start.en} Begin with {name.en}: {needs.en} opens it without the others.",
            f"{start.zh}从{name.zh}开始：用{needs.zh}即可进入，不靠其他账号。",
        )
    lacks = set_text(reach, missing)
    return Text(
        f"{start.en} None opens by itself; {lacks.en} at {name.en}, not taken from the others, would break it.",
        f"{start.zh}都无法单独进入；在{name.zh}取得不依赖其他账号的{lacks.zh}即可打破。",
    )
