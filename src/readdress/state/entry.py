"""How times stand in the file, and the digest that chains an event to the one before."""

from __future__ import annotations

from datetime import UTC, datetime

START = bytes(32)
"""What the first event is chained to."""


def chain(before: bytes, seq: int, at: str, kind: str, account: str, data: str) -> bytes:
    """SHA-256 over the digest before and this event: two logs with one last digest are one log."""
    import hashlib  # late: readers compute none

    return hashlib.sha256(before + "\x1f".join((str(seq), at, kind, account, data)).encode()).digest()


def stamp(moment: datetime) -> str:
    """UTC, ISO 8601, always with microseconds, so that texts sort like moments.

    A time without a zone counts as UTC (the machine's own zone would make a rebuilt picture differ from place to place), and
    one that UTC cannot hold (a hostile Date header: 9999-12-31 23:59 -1200) keeps its own clock face.
    """
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        moment = moment.replace(tzinfo=UTC)
    return moment.isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """A stored time; ``None`` stays ``None``."""
    return datetime.fromisoformat(text) if text else None
