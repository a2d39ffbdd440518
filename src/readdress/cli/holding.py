"""The command ``have``: what the person still holds, for all accounts or for one, asked or said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, as_json, common, migration, say, settings, show_json

if TYPE_CHECKING:
    from readdress.models import Draft
    from readdress.workflow.migration import Migration

_NEW_RECOVERY = click.Choice(["old", "phone", "other", "none"])
_YES_NO = click.Choice(["yes", "no"])


@click.command("have")
@click.option("--account", metavar="NAME", help="Only for this account: its service, login or id.")
@click.option("--service", metavar="ID", help="Only for the accounts at this service.")
@click.option("--set", "have_", metavar="FACTORS", help="What you hold, e.g. phone,password (no questions are asked).")
@click.option("--unset", "lack", metavar="FACTORS", help="What you do not hold (any more).")
@click.option(
    "--from", "source", metavar="NAME", help="With --set: the account that it comes out of, e.g. a password manager."
)
@click.option("--where", metavar="PLACE", help="With --set session: where you are signed in, e.g. phone or laptop.")
@click.option(
    "--new", "about_new", is_flag=True, help="Answer for the new mailbox: what brings it back, its second factor."
)
@click.option("--new-recovery", type=_NEW_RECOVERY, help="What brings the new mailbox back when its password is lost.")
@click.option("--new-second-factor", type=_YES_NO, help="Whether the new mailbox asks for a second factor.")
@as_json
@common
def have(
    *,
    account: str | None,
    service: str | None,
    have_: str | None,
    lack: str | None,
    source: str | None,
    where: str | None,
    about_new: bool,
    new_recovery: str | None,
    new_second_factor: str | None,
    json_: bool,
    **given: Any,
) -> None:
    """Say what you still hold: phone, passwords, devices.

    For all accounts, or for one. Without --set it asks in plain words; where nobody can answer it shows what is known.
    """
    s = settings(**given)
    if account and service:
        raise click.UsageError("Give --account or --service, not both.")
    if (source or where) and not have_:
        raise click.UsageError("--from and --where need --set.")
    yes, no = _factors(have_), _factors(lack)
    telling = bool(yes or no or new_recovery or new_second_factor)
    asking = not telling and not json_ and sys.stdin.isatty() and sys.stdout.isatty()
    answers: _Answers | None = None
    if asking:
        with migration(s, write=False) as m:
            known = m.state.all_factors()
            whom = _whom(m, account, service)
            name = account or service or ""
            before = {f: held for f, (held, _) in {**known.get("", {}), **known.get(whom[0], {})}.items()}
            facts = m.state.facts()
        from readdress.cli.asking import ask_factors, ask_new

        answers = _Answers()
        if not about_new:
            answers.have, answers.lack, answers.where = ask_factors(s.lang, before, name)
        if not name:
            answers.recovery, answers.second = ask_new(s.lang, facts)
    if telling or answers is not None:
        with migration(s, write=True) as m:
            drafts = _drafts(m, account, service, yes, no, source, where) if telling else []
            if answers is not None:
                drafts += _answered(m, _whom(m, account, service), answers)
            from readdress.workflow.planning import new_facts

            recovery, second = new_recovery or "", new_second_factor or ""
            if answers is not None:
                recovery, second = answers.recovery, answers.second
            drafts += new_facts(recovery=recovery, second_factor=second)
            if drafts:
                m.record(*drafts)
            if not json_:
                say(*_KEPT if drafts else _SAME)
    if json_ or not (telling or answers is not None):
        _show_have(s, json_=json_)


_KEPT = ("Noted. What follows from it: migrate plan", "已记录。由此得出的计划：migrate plan")
_SAME = ("That was known already.", "这些已经记录过。")


class _Answers:
    """What the person answered."""

    def __init__(self) -> None:
        self.have: list[str] = []
        self.lack: list[str] = []
        self.where = ""
        self.recovery = ""
        self.second = ""


def _answered(m: Migration, whom: list[str], answers: _Answers) -> list[Draft]:
    from readdress.workflow.planning import hold

    return hold(m, whom, have=answers.have, lack=answers.lack, where=answers.where)


def _drafts(
    m: Migration,
    account: str | None,
    service: str | None,
    yes: list[str],
    no: list[str],
    source: str | None,
    where: str | None,
) -> list[Draft]:
    from readdress.workflow.planning import hold

    out_of = m.find(source).id if source else ""
    return hold(m, _whom(m, account, service), have=yes, lack=no, source=out_of, where=where or "")


def _whom(m: Migration, account: str | None, service: str | None) -> list[str]:
    """The accounts that are spoken of; ``[""]``: all of them."""
    if account:
        return [m.find(account).id]
    if service:
        found = [a.id for a in m.accounts() if a.service == service and not a.closed]
        if not found:
            m.find(service)  # says that there is none
        return found
    return [""]


def _factors(text: str | None) -> list[str]:
    from readdress.workflow.planning import is_factor_name

    names = [part.strip().replace("-", "_") if ":" not in part else part.strip() for part in (text or "").split(",")]
    names = [n for n in names if n]
    for name in names:
        if name == "old_mailbox":
            raise click.UsageError("Of the old mailbox speaks: migrate old alive, read-only or dead.")
        if not is_factor_name(name):
            from readdress.models import FACTORS

            listed = ", ".join(sorted(FACTORS - {"old_mailbox", "support"}))
            raise click.UsageError(f"{name!r} is nothing that one holds. Choose from: {listed}, sso:SERVICE.")
    return names


def _show_have(s: Settings, *, json_: bool) -> None:
    from readdress.workflow.planning import planned

    with migration(s, write=False) as m:
        found = planned(m)
        if json_:
            from readdress.report.planning import have_document

            show_json(have_document(found.situation, m.state.all_factors()))
            return
        from readdress.console.holding import show_have

        show_have(found.situation, found.reach, m.state.all_factors(), s.lang)


COMMANDS = [have]
