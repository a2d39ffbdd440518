"""The current picture of a migration: accounts, steps, waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from readdress.models.words import OldState, Slot, StepStatus, Verdict

if TYPE_CHECKING:  # only annotations name them, and `status` needs no mark
    from readdress.models.address import Address
    from readdress.models.mail import Mark


@dataclass(frozen=True, slots=True)
class SlotState:
    """How far one slot of an account is, since when, and what says so.

    ``doubted``: written down in an older, foreign or diverged copy of the state file, and not looked at again since.
    """

    slot: Slot
    verdict: Verdict
    at: datetime
    detail: str = ""
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why we think something is so. ``source``: ``mail``, ``passwords``, ``page``, ``person`` or ``rehearsal``.

    ``where`` locates it (``INBOX/42`` for folder and UID, a file's name), never its content; ``sender`` and ``kind``
    (``welcome``, ``security``, ``receipt`` …) only for mail; ``digest`` tells two pieces apart.
    """

    source: str
    where: str
    kind: str = ""
    sender: str = ""
    at: datetime | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One login of the person at one service. ``id`` is random and never changes; the rest are attributes."""

    id: str
    service: str
    site: str = ""
    login: str = ""
    label: str = ""
    slots: Mapping[Slot, SlotState] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    closed: bool = False

    def verdict(self, matters: frozenset[Slot] | None = None) -> Verdict:
        """As far as the weakest of the slots that matter (all known ones by default)."""
        chosen = [s for s in self.slots.values() if matters is None or s.slot in matters]
        return min((s.verdict for s in chosen), key=lambda v: v.order, default=Verdict.FOUND)


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What is written down about one step of one account. ``by``: ``page``, ``mail``, ``person`` or ``engine``."""

    account: str
    route: str
    step: str
    status: StepStatus = StepStatus.PENDING
    attempt: int = 0
    armed_at: datetime | None = None
    ended_at: datetime | None = None
    url: str = ""
    marks: tuple[Mark, ...] = ()
    detail: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """A durable wait: what an account waits for, until when (``None``: no one can say). ``kind``: person, time or mail."""

    account: str
    kind: str
    reason: str
    step: str = ""
    until: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class MailboxConfig:
    """How to reach one mailbox. No secret: ``secret`` says where it is kept (``keyring``, ``ask``, ``env:NAME``, ``command:…``).

    ``security``: ``tls``, ``starttls`` or ``plain`` (loopback only). ``folders``: watched besides INBOX and junk.
    ``kind``: ``imap``, or ``none`` where the person reads it by hand.
    """

    address: str
    kind: str = "imap"
    host: str = ""
    port: int = 993
    security: str = "tls"
    login: str = ""
    secret: str = "keyring"
    preset: str = ""
    ca_file: str = ""
    folders: tuple[str, ...] = ()
    authserv_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """What identifies a migration. ``serial`` grows with every commit; ``lineage`` is random, one for each migration."""

    lineage: str
    serial: int
    old: Address
    new: Address
    old_state: OldState
    created: datetime
    format: int
