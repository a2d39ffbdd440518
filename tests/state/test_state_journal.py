"""The state file as a journal: what is recorded is what is read, for every question that the engine asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from readdress.errors import StateError, UsageError
from readdress.models import (
    Draft,
    Evidence,
    Kind,
    MailboxConfig,
    Mark,
    OldState,
    Side,
    Slot,
    StepStatus,
    Verdict,
)
from readdress.models import events as ev
from readdress.ports import Journal
from readdress.state import StateFile

LATER = datetime(2026, 4, 1, tzinfo=UTC)
MARKS = (Mark("INBOX", 1, 42), Mark("Junk \u2603", 7, 1))
DIGEST = "ab" * 32


def test_it_is_a_journal(state: StateFile) -> None:
    """Strict typing proves the shape where tests are typed; at run time every method of the port must at least be there."""
    journal: Journal = state
    for name in (n for n in vars(Journal) if not n.startswith("_")):
        assert callable(getattr(journal, name)), name


def test_header_and_serial(state: StateFile) -> None:
    """The serial grows with every commit, and the lineage stays."""
    first = state.header()
    assert (str(first.old), str(first.new), first.format) == ("ann@example.com", "ann@example.net", 2)
    assert first.old_state is OldState.ALIVE and len(first.lineage) == 32
    state.record(ev.note("hello"))
    assert state.header().serial == first.serial + 1 and state.header().lineage == first.lineage
    assert state.record() == state.header().serial, "nothing to record is no commit"


def test_accounts_keep_their_order_slots_and_evidence(state: StateFile) -> None:
    """Accounts come back as added, with typed slots and deduplicated evidence."""
    seen = Evidence("mail", "INBOX/42", "welcome", "hi@github.com", LATER, "d1")
    state.record(
        ev.account_added("zz", "github", login="ann", label="work", slots=[Slot.SIGN_IN, Slot.CONTACT]),
        ev.account_added("aa", "wiki", site="wiki.example.org"),
        ev.evidence_found("zz", seen),
        ev.evidence_found("zz", seen),
        ev.slot_verdict("zz", Slot.CONTACT, Verdict.READ_BACK, "listed"),
        ev.account_changed("aa", login="bob"),
    )
    first, second = state.accounts()
    assert (first.id, first.service, first.login, first.label) == ("zz", "github", "ann", "work")
    assert first.evidence == (seen,)
    assert first.slots[Slot.CONTACT].verdict is Verdict.READ_BACK and first.slots[Slot.CONTACT].detail == "listed"
    assert first.slots[Slot.SIGN_IN].verdict is Verdict.FOUND and first.verdict() is Verdict.FOUND
    assert (second.id, second.site, second.login) == ("aa", "wiki.example.org", "bob")
    assert state.account("zz") == first
    with pytest.raises(StateError, match="no account 'nobody'"):
        state.account("nobody")


def test_steps_from_nothing_to_armed_to_done(state: StateFile) -> None:
    """The engine's question after a crash: what was armed, where, with which marks, and did it end."""
    state.record(ev.account_added("a", "github"))
    assert state.step("a", "standard", "add").status is StepStatus.PENDING
    state.record(ev.step_armed("a", "standard", "add", attempt=1, url="https://github.com/settings", marks=MARKS))
    armed = state.step("a", "standard", "add")
    assert (armed.status, armed.attempt, armed.marks) == (StepStatus.ARMED, 1, MARKS)
    assert armed.armed_at is not None and armed.ended_at is None
    state.record(ev.step_ended("a", "standard", "add", StepStatus.DONE, attempt=1, detail="listed", by="page"))
    done = state.step("a", "standard", "add")
    assert (done.status, done.detail, done.by, done.marks) == (StepStatus.DONE, "listed", "page", MARKS)
    assert done.armed_at == armed.armed_at and done.ended_at is not None and done.ended_at > armed.armed_at
    state.record(ev.step_ended("a", "standard", "confirm", StepStatus.SKIPPED, attempt=0, by="person"))
    assert [s.step for s in state.steps("a")] == ["add", "confirm"]
    state.record(ev.step_armed("a", "standard", "add", attempt=2))
    again = state.step("a", "standard", "add")
    assert (again.status, again.attempt, again.ended_at, again.detail) == (StepStatus.ARMED, 2, None, "")


def test_an_expectation_is_used_once_and_replaced(state: StateFile) -> None:
    """A used code answers nothing any more; a new request opens the expectation again; the digest stays used for ever."""
    state.record(ev.account_added("a", "github"), ev.account_added("b", "github"))
    assert state.expectation("a", "verify") is None

    def expect(attempt: int) -> Draft:
        return ev.mail_expected("a", "verify", route="r", step="s", attempt=attempt, marks=MARKS, until=LATER)

    state.record(expect(1))
    state.record(expect(2))
    open_ = state.expectation("a", "verify")
    assert open_ is not None and (open_.attempt, open_.marks, open_.until) == (2, MARKS, LATER)
    assert state.expectation("b", "verify") is None and state.expectation("a", "other") is None
    assert not state.mail_used(DIGEST)
    state.record(ev.mail_used("a", "verify", DIGEST, folder="INBOX", uid=43, sender="noreply@github.com"))
    assert state.mail_used(DIGEST) and state.expectation("a", "verify") is None
    state.record(expect(3))
    assert state.expectation("a", "verify") is not None and state.mail_used(DIGEST)


def test_waits(state: StateFile) -> None:
    """One wait an account; what ends soonest comes first; a closed account waits for nothing."""
    state.record(*(ev.account_added(x, "s") for x in "abc"))
    state.record(
        ev.wait_set("a", "person", "puzzle"),
        ev.wait_set("b", "time", "weekly limit", until=LATER + timedelta(days=1)),
        ev.wait_set("c", "mail", "verify", step="s", until=LATER),
    )
    assert [w.account for w in state.waits()] == ["c", "b", "a"]
    wait = state.wait("c")
    assert wait is not None and (wait.kind, wait.reason, wait.step, wait.until) == ("mail", "verify", "s", LATER)
    assert wait.since is not None and wait.since.tzinfo is UTC
    state.record(ev.wait_cleared("c"), Draft(Kind.ACCOUNT_CLOSED, "b"))
    assert [w.account for w in state.waits()] == ["a"] and state.wait("c") is None
    assert state.account("b").closed


def test_limits_factors_consents_bounds(state: StateFile) -> None:
    """The smaller questions, each with its scope: an account's own word counts more than the word for all."""
    state.record(ev.account_added("a", "s"), ev.account_added("b", "s"))
    state.record(ev.limit_used("a", "week"))
    state.record(ev.limit_used("a", "week"), ev.limit_used("b", "week"))
    uses = state.limit_uses("a", "week")
    assert len(uses) == 2 and uses[0] < uses[1] and state.limit_uses("a", "year") == []
    state.record(
        ev.factor("phone", held=True),
        ev.factor("session", held=True, account="a", where="browser"),
        ev.factor("phone", held=False, account="b"),
    )
    assert (
        state.factors() == {"phone"}
        and state.factors("a") == {"phone", "session"}
        and state.factors("b") == frozenset()
    )
    assert not state.consented("a", "replace")
    state.record(ev.consent("a", "replace", "The old address goes at once."))
    assert state.consented("a", "replace") and not state.consented("b", "replace")
    state.record(ev.consent("a", "replace", "No.", given=False))
    assert not state.consented("a", "replace")
    state.record(ev.bound("a", "sender", "no-reply@forum.example.org"))
    state.record(ev.bound("a", "sender", "no-reply@evil.test"))
    assert state.bound("a", "sender") == "no-reply@forum.example.org", "first use binds"
    assert state.bound("b", "sender") == ""
    state.record(ev.bound("a", "sender", ""), ev.bound("a", "sender", "new@forum.example.org"))
    assert state.bound("a", "sender") == "new@forum.example.org"


def test_mailboxes_old_state_routes_and_recipes(state: StateFile) -> None:
    """Configurations come back equal, tuples included."""
    config = MailboxConfig(
        "ann@example.com", host="imap.example.com", folders=("Archive",), authserv_ids=("mx.example.com",)
    )
    state.record(
        ev.mailbox_set(Side.OLD, config), ev.mailbox_set(Side.NEW, MailboxConfig("b@example.net", kind="none"))
    )
    assert state.mailbox(Side.OLD) == config
    state.record(ev.mailbox_set(Side.NEW, None))
    assert state.mailbox(Side.NEW) is None
    assert state.old_state() == ("alive", None)
    state.record(ev.old_state(OldState.READ_ONLY, LATER))
    assert state.old_state() == ("read_only", LATER) and state.header().old_state is OldState.READ_ONLY
    state.record(ev.account_added("a", "s"))
    assert state.route("a") == ""
    state.record(ev.route_chosen("a", "standard"), Draft(Kind.RECIPE_PINNED, "", {"service": "s", "digest": "f" * 64}))
    assert state.route("a") == "standard" and state.pinned("s") == "f" * 64 and state.pinned("t") == ""


def test_events_stream_in_order_over_pages(state: StateFile) -> None:
    """More events than a page, from any place, for one account or all, also while more are recorded."""
    state.record(ev.account_added("a", "s"))
    state.record(*(ev.note(str(n), "a" if n % 2 else "") for n in range(1201)))
    assert [e.seq for e in state.events()] == list(range(1, 1204))
    assert [e.seq for e in state.events(after=1200)] == [1201, 1202, 1203]
    assert len(list(state.events(account="a"))) == 601
    stream = iter(state.events())
    assert next(stream).kind is Kind.MIGRATION_STARTED
    state.record(ev.note("late"))
    assert list(stream)[-1].data["text"] == "late"


def test_a_join_merges_and_keeps_the_old_id_working(state: StateFile) -> None:
    """Two findings are one login: slots, evidence, steps and the rest merge, nothing newer is lost, old events keep their id."""
    state.record(
        ev.account_added("a", "forum", slots=[Slot.SIGN_IN, Slot.CONTACT]),
        ev.slot_verdict("a", Slot.SIGN_IN, Verdict.READ_BACK),
        ev.step_armed("a", "r", "one", attempt=1),
        ev.limit_used("a", "week"),
        ev.bound("a", "host", "forum.example.org"),
        ev.account_added("b", "forum", slots=[Slot.SIGN_IN, Slot.RECOVERY]),
        ev.slot_verdict("b", Slot.CONTACT, Verdict.CONFIRMED),
        ev.step_ended("b", "r", "one", StepStatus.DONE, attempt=1),
        ev.step_armed("b", "r", "two", attempt=1),
        ev.evidence_found("b", Evidence("person", "asked")),
        ev.limit_used("b", "week"),
        ev.bound("b", "host", "evil.test"),
        ev.wait_set("b", "person", "puzzle"),
        ev.mail_used("b", "m", DIGEST),
    )
    state.record(Draft(Kind.ACCOUNT_JOINED, "b", {"into": "a"}))
    (one,) = state.accounts()
    assert {s: v.verdict for s, v in one.slots.items()} == {
        Slot.SIGN_IN: Verdict.READ_BACK,  # b had only found it, which takes nothing back
        Slot.CONTACT: Verdict.CONFIRMED,
        Slot.RECOVERY: Verdict.FOUND,
    }
    assert one.evidence == (Evidence("person", "asked"),)
    assert {s.step: s.status for s in state.steps("a")} == {"one": StepStatus.DONE, "two": StepStatus.ARMED}
    assert len(state.limit_uses("a", "week")) == 2 and state.bound("a", "host") == "forum.example.org"
    assert state.wait("a") is not None and state.mail_used(DIGEST)
    assert state.account("b") == one, "an id that was given out goes on working"
    state.record(ev.slot_verdict("b", Slot.RECOVERY, Verdict.STARTED))
    assert state.account("a").slots[Slot.RECOVERY].verdict is Verdict.STARTED
    assert {e.account for e in state.events(account="a")} == {"a", "b"}
    state.record(ev.account_added("c", "forum"), Draft(Kind.ACCOUNT_JOINED, "a", {"into": "c"}))
    assert state.account("b").id == "c" and state.check() == []
    for wrong in ("c", "b"):
        with pytest.raises(UsageError, match="into itself"):
            state.record(Draft(Kind.ACCOUNT_JOINED, wrong, {"into": "c"}))


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        (Draft(Kind.STEP_ARMED, "a", {"route": "r", "step": "s", "attempt": 1, "code": "123456"}), "holds no 'code'"),
        (Draft(Kind.NOTE, "", {"text": "x", "body": "Dear Ann"}), "holds no 'body'"),
        (ev.mail_used("a", "verify", "123456"), "SHA-256"),
        (ev.mailbox_set(Side.OLD, MailboxConfig("a@example.com", secret="hunter2")), "never written down"),
        (Draft(Kind.NOTE, "", {"text": float("nan")}), "no JSON"),
        (Draft(Kind.NOTE, "", {"text": object()}), "no JSON"),
        (Draft(Kind.SLOT_VERDICT, "a", {"slot": "attic", "verdict": "found"}), "attic"),
        (Draft(Kind.SLOT_VERDICT, "a", {}), "KeyError"),
        (
            Draft(Kind.STEP_ARMED, "a", {"route": "r", "step": "s", "attempt": 10**30}),
            "not what it should be|too large",
        ),
        (ev.account_added("a", "twice"), "no other one has"),
        (ev.factor("telepathy", held=True), "no factor"),
        (Draft(Kind.MIGRATION_STARTED, "", {"lineage": "x", "old": "a@example.com", "new": "b@example.com"}), "once"),
        (ev.slot_verdict("nobody", Slot.CONTACT, Verdict.FOUND), "no account 'nobody'"),
        (ev.slot_verdict("", Slot.CONTACT, Verdict.FOUND), "no account ''"),
        (ev.account_added("\ud800", "s"), "cannot be written down"),
    ],
)
def test_what_may_not_be_written_is_refused_whole(state: StateFile, draft: Draft, says: str) -> None:
    """No secret has a place in the log, no nonsense gets in, and the good drafts beside a bad one are not recorded either."""
    state.record(ev.account_added("a", "s"))
    before = state.export()
    with pytest.raises((UsageError, StateError), match=says):
        state.record(ev.note("good"), draft)
    assert state.export() == before
    assert state.record(ev.note("goes on")) == before["migration"]["serial"] + 1 and state.check() == []


def test_tokens_in_addresses_of_pages_are_dropped(state: StateFile) -> None:
    """Sites put tokens into queries and fragments, and people put passwords before the @."""
    state.record(ev.account_added("a", "s"))
    state.record(ev.step_armed("a", "r", "s", attempt=1, url="https://ann:pw@site.test:8443/mail/change?token=T#frag"))
    assert state.step("a", "r", "s").url == "https://site.test:8443/mail/change"
    assert "token" not in str(state.export()) and "pw@" not in str(state.export())


def test_hostile_text_is_kept_as_text(state: StateFile) -> None:
    """Half a surrogate pair, NUL, and a date that no UTC clock holds come from mail headers; none may break the file."""
    far = datetime(9999, 12, 31, 23, 59, tzinfo=UTC).replace(
        tzinfo=__import__("datetime").timezone(timedelta(hours=-12))
    )
    state.record(ev.account_added("a", "s", label="x\ud800y\x00z"))
    state.record(ev.evidence_found("a", Evidence("mail", "INBOX/1", at=far)), ev.note("it's \u202e\u0000"))
    assert state.account("a").label == "x?y\x00z"
    assert state.check() == []


def test_overview_says_it_all_in_few_statements(state: StateFile) -> None:
    """`status` shows accounts, slots, waits and counts; the number of statements does not grow with the accounts."""
    state.record(*(ev.account_added(f"a{n}", "s", slots=[Slot.SIGN_IN, Slot.CONTACT]) for n in range(300)))
    state.record(
        ev.slot_verdict("a1", Slot.SIGN_IN, Verdict.READ_BACK),
        ev.slot_verdict("a1", Slot.CONTACT, Verdict.STARTED),
        ev.step_armed("a2", "r", "s", attempt=1),
        ev.wait_set("a3", "person", "puzzle"),
        Draft(Kind.ACCOUNT_CLOSED, "a4"),
    )
    statements: list[str] = []
    state._db.set_trace_callback(statements.append)
    view = state.overview()
    state._db.set_trace_callback(None)
    assert len(statements) <= 10
    lines = {line.account: line for line in view.accounts}
    assert (
        len(lines) == 300
        and lines["a1"].verdict is Verdict.STARTED
        and lines["a1"].slots[Slot.SIGN_IN] is Verdict.READ_BACK
    )
    assert lines["a2"].in_doubt == 1 and view.in_doubt == 1 and lines["a4"].closed and view.closed == 1
    assert lines["a3"].wait == state.wait("a3") and [w.account for w in view.waits] == ["a3"]
    assert view.counts == {Verdict.FOUND: 298, Verdict.STARTED: 1}
