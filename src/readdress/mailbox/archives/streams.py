"""Opens a file for reading from front to back, unpacked on the way where it is packed, with a cap on what may come out of it."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Final, Protocol

from readdress.mailbox.archives.mbox import CHECK, Stream
from readdress.mailbox.archives.trouble import ArchiveError, damaged, readable, shown

RATIO_CAP = 200
"""What is unpacked may be so many times larger than it was. Mail packs to a half or a fifth, machine-made logs to a thirtieth."""
RATIO_FREE = 64 * 1024 * 1024
"""… and may always be so many octets."""
_CHUNK = 256 * 1024
GZIP: Final = 31
DEFLATE: Final = -15


class Source(Protocol):
    """Where packed octets come from."""

    def read(self, size: int, /) -> bytes | None:
        """At most ``size`` octets; empty at the end."""


class Plain:
    """A file as it is."""

    def __init__(self, path: Path, at: int = 0) -> None:
        self.path = path
        with readable(path):
            self._file = io.FileIO(path, "r")
            self._file.seek(at)

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill some of ``buffer``; 0 at the end."""
        with readable(self.path):
            return self._file.readinto(buffer) or 0

    def read(self, size: int, /) -> bytes:
        """At most ``size`` octets."""
        with readable(self.path):
            return self._file.read(size) or b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Inflated:
    """What comes out of deflated octets: a gzip file, its members one after another, or a bare stream.

    What was unpacked before a damaged place is given before the error is raised.
    """

    def __init__(self, source: Source, bits: int, name: str) -> None:
        self._source, self._bits, self._name = source, bits, name
        self._engine = zlib.decompressobj(bits)
        self._rest = b""
        self._taken = self._given = 0
        self._ended = False

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill some of ``buffer``; 0 at the end. Raises :class:`ArchiveDamaged`."""
        while not self._ended and len(buffer):
            fresh = b""
            if not self._rest:
                fresh = self._source.read(_CHUNK) or b""
                self._taken += len(fresh)
            if self._engine.eof:
                self._next_member(self._rest or fresh)
                continue
            if not (self._rest or fresh):
                raise damaged(self._name, "it is cut off")
            try:
                out = self._engine.decompress(self._rest or fresh, len(buffer))
            except zlib.error:
                self._ended = True
                raise damaged(self._name, "what it was packed from cannot be restored") from None
            self._rest = self._engine.unconsumed_tail or self._engine.unused_data
            self._given += len(out)
            if self._given > max(RATIO_FREE, self._taken * RATIO_CAP):
                self._ended = True
                raise damaged(self._name, f"it unpacks to more than {RATIO_CAP} times its size, which no mail does")
            if out:
                buffer[: len(out)] = out
                return len(out)
        return 0

    def _next_member(self, rest: bytes) -> None:
        """After a member: another one (RFC 1952 §2.2), or the end. What else stands there is no part of it, as for gzip itself."""
        if self._bits == GZIP:
            rest = rest.lstrip(b"\0")
            if len(rest) == 1 and rest == b"\x1f":
                rest += self._source.read(1) or b""
            if rest.startswith(b"\x1f\x8b"):
                self._engine, self._rest = zlib.decompressobj(self._bits), rest
                return
        self._ended = True

    def close(self) -> None:
        """Close what it reads from."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def skip(stream: Stream, at: int) -> bytes | None:
    """Read up to the octet ``at``; the last :data:`CHECK` octets before it, or ``None`` when the stream ends before."""
    room = bytearray(_CHUNK + CHECK)
    view = memoryview(room)
    kept = done = 0
    while done < at:
        got = stream.readinto(view[kept : kept + min(_CHUNK, at - done)])
        if not got:
            return None
        done += got
        tail = bytes(view[max(0, kept + got - CHECK) : kept + got])
        kept = len(tail)
        view[:kept] = tail
    return bytes(view[:kept])


def size_of(path: Path) -> int:
    """Octets of a file."""
    with readable(path):
        return path.stat().st_size


def read_head(path: Path, size: int) -> bytes:
    """The first octets of a file, at most ``size``."""
    plain = Plain(path)
    try:
        with readable(path):
            head = b""
            while len(head) < size and (more := plain.read(size - len(head))):
                head += more
            return head
    finally:
        plain.close()


def unpacked_head(path: Path, size: int) -> bytes:
    """The first octets of what a gzip file holds; what comes before a damaged place."""
    stream = Inflated(Plain(path), GZIP, path.name)
    room = memoryview(bytearray(size))
    done = 0
    try:
        while done < size and (got := stream.readinto(room[done:])):
            done += got
    except ArchiveError:
        if not done:
            raise
    finally:
        stream.close()
    return bytes(room[:done])


def refuse_missing(path: Path) -> None:
    """Raise :class:`ArchiveError` unless there is something at ``path``, with a word for what cannot be read at all."""
    with readable(path):
        mode = path.stat().st_mode
    if not (path.is_file() or path.is_dir()):
        raise ArchiveError(f"{shown(path)} is no file and no folder (mode {mode:o}).", todo="Give a file or a folder.")
