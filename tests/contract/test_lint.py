"""Every built-in recipe passes the lint, and site recipes' looks pass the hard pages too."""

from __future__ import annotations

import pytest

from readdress.recipe.lint import lint
from readdress.recipe.load import read_recipe
from tests.contract.runs import RECIPES, looks_prove_nothing_on_hard_pages

ALL = sorted(p.parent.name for p in RECIPES.glob("*/recipe.toml"))
SITES = ["django-allauth", "dokuwiki", "mediawiki", "spirit", "wordpress"]


@pytest.mark.parametrize("recipe", ALL)
def test_lint(recipe: str) -> None:
    """No finding: a warning in our own recipes is something to mend.

    One may stay, in the person's own browser: that only their word tells that a change worked, where nobody knows a mail that would.
    The recipe then says so itself, as a question.
    """
    findings = lint(RECIPES / recipe)
    known = read_recipe(RECIPES / recipe)
    if known.browser == "own" and known.unknown:
        findings = [f for f in findings if f.rule != "ends-in-check"]
    assert [str(f) for f in findings] == []


@pytest.mark.e2e
@pytest.mark.parametrize("recipe", SITES)
def test_looks(recipe: str) -> None:
    """Every look says UNKNOWN on pages that prove nothing."""
    looks_prove_nothing_on_hard_pages(recipe)
