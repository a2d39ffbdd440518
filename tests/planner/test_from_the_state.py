"""From the state file to the situation: what is read, what counts more, what has ended; and the one thing to do that follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from readdress import Migration
from readdress.models import OldState, Slot, Verdict
from readdress.models.events import (
    account_added,
    account_closed,
    fact,
    factor,
    limit_used,
    old_state,
    provider_state,
    route_chosen,
    slot_verdict,
    wait_set,
)
from readdress.planner.plan import Can
from readdress.planner.situation import Holding
from readdress.testing.fakes import FakeClock
from readdress.workflow.adapters import Adapters
from readdress.workflow.planning import hold, planned, situation_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ALL = ("password", "phone", "trusted_device")


@pytest.fixture
def m(tmp_path, monkeypatch) -> Iterator[Migration]:
    """A migration with GitHub, Microsoft and a service that nobody has written a recipe for."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path))
    adapters = Adapters(clock=FakeClock(NOW))
    made = Migration.create(
        "ann@old.example.net", "ann@new.example.org", state=tmp_path / "me.readdress", adapters=adapters
    )
    with made:
        made.record(
            account_added("g", "github", login="ann", slots=[Slot.SIGN_IN, Slot.CONTACT]),
            account_added("m", "microsoft", slots=list(made.catalogue.recipe("microsoft").important)),
            account_added("o", "orchard.example", slots=[Slot.SIGN_IN]),
        )
        yield made


def found(m: Migration, account: str) -> Holding:
    """The account as the planner sees it."""
    return next(a for a in situation_of(m).accounts if a.id == account)


def test_nothing_said_takes_passwords_for_granted(m) -> None:
    """One thing said, and only what was said counts."""
    assert situation_of(m).assumed
    assert found(m, "g").held == {"password"}
    m.record(factor("phone", held=True))
    assert not situation_of(m).assumed
    assert found(m, "g").held == {"phone"}


def test_what_an_account_says_counts_more(m) -> None:
    """Held for all, not for this one; the session and where it lives; a link."""
    m.record(
        factor("password", held=True),
        factor("password", held=False, account="m"),
        factor("session", held=True, account="g", where="laptop"),
        fact("from:password", "o"),
        fact("from:password", "m", "g"),
    )
    assert found(m, "m").held == frozenset()
    assert found(m, "g").held == {"password", "session"}
    assert found(m, "g").session == "laptop"
    assert (found(m, "g").links, found(m, "m").links) == ({"password": "m"}, {"password": "o"})


def test_closed_accounts_are_out_and_moved_ones_are_done(m) -> None:
    """Moved: every slot that a change moves was read back; one that is only confirmed is not."""
    for slot in m.catalogue.recipe("microsoft").important:
        m.record(slot_verdict("m", slot, Verdict.READ_BACK))
    m.record(account_closed("o"))
    plan = m.plan()
    assert [p.account for p in plan] == ["g", "m"]
    assert plan.find("m").can is Can.DONE
    m.record(slot_verdict("m", next(iter(m.catalogue.recipe("microsoft").important)), Verdict.STRAGGLER))
    assert m.plan().find("m").can is not Can.DONE


def test_limits_and_waits_of_the_state_count(m) -> None:
    """Microsoft adds two aliases a week; a wait that runs is the next possible moment."""
    m.record(*(factor(f, held=True) for f in ALL))
    assert m.plan().find("m").at is None
    m.record(wait_set("m", "time", "security hold", until=NOW + timedelta(days=3)), route_chosen("g", "standard"))
    place = m.plan().find("m")
    assert (place.can, place.at) == (Can.LATER, NOW + timedelta(days=3))
    m.record(limit_used("m", "aliases_a_week"), limit_used("m", "aliases_a_week"))
    assert found(m, "m").uses == {"aliases_a_week": (NOW, NOW)}
    assert found(m, "g").route == "standard"


def test_what_was_to_end_by_now_has_ended(m) -> None:
    """Until the person says that it lives."""
    yesterday, tomorrow = NOW - timedelta(days=1), NOW + timedelta(days=1)
    m.record(old_state(OldState.ALIVE, yesterday), provider_state("qq", OldState.ALIVE, tomorrow))
    s = situation_of(m)
    assert (s.old, s.providers["qq"]) == (OldState.DEAD, (OldState.ALIVE, tomorrow))
    m.record(old_state(OldState.ALIVE))
    assert situation_of(m).old is OldState.ALIVE


def test_without_a_recipe_all_is_a_guess(m) -> None:
    """It is never stated as a fact, stands last, and the person is guided by hand."""
    place = list(m.plan())[-1]
    assert place.account == "o"
    assert "a guess" in place.why.en
    assert found(m, "o").service.guessed == {"sign_in", "change", "recover"}


def test_hold_says_nothing_twice(m) -> None:
    """Events for what is new only; taking a factor back takes its link along."""
    assert len(hold(m, ["", "g"], have=["phone"], source="m")) == 4
    m.record(*hold(m, ["g"], have=["session"], where="phone"), *hold(m, ["g"], have=["phone"], source="m"))
    assert hold(m, ["g"], have=["session", "phone"]) == []
    assert hold(m, ["g"], have=["session"], where="phone") == []
    moved = hold(m, ["g"], have=["session"], where="laptop")
    assert [d.data["where"] for d in moved] == ["laptop"]
    taken = hold(m, ["g"], lack=["phone"])
    assert len(taken) == 2
    m.record(*taken)
    assert found(m, "g").links == {}


def test_the_next_thing_goes_with_the_state(m) -> None:
    """From what is held, over NEW, to the accounts, to waiting, to the end."""
    assert planned(m).todo.command == "migrate have"
    m.record(*(factor(f, held=True) for f in ALL))
    assert planned(m).todo.command == "migrate have --new"
    m.record(fact("new:recovery", "other"), fact("new:second_factor", "yes"))
    assert planned(m).todo.command == "migrate mailbox add new"
    from readdress.models import MailboxConfig, Side
    from readdress.models.events import mailbox_set

    m.record(mailbox_set(Side.NEW, MailboxConfig("ann@new.example.org", kind="none")))
    assert planned(m).todo.command.startswith("migrate --service ")
    until = NOW + timedelta(days=3)
    m.record(*(wait_set(a, "time", "hold", until=until) for a in "gmo"))
    todo = planned(m).todo
    assert (todo.command, todo.at) == ("migrate resume", until)
    m.record(*(account_closed(a) for a in "gmo"))
    assert planned(m).todo.command == "migrate discover"


HUB = """
format = 1
id = "{id}"
name = {{ en = "{id}", zh = "{id}" }}
hosts = ["{id}.example.com"]
browser = "own"
browser_why = {{ en = "It refuses controlled browsers.", zh = "它拒绝受控浏览器。" }}
slots = ["sign_in"]
checked = 2026-11-01
proof = "documents"
sources = [{{ url = "https://{id}.example.com/help", says = "made up", grade = "observed" }}]
access.sign_in = [{{ needs = ["{sign_in}"], grade = "official" }}]
access.supplies = {supplies}

[[route]]
id = "standard"
change = "replace"
slots = ["sign_in"]
needs = ["session"]

[[route.step]]
id = "change_address"
title = {{ en = "Change it", zh = "更改" }}
manual = {{ en = "Put {{new}} there.", zh = "填入 {{new}}。" }}
open = "https://{id}.example.com/settings"
slot = "sign_in"
reaches = "submitted"
{loses}
"""


def test_resume_leaves_what_would_close_another_account(tmp_path, monkeypatch) -> None:
    """Changing the hub's address would end the sign-in through it, which is the user's only way in: `resume` says so and touches nothing."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path))
    loses = 'loses = ["sso:hub"]'
    for name, sign_in, supplies, more in (("hub", "password", '["sso:hub"]', loses), ("user", "sso:hub", "[]", "")):
        folder = tmp_path / "recipes" / name
        folder.mkdir(parents=True)
        (folder / "recipe.toml").write_text(
            HUB.format(id=name, sign_in=sign_in, supplies=supplies, loses=more), "utf-8"
        )
    adapters = Adapters(clock=FakeClock(NOW))
    state = tmp_path / "me.readdress"
    recipes = [tmp_path / "recipes"]
    with Migration.create(
        "ann@old.example.net", "ann@new.example.org", state=state, adapters=adapters, recipes=recipes
    ) as m:
        m.record(
            account_added("h", "hub", slots=[Slot.SIGN_IN]),
            account_added("u", "user", slots=[Slot.SIGN_IN]),
            factor("password", held=True, account="h"),
            factor("sso:hub", held=True, account="u"),
            wait_set("u", "time", "hold", until=NOW + timedelta(days=1)),
        )
        assert m.plan().find("h").can is Can.BLOCKED
        outcomes = m.resume()
        assert [(o.account, o.exit_code) for o in outcomes] == [("h", 3)]
        assert "close the last way into user" in outcomes[0].message
        assert m.state.steps("h") == []
