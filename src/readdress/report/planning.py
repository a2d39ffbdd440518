"""The JSON documents of the planner: plan, risk, next, what is held (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from readdress.models import Text
from readdress.planner.derive import derivation
from readdress.planner.explain import cycle_text
from readdress.planner.plan import Place, Plan
from readdress.planner.reach import Reach
from readdress.planner.risk import Danger, Risk
from readdress.planner.situation import Situation
from readdress.planner.todo import Todo, act_text, house_of_new
from readdress.report.documents import document, when


def text_row(text: Text) -> dict[str, str]:
    """Both languages."""
    return {"en": text.en, "zh": text.zh}


def plan_document(situation: Situation, reach: Reach, plan: Plan) -> dict[str, Any]:
    """The order, each place with its facts."""
    return document(
        "plan",
        **_situation(situation),
        new=plan.new.value,
        new_depends_on=text_row(house_of_new(situation.new)),
        keep_sessions=plan.keep_sessions,
        assumed=plan.assumed,
        minutes=plan.minutes,
        places=[_place(reach, p, n) for n, p in enumerate(plan, 1)],
        cycles=[
            {
                "accounts": list(c.members),
                "begin": c.opener,
                "missing": sorted(c.missing),
                "why": text_row(cycle_text(reach, c.members, c.opener, c.way, c.missing)),
            }
            for c in plan.cycles
        ],
    )


def why_document(reach: Reach, place: Place, number: int) -> dict[str, Any]:
    """One place with its whole derivation."""
    parts = [
        {"head": text_row(head), "lines": [text_row(t) for t in lines]} for head, lines in derivation(reach, place)
    ]
    return document("why", place=_place(reach, place, number), derivation=parts)


def risk_document(situation: Situation, reach: Reach, risk: Risk) -> dict[str, Any]:
    """What would be lost, and what saves it."""
    numbers = {p.account: n for n, p in enumerate(risk.plan, 1)}
    return document(
        "risk",
        **_situation(situation),
        events=[
            {"what": e.what, "until": when(e.until), "dangers": [_danger(reach, d) for d in e.dangers]}
            for e in risk.events
        ],
        unreachable=[_place(reach, p, numbers[p.account]) for p in risk.unreachable],
    )


def next_document(todo: Todo) -> dict[str, Any]:
    """The one thing to do now."""
    return document("next", what=text_row(todo.what), command=todo.command, account=todo.account, at=when(todo.at))


def have_document(situation: Situation, stated: Mapping[str, Mapping[str, tuple[bool, str]]]) -> dict[str, Any]:
    """What the person holds: for all accounts, and at each. ``stated``: account (``""``: all) → factor → held, and where."""
    return document(
        "have",
        assumed=situation.assumed,
        everywhere=_factors(stated.get("", {}).items()),
        new={"recovery": situation.new.recovery, "second_factor": situation.new.second_factor},
        accounts=[
            {
                "id": a.id,
                "service": a.service.id,
                "login": a.login,
                "held": sorted(a.held),
                "own": _factors(stated.get(a.id, {}).items()),
                "links": [{"factor": f, "account": to} for f, to in sorted(a.links.items())],
            }
            for a in situation.accounts
        ],
    )


def _factors(stated: Iterable[tuple[str, tuple[bool, str]]]) -> list[dict[str, Any]]:
    return [{"factor": f, "held": held, "where": where} for f, (held, where) in sorted(stated)]


def _situation(situation: Situation) -> dict[str, Any]:
    return {
        "old_state": situation.old.value,
        "old_until": when(situation.old_until),
        "providers": [
            {"service": s, "state": state.value, "until": when(until)}
            for s, (state, until) in sorted(situation.providers.items())
        ],
    }


def _place(reach: Reach, place: Place, number: int) -> dict[str, Any]:
    holding = reach.accounts[reach.index[place.account]]
    return {
        "number": number,
        "account": place.account,
        "service": holding.service.id,
        "site": holding.site,
        "login": holding.login,
        "can": place.can.value,
        "because": place.because.value,
        "why": text_row(place.why),
        "route": place.path.id if place.path else "",
        "with": sorted(place.way.needs) if place.way else [],
        "enters_with": sorted(place.entry.needs) if place.entry else [],
        "missing": [sorted(s) for s in place.missing],
        "users": list(place.users),
        "victims": list(place.victims),
        "by": when(place.by),
        "at": when(place.at),
        "waits_for": place.waits_for,
        "minutes": place.minutes,
        "wait_minutes": place.takes // timedelta(minutes=1),
        "late": place.late,
        "reset": place.reset,
    }


def _danger(reach: Reach, danger: Danger) -> dict[str, Any]:
    act = danger.act
    return {
        "account": danger.account,
        "service": reach.accounts[reach.index[danger.account]].service.id,
        "loss": danger.loss.value,
        "opens_with": [sorted(s) for s in danger.sets],
        "act": {
            "account": act.account,
            "factor": act.factor,
            "minutes": act.minutes,
            "what": text_row(act_text(reach, act)),
        }
        if act
        else None,
    }
