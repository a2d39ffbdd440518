"""Takes in the mail that the tested programs send (SMTP on loopback), signs it with DKIM, hands it to Dovecot by LMTP.

The sink stands for both servers between a service and a person: the service's outgoing server, which signs with its domain's
key, and the provider's incoming one, which may stamp `Authentication-Results` (RFC 8601) with its own authserv-id. Keys are made
on first use and shown as DNS TXT records, so that a test can answer the key lookup without DNS.
"""

from __future__ import annotations

import base64
import email
import email.policy
import email.utils
import re
import smtplib
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import dkim
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .base import LOOPBACK, PortLease, ProgramFailed
from .dovecot import Dovecot, crlf

SELECTOR = "test"
_SIGNED = [b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type"]


@dataclass(frozen=True)
class SentMail:
    """One mail as a program sent it: envelope, the bytes as delivered (after signing), who was refused and why."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    refused: dict[str, str] = field(default_factory=dict)
    time: float = field(default_factory=time.time)

    def header(self, name: str) -> str:
        """A header, decoded and unfolded; empty when it is absent."""
        message = email.message_from_bytes(self.raw, policy=email.policy.default)
        return str(message.get(name, ""))

    @property
    def subject(self) -> str:
        """The decoded subject."""
        return self.header("Subject")

    @property
    def text(self) -> str:
        """The decoded text of every text part (trusted test mail: no caps)."""
        message = email.message_from_bytes(self.raw, policy=email.policy.default)
        parts = (part for part in message.walk() if part.get_content_maintype() == "text")
        return "\n".join(str(part.get_content()) for part in parts)

    @property
    def links(self) -> list[str]:
        """Every http(s) link of the text, in order."""
        return [link.rstrip(".,)>") for link in re.findall(r"https?://[^\s\"'<>]+", self.text)]


class SmtpToLmtp:
    """A loopback SMTP server in this process that delivers to a `Dovecot` through LMTP; a context manager.

    dovecot       where mail goes; None keeps it in `mails` only
    sign          sign with DKIM (RFC 6376) for the domain of From; False leaves mail unsigned
    authserv_id   stamp `Authentication-Results` with this id, after really verifying the signature; None stamps nothing
    forge         a function raw -> raw applied after signing, for tests of tampered or forged mail

    Once entered: `port`, `keys` (DNS name -> TXT record), `mails` (what came in, oldest first), `sendmail` (see below).
    """

    def __init__(
        self,
        dovecot: Dovecot | None = None,
        *,
        sign: bool = True,
        authserv_id: str | None = None,
        forge: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.dovecot = dovecot
        self.sign = sign
        self.authserv_id = authserv_id
        self.forge = forge
        self.keys: dict[str, str] = {}
        self.mails: list[SentMail] = []
        self._private: dict[str, bytes] = {}
        self._changed = threading.Condition()
        self._lease: PortLease | None = None
        self._controller: Controller | None = None

    @property
    def port(self) -> int:
        """The SMTP port."""
        if self._lease is None:
            raise ProgramFailed("the SMTP sink is used outside of its `with` block")
        return self._lease.number

    @property
    def sendmail(self) -> str:
        """A command line for programs that only know /usr/sbin/sendmail: `php -d sendmail_path="…"`."""
        return f"{sys.executable} {Path(__file__).with_name('sendmail.py')} --port {self.port} -t -i"

    def key_lookup(self, name: bytes, timeout: float = 5) -> bytes | None:
        """The answer of DNS to a TXT question, as dkimpy's `dnsfunc` wants it; None for a key that the sink did not make."""
        record = self.keys.get(name.decode().rstrip("."))
        return record.encode() if record is not None else None

    def wait_for(self, count: int = 1, timeout: float = 20.0) -> SentMail:
        """Wait until at least `count` mails have come in altogether and return number `count`; ProgramFailed on time-out."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.mails) >= count, timeout):
                seen = [mail.subject for mail in self.mails]
                raise ProgramFailed(f"{len(seen)} mails instead of {count} after {timeout:.0f} s: {seen}")
            return self.mails[count - 1]

    def inject(self, raw: bytes, recipients: Iterable[str], sender: str = "bounce@example.com") -> SentMail:
        """Send a mail of the test's own through the same signing and delivery as the programs' mail."""
        with smtplib.SMTP(LOOPBACK, self.port, local_hostname="localhost") as smtp:
            before = len(self.mails)
            smtp.sendmail(sender, list(recipients), crlf(raw))
        return self.wait_for(before + 1)

    # -- signing
    def signed(self, raw: bytes) -> bytes:
        """The message with a DKIM-Signature of the domain of its From; unchanged where there is no such domain."""
        domain = from_domain(raw)
        if domain is None:
            return raw
        key = self._key(domain)
        present = {name.lower() for name in _header_names(raw)}
        return (
            bytes(
                dkim.sign(
                    raw,
                    SELECTOR.encode(),
                    domain.encode(),
                    key,
                    canonicalize=(b"relaxed", b"relaxed"),
                    include_headers=[name for name in _SIGNED if name in present],
                )
            )
            + raw
        )

    def _key(self, domain: str) -> bytes:
        if domain not in self._private:
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            public = key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            self.keys[f"{SELECTOR}._domainkey.{domain}"] = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
            self._private[domain] = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        return self._private[domain]

    def _stamped(self, raw: bytes) -> bytes:
        # a provider removes stamps that claim to be its own before it adds one (RFC 8601, section 5)
        claimed = rb"(?im)^authentication-results:[ \t]*" + re.escape((self.authserv_id or "").encode()) + rb"\b"
        head, blank, body = raw.partition(b"\r\n\r\n")
        kept = [field for field in re.split(rb"\r\n(?![ \t])", head) if not re.match(claimed, field)]
        raw = b"\r\n".join(kept) + blank + body
        if b"dkim-signature:" not in head.lower():
            result = "dkim=none"
        else:
            passed = dkim.verify(raw, dnsfunc=self.key_lookup)
            found = re.search(rb"(?is)dkim-signature:.*?\bd=([^;\s]+)", head)
            signer = found[1].decode() if found else "?"
            result = f"dkim={'pass' if passed else 'fail'} header.d={signer} header.s={SELECTOR}"
        return f"Authentication-Results: {self.authserv_id}; {result}\r\n".encode() + raw

    def _accept(self, envelope: Envelope) -> str:
        content = envelope.content
        raw = crlf(content if isinstance(content, bytes) else (content or "").encode())
        if self.sign:
            raw = self.signed(raw)
        if self.forge is not None:
            raw = self.forge(raw)
        if self.authserv_id is not None:
            raw = self._stamped(raw)
        recipients = tuple(envelope.rcpt_tos)
        refused = self._hand_on(raw, recipients, envelope.mail_from or "")
        with self._changed:
            self.mails.append(SentMail(envelope.mail_from or "", recipients, raw, refused))
            self._changed.notify_all()
        return "250 OK"

    def _hand_on(self, raw: bytes, recipients: tuple[str, ...], sender: str) -> dict[str, str]:
        if self.dovecot is None:
            return {}
        try:
            return self.dovecot.deliver_lmtp(recipients, raw, sender)
        except smtplib.SMTPRecipientsRefused as error:  # a service learns of a dead mailbox later, by a bounce
            return {to: f"{code} {text.decode(errors='replace')}" for to, (code, text) in error.recipients.items()}

    # -- the context manager
    def __enter__(self) -> Self:
        self._lease = PortLease()
        sink = self

        class _Handler:
            async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
                return sink._accept(envelope)

        self._controller = Controller(_Handler(), hostname=LOOPBACK, port=self._lease.number, enable_SMTPUTF8=True)
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._controller is not None:
            self._controller.stop()
        if self._lease is not None:
            self._lease.release()
        self._controller = self._lease = None


def from_domain(raw: bytes) -> str | None:
    """The domain of the first From address, lower case, or None."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    address = email.utils.parseaddr(str(message.get("From", "")))[1]
    domain = address.rpartition("@")[2].lower()
    return domain or None


def _header_names(raw: bytes) -> list[bytes]:
    head = raw.partition(b"\r\n\r\n")[0]
    return re.findall(rb"(?m)^([!-9;-~]+):", head)
