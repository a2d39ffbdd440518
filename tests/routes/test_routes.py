"""Ways beside the change: taking it back, saving, appealing; through the real engine with a recipe of the person's own browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readdress.engine.tools import Ended, Patience
from readdress.errors import UsageError
from readdress.models import Account, Ask, Kind, OldState, Slot, StepStatus, Verdict
from readdress.models.events import factor, old_state, wait_set
from readdress.testing.fakes import FakeMail, FakeSecrets, Rule, ScriptedPerson
from readdress.workflow.adapters import Adapters
from readdress.workflow.migration import Migration
from readdress.workflow.routes import UNDONE, go, undo, ways

RECIPE = """
format = 1
id = "orchard"
name = { en = "Orchard", zh = "果园" }
home = "https://orchard.example.com/"
hosts = ["orchard.example.com"]
browser = "own"
browser_why = { en = "It refuses others.", zh = "拒绝其他浏览器。" }
slots = ["sign_in"]
checked = 2026-11-24
proof = "documents"

[[sources]]
id = "help"
url = "https://orchard.example.com/help"
says = "How it is done."
grade = "official"

[access]
sign_in = [{ needs = ["password"] }]
change = [{ needs = ["session"] }]

[[route]]
id = "standard"
kind = "change"
change = "add"
slots = ["sign_in"]
needs = ["session"]
%(undo)s

[[route.step]]
id = "change_address"
title = { en = "Change it", zh = "更改" }
manual = { en = "Type {new}.", zh = "填写 {new}。" }
open = "https://orchard.example.com/settings"
slot = "sign_in"
reaches = "submitted"

%(more)s
"""
BACK = """
[[route]]
id = "back"
kind = "undo"
slots = ["sign_in"]
needs = ["session", "old_mailbox"]

[[route.step]]
id = "put_old_back"
title = { en = "Put it back", zh = "改回" }
manual = { en = "Type {old}.", zh = "填写 {old}。" }
open = "https://orchard.example.com/settings"
slot = "sign_in"

[[route]]
id = "keep"
kind = "save"

[[route.step]]
id = "export"
kind = "save"
title = { en = "Export it", zh = "导出" }
manual = { en = "Press Export.", zh = "点击导出。" }
open = "https://orchard.example.com/export"

[[route]]
id = "plead"
kind = "appeal"
needs = ["phone"]

[[route.step]]
id = "write_to_them"
kind = "prepare"
title = { en = "Write to them", zh = "联系客服" }
manual = { en = "Write.", zh = "写信。" }
open = "https://orchard.example.com/appeal"
"""


class Opened:
    """The person's everyday browser."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def open(self, url: str) -> bool:
        """Remember."""
        self.urls.append(url)
        return True


Make = Callable[..., tuple[Migration, Account, ScriptedPerson]]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """``made(rules, back=True)``: a migration with one account at Orchard, and the person who answers."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path / "home"))
    opened: list[Migration] = []

    def make(*rules: Rule, back: bool = True) -> tuple[Migration, Account, ScriptedPerson]:
        folder = tmp_path / "recipes" / "orchard"
        folder.mkdir(parents=True, exist_ok=True)
        parts = {"undo": 'undo = "back"' if back else "", "more": BACK if back else ""}
        (folder / "recipe.toml").write_text(RECIPE % parts, encoding="utf-8")
        person = ScriptedPerson(rules or [Rule(says="done")])
        adapters = Adapters(
            person=person,
            secrets=FakeSecrets(),
            own_browser=Opened(),
            patience=Patience(mail=1, person=5, look_every=0.05),
        )
        adapters.mail = FakeMail({}, adapters.the_clock())
        m = Migration.create(
            "ann@example.com",
            "ann@example.org",
            state=tmp_path / "me.readdress",
            adapters=adapters,
            recipes=[folder.parent],
        )
        opened.append(m)
        return m, m.add("orchard", slots=[Slot.SIGN_IN]), person

    yield make
    for m in opened:
        m.close()


def facts(m: Migration, account: Account) -> dict[str, Any]:
    """What is written down that another route could disturb."""
    return {"route": m.state.route(account.id), "wait": m.state.wait(account.id)}


def test_undo_takes_the_change_back_and_the_account_can_be_moved_again(made: Make) -> None:
    """The slot falls, the steps that had moved it are open again, resume can be told to leave it alone; a move on purpose clears that."""
    m, account, person = made()
    go(m, account, "standard")
    assert m.state.account(account.id).slots[Slot.SIGN_IN].verdict.rank >= Verdict.CLAIMED.rank
    before = facts(m, account)
    outcome = undo(m, m.state.account(account.id))
    assert outcome.ended is Ended.DONE and "bound to the old address again" in outcome.message
    after = m.state.account(account.id)
    assert after.slots[Slot.SIGN_IN].verdict is Verdict.FOUND
    assert facts(m, account) == before, "the chosen route and the wait are the move's own"
    assert m.state.step(account.id, "standard", "change_address").status is StepStatus.NOT_DONE
    assert m.state.step(account.id, "back", "put_old_back").status is StepStatus.DONE
    assert m.state.facts(account.id)[UNDONE]
    assert "ann@example.com" in person.shown()
    again = undo(m, after)
    assert again.ended is Ended.NOTHING_TO_DO and "nothing to take back" in again.message
    asked = len(person.asked)
    go(m, after, "standard")
    assert len(person.asked) > asked, "the move is done once more, not taken for done"
    assert UNDONE not in m.state.facts(account.id)
    assert undo(m, m.state.account(account.id)).ended is Ended.DONE, "and can be taken back once more"
    assert m.check() == []


def test_nothing_changed_nothing_to_undo(made: Make) -> None:
    """Whoever asks too early is told so; nobody is asked anything."""
    m, account, person = made()
    outcome = undo(m, account)
    assert outcome.ended is Ended.NOTHING_TO_DO and person.asked == []


def test_undo_that_stops_in_the_middle_goes_on_later(made: Make) -> None:
    """Stopped by the person: nothing falls yet, no wait of the move is touched; the same command goes on."""
    m, account, person = made(Rule(match="Change it", says="done"), Rule(match="Put it back", says="stop", times=1), Rule(match="Put it back", says="done"))  # fmt: skip
    go(m, account, "standard")
    m.record(wait_set(account.id, "time", "cooling"))
    before = facts(m, account)
    outcome = undo(m, m.state.account(account.id))
    assert (outcome.ended, outcome.todo) == (Ended.NEEDS_PERSON, "Go on with: migrate undo orchard")
    assert m.state.account(account.id).slots[Slot.SIGN_IN].verdict.rank >= Verdict.CLAIMED.rank
    assert facts(m, account) == before
    # the step was armed: before it is shown again the person is asked whether it happened
    person.rules.insert(0, Rule(Ask.IN_DOUBT, says="no"))
    assert undo(m, m.state.account(account.id)).ended is Ended.DONE
    assert facts(m, account) == before


def test_no_way_back_is_said_plainly_with_what_can_be_done(made: Make) -> None:
    """No recipe for it: where OLD was not taken away yet that is the way; with OLD gone there is none at all."""
    m, account, person = made(back=False)
    go(m, account, "standard")
    asked = len(person.asked)
    outcome = undo(m, m.state.account(account.id))
    assert outcome.ended is Ended.NEEDS_PERSON and outcome.message == "No way back is known for Orchard."
    assert "was not taken away" in outcome.todo and "https://orchard.example.com/settings" in outcome.todo
    m.record(old_state(OldState.DEAD))
    assert "is gone" in undo(m, m.state.account(account.id)).todo
    assert len(person.asked) == asked


def test_a_way_back_that_needs_old_is_closed_when_old_is_gone(made: Make) -> None:
    """It would only fail at the service."""
    m, account, person = made()
    go(m, account, "standard")
    m.record(old_state(OldState.DEAD))
    asked = len(person.asked)
    outcome = undo(m, m.state.account(account.id))
    assert "needs the old mailbox" in outcome.message and len(person.asked) == asked


def test_saving_is_a_route_of_its_own_and_may_be_done_again(made: Make) -> None:
    """It moves no slot, chooses no route, and saves anew each time: last year's export says nothing about today."""
    m, account, person = made()
    before = facts(m, account)
    for n in (1, 2):
        assert go(m, account, "keep").ended is Ended.DONE
        assert sum(q.ask is Ask.HAND_OVER for q in person.asked) == n
    assert facts(m, account) == before
    assert m.state.account(account.id).slots[Slot.SIGN_IN].verdict is Verdict.FOUND
    assert Kind.ROUTE_CHOSEN not in {e.kind for e in m.log(account.id)}


def test_what_the_person_lacks_closes_a_way_and_what_is_unknown_does_not(made: Make) -> None:
    """ "I have no phone" is believed; never having spoken of it is not "no"."""
    m, account, person = made()
    assert go(m, account, "plead").ended is Ended.DONE
    m.record(factor("phone", held=False))
    asked = len(person.asked)
    outcome = go(m, account, "plead")
    assert outcome.ended is Ended.NEEDS_PERSON and "phone" in outcome.message and len(person.asked) == asked
    listed = {w.id: w for w in ways(m, account)}
    assert list(listed) == ["standard", "back", "keep", "plead"]
    assert listed["plead"].lacks == ("phone",) and (listed["plead"].done, listed["plead"].steps) == (1, 1)


def test_an_unknown_route_names_those_that_there_are(made: Make) -> None:
    """A slip of the keyboard costs nothing."""
    m, account, _ = made()
    with pytest.raises(UsageError) as error:
        go(m, account, "keeep")
    assert "standard, back, keep, plead" in error.value.todo
