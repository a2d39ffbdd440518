"""The guided recipes of airlines and exam offices: what is special about them on walks of the guided contract; mail decides where a sender is known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from readdress.engine.tools import Ended
from readdress.models import Ask, Question, RouteKind, Slot, StepStatus, Text, Verdict
from readdress.recipe.lint import lint
from readdress.recipe.load import read_recipe
from readdress.recipe.schema import Recipe, RecipeStep, StepKind
from readdress.testing.fakes import Rule
from readdress.testing.guided import Guided
from readdress.testing.samples import NEW, OLD
from readdress.testing.walk import ACCOUNT, Walk

FOLDER = Path(__file__).resolve().parents[2] / "recipes"
KINDS = {
    "hainan-airlines": {"change", "undo", "recover", "appeal"},
    "sichuan-airlines": {"change", "undo", "recover", "appeal"},
    "china-southern": {"change", "undo", "recover"},
    "cet": {"change", "undo", "save", "recover", "appeal"},
    "ruankao": {"change", "undo", "recover"},
    "chsi": {"change", "undo", "save", "recover", "appeal"},
}
SENDERS = {"hainan-airlines", "china-southern"}  # of the others no sender is known
RECIPES = {name: read_recipe(FOLDER / name) for name in KINDS}
Says = Callable[[Question, RecipeStep], str | None]
each = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


def guided(name: str, says: Says) -> Walk:
    """A person at the beginning of the route, who answers so."""
    walk = Guided(FOLDER / name).start("standard")
    walk.says = says
    return walk


def by(walk: Walk, step: str) -> str:
    """Who said that it was done."""
    return walk.journal.step(ACCOUNT, "standard", step).by


def done(question: Question, step: RecipeStep) -> str:
    """The person's word."""
    return "done"


# -- run by a person --------------------------------------------------------------------------------------------------------


@each
def test_nothing_is_changed_without_consent_by_name(recipe: Recipe) -> None:
    """Who does not agree to the replacement is not even shown the step that does it."""
    walk = guided(recipe.id, done)
    walk.person.rules.insert(0, Rule(Ask.CONSENT, says="no"))
    assert walk.run().ended is Ended.NEEDS_PERSON
    asked = [q.step for q in walk.person.asked if q.ask is Ask.HAND_OVER]
    assert "change_email" not in asked
    consent = next(q for q in walk.person.asked if q.ask is Ask.CONSENT)
    assert OLD in consent.body.en
    assert NEW in consent.body.en
    assert recipe.find_route("standard").warn is not None
    assert recipe.find_route("standard").warn.en in consent.body.en  # type: ignore[union-attr]


# -- mail that decides ----------------------------------------------------------------------------------------------------


def _southern(deliver: Callable[[Walk], None]) -> Walk:
    """The route of China Southern; at its last step the airline's mail is delivered and the person says nothing for a while."""
    polls = {"n": 0}

    def says(question: Question, step: RecipeStep) -> str | None:
        if question.step != "reset_to_new":
            return "done"
        if polls["n"] == 0:
            deliver(walk)
        polls["n"] += 1
        return "skip" if polls["n"] > 60 else None

    walk = guided("china-southern", says)
    walk.run()
    return walk


def _reset(walk: Walk, **changes: str) -> None:
    sent = {
        "to": NEW,
        "kind": "reset",
        "subject": "新会员重置密码中文邮件",
        "sender": "czmp@csair.com",
        "text": "请点击链接重置密码 https://skypearl.csair.com/reset?cancel=1",
    }
    walk.post.send_mail(**(sent | changes))  # type: ignore[arg-type]


def test_the_reset_mail_of_the_airline_confirms_by_itself() -> None:
    """The airline wrote to NEW: the step ends without the person, and counts as confirmed, not as a word."""
    walk = _southern(_reset)
    assert by(walk, "reset_to_new") == "mail"
    assert walk.verdict(Slot.RECOVERY) is Verdict.CONFIRMED
    assert walk.verdict(Slot.CONTACT) is Verdict.CLAIMED


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "czmp@csair-service.example"},
        {"sender": "skypearl@edm.csair.com"},
        {"signed_by": ""},
        {"signed_by": "example.com"},
        {"to": OLD},
        {"subject": "里程变动通知"},
    ],
    ids=["look-alike", "another sender", "unsigned", "signed by another", "to the old mailbox", "another mail"],
)
def test_a_mail_that_only_looks_like_it_confirms_nothing(changes: dict[str, str]) -> None:
    """Sender, signature, mailbox and subject all have to be right; else the step stays the person's."""
    walk = _southern(lambda w: _reset(w, **changes))
    assert walk.status("reset_to_new") is StepStatus.SKIPPED
    assert (
        Slot.RECOVERY not in walk.journal.account(ACCOUNT).slots
        or not walk.verdict(Slot.RECOVERY).rank > Verdict.STARTED.rank
    )


def test_a_statement_that_comes_weeks_later_still_counts() -> None:
    """The person stops at the statement of Hainan Airlines; three weeks on it lies in NEW, and the next run sees it first."""
    walk = guided("hainan-airlines", lambda q, _: "stop" if q.step == "statement" else "done")
    assert walk.run().ended is Ended.NEEDS_PERSON
    assert walk.verdict(Slot.CONTACT) is Verdict.CLAIMED
    walk.clock.advance(days=21)
    walk.post.send_mail(
        to=NEW,
        kind="statement",
        subject="金鹏俱乐部8月电子对账单",
        sender="金鹏俱乐部 <ffpmarketing@hu.hnair.com>",
        text="对账单",
    )
    walk.run()
    assert by(walk, "statement") == "mail"
    assert walk.verdict(Slot.CONTACT) is Verdict.CONFIRMED


# -- what the recipes may say -------------------------------------------------------------------------------------------------


@each
def test_lint_is_clean_but_for_what_nobody_knows(recipe: Recipe) -> None:
    """The one finding that may stay is that no mail can prove the change: only where no sender is known, which is asked for."""
    rules = [f.rule for f in lint(FOLDER / recipe.id)]
    assert rules == ([] if recipe.id in SENDERS else ["ends-in-check"])
    if recipe.id not in SENDERS:
        assert not recipe.mail
        assert not recipe.detect.senders
        assert "sender" in {u.id for u in recipe.unknown}


@each
def test_it_claims_documents_only(recipe: Recipe) -> None:
    """Nobody ran it: own browser with a reason, proof by documents, the routes that the facts support."""
    assert (recipe.browser, recipe.proof) == ("own", "documents")
    assert {r.kind.value for r in recipe.route} == KINDS[recipe.id]
    change = next(r for r in recipe.route if r.kind is RouteKind.CHANGE)
    assert set(change.slots) == set(recipe.slots)
    assert change.undo is not None


@each
def test_every_sender_stands_in_a_source(recipe: Recipe) -> None:
    """An invented sender would be believed: each exact address is named by a source that was read."""
    said = " ".join(f"{s.says} {s.url}" for s in recipe.sources)
    for sender in {*recipe.detect.senders, *(a for m in recipe.mail for a in m.sender)}:
        assert sender in said


@each
def test_every_telephone_and_mailbox_stands_in_a_source(recipe: Recipe) -> None:
    """A wrong hotline sends somebody's identity number to a stranger."""
    said = re.sub(r"\D", "", " ".join(s.says for s in recipe.sources))
    for route in recipe.route:
        for step in route.step:
            for text in (step.manual.en, step.manual.zh):
                for number in re.findall(
                    r"(?<![\w/.?=-])(?:\(?\+?86[- ]?\d*\)? ?)?(?:010-\d{8}|028-\d{8}|\+?\d{2} \d{4} \d{4}|9\d{4,5}(?:-\d)?)(?!\w)",
                    text,
                ):
                    digits = re.sub(r"\D", "", number)
                    assert digits.removeprefix("86898").removeprefix("86").removeprefix("0") in said, number
                for box in re.findall(r"[\w.]+@[\w.]+\w", text):
                    assert any(box in f"{s.says}" for s in recipe.sources), box


@each
def test_each_step_of_the_change_names_its_sources(recipe: Recipe) -> None:
    """Nothing is told to be done that no source speaks of."""
    for route in recipe.route:
        assert route.sources, route.id
        for step in route.step:
            assert step.sources, f"{route.id}/{step.id}"


@each
def test_every_source_is_used(recipe: Recipe) -> None:
    """A source that nothing rests on was read for nothing, or the claim was lost."""
    used = {s for r in recipe.route for s in [*r.sources, *(x for step in r.step for x in step.sources)]}
    used |= {s for way in ("sign_in", "change", "recover") for f in getattr(recipe.access, way) for s in f.sources}
    known = [*recipe.detect.senders, *recipe.detect.domains]
    used |= {s.id for s in recipe.sources if any(k in s.says or k in s.url for k in known)}
    spare = {s.id for s in recipe.sources if s.id} - used
    assert spare <= {"third_party", "partners"}, (
        spare
    )  # these two bear a question and the list of what rides on the account


@each
def test_steps_are_short_and_say_that_a_word_is_a_word(recipe: Recipe) -> None:
    """Titles fit one line of 80 columns; a read-back that no program sees says so in both languages."""
    for route in recipe.route:
        for step in route.step:
            for lang in ("en", "zh"):
                assert _cells(f"{recipe.id} · {step.title.to(lang)}") <= 74, step.title
                assert 40 <= _cells(_filled(step.manual).to(lang)) <= 640, step.id
            if step.kind is StepKind.READ_BACK:
                assert "“you said so”" in step.manual.en
                assert "“您说已完成”" in step.manual.zh


def _filled(text: Text) -> Text:
    return Text(*(t.replace("{old}", OLD).replace("{new}", NEW) for t in (text.en, text.zh)))


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
