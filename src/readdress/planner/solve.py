"""The order in which accounts are moved so that nothing is lost, and what can be done about each (pure).

First what only a living session opens; then what a known day closes; then what others hang on; then what OLD alone holds open, can
change or can recover; then value. Suppliers come before what hangs on them at each of these. What was saved by an act before it
(because its supplier stays open) does not hurry any more. No prefix of the order closes an account that was open.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from readdress.models import Change, OldState
from readdress.planner.explain import why
from readdress.planner.graph import components, depths, opens_alone, supply_edges
from readdress.planner.moves import Move, lacks_nothing, minimal, otherwise, possible
from readdress.planner.plan import RANK, Because, Can, Cycle, NewCare, Place, Plan
from readdress.planner.reach import Reach
from readdress.planner.safety import ENDLESS, Draft, keep_ways_in, sections
from readdress.planner.situation import Situation
from readdress.planner.timing import Timing, timing
from readdress.recipe.service import CATEGORIES

VALUE = {category: rank for rank, category in enumerate(CATEGORIES) if category != "other"}
"""What a category is worth, best first, as the catalogue of services has it; others come after."""
_WORK = 12 * 60  # minutes: what takes longer is waiting, not work
_DATED = (Because.LOST_BY, Because.FRAGILE_BY, Because.STUCK_BY)
_UNDATED = (Because.LOST_WITH_OLD, Because.FRAGILE_WITH_OLD, Because.STUCK_WITH_OLD)


def solve(situation: Situation) -> Plan:
    """The plan of the situation."""
    reach = Reach(situation)
    edges = supply_edges(reach)
    parts = components(edges)
    depth = depths(edges, parts)
    users: list[list[int]] = [[] for _ in edges]
    for n, suppliers in enumerate(edges):
        for s in suppliers:
            users[s].append(n)
    for n, shut in enumerate(reach.shut):
        if shut:  # what hung on it while it lived: the reason to appeal for it first
            lost = reach.accounts[n].service.supplies
            users[n] += [u for u, a in enumerate(reach.accounts) if u != n and a.held & lost]
    drafts = [_draft(reach, n) for n in range(len(edges))]
    _reasons(situation, reach, drafts, users, depth)
    drafts.sort(key=lambda d: _key(reach, d, depth))
    keep_ways_in(situation, reach, drafts)
    places = [_place(reach, d, users) for d in sections(drafts)]
    cycles = tuple(_cycle(reach, members) for members in parts if len(members) > 1)
    explained = tuple(replace(p, why=why(reach, p)) for p in places)
    minutes = sum(p.minutes for p in places if p.can.doable and p.minutes < _WORK)
    keep = any("session" in reach.held(n) for n in range(len(edges)) if not reach.is_moved(n))
    return Plan(explained, new_care(reach), keep, situation.assumed, cycles, minutes)


def new_care(reach: Reach) -> NewCare:
    """What NEW needs before anything is moved to it."""
    new = reach.situation.new
    if not new.held or not all(reach.has(n, "new_mailbox") for n in range(len(reach.accounts))):
        return NewCare.CLOSED
    if new.recovery == "old":
        return NewCare.RECOVERS_BY_OLD
    if new.recovery == "none":
        return NewCare.NO_RECOVERY
    if new.second_factor is False:
        return NewCare.NO_SECOND_FACTOR
    if not new.safe:
        return NewCare.UNKNOWN
    return NewCare.NOTHING if new.set_up else NewCare.SET_UP


def _draft(reach: Reach, n: int) -> Draft:
    account, now = reach.accounts[n], reach.situation.now
    if account.moved:
        return Draft(n, [], Move(Can.DONE), Timing())
    moves = possible(reach, n)
    move = moves[0] if moves else otherwise(reach, n)
    when = timing(account, move.path, now) if moves and move.path is not None else Timing()
    return Draft(n, moves, move, when)


# -- why each stands where it does ------------------------------------------------------------------------------------------


def _reasons(situation: Situation, reach: Reach, drafts: list[Draft], users: list[list[int]], depth: list[int]) -> None:
    for draft in drafts:
        draft.because = _plain(reach, draft.n, users)
    open_now = [d for d in drafts if reach.open[d.n] and d.move.can is not Can.DONE]
    if situation.old is OldState.ALIVE:
        after = Reach(situation.without_old())
        for draft in open_now:
            recover = [w for w in reach.accounts[draft.n].service.recover if not w.by_support]
            if reach.best(draft.n, recover) is not None and after.best(draft.n, recover) is None:
                _sooner(draft, Because.OLD_RECOVERS)
        _hurry(after, open_now, depth, None)
    for end in reversed(situation.ends):  # the earliest is written last, and stays
        _hurry(Reach(situation.with_ends(end)), open_now, depth, end)
    for draft in open_now:
        n = draft.n
        if reach.session_only(n):
            _sooner(draft, Because.SESSION_ONLY)
    for draft in drafts:
        if not reach.accounts[draft.n].service.has_recipe and RANK[draft.because] > RANK[Because.PROVIDES]:
            draft.because = Because.NO_RECIPE


def _plain(reach: Reach, n: int, users: list[list[int]]) -> Because:
    if any(not reach.is_moved(u) for u in users[n]):
        return Because.PROVIDES
    return Because.VALUE if reach.accounts[n].service.category in VALUE else Because.PLAIN


def _sooner(draft: Draft, because: Because) -> bool:
    if RANK[because] < RANK[draft.because]:
        draft.because = because
        return True
    return False


def _hurry(after: Reach, open_now: list[Draft], depth: list[int], end: datetime | None) -> None:
    """Mark what is closed, or can no longer be changed, in the later situation ``after``; not what an earlier mark already saves."""
    lost, fragile, stuck = _DATED if end else _UNDATED
    for draft in sorted(open_now, key=lambda d: (depth[d.n], d.n)):
        n = draft.n
        if after.open[n]:
            if after.session_only(n):
                _mark(draft, fragile, end)
            elif draft.moves and not possible(after, n):
                _mark(draft, stuck, end)
            continue
        if not draft.moves and draft.move.can is not Can.SAVE:
            continue
        _mark(draft, lost, end)
        in_time = draft.timing.at is None or (end is not None and draft.timing.at < end)
        if draft.moves and in_time and _open_once_moved(after, n):
            after.admit(n)


def _mark(draft: Draft, because: Because, end: datetime | None) -> None:
    """The sooner reason counts; of two days that close the same, the earlier (days are looked at from the last to the first)."""
    if _sooner(draft, because) or (because is draft.because and end is not None):
        draft.because, draft.by = because, end


def _open_once_moved(after: Reach, n: int) -> bool:
    def has(factor: str) -> bool:
        return after.has(n, "new_mailbox" if factor == "old_mailbox" else factor)

    return not after.shut[n] and any(all(has(f) for f in w.needs) for w in after.ways(n))


# -- the order --------------------------------------------------------------------------------------------------------------


def _key(reach: Reach, draft: Draft, depth: list[int]) -> tuple[object, ...]:
    service = reach.accounts[draft.n].service
    path, entry = draft.move.path, draft.move.entry
    recovering = entry.minutes if draft.move.can is Can.RECOVER and entry is not None else 0
    return (
        RANK[draft.because],
        draft.by or ENDLESS,
        depth[draft.n],
        VALUE.get(service.category, len(VALUE)),
        -(draft.timing.takes + timedelta(minutes=recovering)),  # of equal ones the longest wait begins first
        path is not None and path.change is Change.ADD,  # what only adds can wait: nothing is replaced by it
        draft.n,
    )


# -- putting it together ----------------------------------------------------------------------------------------------------


def _place(reach: Reach, draft: Draft, users: list[list[int]]) -> Place:
    account, move = reach.accounts[draft.n], draft.move
    can = Can.LATER if draft.timing.at is not None and move.can.doable else move.can
    end = reach.situation.old_until
    needs_old = move.way is not None and move.path is not None and "old_mailbox" in move.way.needs | move.path.needs
    at = draft.timing.at
    return Place(
        account=account.id,
        can=can,
        because=draft.because,
        path=move.path,
        way=move.way,
        entry=move.entry,
        missing=() if lacks_nothing(move.missing) else move.missing,
        users=tuple(reach.accounts[u].id for u in users[draft.n] if not reach.is_moved(u)),
        victims=tuple(reach.accounts[v].id for v in draft.victims),
        by=draft.by,
        at=at,
        takes=draft.timing.takes,
        waits_for=account.wait_for or draft.timing.because,
        late=bool(needs_old and at and end and at > end),
        reset=move.reset,
    )


def _cycle(reach: Reach, members: list[int]) -> Cycle:
    ids = tuple(reach.accounts[n].id for n in members)
    alone = [(way.minutes, n, way) for n in members if (way := opens_alone(reach, n, frozenset(members)))]
    if alone:
        _, n, way = min(alone, key=lambda a: a[:2])
        return Cycle(ids, reach.accounts[n].id, way)
    lacks = [
        (len(one), sorted(one), n)
        for n in members
        if not reach.shut[n]
        for one in minimal(frozenset(f for f in w.needs if reach.status(n, f) is not True) for w in reach.ways(n))
        if all(reach.obtainable(n, f) for f in one)
    ]
    if not lacks:
        return Cycle(ids, "")
    _, one, n = min(lacks)
    return Cycle(ids, reach.accounts[n].id, None, frozenset(one))
