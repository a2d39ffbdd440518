"""The tables of the present format, and what marks a file as ours."""

# ruff: noqa: S608 - only names of our own stand in the text of SQL; every value is bound

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x72646472  # "rddr", at byte 68 of the file (sqlite.org/fileformat2.html §1.3.17)
FORMAT = 2  # kept as user_version, at byte 60

LOG = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    data TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32)
);
CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER events_stay BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
"""

# Every row carries the number of the event that last wrote it (seq): of two rows, the newer one wins when accounts are joined.
# WITHOUT ROWID: one tree and so one page less to write in a commit.
PICTURE_OF_1 = """
CREATE TABLE migration (
    id INTEGER PRIMARY KEY CHECK (id = 1), lineage TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL,
    created TEXT NOT NULL, old_state TEXT NOT NULL, old_until TEXT
);
CREATE TABLE accounts (
    id TEXT PRIMARY KEY, added INTEGER NOT NULL, service TEXT NOT NULL, site TEXT NOT NULL, login TEXT NOT NULL,
    label TEXT NOT NULL, closed INTEGER NOT NULL, route TEXT NOT NULL, joined TEXT NOT NULL, doubt INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE slots (
    account TEXT, slot TEXT, verdict TEXT NOT NULL, at TEXT NOT NULL, detail TEXT NOT NULL, doubted INTEGER NOT NULL,
    seq INTEGER NOT NULL, PRIMARY KEY (account, slot)
) WITHOUT ROWID;
CREATE TABLE evidence (
    account TEXT, source TEXT, place TEXT, kind TEXT, digest TEXT, sender TEXT NOT NULL, at TEXT, seq INTEGER NOT NULL,
    PRIMARY KEY (account, source, place, kind, digest)
) WITHOUT ROWID;
CREATE TABLE steps (
    account TEXT, route TEXT, step TEXT, status TEXT NOT NULL, attempt INTEGER NOT NULL, armed_at TEXT, ended_at TEXT,
    url TEXT NOT NULL, marks TEXT NOT NULL, detail TEXT NOT NULL, by_whom TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (account, route, step)
) WITHOUT ROWID;
CREATE TABLE expectations (
    account TEXT, mail TEXT, route TEXT NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL, armed_at TEXT NOT NULL,
    marks TEXT NOT NULL, until TEXT, used INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (account, mail)
) WITHOUT ROWID;
CREATE TABLE used_mail (
    digest TEXT PRIMARY KEY, account TEXT NOT NULL, mail TEXT NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE waits (
    account TEXT PRIMARY KEY, kind TEXT NOT NULL, reason TEXT NOT NULL, step TEXT NOT NULL, until TEXT, since TEXT NOT NULL,
    seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE limits (account TEXT, name TEXT, seq INTEGER, at TEXT NOT NULL, PRIMARY KEY (account, name, seq)) WITHOUT ROWID;
CREATE TABLE factors (
    account TEXT, factor TEXT, held INTEGER NOT NULL, place TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (account, factor)
) WITHOUT ROWID;
CREATE TABLE consents (
    account TEXT, topic TEXT, given INTEGER NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (account, topic)
) WITHOUT ROWID;
CREATE TABLE bounds (
    account TEXT, name TEXT, value TEXT NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (account, name)
) WITHOUT ROWID;
CREATE TABLE mailboxes (side TEXT PRIMARY KEY, config TEXT NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE recipes (service TEXT PRIMARY KEY, digest TEXT NOT NULL, pack TEXT NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
"""

# What format 2 brought: how far mail was read and what was counted in it, what is left of sign-in providers, facts the person stated.
ADDED_BY_2 = """
CREATE TABLE scans (
    source TEXT, folder TEXT, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL, modseq INTEGER NOT NULL,
    messages INTEGER NOT NULL, done INTEGER NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (source, folder)
) WITHOUT ROWID;
CREATE TABLE tallies (
    source TEXT, folder TEXT, org TEXT, sent_to TEXT, tally TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (source, folder, org, sent_to)
) WITHOUT ROWID;
CREATE TABLE opened (
    source TEXT, folder TEXT, uid INTEGER, digest TEXT, mail TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (source, folder, uid, digest)
) WITHOUT ROWID;
CREATE TABLE providers (service TEXT PRIMARY KEY, state TEXT NOT NULL, until TEXT, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (
    account TEXT, name TEXT, value TEXT NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (account, name)
) WITHOUT ROWID;
"""
PICTURE = PICTURE_OF_1 + ADDED_BY_2

TABLES = (
    "migration", "accounts", "slots", "evidence", "steps", "expectations", "used_mail", "waits", "limits", "factors",
    "consents", "bounds", "mailboxes", "recipes", "scans", "tallies", "opened", "providers", "facts",
)  # fmt: skip


def run(db: sqlite3.Connection, script: str) -> None:
    """Run statements one by one inside the present transaction (``executescript`` would commit it)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""


def make_tables(db: sqlite3.Connection) -> None:
    """The log and an empty picture, marked as ours."""
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {FORMAT}")
    run(db, LOG)
    run(db, PICTURE)


def dump(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """The whole picture, to be compared: table → rows in a fixed order."""
    return {t: sorted(db.execute(f"SELECT * FROM {t}").fetchall(), key=repr) for t in TABLES}
