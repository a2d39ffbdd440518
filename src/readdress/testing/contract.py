"""The recipe contract: runs a recipe's cases on its replica, with the real engine in a real browser, and shows every look the hard pages."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from readdress.engine.recognising import recognise
from readdress.engine.runner import Runner
from readdress.engine.tools import Ended, Outcome, Patience, Tools
from readdress.errors import RecipeError
from readdress.models import Account, Answer, Ask, OldState, Question, Side, Slot
from readdress.models.events import account_added, factor, old_state
from readdress.planner.order import fitting_routes
from readdress.ports import Browser
from readdress.recipe.load import load_pack, run_source
from readdress.recipe.pack import Pack
from readdress.recipe.place import place
from readdress.recipe.schema import Recipe
from readdress.testing.clock import ShiftingClock
from readdress.testing.fakes import FakeMail, FakeSecrets
from readdress.testing.guided import Guided
from readdress.testing.journal import MemoryJournal
from readdress.testing.person import Rule, ScriptedPerson
from readdress.testing.post import Post
from readdress.testing.replica import Case, ReplicaServer, load_app, load_cases
from readdress.testing.result import CaseResult, timed
from readdress.testing.samples import LOGIN, NEW, OLD

PASSWORD = "correct horse 7"
SITE_HOST = "site.replica.test"
_ROUNDS = 12  # so many durable waits are skipped over before a case counts as stuck
_PATIENCE = Patience(mail=8.0, person=20.0, look=4.0, look_every=0.2)


def run_cases(
    folder: Path, *, only: Sequence[str] = (), headless: bool = True, browser: bool = True
) -> Iterator[CaseResult]:
    """Try the recipe in ``folder``. This runs the folder's code.

    Its text alone is walked by scripted people, its sample mails are judged (:mod:`readdress.testing.guided`). With ``browser`` its cases
    are run on its replica and its looks are shown the hard pages, where it has any. Raises :class:`~readdress.errors.RecipeError`
    when the recipe or its cases cannot be read.
    """
    walks = Guided(folder)
    cases = load_cases(folder) if browser and (folder / "pages" / "cases.toml").is_file() else []
    known = [*walks.names, *(c.name for c in cases), *(["looks"] if browser else [])]
    if unknown := sorted(set(only) - set(known)):
        raise RecipeError(f"There is no case {', '.join(unknown)}.", todo=f"There are: {', '.join(known)}.")
    yield from walks.run(only)
    for case in cases:
        if not only or case.name in only:
            yield timed(case.name, lambda case=case: run_case(folder, case, headless=headless))  # type: ignore[misc]
    if browser and walks.pack.looks and (not only or "looks" in only):
        yield timed("looks", lambda: check_looks(folder, headless=headless))


def load(folder: Path) -> tuple[Pack, Recipe]:
    """The recipe in ``folder``, put onto the replica's host where it is one for many sites."""
    pack = load_pack(folder, origin="checked", trusted=True)
    return pack, place(pack.recipe, f"https://{SITE_HOST}" if pack.recipe.site else "")


def run_case(folder: Path, case: Case, *, headless: bool = True) -> str:
    """Run one case to its end; returns what is wrong, ``""`` when nothing is."""
    pack, recipe = load(folder)
    clock = ShiftingClock()
    lost = case.more.get("old_state") == OldState.DEAD  # what is mailed there then reaches nobody
    mail = FakeMail({Side.NEW: NEW} if lost else {Side.OLD: OLD, Side.NEW: NEW}, clock)
    post = Post(mail, clock)
    hosts = [h for h in recipe.hosts if ":" not in h]
    data = case.data(old=OLD, new=NEW, login=LOGIN, password=PASSWORD, clock=lambda: clock.now().timestamp())
    with ExitStack() as stack:
        server = stack.enter_context(ReplicaServer(load_app(folder), data, post.send_mail, hosts=hosts))
        browser = stack.enter_context(_browser(server, case.lang or "en", headless=headless))
        journal = MemoryJournal(clock, old=OLD, new=NEW)
        account = _account(journal, recipe)
        if case.more.get("old_state"):
            journal.record(old_state(OldState(case.more["old_state"])))
        person = _person(folder, case, server, browser)
        tools = Tools(
            journal=journal,
            clock=clock,
            person=person,
            mail=mail,
            secrets=FakeSecrets({f"{account.id}/password": PASSWORD}),
            lookup=post.lookup,
            browser=lambda: browser,
            own_browser=NoBrowser(),
            lang="zh" if case.lang.startswith("zh") else "en",
            patience=_PATIENCE,
        )
        outcome = _to_the_end(tools, account, pack, recipe, clock, case)
        return _judge(case, outcome, person, server, recipe)


class NoBrowser:
    """Stands for the person's own browser: nothing is opened in a test."""

    def open(self, url: str) -> bool:
        """Not opened; the address is shown instead."""
        return False


@contextmanager
def _browser(server: ReplicaServer, lang: str, *, headless: bool) -> Iterator[Any]:
    """A browser with a profile of its own, which is gone afterwards."""
    from readdress.browser import Settings, Way, launched

    with tempfile.TemporaryDirectory(prefix="readdress-contract-", ignore_cleanup_errors=True) as profile:
        way = Way(reroute=server.reroute)
        settings = Settings(profile=Path(profile), headless=headless, lang=lang, way=way, trusted_keys=(server.spki,))
        with launched(settings) as browser:
            yield browser


def _account(journal: MemoryJournal, recipe: Recipe) -> Account:
    site = f"https://{SITE_HOST}" if recipe.site else ""
    slots = [s for s in Slot if s in recipe.important]
    journal.record(
        account_added("a1", recipe.id, site=site, login=LOGIN, slots=slots),
        factor("password", held=True, account="a1"),
        factor("phone", held=True, account="a1"),
        factor("new_mailbox", held=True),
    )
    return journal.account("a1")


def _person(folder: Path, case: Case, server: ReplicaServer, browser: Browser) -> ScriptedPerson:
    """A willing person: agrees, answers as the case says, does by hand what ``pages/person.py`` can, else stops.

    ``pages/person.py`` may define ``by_hand(page, step, case, replica)``: it does the step on the page as a person would
    and returns whether it did, or the key of another answer, such as ``"skip"``.
    """
    path = folder / "pages" / "person.py"
    hands = (
        getattr(run_source(path, path.read_bytes(), f"_readdress_person_{folder.name}"), "by_hand", None)
        if path.is_file()
        else None
    )
    answers: Mapping[str, str] = dict(case.more.get("answers", {}))
    tried: dict[str, int] = {}

    def by_hand(question: Question) -> str:
        tried[question.step] = tried.get(question.step, 0) + 1
        if tried[question.step] > 3 or hands is None:
            return "stop"
        data = case.data(old=OLD, new=NEW, login=LOGIN, password=PASSWORD, question=question)
        did = hands(browser.page, question.step, data, server.replica)
        return did if isinstance(did, str) else "done" if did else "stop"

    def choose(question: Question) -> str | Answer:
        wanted = answers.get(question.step) or answers.get(question.ask.value)
        keys = [c.key for c in question.choices]
        if {"done", "stop"} <= set(keys):
            return by_hand(question)  # something on the page is to be done before the recipe goes on
        if wanted and wanted not in keys and question.text_wanted:
            return Answer(question.id, "text", wanted)
        return wanted or next((k for k in keys if k != "stop"), "stop")

    return ScriptedPerson(
        [
            Rule(Ask.HAND_OVER, says=by_hand),
            Rule(Ask.CONSENT, says="yes"),
            Rule(Ask.SENDER, says="yes"),
            Rule(Ask.HOST, says="no"),
            Rule(Ask.IN_DOUBT, says="stop"),
            Rule(Ask.CHOOSE, says=choose),
        ],
        otherwise=Rule(says="stop"),
    )


def _to_the_end(
    tools: Tools, account: Account, pack: Pack, recipe: Recipe, clock: ShiftingClock, case: Case
) -> Outcome:
    outcome = None
    for _ in range(_ROUNDS):
        held = tools.journal.factors(account.id)
        wanted = case.more.get("route")
        state = OldState(tools.journal.old_state()[0])
        routes = [r for r in fitting_routes(recipe, held, state) if not wanted or r.id == wanted]
        if not routes:
            raise RecipeError("No change route fits the factors of the contract (password, phone, new_mailbox).")
        now = tools.journal.account(account.id)
        route = recognise(tools, now, pack, recipe, routes)
        outcome = route if isinstance(route, Outcome) else Runner(tools, now, pack, recipe, route).run()
        if outcome.ended is not Ended.NEEDS_TIME or outcome.until is None or case.ends == "time":
            break
        clock.reach(outcome.until)
    assert outcome is not None
    return outcome


def _judge(case: Case, outcome: Outcome, person: ScriptedPerson, server: ReplicaServer, recipe: Recipe) -> str:
    said = f"{outcome.ended.value} ({outcome.verdict.value}): {outcome.message}"
    if server.errors:
        return f"the replica itself failed: {server.errors[0]!r}"
    cancelled = [a for a in server.acts if "cancel" in a["act"]]
    if cancelled:
        return f"a link that takes the change back was opened: {cancelled}"
    if wrong := sorted({a["act"] for a in server.acts} & set(case.more.get("never", ()))):
        return f"the run caused what it never may: {', '.join(wrong)}"
    handed = [q for q in person.asked if q.ask is Ask.HAND_OVER]
    if case.ends == "moved" and outcome.ended is not Ended.DONE:
        asked = handed[-1].body.en if handed else ""
        return f"it should end with the address moved, but ended {said} {asked}".strip()
    if case.ends == "refused" and outcome.ended not in {Ended.REFUSED, Ended.NEEDS_TIME}:
        return f"the service refuses here, but the run ended {said}"
    if case.ends == "time" and outcome.ended is not Ended.NEEDS_TIME:
        return f"it should wait for a time, but ended {said}"
    if case.ends == "mail" and outcome.ended is not Ended.NEEDS_MAIL:
        return f"it should wait for a mail, but ended {said}"
    if case.ends == "person" and not handed and outcome.ended is not Ended.NEEDS_PERSON:
        return f"a person is needed here, but the run ended {said}"
    step = case.more.get("handed")
    if step and step not in {q.step for q in handed}:
        return f"the person should have been given the step {step}, but was given {[q.step for q in handed]}"
    if case.ends == "moved" or outcome.ended is Ended.DONE:
        there = [a for a in server.replica.addresses if str(a.get("address", "")).lower() == NEW]
        if not there or not there[0].get("verified", True):
            return "the run says moved, but the replica's account does not hold the new address"
    return ""


# -- looks on hard pages ------------------------------------------------------------------------------------------------
_PAGE = "<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body>{body}</body></html>"
HARD_PAGES = {
    "blank": _PAGE.format(title="", body=""),
    "signed_out": _PAGE.format(
        title="Sign in",
        body="<h1>Sign in</h1><form method=post><label>User<input name=login></label><label>Password<input type=password"
        " name=password></label><button>Sign in</button></form>",
    ),
    "loading": _PAGE.format(
        title="Loading", body="<main aria-busy=true><div role=progressbar>Loading …</div><ul></ul></main>"
    ),
    "banner": _PAGE.format(
        title="Settings", body=f'<div role=alert class="flash">We have sent a mail to {NEW}.</div><main></main>'
    ),
    "pending": _PAGE.format(
        title="Settings",
        body=f"<h1>Email addresses</h1><ul aria-label=Emails><li>{NEW} <span>Pending verification</span></li></ul>",
    ),
    "look_alike": _PAGE.format(
        title="Settings",
        body=f"<h1>Email addresses</h1><ul aria-label=Emails><li>jo{NEW}</li><li>{NEW}.example</li></ul>",
    ),
    "error": _PAGE.format(title="Error", body=f"<h1>Something went wrong</h1><p>{NEW}</p>"),
}
"""Pages of no service, on which nothing can be proved: every look has to say ``UNKNOWN`` there."""


def check_looks(folder: Path, *, headless: bool = True) -> str:
    """Show every look every hard page, at the address where it would look. Returns what is wrong."""
    pack, recipe = load(folder)
    if not pack.looks:
        return ""
    wrong = []
    done: set[tuple[str, str | None]] = set()
    clock = ShiftingClock()
    shown = {"page": ""}
    hosts = [h for h in recipe.hosts if ":" not in h]
    with ExitStack() as stack:
        server = stack.enter_context(ReplicaServer(lambda case, send: _hard_site(shown), {}, None, hosts=hosts))  # type: ignore[arg-type]
        browser = stack.enter_context(_browser(server, "en", headless=headless))
        journal = MemoryJournal(clock, old=OLD, new=NEW)
        account = _account(journal, recipe)
        mail = FakeMail({Side.OLD: OLD, Side.NEW: NEW}, clock)
        tools = Tools(
            journal,
            clock,
            ScriptedPerson(),
            mail,
            FakeSecrets(),
            lambda n, t: None,
            lambda: browser,
            NoBrowser(),
            patience=_PATIENCE,
        )
        for route in recipe.route:
            runner = Runner(tools, account, pack, recipe, route)
            runner.start_browser()
            for step in route.step:
                if step.id not in pack.looks or (step.id, step.open) in done:
                    continue
                done.add((step.id, step.open))
                for name, html in HARD_PAGES.items():
                    shown["page"] = html
                    browser.open(step.open or f"https://{_first_host(recipe)}/")
                    sight = runner.eyes.glance(step)
                    if sight.seen != "unknown":
                        wrong.append(f"look {step.id} says {sight.seen.value} on the page “{name}” ({sight.detail})")
    return "; ".join(dict.fromkeys(wrong))


def _first_host(recipe: Recipe) -> str:
    return re.sub(r"^\*\.", "www.", recipe.hosts[0])


def _hard_site(shown: dict[str, str]) -> Any:
    from flask import Flask

    app = Flask("hard-pages")

    class Nothing:
        acts: list[dict[str, Any]] = []  # noqa: RUF012 - nothing ever happens on these pages
        addresses: list[dict[str, Any]] = []  # noqa: RUF012

    app.config["REPLICA"] = Nothing()

    @app.route("/", defaults={"path": ""})
    @app.route("/<path:path>")
    def any_page(path: str) -> str:
        return shown["page"]

    return app
