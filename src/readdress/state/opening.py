"""Opens the SQLite file as it must be opened, and finds out whether it is ours, whole, and of which format."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path
from random import uniform
from time import monotonic, sleep
from typing import Any

from readdress.errors import StateError, StateForeign, StateTooNew
from readdress.state import upgrades
from readdress.state.faults import damaged, from_sqlite
from readdress.state.schema import APPLICATION_ID, FORMAT

PATIENCE = 10.0  # seconds that a writer waits for readers to finish, and a reader for a commit
_MAGIC = b"SQLite format 3\0"
_SMALLEST = 512  # bytes: the smallest page that SQLite has


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """A connection with the settings that durability rests on.

    ``PERSIST`` keeps the journal file and clears its header at each commit, fsynced under ``FULL`` (sqlite.org/pragma.html#pragma_journal_mode):
    as durable as DELETE with ``EXTRA``, and faster, because no name in the folder changes. Between commits the main file is
    whole by itself; closing removes the journal.
    """
    try:
        db = sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=PATIENCE if write else 0
        )
    except sqlite3.Error as error:
        raise from_sqlite(error, path) from error
    try:
        # SQLite's own words about a damaged file may hold bytes of it that are no text: those come as UnicodeDecodeError.
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("PRAGMA recursive_triggers = ON")  # without it, REPLACE gets past the trigger that forbids deletion
        db.execute("PRAGMA trusted_schema = OFF")
        if not write:
            # Not mode=ro: after a crash in the middle of a commit, the first to open the file has to roll it back.
            db.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        db.close()
        raise from_sqlite(error, path) from error
    return db


def fetch(db: sqlite3.Connection, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The rows of a statement; a reader whose turn it is not yet tries again within a millisecond or two.

    SQLite's own waiting grows to 100 ms a try, and so a reader beside a busy writer came to its turn twice in 1.5 s. A writer's
    connection has waited by SQLite's means before it says that the file is busy, so it is not asked again.
    """
    end = 0.0
    while True:
        try:
            return db.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            end = end or monotonic() + PATIENCE
            if monotonic() > end or db.execute("PRAGMA busy_timeout").fetchone()[0]:
                raise
            sleep(uniform(0.0003, 0.002))  # noqa: S311 - spreads readers, keeps no secret


def _durable(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA journal_mode = PERSIST")


def verify(db: sqlite3.Connection, path: Path, *, write: bool) -> sqlite3.Connection:
    """The connection to use for ``path``: ``db``, or for a reader of an older format one to an upgraded copy in memory.

    Closes ``db`` on failure. Nothing is written before all that is checked here is in order.
    """
    try:
        have = _format(db, path)
        if write:
            # The whole structure, not only the pages that happen to be read: nothing is ever written to a damaged file.
            _quick_check(db, path)
            _durable(db)
        if have < FORMAT:
            db = _upgraded(db, path, have, write=write)
        return db
    except BaseException as error:
        db.close()
        if isinstance(error, (sqlite3.Error, UnicodeDecodeError)):
            raise _not_a_database(error, path) from error
        raise


def _quick_check(db: sqlite3.Connection, path: Path) -> None:
    broken = [row[0] for row in db.execute("PRAGMA quick_check(1)") if row[0] != "ok"]
    if broken:
        raise damaged(path, str(broken[0]))


def _format(db: sqlite3.Connection, path: Path) -> int:
    size = path.stat().st_size
    if size < _SMALLEST:  # SQLite takes it for an empty database
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
        if _MAGIC.startswith(head):
            raise damaged(path, "it is cut off" if size else "it is empty")
        raise _foreign(path)
    ours = int(fetch(db, "PRAGMA application_id")[0][0])
    if ours != APPLICATION_ID:
        raise StateForeign(f"{path} is a database of another program.", todo="Give the state file's right place.")
    have = int(db.execute("PRAGMA user_version").fetchone()[0])
    if have > FORMAT:
        raise StateTooNew(
            f"The state file {path} has format {have}; this readdress knows formats up to {FORMAT}.",
            todo="Use the newer readdress that wrote it: `pip install --upgrade readdress`.",
        )
    db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return have


def _upgraded(db: sqlite3.Connection, path: Path, have: int, *, write: bool) -> sqlite3.Connection:
    if write:
        upgrades.check_path(have, FORMAT, path)
        upgrades.keep_copy(db, path, FORMAT)
        upgrades.run_upgrades(db, have, FORMAT, path)
        return db
    memory = sqlite3.connect(":memory:", isolation_level=None)
    try:
        db.backup(memory)
        upgrades.run_upgrades(memory, have, FORMAT, path)
        memory.execute("PRAGMA query_only = ON")
    except BaseException:
        memory.close()
        raise
    db.close()
    return memory


def _foreign(path: Path) -> StateForeign:
    return StateForeign(f"{path} is no state file of readdress.", todo="Give the state file's right place.")


def _not_a_database(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> StateError:
    """A file that SQLite does not know: ours and garbled, or something else altogether."""
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
        with path.open("rb") as file:  # a live file is never read like this: closing it would drop SQLite's locks on it
            head = file.read(100)
        if not head.startswith(_MAGIC[:6]) and head[68:72] != struct.pack(">I", APPLICATION_ID):
            return _foreign(path)
    return from_sqlite(error, path)
