"""Brings the state file and the recipes together for the planner: the situation, the plan, the risks, the next thing to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from readdress.errors import RecipeError
from readdress.models import Account, Draft, OldState, Side, StepStatus, is_factor
from readdress.models.events import fact, factor, old_state, provider_state
from readdress.planner.access import Service, guided_service, service_of, unknown_service
from readdress.planner.plan import Plan
from readdress.planner.reach import Reach
from readdress.planner.risk import Risk, risks
from readdress.planner.situation import NEW_RECOVERY, Holding, NewMailbox, Situation
from readdress.planner.solve import solve
from readdress.planner.todo import Todo, next_todo
from readdress.recipe.generic import is_generic

if TYPE_CHECKING:
    from readdress.recipe.schema import Recipe
    from readdress.workflow.migration import Migration

LINK = "from:"
"""Facts that say which account a factor comes out of: ``from:password`` = the password manager's account."""

ASSUMED = frozenset({"password"})
"""What is taken for granted of a person who has not said anything yet. Once they say something, only that counts."""


@dataclass(frozen=True)
class Planned:
    """The situation of a migration, and what follows from it; each part is worked out when it is first asked for."""

    situation: Situation

    @cached_property
    def reach(self) -> Reach:
        """What is open now."""
        return Reach(self.situation)

    @cached_property
    def plan(self) -> Plan:
        """The order."""
        return solve(self.situation)

    @cached_property
    def risk(self) -> Risk:
        """What would be lost."""
        return risks(self.situation, self.plan)

    @cached_property
    def todo(self) -> Todo:
        """The one thing to do now."""
        return next_todo(self.reach, self.risk)


def planned(m: Migration) -> Planned:
    """The migration as the planner sees it."""
    return Planned(situation_of(m))


def situation_of(m: Migration) -> Situation:
    """Read the state file and the recipes of the accounts that are open."""
    now = m.adapters.the_clock().now()
    accounts = [a for a in m.accounts() if not a.closed]
    recipes = _recipes(m, {a.service for a in accounts})
    services = {s: guided_service(r) if guided else service_of(r) for s, (r, guided) in recipes.items()}
    factors, facts = m.state.all_factors(), m.state.all_facts()
    said = any(factors.values())
    waits = {w.account: w for w in m.state.waits()}
    holdings = []
    for a in accounts:
        service = services.get(a.service) or unknown_service(a.service)
        stated = {**factors.get("", {}), **factors.get(a.id, {})}
        held = {name for name, (yes, _) in stated.items() if yes} | (set() if said else ASSUMED)
        wait = waits.get(a.id)
        route = m.state.route(a.id)
        holdings.append(
            Holding(
                id=a.id,
                service=service,
                held=frozenset(held),
                links=_links(facts.get("", {}), facts.get(a.id, {})),
                session=stated.get("session", (False, ""))[1],
                login=a.login,
                site=a.site.removeprefix("https://"),
                moved=_moved(a, recipes[a.service][0] if a.service in recipes else None),
                route=route,
                wait_until=wait.until if wait is not None and wait.kind == "time" else None,
                wait_for=wait.kind if wait is not None else "",
                uses=_uses(m, a, service),
                done=_done(m, a, route) if route else {},
            )
        )
    state, until = m.state.old_state()
    own = facts.get("", {})
    return Situation(
        now=now,
        accounts=tuple(holdings),
        old=_ended(OldState(state), until, now),
        old_until=until,
        providers={s: (_ended(p, end, now), end) for s, (p, end) in m.state.providers().items()},
        new=NewMailbox(
            held=factors.get("", {}).get("new_mailbox", (True, ""))[0],
            set_up=m.state.mailbox(Side.NEW) is not None,
            recovery=own.get("new:recovery", ""),
            provider=_provider(str(m.header.new)),
            second_factor={"yes": True, "no": False}.get(own.get("new:second_factor", "")),
        ),
        assumed=not said,
    )


def _provider(address: str) -> str:
    """The name of the known mail provider whose domain the address has; ``""`` for any other."""
    from readdress.mailbox.presets import preset_for

    preset = preset_for(address)
    return preset.name if preset is not None else ""


def _recipes(m: Migration, services: Iterable[str]) -> Mapping[str, tuple[Recipe, bool]]:
    """The recipe of each service, and whether it is the generic one; services of which nothing is known are missing."""
    found = {}
    for service in services:
        try:
            guided = m.catalogue.guided(service)
            found[service] = (m.catalogue.recipe(service), guided is not None and is_generic(guided))
        except RecipeError:
            continue
    return found


def _ended(state: OldState, until: datetime | None, now: datetime) -> OldState:
    """What was expected to end by now counts as gone, until the person says that it lives."""
    return OldState.DEAD if until is not None and until <= now else state


def _links(general: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    both = {**general, **own}
    return {name[len(LINK) :]: to for name, to in both.items() if name.startswith(LINK) and to}


def _moved(account: Account, recipe: Recipe | None) -> bool:
    """As the engine counts it: every slot that a change route moves was read back, and nothing of it is doubted."""
    matters = recipe.important if recipe is not None else frozenset(account.slots)
    states = [account.slots.get(s) for s in matters]
    return bool(states) and all(s is not None and s.verdict.finished and not s.doubted for s in states)


def _uses(m: Migration, account: Account, service: Service) -> dict[str, tuple[datetime, ...]]:
    uses = {cap.id: tuple(m.state.limit_uses(account.id, cap.id)) for cap in service.caps}
    return {cap: times for cap, times in uses.items() if times}


def _done(m: Migration, account: Account, route: str) -> dict[str, datetime]:
    return {
        s.step: s.ended_at
        for s in m.state.steps(account.id)
        if s.route == route and s.status is StepStatus.DONE and s.ended_at is not None
    }


# -- what the person says -----------------------------------------------------------------------------------------------


def hold(
    m: Migration,
    accounts: Iterable[str],
    *,
    have: Iterable[str] = (),
    lack: Iterable[str] = (),
    source: str = "",
    where: str = "",
) -> list[Draft]:
    """Events for what the person holds (``have``) and does not (``lack``) at ``accounts`` (``""``: at all of them).

    ``source``: the account that the factors come out of; ``where``: where a living session is. What is known already gives no event.
    """
    known, facts = m.state.all_factors(), m.state.all_facts()
    found = []
    for account in accounts:
        before, links = known.get(account, {}), facts.get(account, {})
        for name, yes in [*((f, True) for f in have), *((f, False) for f in lack)]:
            place = where if name == "session" and yes else ""
            if before.get(name) != (yes, place or before.get(name, (False, ""))[1] if yes else ""):
                found.append(factor(name, held=yes, account=account, where=place))
            link = f"{LINK}{name}"
            wanted = source if yes else ""
            if links.get(link, "") != wanted and (wanted or not yes):
                found.append(fact(link, wanted, account))
    return found


def is_factor_name(name: str) -> bool:
    """Whether a person can hold it: a factor, but not the old mailbox, of which ``migrate old`` speaks."""
    return is_factor(name) and name != "old_mailbox"


def new_facts(*, recovery: str = "", second_factor: str = "") -> list[Draft]:
    """Events for how safe NEW is; empty texts say nothing. ``recovery``: one of :data:`NEW_RECOVERY`; ``second_factor``: yes or no."""
    found = []
    if recovery:
        if recovery not in NEW_RECOVERY:
            raise ValueError(recovery)
        found.append(fact("new:recovery", recovery))
    if second_factor:
        found.append(fact("new:second_factor", second_factor))
    return found


def set_old(m: Migration, state: OldState, until: datetime | None) -> None:
    """Write down what is left of OLD."""
    m.record(old_state(state, until))


def set_provider(m: Migration, service: str, state: OldState, until: datetime | None) -> None:
    """Write down what is left of signing in through a service."""
    m.record(provider_state(service, state, until))
