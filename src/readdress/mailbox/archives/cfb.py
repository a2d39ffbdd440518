"""Reads single streams of a compound file (the container of Outlook's .msg), in bounded memory and time whatever the file claims.

Only what is asked for is read: the header, the allocation table's sectors that a chain passes through, the root's directory entries.
Source: [MS-CFB] (Compound File Binary File Format), sections 2.2 header, 2.3 FAT, 2.4 mini FAT, 2.5 DIFAT, 2.6 directory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from readdress.mailbox.archives.trouble import ArchiveDamaged, damaged

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END, _LAST_SECTOR, _NONE = 0xFFFFFFFE, 0xFFFFFFFA, 0xFFFFFFFF
_ENTRIES_CAP = 20_000
_DIFAT_CAP = 4096
_STREAM, _ROOT = 2, 5


class Octets(Protocol):
    """Octets that can be read at any place."""

    def at(self, offset: int, size: int) -> bytes:
        """At most ``size`` octets from ``offset`` on."""


class CompoundFile:
    """The root storage of a compound file. ``name`` is for sentences. Raises :class:`ArchiveDamaged`."""

    def __init__(self, octets: Octets, name: str) -> None:
        self._octets, self._name = octets, name
        head = octets.at(0, 512)
        if len(head) < 512 or not head.startswith(SIGNATURE):
            raise self._broken("it is no compound file")
        shift, mini_shift = struct.unpack_from("<HH", head, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise self._broken("its sectors have an impossible size")
        self._sector, self._mini = 1 << shift, 1 << mini_shift
        self._long_sizes = shift == 12  # in version 3 the upper half of a size may hold anything (§2.6.1)
        self._cutoff, self._mini_fat, _, difat, difats = struct.unpack_from("<5I", head, 56)
        self._fat = list(struct.unpack_from("<109I", head, 76))
        self._read_difat(difat, difats)
        self._table = lru_cache(maxsize=32)(self._fat_sector)
        (first,) = struct.unpack_from("<I", head, 48)
        self._directory = list(self._chain(first, _ENTRIES_CAP * 128 // self._sector))
        self._streams: dict[str, tuple[int, int]] = {}
        self._root = (0, 0)
        self._read_root()
        self._mini_sectors: list[int] | None = None
        self._mini_table: list[int] | None = None

    def names(self) -> list[str]:
        """The streams directly in the root."""
        return list(self._streams)

    def stream(self, name: str, cap: int) -> bytes | None:
        """A stream's octets, at most ``cap``; ``None`` when there is none of that name."""
        if name not in self._streams:
            return None
        start, size = self._streams[name]
        size = min(size, cap)
        if not size:
            return b""
        small = self._streams[name][1] < self._cutoff
        found = self._read_mini(start, size) if small else self._read(start, size)
        if len(found) < size:
            raise self._broken("it is cut off")
        return found

    # -- sectors
    def _broken(self, why: str) -> ArchiveDamaged:
        return damaged(self._name, why)

    def _at(self, sector: int) -> bytes:
        return self._octets.at((sector + 1) * self._sector, self._sector)

    def _read_difat(self, sector: int, count: int) -> None:
        for _ in range(min(count, _DIFAT_CAP)):
            if sector >= _LAST_SECTOR:
                return
            numbers = self._numbers(self._at(sector))
            if len(numbers) < self._sector // 4:
                raise self._broken("it is cut off")
            self._fat += numbers[:-1]
            sector = numbers[-1]

    @staticmethod
    def _numbers(octets: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(octets) // 4}I", octets[: len(octets) // 4 * 4]))

    def _fat_sector(self, number: int) -> list[int]:
        if number >= len(self._fat) or self._fat[number] >= _LAST_SECTOR:
            raise self._broken("a chain of sectors leads out of the file")
        return self._numbers(self._at(self._fat[number]))

    def _chain(self, sector: int, most: int) -> Iterator[int]:
        """The sectors of a chain, at most ``most``: what goes in circles ends there too."""
        per = self._sector // 4
        for _ in range(most):
            if sector >= _LAST_SECTOR:
                return
            yield sector
            table = self._table(sector // per)
            if sector % per >= len(table):
                raise self._broken("it is cut off")
            sector = table[sector % per]

    def _read(self, start: int, size: int) -> bytes:
        found = bytearray()
        for sector in self._chain(start, -(-size // self._sector)):
            found += self._at(sector)
        return bytes(found[:size])

    def _read_mini(self, start: int, size: int) -> bytes:
        if self._mini_sectors is None or self._mini_table is None:
            root, length = self._root
            length = min(length, 64 * 1024 * 1024)
            self._mini_sectors = list(self._chain(root, -(-length // self._sector)))
            table: list[int] = []
            for sector in self._chain(self._mini_fat, -(-length // self._mini * 4 // self._sector)):
                table += self._numbers(self._at(sector))
            self._mini_table = table
        found = bytearray()
        mini = start
        for _ in range(-(-size // self._mini)):
            place = mini * self._mini
            if mini >= len(self._mini_table) or place // self._sector >= len(self._mini_sectors):
                raise self._broken("a chain of small sectors leads out of the file")
            sector = self._mini_sectors[place // self._sector]
            found += self._octets.at((sector + 1) * self._sector + place % self._sector, self._mini)
            mini = self._mini_table[mini]
        return bytes(found[:size])

    # -- directory
    def _entry(self, number: int) -> bytes:
        place = number * 128
        if place // self._sector >= len(self._directory):
            raise self._broken("its directory leads out of the file")
        sector = self._directory[place // self._sector]
        entry = self._octets.at((sector + 1) * self._sector + place % self._sector, 128)
        if len(entry) < 128:
            raise self._broken("it is cut off")
        return entry

    def _read_root(self) -> None:
        root = self._entry(0)
        if root[66] != _ROOT:
            raise self._broken("its directory has no root")
        self._root = self._place(root)
        (child,) = struct.unpack_from("<I", root, 76)
        seen = set()
        waiting = [child]
        while waiting:
            number = waiting.pop()
            if number == _NONE or number in seen:
                continue
            seen.add(number)
            if len(seen) > _ENTRIES_CAP:
                raise self._broken("its directory has no end")
            entry = self._entry(number)
            waiting += struct.unpack_from("<2I", entry, 68)
            if entry[66] == _STREAM:
                length = min(struct.unpack_from("<H", entry, 64)[0], 64)
                name = entry[: max(0, length - 2)].decode("utf-16-le", "replace")
                self._streams[name] = self._place(entry)

    def _place(self, entry: bytes) -> tuple[int, int]:
        start, low, high = struct.unpack_from("<3I", entry, 116)
        return start, low + (high << 32 if self._long_sizes else 0)
