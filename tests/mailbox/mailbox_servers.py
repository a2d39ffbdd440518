"""Servers for the mailbox tests: one that lies as told, and a tap that shows what went over the wire to a real one."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from readdress.models import MailboxConfig

Answer = bytes | Callable[["Line"], None]


class Line:
    """One connection of the liar: what came, and a way to answer."""

    def __init__(self, sock: socket.socket, log: list[bytes]) -> None:
        self.sock, self.log, self.tag, self.text = sock, log, b"", b""
        self._rest = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data.replace(b"%TAG%", self.tag))

    def read(self) -> bytes:
        """The next line of the client, logged; empty at the end."""
        while b"\n" not in self._rest:
            data = self.sock.recv(65536)
            if not data:
                return b""
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        self.log.append(line.rstrip(b"\r"))
        return line


ORDINARY: dict[str, Answer] = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN ID IDLE\r\n%TAG% OK done\r\n",
    "LOGIN": b"%TAG% OK in\r\n",
    "ID": b"* ID NIL\r\n%TAG% OK done\r\n",
    "LIST": b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n%TAG% OK done\r\n',
    "EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5] x\r\n%TAG% OK [READ-ONLY] done\r\n",
    "STATUS": b'* STATUS "INBOX" (UIDNEXT 5 UIDVALIDITY 7)\r\n%TAG% OK done\r\n',
    "NOOP": b"%TAG% OK done\r\n",
    "LOGOUT": b"* BYE bye\r\n%TAG% OK done\r\n",
}


class Liar:
    """An IMAP server that answers ordinarily except where ``answers`` says otherwise (command word -> octets or function).

    ``greeting`` and ``cert`` (PEM certificate and key files: TLS) as given; ``log``: every line that clients sent.
    """

    def __init__(
        self,
        answers: Mapping[str, Answer] | None = None,
        *,
        greeting: bytes = b"* OK ready\r\n",
        cert: tuple[str, str] | None = None,
    ) -> None:
        self.answers = ORDINARY | dict(answers or {})
        self.greeting = greeting
        self.log: list[bytes] = []
        self.connections = 0
        self._cert = cert
        self._socks: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        for sock in self._socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def said(self) -> bytes:
        """Everything that clients sent."""
        return b"\n".join(self.log)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._socks.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._cert:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*self._cert)
                sock = context.wrap_socket(sock, server_side=True)
                self._socks.append(sock)
            line = Line(sock, self.log)
            line.send(self.greeting)
            while text := line.read():
                line.tag, _, line.text = text.strip().partition(b" ")
                words = line.text.decode("latin-1").upper().split()
                if words[:1] == ["AUTHENTICATE"] and "AUTHENTICATE" not in self.answers:
                    line.send(b"+ \r\n")
                    line.read()
                    line.send(b"%TAG% OK in\r\n")
                    continue
                key = " ".join(words[:2]) if words[:1] == ["UID"] else "".join(words[:1])
                answer = self.answers.get(key, b"%TAG% BAD unknown\r\n")
                if callable(answer):
                    answer(line)
                else:
                    line.send(answer)


class Tap:
    """A loopback proxy before a real server: shows each connection's client lines, with times, and can cut all of them."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.sent: list[list[tuple[float, bytes]]] = []
        self.refuse = False
        self._socks: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """End every connection now."""
        for sock in self._socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._socks.clear()

    def lines(self) -> list[bytes]:
        """All lines that clients sent, without their tags."""
        return [line.partition(b" ")[2] for connection in self.sent for _, line in connection]

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.refuse:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._target))
            self._socks += [near, far]
            log: list[tuple[float, bytes]] = []
            self.sent.append(log)
            threading.Thread(target=self._pump, args=(near, far, log), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, None), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, log: list[tuple[float, bytes]] | None) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if log is not None:
                    *lines, rest = (rest + data).split(b"\r\n")
                    log.extend((time.monotonic(), line) for line in lines)
                sink.sendall(data)
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def loopback(server_port: int, **changes: object) -> MailboxConfig:
    """A plain-text configuration for a liar or a tap on this computer."""
    fields: dict[str, object] = {"host": "127.0.0.1", "port": server_port, "security": "plain"}
    return MailboxConfig("old@example.net", **(fields | changes))  # type: ignore[arg-type]
