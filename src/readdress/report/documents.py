"""The JSON documents of the reading commands: stable shapes, each with its name and format number (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from readdress.models import Event, MailboxConfig, Side, Wait

if TYPE_CHECKING:
    from readdress.engine.tools import Outcome
    from readdress.recipe.catalogue import Summary
    from readdress.state import Fault, Overview

FORMAT = 1


def document(name: str, **content: Any) -> dict[str, Any]:
    """A document: ``readdress`` names its kind, ``format`` its version; fields are only ever added within one format."""
    return {"readdress": name, "format": FORMAT, **content}


def when(moment: datetime | None) -> str | None:
    """ISO 8601, UTC."""
    return moment.isoformat() if moment else None


def wait_row(wait: Wait | None) -> dict[str, Any] | None:
    """What an account waits for."""
    if wait is None:
        return None
    return {
        "for": wait.kind,
        "reason": wait.reason,
        "until": when(wait.until),
        "since": when(wait.since),
        "step": wait.step,
    }


def status_document(overview: Overview) -> dict[str, Any]:
    """Where every account stands."""
    h = overview.header
    return document(
        "status",
        migration={
            "lineage": h.lineage,
            "serial": h.serial,
            "old": str(h.old),
            "new": str(h.new),
            "old_state": h.old_state.value,
            "old_until": when(overview.old_until),
            "created": when(h.created),
        },
        counts={v.value: n for v, n in overview.counts.items()},
        in_doubt=overview.in_doubt,
        accounts=[
            {
                "id": a.account,
                "service": a.service,
                "site": a.site,
                "login": a.login,
                "label": a.label,
                "closed": a.closed,
                "route": a.route,
                "verdict": a.verdict.value,
                "finished": a.verdict.finished,
                "slots": {s.value: v.value for s, v in a.slots.items()},
                "evidence": a.evidence,
                "in_doubt": a.in_doubt,
                "wait": wait_row(a.wait),
            }
            for a in overview.accounts
        ],
    )


def check_document(path: str, faults: Sequence[Fault]) -> dict[str, Any]:
    """Faults of a state file."""
    return document(
        "check",
        path=path,
        sound=not faults,
        faults=[{"kind": f.kind, "message": f.detail, "todo": f.todo} for f in faults],
    )


def log_document(events: Iterable[Event]) -> dict[str, Any]:
    """The event log."""
    rows = [
        {"seq": e.seq, "at": when(e.at), "kind": e.kind.value, "account": e.account, "data": dict(e.data)}
        for e in events
    ]
    return document("log", events=rows)


def mailboxes_document(boxes: Mapping[Side, MailboxConfig | None]) -> dict[str, Any]:
    """How both mailboxes are reached; never a secret."""
    rows: list[dict[str, Any]] = []
    for side, box in boxes.items():
        if box is None:
            rows.append({"side": side.value, "kind": "unset"})
            continue
        rows.append(
            {
                "side": side.value,
                "kind": box.kind,
                "address": box.address,
                "host": box.host,
                "port": box.port,
                "security": box.security,
                "login": box.login,
                "secret": box.secret.partition(":")[0],
                "preset": box.preset,
                "folders": list(box.folders),
            }
        )
    return document("mailboxes", mailboxes=rows)


def recipes_document(rows: Sequence[Summary]) -> dict[str, Any]:
    """What is supported, how far, and how sure that is."""
    return document(
        "recipes",
        recipes=[
            {
                "id": r.id,
                "name": {"en": r.name.en, "zh": r.name.zh},
                "category": r.category,
                "browser": r.browser,
                "proof": r.proof,
                "checked": r.checked.isoformat() if r.checked else None,
                "automatic": r.automatic,
                "steps": r.steps,
                "routes": list(r.routes),
                "grade": r.grade,
                "origin": r.origin,
                "code": r.code,
                "problem": r.problem,
            }
            for r in rows
        ],
    )


def outcome_row(outcome: Outcome) -> dict[str, Any]:
    """How a run over one account ended."""
    return {
        "account": outcome.account,
        "service": outcome.service,
        "ended": outcome.ended.value,
        "verdict": outcome.verdict.value,
        "message": outcome.message,
        "todo": outcome.todo,
        "until": when(outcome.until),
    }


def doctor_document(rows: Sequence[Any]) -> dict[str, Any]:
    """What was looked at, and what mends each fault."""
    found = [{"part": r.part, "ok": not r.fault, "message": r.message, "todo": r.todo} for r in rows]
    return document("doctor", ok=not any(r.fault for r in rows), findings=found)
