"""Runs the cases of one built-in recipe as tests: what `migrate recipes check` does, one test a case."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from readdress.engine.tools import Outcome, Tools
from readdress.models import Side
from readdress.testing import contract
from readdress.testing.clock import ShiftingClock
from readdress.testing.contract import check_looks, run_case
from readdress.testing.fakes import FakeMail, FakeSecrets
from readdress.testing.journal import MemoryJournal
from readdress.testing.post import Post
from readdress.testing.replica import Case, ReplicaServer, load_app, load_cases
from readdress.testing.samples import LOGIN, NEW, OLD
from readdress.workflow.routes import SideRunner

RECIPES = Path(__file__).parents[2] / "recipes"


def cases(recipe: str) -> list[Case]:
    """The cases of a recipe that are marked ``ci``; all of them with ``READDRESS_SOAK=1``, which takes most of an hour."""
    found = load_cases(RECIPES / recipe)
    if os.environ.get("READDRESS_SOAK") == "1":
        return found
    marked = [c for c in found if c.ci]
    assert marked, f"no case of {recipe} is marked ci: an ordinary run would prove nothing"
    return marked


def ends_well(recipe: str, case: Case) -> None:
    """The case ends as its file says, whatever the replica's variant does."""
    problem = run_case(RECIPES / recipe, case)
    assert not problem, problem


def looks_prove_nothing_on_hard_pages(recipe: str) -> None:
    """No look says done or not done on a page that proves nothing."""
    problem = check_looks(RECIPES / recipe)
    assert not problem, problem


def gone(recipe: str, case: Case, route: str) -> tuple[Outcome, Any, MemoryJournal]:
    """Go a route that changes no address on the replica, with the same person as in the cases: how it ended, the replica, what was recorded."""
    folder = RECIPES / recipe
    pack, known = contract.load(folder)
    clock = ShiftingClock()
    mail = FakeMail({Side.OLD: OLD, Side.NEW: NEW}, clock)
    post = Post(mail, clock)
    data = case.data(old=OLD, new=NEW, login=LOGIN, password=contract.PASSWORD, clock=lambda: clock.now().timestamp())
    with ExitStack() as stack:
        server = stack.enter_context(
            ReplicaServer(load_app(folder), data, post.send_mail, hosts=[h for h in known.hosts if ":" not in h])
        )
        browser = stack.enter_context(contract._browser(server, "en", headless=True))
        journal = MemoryJournal(clock, old=OLD, new=NEW)
        account = contract._account(journal, known)
        tools = Tools(
            journal=journal,
            clock=clock,
            person=contract._person(folder, case, server, browser),
            mail=mail,
            secrets=FakeSecrets({f"{account.id}/password": contract.PASSWORD}),
            lookup=post.lookup,
            browser=lambda: browser,
            own_browser=contract.NoBrowser(),
            patience=contract._PATIENCE,
        )
        outcome = SideRunner(tools, account, pack, known, known.find_route(route)).run()
        assert not server.errors, server.errors
        return outcome, server.replica, journal
