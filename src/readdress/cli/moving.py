"""Commands that change something: start a migration, move one service, go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, as_usage, browsing, common, migration, say, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readdress.engine.tools import Outcome


@click.command("init")
@click.option("--old", metavar="ADDRESS", help="The address you leave.")
@click.option("--new", metavar="ADDRESS", help="The address you move to.")
@common
def init(old: str | None, new: str | None, **given: Any) -> None:
    """Start a migration from one address to another.

    Makes the state file, which holds everything that is known and done (no secrets). Asks for what is missing.
    """
    s = settings(**given)
    from readdress.models import Address
    from readdress.workflow.migration import Migration

    old = old if old is not None else _prompt(s, "The address you leave", "您要离开的地址", "--old")
    new = new if new is not None else _prompt(s, "The address you move to", "您要迁往的地址", "--new")
    with as_usage():
        before, after = Address.parse(old), Address.parse(new)
    with Migration.create(before, after, state=s.state, recipes=s.recipes, adapters=s.adapters) as made:
        header = made.header
        say(f"Started: {header.old} → {header.new}", f"已开始：{header.old} → {header.new}")
        say(f"State file: {made.path}", f"状态文件：{made.path}")
        say("→ First the new mailbox: migrate mailbox add new", "→ 先设置新邮箱：migrate mailbox add new")
        say(
            "→ and, while it still lives, the old one: migrate mailbox add old",
            "→ 旧邮箱仍可用时也请设置：migrate mailbox add old",
        )


def _prompt(s: Settings, en: str, zh: str, option: str) -> str:
    import sys

    if not sys.stdin.isatty():
        raise click.UsageError(f"{option} is missing.")
    return str(click.prompt(zh if s.lang == "zh" else en))


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
            say(
                "There is nothing to go on with. `migrate status` shows where everything stands.",
                "没有可以继续的操作。migrate status 显示目前的状态。",
            )
        finish(s, outcomes)


def finish(s: Settings, outcomes: Sequence[Outcome]) -> None:
    """Say how each account ended, and leave with the worst exit code."""
    from readdress.console.saying import say as say_it
    from readdress.console.tables import outcome_lines

    for line in outcome_lines(outcomes, s.lang):
        say_it(line, hang=2 if line.startswith("→") else 0)
    codes = [o.exit_code for o in outcomes]
    s.extra["exit_code"] = next((c for c in (1, 3, 4) if c in codes), 0)
