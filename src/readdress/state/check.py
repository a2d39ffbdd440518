"""Verifies a state file: SQLite's own check, the log without gaps and unaltered, the picture equal to a rebuilt one."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from readdress.errors import ReaddressError
from readdress.state.entry import START, chain
from readdress.state.projector import project
from readdress.state.schema import PICTURE, TABLES, dump, run
from readdress.state.writing import to_event

_KEEP = "Keep this file, and go on with an earlier copy of it."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a state file.

    ``kind``: ``integrity``, ``gap``, ``altered``, ``entry``, ``picture``, ``serial`` or ``permissions``; ``detail`` and ``todo``: a
    sentence each.
    """

    kind: str
    detail: str
    todo: str


def find_faults(db: sqlite3.Connection, path: Path) -> Iterator[Fault]:
    """Everything that is wrong with the open file, worst first. Writes nothing."""
    try:
        broken = [row[0] for row in db.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
        yield from (Fault("integrity", f"SQLite says: {line}.", _KEEP) for line in broken)
        yield from _log_and_picture(db)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        yield Fault("integrity", f"It cannot be read to its end: {error}.", _KEEP)
    yield from _permissions(path)


def _log_and_picture(db: sqlite3.Connection) -> Iterator[Fault]:
    before, last = START, 0
    again = sqlite3.connect(":memory:", isolation_level=None)
    try:
        run(again, PICTURE)
        again.execute("BEGIN")
        for row in db.execute("SELECT seq, at, kind, account, data, digest FROM events ORDER BY seq"):
            seq = row[0]
            if seq != last + 1:
                yield Fault("gap", f"The log jumps from entry {last} to {seq}.", _KEEP)
            if chain(before, *row[:5]) != row[5]:
                yield Fault("altered", f"Entry {seq} of the log, or one before it, is not as it was written.", _KEEP)
            before, last = bytes(row[5]), seq
            try:
                project(again, to_event(row))
            except (ReaddressError, ValueError, TypeError) as error:
                yield Fault("entry", f"Entry {seq} of the log cannot be: {error}", _KEEP)
        if not last:
            yield Fault("gap", "The log is empty.", _KEEP)
        have, want = dump(db), dump(again)
    finally:
        again.close()
    wrong = [table for table in TABLES if have[table] != want[table]]
    if wrong:
        yield Fault(
            "picture", f"The picture ({', '.join(wrong)}) is not what the log says.", "Rebuild it from the log."
        )


def _permissions(path: Path) -> Iterator[Fault]:
    if os.name != "posix":
        return
    for one in (path, path.with_name(path.name + "-journal")):
        try:
            mode = stat.S_IMODE(one.stat().st_mode)
        except OSError:
            continue
        if mode & 0o077:
            yield Fault("permissions", f"{one} may be read by others (mode {mode:04o}).", f"Run: chmod 600 '{one}'")
