"""Merges the public data sets into one list of services: domains joined, each fact with the set that says it (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from readdress.models import Text
from readdress.recipe.datasets import Closable, Group, Page, Protected, safe_url
from readdress.recipe.knowledge import fold
from readdress.recipe.service import GROUPED, Service

# 2factorauth's categories → ours; what is not here is "other".
_CATEGORY = {
    "backup": "work", "banking": "money", "betting": "gaming", "cloud": "work", "communication": "work", "creativity": "work",
    "crowdfunding": "money", "cryptocurrencies": "money", "developer": "developer", "domains": "developer", "education": "education",
    "email": "mail", "entertainment": "entertainment", "finance": "money", "food": "shopping", "gaming": "gaming",
    "government": "government", "health": "health", "hosting": "developer", "hotels": "travel", "identity": "identity",
    "insurance": "money", "investing": "money", "iot": "utilities", "jobs": "work", "legal": "government", "marketing": "work",
    "payments": "money", "post": "utilities", "remote": "developer", "retail": "shopping", "security": "identity",
    "social": "social", "task": "work", "transport": "travel", "travel": "travel", "universities": "education",
    "utilities": "utilities", "vpn": "utilities",
}  # fmt: skip


@dataclass(slots=True)
class _Row:
    name: str
    domains: list[str] = field(default_factory=list)
    account: str = ""
    recover: str = ""
    close: str = ""
    closing: str = ""
    factors: list[str] = field(default_factory=list)
    category: str = "other"
    by: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it. ``disputed``: domains that several entries of one set claim; the one whose name fits them got them.

    ``accounts``: account pages in all, each of a domain of its own. ``codes_by_mail``: services that send second factors by mail.
    """

    services: tuple[Service, ...]
    domains: int
    accounts: int
    groups: int
    codes_by_mail: int
    recoveries: int
    disputed: int


def merge(
    jdm: Iterable[Closable], protected: Iterable[Protected], pages: Iterable[Page], groups: Iterable[Group]
) -> Merged:
    """All four as one. A domain belongs to one service; groups of shared credentials join services into one."""
    made = _Merger()
    made.add_jdm(list(jdm))
    for entry in protected:
        made.add_protected(entry)
    found = list(pages)
    for page in found:
        made.add_page(page)
    joined = sum(made.join(group) for group in groups)
    rows = made.rows()
    services = tuple(_service(r) for r in sorted(rows, key=lambda r: (fold(r.name), r.domains[0])))
    return Merged(
        services,
        domains=sum(len(r.domains) for r in rows),
        accounts=sum(len(r.pages) for r in rows),
        groups=joined,
        codes_by_mail=sum("email" in r.factors for r in rows),
        recoveries=sum(bool(r.recover) for r in rows),
        disputed=made.disputed,
    )


class _Merger:
    def __init__(self) -> None:
        self._owner: dict[str, _Row] = {}
        self.disputed = 0

    def rows(self) -> list[_Row]:
        return list({id(r): r for r in self._owner.values()}.values())

    def add_jdm(self, entries: Sequence[Closable]) -> None:
        claims: dict[str, list[int]] = {}
        for n, entry in enumerate(entries):
            for domain in dict.fromkeys(entry.domains):
                claims.setdefault(domain, []).append(n)
        self.disputed = sum(len(c) > 1 for c in claims.values())
        mine: dict[int, list[str]] = {}
        for domain, numbers in claims.items():
            mine.setdefault(max(numbers, key=lambda n: (_fits(entries[n].name, domain), -n)), []).append(domain)
        for n, entry in enumerate(entries):
            # In the entry's own order, but the domain that bears its name first: it is the service's main one.
            kept = set(mine.get(n, ()))
            domains = [d for d in dict.fromkeys(entry.domains) if d in kept]
            if domains:
                domains.sort(key=lambda d: -_fits(entry.name, d))
                row = _Row(entry.name, close=safe_url(entry.url), closing=entry.difficulty, by=["jdm"])
                self._own(row, domains)

    def add_protected(self, entry: Protected) -> None:
        domains = list(dict.fromkeys((entry.domain, *entry.additional)))
        self._give_back(entry)
        row = self._owner.get(entry.domain) or next((self._owner[d] for d in domains if d in self._owner), None)
        if row is None or (entry.domain not in self._owner and fold(row.name) != fold(entry.name)):
            row = _Row(entry.name)
        self._own(row, [d for d in domains if d not in self._owner])
        row.by = [*dict.fromkeys((*row.by, "2fa"))]
        row.factors = [*dict.fromkeys((*row.factors, *entry.tfa))]
        row.recover = row.recover or safe_url(entry.recovery)
        if row.category == "other":
            row.category = next((_CATEGORY[c] for c in entry.categories if c in _CATEGORY), "other")

    def _give_back(self, entry: Protected) -> None:
        """Here each entry names the one domain that is its own; a stranger's entry that listed it along with others gives it back."""
        owner = self._owner.get(entry.domain)
        if owner is None or owner.domains[0] == entry.domain or fold(owner.name) == fold(entry.name):
            return
        if _fits(owner.name, entry.domain) == 0:
            owner.domains.remove(entry.domain)
            del self._owner[entry.domain]

    def add_page(self, page: Page) -> None:
        row = self._owner.get(page.domain)
        if row is None:
            row = _Row(page.domain)
            self._own(row, [page.domain])
        row.pages[page.domain] = page.url
        row.by = [*dict.fromkeys(("apple", *row.by))]

    def join(self, group: Group) -> bool:
        """One service for a whole group. ``False`` where there is nothing to join."""
        domains = list(dict.fromkeys(group.domains))
        if len(domains) < 2:
            return False
        rows = list({id(r): r for d in domains if (r := self._owner.get(d))}.values())
        first = rows[0] if rows else _Row(domains[0])
        for other in rows[1:]:
            for domain in other.domains:
                self._owner[domain] = first
            first.domains += other.domains
            first.pages |= other.pages
            first.factors = [*dict.fromkeys((*first.factors, *other.factors))]
            first.by = [*dict.fromkeys((*first.by, *other.by))]
            first.recover = first.recover or other.recover
            first.close, first.closing = (first.close, first.closing) if first.close else (other.close, other.closing)
            if first.category == "other":
                first.category = other.category
            if first.name in first.domains:  # so far only a domain served as its name
                first.name = other.name
        self._own(first, [d for d in domains if d not in self._owner])
        first.by = [*dict.fromkeys((*first.by, GROUPED))]
        return True

    def _own(self, row: _Row, domains: Sequence[str]) -> None:
        row.domains += domains
        self._owner.update(dict.fromkeys(domains, row))


def _fits(name: str, domain: str) -> int:
    """How well a domain bears a name: 2 as its label, 1 inside it, 0 not at all."""
    folded, labels = fold(name), [fold(x) for x in domain.split(".")]
    if folded in labels or fold(domain) == folded:
        return 2
    return int(any(len(x) > 2 and (x in folded or folded in x) for x in labels[:-1]))


def _service(row: _Row) -> Service:
    account = next((row.pages[d] for d in row.domains if d in row.pages), "")
    return Service(
        row.domains[0],
        Text(row.name, row.name),
        row.category,
        domains=tuple(row.domains),
        account=account,
        account_by="apple" if account else "",
        named_by=tuple(row.by),
        recover=row.recover,
        second_factors=tuple(row.factors),
        close=row.close,
        closing=row.closing,
        origin="imported",
    )


def figures(merged: Merged) -> Mapping[str, int]:
    """The numbers of a merge, for a screen or a document."""
    return {
        "services": len(merged.services),
        "domains": merged.domains,
        "accounts": merged.accounts,
        "groups": merged.groups,
        "codes_by_mail": merged.codes_by_mail,
        "recoveries": merged.recoveries,
        "disputed": merged.disputed,
    }
