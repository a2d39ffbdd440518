"""The verb ``watch``: reads both mailboxes again and writes down what their mail says about the accounts that were moved."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Self

from readdress.discovery.recipients import Person
from readdress.errors import ConfigError, MailboxError, NeedsTime, ReaddressError
from readdress.models import Account, Draft, Evidence, OldState, ScanMark, Side, Slot, Verdict, Wait
from readdress.models.events import evidence_found, scanned, slot_verdict, wait_cleared
from readdress.workflow.scanning import person_of, rest_if_limited, resting
from readdress.workflow.watch_accounts import changed_accounts, due, service_lookup
from readdress.workflow.watch_judging import Changed, Judge, Passed, Sighting
from readdress.workflow.watch_reading import Hit, authserv_ids_for, beginnings, hits_in, message_of, worth_opening

if TYPE_CHECKING:
    from readdress.mailbox.connect import Connection
    from readdress.models import MailboxConfig
    from readdress.workflow.migration import Migration


@dataclass
class Seen:
    """What one mailbox came to. ``messages``: new ones; ``opened``: those that might say something; ``skipped``: why it was not read, if it was not."""

    side: Side
    address: str
    messages: int = 0
    opened: int = 0
    skipped: str = ""
    error: ReaddressError | None = None


@dataclass
class Watched:
    """What a look came to. ``passed``: how many opened messages said nothing, by reason; ``due``: waits that are over; ``watched``: accounts that were looked for."""

    at: datetime
    seen: list[Seen] = field(default_factory=list)
    proven: list[Sighting] = field(default_factory=list)
    stragglers: list[Sighting] = field(default_factory=list)
    passed: dict[Passed, int] = field(default_factory=dict)
    due: list[Wait] = field(default_factory=list)
    watched: int = 0

    @property
    def error(self) -> ReaddressError | None:
        """What kept a mailbox from being read."""
        return next((s.error for s in self.seen if s.error is not None), None)

    @property
    def news(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.proven or self.stragglers or self.due or self.error)


class Watcher:
    """Looks at both mailboxes, as often as it is asked to, over one connection to each; use as a context manager.

    The state file is not held between two looks: each gets the migration anew.
    """

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._connections: dict[Side, Connection] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Sign out of the mailboxes."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def look(self, m: Migration) -> Watched:
        """One look. Mailbox errors are in the result, with what was found until then written down; state errors are raised."""
        now = m.adapters.the_clock().now()
        changed = changed_accounts(m)
        found = Watched(now, due=due(m, now), watched=len(changed))
        for side in (Side.NEW, Side.OLD):
            seen = Seen(side, str(m.header.new if side is Side.NEW else m.header.old))
            found.seen.append(seen)
            seen.skipped = _why_not(m, side, changed)
            if not seen.skipped:
                self._read(m, changed, seen, found)
        return found

    # -- one mailbox --------------------------------------------------------------------------------------------------------
    def _read(self, m: Migration, changed: list[Changed], seen: Seen, found: Watched) -> None:
        config = m.state.mailbox(seen.side)
        assert config is not None
        kept = seen.side in self._connections
        try:
            try:
                look = self._look_at(m, config, changed, seen)
            except MailboxError:
                self._drop(seen.side)
                if not kept:
                    raise
                seen.messages = seen.opened = (
                    0  # the server had hung up on a connection that stood idle: once more, with a new one
                )
                look = self._look_at(m, config, changed, seen)
        except MailboxError as error:
            self._drop(seen.side)
            seen.error = error
            if seen.side is Side.OLD:
                rest_if_limited(m, config, error)
            return
        except (NeedsTime, ConfigError) as error:
            seen.error = error
            return
        _settle(m, changed, look, found)
        for verdict in look.verdicts:
            if isinstance(verdict, Passed):
                found.passed[verdict] = found.passed.get(verdict, 0) + 1

    def _look_at(self, m: Migration, config: MailboxConfig, changed: list[Changed], seen: Seen) -> _Look:
        from readdress.mailbox.bulk import scan

        connection = self._connection(m, seen.side, config)
        source = f"watch:{seen.side.value}"
        marks = {folder: mark for (_, folder), mark in m.state.scan_marks(source).items()}
        marks |= beginnings(connection, source, marks, min(c.first for c in changed), self._sleep)
        service_of = service_lookup(m)
        look = _Look()
        hits: list[Hit] = []
        for batch in scan(connection, source, marks, sleep=self._sleep):
            if batch.refused:
                continue
            look.marks[batch.folder] = batch.mark
            seen.messages += len(batch.rows)
            hits += hits_in(batch.folder, batch.rows, changed, service_of)
        judge = Judge(
            seen.side,
            person_of(m),
            Person(str(m.header.new)),
            authserv_ids_for(config),
            m.adapters.the_lookup(),
            m.adapters.the_clock().now(),
            service_of,
        )
        for hit in worth_opening(hits):
            message = message_of(connection, hit)
            if message is None:
                continue
            seen.opened += 1
            raw, truncated, received = message
            where = f"{'new:' if seen.side is Side.NEW else ''}{hit.folder}/{hit.uid}"
            verdict = judge.judge(raw, changed, where=where, digest=hit.digest, received=received, truncated=truncated)
            look.verdicts.append(verdict)
        return look

    def _connection(self, m: Migration, side: Side, config: MailboxConfig) -> Connection:
        from readdress.mailbox.connect import Connection

        if side not in self._connections:
            self._connections[side] = Connection(config, m.session.credential(side, config), seconds=120.0)
        return self._connections[side]

    def _drop(self, side: Side) -> None:
        connection = self._connections.pop(side, None)
        if connection is not None:
            connection.abandon()


@dataclass
class _Look:
    """What a look at one mailbox brought, before it is written down."""

    marks: dict[str, ScanMark] = field(default_factory=dict)
    verdicts: list[Sighting | Passed] = field(default_factory=list)


def watch_once(m: Migration) -> Watched:
    """One look at both mailboxes, one login each."""
    with Watcher() as watcher:
        return watcher.look(m)


def _why_not(m: Migration, side: Side, changed: list[Changed]) -> str:
    """Why a mailbox is not read now: ``nothing_changed``, ``dead``, ``by_hand``, ``resting``; ``""``: it is."""
    if not changed:
        return "nothing_changed"
    state, _ = m.state.old_state()
    if side is Side.OLD and state == OldState.DEAD:
        return "dead"
    config = m.state.mailbox(side)
    if config is None or config.kind != "imap":
        return "by_hand"
    return "resting" if side is Side.OLD and resting(m) is not None else ""


# -- writing down -----------------------------------------------------------------------------------------------------------


def _settle(m: Migration, changed: list[Changed], look: _Look, found: Watched) -> None:
    """Write verdicts, evidence and marks in one transaction: whatever a kill loses is read again."""
    sightings = sorted((v for v in look.verdicts if isinstance(v, Sighting)), key=lambda s: s.at)
    drafts: list[Draft] = []
    for one in changed:
        account = m.state.account(one.account.id)
        mine = [s for s in sightings if s.account == account.id]
        fell = {s.slot: s for s in mine if s.verdict is Verdict.STRAGGLER}
        rose = {s.slot: s for s in mine if s.verdict is Verdict.PROVEN and s.slot not in fell}
        for slot, sighting in fell.items():
            state = account.slots.get(slot)
            if state is None or state.verdict is not Verdict.STRAGGLER:
                found.stragglers.append(sighting)
                drafts += _written(sighting)
        for slot, sighting in rose.items():
            state = account.slots.get(slot)
            # a slot that fell rises by mail only after somebody has done something about it
            if state is None or (state.verdict in {Verdict.PROVEN, Verdict.STRAGGLER} and not state.doubted):
                continue
            found.proven.append(sighting)
            drafts += _written(sighting)
        if rose and not fell and _waits_for_mail(m, one, account, set(rose)):
            drafts.append(wait_cleared(account.id))
    drafts += [scanned(replace(mark, messages=0), []) for mark in look.marks.values()]
    if drafts:
        m.record(*drafts)


def _written(s: Sighting) -> list[Draft]:
    said = "wrote to the new address" if s.verdict is Verdict.PROVEN else "wrote to the old address"
    evidence = Evidence("mail", s.where, s.kind.value, s.sender, s.at, s.digest)
    detail = f"{s.sender} {said} ({s.kind.value}, {s.at:%Y-%m-%d})"
    return [evidence_found(s.account, evidence), slot_verdict(s.account, s.slot, s.verdict, detail)]


def _waits_for_mail(m: Migration, one: Changed, account: Account, rose: set[Slot]) -> bool:
    """Whether the account waits for nothing but the mail that has come now."""
    wait = m.state.wait(account.id)
    if wait is None or wait.kind != "mail":
        return False
    matters = one.recipe.important if one.recipe is not None else frozenset(account.slots)
    return all(s in rose or (s in account.slots and account.slots[s].verdict.finished) for s in matters)
