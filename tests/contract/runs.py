"""Runs the cases of one built-in recipe as tests: what `migrate recipes check` does, one test a case."""

from __future__ import annotations

from pathlib import Path

from readdress.testing.contract import check_looks, run_case
from readdress.testing.replica import Case, load_cases

RECIPES = Path(__file__).parents[2] / "recipes"


def cases(recipe: str) -> list[Case]:
    """All cases of a recipe."""
    return load_cases(RECIPES / recipe)


def ends_well(recipe: str, case: Case) -> None:
    """The case ends as its file says, whatever the replica's variant does."""
    problem = run_case(RECIPES / recipe, case)
    assert not problem, problem


def looks_prove_nothing_on_hard_pages(recipe: str) -> None:
    """No look says done or not done on a page that proves nothing."""
    problem = check_looks(RECIPES / recipe)
    assert not problem, problem
