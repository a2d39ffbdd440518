"""What the engine and the trust gate say about mail: marks, messages, expectations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from readdress.models.words import Side


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a folder: every message with a UID of ``uidnext`` or more came after it (RFC 9051 §2.3.1.1)."""

    folder: str
    uidvalidity: int
    uidnext: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as the mailbox gave it. ``raw`` is RFC 5322 octets, cut at the adapter's cap (``truncated``).

    ``authserv_ids``: the identifiers under which this mailbox's provider stamps Authentication-Results (RFC 8601 §2.2);
    ``mailbox``: the address that the mailbox belongs to.
    """

    side: Side
    folder: str
    uidvalidity: int
    uid: int
    received: datetime | None
    raw: bytes
    mailbox: str
    truncated: bool = False
    authserv_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """A mail that an armed step has asked for. ``marks`` were taken before the act; ``until`` is when it is worthless."""

    account: str
    mail: str
    route: str
    step: str
    attempt: int
    armed_at: datetime
    marks: tuple[Mark, ...]
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One message as discovery reads it: where it lies and some of its header fields.

    ``received`` is the server's INTERNALDATE in UTC; ``fields`` are raw octets of a header block (RFC 5322 §2.2), folded lines and
    encoded words as they came, at most 64 KiB.
    """

    folder: str
    uid: int
    uidvalidity: int
    received: datetime | None
    fields: bytes
