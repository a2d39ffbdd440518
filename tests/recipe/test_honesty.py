"""No recipe of ours claims more than somebody has said: sources, senders, age, and what the lists make of them."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readdress.console.tables import route_words
from readdress.models import RouteKind
from readdress.recipe.catalogue import Catalogue
from readdress.recipe.finding import Severity
from readdress.recipe.grades import GRADES, needed_claims, weakest
from readdress.recipe.lint import lint
from readdress.recipe.load import read_recipe
from readdress.recipe.schema import Recipe
from readdress.recipe.service import CATEGORIES

FOLDER = Path(__file__).resolve().parents[2] / "recipes"
ALL = sorted(p.parent.name for p in FOLDER.glob("*/recipe.toml"))
RECIPES = {name: read_recipe(FOLDER / name) for name in ALL}
each = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
ROWS = Catalogue(entry_points=False).summaries()


def unsourced(recipe: Recipe) -> list[str]:
    """What the recipe tells without naming who said so."""
    told = [f"route {r.id}" for r in recipe.route if not r.sources and any(not s.sources for s in r.step)]
    told += [f"limit {x.id}" for x in recipe.limit if not x.sources]
    told += [f"wait {w.id}" for w in recipe.wait if not w.sources]
    ways = {w: getattr(recipe.access, w) for w in ("sign_in", "change", "recover")}
    return told + [f"{w} {f.needs}" for w, sets in ways.items() for f in sets if f.grade != "unknown" and not f.sources]


@each
def test_every_claim_has_a_source(recipe: Recipe) -> None:
    """Routes, steps, limits, waits and graded ways in: each rests on a source that the recipe names."""
    assert unsourced(recipe) == []
    assert all(c.grade in GRADES for c in needed_claims(recipe))


def test_a_claim_without_a_source_is_found() -> None:
    """The test above is able to fail, for each kind of claim."""
    google = RECIPES["google"]
    bare = {"sources": []}
    route = google.route[0]
    steps = [s.model_copy(update=bare) for s in route.step]
    spoilt = google.model_copy(
        update={
            "route": [route.model_copy(update=bare | {"step": steps}), *google.route[1:]],
            "limit": [x.model_copy(update=bare) for x in google.limit],
            "wait": [w.model_copy(update=bare) for w in google.wait],
        }
    )
    found = unsourced(spoilt)
    assert f"route {route.id}" in found
    assert {f"limit {x.id}" for x in google.limit} <= set(found)
    assert {f"wait {w.id}" for w in google.wait} <= set(found)
    assert weakest(spoilt).grade == "unknown"


@each
def test_the_mail_of_a_service_comes_from_a_sender_that_a_source_names(recipe: Recipe) -> None:
    """An invented sender would be believed. Exact addresses stand in a source, or their domain does where one rule gives many."""
    said = " ".join(f"{s.says} {s.url}" for s in recipe.sources).lower()
    for sender in {a.lower() for m in recipe.mail for a in m.sender if "{" not in a}:
        local, _, domain = sender.partition("@")
        assert sender in said or domain in said or f"{local}@" in said, sender


@pytest.mark.filterwarnings("default:.*was last checked:UserWarning")
@each
def test_its_facts_are_not_too_old(recipe: Recipe) -> None:
    """Over a year: a warning in the summary of this run. Over two: a failure."""
    age = (datetime.now(UTC).date() - recipe.checked).days
    assert age <= 730, f"{recipe.id} was last checked {age} days ago"
    if age > 365:
        warnings.warn(f"{recipe.id} was last checked {age} days ago", UserWarning, stacklevel=1)


@pytest.mark.parametrize(("days", "severity"), [(365, None), (366, Severity.WARNING), (731, Severity.ERROR)])
def test_the_lint_tells_its_age_too(days: int, severity: Severity | None) -> None:
    """What any recipe author sees with `migrate recipes check`."""
    recipe = RECIPES["google"]
    found = [f for f in lint(FOLDER / "google", today=recipe.checked + timedelta(days=days)) if f.rule == "checked"]
    assert [f.severity for f in found] == ([severity] if severity else [])


@each
def test_the_weakest_claim_is_the_worst_of_those_needed(recipe: Recipe) -> None:
    """An optional step or another kind of route does not count against the change."""
    worst = weakest(recipe)
    order = [GRADES.index(c.grade) for c in needed_claims(recipe)]
    assert GRADES.index(worst.grade) == max(order)
    kinds = {r.id for r in recipe.route if r.kind is not RouteKind.CHANGE}
    if any(r.kind is RouteKind.CHANGE for r in recipe.route):
        assert worst.what.partition("/")[0] not in kinds


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_the_list_says_how_far_and_how_sure(row) -> None:
    """One line a recipe: automatic of all steps, routes, proof and day, from the recipe itself."""
    recipe = RECIPES[row.id]
    assert row.routes == tuple(r.kind.value for r in recipe.route)
    assert 0 <= row.automatic <= row.steps
    assert (row.proof, row.checked, row.grade) == (recipe.proof, recipe.checked, weakest(recipe).grade)
    assert row.category in CATEGORIES
    if recipe.browser == "own":
        assert row.automatic == 0
    if row.proof == "documents":
        assert row.grade != "observed", "nothing was observed where no program was run"


def test_routes_are_counted_in_words() -> None:
    """As the list shows them, in both languages."""
    kinds = ("change", "recover", "change", "undo")
    assert route_words(kinds, "en") == "change 2, undo, recover"
    assert route_words(kinds, "zh") == "更改 2、撤回、找回"
    assert route_words((), "en") == ""
