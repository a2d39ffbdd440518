"""The catalogue of services: what is known of each, from the project's own files, the person's imported copy and the recipes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from readdress.models import Text
from readdress.recipe.imported import Imported, is_domain, read_copy
from readdress.recipe.service import CATEGORIES, GROUPED, Service, own_services

if TYPE_CHECKING:
    from readdress.recipe.catalogue import Catalogue

_LEADING = ("https://", "http://", "www.")


@dataclass(frozen=True, slots=True)
class Hit:
    """Which service a sender belongs to. ``via``: by its exact address, or by its ``domain`` (the one of the catalogue)."""

    service: Service
    via: Literal["sender", "domain"]
    domain: str


class Knowledge:
    """All services that are known. Nothing is read before it is asked for.

    ``recipes``: the recipes at hand, which win over everything else; ``None`` leaves them aside. ``copy``: the person's imported copy, by
    default the one in their data folder. ``folder``: another folder in place of the project's own catalogue.
    """

    def __init__(
        self, recipes: Catalogue | None = None, copy: Path | None = None, *, folder: Path | None = None
    ) -> None:
        self._recipes = recipes
        self._copy = copy
        self._folder = folder
        self._services: dict[str, Service] | None = None
        self._domains: dict[str, str] = {}
        self._senders: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        self._imported: Imported | None = None
        self._providers: frozenset[str] | None = None

    # -- looking up -------------------------------------------------------------------------------------------------------
    def service_of(self, org_domain: str, sender: str = "") -> Hit | None:
        """Which service mail of that organisational domain (and exact sender, where known) comes from; ``None`` when nobody knows.

        The longest domain wins: ``y.qq.com`` before ``qq.com``. At a domain where people have mailboxes (``qq.com``, ``gmail.com``) only an
        exact sender speaks for the service.
        """
        services = self._all()
        address = sender.strip().lower()
        if address in self._senders:
            service = services[self._senders[address]]
            return Hit(service, "sender", address.rpartition("@")[2])
        host = address.rpartition("@")[2] or org_domain.strip().lower()
        for name in (host, org_domain.strip().lower()):
            for domain in _upwards(name):
                if domain in self._domains:
                    service = services[self._domains[domain]]
                    # A subdomain of a mail provider (notice.qq.com) is its own; the bare domain is full of people.
                    return None if name in service.personal else Hit(service, "domain", domain)
        return None

    def show(self, domain: str) -> Service | None:
        """The service of that id, domain, host or web address; ``None`` when nobody knows it."""
        wanted = _host(domain)
        services = self._all()
        if domain in services:
            return services[domain]
        for name in _upwards(wanted):
            if name in self._domains:
                return services[self._domains[name]]
        return None

    def entry(self, service: str) -> Service | None:
        """What an account's service id stands for: a known id, or a bare domain, of which nothing may be known but itself."""
        known = self._all().get(service)
        if known is not None or not is_domain(service):
            return known
        found = self.show(service)
        if found is not None and service in found.domains:
            return replace(found, id=service, domains=(service, *(d for d in found.domains if d != service)))
        return bare(service)

    def find(self, text: str) -> list[Service]:
        """The services that ``text`` names exactly: id, domain, name in either language, alias or product; case and width aside."""
        services = self._all()
        if not fold(text):
            return []
        found = [services[i] for i in self._by_name().get(fold(text), ())]
        if not found and (shown := self.show(text)) is not None:
            found = [shown]
        return found

    def suggest(self, text: str, limit: int = 5) -> list[Service]:
        """The services whose name is like ``text``: it begins with it, holds it, or is nearly the same; best first."""
        from difflib import SequenceMatcher

        wanted = fold(text)
        if not wanted:
            return []
        services = self._all()
        best: dict[str, float] = {}
        for name, ids in self._by_name().items():
            if name.startswith(wanted):
                score = 3.0 - len(name) / 100
            elif wanted in name or (len(name) > 1 and not name.isascii() and name in wanted):
                score = 2.0 - len(name) / 100
            elif abs(len(name) - len(wanted)) > 3 or len(wanted) < 3:
                continue
            else:
                score = SequenceMatcher(None, name, wanted).ratio()
                if score < 0.75:
                    continue
            for i in ids:
                best[i] = max(best.get(i, 0.0), score)
        # what somebody wrote down for people comes before what was only imported
        ordered = sorted(best, key=lambda i: (-best[i] - (0.5 if services[i].origin != "imported" else 0.0), i))
        return [services[i] for i in ordered[:limit]]

    def providers(self) -> frozenset[str]:
        """The services that others are signed in with ("sign in with QQ")."""
        if self._providers is None:
            ways = (f for s in self._all().values() for f in s.sign_in if f.startswith("sso:"))
            self._providers = frozenset(f.removeprefix("sso:") for f in ways)
        return self._providers

    def services(self) -> list[Service]:
        """All of them: the project's own first, in the order of its files."""
        return list(self._all().values())

    def in_category(self, category: str, lang: str = "en") -> list[Service]:
        """The project's own and the recipes' services of a category, those of the person's part of the world first."""
        rows = [s for s in self._all().values() if s.category == category and s.origin != "imported"]
        near = ("cn", "world", "us", "eu") if lang == "zh" else ("world", "us", "eu", "cn")
        place = {region: n for n, region in enumerate(near)}
        return sorted(rows, key=lambda s: min((place.get(r, 9) for r in s.region), default=9))

    @property
    def imported(self) -> Imported:
        """The person's copy as it was read."""
        if self._imported is None:
            self._imported = read_copy(self._copy)
        return self._imported

    # -- putting together ---------------------------------------------------------------------------------------------------
    def _all(self) -> dict[str, Service]:
        if self._services is None:
            found = {s.id: s for s in own_services(self._folder)}
            own = {d: s.id for s in found.values() for d in s.domains}
            for recipe in self._of_recipes(own):
                found[recipe.id] = _joined(found[recipe.id], recipe) if recipe.id in found else recipe
            # Recipes were joined last, but their domains count first; then the project's own.
            ordered = sorted(found.values(), key=lambda s: not s.recipe)
            for service in ordered:
                for domain in service.domains:
                    self._domains.setdefault(domain, service.id)
                for sender in service.senders:
                    self._senders.setdefault(sender, service.id)
            for row in self.imported.services:
                self._take(row, found)
            self._services = found
        return self._services

    def _by_name(self) -> dict[str, list[str]]:
        """Folded names → ids; only looking up by name needs them."""
        if not self._names:
            services = self._all()
            for service in services.values():
                for word in dict.fromkeys(map(fold, _words(service))):
                    ids = self._names.setdefault(word, [])
                    if not ids or service.origin != "imported":
                        ids.append(service.id)
            for service in services.values():  # a product is its account's, unless it has an entry of its own
                for word in dict.fromkeys(map(fold, service.rides)):
                    self._names.setdefault(word, [service.id])
        return self._names

    def _of_recipes(self, own: dict[str, str]) -> Iterator[Service]:
        for d in self._recipes.detectors() if self._recipes is not None else ():
            hosts = [h.removeprefix("*.").partition(":")[0] for h in d.hosts if "{" not in h]
            # A recipe may have to reach another service's hosts (to sign in through it); they do not become its own.
            hosts = [h for h in hosts if next((own[x] for x in _upwards(h) if x in own), d.service) == d.service]
            domains = [x for x in dict.fromkeys((*d.detect.domains, *hosts)) if is_domain(x)]
            senders = [s.lower() for s in dict.fromkeys((*d.detect.senders, *d.senders)) if "@" in s and "{" not in s]
            category = d.category if d.category in CATEGORIES else "other"
            yield Service(
                d.service,
                d.name,
                category,
                domains=() if d.sites else tuple(domains),
                senders=tuple(senders),
                home=d.home,
                rides=d.rides,
                software=d.sites,
                recipe=True,
                origin="recipe",
            )

    def _take(self, row: Service, found: dict[str, Service]) -> None:
        """Add an imported row, or what it adds to a service that is known already."""
        owner = self._domains.get(row.domains[0])
        if owner is None:
            # Domains further back in the row may be those of a product's maker: they tell who it is by name only, or by shared logins.
            named = [self._domains[d] for d in row.domains if d in self._domains]
            owner = next((o for o in named if fold(row.name.en) in {fold(w) for w in _words(found[o])}), None)
            if owner is None and named:
                most = max(named, key=named.count)
                owner = most if GROUPED in row.named_by or named.count(most) > 2 else None
        free = tuple(d for d in row.domains if d not in self._domains)
        if owner is None:
            if free:
                added = replace(row, id=free[0], domains=free)
                found[added.id] = added
                self._domains.update(dict.fromkeys(free, added.id))
            return
        known = found[owner]
        found[owner] = replace(
            known,
            domains=(*known.domains, *free),
            account=known.account or row.account,
            account_by=known.account_by if known.account else row.account_by,
            recover=known.recover or row.recover,
            second_factors=known.second_factors or row.second_factors,
            close=known.close or row.close,
            closing=known.closing or row.closing,
        )
        self._domains.update(dict.fromkeys(free, owner))


def bare(domain: str) -> Service:
    """A service of which nothing is known but its domain."""
    return Service(domain, Text(domain, domain), domains=(domain,), origin="bare")


def fold(text: str) -> str:
    """``text`` as names are compared: compatibility forms and case folded, spaces and punctuation left out."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum())


def _joined(own: Service, recipe: Service) -> Service:
    """The recipe's word where both speak; the lists of both."""
    return replace(
        own,
        name=recipe.name,
        category=recipe.category if recipe.category != "other" else own.category,
        aliases=_both(own.aliases, (own.name.en, own.name.zh)),
        domains=_both(recipe.domains, own.domains),
        senders=_both(recipe.senders, own.senders),
        home=own.home or recipe.home,
        account=recipe.home if recipe.home and "{" not in recipe.home else own.account,
        rides=_both(recipe.rides, own.rides),
        software=recipe.software,
        recipe=True,
    )


def _both(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _words(service: Service) -> Iterator[str]:
    yield service.id
    yield service.name.en
    yield service.name.zh
    for name in (service.name.en, service.name.zh):
        head = name.replace("（", "(").partition("(")[0]  # "X (Twitter)" is also called X
        if head != name:
            yield head
    yield from service.aliases


def _upwards(name: str) -> Iterator[str]:
    """``a.b.example.com``, ``b.example.com``, ``example.com``: the name and what it lies below, two labels at least."""
    labels = name.strip(".").split(".")
    for n in range(len(labels) - 1):
        yield ".".join(labels[n:])


def _host(text: str) -> str:
    host = text.strip().lower()
    for lead in _LEADING:
        host = host.removeprefix(lead)
    return host.partition("/")[0].partition(":")[0].rpartition("@")[2].rstrip(".")
