"""The command ``people``: whom to tell of the new address, with the letter, and who was told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, as_json, common, migration, say, settings, show_json

if TYPE_CHECKING:
    from readdress.discovery.correspondents import Correspondent

_FILE = click.Path(exists=True, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
_SHOWN = 40


@click.command("people")
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
@click.option("--vcard", type=_OUT, metavar="FILE", help="Write them there as vCards, for an address book.")
@click.option("--csv", "csv_", type=_OUT, metavar="FILE", help="Write them there as a table, for a spreadsheet.")
@click.option(
    "--letter",
    type=click.Choice(["en", "zh"]),
    help="Print the letter to them, in that language; it is never sent by readdress.",
)
@click.option("--name", metavar="NAME", default="", help="With --letter: how you sign.")
@click.option("--told", multiple=True, metavar="ADDRESS", help="Note that they were told. May be repeated.")
@click.option("--not-told", multiple=True, metavar="ADDRESS", help="Take that back. May be repeated.")
@click.option("--all", "all_", is_flag=True, help="Show everybody, also those who were told, not only the last 40.")
@as_json
@common
def people(
    *,
    mbox: tuple[Path, ...],
    maildir: tuple[Path, ...],
    eml: tuple[Path, ...],
    zip_: tuple[Path, ...],
    vcard: Path | None,
    csv_: Path | None,
    letter: str | None,
    name: str,
    told: tuple[str, ...],
    not_told: tuple[str, ...],
    all_: bool,
    json_: bool,
    **given: Any,
) -> None:
    """Show whom to tell of the new address.

    People whom you wrote to, or who wrote to you more than once: from the old mailbox, or from the archives that you name. No lists, no services. Only who
    was told is kept; the letter is yours to send, best from the old address while it lives.
    """
    s = settings(**given)
    if told or not_told:
        _keep(s, told, not_told)
        return
    if letter:
        _letter(s, letter, name)
        return
    from readdress.console.meter import Meter
    from readdress.workflow.discovering import Archive
    from readdress.workflow.people_told import acquaintances
    from readdress.workflow.people_told import told as told_of

    archives = [
        Archive(path, kind)
        for kind, paths in (("", mbox), ("maildir", maildir), ("folder", eml), ("zip", zip_))
        for path in paths
    ]
    meter = Meter(s.lang, quiet=json_)
    with migration(s, write=not archives) as m:  # a provider that was asked too often is noted
        try:
            found, messages = acquaintances(m, archives, meter)
        finally:
            meter.end()
        known = told_of(m)
    if json_:
        from readdress.report.people import people_document

        show_json(people_document(found, known, messages))
    _write(found, known, vcard, csv_, quiet=json_)
    if not (json_ or vcard or csv_):
        _show(found, known, messages, everybody=all_)


def _keep(s: Settings, told: Sequence[str], not_told: Sequence[str]) -> None:
    from readdress.workflow.people_told import tell

    with migration(s, write=True) as m:
        news, back = tell(m, told), tell(m, not_told, back=True)
    if news:
        say(f"Noted as told: {', '.join(news)}.", f"已记录为已通知：{'、'.join(news)}。")
    if back:
        say(f"Noted as not told: {', '.join(back)}.", f"已改为未通知：{'、'.join(back)}。")
    if not (news or back):
        say("That was known already.", "这些已经记录过。")


def _letter(s: Settings, lang: str, name: str) -> None:
    from readdress.report.people import letter

    with migration(s, write=False) as m:
        header = m.header
    click.echo(letter(str(header.old), str(header.new), name).to(lang), nl=False)


def _write(
    found: Sequence[Correspondent], known: dict[str, str], vcard: Path | None, table: Path | None, *, quiet: bool
) -> None:
    from readdress.report.people import CSV_HEAD, csv_table, vcards
    from readdress.workflow.people_told import write_own

    written = []
    if vcard is not None:
        write_own(vcard, vcards(found), "BEGIN:VCARD\r\nVERSION:4.0\r\nPRODID:-//readdress")
        written.append(vcard)
    if table is not None:
        write_own(table, csv_table(found, known), ",".join(CSV_HEAD))
        written.append(table)
    for path in written if not quiet else ():
        say(f"Written: {path} ({len(found)} people)", f"已写入：{path}（{len(found)} 人）")


def _show(found: Sequence[Correspondent], known: dict[str, str], messages: int, *, everybody: bool) -> None:
    from readdress.console.saying import say as say_it
    from readdress.console.tables import local
    from readdress.i18n.clean import clean
    from readdress.workflow.people_told import untold

    left = untold(found, known)
    say(
        f"People: {len(found)} (messages read: {messages}); told already: {len(found) - len(left)}.",
        f"在 {messages} 封邮件中找到 {len(found)} 位联系人，其中 {len(found) - len(left)} 位已通知。",
    )
    shown = list(found) if everybody else left[:_SHOWN]
    for one in shown:
        name = clean(one.name, 60)
        who = f"{name} <{one.address}>" if name else one.address
        mark = " ✓" if one.address in known else ""
        say_it(f"{local(one.last)[:10] or '-':<10}  {who}  (→{one.sent} ←{one.received}){mark}", hang=12)
    rest = len(left) - len(shown) if not everybody else 0
    if rest > 0:
        say(f"… and {rest} more: migrate people --all", f"……还有 {rest} 位：migrate people --all")
    if left:
        say("→ The letter to them: migrate people --letter en", "→ 给他们的信：migrate people --letter zh")
        say("→ Whom you have told: migrate people --told ADDRESS", "→ 已通知的人：migrate people --told 地址")


COMMANDS = [people]
