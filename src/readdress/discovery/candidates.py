"""What weighing works on and gives: opened messages, what knowledge says of a sender, candidates for accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from readdress.discovery.reading import Reading
from readdress.models.inventory import MailKind, Witness
from readdress.models.text import Text
from readdress.models.words import Slot

ENOUGH = 0.6
"""From here on a candidate is believed to be an account."""


class Stamp(StrEnum):
    """What is known of an opened message's sender."""

    PASS = "pass"  # aligned DKIM or DMARC, stamped by the provider's own authserv-id or verified here
    NEUTRAL = "neutral"  # the provider stamped it and found nothing against it; something else than the From domain passed (a relay)
    BARE = "bare"  # the provider stamped it, and nothing at all passed
    ABSENT = "absent"  # no stamp of the provider
    FAIL = "fail"  # DMARC failed, or signed and sent by somebody else


@dataclass(frozen=True, slots=True)
class ServiceHint:
    """What knowledge says of a sender: the service's id, its names, the domains that share its accounts.

    ``account``: the id of the service whose account this product uses (OneDrive → ``microsoft``, QQ Music → ``qq``), empty where it has its own.
    """

    id: str
    names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    account: str = ""


class Knowledge(Protocol):
    """What recipes and the catalogue know about services; the workflow wires it."""

    def service_of(self, org: str, sender: str) -> ServiceHint | None:
        """The service that writes from this organisational domain, or from exactly this address; None where it is unknown."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that was opened. ``hosts``: organisational domains that its visible links lead to."""

    witness: Witness
    reading: Reading
    stamp: Stamp
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One service at which mail speaks for an account.

    ``service``: its id, or the organisational domain where it is unknown (``known`` False). ``confidence``: 0 to 1. ``closed``: when its
    deletion was confirmed, if nothing came after it. ``impostor``: the name it bears without right. ``counts``: messages by kind, addressed to the
    person. ``addresses``: the ``to`` tags, most mail first. ``slots``: where the address seems to be, likeliest first. ``witnesses``: the best
    five. ``pending``: unopened messages worth opening. Times are aware UTC.
    """

    service: str
    known: bool
    sites: tuple[str, ...]
    confidence: float
    counts: Mapping[MailKind, int]
    sure: Mapping[MailKind, int]
    first: datetime | None
    last: datetime | None
    addresses: tuple[str, ...]
    slots: tuple[Slot, ...]
    logins: tuple[str, ...]
    witnesses: tuple[Witness, ...]
    why: Text
    closed: datetime | None = None
    impostor: str = ""
    names: tuple[str, ...] = ()
    pending: tuple[Witness, ...] = ()

    @property
    def believed(self) -> bool:
        """Whether it counts as an account that is still there."""
        return self.confidence >= ENOUGH and self.closed is None
