"""The inventory as ``migrate accounts`` shows it: each account with what is believed of it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readdress.discovery.results import Entry
from readdress.models import Text
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
