"""Counts messages by sender's organisation, by address written to and by kind, one message in a few microseconds (pure).

What repeats is worked out once: a raw From, a raw To, a sender's subject with its digits taken as equal, the telling part of a provider's finding. Every
subject is classified, none is skipped once a sender is known well enough; so the counts by kind are exact, and the same however the
messages are split into deltas.

Personal mail proves no account and comes from countless domains: it is counted under the organisation ``""`` and leaves no witness. So is
a message whose From is not exactly one plain address (as ``other``). Memory is bounded by :data:`MAX_GROUPS`; see :attr:`Counter.full`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from readdress.discovery.tally_groups import Cell, Group, Sender
from readdress.discovery.tally_text import Dates, addresses_of, from_of, plain_words, text_of
from readdress.discovery.tally_trust import Verdicts
from readdress.models.inventory import WITNESSES, MailKind, Tally, merge

__all__ = ["Counter", "Named", "merge"]

MAX_HEADER = 16 * 1024
"""Octets of a header block that are looked at; the digest is of all that came."""
FULL_GROUPS, MAX_GROUPS = 2_000, 10_000
"""From how many groups a flush is due; how many there may be without one, before those without any proof are folded into one."""
_FULL_CELLS = 2_500
_FULL_OCTETS = 6 * 1024 * 1024
"""Of headers that may be held for witnesses (whose digests are made at the flush): whole header blocks of an archive have some kilobytes each."""
_SENDERS, _SUBJECTS, _TOS, _PLACES = 8_000, 30_000, 4_000, 20_000
_MAX_SUBJECT = 300
_ZERO = bytes.maketrans(b"123456789", b"000000000")
_NAMES = b"From|To|Subject|Date|List-Unsubscribe|Authentication-Results"
_VALUE = rb"):([^\n]*+(?:\n[ \t][^\n]*+)*+)"
_FIELDS = re.compile(rb"\n(?=[FTSDLAftsdla])((?i:" + _NAMES + rb")" + _VALUE).findall
"""(name, value) of the fields that are always read, folded lines together, in the message's order. The letters ahead spare most lines the names."""
_ADDRESSED = re.compile(rb"\n((?i:To|Cc|Delivered-To|X-Original-To)" + _VALUE).findall


class Named(Protocol):
    """Whose mail it is: tells from addresses (lower case) the ``to`` of a :class:`Tally`, as :class:`~readdress.discovery.recipients.Person` does."""

    def named(self, addresses: Iterable[str]) -> str:
        """``old``, ``plus:TAG``, ``alias:ADDRESS`` or ``other``; ``unknown`` when there are none."""


class Counter:
    """Counts messages into deltas. ``kinds``: ``kind_of``; ``orgs``: ``org_domain``; ``authserv_ids``: the provider's own (RFC 8601 §2.2).

    ``now``: a Date header later than a day after it is none. Tallies know no folder, so call :meth:`flush` before another folder begins.
    """

    def __init__(
        self,
        me: Named,
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
        self._senders: dict[bytes | None, Sender | None] = {None: None}
        self._subjects = 0
        self._tos: dict[bytes, str] = {}
        self._dates = Dates()
        self._groups: dict[tuple[str, str], Group] = {}
        self._places: dict[tuple[Sender | None, str, MailKind, bool, bool], Cell] = {}
        self._cells = self._held = 0
        self.messages = 0
        """How many were seen since the last flush."""

    @property
    def full(self) -> bool:
        """Whether a flush is due to keep memory bounded. A caller that ignores it loses no proof, only the names of weak groups."""
        return len(self._groups) >= FULL_GROUPS or self._cells >= _FULL_CELLS or self._held >= _FULL_OCTETS

    def see(self, folder: str, uid: int, header: bytes, received: datetime | None = None) -> None:
        """Count one message. ``header``: its header fields (RFC 5322 §2.2) with LF or CRLF; ``received``: used where Date tells nothing."""
        self.messages += 1
        found = _FIELDS(b"\n" + header[:MAX_HEADER])
        get = dict(found).get
        author, subject, date, to_raw = get(b"From"), get(b"Subject"), get(b"Date"), get(b"To")
        results, unsubscribe = get(b"Authentication-Results"), get(b"List-Unsubscribe")
        if len(found) != 6 - (author, subject, date, to_raw, results, unsubscribe).count(None):
            # a field that comes twice, or a name in another spelling
            found = [(name.title(), value) for name, value in found]
            get = dict(found[::-1]).get  # the topmost of each name
            author, subject, date, to_raw = get(b"From"), get(b"Subject"), get(b"Date"), get(b"To")
            results, unsubscribe = get(b"Authentication-Results"), get(b"List-Unsubscribe")
            if sum(name == b"From" for name, _ in found) > 1:
                author = None  # mail programs disagree about which of them counts
        # -- who wrote it
        try:
            sender = self._senders[author]
        except KeyError:
            sender = self._sender(author)
        # -- what it is, and whether it is authentic
        listed = unsubscribe is not None
        sure = False
        if sender is None:
            kind = MailKind.OTHER
        else:
            raw = subject or b""
            key = raw if b"=?" in raw else raw.translate(_ZERO)
            kind = sender.kinds[listed].get(key) or self._kind(sender, raw, key, listed=listed)
            if kind is MailKind.PERSONAL:
                sender = None
            elif results is not None and found[0][1] is results:
                # topmost: a provider stamps above all that the sender wrote
                sure = self._proven(results, sender.domain)
        # -- when
        seconds = self._dates.seconds(date) if date is not None else 0
        if not 0 < seconds < self._latest:
            seconds = max(int(received.timestamp()), 0) if received else 0
        # -- to whom
        try:
            to = self._tos[to_raw or b""] or self._to_others(header)
        except KeyError:
            to = self._to(to_raw or b"") or self._to_others(header)
        # -- counted
        place = (sender, to, kind, sure, listed)
        try:
            cell = self._places[place]
        except KeyError:
            cell = self._place(place)
        cell.number += 1
        if sender is not None:
            ring = cell.ring
            if seconds > cell.newest:
                ring.append((seconds, uid, folder, header, sender.address))
                if len(ring) > WITNESSES:
                    del ring[0]
                else:
                    self._held += len(header)
            else:
                cell.late((seconds, uid, folder, header, sender.address))
        if 0 < seconds < cell.first:
            cell.first = seconds
        if seconds > cell.newest:  # noqa: PLR1730 - max() costs five times as much
            cell.newest = seconds

    def flush(self) -> list[Tally]:
        """What came since the last flush, by organisation and address; they add up with :func:`merge`."""
        found = [group.tally(org, to) for (org, to), group in self._groups.items()]
        self._groups = {}
        self._places = {}
        self._cells = self._held = self.messages = 0
        return found

    # -- what is worked out once
    def _sender(self, raw: bytes | None) -> Sender | None:
        if len(self._senders) >= _SENDERS:
            self._senders = {None: None}
            self._places.clear()
            self._subjects = 0
        if raw is None:
            return None
        address, name = from_of(raw)
        org = self._orgs(address.rpartition("@")[2]) if address else ""
        found = Sender(address, name, org) if org else None
        self._senders[raw] = found
        return found

    def _kind(self, sender: Sender, raw: bytes, key: bytes, *, listed: bool) -> MailKind:
        known = sender.kinds[listed]
        encoded = b"=?" in raw
        text = shown = None
        if encoded:
            text = plain_words(raw)
            if text is None:
                shown = text_of(raw)
                text = shown.encode("utf-8", "replace")
            same = text.translate(_ZERO)
            kind = known.get(same)
        else:
            same, kind = key, None
        if kind is None:
            shown = (text_of(raw) if shown is None else shown)[:_MAX_SUBJECT]
            kind = known[same] = self._kinds(shown, sender=sender.address, name=sender.name, listed=listed)
            self._subjects += 1
        if encoded and same == text:
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
    def _place(self, place: tuple[Sender | None, str, MailKind, bool, bool]) -> Cell:
        """The cell of a sender's mail of one kind, made where there is none."""
        sender, to, kind, sure, listed = place
        org = sender.org if sender else ""
        group = self._groups.get((org, to))
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                self._fold()
            group = self._groups.setdefault((org, to), Group())
        cell = group.cells.get((kind, sure, listed))
        if cell is None:
            cell = group.cells[kind, sure, listed] = Cell()
            self._cells += 1
        if sender:
            group.meet(sender, sure=sure)
        if len(self._places) >= _PLACES:
            self._places.clear()
        self._places[place] = cell
        return cell

    def _fold(self) -> None:
        """Move groups that prove nothing (weak kinds, nothing authentic) into the nameless one of their address; proof is never dropped."""
        self._places.clear()
        weak = [key for key, group in self._groups.items() if key[0] and group.weak]
        for org, to in weak:
            for which, gone in self._groups.pop((org, to)).cells.items():
                self._cells -= 1
                cell = self._groups.setdefault(("", to), Group()).cells.setdefault(which, Cell())
                cell.number += gone.number
                cell.first, cell.newest = min(cell.first, gone.first), max(cell.newest, gone.newest)
