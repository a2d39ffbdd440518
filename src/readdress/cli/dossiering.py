"""The command ``dossier``: the document that goes with an appeal or a complaint."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import common, migration, say, settings

if TYPE_CHECKING:
    from readdress.report.dossier import Dossier

_OUT = click.Path(dir_okay=False, path_type=Path)


@click.command("dossier")
@click.option(
    "--for",
    "provider",
    metavar="NAME",
    default="",
    help="Whom it is for: tencent, or a service. Default: whoever the old mailbox was of.",
)
@click.option("--output", "-o", type=_OUT, metavar="FILE", help="Write it there: .html to print, or .md.")
@click.option(
    "--format", "format_", type=click.Choice(["html", "md"]), help="Default: by the file's name; md on the screen."
)
@click.option(
    "--logins", is_flag=True, help="Show your login names at other services too. A provider rarely needs them."
)
@click.option(
    "--say",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Fill something in: name, phone, number, since, closed, notice, request; with --account: since, value, uses.",
)
@click.option("--account", metavar="NAME", default="", help="With --say: the account that it is said of.")
@common
def dossier(
    *,
    provider: str,
    output: Path | None,
    format_: str | None,
    logins: bool,
    pairs: tuple[str, ...],
    account: str,
    **given: Any,
) -> None:
    """Write the document that goes with an appeal or a complaint.

    Who, which account, what hangs on it, what happened, where to turn and in which order. It fills in only what is known, and marks what is missing
    with the command that fills it in. In the language of --lang; printable on A4. Identity numbers are never kept: they are written by hand.
    """
    s = settings(**given)
    if account and not pairs:
        raise click.UsageError("--account goes with --say.")
    if pairs:
        from readdress.workflow.dossiering import say as keep

        with migration(s, write=True) as m:
            kept = keep(m, pairs, account)
        say(f"Noted: {', '.join(kept)}.", f"已记录：{'、'.join(kept)}。")
        if not (provider or output or format_):
            return
    kind = format_ or ("html" if output is not None and output.suffix.lower() in {".html", ".htm"} else "md")
    from readdress.workflow.dossiering import dossier as made_of

    with migration(s, write=False) as m:
        found = made_of(m, provider, s.lang, logins=logins)
    text, head = _text(found, kind)
    if output is None:
        if kind == "html" and sys.stdout.isatty():
            raise click.UsageError("HTML is no text for a screen: name a file with --output.")
        click.echo(text, nl=False)
        return
    from readdress.workflow.people_told import write_own

    write_own(output, text, head)
    missing = len(found.missing())
    say(f"Written: {output}", f"已写入：{output}")
    if missing:
        say(
            f"{missing} things are missing in it; each stands there with the command that fills it in.",
            f"其中还缺 {missing} 处内容，文中标有补充所用的命令。",
        )


def _text(found: Dossier, kind: str) -> tuple[str, str]:
    if kind == "html":
        from readdress.report.dossier_html import HEAD, html_of

        return html_of(found), HEAD
    from readdress.report import dossier_md

    return dossier_md.markdown_of(found), dossier_md.HEAD


COMMANDS = [dossier]
