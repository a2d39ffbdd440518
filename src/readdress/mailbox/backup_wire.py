"""Fetches whole messages over IMAP for a backup: pipelined, read-only, one message or one piece of a large one in memory at a time."""

from __future__ import annotations

import imaplib
import re
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from readdress.errors import MailboxLies
from readdress.mailbox.connect import Connection
from readdress.mailbox.trouble import MailboxRefused, quote
from readdress.mailbox.wire import lies

PIECE = 1024 * 1024
"""Octets asked for at a time: of a message that is larger, or of several smaller ones together."""
DEPTH = 3
"""Commands that are under way at a time, so that a slow line is never idle."""
_MESSAGES = 200
_LISTED = 5000
_FETCH = re.compile(rb"\* \d+ FETCH \(", re.IGNORECASE)
_LITERAL = re.compile(rb"\{(\d{1,12})\+?\}\r?\n\Z")
_UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,19})\b", re.IGNORECASE)
_DATE = re.compile(rb'INTERNALDATE "([^"]{1,40})"', re.IGNORECASE)
_BODY = re.compile(rb'BODY\[\](?:<(\d+)>)? (?:"((?:[^"\\\r\n]|\\["\\])*+)"|(\{\d+\+?\}\r?\n)|(NIL))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listing:
    """The messages of a folder, in the server's order: UIDs and RFC822.SIZE in octets, in step."""

    uids: array[int]
    sizes: array[int]

    def __len__(self) -> int:
        return len(self.uids)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some octets of a message, pieces in order; a message that comes whole may stand between two pieces of another.

    ``octets`` is ``None`` where the server gives none: it was deleted, or is broken there, or (``longer``) it is longer than was asked for.
    """

    uid: int
    octets: bytes | None
    first: bool
    last: bool
    received: datetime | None = None
    longer: bool = False


@dataclass(slots=True)
class _Asked:
    """A command that is under way: several whole messages, or the piece of one from ``offset`` on."""

    uids: list[int]
    offset: int = -1
    last: bool = True
    tag: bytes = b""
    answered: set[int] = field(default_factory=set)
    ended: bool = False
    refused: bool = False
    octets: bytes | None = None
    received: datetime | None = None

    def what(self) -> str:
        part = f"<{self.offset}.{PIECE}>" if self.offset >= 0 else ""
        return f"(UID INTERNALDATE BODY.PEEK[]{part})"

    def missing(self) -> list[int]:
        """The UIDs that no answer came for."""
        return [uid for uid in self.uids if uid not in self.answered]

    def piece(self) -> Piece:
        """What came of a piece."""
        uid, first = self.uids[0], self.offset == 0
        if self.octets is None:
            return Piece(uid, None, first=first, last=self.last)
        if self.last and len(self.octets) >= PIECE:  # longer than RFC822.SIZE said: its end has not been asked for
            return Piece(uid, None, first=first, last=True, longer=True)
        return Piece(uid, self.octets[:PIECE], first=first, last=self.last, received=self.received)


class BackupConnection(Connection):
    """A connection that also lists and fetches whole folders. Raises MailboxError only."""

    def listing(self, exists: int) -> Listing:
        """UIDs and sizes of the open folder, which holds ``exists`` messages; no other command may come in between."""
        found = Listing(array("L"), array("Q"))
        with self._asking():
            for first in range(1, exists + 1, _LISTED):
                wanted = f"{first}:{min(exists, first + _LISTED - 1)}"
                tag = self._begin("FETCH", wanted, "(UID RFC822.SIZE)")
                for text in self._answers(tag):
                    uid, size = _UID.search(text), _SIZE.search(text)
                    if uid:
                        found.uids.append(int(uid[1]))
                        found.sizes.append(int(size[1]) if size else 0)
        if len(found) > 2 * exists + 1000:
            raise lies("lists more messages than it says there are")
        return found

    def bodies(self, wanted: Iterable[tuple[int, int]]) -> Iterator[Piece]:
        """The messages of the open folder by (UID, size), whole or in pieces; whole ones in any order.

        A server may answer commands that are under way together (Dovecot gives the messages of the second before the end of the first), so
        each answer is matched to its command by UID and offset.
        """
        commands = _commands(wanted)
        waiting: deque[_Asked] = deque()
        more = True
        while True:
            while more and len(waiting) < DEPTH:
                asked = next(commands, None)
                more = asked is not None
                if asked is not None:
                    waiting.append(self._ask(asked))
            if not waiting:
                return
            asked = waiting[0]
            while not asked.ended:
                yield from self._hear(waiting)
            waiting.popleft()
            if asked.offset >= 0:
                yield asked.piece()
            elif asked.refused and len(asked.uids) > 1:
                # one of them cannot be read there: those that did not come are asked for one by one
                for uid in asked.missing():
                    waiting.append(self._ask(_Asked([uid])))
            else:
                for uid in asked.missing():
                    yield Piece(uid, None, first=True, last=True)

    def _ask(self, asked: _Asked) -> _Asked:
        with self._asking():
            asked.tag = self._begin("UID", "FETCH", ",".join(map(str, asked.uids)), asked.what())
        return asked

    def _hear(self, waiting: deque[_Asked]) -> Iterator[Piece]:
        """One answer to one of the commands that are under way."""
        with self._asking():
            text, octets = self._answer()
        if not text.startswith(b"* "):
            tag, _, words = text.partition(b" ")
            ended = next((a for a in waiting if a.tag == tag), None)
            if ended is None:
                raise lies("ends a command that was not sent")
            self._guard.tagged_commands.pop(tag, None)
            ended.ended = True
            ended.refused = self._is_refused(words)
            return
        uid, offset = _uid(text), _offset(text)
        owner = next((a for a in waiting if a.offset == offset and uid in a.uids), None)
        if owner is None or uid in owner.answered or not _FETCH.match(text):
            return
        owner.answered.add(uid)
        if offset >= 0:
            owner.octets, owner.received = octets, _received(text)
        elif octets is not None:
            yield Piece(uid, octets, first=True, last=True, received=_received(text))
        else:
            yield Piece(uid, None, first=True, last=True)

    def _is_refused(self, words: bytes) -> bool:
        """Whether the server refused a command; raises when it meant more than that (a limit, a broken state)."""
        if words.upper().startswith(b"OK"):
            return False
        try:
            with self._asking():
                raise imaplib.IMAP4.error(quote(words))
        except MailboxRefused:
            return True

    def _begin(self, *words: str) -> bytes:
        tag: bytes = self._guard._command(*words)  # noqa: SLF001 - imaplib has no way to send without waiting
        return tag

    def _answers(self, tag: bytes) -> Iterator[bytes]:
        """The text of FETCH answers until the only command under way ends."""
        while True:
            text, _ = self._answer()
            if text.startswith(tag + b" "):
                self._guard.tagged_commands.pop(tag, None)
                if not text[len(tag) + 1 :].upper().startswith(b"OK"):
                    raise imaplib.IMAP4.error(quote(text[len(tag) + 1 :]))
                return
            if _FETCH.match(text):
                yield text

    def _answer(self) -> tuple[bytes, bytes | None]:
        """One answer: its text without literals, and the body if it holds one."""
        guard = self._guard
        guard.start_counting()  # the deadline is for each message: a batch over a slow line may take long
        line: bytes = guard.readline()
        if line[:5].upper() == b"* BYE":
            raise imaplib.IMAP4.abort(quote(line[6:]))
        text, body = bytearray(), None
        while line.startswith(b"* ") or text:
            literal = _LITERAL.search(line)
            if literal is None:
                break
            octets: bytes = guard.read(int(literal[1]))
            if _BODY.search(line):
                body = octets
            text += line
            if len(text) > 65_536:
                raise lies("answers one message with more than any message needs")
            line = guard.readline()
        text += line
        short = _BODY.search(text) if body is None else None
        if short and short[2] is not None:
            body = re.sub(rb'\\(["\\])', rb"\1", short[2])
        return bytes(text), body


def _commands(wanted: Iterable[tuple[int, int]]) -> Iterator[_Asked]:
    uids: list[int] = []
    octets = 0
    for uid, size in wanted:
        if size > PIECE:
            if uids:
                yield _Asked(uids)
                uids, octets = [], 0
            # up to and including size: only a piece that is not full proves that the message ends there
            for offset in range(0, size + 1, PIECE):
                yield _Asked([uid], offset, last=offset + PIECE > size)
            continue
        if uids and (octets + size > PIECE or len(uids) >= _MESSAGES):
            yield _Asked(uids)
            uids, octets = [], 0
        uids.append(uid)
        octets += size
    if uids:
        yield _Asked(uids)


def _uid(text: bytes) -> int:
    found = _UID.search(text)
    return int(found[1]) if found else 0


def _offset(text: bytes) -> int:
    """Where a piece begins; -1 for a whole message."""
    found = _BODY.search(text)
    return int(found[1]) if found and found[1] else -1


def _received(text: bytes) -> datetime | None:
    found = _DATE.search(text)
    if found is None:
        return None
    with suppress(ValueError, OverflowError):
        return datetime.strptime(found[1].decode("ascii", "replace").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    return None


__all__ = ["BackupConnection", "Listing", "MailboxLies", "Piece"]
