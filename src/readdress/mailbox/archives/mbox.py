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
"""Octets that one batch covers. It stays in the processor's cache between reading and searching; larger ones are slower."""
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
    """Windows as batches. ``before``: messages that earlier runs counted; ``total``: octets of the file, 0 if not known."""
    messages = before
    for window in found:
        messages += len(window.rows)
        job.tell(window.at, total)
        yield job.batch(
            folder, window.rows, at=window.at, check=window.check, messages=messages, done=window.last, restart=restart
        )
        restart = False


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


def message_from(stream: Stream, cap: int, name: str) -> bytes:
    """The message whose separator begins where ``stream`` stands: at most ``cap`` octets, unquoted, without the separator."""
    find = finder()
    buffer = bytearray(2 + cap + AHEAD)
    buffer[:2] = b"\n\n"
    view = memoryview(buffer)
    n = 2 + fill(stream, view[2:])[0]
    start = separator(buffer, 1, n)
    if not start:
        raise damaged(name, "the message that was found there before is not there any more")
    stop = min(n, start + cap)
    place = find(buffer, NEEDLE, start - 1, n)
    while 0 <= place < stop and not separator(buffer, place, n):
        place = find(buffer, NEEDLE, place + 1, n)
    if 0 <= place < stop:
        stop = place + 1
        if find(buffer, b"\n\n", stop - 2, stop) >= 0:  # the blank line before the next separator is not the message's
            stop -= 1
        elif find(buffer, b"\n\r\n", stop - 3, stop) >= 0:
            stop -= 2
    elif n < len(buffer) and find(buffer, b"\n\n", stop - 2, stop) >= 0:
        stop -= 1
    return unquote(bytes(view[start:stop]))
