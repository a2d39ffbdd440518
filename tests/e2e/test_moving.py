"""Each program, from the first command to a read-back address, with nothing of the person but a password and a "yes"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from readdress.models import Ask
from tests.e2e.stage import NEW, OLD, Result, Stage

Staged = Callable[..., Stage]


def check_moved(s: Stage) -> None:
    """The document says read_back, and the program's own database agrees."""
    account = s.account()
    assert account["verdict"] == "read_back", account
    assert account["finished"]
    assert account["wait"] is None
    assert not account["in_doubt"]
    assert s.target.address() == NEW


def check_nothing_left(s: Stage, service: str) -> None:
    """A second run says that there is nothing to do, and starts neither a browser nor an act."""
    before = s.armed()
    for again in (s.move(service), s.migrate("resume")):
        assert again.code == 0
        assert again.browsers == 0
        assert "nothing" in again.out.lower()
    assert s.armed() == before


@pytest.mark.parametrize("name", ["links", "codes"])
def test_an_address_is_added_and_the_old_one_goes_a_day_later(stage: Staged, name: str) -> None:
    """OLD stays until NEW has been read back and the cooling time has passed: a durable wait, exit code 4, then `resume`."""
    s = stage(name)
    first = s.move("django-allauth")
    assert first.code == 4, first
    account = s.account()
    assert account["wait"]["for"] == "time"
    assert account["slots"] == {"sign_in": "read_back", "contact": "read_back"}
    assert s.target.listed() == {NEW: (True, True), OLD: (True, False)}
    assert "remove_old" not in s.armed()

    early = s.migrate("resume")
    assert (early.code, early.browsers) == (0, 0), "what waits for a time is left alone until then"

    s.clock.reach(datetime.fromisoformat(account["wait"]["until"]))
    late = s.migrate("resume")
    assert late.code == 0, late
    check_moved(s)
    assert s.target.listed() == {NEW: (True, True)}
    for what in ("email_added", "email_confirmed", "primary_changed", "email_removed"):
        assert len(s.target.effects(what)) == 1, f"{what} happened more than once, or not at all"
    check_nothing_left(s, "django-allauth")


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("single", "django-allauth"),
        ("single_code", "django-allauth"),
        ("wordpress", "wordpress"),
        ("dokuwiki", "dokuwiki"),
        ("spirit", "spirit"),
        ("mediawiki", "mediawiki"),
    ],
)
def test_the_address_is_replaced(stage: Staged, name: str, service: str) -> None:
    """One command, ended with 0 and read back; the person agreed to it by name first, and nothing is left to do."""
    s = stage(name)
    result: Result = s.move(service)
    assert result.code == 0, result
    check_moved(s)
    (consent,) = s.asked(Ask.CONSENT)
    assert OLD in consent.body.en
    assert NEW in consent.body.en
    assert len(s.armed()) == len(set(s.armed())), "an act was done twice"
    check_nothing_left(s, service)
