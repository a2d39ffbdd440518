"""Reads an mbox of any size in windows: where each message begins, and its header block.

Nothing is mapped into memory (the pages of a mapped file count as memory of the process) and nothing but a window is held. What is a
separator is decided from the octets around it alone, so that the same messages come out wherever a window, a segment of another
process or a resumed run begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from readdress.mailbox.archives.lines import AHEAD, NEEDLE, finder, header_end, separator, unquote
from readdress.mailbox.archives.model import Batch, Job, Row
from readdress.mailbox.archives.trouble import ArchiveError, damaged

WINDOW = 2 * 1024 * 1024
"""Octets that are searched at a time. It stays in the processor's cache between reading and searching; larger ones are slower."""
BATCH_SPAN = 32 * 1024 * 1024
"""Octets of the file that one batch covers (about a thousand messages): counting costs less in large batches."""
BATCH_OCTETS = 4 * 1024 * 1024
"""Octets of header blocks after which a batch is given sooner."""
_ROW = 160  # octets that Python needs to hold a row besides the header's own
CHECK = 4096
"""Octets before a mark that tell whether the file is still the one that the mark was made for."""
_START = b"\n\n\n\n"
_BOM = b"\xef\xbb\xbf"


class Stream(Protocol):
    """Octets one after another: a file, an unpacked gzip file, a member of a zip file."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill some of ``buffer``; 0 at the end."""


@dataclass(frozen=True, slots=True)
class Window:
    """The messages that begin below ``at`` (and after the window before), and the check number of what lies before ``at``.

    ``last``: the end was reached, or ``stop``.
    """

    rows: list[Row]
    at: int
    check: int
    last: bool


def check_number(before: bytes | memoryview) -> int:
    """A number of 63 bits for the last :data:`CHECK` octets before a place."""
    return int.from_bytes(blake2b(before[-CHECK:], digest_size=8).digest(), "big") >> 1


def fill(stream: Stream, view: memoryview) -> tuple[int, ArchiveError | None]:
    """Read until ``view`` is full or the stream ends: how many octets came, and the error that stopped it."""
    done = 0
    while done < len(view):
        try:
            got = stream.readinto(view[done:])
        except ArchiveError as error:
            return done, error
        if not got:
            break
        done += got
    return done, None


def windows(
    stream: Stream, at: int = 0, before: bytes = b"", stop: int | None = None, size: int = WINDOW
) -> Iterator[Window]:
    """Windows of messages whose separator begins at the octet ``at`` or later, and before ``stop``.

    ``stream`` stands at ``at``; ``before``: the last :data:`CHECK` octets before it, or all if there are fewer. An error of the stream is
    raised after the messages that came before it.
    """
    find = finder()
    buffer = bytearray(CHECK + size + AHEAD)
    view = memoryview(buffer)
    lead = _START if at <= len(before) else b""
    head = lead + before
    n = len(head)
    buffer[:n] = head
    base = at - n  # where the buffer begins in the file; the line ends put before its beginning lie at -4 to -1
    search = n - 1
    while True:
        # no further than what decides about the last message before stop
        room = len(buffer) if stop is None else min(len(buffer), max(n, stop - base + AHEAD))
        got, trouble = fill(stream, view[n:room])
        n += got
        if base == -4 and search == 3 and buffer.startswith(_BOM, 4):
            buffer[4:7] = b"\n\n\n"  # a byte order mark before the first separator
        ended = n < room
        limit = n if ended else n - AHEAD
        if stop is not None and stop - base <= limit:
            limit, ended = stop - base, True
        rows: list[Row] = []
        place = find(buffer, NEEDLE, search, n)
        while 0 <= place < limit - 1:
            if start := separator(buffer, place, n):
                end = header_end(buffer, start, n, find)
                rows.append((base + place + 1, bytes(view[start:end])))
                place = find(buffer, NEEDLE, max(end - 1, place + 1), n)
            else:
                place = find(buffer, NEEDLE, place + 1, n)
        check = check_number(view[max(limit - CHECK, -min(base, 0)) : limit])
        yield Window(rows, base + limit, check, ended and trouble is None)
        if trouble is not None:
            raise trouble
        if ended:
            return
        keep = n - limit + CHECK
        buffer[:keep] = view[n - keep : n]
        base += n - keep
        n = keep
        search = CHECK - 1


def batches(
    job: Job, folder: str, found: Iterator[Window], total: int, before: int, *, restart: bool
) -> Iterator[Batch]:
    """Windows put together to batches. ``before``: messages that earlier runs counted; ``total``: octets of the file, 0 if not known."""
    messages, octets, span = before, 0, 0
    rows: list[Row] = []
    held: Window | None = None
    trouble: ArchiveError | None = None
    at = -1
    while True:
        window = None
        try:
            window = next(found, None)
        except ArchiveError as error:
            trouble = error
        if window is not None:
            rows += window.rows
            octets += sum(len(header) for _, header in window.rows) + _ROW * len(window.rows)
            span += window.at - at if at >= 0 else 0
            at, held = window.at, window
            job.tell(at, total)
        if held is not None and (window is None or held.last or octets >= BATCH_OCTETS or span >= BATCH_SPAN):
            messages += len(rows)
            yield job.batch(
                folder, rows, at=held.at, check=held.check, messages=messages, done=held.last, restart=restart
            )
            rows, octets, span, held, restart = [], 0, 0, None, False
        if trouble is not None:
            raise trouble
        if window is None:
            return


def resume_at(job: Job, folder: str, tail: bytes | None) -> tuple[int, int, bool]:
    """Octet to go on from, messages counted before it, and whether everything begins anew.

    ``tail``: the octets that now lie before the mark's offset, ``None`` when the file has become shorter than that.
    """
    mark = job.mark(folder)
    if mark is None or mark.uidnext <= 0:
        return 0, 0, False
    if tail is not None and check_number(tail) == mark.uidvalidity:
        return mark.uidnext, mark.messages, False
    return 0, 0, True


class Forward:
    """Reads a stream at rising offsets: what was read ahead for one message serves the next."""

    def __init__(self, stream: Stream, at: int = 0) -> None:
        self._stream, self._at = stream, at
        self._held = b""

    def at(self, offset: int, size: int) -> bytearray | None:
        """``size`` octets from ``offset`` on, fewer at the end; ``None`` where that lies behind. Raises only if nothing came."""
        if offset < self._at:
            return None
        room = bytearray(min(size, WINDOW))
        while self._at + len(self._held) < offset:
            self._at += len(self._held)
            got, trouble = fill(self._stream, memoryview(room)[: min(len(room), offset - self._at)])
            if trouble is not None:
                raise trouble
            if not got:
                return bytearray()
            self._held = bytes(room[:got])
        found = bytearray(self._held[offset - self._at :])
        if len(found) < size:
            room = bytearray(size - len(found))
            got, trouble = fill(self._stream, memoryview(room))
            if trouble is not None and not (got or found):
                raise trouble
            found += room[:got]
        self._at, self._held = offset, bytes(found)
        return found[:size]


def message_in(octets: bytearray, cap: int, name: str) -> bytes:
    """The message whose separator ``octets`` begin with: at most ``cap`` octets, unquoted, without the separator.

    ``octets``: ``cap`` and :data:`AHEAD`, or up to the file's end.
    """
    find = finder()
    buffer = bytearray(b"\n\n") + octets
    n = len(buffer)
    start = separator(buffer, 1, n)
    if not start:
        raise damaged(name, "the message that was found there before is not there any more")
    stop = min(n, start + cap)
    place = find(buffer, NEEDLE, start - 1, n)
    while 0 <= place < stop and not separator(buffer, place, n):
        place = find(buffer, NEEDLE, place + 1, n)
    if 0 <= place < stop:
        stop = place + 1
    if place >= 0 or len(octets) < cap + AHEAD:  # the blank line at its end is not the message's
        if find(buffer, b"\n\n", stop - 2, stop) >= 0:
            stop -= 1
        elif find(buffer, b"\n\r\n", stop - 3, stop) >= 0:
            stop -= 2
    return unquote(bytes(buffer[start : max(start, stop)]))
