"""Where things stand in a TOML file: the line of every table and key, for messages that point at them."""

from __future__ import annotations

import re
import tomllib

Place = tuple[str | int, ...]
"""A way into the parsed data: ``("route", 0, "step", 2, "title")``."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_BASIC = re.compile(r'"(?:[^"\\]|\\.)*"')
_LITERAL = re.compile(r"'[^']*'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"""(?!"(?!"")|""(?!"))"{0,2}', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'''(?!'(?!'')|''(?!'))'{0,2}", re.DOTALL)


def lines_of(source: str) -> dict[Place, int]:
    """Map every table, key and array element of ``source``, which must be valid TOML 1.0, to its line (from 1)."""
    return _Scanner(source).run()


def line_at(lines: dict[Place, int], place: Place) -> int:
    """The line of ``place``, or of the nearest thing around it that is written down; 1 where nothing is."""
    for size in range(len(place), 0, -1):
        if place[:size] in lines:
            return lines[place[:size]]
    return 1


class _Scanner:
    """Reads keys and skips values. It need not refuse anything: ``tomllib`` has accepted the text before."""

    def __init__(self, source: str) -> None:
        self.text = source
        self.at = 0
        self.lines: dict[Place, int] = {}
        self.last: dict[Place, int] = {}

    def run(self) -> dict[Place, int]:
        table: Place = ()
        while self.blank():
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
        return self.lines

    def blank(self) -> bool:
        """Skip white space and comments; whether anything is left."""
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at < len(self.text)

    def note(self, place: Place, at: int) -> None:
        self.lines.setdefault(place, self.text.count("\n", 0, at) + 1)

    def header(self) -> Place:
        start, double = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        parts = self.key()
        self.blank()
        self.at += 2 if double else 1
        place: Place = ()
        for number, part in enumerate(parts):
            place += (part,)
            if double and number == len(parts) - 1:
                self.last[place] = self.last.get(place, -1) + 1
            self.note(place, start)
            if place in self.last:
                place += (self.last[place],)
                self.note(place, start)
        return place

    def key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self.blank()
            found = _BASIC.match(self.text, self.at) or _LITERAL.match(self.text, self.at)
            found = found or _BARE.match(self.text, self.at)
            if not found:
                return parts
            self.at = found.end()
            parts.append(next(iter(tomllib.loads(f"{found[0]} = 0"))))
            self.blank()
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def pair(self, table: Place) -> None:
        start, place = self.at, table
        for part in self.key():
            place += (part,)
            self.note(place, start)
        self.blank()
        self.at += 1  # the equals sign
        self.value(place)

    def value(self, place: Place) -> None:
        self.blank()
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self.items(place)
        elif first == "{":
            self.inline(place)
        else:
            found = None
            for form in (_LONG_BASIC, _LONG_LITERAL, _BASIC, _LITERAL, _SCALAR):
                found = form.match(self.text, self.at)
                if found:
                    break
            self.at = found.end() if found else len(self.text)

    def items(self, place: Place) -> None:
        self.at += 1
        number = 0
        while self.blank() and self.text[self.at] != "]":
            self.note((*place, number), self.at)
            self.value((*place, number))
            number += 1
            if self.blank() and self.text[self.at] == ",":
                self.at += 1
        self.at += 1

    def inline(self, place: Place) -> None:
        self.at += 1
        while self.blank() and self.text[self.at] != "}":
            self.pair(place)
            if self.blank() and self.text[self.at] == ",":
                self.at += 1
        self.at += 1
