"""The JSON documents of ``accounts`` and ``discover`` (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from readdress.report.documents import document, when

if TYPE_CHECKING:
    from readdress.discovery.results import Discovered, Entry
    from readdress.discovery.weigh import Candidate
    from readdress.models import Account


def accounts_document(entries: Sequence[Entry]) -> dict[str, Any]:
    """The inventory, each account with its reasons."""
    return document("accounts", accounts=[_entry(e) for e in entries])


def _entry(e: Entry) -> dict[str, Any]:
    a = e.account
    return {
        "id": a.id,
        "service": a.service,
        "name": {"en": e.name.en, "zh": e.name.zh},
        "category": e.category,
        "site": a.site,
        "login": a.login,
        "label": a.label,
        "verdict": a.verdict().value,
        "slots": [s.value for s in a.slots],
        "guided": e.guided,
        "confidence": e.confidence,
        "evidence": [
            {
                "source": x.source,
                "where": x.where,
                "kind": x.kind,
                "sender": x.sender,
                "at": when(x.at),
            }
            for x in a.evidence
        ],
        "mail": None if e.mail is None else _mail(e.mail),
    }


def _mail(c: Candidate) -> dict[str, Any]:
    return {
        "confidence": c.confidence,
        "first": when(c.first),
        "last": when(c.last),
        "counts": {kind.value: n for kind, n in c.counts.items()},
        "authentic": {kind.value: n for kind, n in c.sure.items()},
        "addresses": list(c.addresses),
        "slots": [s.value for s in c.slots],
        "logins": list(c.logins),
        "why": {"en": c.why.en, "zh": c.why.zh},
    }


def discover_document(found: Discovered, total: int) -> dict[str, Any]:
    """What a run of ``discover`` came to; ``accounts``: how many there are now."""
    return document(
        "discover",
        sources=[
            {
                "source": r.source,
                "name": r.label,
                "messages": r.messages,
                "folders": r.folders,
                "troubles": [{"where": where, "message": message} for where, message in r.troubles],
                "error": r.error.message if r.error else None,
            }
            for r in found.reads
        ],
        opened=found.opened,
        added=[_account(a) for a in found.settled.added],
        confirmed=[_account(a) for a in found.settled.grown],
        closed=found.settled.closed,
        doubtful=found.settled.doubtful,
        forged=found.settled.impostors,
        accounts=total,
        error=found.error.message if found.error else None,
    )


def _account(a: Account) -> dict[str, Any]:
    return {"id": a.id, "service": a.service, "site": a.site, "login": a.login}
