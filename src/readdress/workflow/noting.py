"""The verb ``note``: what happened, when, and which file shows it; the file stays where it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readdress.errors import ConfigError, UsageError
from readdress.i18n.clean import clean
from readdress.models import Event, Kind
from readdress.models.events import note
from readdress.report.dossier import by_day_first

if TYPE_CHECKING:
    from readdress.workflow.migration import Migration

TOPICS = ("appeal", "complaint", "answer", "ban", "call", "change", "loss", "other")
"""What a note is about. ``ban``: the account was closed; ``answer``: what the provider or an authority said; ``loss``: what was lost."""
LONGEST = 4_000
_PIECE = 1 << 20
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@dataclass(frozen=True, slots=True)
class Note:
    """One note as it is kept. ``day``: when it happened (as the person said, else when it was noted); ``file``: the attachment's bare name."""

    seq: int
    noted: datetime
    day: datetime
    text: str
    account: str = ""
    topic: str = ""
    file: str = ""
    digest: str = ""
    dated: bool = False


def keep(
    m: Migration, text: str, *, account: str = "", date: str = "", file: Path | None = None, topic: str = ""
) -> Note:
    """Keep a note. ``account``: a name that finds accounts; ``date``: ``2026-11-24`` or ``2026-11-24 14:30`` by the person's clock.

    Of ``file`` its name and SHA-256 are kept, nothing else. Raises :class:`~readdress.errors.UsageError` or
    :class:`~readdress.errors.ConfigError`.
    """
    words = clean(text, LONGEST, lines=True).strip()
    if not words:
        raise UsageError("A note needs words.", todo='Write them: migrate note "Appealed in the app" --topic appeal')
    if topic and topic not in TOPICS:
        raise UsageError(f"There is no topic {topic!r}.", todo=f"Choose one of: {', '.join(TOPICS)}.")
    now = m.adapters.the_clock().now()
    day = parse_day(date, now) if date else None
    about = m.find(account).id if account else ""
    name, digest = ("", "") if file is None else (clean(file.name, 200), digest_of(file))
    seq = m.state.record(note(words, about, day=day, file=name, digest=digest, topic=topic))
    return notes(m.state.events(after=seq - 1))[0]


def notes(events: Iterable[Event]) -> list[Note]:
    """The notes of a log, in the order in which they were written down."""
    found = [_note(e.seq, e.at, e.account, e.data) for e in events if e.kind is Kind.NOTE]
    return sorted(found, key=lambda n: n.seq)


def by_day(found: Iterable[Note]) -> list[Note]:
    """Notes in the order in which things happened; of one day, those with a time before those without."""
    return sorted(found, key=lambda n: (by_day_first(n.day), n.seq))


def _note(seq: int, at: datetime, account: str, data: Any) -> Note:
    day = datetime.fromisoformat(data["day"]) if data.get("day") else None
    return Note(
        seq,
        at,
        day or at,
        str(data.get("text", "")),
        account,
        str(data.get("topic", "")),
        str(data.get("file", "")),
        str(data.get("digest", "")),
        dated=day is not None,
    )


def parse_day(text: str, now: datetime) -> datetime:
    """A day or minute by the person's clock as aware UTC; noon for a bare day, so that it is the same day in most zones.

    Raises :class:`~readdress.errors.UsageError` for what is none, or is still to come.
    """
    todo = "Write it as year-month-day, like 2022-12-11, or with the time: 2022-12-11 18:00."
    plain = text.strip()
    try:
        moment = datetime.fromisoformat(f"{plain} 12:00" if _DAY.match(plain) else plain)
    except ValueError:
        raise UsageError(f"{clean(text, 40)!r} is no day.", todo=todo) from None
    moment = (moment if moment.tzinfo else moment.astimezone()).astimezone(UTC)
    if moment.date() > now.astimezone(UTC).date():
        raise UsageError(f"{clean(text, 40)} is still to come.", todo="A note says what has happened.")
    return min(moment, now)


def digest_of(file: Path) -> str:
    """SHA-256 of a file's content, hex: shows later that it is still the same one. Raises :class:`~readdress.errors.ConfigError`."""
    digest = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}).", todo="Name a file that can be.") from None
    return digest.hexdigest()
