"""How one account can be changed in a situation: route and factors, what is missing, what is left when it cannot be (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from readdress.models import RouteKind
from readdress.planner.access import ROUTE, UNKNOWN, Path, Way
from readdress.planner.plan import Can
from readdress.planner.reach import Reach


@dataclass(frozen=True, slots=True)
class Move:
    """What can be done about an account, and how. ``reset``: one gets in, but the password is set anew first (by ``entry``)."""

    can: Can
    path: Path | None = None
    way: Way | None = None
    entry: Way | None = None
    missing: tuple[frozenset[str], ...] = ()
    reset: bool = False


def minimal(sets: Iterable[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """Those sets that contain no other, smallest first."""
    found: list[frozenset[str]] = []
    for one in sorted(set(sets), key=lambda s: (len(s), sorted(s))):
        if not any(other <= one for other in found):
            found.append(one)
    return tuple(found)


def entry_of(reach: Reach, n: int) -> tuple[Way | None, bool]:
    """How one gets in, and whether the account has to be recovered for it. ``None``: through a living session, or not at all."""
    service = reach.accounts[n].service
    signing = reach.best(n, [w for w in service.sign_in if not w.by_support])
    if signing is not None or reach.signs_in(n):
        return signing, False
    return reach.best(n, [w for w in service.recover if not w.by_support]), True


def resets(reach: Reach, n: int) -> Way | None:
    """The recovery that gives a new password: one that works without the password, and not by being signed in already."""
    ways = [w for w in reach.accounts[n].service.recover if not w.by_support and not w.needs & {"password", "session"}]
    return reach.best(n, ways)


def changes(reach: Reach, n: int) -> list[tuple[Path, Way]]:
    """Each route with each way of changing; where the recipe names none, with what the route itself needs."""
    service = reach.accounts[n].service
    return [
        (path, way)
        for path in service.of_kind(RouteKind.CHANGE)
        for way in (service.change or (Way(path.needs or frozenset({"session"}), 10, ROUTE),))
        if not way.by_support
    ]


def possible(reach: Reach, n: int) -> list[Move]:
    """Every change that is possible now: routes in the recipe's order (one chosen before comes first), the quickest way of each."""
    if not reach.open[n] or not reach.has(n, "new_mailbox"):
        return []
    entry, recovering = entry_of(reach, n)
    reset = resets(reach, n)
    found: dict[str, Move] = {}
    for path, way in changes(reach, n):
        missing = reach.missing(n, way.needs | path.needs, inside=True)
        again = missing == {"password"} and reset is not None
        if missing and not again:
            continue
        can = Can.RECOVER if recovering or again else Can.NOW
        resetting = again and not recovering
        move = Move(can, path, way, reset if resetting else entry, reset=resetting)
        best = found.get(path.id)
        if best is None or _effort(move) < _effort(best):
            found[path.id] = move
    chosen = reach.accounts[n].route
    return sorted(found.values(), key=lambda m: m.path is None or m.path.id != chosen)


def _effort(move: Move) -> tuple[bool, bool, int, bool]:
    """What is known before what nobody could establish; of equal ways the one that does not need OLD."""
    assert move.way is not None
    return move.can is Can.RECOVER, move.way.grade == UNKNOWN, move.way.minutes, "old_mailbox" in move.way.needs


def otherwise(reach: Reach, n: int) -> Move:
    """What is left where no change is possible."""
    account = reach.accounts[n]
    service = account.service
    entry, _ = entry_of(reach, n)
    saving = service.of_kind(RouteKind.SAVE)
    if reach.open[n]:
        if not reach.has(n, "new_mailbox"):
            return Move(Can.BLOCKED, entry=entry)
        lacks = minimal(_obtainable(reach, n, (w.needs | p.needs for p, w in changes(reach, n)), inside=True))
        save = next((p for p in saving if not reach.missing(n, p.needs, inside=True)), None)
        if save is not None and not service.of_kind(RouteKind.CHANGE):
            return Move(Can.SAVE, save, Way(save.needs, 30), entry, lacks)
        return Move(Can.MISSING, save, None, entry, lacks)
    lacks = minimal(_obtainable(reach, n, (w.needs for w in reach.ways(n)))) if not reach.shut[n] else ()
    appeal = _appeal(reach, n)
    return appeal if appeal is not None and not lacks_nothing(lacks) else Move(Can.CLOSED, missing=lacks)


def lacks_nothing(lacks: tuple[frozenset[str], ...]) -> bool:
    """Whether nothing at all is missing."""
    return lacks == (frozenset(),)


def _appeal(reach: Reach, n: int) -> Move | None:
    service = reach.accounts[n].service
    paths = service.of_kind(RouteKind.APPEAL)
    lacks = () if reach.shut[n] else minimal(_obtainable(reach, n, (w.needs for w in reach.ways(n))))
    for way in sorted((w for w in (*service.recover, *service.sign_in) if w.by_support), key=lambda w: w.minutes):
        if not reach.missing(n, way.needs):
            helping = paths or service.of_kind(RouteKind.RECOVER)
            return Move(Can.APPEAL, helping[0] if helping else None, way, missing=lacks)
    return Move(Can.APPEAL, paths[0], None, missing=lacks) if paths else None


def _obtainable(
    reach: Reach, n: int, needs: Iterable[frozenset[str]], *, inside: bool = False
) -> Iterable[frozenset[str]]:
    for one in needs:
        missing = reach.missing(n, one, inside=inside)
        if all(reach.obtainable(n, f) for f in missing):
            yield missing
