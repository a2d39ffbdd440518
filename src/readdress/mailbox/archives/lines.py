"""The rules of mbox: which line separates two messages, where a header ends, how lines are quoted.

An mbox has no standard that all its writers keep (RFC 4155 is only informational). Messages are separated by a line that begins with
``From ``; mboxo and mboxrd quote such a line of a body as ``>From ``, mboxcl2 quotes nothing and gives lengths that are often wrong
and are therefore never trusted here. `mailbox.mbox` of the standard library takes every line that begins with ``From ``. Here, so that
the ``From here on …`` of a body does not cut a message in two, it must also look like a separator, and be followed by a header:

=========================================================== ============================== ================================
the line after ``From ``                                    before it                      after it
=========================================================== ============================== ================================
has a weekday and a time: ``ann@example.com Mon Jan  1 …``  anything                       a header field, or ``>From ``
the same                                                    a blank line                   a blank line, or the file's end
is empty (Thunderbird), one word with ``@`` or ``-``,       a blank line                   a header field, or ``>From ``
or has a time and a year
=========================================================== ============================== ================================

The beginning of the file counts as a blank line. On every mbox whose bodies hold no unquoted ``From `` line, that is what
`mailbox.mbox` finds too. A whole message with its separator, pasted unquoted into a body, cannot be told from a real one, here or there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Final

from readdress.mailbox.archives.model import HEADER_CAP

Octets = bytes | bytearray
NEEDLE: Final = b"\nFrom "
LINE_CAP = 1000
"""A longer line is no separator."""
AHEAD = HEADER_CAP + 4 * LINE_CAP
"""So many octets after a separator decide everything about its message's header."""

_DATED = re.compile(
    rb"\nFrom [^\r\n]{0,400}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b[^\r\n]{0,40}?\b\d?\d:\d\d[^\r\n]{0,100}+\r?(?:\n|\Z)"
)
_VAGUE = re.compile(
    rb"\nFrom (?:[ \t]*+|[^\s@-]{0,300}+[@-]\S{0,600}+[ \t]*+|(?=[^\r\n]{0,600}\b\d?\d:\d\d)(?=[^\r\n]{0,600}\b(?:19|20)\d\d\b)[^\r\n]{0,900})\r?\n"
)
_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:|>From ")
_NOTHING = re.compile(rb"\r?\n|\r?\Z")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_TO_QUOTE = re.compile(rb"^(>*From )", re.MULTILINE)

Find = Callable[[Octets, bytes, int, int], int]


def _slow_find(octets: Octets, needle: bytes, start: int, end: int) -> int:
    return octets.find(needle, start, end)


def finder() -> Find:
    """The fastest search for octets at hand: stringzilla's (seven times the standard library's for this needle), else the library's own."""
    try:
        found: Find = import_module("stringzilla").find
    except (ImportError, AttributeError):
        return _slow_find
    return found


def separator(octets: Octets, at: int, end: int) -> int:
    r"""Where the header begins that belongs to the separator whose ``\n`` is at ``at``; 0 when it is none.

    At least :data:`AHEAD` octets must follow, or ``end`` is the file's end; two octets must come before.
    """
    if dated := _DATED.match(octets, at, end):
        after = dated.end()
        if _FIELD.match(octets, after, end):
            return after
        return after if _blank_before(octets, at) and _NOTHING.match(octets, after, end) else 0
    if (vague := _VAGUE.match(octets, at, end)) and _blank_before(octets, at):
        after = vague.end()
        return after if _FIELD.match(octets, after, end) else 0
    return 0


def _blank_before(octets: Octets, at: int) -> bool:
    return octets[at - 1] == 10 or (octets[at - 1] == 13 and octets[at - 2] == 10)


def header_end(octets: Octets, start: int, end: int, find: Find) -> int:
    """Where the header block that begins at ``start`` ends: at its blank line, at the next separator, at the cap or at ``end``."""
    stop = min(end, start + HEADER_CAP)
    begin = start - 1  # the line end before it: a header may be empty
    first, second = (b"\n\r\n", b"\n\n") if octets[begin - 1] == 13 else (b"\n\n", b"\n\r\n")
    found = find(octets, first, begin, stop)
    other = find(octets, second, begin, stop if found < 0 else found + len(second))
    found = other if other >= 0 and (found < 0 or other < found) else found
    if found >= 0:
        stop = found + 1
    elif stop < end and (line := octets.rfind(b"\n", start, stop)) > 0:
        stop = line + 1
    # a message that was cut off in its header is followed by a separator, not by a blank line
    inner = find(octets, NEEDLE, begin, stop)
    while 0 <= inner < stop - 1:
        if separator(octets, inner, end):
            return max(start, inner + 1)
        inner = find(octets, NEEDLE, inner + 1, stop)
    return max(start, stop)


def header_of(head: bytes) -> bytes:
    """The header block of a message given from its beginning, at most :data:`HEADER_CAP` octets; an mbox line before it is left out."""
    if head.startswith((b"From ", b">From ")) and (line := head.find(b"\n")) >= 0:
        head = head[line + 1 :]
    cut = head[:HEADER_CAP]
    short, long = cut.find(b"\n\n"), cut.find(b"\n\r\n")
    found = min((n for n in (short, long) if n >= 0), default=-1)
    if cut.startswith((b"\n", b"\r\n")):
        return b""
    if found >= 0:
        return cut[: found + 1]
    if b"\n" not in cut and (old := cut.find(b"\r\r")) >= 0:  # line ends of classic Mac OS
        return cut[: old + 1]
    return cut if len(head) <= HEADER_CAP else cut[: cut.rfind(b"\n") + 1] or cut


def quote(message: bytes) -> bytes:
    """Quote lines of a message as mboxrd does: one more ``>`` before ``From ``, however many stand there. :func:`unquote` undoes it."""
    return _TO_QUOTE.sub(rb">\1", message)


def unquote(message: bytes) -> bytes:
    """Undo mboxrd's quoting; mboxo's too, but for lines that were written with ``>`` by hand."""
    return _QUOTED.sub(rb"\1", message)
