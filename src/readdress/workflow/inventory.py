"""From candidates and saved logins to the accounts of the state file: new ones added, known ones confirmed, the same ones joined."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from readdress.discovery.domains import org_domain
from readdress.discovery.results import Read, Settled
from readdress.discovery.weigh import Candidate, ServiceHint
from readdress.errors import ReaddressError
from readdress.models import Account, Address, Draft, Evidence, Login, OpenedMail, Text
from readdress.models.events import account_changed, account_joined, evidence_found, factor
from readdress.workflow.scanning import Progress

if TYPE_CHECKING:
    from readdress.recipe.knowledge import Knowledge
    from readdress.recipe.service import Service
    from readdress.workflow.migration import Migration

KEPT = 5
"""Pieces of evidence of one source that an account keeps."""


class Known:
    """The catalogue of services, as the scales ask for it."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._hints: dict[tuple[str, str], ServiceHint | None] = {}

    def service_of(self, org: str, sender: str) -> ServiceHint | None:
        """Which service writes from there."""
        key = (org, sender)
        if key not in self._hints:
            hit = self._knowledge.service_of(org, sender)
            self._hints[key] = None if hit is None else _hint(hit.service)
        return self._hints[key]


def _hint(service: Service) -> ServiceHint:
    names = dict.fromkeys((service.name.en, service.name.zh, *service.aliases))
    return ServiceHint(service.id, tuple(names), service.domains)


def settle(m: Migration, candidates: Iterable[Candidate], opened: Iterable[OpenedMail], into: Settled) -> None:
    """Write down what the candidates say; an account that is known only gets what is new about it."""
    sites: dict[str, set[tuple[str, str]]] = {}
    for mail in opened:
        if mail.site:
            sites.setdefault(org_domain(mail.sender.rpartition("@")[2]), set()).add((mail.service, mail.site))
    for candidate in candidates:
        if candidate.impostor:
            into.impostors.append(candidate.service)
        elif candidate.closed is not None:
            into.closed.append(candidate.service)
        elif not candidate.believed:
            into.doubtful += 1
        else:
            places = set() if candidate.known else {p for org in candidate.sites for p in sites.get(org, ())}
            for service, site in sorted(places or {(candidate.service, "")}):
                _settle_one(m, candidate, service, site, into)


def _settle_one(m: Migration, candidate: Candidate, service: str, site: str, into: Settled) -> None:
    evidence = [
        Evidence("mail", f"{w.folder}/{w.uid}", w.kind.value, w.sender, w.at, w.digest) for w in candidate.witnesses
    ]
    login = _login(m, candidate.logins)
    site = site or _preset(m, service, [w.sender for w in candidate.witnesses])
    account = _same(m, service, site)
    bare = [a for a in m.accounts() if a.service in candidate.sites and a.service != service and not a.closed]
    if account is None and bare:
        m.record(account_changed(bare[0].id, service=service))  # known by its domain until now
        account = m.state.account(bare.pop(0).id)
    for other in bare:
        if account is not None and not other.site:
            m.record(account_joined(other.id, account.id, "the same service"))
    if account is None:
        label = candidate.service if site and not candidate.known else ""
        into.added.append(m.add(service, site=site, login=login, label=label, evidence=evidence, site_later=True))
        return
    drafts: list[Draft] = []
    have = {(e.where, e.digest) for e in account.evidence}
    room = KEPT - sum(e.source == "mail" for e in account.evidence)
    fresh = [e for e in evidence if (e.where, e.digest) not in have][: max(0, room)]
    drafts += [evidence_found(account.id, e) for e in fresh]
    if login and not account.login:
        drafts.append(account_changed(account.id, login=login))
    if drafts:
        m.record(*drafts)
        into.grown.append(m.state.account(account.id))


def _preset(m: Migration, service: str, senders: Iterable[str]) -> str:
    """Of a service with several sites of its own, the one whose domain wrote (amazon.de); ``""`` where that does not tell."""
    try:
        rule = m.catalogue.recipe(service).site
    except ReaddressError:
        return ""
    presets = rule.presets.values() if rule else ()
    orgs = {org_domain(sender.rpartition("@")[2]) for sender in senders}
    fitting = [site for site in presets if org_domain(site.partition("://")[2].partition("/")[0]) in orgs]
    return fitting[0] if len(fitting) == 1 else ""


def _login(m: Migration, logins: Iterable[str]) -> str:
    """The login name, where mail states exactly one that is not the address itself."""
    old = str(m.header.old).casefold()
    names = [name for name in logins if name.casefold() != old]
    return names[0] if len(names) == 1 else ""


def _same(m: Migration, service: str, site: str) -> Account | None:
    return next((a for a in m.accounts() if a.service == service and a.site == site and not a.closed), None)


# -- saved logins ---------------------------------------------------------------------------------------------------------


def settle_logins(m: Migration, export: Path, into: Settled, progress: Progress | None = None) -> Read:
    """Add the accounts of a password manager's export in which OLD stands. No secret of it is kept, not even in memory after its row."""
    from readdress.passwords import read_export, recognise

    read = Read(f"passwords:{recognise(export)}", export.name)

    def password() -> str:
        ask = m.adapters.ask_secret
        asked = Text(f"Password of {export.name}", f"{export.name} 的密码")
        return ask(asked.to(m.adapters.lang)) if ask is not None else ""

    try:
        for login in read_export(export, old=Address.parse(str(m.header.old)), password=password):
            read.messages += 1
            if login.is_old and not login.in_trash:
                _settle_login(m, login, export, into)
            if progress:
                progress(export.name, read.messages, 0)
    except ReaddressError as error:
        if not read.messages:
            raise
        read.error = error
    return read


def _settle_login(m: Migration, login: Login, export: Path, into: Settled) -> None:
    service = _service_of(m, login)
    if not service:
        return
    name = login.user_name if login.user_name.casefold() != str(m.header.old).casefold() else ""
    same = [a for a in m.accounts() if a.service == service and not a.closed]
    account = next((a for a in same if a.login.casefold() == name.casefold()), None)
    account = account or next((a for a in same if not a.login or not name), None)
    digest = hashlib.sha256(f"{login.source}\0{login.row}\0{login.host}\0{login.user_name}".encode()).hexdigest()
    evidence = Evidence("passwords", f"{export.name}/{login.row}", login.source, login.host, login.modified, digest)
    if account is None:
        account = m.add(service, login=name, evidence=[evidence], site_later=True)
        into.added.append(account)
    elif all(e.digest != digest for e in account.evidence):
        more = [account_changed(account.id, login=name)] if name and not account.login else []
        m.record(evidence_found(account.id, evidence), *more)
        into.grown.append(m.state.account(account.id))
    held = {"password": True, "totp": login.has_totp, "passkey": login.has_passkey}
    have = m.state.factors(account.id)
    drafts = [
        factor(n, held=True, account=account.id, where="password manager")
        for n, yes in held.items()
        if yes and n not in have
    ]
    if drafts:
        m.record(*drafts)


def _service_of(m: Migration, login: Login) -> str:
    """The id of the service, its bare domain where nobody knows it, ``""`` where the row names neither."""
    knowledge = m.catalogue.knowledge
    for host in (login.host, *login.other_hosts):
        org = org_domain(host) if host else ""
        if not org or "." not in org:
            continue
        shown = knowledge.show(host) or knowledge.show(org)
        return shown.id if shown is not None and not shown.software else org
    named = knowledge.find(login.title) if login.title else []
    return named[0].id if len(named) == 1 and not named[0].software else ""
