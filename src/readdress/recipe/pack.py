"""A recipe with what was loaded beside it: its folder, its flow's functions, its fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from readdress.recipe.schema import Recipe, RecipeStep, Route

StepFunction = Callable[..., Any]


@dataclass(frozen=True)
class Pack:
    """A recipe ready to run. ``acts`` and ``looks`` map step ids to functions; both are empty for a text-only recipe.

    ``fingerprint``: SHA-256 over the names and contents of ``recipe.toml`` and every ``*.py`` below it (hex).
    """

    recipe: Recipe
    folder: Path
    fingerprint: str
    acts: Mapping[str, StepFunction] = field(default_factory=dict)
    looks: Mapping[str, StepFunction] = field(default_factory=dict)
    origin: str = "built-in"

    @property
    def id(self) -> str:
        """The service's id."""
        return self.recipe.id

    def automatic(self, route: Route) -> list[RecipeStep]:
        """The steps of a route that run by themselves: an act in ``flow.py``, or a look alone for a ``read_back``."""
        return [s for s in route.step if s.id in self.acts or (s.kind == "read_back" and s.id in self.looks)]
