"""Every built-in recipe passes the lint, and site recipes' looks pass the hard pages too."""

from __future__ import annotations

import pytest

from readdress.recipe.lint import lint
from tests.contract.runs import RECIPES, looks_prove_nothing_on_hard_pages

ALL = sorted(p.parent.name for p in RECIPES.glob("*/recipe.toml"))
SITES = ["django-allauth", "dokuwiki", "mediawiki", "spirit", "wordpress"]


@pytest.mark.parametrize("recipe", ALL)
def test_lint(recipe: str) -> None:
    """No finding at all: a warning in our own recipes is something to mend."""
    findings = [str(f) for f in lint(RECIPES / recipe)]
    assert findings == []


@pytest.mark.e2e
@pytest.mark.parametrize("recipe", SITES)
def test_looks(recipe: str) -> None:
    """Every look says UNKNOWN on pages that prove nothing."""
    looks_prove_nothing_on_hard_pages(recipe)
