"""Holds what a counter gathers until it is flushed: per sender, per group and per kind of message; and makes tallies of it.

Sums are kept at the smallest grain (one :class:`Cell` for a kind, an authenticity and a listedness of one group), so that the loop over messages touches one
object for each message, and everything that a tally says is added up once, at the flush.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from readdress.models.inventory import _STRENGTH, FEW, WITNESSES, MailKind, Tally, Witness

_MET = 4 * FEW
_WEAK = frozenset({MailKind.NEWSLETTER, MailKind.PERSONAL, MailKind.OTHER})
NEVER = 1 << 62
"""Later than any date: the first date of a cell that has none."""
Seen = tuple[int, int, str, bytes, str]
"""Seconds of the epoch, UID, folder, header, sender's address."""


class Sender:
    """One raw From value, understood; ``kinds``: subject → kind, without and with List-Unsubscribe."""

    __slots__ = ("address", "domain", "kinds", "name", "org")

    def __init__(self, address: str, name: str, org: str) -> None:
        self.address, self.name, self.org = address, name, org
        self.domain = address.rpartition("@")[2]
        self.kinds: tuple[dict[bytes, MailKind], dict[bytes, MailKind]] = ({}, {})


class Cell:
    """The messages of one group, kind, authenticity and (un)listedness: how many, the oldest and the newest date, the newest few in their order."""

    __slots__ = ("first", "newest", "number", "ring")

    def __init__(self) -> None:
        self.number = 0
        self.newest = -1
        self.first = NEVER
        self.ring: list[Seen] = []

    def late(self, seen: Seen) -> None:
        """Take in a message that is not the newest."""
        ring = self.ring
        if len(ring) < WITNESSES:
            insort(ring, seen)
        elif seen > ring[0]:
            insort(ring, seen)
            del ring[0]


class Group:
    """The mail of one organisation to one address since the last flush."""

    __slots__ = ("cells", "met", "proved")

    def __init__(self) -> None:
        self.cells: dict[tuple[MailKind, bool, bool], Cell] = {}
        self.met: dict[Sender, None] = {}  # in the order of their coming; those that were authentic in `proved`
        self.proved: dict[Sender, None] = {}

    @property
    def weak(self) -> bool:
        """Whether it proves nothing."""
        return all(kind in _WEAK and not sure for kind, sure, _ in self.cells)

    def meet(self, sender: Sender, *, sure: bool) -> None:
        """Remember who wrote, as long as there are few."""
        met = self.proved if sure else self.met
        if len(met) < _MET:
            met[sender] = None

    def tally(self, org: str, to: str) -> Tally:
        """What came, with the strongest witnesses."""
        counts: dict[MailKind, int] = {}
        proved: dict[MailKind, int] = {}
        listed = 0
        first, last = NEVER, -1
        for (kind, sure, on_list), cell in self.cells.items():
            number = cell.number
            counts[kind] = counts.get(kind, 0) + number
            if sure:
                proved[kind] = proved.get(kind, 0) + number
            if on_list:
                listed += number
            first, last = min(first, cell.first), max(last, cell.newest)
        senders = (*self.proved, *self.met)
        return Tally(
            org,
            to,
            counts=counts,
            sure=proved,
            listed=listed,
            first=datetime.fromtimestamp(first, UTC) if last > 0 else None,
            last=datetime.fromtimestamp(last, UTC) if last > 0 else None,
            senders=_few(sender.address for sender in senders),
            names=_few(sender.name for sender in senders),
            witnesses=tuple(self._witnesses()),
        )

    def _witnesses(self) -> Iterator[Witness]:
        """The best by the rule of :func:`readdress.models.inventory.best`, chosen before any of them has become a witness."""
        found = [
            (not sure, -_STRENGTH[kind], -seen[0], -seen[1], kind, seen)
            for (kind, sure, _), cell in self.cells.items()
            for seen in cell.ring
        ]
        if len(found) > 1:
            found.sort()
        if len(found) > 2:
            first: list[tuple[bool, int, int, int, MailKind, Seen]] = []
            again: list[tuple[bool, int, int, int, MailKind, Seen]] = []
            known: dict[MailKind, int] = {}
            for one in found:
                known[one[4]] = count = known.get(one[4], 0) + 1
                (first if count <= 2 else again).append(one)
            found = (first + again)[:WITNESSES]
        for unsure, _, _, _, kind, (seconds, uid, folder, header, address) in found:
            at = datetime.fromtimestamp(seconds, UTC) if seconds else None
            yield Witness(folder, uid, at, address, kind, hashlib.sha256(header).hexdigest(), not unsure)


def _few(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(filter(None, found)), FEW))
