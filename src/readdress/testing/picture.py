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

IN_DOUBT = "in doubt: this is a copy of the state file, and another one may have gone further"


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
    spent: set[tuple[str, str]] = field(default_factory=set)
    seq: dict[tuple[Any, ...], int] = field(default_factory=dict)
    joined: dict[str, str] = field(default_factory=dict)
    doubted: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    providers: dict[str, tuple[OldState, datetime | None]] = field(default_factory=dict)
    facts: dict[tuple[str, str], str] = field(default_factory=dict)
    scans: dict[tuple[str, str], int] = field(default_factory=dict)

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
            raise StateError(
                f"The event {event.kind} does not fit: {error!r}.", todo="This is an error in readdress."
            ) from None
    return picture


def existing(picture: Picture, account: str) -> Account:
    """The account of that id, or the one that it was joined into. Raises :class:`StateError`."""
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
            p.seq |= {("slot", who, slot): e.seq for slot in slots}
            p.accounts[who] = Account(who, data["service"], data["site"], data["login"], data["label"], slots)
        case Kind.ACCOUNT_CHANGED if known:
            p.accounts[who] = replace(known, **data)
        case Kind.ACCOUNT_CLOSED if known:
            p.accounts[who] = replace(known, closed=bool(data.get("closed", True)))
            if p.accounts[who].closed:
                p.waits.pop(who, None)
        case Kind.ACCOUNT_JOINED if known:
            _join(p, known, existing(p, data["into"]))
        case Kind.EVIDENCE_FOUND if known:
            found = Evidence(**{**data, "at": _when(data["at"])})
            if all(_piece(found) != _piece(other) for other in known.evidence):
                p.accounts[who] = replace(known, evidence=(*known.evidence, found))
                p.seq["evidence", who, _piece(found)] = e.seq
        case Kind.SLOT_VERDICT if known:
            slot = Slot(data["slot"])
            p.seq["slot", who, slot] = e.seq
            state = SlotState(slot, Verdict(data["verdict"]), e.at, data["detail"])
            p.accounts[who] = replace(known, slots={**known.slots, slot: state})
        case Kind.ROUTE_CHOSEN:
            p.routes[who] = data["route"]
        case Kind.STEP_ARMED:
            key = (who, data["route"], data["step"])
            p.seq["step", *key] = e.seq
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
            p.seq["step", *key] = e.seq
            p.steps[key] = replace(
                p.steps.pop(key, StepRecord(*key)),
                status=StepStatus(data["status"]),
                attempt=data["attempt"],
                ended_at=e.at,
                detail=data["detail"],
                by=data["by"],
            )
        case Kind.MAIL_EXPECTED:
            p.seq["expected", who, data["mail"]] = e.seq
            p.spent.discard((who, data["mail"]))
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
            p.spent.add((who, data["mail"]))
            p.digests.add(data["digest"])
        case Kind.WAIT_SET:
            p.seq["wait", who] = e.seq
            p.waits[who] = Wait(who, data["kind"], data["reason"], data["step"], _when(data["until"]), e.at)
        case Kind.WAIT_CLEARED:
            p.waits.pop(who, None)
        case Kind.LIMIT_USED:
            p.limits.setdefault((who, data["limit"]), []).append(e.at)
        case Kind.FACTOR:
            p.seq["factor", who, data["factor"]] = e.seq
            p.factors.setdefault(who, {})[data["factor"]] = bool(data["held"])
        case Kind.CONSENT:
            p.seq["consent", who, data["topic"]] = e.seq
            p.consents[who, data["topic"]] = bool(data["given"])
        case Kind.BOUND:
            if data["value"]:  # first use binds
                if (who, data["name"]) not in p.bindings:
                    p.seq["bound", who, data["name"]] = e.seq
                p.bindings.setdefault((who, data["name"]), data["value"])
            else:
                p.bindings.pop((who, data["name"]), None)
        case Kind.MAILBOX_SET:
            _set_mailbox(p, Side(data["side"]), data["config"])
        case Kind.OLD_STATE:
            p.old_state, p.old_until = OldState(data["state"]), _when(data["until"])
        case Kind.PROVIDER:
            p.providers[data["service"]] = (OldState(data["state"]), _when(data["until"]))
        case Kind.FACT:
            p.seq["fact", who, data["name"]] = e.seq
            p.facts.pop((who, data["name"]), None)
            if data["value"]:
                p.facts[who, data["name"]] = data["value"]
        case Kind.OPENED:
            pass
        case Kind.SCANNED:  # what was counted is discovery's, which has the state file; here only how far
            p.scans[data["source"], data["folder"]] = data["uidnext"]
        case Kind.NOTE:
            p.notes.append(data["text"])
        case Kind.COPY_SEEN:
            _doubt(p, e.seq)
        case Kind.MIGRATION_STARTED | Kind.RECIPE_PINNED:
            pass  # of the file itself; they change nothing that the engine reads
        case _:
            raise ValueError("the event names no account")


def _piece(evidence: Evidence) -> tuple[str, str, str, str]:
    return evidence.source, evidence.where, evidence.kind, evidence.digest


def _join(p: Picture, gone: Account, into: Account) -> None:
    """Everything of ``gone`` is ``into``'s from now on. Where both say something the newer word counts; ``found`` never replaces more."""
    if gone.id == into.id:
        raise ValueError("an account cannot be joined into itself")
    slots = dict(into.slots)
    for slot, state in gone.slots.items():
        other = slots.get(slot)
        newer = other is None or other.verdict is Verdict.FOUND or _newer(p, "slot", gone.id, into.id, slot)
        if other is None or (state.verdict is not Verdict.FOUND and newer):
            slots[slot] = state
            p.seq["slot", into.id, slot] = p.seq["slot", gone.id, slot]
    held = {_piece(x) for x in into.evidence}
    more = [x for x in gone.evidence if _piece(x) not in held]
    rank = {_piece(x): p.seq["evidence", owner.id, _piece(x)] for owner in (gone, into) for x in owner.evidence}
    p.accounts[into.id] = replace(
        into, slots=slots, evidence=tuple(sorted([*into.evidence, *more], key=lambda x: rank[_piece(x)]))
    )
    for x in more:
        p.seq["evidence", into.id, _piece(x)] = rank[_piece(x)]
    p.joined |= {old: into.id for old, new in p.joined.items() if new == gone.id} | {gone.id: into.id}
    if not p.routes.get(into.id):
        p.routes[into.id] = p.routes.get(gone.id, "")
    tables: dict[str, dict[Any, Any]] = {
        "step": p.steps,
        "expected": p.expected,
        "consent": p.consents,
        "bound": p.bindings,
        "fact": p.facts,
    }
    for name, table in tables.items():
        for key in [k for k in table if k[0] == gone.id]:
            value, rest = table.pop(key), key[1:]
            there = (into.id, *rest) in table
            if there and _newer(p, name, gone.id, into.id, *rest) is (name == "bound"):
                continue  # a step's newer word counts; of two first uses the first
            if isinstance(value, StepRecord | Expectation):
                value = replace(value, account=into.id)
            table[(into.id, *rest)] = value
            p.seq[name, into.id, *rest] = p.seq[name, gone.id, *rest]
            if name == "expected":
                p.spent -= {(into.id, *rest)}
                p.spent |= {(into.id, *rest)} if key in p.spent else set()
    p.steps = dict(sorted(p.steps.items(), key=lambda item: p.seq["step", *item[0]]))
    for account, limit in [k for k in p.limits if k[0] == gone.id]:
        p.limits[into.id, limit] = sorted(p.limits.get((into.id, limit), []) + p.limits.pop((account, limit)))
    if gone.id in p.waits and (into.id not in p.waits or _newer(p, "wait", gone.id, into.id)):
        p.waits[into.id] = replace(p.waits[gone.id], account=into.id)
        p.seq["wait", into.id] = p.seq["wait", gone.id]
    p.waits.pop(gone.id, None)
    mine = p.factors.setdefault(into.id, {})
    for factor, has in p.factors.pop(gone.id, {}).items():
        if factor not in mine or _newer(p, "factor", gone.id, into.id, factor):
            mine[factor] = has
            p.seq["factor", into.id, factor] = p.seq["factor", gone.id, factor]
    p.doubted |= {into.id} if gone.id in p.doubted else set()


def _newer(p: Picture, table: str, gone: str, into: str, *rest: Any) -> bool:
    """Whether what is written down for ``gone`` is newer than what is for ``into``."""
    return p.seq[table, gone, *rest] > p.seq[table, into, *rest]


def _doubt(p: Picture, seq: int) -> None:
    """Another copy of the file may have gone further: what is not skipped has to be looked at again."""
    for key, record in p.steps.items():
        if record.status not in {StepStatus.SKIPPED, StepStatus.UNKNOWN}:
            p.steps[key] = replace(record, status=StepStatus.UNKNOWN, detail=IN_DOUBT)
            p.seq["step", *key] = seq
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
