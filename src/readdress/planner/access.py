"""The access model: what a recipe says about ways in, as plain data of the planner, and the guess where there is no recipe (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from readdress.models import Change, RouteKind, Text

if TYPE_CHECKING:
    from readdress.recipe.schema import FactorSet, Recipe, Route

UNKNOWN = "unknown"
"""The grade of what nobody could establish."""

ROUTE = "route"
"""The grade of what only the route's own needs say."""

GUESS = "guess"
"""The grade of what no recipe says: it is never stated as a fact."""


@dataclass(frozen=True, slots=True)
class Way:
    """Factors that together open something (all of ``needs``). ``minutes``: what it takes, waiting included.

    ``grade``: of the recipe's sources, or :data:`GUESS`.
    """

    needs: frozenset[str]
    minutes: int = 5
    grade: str = UNKNOWN
    note: Text | None = None

    @property
    def by_support(self) -> bool:
        """Whether people at the service decide: such a way is hoped for, never counted on."""
        return "support" in self.needs


@dataclass(frozen=True, slots=True)
class Path:
    """One route of a recipe as far as planning goes. ``steps``: ids in order, without the optional ones.

    ``loses`` and ``gains``: factors that its steps take away from the account and give to it.
    """

    id: str
    kind: RouteKind
    needs: frozenset[str] = frozenset()
    change: Change | None = None
    loses: frozenset[str] = frozenset()
    gains: frozenset[str] = frozenset()
    steps: tuple[str, ...] = ()
    removes: bool = False
    cooling: timedelta = timedelta(0)
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """So many a week or a year: ``count`` of the steps ``of`` within any ``within``."""

    id: str
    of: frozenset[str]
    count: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Rest:
    """Cooling-off: for ``lasts`` after step ``after`` the steps ``closed`` are not possible."""

    after: str
    lasts: timedelta
    closed: frozenset[str]
    reason: Text


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of one service. ``guessed``: which of ``sign_in``, ``change``, ``recover`` are our guess, not a recipe's word.

    ``has_recipe``: somebody wrote one; ``guided``: without one, the person is still guided. ``asks``: what nobody could establish, as
    the recipe puts it to the person.
    """

    id: str
    name: Text
    category: str = "other"
    sign_in: tuple[Way, ...] = ()
    change: tuple[Way, ...] = ()
    recover: tuple[Way, ...] = ()
    supplies: frozenset[str] = frozenset()
    paths: tuple[Path, ...] = ()
    caps: tuple[Cap, ...] = ()
    rests: tuple[Rest, ...] = ()
    guessed: frozenset[str] = frozenset()
    has_recipe: bool = True
    guided: bool = False
    asks: tuple[Text, ...] = ()

    def of_kind(self, kind: RouteKind) -> list[Path]:
        """Its routes of that kind, in the recipe's order."""
        return [p for p in self.paths if p.kind is kind]


_PASSWORD = (Way(frozenset({"password"}), 5, GUESS),)


def service_of(recipe: Recipe) -> Service:
    """The recipe as the planner sees it.

    Where it names no way to sign in, a password is the guess. No way to change: the routes' own needs decide. No way to recover:
    nothing is guessed, for nobody could establish one.
    """
    access = recipe.access
    return Service(
        id=recipe.id,
        name=recipe.name,
        category=recipe.category,
        sign_in=_ways(access.sign_in) or _PASSWORD,
        change=_ways(access.change),
        recover=_ways(access.recover),
        supplies=frozenset(access.supplies),
        paths=tuple(_path(r) for r in recipe.route),
        caps=tuple(Cap(c.id, frozenset(c.of), c.count, c.within) for c in recipe.limit),
        rests=tuple(Rest(w.after, w.lasts, frozenset(w.closed), w.reason) for w in recipe.wait),
        guessed=frozenset() if access.sign_in else frozenset({"sign_in"}),
        asks=tuple(q.text for q in recipe.unknown),
    )


def guided_service(recipe: Recipe) -> Service:
    """A service without a recipe of its own, out of the generic one: its sign-in is what the catalogue of services says, all else a guess."""
    bare = unknown_service(recipe.id)
    ways = tuple(Way(frozenset(s.needs), 5, GUESS) for s in recipe.access.sign_in)
    return replace(
        bare,
        name=recipe.name,
        category=recipe.category,
        sign_in=ways or bare.sign_in,
        supplies=frozenset(recipe.access.supplies),
        paths=tuple(_path(r) for r in recipe.route),
        guided=True,
        asks=tuple(q.text for q in recipe.unknown),
    )


def unknown_service(service: str) -> Service:
    """A service without a recipe: most sites sign in with a password, mail a new one to the address on file, and change it in the settings."""
    return Service(
        id=service,
        name=Text(service, service),
        sign_in=_PASSWORD,
        change=(Way(frozenset({"session", "new_mailbox"}), 15, GUESS),),
        recover=(Way(frozenset({"old_mailbox"}), 10, GUESS),),
        paths=(Path("by_hand", RouteKind.CHANGE, frozenset({"session"}), Change.REPLACE),),
        guessed=frozenset({"sign_in", "change", "recover"}),
        has_recipe=False,
    )


def _ways(sets: Iterable[FactorSet]) -> tuple[Way, ...]:
    return tuple(Way(frozenset(s.needs), max(1, int(s.cost.total_seconds()) // 60), s.grade, s.note) for s in sets)


def _path(route: Route) -> Path:
    gains: set[str] = set()
    loses: set[str] = set()
    for step in route.step:  # what a later step loses is gone, whatever an earlier one gave
        loses = (loses - set(step.gains)) | set(step.loses)
        gains = (gains | set(step.gains)) - set(step.loses)
    return Path(
        id=route.id,
        kind=route.kind,
        needs=frozenset(route.needs),
        change=route.change,
        loses=frozenset(loses),
        gains=frozenset(gains),
        steps=tuple(s.id for s in route.step if not s.optional),
        removes=any(s.removes for s in route.step),
        cooling=route.cooling,
        title=route.title,
    )
