"""Runs the cases of one built-in recipe as tests: what `migrate recipes check` does, one test a case."""

from __future__ import annotations

import os
from pathlib import Path

from readdress.testing.contract import check_looks, run_case
from readdress.testing.replica import Case, load_cases

RECIPES = Path(__file__).parents[2] / "recipes"


def cases(recipe: str) -> list[Case]:
    """The cases of a recipe that are marked ``ci``; all of them with ``READDRESS_SOAK=1``, which takes most of an hour."""
    found = load_cases(RECIPES / recipe)
    if os.environ.get("READDRESS_SOAK") == "1":
        return found
    marked = [c for c in found if c.ci]
    assert marked, f"no case of {recipe} is marked ci: an ordinary run would prove nothing"
    return marked


def ends_well(recipe: str, case: Case) -> None:
    """The case ends as its file says, whatever the replica's variant does."""
    problem = run_case(RECIPES / recipe, case)
    assert not problem, problem


def looks_prove_nothing_on_hard_pages(recipe: str) -> None:
    """No look says done or not done on a page that proves nothing."""
    problem = check_looks(RECIPES / recipe)
    assert not problem, problem
