"""The fakes: a clock, mailboxes, a person who lies and stalls, and a journal that answers exactly like the state file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readdress.errors import MailboxError, StateError, VaultError
from readdress.models import (
    Address,
    Answer,
    Ask,
    Choice,
    Draft,
    Evidence,
    Kind,
    MailboxConfig,
    Mark,
    OldState,
    Question,
    Side,
    Slot,
    StepStatus,
    Text,
    Verdict,
)
from readdress.models import events as ev
from readdress.ports import Clock, Journal, Mail, Person, Secrets
from readdress.state import StateFile
from readdress.testing.fakes import FakeClock, FakeMail, FakeSecrets
from readdress.testing.journal import MemoryJournal
from readdress.testing.person import Rule, ScriptedPerson, lies, pastes, stalls, stops

OLD, NEW = "ann@old.example", "ann@new.example"
YES_NO = (Choice("yes", Text("yes", "是")), Choice("no", Text("no", "否")))


def test_the_fakes_are_the_ports() -> None:
    """The type checker reads these assignments; a port that grows is noticed here."""
    clock: Clock = FakeClock()
    ports: tuple[Mail, Person, Secrets, Journal] = (
        FakeMail({}, clock),
        ScriptedPerson(),
        FakeSecrets(),
        MemoryJournal(clock),
    )
    assert len(ports) == 4


def test_clock() -> None:
    """Time passes when told to; setting the wall clock back does not turn back the steady one."""
    clock = FakeClock()
    start, steady = clock.now(), clock.monotonic()
    clock.advance(90, hours=1)
    assert clock.now() - start == timedelta(seconds=3690)
    clock.set(start - timedelta(days=1))
    assert clock.monotonic() - steady == 3690
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2026, 1, 1))


# -- mail -----------------------------------------------------------------------------------------------------------------


def box() -> FakeMail:
    return FakeMail({Side.NEW: NEW}, FakeClock(), cap=100)


def test_only_mail_after_the_marks_is_given_and_only_once() -> None:
    """Old messages never come up; junk is watched too; each message is given once a watch."""
    mail = box()
    mail.deliver(Side.NEW, b"before")
    marks = mail.marks(Side.NEW)
    mail.watch(Side.NEW, marks)
    mail.deliver(Side.NEW, b"after")
    mail.deliver(Side.NEW, b"junk", folder="Junk")
    assert [(i.folder, i.raw) for i in mail.poll(Side.NEW)] == [("INBOX", b"after"), ("Junk", b"junk")]
    assert mail.poll(Side.NEW) == []
    mail.watch(Side.NEW, marks)
    assert len(mail.poll(Side.NEW)) == 2, "a new watch after a restart sees them again"
    mail.unwatch(Side.NEW)
    mail.deliver(Side.NEW, b"unwatched")
    assert mail.poll(Side.NEW) == []


def test_renumbered_lost_and_cut() -> None:
    """Another UIDVALIDITY gives the whole folder again, a lost mailbox raises, a long message is cut and says so."""
    mail = box()
    mail.deliver(Side.NEW, b"x" * 101)
    marks = mail.marks(Side.NEW)
    mail.renumber(Side.NEW)
    mail.watch(Side.NEW, marks)
    (incoming,) = mail.poll(Side.NEW)
    assert (len(incoming.raw), incoming.truncated, incoming.uidvalidity) == (100, True, marks[0].uidvalidity + 1)
    mail.lose(Side.NEW)
    with pytest.raises(MailboxError):
        mail.poll(Side.NEW)
    mail.regain(Side.NEW)
    assert mail.poll(Side.NEW) == []
    assert not mail.reachable(Side.OLD)
    with pytest.raises(MailboxError):
        mail.marks(Side.OLD)


def test_secrets_are_not_shown() -> None:
    """A fake that a failing test prints must not teach printing secrets."""
    secrets = FakeSecrets({"password/x": "correct horse"})
    assert secrets.get("password/x") == "correct horse"
    assert "horse" not in repr(secrets)
    with pytest.raises(VaultError):
        FakeSecrets(protected=False).set("a", "b")


# -- the person -----------------------------------------------------------------------------------------------------------


def ask(kind: Ask = Ask.CONSENT, title: str = "Replace it?", *, text: bool = False) -> Question:
    return Question(f"q-{title}", kind, Text(title, "替换吗？"), Text("body", "正文"), YES_NO, text_wanted=text)


def test_the_first_fitting_rule_answers() -> None:
    """Rules fit by kind and by words in either language, and are used up after so many answers."""
    person = ScriptedPerson([Rule(Ask.HAND_OVER, says="no"), Rule(match="替换", says="yes", times=1), Rule(says="no")])
    answers = []
    for _ in range(2):
        person.post(ask())
        answers.append(person.poll())
    assert answers == [Answer("q-Replace it?", "yes"), Answer("q-Replace it?", "no")]
    assert person.poll() is None
    assert "Replace it?" in person.shown()


def test_lying_stalling_stopping_and_wrong_codes() -> None:
    """Each kind of trouble that a real person makes: none of them is an answer that ends the wait by itself."""
    person = ScriptedPerson([lies(Ask.IN_DOUBT, says="yes"), stalls(Ask.HAND_OVER), pastes("000000"), stops()])
    person.post(ask(Ask.IN_DOUBT))
    assert person.poll() == Answer("q-Replace it?", "yes")
    person.post(ask(Ask.HAND_OVER))
    assert [person.poll() for _ in range(3)] == [None] * 3
    person.withdraw("q-Replace it?")
    assert person.open is None
    person.post(ask(Ask.CODE, text=True))
    wrong = person.poll()
    assert wrong is not None and wrong.text == "000000" and "000000" not in repr(wrong)
    person.post(ask(Ask.SENDER))
    with pytest.raises(KeyboardInterrupt):
        person.poll()


def test_acting_before_answering_and_answering_late() -> None:
    """A rule may act on the page and take its time; a new question replaces one that was still open."""
    done: list[str] = []

    def act(question: Question) -> str | None:
        done.append(question.id)
        return "yes" if len(done) > 1 else None

    person = ScriptedPerson([Rule(says=act, after=1)])
    person.post(ask())
    assert [a and a.choice for a in (person.poll(), person.poll(), person.poll())] == [None, None, "yes"]
    assert len(done) == 2


def test_a_question_nobody_foresaw_fails_the_test() -> None:
    """Silence would let a test pass that asked the person something absurd; so does an answer that was not offered."""
    person = ScriptedPerson([Rule(Ask.CODE)])
    person.post(ask())
    with pytest.raises(AssertionError, match="Replace it"):
        person.poll()
    person = ScriptedPerson([Rule(says="perhaps")])
    person.post(ask())
    with pytest.raises(AssertionError, match="no answer"):
        person.poll()


# -- the journal ----------------------------------------------------------------------------------------------------------

ACCOUNTS = ("a", "b", "c")
_account = st.sampled_from(ACCOUNTS)
_word = st.sampled_from(("one", "two"))
_marks = st.lists(st.builds(Mark, st.just("INBOX"), st.integers(1, 9), st.integers(1, 9)), max_size=1)
_time = st.one_of(st.none(), st.just(datetime(2027, 1, 1, tzinfo=UTC)))
_evidence = st.builds(Evidence, st.just("mail"), st.sampled_from(("INBOX/1", "INBOX/2")), _word, at=_time)
_config = st.one_of(st.none(), st.just(MailboxConfig(NEW, host="imap.new.example", folders=("Junk",))))


def _made(
    function: Callable[..., Draft], *args: st.SearchStrategy[Any], **more: st.SearchStrategy[Any]
) -> st.SearchStrategy[Draft]:
    return st.builds(function, *args, **more)


_drafts = st.one_of(
    _made(ev.account_added, _account, _word, slots=st.just((Slot.SIGN_IN,))),
    _made(ev.account_changed, _account, login=_word),
    _made(ev.evidence_found, _account, _evidence),
    _made(ev.slot_verdict, _account, st.sampled_from(Slot), st.sampled_from(Verdict), _word),
    _made(ev.route_chosen, _account, _word),
    _made(ev.step_armed, _account, _word, _word, attempt=st.integers(1, 3), marks=_marks),
    _made(ev.step_ended, _account, _word, _word, st.sampled_from(StepStatus), attempt=st.integers(1, 3)),
    _made(ev.mail_expected, _account, _word, route=_word, step=_word, attempt=st.just(1), marks=_marks, until=_time),
    _made(ev.mail_used, _account, _word, st.sampled_from(("0" * 64, "1" * 64))),
    _made(ev.wait_set, _account, st.sampled_from(("person", "time")), _word, until=_time),
    _made(ev.wait_cleared, _account),
    _made(ev.limit_used, _account, _word),
    _made(
        ev.factor, st.sampled_from(("password", "phone")), held=st.booleans(), account=st.sampled_from(("", *ACCOUNTS))
    ),
    _made(ev.consent, _account, _word, _word, given=st.booleans()),
    _made(ev.bound, _account, _word, st.sampled_from(("x", "y", ""))),
    _made(ev.mailbox_set, st.sampled_from(Side), _config),
    _made(ev.old_state, st.sampled_from(OldState), _time),
    _made(lambda a, b: Draft(Kind.ACCOUNT_JOINED, a, {"into": b}), _account, _account),
    _made(lambda a, c: Draft(Kind.ACCOUNT_CLOSED, a, {"closed": c}), _account, st.booleans()),
    st.just(Draft(Kind.COPY_SEEN)),
    _made(ev.note, _word, _account),
)


def picture(journal: Journal) -> dict[str, Any]:
    """Everything that a journal can be asked, as comparable values."""
    found: dict[str, Any] = {
        "accounts": journal.accounts(),
        "waits": sorted(journal.waits(), key=lambda w: w.account),
        "old": journal.old_state(),
        "factors": journal.factors(),
        "boxes": [journal.mailbox(side) for side in Side],
        "used": [journal.mail_used(d * 64) for d in "012"],
    }
    for name in (a.id for a in journal.accounts()):
        found[name] = [
            journal.account(name),
            journal.route(name),
            journal.wait(name),
            journal.factors(name),
            sorted(journal.steps(name), key=lambda s: (s.route, s.step)),  # the order of equals is nobody's promise
            [journal.step(name, r, s) for r in ("one", "two") for s in ("one", "two")],
            [journal.expectation(name, w) for w in ("one", "two")],
            [journal.limit_uses(name, w) for w in ("one", "two")],
            [journal.consented(name, w) for w in ("one", "two")],
            [journal.bound(name, w) for w in ("one", "two")],
        ]
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_drafts, min_size=1, max_size=2), max_size=15))
def test_the_journal_in_memory_answers_like_the_state_file(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[Draft]]
) -> None:
    """Whatever is recorded, both refuse the same commits and give the same answers: tests on the fake are tests of the real."""
    folder: Path = tmp_path_factory.mktemp("state")
    clock = FakeClock()
    memory = MemoryJournal(clock, old=OLD, new=NEW)
    old, new = Address.parse(OLD), Address.parse(NEW)
    with StateFile.create(folder / "m.state", old, new, clock=clock, markers=folder / "markers") as file:
        first = [ev.account_added("a", "one", slots=[Slot.SIGN_IN]), ev.account_added("b", "two", slots=[Slot.SIGN_IN])]
        for drafts in [first, *commits]:
            clock.advance(1)
            outcomes = []
            for journal in (memory, file):
                try:
                    journal.record(*drafts)
                    outcomes.append("")
                except Exception as error:  # noqa: BLE001 - which error it is does not matter here, that both refuse does
                    outcomes.append("refused")
                    assert type(error).__module__ == "readdress.errors"
            assert outcomes[0] == outcomes[1], (drafts, outcomes)
        assert picture(memory) == picture(file)


def test_a_commit_that_is_killed_leaves_nothing() -> None:
    """before_commit stands for the process that dies: all drafts of the commit are gone, all earlier ones stay."""

    def kill(drafts: tuple[Draft, ...]) -> None:
        if any(d.kind is Kind.STEP_ENDED for d in drafts):
            raise KeyboardInterrupt

    journal = MemoryJournal(FakeClock(), before_commit=kill)
    journal.record(ev.account_added("a", "shop"), ev.step_armed("a", "r", "s", attempt=1))
    with pytest.raises(KeyboardInterrupt):
        journal.record(ev.note("x", "a"), ev.step_ended("a", "r", "s", StepStatus.DONE, attempt=1))
    assert journal.step("a", "r", "s").status is StepStatus.ARMED
    assert journal.kinds("a") == [Kind.ACCOUNT_ADDED, Kind.STEP_ARMED]
    journal.before_commit = None
    with pytest.raises(StateError):
        journal.record(ev.note("x", "a"), ev.route_chosen("nobody", "r"))
    assert journal.header().serial == 2
