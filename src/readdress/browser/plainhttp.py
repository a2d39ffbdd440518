"""HTTP/1.1 framing for the plain-http side of our proxy: read a head, pass one exchange on, keep both connections alive.

Only sites on this machine are reached this way. Message lengths follow RFC 9112 §6.3; anything that two programs could read
differently (two lengths, a length beside chunks) is refused.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import SplitResult

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
ANSWER_TIMEOUT = 120.0
_HEX = re.compile(rb"[0-9a-fA-F]{1,12}\Z")
_HOP_BY_HOP = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"proxy-authorization", b"te", b"trailer", b"upgrade"}
)


@dataclass(frozen=True, slots=True)
class Head:
    """A request line or status line split in three, and the header lines with lower-case names."""

    method: bytes
    target: bytes
    version: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    def header(self, name: bytes) -> bytes:
        """The first header of that (lower-case) name, ``b""`` when there is none."""
        return next((value for key, value in self.headers if key == name), b"")

    def length(self) -> int | None:
        """The body's length, ``-1`` for chunks, ``None`` when it is not announced. Raises :class:`ValueError` on ambiguity."""
        lengths = {value for key, value in self.headers if key == b"content-length"}
        codings = [value.lower() for key, value in self.headers if key == b"transfer-encoding"]
        if codings:
            if lengths or codings != [b"chunked"]:
                raise ValueError("ambiguous message length")
            return -1
        if not lengths:
            return None
        (value,) = lengths if len(lengths) == 1 else (b"?",)
        if not value.isdigit() or len(value) > 15:
            raise ValueError("ambiguous message length")
        return int(value)


async def read_head(reader: asyncio.StreamReader, limit: int) -> Head | None:
    """The next head; ``None`` at the end of the connection. Raises :class:`ValueError` when it is malformed or too long."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise ValueError("cut off") from None
        return None
    if len(raw) > limit:
        raise ValueError("head too long")
    lines = raw[:-4].lstrip(b"\r\n").split(b"\r\n")
    first = lines[0].split(b" ", 2)
    if len(first) < 2:
        raise ValueError("malformed first line")
    headers: list[tuple[bytes, bytes]] = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip() or b"\n" in line or b"\r" in line:
            raise ValueError("malformed header")
        headers.append((name.lower(), value.strip()))
    return Head(first[0], first[1], first[2] if len(first) > 2 else b"", tuple(headers))


class Site:
    """The connection to the site that one browser connection talks to at the moment."""

    def __init__(self) -> None:
        self._at: tuple[str, int] | None = None
        self._streams: Streams | None = None

    def same(self, host: str, port: int) -> bool:
        """Whether an open connection to there is at hand."""
        return self._at == (host, port) and self._streams is not None and not self._streams[0].at_eof()

    def use(self, host: str, port: int, streams: Streams) -> None:
        """Talk to there from now on."""
        self.close()
        self._at, self._streams = (host, port), streams

    def close(self) -> None:
        """Close the connection to the site."""
        if self._streams is not None:
            self._streams[1].close()
        self._at = self._streams = None

    async def exchange(
        self,
        head: Head,
        url: SplitResult,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        again: Callable[[], Awaitable[Streams]],
    ) -> bool:
        """Pass one request and its answer on; whether the browser's connection may be used again.

        ``again`` makes a new connection, for the case that the site closed an idle one just as a GET or HEAD was sent (RFC 9110
        §9.2.2 allows that for these; nothing that acts is ever sent twice).
        """
        assert self._streams is not None
        assert self._at is not None
        length = head.length()
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        lines = [b"%s %s HTTP/1.1" % (head.method, path.encode("ascii", "replace"))]
        lines += [b"%s: %s" % pair for pair in head.headers if pair[0] not in _HOP_BY_HOP]
        request = b"\r\n".join([*lines, b"Connection: keep-alive", b"", b""])
        answer: Head | None = None
        for attempt in (1, 2):
            there_in, there_out = self._streams
            try:
                there_out.write(request)
                if length:
                    await _carry_body(length, reader, there_out)
                async with asyncio.timeout(ANSWER_TIMEOUT):
                    answer = await read_head(there_in, 1 << 17)
            except (ConnectionError, ValueError):
                answer = None
            if answer is not None or length or attempt == 2 or head.method not in {b"GET", b"HEAD"}:
                break
            self.use(*self._at, await again())
        if answer is None:
            return False
        return await self._answer(head, answer, writer)

    async def _answer(self, request: Head, answer: Head, writer: asyncio.StreamWriter) -> bool:
        assert self._streams is not None
        there_in = self._streams[0]
        status = answer.target
        while status.startswith(b"1") and status != b"101":
            following = await read_head(there_in, 1 << 17)
            if following is None:
                return False
            answer, status = following, following.target
        bare = request.method == b"HEAD" or status in {b"204", b"304"}
        length = 0 if bare else answer.length()
        if answer.header(b"connection").lower() == b"close" or answer.method == b"HTTP/1.0" or length is None:
            stays = False
        else:
            stays = True
        lines = [b"HTTP/1.1 %s %s" % (status, answer.version)]
        lines += [b"%s: %s" % pair for pair in answer.headers if pair[0] not in _HOP_BY_HOP]
        lines += [b"Connection: close" if length is None else b"Connection: keep-alive", b"", b""]
        start = b"\r\n".join(lines)
        if length is None:
            writer.write(start)
            while data := await there_in.read(1 << 18):
                writer.write(data)
                await writer.drain()
        elif length:
            await _carry_body(length, there_in, writer, start)
        else:
            writer.write(start)
        await writer.drain()
        if not stays:
            self.close()
        return length is not None


async def _carry_body(
    length: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, start: bytes = b""
) -> None:
    """Carry a body over; ``start`` goes out with its first bytes, in one packet where that is possible."""
    if length >= 0:
        await _carry_exactly(length, reader, writer, start)
        return
    writer.write(start)
    while True:
        line = await reader.readuntil(b"\r\n")
        digits = line.split(b";", 1)[0].strip()
        if not _HEX.match(digits) or len(line) > 1024:
            raise ValueError("malformed chunk")
        size = int(digits, 16)
        writer.write(line)
        if size == 0:
            while line != b"\r\n":  # trailers, up to the empty line
                line = await reader.readuntil(b"\r\n")
                writer.write(line)
            return
        await _carry_exactly(size + 2, reader, writer)


async def _carry_exactly(
    length: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, start: bytes = b""
) -> None:
    while length:
        data = await reader.read(min(length, 1 << 18))
        if not data:
            raise EOFError
        length -= len(data)
        writer.write(start + data if start else data)
        start = b""
        await writer.drain()
