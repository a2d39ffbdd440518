"""Connects to a site: straight, through the person's own proxy, or to a test replica, with the name resolved and checked here."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from readdress.browser.walls import is_loopback, literal, may_stand_for_a_name

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
CONNECT_TIMEOUT = 15.0
READ_LIMIT = 1 << 18


class Unreachable(Exception):
    """No connection; ``reason`` is ``unresolved``, ``private``, ``unreachable`` or ``proxy``, ``detail`` a few words for a person."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class PersonsProxy:
    """The proxy that the person's machine goes through. ``scheme``: ``http``, ``https`` or ``socks5``."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> PersonsProxy:
        """Read ``scheme://user:password@host:port``; raises :class:`ValueError` for a proxy of a kind that is not supported."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        scheme = {"socks": "socks5", "socks5h": "socks5"}.get(parts.scheme.lower(), parts.scheme.lower())
        if scheme not in {"http", "https", "socks5"} or not parts.hostname:
            raise ValueError("the proxy must be http, https or socks5")
        port = parts.port or {"http": 80, "https": 443, "socks5": 1080}[scheme]
        return cls(scheme, parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""))


@dataclass(frozen=True, slots=True)
class Way:
    """How sites are reached.

    ``proxies`` maps ``https`` and ``all`` to proxies, as the environment variables do (sites on other machines are only ever reached by
    https, so ``http_proxy`` has nothing to say here).

    ``reroute`` maps a host name to the address and port of a replica on this machine: for tests only.
    """

    proxies: Mapping[str, PersonsProxy] = field(default_factory=dict)
    reroute: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    heed_no_proxy: bool = True

    @classmethod
    def of_this_machine(cls, reroute: Mapping[str, tuple[str, int]] | None = None) -> Way:
        """The person's settings: ``https_proxy``, ``all_proxy``, else those of macOS or Windows."""
        found: dict[str, PersonsProxy] = {}
        for kind, url in urllib.request.getproxies().items():
            if kind in {"https", "all", "socks"} and url:
                try:
                    found["all" if kind == "socks" else kind] = PersonsProxy.parse(url)
                except ValueError:
                    continue
        return cls(found, dict(reroute or {}))

    async def connect(self, host: str, port: int) -> Streams:
        """A connection to ``host:port``, the bytes of which are the site's. Raises :class:`Unreachable`."""
        host = host.strip("[]").rstrip(".").lower()
        if host in self.reroute:
            return await _dial(*self.reroute[host])
        if is_loopback(host):
            return await _dial("127.0.0.1" if host.endswith(".localhost") else host, port)
        proxy = await self._proxy_for(host)
        if proxy is not None:
            return await _through(proxy, host, port)
        return await _dial_checked(host, port)

    async def _proxy_for(self, host: str) -> PersonsProxy | None:
        proxy = self.proxies.get("https") or self.proxies.get("all")
        if proxy is None or not self.heed_no_proxy:
            return proxy
        loop = asyncio.get_running_loop()
        # In a thread: on Windows the system's exception list may ask DNS.
        bypass = await loop.run_in_executor(None, urllib.request.proxy_bypass, host)
        return None if bypass else proxy


async def _dial(host: str, port: int, tls: ssl.SSLContext | None = None) -> Streams:
    try:
        return await asyncio.wait_for(asyncio.open_connection(host, port, limit=READ_LIMIT, ssl=tls), CONNECT_TIMEOUT)
    except (OSError, TimeoutError) as error:
        raise Unreachable("unreachable", _why(error)) from error


async def _dial_checked(host: str, port: int) -> Streams:
    addresses = [host] if literal(host) else await _resolve(host)
    # All of them, not only the first: a rebinding answer may carry one good address.
    if not literal(host) and not all(may_stand_for_a_name(a) for a in addresses):
        raise Unreachable("private", "its name leads to an address inside this machine or its network")
    trouble = Unreachable("unreachable", "nothing answers")
    for number, address in enumerate(addresses[:6]):
        last = number == len(addresses[:6]) - 1
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT if last else 2.5):
                return await asyncio.open_connection(address, port, limit=READ_LIMIT)
        except (OSError, TimeoutError) as error:
            trouble = Unreachable("unreachable", _why(error))
    raise trouble


async def _resolve(host: str) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise Unreachable("unresolved", "its name was not found") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def _through(proxy: PersonsProxy, host: str, port: int) -> Streams:
    tls = ssl.create_default_context() if proxy.scheme == "https" else None
    try:
        reader, writer = await _dial(proxy.host, proxy.port, tls)
    except Unreachable as error:
        raise Unreachable(
            "proxy", f"your proxy {proxy.host}:{proxy.port} cannot be reached ({error.detail})"
        ) from error
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT * 2):
            if proxy.scheme == "socks5":
                await _socks(reader, writer, proxy, host, port)
            else:
                await _ask_tunnel(reader, writer, proxy, host, port)
    except Unreachable:
        writer.close()
        raise
    except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError, ValueError) as error:
        writer.close()
        raise Unreachable("proxy", f"your proxy {proxy.host}:{proxy.port} broke off") from error
    return reader, writer


async def _ask_tunnel(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, proxy: PersonsProxy, host: str, port: int
) -> None:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    ask = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    if proxy.username:
        token = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
        ask += f"Proxy-Authorization: Basic {token}\r\n"
    writer.write((ask + "\r\n").encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    status = int(answer.split(b" ", 2)[1][:3])
    if status == 407:
        raise Unreachable("proxy", "your proxy wants a user name and password")
    if not 200 <= status < 300:
        raise Unreachable("proxy", f"your proxy refused (HTTP {status})")


async def _socks(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, proxy: PersonsProxy, host: str, port: int
) -> None:
    """SOCKS 5 with the name resolved by the proxy: RFC 1928, login RFC 1929."""
    writer.write(b"\x05\x02\x00\x02" if proxy.username else b"\x05\x01\x00")
    method = (await reader.readexactly(2))[1]
    if method == 2 and proxy.username:
        user, password = proxy.username.encode()[:255], proxy.password.encode()[:255]
        writer.write(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
        if (await reader.readexactly(2))[1] != 0:
            raise Unreachable("proxy", "your proxy refused its user name or password")
    elif method != 0:
        raise Unreachable("proxy", "your proxy wants a user name and password")
    name = host.encode("ascii")
    writer.write(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + port.to_bytes(2, "big"))
    head = await reader.readexactly(4)
    if head[1] != 0:
        raise Unreachable("proxy", f"your proxy could not reach the site (SOCKS reply {head[1]})")
    size = {1: 4, 4: 16}.get(head[3]) or (await reader.readexactly(1))[0]
    await reader.readexactly(size + 2)


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    return "no connection"
