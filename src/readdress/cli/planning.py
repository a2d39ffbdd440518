"""Commands about what to do in which order: have, old, provider, plan, risk, next."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, as_json, common, migration, say, settings, show_json
from readdress.errors import UsageError

if TYPE_CHECKING:
    from readdress.models import Draft, OldState
    from readdress.workflow.migration import Migration

_STATES = click.Choice(["alive", "read-only", "dead"])
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


# -- the old mailbox and providers --------------------------------------------------------------------------------------


@click.command("old")
@click.argument("how", type=_STATES)
@click.option("--until", metavar="DATE", help="Until when it is expected to live, e.g. 2026-12-08.")
@common
def old(*, how: str, until: str | None, **given: Any) -> None:
    """Say what is left of the old mailbox.

    alive: it still gets mail. read-only: what is in it can be read, nothing new comes. dead: locked, banned or gone.
    """
    s = settings(**given)
    with migration(s, write=True) as m:
        from readdress.workflow.planning import set_old

        kept, end = _state(how, until, m)
        set_old(m, kept, end)
    say("Noted. What follows from it: migrate risk", "已记录。由此得出的风险：migrate risk")


@click.command("provider")
@click.argument("service")
@click.argument("how", type=_STATES)
@click.option("--until", metavar="DATE", help="Until when it is expected to live, e.g. 2026-12-08.")
@common
def provider(*, service: str, how: str, until: str | None, **given: Any) -> None:
    """Say whether signing in through a service still works.

    SERVICE is what you sign in with elsewhere: qq, google, apple, facebook … dead: your account there is locked, banned or gone.
    """
    s = settings(**given)
    from readdress.models import is_factor

    name = service.strip().lower()
    if not is_factor(f"sso:{name}"):
        raise click.UsageError(f"{service!r} is no service: use its id, like qq or google.")
    with migration(s, write=True) as m:
        from readdress.workflow.planning import set_provider

        kept, end = _state(how, until, m)
        set_provider(m, name, kept, end)
    say("Noted. What follows from it: migrate risk", "已记录。由此得出的风险：migrate risk")


def _state(state: str, until: str | None, m: Migration) -> tuple[OldState, datetime | None]:
    from readdress.models import OldState

    kept = OldState(state.replace("-", "_"))
    if until is None:
        return kept, None
    if kept is OldState.DEAD:
        raise UsageError("What is dead has no end to come.", todo="Leave --until out, or say alive.")
    return kept, _moment(until, m.adapters.the_clock().now())


def _moment(text: str, now: datetime) -> datetime:
    """The end of that day by the person's clock, in UTC. Raises a usage error for what is no day to come."""
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d")  # noqa: DTZ007 - the person's own calendar, made aware below
    except ValueError:
        raise UsageError(f"{text!r} is no day.", todo="Write it as year-month-day, like 2026-12-08.") from None
    end = (day + timedelta(days=1) - timedelta(seconds=1)).astimezone().astimezone(UTC)
    if end <= now:
        raise UsageError(f"{text} is over.", todo="Say dead if it has ended, or give a day to come.")
    return end


# -- what follows -------------------------------------------------------------------------------------------------------


@click.command("plan")
@click.option("--why", metavar="NAME", help="Everything that one account's place rests on: its service, login or id.")
@as_json
@common
def plan(*, why: str | None, json_: bool, **given: Any) -> None:
    """The order in which nothing is lost, and why.

    What can be done now comes first; then what has to wait, what needs something more, what only an appeal could bring back.
    """
    s = settings(**given)
    from readdress.workflow.planning import planned

    with migration(s, write=False) as m:
        found, header = planned(m), m.header
        if why is not None:
            account = m.find(why).id
            number, place = next((n, p) for n, p in enumerate(found.plan, 1) if p.account == account)
            if json_:
                from readdress.report.planning import why_document

                show_json(why_document(found.reach, place, number))
                return
            from readdress.console.planning import show_why

            show_why(found.reach, place, number, s.lang)
            return
        if json_:
            from readdress.report.planning import plan_document

            show_json(plan_document(found.situation, found.reach, found.plan))
            return
        from readdress.console.planning import show_plan

        show_plan(found.situation, found.reach, found.plan, str(header.old), str(header.new), s.lang)


@click.command("risk")
@as_json
@common
def risk(*, json_: bool, **given: Any) -> None:
    """What would be lost now, and the one act that saves each.

    If the old mailbox, a sign-in provider or the devices that are signed in went; and what is out of reach already.
    """
    s = settings(**given)
    from readdress.workflow.planning import planned

    with migration(s, write=False) as m:
        found, header = planned(m), m.header
        if json_:
            from readdress.report.planning import risk_document

            show_json(risk_document(found.situation, found.reach, found.risk))
            return
        from readdress.console.planning import show_risk

        show_risk(found.situation, found.reach, found.risk, str(header.old), str(header.new), s.lang)


@click.command("next")
@as_json
@common
def next_(*, json_: bool, **given: Any) -> None:
    """The one thing to do now, with its command."""
    s = settings(**given)
    from readdress.workflow.planning import planned

    with migration(s, write=False) as m:
        todo = planned(m).todo
        if json_:
            from readdress.report.planning import next_document

            show_json(next_document(todo))
            return
        from readdress.console.planning import show_next

        show_next(todo, s.lang)


COMMANDS = [have, old, provider, plan, risk, next_]
