"""Findings about a recipe and the list of all rules that can make one."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from readdress.recipe.position import Place, line_at, lines_of


class Severity(StrEnum):
    """``error``: the recipe must not be used or accepted like that; ``warning``: a person should look at it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``line`` counts from 1; ``instead`` says what to write."""

    rule: str
    severity: Severity
    file: str
    line: int
    message: str
    instead: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", printable(self.message))
        object.__setattr__(self, "instead", printable(self.instead))

    def __str__(self) -> str:
        tail = f" {self.instead}" if self.instead else ""
        return f"{self.file}:{self.line}: {self.severity} [{self.rule}] {self.message}{tail}"


@dataclass(frozen=True)
class Document:
    """A ``recipe.toml`` as text and as parsed data, which can say where things stand."""

    path: Path
    text: str
    data: dict[str, Any] = field(default_factory=dict)
    _lines: dict[Place, int] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The file's name as a person would type it from here."""
        return shown(self.path)

    def line(self, place: Place) -> int:
        """The line of ``place``, or of what stands around it."""
        if not self._lines and self.text:
            try:
                self._lines.update(lines_of(self.text))
            except (IndexError, tomllib.TOMLDecodeError):  # a line number is not worth a second error
                self._lines[()] = 1
        return line_at(self._lines, place)

    def found(self, rule: str, place: Place, message: str, instead: str = "") -> Finding:
        """A finding at ``place`` with the severity that ``rule`` has."""
        return Finding(rule, RULES[rule].severity, self.shown, self.line(place), message, instead)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule asks for. ``binding``: a recipe that breaks it is refused when it is read, not only by lint."""

    severity: Severity
    asks: str
    binding: bool = False


def printable(text: str, most: int = 2000) -> str:
    """``text`` without what a terminal would obey or hide (controls, escapes, bidi marks): a recipe is somebody else's text."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:most])


def shown(path: Path) -> str:
    """``path`` relative to the working directory where it lies beneath it, else as it is."""
    try:
        return os.fspath(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return os.fspath(path)


_E, _W = Severity.ERROR, Severity.WARNING
RULES: dict[str, Rule] = {
    # refused on reading
    "toml": Rule(_E, "recipe.toml is there, is UTF-8, is TOML, and is not larger than 512 KiB", True),
    "format": Rule(_E, "format names a version that this readdress reads", True),
    "schema": Rule(_E, "only known keys, with values of their kind", True),
    "folder-name": Rule(_E, "the folder is called like the recipe's id", True),
    "duplicate-id": Rule(_E, "ids are unique where they are looked up", True),
    "unknown-mail": Rule(_E, "expects and uses name a mail of the recipe", True),
    "unknown-step": Rule(_E, "limits and waits name steps of the recipe", True),
    "unknown-route": Rule(_E, "undo names a route of kind undo", True),
    "unknown-source": Rule(_E, "sources name a [[sources]] table by its id", True),
    "slots": Rule(_E, "a route's slots are the recipe's, a step's slot is its route's", True),
    "uses-order": Rule(_E, "a mail that a step uses was expected by it or by an earlier step of the route", True),
    "change-shape": Rule(
        _E, "a change route says how the service changes an address, and only a change route does", True
    ),
    "removes-order": Rule(_E, "in an add route OLD goes only after NEW was read back", True),
    "own-browser": Rule(_E, 'browser = "own" says why, and then nothing is automated', True),
    "mail-sender": Rule(_E, "a mail comes from exact addresses", True),
    "link-path": Rule(_E, "a link's path is narrow enough to tell it from other links", True),
    "flow-names": Rule(_E, "every function of flow.py is named after a step, every look names one", True),
    "flow-syntax": Rule(_E, "flow.py is Python", True),
    # lint
    "text": Rule(_E, "texts are there in English and in Chinese"),
    "category": Rule(_E, "the category is one that readdress knows, so that the plan can order by it"),
    "hosts": Rule(_E, "hosts cover every address that the recipe opens or shows"),
    "claims": Rule(_E, "limits, waits and graded ways in name their sources"),
    "once": Rule(_E, "only what may safely be repeated is marked as repeatable"),
    "once-look": Rule(_W, "an automated step that must not be repeated has a look"),
    "checked": Rule(_W, "the facts were checked within a year"),
    "proof": Rule(_E, 'proof = "replica" comes with pages and cases'),
    "ends-in-check": Rule(_W, "a change route ends in a check that does not rest on the person's word"),
    "unused-mail": Rule(_W, "every mail belongs to some step"),
    "old-mailbox": Rule(_W, "a step that uses a mail to OLD says that it needs old_mailbox"),
    "undetectable": Rule(_W, "discovery has something to know the service by"),
    "flow-import": Rule(_E, "flow.py imports only what a flow needs"),
    "flow-forbidden": Rule(_E, "flow.py stays within the page and the step that it is given"),
    "flow-toplevel": Rule(_E, "importing flow.py does nothing but define"),
    "flow-locator": Rule(_E, "locators go by role, label, text or a stable id"),
    "flow-look": Rule(_E, "a look returns what it saw and changes nothing"),
    "flow-mail": Rule(_E, "a flow asks only for the mail that its step uses"),
}
