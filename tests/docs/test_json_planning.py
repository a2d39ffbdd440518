"""docs/reference/json.md against the planner's documents, made from situations in which every field has something in it."""

from __future__ import annotations

from test_json import compare

from readdress.models import OldState
from readdress.planner.reach import Reach
from readdress.planner.risk import risks
from readdress.planner.situation import Situation
from readdress.planner.solve import solve
from readdress.planner.todo import next_todo
from readdress.report.planning import have_document, next_document, plan_document, risk_document, why_document
from tests.planner.graphs import DAY, NOW, account, service, situation


def full() -> Situation:
    """A cycle, a provider that will end, an account that only OLD opens, one that is out of reach."""
    manager = account(service("manager"), links={"password": "mail"})
    mail = account(service("mail"), "password session", links={"password": "manager"}, session="phone")
    forum = account(service("forum", ["old_mailbox"]), "")
    lost = account(service("lost", ["password phone"]), "")
    return situation(
        manager,
        mail,
        forum,
        lost,
        old=OldState.ALIVE,
        old_until=NOW + DAY,
        providers={"qq": (OldState.ALIVE, NOW + DAY)},
    )


def test_plan_and_why() -> None:
    """What ``plan --json`` prints, with and without ``--why``."""
    s = full()
    plan = solve(s)
    assert plan.cycles
    compare(plan_document(s, Reach(s), plan))
    compare(why_document(Reach(s), plan.places[0], 1))


def test_risk_and_next() -> None:
    """What ``risk --json`` and ``next --json`` print."""
    s = full()
    risk = risks(s)
    assert risk.unreachable
    compare(risk_document(s, Reach(s), risk))
    compare(next_document(next_todo(Reach(s), risk)))


def test_have() -> None:
    """What ``have --json`` prints."""
    stated = {"": {"phone": (True, "")}, "mail": {"session": (True, "phone")}}
    compare(have_document(full(), stated))
