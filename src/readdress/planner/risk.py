"""What would be lost if OLD, a sign-in provider or the living sessions went now, and the cheapest single act that saves each (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from readdress.models import OldState
from readdress.planner.moves import minimal, possible
from readdress.planner.plan import Can, Place, Plan
from readdress.planner.reach import Reach
from readdress.planner.situation import Situation
from readdress.planner.solve import solve
from readdress.planner.timing import timing

ADD_MINUTES = {
    "password": 5,
    "phone": 5,
    "passkey": 5,
    "recovery_code": 5,
    "trusted_device": 5,
    "security_question": 5,
    "totp": 10,
}
"""What it takes a person to add a factor to an account that is open: our estimate, in minutes. Others cannot be added at will."""

_LINK_MINUTES = 5  # linking another sign-in provider


class Loss(StrEnum):
    """What goes for an account."""

    CLOSED = "closed"  # no way in is left
    SESSION_LEFT = "session_left"  # only a living session is left
    STUCK = "stuck"  # one gets in, but the address can never be changed
    NO_RECOVERY = "no_recovery"  # one gets in, but nothing brings it back once that fails


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the person: ``factor`` is added to ``account``, or (``factor`` empty) its address is changed. ``minutes`` of work."""

    account: str
    factor: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Danger:
    """One account that loses something.

    ``sets``: the smallest sets of factors any of which would still open it (or bring it back); ``act``: the cheapest single act
    that saves it, ``None`` where no single act does.
    """

    account: str
    loss: Loss
    sets: tuple[frozenset[str], ...] = ()
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that may end. ``what``: ``old``, ``sessions`` or a service's id; ``until``: when it is expected to."""

    what: str
    until: datetime | None
    dangers: tuple[Danger, ...]

    def of(self, *loss: Loss) -> list[Danger]:
        """The dangers of that kind."""
        return [d for d in self.dangers if d.loss in loss]


@dataclass(frozen=True, slots=True)
class Risk:
    """Everything at risk, and what is out of reach already. ``plan``: of the same situation."""

    plan: Plan
    events: tuple[Event, ...]
    unreachable: tuple[Place, ...]


def risks(situation: Situation, plan: Plan | None = None) -> Risk:
    """What is at risk in the situation."""
    plan = plan or solve(situation)
    reach = Reach(situation)
    today = _Today(reach)
    events = []
    if situation.old is not OldState.DEAD:
        events.append(Event("old", situation.old_until, _dangers(today, Reach(situation.without_old()))))
    for service in providers(reach):
        until = situation.providers.get(service, (OldState.ALIVE, None))[1]
        events.append(Event(service, until, _dangers(today, Reach(situation.without_provider(service)))))
    if any("session" in a.held for a in situation.accounts):
        events.append(Event("sessions", None, _dangers(today, Reach(situation.without_sessions()))))
    lost = tuple(plan.of(Can.CLOSED, Can.APPEAL))
    return Risk(plan, tuple(events), lost)


def providers(reach: Reach) -> list[str]:
    """Services that still live and out of which other accounts get a factor, by id."""
    found: set[str] = set()
    for n, account in enumerate(reach.accounts):
        found |= {f[4:] for f in account.held if f.startswith("sso:")}
        linked = [reach.index[to] for f, to in account.links.items() if f in account.held and to in reach.index]
        found |= {reach.accounts[s].service.id for s in linked if s != n}
    states = reach.situation.providers
    return sorted(s for s in found if states.get(s, (OldState.ALIVE, None))[0] is OldState.ALIVE)


class _Today:
    """What holds of each account now, worked out once for all events."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        size = range(len(reach.accounts))
        self.possible = [bool(possible(reach, n)) for n in size]
        self.move = [_move(reach, n) if self.possible[n] else None for n in size]
        self.session_only = [reach.session_only(n) for n in size]
        self.recovers = [reach.signs_in(n) and _recovers(reach, n) for n in size]


def _dangers(today: _Today, after: Reach) -> tuple[Danger, ...]:
    now = today.reach
    closed = [n for n, was in enumerate(now.open) if was and not after.open[n]]
    acts = _saving(today, after, closed)
    found: list[tuple[int, Danger]] = []
    for n, account in enumerate(now.accounts):
        if not now.open[n]:
            continue
        if not after.open[n]:
            found.append((n, Danger(account.id, Loss.CLOSED, opening_sets(after, n), acts.get(n))))
        elif account.moved:
            continue
        elif not today.session_only[n] and after.session_only(n):
            act = _own_act(today, after, n, session_counts=False)
            sets = opening_sets(after, n, session_counts=False)
            found.append((n, Danger(account.id, Loss.SESSION_LEFT, sets, act)))
        elif today.possible[n] and not possible(after, n):
            found.append((n, Danger(account.id, Loss.STUCK, (), today.move[n])))
        elif today.recovers[n] and not _recovers(after, n) and after.signs_in(n):
            sets = minimal(
                after.missing(n, w.needs)
                for w in account.service.recover
                if not w.by_support and all(after.obtainable(n, f) for f in w.needs)
            )
            found.append((n, Danger(account.id, Loss.NO_RECOVERY, sets, today.move[n])))
    rank = {loss: r for r, loss in enumerate(Loss)}
    return tuple(d for _, d in sorted(found, key=lambda f: (rank[f[1].loss], f[0])))


def opening_sets(reach: Reach, n: int, *, session_counts: bool = True) -> tuple[frozenset[str], ...]:
    """The smallest sets of factors, out of those that can still be had, any of which would open the account."""
    if reach.shut[n]:
        return ()
    ways = [w.needs for w in reach.ways(n) if session_counts or "session" not in w.needs]
    return minimal(reach.missing(n, needs) for needs in ways if all(reach.obtainable(n, f) for f in needs))


def _saving(today: _Today, after: Reach, closed: list[int]) -> Mapping[int, Act]:
    """The cheapest single act for each closed account: one at the account itself, or at one whose opening opens it too."""
    own = {n: act for n in closed if (act := _own_act(today, after, n)) is not None}
    best: dict[int, Act] = {}
    several = after.joint()
    for n in sorted(own, key=lambda n: (own[n].minutes, n)):
        if n not in best or several:
            for opened in after.would_open(n, () if several else best):
                best.setdefault(opened, own[n])
        if own[n].minutes == best[n].minutes:  # of equal acts the one at the account itself
            best[n] = own[n]
    return best


def _own_act(today: _Today, after: Reach, n: int, *, session_counts: bool = True) -> Act | None:
    """The cheapest act at the account itself that opens it in the later situation; it has to be open now to do it."""
    now = today.reach
    if not now.open[n] or after.shut[n]:
        return None
    acts = []
    move = today.move[n]
    if move is not None and any(
        all(after.has(n, "new_mailbox" if f == "old_mailbox" else f) for f in w.needs)
        for w in after.ways(n)
        if session_counts or "session" not in w.needs
    ):
        acts.append(move)
    for one in opening_sets(after, n, session_counts=session_counts):
        if len(one) == 1:
            factor = next(iter(one))
            minutes = _add_minutes(after, factor)
            if minutes is not None:
                acts.append(Act(now.accounts[n].id, factor, minutes))
    return min(acts, key=lambda a: (a.minutes, a.factor), default=None)


def _add_minutes(after: Reach, factor: str) -> int | None:
    if not factor.startswith("sso:"):
        return ADD_MINUTES.get(factor)
    there = [n for n, a in enumerate(after.accounts) if factor in a.service.supplies]
    return _LINK_MINUTES if any(after.open[n] for n in there) else None


def _move(now: Reach, n: int) -> Act | None:
    """Changing the address, where that is possible today."""
    for move in possible(now, n):
        assert move.path is not None
        assert move.way is not None
        if timing(now.accounts[n], move.path, now.situation.now).at is None:
            first = move.entry.minutes if move.can is Can.RECOVER and move.entry is not None else 0
            return Act(now.accounts[n].id, "", first + move.way.minutes)
    return None


def _recovers(reach: Reach, n: int) -> bool:
    ways = [w for w in reach.accounts[n].service.recover if not w.by_support and "session" not in w.needs]
    return reach.best(n, ways) is not None
