"""From tallies and opened messages to accounts: what each message is worth, what it all adds up to, and which messages to open next.

Weights. A message is worth the chance that only somebody with an account gets one like it, times how sure its sender is. Independent messages are
combined as doubts: confidence is 1 minus the product of what each leaves in doubt.

========================  ==============  =====================================================================
kind, by header alone     worth           why
========================  ==============  =====================================================================
security notice           0.92            an event of an account; a code 0.85 and a welcome 0.85 likewise
statement                 0.60            the word is borrowed by advertisements
reset                     0.50            also sent to say that there is no account
verification              0.35            anybody can type an address into a form
receipt                   0.30            guests get receipts too
other, newsletter         0.02            once in all, however many
personal                  0
========================  ==============  =====================================================================

An opened message is worth 0.97 where its text proves an account, 0.3 where it hints at one, nothing where it says nothing.
Factors for the sender: 1 where the mailbox's provider vouched for an aligned signature; 0.75 where only a relay's passed, or
the mail is older than anything it ever vouched for; 0.55 where nothing passed and nothing failed; 0.2 where its stamp is missing though it stamps; 0 where a check failed. Mail that was
not opened and not vouched for counts 0.45, and once, so that a thousand forged notices are worth no more than one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from readdress.discovery.candidates import ENOUGH, Candidate, Knowledge, Opened, ServiceHint, Stamp
from readdress.discovery.domains import is_freemail
from readdress.discovery.impostors import impostor_of
from readdress.discovery.reading import Standing
from readdress.discovery.reasons import reason
from readdress.discovery.recipients import counts_for_person
from readdress.discovery.senders import is_role
from readdress.models.inventory import MailKind, Tally, Witness, best
from readdress.models.words import Slot

__all__ = ["ENOUGH", "Candidate", "Knowledge", "Opened", "ServiceHint", "Stamp", "wants_opening", "weigh"]

WITNESSES_SHOWN = 5
OPEN_MOST = 6
"""Messages of one candidate that are opened at most."""

_WORTH: Mapping[MailKind, float] = {
    MailKind.SECURITY: 0.92,
    MailKind.WELCOME: 0.85,
    MailKind.CODE: 0.85,
    MailKind.STATEMENT: 0.6,
    MailKind.RESET: 0.5,
    MailKind.VERIFICATION: 0.35,
    MailKind.RECEIPT: 0.3,
    MailKind.CLOSED: 0.3,
}
_OPENED: Mapping[Standing, float] = {Standing.PROOF: 0.97, Standing.HINT: 0.3, Standing.NONE: 0.0, Standing.CLOSED: 0.3}
_CROWD = 0.02
_AGREE = 0.55
_REPEAT, _REPEATS = 0.25, 8
_UNSURE_HEADER = 0.45
_AS_ITS_LIKE = 0.15
_STRONG = frozenset({MailKind.SECURITY, MailKind.WELCOME, MailKind.CODE})
_ALIVE = _STRONG | {MailKind.STATEMENT, MailKind.RESET, MailKind.RECEIPT}
_SLOT_OF: Mapping[MailKind, Slot] = {
    MailKind.SECURITY: Slot.SIGN_IN,
    MailKind.WELCOME: Slot.SIGN_IN,
    MailKind.CODE: Slot.SIGN_IN,
    MailKind.RESET: Slot.SIGN_IN,
    MailKind.VERIFICATION: Slot.SIGN_IN,
    MailKind.RECEIPT: Slot.BILLING,
    MailKind.STATEMENT: Slot.BILLING,
    MailKind.NEWSLETTER: Slot.NEWSLETTER,
}


@dataclass(slots=True)
class _Group:
    hint: ServiceHint | None
    tallies: list[Tally] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)


def weigh(
    tallies: Iterable[Tally],
    knowledge: Knowledge | None = None,
    opened: Iterable[Opened] = (),
    *,
    stamped_since: datetime | None = None,
) -> list[Candidate]:
    """The candidates that the mail speaks for, most certain first; :attr:`Candidate.believed` are the accounts.

    ``tallies``: of all sources. ``opened``: messages opened so far; weigh again after opening more. ``stamped_since``: when the mailbox's
    provider began to stamp Authentication-Results; by default the date of the oldest message that it vouched for (None: it never did, so that
    a missing stamp says nothing). Mail to somebody else, from people and from mail systems makes no candidate. Pure.
    """
    tallies = list(tallies)
    opened = list(opened)
    era = stamped_since or min((w.at for t in tallies for w in t.witnesses if w.sure and w.at), default=None)
    groups: dict[str, _Group] = {}
    place: dict[tuple[str, int, str], str] = {}
    for tally in tallies:
        if not counts_for_person(tally.to) or not tally.org:
            continue
        hint = _hint(knowledge, tally)
        if hint is None and is_freemail(tally.org):
            tally = _service_mail_only(tally)  # noqa: PLW2901 - the rest of it is people's
        key = (hint.account or hint.id) if hint else tally.org
        group = groups.setdefault(key, _Group(hint))
        group.tallies.append(tally)
        place.update({(w.folder, w.uid, w.digest): key for w in tally.witnesses})
    for one in opened:
        found = place.get((one.witness.folder, one.witness.uid, one.witness.digest))
        if found is not None:
            groups[found].opened.append(one)
    candidates = [_candidate(key, group, era) for key, group in groups.items()]
    return sorted((c for c in candidates if c is not None), key=lambda c: (-c.confidence, c.service))


def wants_opening(candidate: Candidate) -> list[Witness]:
    """The messages to open before this candidate is decided, best first; empty when enough is known or nothing can be learnt.

    A candidate needs none when two authentic kinds of account mail speak for it and none for its end. Where only newsletters that
    can be unsubscribed and people wrote, opening would tell nothing.
    """
    return list(candidate.pending)


def _hint(knowledge: Knowledge | None, tally: Tally) -> ServiceHint | None:
    if knowledge is None:
        return None
    for sender in tally.senders or ("",):
        hint = knowledge.service_of(tally.org, sender)
        if hint is not None:
            return hint
    return None


def _service_mail_only(tally: Tally) -> Tally:
    """At a provider of free mail only addresses that name a function speak for the provider itself."""
    kept = tuple(w for w in tally.witnesses if is_role(w.sender.partition("@")[0]))
    return Tally(
        tally.org,
        tally.to,
        counts=Counter(w.kind for w in kept),
        sure=Counter(w.kind for w in kept if w.sure),
        first=min((w.at for w in kept if w.at), default=None),
        last=max((w.at for w in kept if w.at), default=None),
        senders=tuple(dict.fromkeys(w.sender for w in kept)),
        witnesses=kept,
    )


def _candidate(key: str, group: _Group, era: datetime | None) -> Candidate | None:
    counts: Counter[MailKind] = Counter()
    sure: Counter[MailKind] = Counter()
    to: Counter[str] = Counter()
    for tally in group.tallies:
        counts.update(tally.counts)
        sure.update(tally.sure)
        to[tally.to] += sum(tally.counts.values())
    if not any(kind is not MailKind.PERSONAL and number for kind, number in counts.items()):
        return None
    sites = tuple(dict.fromkeys([*(t.org for t in group.tallies), *(group.hint.domains if group.hint else ())]))
    names = tuple(dict.fromkeys(name for t in group.tallies for name in t.names))
    fake = (
        next((b for t in group.tallies if (b := impostor_of(t.org, t.names, own=sites[1:] if group.hint else ()))), "")
        if not group.hint
        else ""
    )
    worth = {id(one): _worth_of(one, era, sites) for one in group.opened}
    doubt = 1.0
    for one in sorted(group.opened, key=lambda o: -worth[id(o)]):
        doubt *= 1 - worth[id(one)]
    hinting = {o.reading.kind for o in group.opened if o.reading.standing is Standing.HINT and o.stamp is Stamp.PASS}
    if len(hinting) > 1:
        doubt *= _AGREE  # two kinds of mail that each speak for an account are more than one of them twice
    doubt *= _unopened(group, counts, sure, era)
    confidence = round((1 - doubt) * (0.1 if fake else 1.0), 3)
    witnesses = _witnesses(group)
    closed = _closed(group, witnesses, worth)
    slots = _slots(counts, group.opened)
    logins = Counter(
        login
        for one in group.opened
        if worth[id(one)] > 0 or one.reading.standing is Standing.CLOSED
        for login in one.reading.logins
    )
    for tally in group.tallies:
        logins.update(tally.logins)
    addresses = tuple(tag for tag, _ in to.most_common())
    first = min((t.first for t in group.tallies if t.first), default=None)
    last = max((t.last for t in group.tallies if t.last), default=None)
    kept = tuple(login for login, _ in logins.most_common(4))
    return Candidate(
        service=key,
        known=group.hint is not None,
        sites=sites,
        confidence=confidence,
        counts=dict(counts),
        sure=dict(sure),
        first=first,
        last=last,
        addresses=addresses,
        slots=slots,
        logins=kept,
        witnesses=witnesses[:WITNESSES_SHOWN],
        why=reason(
            counts,
            sure,
            last,
            addresses,
            kept,
            [o.reading.standing for o in group.opened if worth[id(o)] > 0 or o.reading.standing is Standing.CLOSED],
            closed,
            fake,
        ),
        closed=closed,
        impostor=fake,
        names=names,
        pending=_pending(group, witnesses, counts, sure, fake),
    )


def _old(at: datetime | None, era: datetime | None) -> bool:
    """Whether the provider did not stamp yet, so that a missing stamp says nothing."""
    return era is None or (at is not None and at < era)


def _worth_of(one: Opened, era: datetime | None, sites: Sequence[str]) -> float:
    worth = _OPENED[one.reading.standing]
    if one.stamp is Stamp.PASS:
        return worth
    if one.hosts and not any(host in sites for host in one.hosts):
        return 0.0  # not vouched for, and every link leads elsewhere
    if one.stamp is Stamp.FAIL:
        return 0.0
    if one.stamp is Stamp.NEUTRAL or (one.stamp is Stamp.ABSENT and _old(one.witness.at, era)):
        return worth * 0.75
    return worth * (0.55 if one.stamp is Stamp.BARE else 0.2)


def _unopened(
    group: _Group, counts: Mapping[MailKind, int], sure: Mapping[MailKind, int], era: datetime | None
) -> float:
    """The doubt that mail leaves of which only the headers are known."""
    seen: dict[MailKind, list[Standing]] = {}
    for one in group.opened:
        seen.setdefault(one.witness.kind, []).append(one.reading.standing)
    sure_seen = Counter(one.witness.kind for one in group.opened if one.witness.sure)
    empty = bool(group.opened) and all(o.reading.standing in {Standing.NONE, Standing.HINT} for o in group.opened)
    doubt, unsure = 1.0, 0.0
    for kind, worth in _WORTH.items():
        left_sure = max(0, sure.get(kind, 0) - sure_seen[kind])
        left = max(0, counts.get(kind, 0) - len(seen.get(kind, ()))) - left_sure
        like = seen.get(kind, ())
        if like and all(standing in {Standing.NONE, Standing.HINT} for standing in like):
            worth *= _AS_ITS_LIKE  # noqa: PLW2901 - the others of its kind will be alike
        elif empty and kind not in _STRONG:
            worth *= 0.3  # noqa: PLW2901
        if left_sure:
            doubt *= (1 - worth) * (1 - worth * _REPEAT) ** min(_REPEATS, left_sure - 1)
        if left > 0:
            old = all(_old(t.last, era) for t in group.tallies)
            unsure = max(unsure, worth * (0.75 if old else _UNSURE_HEADER))
    crowd = _CROWD if any(counts.get(kind) for kind in (MailKind.OTHER, MailKind.NEWSLETTER)) else 0.0
    return doubt * (1 - unsure) * (1 - crowd)


def _witnesses(group: _Group) -> tuple[Witness, ...]:
    """The witnesses, those first whose text proved something, and without those that were opened for nothing where others are left."""
    read = {(o.witness.folder, o.witness.uid, o.witness.digest): o for o in group.opened}
    everything = best(w for t in group.tallies for w in t.witnesses)

    def rank(witness: Witness) -> int:
        one = read.get((witness.folder, witness.uid, witness.digest))
        if one is None:
            return 1
        return {Standing.PROOF: 0, Standing.CLOSED: 0, Standing.HINT: 2, Standing.NONE: 3}[one.reading.standing]

    return tuple(sorted(everything, key=rank))


def _closed(group: _Group, witnesses: Sequence[Witness], worth: Mapping[int, float]) -> datetime | None:
    """When the account ended, unless account mail came later than two days after it."""
    read = {(o.witness.folder, o.witness.uid, o.witness.digest): o for o in group.opened}
    ends: list[datetime] = []
    lives: list[datetime] = []
    for witness in witnesses:
        if witness.at is None:
            continue
        one = read.get((witness.folder, witness.uid, witness.digest))
        if one is not None:
            # Nobody else may end an account: only a message whose sender was vouched for says so.
            if one.reading.standing is Standing.CLOSED and one.stamp is Stamp.PASS:
                ends.append(witness.at)
            elif one.reading.standing is Standing.PROOF and worth[id(one)] > 0:
                lives.append(witness.at)
        elif witness.kind is MailKind.CLOSED and witness.sure:
            ends.append(witness.at)
        elif witness.kind in _ALIVE and witness.sure:
            lives.append(witness.at)
    if not ends:
        return None
    end = max(ends)
    return None if any(at > end + timedelta(days=2) for at in lives) else end


def _slots(counts: Mapping[MailKind, int], opened: Sequence[Opened]) -> tuple[Slot, ...]:
    found: Counter[Slot] = Counter()
    for one in opened:
        if one.reading.standing is not Standing.NONE and one.stamp is not Stamp.FAIL:
            found.update(dict.fromkeys(one.reading.slots, 3))
    if not found:
        found.update({_SLOT_OF[kind]: 1 for kind, number in counts.items() if number and kind in _SLOT_OF})
    else:
        found.update({_SLOT_OF[kind]: 1 for kind in (MailKind.NEWSLETTER,) if counts.get(kind)})
    order = list(Slot)
    return tuple(sorted(found, key=lambda slot: (-found[slot], order.index(slot))))


def _pending(
    group: _Group, witnesses: Sequence[Witness], counts: Mapping[MailKind, int], sure: Mapping[MailKind, int], fake: str
) -> tuple[Witness, ...]:
    read = {(o.witness.folder, o.witness.uid, o.witness.digest) for o in group.opened}
    room = OPEN_MOST - len(read)
    if room <= 0 or fake:
        return ()
    ends = [w for w in witnesses if w.kind is MailKind.CLOSED and (w.folder, w.uid, w.digest) not in read]
    proven = sum(o.reading.standing is Standing.PROOF and o.stamp is Stamp.PASS for o in group.opened)
    plain = sum(bool(sure.get(kind)) for kind in _STRONG) >= 2 or sure.get(MailKind.SECURITY, 0) >= 2
    left = (
        []
        if proven or (plain and not ends)
        else [w for w in witnesses if w.kind not in {MailKind.NEWSLETTER, MailKind.PERSONAL, MailKind.CLOSED}]
    )
    if not left and not proven and counts.get(MailKind.NEWSLETTER, 0) > sum(t.listed for t in group.tallies):
        left = [w for w in witnesses if w.kind is MailKind.NEWSLETTER][
            :2
        ]  # what looks like one and cannot be unsubscribed may be none
    chosen = [*ends[:1], *(w for w in left if (w.folder, w.uid, w.digest) not in read)]
    return tuple(chosen[: min(room, 3)])
