"""The recipe contract of `discuz` on the replica that another hand wrote from the facts."""

from __future__ import annotations

import pytest

from readdress.engine.tools import Ended
from readdress.models import StepStatus
from readdress.testing.replica import Case
from readdress.testing.samples import OLD
from tests.contract.runs import cases, ends_well, gone, looks_prove_nothing_on_hard_pages


@pytest.mark.e2e
@pytest.mark.parametrize("case", cases("discuz"), ids=lambda c: c.name)
def test_case(case: Case) -> None:
    """The engine with this recipe ends the case as a careful person would."""
    ends_well("discuz", case)


@pytest.mark.e2e
def test_looks() -> None:
    """Every look says UNKNOWN on blank, signed-out, loading, banner, pending, look-alike and error pages."""
    looks_prove_nothing_on_hard_pages("discuz")


QQ_STEPS = ("set_password", "unbind_qq", "read_unbound")


@pytest.mark.e2e
@pytest.mark.parametrize("qq", ["bound", "created"])
def test_unbinding_qq(qq: str) -> None:
    """The route beside the change frees the account from QQ, and reads that back after signing in again; the address stays as it is.

    An account that QQ made gets its own password first, by the person: else unbinding would lock them out.
    """
    case = Case("unbind", "", "moved", {"qq": qq, "start": "signed_in", "captcha": "none"})
    outcome, replica, journal = gone("discuz", case, "unbind_qq")
    assert outcome.ended is Ended.DONE, outcome
    acts = [a["act"] for a in replica.acts]
    assert acts.count("unbind_qq") == 1 and acts.index("unbind_qq") < len(acts) - 1 - acts[::-1].index("sign_in")
    assert ("set_password" in acts) is (qq == "created") and "request_change" not in acts
    assert not replica.bound and not replica.no_password and replica.address["address"] == OLD
    assert [journal.step("a1", "unbind_qq", s).status for s in QQ_STEPS] == [StepStatus.DONE] * 3


@pytest.mark.e2e
def test_unbinding_qq_by_hand() -> None:
    """A person who stops where the account has no password yet keeps QQ as their way in: nothing is unbound."""
    case = Case("stops", "", "person", {"qq": "created", "start": "signed_in", "captcha": "none"}, more={"stops": True})
    outcome, replica, _ = gone("discuz", case, "unbind_qq")
    assert outcome.ended is Ended.NEEDS_PERSON and replica.bound and replica.no_password
    assert not {"unbind_qq", "set_password", "request_change"} & {a["act"] for a in replica.acts}
