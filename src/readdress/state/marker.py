"""The marker: the newest entry of a migration's log that this machine has seen, by which an older copy is recognised.

One small text file for each lineage in the person's data folder: a head line, then ``<serial> <digest of that entry>`` lines, the
newest last. Lines are appended after each commit without fsync, and made durable when the state file is opened and closed.
So a marker may be behind its file (the machine died), never ahead of it, and a torn last line is skipped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from readdress.errors import StateError
from readdress.state.faults import from_os

CopyStatus = Literal["same", "older", "diverged", "unknown"]

_HEAD = "readdress marker 1\n"
_LINE = re.compile(r"(\d{1,15}) ([0-9a-f]{64})\Z")
_KEPT = 64  # lines that survive compaction: enough to tell a shorter diverged copy from an older one


class Marker:
    """The marker file of one lineage."""

    def __init__(self, folder: Path, lineage: str) -> None:
        self.path = folder / lineage
        self._fd = -1

    def compare(self, serial: int, digest_at: Callable[[int], str]) -> CopyStatus:
        """How a file that ends at ``serial`` stands to the newest one seen; ``digest_at(n)`` gives its n-th digest."""
        seen = self._lines()
        if not seen:
            return "unknown"
        if any(digest != digest_at(at) for at, digest in seen if at <= serial):
            return "diverged"
        return "older" if seen[-1][0] > serial else "same"

    def newest(self) -> int:
        """The newest serial seen, 0 when none was."""
        seen = self._lines()
        return seen[-1][0] if seen else 0

    def save(self, serial: int, digest: str, *, keep: bool) -> None:
        """Make ``serial`` the newest seen, durably; ``keep`` the lines before it when they belong to the same history.

        Raises :class:`~readdress.errors.StateError` where the folder cannot be written: without a marker nobody can tell
        a stale copy, so this is not passed over.
        """
        self.let_go()
        lines = [x for x in self._lines() if x[0] < serial][-_KEPT + 1 :] if keep else []
        text = _HEAD + "".join(f"{at} {d}\n" for at, d in [*lines, (serial, digest)])
        new = self.path.with_name(f".{self.path.name}.{os.getpid()}.new")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(fd, text.encode())
                os.fsync(fd)
            finally:
                os.close(fd)
            new.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise from_os(error, self.path) from error

    def advance(self, serial: int, digest: str) -> None:
        """Append ``serial``, without fsync. A failure is no reason to stop: a marker that is behind does no harm."""
        try:
            if self._fd < 0:
                self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            os.write(self._fd, f"{serial} {digest}\n".encode())
        except OSError:
            self.let_go()

    def close(self, serial: int, digest: str) -> None:
        """Compact and make durable; a failure does no harm here either."""
        with suppress(StateError):
            self.save(serial, digest, keep=True)

    def let_go(self) -> None:
        """Close what :meth:`advance` keeps open."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _lines(self) -> list[tuple[int, str]]:
        try:
            text = self.path.read_text("ascii", errors="replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise from_os(error, self.path) from error
        if not text.startswith(_HEAD):
            return []
        found = (_LINE.match(line) for line in text[len(_HEAD) :].split("\n"))
        return [(int(m[1]), m[2]) for m in found if m]


def sync_folder(folder: Path) -> None:
    """Make names in ``folder`` durable, where the system can (Windows cannot open folders)."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except (PermissionError, IsADirectoryError):
        return
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
