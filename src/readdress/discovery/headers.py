"""Reads one header block as a scan gives it: its fields, its one sender, when, to whom; linear, capped, never raising (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from readdress.discovery.tally_text import addresses_of, from_of, seconds_of, text_of

HEADER_CAP = 16 * 1024
_FIELD = re.compile(rb"\n([A-Za-z][A-Za-z-]{1,30}):([^\n]*(?:\n[ \t][^\n]*)*)")
_PEOPLE_CAP = 20_000
MOST_PEOPLE = 200
"""Addresses of one field that are read."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a header block says. ``sender``: the one plain From address, lower case, ``""`` where it is not exactly one."""

    sender: str
    name: str
    subject: str
    at: datetime | None
    listed: bool
    fields: dict[str, bytes]

    def addresses(self, *names: str) -> list[str]:
        """The addresses of these fields, lower case."""
        return [a for name in names for a in addresses_of(self.fields.get(name, b""))]

    def people(self, *names: str) -> list[tuple[str, str]]:
        """(address, shown name) of these fields: To, Cc."""
        return [pair for name in names for pair in _people(self.fields.get(name, b""))][:MOST_PEOPLE]


def read_head(header: bytes) -> Head:
    """Read a block of header fields (RFC 5322 §2.2) with LF or CRLF."""
    fields: dict[str, bytes] = {}
    several = False
    for name, value in _FIELD.findall(b"\n" + header[:HEADER_CAP]):
        key = name.decode("ascii").lower()
        several = several or (key == "from" and key in fields)
        fields.setdefault(key, value)  # the topmost
    sender, name = ("", "") if several else from_of(fields.get("from", b""))
    seconds = seconds_of(fields.get("date", b""))
    return Head(
        sender,
        name,
        text_of(fields.get("subject", b"")),
        datetime.fromtimestamp(seconds, UTC) if seconds else None,
        "list-unsubscribe" in fields,
        fields,
    )


def _people(value: bytes) -> list[tuple[str, str]]:
    """Each entry of an address list read like a From; what is no plain entry (groups, damage) gives nothing."""
    found = []
    for piece in _pieces(value[:_PEOPLE_CAP]):
        address, name = from_of(piece)
        if address:
            found.append((address, name))
    return found


def _pieces(value: bytes) -> list[bytes]:
    """Split at the commas and semicolons that stand outside quotes and angle brackets; one pass."""
    pieces: list[bytes] = []
    begin, quoted, angle, skip = 0, False, False, False
    for at, octet in enumerate(value):
        if skip:
            skip = False
        elif octet == 0x5C and quoted:
            skip = True
        elif octet == 0x22:
            quoted = not quoted
        elif quoted:
            continue
        elif octet == 0x3C:
            angle = True
        elif octet == 0x3E:
            angle = False
        elif octet in b",;" and not angle:
            pieces.append(value[begin:at])
            begin = at + 1
            if len(pieces) > MOST_PEOPLE:
                return pieces
    pieces.append(value[begin:])
    return pieces
