"""The guided recipes of Google, Apple, Amazon, Facebook and Instagram: what is special about each, on walks of the guided contract."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from readdress.engine.tools import Ended
from readdress.models import Ask, Question, RouteKind, Side, Slot, StepStatus, Text, Verdict
from readdress.models.events import slot_verdict
from readdress.recipe.lint import lint
from readdress.recipe.load import read_recipe
from readdress.recipe.place import place, settle_site
from readdress.recipe.schema import Recipe, RecipeStep
from readdress.testing.fakes import Rule
from readdress.testing.guided import Guided
from readdress.testing.office import code_for
from readdress.testing.samples import NEW, OLD
from readdress.testing.walk import ACCOUNT, Walk

FOLDER = Path(__file__).resolve().parents[2] / "recipes"
NAMES = ("google", "apple", "amazon", "facebook", "instagram")
RAW = {name: read_recipe(FOLDER / name) for name in NAMES}
RECIPES = {name: place(r, settle_site(r, "de") if r.site else "") for name, r in RAW.items()}
each = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


def guided(name: str, route: str) -> Walk:
    """A person at the beginning of a route, who does everything."""
    return Guided(FOLDER / name).start(route)


# -- codes ------------------------------------------------------------------------------------------------------------------


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
    walk = guided(recipe.id, route.id)
    codes: list[str] = []

    def says(question: Question, step: RecipeStep) -> str | None:
        mail = recipe.find_mail(step.expects) if step.expects else None
        if mail is not None and mail.code and step.id not in walk.sent:
            code = code_for(mail.code, len(codes) + 1)
            codes.append(code)
            walk.sent[step.id] = []
            given = {
                "to": NEW if mail.to is Side.NEW else OLD,
                "kind": mail.id,
                "subject": mail.subject[0] if mail.subject else "About your account",
                "sender": f"Service <{mail.sender[0]}>",
                "text": f"Hello.\nYour verification code is: {code}\n",
            }
            walk.post.send_mail(**(given | changes))
        return "done"

    walk.says = says
    walk.run()
    assert codes
    seen = [*(q.body.en for q in walk.person.asked), *(n.text.en for n in walk.person.told)]
    assert not [text for text in seen for code in codes if code in text]


# -- the rules of each service ----------------------------------------------------------------------------------------------


def test_google_keeps_the_old_mailbox_for_a_week() -> None:
    """For seven days codes may go to the old recovery address: the last step is closed until then."""
    walk = guided("google", "standard")
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
    walk = guided("amazon", "standard")
    walk.person.rules.insert(0, Rule(Ask.CONSENT, says="no"))
    assert walk.run().ended is Ended.NEEDS_PERSON
    assert "ask_code" not in walk.asked()
    body = next(q for q in walk.person.asked if q.ask is Ask.CONSENT).body
    assert OLD in body.en
    assert NEW in body.zh


@pytest.mark.parametrize("name", ["facebook", "instagram"])
def test_meta_removes_old_only_after_it_wrote_to_new(name: str) -> None:
    """No page can be read back: only the service's mail to NEW unlocks the removal, and a day has to pass since."""
    walk = guided(name, "standard")
    first = walk.run()
    assert "has proved the change" in first.message
    walk.journal.record(slot_verdict(ACCOUNT, Slot.SIGN_IN, Verdict.PROVEN, "the service wrote to NEW"))
    assert walk.run().ended is Ended.NEEDS_TIME
    walk.clock.advance(days=1, minutes=1)
    walk.run()
    assert walk.status("remove_old") is StepStatus.DONE


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
