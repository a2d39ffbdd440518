"""Downloading: TLS is verified, no redirect leaves the host, size and time are capped, and every failure says what to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from readdress.net.fetch import FetchError, fetch
from readdress.testing.certs import make_certificate

Reply = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A server on loopback that answers every path as a test says."""

    def __init__(self, tls: Path | None = None) -> None:
        self.replies: dict[str, Reply] = {}
        self.seen: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.seen.append(self.path)
                site.replies[self.path](self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.scheme = "http"
        if tls is not None:
            made = make_certificate(["127.0.0.1"])
            tls.write_bytes(made.pem)
            self.server.socket = made.context().wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.scheme}://127.0.0.1:{self.server.server_address[1]}{path}"

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A plain server; no proxy stands between."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = Site()
    yield made
    made.close()


def body(content: bytes, **headers: str) -> Reply:
    """Answer 200 with that body."""

    def reply(h: BaseHTTPRequestHandler) -> None:
        h.send_response(200)
        for name, value in (
            {"Content-Length": str(len(content))} | {k.replace("_", "-"): v for k, v in headers.items()}
        ).items():
            h.send_header(name, value)
        h.end_headers()
        h.wfile.write(content)

    return reply


def sends_on(to: str) -> Reply:
    """Answer with a redirect."""

    def reply(h: BaseHTTPRequestHandler) -> None:
        h.send_response(302)
        h.send_header("Location", to)
        h.send_header("Content-Length", "0")
        h.end_headers()

    return reply


def test_fetches(site: Site) -> None:
    """The octets as they are, also after a redirect on the same host."""
    site.replies = {"/a": body(b"x" * 100_000), "/b": sends_on("/a")}
    assert fetch(site.url("/a"), cap=100_000) == b"x" * 100_000
    assert len(fetch(site.url("/b"), cap=100_000)) == 100_000


@pytest.mark.parametrize(
    "to", ["http://localhost:{port}/a", "https://evil.test/x", "file:///etc/passwd", "ftp://evil.test/"]
)
def test_no_redirect_leaves_the_host(site: Site, to: str) -> None:
    """Another host, another port's name or another scheme is not followed, and not asked."""
    site.replies = {"/a": body(b"x"), "/r": sends_on(to.format(port=site.server.server_address[1]))}
    with pytest.raises(FetchError) as caught:
        fetch(site.url("/r"), cap=10)
    assert "--from DIR" in caught.value.todo and site.seen == ["/r"]


def test_redirects_in_a_circle_end(site: Site) -> None:
    """A redirect to itself ends in an error, not in a loop."""
    site.replies = {"/r": sends_on("/r")}
    with pytest.raises(FetchError):
        fetch(site.url("/r"), cap=10)
    assert len(site.seen) < 10


def test_size_is_capped(site: Site) -> None:
    """Announced or not, no more than the cap is read; a body that is cut short is no file."""
    site.replies = {
        "/announced": body(b"", Content_Length="4000000000"),
        "/endless": body(b"x" * 200_000, Content_Length=""),
        "/short": body(b"x" * 10, Content_Length="20"),
    }
    for path, said in (("/announced", "announces"), ("/endless", "more than the 1000"), ("/short", "broke")):
        with pytest.raises(FetchError, match=said):
            fetch(site.url(path), cap=1000)


def test_time_is_capped(site: Site) -> None:
    """A server that drips or says nothing is left once the time is over."""

    def drips(h: BaseHTTPRequestHandler) -> None:
        h.send_response(200)
        h.end_headers()
        for _ in range(40):
            h.wfile.write(b"x")
            time.sleep(0.05)

    def silent(h: BaseHTTPRequestHandler) -> None:
        time.sleep(2)

    site.replies = {"/drips": drips, "/silent": silent}
    for path in ("/drips", "/silent"):
        begun = time.monotonic()
        with pytest.raises(FetchError):
            fetch(site.url(path), cap=10_000, seconds=0.5)
        assert time.monotonic() - begun < 10


def test_answers_other_than_the_file(site: Site) -> None:
    """404 and the like name the host and the number; a closed port and a nonsense answer are errors of ours too."""

    def nonsense(h: BaseHTTPRequestHandler) -> None:
        h.wfile.write(b"\x00\xff nonsense\r\n\r\n")

    site.replies = {"/404": lambda h: h.send_error(404), "/nonsense": nonsense}
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 answered 404"):
        fetch(site.url("/404"), cap=10)
    with pytest.raises(FetchError):
        fetch(site.url("/nonsense"), cap=10)
    with pytest.raises(FetchError, match="could not be reached"):
        fetch("http://127.0.0.1:1/x", cap=10)


@pytest.mark.parametrize(
    "url",
    ["http://raw.githubusercontent.com/x", "file:///etc/passwd", "ftp://a.test/x", "https://u:p@a.test/x", "x", ""],
)
def test_only_https(url: str) -> None:
    """Plain http to anybody but this machine, files and odd schemes are refused before anything is sent."""
    with pytest.raises(FetchError, match="no https address"):
        fetch(url, cap=10)


def test_certificate_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that nobody vouches for ends it; with its authority given, the same server is read."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site = Site(tmp_path / "ca.pem")
    site.replies = {"/a": body(b"secret")}
    try:
        with pytest.raises(FetchError, match="does not verify"):
            fetch(site.url("/a"), cap=10)
        assert site.seen == [], "not a word was said to it"
        assert fetch(site.url("/a"), cap=10, ca_file=tmp_path / "ca.pem") == b"secret"
    finally:
        site.close()
