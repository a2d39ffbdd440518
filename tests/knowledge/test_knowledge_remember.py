"""The interview: many answers at once, doubts asked about once, accounts with the person's word as evidence; the same without a terminal."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import write

from readdress.cli.catalogue import catalogue
from readdress.cli.options import Settings
from readdress.cli.remembering import remember
from readdress.errors import ReaddressError
from readdress.models import Answer, Question
from readdress.recipe.catalogue import Catalogue
from readdress.recipe.knowledge import Knowledge
from readdress.recipe.service import CATEGORIES
from readdress.testing.fakes import Rule, ScriptedPerson
from readdress.workflow.adapters import Adapters
from readdress.workflow.answers import parse_answers
from readdress.workflow.migration import Migration
from readdress.workflow.remembering import from_text, interview, rounds

KNOWN = Knowledge(Catalogue(entry_points=False), Path("/nonexistent"))
MONEY = KNOWN.in_category("money", "zh")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def m(tmp_path: Path) -> Iterator[Migration]:
    """A new migration, with nobody at the keyboard yet."""
    with Migration.create(
        "ann@old.example", "ann@new.example", state=tmp_path / "x.readdress", adapters=Adapters()
    ) as made:
        yield made


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("1 3 5-7", [0, 2, 4, 5, 6]),
        ("1，3、5～7；2", [0, 2, 4, 5, 6, 1]),
        ("１ ３", [0, 2]),
        ("3, 3, 3", [2]),
        ("1-2 5", [0, 1, 4]),
        ("", []),
        (" ,,; \n\n ", []),
    ],
)
def test_numbers_and_ranges(text: str, ids: list[int]) -> None:
    """Numbers of the list, ranges with any dash, full-width digits, any separator; each service once."""
    parsed = parse_answers(text, MONEY, KNOWN)
    assert [n.service.id for n in parsed.named] == [MONEY[i].id for i in ids] and not parsed.doubts


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("github, 知乎, B站", ["github", "zhihu", "bilibili"]),
        ("微信 淘宝 招行", ["wechat", "taobao", "cmb"]),
        ("Bank of America chase Wells Fargo", ["bank-of-america", "chase", "wells-fargo"]),
        ("12306, 1688, 4399", ["12306", "1688", "4399"]),
        ("https://www.zhihu.com/people/x; forum.example.org", ["zhihu", "forum.example.org"]),
        ("Booking.com", ["booking"]),
        ("- Spotify\n- Netflix\n• Steam", ["spotify", "netflix", "steam"]),
        ("1 github 2", [MONEY[0].id, "github", MONEY[1].id]),
    ],
)
def test_names(text: str, ids: list[str]) -> None:
    """Names in either language, set apart by anything; names of several words; names that are numbers; web addresses; a list as pasted."""
    parsed = parse_answers(text, MONEY, KNOWN)
    assert [n.service.id for n in parsed.named] == ids and not parsed.doubts


def test_logins_and_sites() -> None:
    """``name = login`` for several accounts at one service, and the site of a program that runs on many."""
    parsed = parse_answers("github = ann, github = bob, GitHub=ANN, mediawiki = wiki.example.org", (), KNOWN)
    assert [(n.service.id, n.login) for n in parsed.named] == [
        ("github", "ann"),
        ("github", "bob"),
        ("mediawiki", "wiki.example.org"),
    ]


def test_doubts_carry_suggestions() -> None:
    """What is nearly a name is offered, never taken; what is nothing is named as such; numbers off the list are no accounts."""
    parsed = parse_answers("gitub, 支付宝app, qzxqzx, 999, 0, 7-3", MONEY, KNOWN)
    assert not parsed.named
    assert [(d.said, [s.id for s in d.meant][:1]) for d in parsed.doubts] == [
        ("gitub", ["github"]), ("支付宝app", ["alipay"]), ("qzxqzx", []), ("999", []), ("0", []), ("7-3", []),
    ]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    """Whatever is typed or pasted: no error, no service twice, nothing invented out of control characters."""
    parsed = parse_answers(text, MONEY[:9], KNOWN)
    keys = [(n.service.id, n.login.casefold()) for n in parsed.named]
    assert len(keys) == len(set(keys))
    assert not any(unicodedata.category(c) in {"Cc", "Cf"} for d in parsed.doubts for c in d.said)


def test_a_huge_answer_ends() -> None:
    """A pasted book is cut, and that is said."""
    parsed = parse_answers(",".join(f"x{n}q" for n in range(5000)), (), KNOWN)
    assert parsed.doubts[-1].said == "…" and len(parsed.doubts) <= 501


def test_rounds_cover_everything() -> None:
    """A page for each category, then bills, apps, the browser and "sign in with"; the near part of the world comes first."""
    pages = rounds(KNOWN, "zh")
    assert [p.id for p in pages] == [*CATEGORIES, "bills", "apps", "browser", "sso"]
    assert "cn" in pages[0].offered[0].region and pages[0].listing("zh").startswith("1 ")
    assert "world" in rounds(KNOWN, "en")[0].offered[0].region
    offered = {s.id for p in pages for s in p.offered}
    assert offered >= {"alipay", "deutsche-bahn", "spotify", "chase", "chsi"}
    assert " ✓" in pages[0].listing("zh", [pages[0].offered[0].id])


def test_from_text_adds_accounts_with_evidence(m: Migration) -> None:
    """Every service becomes an account, with or without a recipe, with the person as its source; said again nothing is added."""
    text = "# my list\nmoney: 1 2\ngithub, 知乎\nexample.org = ann\nmediawiki = https://wiki.example.org\nnote: x"
    found = from_text(m, text, "en")
    services = {(a.service, a.login) for a in m.accounts()}
    money = KNOWN.in_category("money", "en")
    assert services == {
        (money[0].id, ""),
        (money[1].id, ""),
        ("github", ""),
        ("zhihu", ""),
        ("example.org", "ann"),
        ("mediawiki", ""),
    }
    assert len(found.added) == 6 and [d.said for d in found.left] == ["note:", "x"]
    evidence = [e for a in m.accounts() for e in a.evidence]
    assert {e.source for e in evidence} == {"person"} and {e.where for e in evidence} == {
        "remember/money",
        "remember/answers",
    }
    again = from_text(m, text, "en")
    assert again.added == [] and len(again.known) == 6
    other = from_text(m, "github = bob", "en")
    assert [a.login for a in other.added] == ["bob"], "a second login is a second account"


def test_programs_need_their_site(m: Migration) -> None:
    """A program that runs on many sites is no account by itself: the site is asked for."""
    found = from_text(m, "mediawiki, github", "en")
    assert from_text(m, "wordpress = not a site at all", "en").left, "what is no web address is said to be none"
    assert found.sites == ["mediawiki"] and [a.service for a in found.added] == ["github"] and not found.complete


def test_interview(m: Migration) -> None:
    """Pages answered by numbers and names, one doubt settled by its number, one left; what was noted is told; "stop" ends it."""
    said = {
        "remember/identity": "1",
        "remember/mail": "",
        "remember/money": "1 2, gitub, qzxqzx",
        "remember/money/meant": "1",
        "remember/work": "停",
    }

    def says(q: Question) -> Answer:
        return Answer(q.id, "text", said.get(q.id, ""))

    person = m.adapters.person = ScriptedPerson([Rule(says=says)])
    found = interview(m, "zh")
    assert [d.said for d in found.left] == ["qzxqzx"]
    assert found.stopped and [q.id for q in person.asked][-1] == "remember/work"
    services = [a.service for a in m.accounts()]
    pages = {p.id: p for p in rounds(KNOWN, "zh")}
    assert services == [
        pages["identity"].offered[0].id,
        pages["money"].offered[0].id,
        pages["money"].offered[1].id,
        "github",
    ]
    assert "qzxqzx" in person.shown() and "不认识“qzxqzx”" in person.shown("zh")


def test_ctrl_c_keeps_what_was_noted(m: Migration) -> None:
    """The person leaves in the middle: every finished page is on disk."""

    def says(q: Question) -> Answer:
        if q.id == "remember/mail":
            raise KeyboardInterrupt
        return Answer(q.id, "text", "1 2")

    m.adapters.person = ScriptedPerson([Rule(says=says)])
    with pytest.raises(KeyboardInterrupt):
        interview(m, "en")
    assert len(m.accounts()) == 2


def _run(command: Any, *args: str, state: Path, lang: str = "en", stdin: str = "") -> tuple[int, str]:
    s = Settings(state=state, lang=lang)  # type: ignore[arg-type]
    done = CliRunner().invoke(command, list(args), obj=s, input=stdin, standalone_mode=False)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return int(s.extra.get("exit_code", 0)), done.output


def test_update_command(tmp_path: Path) -> None:
    """``catalogue update --from``: files as large as the real ones at least, for people and for programs; too small a set is refused."""
    pages = {f"p{n}.test": f"https://p{n}.test/account" for n in range(200)}
    groups = [{"shared": [f"p{n}.test", f"q{n}.test"]} for n in range(30)]
    jdm = [
        {"name": f"S{n}", "url": "https://s.test/", "difficulty": "easy", "domains": [f"s{n}.test"]} for n in range(800)
    ]
    tfa = [[f"T{n}", {"domain": f"t{n}.test", "tfa": ["email"], "keywords": ["banking"]}] for n in range(800)]
    write(
        tmp_path / "in",
        {"change-password-URLs.json": pages, "shared-credentials.json": groups, "sites.json": jdm, "entries.json": tfa},
    )
    state = tmp_path / "none.readdress"
    _, out = _run(catalogue, "update", "--from", str(tmp_path / "in"), "--lang", "zh", state=state)
    assert "1830 个域名，200 个账号页面" in out and "800 个通过邮件发送二次验证" in out
    _, out = _run(catalogue, "update", "--from", str(tmp_path / "in"), "--json", state=state)
    assert json.loads(out)["replaced"] is True and json.loads(out)["groups"] == 30
    _, out = _run(catalogue, "show", "q7.test", state=state)
    assert "P7" in out or "p7.test" in out
    assert "https://p7.test/account" in out
    write(tmp_path / "in", {"sites.json": jdm[:10]})
    with pytest.raises(ReaddressError) as caught:
        _run(catalogue, "update", "--from", str(tmp_path / "in"), state=state)
    assert "What you had before is kept." in caught.value.todo


def test_commands(m: Migration, tmp_path: Path) -> None:
    """``remember --answers`` with text, file and standard input, ``--list``, ``--json``; ``catalogue show`` for people and programs."""
    m.close()
    state = m.path
    code, out = _run(remember, "--answers", "github, 知乎", state=state)
    assert code == 0 and "Noted: GitHub, Zhihu." in out and "2 accounts noted, 2 known in all." in out
    (tmp_path / "list.txt").write_text("\ufeffmoney: 1\n淘宝\nfoobarbaz", encoding="utf-8")
    code, out = _run(remember, "--answers", str(tmp_path / "list.txt"), "--json", state=state)
    document = json.loads(out)
    assert (
        code == 3 and document["readdress"] == "remembered" and document["left"] == [{"said": "foobarbaz", "meant": []}]
    )
    assert document["accounts"] == 4
    code, out = _run(remember, "--answers", "-", "--lang", "zh", state=state, stdin="豆瓣")
    assert code == 0 and "已记录：豆瓣。" in out
    code, out = _run(remember, "--list", "--only", "money", "--lang", "zh", state=state)
    assert "1 支付宝" in out
    code, out = _run(remember, "--list", "--json", state=state)
    assert next(p["id"] for p in json.loads(out)["pages"]) == "identity"
    with pytest.raises(Exception, match="Nobody is here to ask"):
        _run(remember, state=state)
    with pytest.raises(Exception, match="There is no page nope"):
        _run(remember, "--list", "--only", "nope", state=state)
    code, out = _run(catalogue, "show", "知乎", "--json", state=state)
    shown = json.loads(out)
    assert (shown["id"], shown["recipe"], shown["grade"]) == ("zhihu", False, "strong") and "zhihu.com" in shown[
        "domains"
    ]
    code, out = _run(catalogue, "show", "github.com", "--lang", "zh", state=state)
    assert "有专用配方" in out
    with pytest.raises(ReaddressError):
        _run(catalogue, "show", "qzxqzx", state=state)
