"""The routes that fit what is held, as the engine asks for them: never one that needs a dead mailbox, whatever was noted."""

from __future__ import annotations

from typing import Any

import pytest

from readdress.models import OldState
from readdress.planner.order import fitting_routes
from readdress.recipe.schema import Recipe

ROUTES = [
    {"id": "by_old", "change": "add", "needs": ["session", "old_mailbox"]},
    {"id": "by_phone", "change": "replace", "needs": ["session", "phone"]},
    {"id": "plain", "change": "replace", "needs": ["session"]},
    {"id": "back", "kind": "undo"},
]


def recipe(routes: list[dict[str, Any]]) -> Recipe:
    """The least recipe with those routes."""
    text = {"en": "a", "zh": "a"}
    step = {"id": "change", "title": text, "manual": text}
    return Recipe.model_validate(
        {
            "format": 1,
            "id": "a",
            "name": text,
            "slots": ["sign_in"],
            "checked": "2026-11-01",
            "proof": "documents",
            "sources": [{"url": "https://service.example/help", "says": "made up", "grade": "observed"}],
            "route": [{"slots": ["sign_in"], "step": [step]} | r for r in routes],
        }
    )


@pytest.mark.parametrize(
    ("held", "old", "fitting"),
    [
        (set(), OldState.ALIVE, ["by_old", "plain"]),
        (set(), OldState.READ_ONLY, ["by_old", "plain"]),
        (set(), OldState.DEAD, ["plain"]),
        ({"phone"}, OldState.DEAD, ["by_phone", "plain"]),
        ({"phone"}, OldState.ALIVE, ["by_old", "by_phone", "plain"]),
        ({"old_mailbox"}, OldState.DEAD, ["plain"]),
    ],
)
def test_fitting_routes(held: set[str], old: OldState, fitting: list[str]) -> None:
    """In the recipe's order; only routes that change the address; a session counts as held, for the person can sign in."""
    assert [r.id for r in fitting_routes(recipe(ROUTES), frozenset(held), old)] == fitting


def test_no_route_fits() -> None:
    """With OLD dead and only routes through it, there is none; nor where none changes anything."""
    assert fitting_routes(recipe(ROUTES[:1]), frozenset(), OldState.DEAD) == []
    assert fitting_routes(recipe(ROUTES[3:]), frozenset(), OldState.ALIVE) == []
