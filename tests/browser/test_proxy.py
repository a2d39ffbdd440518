"""The filtering proxy by itself: what it lets through, what it refuses, bounds, the person's proxy, replicas, framing."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from conftest import Site

from readdress.browser import proxy as proxy_module
from readdress.browser import upstream
from readdress.browser.proxy import FilteringProxy
from readdress.browser.upstream import PersonsProxy, Way
from readdress.browser.walls import AllowList, is_name, may_stand_for_a_name, pattern_allows


@contextlib.contextmanager
def started(way: Way | None = None) -> Iterator[FilteringProxy]:
    """A running proxy."""
    wall = FilteringProxy(way if way is not None else Way())
    wall.start()
    try:
        yield wall
    finally:
        wall.stop()


def ask(wall: FilteringProxy, request: str, *, secret: bool = True) -> bytes:
    """Send one request and read until the proxy closes or a second has gone."""
    with socket.create_connection(("127.0.0.1", wall.port), 2) as line:
        line.settimeout(2)
        line.sendall(dressed(wall, request) if secret else request.encode())
        return line.recv(65536)


def dressed(wall: FilteringProxy, request: str) -> bytes:
    """The request with the run's secret."""
    token = base64.b64encode(f"{wall.username}:{wall.password}".encode()).decode()
    first, rest = request.split("\r\n", 1)
    return f"{first}\r\nProxy-Authorization: Basic {token}\r\n{rest}".encode()


def until(line: socket.socket, end: bytes) -> bool:
    """Read until what came ends with ``end``."""
    got = b""
    while not got.endswith(end):
        got += line.recv(4096)
    return True


@contextlib.contextmanager
def listener(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP server on this machine that handles each connection with ``answer``."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    line, _ = server.accept()
                except TimeoutError:
                    continue
                with line, contextlib.suppress(OSError):
                    line.settimeout(2)
                    answer(line)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join()


@pytest.mark.parametrize(
    ("pattern", "host", "port", "allowed"),
    [
        ("service.test", "service.test", 443, True),
        ("service.test", "SERVICE.test.", 443, True),
        ("service.test", "service.test", 8443, False),
        ("service.test:8443", "service.test", 8443, True),
        ("service.test", "a.service.test", 443, False),
        ("*.service.test", "a.b.service.test", 443, True),
        ("*.service.test", "service.test", 443, False),
        ("*.service.test", "evilservice.test", 443, False),
        ("service.test", "service.test.evil.test", 443, False),
        ("127.0.0.1:8000", "127.0.0.1", 8000, True),
        ("127.0.0.1:8000", "127.0.0.1", 8001, False),
        ("127.0.0.1:8000", "127.1", 8000, False),
        ("127.0.0.1:8000", "localhost", 8000, False),
        ("[::1]:8000", "::1", 8000, True),
        ("[::1]:8000", "0:0:0:0:0:0:0:1", 8000, True),
        ("[::1]:8000", "127.0.0.1", 8000, False),
        ("127.0.0.1:8000", "::ffff:127.0.0.1", 8000, False),
        ("*.localhost.test", "x.localhost", 443, False),
        ("*.0.1:443", "127.0.0.1", 443, False),
        ("service.test", "service.test\0", 443, False),
        ("service.test", "", 443, False),
    ],
)
def test_the_allow_list(pattern: str, host: str, port: int, allowed: bool) -> None:
    """Names by the recipe format's rule; literals and loopback only when named exactly, port included."""
    assert pattern_allows(pattern, host, port, 443) is allowed


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "2130706433", "1.0x10", "a..b", "-a.test", "a b.test", "ex%61mple.test"]
)
def test_numbers_and_malformed_names_are_no_names(host: str) -> None:
    """Resolvers read ``127.1`` as 127.0.0.1."""
    assert not is_name(host)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://service.test/x", True),
        ("https://SERVICE.test:443/", True),
        ("https://service.test:8443/", False),
        ("http://service.test/", False),
        ("https://service.test@evil.test/", False),
        ("https://evil.test\\@service.test/", False),
        ("https://cdn.test/", False),
        ("http://127.0.0.1:8000/", True),
        ("http://127.0.0.1:8001/", False),
        ("https://127.0.0.1:8000/", True),
        ("data:text/html,x", False),
        ("blob:https://service.test/1", False),
        ("about:blank", False),
        ("null", False),
        ("", False),
    ],
)
def test_where_secrets_may_be_typed(url: str, may: bool) -> None:
    """By origin as browsers read it: hosts, not assets; https, or http on this machine."""
    assert AllowList.of(["service.test", "127.0.0.1:8000"], ["cdn.test"]).may_type(url) is may


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("93.184.215.14", True), ("2606:4700::1111", True), ("198.18.3.4", True),
        ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False), ("0.0.0.0", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fd00::1", False), ("::ffff:127.0.0.1", False), ("2002:7f00:1::", False),
    ],
)  # fmt: skip
def test_what_a_public_name_may_resolve_to(address: str, may: bool) -> None:
    """DNS rebinding points a public name at this machine or its network. "Fake-ip" addresses of proxy programs are no such thing."""
    assert may_stand_for_a_name(address) is may


def test_a_rebinding_name_is_refused_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """An allowed name that resolves to this machine, even beside a good address, connects to nothing."""
    reached: list[bytes] = []
    with listener(lambda line: reached.append(line.recv(10))) as port, started() as wall:

        async def resolve(host: str) -> list[str]:
            return ["93.184.215.14", "127.0.0.1"]

        monkeypatch.setattr(upstream, "_resolve", resolve)
        wall.allow([f"rebind.test:{port}"])
        assert ask(wall, f"CONNECT rebind.test:{port} HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 403 ")
        assert wall.blocked() == [f"rebind.test:{port}"] and wall.trouble("rebind.test", port)[0] == "private"
        assert reached == []


@pytest.mark.parametrize(
    "request_line",
    [
        "CONNECT evil.test:443", "CONNECT service.test:444", "CONNECT 127.0.0.1:22", "CONNECT [::1]:22", "CONNECT localhost:443",
        "CONNECT service.test", "CONNECT :443", "CONNECT service.test:0", "CONNECT service.test:99999", "GET http://service.test/",
        "GET http://evil.test/", "GET https://service.test/", "GET ftp://service.test/", "GET /", "POST http://127.0.0.1:1/",
    ],
)  # fmt: skip
def test_everything_else_is_a_403(request_line: str) -> None:
    """Plain http only to this machine, tunnels only to what is listed."""
    with started(Way(reroute={"service.test": ("127.0.0.1", 1), "evil.test": ("127.0.0.1", 1)})) as wall:
        wall.allow(["service.test"])
        assert ask(wall, f"{request_line} HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 403 ")


def test_without_the_secret_nothing_is_served_or_reported() -> None:
    """A wrong secret, an empty one, none: 407, and the report stays empty."""
    with started() as wall:
        wall.allow(["service.test"])
        for extra in (
            "",
            "Proxy-Authorization: Basic eDp5\r\n",
            "Proxy-Authorization: Bearer x\r\n",
            "Proxy-Authorization:\r\n",
        ):
            assert ask(wall, f"CONNECT evil.test:443 HTTP/1.1\r\n{extra}\r\n", secret=False).startswith(
                b"HTTP/1.1 407 "
            )
        assert wall.blocked() == []


def test_blocked_is_bounded_and_told_once() -> None:
    """A page that tries thousands of hosts does not fill our memory."""
    with started() as wall:
        for number in range(130):
            ask(wall, f"CONNECT h{number // 1}.test:443 HTTP/1.1\r\n\r\n")
        ask(wall, "CONNECT h129.test:443 HTTP/1.1\r\n\r\n")
        found = wall.blocked()
        assert len(found) == 99 and found[-1] == "h129.test:443" and wall.blocked() == []


def test_malformed_and_oversized_requests_end_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Size, time and shape have bounds; the proxy lives on."""
    monkeypatch.setattr(proxy_module, "HEAD_TIMEOUT", 0.3)
    with started() as wall:
        for raw in (
            b"\x16\x03\x01" + b"x" * 300_000,
            b"GET\r\n\r\n",
            b"GET http://x/ HTTP/1.1\r\n: x\r\n\r\n",
            b"GET http://x/ HTTP/1.1\r\na b\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", wall.port), 2) as line:
                line.settimeout(2)
                with contextlib.suppress(ConnectionError):
                    line.sendall(raw)
                    assert line.recv(100) == b""
        with socket.create_connection(("127.0.0.1", wall.port), 2) as line:  # slow loris
            line.settimeout(2)
            begun = time.monotonic()
            line.sendall(b"GET http://x/ HTT")
            assert line.recv(100) == b"" and time.monotonic() - begun < 1.5
        assert ask(wall, "CONNECT evil.test:443 HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 403")


def test_a_replica_serves_https_under_the_real_name(make_site: Callable[..., Site]) -> None:
    """The contract tests serve https://service.test from this machine; TLS ends at the replica, the proxy sees none of it."""
    replica = make_site({"/": "replica"}, tls_name="service.test")
    with started(Way(reroute={"service.test": ("127.0.0.1", replica.port)})) as wall:
        wall.allow(["service.test"])
        with socket.create_connection(("127.0.0.1", wall.port), 2) as line:
            line.sendall(dressed(wall, "CONNECT service.test:443 HTTP/1.1\r\n\r\n"))
            assert line.recv(4096).startswith(b"HTTP/1.1 200 ")
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(line, server_hostname="service.test") as safe:
                safe.sendall(b"GET / HTTP/1.1\r\nHost: service.test\r\nConnection: close\r\n\r\n")
                got = b""
                while data := safe.recv(4096):
                    got += data
        assert got.endswith(b"replica") and replica.hits == ["GET /"]


def test_plain_http_keeps_connections_and_frames_messages(make_site: Callable[..., Site]) -> None:
    """Two exchanges with bodies on one connection each way, and none of the proxy's headers reaches the site."""
    site = make_site({"/a": "first", "/b": "second"})
    with started() as wall:
        wall.allow([site.host])
        with socket.create_connection(("127.0.0.1", wall.port), 2) as line:
            line.settimeout(2)
            line.sendall(
                dressed(wall, f"POST {site.base}/a HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: 3\r\n\r\nx=1")
            )
            assert until(line, b"first")
            line.sendall(dressed(wall, f"GET {site.base}/b?q=1 HTTP/1.1\r\nHost: {site.host}\r\n\r\n"))
            assert until(line, b"second")
        assert site.hits == ["POST /a x=1", "GET /b?q=1"] and site.connections == 1


@pytest.mark.parametrize(
    ("answer", "ends_with"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"3\r\nabc\r\n0\r\n\r\n"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", b"\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nabc", b""),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc",
            b"chunked\r\nConnection: keep-alive\r\n\r\n",
        ),
        (b"", b""),
    ],
    ids=["chunked", "close", "continue", "two-lengths", "length-and-chunks", "bad-chunk", "nothing"],
)
def test_answers_are_framed_or_refused(answer: bytes, ends_with: bytes) -> None:
    """What two programs could read differently is not passed on."""

    def serve(line: socket.socket) -> None:
        line.recv(4096)
        line.sendall(answer)

    with listener(serve) as port, started() as wall:
        wall.allow([f"127.0.0.1:{port}"])
        with socket.create_connection(("127.0.0.1", wall.port), 2) as line:
            line.settimeout(1)
            line.sendall(dressed(wall, f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\n\r\n"))
            got = b""
            with contextlib.suppress(TimeoutError):
                while data := line.recv(4096):
                    got += data
        assert got.endswith(ends_with) and bool(got) is bool(ends_with)


def test_the_persons_proxy_is_asked_and_no_proxy_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """``https_proxy`` with a password, ``all_proxy`` by SOCKS 5, ``no_proxy``; and its refusals are told in words."""
    seen: list[bytes] = []
    status = b"200 OK"

    def http(line: socket.socket) -> None:
        seen.append(line.recv(4096))
        line.sendall(b"HTTP/1.1 " + status + b"\r\n\r\n")
        if status.startswith(b"200"):
            line.sendall(b"hello from " + seen[-1].split()[1])

    for name in (
        "https_proxy",
        "http_proxy",
        "all_proxy",
        "no_proxy",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    with listener(http) as port:
        monkeypatch.setenv("https_proxy", f"http://user:p%40ss@127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "direct.invalid")
        with started(Way.of_this_machine()) as wall:
            wall.allow(["service.test", "direct.invalid"])
            with socket.create_connection(("127.0.0.1", wall.port), 2) as line:
                line.settimeout(2)
                line.sendall(dressed(wall, "CONNECT service.test:443 HTTP/1.1\r\n\r\n"))
                got = line.recv(4096)
                while b"hello" not in got:
                    got += line.recv(4096)
            assert got.endswith(b"hello from service.test:443")
            assert base64.b64encode(b"user:p@ss") in seen[0]
            assert ask(wall, "CONNECT direct.invalid:443 HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 502 ")
            assert len(seen) == 1 and wall.trouble("direct.invalid", 443)[0] == "unresolved"
            status = b"407 no"
            ask(wall, "CONNECT service.test:443 HTTP/1.1\r\n\r\n")
            assert wall.trouble("service.test", 443) == ("proxy", "your proxy wants a user name and password")

    def socks(line: socket.socket) -> None:
        assert line.recv(10) == b"\x05\x02\x00\x02"
        line.sendall(b"\x05\x02")
        assert line.recv(100) == b"\x01\x01u\x01p"
        line.sendall(b"\x01\x00")
        asked = line.recv(100)
        line.sendall(b"\x05\x00\x00\x01\0\0\0\0\0\0through " + asked[5:-2])

    with listener(socks) as port, started(Way({"all": PersonsProxy.parse(f"socks5h://u:p@127.0.0.1:{port}")})) as wall:
        wall.allow(["service.test"])
        with socket.create_connection(("127.0.0.1", wall.port), 2) as line:
            line.settimeout(2)
            line.sendall(dressed(wall, "CONNECT service.test:443 HTTP/1.1\r\n\r\n"))
            got = line.recv(4096)
            while b"through" not in got:
                got += line.recv(4096)
            assert got.endswith(b"through service.test")


def test_a_proxys_password_is_not_in_its_repr() -> None:
    """It would land in logs."""
    assert "p4ss" not in repr(PersonsProxy.parse("http://u:p4ss@proxy.test:3128"))
