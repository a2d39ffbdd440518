"""The events of the log: what can happen to a migration, and the shape of what is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from readdress.models.account import Evidence, MailboxConfig
from readdress.models.inventory import MailKind, OpenedMail, ScanMark, Tally, Witness
from readdress.models.mail import Mark
from readdress.models.words import OldState, Side, Slot, StepStatus, Verdict


class Kind(StrEnum):
    """Kinds of event. A name that stands in a state file is never renamed; a new one raises the format number."""

    MIGRATION_STARTED = "migration_started"
    OLD_STATE = "old_state"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_JOINED = "account_joined"
    ACCOUNT_CLOSED = "account_closed"
    EVIDENCE_FOUND = "evidence_found"
    SLOT_VERDICT = "slot_verdict"
    ROUTE_CHOSEN = "route_chosen"
    STEP_ARMED = "step_armed"
    STEP_ENDED = "step_ended"
    MAIL_EXPECTED = "mail_expected"
    MAIL_USED = "mail_used"
    WAIT_SET = "wait_set"
    WAIT_CLEARED = "wait_cleared"
    LIMIT_USED = "limit_used"
    FACTOR = "factor"
    CONSENT = "consent"
    BOUND = "bound"
    MAILBOX_SET = "mailbox_set"
    RECIPE_PINNED = "recipe_pinned"
    COPY_SEEN = "copy_seen"
    NOTE = "note"
    SCANNED = "scanned"
    OPENED = "opened"
    PROVIDER = "provider"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it is committed: no number and no time yet. ``data`` is JSON."""

    kind: Kind
    account: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log. ``seq`` counts from 1 without gaps; ``at`` is aware UTC."""

    seq: int
    at: datetime
    kind: Kind
    account: str
    data: Mapping[str, Any]


def _marks(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    return [asdict(m) for m in marks]


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def account_added(
    account: str, service: str, *, site: str = "", login: str = "", label: str = "", slots: Sequence[Slot] = ()
) -> Draft:
    """A login at a service is known from now on; each of ``slots`` starts as ``found``."""
    data = {"service": service, "site": site, "login": login, "label": label, "slots": [s.value for s in slots]}
    return Draft(Kind.ACCOUNT_ADDED, account, data)


def account_changed(account: str, **attributes: str) -> Draft:
    """``service``, ``site``, ``login`` or ``label`` is now known better."""
    return Draft(Kind.ACCOUNT_CHANGED, account, dict(attributes))


def evidence_found(account: str, evidence: Evidence) -> Draft:
    """One more reason to think that the account is there."""
    data = asdict(evidence) | {"at": _when(evidence.at)}
    return Draft(Kind.EVIDENCE_FOUND, account, data)


def slot_verdict(account: str, slot: Slot, verdict: Verdict, detail: str = "") -> Draft:
    """A slot is that far now; a verdict may also fall."""
    return Draft(Kind.SLOT_VERDICT, account, {"slot": slot.value, "verdict": verdict.value, "detail": detail})


def route_chosen(account: str, route: str) -> Draft:
    """The account goes this way from now on."""
    return Draft(Kind.ROUTE_CHOSEN, account, {"route": route})


def step_armed(
    account: str, route: str, step: str, *, attempt: int, url: str = "", marks: Sequence[Mark] = ()
) -> Draft:
    """The act is about to happen: written before it does."""
    data = {"route": route, "step": step, "attempt": attempt, "url": url, "marks": _marks(marks)}
    return Draft(Kind.STEP_ARMED, account, data)


def step_ended(
    account: str, route: str, step: str, status: StepStatus, *, attempt: int, detail: str = "", by: str = "engine"
) -> Draft:
    """A look, a mail or the person said how the step ended."""
    data = {"route": route, "step": step, "status": status.value, "attempt": attempt, "detail": detail, "by": by}
    return Draft(Kind.STEP_ENDED, account, data)


def mail_expected(
    account: str, mail: str, *, route: str, step: str, attempt: int, marks: Sequence[Mark], until: datetime | None
) -> Draft:
    """The act of ``step`` asks the service for this mail; replaces an earlier expectation of the same mail."""
    data = {
        "mail": mail,
        "route": route,
        "step": step,
        "attempt": attempt,
        "marks": _marks(marks),
        "until": _when(until),
    }
    return Draft(Kind.MAIL_EXPECTED, account, data)


def mail_used(account: str, mail: str, digest: str, *, folder: str = "", uid: int = 0, sender: str = "") -> Draft:
    """A code or link was released; ``digest`` (SHA-256 of it, hex) keeps it from being used twice."""
    return Draft(
        Kind.MAIL_USED, account, {"mail": mail, "digest": digest, "folder": folder, "uid": uid, "sender": sender}
    )


def wait_set(account: str, kind: str, reason: str, *, step: str = "", until: datetime | None = None) -> Draft:
    """The account waits for a person, a time or a mail."""
    return Draft(Kind.WAIT_SET, account, {"kind": kind, "reason": reason, "step": step, "until": _when(until)})


def wait_cleared(account: str) -> Draft:
    """The account waits for nothing any more."""
    return Draft(Kind.WAIT_CLEARED, account)


def limit_used(account: str, limit: str) -> Draft:
    """One of the service's so-many-a-week was spent."""
    return Draft(Kind.LIMIT_USED, account, {"limit": limit})


def factor(name: str, *, held: bool, account: str = "", where: str = "") -> Draft:
    """The person holds a factor or no longer does; no account: for all of them. ``where`` says where a session lives."""
    return Draft(Kind.FACTOR, account, {"factor": name, "held": held, "where": where})


def consent(account: str, topic: str, text: str, *, given: bool = True) -> Draft:
    """The person agreed by name to ``topic`` after reading ``text``, or took it back."""
    return Draft(Kind.CONSENT, account, {"topic": topic, "text": text, "given": given})


def bound(account: str, name: str, value: str) -> Draft:
    """First use ties ``name`` (``sender``, ``host``) of an account's site to ``value``."""
    return Draft(Kind.BOUND, account, {"name": name, "value": value})


def mailbox_set(side: Side, config: MailboxConfig | None) -> Draft:
    """How the mailbox of that side is reached; ``None``: not at all."""
    return Draft(Kind.MAILBOX_SET, "", {"side": side.value, "config": asdict(config) if config else None})


def old_state(state: OldState, until: datetime | None = None) -> Draft:
    """What is left of the old mailbox, and until when."""
    return Draft(Kind.OLD_STATE, "", {"state": state.value, "until": _when(until)})


def note(
    text: str, account: str = "", *, day: datetime | None = None, file: str = "", digest: str = "", topic: str = ""
) -> Draft:
    """Something worth keeping. ``day``: when it happened; ``file`` and ``digest`` (SHA-256, hex): an attachment; ``topic``: what it is about."""
    data: dict[str, Any] = {"text": text}
    more = {"day": _when(day), "file": file, "digest": digest, "topic": topic}
    return Draft(Kind.NOTE, account, data | {name: value for name, value in more.items() if value})


def account_joined(account: str, into: str, reason: str = "") -> Draft:
    """``account`` turned out to be the same as ``into``: from now on it is part of that one."""
    return Draft(Kind.ACCOUNT_JOINED, account, {"into": into, "reason": reason})


def account_closed(account: str, reason: str = "", *, closed: bool = True) -> Draft:
    """The account is gone, or the person does not care for it any more; ``closed=False`` opens it again."""
    return Draft(Kind.ACCOUNT_CLOSED, account, {"closed": closed, "reason": reason})


def provider_state(service: str, state: OldState, until: datetime | None = None) -> Draft:
    """What is left of signing in through ``service`` (``sso:<service>``), and until when."""
    return Draft(Kind.PROVIDER, "", {"service": service, "state": state.value, "until": _when(until)})


def fact(name: str, value: str, account: str = "") -> Draft:
    """Something the person said, by name (``value``, ``since``, ``told:ADDRESS``); an empty ``value`` takes it back."""
    return Draft(Kind.FACT, account, {"name": name, "value": value})


def scanned(mark: ScanMark, tallies: Sequence[Tally], *, restart: bool = False) -> Draft:
    """A folder was read up to ``mark``, and ``tallies`` are what came to what was counted before.

    ``restart``: the folder is not the one that was read before (its UIDVALIDITY changed): what was counted in it does not count any more.
    """
    data = asdict(mark) | {"restart": restart, "tallies": [tally_data(t) for t in tallies]}
    return Draft(Kind.SCANNED, "", data)


def opened(mail: OpenedMail) -> Draft:
    """Discovery opened a message, and this is what it showed."""
    return Draft(Kind.OPENED, "", asdict(mail) | {"kind": mail.kind.value, "at": _when(mail.at)})


def opened_of(data: Mapping[str, Any]) -> OpenedMail:
    """The opposite of :func:`opened`. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for what is none."""
    lists = {name: tuple(map(str, data[name])) for name in ("logins", "slots", "hosts")}
    return OpenedMail(**{**data, **lists, "kind": MailKind(data["kind"]), "at": _moment(data["at"])})


def tally_data(tally: Tally) -> dict[str, Any]:
    """A tally as JSON; :func:`tally_of` reads it again."""
    return {
        "org": tally.org,
        "to": tally.to,
        "counts": {k.value: n for k, n in tally.counts.items()},
        "sure": {k.value: n for k, n in tally.sure.items()},
        "listed": tally.listed,
        "first": _when(tally.first),
        "last": _when(tally.last),
        "senders": list(tally.senders),
        "names": list(tally.names),
        "logins": list(tally.logins),
        "witnesses": [
            [w.folder, w.uid, _when(w.at), w.sender, w.kind.value, w.digest, int(w.sure)] for w in tally.witnesses
        ],
    }


def tally_of(data: Mapping[str, Any]) -> Tally:
    """The tally that :func:`tally_data` wrote. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for what is none."""
    return Tally(
        str(data["org"]),
        str(data["to"]),
        counts={MailKind(k): int(n) for k, n in data["counts"].items()},
        sure={MailKind(k): int(n) for k, n in data["sure"].items()},
        listed=int(data["listed"]),
        first=_moment(data["first"]),
        last=_moment(data["last"]),
        senders=tuple(map(str, data["senders"])),
        names=tuple(map(str, data["names"])),
        logins=tuple(map(str, data["logins"])),
        witnesses=tuple(
            Witness(str(folder), int(uid), _moment(at), str(sender), MailKind(kind), str(digest), bool(sure))
            for folder, uid, at, sender, kind, digest, sure in data["witnesses"]
        ),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
