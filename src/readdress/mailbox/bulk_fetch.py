"""Parses FETCH responses of header fields as they stream in, and sorts them into the ranges that were asked for.

The usual form (``* n FETCH (UID u BODY[HEADER.FIELDS (…)] {size}``) is matched by one pattern and cut out of the buffer as one slice;
everything else the grammar allows (other order, other items, quoted strings, NIL, flags that changed meanwhile) goes a slower way. What
belongs to no range under way is dropped, and so is a second answer for the same message: a server cannot make us count twice.
"""

from __future__ import annotations

import imaplib
import re
from collections import deque
from dataclasses import dataclass, field

from readdress.mailbox.bulk_wire import KEEP, Wire
from readdress.mailbox.wire import lies

FIELDS = "FROM TO CC DELIVERED-TO X-ORIGINAL-TO SUBJECT DATE LIST-UNSUBSCRIBE AUTHENTICATION-RESULTS MESSAGE-ID"
WHAT = f"(UID BODY.PEEK[HEADER.FIELDS ({FIELDS})])".encode()
MAX_OCTETS = 256 * 1024 * 1024
"""What one range may bring in all."""
MAX_STRAY = 50_000
"""Responses within one range that nobody asked for (flags, EXISTS, EXPUNGE)."""

Row = tuple[int, bytes]
"""UID, and the octets of the header fields that were read, as they came."""

_FAST = re.compile(rb"\* \d{1,10} FETCH \(UID (\d{1,10}) BODY\[HEADER\.FIELDS \([^)]{0,400}\)\] \{(\d{1,7})\}\r\n")
_FETCH = re.compile(rb"\* \d{1,10} FETCH \(", re.IGNORECASE)
_TOKEN = re.compile(
    # a quoted string without an end goes to the end of the line: trying each of its quotes again would be quadratic
    rb'BODY\[[^\]]{0,1000}\](?:<\d{1,10}>)?|"(?:[^"\\]|\\.)*\\?(?:"|\Z)|\x00\d{1,3}\x00|[()]|[^\s()"\x00]+',
    re.IGNORECASE | re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)")
_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d{1,10})\]", re.IGNORECASE)


@dataclass(slots=True)
class Range:
    """Messages with UIDs from ``first`` to ``last`` that were asked for under ``tag``; ``rows`` as far as they came, at most ``most``."""

    tag: bytes
    first: int
    last: int
    most: int
    rows: list[Row] = field(default_factory=list)
    done: bool = False


class HeaderStream:
    """The header fields of several ranges in flight on one wire. ``validity``: UIDVALIDITY of the folder that is open."""

    def __init__(self, wire: Wire, validity: int) -> None:
        self._wire = wire
        self._validity = validity
        self._pending: deque[Range] = deque()
        self._stray = 0
        self._octets = 0

    @property
    def pending(self) -> int:
        """How many ranges are under way."""
        return len(self._pending)

    def ask(self, first: int, last: int, most: int) -> None:
        """Put the command for one range on the wire, without waiting. ``most``: how many messages it can hold."""
        tag = self._wire.tag()
        self._pending.append(Range(tag, first, last, most))
        self._wire.send(b"%s UID FETCH %d:%d %s\r\n" % (tag, first, last, WHAT))

    def next(self) -> Range:
        """Wait until the oldest range is complete. Raises ``imaplib.IMAP4.error`` when the server refuses or leaves."""
        while not self._pending[0].done:
            self._read()
        self._stray = self._octets = 0
        return self._pending.popleft()

    def _read(self) -> None:
        """Read responses until one is a tagged one."""
        wire, oldest = self._wire, self._pending[0]
        first, last, rows = oldest.first, oldest.last, oldest.rows
        newest = rows[-1][0] if rows else 0
        match, append = _FAST.match, rows.append
        buffer, at = wire.buffer, wire.at
        begin = at
        while True:
            found = match(buffer, at)
            if found is not None:
                start = found.end()
                end = start + int(found[2])
                if buffer.startswith(b")\r\n", end) and end - start <= KEEP:
                    uid = int(found[1])
                    at = end + 3
                    if newest < uid <= last and uid >= first:
                        newest = uid
                        append((uid, buffer[start:end]))
                    else:
                        self._place(uid, buffer[start:end])
                    continue
                whole = end - start > KEEP or len(buffer) >= end + 3
            else:
                whole = buffer.find(b"\n", at) >= 0
            self._octets += at - begin
            if self._octets > MAX_OCTETS or len(rows) > oldest.most:
                raise lies("sends more header than messages can have")
            wire.at = at
            if whole:
                if self._slow():
                    return
                newest = rows[-1][0] if rows else 0
            elif len(buffer) - at > 2 * KEEP:
                # no line end in all that came: the capped reader decides
                if self._slow():
                    return
            else:
                wire.fill()
            buffer, at = wire.buffer, wire.at
            begin = at

    def _slow(self) -> bool:
        """Read one response of any form; whether it ended a command."""
        came = self._wire.came
        pieces = self._wire.response()
        self._octets += self._wire.came - came
        if self._octets > MAX_OCTETS:
            raise lies("sends more header than messages can have")
        line = pieces[0]
        if line.startswith(b"* "):
            if _FETCH.match(line):
                uid, header = fetched(pieces)
                if uid and header is not None:
                    self._place(uid, header)
                    return False
            self._aside(line)
            return False
        tag, _, words = line.partition(b" ")
        for pending in self._pending:
            if pending.tag == tag and not pending.done:
                ended(words)
                pending.done = True
                return True
        raise lies("answers a command that nobody sent")

    def _place(self, uid: int, header: bytes) -> None:
        """Put a row where it belongs, once; drop it if it belongs nowhere."""
        for pending in self._pending:
            if pending.first <= uid <= pending.last and not pending.done:
                rows = pending.rows
                if not rows or uid > rows[-1][0]:
                    rows.append((uid, header))
                elif all(uid != known for known, _ in reversed(rows)):
                    # a server that answers out of order: kept in order, so that the next comparison holds
                    rows.append((uid, header))
                    rows.sort()
                else:
                    self._count_stray()
                if len(rows) > pending.most:
                    raise lies("sends more header than messages can have")
                return
        self._count_stray()

    def _aside(self, line: bytes) -> None:
        if line[:5].upper() == b"* BYE":
            raise imaplib.IMAP4.abort(line[5:].decode("utf-8", "replace"))
        changed = _VALIDITY.search(line)
        if changed and int(changed[1]) != self._validity:
            raise lies("made the folder anew while it was being read")
        self._count_stray()

    def _count_stray(self) -> None:
        self._stray += 1
        if self._stray > MAX_STRAY:
            raise lies("floods us with answers that nobody asked for")


def ended(words: bytes) -> None:
    """Accept the end of a command. Raises ``imaplib.IMAP4.error`` with the server's words unless it is OK.

    Messages that somebody deletes meanwhile are no failure (``[EXPUNGEISSUED]``, RFC 5530 §3): what is left has come.
    """
    status = words.split(b" ", 1)[0].upper()
    if status == b"OK" or (status == b"NO" and b"[EXPUNGEISSUED]" in words.upper()):
        return
    if status not in (b"NO", b"BAD"):
        raise lies("ends a command with neither OK nor NO")
    raise imaplib.IMAP4.error(words.decode("utf-8", "replace"))


def fetched(pieces: list[bytes]) -> tuple[int, bytes | None]:
    """UID and header octets of one FETCH response in any form; 0 or ``None`` for what it does not say.

    ``pieces``: line, literal, line … as :meth:`~readdress.mailbox.bulk_wire.Wire.response` gives them.
    """
    # literals become references, so that what stands in them is never taken for syntax
    text = pieces[0].replace(b"\0", b"")
    for number in range(1, len(pieces), 2):
        text += b"\0%d\0" % number + pieces[number + 1].replace(b"\0", b"")
    opened = _FETCH.match(text)
    if not opened:
        return 0, None
    uid, header = 0, None
    key, depth = b"", 1
    for found in _TOKEN.finditer(text, opened.end()):
        token = found[0]
        if token == b"(":
            depth += 1
        elif token == b")":
            depth -= 1
            if depth == 1:
                key = b""  # that was a list, and it was the value
            elif not depth:
                break
        elif depth > 1:
            continue
        elif not key:
            key = token.upper()
        else:
            if key == b"UID" and token.isdigit() and len(token) <= 10:
                uid = int(token)
            elif key.startswith(b"BODY[HEADER") and header is None:
                header = _octets(token, pieces)
            key = b""
    return uid, header


def _octets(token: bytes, pieces: list[bytes]) -> bytes:
    if token[:1] == b"\0":
        return pieces[int(token.strip(b"\0"))]
    if token[:1] == b'"':
        return _ESCAPED.sub(rb"\1", token[1:-1])
    return b""  # NIL: no such fields, or the message went away (RFC 2180 §4.1.3)
