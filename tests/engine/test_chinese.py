"""What a Chinese run says: refusals by their reason, waits in the recipe's words, and no sentence of the engine without its Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rig import ID, Rig

import readdress
from readdress.engine.tools import Ended
from readdress.errors import Refused
from readdress.i18n.refusals import refused
from readdress.i18n.sentences import translate
from readdress.models import Ask
from readdress.testing.fakes import Rule

PACKAGE = Path(readdress.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
RAISED = {
    "NeedsPerson", "NeedsTime", "NeedsMail", "Refused", "BrowserError", "BrowserMissing", "BrowserBusy", "MailboxError", "MailboxLogin",
    "MailboxUntrusted", "MailboxRefused", "RecipeError", "ApiError", "_outcome", "_refuse",
}  # fmt: skip
PLACES = [
    *sorted((PACKAGE / "engine").glob("*.py")),
    *sorted((PACKAGE / "browser").glob("*.py")),
    *(PACKAGE / "mailbox" / f"{n}.py" for n in ("connect", "opening", "reader", "signin", "trouble", "watch")),
]


def _text(node: ast.expr) -> str:
    """A constant or an f-string with something in each hole; ``""`` for what is made elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "example" for v in node.values)
    return ""


def sentences(source: str) -> Iterator[str]:
    """Every sentence that stands where an error or an outcome is made."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in RAISED:
            for given in [*call.args, *(k.value for k in call.keywords if k.arg == "todo")]:
                for one in (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,):
                    if " " in (text := _text(one)):
                        yield text


@pytest.mark.parametrize("path", PLACES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_sentence_has_its_chinese(path: Path) -> None:
    """Whoever adds a way to stop adds its Chinese."""
    missing = [s for s in sentences(path.read_text("utf-8")) if not CHINESE.search(translate(s, "zh"))]
    assert missing == []


def test_the_search_finds_sentences() -> None:
    """The test above is able to fail."""
    found = list(sentences('raise NeedsPerson(f"Look at {x}.", todo="Do it now." if y else "Do it later.")'))
    assert found == ["Look at example.", "Do it now.", "Do it later."]
    assert sum(1 for p in PLACES for _ in sentences(p.read_text("utf-8"))) > 80


@pytest.mark.parametrize(("fault", "says"), [("refused", "已属于另一个账号"), ("locked", "已锁定该账号")])
def test_a_refusal_is_told_by_its_reason(fault: str, says: str) -> None:
    """Recipes raise it in English; in a Chinese run both what is said and what to do are Chinese, in the wait as well."""
    rig = Rig("add")
    rig.lang = "zh"
    rig.faults["add"] = fault
    outcome = rig.run()
    assert outcome.ended is Ended.REFUSED
    assert says in outcome.message
    assert CHINESE.search(outcome.todo)
    wait = rig.journal.wait(ID)
    assert wait is not None
    assert wait.reason == outcome.message


def test_a_wait_that_the_page_asks_for_is_told_in_chinese() -> None:
    """A flow raises it in English; when, and that it is the site that wants it, is kept."""
    rig = Rig("add")
    rig.lang = "zh"
    rig.faults["add"] = "limit"
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_TIME
    assert outcome.until is not None
    assert "限制了次数或要求等待" in outcome.message


def test_the_words_of_the_site_are_kept() -> None:
    """What stands behind the colon is the site's own; a sentence that is known is not replaced by the general one."""
    assert refused("The wiki does not take it: 地址太长", "", "other", "zh")[0] == "网站没有接受此操作：地址太长"
    assert refused("There is nothing to do.", "", "other", "zh")[0] == "无需操作。"
    assert refused("The wiki says: no", "Do it.", "limit", "en") == ("The wiki says: no", "Do it.")
    assert refused("No.", "Run `migrate resume`.", "limit", "zh")[1] == "请运行 migrate resume。"


def test_every_reason_has_its_own_sentence() -> None:
    """The reasons that the error documents, each told apart from the others."""
    reasons = re.findall(r"``(\w+)``", (Refused.__doc__ or "").split("``until``")[0])[1:]
    assert set(reasons) >= {"address_in_use", "expired", "other"}
    said = {refused("No.", "", r, "zh")[0] for r in reasons}
    assert len(said) == len(reasons)


def test_a_wait_of_the_recipe_is_told_in_its_words() -> None:
    """The reason for a cooling-off is the recipe's text, which exists in both languages."""
    wait = {
        "id": "cool",
        "after": "add_address",
        "lasts": "7d",
        "closed": ["confirm"],
        "reason": {"en": "Wait a week.", "zh": "请等待一周。"},
    }
    for lang, reason in (("en", "Wait a week."), ("zh", "请等待一周。")):
        rig = Rig("add", wait=[wait])
        rig.lang = lang
        outcome = rig.run()
        assert (outcome.ended, outcome.message) == (Ended.NEEDS_TIME, reason)


def test_the_closing_sentence_is_chinese() -> None:
    """All steps over by the person's word alone: what is said then is looked up by its English."""
    rig = Rig("replace", browser="own", browser_why={"en": "refused", "zh": "拒绝"})
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says="done"))
    outcome = rig.run()
    assert outcome.message.startswith("All steps are over")
    assert translate(outcome.message, "zh").startswith("所有步骤都已完成")
    assert CHINESE.search(translate(outcome.todo, "zh"))
