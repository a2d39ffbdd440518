"""Reads the documentation for its tests: pages, links, code blocks, and the commands that they show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name(page: Path) -> str:
    """The page as messages call it."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """One fenced block. ``mark``: the comment right above it, without its arrows."""

    page: Path
    line: int
    language: str
    text: str
    mark: str

    def __str__(self) -> str:
        return f"{name(self.page)}:{self.line}"


def blocks(language: str) -> Iterator[Block]:
    """Every block of that language."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for found in _FENCE.finditer(text):
            if found[1] == language:
                above = text[: found.start()].rstrip("\n").rpartition("\n")[2]
                mark = re.fullmatch(r"<!-- (.*) -->", above)
                yield Block(page, text.count("\n", 0, found.start()) + 1, language, found[2], mark[1] if mark else "")


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def commands() -> Iterator[tuple[str, list[str], bool]]:
    """Every ``migrate`` command that a page shows: where, its arguments, and whether it stands in a block, to be copied whole."""
    for block in blocks("sh"):
        for line in block.text.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["migrate"]:
                yield str(block), words[1:], True
    for page in PAGES:
        for found in re.finditer(r"`(migrate(?: [^`…]+)?)`", prose(page)):
            yield name(page), shlex.split(found[1])[1:], False


def table_words(page: Path, heading: str) -> list[str]:
    """The names in backticks in the first column of the table under a heading, in order."""
    text = page.read_text("utf-8")
    part = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert part, f"{name(page)} has no heading {heading!r}"
    rows = re.findall(r"^\|([^|]*)\|", part[1], re.MULTILINE)
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]
