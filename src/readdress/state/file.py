"""The state file: opened under the writer's lock, verified, recognised as the newest copy or not, and written to."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from readdress.errors import ReaddressError, StateDamaged, StateError, UsageError
from readdress.state.entry import START, chain, stamp
from readdress.state.faults import damaged, from_os, from_sqlite
from readdress.state.lock import WriterLock, this_command
from readdress.state.marker import CopyStatus, Marker, sync_folder
from readdress.state.opening import connect, verify
from readdress.state.paths import marker_folder
from readdress.state.reads import Reads
from readdress.state.schema import PICTURE, TABLES, make_tables, run
from readdress.userdata import data_folder

if TYPE_CHECKING:
    from readdress.models import Address, Draft
    from readdress.ports import Clock
    from readdress.state.check import Fault
    from readdress.state.overview import Overview

_INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)"


class StateFile(Reads):
    """One migration's state: a :class:`readdress.ports.Journal`. Make one with :meth:`create` or :meth:`open`; a context manager.

    Used from the thread that opened it.
    """

    def __init__(
        self, path: Path, db: sqlite3.Connection, clock: Clock, markers: Path, locks: list[WriterLock]
    ) -> None:
        self.path = path
        self._db = db
        self._clock = clock
        self._locks = locks  # none: only reading
        self._seq, self._digest = self._end()
        self._marker = Marker(markers, self._lineage())
        self._status: CopyStatus | None = None
        self._saved = 0

    # Making one

    @classmethod
    def create(
        cls,
        path: Path | str,
        old: Address,
        new: Address,
        *,
        clock: Clock,
        command: str = "",
        markers: Path | None = None,
    ) -> Self:
        """Begin a migration in a new file, readable for its owner only, and hold its writer's lock.

        ``command``: what others are told while it is open; ``markers``: the folder of the markers (by default in the person's data
        folder). Raises :class:`StateError` where the file exists or cannot be made, :class:`StateLocked` while another
        command makes it, :class:`UsageError` when both addresses are one.
        """
        path = Path(path).absolute()
        if old.same_as(new):
            raise UsageError(f"{old} and {new} are the same address.", todo="Give the address that you move to.")
        try:
            if path.parent == data_folder():
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = _lock(path, path, clock.now(), command)
            try:
                _make(path, old, new, clock.now())
            except BaseException:
                lock.release()
                raise
        except OSError as error:
            raise from_os(error, path) from error
        return cls._open_writer(path, clock, command, markers or marker_folder(), made=lock)

    @classmethod
    def open(
        cls, path: Path | str, *, clock: Clock, write: bool = True, command: str = "", markers: Path | None = None
    ) -> Self:
        """Open an existing file. With ``write`` the writer's lock is held until :meth:`close`; without, nothing is locked or written.

        An older format is brought up to date (a copy is kept beside the file; a reader does it in memory). Raises
        :class:`StateLocked`, :class:`StateTooNew`, :class:`StateForeign`, :class:`StateDamaged`, or :class:`StateError`.
        """
        path = Path(path).absolute()
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            raise StateError(
                f"There is no state file {path}.", todo="Begin with `migrate init`, or give the file's right place."
            ) from None
        except OSError as error:
            raise from_os(error, path) from error
        if is_folder:
            raise StateError(f"{path} is a folder.", todo="Give the state file in it.")
        folder = markers or marker_folder()
        if write:
            return cls._open_writer(path, clock, command, folder)
        db = connect(path, write=False)
        # One read transaction for all of it: beside a busy writer, each look of its own would wait for its turn again.
        db.execute("BEGIN")
        db = verify(db, path, write=False)
        try:
            state = cls(path, db, clock, folder, [])
            if db.in_transaction:
                db.execute("COMMIT")
            return state
        except BaseException:
            db.close()
            raise

    @classmethod
    def _open_writer(
        cls, path: Path, clock: Clock, command: str, markers: Path, *, made: WriterLock | None = None
    ) -> Self:
        locks = [made or _lock(path, path, clock.now(), command)]
        db: sqlite3.Connection | None = None
        try:
            db = verify(connect(path, write=True), path, write=True)
            state = cls(path, db, clock, markers, locks)
            # Two copies of one file under different names: whoever writes the second one is stopped as well.
            markers.mkdir(mode=0o700, parents=True, exist_ok=True)
            locks.append(_lock(state._marker.path, path, clock.now(), command))
            state._recognise(fresh=made is not None)
            return state
        except BaseException as error:
            if db is not None:
                db.close()
            if made is not None:  # just made, so nothing is in it: a migration begins whole or not at all
                path.unlink(missing_ok=True)
                path.with_name(path.name + "-journal").unlink(missing_ok=True)
            for lock in reversed(locks):
                lock.release()
            if isinstance(error, OSError):
                raise from_os(error, path) from error
            raise

    # Writing

    def record(self, *drafts: Draft) -> int:
        """Commit the drafts, all or none, and return the last event's number. On return they are on disk.

        Raises :class:`UsageError` for drafts that cannot be, :class:`StateError` for unknown accounts and where the disk fails;
        nothing of them is recorded then.
        """
        from readdress.state.projector import project
        from readdress.state.writing import to_event, written

        self._only_writers()
        if not drafts:
            return self._seq
        at = stamp(self._clock.now())
        seq, digest = self._seq, self._digest
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            for draft in drafts:
                seq += 1
                text = written(draft)
                kind, account = draft.kind.value, draft.account
                digest = chain(digest, seq, at, kind, account, text)
                db.execute(_INSERT, (seq, at, kind, account, text, digest))
                project(db, to_event((seq, at, kind, account, text)))
            db.execute("COMMIT")
        except BaseException as error:
            # Also for Ctrl-C, which Python raises after SQLite has returned: then the commit may be through.
            self._undo()
            if isinstance(error, sqlite3.Error):
                raise from_sqlite(error, self.path) from error
            if isinstance(error, ValueError):  # half a surrogate pair in an account's id
                raise UsageError(f"An event holds something that cannot be written down: {error}.") from error
            raise
        self._seq, self._digest = seq, digest
        self._marker.advance(seq, digest.hex())
        return seq

    def rebuild(self) -> int:
        """Make the picture again from the log, in one transaction; returns the number of events."""
        from readdress.state.projector import project

        self._only_writers()
        count = 0
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                self._db.execute(f"DROP TABLE IF EXISTS {table}")
            run(self._db, PICTURE)
            for event in self.events():
                project(self._db, event)
                count += 1
            self._db.execute("COMMIT")
        except BaseException as error:
            self._undo()
            if isinstance(error, sqlite3.Error):
                raise from_sqlite(error, self.path) from error
            if isinstance(error, UsageError):
                raise damaged(self.path, f"entry {count + 1} of its log cannot be: {error}") from error
            raise
        return count

    def _only_writers(self) -> None:
        if not self._locks:
            raise UsageError(f"{self.path} was opened for reading only.")

    def _undo(self) -> None:
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        with suppress(ReaddressError):
            self._seq, self._digest = self._end()

    # Which copy this is

    @property
    def copy_status(self) -> CopyStatus:
        """How this file stood, when it was opened, to the newest one that this machine has seen of its lineage.

        ``older`` and ``diverged`` (it went on from an older one) are copies; ``unknown``: this machine never saw it. A writer has
        recorded that already (:attr:`Kind.COPY_SEEN`), and everything in the file is in doubt until it is looked at again.
        """
        if self._status is None:
            self._status = self._compare()
        return self._status

    def _compare(self) -> CopyStatus:
        def digest_at(serial: int) -> str:
            found = self._rows("SELECT digest FROM events WHERE seq = ?", serial)
            return bytes(found[0][0]).hex() if found else ""

        return self._marker.compare(self._seq, digest_at)

    def _recognise(self, *, fresh: bool) -> None:
        self._status = "same" if fresh else self._compare()
        if self._status != "same":
            from readdress.models import Draft, Kind

            self.record(Draft(Kind.COPY_SEEN, "", {"status": self._status, "serial": self._marker.newest()}))
        self._marker.save(self._seq, self._digest.hex(), keep=self._status == "same")
        self._saved = self._seq

    def _end(self) -> tuple[int, bytes]:
        found = self._rows("SELECT seq, digest FROM events ORDER BY seq DESC LIMIT 1")
        return (int(found[0][0]), bytes(found[0][1])) if found else (0, START)

    def _lineage(self) -> str:
        # From the log, not the picture: a file whose picture is broken can still be opened and rebuilt.
        first = self._made(lambda row: json.loads(row[0]), self._rows("SELECT data FROM events WHERE seq = 1"))
        lineage = first[0].get("lineage") if first and isinstance(first[0], dict) else None
        if not isinstance(lineage, str) or not lineage.isalnum() or not lineage.isascii():  # it names a file
            raise damaged(self.path, "its log does not begin with the start of a migration")
        return lineage

    # Views

    def overview(self) -> Overview:
        """Everything that `migrate status` shows, in a handful of statements."""
        from readdress.state.overview import (
            read_overview,  # late, as are the next two: the start-up of reading commands counts
        )

        return read_overview(self)

    def export(self) -> dict[str, Any]:
        """The log and the picture as one JSON document; its shape is described at :func:`~readdress.state.export.export_document`."""
        from readdress.state.export import export_document

        return export_document(self)

    def check(self) -> list[Fault]:
        """What is wrong with the file; an empty list when nothing is. Reads all of it and writes nothing."""
        from readdress.state.check import Fault, find_faults

        try:
            with self._moment():
                return [*find_faults(self._db, self.path), *self._stale()]
        except StateDamaged as error:
            return [Fault("integrity", error.message, error.todo)]

    def _stale(self) -> list[Fault]:
        from readdress.state.check import Fault

        status = self._compare()
        if status not in ("older", "diverged"):
            return []
        seen = self._marker.newest()
        says = f"This copy is {status}: it ends at entry {self._seq}, and this machine has seen entry {seen}."
        todo = "Use the newer file, or go on with this one: everything in it is then looked at again."
        return [Fault("serial", says, todo)]

    # The end

    def close(self) -> None:
        """Let go of the file and the lock. Nothing is left beside it. Harmless when closed already."""
        if self._locks:
            if self._seq != self._saved:
                self._marker.close(self._seq, self._digest.hex())
            with suppress(sqlite3.Error):  # a reader keeps it busy: then the emptied journal stays until the next time
                self._db.execute("PRAGMA journal_mode = DELETE")
        self._marker.let_go()
        self._db.close()
        while self._locks:
            self._locks.pop().release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _lock(beside: Path, what: Path, since: datetime, command: str) -> WriterLock:
    lock = WriterLock(beside.with_name(beside.name + ".lock"), what)
    lock.acquire(command or this_command(), since)
    return lock


def _make(path: Path, old: Address, new: Address, now: datetime) -> None:
    """Build the file under another name and give it its own when it is whole: a half-made one never stands at ``path``."""
    from readdress.models import Draft, Kind
    from readdress.state.projector import project
    from readdress.state.writing import to_event, written

    exists = StateError(
        f"There is a file {path} already.",
        todo="Go on with it (`migrate status`), or give the new migration another file.",
    )
    if path.is_symlink() or path.exists():
        raise exists
    new_path = path.with_name(f".{path.name}.{os.getpid()}.new")
    new_path.unlink(missing_ok=True)
    os.close(
        os.open(new_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    )  # before SQLite would, with the umask's mode
    try:
        db = connect(new_path, write=True)
        try:
            db.execute("BEGIN IMMEDIATE")
            make_tables(db)
            data = {"lineage": os.urandom(16).hex(), "old": str(old), "new": str(new)}
            text, at = written(Draft(Kind.MIGRATION_STARTED, "", data)), stamp(now)
            row = (1, at, Kind.MIGRATION_STARTED.value, "", text)
            db.execute(_INSERT, (*row, chain(START, *row)))
            project(db, to_event(row))
            db.execute("COMMIT")
            db.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            raise from_sqlite(error, path) from error
        finally:
            db.close()
        new_path.rename(path)
    except BaseException:
        new_path.unlink(missing_ok=True)
        new_path.with_name(new_path.name + "-journal").unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
