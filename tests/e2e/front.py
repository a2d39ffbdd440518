"""Stands between the browser and a program on loopback, hands everything on, and can change pages or answer in the program's place.

The browser is led here by the engine's own ``reroute``, so it believes to be at the program's address: links, cookies and origins
stay as they are, and one front serves every program on this machine (the port stands in the Host header).
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

Rewrite = Callable[[str, str], str]
_HOP = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "content-length",
}


@dataclass
class Front:
    """A context manager. ``rewrite(path, html)`` gives what the browser sees; ``seen`` lists "METHOD path" of all that came by."""

    rewrite: Rewrite | None = None
    seen: list[str] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    _server: ThreadingHTTPServer | None = None

    @property
    def reroute(self) -> dict[str, tuple[str, int]]:
        """For :class:`readdress.workflow.adapters.Adapters`."""
        assert self._server is not None
        return {"127.0.0.1": ("127.0.0.1", self._server.server_address[1])}

    def visits(self, part: str) -> list[str]:
        """The requests with ``part`` in their decoded path."""
        return [line for line in self.seen if part in unquote(line)]

    def redesign(self, part: str, *changes: tuple[str, str]) -> None:
        """From now on these texts stand differently on every page with ``part`` in its address; ``met`` tells which were met."""

        def rewrite(path: str, html: str) -> str:
            for old, new in changes if part in path else ():
                if old in html:
                    self.met.add(old)
                html = html.replace(old, new)
            return html

        self.rewrite = rewrite

    def __enter__(self) -> Self:
        front = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                front.answer(self)

            def do_HEAD(self) -> None:
                front.answer(self)

            def do_POST(self) -> None:
                front.answer(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                """Quiet: ``seen`` is the log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Ask the program and pass its answer on."""
        self.seen.append(f"{request.command} {request.path}")
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        port = int(request.headers["Host"].rpartition(":")[2])
        headers = {k: v for k, v in request.headers.items() if k.lower() not in {*_HOP, "accept-encoding"}}
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            line.request(request.command, request.path, body or None, headers)
            got = line.getresponse()
            content = got.read()
        finally:
            line.close()
        if self.rewrite is not None and (got.getheader("Content-Type") or "").startswith("text/html"):
            content = self.rewrite(unquote(request.path), content.decode()).encode()
        request.send_response(got.status, got.reason)
        for name, value in got.getheaders():
            if name.lower() not in _HOP:
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.send_header("Connection", "close")
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(content)
