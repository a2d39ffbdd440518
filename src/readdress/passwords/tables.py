"""Tables (CSV): recognising them by their first row, and reading them row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from readdress.passwords.formats import Table, is_enpass, table_for
from readdress.passwords.row import Row, split_urls, when
from readdress.passwords.source import Lines, TextReader
from readdress.passwords.trouble import ExportDamaged

FIELD_CAP = 1 << 20
LINE_CAP = 8 << 20
BAD_CAP = 20
_DELIMITERS = ",;\t|"
_ENPASS_NAMES = frozenset({"username", "user name", "login"})
_ENPASS_EMAILS = frozenset({"email", "e-mail"})
_ENPASS_URLS = frozenset({"url", "website"})
_ENPASS_TOTP = frozenset({"totp", "one-time code", "one-time password"})
_ENPASS_SECRET = frozenset({"password", "pin", "cvc", "cvv", "security answer"})


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written. ``table`` is ``None`` for Enpass, whose cells carry their own labels."""

    table: Table | None
    delimiter: str
    hint: bool = False
    """Whether the first line is Excel's ``sep=;``."""

    @property
    def format(self) -> str:
        """The format's id."""
        return self.table.id if self.table else "enpass_csv"


def layout_of(head: str) -> Layout | None:
    """The layout of a table by the beginning of its text, or ``None`` where no format's columns are found."""
    delimiters = _DELIMITERS
    hint = head[:4].lower() == "sep=" and len(head) > 4
    if hint:
        delimiters = head[4]
        head = head.split("\n", 1)[1] if "\n" in head else ""
    start = head.lstrip("\r\n")
    for delimiter in delimiters:
        try:
            first = next(csv.reader(start.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True), [])
        except (csv.Error, ValueError, TypeError):
            continue
        if not first or len(first) > 4096:
            continue
        if table := table_for(first):
            return Layout(table, delimiter, hint)
        if is_enpass(first):
            return Layout(None, delimiter, hint)
    return None


def read_table(text: TextReader, layout: Layout) -> Iterator[tuple[int, Row]]:
    """Rows with their numbers. Raises :class:`ExportDamaged`.

    Rows of another width than the header are left out, since their columns cannot be told apart (a password could stand in the
    place of a name); the error at the end names them.
    """
    if csv.field_size_limit() < FIELD_CAP:
        csv.field_size_limit(FIELD_CAP)  # one limit for the whole process: it is only ever raised
    lines = Lines(text, LINE_CAP)
    escape = "\\" if layout.table and layout.table.backslash else None
    cells = csv.reader(
        _without_hint(lines, layout),
        delimiter=layout.delimiter,
        doublequote=escape is None,
        escapechar=escape,
        strict=True,
    )
    columns: dict[str, int] | None = None
    width = 0
    number = 0
    bad: list[int] = []
    short_end = False
    while True:
        problem = ""
        values: list[str] | None = None
        try:
            values = next(cells, None)
        except csv.Error as error:
            problem = _problem(str(error))
        if problem:
            raise ExportDamaged(f"Row {number + 1} cannot be read: {problem}.", row=number + 1)
        if values is None:
            break
        if not any(value.strip() for value in values):
            continue
        if columns is None and (layout.table is not None or _is_enpass_header(values)):
            columns = {name.lstrip("\ufeff").strip().casefold(): place for place, name in enumerate(values)}
            width = len(values)
            continue
        number += 1
        if layout.table is None:
            yield number, _enpass_row(values)
            continue
        while len(values) > width and not values[-1].strip():
            values.pop()
        if len(values) != width or columns is None:
            short_end = True
            if len(bad) < BAD_CAP:
                bad.append(number)
            continue
        short_end = False
        if (row := _row(values, columns, layout.table)) is not None:
            yield number, row
    _end(text, lines, number, bad, cut=short_end and not lines.ended)


def _end(text: TextReader, lines: Lines, number: int, bad: list[int], *, cut: bool) -> None:
    if text.broken:
        raise ExportDamaged(
            f"After row {number} the text is damaged: there are bytes that are no characters.", row=number + 1
        )
    if lines.too_long:
        raise ExportDamaged(
            f"After row {number} comes a line of more than {LINE_CAP >> 20} million characters.", row=number + 1
        )
    if cut and len(bad) == 1:
        raise ExportDamaged(f"The file is cut off in row {number}.", row=number)
    if bad:
        listed = ", ".join(str(row) for row in bad)
        raise ExportDamaged(
            f"These rows have more or fewer columns than the header and were left out: {listed}.",
            todo="Look at these rows in the password manager, or export once more; all other rows were read.",
            row=bad[0],
            rows=tuple(bad),
        )


def _problem(said: str) -> str:
    """The csv module's words (they never quote the text) for people."""
    if "field larger" in said:
        return "a field is larger than a million characters, or a quote is opened and never closed"
    if "unexpected end" in said:
        return "the file ends inside quotes, so it was cut off"
    if "expected after" in said:
        return "there is text after a closing quote"
    return "its quotes or separators are damaged"


def _without_hint(lines: Lines, layout: Layout) -> Iterator[str]:
    given = iter(lines)
    if layout.hint:
        next(given, None)
    yield from given


def _is_enpass_header(values: list[str]) -> bool:
    return [value.lstrip("\ufeff").strip().casefold() for value in values[:3]] == ["title", "field", "value"]


def _row(values: list[str], columns: dict[str, int], table: Table) -> Row | None:
    def cells(names: tuple[str, ...]) -> list[str]:
        return [values[columns[name]] for name in names if name and name in columns and values[columns[name]].strip()]

    kind = "login"
    if table.kind and table.kind in columns:
        kind = dict(table.kinds).get(values[columns[table.kind]].strip().casefold(), "login")
        if not kind:
            return None
    row = Row(kind=kind)
    row.title = "".join(cells((table.title,)))
    row.urls = [url for cell in cells(table.urls) for url in split_urls(cell)]
    row.names = cells(table.names)
    row.emails = cells(table.emails)
    row.notes = cells(table.notes)
    row.has_totp = bool(cells(table.totp))
    row.modified = when(values[columns[table.modified]]) if table.modified and table.modified in columns else None
    for cell in cells(table.url_lists):
        row.urls += [item for item in _json_list(cell) if isinstance(item, str)]
    for cell in cells(table.fields):
        row.fields += [str(item.get("value", "")) for item in _json_list(cell) if isinstance(item, dict)]
    if row.urls[:1] == ["http://sn"]:
        row.kind, row.urls = "note", []  # LastPass writes secure notes with this address
    if table.id == "nordpass_csv" and table.kind not in columns and not (row.urls or row.names):
        row.kind = "other"  # exports before the type column: folders, cards and notes have neither address nor name
    return row


def _json_list(cell: str) -> list[Any]:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def _enpass_row(values: list[str]) -> Row:
    row = Row(title=values[0])
    rest = values[1:]
    if len(rest) % 2:
        row.notes.append(rest.pop())
    labels = set()
    for label, value in zip(rest[0::2], rest[1::2], strict=True):
        name = label.strip().lstrip("*").casefold()
        labels.add(name)
        if not value.strip() or name in _ENPASS_SECRET:
            continue
        if name in _ENPASS_NAMES:
            row.names.append(value)
        elif name in _ENPASS_EMAILS:
            row.emails.append(value)
        elif name in _ENPASS_URLS:
            row.urls += split_urls(value)
        elif name in _ENPASS_TOTP:
            row.has_totp = True
        else:
            row.fields.append(value)
    if not labels & (_ENPASS_NAMES | _ENPASS_EMAILS | _ENPASS_URLS | {"password"}):
        row.kind = "note"
    if {"cardholder", "number", "expiry date"} <= labels:
        row.kind = "card"
    return row
