"""What goes wrong with files and disks: a sentence with the next action, nothing lost, nothing written to what is damaged."""

from __future__ import annotations

import errno
import os
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import NEW, OLD, HandClock

from readdress.errors import ReaddressError, StateDamaged, StateError, StateForeign, StateLocked
from readdress.models import events as ev
from readdress.state import StateFile
from readdress.state.faults import from_os, from_sqlite

Open = Callable[..., StateFile]
HERE = Path("state")


def test_every_error_of_sqlite_is_mapped() -> None:
    """Each exception class that the library has, under each result code that it knows, becomes a sentence with a next action."""
    classes = [c for c in vars(sqlite3).values() if isinstance(c, type) and issubclass(c, sqlite3.Error)]
    skip = ("SQLITE_OK", "SQLITE_ROW", "SQLITE_DONE")
    codes = [v for k, v in vars(sqlite3).items() if k.startswith("SQLITE_") and isinstance(v, int) and k not in skip]
    assert len(classes) >= 9 and len(codes) > 90
    for class_ in classes:
        for code in [None, *codes]:
            error = class_("what it says")
            if code is not None:
                error.sqlite_errorcode = code
            found = from_sqlite(error, HERE)
            assert isinstance(found, StateError) and found.message and found.todo
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert isinstance(from_sqlite(busy, HERE), StateLocked)
    corrupt = sqlite3.DatabaseError("malformed")
    corrupt.sqlite_errorcode = sqlite3.SQLITE_CORRUPT_VTAB
    assert isinstance(from_sqlite(corrupt, HERE), StateDamaged)


def test_every_error_of_the_system_is_mapped() -> None:
    """Each errno becomes a sentence with a next action."""
    for code in errno.errorcode:
        found = from_os(OSError(code, os.strerror(code)), HERE)
        assert found.message and found.todo
    assert "full" in from_os(OSError(errno.ENOSPC, ""), HERE).message


def _filled(state: StateFile) -> None:
    for n in range(300):
        state.record(ev.account_added(f"a{n}", "s", slots=list(ev.Slot)))
    state.close()


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("size", [0, 1, 50, 100, 4096, 5000, -4096, -1000])
def test_a_truncated_file_is_damaged(path: Path, state: StateFile, opened: Open, write: bool, size: int) -> None:
    """Cut anywhere: said to be damaged, and not one byte of it changed."""
    _filled(state)
    whole = path.read_bytes()
    path.write_bytes(whole[:size])
    with pytest.raises(StateDamaged) as caught:
        opened(write=write).accounts()
    assert caught.value.todo and path.read_bytes() == whole[:size]
    assert [f.name for f in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("where", [0, 20, 100, 0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_garbled_file_is_damaged(path: Path, state: StateFile, opened: Open, where: float) -> None:
    """A page's worth of garbage anywhere: a writer refuses it before writing, and a reader's check names it."""
    _filled(state)
    garbled = bytearray(path.read_bytes())
    at = int(where if where >= 1 else where * len(garbled)) // 4096 * 4096 + (int(where) if where >= 1 else 0)
    garbled[at : at + 2000] = bytes(range(1, 251)) * 8
    path.write_bytes(garbled)
    with pytest.raises((StateDamaged, StateForeign)):
        opened()
    assert path.read_bytes() == bytes(garbled) and [f.name for f in path.parent.iterdir()] == [path.name]
    try:
        with opened(write=False) as reader:
            assert reader.check()
    except (StateDamaged, StateForeign):
        pass


def test_a_garbled_head_of_ours_is_damaged_not_foreign(path: Path, state: StateFile, opened: Open) -> None:
    """The mark at byte 68 still says whose file it was."""
    state.close()
    data = bytearray(path.read_bytes())
    data[:16] = b"x" * 16
    path.write_bytes(data)
    assert struct.unpack(">I", data[68:72])[0] == 0x72646472
    with pytest.raises(StateDamaged):
        opened()


def test_what_is_not_ours_is_foreign(path: Path, opened: Open) -> None:
    """A text, a picture, another program's database: told apart from a damaged state file, and left alone."""
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE bookmarks (x)")
    db.close()
    text = path.with_name("text")
    text.write_text("Dear diary, " * 1000)
    for one in (path, text):
        before = one.read_bytes()
        for write in (True, False):
            with pytest.raises(StateForeign) as caught:
                opened(one, write=write)
            assert caught.value.todo
        assert one.read_bytes() == before
    assert {f.name for f in path.parent.iterdir()} == {path.name, "text"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB of its own (needs root and Linux)."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("may not mount a file system here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _fill_up(state: StateFile) -> tuple[int, StateError]:
    for n in range(3000):
        try:
            state.record(ev.note(f"{n} " * 100), ev.note("twin"))
        except StateError as error:
            return n, error
    raise AssertionError("the disk was never full")


def test_a_full_disk_loses_nothing(small_disk: Path, markers: Path, clock: HandClock) -> None:
    """A real full disk: the commit that does not fit is undone whole, what was there is there, and with room it goes on."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(60_000))
    with StateFile.create(small_disk / "x", OLD, NEW, clock=clock, markers=markers) as state:
        committed, error = _fill_up(state)
        assert "full" in error.message or "disk" in error.message
        assert "Nothing that was recorded before is lost" in error.todo
        assert state.header().serial == 1 + 2 * committed and state.check() == []
        ballast.unlink()
        assert state.record(ev.note("room again")) == 2 + 2 * committed
        assert state.check() == []


def test_a_full_disk_at_the_start_leaves_nothing(small_disk: Path, markers: Path, clock: HandClock) -> None:
    """A migration that cannot even begin leaves no half of a file."""
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(bytes(300_000))
    with pytest.raises(StateError, match=r"full|disk"):
        StateFile.create(small_disk / "x", OLD, NEW, clock=clock, markers=markers)
    assert [p.name for p in small_disk.iterdir()] == ["ballast"]


def test_a_file_that_may_not_grow_loses_nothing(state: StateFile) -> None:
    """The same without root: SQLite's own page limit raises what a full disk raises."""
    pages = state._db.execute("PRAGMA page_count").fetchone()[0]
    state._db.execute(f"PRAGMA max_page_count = {pages + 10}")
    committed, error = _fill_up(state)
    assert "disk is full" in error.message and committed > 0
    assert state.header().serial == 1 + 2 * committed and state.check() == []
    state._db.execute("PRAGMA max_page_count = 100000")
    assert state.record(ev.note("room")) == 2 + 2 * committed


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
def test_a_file_size_limit_is_no_traceback(path: Path, state: StateFile) -> None:
    """EFBIG (a quota, a FAT disk) in the middle of a commit: undone, said, and the journal that is left heals the file."""
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20_000, before[1]))
        committed, error = _fill_up(state)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert error.todo and committed > 0
    assert state.header().serial == 1 + 2 * committed and state.check() == []
    assert state.record(ev.note("room")) == 2 + 2 * committed


@pytest.fixture
def locked_folder(path: Path, state: StateFile) -> Iterator[Path]:
    """The state file on a file system that is mounted read-only (root gets past modes)."""
    state.record(ev.account_added("a", "s"))
    state.close()
    folder = str(path.parent)
    made = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("may not mount a file system here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield path
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_read_only_disk_can_be_read(locked_folder: Path, opened: Open, markers: Path, clock: HandClock) -> None:
    """Writers are told before anything happens; readers do everything that readers do."""
    with pytest.raises(StateError, match="may not be written") as caught:
        opened()
    assert caught.value.todo
    with pytest.raises(StateError, match="may not be written"):
        StateFile.create(locked_folder.with_name("y"), OLD, NEW, clock=clock, markers=markers)
    with opened(write=False) as reader:
        assert [a.id for a in reader.accounts()] == ["a"] and reader.check() == [] and reader.copy_status == "same"
        assert reader.overview().accounts and reader.export()


def test_a_disk_that_turns_read_only_loses_nothing(path: Path, state: StateFile, opened: Open) -> None:
    """A disk with errors is remounted read-only under a running command."""
    state.record(ev.account_added("a", "s"))
    state._db.execute("PRAGMA query_only = ON")
    with pytest.raises(StateError, match="may not be written"):
        state.record(ev.note("x"))
    state._db.execute("PRAGMA query_only = OFF")
    assert state.record(ev.note("x")) == 3 and state.check() == []


def test_a_busy_file_is_said_to_be_busy(path: Path, state: StateFile) -> None:
    """A program that holds a read transaction open for longer than we wait: the commit is undone and the sentence says why."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM events").fetchone()
    state._db.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(StateLocked, match="busy"):
        state.record(ev.note("x"))
    other.execute("COMMIT")
    other.close()
    assert state.record(ev.note("x")) == 2 and state.check() == []


def test_stopping_in_the_middle_of_a_commit_keeps_the_numbers_right(
    state: StateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C may come before the commit or after it went through: either way the next event gets the right number."""

    class Stops:
        """The connection, with Ctrl-C coming at the commit."""

        def __init__(self, db: sqlite3.Connection, *, after: bool) -> None:
            self.db, self.after = db, after

        def __getattr__(self, name: str) -> object:
            return getattr(self.db, name)

        def execute(self, sql: str, *values: object) -> object:
            if sql == "COMMIT":
                if self.after:
                    self.db.execute(sql)
                raise KeyboardInterrupt
            return self.db.execute(sql, *values)

    real = state._db
    for after, serial in ((False, 1), (True, 2)):
        monkeypatch.setattr(state, "_db", Stops(real, after=after))
        with pytest.raises(KeyboardInterrupt):
            state.record(ev.note("x"))
        monkeypatch.setattr(state, "_db", real)
        assert state.header().serial == serial
    assert state.record(ev.note("y")) == 3 and state.check() == []


def test_no_error_of_opening_is_a_traceback(path: Path, state: StateFile, opened: Open) -> None:
    """Random damage to the first page, where the structure is: only errors of ours come out, and never a change."""
    import random

    _filled(state)
    whole = path.read_bytes()
    dice = random.Random(7)
    for _ in range(150):
        hurt = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            hurt[dice.randrange(4096)] = dice.randrange(256)
        path.write_bytes(hurt)
        for write in (False, True):
            try:
                with opened(write=write) as found:
                    found.accounts()
                    found.overview()
                    found.check()
            except ReaddressError as error:
                assert error.todo
                if write:
                    assert path.read_bytes() == bytes(hurt)
    assert sys.exc_info() == (None, None, None)
