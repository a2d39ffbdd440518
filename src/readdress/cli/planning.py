"""Commands about what to do in which order: old, provider, plan, risk, next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import as_json, common, migration, say, settings, show_json
from readdress.errors import UsageError

if TYPE_CHECKING:
    from readdress.models import OldState
    from readdress.workflow.migration import Migration

_STATES = click.Choice(["alive", "read-only", "dead"])


# -- the old mailbox and providers --------------------------------------------------------------------------------------


@click.command("old")
@click.argument("how", type=_STATES)
@click.option("--until", metavar="DATE", help="Until when it is expected to live, e.g. 2026-12-08.")
@common
def old(*, how: str, until: str | None, **given: Any) -> None:
    """Say what is left of the old mailbox.

    alive: it still gets mail. read-only: what is in it can be read, nothing new comes. dead: locked, banned or gone.
    """
    s = settings(**given)
    with migration(s, write=True) as m:
        from readdress.workflow.planning import set_old

        kept, end = _state(how, until, m)
        set_old(m, kept, end)
    say("Noted. What follows from it: migrate risk", "已记录。由此得出的风险：migrate risk")


@click.command("provider")
@click.argument("service")
@click.argument("how", type=_STATES)
@click.option("--until", metavar="DATE", help="Until when it is expected to live, e.g. 2026-12-08.")
@common
def provider(*, service: str, how: str, until: str | None, **given: Any) -> None:
    """Say whether signing in through a service still works.

    SERVICE is what you sign in with elsewhere: qq, google, apple, facebook … dead: your account there is locked, banned or gone.
    """
    s = settings(**given)
    from readdress.models import is_factor

    name = service.strip().lower()
    if not is_factor(f"sso:{name}"):
        raise click.UsageError(f"{service!r} is no service: use its id, like qq or google.")
    with migration(s, write=True) as m:
        from readdress.workflow.planning import set_provider

        kept, end = _state(how, until, m)
        set_provider(m, name, kept, end)
    say("Noted. What follows from it: migrate risk", "已记录。由此得出的风险：migrate risk")


def _state(state: str, until: str | None, m: Migration) -> tuple[OldState, datetime | None]:
    from readdress.models import OldState

    kept = OldState(state.replace("-", "_"))
    if until is None:
        return kept, None
    if kept is OldState.DEAD:
        raise UsageError("What is dead has no end to come.", todo="Leave --until out, or say alive.")
    return kept, _moment(until, m.adapters.the_clock().now())


def _moment(text: str, now: datetime) -> datetime:
    """The end of that day by the person's clock, in UTC. Raises a usage error for what is no day to come."""
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d")  # noqa: DTZ007 - the person's own calendar, made aware below
    except ValueError:
        raise UsageError(f"{text!r} is no day.", todo="Write it as year-month-day, like 2026-12-08.") from None
    end = (day + timedelta(days=1) - timedelta(seconds=1)).astimezone().astimezone(UTC)
    if end <= now:
        raise UsageError(f"{text} is over.", todo="Say dead if it has ended, or give a day to come.")
    return end


# -- what follows -------------------------------------------------------------------------------------------------------


@click.command("plan")
@click.option("--why", metavar="NAME", help="Everything that one account's place rests on: its service, login or id.")
@as_json
@common
def plan(*, why: str | None, json_: bool, **given: Any) -> None:
    """The order in which nothing is lost, and why.

    What can be done now comes first; then what has to wait, what needs something more, what only an appeal could bring back.
    """
    s = settings(**given)
    from readdress.workflow.planning import planned

    with migration(s, write=False) as m:
        found, header = planned(m), m.header
        if why is not None:
            account = m.find(why).id
            number, place = next((n, p) for n, p in enumerate(found.plan, 1) if p.account == account)
            if json_:
                from readdress.report.planning import why_document

                show_json(why_document(found.reach, place, number))
                return
            from readdress.console.planning import show_why

            show_why(found.reach, place, number, s.lang)
            return
        if json_:
            from readdress.report.planning import plan_document

            show_json(plan_document(found.situation, found.reach, found.plan))
            return
        from readdress.console.planning import show_plan

        show_plan(found.situation, found.reach, found.plan, str(header.old), str(header.new), s.lang)


@click.command("risk")
@as_json
@common
def risk(*, json_: bool, **given: Any) -> None:
    """What would be lost now, and the one act that saves each.

    If the old mailbox, a sign-in provider or the devices that are signed in went; and what is out of reach already.
    """
    s = settings(**given)
    from readdress.workflow.planning import planned

    with migration(s, write=False) as m:
        found, header = planned(m), m.header
        if json_:
            from readdress.report.planning import risk_document

            show_json(risk_document(found.situation, found.reach, found.risk))
            return
        from readdress.console.planning import show_risk

        show_risk(found.situation, found.reach, found.risk, str(header.old), str(header.new), s.lang)


@click.command("next")
@as_json
@common
def next_(*, json_: bool, **given: Any) -> None:
    """The one thing to do now, with its command."""
    s = settings(**given)
    from readdress.workflow.planning import planned

    with migration(s, write=False) as m:
        todo = planned(m).todo
        if json_:
            from readdress.report.planning import next_document

            show_json(next_document(todo))
            return
        from readdress.console.planning import show_next

        show_next(todo, s.lang)


COMMANDS = [old, provider, plan, risk, next_]
