"""Pages on which a look must prove nothing: no account's, cut off in the middle, typed into and not saved."""

from __future__ import annotations

from playwright.sync_api import Page

from readdress.models import Seen
from readdress.recipe.schema import RecipeStep
from readdress.testing.contract import HARD_PAGES

from tests.flows.walk import Walk, served

CUTS = 8


def steps_with_looks(walk: Walk) -> list[RecipeStep]:
    """Every step of every route that has a look, once for each page it looks at."""
    found = {(s.id, s.open): s for r in walk.recipe.route for s in r.step if s.id in walk.looks}
    return list(found.values())


def hard_pages_prove_nothing(walk: Walk) -> None:
    """Blank, signed-out, loading, banner, pending, look-alike and error pages of nobody, at the very address of each step."""
    for name, html in HARD_PAGES.items():
        with served(walk.page, html.replace("@new.example.org", "@" + walk.new.partition("@")[2]).replace("ann@", walk.new.partition("@")[0] + "@")):
            for step in steps_with_looks(walk):
                walk.open(step)
                sight = walk.glance(step)
                assert sight.seen is Seen.UNKNOWN, f"{step.id} on the page {name}: {sight}"


def cut_pages_prove_nothing_else(walk: Walk, step: RecipeStep) -> None:
    """The step's real page as it would stand had the line broken: UNKNOWN, or what the whole page proves, never the opposite."""
    whole = walk.look(step).seen
    assert step.open
    html = walk.page.context.request.get(step.open).text()
    head = html.find("<body")
    for n in range(1, CUTS + 1):
        at = head + (len(html) - head) * n // (CUTS + 1)
        with served(walk.page, html[:at]):
            walk.open(step)
            sight = walk.glance(step)
        assert sight.seen in {Seen.UNKNOWN, whole}, f"{step.id}, whole {whole}, cut at {n}/{CUTS + 1}: {sight}"


def typing_proves_nothing(walk: Walk, step: RecipeStep, field: str) -> None:
    """A person has typed NEW into the field and not saved it: the look, which watches them, must not take that for done."""
    walk.open(step)
    page: Page = walk.page
    page.locator(field).fill(walk.new)
    sight = walk.glance(step)
    assert sight.seen is not Seen.DONE, f"{step.id}: {sight}"
