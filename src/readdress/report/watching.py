"""The JSON document of ``watch`` (pure)."""

from __future__ import annotations

from typing import Any

from readdress.report.documents import document, wait_row, when


def watch_document(watched: Any) -> dict[str, Any]:
    """What a look came to. ``watched``: a :class:`readdress.workflow.watching.Watched`."""
    return document(
        "watch",
        at=when(watched.at),
        accounts=watched.watched,
        mailboxes=[
            {
                "side": s.side.value,
                "address": s.address,
                "messages": s.messages,
                "opened": s.opened,
                "skipped": s.skipped,
                "error": s.error.message if s.error else "",
            }
            for s in watched.seen
        ],
        proven=[_row(s) for s in watched.proven],
        stragglers=[_row(s) for s in watched.stragglers],
        passed=[{"reason": reason.value, "messages": n} for reason, n in sorted(watched.passed.items())],
        due=[{"account": w.account, **(wait_row(w) or {})} for w in watched.due],
    )


def _row(sighting: Any) -> dict[str, Any]:
    return {
        "account": sighting.account,
        "slot": sighting.slot.value,
        "kind": sighting.kind.value,
        "sender": sighting.sender,
        "at": when(sighting.at),
        "where": sighting.where,
    }
