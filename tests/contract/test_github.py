"""The recipe contract of `github` on the replica that another hand wrote from the facts."""

from __future__ import annotations

import pytest

from readdress.testing.replica import Case
from tests.contract.runs import cases, ends_well, looks_prove_nothing_on_hard_pages


@pytest.mark.e2e
@pytest.mark.parametrize("case", cases("github"), ids=lambda c: c.name)
def test_case(case: Case) -> None:
    """The engine with this recipe ends the case as a careful person would."""
    ends_well("github", case)


@pytest.mark.e2e
def test_looks() -> None:
    """Every look says UNKNOWN on blank, signed-out, loading, banner, pending, look-alike and error pages."""
    looks_prove_nothing_on_hard_pages("github")
