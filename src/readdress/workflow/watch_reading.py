"""Reads what is new in a watched mailbox: where to begin, which headers matter, and the few messages that are opened."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from readdress.discovery.headers import read_head
from readdress.discovery.kinds import kind_of
from readdress.models import MailKind, ScanMark
from readdress.workflow.watch_judging import Changed

if TYPE_CHECKING:
    from readdress.mailbox.connect import Connection
    from readdress.models import MailboxConfig

OPEN_MOST = 600
"""Messages opened in one look at one mailbox at most: the first of each sender and kind before the second of any."""
OF_A_KIND = 3
"""Messages of one sender and kind that are opened in one look: the newest say enough."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message whose header says that a service of a moved account may have sent it."""

    folder: str
    uid: int
    sender: str
    kind: MailKind
    at: datetime | None
    digest: str


def beginnings(
    connection: Connection,
    source: str,
    marks: Mapping[str, ScanMark],
    since: datetime,
    sleep: Callable[[float], None],
) -> dict[str, ScanMark]:
    """For folders that were never watched: where the first message lies that came on the day of the first change, or the day before.

    The search goes by the server's own day (RFC 9051 §6.4.4), hence one day more; at most the last thousand messages of a folder are looked at.
    """
    from readdress.mailbox.bulk_plan import chosen
    from readdress.mailbox.presets import pace_of
    from readdress.mailbox.trouble import MailboxRefused

    pace = pace_of(connection.config)
    found = {}
    for number, folder in enumerate(f for f in chosen(connection.folders()) if f not in marks):
        if pace.turns and number:
            sleep(pace.steady)
        try:
            end = connection.examine(folder).mark
            first = min((g.uid for g in connection.glances_since((since - timedelta(days=1)).date())), default=0)
        except MailboxRefused:
            continue
        found[folder] = ScanMark(source, folder, end.uidvalidity, first or end.uidnext)
    return found


def hits_in(
    folder: str, rows: Iterable[tuple[int, bytes]], changed: list[Changed], service_of: Callable[[str], str]
) -> Iterator[Hit]:
    """Messages that a service of a moved account may have sent; people and everybody else are passed over by their header."""
    first = min(c.first for c in changed)
    for uid, header in rows:
        head = read_head(header)
        if not head.sender or (head.at is not None and head.at < first):
            continue
        kind = kind_of(head.subject, sender=head.sender, name=head.name, listed=head.listed)
        if kind is MailKind.PERSONAL:
            continue
        service = service_of(head.sender)
        if any(c.writes(head.sender, service) for c in changed):
            yield Hit(folder, uid, head.sender, kind, head.at, hashlib.sha256(header).hexdigest())


def worth_opening(hits: list[Hit]) -> list[Hit]:
    """The newest few of each sender and kind, bounded, in the order in which they lie."""
    ranked: list[tuple[int, Hit]] = []
    counts: dict[tuple[str, MailKind], int] = {}
    for hit in sorted(hits, key=lambda h: (h.at.timestamp() if h.at else 0.0, h.uid), reverse=True):
        rank = counts[hit.sender, hit.kind] = counts.get((hit.sender, hit.kind), 0) + 1
        if rank <= OF_A_KIND:
            ranked.append((rank, hit))
    chosen = [hit for _, hit in sorted(ranked, key=lambda r: r[0])[:OPEN_MOST]]
    return sorted(chosen, key=lambda h: (h.folder, h.uid))


def message_of(connection: Connection, hit: Hit) -> tuple[bytes, bool, datetime | None] | None:
    """The octets, whether something was cut off, and when the server received it; ``None`` where it is not there any more."""
    if connection.selected != hit.folder:
        connection.examine(hit.folder)
    for glance in connection.glances_between(hit.uid, hit.uid):
        found = connection.message(glance)
        return None if found is None else (*found, glance.received)
    return None


def authserv_ids_for(config: MailboxConfig) -> tuple[str, ...]:
    """Under which names this mailbox's provider stamps mail."""
    from readdress.mailbox.presets import authserv_ids_of

    return authserv_ids_of(config)
