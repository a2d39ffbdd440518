"""Reads the current picture: the questions of :class:`readdress.ports.Journal`, each in a statement or three."""

# ruff: noqa: S608 - only names of our own stand in the text of SQL; every value is bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from readdress import models  # its names are imported when they are used: `status` needs few of them
from readdress.errors import StateError
from readdress.state import rows as r
from readdress.state.entry import moment
from readdress.state.faults import IN_DOUBT, damaged, from_sqlite, unknown_account
from readdress.state.opening import fetch
from readdress.state.schema import FORMAT

_PAGE = 500  # events a statement: a reader that holds one open would keep the writer from committing
T = TypeVar("T")


class Reads:
    """The reading half of a state file. Every error of SQLite or of a damaged row comes out as a :class:`StateError`."""

    path: Path
    _db: sqlite3.Connection

    def _rows(self, sql: str, *values: Any) -> list[r.Row]:
        try:
            return fetch(self._db, sql, values)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise from_sqlite(error, self.path) from error

    def _made(self, make: Callable[[r.Row], T], found: Iterable[r.Row]) -> list[T]:
        try:
            return [make(row) for row in found]
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(self.path, f"it holds a row that cannot be ({error!r})") from error

    @contextmanager
    def _moment(self) -> Iterator[None]:
        """Several statements see one and the same commit."""
        if self._db.in_transaction:
            yield
            return
        self._rows("BEGIN")
        try:
            self._rows("SELECT 1 FROM sqlite_master LIMIT 1")  # waits for its turn here, and nowhere later
            yield
        finally:
            if self._db.in_transaction:
                self._rows("COMMIT")

    def _id(self, account: str) -> str:
        found = self._rows("SELECT joined FROM accounts WHERE id = ?", account)
        if not found:
            raise unknown_account(account)
        return str(found[0][0] or account)

    def _known(self, account: str) -> str:
        """Like :meth:`_id`, but the id itself where there is no such account: for questions that have an answer anyway."""
        try:
            return self._id(account) if account else ""
        except StateError:
            return account

    def header(self) -> models.Header:
        """What identifies the migration. ``serial`` is the number of the last event."""
        found = self._rows(
            "SELECT lineage, (SELECT max(seq) FROM events), old, new, old_state, created FROM migration WHERE id = 1"
        )

        def make(row: r.Row) -> models.Header:
            old, new = models.Address.parse(row[2]), models.Address.parse(row[3])
            return models.Header(
                row[0], int(row[1]), old, new, models.OldState(row[4]), datetime.fromisoformat(row[5]), FORMAT
            )

        if not found:
            raise damaged(self.path, "nothing in it says which migration it is")
        return self._made(make, found)[0]

    def account(self, account: str) -> models.Account:
        """The account of that id, or the one that it was joined into. Raises :class:`StateError` when there is none."""
        return self._accounts(self._id(account))[0]

    def accounts(self) -> list[models.Account]:
        """All accounts, in the order in which they were added; those joined into another one are part of that one."""
        return self._accounts("")

    def _accounts(self, only: str) -> list[models.Account]:
        slots: dict[str, dict[models.Slot, models.SlotState]] = {}
        evidence: dict[str, list[models.Evidence]] = {}
        where, values = ("WHERE account = ?", (only,)) if only else ("", ())

        def keep_slot(row: r.Row) -> None:
            slot = r.to_slot(row[1:])
            slots.setdefault(row[0], {})[slot.slot] = slot

        def keep_evidence(row: r.Row) -> None:
            evidence.setdefault(row[0], []).append(r.to_evidence(row[1:]))

        def make(row: r.Row) -> models.Account:
            e = tuple(evidence.get(row[0], ()))
            return models.Account(row[0], row[1], row[2], row[3], row[4], slots.get(row[0], {}), e, bool(row[5]))

        with self._moment():
            self._made(keep_slot, self._rows(f"SELECT account, {r.SLOT} FROM slots {where}", *values))
            self._made(
                keep_evidence, self._rows(f"SELECT account, {r.EVIDENCE} FROM evidence {where} ORDER BY seq", *values)
            )
            found = self._rows(
                "SELECT id, service, site, login, label, closed FROM accounts "
                + ("WHERE id = ?" if only else "WHERE joined = '' ORDER BY added"),
                *values,
            )
        return self._made(make, found)

    def route(self, account: str) -> str:
        """The route that the account goes, ``""`` before one was chosen."""
        return str(self._rows("SELECT route FROM accounts WHERE id = ?", self._id(account))[0][0])

    def step(self, account: str, route: str, step: str) -> models.StepRecord:
        """What is written down about a step; a ``pending`` record when nothing is.

        In an account that came with an older or foreign copy, nothing written down means ``unknown``: the copy that went
        further may have done it.
        """
        key = (self._id(account), route, step)
        found = self._rows(f"SELECT {r.STEP} FROM steps WHERE account = ? AND route = ? AND step = ?", *key)
        if found:
            return self._made(r.to_step, found)[0]
        if self._rows("SELECT doubt FROM accounts WHERE id = ?", key[0])[0][0]:
            return models.StepRecord(*key, status=models.StepStatus.UNKNOWN, detail=IN_DOUBT)
        return models.StepRecord(*key)

    def steps(self, account: str) -> list[models.StepRecord]:
        """All steps of an account that were ever armed or ended, the one last written to last."""
        return self._made(
            r.to_step, self._rows(f"SELECT {r.STEP} FROM steps WHERE account = ? ORDER BY seq", self._id(account))
        )

    def expectation(self, account: str, mail: str) -> models.Expectation | None:
        """The newest expectation of that mail, unless its mail was used; ``None`` when nothing asked for it.

        One past its ``until`` is returned: whoever reads the mail says that it came too late.
        """
        found = self._rows(
            f"SELECT {r.EXPECTATION} FROM expectations WHERE account = ? AND mail = ? AND NOT used",
            self._known(account),
            mail,
        )
        return self._made(r.to_expectation, found)[0] if found else None

    def mail_used(self, digest: str) -> bool:
        """Whether the code or link of that digest (SHA-256, hex) was ever released."""
        return bool(self._rows("SELECT 1 FROM used_mail WHERE digest = ?", digest))

    def wait(self, account: str) -> models.Wait | None:
        """What the account waits for."""
        found = self._rows(f"SELECT {r.WAIT} FROM waits WHERE account = ?", self._known(account))
        return self._made(r.to_wait, found)[0] if found else None

    def waits(self) -> list[models.Wait]:
        """Everything that waits: what ends soonest first, what has no known end last."""
        return self._made(r.to_wait, self._rows(f"SELECT {r.WAIT} FROM waits ORDER BY until IS NULL, until, seq"))

    def limit_uses(self, account: str, limit: str) -> list[datetime]:
        """When a limit was spent, oldest first."""
        found = self._rows(
            "SELECT at FROM limits WHERE account = ? AND name = ? ORDER BY seq", self._known(account), limit
        )
        return self._made(lambda row: datetime.fromisoformat(row[0]), found)

    def factors(self, account: str = "") -> frozenset[str]:
        """Factors held for an account, those held for all included; what an account itself says counts more."""
        held: dict[str, bool] = {}
        found = self._rows(
            "SELECT factor, held FROM factors WHERE account IN ('', ?) ORDER BY account <> ''", self._known(account)
        )
        for name, yes in found:
            held[name] = bool(yes)
        return frozenset(name for name, yes in held.items() if yes)

    def consented(self, account: str, topic: str) -> bool:
        """Whether the person agreed to ``topic`` for that account and has not taken it back."""
        found = self._rows("SELECT given FROM consents WHERE account = ? AND topic = ?", self._known(account), topic)
        return bool(found and found[0][0])

    def bound(self, account: str, name: str) -> str:
        """What first use tied ``name`` to; ``""`` before."""
        found = self._rows("SELECT value FROM bounds WHERE account = ? AND name = ?", self._known(account), name)
        return str(found[0][0]) if found else ""

    def pinned(self, service: str) -> str:
        """The digest of the recipe files that the migration uses for ``service``; ``""`` when none was pinned."""
        found = self._rows("SELECT digest FROM recipes WHERE service = ?", service)
        return str(found[0][0]) if found else ""

    def mailbox(self, side: models.Side) -> models.MailboxConfig | None:
        """How a mailbox is reached."""
        found = self._rows("SELECT config FROM mailboxes WHERE side = ?", side.value)
        return self._made(lambda row: r.to_mailbox(json.loads(row[0])), found)[0] if found else None

    def old_state(self) -> tuple[str, datetime | None]:
        """What is left of the old mailbox (a :class:`~readdress.models.OldState` value) and until when."""
        found = self._rows("SELECT old_state, old_until FROM migration")
        if not found:
            raise damaged(self.path, "nothing in it says which migration it is")
        return self._made(lambda row: (models.OldState(row[0]).value, moment(row[1])), found)[0]

    def providers(self) -> dict[str, tuple[models.OldState, datetime | None]]:
        """What is left of signing in through each service that the person spoke of, and until when."""
        found = self._rows("SELECT service, state, until FROM providers ORDER BY service")
        return dict(self._made(lambda row: (row[0], (models.OldState(row[1]), moment(row[2]))), found))

    def facts(self, account: str = "") -> dict[str, str]:
        """What the person said of an account (of the migration itself: ``""``), by name."""
        return dict(self._rows("SELECT name, value FROM facts WHERE account = ? ORDER BY name", self._known(account)))

    def all_facts(self) -> dict[str, dict[str, str]]:
        """Account → name → value; ``""`` holds those of the migration itself."""
        found: dict[str, dict[str, str]] = {}
        for account, name, value in self._rows("SELECT account, name, value FROM facts ORDER BY account, name"):
            found.setdefault(account, {})[name] = value
        return found

    def all_factors(self) -> dict[str, dict[str, tuple[bool, str]]]:
        """Account (``""``: all of them) → factor → whether it is held, and where a session lives."""
        found: dict[str, dict[str, tuple[bool, str]]] = {}
        for account, name, held, place in self._rows("SELECT account, factor, held, place FROM factors"):
            found.setdefault(account, {})[name] = (bool(held), place)
        return found

    def scan_marks(self, source: str = "") -> dict[tuple[str, str], models.ScanMark]:
        """How far each folder was read, by source and folder; of one source only if it is named."""
        found = self._rows(
            "SELECT source, folder, uidvalidity, uidnext, modseq, messages, done FROM scans WHERE ? IN ('', source)",
            source,
        )
        marks = self._made(lambda r: models.ScanMark(r[0], r[1], r[2], r[3], r[4], r[5], bool(r[6])), found)
        return {(mark.source, mark.folder): mark for mark in marks}

    def tallies(self) -> list[tuple[str, str, models.Tally]]:
        """What was counted, as (source, folder, tally); those of several folders are not added up."""
        from readdress.models.events import tally_of

        found = self._rows("SELECT source, folder, tally FROM tallies ORDER BY org, sent_to, source, folder")
        return self._made(lambda row: (row[0], row[1], tally_of(json.loads(row[2]))), found)

    def opened(self) -> list[models.OpenedMail]:
        """The messages that discovery has opened, in the order of their opening."""
        from readdress.models.events import opened_of

        return self._made(lambda row: opened_of(json.loads(row[0])), self._rows("SELECT mail FROM opened ORDER BY seq"))

    def events(self, after: int = 0, account: str = "") -> Iterator[models.Event]:
        """The log, oldest first, a page at a time: neither the writer nor memory suffers from a slow reader.

        With ``account``, its events and those of accounts that were joined into it.
        """
        from readdress.state.writing import to_event

        mine = ""
        values: list[Any] = []
        if account:
            known = self._known(account)
            values = [row[0] for row in self._rows("SELECT id FROM accounts WHERE id = ? OR joined = ?", known, known)]
            mine = f" AND account IN ({', '.join('?' * len(values))})"
        sql = f"SELECT seq, at, kind, account, data FROM events WHERE seq > ?{mine} ORDER BY seq LIMIT {_PAGE}"
        while True:
            page = self._made(to_event, self._rows(sql, after, *values))
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].seq
