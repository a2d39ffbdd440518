"""What must hold before an act: limits, cooling-off, removal of OLD, the ways in that stay open (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from readdress.errors import NeedsPerson, NeedsTime
from readdress.models import Account, OldState, Slot, SlotState, StepStatus, Verdict
from readdress.ports import Journal
from readdress.recipe.fields import duration_text
from readdress.recipe.schema import FactorSet, Recipe, RecipeStep, Route


def ways_in(ways: Iterable[FactorSet], held: frozenset[str]) -> list[FactorSet]:
    """The sign-in ways that the held factors open."""
    return [w for w in ways if w.needs and set(w.needs) <= held]


def check_limits(recipe: Recipe, step: RecipeStep, account: Account, journal: Journal, now: datetime) -> None:
    """Raise :class:`NeedsTime` while one of the service's limits is spent."""
    for limit in recipe.limit:
        if step.id not in limit.of:
            continue
        recent = [at for at in journal.limit_uses(account.id, limit.id) if at + limit.within > now]
        if len(recent) >= limit.count:
            until = sorted(recent)[-limit.count] + limit.within
            raise NeedsTime(
                f"{recipe.name.en} allows this {limit.count} times in {duration_text(limit.within)}, and that is spent.",
                until=until,
                todo="Run `migrate resume` then.",
            )


def check_waits(
    recipe: Recipe, step: RecipeStep, account: Account, journal: Journal, now: datetime, lang: str = "en"
) -> None:
    """Raise :class:`NeedsTime` while a cooling-off keeps this step closed; the recipe says why, in ``lang``."""
    for wait in recipe.wait:
        if step.id not in wait.closed:
            continue
        for r in recipe.route:
            record = journal.step(account.id, r.id, wait.after)
            if record.status is StepStatus.DONE and record.ended_at and record.ended_at + wait.lasts > now:
                raise NeedsTime(
                    wait.reason.to(lang), until=record.ended_at + wait.lasts, todo="Run `migrate resume` then."
                )


def check_removal(route: Route, step: RecipeStep, account: Account, now: datetime) -> None:
    """OLD goes only after NEW was read back on the page and the route's cooling time has passed since.

    Raises :class:`NeedsPerson` when NEW was not read back (a claim does not count), :class:`NeedsTime` while it cools.
    """
    slots = _slots(route, step)
    read = [account.slots[s].at for s in slots if s in account.slots and _read_back(account.slots[s])]
    if len(read) < len(slots):
        raise NeedsPerson(
            "The old address stays: the new one was not read back on the page yet.",
            kind="decision",
            todo="Finish the steps before this one; your word alone does not unlock the removal.",
        )
    cool = max(read) + route.cooling
    if cool > now:
        raise NeedsTime(
            f"The old address stays for {duration_text(route.cooling)} after the new one was read back.",
            until=cool,
            todo="Run `migrate resume` then.",
        )


def check_proven(recipe: Recipe, route: Route, step: RecipeStep, account: Account) -> None:
    """Where no page can be read back (the person's own browser, a recipe of text alone): OLD goes only after the service has written to NEW.

    Raises :class:`NeedsPerson` before that; a claim does not count.
    """
    for slot in _slots(route, step):
        state = account.slots.get(slot)
        if state is None or state.doubted or state.verdict is not Verdict.PROVEN:
            raise NeedsPerson(
                f"The old address stays: no mail of {recipe.name.en} to the new one has proved the change yet.",
                kind="decision",
                todo="Run `migrate resume` once it has written to the new address; your word alone does not unlock the removal.",
            )


def _slots(route: Route, step: RecipeStep) -> list[Slot]:
    return [step.slot] if step.slot else route.slots or [Slot.SIGN_IN]


def _read_back(state: SlotState) -> bool:
    return state.verdict.finished and not state.doubted


def check_ways_in(recipe: Recipe, step: RecipeStep, held: frozenset[str], old: OldState) -> None:
    """No act may close the last way in; with OLD dead, none may leave fewer ways than before."""
    if not step.loses or not recipe.access.sign_in:
        return
    before = ways_in(recipe.access.sign_in, held)
    after = ways_in(recipe.access.sign_in, (held - set(step.loses)) | set(step.gains))
    if before and not after:
        raise NeedsPerson(
            f"This step would close your last known way into {recipe.name.en}.",
            kind="decision",
            todo="Tell what else you hold (password, phone, passkey …), or add another way in first.",
        )
    if old is OldState.DEAD and len(after) < len(before):
        raise NeedsPerson(
            f"With the old mailbox gone, this step would leave fewer ways into {recipe.name.en} than now.",
            kind="decision",
            todo="Add another way in first.",
        )


def other_factors(held: frozenset[str]) -> frozenset[str]:
    """Factors that stay when both the old mailbox and this session are gone."""
    return held - {"old_mailbox", "session", "new_mailbox"}
