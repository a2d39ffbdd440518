"""The shapes that all readers of archives share: kinds, batches, caps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from readdress.models.inventory import ScanMark

HEADER_CAP = 64 * 1024
"""Octets of one message's header block that are read; what is longer is cut at a line's end."""
MESSAGE_CAP = 1024 * 1024
"""Octets of one message that :func:`~readdress.mailbox.archives.message_at` gives unless asked for another cap."""
BATCH_ROWS = 500
"""Messages in one batch of a folder; a batch of an mbox goes by octets."""

Row = tuple[int, bytes]
"""Where a message begins (octet offset in an mbox, number in a folder) and its header block, line ends as they are, no blank line."""
Progress = Callable[[int, int], None]
"""Called with (done, total): octets of a file, entries of a folder; a total of 0 is not known."""
Count = Callable[[str, list[Row]], Any]
"""Called with (folder, rows) where the rows are read, which may be another process; its answer must be picklable then."""
Marks = ScanMark | Iterable[ScanMark] | None
"""Where to go on: the marks of an earlier run, of any folder and of any source (others are left alone)."""


class ArchiveKind(StrEnum):
    """What an archive is, told by its content."""

    MBOX = "mbox"
    MBOX_GZIP = "mbox.gz"
    MAILDIR = "maildir"
    FOLDER = "folder"
    """A folder of .eml, .emlx and .msg files and of mbox files, nested as it may be."""
    ZIP = "zip"
    """A zip file with any of those in it."""
    EML = "eml"
    MSG = "msg"


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one folder of an archive, and how far it has been read with them.

    ``folder``: "" where the archive is one mbox or one message, else the path within it, parts joined by "/". ``mark``: go on from here;
    its ``uidnext`` is an octet offset (mbox; of what was unpacked, if packed) or a number of entries (folder), its ``uidvalidity`` a check
    number of what lies before and therefore another one in every mark. ``restart``: the folder is not as the given mark left it and
    is read from its beginning: what was counted of it before does not count any more. ``counted``: what each call of
    ``count`` answered; ``rows`` are empty then. ``messages``: how many this batch brought. ``troubles``: files of this batch that could not be read, with the reason.
    """

    folder: str
    mark: ScanMark
    rows: list[Row]
    counted: Sequence[Any] = ()
    restart: bool = False
    messages: int = 0
    troubles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """What one reading of an archive was asked for."""

    path: Path
    source: str
    marks: tuple[ScanMark, ...]
    count: Count | None = None
    workers: int = 1
    progress: Progress | None = None

    def mark(self, folder: str) -> ScanMark | None:
        """The mark of that folder of this source."""
        return next((m for m in self.marks if m.source == self.source and m.folder == folder), None)

    def tell(self, done: int, total: int) -> None:
        """Call ``progress``, if there is one."""
        if self.progress is not None:
            self.progress(done, total)

    def batch(
        self,
        folder: str,
        rows: list[Row],
        *,
        at: int,
        check: int,
        messages: int,
        done: bool,
        restart: bool,
        troubles: tuple[tuple[str, str], ...] = (),
    ) -> Batch:
        """A batch up to ``at``; ``messages``: of the whole folder so far. Rows are counted here if somebody counts."""
        mark = ScanMark(self.source, folder, check, at, messages=messages, done=done)
        if self.count is None:
            return Batch(folder, mark, rows, restart=restart, messages=len(rows), troubles=troubles)
        counted = [self.count(folder, rows)] if rows else []
        return Batch(folder, mark, [], counted=counted, restart=restart, messages=len(rows), troubles=troubles)
