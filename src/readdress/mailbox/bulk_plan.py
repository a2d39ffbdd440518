"""Finds out what is new in which folder, in one round trip for all of them, and cuts a folder into ranges of UIDs."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from imapclient.imap_utf7 import encode as encode_utf7

from readdress.mailbox.bulk_fetch import ended
from readdress.mailbox.bulk_wire import Wire
from readdress.mailbox.opening import check_argument
from readdress.mailbox.wire import lies

STEP = 1_000
"""Messages of one range: what is lost when the line breaks, and what a batch holds."""
MAX_STEP = 4 * STEP
_AT_ONCE = 64
_STRAY = 10_000
_CLOSED = frozenset({r"\noselect", r"\nonexistent"})
_STATUS = re.compile(rb"\* STATUS ", re.IGNORECASE)
_ITEM = re.compile(rb"([A-Z]{1,20}) (\d{1,20})", re.IGNORECASE)
_NAME = re.compile(rb'"((?:[^"\\]|\\.){0,4000})"|([^\s"()]{1,4000})', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class End:
    """Where a folder ends as STATUS tells (RFC 9051 §6.3.11): 0 for what the server left out. ``modseq`` is HIGHESTMODSEQ (RFC 7162)."""

    uidnext: int
    uidvalidity: int
    modseq: int = 0
    messages: int = 0


def chosen(listed: Iterable[tuple[tuple[str, ...], str]]) -> list[str]:
    r"""The folders that a scan reads: all that can be opened, INBOX first.

    A folder that the server marks as holding all mail (``\All``, RFC 6154 §2) stands for the others except junk and trash, which such a
    folder may leave out: a provider whose labels look like folders would otherwise give each message several times.
    """
    names = [(flags, name) for flags, name in listed if not _CLOSED.intersection(flags)]
    if any(r"\all" in flags for flags, _ in names):
        names = [(flags, name) for flags, name in names if {r"\all", r"\junk", r"\trash"}.intersection(flags)]
    found = dict.fromkeys("INBOX" if name.upper() == "INBOX" else name for _, name in names)
    return sorted(found, key=lambda name: name != "INBOX")


def ends(wire: Wire, folders: Sequence[str], *, modseq: bool, at_once: int = _AT_ONCE) -> dict[str, End]:
    """Where each folder ends; those that the server does not answer for are left out. ``at_once``: commands on the way together."""
    items = b"(MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)" if modseq else b"(MESSAGES UIDNEXT UIDVALIDITY)"
    found: dict[bytes, End] = {}
    for begin in range(0, len(folders), at_once):
        tags = set()
        lines = []
        for folder in folders[begin : begin + at_once]:
            tags.add(tag := wire.tag())
            lines.append(b"%s STATUS %s %s\r\n" % (tag, quoted(folder), items))
        wire.send(b"".join(lines))
        left = _STRAY
        while tags:
            pieces = wire.response()
            if _STATUS.match(pieces[0]):
                name, end = _end(pieces)
                found[name] = end
            elif not pieces[0].startswith(b"* "):
                tag, _, words = pieces[0].partition(b" ")
                if tag not in tags:
                    raise lies("answers a command that nobody sent")
                tags.remove(tag)
                if words[:3].upper() == b"BAD":
                    ended(words)  # NO is about one folder; BAD is about us
            elif pieces[0][:5].upper() == b"* BYE":
                raise EOFError(pieces[0][5:200].decode("utf-8", "replace"))
            left -= 1
            if not left:
                raise lies("floods us with answers that nobody asked for")
    return {folder: found[raw] for folder in folders if (raw := _raw(folder)) in found}


def _end(pieces: Sequence[bytes]) -> tuple[bytes, End]:
    rest = pieces[0][9:]
    if len(pieces) > 2:
        name, rest = pieces[1], pieces[2]
    elif named := _NAME.match(rest):
        name = _ESCAPED.sub(rb"\1", named[1]) if named[1] is not None else named[2]
        rest = rest[named.end() :]
    else:
        raise lies("describes a folder without a name")
    items = {key.upper(): int(number) for key, number in _ITEM.findall(rest)}
    if any(number >= 1 << 63 for number in items.values()):
        raise lies("counts further than a mailbox can")
    known = (items.get(key, 0) for key in (b"UIDNEXT", b"UIDVALIDITY", b"HIGHESTMODSEQ", b"MESSAGES"))
    return (b"INBOX" if name.upper() == b"INBOX" else name), End(*known)


def ranges(wire: Wire, first: int, end: int, exists: int) -> Iterator[tuple[int, int, int]]:
    """Ranges (first UID, last UID, messages at most) that cover the UIDs from ``first`` up to, not including, ``end``.

    Where UIDs are dense, by arithmetic. Where they are sparse, one SEARCH tells them, so that a range holds :data:`STEP` messages
    wherever they lie: 300 messages may span a million UIDs. Call it with no command under way; the SEARCH happens before the first range.
    """
    span = end - first
    if span <= 0:
        return
    if span <= MAX_STEP * (1 + exists // STEP):
        step = min(MAX_STEP, max(STEP, STEP * span // max(exists, 1)))
        for low in range(first, end, step):
            high = min(low + step, end) - 1
            yield low, high, high - low + 1
        return
    uids = _search(wire, first, end - 1, exists)
    for at in range(0, len(uids), STEP):
        part = uids[at : at + STEP]
        yield part[0], part[-1], len(part)


def _search(wire: Wire, first: int, last: int, exists: int) -> array[int]:
    """The UIDs from ``first`` to ``last`` that exist, ascending. Four octets each: a million are 4 MB."""
    tag = wire.tag()
    most = exists + 100_000  # messages may come in meanwhile
    wire.send(b"%s UID SEARCH UID %d:%d\r\n" % (tag, first, last))
    uids = array("I")
    left = _STRAY
    while True:
        line = wire.line(12 * most)
        if line.startswith(tag + b" "):
            ended(line[len(tag) + 1 :])
            break
        if line[:9].upper() == b"* SEARCH ":
            _numbers(line, uids, first, last)
            if len(uids) > most:
                raise lies("counts more messages than the folder has")
        elif line[:5].upper() == b"* BYE":
            raise EOFError(line[5:200].decode("utf-8", "replace"))
        elif not line.startswith(b"* "):
            raise lies("answers a command that nobody sent")
        left -= 1
        if not left:
            raise lies("floods us with answers that nobody asked for")
    if any(a >= b for a, b in pairwise(uids)):
        return array("I", sorted(set(uids)))
    return uids


def _numbers(line: bytes, uids: array[int], first: int, last: int) -> None:
    at = 9
    while at < len(line):
        # a piece at a time: a million number objects at once would be 40 MB
        cut = line.find(b" ", at + 65_536)
        cut = len(line) if cut < 0 else cut
        try:
            uids.extend(uid for uid in map(int, line[at:cut].split()) if first <= uid <= last)
        except ValueError:
            raise lies("answers a search with something other than numbers") from None
        at = cut + 1


def quoted(folder: str) -> bytes:
    """A folder's name as it goes on the wire: modified UTF-7 (RFC 3501 §5.1.3) in quotes."""
    check_argument(folder, "folder name")
    return b'"' + _raw(folder).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _raw(folder: str) -> bytes:
    return bytes(encode_utf7(folder))
