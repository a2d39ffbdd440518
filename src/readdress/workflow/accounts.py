"""The inventory as ``migrate accounts`` shows it: each account with what is believed of it, and why; and one more on the person's word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from readdress.discovery.results import Entry
from readdress.models import Account, Draft, Evidence, Slot, Text, Verdict
from readdress.models.events import account_changed, evidence_found, slot_verdict
from readdress.workflow.discovering import weighed
from readdress.workflow.inventory import Known
from readdress.workflow.scanning import sums

if TYPE_CHECKING:
    from readdress.workflow.migration import Migration


def inventory(m: Migration) -> list[Entry]:
    """All open accounts with their reasons, in the order in which they were found."""
    knowledge = m.catalogue.knowledge
    mail = {c.service: c for c in weighed(sums(m.state.tallies()), Known(knowledge), m.state.opened())}
    by_site = {site: c for c in mail.values() for site in c.sites}
    found = []
    for account in m.accounts():
        if account.closed:
            continue
        service = knowledge.entry(account.service)
        senders = {e.sender.rpartition("@")[2] for e in account.evidence if e.source == "mail"}
        candidate = mail.get(account.service) or next((c for s, c in by_site.items() if _under(senders, s)), None)
        name = service.name if service else Text(account.service, account.service)
        found.append(
            Entry(
                account,
                name,
                service.category if service else "other",
                service is None or not service.recipe,
                candidate,
            )
        )
    return found


def _under(senders: set[str], site: str) -> bool:
    return any(sender == site or sender.endswith("." + site) for sender in senders)


def note_account(
    m: Migration, service: str, *, site: str = "", login: str = "", slots: Sequence[Slot] = ()
) -> tuple[Account, bool]:
    """Note an account on the person's word; and whether it is new.

    One that is known gets what is new about it (login, slots), so that saying it twice makes no second account. Another login is another
    account. Raises what :meth:`~readdress.workflow.migration.Migration.add` raises.
    """
    from readdress.recipe.place import settle_site

    service = _named(m, service)
    recipe = m.catalogue.recipe(service)
    word = Evidence("person", "migrate add", "added", at=m.adapters.the_clock().now())
    settled = settle_site(recipe, site)
    there = [a for a in m.accounts() if a.service == recipe.id and a.site == settled and not a.closed]
    named = [a for a in there if not login or a.login.casefold() == login.casefold()]
    known = next(iter((*named, *(a for a in there if not a.login))), None)
    if known is None:
        return m.add(service, site=site, login=login, slots=slots, evidence=[word]), True
    drafts: list[Draft] = [slot_verdict(known.id, slot, Verdict.FOUND) for slot in slots if slot not in known.slots]
    if login and not known.login:
        drafts.append(account_changed(known.id, login=login))
    if not any(e.source == "person" for e in known.evidence):
        drafts.append(evidence_found(known.id, word))
    if drafts:
        m.record(*drafts)
    return m.state.account(known.id), False


def _named(m: Migration, text: str) -> str:
    """The id of the service at a web address, its bare host where nobody knows it; any other text as it is."""
    from readdress.recipe.imported import is_domain

    address = text.strip().casefold()
    host = re.split(r"[/?#]", address.partition("://")[2] or address, maxsplit=1)[0].removeprefix("www.").rstrip(".")
    if not is_domain(host):
        return text
    shown = m.catalogue.knowledge.show(host)
    return shown.id if shown is not None and not shown.software else host


def names(m: Migration, services: Sequence[str]) -> dict[str, Text]:
    """What the catalogue calls these services, for those that it knows."""
    knowledge = m.catalogue.knowledge
    found = {service: knowledge.entry(service) for service in services}
    return {service: entry.name for service, entry in found.items() if entry is not None}
