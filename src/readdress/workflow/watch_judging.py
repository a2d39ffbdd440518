"""Judges one message for ``watch``: is it the service's own word, after the change, and which slot does it show.

What counts as neither proof nor straggler, and why:

* Mail of the change itself. A code or link to NEW is sent to whatever address somebody typed into a form, and "your address was changed" goes
  to OLD because that is the address being left. So nothing counts within :data:`GRACE` of any act that was written down; nothing that answers a mail
  the recipe expects, as long as that mail may be late (its life, at least :data:`LATE`); and no notice to OLD about the address itself within
  :data:`NOTICE` of an act: services remind for days.
* Verification mail at any time: anybody can type an address into a form, and "confirm this address" says only that.
* What is not provably the service's (DKIM or DMARC by the mailbox's own provider, or verified here), and what people write.
* Mail older than the change by its own date or the server's, whichever is earlier: old mail that was copied into NEW lies there with a new date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from readdress.discovery.domains import is_freemail, org_domain
from readdress.discovery.kinds import ADD, CHG, DEL, MAIL, WAS
from readdress.discovery.lexicon import concepts
from readdress.discovery.reading import Standing, read
from readdress.discovery.recipients import Person, addressed_to
from readdress.models import Account, Event, Kind, MailKind, Side, Slot, Verdict
from readdress.trust.authentic import Authentic, check
from readdress.trust.message import Unreadable, parse
from readdress.trust.sender import read_from

if TYPE_CHECKING:
    from readdress.ports import KeyLookup
    from readdress.recipe.schema import Mail, Recipe
    from readdress.trust.message import Parsed

GRACE = timedelta(hours=1)
SKEW = timedelta(minutes=5)
LATE = timedelta(hours=24)
NOTICE = timedelta(days=7)

_ACCOUNT_MAIL = frozenset({MailKind.SECURITY, MailKind.CODE, MailKind.RESET, MailKind.WELCOME})
_MONEY = frozenset({MailKind.RECEIPT, MailKind.STATEMENT})
_ENTRANCES = (Slot.SIGN_IN, Slot.CONTACT, Slot.RECOVERY, Slot.TWO_FACTOR)
_SAYS_NOTHING = frozenset({MailKind.VERIFICATION, MailKind.PERSONAL, MailKind.CLOSED})
_KINDS = frozenset(k.value for k in MailKind)
_ACTS = frozenset({Kind.STEP_ARMED, Kind.STEP_ENDED, Kind.MAIL_EXPECTED, Kind.MAIL_USED})


class Passed(StrEnum):
    """Why a message says nothing."""

    UNREADABLE = "unreadable"
    NOT_AUTHENTIC = "not_authentic"
    OTHER_SENDER = "other_sender"
    NOT_ADDRESSED = "not_addressed"
    BEFORE = "before"  # older than the change
    OF_THE_CHANGE = "of_the_change"
    SAYS_NOTHING = "says_nothing"  # a newsletter where no newsletter moved, a verification, a person's mail
    AMBIGUOUS = "ambiguous"  # several accounts there, and it names none


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message that counts. ``verdict``: ``proven`` or ``straggler``; ``where``: folder and UID, of NEW with ``new:`` before it."""

    account: str
    slot: Slot
    verdict: Verdict
    kind: MailKind
    sender: str
    at: datetime
    where: str
    digest: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An account whose address was changed, as far as watching needs it.

    ``since``: slot → since when it counts as changed; ``acts``: when something was done about it; ``expected``: mail id → when it was asked for and
    until when it is good; ``senders``: exact addresses that are the service's; ``orgs``: organisational domains that are.
    """

    account: Account
    since: Mapping[Slot, datetime]
    acts: tuple[datetime, ...] = ()
    expected: Mapping[str, tuple[datetime, datetime | None]] = field(default_factory=dict)
    recipe: Recipe | None = None
    senders: frozenset[str] = frozenset()
    orgs: frozenset[str] = frozenset()
    siblings: bool = False

    @property
    def first(self) -> datetime:
        """Since when the first of its slots is changed."""
        return min(self.since.values())

    def writes(self, sender: str, service: str) -> bool:
        """Whether this is the service's sender. ``service``: what the catalogue says about it, ``""`` for nothing."""
        if sender in self.senders or (service and service == self.account.service):
            return True
        org = org_domain(sender.rpartition("@")[2])
        return bool(org) and org in self.orgs and not is_freemail(org)

    def busy(self, at: datetime) -> bool:
        """Whether something was being done about it then."""
        return any(act - SKEW <= at <= act + GRACE for act in self.acts)


def since_of(
    events: Iterable[Event],
) -> tuple[dict[Slot, datetime], tuple[datetime, ...], dict[str, tuple[datetime, datetime | None]]]:
    """Of an account's log: which slots count as changed and since when, the moments of acts, and what mail was asked for."""
    since: dict[Slot, datetime] = {}
    acts: list[datetime] = []
    expected: dict[str, tuple[datetime, datetime | None]] = {}
    for event in events:
        if event.kind in _ACTS:
            acts.append(event.at)
        if event.kind is Kind.MAIL_EXPECTED:
            until = event.data.get("until")
            expected[str(event.data["mail"])] = (event.at, datetime.fromisoformat(until) if until else None)
        if event.kind is not Kind.SLOT_VERDICT:
            continue
        slot, verdict = Slot(event.data["slot"]), Verdict(event.data["verdict"])
        if verdict.rank < Verdict.SUBMITTED.rank:
            since.pop(slot, None)
            continue
        since.setdefault(slot, event.at)
        if verdict is Verdict.CLAIMED:
            acts.append(event.at)
    return since, tuple(acts), expected


@dataclass(frozen=True, slots=True)
class Judge:
    """What all messages of one mailbox are judged with. ``service_of(sender)``: the catalogue's word on a sender, ``""`` for none."""

    side: Side
    old: Person
    new: Person
    authserv_ids: tuple[str, ...]
    lookup: KeyLookup
    now: datetime
    service_of: Callable[[str], str]

    def judge(
        self,
        raw: bytes,
        changed: Sequence[Changed],
        *,
        where: str,
        digest: str,
        received: datetime | None = None,
        truncated: bool = False,
    ) -> Sighting | Passed:
        """What a message says about one of ``changed``. Never raises; looks keys up at most three times, last of all."""
        parsed = parse(raw, truncated=truncated)
        if isinstance(parsed, Unreadable):
            return Passed.UNREADABLE
        sender = read_from(parsed.froms)
        if isinstance(sender, str):
            return Passed.OTHER_SENDER
        service = self.service_of(sender.address)
        theirs = [c for c in changed if c.writes(sender.address, service)]
        if not theirs:
            return Passed.OTHER_SENDER
        to = self._addressed(parsed)
        if to is None:
            return Passed.NOT_ADDRESSED
        dates = [d for d in (parsed.date, received) if d is not None]
        if not dates:
            return Passed.BEFORE
        at = min(dates)
        body = "\n".join(parsed.texts) or "\n".join(page.text for page in parsed.pages)
        name = parsed.froms[0].rpartition("<")[0].strip(' "')
        listed = b"list-unsubscribe:" in raw[:65536].split(b"\r\n\r\n", 1)[0].lower()
        seen = read(parsed.subject, body, sender=sender.address, name=name, listed=listed)
        one = _which(theirs, seen.logins, to)
        if isinstance(one, Passed):
            return one
        if at <= one.first:
            return Passed.BEFORE
        if self._of_the_change(one, to, parsed.subject, sender.address, at):
            return Passed.OF_THE_CHANGE
        kind = _kind(one.recipe, sender.address, parsed.subject) or seen.kind
        if kind in _SAYS_NOTHING or (kind is MailKind.RESET and seen.standing is Standing.NONE):
            return Passed.SAYS_NOTHING
        exact = sender.address in one.senders
        slot = _proved(kind, one, exact=exact) if to is Side.NEW else _shown(kind, one, exact=exact)
        if slot is None:
            return Passed.SAYS_NOTHING
        if at <= one.since.get(slot, one.first):
            return Passed.BEFORE
        proof = check(raw, parsed, sender.domain, self.authserv_ids, self.lookup, self.now)
        if not isinstance(proof, Authentic):
            return Passed.NOT_AUTHENTIC
        verdict = Verdict.PROVEN if to is Side.NEW else Verdict.STRAGGLER
        return Sighting(one.account.id, slot, verdict, kind, sender.address, at, where, digest)

    def _addressed(self, parsed: Parsed) -> Side | None:
        """To which of the two the service wrote. Mail to OLD that is forwarded lies in NEW, and is mail to OLD all the same."""
        visible = {"to": ", ".join(parsed.to), "cc": ", ".join(parsed.cc)}
        delivered = list(parsed.delivered_to)
        to_new = addressed_to(self.new, **visible, delivered_to=delivered) not in {"other", "unknown"}
        to_old = addressed_to(self.old, **visible, delivered_to=delivered) not in {"other", "unknown"}
        if (
            to_new and to_old
        ):  # named together: it counts for the mailbox that it lies in, unless it only passed through both
            return self.side if parsed.to or parsed.cc else None
        if self.side is Side.NEW:
            return Side.NEW if to_new else Side.OLD if to_old else None
        nobody = not (parsed.to or parsed.cc or parsed.delivered_to)
        return Side.OLD if to_old or nobody else None

    def _of_the_change(self, one: Changed, to: Side, subject: str, sender: str, at: datetime) -> bool:
        if one.busy(at):
            return True
        mail = _pattern(one.recipe, to, sender, subject)
        if mail is not None and mail.id in one.expected:
            asked, until = one.expected[mail.id]
            if asked - SKEW <= at <= max(until or asked, asked + LATE):
                return True
        if to is not Side.OLD:
            return False
        about_address = mail is not None and mail.notice
        words = concepts(subject[:256])
        about_address = about_address or bool(words & MAIL and words & (CHG | WAS | ADD | DEL))
        return about_address and any(act - SKEW <= at <= act + NOTICE for act in one.acts or one.since.values())


def _which(theirs: Sequence[Changed], logins: Sequence[str], to: Side) -> Changed | Passed:
    """The account that a message speaks of, where the service has several of this person's."""
    named = {login.casefold() for login in logins}
    by_name = [c for c in theirs if c.account.login and c.account.login.casefold() in named]
    if len(by_name) == 1:
        return by_name[0]
    if len(theirs) > 1 or (to is Side.OLD and theirs[0].siblings):
        return Passed.AMBIGUOUS  # an account that was not moved may rightly get mail at OLD
    return theirs[0]


def _kind(recipe: Recipe | None, sender: str, subject: str) -> MailKind | None:
    """The kind by the recipe's own patterns, which know more than words do."""
    if recipe is None:
        return None
    for kind, patterns in recipe.detect.subjects.items():
        if kind in _KINDS and any(fnmatchcase(subject.casefold(), _plain(p)) for p in patterns):
            return MailKind(kind)
    mail = _pattern(recipe, None, sender, subject)
    if mail is None or not mail.subject:
        return None  # without a subject it says who writes, not what
    if mail.notice:
        return MailKind.SECURITY
    # what a recipe expects at NEW confirms the address that somebody typed; a code to OLD asks who it is
    return MailKind.CODE if mail.code and mail.to is Side.OLD else MailKind.VERIFICATION


def _pattern(recipe: Recipe | None, to: Side | None, sender: str, subject: str) -> Mail | None:
    if recipe is None:
        return None
    for mail in recipe.mail:
        if to not in {None, mail.to} or not any(_same_sender(p, sender, bare=not mail.subject) for p in mail.sender):
            continue
        if not mail.subject or any(w.casefold() in subject.casefold() for w in mail.subject):
            return mail
    return None


def _same_sender(pattern: str, sender: str, *, bare: bool) -> bool:
    """An exact address; with ``{site}`` the local part alone, as the sender's place was judged already.

    ``bare``: the recipe names no subject; then "whoever writes from the site" says nothing about a mail.
    """
    pattern = pattern.lower()
    if "{site}" not in pattern:
        return pattern == sender
    local = pattern.removesuffix("{site}").removesuffix("@")
    return not bare if local in {"", "*"} else sender.rpartition("@")[0] == local


def _plain(text: str) -> str:
    return text.casefold().replace("[", "[[]").replace("?", "[?]")


def _proved(kind: MailKind, one: Changed, *, exact: bool) -> Slot | None:
    """The changed slot that such mail to NEW proves; ``None`` for none.

    A proof may unlock the removal of OLD, so it is narrow: a newsletter only says that somebody subscribed, a receipt may be a guest's,
    a welcome greets a second account, and mail of no known kind counts from a sender that the recipe names alone.
    """
    if kind in _ACCOUNT_MAIL - {MailKind.WELCOME} or (kind is MailKind.OTHER and exact):
        return next((s for s in _ENTRANCES if s in one.since), None)
    wanted = Slot.BILLING if kind in _MONEY else Slot.NEWSLETTER if kind is MailKind.NEWSLETTER else None
    return wanted if wanted in one.since else None


def _shown(kind: MailKind, one: Changed, *, exact: bool) -> Slot | None:
    """The slot that still holds OLD when such mail comes there."""
    if kind in _ACCOUNT_MAIL or (kind is MailKind.OTHER and exact):
        return next((s for s in _ENTRANCES if s in one.since), Slot.SIGN_IN)
    if kind in _MONEY:
        return Slot.BILLING
    if kind is MailKind.NEWSLETTER:
        return Slot.NEWSLETTER
    return Slot.CONTACT
