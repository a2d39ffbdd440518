"""The commands ``discover``, ``accounts`` and ``add``: finding accounts, and the inventory of what was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, as_json, as_usage, common, migration, say, settings, show_json
from readdress.i18n.clean import clean
from readdress.models import Text

if TYPE_CHECKING:
    from readdress.discovery.results import Discovered
    from readdress.workflow.discovering import Archive

_KEPT = Text(
    "What was read until then is kept; the next run goes on from there.", "此前读取的内容已保留；下次运行从该处继续。"
)
_STOPPED = Text("Stopped. What was read until now is kept.", "已停止。此前读取的内容已保留。")
_THE_SAME = Text(
    "Go on with the same command: it reads only the rest, then shows the accounts.",
    "用同一命令继续：只读取其余部分，然后列出账号。",
)
_NO_SLOT = Text("{said} is no slot. Slots: {every}.", "{said} 不是用途（slot）。可用：{every}。")
_NO_SERVICE = Text("No service is called {said}.", "没有名为 {said} 的服务。")
_WRITE_SITE = Text(
    "Write the web address of its site, like: migrate add example.com", "请写网站地址，例如：migrate add example.com"
)
_WHICH_SITE = Text("Name it: migrate add {said} --site https://…", "请指明：migrate add {said} --site https://…")
_FILE = click.Path(
    exists=True, readable=False, path_type=Path
)  # what may not be read is said where it is read, with what to do


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
    from readdress.console.meter import ENTRIES, Meter, octets_of
    from readdress.workflow.discovering import Archive

    archives = [
        Archive(path, kind)
        for kind, paths in (("mbox", mbox), ("maildir", maildir), ("folder", eml), ("zip", zip_))
        for path in paths
    ]
    units = octets_of(mbox) | {path.name: ENTRIES for path in passwords}
    meter = Meter(s.lang, quiet=json_, units=units)
    with migration(s, write=True) as m:
        from readdress.workflow.accounts import inventory, names
        from readdress.workflow.scanning import backup_first

        if not json_ and not archives and not passwords and (first := backup_first(m)):
            say(first.en, first.zh)
        try:
            found = m.discover(archives=_typed(archives), passwords=passwords, aliases=alias, progress=meter)
        except KeyboardInterrupt:
            meter.end()
            _stopped(s)
            return
        finally:
            meter.end()
        entries = inventory(m)
        called = names(m, (*found.settled.closed, *found.settled.impostors))
    if json_:
        from readdress.report.inventory import discover_document

        show_json(discover_document(found, len(entries)))
    else:
        from readdress.console.accounts import show_discovered

        show_discovered(found, entries, s.lang, called)
    _end(s, found, quiet=json_)


def _stopped(s: Settings) -> None:
    """Ctrl-C: not `resume` goes on with reading, the same command does."""
    from readdress.console.saying import say as say_it
    from readdress.console.saying import say_next

    say_it(_STOPPED.to(s.lang), error=True)
    say_next(_THE_SAME.to(s.lang), error=True)
    s.extra["exit_code"] = 3


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
        if "is kept" not in found.error.message:  # some say so themselves
            say_it(_KEPT.to(s.lang), error=True)
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
    from readdress.models import Slot

    unknown = [x for x in slots if x not in set(Slot)]
    if unknown:
        every = ", ".join(Slot)
        raise click.UsageError(_NO_SLOT.format(said=repr(clean(unknown[0], 60)), every=every).to(s.lang))
    with migration(s, write=True) as m, as_usage(), _named(s, service):
        from readdress.workflow.accounts import names, note_account

        made, new = note_account(m, service, site=site, login=login, slots=[Slot(x) for x in slots])
        name = names(m, [made.service]).get(made.service, Text(made.label or made.service, "")).to(s.lang)
        account = f"{clean(name, 60)}{f' ({clean(made.site, 80)})' if made.site else ''}"
        en, zh = ("Noted", "已记录") if new else ("Known already", "已有此账号")
        say(
            f"{en}: {account}{f' as {clean(made.login, 60)}' if made.login else ''} ({made.id}).",
            f"{zh}：{account}{f'，登录名 {clean(made.login, 60)}' if made.login else ''}（{made.id}）。",
        )


@contextmanager
def _named(s: Settings, service: str) -> Iterator[None]:
    """What is wrong with the name of a service, said as it helps whoever adds an account."""
    from readdress.errors import ConfigError, RecipeError, UsageError

    try:
        yield
    except RecipeError as error:
        near = error.todo.partition("?")[0] if error.todo.startswith("Did you mean") else ""
        hint = Text(f"{near}? ", f"是否指{near.removeprefix('Did you mean')}？") if near else Text("", "")
        todo = Text(hint.en + _WRITE_SITE.en, hint.zh + _WRITE_SITE.zh)
        unknown = _NO_SERVICE.format(said=repr(clean(service, 60)))
        raise UsageError(unknown.to(s.lang), todo=todo.to(s.lang)) from None
    except ConfigError as error:
        if "--site https" not in error.todo:
            raise
        todo = _WHICH_SITE.format(said=clean(service, 60))
        raise UsageError(error.message, todo=todo.to(s.lang)) from None
