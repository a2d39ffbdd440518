"""Commands that change something: start a migration, move one service, go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, browsing, common, migration, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readdress.engine.tools import Outcome


@click.command("init")
@click.option("--old", help="The address you leave.")
@click.option("--new", help="The address you move to.")
@common
def init(old: str | None, new: str | None, **given: Any) -> None:
    """Start a migration from one address to another.

    Makes the state file, which holds everything that is known and done (no secrets). Asks for what is missing.
    """
    s = settings(**given)
    from readdress.workflow.migration import Migration

    old = old or _prompt("The address you leave", "--old")
    new = new or _prompt("The address you move to", "--new")
    with Migration.create(old, new, state=s.state, recipes=s.recipes, adapters=s.adapters) as made:
        click.echo(f"Started: {made.header.old} → {made.header.new}")
        click.echo(f"State file: {made.path}")
        click.echo("Next: migrate mailbox add new   and, while it still lives,   migrate mailbox add old")


def _prompt(text: str, option: str) -> str:
    import sys

    if not sys.stdin.isatty():
        raise click.UsageError(f"{option} is missing.")
    return str(click.prompt(text))


def move(s: Settings, service: str, site: str, login: str) -> None:
    """Move one service now (``migrate --service``)."""
    with migration(s, write=True) as m:
        outcomes = [m.move(service, site=site, login=login)]
        finish(s, outcomes)


@click.command("resume")
@common
@browsing
def resume(**given: Any) -> None:
    """Go on with whatever is unfinished.

    Accounts that wait for a time that has not come are left alone. Nothing that was done is done again.
    """
    s = settings(**given)
    with migration(s, write=True) as m:
        outcomes = m.resume()
        if not outcomes:
            click.echo("There is nothing to go on with. `migrate status` shows where everything stands.")
        finish(s, outcomes)


def finish(s: Settings, outcomes: Sequence[Outcome]) -> None:
    """Say how each account ended, and leave with the worst exit code."""
    from readdress.console.tables import outcome_lines

    for line in outcome_lines(outcomes, s.lang):
        click.echo(line)
    codes = [o.exit_code for o in outcomes]
    s.extra["exit_code"] = next((c for c in (1, 3, 4) if c in codes), 0)


COMMANDS = [init, resume]
