"""The replica server, its cases, and the post that carries its mail."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dkim
import pytest
from flask import Flask

from readdress.errors import RecipeError
from readdress.models import Side
from readdress.recipe.scaffold import new_recipe
from readdress.testing.certs import make_certificate
from readdress.testing.fakes import FakeClock, FakeMail
from readdress.testing.post import Post
from readdress.testing.replica import ReplicaServer, load_app, load_cases

OLD, NEW = "ann@old.example", "ann@new.example"


def hello(case: dict[str, Any], send_mail: Callable[..., Any]) -> Flask:
    """The smallest app: says hello to a host, and breaks on demand."""
    app = Flask(__name__)

    app.config["REPLICA"] = SimpleNamespace(acts=[])

    @app.get("/")
    def home() -> str:
        return "hello"

    @app.get("/broken")
    def broken() -> str:
        raise LookupError("a mistake in the replica")

    return app


def fetch(server: ReplicaServer, host: str, path: str = "/") -> bytes:
    """GET as a client that trusts exactly the server's certificate, under the name ``host``."""
    context = ssl.create_default_context(cadata=server.pem.decode())
    with (
        socket.create_connection(("127.0.0.1", server.port), 5) as plain,
        context.wrap_socket(plain, server_hostname=host) as wire,
    ):
        wire.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        data = b""
        while piece := wire.recv(4096):
            data += piece
    return data


def test_it_answers_over_tls_under_its_names_only() -> None:
    """The certificate is good for each declared host, wildcards included, and for no other."""
    with ReplicaServer(hello, {}, print, hosts=["shop.example.com", "*.id.example.com"]) as server:
        assert server.reroute == {
            "shop.example.com": ("127.0.0.1", server.port),
            "*.id.example.com": ("127.0.0.1", server.port),
        }
        for host in ("shop.example.com", "eu.id.example.com"):
            assert fetch(server, host).endswith(b"hello")
        with pytest.raises(ssl.SSLCertVerificationError):
            fetch(server, "evil.example")
    with pytest.raises(RuntimeError, match="not running"):
        server.port  # noqa: B018


def test_a_silent_client_holds_up_nobody() -> None:
    """A browser opens connections ahead and says nothing on them; the handshake must not wait for those."""
    with (
        ReplicaServer(hello, {}, print, hosts=["shop.example.com"]) as server,
        socket.create_connection(("127.0.0.1", server.port), 5),
    ):
        assert fetch(server, "shop.example.com").endswith(b"hello")


def test_errors_of_the_app_are_kept() -> None:
    """A replica that breaks proves nothing about the recipe: the error is there to fail the test with."""
    with ReplicaServer(hello, {}, print, hosts=["shop.example.com"]) as server:
        assert b"500" in fetch(server, "shop.example.com", "/broken").split(b"\r\n")[0]
        assert [str(e) for e in server.errors] == ["a mistake in the replica"]


def test_each_certificate_is_its_own() -> None:
    """A key that is told to the browser to be accepted is never used twice."""
    assert make_certificate(["a.example"]).spki != make_certificate(["a.example"]).spki
    assert "PRIVATE" not in repr(make_certificate(["a.example"]))


def test_cases(tmp_path: Path) -> None:
    """Cases keep their order, and what they do not say is left to the replica."""
    new_recipe(tmp_path, "shop")
    cases = load_cases(tmp_path / "shop")
    assert [c.name for c in cases][:2] == ["normal", "normal_zh"]
    assert cases[1].data(old=OLD, new=NEW) == {"old": OLD, "new": NEW, "variants": {}, "lang": "zh"}
    assert "lang" not in cases[0].data(old=OLD, new=NEW)
    assert load_app(tmp_path / "shop")(cases[0].data(old=OLD, new=NEW), print).config["REPLICA"].old == OLD


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no \\[\\[case\\]\\]"),
        ("[[case]\n", "not TOML"),
        ('[[case]]\nname = "a"\nends = "moved"\n', "lacks a description"),
        ('[[case]]\nname = "a"\ndescription = "x"\nends = "perhaps"\n', "how it ends"),
        ('[[case]]\nname = "a"\ndescription = "x"\nends = "moved"\n' * 2, "that of another"),
    ],
)
def test_unsound_cases(text: str, said: str, tmp_path: Path) -> None:
    """A case that would test nothing, or hide another, is refused."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "cases.toml").write_text(text)
    with pytest.raises(RecipeError, match=said):
        load_cases(tmp_path)


def _post(**more: Any) -> tuple[Post, FakeMail, FakeClock]:
    clock = FakeClock()
    mail = FakeMail({Side.OLD: OLD, Side.NEW: NEW}, clock)
    return Post(mail, clock, **more), mail, clock


LETTER: dict[str, Any] = {
    "kind": "confirm",
    "subject": "确认您的新邮箱",
    "sender": "果园 <noreply@shop.example.com>",
    "text": "https://shop.example.com/x\n",
}


@pytest.mark.parametrize("html", [None, "<p>链接 <a href='https://shop.example.com/x'>x</a></p>"])
def test_mail_is_signed_and_addressed(html: str | None) -> None:
    """What lands in the mailbox verifies with the post's own key look-up, and no longer once a byte is changed."""
    post, mail, _ = _post()
    post.send_mail(to=NEW.upper(), html=html, **LETTER)
    (raw,) = mail.messages(Side.NEW)
    assert mail.messages(Side.OLD) == []
    assert dkim.verify(raw, dnsfunc=post.lookup)
    assert not dkim.verify(raw.replace(b"noreply@", b"nobody@"), dnsfunc=post.lookup)
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert parsed["Subject"] == LETTER["subject"]
    assert parsed["From"].addresses[0].addr_spec == "noreply@shop.example.com"
    body = parsed.get_body(("plain",))
    assert body is not None and body.get_content().strip() == LETTER["text"].strip()
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_unsigned_strange_and_undeliverable_mail() -> None:
    """For hostile tests: no signature, a stranger's signature, an altered message, a recipient whom nobody has."""
    post, mail, _ = _post()
    post.send_mail(to=NEW, signed_by="", **LETTER)
    post.send_mail(to=NEW, signed_by="evil.example", **LETTER)
    post.send_mail(to="bob@elsewhere.example", **LETTER)
    unsigned, strange = mail.messages(Side.NEW)
    assert b"DKIM-Signature" not in unsigned
    assert b"d=evil.example" in strange and dkim.verify(strange, dnsfunc=post.lookup)
    assert [s.side for s in post.sent] == [Side.NEW, Side.NEW, None]
    altered, box, _ = _post(rewrite=lambda raw: raw.replace(b"/x", b"/y"))
    altered.send_mail(to=NEW, **LETTER)
    assert not dkim.verify(box.messages(Side.NEW)[0], dnsfunc=altered.lookup)
    assert altered.lookup(b"other._domainkey.shop.example.com.") is None


def test_late_mail_comes_when_its_time_has_come() -> None:
    """Delay is counted on the clock, and the UID is given on arrival: an earlier mark still lies before it."""
    post, mail, clock = _post()
    post.send_mail(to=NEW, delay=60, **LETTER)
    marks = mail.marks(Side.NEW)
    mail.watch(Side.NEW, marks)
    assert mail.poll(Side.NEW) == []
    clock.advance(61)
    (incoming,) = mail.poll(Side.NEW)
    assert incoming.uid == marks[0].uidnext
    assert mail.poll(Side.NEW) == []


def test_nothing_is_fetched_from_elsewhere() -> None:
    """The test's own certainty that replicas are loopback only: the server's address is not reachable by another name."""
    with ReplicaServer(hello, {}, print, hosts=["shop.example.com"]) as server:
        assert all(address == "127.0.0.1" for address, _ in server.reroute.values())
        with pytest.raises(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=5)  # TLS only
