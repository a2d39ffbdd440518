"""What follows from a log of events, in plain Python: the fold behind the journal in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from readdress.errors import StateError
from readdress.models import (
    Account,
    Event,
    Evidence,
    Expectation,
    Kind,
    MailboxConfig,
    Mark,
    OldState,
    Side,
    Slot,
    SlotState,
    StepRecord,
    StepStatus,
    Verdict,
    Wait,
)


@dataclass
class Picture:
    """All that follows from the events. One instance is changed in place; a failed commit throws its copy away."""

    accounts: dict[str, Account] = field(default_factory=dict)
    routes: dict[str, str] = field(default_factory=dict)
    steps: dict[tuple[str, str, str], StepRecord] = field(default_factory=dict)
    expected: dict[tuple[str, str], Expectation] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)
    waits: dict[str, Wait] = field(default_factory=dict)
    limits: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    factors: dict[str, dict[str, bool]] = field(default_factory=dict)
    consents: dict[tuple[str, str], bool] = field(default_factory=dict)
    bindings: dict[tuple[str, str], str] = field(default_factory=dict)
    mailboxes: dict[Side, MailboxConfig] = field(default_factory=dict)
    old_state: OldState = OldState.ALIVE
    old_until: datetime | None = None
    joined: dict[str, str] = field(default_factory=dict)
    doubted: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def id(self, account: str) -> str:
        """The account that ``account`` stands for now: itself, or the one it was joined into."""
        return self.joined.get(account, account)


def rebuild(events: Iterable[Event]) -> Picture:
    """The picture that follows from a log. Raises :class:`StateError` for an event that does not fit."""
    picture = Picture()
    for event in events:
        try:
            _apply(picture, event)
        except (KeyError, ValueError, TypeError) as error:
            raise StateError(f"The event {event.kind} does not fit: {error!r}.", todo="This is an error in readdress.") from None
    return picture


def existing(picture: Picture, account: str) -> Account:
    try:
        return picture.accounts[picture.id(account)]
    except KeyError:
        raise StateError(f"There is no account {account!r}.", todo="Look at migrate status for the ids.") from None


def _apply(p: Picture, e: Event) -> None:
    data, who = e.data, p.id(e.account)
    known = existing(p, who) if who and e.kind is not Kind.ACCOUNT_ADDED else None
    match e.kind:
        case Kind.ACCOUNT_ADDED:
            if who in p.accounts:
                raise StateError(f"The account {who!r} is there already.", todo="This is an error in readdress.")
            slots = {Slot(s): SlotState(Slot(s), Verdict.FOUND, e.at) for s in data["slots"]}
            p.accounts[who] = Account(who, data["service"], data["site"], data["login"], data["label"], slots)
        case Kind.ACCOUNT_CHANGED if known:
            p.accounts[who] = replace(known, **data)
        case Kind.ACCOUNT_CLOSED if known:
            p.accounts[who] = replace(known, closed=bool(data.get("closed", True)))
            p.waits.pop(who, None)
        case Kind.ACCOUNT_JOINED if known:
            _join(p, known, existing(p, data["into"]))
        case Kind.EVIDENCE_FOUND if known:
            found = Evidence(**{**data, "at": _when(data["at"])})
            if all(_piece(found) != _piece(other) for other in known.evidence):
                p.accounts[who] = replace(known, evidence=(*known.evidence, found))
        case Kind.SLOT_VERDICT if known:
            slot = Slot(data["slot"])
            state = SlotState(slot, Verdict(data["verdict"]), e.at, data["detail"])
            p.accounts[who] = replace(known, slots={**known.slots, slot: state})
        case Kind.ROUTE_CHOSEN:
            p.routes[who] = data["route"]
        case Kind.STEP_ARMED:
            key = (who, data["route"], data["step"])
            p.steps.pop(key, None)  # the step last written to comes last
            p.steps[key] = StepRecord(
                *key,
                status=StepStatus.ARMED,
                attempt=data["attempt"],
                armed_at=e.at,
                url=data["url"],
                marks=_marks(data["marks"]),
            )
        case Kind.STEP_ENDED:
            key = (who, data["route"], data["step"])
            p.steps[key] = replace(
                p.steps.pop(key, StepRecord(*key)),
                status=StepStatus(data["status"]),
                attempt=data["attempt"],
                ended_at=e.at,
                detail=data["detail"],
                by=data["by"],
            )
        case Kind.MAIL_EXPECTED:
            p.expected[who, data["mail"]] = Expectation(
                who,
                data["mail"],
                data["route"],
                data["step"],
                data["attempt"],
                e.at,
                _marks(data["marks"]),
                _when(data["until"]),
            )
        case Kind.MAIL_USED:
            p.expected.pop((who, data["mail"]), None)
            p.digests.add(data["digest"])
        case Kind.WAIT_SET:
            p.waits[who] = Wait(who, data["kind"], data["reason"], data["step"], _when(data["until"]), e.at)
        case Kind.WAIT_CLEARED:
            p.waits.pop(who, None)
        case Kind.LIMIT_USED:
            p.limits.setdefault((who, data["limit"]), []).append(e.at)
        case Kind.FACTOR:
            p.factors.setdefault(who, {})[data["factor"]] = bool(data["held"])
        case Kind.CONSENT:
            p.consents[who, data["topic"]] = bool(data["given"])
        case Kind.BOUND:
            if data["value"]:  # first use binds
                p.bindings.setdefault((who, data["name"]), data["value"])
            else:
                p.bindings.pop((who, data["name"]), None)
        case Kind.MAILBOX_SET:
            _set_mailbox(p, Side(data["side"]), data["config"])
        case Kind.OLD_STATE:
            p.old_state, p.old_until = OldState(data["state"]), _when(data["until"])
        case Kind.NOTE:
            p.notes.append(data["text"])
        case Kind.COPY_SEEN:
            _doubt(p)
        case Kind.MIGRATION_STARTED | Kind.RECIPE_PINNED:
            pass  # of the file itself; they change nothing that the engine reads
        case _:
            raise ValueError("the event names no account")


def _piece(evidence: Evidence) -> tuple[str, str, str, str]:
    return evidence.source, evidence.where, evidence.kind, evidence.digest


def _join(p: Picture, gone: Account, into: Account) -> None:
    """Everything of ``gone`` is from now on ``into``'s; where both say something, a verdict beats ``found`` and a newer one an older."""
    if gone.id == into.id:
        raise ValueError("an account cannot be joined into itself")
    slots = dict(into.slots)
    for slot, state in gone.slots.items():
        other = slots.get(slot)
        newer = other is None or other.verdict is Verdict.FOUND or state.at > other.at
        if other is None or (state.verdict is not Verdict.FOUND and newer):
            slots[slot] = state
    held = {_piece(x) for x in into.evidence}
    more = tuple(x for x in gone.evidence if _piece(x) not in held)
    p.accounts[into.id] = replace(into, slots=slots, evidence=into.evidence + more)
    p.joined |= {old: into.id for old, new in p.joined.items() if new == gone.id} | {gone.id: into.id}
    p.routes.setdefault(into.id, p.routes.pop(gone.id, ""))
    tables: list[dict[Any, Any]] = [p.steps, p.expected, p.limits, p.consents, p.bindings]
    for table in tables:
        for key in [k for k in table if k[0] == gone.id]:
            value = table.pop(key)
            if isinstance(value, StepRecord | Expectation):
                value = replace(value, account=into.id)
            table.setdefault((into.id, *key[1:]), value)
    if gone.id in p.waits:
        p.waits.setdefault(into.id, replace(p.waits.pop(gone.id), account=into.id))
    p.factors[into.id] = p.factors.pop(gone.id, {}) | p.factors.get(into.id, {})
    p.doubted |= {into.id} if gone.id in p.doubted else set()


def _doubt(p: Picture) -> None:
    """Another copy of the file may have gone further: what is not skipped has to be looked at again."""
    for key, record in p.steps.items():
        if record.status is not StepStatus.SKIPPED:
            p.steps[key] = replace(record, status=StepStatus.UNKNOWN)
    for name, account in p.accounts.items():
        doubted = {s: v if v.verdict is Verdict.FOUND else replace(v, doubted=True) for s, v in account.slots.items()}
        p.accounts[name] = replace(account, slots=doubted)
    p.doubted |= set(p.accounts)


def _set_mailbox(p: Picture, side: Side, config: Mapping[str, Any] | None) -> None:
    if config is None:
        p.mailboxes.pop(side, None)
        return
    lists = {key: tuple(config[key]) for key in ("folders", "authserv_ids")}
    p.mailboxes[side] = MailboxConfig(**{**config, **lists})


def _marks(raw: Iterable[Mapping[str, Any]]) -> tuple[Mark, ...]:
    return tuple(Mark(**m) for m in raw)


def _when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
