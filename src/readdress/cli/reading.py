"""Commands that only read: where everything stands, the log, the export, the check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from readdress.cli.options import as_json, common, migration, say, settings, show_json


@click.command("status")
@as_json
@common
def status(*, json_: bool, **given: Any) -> None:
    """Where every account stands, and what waits for whom or for when."""
    s = settings(**given)
    with migration(s, write=False) as m:
        if json_:
            from readdress.report.documents import status_document

            show_json(status_document(m.status()))
            return
        from readdress.console.tables import show_status

        show_status(m.status(), s.lang)


@click.command("check")
@as_json
@common
def check(*, json_: bool, **given: Any) -> None:
    """Verify the state file.

    Its integrity, its log without gaps, the picture equal to what the log says, the permissions.
    """
    s = settings(**given)
    with migration(s, write=False) as m:
        faults = m.check()
        if json_:
            from readdress.report.documents import check_document

            show_json(check_document(str(m.path), faults))
        elif not faults:
            serial = m.header.serial
            say(
                f"{m.path}: sound, {serial} entries, nothing missing.",
                f"{m.path}：完好，共 {serial} 条记录，没有缺失。",
            )
        else:
            from readdress.console.saying import say as say_it
            from readdress.console.saying import say_next
            from readdress.i18n.sentences import translate

            for fault in faults:
                say_it(translate(fault.detail, s.lang))
                say_next(translate(fault.todo, s.lang))
    s.extra["exit_code"] = 1 if faults else 0


@click.command("export")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write there instead of to the screen.",
)
@click.option("--json", "json_", is_flag=True, help="The export is always JSON; this changes nothing.")
@common
def export(*, output: Path | None, json_: bool, **given: Any) -> None:
    """Give the whole state as one JSON document.

    It holds addresses and logins, but no secrets.
    """
    del json_
    s = settings(**given)
    from readdress.workflow.files import check_export_place, write_private_json

    if output is not None:
        check_export_place(output)
    with migration(s, write=False) as m:
        document = m.export()
    if output is None:
        show_json(document)
        return
    write_private_json(output, document)
    say(f"Written: {output}", f"已写入：{output}")


@click.command("log")
@click.option("--account", metavar="NAME", default="", help="Only this account: its service, login or id.")
@click.option("--last", type=click.IntRange(1), metavar="N", default=None, help="Only the last so many events.")
@as_json
@common
def log(*, account: str, last: int | None, json_: bool, **given: Any) -> None:
    """Show the event log.

    Everything that was found, done, seen and asked, in order.
    """
    s = settings(**given)
    from collections import deque

    with migration(s, write=False) as m:
        events = deque(m.log(m.find(account).id if account else ""), maxlen=last)
        if json_:
            from readdress.report.documents import log_document

            show_json(log_document(events))
            return
        from readdress.console.tables import event_line

        for event in events:
            click.echo(event_line(event))
