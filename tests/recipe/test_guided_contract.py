"""The guided contract on every recipe, and that it finds what is wrong: each mutant of a sound recipe is told from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from readdress.engine import verdicts
from readdress.engine.hands import Hands
from readdress.testing.contract import run_cases
from readdress.testing.guided import PEOPLE, Guided
from readdress.workflow.recipes import check_recipe

FOLDER = Path(__file__).resolve().parents[2] / "recipes"
ALL = sorted(p.name for p in FOLDER.iterdir() if (p / "recipe.toml").is_file())


@pytest.mark.parametrize("name", ALL)
def test_every_route_is_walked_by_its_text(name: str) -> None:
    """Whoever does everything, stops, only says so or skips: the text leads them, and claims no more than was proved."""
    guided = Guided(FOLDER / name)
    assert {n.partition("/")[2] for n in guided.names} >= set(PEOPLE)
    assert [f"{r.name}: {r.problem}" for r in guided.run() if not r.ok] == []


@pytest.mark.parametrize("name", ["weibo", "dokuwiki"])
def test_a_recipe_without_pages_can_be_checked_whole(name: str) -> None:
    """Neither a guided recipe nor one that is tested against its program needs cases; what is missing is a warning."""
    result = check_recipe(FOLDER / name, cases=["standard/does", "standard/lies"])
    assert result.ok
    assert [c.name for c in result.cases] == ["standard/does", "standard/lies"]
    rules = {f.rule for f in result.findings}
    assert ("no-cases" in rules) is (name == "dokuwiki")


# -- mutants --------------------------------------------------------------------------------------------------------------

RECIPE = """\
format = 1
id = "orchard"
name = { en = "Orchard", zh = "果园" }
home = "https://orchard.example/"
hosts = ["orchard.example"]
browser = "own"
browser_why = { en = "Nobody saw its pages.", zh = "没有人见过它的页面。" }
slots = ["sign_in"]
checked = 2026-11-24
proof = "documents"

[[sources]]
url = "https://orchard.example/help"
says = "how it goes"
grade = "official"

[[mail]]
id = "code"
to = "new"
from = ["noreply@orchard.example"]
subject = ["Your code"]
code = { length = [6], near = ["code"] }
never = ["/**"]

[[mail]]
id = "changed"
to = "new"
from = ["noreply@orchard.example"]
subject = ["Address changed"]
notice = true

[[route]]
id = "standard"
slots = ["sign_in"]
change = "replace_pending"

[[route.step]]
id = "ask_code"
title = { en = "Ask for the code", zh = "获取验证码" }
manual = { en = "Type {new} and press “Send”.", zh = "填写 {new}，点击“发送”。" }
open = "https://orchard.example/settings"
slot = "sign_in"
expects = "code"

[[route.step]]
id = "type_code"
title = { en = "Type the code", zh = "填写验证码" }
manual = { en = "Type the code {code} and press “Save”.", zh = "填写验证码 {code}，点击“保存”。" }
slot = "sign_in"
reaches = "confirmed"
uses = "code"
expects = "changed"
"""
MAIL = """\
From: Orchard <noreply@orchard.example>
To: {new}
Subject: Your code
Date: Mon, 23 Nov 2026 09:00:00 +0000
Message-ID: <1@orchard.example>
Content-Type: text/plain; charset=utf-8

Your code is 481205. Order 771234.
Not you? https://orchard.example/revert/9
"""
NOTICE = MAIL.replace("Your code\nDate", "Address changed\nDate").replace(
    "Your code is 481205. Order 771234.", "It has changed."
)
EXPECTED = """\
[[mail]]
file = "code.en.eml"
kind = "code"
to = "new"
code = "481205"
never = ["https://orchard.example/revert/9"]

[[mail]]
file = "changed.en.eml"
kind = "notice"
to = "new"
never = ["https://orchard.example/revert/9"]
"""


def made(folder: Path, **changes: str) -> Path:
    """The sound recipe with its samples; ``changes`` name a file by its stem."""
    place = folder / "orchard"
    mails = place / "pages" / "mails"
    mails.mkdir(parents=True)
    (place / "recipe.toml").write_text(changes.pop("recipe", RECIPE), "utf-8")
    (place / "pages" / "expected.toml").write_text(changes.pop("expected", EXPECTED), "utf-8")
    for name, text in {"code.en": MAIL, "changed.en": NOTICE, **changes}.items():
        (mails / f"{name}.eml").write_text(text, "utf-8")
    return place


def problems(folder: Path) -> str:
    """What every case says together."""
    return " | ".join(r.problem for r in run_cases(folder, browser=False))


def test_the_sound_recipe_is_sound(tmp_path: Path) -> None:
    """The mutants differ from this one only."""
    folder = made(tmp_path)
    guided = Guided(folder)
    assert guided.findings() == []
    assert [r.problem for r in guided.run() if not r.ok] == []
    walk = guided.start("standard")
    walk.to_the_end()
    assert [v.value for v in walk.verdicts().values()] == ["confirmed"]
    assert any("481205" in q.body.zh for q in walk.person.asked), "the sample's own code is the one that is shown"


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("Type {new} and", "Type {nwe} and", "shows {nwe}"),
        ("填写 {new}，", "填写 {nue}，", "shows {nue} (zh)"),
        ("Type {new} and", "Press here, then there. " * 60 + "Type {new} and", "lines of 80 columns"),
        ("Ask for the code", "Ask for the code " * 6, "wider than 80 columns"),
        ('expects = "code"', 'expects = "code"\noptional = true', "type_code ends pending for a person who skips"),
    ],
)
def test_a_text_that_nobody_can_follow_is_found(tmp_path: Path, was: str, becomes: str, told: str) -> None:
    """Holes, pages of text, a title that is cut off, a way on that is closed by what was offered."""
    assert told in problems(made(tmp_path, recipe=RECIPE.replace(was, becomes, 1)))


def test_a_claim_that_counts_as_more_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the bare word believed, the liar would show it."""
    real = verdicts.reached
    monkeypatch.setattr("readdress.engine.run.reached", lambda step, by: real(step, "mail" if by == "person" else by))
    recipe = RECIPE.replace('uses = "code"\n', "").replace(" {code}", "")
    assert "on the bare word" in problems(made(tmp_path, recipe=recipe))


def test_a_code_that_is_not_shown_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person cannot type what they never see."""
    monkeypatch.setattr(Hands, "_show", lambda self, step, token, *, moved: step.manual)
    assert "{new}" in (said := problems(made(tmp_path)))
    assert "code of code is not shown at type_code" in said


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda: {"code.en": MAIL.replace("481205. Order 771234", "771234 is your code, 481205 your order")},
            "the code is '481205'",
        ),
        (
            lambda: {
                "expected": EXPECTED.replace('code = "481205"', "code = false").replace('"code"', '"verification"')
            },
            "carries no code",
        ),
        (lambda: {"expected": EXPECTED + _row("changed.zh", "hostile"), "changed.zh": NOTICE}, ""),
        (
            lambda: {
                "expected": EXPECTED + _row("bad.en", "hostile"),
                "bad.en": MAIL,
                "recipe": RECIPE.replace("noreply@orchard.example", "other@orchard.example"),
            },
            "",
        ),
    ],
    ids=["another code", "no code", "hostile and forged", "hostile from a stranger"],
)
def test_the_gate_is_asked_about_every_sample(tmp_path: Path, change: Callable[[], dict[str, str]], told: str) -> None:
    """The wrong number for a code is found; what is hostile is refused where it is forged or from a stranger."""
    said = "".join(r.problem for r in run_cases(made(tmp_path, **change()), only=["mails"], browser=False))
    assert told in said
    assert bool(told) == bool(said)


def test_a_hostile_mail_that_is_believed_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that asked nobody for a signature would believe the forged one."""
    folder = made(tmp_path, expected=EXPECTED + _row("bad.en", "hostile"), **{"bad.en": MAIL})
    monkeypatch.setattr("readdress.trust.authentic.check", lambda *_: object())
    said = "".join(r.problem for r in run_cases(folder, only=["mails"], browser=False))
    assert "bad.en.eml as code: this hostile mail is believed" in said


def test_a_link_that_never_may_be_is_never_released(tmp_path: Path) -> None:
    """A link that the sample forbids comes out where the recipe's rule is too wide: from the mail, and pasted."""
    link = 'link = { host = "orchard.example", path = "/go/*" }'
    recipe = RECIPE.replace('code = { length = [6], near = ["code"] }\nnever = ["/**"]', link).replace(
        "{code}", "{link}"
    )
    files = {
        "expected": EXPECTED.replace("/revert/", "/go/"),
        "code.en": MAIL.replace("Not you? https://orchard.example/revert", "Look: https://orchard.example/go"),
    }
    said = "".join(r.problem for r in run_cases(made(tmp_path, recipe=recipe, **files), only=["mails"], browser=False))
    assert "https://orchard.example/go/9 would be opened" in said
    assert "taken when pasted" in said


def test_samples_and_mails_that_have_no_partner_are_findings(tmp_path: Path) -> None:
    """A mail without a sample, and a sample that no mail of the recipe fits: both are warnings with a name."""
    rows = EXPECTED.split("\n\n")
    folder = made(
        tmp_path, expected=rows[1] + _row("odd.en", "code"), **{"odd.en": MAIL.replace("Your code\nDate", "Hi\nDate")}
    )
    found = Guided(folder).findings()
    assert [(f.rule, f.severity) for f in found] == [("sample-unused", "warning"), ("sample-missing", "warning")]
    assert "odd.en.eml" in found[0].message
    assert "another mail of that sender" in found[0].message
    assert '"code"' in found[1].message


def _row(name: str, kind: str) -> str:
    return f'\n[[mail]]\nfile = "{name}.eml"\nkind = "{kind}"\nto = "new"\n'
