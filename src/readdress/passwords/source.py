"""Where the bytes of an export come from: a file or a member of a zip, bounded, decoded, and never unpacked to disk."""

from __future__ import annotations

import codecs
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from readdress.passwords.trouble import ExportDamaged, ExportEncrypted, ExportError

HEAD = 65_536
MEMBERS_CAP = 20_000
UNPACKED_CAP = 1 << 30
RATIO_CAP = 200
RATIO_FREE = 16 << 20
"""Deflate reaches 1,032:1 on zeros; exports of text stay far under 100:1. The first 16 MiB are always allowed."""

ZIP_TROUBLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    struct.error,
)
"""What zipfile raises on damaged, encrypted or odd archives (a test enumerates them)."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # splitlines would also part at form feeds, U+2028 …

Progress = Callable[[int, int, int], None]
"""Called now and then with: entries read, bytes read, bytes in all (of the packed file; 0: unknown)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One readable document: the file itself (``member`` empty) or a member of a zip."""

    path: Path
    size: int
    member: str = ""


class _Counted(io.RawIOBase):
    """A member of a zip, counted while it is unpacked: too much, or out of proportion, is a bomb."""

    def __init__(self, stream: IO[bytes], packed: int) -> None:
        super().__init__()
        self._stream = stream
        self._allowed = min(UNPACKED_CAP, max(RATIO_FREE, packed * RATIO_CAP))
        self._done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        trouble = False
        data = b""
        try:
            data = self._stream.read(min(len(buffer), HEAD))
        except ZIP_TROUBLE:
            trouble = True
        if trouble:
            raise ExportDamaged("The zip file is damaged: what is packed in it does not unpack.")
        self._done += len(data)
        if self._done > self._allowed:
            raise ExportDamaged(
                "The zip file unpacks to far more than any export holds: it is damaged, or made to fill the memory.",
                todo="Export once more from the password manager, and give that file as it is.",
            )
        buffer[: len(data)] = data
        return len(data)

    def tell(self) -> int:
        return self._done


@contextmanager
def opened(part: Part) -> Iterator[IO[bytes]]:
    """The bytes of a part. Raises :class:`ExportError` where the file cannot be opened."""
    if not part.member:
        with _open(part.path) as stream:
            yield stream
        return
    with zipped(part.path) as archive:
        info = archive.getinfo(part.member)
        stream = _member(archive, info)
        with stream, io.BufferedReader(_Counted(stream, info.compress_size), HEAD) as counted:
            yield counted


def _open(path: Path) -> IO[bytes]:
    reason = ""
    try:
        if path.is_file():
            return path.open("rb")
        reason = "it is no file" if path.exists() else "there is no such file"
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "the system refuses"
    raise ExportError(
        f"{path.name!r} cannot be opened: {reason}.",
        todo="Give the path of the exported file, and check that you may read it.",
    )


@contextmanager
def zipped(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip file, its directory read. Raises :class:`ExportDamaged`."""
    archive = None
    with _open(path) as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except ZIP_TROUBLE:
            archive = None
        if archive is None:
            raise ExportDamaged(
                f"{path.name!r} is a zip file without its directory: it was cut off or damaged, and nothing in it can be read.",
                todo="Copy or download it again; if that does not help, export once more from the password manager.",
            )
        with archive:
            if len(archive.infolist()) > MEMBERS_CAP:
                raise ExportDamaged(f"{path.name!r} holds more than {MEMBERS_CAP} files: no export does.")
            yield archive


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.flag_bits & 1:
        raise ExportEncrypted(
            "The zip file is protected by a password.",
            todo="Unpack it with its password, and give the file that was in it.",
        )
    stream: IO[bytes] | None
    try:
        stream = archive.open(info)
    except ZIP_TROUBLE:
        stream = None
    if stream is None:
        raise ExportDamaged("The zip file is damaged: a file in it cannot be opened.")
    return stream


def encoding_of(head: bytes, *, whole: bool) -> str:
    """The encoding of a text by its first bytes: a byte-order mark, NULs of UTF-16 without one, UTF-8, else what Excel saves.

    ``whole``: the head is the whole text. GB 18030 comes before Windows-1252: every byte below 0x30 stands for itself in both, so that
    separators, quotes and ends of lines are safe whichever of the two it was.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    sample = head[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 and odd > 4 * even:
        return "utf-16-le"
    if even > len(sample) // 5 and even > 4 * odd:
        return "utf-16-be"
    for name in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(name)().decode(head, final=whole)
        except UnicodeDecodeError:
            continue
        return name
    return "cp1252"


def text_head(head: bytes, encoding: str) -> str:
    """The head as text, with whatever does not decode replaced: only for recognising."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(head).lstrip("\ufeff")


class TextReader:
    """Decoded text of a byte stream in pieces of a known size; undecodable bytes end it as damage, after what came before them."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self.bytes_read = 0
        self.broken = False
        """Whether the text ended at bytes that its encoding does not know, or in the middle of a character."""
        self.at_end = False
        """Whether everything was read."""

    def read(self) -> str:
        """The next piece, empty at the end."""
        while not self.at_end:
            data = self._stream.read(HEAD)
            self.bytes_read += len(data)
            self.at_end = not data
            before = self._decoder.getstate()
            good = -1
            text = ""
            try:
                text = self._decoder.decode(data, final=self.at_end)
            except UnicodeDecodeError as error:
                good = max(0, error.start - (len(error.object) - len(data)))
            if good >= 0:
                self.broken = self.at_end = True
                self._decoder.setstate(
                    before
                )  # a decoder gives nothing of a piece that fails: what stands before the bad byte is due
                text = self._decoder.decode(data[:good])
            if text:
                return text
        return ""


class Lines:
    """Lines of a text with their ends (CR, LF or both), each at most ``cap`` characters."""

    def __init__(self, text: TextReader, cap: int) -> None:
        self._text = text
        self._cap = cap
        self.ended = True
        """Whether the last line that was given had its end."""
        self.too_long = False

    def __iter__(self) -> Iterator[str]:
        pending: list[str] = []  # a line that goes on; joined once, whatever its length
        size = 0
        while piece := self._text.read():
            if pending and pending[-1].endswith("\r") and not piece.startswith("\n"):
                yield "".join(pending)
                pending, size = [], 0
            lines = _LINE.findall(piece)
            # The last one may go on in the next piece; so may a CR, whose LF is still to come.
            last = lines.pop() if not lines[-1].endswith("\n") else ""
            if lines:
                lines[0] = "".join((*pending, lines[0]))
                pending, size = [], 0
            yield from lines
            if last:
                pending.append(last)
                size += len(last)
            if size > self._cap:
                self.too_long = True
                return
        if pending:
            self.ended = pending[-1].endswith(("\n", "\r"))
            yield "".join(pending)
