"""Formats: a newer one is refused, an older one is brought up to date with a copy kept, all or nothing."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from readdress.errors import StateError, StateTooNew
from readdress.models import Kind, MailKind, Mark, OldState, ScanMark, Slot, StepStatus, Tally, Verdict, Witness
from readdress.models import events as ev
from readdress.state import StateFile, opening, upgrades
from readdress.state.entry import START, chain
from readdress.state.schema import APPLICATION_ID, FORMAT, PICTURE_OF_1, run

Open = Callable[..., StateFile]


def make_format_0(path: Path) -> None:
    """A made-up format 0, as a first format might have been: the account in a column called ``who``, no digests, no picture."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT, kind TEXT, who TEXT, data TEXT)")
    at = "2026-01-01T00:00:00.000000+00:00"
    rows = [
        ("migration_started", "", '{"lineage":"00ff","new":"ann@example.net","old":"ann@example.com"}'),
        ("account_added", "a", '{"service":"s","slots":["sign_in"]}'),
        ("step_armed", "a", '{"attempt":1,"marks":[],"route":"r","step":"x","url":""}'),
    ]
    for row in rows:
        db.execute("INSERT INTO events (at, kind, who, data) VALUES (?, ?, ?, ?)", (at, *row))
    db.close()


def from_0_to_1(db: sqlite3.Connection) -> None:
    """The upgrade that would go with it: new tables, the log carried over and chained, the picture made from it."""
    from readdress.state.projector import project
    from readdress.state.schema import LOG
    from readdress.state.writing import to_event

    db.execute("ALTER TABLE events RENAME TO events_0")
    run(db, LOG)
    run(db, PICTURE_OF_1)
    digest = START
    for row in db.execute("SELECT seq, at, kind, who, data FROM events_0 ORDER BY seq").fetchall():
        digest = chain(digest, *row)
        db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", (*row, digest))
        project(db, to_event(row))
    db.execute("DROP TABLE events_0")


@pytest.fixture
def zero(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_format_0(path)
    monkeypatch.setattr(upgrades, "UPGRADES", {0: from_0_to_1, **upgrades.UPGRADES})
    return path


def test_an_older_format_is_upgraded_and_kept(zero: Path, opened: Open) -> None:
    """The log is the same, the picture is right, the file before lies beside it, for its owner only; once is enough."""
    before = zero.read_bytes()
    with opened() as state:
        assert state.header().format == 2 and state.check() == []
        assert [e.kind for e in state.events()] == [
            Kind.MIGRATION_STARTED,
            Kind.ACCOUNT_ADDED,
            Kind.STEP_ARMED,
            Kind.COPY_SEEN,
        ]
        assert Slot.SIGN_IN in state.account("a").slots and state.step("a", "r", "x").status is StepStatus.UNKNOWN
        state.record(ev.note("x"))
    copy = zero.with_name(zero.name + ".before-format-2")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600 and {f.name for f in zero.parent.iterdir()} == {
        zero.name,
        copy.name,
    }
    old = sqlite3.connect(copy)
    assert old.execute("SELECT count(*), max(who) FROM events").fetchone() == (3, "a")
    old.close()
    assert len(copy.read_bytes()) == len(before)
    opened().close()
    assert len(list(zero.parent.iterdir())) == 2


def test_a_reader_upgrades_in_memory_only(zero: Path, opened: Open) -> None:
    """`status` works on an old file and leaves it as it is."""
    before = zero.read_bytes()
    with opened(write=False) as reader:
        assert reader.step("a", "r", "x").status is StepStatus.ARMED and len(reader.accounts()) == 1
    assert zero.read_bytes() == before and [f.name for f in zero.parent.iterdir()] == [zero.name]


def test_a_copy_that_is_there_is_not_overwritten(zero: Path, opened: Open) -> None:
    """A second upgrade of another old copy gets a number."""
    other = zero.with_name(zero.name + ".before-format-2")
    other.write_text("precious")
    opened().close()
    assert other.read_text() == "precious" and other.with_name(other.name + ".2").exists()


def test_an_upgrade_that_fails_changes_nothing(zero: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: a failure in the last line leaves the file in its old format, and readable for the old version."""

    before = upgrades.UPGRADES

    def fails(db: sqlite3.Connection) -> None:
        from_0_to_1(db)
        db.execute("INSERT INTO nowhere VALUES (1)")

    monkeypatch.setattr(upgrades, "UPGRADES", {**before, 0: fails})
    with pytest.raises(StateError):
        opened()
    db = sqlite3.connect(zero)
    assert db.execute("PRAGMA user_version").fetchone()[0] == 0
    assert db.execute("SELECT count(*) FROM events WHERE who IS NOT NULL").fetchone() == (3,)
    db.close()
    monkeypatch.setattr(upgrades, "UPGRADES", before)
    opened().close()


def test_a_format_without_a_way_is_refused(path: Path, opened: Open) -> None:
    """Format 0 was never released: the shipped registry has no way from it, says so, and makes no copy."""
    make_format_0(path)
    for write in (True, False):
        with pytest.raises(StateError, match="format 0") as caught:
            opened(write=write)
        assert caught.value.todo
    assert [f.name for f in path.parent.iterdir()] == [path.name]


def test_a_file_of_format_1_is_brought_up_to_date(path: Path, opened: Open) -> None:
    """A file that the code of format 1 wrote: everything in it is there afterwards, and what is new works on it."""
    path.write_bytes((Path(__file__).parent / "files" / "format-1.readdress").read_bytes())
    path.chmod(0o600)
    with opened(write=False) as reader:
        assert len(reader.accounts()) == 2 and reader.facts() == {}
    with opened() as state:
        assert state.check() == [] and state.header().format == 2 and state.header().old_state is OldState.READ_ONLY
        orchard, forum = state.accounts()
        assert orchard.slots[Slot.CONTACT].verdict is Verdict.SUBMITTED and orchard.evidence[0].where == "INBOX/42"
        assert state.step("a1", "standard", "add_address").marks == (Mark("INBOX", 7, 43),)
        assert state.factors() == {"phone"} and forum.site == "https://forum.test"
        mark = ScanMark("imap:old", "INBOX", 7, 43, messages=42, done=True)
        tally = Tally(
            "orchard.test",
            "old",
            {MailKind.SECURITY: 2},
            witnesses=(Witness("INBOX", 42, None, "a@orchard.test", MailKind.SECURITY, "ab" * 32),),
        )
        state.record(
            ev.scanned(mark, [tally]), ev.fact("value", "500 EUR", "a1"), ev.provider_state("qq", OldState.DEAD)
        )
        state.record(ev.scanned(replace(mark, uidnext=50, messages=44), [tally]))
        assert state.check() == [] and state.scan_marks()["imap:old", "INBOX"].messages == 44
        [(_, _, both)] = state.tallies()
        assert both.counts == {MailKind.SECURITY: 4} and len(both.witnesses) == 1
        assert state.facts("a1") == {"value": "500 EUR"} and state.providers()["qq"][0] is OldState.DEAD
        state.record(ev.scanned(replace(mark, uidvalidity=8, uidnext=1, messages=0), [], restart=True))
        assert state.tallies() == [] and state.check() == []
    assert path.with_name(path.name + ".before-format-2").exists()


def test_the_next_format_is_refused_today_and_reached_tomorrow(
    path: Path, state: StateFile, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the next format is refused unwritten by this one; and once there is one, the path to it runs over a real file of today."""
    state.record(ev.account_added("a", "s"))
    state.close()

    def to_the_next(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE more (x)")

    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(opening, "FORMAT", FORMAT + 1)
        tomorrow.setattr(upgrades, "UPGRADES", {FORMAT: to_the_next})
        with opened() as newer:
            assert newer.check() == [] and [a.id for a in newer.accounts()] == ["a"] and newer.copy_status == "same"
    kept_as = path.with_name(f"{path.name}.before-format-{FORMAT + 1}")
    assert kept_as.exists()
    before = path.read_bytes()
    for write in (True, False):
        with pytest.raises(StateTooNew, match=f"format {FORMAT + 1}") as caught:
            opened(write=write)
        assert "upgrade" in caught.value.todo
    assert path.read_bytes() == before
    with opened(kept_as) as kept:
        assert kept.check() == [] and kept.copy_status == "same"
