"""Sample mails for the gate's tests: built in memory, signed with DKIM keys that are made per run."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from readdress.models import Expectation, Incoming, Mark, Side
from readdress.recipe.schema import Mail
from readdress.trust import judge
from readdress.trust.verdict import Judgement

NOW = datetime.now(UTC)
NEW = "ann@new.example"
SENDER = "noreply@shop.example"
SIGNED = (b"from", b"to", b"subject", b"date", b"mime-version", b"content-type", b"content-transfer-encoding")


@lru_cache(8)
def key_of(domain: str, bits: int = 2048) -> tuple[bytes, bytes]:
    """A key pair for a domain: (private key in PEM, DNS record)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


def keys(*domains: str, bits: int = 2048) -> Callable[[bytes, int], bytes | None]:
    """A key look-up that knows those domains."""
    known = {f"s1._domainkey.{d}.".encode(): key_of(d, bits)[1] for d in domains}
    return lambda name, timeout: known.get(name)


def no_keys(name: bytes, timeout: int) -> bytes | None:
    """A DNS that knows nothing."""
    return None


def sign(raw: bytes, domain: str = "shop.example", *, bits: int = 2048, **options: Any) -> bytes:
    """``raw`` with a DKIM-Signature of ``domain`` on top."""
    options.setdefault("canonicalize", (b"relaxed", b"relaxed"))
    options.setdefault("include_headers", [h for h in SIGNED if h + b":" in raw.lower()])
    return bytes(dkim.sign(raw, b"s1", domain.encode(), key_of(domain, bits)[0], **options)) + raw


def mail(
    text: str | None = "Your code: 482913\n",
    *,
    html: str | None = None,
    sender: str = f"Shop <{SENDER}>",
    to: str = NEW,
    subject: str = "Your code",
    extra: str = "",
) -> bytes:
    """An unsigned message with CRLF line ends, UTF-8."""
    parts = [("plain", text)] * (text is not None) + [("html", html)] * (html is not None)
    head = f"{extra}From: {sender}\nTo: {to}\nSubject: {subject}\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
    if len(parts) == 1:
        kind, body = parts[0]
        raw = f"{head}Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}"
    else:
        inner = "".join(f"--bb\nContent-Type: text/{k}; charset=utf-8\n\n{b}\n" for k, b in parts)
        raw = f'{head}Content-Type: multipart/alternative; boundary="bb"\n\n{inner}--bb--\n'
    return raw.replace("\r\n", "\n").replace("\n", "\r\n").encode()


CODE = Mail.model_validate(
    {
        "id": "code",
        "to": "new",
        "from": [SENDER],
        "subject": ["Your code"],
        "code": {"length": [6], "near": ["code", "验证码"]},
    }
)
LINK = Mail.model_validate(
    {
        "id": "verify",
        "to": "new",
        "from": [SENDER],
        "link": {"host": "shop.example", "path": "/users/*/emails/*/confirm/*"},
        "never": ["/users/*/emails/*/unlink/*"],
    }
)
NOTICE = Mail.model_validate({"id": "told", "to": "new", "from": [SENDER], "notice": True})
GOOD_LINK = "https://shop.example/users/ann/emails/7/confirm/0a1b2c3d"


@dataclass
class Case:
    """One call of the gate, with sound defaults that a test bends."""

    raw: bytes
    rule: Mail = CODE
    incoming: dict[str, Any] = field(default_factory=dict)
    expectation: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def judge(self) -> Judgement:
        """Judge it."""
        got = Incoming(Side.NEW, "INBOX", 9, 101, NOW, self.raw, NEW)
        expected = Expectation(
            "a1", self.rule.id, "standard", "add", 1, NOW - timedelta(minutes=1), (Mark("INBOX", 9, 100),)
        )
        options: dict[str, Any] = {
            "mailbox_address": NEW,
            "lookup": keys("shop.example"),
            "used": lambda digest: False,
            "now": NOW,
        }
        return judge(
            replace(got, **self.incoming), self.rule, replace(expected, **self.expectation), **(options | self.options)
        )
