"""KeePass 2 XML, streamed; and what the strings of a KeePass entry mean, wherever they come from (XML or KDBX)."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import IO
from xml.parsers import expat

from readdress.passwords.jsonstream import damaged
from readdress.passwords.row import Row, when
from readdress.passwords.source import HEAD, TextReader
from readdress.passwords.trouble import ExportDamaged

TEXT_CAP = 8 << 20
DEPTH_CAP = 200
_TOTP = ("otp", "TOTP Seed", "TimeOtp-Secret", "TimeOtp-Secret-Hex", "TimeOtp-Secret-Base32", "TimeOtp-Secret-Base64")
_KNOWN = frozenset({"Title", "UserName", "Password", "URL", "Notes"})


def entry_row(strings: Mapping[str, str], *, modified: str, in_trash: bool) -> Row:
    """A row from the string fields of an entry. KeePassXC keeps passkeys in ``KPEX_PASSKEY_*`` and further URLs in ``KP2A_URL*``."""
    row = Row(title=strings.get("Title", ""), in_trash=in_trash, modified=keepass_time(modified))
    row.names = [text for text in (strings.get("UserName", ""),) if text.strip()]
    row.urls = [text for key, text in strings.items() if (key == "URL" or key.startswith("KP2A_URL")) and text.strip()]
    row.notes = [strings.get("Notes", "")]
    row.has_totp = any(strings.get(key) for key in _TOTP)
    row.has_passkey = any(key.startswith("KPEX_PASSKEY") for key in strings)
    row.fields = [
        text
        for key, text in strings.items()
        if key not in _KNOWN and key not in _TOTP and not key.startswith(("KPEX_", "KP2A_URL", "HmacOtp-", "TimeOtp-"))
    ]
    return row


def keepass_time(text: str) -> datetime | None:
    """ISO 8601, or (KDBX 4, KeePassXC's XML) base64 of the seconds since year 1 as a little-endian 64-bit number."""
    text = text.strip()
    if len(text) == 12 and text.endswith("="):
        try:
            seconds = struct.unpack("<q", base64.b64decode(text, validate=True))[0]
            return datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        except (binascii.Error, ValueError, struct.error, OverflowError):
            return None
    return when(text)


class _Entries:
    """Handlers for expat: collects the strings of one entry at a time; its history and its attachments are passed over."""

    def __init__(self) -> None:
        self.done: list[Row] = []
        self.trouble = ""
        self._path: list[str] = []
        self._bin = ""
        self._groups: list[str] = []
        self._history = 0
        self._strings: dict[str, str] = {}
        self._key = ""
        self._value = ""
        self._modified = ""
        self._text: list[str] = []
        self._size = 0
        self._keep = False

    def start(self, name: str, _attributes: object) -> None:
        self._path.append(name)
        if len(self._path) > DEPTH_CAP:
            self.trouble = "its groups are nested deeper than any real file's"
        if name == "Group":
            self._groups.append("")
        elif name == "History":
            self._history += 1
        elif name == "Entry" and not self._history:
            self._strings, self._modified = {}, ""
        elif name == "String":
            self._key = self._value = ""
        self._keep = name in ("Key", "Value", "UUID", "RecycleBinUUID", "LastModificationTime")
        self._text, self._size = [], 0

    def data(self, text: str) -> None:
        if not self._keep:
            return
        self._size += len(text)
        if self._size > TEXT_CAP:
            self.trouble = "a field is larger than eight million characters"
            self._keep = False
            self._text = []
            return
        self._text.append(text)

    def end(self, name: str) -> None:
        self._path.pop()
        parent = self._path[-1] if self._path else ""
        text = "".join(self._text) if self._keep else ""
        self._keep, self._text = False, []
        if name == "History":
            self._history -= 1
        elif name == "RecycleBinUUID":
            self._bin = text.strip()
        elif name == "UUID" and parent == "Group" and self._groups:
            self._groups[-1] = text.strip()
        elif name == "Group" and self._groups:
            self._groups.pop()
        if self._history:
            return
        if parent == "String":
            if name == "Key":
                self._key = text
            elif name == "Value":
                self._value = text
        elif name == "String" and parent == "Entry":
            self._strings[self._key] = self._value
        elif name == "LastModificationTime" and self._path[-2:] == ["Entry", "Times"]:
            self._modified = text
        elif name == "Entry":
            in_trash = bool(self._bin.strip("A=")) and self._bin in self._groups
            self.done.append(entry_row(self._strings, modified=self._modified, in_trash=in_trash))
            self._strings, self._key, self._value = {}, "", ""

    def entity(self, *_: object) -> None:
        self.trouble = "it declares entities, which no export does"


def read_xml(stream: IO[bytes], encoding: str) -> Iterator[tuple[int, Row]]:
    """Rows with their numbers. Raises :class:`ExportDamaged`."""
    handlers = _Entries()
    parser = expat.ParserCreate(
        "utf-8"
    )  # the text is decoded by its byte-order mark: a declaration may be wrong after a conversion
    parser.buffer_text = True
    parser.buffer_size = HEAD
    parser.StartElementHandler = handlers.start
    parser.EndElementHandler = handlers.end
    parser.CharacterDataHandler = handlers.data
    parser.EntityDeclHandler = handlers.entity
    text = TextReader(stream, encoding)
    number = 0
    while True:
        piece = text.read()
        failed = False
        try:
            parser.Parse(piece.encode("utf-8", "replace"), not piece)
        except expat.ExpatError:
            failed = True
        for row in handlers.done:
            number += 1
            yield number, row
        handlers.done = []
        if handlers.trouble:
            raise ExportDamaged(f"The export is damaged after entry {number}: {handlers.trouble}.", row=number + 1)
        if failed or text.broken:
            raise damaged(number)
        if not piece:
            return
