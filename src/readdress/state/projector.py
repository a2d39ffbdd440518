"""What each kind of event does to the picture; the same functions write a commit and rebuild the picture from the log."""

# ruff: noqa: S608 - only names of our own stand in the text of SQL; every value is bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from readdress.errors import UsageError
from readdress.models import Address, Event, Kind, OldState, Side, Slot, StepStatus, Verdict, is_factor
from readdress.models.events import opened_of, tally_data, tally_of
from readdress.models.inventory import merge
from readdress.state.entry import moment, stamp
from readdress.state.faults import IN_DOUBT, unknown_account
from readdress.state.rows import to_mailbox

_FREE = frozenset(  # kinds that may speak of no account in particular
    {Kind.MIGRATION_STARTED, Kind.OLD_STATE, Kind.MAILBOX_SET, Kind.RECIPE_PINNED, Kind.COPY_SEEN, Kind.NOTE, Kind.FACTOR,
     Kind.CONSENT, Kind.BOUND, Kind.LIMIT_USED, Kind.WAIT_SET, Kind.WAIT_CLEARED, Kind.SCANNED, Kind.OPENED, Kind.PROVIDER, Kind.FACT}
)  # fmt: skip

Db = sqlite3.Connection
_Project = Callable[[Db, Event, str], None]


def project(db: Db, event: Event) -> None:
    """Bring the picture up to ``event``. Raises :class:`StateError` for an unknown account, :class:`UsageError` for bad data."""
    account = event.account
    if event.kind is not Kind.ACCOUNT_ADDED and (account or event.kind not in _FREE):
        account = resolve(db, account)
    try:
        _PROJECT[event.kind](db, event, account)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise UsageError(f"An event {event.kind.value!r} is not what it should be: {error!r}.") from error


def resolve(db: Db, account: str) -> str:
    """The account that ``account`` stands for now: itself, or the one it was joined into."""
    row = db.execute("SELECT joined FROM accounts WHERE id = ?", (account,)).fetchone()
    if row is None:
        raise unknown_account(account)
    return str(row[0] or account)


def _put(db: Db, sql: str, *values: Any) -> None:
    db.execute(sql, values)


def _started(db: Db, e: Event, _: str) -> None:
    if e.seq != 1:
        raise ValueError("a migration starts once")
    old, new = str(Address.parse(e.data["old"])), str(Address.parse(e.data["new"]))
    _put(db, "INSERT INTO migration VALUES (1, ?, ?, ?, ?, 'alive', NULL)", e.data["lineage"], old, new, stamp(e.at))


def _old_state(db: Db, e: Event, _: str) -> None:
    until = moment(e.data.get("until"))
    _put(
        db, "UPDATE migration SET old_state = ?, old_until = ?", OldState(e.data["state"]).value, until and stamp(until)
    )


def _account_added(db: Db, e: Event, _: str) -> None:
    if not e.account or db.execute("SELECT 1 FROM accounts WHERE id = ?", (e.account,)).fetchone():
        raise ValueError("an account needs an id that no other one has")
    d = e.data
    values = (e.account, e.seq, str(d["service"]), d.get("site", ""), d.get("login", ""), d.get("label", ""))
    _put(db, "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, 0, '', '', 0)", *values)
    for slot in d.get("slots", ()):
        found = (e.account, Slot(slot).value, Verdict.FOUND.value, stamp(e.at), e.seq)
        _put(db, "INSERT OR IGNORE INTO slots VALUES (?, ?, ?, ?, '', 0, ?)", *found)


def _account_changed(db: Db, e: Event, account: str) -> None:
    for name in ("service", "site", "login", "label"):
        if name in e.data:
            _put(db, f"UPDATE accounts SET {name} = ? WHERE id = ?", str(e.data[name]), account)


# Tables whose rows move to the account that another one is joined into, with the rest of their key and their other columns.
_JOINS = {
    "slots": ("slot", "verdict, at, detail, doubted, seq"),
    "evidence": ("source, place, kind, digest", "sender, at, seq"),
    "steps": ("route, step", "status, attempt, armed_at, ended_at, url, marks, detail, by_whom, seq"),
    "expectations": ("mail", "route, step, attempt, armed_at, marks, until, used, seq"),
    "waits": ("", "kind, reason, step, until, since, seq"),
    "limits": ("name, seq", "at"),
    "factors": ("factor", "held, place, seq"),
    "consents": ("topic", "given, text, at, seq"),
    "bounds": ("name", "value, at, seq"),
    "facts": ("name", "value, at, seq"),
}


def _account_joined(db: Db, e: Event, account: str) -> None:
    into = resolve(db, e.data["into"])
    if into == account:
        raise ValueError("an account cannot be joined into itself")
    for table, (key, rest) in _JOINS.items():
        columns = f"{key}, {rest}" if key else rest
        newer = f"excluded.seq > {table}.seq"
        if (
            table == "slots"
        ):  # that an address is there says nothing about how far it is: "found" never replaces a verdict
            newer = "excluded.verdict <> 'found' AND (excluded.seq > slots.seq OR slots.verdict = 'found')"
        elif table == "bounds":  # first use binds, also when two turn out to be one
            newer = "excluded.seq < bounds.seq"
        update = ", ".join(f"{c} = excluded.{c}" for c in rest.split(", "))
        db.execute(
            f"INSERT INTO {table} (account, {columns}) SELECT ?, {columns} FROM {table} WHERE account = ? "
            f"ON CONFLICT (account{', ' + key if key else ''}) DO UPDATE SET {update} WHERE {newer}",
            (into, account),
        )
        _put(db, f"DELETE FROM {table} WHERE account = ?", account)
    _put(db, "UPDATE used_mail SET account = ? WHERE account = ?", into, account)
    route, doubt = db.execute("SELECT route, doubt FROM accounts WHERE id = ?", (account,)).fetchone()
    _put(db, "UPDATE accounts SET doubt = max(doubt, ?) WHERE id = ?", doubt, into)
    _put(db, "UPDATE accounts SET route = ? WHERE id = ? AND route = ''", route, into)
    _put(db, "UPDATE accounts SET joined = ? WHERE id = ? OR joined = ?", into, account, account)


def _account_closed(db: Db, e: Event, account: str) -> None:
    closed = bool(e.data.get("closed", True))
    _put(db, "UPDATE accounts SET closed = ? WHERE id = ?", int(closed), account)
    if closed:
        _put(db, "DELETE FROM waits WHERE account = ?", account)


def _evidence_found(db: Db, e: Event, account: str) -> None:
    d, at = e.data, moment(e.data.get("at"))
    key = (account, str(d["source"]), str(d["where"]), str(d.get("kind", "")), str(d.get("digest", "")))
    _put(
        db,
        "INSERT OR IGNORE INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *key,
        d.get("sender", ""),
        at and stamp(at),
        e.seq,
    )


def _slot_verdict(db: Db, e: Event, account: str) -> None:
    slot, verdict = Slot(e.data["slot"]).value, Verdict(e.data["verdict"]).value
    values = (account, slot, verdict, stamp(e.at), str(e.data.get("detail", "")), e.seq)
    _put(db, "INSERT OR REPLACE INTO slots VALUES (?, ?, ?, ?, ?, 0, ?)", *values)


def _route_chosen(db: Db, e: Event, account: str) -> None:
    _put(db, "UPDATE accounts SET route = ? WHERE id = ?", str(e.data["route"]), account)


def _marks(e: Event) -> str:
    marks = [[str(m["folder"]), int(m["uidvalidity"]), int(m["uidnext"])] for m in e.data.get("marks", ())]
    return json.dumps(marks, ensure_ascii=False)


def _step_armed(db: Db, e: Event, account: str) -> None:
    d = e.data
    key = (account, str(d["route"]), str(d["step"]), StepStatus.ARMED.value, int(d["attempt"]))
    values = (*key, stamp(e.at), str(d.get("url", "")), _marks(e), e.seq)
    _put(db, "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, '', '', ?)", *values)


def _step_ended(db: Db, e: Event, account: str) -> None:
    d = e.data
    key = (account, str(d["route"]), str(d["step"]), StepStatus(d["status"]).value, int(d["attempt"]))
    _put(
        db,
        "INSERT INTO steps VALUES (?, ?, ?, ?, ?, NULL, ?, '', '[]', ?, ?, ?) ON CONFLICT (account, route, step) DO UPDATE SET "
        "status = excluded.status, attempt = excluded.attempt, ended_at = excluded.ended_at, detail = excluded.detail, "
        "by_whom = excluded.by_whom, seq = excluded.seq",
        *(*key, stamp(e.at), str(d.get("detail", "")), str(d.get("by", "")), e.seq),
    )


def _mail_expected(db: Db, e: Event, account: str) -> None:
    d, until = e.data, moment(e.data.get("until"))
    key = (account, str(d["mail"]), str(d["route"]), str(d["step"]), int(d["attempt"]))
    values = (*key, stamp(e.at), _marks(e), until and stamp(until), e.seq)
    _put(db, "INSERT OR REPLACE INTO expectations VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)", *values)


def _mail_used(db: Db, e: Event, account: str) -> None:
    mail, digest = str(e.data["mail"]), str(e.data["digest"])
    _put(db, "INSERT OR IGNORE INTO used_mail VALUES (?, ?, ?, ?, ?)", digest, account, mail, stamp(e.at), e.seq)
    _put(db, "UPDATE expectations SET used = 1 WHERE account = ? AND mail = ?", account, mail)


def _wait_set(db: Db, e: Event, account: str) -> None:
    d, until = e.data, moment(e.data.get("until"))
    values = (
        account,
        str(d["kind"]),
        str(d["reason"]),
        str(d.get("step", "")),
        until and stamp(until),
        stamp(e.at),
        e.seq,
    )
    _put(db, "INSERT OR REPLACE INTO waits VALUES (?, ?, ?, ?, ?, ?, ?)", *values)


def _wait_cleared(db: Db, _: Event, account: str) -> None:
    _put(db, "DELETE FROM waits WHERE account = ?", account)


def _limit_used(db: Db, e: Event, account: str) -> None:
    _put(db, "INSERT INTO limits VALUES (?, ?, ?, ?)", account, str(e.data["limit"]), e.seq, stamp(e.at))


def _factor(db: Db, e: Event, account: str) -> None:
    name = str(e.data["factor"])
    if not is_factor(name):
        raise ValueError(f"{name!r} is no factor")
    values = (account, name, int(bool(e.data["held"])), str(e.data.get("where", "")), e.seq)
    _put(db, "INSERT OR REPLACE INTO factors VALUES (?, ?, ?, ?, ?)", *values)


def _consent(db: Db, e: Event, account: str) -> None:
    d = e.data
    values = (account, str(d["topic"]), int(bool(d.get("given", True))), str(d["text"]), stamp(e.at), e.seq)
    _put(db, "INSERT OR REPLACE INTO consents VALUES (?, ?, ?, ?, ?, ?)", *values)


def _bound(db: Db, e: Event, account: str) -> None:
    name, value = str(e.data["name"]), str(e.data["value"])
    if not value:  # unties it, so that a site that moved can be bound anew
        _put(db, "DELETE FROM bounds WHERE account = ? AND name = ?", account, name)
    else:  # first use binds: a later value never slips in its place
        _put(db, "INSERT OR IGNORE INTO bounds VALUES (?, ?, ?, ?, ?)", account, name, value, stamp(e.at), e.seq)


def _mailbox_set(db: Db, e: Event, _: str) -> None:
    side, config = Side(e.data["side"]).value, e.data["config"]
    if config is None:
        _put(db, "DELETE FROM mailboxes WHERE side = ?", side)
    else:
        to_mailbox(config)  # what cannot be read back is not written
        text = json.dumps(config, ensure_ascii=False, sort_keys=True)
        _put(db, "INSERT OR REPLACE INTO mailboxes VALUES (?, ?, ?)", side, text, e.seq)


def _recipe_pinned(db: Db, e: Event, _: str) -> None:
    values = (str(e.data["service"]), str(e.data["digest"]), str(e.data.get("pack", "")), e.seq)
    _put(db, "INSERT OR REPLACE INTO recipes VALUES (?, ?, ?, ?)", *values)


def _copy_seen(db: Db, e: Event, _: str) -> None:
    """Another copy may have gone further: nothing here is known to be so, or not to be so, until it was looked at again.

    A step that the person skipped had no effect, so it stays. A step without a row is in doubt too: see ``accounts.doubt``.
    """
    _put(
        db,
        "UPDATE steps SET status = 'unknown', detail = ?, seq = ? WHERE status IN ('armed', 'done', 'not_done', 'pending')",
        *(IN_DOUBT, e.seq),
    )
    _put(db, "UPDATE slots SET doubted = 1 WHERE verdict <> 'found'")
    _put(db, "UPDATE accounts SET doubt = ? WHERE joined = ''", e.seq)


def _scanned(db: Db, e: Event, _: str) -> None:
    d = e.data
    place = (str(d["source"]), str(d["folder"]))
    if d.get("restart"):
        _put(db, "DELETE FROM tallies WHERE source = ? AND folder = ?", *place)
    numbers = (
        int(d["uidvalidity"]),
        int(d["uidnext"]),
        int(d.get("modseq", 0)),
        int(d["messages"]),
        int(bool(d["done"])),
    )
    _put(db, "INSERT OR REPLACE INTO scans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *place, *numbers, stamp(e.at), e.seq)
    for data in d["tallies"]:
        tally = tally_of(data)
        key = (*place, tally.org, tally.to)
        before = db.execute(
            "SELECT tally FROM tallies WHERE source = ? AND folder = ? AND org = ? AND sent_to = ?", key
        ).fetchone()
        if before:
            tally = merge(tally_of(json.loads(before[0])), tally)
        text = json.dumps(tally_data(tally), ensure_ascii=False, sort_keys=True)
        _put(db, "INSERT OR REPLACE INTO tallies VALUES (?, ?, ?, ?, ?, ?)", *key, text, e.seq)


def _opened(db: Db, e: Event, _: str) -> None:
    mail = opened_of(e.data)
    text = json.dumps(dict(e.data), ensure_ascii=False, sort_keys=True)
    key = (mail.source, mail.folder, int(mail.uid), mail.digest)
    _put(db, "INSERT OR REPLACE INTO opened VALUES (?, ?, ?, ?, ?, ?)", *key, text, e.seq)


def _provider(db: Db, e: Event, _: str) -> None:
    until = moment(e.data.get("until"))
    service, state = str(e.data["service"]), OldState(e.data["state"]).value
    if not is_factor(f"sso:{service}"):
        raise ValueError(f"{service!r} is no service")
    _put(db, "INSERT OR REPLACE INTO providers VALUES (?, ?, ?, ?)", service, state, until and stamp(until), e.seq)


def _fact(db: Db, e: Event, account: str) -> None:
    name, value = str(e.data["name"]), str(e.data["value"])
    if not name:
        raise ValueError("a fact needs a name")
    if not value:
        _put(db, "DELETE FROM facts WHERE account = ? AND name = ?", account, name)
    else:
        _put(db, "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?)", account, name, value, stamp(e.at), e.seq)


def _note(db: Db, e: Event, _: str) -> None:
    """A note stays in the log only."""


_PROJECT: dict[Kind, _Project] = {
    Kind.MIGRATION_STARTED: _started,
    Kind.OLD_STATE: _old_state,
    Kind.ACCOUNT_ADDED: _account_added,
    Kind.ACCOUNT_CHANGED: _account_changed,
    Kind.ACCOUNT_JOINED: _account_joined,
    Kind.ACCOUNT_CLOSED: _account_closed,
    Kind.EVIDENCE_FOUND: _evidence_found,
    Kind.SLOT_VERDICT: _slot_verdict,
    Kind.ROUTE_CHOSEN: _route_chosen,
    Kind.STEP_ARMED: _step_armed,
    Kind.STEP_ENDED: _step_ended,
    Kind.MAIL_EXPECTED: _mail_expected,
    Kind.MAIL_USED: _mail_used,
    Kind.WAIT_SET: _wait_set,
    Kind.WAIT_CLEARED: _wait_cleared,
    Kind.LIMIT_USED: _limit_used,
    Kind.FACTOR: _factor,
    Kind.CONSENT: _consent,
    Kind.BOUND: _bound,
    Kind.MAILBOX_SET: _mailbox_set,
    Kind.RECIPE_PINNED: _recipe_pinned,
    Kind.COPY_SEEN: _copy_seen,
    Kind.NOTE: _note,
    Kind.SCANNED: _scanned,
    Kind.OPENED: _opened,
    Kind.PROVIDER: _provider,
    Kind.FACT: _fact,
}
