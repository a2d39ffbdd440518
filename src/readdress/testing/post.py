"""A service's outgoing mail in tests: real RFC 5322 messages with real DKIM signatures, put into a fake mailbox."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from readdress.models import Side
from readdress.ports import Clock
from readdress.testing.fakes import FakeMail

_SELECTOR = "testing"


@dataclass(frozen=True)
class Sent:
    """One message that went through the post. ``side`` is ``None`` when nobody has the address that it was sent to."""

    to: str
    kind: str
    subject: str
    sender: str
    text: str
    html: str | None
    at: datetime
    side: Side | None


class Post:
    """Takes what a replica's ``send_mail`` is called with, signs it in the sender's name and delivers it.

    ``rewrite``: changes the octets after signing, for tests of altered mail. ``sent`` holds everything, undeliverable mail included.
    """

    def __init__(self, mail: FakeMail, clock: Clock, *, rewrite: Callable[[bytes], bytes] | None = None) -> None:
        self._mail, self._clock, self._rewrite = mail, clock, rewrite
        self._count = itertools.count(1)
        self._domains: set[str] = set()
        self.sent: list[Sent] = []

    def now(self) -> datetime:
        """The present of its clock."""
        return self._clock.now()

    def send_mail(
        self,
        *,
        to: str,
        kind: str,
        subject: str,
        sender: str,
        text: str,
        html: str | None = None,
        delay: float = 0,
        signed_by: str | None = None,
        folder: str = "INBOX",
    ) -> None:
        """Send one message. ``sender`` is a From value (``Name <address>``), ``delay`` in seconds of the clock.

        ``signed_by``: the domain of the DKIM signature, the sender's own by default; ``""`` leaves it unsigned.
        """
        raw = self.message(to=to, subject=subject, sender=sender, text=text, html=html)
        domain = parseaddr(sender)[1].rpartition("@")[2].lower() if signed_by is None else signed_by.lower()
        if domain:
            raw = self.sign(raw, domain)
        if self._rewrite is not None:
            raw = self._rewrite(raw)
        side = self._mail.side_of(to)
        if side is not None:
            self._mail.deliver(side, raw, folder=folder, delay=delay)
        self.sent.append(Sent(to, kind, subject, sender, text, html, self._clock.now(), side))

    def message(self, *, to: str, subject: str, sender: str, text: str, html: str | None = None) -> bytes:
        """The message as octets, unsigned, with Date, Message-ID and the trace headers of a receiving server."""
        made = EmailMessage(policy=SMTP)
        made["From"] = sender
        made["To"] = to
        made["Subject"] = subject
        made["Date"] = format_datetime(self._clock.now())
        made["Message-ID"] = f"<{next(self._count)}.post@testing.example>"
        if text or not html:
            made.set_content(text)
        if html and text:
            made.add_alternative(html, subtype="html")
        elif html:
            made.set_content(html, subtype="html")
        made["Delivered-To"] = to
        return made.as_bytes()

    def sign(self, raw: bytes, domain: str) -> bytes:
        """``raw`` with a DKIM signature (RFC 6376) of ``domain`` on top; its key is published from then on."""
        self._domains.add(domain.lower())
        private, _ = _key(domain.lower())
        head = [b"from", b"to", b"subject", b"date", b"message-id"]
        signature = dkim.sign(
            raw,
            _SELECTOR.encode(),
            domain.encode(),
            private,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=head,
        )
        return bytes(signature) + raw

    def lookup(self, name: bytes, timeout: int = 5) -> bytes | None:
        """The published key of that name (``testing._domainkey.example.com.``): a :data:`readdress.ports.KeyLookup`."""
        selector, _, domain = name.decode("ascii", "replace").rstrip(".").lower().partition("._domainkey.")
        if selector != _SELECTOR or domain not in self._domains:
            return None
        return _key(domain)[1]


@lru_cache(maxsize=64)
def _key(domain: str) -> tuple[bytes, bytes]:
    """A private key (PEM) and its DNS record, made once a process for each domain: making one takes a good part of a second."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
