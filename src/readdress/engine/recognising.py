"""Finds out, on the signed-in page, which of a service's ways of changing an address holds for an account."""

from __future__ import annotations

from collections.abc import Sequence

from readdress.engine import asking
from readdress.engine.runner import Runner
from readdress.engine.tools import Ended, Outcome, Tools
from readdress.engine.verdicts import standing
from readdress.errors import NeedsPerson
from readdress.models import Account, Answer, Text
from readdress.models.events import wait_set
from readdress.recipe.pack import Pack
from readdress.recipe.schema import Recipe, Route


def recognise(tools: Tools, account: Account, pack: Pack, recipe: Recipe, routes: Sequence[Route]) -> Route | Outcome:
    """The route that this account goes; an :class:`Outcome` when a person is needed first.

    A route that was chosen before is kept. ``routes`` (at least one): those whose needs are held. Where the person's own browser is used no
    page can tell, so they are asked; elsewhere only where the recipe says how a route is recognised.
    """
    before = tools.journal.route(account.id)
    chosen = next((r for r in routes if r.id == before), None)
    told_apart = recipe.browser == "own" or any(r.when for r in routes)
    if chosen is not None or len(routes) == 1 or not told_apart:
        return chosen or routes[0]
    runner = Runner(tools, account, pack, recipe, routes[0])
    try:
        seen = _seen(runner, routes)
        return seen or _asked(runner, routes)
    except NeedsPerson as need:
        tools.journal.record(wait_set(account.id, "person", need.message))
        verdict = standing(tools.journal.account(account.id), recipe)
        return Outcome(account.id, recipe.id, Ended.NEEDS_PERSON, verdict, need.message, need.todo)


def _seen(runner: Runner, routes: Sequence[Route]) -> Route | None:
    if runner.recipe.browser == "own" or not any(r.when in runner.pack.looks for r in routes):
        return None
    runner.sign_in()
    return next((r for r in routes if runner.eyes.recognises(r)), None)


def _asked(runner: Runner, routes: Sequence[Route]) -> Route:
    offered = [(r.id, r.title or Text(r.id, r.id)) for r in routes]
    answer = runner.pump.ask(asking.which_route(runner.recipe, runner.id, offered))
    chosen = answer.choice if isinstance(answer, Answer) else ""
    for route in routes:
        if route.id == chosen:
            return route
    raise NeedsPerson(
        "Which way the address is changed here is still to be said.", kind="decision", todo="Run `migrate resume`."
    )
