"""Look, write down, act, look, write down: the order of things in one run, and what a killed run leaves behind."""

from __future__ import annotations

import pytest
from fake_service import EMAILS
from rig import ID, NEW, OLD, Rig, happened

from readdress.engine.tools import Ended
from readdress.errors import BrowserError
from readdress.models import Ask, Kind, Seen, Sight, StepStatus, Verdict
from readdress.testing.fakes import Rule, stops


def test_a_whole_run_through_each_shape() -> None:
    """The plain case ends in read_back with every effect once, and OLD goes only on the second day."""
    for shape, effects in [
        ("replace", ["replace"]),
        ("replace_pending", ["add", "confirm"]),
        ("one_step", ["add", "confirm"]),
    ]:
        rig = Rig(shape)
        outcome = rig.run()
        assert (outcome.ended, outcome.verdict) == (Ended.DONE, Verdict.READ_BACK)
        assert [e.name for e in rig.service.effects] == effects
        assert rig.service.usable() == [NEW]
    rig = Rig("add")
    assert rig.run().ended is Ended.NEEDS_TIME
    assert rig.service.usable() == [OLD, NEW]
    rig.later(hours=25)
    assert rig.run().ended is Ended.DONE
    assert [e.name for e in rig.service.effects] == ["add", "confirm", "remove"]


def test_a_second_run_has_nothing_to_do_and_starts_no_browser() -> None:
    """Reading the journal is enough; a browser that starts for nothing is a nuisance."""
    rig = Rig("replace")
    rig.run()
    assert rig.started == 1
    outcome = rig.run()
    assert (outcome.ended, outcome.verdict, outcome.exit_code) == (Ended.NOTHING_TO_DO, Verdict.READ_BACK, 0)
    assert rig.started == 1


def test_done_already_means_no_act() -> None:
    """What the person did before us is seen and written down, not done again."""
    rig = Rig("add")
    rig.service.addresses[NEW] = "verified"
    rig.run()
    assert rig.service.effects == []
    assert not any(t.startswith("before:add") for t in rig.trace)
    assert rig.status("add_address") is StepStatus.DONE
    assert rig.step("add_address").by == "page"
    assert not [d for d in rig.written(Kind.STEP_ARMED) if d["step"] in {"add_address", "confirm"}]


def test_armed_is_on_disk_before_the_act_and_the_end_after_it() -> None:
    """Each button press stands between its step's ``armed`` and its end; the code is written down as used before it is typed."""
    rig = Rig("add")
    rig.run()
    rig.later(hours=25)
    rig.run()
    trace = rig.trace
    for step, button in [
        ("sign_in", "sign_in"),
        ("add_address", "add"),
        ("confirm", "confirm"),
        ("remove_old", "remove"),
    ]:
        order = [f"wrote:{step}:armed", f"before:{button}", f"after:{button}", f"wrote:{step}:done"]
        assert [t for t in trace if t in order] == order
    assert trace.index("wrote:confirm:armed") < trace.index("wrote:verify:used") < trace.index("before:confirm")


def test_armed_holds_attempt_page_marks_and_time() -> None:
    """After a crash these are all that is left to go by."""
    rig = Rig("add")
    rig.run()
    armed = next(d for d in rig.written(Kind.STEP_ARMED) if d["step"] == "add_address")
    assert armed["attempt"] == 1
    assert armed["url"] == EMAILS
    assert {m["folder"] for m in armed["marks"]} == {"INBOX", "Junk"}
    assert rig.journal.expectation(ID, "verify") is None, "used up"


def test_nothing_is_pressed_when_arming_cannot_be_written() -> None:
    """A full disk stops the run before the act."""
    rig = Rig("add")

    def full(place: str) -> None:
        if "step_armed+mail_expected" in place:
            raise OSError("disk full")

    rig.journal.boundary = full
    with pytest.raises(OSError, match="disk full"):
        rig.run()
    assert rig.service.effects == []


@pytest.mark.parametrize("shape", ["add", "replace", "replace_pending"])
def test_a_kill_at_every_place_never_acts_twice(shape: str) -> None:
    """Killed before or after every commit and every press, a resume finishes without asking: the pages tell the truth."""
    at = 1
    while True:
        rig = Rig(shape)
        if not rig.killed(at):
            break
        rig.finish()
        assert rig.service.usable() == [NEW], f"place {at}"
        assert not [e for e in rig.service.effects if e.again], f"place {at}: {rig.service.effects}"
        assert rig.asked(Ask.IN_DOUBT) == [], f"place {at}"
        at += 1
    assert at > 10


def test_a_kill_on_the_second_day_never_removes_twice() -> None:
    """The same for the run that takes OLD away."""
    at = 1
    while True:
        rig = Rig("add")
        rig.run()
        rig.later(hours=25)
        if not rig.killed(at):
            break
        rig.finish()
        assert rig.service.usable() == [NEW], f"place {at}"
        assert [e.name for e in rig.service.effects] == ["add", "confirm", "remove"], f"place {at}"
        at += 1
    assert at > 4


@pytest.mark.parametrize("shape", ["add", "replace", "one_step", "replace_pending"])
def test_a_kill_at_every_place_without_looks_asks_one_question(shape: str) -> None:
    """No page tells: the person is asked about the step in doubt, once, by name, and an honest answer leads to the end."""
    button = {"add": "add", "replace": "replace", "one_step": "confirm", "replace_pending": "request"}[shape]
    at, doubts = 1, 0
    while True:
        rig = Rig(shape, looks=["sign_in", "read_back", "remove_old"])
        if not rig.killed(at):
            break
        pressed = f"before:{button}" in rig.trace
        asked = len(rig.person.asked)
        rig.run()
        in_doubt = [q for q in rig.person.asked[asked:] if q.ask is Ask.IN_DOUBT]
        assert len(in_doubt) <= 1, f"place {at}"
        doubts += len(in_doubt)
        if in_doubt:
            assert in_doubt[0].step
            assert in_doubt[0].body.en.count(in_doubt[0].title.en) <= 1
            assert "“" + in_doubt[0].step + "”" in in_doubt[0].body.en
        rig.finish()
        assert not [e for e in rig.service.effects if e.again and shape != "one_step"], f"place {at}, pressed {pressed}"
        at += 1
    assert doubts > 0


def test_in_doubt_with_a_mail_that_came_needs_no_question() -> None:
    """The service wrote what the act asks for, so the act happened: nobody is asked."""
    rig = Rig("add", looks=["sign_in", "read_back", "remove_old"])
    rig.prepare = lambda browser: rig.faults.update(add="raise_after") if not rig.trace else None
    at = 0
    while "wrote:add_address:armed" not in rig.trace or "after:add" not in rig.trace:  # the first place after the press
        at += 1
        rig = Rig("add", looks=["sign_in", "read_back", "remove_old"])
        assert rig.killed(at)
    rig.run()
    assert rig.asked(Ask.IN_DOUBT) == []
    assert rig.step("add_address").by == "mail"
    assert rig.service.count("add") == 1


def _killed_after(rig: Rig, place: str) -> Rig:
    """The rig, killed right at ``place`` of the trace."""

    def boundary(now: str, before=rig.journal.boundary) -> None:
        before(now)
        if now == place:
            rig.journal.boundary = before
            raise KeyboardInterrupt

    rig.journal.boundary = boundary
    with pytest.raises(KeyboardInterrupt):
        rig.run()
    return rig


def test_in_doubt_answers() -> None:
    """Yes ends it as claimed; no lets it be done once more; look looks; stop waits for the person."""
    for says, status, effects in [
        ("yes", StepStatus.DONE, 0),
        ("no", StepStatus.DONE, 1),
        ("stop", StepStatus.ARMED, 0),
    ]:
        rig = _killed_after(Rig("replace", looks=["sign_in", "read_back"]), "wrote:change:armed")
        rig.person.rules.insert(0, Rule(Ask.IN_DOUBT, says=says))
        outcome = rig.run()
        assert rig.status("change") is status
        assert rig.service.count("replace") == effects
        assert len(rig.asked(Ask.IN_DOUBT)) == 1
        if says == "stop":
            assert outcome.ended is Ended.NEEDS_PERSON
            assert rig.journal.wait(ID) is not None


def test_in_doubt_look_again_takes_what_the_page_shows_by_then() -> None:
    """The person puts the page right and asks for another look."""
    rig = _killed_after(Rig("replace"), "wrote:change:armed")
    rig.prepare = lambda browser: setattr(browser, "blind", True)

    def look(question: object) -> str:
        rig.start_browser().blind = False
        return "look"

    rig.person.rules.insert(0, Rule(Ask.IN_DOUBT, says=look))
    assert rig.run().ended is Ended.DONE
    assert rig.written(Kind.STEP_ENDED)[1]["status"] == "not_done"
    assert rig.service.count("replace") == 1


def test_not_done_after_an_act_counts_only_on_a_fresh_page() -> None:
    """The page after the click is still the old one: the step did happen, and only a reload shows it."""
    rig = Rig("add")
    rig.faults["add"] = "stale"
    rig.run()
    assert rig.step("add_address").by == "page"
    assert rig.service.count("add") == 1
    assert rig.asked(Ask.HAND_OVER) == []


def test_not_done_on_a_page_that_cannot_be_loaded_afresh_proves_nothing() -> None:
    """A step without a page of its own has no fresh page: what stands there may be from before the act, also in the next run."""
    rig = Rig("replace", steps={"sign_in": None, "change": {"open": None}}, people=[Rule(Ask.HAND_OVER, says="stop")])
    rig.same_browser = True
    rig.service.sessions.add("ours")
    rig.prepare = lambda browser: browser.open(EMAILS)
    rig.faults["replace"] = "stale"
    rig.run()
    assert rig.status("change") is StepStatus.ARMED
    rig.person.rules[0] = Rule(Ask.IN_DOUBT, says="yes")
    rig.run()
    assert len(rig.asked(Ask.IN_DOUBT)) == 1
    assert rig.service.count("replace") == 1


def test_an_act_that_happened_and_raised_is_not_done_again() -> None:
    """The page took too long, but the address was added: the look tells, nobody is asked."""
    for fault in ("raise_after", "stale"):
        rig = Rig("add")
        rig.faults["add"] = fault
        rig.run()
        assert rig.service.count("add") == 1
        assert rig.asked(Ask.HAND_OVER) == []
        assert rig.status("add_address") is StepStatus.DONE


def test_a_page_that_never_shows_the_result_is_handed_over() -> None:
    """UNKNOWN after an act: a person looks; nothing is pressed again."""
    rig = Rig("replace")
    rig.faults["replace"] = "mute"
    rig.run()
    assert rig.service.count("replace") == 1
    assert [q.step for q in rig.asked(Ask.HAND_OVER)] == ["change", "read_back"]
    assert rig.step("change").by == "person"
    assert rig.verdict is Verdict.CLAIMED


def test_a_closed_browser_is_a_fault_that_leaves_everything_resumable() -> None:
    """Closing the window in the middle of an act raises, and the next run finishes from what is written down."""
    for fault, presses in [("close_before", 1), ("close_after", 1)]:
        rig = Rig("replace")
        rig.faults["replace"] = fault
        with pytest.raises(BrowserError):
            rig.run()
        assert rig.status("change") is StepStatus.ARMED
        assert rig.run().ended is Ended.DONE
        assert rig.service.count("replace") == presses
        assert rig.asked(Ask.IN_DOUBT) == []


def test_ctrl_c_leaves_a_state_that_can_go_on() -> None:
    """The interrupt goes through; afterwards a run asks or finishes."""
    rig = Rig("add", acts=["sign_in", "confirm", "remove_old"], people=[stops(Ask.HAND_OVER)])
    with pytest.raises(KeyboardInterrupt):
        rig.run()
    assert rig.status("add_address") is StepStatus.ARMED
    assert rig.finish().verdict is Verdict.READ_BACK
    assert rig.service.usable() == [NEW]


def test_a_person_who_stops_leaves_a_wait_for_a_person() -> None:
    """``stop`` is a durable state with what to do next, and it goes away when the run goes on."""
    rig = Rig("add", acts=["sign_in", "confirm", "remove_old"], people=[Rule(Ask.HAND_OVER, says="stop", times=1)])
    outcome = rig.run()
    assert (outcome.ended, outcome.exit_code) == (Ended.NEEDS_PERSON, 3)
    assert outcome.todo
    wait = rig.journal.wait(ID)
    assert wait is not None
    assert wait.kind == "person"
    rig.finish()
    assert rig.journal.wait(ID) is None


def test_signed_out_before_a_step_signs_in_again_and_goes_on() -> None:
    """A lost session is ordinary: no question, no error."""
    rig = Rig("add")
    rig.run()
    rig.service.sessions.clear()
    rig.later(hours=25)
    assert rig.run().ended is Ended.DONE
    assert rig.person.asked == []
    assert rig.trace.count("after:sign_in") == 2


@pytest.mark.parametrize("button", ["add", "confirm"])
def test_signed_out_by_an_act_signs_in_again_and_looks(button: str) -> None:
    """Many services sign out on such changes: sign in again, look, go on, without a question."""
    rig = Rig("add")
    rig.faults[button] = "signs_out"
    assert rig.run().ended is Ended.NEEDS_TIME
    assert rig.person.asked == []
    assert rig.service.count(button) == 1


def test_a_look_that_raises_proves_nothing() -> None:
    """An exception in a look is UNKNOWN, before an act and after it."""
    rig = Rig("replace")
    rig.pack.looks["change"] = lambda page, s: 1 / 0
    rig.run()
    assert rig.service.count("replace") == 1
    assert rig.step("change").by == "person"
    assert happened(rig, "change")


def test_a_look_may_not_change_anything() -> None:
    """A look that types a secret, uses a code or opens a link gets an error and counts as UNKNOWN."""
    for misuse in [
        lambda page, s: s.type_secret(page.password_field, "password"),
        lambda page, s: s.code("verify"),
        lambda page, s: s.open_link("verify"),
    ]:
        rig = Rig("replace", steps={"change": {"expects": "verify", "uses": "verify"}})
        rig.pack.looks["change"] = misuse
        secrets_asked = len(rig.secrets.asked)
        rig.run()
        assert rig.step("change").by == "person"
        assert rig.written(Kind.MAIL_USED) == []
        assert len(rig.secrets.asked) == secrets_asked + 1, "only the sign-in"


def test_a_look_without_a_sight_is_unknown() -> None:
    """A function that returns True has proved nothing."""
    rig = Rig("replace")
    rig.pack.looks["change"] = lambda page, s: True
    rig.run()
    assert rig.step("change").by == "person"
    assert Sight.unknown().seen is Seen.UNKNOWN


def test_pause_asks_before_each_act() -> None:
    """Whoever watches says when it goes on; stopping there leaves nothing in doubt."""
    rig = Rig("replace", people=[Rule(Ask.CHOOSE, "Next step", says="stop", times=1)])
    rig.pause = True
    assert rig.run().ended is Ended.NEEDS_PERSON
    assert rig.status("change") is StepStatus.PENDING
    assert rig.run().ended is Ended.DONE
    assert rig.asked(Ask.IN_DOUBT) == []
