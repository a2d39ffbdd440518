"""The command ``doctor``: what works, and for each fault the command that mends it."""

from __future__ import annotations

from typing import Any

import click

from readdress.cli.options import as_json, common, new_adapters, settings, show_json


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Do not connect to the mailboxes.")
@as_json
@common
def doctor(*, offline: bool, json_: bool, **given: Any) -> None:
    """Look at browser, keyring, mailboxes, state file and recipes."""
    s = settings(**given)
    from readdress.workflow.doctor import examine

    adapters = s.adapters or new_adapters(s)
    findings = examine(s.state, s.recipes, adapters=adapters, offline=offline)
    if json_:
        from readdress.report.documents import doctor_document

        show_json(doctor_document(findings))
    else:
        from readdress.console.tables import show_findings

        show_findings(findings, s.lang)
    s.extra["exit_code"] = 1 if any(f.fault for f in findings) else 0
