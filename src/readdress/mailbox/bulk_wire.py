"""Reads answers of a mail server in bulk, from the socket and the buffer of a guarded connection, with caps of its own.

imaplib reads line by line and keeps everything; a scan wants whole responses as slices of what came. :class:`Wire` takes the octets that the
guard has buffered, reads on by itself, and gives back what is left, so that both can be used in turn. TLS hides nothing from it: it
never asks ``select``, it reads until the socket has no more.

With COMPRESS=DEFLATE (RFC 4978) both directions are compressed from the octet after the server's OK until the connection ends; so the guard is
taught to read and write that way too.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

from readdress.mailbox.wire import lies

CHUNK = 65_536
SILENCE = 120.0
"""Seconds that a server may take for the next octet: the first message of a range may lie in a cold cache."""
MAX_LINE = 256 * 1024
MAX_LITERAL = 32 * 1024 * 1024
"""A larger literal is refused when it is announced."""
KEEP = 64 * 1024
"""Of a literal no more than this is kept; the rest is read and thrown away."""
MAX_PIECES = 64
_LITERAL_END = re.compile(rb"~?\{(\d+)\+?\}\Z")
_TAKES_LITERALS = re.compile(rb"\* (?:\d{1,10} FETCH|STATUS|LIST) ", re.IGNORECASE)
_INFLATE = 256 * 1024
_EMPTY = 1_000


class Deflate:
    """The compressed form of one connection's octets, in both directions. ``rest``: what came behind the server's OK."""

    def __init__(self, sock: Any, rest: bytes = b"") -> None:
        self._sock = sock
        self._out = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -15)
        self._in = zlib.decompressobj(-15)
        self._left = rest
        self._more = bool(rest)

    def recv(self, _size: int = CHUNK) -> bytes:
        """The next octets in clear, at most 256 KiB at once (a few octets can unfold to megabytes); ``b""`` at the end."""
        for _ in range(_EMPTY):
            if not self._more:
                self._left = self._sock.recv(CHUNK)
                if not self._left:
                    return b""
            try:
                clear = self._in.decompress(self._left, _INFLATE)
            except zlib.error:
                raise lies("sends compressed data that cannot be read") from None
            self._left = self._in.unconsumed_tail
            # a full answer may have a rest inside the decompressor even when all input is consumed
            self._more = bool(self._left) or len(clear) == _INFLATE
            if self._in.eof and not clear:
                return b""
            if clear:
                return clear
        raise lies("sends compressed data that holds nothing")

    def sendall(self, data: bytes) -> None:
        """Compress and send, flushed so that the server can act on it."""
        self._sock.sendall(self._out.compress(data) + self._out.flush(zlib.Z_SYNC_FLUSH))


class Wire:
    """A guarded connection's octets for bulk reading. Raises what sockets raise, EOFError at the end, and MailboxLies over a cap."""

    def __init__(self, guard: Any) -> None:
        """``guard`` is the connection's :class:`~readdress.mailbox.wire.Guard`, with no command under way."""
        self._guard = guard
        self.buffer = b""
        self.at = 0
        self._deflate: Deflate | None = getattr(guard, "deflate", None)
        self._tags = 0
        self.came = 0

    # -- whose octets they are
    def take(self) -> None:
        """Take over what the guard has read ahead."""
        self.buffer = self.buffer[self.at :] + bytes(self._guard._buffer)  # noqa: SLF001 - the guard has no other way in
        self.at = 0
        self._guard._buffer.clear()  # noqa: SLF001 - the same
        self._guard.sock.settimeout(SILENCE)

    def give_back(self) -> None:
        """Hand what nobody has read back to the guard, which goes on from there."""
        self._guard._buffer += self.buffer[self.at :]  # noqa: SLF001 - the same
        self.buffer, self.at = b"", 0

    @property
    def compressed(self) -> bool:
        """Whether COMPRESS is active on this connection."""
        return self._deflate is not None

    # -- sending
    def tag(self) -> bytes:
        """A tag that imaplib (four letters and a number) never uses."""
        self._tags += 1
        return b"BULK%d" % self._tags

    def send(self, lines: bytes) -> None:
        """Send whole commands, each ended by CRLF."""
        if self._deflate:
            self._deflate.sendall(lines)
        else:
            self._guard.sock.sendall(lines)

    # -- receiving
    def fill(self) -> None:
        """Wait for more octets; what was consumed is dropped from the buffer."""
        chunk = self._deflate.recv() if self._deflate else self._guard.sock.recv(CHUNK)
        if not chunk:
            raise EOFError("the server closed the connection")
        self.came += len(chunk)
        self.buffer = self.buffer[self.at :] + chunk if self.at < len(self.buffer) else chunk
        self.at = 0

    def line(self, cap: int = MAX_LINE) -> bytes:
        """One line without its end."""
        end = self.buffer.find(b"\n", self.at)
        if end < 0:
            # gathered in one place: joining what came to the buffer each time would be quadratic on a long line
            pieces = bytearray(self.buffer[self.at :])
            while end < 0:
                if len(pieces) > cap:
                    raise lies(f"sends a line of more than {cap:,} octets")
                self.at = len(self.buffer)
                self.fill()
                end = self.buffer.find(b"\n")
                pieces += self.buffer if end < 0 else self.buffer[:end]
            line = bytes(pieces)
        else:
            line = self.buffer[self.at : end]
        if len(line) > cap:
            raise lies(f"sends a line of more than {cap:,} octets")
        self.at = end + 1
        return line.removesuffix(b"\r")

    def literal(self, size: int) -> bytes:
        """The first :data:`KEEP` octets of a literal of ``size`` octets; all of it is consumed."""
        if size > MAX_LITERAL:
            raise lies(f"announces {size:,} octets of header at once, more than any mail has")
        kept = bytearray()
        while True:
            there = min(size, len(self.buffer) - self.at)
            if len(kept) < KEEP:
                kept += self.buffer[self.at : self.at + min(there, KEEP - len(kept))]
            self.at += there
            size -= there
            if not size:
                return bytes(kept)
            self.fill()

    def response(self) -> list[bytes]:
        """One whole response: a line, and where it ends in a literal, the literal (cut) and the next line, and so on."""
        line = self.line()
        pieces = [line]
        if not _TAKES_LITERALS.match(line):
            return pieces
        while found := _LITERAL_END.search(line):
            if len(pieces) > MAX_PIECES:
                raise lies("sends an answer of too many parts")
            pieces[-1] = line[: found.start()]
            if len(found[1]) > 10:
                raise lies("announces more octets than there are")
            pieces.append(self.literal(int(found[1])))
            line = self.line()
            pieces.append(line)
        return pieces


def compress(guard: Any) -> bool:
    """Ask for COMPRESS=DEFLATE on a connection with no command under way; whether it is active afterwards.

    It cannot be switched off again (RFC 4978 §3), so the guard reads and writes through it until the connection ends. A server that
    says no is as good as before.
    """
    if getattr(guard, "deflate", None):
        return True
    wire = Wire(guard)
    wire.take()
    tag = b"BULKZ"
    wire.send(tag + b" COMPRESS DEFLATE\r\n")
    while not (line := wire.line()).startswith(tag + b" "):
        if line[:5].upper() == b"* BYE":
            raise EOFError(line[5:].decode("utf-8", "replace"))
    if line[len(tag) :].split()[:1] != [b"OK"]:
        wire.give_back()
        return False
    deflate = Deflate(guard.sock, wire.buffer[wire.at :])

    def fill(patience: float) -> None:
        guard.sock.settimeout(max(patience, 0.001))
        chunk = deflate.recv()
        if not chunk:
            raise EOFError("the server closed the connection")
        guard._buffer += chunk  # noqa: SLF001 - as the guard's own

    def send(data: bytes) -> None:
        body = data.removesuffix(b"\r\n")
        if any(octet in body for octet in (b"\r", b"\n", b"\0")):
            raise ValueError("CR, LF or NUL in an argument")
        guard.sock.settimeout(guard.silence)
        deflate.sendall(data)

    # on the object, not by another socket: Connection.interrupt needs the real one
    guard.deflate, guard._fill, guard.send = deflate, fill, send  # noqa: SLF001 - its way in and out
    return True
