"""How well a recipe is supported: the grade of each claim that its change of address needs, and the weakest of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from readdress.models import RouteKind
from readdress.recipe.schema import Recipe, Route

GRADES = ("observed", "official", "strong", "single", "weak", "unknown")
"""Best first: the program itself was run, the service says so, several independent sources, one, a weak one, nobody."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that the change needs to be true. ``what``: the route, step, limit or wait by its id; ``grade``: one of :data:`GRADES`."""

    what: str
    grade: str


def needed_claims(recipe: Recipe) -> list[Claim]:
    """What the change routes rest on (all routes where none changes an address), in the order of the recipe.

    A claim is as good as the best of its sources; a step without sources of its own rests on its route's. Of the ways by which an address
    may be changed one is enough, so the best of them counts.
    """
    graded = {s.id: s.grade for s in recipe.sources if s.id}
    routes = [r for r in recipe.route if r.kind is RouteKind.CHANGE] or list(recipe.route)
    claims = [c for route in routes for c in _of_route(recipe, route, graded)]
    ways = [way.grade for way in recipe.access.change]
    return [*claims, Claim("access.change", min(ways, key=GRADES.index))] if ways else claims


def _of_route(recipe: Recipe, route: Route, graded: Mapping[str, str]) -> Iterator[Claim]:
    steps = {s.id for s in route.step}
    for step in route.step:
        if not step.optional:
            yield Claim(f"{route.id}/{step.id}", _best(step.sources or route.sources, graded))
    for limit in recipe.limit:
        if steps & set(limit.of):
            yield Claim(limit.id, _best(limit.sources, graded))
    for wait in recipe.wait:
        if wait.after in steps:
            yield Claim(wait.id, _best(wait.sources, graded))


def _best(sources: Sequence[str], graded: Mapping[str, str]) -> str:
    return min((graded[s] for s in sources if s in graded), key=GRADES.index, default="unknown")


def weakest(recipe: Recipe) -> Claim:
    """The claim that the change needs and that is supported worst."""
    return max(needed_claims(recipe), key=lambda c: GRADES.index(c.grade))
