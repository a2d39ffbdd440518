"""The adapter for services' own interfaces against a real TLS server on loopback: what is sent, and every way in which it may go wrong."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from readdress.errors import ApiError
from readdress.net.api import HttpsApi
from readdress.testing.certs import Certificate, make_certificate

HOST = "api.service.example"


class Server:
    """A TLS server that notes what it is asked and answers as told."""

    def __init__(self, certificate: Certificate) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status, self.body, self.headers = 200, b"[]", {"Content-Type": "application/json"}
        self.slow = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                outer.asked.append(
                    {
                        "method": self.command,
                        "path": self.path,
                        "headers": dict(self.headers),
                        "body": self.rfile.read(size),
                    }
                )
                time.sleep(outer.slow)
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            do_POST = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

            def log_message(self, *_: Any) -> None:
                """Nothing is printed."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.http.socket = certificate.context().wrap_socket(self.http.socket, server_side=True)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def there(self) -> tuple[str, int]:
        return "127.0.0.1", self.http.server_address[1]


CERTIFICATE = make_certificate([HOST])


def trusting(certificate: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificate.pem.decode("ascii"))


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(CERTIFICATE)
    yield made
    made.http.shutdown()
    made.http.server_close()


def api(server: Server, **more: Any) -> HttpsApi:
    given = {"context": trusting(CERTIFICATE), "reroute": {HOST: server.there}, "seconds": 5.0} | more
    return HttpsApi(**given)


def get(made: HttpsApi, path: str = "/user/emails", token: str = "secret-token") -> tuple[int, bytes]:
    return made.call(HOST, "GET", path, token=token, headers={}, body=None)


def test_what_is_sent(server: Server) -> None:
    """Method, path, body, the token as bearer and the recipe's headers; nothing of a browser."""
    server.status, server.body = 201, b'{"ok": true}'
    body = json.dumps({"emails": ["ann@new.example"]}).encode()
    got = api(server).call(
        HOST, "POST", "/user/emails", token="secret-token", headers={"Accept": "application/json"}, body=body
    )
    assert got == (201, b'{"ok": true}')
    asked = server.asked[0]
    assert (asked["method"], asked["path"], asked["body"]) == ("POST", "/user/emails", body)
    assert asked["headers"]["Authorization"] == "Bearer secret-token"
    assert asked["headers"]["Host"] == HOST
    assert asked["headers"]["Accept"] == "application/json"
    assert "Cookie" not in asked["headers"]


def test_a_redirect_is_not_followed(server: Server) -> None:
    """The token goes to its host or nowhere: the redirect itself is the answer."""
    server.status, server.headers = 302, {"Location": f"https://{HOST}/elsewhere"}
    assert get(api(server))[0] == 302
    assert len(server.asked) == 1


def test_an_untrusted_certificate_gets_no_token(server: Server) -> None:
    """A self-signed stranger, and a good certificate of another host: nothing is sent."""
    with pytest.raises(ApiError, match="does not verify"):
        get(api(server, context=ssl.create_default_context()))
    other = make_certificate(["other.example"])
    stranger = Server(other)
    with pytest.raises(ApiError, match="does not verify"):
        get(api(stranger, context=trusting(other)))
    stranger.http.shutdown()
    stranger.http.server_close()
    assert server.asked == stranger.asked == []


def test_size_and_time_are_bounded(server: Server) -> None:
    """A huge answer and a late one are given up, with a sentence and what to do."""
    server.body = b"x" * 5_000
    with pytest.raises(ApiError, match="more than the 4096"):
        get(api(server, cap=4_096))
    server.body, server.slow = b"[]", 1.0
    with pytest.raises(ApiError, match="did not answer within") as late:
        get(api(server, seconds=0.2))
    assert late.value.todo


def test_nobody_there() -> None:
    """A closed port is a sentence, not a traceback."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        there = closed.getsockname()
    made = HttpsApi(context=trusting(CERTIFICATE), reroute={HOST: there}, seconds=2.0)
    with pytest.raises(ApiError, match="could not be reached"):
        get(made)


@pytest.mark.parametrize("path", ["user", "/a b", "/a\r\nX-Evil: 1", "/ü", "https://evil.example/"])
def test_no_odd_path(server: Server, path: str) -> None:
    """Nothing that could become a second request line or another host."""
    with pytest.raises(ApiError):
        get(api(server), path)
    assert server.asked == []


@pytest.mark.parametrize("token", ["", "a\r\nX-Evil: 1", "ü", "a\0"])
def test_no_odd_token(server: Server, token: str) -> None:
    """A token with a line break would be a second header."""
    with pytest.raises(ApiError, match="token"):
        get(api(server), token=token)
    assert server.asked == []


def test_the_proxy_of_the_system_is_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a proxy set, it is asked for a tunnel to the host and gets neither path nor token."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def proxy() -> None:
        line, _ = listener.accept()
        with line:
            heard.append(line.recv(65_536))
            line.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

    threading.Thread(target=proxy, daemon=True).start()
    monkeypatch.setenv("https_proxy", f"http://ann:pw@127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ApiError, match="could not be reached"):
        get(HttpsApi(seconds=5.0))
    listener.close()
    assert heard[0].startswith(f"CONNECT {HOST}:443 HTTP/1.".encode())
    assert b"Proxy-Authorization: Basic YW5uOnB3" in heard[0]
    assert b"secret-token" not in heard[0]
    assert b"/user/emails" not in heard[0]
