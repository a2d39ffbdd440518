"""Which verdict a slot gets when a step has ended (pure)."""

from __future__ import annotations

from readdress.models import Account, Draft, Slot, SlotState, Verdict
from readdress.models.events import slot_verdict
from readdress.recipe.schema import Recipe, RecipeStep

_CEILING = {"page": Verdict.PROVEN, "mail": Verdict.CONFIRMED, "person": Verdict.CLAIMED, "engine": Verdict.SUBMITTED}


def reached(step: RecipeStep, by: str) -> Verdict | None:
    """What the end of ``step`` says about its slot, given who said it (``page``, ``mail``, ``person``, ``engine``).

    The person's bare word is never more than ``claimed``; a mail alone never more than ``confirmed``: only a page is read back.
    """
    if step.slot is None or step.reaches is None:
        return None
    ceiling = _CEILING[by]
    if by == "person":
        return Verdict.CLAIMED if step.reaches.rank >= Verdict.CLAIMED.rank else step.reaches
    return step.reaches if step.reaches.rank <= ceiling.rank else ceiling


def raised(account: Account, slot: Slot, verdict: Verdict, detail: str) -> list[Draft]:
    """The event that lifts a slot, or nothing when it is that far already. A proof replaces a bare claim of the same rank."""
    now = account.slots.get(slot)
    if now is not None and not now.doubted:
        better = verdict.rank > now.verdict.rank
        proof = verdict.rank == now.verdict.rank and now.verdict in {Verdict.CLAIMED, Verdict.STRAGGLER}
        if not better and not (proof and verdict is not now.verdict):
            return []
    return [slot_verdict(account.id, slot, verdict, detail)]


def standing(account: Account, recipe: Recipe) -> Verdict:
    """The account's verdict: its weakest slot among those that the recipe's change routes move."""
    matters = recipe.important
    if any(s not in account.slots for s in matters):
        return Verdict.FOUND
    return min((settled(account.slots[s]) for s in matters), key=lambda v: v.order, default=Verdict.FOUND)


def settled(state: SlotState) -> Verdict:
    """A slot's verdict; one that comes from another copy of the state file counts as begun until it was looked at again."""
    return Verdict.STARTED if state.doubted and state.verdict.rank > Verdict.STARTED.rank else state.verdict
