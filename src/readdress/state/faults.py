"""Turns what SQLite and the operating system report into errors that a person can act on."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from readdress.errors import StateDamaged, StateError, StateLocked

_NOTHING_LOST = "Nothing that was recorded before is lost."
IN_DOUBT = "in doubt: this is a copy of the state file, and another one may have gone further"


def damaged(path: Path, why: str) -> StateDamaged:
    """The error for a file that cannot be trusted any more."""
    return StateDamaged(
        f"The state file {path} is damaged: {why}.",
        todo="It was not written to. Keep it, and go on with a copy of it that passes `migrate check`.",
    )


def from_sqlite(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> StateError:
    """The :class:`StateError` for anything that the ``sqlite3`` module raises (result codes: sqlite.org/rescode.html)."""
    if isinstance(error, UnicodeDecodeError):
        return damaged(path, "it holds text that is none")
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StateLocked(
            f"Another program keeps the state file {path} busy.", todo="Close what reads it, and try again."
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT):
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_FULL:
        return StateError(f"The disk is full: {path} cannot grow.", todo=f"Make room and try again. {_NOTHING_LOST}")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return StateError(
            f"The state file {path}, or the folder it is in, may not be written.",
            todo=f"Make both writable, or copy the file to a folder that is. {_NOTHING_LOST}",
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return StateError(
            f"The state file {path} cannot be opened.", todo="Look whether it and its folder may be read and written."
        )
    if code == sqlite3.SQLITE_IOERR:
        return StateError(
            f"The disk failed while {path} was read or written: {error}.",
            todo=f"Look whether the disk is full, gone or broken, and try again. {_NOTHING_LOST}",
        )
    if isinstance(error, sqlite3.IntegrityError):
        return damaged(path, f"its log does not take the next entry ({error})")
    return StateError(f"The state file {path} cannot be used: {error}.", todo="Run `migrate check` on it.")


def from_os(error: OSError, path: Path) -> StateError:
    """The :class:`StateError` for a file that the operating system does not let us open, create or lock."""
    where = error.filename or path
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StateError(
            f"The disk is full: {where} cannot be written.", todo=f"Make room and try again. {_NOTHING_LOST}"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StateError(
            f"{where} may not be written.", todo="Make the folder writable, or give the state file another one."
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return StateError(
            f"The folder of {where} is not there.", todo="Create the folder, or give the state file another one."
        )
    if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
        return StateError(
            f"The file system of {where} has no locks, so two commands could write at once.",
            todo="Keep the state file on a disk of this machine.",
        )
    return StateError(f"{where} cannot be used: {error.strerror or error}.", todo="Give the state file another place.")


def unknown_account(account: str) -> StateError:
    """The error for an id that no account has."""
    return StateError(f"There is no account {account!r}.", todo="`migrate status` lists the accounts.")
