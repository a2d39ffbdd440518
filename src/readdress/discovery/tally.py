"""Counts messages by sender's organisation, by address written to and by kind, one message in a few microseconds (pure).

What repeats is worked out once: a raw From, a raw To, a sender's subject with its digits taken as equal. Every subject is classified, none is
skipped once a sender is known well enough; so the counts by kind are exact, and the same however the messages are split into deltas.

Personal mail proves no account and comes from countless domains: it is counted under the organisation ``""`` and leaves no witness. So is
a message whose From is not exactly one plain address (as ``other``). Memory is bounded by :data:`MAX_GROUPS`; see :attr:`Counter.full`.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from readdress.discovery.tally_me import Addresses
from readdress.discovery.tally_text import Dates, addresses_of, from_of, one_word, text_of
from readdress.discovery.tally_trust import Verdicts
from readdress.models.inventory import _STRENGTH, FEW, WITNESSES, MailKind, Tally, Witness, merge

__all__ = ["Addresses", "Counter", "merge"]

MAX_HEADER = 16 * 1024
"""Octets of a header block that are looked at; the digest is of all that came."""
FULL_GROUPS, MAX_GROUPS = 2_000, 10_000
"""From how many groups a flush is due; how many there may be without one, before those without any proof are folded into one."""
_FULL_CELLS = 2_500  # each holds eight headers of less than a kilobyte, as a rule
_SENDERS, _SUBJECTS, _TOS = 8_000, 30_000, 4_000
_MAX_SUBJECT = 300
_MET = 4 * FEW
_ZERO = bytes.maketrans(b"123456789", b"000000000")
_WEAK = frozenset({MailKind.NEWSLETTER, MailKind.PERSONAL, MailKind.OTHER})
_NAMES = b"From|To|Subject|Date|List-Unsubscribe|Authentication-Results"
_USUAL = frozenset(_NAMES.split(b"|"))
_FIELDS = re.compile(rb"\n((?i:" + _NAMES + rb")):([^\n]*(?:\n[ \t][^\n]*)*)").findall
"""(name, value) of the fields that are always read, folded lines together, in the message's order."""
_ADDRESSED = re.compile(rb"\n((?i:To|Cc|Delivered-To|X-Original-To)):([^\n]*(?:\n[ \t][^\n]*)*)").findall
_Seen = tuple[int, int, str, bytes, str]
"""Seconds of the epoch, UID, folder, header, sender's address."""


class _Sender:
    """One raw From value, understood; ``kinds``: subject → kind, without and with List-Unsubscribe."""

    __slots__ = ("address", "domain", "kinds", "name", "org")

    def __init__(self, address: str, name: str, org: str) -> None:
        self.address, self.name, self.org = address, name, org
        self.domain = address.rpartition("@")[2]
        self.kinds: tuple[dict[bytes, MailKind], dict[bytes, MailKind]] = ({}, {})


class _Cell:
    """The messages of one group, kind, authenticity and (un)listedness: how many, the newest few, the oldest date."""

    __slots__ = ("first", "newest", "number", "ring")

    def __init__(self) -> None:
        self.number = 0
        self.newest = -1
        self.first = 1 << 62
        self.ring: deque[_Seen] = deque(maxlen=WITNESSES)

    def late(self, seen: _Seen) -> None:
        """Take in a message that is not the newest."""
        self.ring = deque(sorted((*self.ring, seen))[-WITNESSES:], WITNESSES)


class _Group:
    """The mail of one organisation to one address since the last flush."""

    __slots__ = ("cells", "met", "proved")

    def __init__(self) -> None:
        self.cells: dict[tuple[MailKind, bool, bool], _Cell] = {}
        self.met: dict[_Sender, None] = {}  # in the order of their coming; those that were authentic in `proved`
        self.proved: dict[_Sender, None] = {}

    @property
    def weak(self) -> bool:
        """Whether it proves nothing."""
        return all(kind in _WEAK and not sure for kind, sure, _ in self.cells)


class Counter:
    """Counts messages into deltas. ``kinds``: ``kind_of``; ``orgs``: ``org_domain``; ``authserv_ids``: the provider's own (RFC 8601 §2.2).

    ``now``: a Date header later than a day after it is none. Tallies know no folder, so call :meth:`flush` before another folder begins.
    """

    def __init__(
        self,
        me: Addresses,
        kinds: Callable[..., MailKind],
        orgs: Callable[[str], str],
        authserv_ids: Sequence[str],
        *,
        now: datetime | None = None,
    ) -> None:
        self._me = me
        self._kinds = kinds
        self._orgs = orgs
        self._proven = Verdicts(authserv_ids, orgs).sure
        self._latest = int(now.timestamp()) + 86_400 if now else 1 << 40
        self._senders: dict[bytes, _Sender | None] = {}
        self._subjects = 0
        self._tos: dict[bytes, str] = {}
        self._dates = Dates()
        self._groups: dict[tuple[str, str], _Group] = {}
        self._cells = 0
        self.messages = 0
        """How many were seen since the last flush."""

    @property
    def full(self) -> bool:
        """Whether a flush is due to keep memory bounded. A caller that ignores it loses no proof, only the names of weak groups."""
        return len(self._groups) >= FULL_GROUPS or self._cells >= _FULL_CELLS

    def see(self, folder: str, uid: int, header: bytes, received: datetime | None = None) -> None:
        """Count one message. ``header``: its header fields (RFC 5322 §2.2) with LF or CRLF; ``received``: used where Date tells nothing."""
        self.messages += 1
        found = _FIELDS(b"\n" + header[:MAX_HEADER])
        fields = dict(found)
        if len(fields) != len(found) or not _USUAL.issuperset(fields):
            found = [(name.title(), value) for name, value in found]
            fields = dict(found[::-1])  # the topmost of each name
            if sum(name == b"From" for name, _ in found) > 1:
                fields.pop(b"From")  # mail programs disagree about which of them counts
        # -- who wrote it
        sender = None
        raw = fields.get(b"From")
        if raw is not None:
            sender = self._senders.get(raw)
            if sender is None and raw not in self._senders:
                sender = self._sender(raw)
        listed = b"List-Unsubscribe" in fields
        # -- what it is
        if sender is None:
            kind = MailKind.OTHER
        else:
            raw = fields.get(b"Subject", b"")
            key = raw if b"=?" in raw else raw.translate(_ZERO)
            kind = sender.kinds[listed].get(key) or self._kind(sender, raw, key, listed=listed)
        # -- when
        raw = fields.get(b"Date")
        seconds = self._dates.seconds(raw) if raw is not None else 0
        if not 0 < seconds < self._latest:
            seconds = max(int(received.timestamp()), 0) if received else 0
        # -- to whom
        raw = fields.get(b"To", b"")
        to = self._tos.get(raw)
        if to is None:
            to = self._to(raw)
        to = to or self._to_others(header)
        # -- counted
        if sender is None or kind is MailKind.PERSONAL:
            cell = self._cell(self._group("", to), (kind, False, listed))
        else:
            raw = fields.get(b"Authentication-Results")
            # topmost: a provider stamps above all that the sender wrote
            sure = raw is not None and found[0][1] is raw and self._proven(raw, sender.domain)
            group = self._groups.get((sender.org, to)) or self._group(sender.org, to)
            which = (kind, sure, listed)
            cell = group.cells.get(which) or self._cell(group, which)
            met = group.proved if sure else group.met
            if sender not in met and len(met) < _MET:
                met[sender] = None
            seen = (seconds, uid, folder, header, sender.address)
            if seconds > cell.newest:
                cell.ring.append(seen)
            else:
                cell.late(seen)
        cell.number += 1
        if 0 < seconds < cell.first:
            cell.first = seconds
        if seconds > cell.newest:  # noqa: PLR1730 - max() costs five times as much
            cell.newest = seconds

    def flush(self) -> list[Tally]:
        """What came since the last flush, by organisation and address; they add up with :func:`merge`."""
        found = [self._tally(org, to, group) for (org, to), group in self._groups.items()]
        self._groups = {}
        self._cells = self.messages = 0
        return found

    # -- what is worked out once
    def _sender(self, raw: bytes) -> _Sender | None:
        if len(self._senders) >= _SENDERS:
            self._senders.clear()
            self._subjects = 0
        address, name = from_of(raw)
        org = self._orgs(address.rpartition("@")[2]) if address else ""
        found = _Sender(address, name, org) if org else None
        self._senders[raw] = found
        return found

    def _kind(self, sender: _Sender, raw: bytes, key: bytes, *, listed: bool) -> MailKind:
        known = sender.kinds[listed]
        text = one_word(raw) or text_of(raw).encode("utf-8", "replace")
        same = text.translate(_ZERO)
        kind = known.get(same)
        if kind is None:
            shown = text_of(raw)[:_MAX_SUBJECT]
            kind = known[same] = self._kinds(shown, sender=sender.address, name=sender.name, listed=listed)
            self._subjects += 1
        if b"=?" not in raw or same == text:
            # digits are spread all over an encoded word: remembering the raw form of one that holds a number would never help
            known[key] = kind
            self._subjects += 1
        if self._subjects >= _SUBJECTS:
            for one in self._senders.values():
                if one is not None:
                    one.kinds[0].clear()
                    one.kinds[1].clear()
            self._subjects = 0
        return kind

    def _to(self, raw: bytes) -> str:
        """What a To value alone decides; ``""`` where it names nobody of the person."""
        found = self._me.named(addresses_of(raw))
        return self._remember(raw, "" if found in ("unknown", "other") else found)

    def _to_others(self, header: bytes) -> str:
        """To does not name the person: Cc may, and only where both name nobody do Delivered-To and X-Original-To.

        Those two are stamped on whatever arrives, mail to a list or forwarded mail included.
        """
        found = [(name.title(), value) for name, value in _ADDRESSED(b"\n" + header[:MAX_HEADER])]
        named = b",".join(value for name, value in found if name in (b"To", b"Cc"))
        stamped = b",".join(value for name, value in found if name not in (b"To", b"Cc"))
        key = named + b"\0" + stamped
        to = self._tos.get(key)
        if to is None:
            to = self._remember(key, self._me.named(addresses_of(named) or addresses_of(stamped)))
        return to

    def _remember(self, key: bytes, found: str) -> str:
        if len(self._tos) >= _TOS:
            self._tos.clear()
        if len(key) <= 1000:
            self._tos[key] = found
        return found

    # -- groups
    def _group(self, org: str, to: str) -> _Group:
        group = self._groups.get((org, to))
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                self._fold()
            group = self._groups[org, to] = _Group()
        return group

    def _cell(self, group: _Group, which: tuple[MailKind, bool, bool]) -> _Cell:
        cell = group.cells.get(which)
        if cell is None:
            cell = group.cells[which] = _Cell()
            self._cells += 1
        return cell

    def _fold(self) -> None:
        """Move groups that prove nothing (weak kinds, nothing authentic) into the nameless one of their address; proof is never dropped."""
        weak = [key for key, group in self._groups.items() if key[0] and group.weak]
        for org, to in weak:
            for which, gone in self._groups.pop((org, to)).cells.items():
                self._cells -= 1
                cell = self._groups.setdefault(("", to), _Group()).cells.setdefault(which, _Cell())
                cell.number += gone.number
                cell.first, cell.newest = min(cell.first, gone.first), max(cell.newest, gone.newest)

    @staticmethod
    def _tally(org: str, to: str, group: _Group) -> Tally:
        counts: dict[MailKind, int] = {}
        proved: dict[MailKind, int] = {}
        listed = 0
        for (kind, sure, on_list), cell in group.cells.items():
            counts[kind] = counts.get(kind, 0) + cell.number
            if sure:
                proved[kind] = proved.get(kind, 0) + cell.number
            listed += cell.number if on_list else 0
        first = min(cell.first for cell in group.cells.values())
        last = max(cell.newest for cell in group.cells.values())
        return Tally(
            org,
            to,
            counts=counts,
            sure=proved,
            listed=listed,
            first=datetime.fromtimestamp(first, UTC) if last > 0 else None,
            last=datetime.fromtimestamp(last, UTC) if last > 0 else None,
            senders=_few(s.address for s in (*group.proved, *group.met)),
            names=_few(s.name for s in (*group.proved, *group.met)),
            witnesses=tuple(_witnesses(group)),
        )


def _witnesses(group: _Group) -> Iterator[Witness]:
    """The best by the rule of :func:`readdress.models.inventory.best`, chosen before any of them has become a witness."""
    found = [
        (not sure, -_STRENGTH[kind], -seen[0], -seen[1], kind, seen)
        for (kind, sure, _), cell in group.cells.items()
        for seen in cell.ring
    ]
    found.sort()
    first: list[tuple[bool, int, int, int, MailKind, _Seen]] = []
    again: list[tuple[bool, int, int, int, MailKind, _Seen]] = []
    known: dict[MailKind, int] = {}
    for one in found:
        known[one[4]] = count = known.get(one[4], 0) + 1
        (first if count <= 2 else again).append(one)
    for unsure, _, _, _, kind, (seconds, uid, folder, header, address) in (first + again)[:WITNESSES]:
        at = datetime.fromtimestamp(seconds, UTC) if seconds else None
        yield Witness(folder, uid, at, address, kind, hashlib.sha256(header).hexdigest(), not unsure)


def _few(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(filter(None, found)), FEW))
