"""Pages on which a look must prove nothing: no account's, cut off in the middle, typed into and not saved."""

from __future__ import annotations

from playwright.sync_api import Page

from readdress.models import Seen
from readdress.recipe.schema import RecipeStep
from readdress.testing.contract import HARD_PAGES
from readdress.testing.contract import NEW as THEIR_NEW
from tests.flows.walk import Walk, served

CUTS = 6


def pages_of(walk: Walk) -> dict[str, list[RecipeStep]]:
    """The looks of all routes by the page at which they look."""
    pages: dict[str, dict[str, RecipeStep]] = {}
    for step in (s for r in walk.recipe.route for s in r.step if s.id in walk.looks):
        pages.setdefault(str(step.open), {})[step.id] = step
    return {url: list(steps.values()) for url, steps in pages.items()}


def hard_pages_prove_nothing(walk: Walk) -> None:
    """Blank, signed-out, loading, banner, pending, look-alike and error pages of nobody, at the very address of each step."""
    for name, html in HARD_PAGES.items():
        with served(walk.page, html.replace(THEIR_NEW, walk.new)):
            for url, steps in pages_of(walk).items():
                walk.page.goto(url)
                for step in steps:
                    sight = walk.glance(step)
                    assert sight.seen is Seen.UNKNOWN, f"{step.id} on the page {name}: {sight}"


def cut_pages_prove_nothing_else(walk: Walk) -> None:
    """Each page as it would stand had the line broken: every look says UNKNOWN, or what the whole page proves, never the opposite."""
    for url, steps in pages_of(walk).items():
        walk.page.goto(url)
        whole = {step.id: walk.glance(step).seen for step in steps}
        html = walk.page.context.request.get(url).text()
        head = html.find("<body")
        for n in range(1, CUTS + 1):
            at = head + (len(html) - head) * n // (CUTS + 1)
            with served(walk.page, html[:at]):
                walk.page.goto(url)
                for step in steps:
                    sight = walk.glance(step)
                    told = f"{step.id}, whole {whole[step.id]}, cut at {n}/{CUTS + 1}: {sight}"
                    assert sight.seen in {Seen.UNKNOWN, whole[step.id]}, told


def typing_proves_nothing(walk: Walk, step: RecipeStep, field: str) -> None:
    """A person has typed NEW into the field and not saved it: the look, which watches them, must not take that for done."""
    walk.open(step)
    page: Page = walk.page
    page.locator(field).fill(walk.new)
    sight = walk.glance(step)
    assert sight.seen is not Seen.DONE, f"{step.id}: {sight}"
