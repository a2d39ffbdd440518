"""Everything that one account's place in a plan rests on, line by line (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from readdress.models import OldState, RouteKind, Text
from readdress.planner.access import GUESS, ROUTE, UNKNOWN, Way
from readdress.planner.explain import why
from readdress.planner.moves import resets
from readdress.planner.plan import Because, Can, Place
from readdress.planner.reach import Reach
from readdress.planner.wording import factor_text, length_text, names_text, set_text, spaced, span_text, way_text


def derivation(reach: Reach, place: Place) -> list[tuple[Text, list[Text]]]:
    """Everything that the place rests on: headings, and below each its lines."""
    n = reach.index[place.account]
    service = reach.accounts[n].service
    found = [
        (Text("Ways in", "进入方式"), [*_living(reach, n), *_ways(reach, n, service.sign_in)]),
        (Text("Ways to get it back", "找回方式"), list(_ways(reach, n, service.recover))),
        (Text("What the change needs", "更改所需"), list(_ways(reach, n, _change_ways(reach, n), inside=True))),
        (Text("What follows", "由此得出"), list(_conclusions(reach, place))),
        (Text("What nobody could establish", "无人能确认的"), list(service.asks)),
    ]
    if not found[1][1]:
        found[1] = (found[1][0], [Text("? Nobody could establish one.", "？ 无人能确认。")])
    return [(head, [spaced(t) for t in lines]) for head, lines in found if lines]


def _living(reach: Reach, n: int) -> Iterator[Text]:
    if "session" in reach.held(n) and not reach.shut[n]:
        session = way_text(reach, None, reach.accounts[n].session)
        yield Text(f"✓ {session.en}", f"✓ {session.zh}")


def _change_ways(reach: Reach, n: int) -> list[Way]:
    service = reach.accounts[n].service
    if service.change:
        return list(service.change)
    return [Way(p.needs, 10, ROUTE) for p in service.of_kind(RouteKind.CHANGE) if p.needs]


def _ways(reach: Reach, n: int, ways: Iterable[Way], *, inside: bool = False) -> Iterator[Text]:
    for way in ways:
        missing = reach.missing(n, way.needs, inside=inside)
        reset = resets(reach, n) if inside and missing == {"password"} else None
        mark = "?" if way.by_support else "✗" if missing and reset is None else "✓"
        needs, took = set_text(reach, way.needs, inside=inside), length_text(way.minutes)
        lacks = [_lack(reach, n, f) for f in sorted(missing - {"support"})]
        note = Text("", "")
        if lacks:
            note = Text(": " + ", ".join(t.en for t in lacks), "：" + "，".join(t.zh for t in lacks))
        if reset is not None:
            by = set_text(reach, reset.needs)
            note = Text(f": the password is set anew with {by.en}", f"：密码用{by.zh}重新设置")
        grade = _grade(way)
        yield Text(
            f"{mark} {needs.en} ({took.en}{grade.en}){note.en}", f"{mark} {needs.zh}（{took.zh}{grade.zh}）{note.zh}"
        )


def _grade(way: Way) -> Text:
    if way.grade == GUESS:
        return Text(", a guess", "，推测")
    if way.grade == UNKNOWN:
        return Text(", nobody could establish it", "，无人能确认")
    if way.grade in {"single", "weak"}:
        return Text(", one source only", "，仅一个来源")
    return Text("", "")


def _lack(reach: Reach, n: int, factor: str) -> Text:
    name = factor_text(reach, factor)
    if not reach.obtainable(n, factor):
        if factor == "old_mailbox" and reach.situation.old is OldState.READ_ONLY:
            return Text(f"{name.en} gets no new mail", f"{name.zh}收不到新邮件")
        return Text(f"{name.en} is gone", f"{name.zh}已失效")
    status = reach.status(n, factor)
    if not isinstance(status, bool):
        sources = names_text(reach, [reach.accounts[s].id for s in status])
        return Text(f"{name.en} comes from {sources.en}, which is closed", f"{name.zh}来自{sources.zh}，而它进不去")
    return Text(f"{name.en} is not among what you hold", f"您没有{name.zh}")


def _conclusions(reach: Reach, place: Place) -> Iterator[Text]:
    yield why(reach, place)
    path, way = place.path, place.way
    if path is not None and way is not None and (place.can.doable or place.can is Can.LATER):
        title = path.title or Text(path.id, path.id)
        needs = set_text(reach, way.needs, inside=True)
        yield Text(f"Route “{title.en}”, with {needs.en}.", f"路线“{title.zh}”，需要{needs.zh}。")
    if place.takes:
        span = span_text(place.takes)
        yield Text(f"It waits at least {span.en} on the way.", f"途中至少等待 {span.zh}。")
    if place.users and place.because is not Because.PROVIDES:
        users = names_text(reach, place.users)
        yield Text(f"Others get something from it: {users.en}.", f"其他账号依赖它：{users.zh}。")
