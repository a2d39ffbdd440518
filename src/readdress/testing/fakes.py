"""In-memory stand-ins for the ports: clock, mailboxes, secrets. The person and the journal have modules of their own."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from readdress.errors import MailboxError, VaultError
from readdress.models import Incoming, Mark, Side
from readdress.ports import Clock
from readdress.testing.journal import MemoryJournal
from readdress.testing.person import Rule, ScriptedPerson, lies, stalls, stops

__all__ = [
    "FakeClock",
    "FakeMail",
    "FakeSecrets",
    "MemoryJournal",
    "Rule",
    "ScriptedPerson",
    "lies",
    "stalls",
    "stops",
]

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_MAX_RAW = 1 << 20


class FakeClock:
    """A clock that a test turns. ``tick``: seconds that pass by themselves at each look at it. Safe across threads."""

    def __init__(self, start: datetime = START, *, tick: float = 0.0) -> None:
        if start.tzinfo is None:
            raise ValueError("the clock needs an aware time")
        self._now, self._gone, self._tick = start.astimezone(UTC), 0.0, tick
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The present, aware, UTC."""
        with self._lock:
            self._move(self._tick)
            return self._now

    def monotonic(self) -> float:
        """Seconds since the clock was made; setting the time back does not turn it back."""
        with self._lock:
            self._move(self._tick)
            return self._gone

    def advance(self, seconds: float = 0.0, **more: float) -> None:
        """Let time pass: ``advance(90)``, ``advance(days=30)`` (keywords of ``timedelta``)."""
        span = seconds + timedelta(**more).total_seconds()
        if span < 0:
            raise ValueError("time does not go back by passing; use set()")
        with self._lock:
            self._move(span)

    def set(self, moment: datetime) -> None:
        """Set the wall clock, also back, as a person or a time server may."""
        if moment.tzinfo is None:
            raise ValueError("the clock needs an aware time")
        with self._lock:
            self._now = moment.astimezone(UTC)

    def _move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._gone += seconds


@dataclass
class _Folder:
    validity: int
    next: int = 1
    messages: list[tuple[int, datetime, bytes]] = field(default_factory=list)


@dataclass
class _Box:
    address: str
    folders: dict[str, _Folder]
    coming: list[tuple[datetime, str, bytes]] = field(default_factory=list)
    watched: dict[str, Mark] | None = None
    shown: set[tuple[str, int, int]] = field(default_factory=set)
    error: MailboxError | None = None


class FakeMail:
    """Both mailboxes in memory (:class:`readdress.ports.Mail`): folders, UIDVALIDITY, UIDs that only grow (RFC 9051 §2.3.1.1).

    ``addresses``: one for each side that can be read; a side that is missing is read by the person. ``authserv_ids``: what each
    side's provider signs its Authentication-Results with. Safe across threads: replicas deliver from their own.
    """

    def __init__(
        self,
        addresses: Mapping[Side, str],
        clock: Clock,
        *,
        folders: Sequence[str] = ("INBOX", "Junk"),
        authserv_ids: Sequence[str] = (),
        cap: int = _MAX_RAW,
    ) -> None:
        self._clock, self._cap, self._authserv_ids = clock, cap, tuple(authserv_ids)
        self._lock = threading.RLock()
        self._boxes = {
            side: _Box(address, {name: _Folder(1_000 * (n + 1) + m) for m, name in enumerate(folders)})
            for n, (side, address) in enumerate(addresses.items())
        }
        self.watches: list[Side] = []

    # -- the port -----------------------------------------------------------------------------------------------------

    def reachable(self, side: Side) -> bool:
        """Whether that side was given an address."""
        return side in self._boxes

    def marks(self, side: Side, timeout: float = 20.0) -> tuple[Mark, ...]:
        """The present end of every folder."""
        with self._lock:
            box = self._box(side)
            return tuple(Mark(name, f.validity, f.next) for name, f in box.folders.items())

    def watch(self, side: Side, marks: Sequence[Mark], brisk: float = 30.0) -> None:
        """From now on :meth:`poll` gives what lies after ``marks``; folders without a mark count from their present end."""
        with self._lock:
            box = self._box(side)
            given = {m.folder: m for m in marks}
            box.watched = {name: given.get(name, Mark(name, f.validity, f.next)) for name, f in box.folders.items()}
            box.shown.clear()
            self.watches.append(side)

    def poll(self, side: Side) -> list[Incoming]:
        """Messages after the marks that were not given yet. A folder whose UIDVALIDITY changed is given whole: any may be new."""
        with self._lock:
            box = self._box(side)
            found: list[Incoming] = []
            for name, mark in (box.watched or {}).items():
                folder = box.folders[name]
                for uid, at, raw in folder.messages:
                    key = (name, folder.validity, uid)
                    if key in box.shown or (folder.validity == mark.uidvalidity and uid < mark.uidnext):
                        continue
                    box.shown.add(key)
                    found.append(self._incoming(side, box, name, folder.validity, uid, at, raw))
            return found

    def unwatch(self, side: Side) -> None:
        """Stop looking."""
        with self._lock:
            if side in self._boxes:
                self._boxes[side].watched = None

    # -- what a test does -----------------------------------------------------------------------------------------------

    def side_of(self, address: str) -> Side | None:
        """Whose mailbox an address is; ``None`` for a stranger's."""
        return next((s for s, b in self._boxes.items() if b.address.lower() == address.strip().lower()), None)

    def deliver(self, side: Side, raw: bytes, *, folder: str = "INBOX", delay: float = 0.0) -> None:
        """Put a message into a folder once ``delay`` seconds of the clock have passed; it gets its UID then."""
        with self._lock:
            self._boxes[side].coming.append((self._clock.now() + timedelta(seconds=delay), folder, raw))

    def lose(self, side: Side, error: MailboxError | None = None) -> None:
        """From now on the mailbox cannot be reached."""
        with self._lock:
            self._boxes[side].error = error or MailboxError(
                f"The mailbox {self._boxes[side].address} is gone.", todo="Look at the line, then run migrate resume."
            )

    def regain(self, side: Side) -> None:
        """The mailbox can be reached again."""
        with self._lock:
            self._boxes[side].error = None

    def renumber(self, side: Side, folder: str = "INBOX") -> None:
        """The server forgets its numbering: another UIDVALIDITY, UIDs from 1 again."""
        with self._lock:
            found = self._boxes[side].folders[folder]
            found.validity += 1
            found.messages = [(n, at, raw) for n, (_, at, raw) in enumerate(found.messages, 1)]
            found.next = len(found.messages) + 1

    def messages(self, side: Side, folder: str = "INBOX") -> list[bytes]:
        """What lies in a folder now."""
        with self._lock:
            self._arrive(self._boxes[side])
            return [raw for _, _, raw in self._boxes[side].folders[folder].messages]

    def _box(self, side: Side) -> _Box:
        if side not in self._boxes:
            raise MailboxError(f"The {side} mailbox is not set up.", todo="The person reads it by hand.")
        box = self._boxes[side]
        if box.error is not None:
            raise box.error
        self._arrive(box)
        return box

    def _arrive(self, box: _Box) -> None:
        now = self._clock.now()
        for due, name, raw in sorted((c for c in box.coming if c[0] <= now), key=lambda c: c[0]):
            folder = box.folders[name]
            folder.messages.append((folder.next, due, raw))
            folder.next += 1
        box.coming = [c for c in box.coming if c[0] > now]

    def _incoming(
        self, side: Side, box: _Box, folder: str, validity: int, uid: int, at: datetime, raw: bytes
    ) -> Incoming:
        cut = len(raw) > self._cap
        return Incoming(
            side,
            folder,
            validity,
            uid,
            at,
            raw[: self._cap],
            box.address,
            truncated=cut,
            authserv_ids=self._authserv_ids,
        )


class FakeSecrets:
    """Secrets in memory (:class:`readdress.ports.Secrets`). ``protected=False`` refuses to keep any, as a bad keyring must be."""

    def __init__(self, secrets: Mapping[str, str] | None = None, *, protected: bool = True) -> None:
        self._held = dict(secrets or {})
        self._protected = protected
        self.asked: list[str] = []

    def get(self, name: str) -> str | None:
        """The secret; ``asked`` remembers the name only."""
        self.asked.append(name)
        return self._held.get(name)

    def set(self, name: str, secret: str) -> None:
        """Keep it, or raise :class:`VaultError`."""
        if not self._protected:
            raise VaultError(
                "There is no keyring that protects a secret.", todo="Unlock one, or have it asked each time."
            )
        self._held[name] = secret

    def forget(self, name: str) -> None:
        """Drop it."""
        self._held.pop(name, None)

    def __repr__(self) -> str:
        return f"FakeSecrets({sorted(self._held)})"
