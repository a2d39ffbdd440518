"""Makes throwaway TLS certificates for the host names of a replica."""

from __future__ import annotations

import base64
import hashlib
import os
import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate and its key (PEM), valid for a day.

    ``spki``: base64 of the SHA-256 of its public key (SubjectPublicKeyInfo, RFC 5280 §4.1), the form that Chromium's
    ``--ignore-certificate-errors-spki-list`` takes: that browser then accepts this key and no other stranger's.
    """

    pem: bytes
    key: bytes = field(repr=False)
    spki: str

    def context(self) -> ssl.SSLContext:
        """A server-side TLS context with this certificate. The key touches the disk for a moment, in a folder of mode 0700."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            both = Path(folder, "both.pem")
            with os.fdopen(os.open(both, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(self.key + self.pem)
            made.load_cert_chain(both)
        return made


def make_certificate(hosts: Sequence[str]) -> Certificate:
    """A certificate for ``hosts``: names, wildcards like ``*.example.com``, or IP addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [_name(h.rpartition(":")[0] if h.count(":") == 1 else h) for h in hosts]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "readdress replica")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Certificate(
        built.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        base64.b64encode(hashlib.sha256(public).digest()).decode(),
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
