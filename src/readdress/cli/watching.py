"""The command ``watch``: once, for a timer, or for as long as one lets it run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, as_json, common, migration, say, settings, show_json

if TYPE_CHECKING:
    from readdress.workflow.migration import Migration
    from readdress.workflow.watching import Watched, Watcher

_MINUTES = 15
_LEAST = 1


@click.command("watch")
@click.option("--once", is_flag=True, help="Look once and end: for cron, a systemd timer, the Task Scheduler.")
@click.option(
    "--every",
    type=click.IntRange(_LEAST, 24 * 60),
    metavar="MINUTES",
    default=_MINUTES,
    help="Without --once: how long to wait between two looks. Default: 15.",
)
@click.option("--quiet", is_flag=True, help="Say nothing where there is nothing to tell.")
@click.option(
    "--settled",
    metavar="NAME",
    default="",
    help="You changed or ended what this account still sent to the old address; its mail decides from now on.",
)
@as_json
@common
def watch(*, once: bool, every: int, quiet: bool, settled: str, json_: bool, **given: Any) -> None:
    """Watch both mailboxes for mail of the accounts that were moved.

    A service's own mail to the new address proves the move; its mail to the old address afterwards opens the account again. Waits that are over are
    listed. Mailboxes are only read. Without --once it stays until Ctrl-C.
    """
    s = settings(**given)
    if settled:
        _settle(s, settled)
        return
    if json_ and not once:
        raise click.UsageError("--json needs --once: it prints one document.")
    from readdress.workflow.watching import Watcher

    with Watcher() as watcher:
        if once:
            found = _look(s, watcher, quiet=quiet, json_=json_)
            s.extra["exit_code"] = _code(found)
            return
        _stay(s, watcher, every, quiet=quiet)


def _stay(s: Settings, watcher: Watcher, every: int, *, quiet: bool) -> None:
    from readdress.errors import StateLocked

    say(
        f"Watching, a look every {every} minutes. Ctrl-C ends it.",
        f"正在关注，每 {every} 分钟查看一次。按 Ctrl-C 结束。",
    )
    try:
        while True:
            pause = every * 60.0
            try:
                found = _look(s, watcher, quiet=quiet)
                pause = max(pause, _rest(found))
            except StateLocked:  # another command is at work: its turn
                if not quiet:
                    say("Another command is at work; the next look is later.", "另一个命令正在运行，稍后再查看。")
            time.sleep(pause)
    except KeyboardInterrupt:
        say("Ended. Everything that was seen is written down.", "已结束。看到的一切都已记录。")


def _rest(found: Watched) -> float:
    """Seconds for which a mailbox that could not be read is left alone at least: a provider counts refused logins."""
    return 900.0 if found.error is not None else 0.0


def _look(s: Settings, watcher: Watcher, *, quiet: bool, json_: bool = False) -> Watched:
    with migration(s, write=True) as m:
        found = watcher.look(m)
        if json_:
            from readdress.report.watching import watch_document

            show_json(watch_document(found))
        elif found.news or not quiet:
            _show(s, m, found)
    return found


def _show(s: Settings, m: Migration, found: Watched) -> None:
    from readdress.console.saying import say as say_it
    from readdress.console.watching import watch_lines
    from readdress.workflow.watch_judging import Passed

    accounts = [a for a in m.accounts() if not a.closed]
    services = [a.service for a in accounts]
    for text in watch_lines(
        s.lang,
        {a.id: a.label or a.service for a in accounts},
        {a.id: a.service if services.count(a.service) == 1 else a.id for a in accounts},
        _homes(m, {t.account for t in found.stragglers}),
        seen=found.seen,
        proven=found.proven,
        stragglers=found.stragglers,
        due=found.due,
        watched=found.watched,
        forged=found.passed.get(Passed.NOT_AUTHENTIC, 0),
    ):
        say_it(text, hang=2)


def _homes(m: Migration, accounts: set[str]) -> dict[str, str]:
    """The page to begin at, for those accounts."""
    homes = {}
    for account in accounts:
        one = m.state.account(account)
        service = m.catalogue.knowledge.entry(one.service)
        homes[account] = one.site or (service.entry if service is not None else "")
    return homes


def _code(found: Watched) -> int:
    """1 where a mailbox could not be read, 3 where somebody still writes to OLD, 0 else."""
    if found.error is not None:
        return found.error.exit_code
    return 3 if found.stragglers else 0


def _settle(s: Settings, name: str) -> None:
    with migration(s, write=True) as m:
        from readdress.workflow.watch_accounts import settle_by_hand

        fell = settle_by_hand(m, name)
    if fell:
        listed = ", ".join(slot.value for slot in fell)
        say(f"Noted: {listed}. The next mail decides.", f"已记录：{listed}。以后续邮件为准。")
    else:
        say("Nothing of it is open that came to the old address.", "该账号没有仍发往旧地址的内容。")


COMMANDS = [watch]
