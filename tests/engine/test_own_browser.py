"""What is special where the person's own browser is used: codes are shown, no page comes up twice, mail stands in for a read-back."""

from __future__ import annotations

from datetime import timedelta

from fake_service import EMAILS, HOST
from rig import ID, NEW, OLD, Rig

from readdress.engine.recognising import recognise
from readdress.engine.tools import Ended
from readdress.models import Answer, Ask, Question, Slot, StepStatus, Verdict
from readdress.models.events import slot_verdict
from readdress.recipe.schema import Recipe
from readdress.testing.fakes import Rule

OWN = {"browser": "own", "browser_why": {"en": "refused", "zh": "拒绝"}}


def test_a_code_that_may_be_asked_for_is_shown_when_it_comes() -> None:
    """One step asks for the code and types it: it appears beside the open question, once, and only the person ends the step."""
    rig = Rig("one_step", **OWN)

    def types_it(question: Question) -> str | None:
        if question.step != "change_by_code":
            return "done"
        if not rig.service.letters:
            rig.service.add(NEW, by="person")
        code = rig.service.letters[-1].code
        shown = [n.text.en for n in rig.person.told if code in n.text.en]
        if not shown:
            return None
        assert len(shown) == 1
        assert [n for n in rig.person.told if code in n.text.zh]
        rig.service.addresses = {NEW: "verified"}
        return "done"

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=types_it))
    rig.run()
    assert rig.status("change_by_code") is StepStatus.DONE
    assert rig.step("change_by_code").by == "person"


def test_an_optional_code_that_never_comes_holds_nothing_up() -> None:
    """The service asks for no code this time: the person goes on, nothing waits for a mail."""
    rig = Rig("one_step", steps={"change_by_code": {"optional": True}}, **OWN)
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says="done"))
    outcome = rig.run()
    assert rig.step("change_by_code").by == "person"
    assert outcome.ended is Ended.NEEDS_PERSON


def test_an_optional_step_shows_its_code_when_it_is_there_and_does_not_wait_for_it() -> None:
    """The step after the one that asked: with the code in hand at once, or without any, never stuck."""
    for asks in (True, False):
        rig = Rig("add", steps={"confirm": {"optional": True}, "remove_old": None}, **OWN)
        seen: list[str] = []

        def by_hand(question: Question, rig: Rig = rig, asks: bool = asks, seen: list[str] = seen) -> str:
            if question.step == "add_address" and asks:
                rig.service.add(NEW, by="person")
            if question.step == "confirm":
                seen.append(question.body.en)
            return "done"

        rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=by_hand))
        before = rig.clock.monotonic()
        rig.run()
        assert rig.status("confirm") is StepStatus.DONE
        if asks:
            assert rig.service.letters[-1].code in seen[0]
        else:
            assert "The code is" not in seen[0]
            assert rig.clock.monotonic() - before < rig.patience.mail


def test_the_page_is_shown_only_by_the_step_that_names_it() -> None:
    """A step without a page of its own goes on in the one that stands there: the home page does not come up over it."""
    rig = Rig("replace", steps={"change": {"open": None}}, **OWN)
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says="done"))
    rig.run()
    assert f"https://{HOST}/" not in rig.own.opened
    assert EMAILS in rig.own.opened


def removal(rig: Rig) -> None:
    def by_hand(question: Question) -> str:
        if question.step == "add_address":
            rig.service.add(NEW, by="person")
        if question.step == "remove_old":
            rig.service.addresses.pop(OLD, None)
        return "done"

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=by_hand))


def test_old_stays_until_the_service_wrote_to_new() -> None:
    """Nothing can be read back there, and the person's word does not unlock the removal."""
    rig = Rig("add", **OWN)
    removal(rig)
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_PERSON
    assert "has proved the change" in outcome.message
    assert rig.status("remove_old") is StepStatus.PENDING
    assert OLD in rig.service.addresses


def test_a_mail_to_new_unlocks_the_removal_after_the_cooling_time() -> None:
    """What a read-back is elsewhere, the service's own mail to NEW is here; the day of cooling counts from it."""
    rig = Rig("add", **OWN)
    removal(rig)
    rig.run()
    rig.journal.record(slot_verdict(ID, Slot.SIGN_IN, Verdict.PROVEN, "the service wrote to NEW"))
    assert rig.run().ended is Ended.NEEDS_TIME
    rig.clock.advance(timedelta(days=1, minutes=1).total_seconds())
    rig.run()
    assert rig.status("remove_old") is StepStatus.DONE
    assert rig.step("remove_old").by == "person"
    assert OLD not in rig.service.addresses


def test_the_person_says_which_way_is_theirs() -> None:
    """With several ways and no page that can be read, the first one is not taken for granted; the answer is kept."""
    rig = Rig("replace", **OWN)
    data = rig.recipe.model_dump(mode="json", by_alias=True, exclude_none=True)
    data["route"].append(data["route"][0] | {"id": "other", "title": {"en": "The other way", "zh": "另一种方式"}})
    recipe = Recipe.model_validate(data)
    rig.person.rules.insert(0, Rule(Ask.CHOOSE, "Which way", says=lambda q: Answer(q.id, "other")))
    tools, account = rig._tools(), rig.journal.account(ID)
    route = recognise(tools, account, rig.pack, recipe, recipe.route)
    assert getattr(route, "id", "") == "other"
    assert [c.key for q in rig.asked(Ask.CHOOSE) for c in q.choices] == ["standard", "other", "stop"]
