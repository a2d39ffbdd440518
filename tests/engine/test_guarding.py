"""What must hold before an act: cooling and read-back before OLD goes, consent before a replacement, limits, waits, ways in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rig import ACTS, DAY, ID, LOOKS, NEW, OLD, Rig

from readdress.engine import guards
from readdress.engine.tools import Ended
from readdress.errors import NeedsPerson, NeedsTime
from readdress.models import Account, Ask, Kind, OldState, Side, Slot, SlotState, StepStatus, Verdict
from readdress.models.events import consent, factor, old_state, slot_verdict
from readdress.recipe.schema import FactorSet
from readdress.testing.fakes import START, Rule, lies


def test_old_stays_for_the_cooling_time() -> None:
    """24 hours by the state's clock since NEW was read back, to the second."""
    rig = Rig("add")
    outcome = rig.run()
    read = rig.journal.account(ID).slots[Slot.SIGN_IN].at
    assert outcome.until == read + DAY
    rig.clock.set(read + DAY - timedelta(seconds=1))
    assert rig.run().ended is Ended.NEEDS_TIME
    assert rig.service.count("remove") == 0
    rig.clock.set(read + DAY + timedelta(seconds=1))
    assert rig.run().ended is Ended.DONE
    assert rig.service.count("remove") == 1


def test_waiting_for_the_cooling_time_is_durable() -> None:
    """The wait says until when, and a resume before that presses nothing and asks nothing."""
    rig = Rig("add")
    outcome = rig.run()
    wait = rig.journal.wait(ID)
    assert wait is not None
    assert (wait.kind, wait.until) == ("time", outcome.until)
    assert outcome.exit_code == 4
    pressed = list(rig.trace)
    rig.run()
    assert rig.trace == pressed
    assert rig.person.asked == []


def test_a_recipe_may_ask_for_a_longer_cooling() -> None:
    """Thirty days are thirty days."""
    rig = Rig("add", route={"cooling": "30d"})
    assert rig.run().until is not None
    rig.later(days=29)
    assert rig.run().ended is Ended.NEEDS_TIME
    rig.later(days=2)
    assert rig.run().ended is Ended.DONE


@pytest.mark.parametrize("lost", ["dropped", "pending", "blind"])
def test_new_is_read_again_right_before_old_goes(lost: str) -> None:
    """A day lies between: what was read then is not what is there now. OLD stays."""
    rig = Rig("add")
    rig.run()
    rig.later(hours=25)
    if lost == "dropped":
        rig.service.drop_new()
    elif lost == "pending":
        rig.service.addresses[NEW] = "pending"
    else:
        rig.prepare = lambda browser: setattr(browser, "blind", True)
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_PERSON
    assert OLD in rig.service.usable()
    assert rig.service.count("remove") == 0
    assert rig.status("remove_old") is StepStatus.PENDING, "not armed either"
    if lost == "dropped":
        assert rig.verdict is Verdict.STARTED, "the verdict falls with what is seen"


def test_a_vanished_address_that_comes_back_cools_again() -> None:
    """Once NEW is there again it is read back anew, and the cooling time begins anew."""
    rig = Rig("add")
    rig.run()
    rig.later(hours=25)
    rig.service.drop_new()
    rig.run()
    rig.service.addresses[NEW] = "verified"
    assert rig.run().ended is Ended.NEEDS_TIME
    rig.later(hours=25)
    assert rig.run().ended is Ended.DONE


def test_no_removal_where_no_page_can_show_new_once_more() -> None:
    """The read-back's look is gone from the recipe since: what was read yesterday does not stand for today."""
    rig = Rig("add")
    rig.run()
    rig.later(hours=25)
    rig.pack.looks.pop("read_back")
    assert rig.run().ended is Ended.NEEDS_PERSON
    assert rig.service.count("remove") == 0


@pytest.mark.parametrize("killed_at", ["wrote:remove_old:armed", "before:remove"])
def test_removal_in_doubt_is_guarded_again(killed_at: str) -> None:
    """Armed yesterday, and the slot has fallen since: the removal is as forbidden as at first."""
    rig = Rig("add")
    rig.run()
    rig.later(hours=25)

    def boundary(now: str, before=rig.journal.boundary) -> None:
        before(now)
        if now == killed_at:
            raise KeyboardInterrupt

    rig.journal.boundary = rig._boundary = boundary
    with pytest.raises(KeyboardInterrupt):
        rig.run()
    del rig._boundary
    rig.journal.boundary = rig._boundary
    rig.journal.record(slot_verdict(ID, Slot.SIGN_IN, Verdict.STRAGGLER, "it wrote to OLD"))
    outcome = rig.run()
    # Read back anew, so it cools anew.
    assert outcome.ended is Ended.NEEDS_TIME
    assert rig.service.count("remove") == 0
    rig.later(hours=25)
    assert rig.run().ended is Ended.DONE


def test_the_persons_word_never_unlocks_the_removal() -> None:
    """NEW was claimed to be there, no page showed it: OLD stays, however much time passes."""
    rig = Rig("add", people=[lies(Ask.HAND_OVER)])
    rig.prepare = lambda browser: setattr(browser, "blind", True)
    for _ in range(3):
        outcome = rig.run()
        assert outcome.ended is Ended.NEEDS_PERSON
        assert outcome.exit_code == 3
        rig.later(days=3)
    assert rig.verdict is not Verdict.READ_BACK
    assert OLD in rig.service.usable()
    assert rig.status("remove_old") is StepStatus.PENDING


def test_a_slot_that_the_route_moves_and_nobody_read_blocks_the_removal() -> None:
    """A removal without a slot of its own needs every slot of its route."""
    rig = Rig(
        "add",
        steps={"remove_old": {"slot": None}},
        route={"slots": ["sign_in", "contact"]},
        slots=["sign_in", "contact"],
    )
    rig.run()
    rig.later(hours=25)
    assert rig.run().ended is Ended.NEEDS_PERSON
    assert rig.service.count("remove") == 0


def test_doubted_slots_do_not_unlock_the_removal() -> None:
    """A read-back from another copy of the state file is looked at again before it counts."""
    route = Rig("add").recipe.route[0]
    state = SlotState(Slot.SIGN_IN, Verdict.READ_BACK, START, doubted=True)
    account = Account("a", "service", slots={Slot.SIGN_IN: state})
    with pytest.raises(NeedsPerson):
        guards.check_removal(route, route.find("remove_old"), account, START + 9 * DAY)


# -- replacing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["replace", "replace_pending", "one_step"])
def test_a_replacement_is_consented_to_by_name(shape: str) -> None:
    """The question names service, both addresses and the login; a no is a durable stop, and it is asked again."""
    rig = Rig(
        shape,
        people=[Rule(Ask.CONSENT, says="no", times=1)],
        route={"warn": {"en": "Codes stop.", "zh": "验证码停发。"}},
    )
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_PERSON
    assert rig.service.effects == []
    body = rig.asked(Ask.CONSENT)[0].body
    for lang in (body.en, body.zh):
        assert OLD in lang
        assert NEW in lang
        assert "ann" in lang
    assert "Service" in body.en
    assert "Codes stop." in body.en
    assert not any(d["step"] != "sign_in" for d in rig.written(Kind.STEP_ARMED))
    assert rig.run().ended is Ended.DONE
    assert len(rig.asked(Ask.CONSENT)) == 2
    assert rig.run().ended is Ended.NOTHING_TO_DO


def test_consent_is_asked_once_for_a_route() -> None:
    """Two steps of one replacement, one question; taken back, it is asked again."""
    rig = Rig("replace_pending")
    rig.service.mail_fault = "lost"
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert len(rig.asked(Ask.CONSENT)) == 1
    rig.journal.record(consent(ID, "replace:standard", "", given=False))
    rig.service.mail_fault = ""
    rig.service.send(NEW)
    assert rig.run().ended is Ended.DONE
    assert len(rig.asked(Ask.CONSENT)) == 2


@pytest.mark.parametrize("shape", ["add", "replace"])
def test_new_must_be_seen_to_receive_mail_before_anything_changes(shape: str) -> None:
    """Nobody moves a life to a typing error: without a mail in NEW nothing is added and nothing replaced."""
    rig = Rig(
        shape,
        proved=False,
        people=[
            Rule(Ask.HAND_OVER, "receive mail", says="done", times=2),
            Rule(Ask.HAND_OVER, "receive mail", says="stop", times=1),
        ],
    )
    rig.journal.record(factor("phone", held=True, account=ID))
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_PERSON
    assert rig.service.effects == []
    assert rig.asked(Ask.CONSENT) == []
    # Now a mail is really sent.
    assert rig.run().ended is (Ended.DONE if shape == "replace" else Ended.NEEDS_TIME)  # an added address cools first
    assert "new_mailbox" in rig.journal.factors()


def test_a_mail_to_somebody_else_proves_nothing() -> None:
    """Only what is addressed to NEW proves that NEW receives."""
    rig = Rig("replace", proved=False)
    raw = rig.post.message(to="joann@new.example", subject="x", sender="x@y.example", text="x")
    rig.mail.deliver(Side.NEW, raw.replace(b"Delivered-To: joann@new.example", b"X-Other: 1"))
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, "receive mail", says="stop"))
    assert rig.run().ended is Ended.NEEDS_PERSON
    assert rig.service.effects == []


def test_an_old_mail_in_new_is_proof_enough() -> None:
    """A mailbox in use needs no test mail."""
    rig = Rig("replace", proved=False)
    rig.post.send_mail(to=NEW, kind="x", subject="Hi", sender="Bob <bob@there.example>", text="hi\n")
    assert rig.run().ended is Ended.DONE
    assert [q.id for q in rig.person.asked if q.id.startswith("new-mailbox")] == []


def test_a_replacement_needs_another_factor() -> None:
    """OLD and this session may both be gone afterwards: none held, nothing is replaced."""
    rig = Rig(
        "replace", acts=["change"], people=[Rule(Ask.CHOOSE, "Another way in", says="none", times=1)], proved=False
    )
    rig.journal.record(factor("new_mailbox", held=True))
    assert rig.run().ended is Ended.NEEDS_PERSON
    assert rig.service.effects == []
    assert rig.run().ended is Ended.DONE
    assert "phone" in rig.journal.factors(ID)


def test_only_a_typed_password_counts_as_a_held_password() -> None:
    """Signed in by hand, by whatever way: that is no password. Typed by the engine and accepted by the page, it is."""
    by_hand = Rig("add", acts=["add_address"])
    by_hand.run()
    assert by_hand.status("sign_in") is StepStatus.DONE
    assert "password" not in by_hand.journal.factors(ID)
    wrong = Rig("add", password="wrong")
    wrong.run()
    assert wrong.status("sign_in") is StepStatus.DONE
    assert "password" not in wrong.journal.factors(ID)
    typed = Rig("add")
    typed.run()
    assert "password" in typed.journal.factors(ID)


# -- ways in ----------------------------------------------------------------------------------------------------------------

WAYS = [{"needs": ["password"]}, {"needs": ["old_mailbox"]}, {"needs": ["phone", "totp"]}]


@pytest.mark.parametrize(
    ("held", "gains", "state", "allowed"),
    [
        ({"old_mailbox"}, [], OldState.ALIVE, False),
        ({"old_mailbox", "password"}, [], OldState.ALIVE, True),
        ({"old_mailbox"}, ["password"], OldState.ALIVE, True),
        ({"old_mailbox", "phone"}, [], OldState.ALIVE, False),
        ({"old_mailbox", "phone", "totp"}, [], OldState.ALIVE, True),
        ({"old_mailbox", "password"}, [], OldState.DEAD, False),
        ({"old_mailbox", "password"}, ["phone", "totp"], OldState.DEAD, True),
        (set(), [], OldState.DEAD, True),  # nothing is known to be held, so nothing is known to be lost
    ],
)
def test_ways_in_never_all_go(held: set[str], gains: list[str], state: OldState, *, allowed: bool) -> None:
    """The last known way in is never closed, and with OLD dead there are never fewer than before."""
    recipe = Rig("add", access={"sign_in": WAYS}, steps={"remove_old": {"gains": gains}}).recipe
    step = recipe.route[0].find("remove_old")
    if allowed:
        guards.check_ways_in(recipe, step, frozenset(held), state)
    else:
        with pytest.raises(NeedsPerson) as stopped:
            guards.check_ways_in(recipe, step, frozenset(held), state)
        assert stopped.value.todo


def test_with_old_dead_an_act_that_closes_a_way_is_not_done() -> None:
    """The whole run: OLD dead, the password the only way left beside it; the removal stays undone."""
    rig = Rig("add", access={"sign_in": WAYS})
    rig.journal.record(factor("old_mailbox", held=True, account=ID), old_state(OldState.DEAD))
    rig.run()
    rig.later(hours=25)
    assert rig.run().ended is Ended.NEEDS_PERSON
    assert rig.service.count("remove") == 0
    rig.journal.record(factor("phone", held=True), factor("totp", held=True))
    assert rig.run().ended is Ended.NEEDS_PERSON, "still one fewer than now"


def test_ways_need_all_of_their_factors() -> None:
    """A way that needs nothing is none at all."""
    ways = [FactorSet(needs=[]), FactorSet(needs=["phone", "totp"]), FactorSet(needs=["password"])]
    assert guards.ways_in(ways, frozenset({"phone"})) == []
    assert guards.ways_in(ways, frozenset({"phone", "totp"})) == [ways[1]]
    assert guards.other_factors(frozenset({"session", "old_mailbox", "new_mailbox"})) == frozenset()


# -- limits and waits ---------------------------------------------------------------------------------------------------------


def test_a_spent_limit_is_a_wait_until_the_oldest_use_is_over() -> None:
    """Two a week: the third waits until the first is a week old."""
    limit = {"id": "weekly", "of": ["add_address"], "count": 2, "within": "7d"}
    rig = Rig("add", limit=[limit])
    from readdress.models.events import limit_used

    first = rig.clock.now()
    rig.journal.record(limit_used(ID, "weekly"))
    rig.later(days=1)
    rig.journal.record(limit_used(ID, "weekly"))
    rig.later(days=1)
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_TIME
    assert outcome.until is not None
    assert abs(outcome.until - (first + timedelta(days=7))) < timedelta(seconds=1)
    assert rig.service.effects == []
    rig.later(days=5, minutes=1)
    assert rig.run().ended is Ended.NEEDS_TIME  # the cooling time of OLD
    assert rig.service.count("add") == 1
    assert len(rig.journal.limit_uses(ID, "weekly")) == 3


def test_the_limit_is_spent_when_the_step_is_armed() -> None:
    """Whatever becomes of the act, the service may have counted it."""
    limit = {"id": "weekly", "of": ["add_address"], "count": 1, "within": "7d"}
    rig = Rig("add", limit=[limit])
    rig.faults["add"] = "refused"
    assert rig.run().ended is Ended.REFUSED
    assert len(rig.journal.limit_uses(ID, "weekly")) == 1
    assert rig.run().ended is Ended.NEEDS_TIME


def test_a_wait_of_the_recipe_closes_the_step() -> None:
    """Three days of rest after the confirmation, from when it ended."""
    wait = {
        "id": "rest",
        "after": "confirm",
        "lasts": "3d",
        "closed": ["remove_old"],
        "reason": {"en": "It rests.", "zh": "休息。"},
    }
    rig = Rig("add", wait=[wait])
    outcome = rig.run()
    ended = rig.step("confirm").ended_at
    assert ended is not None
    assert (outcome.until, outcome.message) == (ended + timedelta(days=3), "It rests.")
    rig.later(hours=71)
    assert rig.run().ended is Ended.NEEDS_TIME
    rig.later(hours=2)
    assert rig.run().ended is Ended.DONE


def test_a_service_that_asks_for_time_gets_it() -> None:
    """NeedsTime from the page: proved not done, a wait, and the act again afterwards."""
    rig = Rig("add")
    rig.faults["add"] = "limit"
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_TIME
    assert outcome.until is not None
    assert rig.status("add_address") is StepStatus.NOT_DONE
    rig.later(days=3)
    rig.run()
    assert rig.service.count("add") == 1
    assert rig.asked(Ask.IN_DOUBT) == []


@pytest.mark.parametrize("fault", ["refused", "locked"])
def test_refused_ends_the_run_with_what_the_service_said(fault: str) -> None:
    """Address in use, account locked: no retry by itself, not in doubt, and the next resume tries once more."""
    rig = Rig("add")
    rig.faults["add"] = fault
    outcome = rig.run()
    assert (outcome.ended, outcome.exit_code, outcome.message) == (Ended.REFUSED, 1, "The service says no.")
    assert rig.status("add_address") is StepStatus.NOT_DONE
    wait = rig.journal.wait(ID)
    assert wait is not None
    assert wait.kind == "person"
    rig.run()
    assert rig.service.count("add") == 1
    assert rig.asked(Ask.IN_DOUBT) == []


def test_a_refused_sign_in_goes_through() -> None:
    """A locked account is no matter of a wrong password: the run ends."""
    rig = Rig("add")
    rig.faults["sign_in"] = "locked"
    assert rig.run().ended is Ended.REFUSED
    assert rig.service.effects == []


def test_needs_time_from_a_guard_is_never_armed() -> None:
    """A step that has to wait is not in doubt."""
    rig = Rig("add")
    rig.run()
    route, account, now = rig.recipe.route[0], rig.journal.account(ID), rig.clock.now()
    with pytest.raises(NeedsTime):
        guards.check_removal(route, route.find("remove_old"), account, now)
    assert rig.status("remove_old") is StepStatus.PENDING
    assert set(ACTS) >= set(LOOKS) - {"read_back"}
