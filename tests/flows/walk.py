"""Walks a recipe's routes on a real program with bare Playwright: a small step in place of the engine, the real reading and mail gate.

What is real: the recipe, the flow's functions, the page reader, the address rules (``seeing``) and the mail gate. What is small: the order
look → act → look, without state, asking or retrying, so that a failure here is the flow's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from readdress.browser import reading
from readdress.browser.secret import type_checked
from readdress.browser.survey import survey
from readdress.browser.walls import AllowList
from readdress.engine import seeing
from readdress.errors import NeedsPerson
from readdress.flow import LOOK_MARK, STEP_MARK
from readdress.models import Expectation, Incoming, Mark, Reading, Seen, Side, Sight, Survey
from readdress.recipe.load import parse, run_source
from readdress.recipe.place import place
from readdress.recipe.schema import Recipe, RecipeStep, Route
from readdress.trust.gate import judge
from readdress.trust.verdict import Accepted, NeedsBinding, Rejected

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
LOOK_SECONDS = 4.0
MAIL_SECONDS = 15.0


@dataclass
class Post:
    """Where mail is read straight from the servers: ``inbox(side)`` gives the raw messages, oldest first."""

    inbox: Callable[[Side], Sequence[bytes]]
    lookup: Callable[..., bytes | None]


@dataclass
class Walk:
    """One recipe on one site, in one browser page."""

    recipe: Recipe
    acts: Mapping[str, Callable[..., Any]]
    looks: Mapping[str, Callable[..., Any]]
    page: Page
    post: Post
    old: str
    new: str
    login: str
    site: str
    secret: str
    marks: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    senders: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lang: str = "en"

    def route(self, route: str) -> Route:
        """The route of that id."""
        return self.recipe.find_route(route)

    def find(self, route: str, step: str) -> RecipeStep:
        """The step of that id."""
        return self.route(route).find(step)

    def open(self, step: RecipeStep) -> None:
        """Load the step's page afresh."""
        assert step.open
        self.page.goto(step.open)

    def glance(self, step: RecipeStep) -> Sight:
        """The step's look at the page as it stands. Exceptions count as UNKNOWN, as in the engine."""
        try:
            sight = self.looks[step.id](self.page, MiniStep(self, step, acting=False))
        except Exception as error:  # noqa: BLE001 - as the engine does
            return Sight.unknown(f"{type(error).__name__}: {error}")
        assert isinstance(sight, Sight), f"the look {step.id} returned {sight!r}"
        return sight

    def look(self, step: RecipeStep) -> Sight:
        """The step's look at its own page, loaded afresh, with patience while nothing is proved."""
        self.open(step)
        end = time.monotonic() + LOOK_SECONDS
        while (sight := self.glance(step)).seen is Seen.UNKNOWN and not sight.signed_out and time.monotonic() < end:
            self.page.wait_for_timeout(50)
        return sight

    def act(self, step: RecipeStep) -> None:
        """The act, from the step's page; the mark for its mail is set before."""
        if step.open:
            self.page.goto(step.open)
        if step.expects:
            mail = self.recipe.find_mail(step.expects)
            self.marks[mail.id] = len(self.post.inbox(mail.to))
        self.acts[step.id](self.page, MiniStep(self, step, acting=True))

    def do(self, step: RecipeStep) -> tuple[Sight, Sight, Sight]:
        """Look, act, look. Returns what was seen before, right where the act ended, and on the page loaded afresh."""
        before = self.look(step)
        if step.id in self.acts and before.seen is not Seen.DONE:
            self.act(step)
        there = self.glance(step)
        return before, there, self.look(step)

    def run(self, route: str, *, until: str = "", without: Sequence[str] = ()) -> dict[str, tuple[Sight, Sight, Sight]]:
        """Walk the route, up to and with step ``until``; every step must end DONE on a freshly loaded page."""
        seen: dict[str, tuple[Sight, Sight, Sight]] = {}
        for step in self.route(route).step:
            if step.id in without:
                continue
            seen[step.id] = self.do(step)
            ends = seen[step.id][1].seen, seen[step.id][2].seen
            assert Seen.DONE in ends, f"{step.id}: {seen[step.id]} at {self.page.url}"
            if step.id == until:
                break
        return seen

    # -- mail -------------------------------------------------------------------------------------------------------------
    def token(self, mail_id: str) -> Accepted:
        """The token of the mail, by the real gate; binds the sender on first use as a person would."""
        rule = self.recipe.find_mail(mail_id)
        address = self.new if rule.to is Side.NEW else self.old
        now = datetime.now(UTC)
        expected = Expectation("a", mail_id, "r", "s", 1, now, (Mark("INBOX", 1, self.marks[mail_id]),))
        end = time.monotonic() + MAIL_SECONDS
        while True:
            for uid, raw in enumerate(self.post.inbox(rule.to)):
                got = judge(
                    Incoming(rule.to, "INBOX", 1, uid, now, raw, address),
                    rule,
                    expected,
                    mailbox_address=address,
                    lookup=self.post.lookup,
                    used=self.used.__contains__,
                    site=self.site,
                    bound_sender=self.senders[0] if self.senders else "",
                    now=now,
                )
                if isinstance(got, NeedsBinding):
                    self.senders.append(got.sender)
                    return self.token(mail_id)
                if isinstance(got, Rejected):
                    self.refused.append(f"{mail_id}: {got.reason} {got.detail}")
                if isinstance(got, Accepted):
                    return got
            assert time.monotonic() < end, f"no mail {mail_id!r} came: {self.refused}"
            self.page.wait_for_timeout(50)

    def release(self, mail_id: str) -> str:
        """The token's value, once."""
        token = self.token(mail_id)
        self.used.add(token.digest)
        return token.value


class MiniStep:
    """The narrow view of :class:`readdress.flow.Step`, with nothing behind it but the walk."""

    def __init__(self, walk: Walk, step: RecipeStep, *, acting: bool) -> None:
        self._walk, self._step, self._acting = walk, step, acting
        self.old, self.new, self.login, self.site, self.attempt = walk.old, walk.new, walk.login, walk.site, 1

    def code(self, mail: str) -> str:
        """The code of the step's own mail."""
        assert self._acting and mail == self._step.uses
        return self._walk.release(mail)

    def open_link(self, mail: str) -> None:
        """Open the link of the step's own mail."""
        assert self._acting and mail == self._step.uses
        self._walk.page.goto(self._walk.release(mail))

    def type_secret(self, locator: Any, name: str) -> None:
        """The real typing, on the recipe's hosts only."""
        assert self._acting and name == "password"
        type_checked(locator, self._walk.secret, AllowList.of(self._walk.recipe.hosts), self._walk.page.url)

    def survey(self, where: Any, parts: Mapping[str, str], *, read: Sequence[str] = ()) -> Survey:
        """The real survey."""
        try:
            return survey(where, parts, read)
        except Exception:  # noqa: BLE001 - as the browser's own reader: the page changed under our hands
            return Survey()

    def sees_address(self, where: Any, *, of: str, pending: Sequence[str] = (), absent_ok: bool = True) -> Sight:
        """The real reading and the real rules."""
        sight = seeing.sees_address(self._read(where), of, pending)
        return Sight.unknown(sight.detail) if sight.seen is Seen.NOT_DONE and not absent_ok else sight

    def lacks_address(self, where: Any, *, of: str) -> Sight:
        """The real reading and the real rules."""
        return seeing.lacks_address(self._read(where), of)

    def signed_out(self, detail: str = "") -> Sight:
        """A sign-in page stands there."""
        return Sight.unknown(detail or "signed out", signed_out=True)

    def ask(self, en: str, zh: str, choices: Sequence[tuple[str, str, str]] = ()) -> str:
        """Nobody is there to ask."""
        raise NeedsPerson(en, kind="decision")

    def hand_over(self, en: str, zh: str, kind: str = "manual") -> NeedsPerson:
        """The error for a person."""
        assert en and zh
        return NeedsPerson(en, kind=kind, url=self._walk.page.url)

    def _read(self, where: Any) -> Reading:
        if isinstance(where, Reading):
            return where
        try:
            return reading.from_script(where.evaluate_all(reading.SCRIPT, reading.MAX_PIECES))
        except Exception:  # noqa: BLE001 - as the browser's own reader: the page changed under our hands
            return Reading()


def walk(
    name: str, page: Page, post: Post, *, site: str, login: str, secret: str, old: str, new: str, lang: str = "en"
) -> Walk:
    """A walk of the recipe in ``recipes/name`` on ``site``."""
    folder = RECIPES / name
    recipe, _ = parse(folder, (folder / "recipe.toml").read_bytes())
    module = run_source(folder / "flow.py", (folder / "flow.py").read_bytes(), f"_walked_{name.replace('-', '_')}")
    acts = {n: v for v in vars(module).values() if (n := getattr(v, STEP_MARK, None))}
    looks = {n: v for v in vars(module).values() if (n := getattr(v, LOOK_MARK, None))}
    return Walk(place(recipe, site), acts, looks, page, post, old, new, login, site, secret, lang=lang)


@contextmanager
def fresh(browser: Browser, lang: str = "en-US") -> Any:
    """A page of a browser that is signed in nowhere."""
    context: BrowserContext = browser.new_context(locale=lang)
    context.set_default_timeout(8000)
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def served(page: Page, html: str) -> Any:
    """Every page that is opened shows ``html``, whatever its address."""

    def fulfil(route: Any) -> None:
        if route.request.resource_type == "document":
            route.fulfill(status=200, content_type="text/html; charset=utf-8", body=html)
        else:
            route.abort()

    page.route("**/*", fulfil)
    try:
        yield page
    finally:
        page.unroute("**/*", fulfil)


def cuts(html: str, marks: Sequence[str]) -> list[str]:
    """The page as it would stand when the line broke: cut right before and in the middle of each of ``marks``, where they are in it."""
    found = []
    for mark in marks:
        at = html.find(mark)
        if at >= 0:
            found += [html[:at], html[: at + len(mark) // 2]]
    return found
