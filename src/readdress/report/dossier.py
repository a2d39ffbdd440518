"""A dossier as a document: sections of fields, tables, lists and paragraphs, free of any markup (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from readdress.i18n.clean import clean
from readdress.models import Lang

CELL = 600
"""Characters of one cell that comes from outside."""


@dataclass(frozen=True, slots=True)
class Value:
    """One thing that is said. ``missing``: what fills it in, a command or a short hint; then ``text`` is empty and a line is left to write on."""

    text: str = ""
    missing: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """Label and value, one below the other."""

    rows: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head. ``widths``: shares of the width in percent; ``first``: the first column names the row."""

    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph. ``small``: a remark; ``head``: a heading below the section's."""

    text: str
    small: bool = False
    head: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list. ``small``: sources and remarks."""

    items: tuple[Value, ...]
    small: bool = False


Block = Fields | Table | Para | Items


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """The whole document in one language. ``made``: when, in UTC; ``sign``: labels of the lines for day and signature."""

    lang: Lang
    title: str
    subtitle: str
    made: datetime
    sections: tuple[Section, ...]
    sign: tuple[str, ...] = ()
    foot: str = ""
    intro: tuple[str, ...] = field(default=())

    def missing(self) -> list[tuple[str, str]]:
        """(what, how it is filled in) of everything that is missing, in its order, each once."""
        found: dict[tuple[str, str], None] = {}
        for label, value in self._values():
            if value.missing:
                found[label, value.missing] = None
        return list(found)

    def _values(self) -> Iterator[tuple[str, Value]]:
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Fields):
                    yield from block.rows
                elif isinstance(block, Table):
                    for row in block.rows:
                        for head, value in zip(block.head, row, strict=True):
                            colon = "：" if self.lang == "zh" else ": "
                            yield f"{row[0].text}{colon}{head}" if row[0].text else head, value
                elif isinstance(block, Items):
                    yield from ((section.title, value) for value in block.items)


def said(text: str, missing: str = "") -> Value:
    """Something from outside, without what could hide in it; where it is empty, ``missing`` says what fills it in."""
    plain = clean(text, CELL)
    return Value(plain) if plain else Value(missing=missing)


def day_text(moment: datetime | None, *, dated: bool = True) -> str:
    """A moment by the person's own clock: the day, and the time where one was said (a bare day is kept as noon)."""
    if moment is None:
        return ""
    local = moment.astimezone()
    bare = dated and (local.hour, local.minute, local.second) == (12, 0, 0)
    return f"{local:%Y-%m-%d}" if bare else f"{local:%Y-%m-%d %H:%M}"


def by_day_first(moment: datetime) -> tuple[date, bool, datetime]:
    """A key for sorting: by day; what has a time of day before what has none, for that was mostly written down as an answer to it."""
    local = moment.astimezone()
    return local.date(), len(day_text(moment)) == len("2022-12-11"), local
