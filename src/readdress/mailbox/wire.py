"""Guards the bytes between us and a mail server: what may be sent, how much may come back, and within what time.

imaplib trusts the server: it reads a literal of any announced size at once (``{4000000000}`` is a MemoryError), keeps every
untagged line for ever, and sends whatever bytes its arguments hold. imapclient creates the imaplib object, so its two classes
are given a mixin that reads the socket by itself, with caps and one deadline for each command. Having its own buffer also
makes waiting in IDLE exact: nothing hides in a file object or in a TLS layer.
"""

from __future__ import annotations

import imaplib
import time
from typing import Any

from imapclient import IMAPClient
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from readdress.errors import MailboxLies

MAX_LITERAL = 32 * 1024 * 1024
MAX_LINE = 1_000_000
MAX_LINES = 50_000
MAX_LINE_BYTES = 8 * 1024 * 1024
MAX_RESPONSE = 128 * 1024 * 1024
_CHUNK = 65_536
_TODO = "Check host and port of the mailbox. If they are right, the server is broken or not what it claims to be."


def lies(what: str) -> MailboxLies:
    """The error for a server that answers outside the protocol or over a cap."""
    return MailboxLies(f"The mail server {what}.", todo=_TODO)


class Guard:
    """Mixin over :class:`imaplib.IMAP4`: caps, a deadline for each command, and no line breaks in what is sent.

    ``seconds`` a command may take in all, ``silence`` the server may keep within it. Sizes are octets.
    """

    seconds = 60.0
    silence = 30.0
    # declared for the type checker: attributes of imaplib.IMAP4
    sock: Any
    untagged_responses: dict[str, list[Any]]

    def start_counting(self) -> None:
        """A new command begins: its own deadline and its own caps."""
        self._deadline = time.monotonic() + self.seconds
        self._lines = self._line_bytes = self._octets = 0

    # -- receiving
    def _create_socket(self, *args: Any, **kwargs: Any) -> Any:
        self._buffer = bytearray()
        self.start_counting()
        return super()._create_socket(*args, **kwargs)  # type: ignore[misc]

    def read(self, size: int) -> bytes:
        """Exactly ``size`` octets of a literal; refuses an announcement over :data:`MAX_LITERAL` before reading any."""
        if size > MAX_LITERAL or self._octets + size > MAX_RESPONSE:
            raise lies(f"announces {size:,} octets at once, more than any mail that is read here")
        while len(self._buffer) < size:
            self._fill(self._remaining())
        self._octets += size
        return self._take(size)

    def readline(self) -> bytes:
        """One line with its end, of at most :data:`MAX_LINE` octets."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > MAX_LINE:
                raise lies(f"sends a line of more than {MAX_LINE:,} octets")
            self._fill(self._remaining())
        if end > MAX_LINE:
            raise lies(f"sends a line of more than {MAX_LINE:,} octets")
        return self._count_line(self._take(end + 1))

    def line_within(self, seconds: float) -> bytes | None:
        """The next line of an IDLE, or ``None`` when none is complete within ``seconds``. Raises EOFError at the end."""
        until = time.monotonic() + seconds
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_LINE:
                raise lies(f"sends a line of more than {MAX_LINE:,} octets")
            left = until - time.monotonic()
            if left <= 0:
                return None
            try:
                self._fill(left)
            except TimeoutError:
                return None
        return self._count_line(self._take(end + 1))

    def buffered(self) -> int:
        """How many octets have come that nobody has read."""
        return len(self._buffer)

    def _count_line(self, line: bytes) -> bytes:
        self._lines += 1
        self._line_bytes += len(line)
        if self._lines > MAX_LINES or self._line_bytes > MAX_LINE_BYTES:
            raise lies("floods us with lines that nobody asked for")
        return line

    def _remaining(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no complete answer within {self.seconds:.0f} s")
        return min(left, self.silence)

    def _fill(self, patience: float) -> None:
        self.sock.settimeout(max(patience, 0.001))
        chunk = self.sock.recv(_CHUNK)
        if not chunk:
            raise EOFError("the server closed the connection")
        self._buffer += chunk

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    # -- sending
    def _new_tag(self) -> Any:
        # every command of imaplib and of imapclient begins here; continuations of one do not, so they share its deadline
        self.untagged_responses.clear()
        self.start_counting()
        return super()._new_tag()  # type: ignore[misc]

    def send(self, data: bytes) -> None:
        """Send a line; refuses CR, LF or NUL within it, which would put a second command on the wire."""
        body = data[:-2] if data.endswith(b"\r\n") else data
        if any(octet in body for octet in (b"\r", b"\n", b"\0")):
            raise ValueError("CR, LF or NUL in an argument")
        self.sock.settimeout(self.silence)
        self.sock.sendall(data)

    # -- silence: imaplib keeps the last ten commands, the login among them, and imapclient logs all of them
    def _log(self, _line: object) -> None:
        return

    def _mesg(self, _text: object, _secs: object = None) -> None:
        return


class GuardedTLS(Guard, IMAP4_TLS):  # type: ignore[misc]
    """imaplib over implicit TLS, guarded."""


class GuardedPlain(Guard, IMAP4WithTimeout):  # type: ignore[misc]
    """imaplib over plain text (loopback, or until STARTTLS), guarded."""


class Client(IMAPClient):  # type: ignore[misc]
    """imapclient on a guarded imaplib."""

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - the name is imapclient's
        connect = self._timeout.connect
        imap: imaplib.IMAP4
        if self.ssl:
            imap = GuardedTLS(self.host, self.port, self.ssl_context, connect)
        else:
            imap = GuardedPlain(self.host, self.port, connect)
        return imap

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # imapclient replaces _mesg by its logger and asks for everything: put the silence back
        self._imap.debug = 0
        self._imap._mesg = self._imap_silent  # noqa: SLF001 - as imapclient itself does it

    @staticmethod
    def _imap_silent(_text: object, _secs: object = None) -> None:
        return

    @property
    def guard(self) -> Any:
        """The guarded imaplib object."""
        return self._imap
