"""Finds the people one writes with among all mail: no lists, no services, nobody who wrote once and was never answered (pure).

Somebody counts whom the person wrote to (a recipient of mail that is From one of the person's own addresses), or who wrote to the person twice or more and
looks like a person. Addresses that name a function (``support``, ``no-reply``), addresses that list mail goes to, and the person's own are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from readdress.discovery.domains import is_relay, org_domain
from readdress.discovery.headers import Head, read_head
from readdress.discovery.kinds import kind_of
from readdress.discovery.recipients import Person, addressed_to
from readdress.discovery.senders import is_mail_system, is_role
from readdress.models.inventory import MailKind

WROTE_ENOUGH = 2
"""Mails of somebody who was never written to, from which on they count."""
MOST = 50_000
"""Addresses that are kept; a mailbox with more is one of a machine."""
CROWD = 60
"""Recipients of one mail from which on it is a circular: it makes nobody an acquaintance, it only renews one."""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody one has written with. ``sent``: mails to them; ``received``: mails from them; times are aware UTC."""

    address: str
    name: str
    sent: int
    received: int
    first: datetime | None
    last: datetime | None


@dataclass(slots=True)
class _Entry:
    name: str = ""
    sent: int = 0
    received: int = 0
    first: datetime | None = None
    last: datetime | None = None


class Acquaintances:
    """Takes in header blocks and keeps counts by address; nothing of what was written.

    ``own``: the person's addresses, OLD first; ``is_service``: whether the catalogue knows a sender as a service's.
    """

    def __init__(self, own: Iterable[str], is_service: Callable[[str], bool], *, now: datetime) -> None:
        addresses = list(own)
        self._person = Person(addresses[0], tuple(addresses[1:]))
        self._is_service = is_service
        self._now = now
        self._entries: dict[str, _Entry] = {}
        self._lists: set[str] = set()
        self._services: dict[str, bool] = {}
        self.messages = 0

    def see(self, header: bytes) -> None:
        """One message. A header that cannot be read says nothing."""
        self.messages += 1
        head = read_head(header)
        if not head.sender:
            return
        if self._mine(head.sender):
            self._sent(head)
        elif head.listed:
            self._lists.update(a for a in head.addresses("to", "cc") if not self._mine(a))
        else:
            self._received(head)

    def people(self) -> list[Correspondent]:
        """Those who count, the last contact first."""
        found = [
            Correspondent(address, e.name, e.sent, e.received, e.first, e.last)
            for address, e in self._entries.items()
            if (e.sent or e.received >= WROTE_ENOUGH) and address not in self._lists
        ]
        return sorted(found, key=lambda c: (-(c.last.timestamp() if c.last else 0.0), c.address))

    # -- inside -------------------------------------------------------------------------------------------------------------
    def _mine(self, address: str) -> bool:
        return addressed_to(self._person, to=address) not in {"other", "unknown"}

    def _sent(self, head: Head) -> None:
        people = head.people("to", "cc")
        crowd = len(people) > CROWD
        for address, name in people:
            if self._mine(address) or not self._somebody(address):
                continue
            if crowd and address not in self._entries:
                continue
            self._add(address, name, head.at, sent=1)

    def _received(self, head: Head) -> None:
        if is_mail_system(head.sender, head.name) or not self._somebody(head.sender):
            return
        if kind_of(head.subject, sender=head.sender, name=head.name, listed=False) is not MailKind.PERSONAL:
            return
        to = ", ".join(head.addresses("to"))
        cc = ", ".join(head.addresses("cc"))
        if addressed_to(self._person, to=to, cc=cc) in {"other", "unknown"}:
            return  # somebody else's mail, or a blind copy
        self._add(head.sender, head.name, head.at, received=1)

    def _somebody(self, address: str) -> bool:
        if address not in self._services:
            local, _, domain = address.rpartition("@")
            self._services[address] = is_role(local) or is_relay(org_domain(domain)) or self._is_service(address)
        return not self._services[address]

    def _add(self, address: str, name: str, at: datetime | None, *, sent: int = 0, received: int = 0) -> None:
        entry = self._entries.get(address)
        if entry is None:
            if len(self._entries) >= MOST:
                return
            entry = self._entries[address] = _Entry()
        entry.sent += sent
        entry.received += received
        # what people call themselves goes before what an address book called them
        if name and "@" not in name and (received or not entry.name):
            entry.name = name
        if at is not None and at <= self._now:
            entry.first = at if entry.first is None else min(entry.first, at)
            entry.last = at if entry.last is None else max(entry.last, at)
