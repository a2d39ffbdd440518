"""Small servers on this machine and one running browser per module."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from readdress.browser import Settings, Way, launched
from readdress.browser.session import ControlledBrowser

SHELL = Path("/usr/bin/chromium-headless-shell")
FULL = Path("/usr/bin/chromium")


@dataclass
class Site:
    """A web server on 127.0.0.1: ``pages`` maps a path to HTML or to ``(status, headers, body)``; ``hits`` is what reached it."""

    pages: dict[str, str | tuple[int, dict[str, str], str]] = field(default_factory=dict)
    hits: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    scheme: str = "http"
    name: str = "127.0.0.1"

    @property
    def host(self) -> str:
        """``host:port`` as the allow-list names it."""
        return f"{self.name}:{self.port}"

    @property
    def base(self) -> str:
        """The URL of the root without the slash."""
        return f"{self.scheme}://{self.host}"


def _handler(site: Site) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            site.connections += 1
            super().setup()

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode() if length else ""
            site.hits.append(f"{self.command} {self.path} {body}".strip())
            found = site.pages.get(self.path.partition("?")[0], (404, {}, "nothing here"))
            status, headers, text = found if isinstance(found, tuple) else (200, {}, found)
            raw = text.encode()
            self.send_response(status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Quiet."""

    return Handler


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Broken connections are what these tests make."""


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """A server context with a certificate for any name under .test, and the hash of its key for the browser."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "replica.test")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName(n) for n in ("service.test", "evil.test", "cdn.test", "other.test")]
    )
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30)).add_extension(names, critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = folder / "replica.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return context, base64.b64encode(hashlib.sha256(spki).digest()).decode()


@pytest.fixture(scope="module")
def make_site(tls: tuple[ssl.SSLContext, str]) -> Iterator[Callable[..., Site]]:
    """Starts servers: ``make_site(pages, tls_name="service.test")``; a name means https, to be rerouted."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def make(pages: dict[str, str | tuple[int, dict[str, str], str]] | None = None, *, tls_name: str = "") -> Site:
        site = Site(dict(pages or {}))
        server = _Server(("127.0.0.1", 0), _handler(site))
        if tls_name:
            server.socket = tls[0].wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            site.scheme, site.name = "https", tls_name
        site.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return site

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def site(make_site: Callable[..., Site]) -> Site:
    """The module's allowed site, plain http on this machine."""
    return make_site()


@pytest.fixture(scope="module")
def stranger(make_site: Callable[..., Site]) -> Site:
    """A server that must never be reached."""
    return make_site({"/": "leaked", "/leak.js": "document.title='leaked'"})


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module's profile folder."""
    return tmp_path_factory.mktemp("browser") / "profile"


@pytest.fixture(scope="module")
def running(profile: Path) -> Iterator[ControlledBrowser]:
    """The module's browser."""
    with launched(Settings(profile, headless=True, executable=SHELL, way=Way())) as browser:
        yield browser


@pytest.fixture
def browser(running: ControlledBrowser, site: Site) -> ControlledBrowser:
    """The module's browser, allowed to reach the module's site only, with nothing reported yet."""
    running.allow([site.host], [])
    running.blocked()
    site.hits.clear()
    return running


@pytest.fixture
def show(browser: ControlledBrowser, site: Site) -> Callable[[str], ControlledBrowser]:
    """Serves some HTML as the page in front."""

    def put(html: str, path: str = "/page") -> ControlledBrowser:
        site.pages[path] = f"<!doctype html><meta charset=utf-8><title>t</title><body>{html}"
        browser.open(site.base + path)
        return browser

    return put
