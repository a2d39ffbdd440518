"""The command ``practice``: the rehearsal on embedded servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from readdress.cli.options import as_json, common, settings, show_json


@click.command("practice")
@click.option("--pause", is_flag=True, help="Stop before each step, with the browser in sight; Enter goes on.")
@click.option("--keep", is_flag=True, help="Keep the rehearsal's folder, its state file among it.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Rehearse in this folder (new or empty), and keep it.",
)
@click.option("--window", is_flag=True, help="Show the browser without stopping.")
@as_json
@common
def practice(*, pause: bool, keep: bool, folder: Path | None, window: bool, json_: bool, **given: Any) -> None:
    """Rehearse a whole migration; nothing of yours is touched.

    Mail server, sites and accounts are embedded. Accounts are found in a seeded mailbox, put in order, moved in a real
    browser, interrupted once on purpose, resumed and read back. Ends with the table of verdicts.
    """
    s = settings(**given)
    from readdress.practice.rehearsal import rehearse

    result = rehearse(
        folder=folder, keep=keep or folder is not None, pause=pause, window=window or pause, lang=s.lang, quiet=json_
    )
    if json_:
        show_json(result.document())
    s.extra["exit_code"] = 0 if result.ok else 1
