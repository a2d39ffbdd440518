"""Small situations for the planner's tests, written down and made up, and the same questions answered by the most naive means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from typing import Any

from hypothesis import strategies as st

from readdress.models import Change, OldState, RouteKind, Text
from readdress.planner.access import Path, Service, Way
from readdress.planner.reach import Reach
from readdress.planner.situation import Holding, NewMailbox, Situation

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SAFE = NewMailbox(recovery="phone", second_factor=True)
GRADE = "official"


def ways(*needs: str, minutes: int = 5) -> tuple[Way, ...]:
    """Ways out of texts: ``"password phone"`` is one way that needs both."""
    return tuple(Way(frozenset(one.split()), minutes, GRADE) for one in needs)


def service(
    name: str,
    sign_in: Sequence[str] = ("password",),
    change: Sequence[str] = ("session new_mailbox",),
    recover: Sequence[str] = (),
    *,
    supplies: str = "",
    category: str = "other",
    kind: Change = Change.ADD,
    loses: str = "",
    gains: str = "",
    more: Sequence[Path] = (),
    **extra: Any,
) -> Service:
    """A service with one change route; ``change`` empty: none."""
    route = Path(
        "standard",
        RouteKind.CHANGE,
        frozenset({"session"}),
        kind,
        frozenset(loses.split()),
        frozenset(gains.split()),
        ("change",),
    )
    return Service(
        name,
        Text(name.capitalize(), name),
        category,
        ways(*sign_in),
        ways(*change),
        ways(*recover, minutes=10),
        frozenset(supplies.split()),
        ((route,) if change else ()) + tuple(more),
        **extra,
    )


def account(of: Service, held: str = "password", **more: Any) -> Holding:
    """One account at the service, called as it is."""
    return Holding(more.pop("id", of.id), of, frozenset(held.split()), **more)


def situation(*accounts: Holding, old: OldState = OldState.ALIVE, **more: Any) -> Situation:
    """A situation with NEW safe."""
    return Situation(NOW, tuple(accounts), old, new=more.pop("new", SAFE), **more)


# -- the naive answers ------------------------------------------------------------------------------------------------------


def naive_open(s: Situation, moved: Iterable[str] = (), taken: Mapping[str, frozenset[str]] | None = None) -> set[str]:
    """Accounts that can be got into: try every account again and again until nothing more opens. ``taken``: factors that are gone."""
    moved = set(moved) | {a.id for a in s.accounts if a.moved}
    found: set[str] = set()
    dead = {name for name, (state, _) in s.providers.items() if state is not OldState.ALIVE}
    taken = taken or {}

    def has(a: Holding, factor: str) -> bool:
        if factor == "old_mailbox" and a.id not in moved:
            return s.old is OldState.ALIVE
        if factor in {"old_mailbox", "new_mailbox"}:
            link = a.links.get("new_mailbox")
            return s.new.held and (link is None or link in found)
        if factor not in a.held - taken.get(a.id, frozenset()):
            return False
        if factor.startswith("sso:") and factor[4:] in dead:
            return False
        if factor in a.links:
            source = next(b for b in s.accounts if b.id == a.links[factor])
            return source.id in found and factor not in taken.get(source.id, frozenset()) & source.service.supplies
        sources = [b.id for b in s.accounts if factor.startswith("sso:") and factor in b.service.supplies]
        return not sources or any(b in found and factor not in taken.get(b, ()) for b in sources)

    while True:
        more = set()
        for a in s.accounts:
            if a.id in found or a.service.id in dead:
                continue
            alive = "session" in a.held - taken.get(a.id, frozenset())
            opening = (w for w in (*a.service.sign_in, *a.service.recover) if "support" not in w.needs)
            if alive or any(all(has(a, f) for f in w.needs) for w in opening):
                more.add(a.id)
        if not more:
            return found
        found |= more


def walk(s: Situation, order: Sequence[tuple[Holding, Path]]) -> Iterator[tuple[set[str], set[str]]]:
    """What is open before and after each change of an order, by the naive means."""
    moved: set[str] = set()
    taken: dict[str, frozenset[str]] = {}
    before = naive_open(s)
    for holding, path in order:
        moved.add(holding.id)
        taken[holding.id] = path.loses - {"old_mailbox", "new_mailbox", "session"}
        after = naive_open(s, moved, taken)
        yield before, after
        before = after


# -- all small graphs -------------------------------------------------------------------------------------------------------

SIGN_INS = (("password",), ("old_mailbox",), ("sso:a",), ("sso:b",), ("password", "old_mailbox"), ("sso:a phone",))
HELD = ("", "password", "sso:a", "sso:b", "session", "password sso:a", "sso:a sso:b phone")


def small_graphs(size: int, *, step: int = 1) -> Iterator[Situation]:
    """Every situation of ``size`` accounts out of the few sign-ins and holdings above, with OLD alive and dead; the first two supply
    ``sso:a`` and ``sso:b``. ``step``: only each so many."""
    names = "abcd"[:size]
    kinds = list(product(SIGN_INS, HELD))
    for count, chosen in enumerate(product(kinds, repeat=size)):
        if count % step:
            continue
        accounts = [
            account(service(name, sign_in, supplies=f"sso:{name}" if name in "ab" else ""), held)
            for name, (sign_in, held) in zip(names, chosen, strict=True)
        ]
        for old in (OldState.ALIVE, OldState.DEAD):
            yield situation(*accounts, old=old)


# -- made up by Hypothesis --------------------------------------------------------------------------------------------------

FACTORS = (
    "password",
    "phone",
    "passkey",
    "session",
    "old_mailbox",
    "new_mailbox",
    "sso:s0",
    "sso:s1",
    "identity_document",
    "support",
)
_sets = st.lists(st.frozensets(st.sampled_from(FACTORS), min_size=1, max_size=2), max_size=3)
_held = st.frozensets(
    st.sampled_from([f for f in FACTORS if f not in {"old_mailbox", "support", "new_mailbox"}]), max_size=4
)


def _ways(sets: list[frozenset[str]]) -> tuple[Way, ...]:
    return tuple(Way(s, 5 + len(s), GRADE) for s in sets)


@st.composite
def situations(draw: st.DrawFn, *, most: int = 6, losing: bool = True) -> Situation:
    """Any situation of a few accounts with links between them. ``losing``: changes may take factors away."""
    size = draw(st.integers(0, most))
    accounts = []
    for n in range(size):
        loses = (
            draw(st.frozensets(st.sampled_from(["password", "sso:s0", "sso:s1", "phone"]), max_size=2))
            if losing
            else frozenset()
        )
        made = Service(
            f"s{n}",
            Text(f"S{n}", f"服务{n}"),
            draw(st.sampled_from(["identity", "social", "other"])),
            _ways(draw(_sets)),
            _ways(draw(_sets)),
            _ways(draw(_sets)),
            frozenset({f"sso:s{n}"}) if n < 2 else frozenset(),
            (
                *((Path("lossy", RouteKind.CHANGE, frozenset({"session"}), Change.REPLACE, loses),) if loses else ()),
                *(
                    (Path("plain", RouteKind.CHANGE, frozenset({"session"}), Change.ADD),)
                    if draw(st.booleans())
                    else ()
                ),
                *((Path("save", RouteKind.SAVE),) if draw(st.booleans()) else ()),
            ),
        )
        links = draw(
            st.dictionaries(
                st.sampled_from(["password", "sso:s0", "phone"]),
                st.sampled_from([f"i{k}" for k in range(size)]),
                max_size=2,
            )
        )
        accounts.append(
            Holding(f"i{n}", made, draw(_held), links, moved=draw(st.sampled_from([False, False, False, True])))
        )
    states = st.sampled_from([(OldState.ALIVE, None), (OldState.DEAD, None), (OldState.ALIVE, NOW + 9 * DAY)])
    return Situation(
        NOW,
        tuple(accounts),
        draw(st.sampled_from(OldState)),
        draw(st.sampled_from([None, NOW + 14 * DAY])),
        draw(st.dictionaries(st.sampled_from(["s0", "s1"]), states, max_size=2)),
        NewMailbox(held=draw(st.sampled_from([True, True, True, False])), recovery="phone", second_factor=True),
    )


def subsets(of: Iterable[str], most: int) -> Iterator[frozenset[str]]:
    """All subsets up to a size, smallest first."""
    items = sorted(of)
    for size in range(most + 1):
        for one in combinations(items, size):
            yield frozenset(one)


def open_ids(reach: Reach) -> set[str]:
    """What the planner finds open, by id."""
    return {a.id for a, is_open in zip(reach.accounts, reach.open, strict=True) if is_open}
