"""An email address: checked, normalised, compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

from readdress.errors import ConfigError

# RFC 5322 §3.2.3 dot-atom for the local part (plus UTF-8, RFC 6532 §3.2); a plain host name for the domain (RFC 5321 §2.3.5).
# Quoted local parts and address literals are legal on the wire, but no service of the catalogue accepts them as a login.
_LOCAL = re.compile(r"[^\x00-\x20\x7f\"(),:;<>@\[\\\]\s.]+(?:\.[^\x00-\x20\x7f\"(),:;<>@\[\\\]\s.]+)*\Z")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """One email address; ``local`` keeps its case, ``domain`` is lower-case ASCII (IDNA where needed)."""

    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``local@domain``. Raises :class:`ConfigError` with what is wrong."""
        text = text.strip()
        local, at, domain = text.rpartition("@")
        todo = "Give one plain address, like name@example.com."
        if not at or not local or not domain:
            raise ConfigError(f"{text!r} is no email address: it needs one @ with something on both sides.", todo=todo)
        if not _LOCAL.match(local) or len(local.encode()) > 64:
            raise ConfigError(
                f"{text!r} is no email address that services accept: look at the part before the @.", todo=todo
            )
        try:
            ascii_domain = domain.encode("idna").decode("ascii").lower() if not domain.isascii() else domain.lower()
        except UnicodeError:
            ascii_domain = ""
        labels = ascii_domain.split(".")
        if len(labels) < 2 or len(ascii_domain) > 253 or not all(_LABEL.match(label) for label in labels):
            raise ConfigError(f"{text!r} is no email address: {domain!r} is no domain name.", todo=todo)
        return cls(local, ascii_domain)

    def same_as(self, other: Address | str) -> bool:
        """Whether both name one mailbox for a service: the case of either part makes no difference."""
        if isinstance(other, str):
            try:
                other = Address.parse(other)
            except ConfigError:
                return False
        return self.local.casefold() == other.local.casefold() and self.domain == other.domain

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"
