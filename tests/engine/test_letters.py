"""Mail as the engine uses it: asked for, waited for, released once to its own step, pasted, sent again, never taken for more than it proves."""

from __future__ import annotations

import pytest
from fake_service import HOST
from rig import ID, NEW, OLD, Rig, happened

from readdress.engine.tools import Ended
from readdress.errors import Refused, StateError
from readdress.models import Ask, Kind, NoteKind, Question, Side, StepStatus, Verdict
from readdress.testing.fakes import Rule
from readdress.testing.person import pastes


def _killed(rig: Rig, place: str) -> Rig:
    def boundary(now: str, before=rig._boundary) -> None:
        before(now)
        if now == place:
            raise KeyboardInterrupt

    rig.journal.boundary = boundary
    rig._boundary = boundary  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        rig.run()
    del rig._boundary
    rig.journal.boundary = rig._boundary
    return rig


def test_the_code_is_released_once_and_written_down_without_its_value() -> None:
    """The log holds a digest, never the code."""
    rig = Rig("add")
    rig.run()
    used = rig.written(Kind.MAIL_USED)
    assert len(used) == 1
    code = rig.service.letters[0].code
    assert code not in str([e.data for e in rig.journal.events()])
    assert rig.journal.mail_used(used[0]["digest"])


@pytest.mark.parametrize("fault", ["", "junk"])
def test_mail_is_found_in_every_folder(fault: str) -> None:
    """Codes land in junk."""
    rig = Rig("add")
    rig.service.mail_fault = fault
    assert rig.run().ended is Ended.NEEDS_TIME
    assert rig.service.count("confirm") == 1


@pytest.mark.parametrize("fault", ["forged", "stranger", "lost", "late"])
def test_without_a_good_mail_the_run_waits_for_it(fault: str) -> None:
    """A forged signature, another sender, nothing at all: nothing is typed, nothing is in doubt, the wait says which mail."""
    rig = Rig("add")
    rig.service.mail_fault = fault
    outcome = rig.run()
    assert (outcome.ended, outcome.exit_code) == (Ended.NEEDS_MAIL, 4)
    wait = rig.journal.wait(ID)
    assert wait is not None
    assert (wait.kind, wait.step) == ("mail", "verify")
    assert wait.until is not None
    assert rig.status("confirm") is StepStatus.PENDING
    assert rig.written(Kind.MAIL_USED) == []
    if fault in {"forged", "stranger"}:
        warned = [n for n in rig.person.told if n.kind is NoteKind.WARN]
        assert len(warned) == 1, "told once, not at each look"
        assert rig.service.letters[0].code not in warned[0].text.en
    if fault == "late":
        rig.later(minutes=7)
        assert rig.run().ended is Ended.NEEDS_TIME
        assert rig.service.count("add") == 1


def test_mail_from_before_the_act_is_never_used() -> None:
    """A code that was there already answers somebody else's question."""
    rig = Rig("add")
    rig.service.send(NEW)
    rig.service.mail_fault = "lost"
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert rig.written(Kind.MAIL_USED) == []


def test_an_expired_mail_is_asked_for_again() -> None:
    """Too old by our clock: the person has it sent again, and only the new one is used."""
    rig = Rig("add")
    rig.service.mail_fault = "late"
    rig.run()
    rig.later(hours=2)
    rig.service.mail_fault = ""
    assert rig.run().ended is Ended.NEEDS_TIME
    handed = rig.asked(Ask.HAND_OVER)
    assert [q.step for q in handed] == ["confirm_resend"]
    assert "Send again" in handed[0].body.en
    assert rig.service.count("confirm") == 1
    assert rig.service.letters[0].spent is False


def test_a_recipe_without_a_way_to_resend_still_gets_out_of_an_expired_mail() -> None:
    """The dead end: the step that asked for it is done, so nobody would ever ask again."""
    rig = Rig("add", mail={"resend": None})
    rig.service.mail_fault = "late"
    rig.run()
    rig.later(hours=2)
    rig.service.mail_fault = ""
    assert rig.run().ended is Ended.NEEDS_TIME
    assert [q.step for q in rig.asked(Ask.HAND_OVER)] == ["confirm_resend"]


def test_a_code_that_the_service_calls_expired_is_asked_for_again() -> None:
    """Refused as expired: proved not done, sent again, tried once more as an attempt of its own."""
    rig = Rig("add")
    rig.service.lives *= 0
    sends: list[bool] = []

    def resend(question: object) -> str:
        sends.append(True)
        from datetime import timedelta

        rig.service.lives = timedelta(hours=1)
        rig.service.send(NEW)
        return "done"

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, "Send again", says=resend))
    assert rig.run().ended is Ended.NEEDS_TIME
    assert sends == [True]
    ends = [(d["status"], d["attempt"]) for d in rig.written(Kind.STEP_ENDED) if d["step"] == "confirm"]
    assert ends == [("not_done", 1), ("done", 2)]
    assert len(rig.written(Kind.MAIL_USED)) == 2


def test_a_code_refused_as_expired_twice_ends_the_run() -> None:
    """Asked for again once a run, not for ever; and the step is not in doubt."""
    rig = Rig("add")
    rig.service.lives *= 0
    assert rig.run().ended is Ended.REFUSED
    assert len([q for q in rig.asked(Ask.HAND_OVER) if q.step == "confirm_resend"]) == 1
    assert rig.status("confirm") is StepStatus.NOT_DONE


def test_a_resend_that_brings_no_mail_leaves_the_step_not_done() -> None:
    """The service said expired: that the new mail is late does not put the step in doubt."""
    rig = Rig("add", people=[Rule(Ask.HAND_OVER, "Send again", says="done")])
    rig.service.lives *= 0
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert rig.status("confirm") is StepStatus.NOT_DONE
    assert rig.asked(Ask.IN_DOUBT) == []


@pytest.mark.parametrize("place", ["wrote:verify:used", "before:confirm"])
def test_a_released_code_goes_out_again_once_it_was_proved_unused(place: str) -> None:
    """Killed between release and press: the page says NOT_DONE, so the same code is typed, to the same step only."""
    rig = _killed(Rig("add"), place)
    assert rig.journal.expectation(ID, "verify") is None
    assert rig.run().ended is Ended.NEEDS_TIME
    assert rig.service.count("confirm") == 1
    assert len(rig.service.letters) == 1, "no second mail was asked for"
    assert rig.asked(Ask.HAND_OVER) == []


def test_a_released_code_stays_used_while_it_is_in_doubt() -> None:
    """Nothing proves that it was not typed: no question is answered, so it is not released."""
    rig = _killed(Rig("add", looks=["sign_in", "add_address", "read_back"]), "wrote:verify:used")
    rig.person.rules.insert(0, Rule(Ask.IN_DOUBT, says="stop"))
    rig.run()
    assert len(rig.written(Kind.MAIL_USED)) == 1
    assert rig.service.count("confirm") == 0


def test_no_code_is_released_without_an_armed_step() -> None:
    """The release stands between its step's ``armed`` and its end, always."""
    rig = Rig("add")
    rig.run()
    kinds = [(e.kind, e.data.get("step")) for e in rig.journal.events()]
    used = kinds.index((Kind.MAIL_USED, None))
    before = [s for k, s in kinds[:used] if k in {Kind.STEP_ARMED, Kind.STEP_ENDED}]
    assert before[-1] == "confirm"
    assert kinds[kinds.index((Kind.STEP_ARMED, "confirm")) :].index((Kind.STEP_ENDED, "confirm")) > 1


def test_a_function_gets_no_mail_that_its_step_does_not_use() -> None:
    """``uses`` in recipe.toml decides, not the code."""
    rig = Rig("add")
    rig.pack.acts["add_address"] = lambda page, s: page.confirm(s.code("verify"))
    rig.run()
    assert [q.step for q in rig.asked(Ask.HAND_OVER)] == ["add_address"]
    used = rig.written(Kind.MAIL_USED)
    armed = [e.seq for e in rig.journal.events() if e.kind is Kind.STEP_ARMED and e.data["step"] == "confirm"]
    seq = [e.seq for e in rig.journal.events() if e.kind is Kind.MAIL_USED]
    assert len(used) == 1
    assert seq[0] > armed[0]


def test_a_code_is_not_typed_into_a_page_that_left_the_site() -> None:
    """The page went elsewhere: the code stays in the mail."""
    rig = Rig("add")

    def elsewhere(page, s) -> None:
        page.browser._url = "https://elsewhere.example/"
        s.code("verify")

    rig.pack.acts["confirm"] = elsewhere
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says="stop"))
    rig.run()
    assert rig.written(Kind.MAIL_USED) == []


def test_a_release_that_cannot_be_written_is_a_fault() -> None:
    """No journal, no code; and the error is not taken for a broken page."""
    rig = Rig("add")

    def full(place: str) -> None:
        if place == "before:mail_used":
            raise StateError("The disk is full.")

    rig.journal.boundary = full
    with pytest.raises(StateError):
        rig.run()
    assert rig.service.count("confirm") == 0


# -- NEW is read by the person ------------------------------------------------------------------------------------------


def _newest(rig: Rig) -> str:
    return rig.service.letters[-1].code


def test_a_pasted_code_is_used() -> None:
    """Without access to NEW the person pastes; the code then goes the same way."""
    rig = Rig("add", sides=[Side.OLD])
    rig.person.rules.insert(0, Rule(Ask.CODE, says=lambda q: _answer(q, f" {_newest(rig)[:3]} {_newest(rig)[3:]} ")))
    assert rig.run().ended is Ended.NEEDS_TIME
    assert rig.service.count("confirm") == 1
    question = rig.asked(Ask.CODE)[0]
    assert NEW in question.body.en
    assert question.text_wanted
    assert len(rig.written(Kind.MAIL_USED)) == 1


def _answer(question, text: str):
    from readdress.models import Answer

    return Answer(question.id, "text", text)


def test_what_is_no_code_is_asked_for_again() -> None:
    """Up to five times, then it is a wait for the person."""
    rig = Rig("add", sides=[Side.OLD], people=[pastes("hello")])
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_PERSON
    assert len(rig.asked(Ask.CODE)) == 5
    assert rig.status("confirm") is StepStatus.PENDING


def test_stopping_at_the_paste_is_a_wait_for_mail() -> None:
    """Nothing is in doubt: the step was not armed."""
    rig = Rig("add", sides=[Side.OLD], people=[Rule(Ask.CODE, says="stop")])
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert rig.status("confirm") is StepStatus.PENDING


def test_nobody_is_asked_to_paste_from_a_mailbox_that_is_gone() -> None:
    """The service mails its code to the dead OLD: the person is told to look for another way, on the page where it is asked for."""
    rig = Rig("one_step", sides=[Side.NEW], mail={"to": "old"}, people=[Rule(Ask.HAND_OVER, says="stop")])
    rig.old_dead()
    assert rig.run().ended is Ended.NEEDS_PERSON
    assert rig.asked(Ask.CODE) == []
    handed = rig.asked(Ask.HAND_OVER)
    assert [q.step for q in handed] == ["change_by_code"]
    assert "which is gone" in handed[0].body.en


def test_a_pasted_code_is_used_once() -> None:
    """The same code again, for another step, is refused."""
    rig = Rig("add", sides=[Side.OLD])
    rig.person.rules.insert(0, Rule(Ask.CODE, says=lambda q: _answer(q, _newest(rig))))
    rig.run()
    rig.journal.record(*(d for d in _expect_again(rig)))
    assert rig.journal.mail_used(rig.written(Kind.MAIL_USED)[0]["digest"])
    from readdress.trust.gate import paste

    verdict = paste(_newest(rig), rig.recipe.find_mail("verify"), used=rig.journal.mail_used)
    assert verdict.reason == "used"  # type: ignore[union-attr]


def _expect_again(rig: Rig):
    from readdress.models.events import mail_expected

    return [mail_expected(ID, "verify", route="standard", step="add_address", attempt=2, marks=(), until=None)]


def test_a_wrong_code_is_put_right_by_the_person() -> None:
    """The service refuses it: the step is handed over there and then."""
    rig = Rig("add", sides=[Side.OLD], people=[pastes("999999")])
    assert rig.run().ended is Ended.NEEDS_TIME
    assert [q.step for q in rig.asked(Ask.HAND_OVER)] == ["confirm"]
    assert rig.step("confirm").by == "page"


def test_a_link_for_the_person_is_never_opened_by_us() -> None:
    """``open = person``: handed over."""
    rig = Rig("add", mail={"code": None, "link": {"host": HOST, "path": "/confirm/*", "open": "person"}})
    rig.pack.acts["confirm"] = lambda page, s: s.open_link("verify")
    rig.service.send = lambda to: rig.post.send_mail(  # type: ignore[method-assign]
        to=to, kind="v", subject="Confirm your address", sender=rig.service.sender, text=f"https://{HOST}/confirm/abc\n"
    )
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says="stop"))
    rig.run()
    assert rig.browser is not None
    assert "confirm" not in rig.browser.url
    assert rig.written(Kind.MAIL_USED) == []


# -- senders --------------------------------------------------------------------------------------------------------------


def _site_rig(**more) -> Rig:
    rig = Rig("add", mail={"from": ["{site}"]}, site={"required": True}, **more)
    from readdress.models.events import account_changed

    rig.journal.record(account_changed(ID, site=f"https://{HOST}"))
    return rig


def test_the_first_sender_of_a_site_is_asked_for_once_and_bound() -> None:
    """From then on only that one is believed."""
    rig = _site_rig()
    assert rig.run().ended is Ended.NEEDS_TIME
    assert len(rig.asked(Ask.SENDER)) == 1
    assert rig.journal.bound(ID, "sender") == f"noreply@{HOST}"


def test_a_sender_that_the_person_does_not_know_is_not_used() -> None:
    """Asked once for that mail, not at each look; nothing is bound."""
    rig = _site_rig(people=[Rule(Ask.SENDER, says="no")])
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert len(rig.asked(Ask.SENDER)) == 1
    assert rig.journal.bound(ID, "sender") == ""
    assert rig.service.count("confirm") == 0


def test_another_sender_than_the_bound_one_is_not_used() -> None:
    """Signed and well, but somebody else."""
    from readdress.models.events import bound

    rig = _site_rig()
    rig.journal.record(bound(ID, "sender", "wiki@elsewhere.example"))
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert rig.asked(Ask.SENDER) == []


# -- what a mail proves ---------------------------------------------------------------------------------------------------


def test_a_mail_proves_the_step_that_asked_for_it() -> None:
    """The page never shows it, but the service wrote: done by mail, at most confirmed."""
    rig = Rig("add", steps={"add_address": {"reaches": "read_back"}})
    rig.faults["add"] = "mute"
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says="stop"))
    rig.run()
    assert rig.step("add_address").by == "mail"
    assert rig.verdict is Verdict.CONFIRMED


def test_a_mail_is_half_of_a_step_that_also_consumes_it() -> None:
    """The code came, and was not typed yet: that proves no change. The step ends by the page or by the person."""
    rig = Rig("one_step", acts=["sign_in"])
    waited: list[int] = []

    def slow(question) -> str | None:
        if not waited:
            rig.service.request(NEW, by="person")
        waited.append(1)
        return None if len(waited) < 20 else "stop"

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=slow))
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_PERSON
    assert rig.status("change_by_code") is StepStatus.ARMED
    assert rig.service.usable() == [OLD]
    # And after a restart it is no proof either.
    rig.person.rules[0] = Rule(Ask.HAND_OVER, says="stop")
    rig.run()
    assert rig.status("change_by_code") is not StepStatus.DONE


def test_a_sign_in_by_mailed_code_works() -> None:
    """Signing in may ask for a code too: it is expected from a mark before the act, like any other."""
    rig = Rig("add", steps={"sign_in": {"expects": "login", "uses": "login"}})
    extra = rig.recipe.find_mail("verify").model_copy(update={"id": "login", "subject": ["Your login code"]})
    rig.recipe = rig.recipe.model_copy(update={"mail": [*rig.recipe.mail, extra]})
    sent: list[str] = []

    def sign_in(page, s) -> None:
        sent.append("424268")
        rig.post.send_mail(
            to=NEW, kind="l", subject="Your login code", sender=rig.service.sender, text="Your code is 424268\n"
        )
        assert s.code("login") == "424268"
        s.type_secret(page.password_field, "password")
        page.sign_in()

    rig.pack.acts["sign_in"] = sign_in
    assert rig.run().ended is Ended.NEEDS_TIME
    assert rig.asked(Ask.HAND_OVER) == []
    assert len(sent) == 1


# -- mailboxes that go away -------------------------------------------------------------------------------------------------


def test_a_lost_mailbox_is_a_wait_and_nothing_is_armed() -> None:
    """No mark, no act: the step that expects a mail waits for its mailbox."""
    rig = Rig("add")
    rig.mail.lose(Side.NEW)
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert rig.status("add_address") is StepStatus.PENDING
    assert rig.service.count("add") == 0
    rig.mail.regain(Side.NEW)
    assert rig.run().ended is Ended.NEEDS_TIME


def test_a_mailbox_lost_while_waiting_is_a_wait() -> None:
    """In the middle of the wait for the code."""
    rig = Rig("add")
    rig.service.mail_fault = "lost"
    original = rig.service.send

    def send(to: str) -> None:
        original(to)
        rig.mail.lose(Side.NEW)

    rig.service.send = send  # type: ignore[method-assign]
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert rig.status("add_address") is StepStatus.DONE


def test_a_lost_mailbox_does_not_take_the_hand_over_away() -> None:
    """While the person works on the page the mailbox goes: page and person end the step all the same."""
    rig = Rig("add", acts=["sign_in", "confirm", "remove_old"])
    polls: list[int] = []

    def by_hand(question) -> str | None:
        polls.append(1)
        rig.mail.lose(Side.NEW)
        if len(polls) < 10:
            return None
        rig.service.add(NEW, by="person")
        rig.start_browser().show()
        return "done"

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=by_hand))
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert rig.step("add_address").by == "page"


def test_a_lost_mailbox_before_a_replacement_is_a_wait() -> None:
    """While NEW is to be proved."""
    rig = Rig("replace", proved=False)
    rig.mail.lose(Side.NEW)
    assert rig.run().ended is Ended.NEEDS_MAIL
    assert rig.service.effects == []


def test_a_lost_mailbox_in_doubt_asks_the_person() -> None:
    """Neither page nor mail tells: the question is asked, the run does not fail."""
    rig = _killed(Rig("add", looks=["sign_in", "read_back"]), "before:add")
    rig.mail.lose(Side.NEW)
    outcome = rig.run()
    assert len(rig.asked(Ask.IN_DOUBT)) == 1
    assert outcome.ended is Ended.NEEDS_MAIL


def test_a_notice_to_a_dead_old_mailbox_holds_nothing_up() -> None:
    """The service would write to OLD that it was removed; OLD cannot be reached any more, and nothing waits for that."""
    rig = Rig("add", steps={"remove_old": {"expects": "removed"}})
    notice = {"id": "removed", "to": "old", "from": [f"noreply@{HOST}"], "notice": True}
    from readdress.recipe.schema import Mail

    rig.recipe = rig.recipe.model_copy(update={"mail": [*rig.recipe.mail, Mail.model_validate(notice)]})
    rig.mail.lose(Side.OLD)
    rig.run()
    rig.later(hours=25)
    assert rig.run().ended is Ended.DONE


def test_two_mails_of_one_mailbox_do_not_hide_each_other() -> None:
    """A later step's mark must not make an earlier mail invisible in the same run."""
    rig = Rig(
        "add",
        steps={
            "confirm": {"uses": None, "expects": "other"},
            "read_back": None,
            "remove_old": {"uses": "verify", "removes": False, "kind": "prepare"},
        },
    )
    from readdress.recipe.schema import Mail

    other = {"id": "other", "to": "new", "from": [f"noreply@{HOST}"], "subject": ["Other"], "notice": True}
    rig.recipe = rig.recipe.model_copy(update={"mail": [*rig.recipe.mail, Mail.model_validate(other)]})
    got: list[str] = []
    rig.pack.acts["confirm"] = lambda page, s: rig.service.addresses.update({NEW: "verified"}) or page.browser.show()
    rig.pack.acts["remove_old"] = lambda page, s: got.append(s.code("verify"))
    rig.run()
    assert got == [rig.service.letters[0].code]
    assert happened(rig, "confirm")


# -- which of several, and why once more ----------------------------------------------------------------------------------


def test_the_newest_code_wins() -> None:
    """The service sent two: only the last one works, so that one is typed."""
    rig = Rig("add")

    def twice(place: str, before=rig._boundary) -> None:
        before(place)
        if place == "after:add":
            rig.later(seconds=1)
            rig.service.send(NEW)
            rig.service.letters[0].spent = True  # the second one has made the first one worthless
            rig.service.letters[0].code = "000000"

    rig.boundary = twice
    rig.journal.boundary = twice
    rig._boundary = twice  # type: ignore[method-assign]
    rig.run()
    assert rig.service.count("confirm") == 1
    assert len(rig.service.letters) == 2
    assert rig.service.letters[1].spent


def test_a_code_that_the_page_does_not_wait_for_is_handed_over_with_that_reason() -> None:
    """The session was lost, and the page with it: the person is told what the page said, not that the mail is too old."""
    rig = Rig("add")
    sent: list[bool] = []

    def gone(place: str, before=rig._boundary) -> None:
        before(place)
        if place == "before:confirm" and not sent:
            sent.append(True)
            raise Refused("The site does not wait for a code any more.", reason="expired")

    rig._boundary = gone  # type: ignore[method-assign]
    rig.journal.boundary = gone
    rig.run()
    resend = next(q for q in rig.asked(Ask.HAND_OVER) if q.step == "confirm_resend")
    assert "does not wait for a code any more" in resend.body.en
    assert "too old" not in resend.body.en
    assert "链接或验证码已失效" in resend.body.zh


def test_a_mail_during_a_hand_over_asks_for_its_sender_and_then_ends_it() -> None:
    """One recipe for many sites: the notice has come while the person works; they say whose it is, and need not say "done"."""
    own = {"browser": "own", "browser_why": {"en": "x", "zh": "无"}}
    rig = _site_rig(steps={"confirm": None, "read_back": None, "remove_old": None}, **own)
    polls: list[str] = []

    def waits(question: Question) -> str | None:
        if question.step != "add_address":
            return "done"
        polls.append(question.id)
        if len(polls) == 1:
            rig.service.add(NEW, by="person")
        return "stop" if len(polls) > 200 else None

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=waits))
    rig.run()
    assert len(rig.asked(Ask.SENDER)) == 1
    assert rig.step("add_address").by == "mail"
    assert rig.journal.bound(ID, "sender") == f"noreply@{HOST}"


def test_a_sender_that_is_none_of_the_site_s_is_asked_about_once() -> None:
    """No means no: the hand-over comes back, the mail ends nothing, and nobody is asked again."""
    own = {"browser": "own", "browser_why": {"en": "x", "zh": "无"}}
    rig = _site_rig(
        people=[Rule(Ask.SENDER, says="no")], steps={"confirm": None, "read_back": None, "remove_old": None}, **own
    )
    polls: list[str] = []

    def waits(question: Question) -> str | None:
        if question.step != "add_address":
            return "done"
        polls.append(question.id)
        if len(polls) == 1:
            rig.service.add(NEW, by="person")
        return "done" if len(polls) > 60 else None

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=waits))
    rig.run()
    assert len(rig.asked(Ask.SENDER)) == 1
    assert rig.step("add_address").by == "person"
