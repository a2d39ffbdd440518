"""The command ``migrate``: its group, its exit codes, and the one place where an error becomes a sentence and a next action."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from readdress._version import __version__
from readdress.cli import diagnosing, mailboxes, moving, practising, reading, recipes
from readdress.cli.options import Settings, browsing, common, settings
from readdress.errors import ReaddressError

if TYPE_CHECKING:
    from readdress.workflow.adapters import Adapters

_EPILOG = """\b
Exit codes: 0 all done, 1 failed, 2 wrong use, 3 stopped for you, 4 waiting for time or mail.
First try:  migrate practice    (a rehearsal; nothing of yours is touched)"""


@click.group(invoke_without_command=True, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--service", help="Move one service now: its id or name, e.g. microsoft.")
@click.option("--site", help="With --service: the address of the site, for software that runs on many hosts.")
@click.option("--account", help="With --service: the login, when you have several accounts there.")
@common
@browsing
@click.version_option(__version__, prog_name="migrate")
def migrate(service: str | None, site: str | None, account: str | None, **given: Any) -> None:
    """Move your life off an email address.

    Finds every account bound to the old address, changes the address where that is safe and with you where it is not,
    proves that it worked, and can stop and go on at any moment.
    """
    ctx = click.get_current_context()
    s = settings(**given)
    stray = [f"--{n}" for n, v in (("service", service), ("site", site), ("account", account)) if v is not None]
    if ctx.invoked_subcommand is not None:
        if stray:
            raise click.UsageError(
                f"{', '.join(stray)} would be dropped by `{ctx.invoked_subcommand}`. "
                "Either move a service (migrate --service NAME) or run a command."
            )
        return
    if service is None:
        if stray:
            raise click.UsageError(f"{', '.join(stray)} needs --service.")
        click.echo(ctx.get_help())
        return
    moving.move(s, service, site or "", account or "")


for group in (practising, moving, mailboxes, reading, recipes, diagnosing):
    for command in group.COMMANDS:
        migrate.add_command(command)


def run(argv: Sequence[str], adapters: Adapters | None = None) -> int:
    """Run one command line and return its exit code. ``adapters`` replaces the real outside, for programs and tests."""
    from readdress.i18n.lang import pick_lang

    s = Settings(lang=pick_lang(), adapters=adapters)
    debug = "--debug" in argv
    try:
        if debug:
            from readdress import log

            log.start(debug=True)
        code = migrate.main(args=list(argv), prog_name="migrate", standalone_mode=False, obj=s)
        return code if isinstance(code, int) else int(s.extra.get("exit_code", 0))
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except ReaddressError as error:
        return _explain(error, debug=debug)
    except (KeyboardInterrupt, click.Abort):
        _say("\nStopped. Everything that was done is written down. Go on with: migrate resume")
        return 3
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        if debug:
            raise
        _say(f"Something went wrong inside readdress ({type(error).__name__}). Nothing that was written down is lost.")
        _say("→ Run the same command with --debug and report what it shows; `migrate check` verifies the state file.")
        return 1


def _explain(error: ReaddressError, *, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exc()
    from readdress.i18n.clean import clean

    _say(clean(error.message, 2000, lines=True))
    if error.todo:
        _say(f"→ {clean(error.todo, 2000, lines=True)}")
    return error.exit_code


def _say(text: str) -> None:
    click.echo(text, err=True)


