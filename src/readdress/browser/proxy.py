"""The wall: a loopback proxy of our own, in a thread, that lets the controlled browser reach the allowed hosts and nothing else.

CONNECT tunnels (https, and WebSockets of either kind) and plain http to this machine. The browser shows a secret made for this run, so
that no other program can use the proxy. What is stopped gets a 403 and is reported by :meth:`FilteringProxy.blocked`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from readdress.browser import plainhttp
from readdress.browser.upstream import READ_LIMIT, Streams, Unreachable, Way
from readdress.browser.walls import AllowList, is_loopback

GREETING = "http://readdress.invalid/"
"""Answered by the proxy itself: here the browser learns the secret, and this is the page it starts on. Never resolves (RFC 6761 §6.4)."""

QUIET = "quiet.readdress.invalid"
"""Where the browser's own business is sent: refused like everything else, but not reported."""

STOPPED = "x-readdress"
"""The header that marks what the proxy itself says."""

HEAD_LIMIT = 1 << 16
HEAD_TIMEOUT = 20.0
IDLE_TIMEOUT = 300.0
MAX_CLIENTS = 512
MAX_BLOCKED = 100
_PAGE = (
    "<!doctype html><html><head><meta charset=utf-8><title>readdress</title><link rel=icon href='data:,'></head>"
    "<body style='font:1.2em sans-serif;margin:4em'><p>{}</p></body></html>"
)


@dataclass(slots=True)
class _Tunnel:
    host: str
    port: int
    default_port: int
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    asking: bool = True  # The browser spoke last: it waits for an answer.


class FilteringProxy:
    """Start it, point the browser at :attr:`port`, tell it what to :meth:`allow`. All methods may be called from any thread."""

    def __init__(self, way: Way | None = None) -> None:
        self._way = way if way is not None else Way.of_this_machine()
        self._allow = AllowList()
        self._lock = threading.Lock()
        self._blocked: deque[str] = deque(maxlen=MAX_BLOCKED)
        self._trouble: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._live: dict[int, _Tunnel] = {}
        self._heard = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.port = 0
        self.username = "readdress"
        self.password = secrets.token_urlsafe(24)
        self._token = base64.b64encode(f"{self.username}:{self.password}".encode())

    # -- from other threads ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Listen on a free port of 127.0.0.1. Raises :class:`OSError` when the machine has none."""
        ready = threading.Event()
        failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, args=(ready, failed), name="readdress-proxy", daemon=True)
        self._thread.start()
        ready.wait()
        if failed:
            raise failed[0]

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5.0)

    def allow(self, hosts: Sequence[str], assets: Sequence[str] = ()) -> AllowList:
        """Replace the allow-list, and cut connections that it does not cover any more."""
        allowed = AllowList.of(hosts, assets)
        self._allow = allowed
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._cut)
        return allowed

    def blocked(self) -> list[str]:
        """``host:port`` of what was stopped since the last call, each once, at most 100."""
        with self._lock:
            found = list(dict.fromkeys(self._blocked))
            self._blocked.clear()
        return found

    def quiet_for(self) -> float:
        """Seconds since the last byte went through, either way; 0 while a request still waits for its answer.

        In an encrypted connection that carries several requests at once, the browser may speak last without asking anything: it then
        counts as waiting.
        """
        if any(tunnel.asking for tunnel in list(self._live.values())):
            return 0.0
        return time.monotonic() - self._heard

    def trouble(self, host: str, port: int) -> tuple[str, str]:
        """The latest reason why ``host:port`` was not reached, with a few words for a person; two empty strings when it was."""
        with self._lock:
            return self._trouble.get(_where(host, port), ("", ""))

    # -- in the proxy's thread ---------------------------------------------------------------------------------------------------

    def _run(self, ready: threading.Event, failed: list[BaseException]) -> None:
        loop = asyncio.new_event_loop()
        self._loop = loop
        try:
            server = loop.run_until_complete(
                asyncio.start_server(self._accept, "127.0.0.1", 0, limit=READ_LIMIT, backlog=128)
            )
            self.port = server.sockets[0].getsockname()[1]
        except OSError as error:
            failed.append(error)
            ready.set()
            loop.close()
            return
        ready.set()
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(self._wind_down(server))
            loop.close()

    async def _wind_down(self, server: asyncio.Server) -> None:
        server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # Transports close one turn of the loop later.

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= MAX_CLIENTS:
            writer.transport.abort()
            return
        self._spawn(self._client(reader, writer))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cut(self) -> None:
        for tunnel in list(self._live.values()):
            if not self._allow.may_load(tunnel.host, tunnel.port, default_port=tunnel.default_port):
                for writer in tunnel.writers:
                    writer.transport.abort()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site = plainhttp.Site()
        try:
            first = True
            while True:
                async with asyncio.timeout(HEAD_TIMEOUT if first else IDLE_TIMEOUT):
                    head = await plainhttp.read_head(reader, HEAD_LIMIT)
                first = False
                if head is None or not await self._request(head, reader, writer, site):
                    break
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            pass  # A broken or hostile client; there is nobody to tell.
        finally:
            site.close()
            writer.close()

    async def _request(
        self, head: plainhttp.Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, site: plainhttp.Site
    ) -> bool:
        """Serve one request; whether the connection may be used again."""
        if not self._knows_secret(head):
            body = not head.header(b"content-length") and not head.header(b"transfer-encoding")
            extra = b'Proxy-Authenticate: Basic realm="readdress"\r\n'
            await _answer(
                writer, b"407 Proxy Authentication Required", "This proxy serves one browser only.", extra, keep=body
            )
            return body
        if head.method == b"CONNECT":
            await self._connect(head, reader, writer)
            return False
        target = head.target.decode("ascii", "replace")
        if target.startswith(GREETING):
            await _answer(
                writer,
                b"200 OK",
                "readdress drives this window. \u672c\u7a97\u53e3\u7531 readdress \u63a7\u5236\u3002",
                keep=True,
            )
            return True
        parts = urlsplit(target)
        host, port = parts.hostname or "", parts.port or 80
        if (
            parts.scheme != "http"
            or not host
            or not is_loopback(host)
            or not self._allow.may_load(host, port, default_port=80)
        ):
            self._stop(host or target[:80], port)
            await _answer(
                writer,
                b"403 Forbidden",
                f"readdress stopped a request to {_where(host, port)}: not a host of this recipe.",
            )
            return False
        try:
            if not site.same(host, port):
                site.use(host, port, await self._way.connect(host, port))
        except Unreachable as error:
            self._remember(host, port, error.reason, error.detail)
            await _answer(writer, b"502 Bad Gateway", f"{_where(host, port)}: {error.detail}.")
            return False
        self._reached(host, port)
        tunnel = _Tunnel(host, port, 80, [writer])
        self._live[id(tunnel)] = tunnel
        try:
            return await site.exchange(head, parts, reader, writer, lambda: self._way.connect(host, port))
        finally:
            self._heard = time.monotonic()
            del self._live[id(tunnel)]

    def _knows_secret(self, head: plainhttp.Head) -> bool:
        scheme, _, token = head.header(b"proxy-authorization").partition(b" ")
        return scheme.lower() == b"basic" and hmac.compare_digest(token.strip(), self._token)

    async def _connect(self, head: plainhttp.Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = _split(head.target.decode("ascii", "replace"))
        if not host or not self._allow.may_load(host, port):
            self._stop(host, port)
            await _answer(writer, b"403 Forbidden", f"readdress stopped a request to {_where(host, port)}.")
            return
        try:
            there = await self._way.connect(host, port)
        except Unreachable as error:
            if error.reason == "private":
                self._stop(host, port)
            self._remember(host, port, error.reason, error.detail)
            await _answer(
                writer,
                b"403 Forbidden" if error.reason == "private" else b"502 Bad Gateway",
                f"{host}: {error.detail}.",
            )
            return
        tunnel = _Tunnel(host, port, 443, [writer, there[1]])
        if not self._allow.may_load(host, port):  # The list may have changed while the connection was made.
            there[1].transport.abort()
            return
        self._reached(host, port)
        self._live[id(tunnel)] = tunnel
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await _splice((reader, writer), there, lambda asking: self._spoke(tunnel, asking=asking))
        finally:
            del self._live[id(tunnel)]
            there[1].transport.abort()

    def _spoke(self, tunnel: _Tunnel, *, asking: bool) -> None:
        self._heard = time.monotonic()
        tunnel.asking = asking

    def _stop(self, host: str, port: int) -> None:
        self._remember(host, port, "blocked", "it is not one of the hosts of this recipe")
        if host.strip("[]").lower() != QUIET:
            with self._lock:
                self._blocked.append(_where(host, port))

    def _remember(self, host: str, port: int, reason: str, detail: str) -> None:
        with self._lock:
            self._trouble[_where(host, port)] = (reason, detail)
            while len(self._trouble) > MAX_BLOCKED:
                self._trouble.popitem(last=False)

    def _reached(self, host: str, port: int) -> None:
        with self._lock:
            self._trouble.pop(_where(host, port), None)


def _where(host: str, port: int) -> str:
    host = host.strip("[]").rstrip(".").lower()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _split(target: str) -> tuple[str, int]:
    host, _, port = target.rpartition(":")
    if not port.isdigit() or not 0 < int(port[:6]) < 65536:
        return "", 0
    return host.strip("[]").rstrip(".").lower(), int(port)


async def _answer(
    writer: asyncio.StreamWriter, status: bytes, text: str, extra: bytes = b"", *, keep: bool = False
) -> None:
    page = _PAGE.format(text.replace("&", "&amp;").replace("<", "&lt;")).encode()
    writer.write(
        b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nX-Readdress: 1\r\nContent-Length: %d\r\n%sConnection: %s\r\n\r\n"
        % (status, len(page), extra, b"keep-alive" if keep else b"close")
        + page
    )
    await writer.drain()


async def _splice(here: Streams, there: Streams, spoke: Callable[[bool], None]) -> None:
    """Carry bytes both ways until both ends have finished; half a minute after one has, the other is cut.

    ``spoke`` is told of every piece, ``True`` for the browser's.
    """
    both = {
        asyncio.ensure_future(_carry(here[0], there[1], lambda: spoke(True))),
        asyncio.ensure_future(_carry(there[0], here[1], lambda: spoke(False))),
    }
    try:
        _, left = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if left:
            await asyncio.wait(left, timeout=30.0)
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, spoke: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(READ_LIMIT):
            spoke()
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
