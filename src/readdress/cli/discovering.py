"""The commands ``discover``, ``accounts`` and ``add``: finding accounts, and the inventory of what was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, as_json, as_usage, common, migration, say, settings, show_json

if TYPE_CHECKING:
    from readdress.discovery.results import Discovered
    from readdress.workflow.discovering import Archive

_FILE = click.Path(exists=True, path_type=Path)


@click.command("discover")
@click.option(
    "--mbox",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="Read a mailbox file (mbox, also gzip or Takeout) instead.",
)
@click.option("--maildir", multiple=True, type=_FILE, metavar="DIR", help="Read a Maildir instead.")
@click.option("--eml", multiple=True, type=_FILE, metavar="DIR", help="Read a folder of .eml or .msg files instead.")
@click.option("--zip", "zip_", multiple=True, type=_FILE, metavar="FILE", help="Read a zip of any of those instead.")
@click.option(
    "--passwords", multiple=True, type=_FILE, metavar="FILE", help="Read a password manager's or browser's export."
)
@click.option(
    "--alias", multiple=True, metavar="ADDRESS", help="A further address of yours in the old mailbox; remembered."
)
@as_json
@common
def discover(
    *,
    mbox: tuple[Path, ...],
    maildir: tuple[Path, ...],
    eml: tuple[Path, ...],
    zip_: tuple[Path, ...],
    passwords: tuple[Path, ...],
    alias: tuple[str, ...],
    json_: bool,
    **given: Any,
) -> None:
    """Find the accounts bound to the old address.

    Reads the old mailbox (every folder, only what is new, headers first; nothing in it is changed), or the archives and exports that you
    name. Says for each account why it is believed. May be stopped at any time.
    """
    s = settings(**given)
    from readdress.console.meter import Meter
    from readdress.workflow.discovering import Archive

    archives = [
        Archive(path, kind)
        for kind, paths in (("mbox", mbox), ("maildir", maildir), ("folder", eml), ("zip", zip_))
        for path in paths
    ]
    meter = Meter(s.lang, quiet=json_)
    with migration(s, write=True) as m:
        from readdress.workflow.accounts import inventory
        from readdress.workflow.scanning import backup_first

        if not json_ and not archives and not passwords and (first := backup_first(m)):
            say(first.en, first.zh)
        try:
            found = m.discover(archives=_typed(archives), passwords=passwords, aliases=alias, progress=meter)
        finally:
            meter.end()
        entries = inventory(m)
    if json_:
        from readdress.report.inventory import discover_document

        show_json(discover_document(found, len(entries)))
    else:
        from readdress.console.accounts import show_discovered

        show_discovered(found, entries, s.lang)
    _end(s, found, quiet=json_)


def _typed(archives: list[Archive]) -> list[Archive]:
    """An mbox may be packed: its kind is told by its content."""
    from readdress.workflow.discovering import Archive

    return [Archive(a.path, "" if a.kind == "mbox" else a.kind) for a in archives]


def _end(s: Settings, found: Discovered, *, quiet: bool) -> None:
    if found.error is None:
        return
    s.extra["exit_code"] = found.error.exit_code
    if not quiet:
        from readdress.console.saying import say as say_it
        from readdress.console.saying import say_next
        from readdress.i18n.sentences import translate

        say_it(translate(found.error.message, s.lang), error=True)
        say(
            "What was read until then is kept; the next run goes on from there.",
            "此前读取的内容已保留；下次运行从该处继续。",
        )
        if found.error.todo:
            say_next(translate(found.error.todo, s.lang), error=True)


@click.command("accounts")
@click.option(
    "--why",
    metavar="NAME",
    default="",
    help="Message by message why this account is believed: its service, login or id.",
)
@as_json
@common
def accounts(*, why: str, json_: bool, **given: Any) -> None:
    """Show the inventory, and why each account is believed."""
    s = settings(**given)
    from readdress.workflow.accounts import inventory

    with migration(s, write=False) as m:
        entries = inventory(m)
        if why:
            chosen = {a.id for a in m.named(why)}
            entries = [e for e in entries if e.account.id in chosen]
    if json_:
        from readdress.report.inventory import accounts_document

        show_json(accounts_document(entries))
        return
    from readdress.console.accounts import show_accounts, show_why

    if why:
        for entry in entries:
            show_why(entry, s.lang)
    else:
        show_accounts(entries, s.lang)


@click.command("add")
@click.argument("service")
@click.option("--login", metavar="NAME", default="", help="As whom you sign in there.")
@click.option("--site", metavar="URL", default="", help="The site, for software that runs on many hosts.")
@click.option(
    "--slot",
    "slots",
    multiple=True,
    metavar="SLOT",
    help="Where the old address is used: sign_in, contact, recovery, two_factor, sso, billing or newsletter.",
)
@common
def add(*, service: str, login: str, site: str, slots: tuple[str, ...], **given: Any) -> None:
    """Note an account that no source shows.

    Such as one where you "sign in with QQ", or an app on your phone. SERVICE is an id, a name, or the domain of its site.
    """
    s = settings(**given)
    from readdress.models import Evidence, Slot

    unknown = [x for x in slots if x not in set(Slot)]
    if unknown:
        raise click.UsageError(f"{unknown[0]!r} is no slot. Slots: {', '.join(Slot)}.")
    with migration(s, write=True) as m, as_usage():
        now = m.adapters.the_clock().now()
        made = m.add(
            service,
            site=site,
            login=login,
            slots=[Slot(x) for x in slots],
            evidence=[Evidence("person", "migrate add", "added", at=now)],
        )
        name = made.label or made.service
        say(
            f"Noted: {name}{' as ' + login if login else ''} ({made.id}).",
            f"已记录：{name}{'，登录名 ' + login if login else ''}（{made.id}）。",
        )
