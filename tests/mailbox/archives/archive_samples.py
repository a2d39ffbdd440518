"""Archives made for the tests: mboxes in several dialects, compound files, and what the standard library reads of them."""

from __future__ import annotations

import mailbox
import struct
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from readdress.mailbox.archives import Batch, read_archive
from readdress.models.inventory import ScanMark

SEPARATOR = b"From bounce@sender.example Mon Jan  2 08:00:00 2006\n"


def mail(number: int, body: bytes = b"body\n", more: bytes = b"") -> bytes:
    """One ordinary message."""
    return b"From: a%d@example.com\nTo: old@example.net\nSubject: n%d\n%s\n%s" % (number, number, more, body)


def mbox(messages: Iterable[bytes], separator: bytes = SEPARATOR, eol: bytes = b"\n") -> bytes:
    """An mbox of messages that hold no line beginning with From."""
    whole = b"".join(separator + raw + (b"" if raw.endswith(b"\n") else b"\n") + b"\n" for raw in messages)
    return whole.replace(b"\n", eol)


def rows(path: Path, **options: object) -> list[tuple[str, int, bytes]]:
    """Everything in an archive: folder, number, header."""
    return [(b.folder, uid, header) for b in read_archive(path, **options) for uid, header in b.rows]  # type: ignore[arg-type]


def headers(path: Path, **options: object) -> list[bytes]:
    """The header blocks of an archive."""
    return [header for _, _, header in rows(path, **options)]


def marks(batches: Iterable[Batch]) -> list[ScanMark]:
    """The last mark of each folder."""
    return list({b.mark.folder: b.mark for b in batches}.values())


def stdlib_headers(path: Path) -> list[bytes]:
    """What mailbox.mbox finds, as header blocks."""
    box = mailbox.mbox(path, create=False)
    found = []
    for key in box.iterkeys():
        raw = box.get_bytes(key)
        end = raw.find(b"\n\n")
        crlf = raw.find(b"\r\n\r\n")
        if crlf >= 0 and (end < 0 or crlf < end):
            end = crlf + 1
        empty = raw.startswith((b"\n", b"\r\n"))
        found.append(b"" if empty else raw if end < 0 else raw[: end + 1])
    box.close()
    return found


def stdlib_offsets(path: Path) -> list[int]:
    """Where mailbox.mbox sees the messages begin."""
    box = mailbox.mbox(path, create=False)
    box._generate_toc()
    starts = [start for start, _ in box._toc.values()]
    box.close()
    return starts


def zipped(path: Path, members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip file with these members."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, octets in members:
            archive.writestr(name, octets)
    return path


def compound(streams: dict[str, bytes], *, version: int = 3) -> bytes:
    """A compound file ([MS-CFB]) with these streams in its root, the small ones in the mini stream."""
    size = 512 if version == 3 else 4096
    names = sorted(streams)
    fat: list[int] = []
    sectors: list[bytes] = []

    def put(octets: bytes) -> int:
        if not octets:
            return 0xFFFFFFFE
        start = len(sectors)
        pieces = [octets[n : n + size].ljust(size, b"\0") for n in range(0, len(octets), size)]
        sectors.extend(pieces)
        fat.extend([*range(start + 1, start + len(pieces)), 0xFFFFFFFE])
        return start

    mini = b""
    mini_fat: list[int] = []
    places = {}
    for name in names:
        octets = streams[name]
        if len(octets) < 4096:
            count = -(-len(octets) // 64)
            first = len(mini_fat)
            places[name] = first if count else 0xFFFFFFFE
            mini_fat.extend([*range(first + 1, first + count), 0xFFFFFFFE] if count else [])
            mini += octets.ljust(count * 64, b"\0")
        else:
            places[name] = put(octets)
    mini_start = put(mini)
    packed = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    mini_fat_start = put(packed.ljust(-(-len(packed) // size) * size, b"\xff"))
    entries = [_entry("Root Entry", 5, child=1 if names else 0xFFFFFFFF, start=mini_start, length=len(mini))]
    for n, name in enumerate(names, 1):
        right = n + 1 if n < len(names) else 0xFFFFFFFF
        entries.append(_entry(name, 2, right=right, start=places[name], length=len(streams[name])))
    directory = put(b"".join(entries))
    total = len(sectors)
    fat_sectors = 1
    while fat_sectors * (size // 4) < total + fat_sectors:
        fat_sectors += 1
    fat += [0xFFFFFFFD] * fat_sectors
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(fat_sectors * size, b"\xff")
    difat = [total + n for n in range(fat_sectors)] + [0xFFFFFFFF] * (109 - fat_sectors)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH6x", 0x3E, version, 0xFFFE, 9 if version == 3 else 12, 6)
    head += struct.pack(
        "<9I", 0, fat_sectors, directory, 0, 4096, mini_fat_start, -(-len(packed) // size), 0xFFFFFFFE, 0
    )
    head += struct.pack("<109I", *difat)
    return head.ljust(size, b"\0") + b"".join(sectors) + table


def _entry(name: str, kind: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF, start: int, length: int) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    entry = raw.ljust(64, b"\0") + struct.pack("<HBB3I", len(raw), kind, 1, 0xFFFFFFFF, right, child)
    return entry + b"\0" * 36 + struct.pack("<IQ", start, length)


def outlook(**texts: bytes) -> bytes:
    """A .msg file: property tag in hex (``s007D001F``) → its octets."""
    return compound({f"__substg1.0_{tag[1:]}": octets for tag, octets in texts.items()})
