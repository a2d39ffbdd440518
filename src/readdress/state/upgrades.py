"""Brings a state file of an older format up to the present one: a copy first, then every step in one transaction."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from readdress.errors import StateError
from readdress.state.faults import from_os, from_sqlite
from readdress.state.marker import sync_folder
from readdress.state.schema import ADDED_BY_2, run

Upgrade = Callable[[sqlite3.Connection], None]


def _from_1_to_2(db: sqlite3.Connection) -> None:
    """New kinds of event and their tables; nothing of format 1 changes."""
    run(db, ADDED_BY_2)


UPGRADES: Mapping[int, Upgrade] = {1: _from_1_to_2}
"""Format → the function that makes the next one of it. It changes tables inside the transaction that it is called in, never
commits, and adds events where the log must say something new."""


def check_path(have: int, want: int, path: Path) -> None:
    """Raise :class:`StateError` when no chain of upgrades leads from ``have`` to ``want``."""
    if any(n not in UPGRADES for n in range(have, want)):
        raise StateError(
            f"The state file {path} has format {have}, which this readdress cannot bring up to {want}.",
            todo="Open it once with the version of readdress that wrote it, or the one after.",
        )


def run_upgrades(db: sqlite3.Connection, have: int, want: int, path: Path) -> None:
    """Upgrade ``db`` from ``have`` to ``want``, all or nothing."""
    check_path(have, want, path)
    try:
        db.execute("BEGIN IMMEDIATE")
        try:
            for number in range(have, want):
                UPGRADES[number](db)
            db.execute(f"PRAGMA user_version = {int(want)}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise from_sqlite(error, path) from error


def keep_copy(db: sqlite3.Connection, path: Path, want: int) -> Path:
    """Copy the file beside itself as ``<name>.before-format-N`` before it is upgraded, durably and with mode 0600.

    Through SQLite's backup: reading the file beside an open connection and closing it would drop that connection's locks. A copy that
    is there already is left alone, and the new one is numbered.
    """
    wanted = f"{path.name}.before-format-{want}"
    for number in range(1, 1000):
        copy = path.with_name(wanted if number == 1 else f"{wanted}.{number}")
        try:
            os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            continue
        except OSError as error:
            raise from_os(error, copy) from error
        try:
            target = sqlite3.connect(copy, isolation_level=None)
            try:
                db.backup(target)
            finally:
                target.close()
            sync_folder(path.parent)
        except (sqlite3.Error, OSError) as error:
            copy.unlink(missing_ok=True)
            raise (from_sqlite(error, copy) if isinstance(error, sqlite3.Error) else from_os(error, copy)) from error
        return copy
    raise StateError(f"There are too many copies like {wanted}.", todo="Remove the old ones.")
