"""DKIM keys of the rehearsal's invented sender domains: made per run, used to sign, and looked up by the verifier.

The rehearsal has no bypass of the mail checks: its mail carries real DKIM signatures (RFC 6376) and the verifier is
given `Signer.keys` where it would otherwise ask DNS. One RSA key of 2048 bits is made per domain and lives in memory
only. Ed25519 (RFC 8463) would be quicker to make, but dkimpy needs PyNaCl for it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from email.parser import BytesHeaderParser
from email.utils import parseaddr

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SELECTOR = "practice"
_BITS = 2048


class Signer:
    """Holds one DKIM key for each of `domains` and signs in their names.

    `keys(name, timeout)` answers like a DNS TXT lookup (`practice._domainkey.forum-practice.test.`) with the record's
    bytes, or None for a name it does not know, so it can be handed to dkimpy as `dnsfunc`.
    """

    def __init__(self, domains: Iterable[str]) -> None:
        self._private: dict[str, bytes] = {}
        self._records: dict[bytes, bytes] = {}
        for domain in domains:
            self._make(domain.lower())

    @property
    def domains(self) -> frozenset[str]:
        """The domains that can be signed for."""
        return frozenset(self._private)

    def records(self) -> dict[str, str]:
        """All key records by name, for another process of the rehearsal. Public keys only."""
        return {name.decode(): record.decode() for name, record in self._records.items()}

    def keys(self, name: bytes, timeout: int = 5) -> bytes | None:
        """The DKIM key record published under `name` (RFC 6376 section 3.6.2), None where there is none.

        `timeout` (seconds) is taken because dkimpy passes it; nothing here waits.
        """
        return self._records.get(name.lower().rstrip(b".") + b".")

    def sign(self, raw: bytes, domain: str) -> bytes:
        """`raw` (an RFC 5322 message) with CRLF line ends and a DKIM-Signature of `domain` on top.

        Raises KeyError for a domain without a key.
        """
        wire = crlf(raw)
        signature = dkim.sign(
            wire,
            SELECTOR.encode(),
            domain.encode(),
            self._private[domain.lower()],
            canonicalize=(b"relaxed", b"relaxed"),
        )
        return bytes(signature) + wire

    def sign_for_sender(self, raw: bytes) -> bytes:
        """`raw` signed by the domain of its From address; unsigned where that domain has no key here.

        A message in a stranger's name leaves this server as it would leave a real one: without a signature.
        """
        sender = BytesHeaderParser().parsebytes(raw).get("From", "")
        domain = parseaddr(str(sender))[1].rpartition("@")[2].lower()
        return self.sign(raw, domain) if domain in self._private else crlf(raw)

    def _make(self, domain: str) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        self._private[domain] = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        name = f"{SELECTOR}._domainkey.{domain}.".encode()
        self._records[name] = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def crlf(raw: bytes) -> bytes:
    """`raw` with every line end as CRLF, the form that travels and is signed."""
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
