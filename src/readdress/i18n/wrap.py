"""Breaks text into lines by the cells that it takes on a screen: between words, and between any two Chinese characters."""

from __future__ import annotations

import re
import unicodedata

# Unicode East Asian Width (UAX #11): W and F take two cells. A break may stand beside such a character without a space.
_NO_BREAK_BEFORE = "，。、；：？！）》」』】〉”’…％,.;:?!)]}%"
_NO_BREAK_AFTER = "（《「『【〈“‘([{"
_PIECE = re.compile(r"\s+|[^\s]+")


def cells(text: str) -> int:
    """How many columns ``text`` takes on a terminal."""
    return sum(map(_width, text))


def wrap(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells; line feeds in it stay. A word that is longer than a line is broken."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _paragraph(paragraph, max(2, width))
    return lines


def _width(ch: str) -> int:
    if unicodedata.combining(ch) or unicodedata.category(ch) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(ch) in {"W", "F"} else 1


def _units(text: str) -> list[str]:
    """What may not be broken: words, single wide characters with the punctuation that clings to them, runs of spaces."""
    units: list[str] = []
    for piece in _PIECE.findall(text):
        if piece.isspace():
            units.append(piece)
            continue
        before = ""
        for ch in piece:
            can = before and (_width(ch) == 2 or _width(before[-1]) == 2)
            if can and ch not in _NO_BREAK_BEFORE and before[-1] not in _NO_BREAK_AFTER:
                units.append(before)
                before = ch
            else:
                before += ch
        units.append(before)
    return units


def _paragraph(text: str, width: int) -> list[str]:
    lines, line, used = [], "", 0
    for whole in _units(text):
        unit = whole
        if line and used + cells(unit) > width:
            lines.append(line.rstrip())
            line, used = "", 0
            if unit.isspace():
                continue
        while cells(unit) > width:
            head = _head(unit, width)
            lines.append(head)
            unit = unit[len(head) :]
        if unit.isspace() and not line and lines:
            continue
        line, used = line + unit, used + cells(unit)
    return [*lines, line.rstrip()] if line or not lines else lines


def _head(text: str, width: int) -> str:
    used = 0
    for n, ch in enumerate(text):
        used += _width(ch)
        if used > width:
            return text[: max(1, n)]
    return text
