"""The overview that `migrate status` shows: every account in one line, in a fixed number of statements."""

# ruff: noqa: S608, SLF001 - names in SQL are our own; this is one adapter, cut into modules

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from readdress.models import Header, Slot, StepStatus, Verdict, Wait
from readdress.state import rows as r
from readdress.state.reads import Reads


class Line(NamedTuple):
    """One account. ``verdict``: its weakest slot; ``in_doubt``: steps armed or unknown, and slots to be looked at again."""

    account: str
    service: str
    site: str
    login: str
    label: str
    closed: bool
    route: str
    verdict: Verdict
    slots: Mapping[Slot, Verdict]
    evidence: int
    in_doubt: int
    wait: Wait | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole migration at a glance. ``counts``: open accounts by verdict; ``waits``: the migration's own included."""

    header: Header
    old_until: datetime | None
    accounts: tuple[Line, ...]
    counts: Mapping[Verdict, int]
    closed: int
    in_doubt: int
    waits: tuple[Wait, ...]


_DOUBTED = f"""
SELECT account, count(*) FROM (
    SELECT account FROM steps WHERE status IN ('{StepStatus.ARMED.value}', '{StepStatus.UNKNOWN.value}')
    UNION ALL SELECT account FROM slots WHERE doubted
) GROUP BY account
"""


def read_overview(state: Reads) -> Overview:
    """Read it in one moment."""
    ask = state._rows
    with state._moment():
        header, (_, until) = state.header(), state.old_state()
        slot_rows = ask("SELECT account, slot, verdict FROM slots")
        evidence: dict[str, int] = dict(ask("SELECT account, count(*) FROM evidence GROUP BY account"))
        doubted: dict[str, int] = dict(ask(_DOUBTED))
        waits = {w.account: w for w in state.waits()}
        found = ask(
            "SELECT id, service, site, login, label, closed, route FROM accounts WHERE joined = '' ORDER BY added"
        )
    slots: dict[str, dict[Slot, Verdict]] = {}

    def keep(row: r.Row) -> None:
        slots.setdefault(row[0], {})[r.SLOTS[row[1]]] = r.VERDICTS[row[2]]

    def line(row: r.Row) -> Line:
        id_ = row[0]
        mine = slots.get(id_, {})
        weakest = min(mine.values(), key=_order, default=Verdict.FOUND)
        counts = evidence.get(id_, 0), doubted.get(id_, 0)
        return Line(id_, row[1], row[2], row[3], row[4], bool(row[5]), row[6], weakest, mine, *counts, waits.get(id_))

    state._made(keep, slot_rows)
    lines = tuple(state._made(line, found))
    counts = dict.fromkeys(Verdict, 0)
    for one in lines:
        if not one.closed:
            counts[one.verdict] += 1
    return Overview(
        header=header,
        old_until=until,
        accounts=lines,
        counts={v: n for v, n in counts.items() if n},
        closed=sum(one.closed for one in lines),
        in_doubt=sum(1 for one in lines if one.in_doubt),
        waits=tuple(waits.values()),
    )


_ORDER = {v: v.order for v in Verdict}


def _order(verdict: Verdict) -> tuple[int, bool]:
    return _ORDER[verdict]
