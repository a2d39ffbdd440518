"""The written form of an event: what each kind may hold, and its JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from readdress.errors import UsageError
from readdress.models import Draft, Event, Kind

# The log holds these and nothing else, so no secret, code or message body has a place in it. A name is never changed;
# a new one raises the format number.
FIELDS: Mapping[Kind, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        Kind.MIGRATION_STARTED: "lineage old new",
        Kind.OLD_STATE: "state until",
        Kind.ACCOUNT_ADDED: "service site login label slots",
        Kind.ACCOUNT_CHANGED: "service site login label",
        Kind.ACCOUNT_JOINED: "into reason",
        Kind.ACCOUNT_CLOSED: "closed reason",
        Kind.EVIDENCE_FOUND: "source where kind sender at digest",
        Kind.SLOT_VERDICT: "slot verdict detail",
        Kind.ROUTE_CHOSEN: "route",
        Kind.STEP_ARMED: "route step attempt url marks",
        Kind.STEP_ENDED: "route step status attempt detail by",
        Kind.MAIL_EXPECTED: "mail route step attempt marks until",
        Kind.MAIL_USED: "mail digest folder uid sender",
        Kind.WAIT_SET: "kind reason step until",
        Kind.WAIT_CLEARED: "",
        Kind.LIMIT_USED: "limit",
        Kind.FACTOR: "factor held where",
        Kind.CONSENT: "topic text given",
        Kind.BOUND: "name value",
        Kind.MAILBOX_SET: "side config",
        Kind.RECIPE_PINNED: "service digest pack",
        Kind.COPY_SEEN: "status serial",
        Kind.NOTE: "text day file digest topic",
        Kind.SCANNED: "source folder uidvalidity uidnext modseq messages done restart tallies",
        Kind.OPENED: "source folder uid digest kind standing stamp sender at logins slots hosts service site",
        Kind.PROVIDER: "service state until",
        Kind.FACT: "name value",
    }.items()
}

_URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)(?:[^/?#]*@)?([^?#]*)")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_SECRET_PLACE = re.compile(r"(?:keyring|ask|oauth)?\Z|env:[A-Za-z_][A-Za-z0-9_]*\Z|command:.")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def bare_url(url: str) -> str:
    """``url`` without user, query and fragment: those are where sites put tokens."""
    found = _URL.match(url)
    return found[1] + found[2] if found else ""


def written(draft: Draft) -> str:
    """The JSON text of a draft's data. Raises :class:`UsageError` for what may not be written down."""
    data = dict(draft.data)
    strange = data.keys() - FIELDS[draft.kind]
    if strange:
        raise UsageError(f"An event {draft.kind.value!r} holds no {', '.join(sorted(map(repr, strange)))}.")
    if draft.kind is Kind.STEP_ARMED:
        data["url"] = bare_url(str(data.get("url", "")))
    elif draft.kind is Kind.MAIL_USED and not _DIGEST.match(str(data.get("digest"))):
        raise UsageError("A used mail is written down by the SHA-256 of its code or link in hex, and by nothing else.")
    elif draft.kind is Kind.MAILBOX_SET and not _SECRET_PLACE.match(str((data.get("config") or {}).get("secret", ""))):
        raise UsageError(
            "A mailbox's secret is never written down, only where it is kept.",
            todo="Say keyring, ask, env:NAME or command:… instead.",
        )
    try:
        text = _encode(data)
    except (TypeError, ValueError) as error:
        raise UsageError(f"An event {draft.kind.value!r} holds something that is no JSON: {error}.") from error
    # Half a surrogate pair (hostile headers carry them) is no text: SQLite and JSON readers would refuse it for ever after.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def to_event(row: tuple[Any, ...]) -> Event:
    """An event from ``seq, at, kind, account, data``. Raises ``ValueError`` or ``TypeError`` for what is none."""
    data = json.loads(row[4])
    if not isinstance(data, dict):
        raise TypeError(f"entry {row[0]} holds no table")
    return Event(row[0], datetime.fromisoformat(row[1]), Kind(row[2]), row[3], data)
