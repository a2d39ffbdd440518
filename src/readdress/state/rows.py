"""Rows of the picture turned into models. Each raises ``ValueError``, ``KeyError`` or ``TypeError`` for a row that cannot be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from readdress import models  # its names are imported when they are used: `status` needs few of them
from readdress.state.entry import moment

Row = tuple[Any, ...]

SLOT = "slot, verdict, at, detail, doubted"
EVIDENCE = "source, place, kind, sender, at, digest"
STEP = "account, route, step, status, attempt, armed_at, ended_at, url, marks, detail, by_whom"
EXPECTATION = "account, mail, route, step, attempt, armed_at, marks, until"
WAIT = "account, kind, reason, step, until, since"

SLOTS = {
    s.value: s for s in models.Slot
}  # a look-up is three times as fast as the enum's call, and a list has thousands
VERDICTS = {v.value: v for v in models.Verdict}


def to_slot(r: Row) -> models.SlotState:
    """From :data:`SLOT`."""
    at = moment(r[2])
    if at is None:
        raise ValueError("a slot without a time")
    return models.SlotState(SLOTS[r[0]], VERDICTS[r[1]], at, r[3], bool(r[4]))


def to_evidence(r: Row) -> models.Evidence:
    """From :data:`EVIDENCE`."""
    return models.Evidence(r[0], r[1], r[2], r[3], moment(r[4]), r[5])


def to_marks(text: str) -> tuple[models.Mark, ...]:
    """From the JSON list of triples in a ``marks`` column."""
    return tuple(models.Mark(str(f), int(v), int(n)) for f, v, n in json.loads(text))


def to_step(r: Row) -> models.StepRecord:
    """From :data:`STEP`."""
    return models.StepRecord(
        r[0], r[1], r[2], models.StepStatus(r[3]), r[4], moment(r[5]), moment(r[6]), r[7], to_marks(r[8]), r[9], r[10]
    )


def to_expectation(r: Row) -> models.Expectation:
    """From :data:`EXPECTATION`."""
    armed = moment(r[5])
    if armed is None:
        raise ValueError("an expectation without a time")
    return models.Expectation(r[0], r[1], r[2], r[3], r[4], armed, to_marks(r[6]), moment(r[7]))


def to_wait(r: Row) -> models.Wait:
    """From :data:`WAIT`."""
    return models.Wait(r[0], r[1], r[2], r[3], moment(r[4]), moment(r[5]))


def to_mailbox(config: Mapping[str, Any]) -> models.MailboxConfig:
    """From the JSON of a :class:`MailboxConfig`."""
    lists = {name: tuple(map(str, config.get(name, ()))) for name in ("folders", "authserv_ids")}
    return models.MailboxConfig(**{**config, **lists})
