"""Figures on one half of the labelled corpus: kinds (precision and recall), accounts, slots, login names. Never prints a row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cache

from readdress.discovery import Person, kind_of, read
from readdress.models.inventory import MailKind
from readdress.trust.message import Parsed, parse
from tests.corpus.build import ALIASES, AUTHSERV, KINDS, OLD, PERSON_NAMES, gold_accounts, load, service_domains
from tests.discovery.pipeline import discover, text_of

PERSON = Person(OLD, ALIASES, dots=True)


@dataclass
class Table:
    """Confusions of one labelling."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def precision(self, kind: str) -> float:
        said = sum(n for (_, got), n in self.pairs.items() if got == kind)
        return self.pairs[kind, kind] / said if said else 1.0

    def recall(self, kind: str) -> float:
        meant = sum(n for (want, _), n in self.pairs.items() if want == kind)
        return self.pairs[kind, kind] / meant if meant else 1.0

    @property
    def accuracy(self) -> float:
        return sum(n for (want, got), n in self.pairs.items() if want == got) / max(1, sum(self.pairs.values()))

    def lines(self) -> list[str]:
        rows = [f"{'kind':<14}{'precision':>10}{'recall':>8}"]
        rows += [f"{kind:<14}{self.precision(kind):>10.3f}{self.recall(kind):>8.3f}" for kind in KINDS]
        return [*rows, f"accuracy {self.accuracy:.3f}"]


@dataclass(frozen=True)
class Accounts:
    """Reported services against the answers; ``hints`` and ``closed`` that were reported are neutral."""

    right: int
    false: int
    missed: int
    active: int
    hints: int
    closed: int
    marked_closed: int
    opened: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.false)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.active)

    def line(self) -> str:
        return (
            f"accounts precision {self.precision:.3f} recall {self.recall:.3f}: {self.right} right, {self.false} false, {self.missed} missed of {self.active}; "
            f"neutral: {self.hints} hints and {self.closed} closed ones reported, {self.marked_closed} marked as closed; {self.opened} messages opened"
        )


def _label(kind: MailKind) -> str:
    return "other" if kind is MailKind.CLOSED else str(kind)


@cache
def kinds(half: str, *, opened: bool) -> tuple[Table, dict[str, Table]]:
    """Over all rows and per language; by headers alone, or with the text as when every message is opened."""
    everything, languages = Table(), {}
    for sample in load(half):
        parsed = parse(sample.octets())
        assert isinstance(parsed, Parsed)
        name, address = parseaddr(sample.sender)
        listed = b"\nlist-unsubscribe:" in sample.octets().partition(b"\r\n\r\n")[0].lower()
        got = _label(
            kind_of(parsed.subject, sender=address, name=name, listed=listed, body=text_of(parsed) if opened else "")
        )
        everything.pairs[sample.kind, got] += 1
        languages.setdefault(sample.language, Table()).pairs[sample.kind, got] += 1
    return everything, languages


@cache
def accounts(half: str, *, names: bool = True) -> Accounts:
    """The whole way from octets to accounts. ``names``: whether the person said what they are called."""
    samples = load(half)
    run = discover((s.octets() for s in samples), PERSON, (AUTHSERV,), names=PERSON_NAMES if names else ())
    gold, domains = gold_accounts(half), service_domains(half)
    service = {domain: identity for identity, all_ in domains.items() for domain in all_}
    reported = {service.get(site, site) for c in run.candidates if c.believed for site in c.sites}
    closed = {service.get(site, site) for c in run.candidates if c.closed for site in c.sites}
    active = {identity for identity, state in gold.items() if state == "active"}
    right = reported & active
    false = {identity for identity in reported if identity not in gold}
    return Accounts(
        len(right),
        len(false),
        len(active - reported),
        len(active),
        sum(gold.get(r) == "hint" for r in reported),
        sum(gold.get(r) == "closed" for r in reported),
        sum(gold.get(c) == "closed" for c in closed),
        len(run.opened),
    )


@cache
def logins(half: str) -> tuple[int, int, int]:
    """Of opened messages: login names found, all that are stated, and messages where one was found that the label does not name."""
    found = stated = wrong = 0
    for sample in load(half):
        if not sample.authentic or (sample.proves == "none" and not sample.closed):
            continue
        parsed = parse(sample.octets())
        assert isinstance(parsed, Parsed)
        name, address = parseaddr(sample.sender)
        got = read(parsed.subject, text_of(parsed), sender=address, name=name, names=PERSON_NAMES).logins
        stated += bool(sample.login)
        found += sample.login in got if sample.login else 0
        wrong += bool(got) and sample.login not in got
    return found, stated, wrong


@cache
def slots(half: str) -> tuple[int, int]:
    """Of messages that prove an account: those whose slot is among the suggested ones, and all."""
    good = everything = 0
    for sample in load(half):
        if sample.proves != "proof" or not sample.authentic:
            continue
        parsed = parse(sample.octets())
        assert isinstance(parsed, Parsed)
        name, address = parseaddr(sample.sender)
        got = read(parsed.subject, text_of(parsed), sender=address, name=name, names=PERSON_NAMES).slots
        everything += 1
        good += sample.slot in {str(slot) for slot in got}
    return good, everything
