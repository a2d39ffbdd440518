"""The state as one JSON document for people and scripts: every event, and the current picture."""

# ruff: noqa: S608, SLF001 - names in SQL are our own; this is one adapter, cut into modules

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from readdress.models import Account, Side
from readdress.state.entry import stamp
from readdress.state.reads import Reads

EXPORT_FORMAT = 1


def export_document(state: Reads) -> dict[str, Any]:
    """The document. Its shape is promised for ``format`` 1: names are only added.

    ::

        {"readdress": "state", "format": 1,
         "migration": {"lineage", "serial", "old", "new", "created", "old_state", "old_until"},
         "mailboxes": {"old": {…} or null, "new": …},       as MailboxConfig; "secret" names a place, never a secret
         "factors": [{"account", "factor", "held", "where"}],                account "": held for all
         "accounts": [{"id", "service", "site", "login", "label", "closed", "route", "joined": [ids], "verdict",
                       "slots": [{"slot", "verdict", "at", "detail", "doubted"}],
                       "evidence": [{"source", "where", "kind", "sender", "at", "digest"}],
                       "steps": [{"route", "step", "status", "attempt", "armed_at", "ended_at", "url", "marks", "detail", "by"}],
                       "wait": {"kind", "reason", "step", "until", "since"} or null}],
         "expectations": [{"account", "mail", "route", "step", "attempt", "armed_at", "marks", "until", "used"}],
         "limits": [{"account", "limit", "at"}], "consents": [{"account", "topic", "given", "text", "at"}],
         "bounds": [{"account", "name", "value", "at"}], "used_mail": [{"digest", "account", "mail", "at"}],
         "recipes": [{"service", "digest", "pack"}],
         "providers": [{"service", "state", "until"}], "facts": [{"account", "name", "value", "at"}],
         "scans": [{"source", "folder", "uidvalidity", "uidnext", "modseq", "messages", "done", "at"}],
         "tallies": [{"source", "folder", "org", "to", "counts", "sure", "listed", "first", "last", "senders", "names", "logins",
                      "witnesses"}],
         "opened": [{"source", "folder", "uid", "digest", "kind", "standing", "stamp", "sender", "at", "logins", "slots", "hosts", "service",
                     "site"}],
         "events": [{"seq", "at", "kind", "account", "data", "digest"}]}

    Times are UTC, ISO 8601 with microseconds, or null; marks are ``[folder, uidvalidity, uidnext]``. Nothing in it is secret
    except what the log itself is: addresses, services and logins.
    """
    ask = state._rows
    with state._moment():
        header, (old_state, until) = state.header(), state.old_state()
        joined: dict[str, list[str]] = {}
        for into, account in ask("SELECT joined, id FROM accounts WHERE joined <> '' ORDER BY added"):
            joined.setdefault(into, []).append(account)
        routes: dict[str, str] = dict(ask("SELECT id, route FROM accounts"))
        waits = {w.account: w for w in state.waits()}
        steps: dict[str, list[dict[str, Any]]] = {}
        columns = "account, route, step, status, attempt, armed_at, ended_at, url, marks, detail, by_whom"
        for account, *rest, marks, detail, by in ask(f"SELECT {columns} FROM steps ORDER BY seq"):
            names = ("route", "step", "status", "attempt", "armed_at", "ended_at", "url")
            step = dict(zip(names, rest, strict=True)) | {"marks": json.loads(marks), "detail": detail, "by": by}
            steps.setdefault(account, []).append(step)

        def one(account: Account) -> dict[str, Any]:
            wait = waits.get(account.id)
            return {
                "id": account.id,
                "service": account.service,
                "site": account.site,
                "login": account.login,
                "label": account.label,
                "closed": account.closed,
                "route": routes[account.id],
                "joined": joined.get(account.id, []),
                "verdict": account.verdict().value,
                "slots": [
                    {
                        "slot": s.slot.value,
                        "verdict": s.verdict.value,
                        "at": stamp(s.at),
                        "detail": s.detail,
                        "doubted": s.doubted,
                    }
                    for s in account.slots.values()
                ],
                "evidence": [
                    {
                        "source": e.source,
                        "where": e.where,
                        "kind": e.kind,
                        "sender": e.sender,
                        "at": _time(e.at),
                        "digest": e.digest,
                    }
                    for e in account.evidence
                ],
                "steps": steps.get(account.id, []),
                "wait": wait
                and {
                    "kind": wait.kind,
                    "reason": wait.reason,
                    "step": wait.step,
                    "until": _time(wait.until),
                    "since": _time(wait.since),
                },
            }

        def table(name: str, columns: str, *names: str) -> list[dict[str, Any]]:
            found = ask(f"SELECT {columns} FROM {name} ORDER BY seq")
            return [dict(zip(names or columns.split(", "), row, strict=True)) for row in found]

        expectations = table("expectations", "account, mail, route, step, attempt, armed_at, marks, until, used")
        for e in expectations:
            e["marks"], e["used"] = json.loads(e["marks"]), bool(e["used"])
        factors = table("factors", "account, factor, held, place", "account", "factor", "held", "where")
        consents = table("consents", "account, topic, given, text, at")
        for row in factors:
            row["held"] = bool(row["held"])
        for row in consents:
            row["given"] = bool(row["given"])
        events = [
            {"seq": s, "at": at, "kind": k, "account": a, "data": json.loads(data), "digest": bytes(digest).hex()}
            for s, at, k, a, data, digest in ask("SELECT seq, at, kind, account, data, digest FROM events ORDER BY seq")
        ]
        return {
            "readdress": "state",
            "format": EXPORT_FORMAT,
            "migration": {
                "lineage": header.lineage,
                "serial": header.serial,
                "old": str(header.old),
                "new": str(header.new),
                "created": stamp(header.created),
                "old_state": old_state,
                "old_until": _time(until),
            },
            "mailboxes": {side.value: _mailbox(state, side) for side in Side},
            "factors": factors,
            "accounts": [one(a) for a in state.accounts()],
            "expectations": expectations,
            "limits": table("limits", "account, name, at", "account", "limit", "at"),
            "consents": consents,
            "bounds": table("bounds", "account, name, value, at"),
            "used_mail": table("used_mail", "digest, account, mail, at"),
            "recipes": table("recipes", "service, digest, pack"),
            "providers": table("providers", "service, state, until"),
            "facts": table("facts", "account, name, value, at"),
            "scans": [
                row | {"done": bool(row["done"])}
                for row in table("scans", "source, folder, uidvalidity, uidnext, modseq, messages, done, at")
            ],
            "tallies": [
                {"source": row["source"], "folder": row["folder"]} | json.loads(row["tally"])
                for row in table("tallies", "source, folder, tally")
            ],
            "opened": [json.loads(row["mail"]) for row in table("opened", "mail")],
            "events": events,
        }


def _time(moment: datetime | None) -> str | None:
    return stamp(moment) if moment else None


def _mailbox(state: Reads, side: Side) -> dict[str, Any] | None:
    from dataclasses import asdict

    config = state.mailbox(side)
    if config is None:
        return None
    return asdict(config) | {"folders": list(config.folders), "authserv_ids": list(config.authserv_ids)}
