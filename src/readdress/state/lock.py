"""The writer's lock: one command at a time, held for its whole life, let go by the system when it dies."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from readdress.errors import StateLocked
from readdress.state.faults import from_os

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # Windows locks bytes against reading too: lock one far behind the text that says who holds it

    def _take(fd: int) -> bool:
        os.lseek(fd, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def this_command() -> str:
    """The running command for others to read: the program and its verb, never its options (they may name people)."""
    verb = next((a for a in sys.argv[1:2] if a.isalpha()), "")
    return f"{Path(sys.argv[0]).name} {verb}".strip()


class WriterLock:
    """An OS lock on a small file of its own, which says who holds it.

    Not on the state file itself: closing any descriptor of a file drops the POSIX locks that SQLite holds on it
    (fcntl(2), "Record locks"). The lock file is removed on release; whoever locked a removed file sees that and tries again.
    """

    def __init__(self, path: Path, what: Path) -> None:
        self._path = path
        self._what = what
        self._fd = -1

    def acquire(self, command: str, since: datetime) -> None:
        """Take it, or raise :class:`StateLocked` naming the holder; never waits."""
        while True:
            try:
                fd = os.open(self._path, os.O_RDWR | os.O_CREAT | _NOFOLLOW, 0o600)
            except OSError as error:
                raise from_os(error, self._path) from error
            try:
                if not _take(fd):
                    raise self._held(fd)
                if not self._still_there(fd):
                    os.close(fd)
                    continue
                holder = {"pid": os.getpid(), "command": command, "since": since.isoformat(timespec="seconds")}
                self._say(fd, json.dumps(holder).encode())
            except OSError as error:
                os.close(fd)
                raise from_os(error, self._path) from error
            except StateLocked:
                os.close(fd)
                raise
            self._fd = fd
            return

    def release(self) -> None:
        """Let go. Harmless when not held."""
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        self._remove()
        os.close(fd)

    def _say(self, fd: int, holder: bytes) -> None:
        try:
            os.ftruncate(fd, 0)
            os.lseek(fd, 0, os.SEEK_SET)
            os.write(fd, holder)
        except OSError:  # a full disk: leave nothing behind
            self._remove()
            raise

    def _remove(self) -> None:
        if sys.platform != "win32":  # an open file cannot be removed there; it stays, and means nothing
            with suppress(OSError):  # nor does one that cannot be removed here
                self._path.unlink(missing_ok=True)

    def _still_there(self, fd: int) -> bool:
        mine = os.fstat(fd)
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return False
        return (mine.st_dev, mine.st_ino) == (now.st_dev, now.st_ino)

    def _held(self, fd: int) -> StateLocked:
        os.lseek(fd, 0, os.SEEK_SET)
        try:
            holder = json.loads(os.read(fd, 4096))
            who = f"`{holder['command']}` (process {int(holder['pid'])}), since {holder['since']}"
        except (ValueError, KeyError, TypeError, OSError):
            who = "another command"
        return StateLocked(
            f"The state file {self._what} is being written by {who}.",
            todo="Wait until that command has ended, or end it; reading (`migrate status`) goes on meanwhile.",
        )
