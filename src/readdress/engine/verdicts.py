"""Which verdict a slot gets when a step has ended (pure)."""

from __future__ import annotations

from readdress.models import Account, Draft, Slot, Verdict
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
    if now is not None:
        better = verdict.rank > now.verdict.rank
        proof = verdict.rank == now.verdict.rank and now.verdict in {Verdict.CLAIMED, Verdict.STRAGGLER}
        if not better and not (proof and verdict is not now.verdict):
            return []
    return [slot_verdict(account.id, slot, verdict, detail)]


def standing(account: Account, recipe: Recipe) -> Verdict:
    """The account's verdict: its weakest slot among those that the recipe's change routes move."""
    matters = recipe.important
    missing = [s for s in matters if s not in account.slots]
    return Verdict.FOUND if missing else account.verdict(matters)
