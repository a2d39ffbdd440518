"""What a look through mail leaves behind: kinds of message, witnesses, and the tally of one sender's mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MailKind(StrEnum):
    """What a message is. A security notice proves an account, a newsletter does not."""

    WELCOME = "welcome"
    VERIFICATION = "verification"
    CODE = "code"
    RESET = "reset"
    SECURITY = "security"
    RECEIPT = "receipt"
    STATEMENT = "statement"
    NEWSLETTER = "newsletter"
    PERSONAL = "personal"
    CLOSED = "closed"  # says that the account was deleted: the last word on it, so it is told apart from other mail
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Witness:
    """One message that speaks for an account: where it lies, never what it says.

    ``digest``: SHA-256 of the header fields read, hex. ``sure``: the mailbox's own provider stamped it as authentic and aligned.
    """

    folder: str
    uid: int
    at: datetime | None
    sender: str
    kind: MailKind
    digest: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """All mail of one organisational domain to one of the person's addresses, counted; a delta or a sum (they add up).

    ``org``: organisational domain of the From address (public suffix list), lower case. ``to``: which address was written to:
    ``old``, ``plus:TAG``, ``alias:ADDRESS``, ``other`` (somebody else's) or ``unknown``. ``counts`` and ``sure``: messages by kind,
    and those of them that are authentic. ``listed``: messages with List-Unsubscribe. ``senders``, ``names``, ``logins``: a few, most
    telling first. ``witnesses``: the best few, strongest first. Times are aware UTC.
    """

    org: str
    to: str
    counts: Mapping[MailKind, int] = field(default_factory=dict)
    sure: Mapping[MailKind, int] = field(default_factory=dict)
    listed: int = 0
    first: datetime | None = None
    last: datetime | None = None
    senders: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    witnesses: tuple[Witness, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """One message that discovery opened, and what it showed; never what it says.

    ``standing``: ``proof``, ``hint``, ``none`` or ``closed``. ``stamp``: ``pass``, ``neutral``, ``absent`` or ``fail``. ``hosts``: organisational
    domains that its links lead to, a few. ``service`` and ``site``: software that runs on many hosts, recognised by a link of an
    authentic message. ``digest``: of the header fields, as in :class:`Witness`.
    """

    source: str
    folder: str
    uid: int
    digest: str
    kind: MailKind
    standing: str
    stamp: str
    sender: str = ""
    at: datetime | None = None
    logins: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    service: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class ScanMark:
    """How far one folder of a source was read. ``source``: ``imap:old``, or ``file:`` and a digest of what the file is.

    Messages with a UID below ``uidnext`` (for a file: octets below that offset) are counted in the tallies. ``modseq`` is HIGHESTMODSEQ
    (RFC 7162 §3.1.1) or 0. ``messages``: how many were counted so far. ``done``: the folder's end was reached.
    """

    source: str
    folder: str
    uidvalidity: int
    uidnext: int
    modseq: int = 0
    messages: int = 0
    done: bool = False


WITNESSES = 8
FEW = 4
_STRENGTH = {
    MailKind.CLOSED: 10,
    MailKind.SECURITY: 9,
    MailKind.WELCOME: 8,
    MailKind.VERIFICATION: 7,
    MailKind.CODE: 7,
    MailKind.STATEMENT: 6,
    MailKind.RESET: 5,
    MailKind.RECEIPT: 5,
    MailKind.OTHER: 2,
    MailKind.NEWSLETTER: 1,
    MailKind.PERSONAL: 0,
}


def best(witnesses: Iterable[Witness]) -> tuple[Witness, ...]:
    """The strongest :data:`WITNESSES`, one of a message: authentic before not, then by kind (two of a kind after the others), then the newest."""
    unique = {(w.folder, w.uid, w.digest): w for w in witnesses}
    ordered = sorted(unique.values(), key=_newest_first)
    ordered.sort(key=lambda w: (not w.sure, -_STRENGTH[w.kind]))
    first: list[Witness] = []
    again: list[Witness] = []
    seen: dict[MailKind, int] = {}
    for witness in ordered:
        seen[witness.kind] = seen.get(witness.kind, 0) + 1
        (first if seen[witness.kind] <= 2 else again).append(witness)
    return tuple((first + again)[:WITNESSES])


def _newest_first(witness: Witness) -> tuple[float, int, str, str]:
    return (-witness.at.timestamp() if witness.at else 0.0, -witness.uid, witness.folder, witness.digest)


def merge(a: Tally, b: Tally) -> Tally:
    """Both together. ``a`` and ``b`` speak of the same ``org`` and ``to``; the order does not matter but for the few names kept."""
    return Tally(
        a.org,
        a.to,
        counts=_sum(a.counts, b.counts),
        sure=_sum(a.sure, b.sure),
        listed=a.listed + b.listed,
        first=min((t for t in (a.first, b.first) if t), default=None),
        last=max((t for t in (a.last, b.last) if t), default=None),
        senders=_few(a.senders, b.senders),
        names=_few(a.names, b.names),
        logins=_few(a.logins, b.logins),
        witnesses=best((*a.witnesses, *b.witnesses)),
    )


def _sum(a: Mapping[MailKind, int], b: Mapping[MailKind, int]) -> dict[MailKind, int]:
    total = dict(a)
    for kind, count in b.items():
        total[kind] = total.get(kind, 0) + count
    return total


def _few(a: Sequence[str], b: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*a, *b)))[:FEW]
