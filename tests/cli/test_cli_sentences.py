"""The Chinese of errors is looked up by their English: each English sentence must still be what the code says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import readdress
from readdress.i18n.sentences import SENTENCES, translate

# click's own, or put together from parts
ELSEWHERE = (
    "No such",
    "Missing argument",
    "Option {name}",
    "Invalid value",
    "Make room and try again.",
    "Make both writable",
    "{unlock} or keep",
    "Did you mean {name}? migrate",
    "What you had before is kept. {rest}",
    "Nothing was taken over. {rest}",
    "The secret {name}",
    "Look whether the disk is full, gone or broken",
)


def _constants() -> str:
    """Every string constant of the package, implicit concatenation joined, the sentences' own table left out."""
    found = []
    for path in Path(readdress.__file__).parent.rglob("*.py"):
        if not path.name.startswith("sentences"):
            found += [
                n.value
                for n in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(n, ast.Constant) and isinstance(n.value, str)
            ]
    return "\0".join(found)


def test_every_english_sentence_is_still_said() -> None:
    """A reworded error would silently lose its Chinese: its constant parts are looked for in the code."""
    said = _constants()
    lost = []
    for en, _ in SENTENCES:
        pieces = [p for p in re.split(r"\{\w+\}", en) if len(p) >= 6]
        if not en.startswith(ELSEWHERE) and not all(piece in said for piece in pieces):
            lost.append(en)
    assert not lost


@pytest.mark.parametrize(("en", "zh"), SENTENCES)
def test_both_languages_have_the_same_holes(en: str, zh: str) -> None:
    """Whatever the Chinese fills in must come from the English; and it is Chinese."""
    assert set(re.findall(r"\{(\w+)\}", zh)) <= set(re.findall(r"\{(\w+)\}", en))
    assert re.search(r"[\u4e00-\u9fff]", zh)


def test_translation() -> None:
    """The values are carried over as they are; what is unknown stays; English is never touched."""
    en = "There is no recipe called 'a {b} \\1'."
    assert translate(en, "zh") == "没有名为 'a {b} \\1' 的配方。"
    assert translate(en, "en") == en
    assert translate("Something nobody translated.", "zh") == "Something nobody translated."
    assert translate("There are several migrations:\n  a\n  b", "zh") == "有多个迁移：\n  a\n  b"
