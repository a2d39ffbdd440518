"""The command ``note``: dated notes and attachments, for the dossier and for oneself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import as_json, common, migration, say, settings, show_json

if TYPE_CHECKING:
    from readdress.workflow.noting import Note

_TOPIC = "What it is about: appeal, complaint, answer, ban, call, change, loss or other."


@click.command("note")
@click.argument("text", required=False)
@click.option("--account", metavar="NAME", default="", help="Which account it is about: its service, login or id.")
@click.option(
    "--date", metavar="DATE", default="", help="When it happened: 2022-12-11 or “2022-12-11 18:00”. Default: now."
)
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What shows it. Its name and digest are kept; the file stays where it is.",
)
@click.option("--topic", metavar="TOPIC", default="", help=_TOPIC)
@click.option("--list", "list_", is_flag=True, help="Show what was noted.")
@as_json
@common
def note(
    *, text: str | None, account: str, date: str, file: Path | None, topic: str, list_: bool, json_: bool, **given: Any
) -> None:
    """Note what happened, with its date and what shows it.

    The timeline of `migrate dossier` is made of these notes. With --list or --json: show them; --account and --topic choose.
    """
    s = settings(**given)
    if text is not None and list_:
        raise click.UsageError("--list shows notes and takes no text.")
    if text is None and not (list_ or json_):
        raise click.UsageError("What happened? migrate note TEXT, or --list to see what was noted.")
    from readdress.workflow.noting import by_day, keep, notes

    if text is not None:
        with migration(s, write=True) as m:
            found = [keep(m, text, account=account, date=date, file=file, topic=topic)]
            names = {a.id: a.label or a.service for a in m.accounts()}
        if not json_:
            say("Noted.", "已记录。")
            _show(found, names)
            return
    else:
        if date or file:
            raise click.UsageError("--date and --file go with a text.")
        with migration(s, write=False) as m:
            about = m.find(account).id if account else ""
            names = {a.id: a.label or a.service for a in m.accounts()}
            found = [n for n in by_day(notes(m.log(about))) if not topic or n.topic == topic]
    if json_:
        from readdress.report.documents import document, when

        rows = [
            {
                "seq": n.seq,
                "day": when(n.day),
                "dated": n.dated,
                "noted": when(n.noted),
                "account": n.account,
                "topic": n.topic,
                "text": n.text,
                "file": n.file,
                "digest": n.digest,
            }
            for n in found
        ]
        show_json(document("notes", notes=rows))
        return
    if not found:
        say("Nothing was noted yet.", "还没有记录。")
    _show(found, names)


def _show(found: list[Note], names: dict[str, str]) -> None:
    from readdress.console.saying import say as say_it
    from readdress.report.dossier import day_text

    for n in found:
        head = [day_text(n.day), n.topic, names.get(n.account, "")]
        more = f" [{n.file}, SHA-256 {n.digest[:16]}…]" if n.file else ""
        say_it(f"{' · '.join(part for part in head if part)}: {n.text}{more}", hang=2)


COMMANDS = [note]
