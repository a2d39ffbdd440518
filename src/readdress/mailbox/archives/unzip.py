"""Reads a zip file member by member: the central directory streamed, not held, so that a million members take no memory.

Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14–16 (its end, with zip64), 4.5.3 (sizes
over 4 GiB). The standard library's `zipfile` holds half a kilobyte for each member.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from readdress.mailbox.archives.streams import DEFLATE, Inflated, Plain, size_of
from readdress.mailbox.archives.trouble import ArchiveDamaged, ArchiveError, damaged

MEMBERS_CAP = 5_000_000
_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_BIG = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a zip file, as the central directory tells of it. ``where``: offset of its local header."""

    name: str
    method: int
    encrypted: bool
    crc: int
    packed: int
    size: int
    where: int


class Zip:
    """A zip file's members. Raises :class:`ArchiveDamaged`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = size_of(path)
        self._shift = 0
        self._start, self._length, self.count = self._find_directory()

    def members(self) -> Iterator[Member]:
        """All members in the directory's order."""
        source = Plain(self.path, self._start)
        try:
            left, packed = self._length, 0
            rest = b""
            for number in range(self.count):
                if number >= MEMBERS_CAP:
                    raise damaged(self.path, f"it has more than {MEMBERS_CAP:,} members")
                while len(rest) < min(left, 46 + 3 * 65_535):
                    more = source.read(min(1 << 20, left - len(rest)))
                    if not more:
                        break
                    rest += more
                member, used = self._member(rest)
                packed += member.packed
                if packed > 2 * self._size:
                    raise damaged(self.path, "its members overlap, as those of a zip bomb do")
                rest = rest[used:]
                left -= used
                yield member
        finally:
            source.close()

    def open(self, member: Member) -> Checked:
        """A member's octets, unpacked on the way and checked at the end."""
        source = Plain(self.path, member.where + self._shift)
        try:
            head = source.read(30)
            if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
                raise damaged(self.path, f"the member {member.name[:80]!r} is not where it should be")
            if member.method not in (_STORED, _DEFLATED):
                raise ArchiveDamaged(
                    f"The member {member.name[:80]!r} is packed in a way that is not understood ({member.method}).",
                    todo="Unpack the zip file with the program that made it, and give the folder.",
                )
            skip = sum(struct.unpack_from("<2H", head, 26))
            while skip and (gone := source.read(skip)):
                skip -= len(gone)
        except ArchiveError:
            source.close()
            raise
        return Checked(source, member)

    def _find_directory(self) -> tuple[int, int, int]:
        """Offset, length and number of entries of the central directory."""
        tail_at = max(0, self._size - 65_557)
        tail = self._read(tail_at, 65_557)
        place = tail.rfind(_END)
        if place < 0 or len(tail) < place + 22:
            raise damaged(self.path, "its directory, which stands at the end, is missing")
        disk, _, _, count, length, start = struct.unpack_from("<HHHHII", tail, place + 4)
        end = tail_at + place
        if place >= 20 and tail[place - 20 : place - 16] == _LOCATOR64:
            (where,) = struct.unpack_from("<Q", tail, place - 12)
            record = self._read(where, 56)
            if len(record) < 56 or not record.startswith(_END64):
                raise damaged(self.path, "its directory, which stands at the end, is missing")
            count, length, start = struct.unpack_from("<QQQ", record, 32)
            end = where
        elif disk:
            raise damaged(self.path, "it is one part of a split zip file")
        self._shift = end - length - start  # something was put before it, as self-extracting files have
        if self._shift < 0 or length > self._size:
            raise damaged(self.path, "its directory, which stands at the end, is missing")
        return start + self._shift, length, count

    def _read(self, at: int, size: int) -> bytes:
        source = Plain(self.path, at)
        try:
            found = b""
            while len(found) < size and (more := source.read(size - len(found))):
                found += more
            return found
        finally:
            source.close()

    def _member(self, octets: bytes) -> tuple[Member, int]:
        if len(octets) < 46 or not octets.startswith(b"PK\x01\x02"):
            raise damaged(self.path, "its directory is cut off")
        flags, method = struct.unpack_from("<2H", octets, 8)
        crc, packed, size, name_length, extra_length, comment_length = struct.unpack_from("<3I3H", octets, 16)
        (where,) = struct.unpack_from("<I", octets, 42)
        used = 46 + name_length + extra_length + comment_length
        if len(octets) < used:
            raise damaged(self.path, "its directory is cut off")
        raw = octets[46 : 46 + name_length]
        extra = octets[46 + name_length : 46 + name_length + extra_length]
        if _BIG in (packed, size, where):
            packed, size, where = _big(extra, packed, size, where)
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        return Member(name, method, bool(flags & 1), crc, packed, size, where), used


def _big(extra: bytes, packed: int, size: int, where: int) -> tuple[int, int, int]:
    place = 0
    while place + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, place)
        if tag == 1:
            numbers = iter(
                struct.unpack_from(f"<{length // 8}Q", extra[place + 4 : place + 4 + length].ljust(length, b"\0"))
            )
            size = next(numbers, size) if size == _BIG else size
            packed = next(numbers, packed) if packed == _BIG else packed
            where = next(numbers, where) if where == _BIG else where
            break
        place += 4 + length
    return packed, size, where


class Checked:
    """A member's octets: unpacked, at most as many as were announced, and checked against their CRC at the end."""

    def __init__(self, source: Plain, member: Member) -> None:
        self._member, self._limited = member, _Limited(source, member.packed)
        self._stream = Inflated(self._limited, DEFLATE, member.name) if member.method == _DEFLATED else self._limited
        self._crc = self._done = 0

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill some of ``buffer``; 0 at the end. Raises :class:`ArchiveDamaged`."""
        got = self._stream.readinto(buffer)
        if got:
            self._crc = zlib.crc32(buffer[:got], self._crc)
            self._done += got
            if self._done > self._member.size:
                raise damaged(self._member.name, "it is longer than the zip file says")
        elif len(buffer) and (self._done != self._member.size or self._crc != self._member.crc):
            raise damaged(self._member.name, "its check sum is wrong")
        return got

    def close(self) -> None:
        """Close the file."""
        self._limited.close()


class _Limited:
    """So many octets of a file and no more."""

    def __init__(self, source: Plain, size: int) -> None:
        self._source, self._left = source, size

    def read(self, size: int, /) -> bytes:
        got = self._source.read(min(size, self._left)) if self._left else b""
        self._left -= len(got)
        return got

    def readinto(self, buffer: memoryview, /) -> int:
        got = self._source.readinto(buffer[: min(len(buffer), self._left)]) if self._left else 0
        self._left -= got
        return got

    def close(self) -> None:
        self._source.close()
