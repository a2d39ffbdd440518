"""Which routes of a recipe fit what the person holds, for the engine that follows one (pure)."""

from __future__ import annotations

from readdress.models import OldState, RouteKind
from readdress.recipe.schema import Recipe, Route


def changes(recipe: Recipe) -> list[Route]:
    """The recipe's routes that change the address."""
    return [r for r in recipe.route if r.kind is RouteKind.CHANGE]


def fitting_routes(recipe: Recipe, held: frozenset[str], old: OldState) -> list[Route]:
    """The change routes whose needs are held, in the recipe's order. ``session`` counts as held, for the person can sign in.

    With OLD dead a route that needs it is never among them.
    """
    usable = (held | {"session", "old_mailbox", "new_mailbox"}) - ({"old_mailbox"} if old is OldState.DEAD else set())
    return [r for r in changes(recipe) if set(r.needs) <= usable]
