"""Which accounts `watch` looks after: those that were moved, who writes for them, and what became due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from readdress.discovery.domains import org_domain
from readdress.errors import RecipeError
from readdress.models import Account, Slot, Verdict, Wait
from readdress.models.events import slot_verdict
from readdress.workflow.watch_judging import Changed, since_of

if TYPE_CHECKING:
    from readdress.recipe.schema import Recipe
    from readdress.workflow.migration import Migration

SETTLED = "settled by the person"


def changed_accounts(m: Migration) -> list[Changed]:
    """The open accounts of which at least one slot counts as changed (submitted, claimed or better)."""
    accounts = [a for a in m.accounts() if not a.closed]
    found = []
    for account in accounts:
        if all(s.verdict.rank < Verdict.SUBMITTED.rank for s in account.slots.values()):
            continue
        since, acts, expected = since_of(m.log(account.id))
        if not since:
            continue
        recipe = _recipe(m, account)
        siblings = any(a.service == account.service and a.site == account.site and a is not account for a in accounts)
        senders, orgs = _senders(m, account, recipe)
        found.append(Changed(account, since, acts, expected, recipe, senders, orgs, siblings=siblings))
    return found


def due(m: Migration, now: datetime) -> list[Wait]:
    """Waits whose time has come, and which a `migrate resume` ends."""
    return [w for w in m.state.waits() if w.account and w.until is not None and w.until <= now]


def settle_by_hand(m: Migration, name: str) -> list[Slot]:
    """The person says that what still came to OLD was changed or ended: the slots that fell are ``claimed``, and mail decides from now on."""
    account = m.find(name)
    fell = [s for s, state in account.slots.items() if state.verdict is Verdict.STRAGGLER]
    if fell:
        m.record(*(slot_verdict(account.id, slot, Verdict.CLAIMED, SETTLED) for slot in fell))
    return fell


def _recipe(m: Migration, account: Account) -> Recipe | None:
    try:
        return m.catalogue.recipe(account.service)
    except RecipeError:
        return None


def _senders(m: Migration, account: Account, recipe: Recipe | None) -> tuple[frozenset[str], frozenset[str]]:
    """Exact addresses and organisational domains that write for the account's service."""
    senders = set(recipe.detect.senders) if recipe else set()
    senders |= {s for mail in (recipe.mail if recipe else ()) for s in mail.sender if "{site}" not in s}
    bound = m.state.bound(account.id, "sender")
    orgs = {org_domain(d) for d in (recipe.detect.domains if recipe else ())}
    if account.site:
        orgs.add(org_domain(account.site.partition("://")[2].partition("/")[0].partition(":")[0]))
    elif "." in account.service:
        orgs.add(org_domain(account.service))
    if bound:
        senders.add(bound)
    return frozenset(s.lower() for s in senders), frozenset(o for o in orgs if o)


def service_lookup(m: Migration) -> Callable[[str], str]:
    """The service that a sender writes for, as the catalogue knows it; ``""`` where it does not."""
    knowledge = m.catalogue.knowledge
    known: dict[str, str] = {}

    def service_of(sender: str) -> str:
        if sender not in known:
            hit = knowledge.service_of(org_domain(sender.rpartition("@")[2]), sender)
            known[sender] = "" if hit is None else hit.service.id
        return known[sender]

    return service_of
