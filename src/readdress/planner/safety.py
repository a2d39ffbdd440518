"""Walks through an order as it will be carried out and keeps it from closing an account (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from readdress.planner.moves import Move
from readdress.planner.plan import Because, Can
from readdress.planner.reach import Reach, after_move
from readdress.planner.situation import Situation
from readdress.planner.timing import Timing, timing

ENDLESS = datetime.max.replace(tzinfo=UTC)
_ORDINARY = frozenset({"old_mailbox", "new_mailbox", "session"})


@dataclass(slots=True)
class Draft:
    """One account while the plan is being made. ``moves``: all possible ones, ``move`` the one taken; ``n``: its index."""

    n: int
    moves: list[Move]
    move: Move
    timing: Timing
    because: Because = Because.PLAIN
    by: datetime | None = None
    victims: tuple[int, ...] = ()


def sections(drafts: list[Draft]) -> list[Draft]:
    """The drafts in the order of a plan: what can be done now, what waits, the rest."""
    doable = [d for d in drafts if d.move.can.doable and d.timing.at is None]
    later = sorted((d for d in drafts if d.move.can.doable and d.timing.at is not None), key=_at)
    order = (Can.BLOCKED, Can.MISSING, Can.APPEAL, Can.CLOSED, Can.DONE)
    rest = [d for can in order for d in drafts if d.move.can is can]
    return doable + later + rest


def _at(draft: Draft) -> datetime:
    return draft.timing.at or ENDLESS


def keep_ways_in(situation: Situation, reach: Reach, drafts: list[Draft]) -> None:
    """A change that would close an open account takes another route, waits until the others made it safe, or is blocked."""
    blocked: list[Draft] = []
    while (
        found := _first_harm(situation, reach, [d for d in sections(drafts) if d.moves and d not in blocked])
    ) is not None:
        draft, victims = found
        draft.victims = draft.victims or victims
        at = draft.moves.index(draft.move) + 1
        if at < len(draft.moves):
            _take(draft, reach, at, situation.now)
        else:
            blocked.append(draft)
            draft.move = replace(draft.moves[0], can=Can.BLOCKED)
    retry = bool(blocked)
    while retry:
        retry = False
        for draft in list(blocked):
            carried = [d for d in sections(drafts) if d.moves and d.move.can.doable]
            for at in range(len(draft.moves)):
                _take(draft, reach, at, situation.now)
                latest = max((d.timing.at for d in carried if d.timing.at), default=None)
                if latest is not None:
                    draft.timing = replace(draft.timing, at=max(latest, draft.timing.at or latest))
                if _first_harm(situation, reach, [*carried, draft]) is None:
                    blocked.remove(draft)
                    drafts.remove(draft)
                    drafts.append(draft)  # it is safe only after what stands before it
                    retry = True
                    break
            else:
                draft.move, draft.timing = replace(draft.moves[0], can=Can.BLOCKED), Timing()
    for draft in drafts:
        if draft.move.can is not Can.BLOCKED:
            draft.victims = ()


def _take(draft: Draft, reach: Reach, at: int, now: datetime) -> None:
    draft.move = draft.moves[at]
    assert draft.move.path is not None
    draft.timing = timing(reach.accounts[draft.n], draft.move.path, now)


def _first_harm(situation: Situation, reach: Reach, order: list[Draft]) -> tuple[Draft, tuple[int, ...]] | None:
    """The first change in the order that closes accounts which were open, and those. Where only OLD gives way to NEW, nothing closes."""
    if not any(d.move.path is not None and d.move.path.loses - _ORDINARY for d in order):
        return None
    moved: set[str] = set()
    changed: dict[str, frozenset[str]] = {}
    unsupplied: dict[str, frozenset[str]] = {}
    before = Reach(situation)
    for draft in order:
        account, path = reach.accounts[draft.n], draft.move.path
        assert path is not None
        moved.add(account.id)
        loses = path.loses - _ORDINARY
        if not loses and not path.gains - _ORDINARY:
            continue
        was_open = before.open[draft.n]
        changed[account.id] = after_move(account.held, path)
        unsupplied[account.id] = loses & account.service.supplies
        if before.lonely(draft.n):
            before.alter(draft.n, changed[account.id])
            victims: tuple[int, ...] = (draft.n,) if was_open and not before.enters(draft.n) else ()
        else:
            after = Reach(situation, moved, changed, unsupplied)
            victims = tuple(n for n, was in enumerate(before.open) if was and not after.open[n])
            before = after
        if victims:
            return draft, victims
    return None
