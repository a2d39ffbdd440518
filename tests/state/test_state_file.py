"""The file itself: its mode, its place, its lock, and what opening it costs."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import NEW, OLD, HandClock

from readdress.errors import StateError, StateLocked, UsageError
from readdress.models import Address
from readdress.models import events as ev
from readdress.state import StateFile, default_path
from readdress.userdata import data_folder

Open = Callable[..., StateFile]
posix = pytest.mark.skipif(os.name != "posix", reason="modes and signals are POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_every_file_is_for_its_owner_only(path: Path, markers: Path, clock: HandClock) -> None:
    """Under the most generous umask, the file, its journal, its lock and its marker are 0600, and so they were from the first byte."""
    seen: dict[str, set[int]] = {}

    def look(event: str, args: tuple[object, ...]) -> None:
        if event == "sqlite3.connect" and watching:
            for one in path.parent.iterdir():
                seen.setdefault(one.name, set()).add(mode(one))

    watching = True
    sys.addaudithook(look)
    before = os.umask(0)
    try:
        with StateFile.create(path, OLD, NEW, clock=clock, markers=markers) as state:
            state.record(ev.note("x"))
            files = [*path.parent.iterdir(), *markers.iterdir()]
            assert {f.name for f in path.parent.iterdir()} == {path.name, f"{path.name}-journal", f"{path.name}.lock"}
            assert {mode(f) for f in files} == {0o600} and mode(markers) == 0o700
    finally:
        watching = False
        os.umask(before)
    assert any(name.endswith(".new") for name in seen), "the file being made was looked at when SQLite first opened it"
    assert set().union(*seen.values()) == {0o600}


def test_at_rest_it_is_one_file(path: Path, state: StateFile, opened: Open) -> None:
    """Closed, nothing stands beside it; and a copy of that one file is the whole state."""
    state.record(ev.account_added("a", "s"))
    state.close()
    state.close()
    assert [f.name for f in path.parent.iterdir()] == [path.name]
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    with opened(copy, write=False) as again:
        assert [a.id for a in again.accounts()] == ["a"]


def test_durability_settings(state: StateFile) -> None:
    """A rollback journal and FULL: what was recorded survives the machine, and no WAL is ever left behind."""
    assert state._db.execute("PRAGMA journal_mode").fetchone()[0] in ("persist", "delete")
    assert state._db.execute("PRAGMA synchronous").fetchone()[0] == 2


@pytest.mark.skipif(not sys.platform.startswith("linux") or not Path("/usr/bin/strace").exists(), reason="needs strace")
def test_a_commit_is_synced_before_record_returns(tmp_path: Path) -> None:
    """The system calls of one commit: the journal is synced before the file is written, the file before the journal's header is cleared, and that too."""
    script = (
        "import sys,os;from pathlib import Path;sys.path[:0]=[sys.argv[2]]\n"
        "from conftest import *\nfrom readdress.models import events as ev\np=Path(sys.argv[1])\n"
        "s=StateFile.create(p/'x',OLD,NEW,clock=HandClock(),markers=p/'m')\n"
        "s.record(ev.note('1'));os.write(2,b'HERE');s.record(ev.note('2'));os.write(2,b'THERE');s.close()"
    )
    command = ["strace", "-f", "-y", "-e", "trace=write,pwrite64,fsync,fdatasync", sys.executable, "-c", script]
    done = subprocess.run(
        [*command, str(tmp_path), str(Path(__file__).parent)], capture_output=True, text=True, timeout=60, check=False
    )
    if "ptrace" in done.stderr and done.returncode:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr[-2000:]
    between = done.stderr.split('"HERE"')[1].split('"THERE"')[0]
    calls: list[str] = []
    for line in between.splitlines():
        what = "sync" if "sync(" in line else "write" if "write" in line else ""
        where = "journal" if "x-journal>" in line else "file" if "/x>" in line else ""
        if what and where and (not calls or calls[-1] != f"{what} {where}"):
            calls.append(f"{what} {where}")
    wanted = ["write journal", "sync journal", "write file", "sync file", "write journal", "sync journal"]
    tail = calls[-len(wanted) :]
    assert tail == wanted, calls


def test_create_refuses_what_is_there(
    path: Path, state: StateFile, markers: Path, clock: HandClock, tmp_path: Path
) -> None:
    """Never overwrites, says so with the next action, and leaves nothing beside it; a missing folder is not invented."""
    state.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match="already") as caught:
        StateFile.create(path, OLD, NEW, clock=clock, markers=markers)
    assert caught.value.todo and path.read_bytes() == before
    dangling = path.with_name("link")
    dangling.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="already"):
        StateFile.create(dangling, OLD, NEW, clock=clock, markers=markers)
    with pytest.raises(StateError, match="folder") as caught:
        StateFile.create(tmp_path / "no" / "such", OLD, NEW, clock=clock, markers=markers)
    assert "Create the folder" in caught.value.todo
    with pytest.raises(UsageError, match="same address"):
        StateFile.create(tmp_path / "y", OLD, Address("ANN", "example.com"), clock=clock, markers=markers)
    assert sorted(f.name for f in path.parent.iterdir()) == [path.name, "link"]


def test_open_says_what_is_missing(tmp_path: Path, opened: Open) -> None:
    """No file, a folder instead of a file, a folder that is missing: a sentence each, for readers and writers."""
    for write in (True, False):
        with pytest.raises(StateError, match="no state file"):
            opened(tmp_path / "none", write=write)
        with pytest.raises(StateError, match="is a folder"):
            opened(tmp_path, write=write)
        with pytest.raises(StateError, match="no state file"):
            opened(tmp_path / "no" / "none", write=write)
    assert [p.name for p in tmp_path.rglob("*")] == ["here"], "looking leaves nothing behind"


def test_a_second_writer_is_told_who(path: Path, state: StateFile, opened: Open) -> None:
    """It learns process, command and since when; readers go on; after the end the lock is free."""
    with pytest.raises(StateLocked, match=rf"process {os.getpid()}\), since 2026-03-01T12:00:0\d") as caught:
        opened()
    assert caught.value.todo
    with pytest.raises(StateLocked):
        StateFile.create(path, OLD, NEW, clock=HandClock())
    state.record(ev.account_added("a", "s"))
    with opened(write=False) as one, opened(write=False) as two:
        assert one.accounts() == two.accounts() == state.accounts()
        state.record(ev.account_added("b", "s"))
        assert len(one.accounts()) == 2
        with pytest.raises(UsageError, match="reading only"):
            one.record(ev.note("x"))
        with pytest.raises(UsageError, match="reading only"):
            one.rebuild()
        with pytest.raises(sqlite3.OperationalError):
            one._db.execute("DELETE FROM accounts")
    state.close()
    opened().close()


def test_a_reader_in_the_middle_does_not_stop_the_writer(state: StateFile, opened: Open) -> None:
    """A slow reader of the log (an export into a pipe) holds no lock between two pages."""
    state.record(*(ev.note(str(n)) for n in range(1500)))
    with opened(write=False) as reader:
        stream = iter(reader.events())
        next(stream)
        state._db.execute("PRAGMA busy_timeout = 200")
        state.record(ev.note("meanwhile"))
        assert sum(1 for _ in stream) == 1501


def test_two_names_of_one_migration_have_one_writer(path: Path, state: StateFile, opened: Open) -> None:
    """Written under two names at once, a migration would act twice: the lineage is locked as well."""
    copy = path.with_name("copy")
    state.record(ev.note("x"))
    copy.write_bytes(path.read_bytes())
    with pytest.raises(StateLocked):
        opened(copy)
    state.close()
    opened(copy).close()


@posix
def test_a_dead_holder_holds_nothing(path: Path, state: StateFile, opened: Open, tmp_path: Path) -> None:
    """A killed command leaves its lock file, and the lock file is no lock."""
    state.close()
    script = (
        "import sys,time;from pathlib import Path;sys.path[:0]=[sys.argv[3]]\nfrom conftest import *\n"
        "s=StateFile.open(sys.argv[1],clock=HandClock(),markers=Path(sys.argv[2]),command='migrate run')\n"
        "print('open',flush=True);time.sleep(60)"
    )
    arguments = [str(path), str(tmp_path / "data" / "markers"), str(Path(__file__).parent)]
    child = subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None and child.stdout.readline() == "open\n"
        with pytest.raises(StateLocked, match=rf"`migrate run` \(process {child.pid}\)"):
            opened()
    finally:
        child.kill()
        child.communicate()
    assert path.with_name(path.name + ".lock").exists()
    with opened() as mine:
        assert mine.copy_status == "same"
    assert [f.name for f in path.parent.iterdir()] == [path.name]


def test_the_log_only_grows(state: StateFile) -> None:
    """Not even SQL on the file changes or removes an event."""
    state.record(ev.note("x"))
    for sql in (
        "UPDATE events SET data = '{}'",
        "DELETE FROM events",
        "REPLACE INTO events SELECT seq, at, kind, account, '{}', digest FROM events",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            state._db.execute(sql)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("DROP TRIGGER events_stay; DELETE FROM events WHERE seq = 3", "gap"),
        ('DROP TRIGGER events_stay_as_they_are; UPDATE events SET data = \'{"text":"y"}\' WHERE seq = 3', "altered"),
        ("DROP TRIGGER events_stay_as_they_are; UPDATE events SET kind = 'spell' WHERE seq = 3", "entry"),
        ("UPDATE accounts SET closed = 1", "picture"),
        ("DELETE FROM slots", "picture"),
        ("UPDATE migration SET new = 'eve@example.org'", "picture"),
    ],
)
def test_check_finds_what_was_altered(path: Path, state: StateFile, opened: Open, sql: str, kind: str) -> None:
    """Each kind of meddling is named; a wrong picture, and only that, is put right by a rebuild."""
    state.record(ev.account_added("a", "s", slots=list(ev.Slot)), ev.note("x"), ev.note("z"))
    state.close()
    db = sqlite3.connect(path)
    db.executescript(sql)
    db.close()
    with opened(write=False) as reader:
        assert kind in {f.kind for f in reader.check()} and all(f.detail and f.todo for f in reader.check())
    if kind == "picture":
        with opened() as writer:
            assert writer.rebuild() == 4 and writer.check() == [] and str(writer.header().new) == str(NEW)


@posix
def test_check_finds_open_permissions(path: Path, state: StateFile, opened: Open) -> None:
    """A file that others may read is a fault with its remedy."""
    state.close()
    path.chmod(0o644)
    with opened(write=False) as reader:
        (fault,) = reader.check()
    assert fault.kind == "permissions" and "chmod 600" in fault.todo


def test_export_is_whole_and_stable(state: StateFile) -> None:
    """The promised names are there, and the document is JSON as it stands."""
    state.record(ev.account_added("a", "s", slots=list(ev.Slot)), ev.step_armed("a", "r", "x", attempt=1))
    document = state.export()
    assert (document["readdress"], document["format"]) == ("state", 1)
    assert list(document) == [
        "readdress", "format", "migration", "mailboxes", "factors", "accounts", "expectations", "limits", "consents", "bounds",
        "used_mail", "recipes", "providers", "facts", "scans", "tallies", "opened", "events",
    ]  # fmt: skip
    assert document["migration"]["serial"] == 3 == len(document["events"])
    assert json.loads(json.dumps(document)) == document
    assert document["accounts"][0]["steps"][0]["status"] == "armed"


def test_default_paths_stay_in_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One mailbox, one file; slashes and very long names in an address lead nowhere else."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_path(Address("Ann", "example.com")) == default_path(OLD)
    for local in ("a/b", "a/../../b", "x" * 64, "/" * 64, "\u00fc" * 32, "a\\b", "con"):
        found = default_path(Address(local, f"{'d' * 60}.{'e' * 60}.example.com"))
        assert found.parent == data_folder() and len(os.fsencode(found.name)) < 230
    assert default_path(Address("a/b", "example.com")) != default_path(Address("a_b", "example.com"))
    if sys.platform.startswith("linux"):
        with StateFile.create(default_path(OLD), OLD, NEW, clock=HandClock()) as made:
            assert made.path.parent == tmp_path / "readdress" and mode(made.path.parent) == 0o700
            assert [p.name for p in (tmp_path / "readdress" / "markers").iterdir() if p.suffix != ".lock"]


def test_reading_commands_start_light() -> None:
    """Importing the state, and reading with it, loads no library that only other adapters need."""
    code = "import sys, readdress.state; readdress.state.StateFile; print(' '.join(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    heavy = {
        "pydantic",
        "playwright",
        "keyring",
        "loguru",
        "imapclient",
        "click",
        "rich",
        "asyncio",
        "dns",
        "dkim",
        "platformdirs",
    }
    assert "sqlite3" in done.stdout.split() and not heavy & set(done.stdout.split())
