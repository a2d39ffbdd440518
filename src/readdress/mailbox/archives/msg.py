"""A message saved by Outlook (.msg): its transport headers, or a header made of its properties where it has none (sent mail, drafts).

Source: [MS-OXMSG] 2.1.3 (streams are named ``__substg1.0_`` and property id and type in hex), 2.4 (fixed-length properties);
[MS-OXPROPS] for the ids.
"""

from __future__ import annotations

import os
import re
import struct
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

from readdress.mailbox.archives.cfb import CompoundFile, Octets
from readdress.mailbox.archives.model import HEADER_CAP
from readdress.mailbox.archives.trouble import damaged

_HEADERS, _SUBJECT, _BODY, _HTML = 0x007D, 0x0037, 0x1000, 0x1013
_FROM_NAME, _FROM_SMTP, _FROM_OTHER = 0x0C1A, 0x5D01, 0x0C1F
_TO, _CC, _MESSAGE_ID = 0x0E04, 0x0E03, 0x1035
_SENT, _DELIVERED = 0x0039, 0x0E06
_TIME: Final = 0x0040
_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")
_OWN = re.compile(
    rb"^(?:content-[!-9;-~]+|mime-version)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE | re.IGNORECASE
)


class FileOctets:
    """The octets of an open file."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def at(self, offset: int, size: int) -> bytes:
        """At most ``size`` octets from ``offset`` on."""
        os.lseek(self._fd, offset, os.SEEK_SET)
        return os.read(self._fd, size)


class HeldOctets:
    """Octets that are in memory already."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def at(self, offset: int, size: int) -> bytes:
        """At most ``size`` octets from ``offset`` on."""
        return self._octets[offset : offset + size]


def header_of_msg(octets: Octets, name: str) -> bytes:
    """The header block, at most :data:`HEADER_CAP` octets, in UTF-8 where the property is text. Raises ArchiveDamaged."""
    file = CompoundFile(octets, os.path.basename(name))  # noqa: PTH119 - a zip's name, maybe
    return _header(file, name)


def message_of_msg(octets: Octets, name: str, cap: int) -> bytes:
    """A message of one part made of header and body: HTML where there is some, else text. Raises ArchiveDamaged."""
    file = CompoundFile(octets, os.path.basename(name))  # noqa: PTH119 - a zip's name, maybe
    header = _OWN.sub(b"", _header(file, name).replace(b"\r\n", b"\n"))
    html = file.stream(f"__substg1.0_{_HTML:04X}0102", cap)
    text = _text(file, _HTML, cap) if html is None else None
    if html is None and text is not None:
        html = text.encode("utf-8", "replace")
    kind = b"text/html" if html is not None else b"text/plain; charset=utf-8"
    body = html if html is not None else (_text(file, _BODY, cap) or "").encode("utf-8", "replace")
    own = b"MIME-Version: 1.0\nContent-Type: " + kind + b"\nContent-Transfer-Encoding: 8bit\n\n"
    return (header + own + body.replace(b"\r\n", b"\n"))[:cap]


def _header(file: CompoundFile, name: str) -> bytes:
    raw = file.stream(f"__substg1.0_{_HEADERS:04X}001E", HEADER_CAP)
    if raw is None:
        text = file.stream(f"__substg1.0_{_HEADERS:04X}001F", 2 * HEADER_CAP)
        raw = b"" if text is None else text.decode("utf-16-le", "replace").encode("utf-8", "replace")[:HEADER_CAP]
    raw = raw.rstrip(b"\0").lstrip(b"\r\n")
    if raw and not _FIELD.match(raw):  # "Microsoft Mail Internet Headers Version 2.0"
        raw = raw[raw.find(b"\n") + 1 :] if b"\n" in raw else b""
    ends = [n for n in (raw.find(b"\n\n"), raw.find(b"\n\r\n")) if n >= 0]
    raw = raw[: min(ends) + 1] if ends else raw
    if raw:
        return raw if raw.endswith(b"\n") else raw + b"\r\n"
    made = _made(file)
    if not made:
        raise damaged(os.path.basename(name), "it is a compound file, but no message")  # noqa: PTH119 - the same
    return made


def _made(file: CompoundFile) -> bytes:
    sender = _line(file, _FROM_SMTP) or _line(file, _FROM_OTHER)
    who = _line(file, _FROM_NAME).replace('"', "'")
    lines = []
    if "@" in sender:
        lines.append(f'From: "{who}" <{sender}>' if who else f"From: {sender}")
    elif who:
        lines.append(f'From: "{who}" <>')
    for label, number in (("To", _TO), ("Cc", _CC), ("Subject", _SUBJECT), ("Message-ID", _MESSAGE_ID)):
        if value := _line(file, number):
            lines.append(f"{label}: {value}")
    if when := _when(file):
        lines.append(f"Date: {format_datetime(when)}")
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")


def _line(file: CompoundFile, number: int) -> str:
    return " ".join((_text(file, number, 8192) or "").replace("\0", " ").split())


def _text(file: CompoundFile, number: int, cap: int) -> str | None:
    if (wide := file.stream(f"__substg1.0_{number:04X}001F", 2 * cap)) is not None:
        return wide.decode("utf-16-le", "replace")
    if (narrow := file.stream(f"__substg1.0_{number:04X}001E", cap)) is not None:
        return narrow.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode("utf-8", "replace")
    return None


def _when(file: CompoundFile) -> datetime | None:
    """When it was sent, else delivered: FILETIME, 100 ns since 1601 in UTC."""
    table = file.stream("__properties_version1.0", 65_536) or b""
    found = {}
    for place in range(32, len(table) - 15, 16):
        kind, number = struct.unpack_from("<HH", table, place)
        if kind == _TIME and number in (_SENT, _DELIVERED):
            (found[number],) = struct.unpack_from("<Q", table, place + 8)
    ticks = found.get(_SENT) or found.get(_DELIVERED)
    if not ticks:
        return None
    try:
        return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None
