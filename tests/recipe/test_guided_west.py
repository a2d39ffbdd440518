"""The guided recipes of Google, Apple, Amazon, Facebook and Instagram: run whole by a scripted person, with the mail that each step expects."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from readdress.engine.runner import Runner
from readdress.engine.tools import Ended, Outcome, Patience, Tools
from readdress.models import Ask, NoteKind, Question, RouteKind, Side, Slot, StepStatus, Text, Verdict
from readdress.models.events import account_added, factor, slot_verdict
from readdress.recipe.fields import host_matches
from readdress.recipe.lint import lint
from readdress.recipe.load import read_recipe
from readdress.recipe.pack import Pack
from readdress.recipe.place import place, settle_site
from readdress.recipe.schema import Mail, Recipe, Route
from readdress.testing.fakes import FakeClock, FakeMail, FakeSecrets, MemoryJournal, Rule, ScriptedPerson
from readdress.testing.post import Post

FOLDER = Path(__file__).resolve().parents[2] / "recipes"
NAMES = ("google", "apple", "amazon", "facebook", "instagram")
RAW = {name: read_recipe(FOLDER / name) for name in NAMES}
RECIPES = {name: place(r, settle_site(r, "de") if r.site else "") for name, r in RAW.items()}
OLD, NEW, ID = "ann@old.example.net", "ann@new.example.org", "acc1"
CODES = {"code_old": "381205", "code_new": "407193"}
SUBJECTS = {
    ("google", "code_new"): "Google Verification Code",
    ("google", "code_old"): "Google Verification Code",
    ("google", "alert"): "Security alert",
    ("apple", "code_new"): "Verify your Apple Account email address.",
    ("apple", "updated"): "Your Apple Account information has been updated.",
}
TRAP = "https://www.service.example/hacked/disavow?u=1&n=2"
each = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
routes = pytest.mark.parametrize(
    ("recipe", "route"),
    [(r, route) for r in RECIPES.values() for route in r.route],
    ids=[f"{r.id}-{route.id}" for r in RECIPES.values() for route in r.route],
)
changes = pytest.mark.parametrize(
    ("recipe", "route"),
    [(r, route) for r in RECIPES.values() for route in r.route if route.kind is RouteKind.CHANGE],
    ids=[f"{r.id}-{route.id}" for r in RECIPES.values() for route in r.route if route.kind is RouteKind.CHANGE],
)


class Shown:
    """The person's own browser, which only remembers."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, url: str) -> bool:
        self.opened.append(url)
        return True


class Walk:
    """One account on one route with both mailboxes readable. ``mails``: the service sends what each step's act asks for."""

    def __init__(
        self, recipe: Recipe, route: str, says: Callable[[Question], str | None] | None = None, *, mails: bool = True
    ) -> None:
        self.recipe, self.route = recipe, recipe.find_route(route)
        self.clock = FakeClock(tick=0.05)
        self.mail = FakeMail({Side.OLD: OLD, Side.NEW: NEW}, self.clock)
        self.post = Post(self.mail, self.clock)
        self.journal = MemoryJournal(self.clock, old=OLD, new=NEW)
        site = settle_site(RAW[recipe.id], "de") if recipe.site else ""
        self.journal.record(account_added(ID, recipe.id, site=site, slots=list(recipe.slots)))
        self.journal.record(factor("new_mailbox", held=True), factor("phone", held=True, account=ID))
        self.person = ScriptedPerson([Rule(Ask.CONSENT, says="yes"), Rule(Ask.HAND_OVER, says=says or self.obliges)])
        self.browser = Shown()
        self.mails = mails
        self.sent: set[str] = set()
        self.waited: dict[str, int] = {}

    def obliges(self, question: Question) -> str | None:
        """Does what the step says; where its mail ends it, waits for that a while before saying a word."""
        step = self.route.find(question.step)
        if self.mails and step.expects and step.id not in self.sent:
            self.sent.add(step.id)
            self.send(self.recipe.find_mail(step.expects))
            return None
        self.waited[step.id] = self.waited.get(step.id, 0) + 1
        return "done" if not step.expects or self.waited[step.id] > 40 else None

    def send(self, mail: Mail, **changes: str) -> None:
        """The service's mail, with a link in it that must never be opened."""
        code = f"Your verification code is: {CODES[mail.id]}\n" if mail.code else ""
        given = {
            "to": NEW if mail.to is Side.NEW else OLD,
            "kind": mail.id,
            "subject": SUBJECTS.get((self.recipe.id, mail.id), "About your account"),
            "sender": f"Service <{mail.sender[0]}>",
            "text": f"Hello.\n{code}If this was not you: {TRAP}\n",
        }
        self.post.send_mail(**(given | changes))

    def run(self) -> Outcome:
        """One `migrate resume`."""
        tools = Tools(
            journal=self.journal,
            clock=self.clock,
            person=self.person,
            mail=self.mail,
            secrets=FakeSecrets({}),
            lookup=self.post.lookup,
            browser=_no_browser,
            own_browser=self.browser,
            patience=Patience(mail=5.0, person=60.0, look=0.5, look_every=0.2, slice=0.0, brisk=1.0),
        )
        pack = Pack(self.recipe, Path(), "", {}, {})
        return Runner(tools, self.journal.account(ID), pack, self.recipe, self.route).run()

    def to_the_end(self) -> Outcome:
        """Every run that is left, as time passes and the service has written to NEW where OLD waits for that."""
        for _ in range(6):
            outcome = self.run()
            if outcome.ended is Ended.NEEDS_TIME and outcome.until is not None:
                self.clock.advance((outcome.until - self.clock.now()).total_seconds() + 60)
            elif "has proved the change" in outcome.message:
                for slot in self.route.slots:
                    self.journal.record(slot_verdict(ID, slot, Verdict.PROVEN, "the service wrote to NEW"))
            else:
                return outcome
        raise AssertionError(f"it never ends: {outcome}")

    def asked(self) -> list[str]:
        """The steps that the person was shown, each once, in order."""
        return list(dict.fromkeys(q.step for q in self.person.asked if q.ask is Ask.HAND_OVER))

    def by(self, step: str) -> str:
        return self.journal.step(ID, self.route.id, step).by


def _no_browser() -> None:
    raise AssertionError("a recipe for the person's own browser must not start the controlled one")


# -- run by a person --------------------------------------------------------------------------------------------------------


@routes
def test_a_person_is_guided_through_every_step(recipe: Recipe, route: Route) -> None:
    """Each step is shown in order with the addresses filled in; only pages of the recipe are opened, never a link of a mail."""
    walk = Walk(recipe, route.id)
    walk.to_the_end()
    assert walk.asked() == [s.id for s in route.step]
    for question in walk.person.asked:
        for said in (question.body.en, question.body.zh):
            assert not re.search(r"\{\w+\}", said), said
            assert TRAP not in said
    for url in walk.browser.opened:
        assert any(host_matches(h, urlsplit(url).hostname or "") for h in recipe.hosts), url
        assert "disavow" not in url


@routes
def test_it_ends_where_the_service_sends_nothing_at_all(recipe: Recipe, route: Route) -> None:
    """No mail comes: where one is needed the run waits for it, where one is not it goes on; nothing hangs, nothing is made up."""
    walk = Walk(recipe, route.id, lambda _: "done", mails=False)
    outcome = walk.run()
    needed = [s for s in route.step if s.uses and s.uses != s.expects and not s.optional]
    if needed:
        assert outcome.ended is Ended.NEEDS_MAIL
        assert walk.asked()[-1] == route.step[[s.id for s in route.step].index(needed[0].id) - 1].id
    else:
        assert outcome.ended in {Ended.NEEDS_PERSON, Ended.NEEDS_TIME}
    assert not any(s.verdict.finished for s in walk.journal.account(ID).slots.values())


@changes
def test_the_bare_word_never_finishes_and_never_removes_old(recipe: Recipe, route: Route) -> None:
    """Who says "done" to everything has claimed it; where OLD stands beside NEW it is not even asked to be removed."""
    walk = Walk(recipe, route.id)
    walk.run()
    assert not any(s.verdict.finished for s in walk.journal.account(ID).slots.values())
    if route.change == "add":
        assert not [s for s in route.step if s.removes and s.id in walk.asked()]


# -- codes ------------------------------------------------------------------------------------------------------------------


def _code_steps() -> list[object]:
    return [
        pytest.param(recipe, route, step.id, id=f"{recipe.id}-{route.id}-{step.id}")
        for recipe in RECIPES.values()
        for route in recipe.route
        for step in route.step
        if step.uses and recipe.find_mail(step.uses).code
    ]


@pytest.mark.parametrize(("recipe", "route", "name"), _code_steps())
def test_the_code_is_shown_where_it_is_typed(recipe: Recipe, route: Route, name: str) -> None:
    """In both languages, at its own step and once: in the step's text, or beside it as soon as it has come."""
    walk = Walk(recipe, route.id)
    step = route.find(name)
    code = CODES[str(step.uses)]
    walk.to_the_end()
    bodies = [q.body for q in walk.person.asked if q.step == name]
    told = [n.text for n in walk.person.told if n.kind is NoteKind.INFO and n.step == name and code in n.text.en]
    shown = [b for b in bodies if code in b.en]
    assert bool(shown) != bool(told)
    assert all(code in t.zh for t in [*shown, *told])
    assert len(told) <= 1
    assert not [q.step for q in walk.person.asked if code in q.body.en and q.step != name]
    assert walk.journal.step(ID, route.id, step.id).status is StepStatus.DONE


@each
@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "Service <security@service-alerts.example>"},
        {"signed_by": ""},
        {"signed_by": "example.com"},
        {"to": "somebody.else@new.example.org"},
    ],
    ids=["another sender", "unsigned", "signed by another", "to somebody else"],
)
def test_a_code_of_a_stranger_is_never_shown(recipe: Recipe, changes: dict[str, str]) -> None:
    """Sender, signature and recipient have to be right: else the run waits for the real mail, or the person goes on without."""
    route = next(r for r in recipe.route if r.kind is RouteKind.CHANGE)
    walk = Walk(recipe, route.id, mails=False)

    def says(question: Question) -> str | None:
        step = route.find(question.step)
        if step.expects and recipe.find_mail(step.expects).code and step.id not in walk.sent:
            walk.sent.add(step.id)
            walk.send(recipe.find_mail(step.expects), **changes)
        return "done"

    walk.person.rules.insert(0, Rule(Ask.HAND_OVER, says=says))
    walk.run()
    assert walk.sent
    seen = [*(q.body.en for q in walk.person.asked), *(n.text.en for n in walk.person.told)]
    assert not [text for text in seen for code in CODES.values() if code in text]


# -- the rules of each service ----------------------------------------------------------------------------------------------


def test_google_keeps_the_old_mailbox_for_a_week() -> None:
    """For seven days codes may go to the old recovery address: the last step is closed until then."""
    walk = Walk(RECIPES["google"], "standard")
    outcome = walk.run()
    assert outcome.ended is Ended.NEEDS_TIME
    assert outcome.until is not None
    assert 6.9 < (outcome.until - walk.clock.now()).total_seconds() / 86_400 <= 7


def test_google_renames_once_a_year_and_three_times_in_all() -> None:
    """The limits are of the account, whatever became of the step."""
    recipe = RECIPES["google"]
    counts = {(x.count, x.within.days) for x in recipe.limit}
    assert (1, 366) in counts
    assert any(count == 3 and days > 100 * 365 for count, days in counts)
    assert all(x.of == ["rename"] for x in recipe.limit)


def test_google_asks_which_address_it_is_about() -> None:
    """Three kinds of account, three ways, and each speaks of all three slots: none of them is taken for granted."""
    ways = [r for r in RECIPES["google"].route if r.kind is RouteKind.CHANGE]
    assert [r.change for r in ways] == ["replace", "replace_pending", "add"]
    assert all(set(r.slots) == {Slot.SIGN_IN, Slot.RECOVERY, Slot.CONTACT} for r in ways)
    assert all(r.title is not None for r in ways)


def test_amazon_is_put_onto_the_marketplace() -> None:
    """Every page is the marketplace's own, and its mail is expected from its own domain too."""
    recipe = RECIPES["amazon"]
    opened = [s.open for r in recipe.route for s in r.step if s.open]
    assert opened
    assert all(url.startswith("https://www.amazon.de/") for url in opened)
    hosts = {urlsplit(url).hostname for url in (RAW["amazon"].site.presets if RAW["amazon"].site else {}).values()}
    for mail in recipe.mail:
        assert {f"www.{a.partition('@')[2]}" for a in mail.sender} == hosts


def test_amazon_wants_consent_by_name_before_it_replaces() -> None:
    """The address is replaced: without a yes the person is not even shown the step that does it."""
    walk = Walk(RECIPES["amazon"], "standard")
    walk.person.rules.insert(0, Rule(Ask.CONSENT, says="no"))
    assert walk.run().ended is Ended.NEEDS_PERSON
    assert "ask_code" not in walk.asked()
    body = next(q for q in walk.person.asked if q.ask is Ask.CONSENT).body
    assert OLD in body.en
    assert NEW in body.zh


@pytest.mark.parametrize("name", ["facebook", "instagram"])
def test_meta_removes_old_only_after_it_wrote_to_new(name: str) -> None:
    """No page can be read back: only the service's mail to NEW unlocks the removal, and a day has to pass since."""
    walk = Walk(RECIPES[name], "standard")
    first = walk.run()
    assert "has proved the change" in first.message
    walk.journal.record(slot_verdict(ID, Slot.SIGN_IN, Verdict.PROVEN, "the service wrote to NEW"))
    assert walk.run().ended is Ended.NEEDS_TIME
    walk.clock.advance(days=1, minutes=1)
    walk.run()
    assert walk.journal.step(ID, "standard", "remove_old").status is StepStatus.DONE


# -- what the recipes may say -------------------------------------------------------------------------------------------------


@each
def test_lint_is_clean(recipe: Recipe) -> None:
    """No error and no warning: every change ends in a check that does not rest on the person's word."""
    assert [str(f) for f in lint(FOLDER / recipe.id)] == []


@each
def test_it_claims_documents_only(recipe: Recipe) -> None:
    """Nobody ran it: own browser with a reason, proof by documents, questions for what is not known."""
    assert (recipe.browser, recipe.proof) == ("own", "documents")
    assert recipe.browser_why is not None
    assert recipe.unknown
    assert not (FOLDER / recipe.id / "flow.py").exists()


@each
def test_no_link_of_its_mails_is_ever_used(recipe: Recipe) -> None:
    """They carry links that take changes back: every mail is a code or a notice, and all its links are forbidden."""
    assert recipe.mail
    for mail in recipe.mail:
        assert mail.link is None
        assert "/**" in mail.never


@each
def test_every_sender_stands_in_a_source(recipe: Recipe) -> None:
    """An invented sender would be believed: each is named by a source (Amazon's other marketplaces by the rule that one tells)."""
    said = " ".join(f"{s.says} {s.url}" for s in recipe.sources)
    for sender in {*recipe.detect.senders, *(a for m in recipe.mail for a in m.sender)}:
        rule = recipe.id == "amazon" and sender.startswith("account-update@") and "at their own domain" in said
        assert sender in said or rule, sender


@each
def test_sources_and_steps_belong_together(recipe: Recipe) -> None:
    """Nothing is told to be done that no source speaks of, and no source was read for nothing."""
    used: set[str] = set()
    for route in recipe.route:
        assert route.sources, route.id
        used |= set(route.sources)
        for step in route.step:
            assert step.sources, f"{route.id}/{step.id}"
            used |= set(step.sources)
    ways = [f for way in ("sign_in", "change", "recover") for f in getattr(recipe.access, way)]
    used |= {s for f in [*ways, *recipe.limit, *recipe.wait] for s in f.sources}
    assert {s.id for s in recipe.sources} <= used


@each
def test_steps_are_short(recipe: Recipe) -> None:
    """Titles fit one line of 80 columns; a step is read in one go."""
    for route in recipe.route:
        for step in route.step:
            for lang in ("en", "zh"):
                assert _cells(f"{recipe.id} · {step.title.to(lang)}") <= 80, step.title
                assert 40 <= _cells(_filled(step.manual).to(lang)) <= 760, step.id


def _filled(text: Text) -> Text:
    return Text(*(t.replace("{old}", OLD).replace("{new}", NEW) for t in (text.en, text.zh)))


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
