"""Turns pydantic's errors into findings that a recipe's author can act on: the line, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from readdress.recipe.finding import Document, Finding
from readdress.recipe.position import Place
from readdress.recipe.schema import Recipe

_PATTERNS = {
    r"^[a-z0-9][a-z0-9-]{0,63}$": 'Write lower-case letters, digits and hyphens, like "my-service".',
    r"^[a-z][a-z0-9_]{0,63}$": 'Write lower-case letters, digits and underscores, like "add_address".',
}
_KINDS = {
    "dataclass_type": 'Write both languages: { en = "…", zh = "…" }.',
    "date_from_datetime_parsing": "Write a date without quotes, like 2026-11-23.",
    "date_from_datetime_inexact": "Write a date without quotes and without a time, like 2026-11-23.",
    "date_parsing": "Write a date without quotes, like 2026-11-23.",
    "date_type": "Write a date without quotes, like 2026-11-23.",
    "list_type": 'Write a list, like ["…"].',
    "string_type": 'Write text in quotes, like "…".',
    "bool_type": "Write true or false, without quotes.",
    "bool_parsing": "Write true or false, without quotes.",
    "int_type": "Write a whole number, without quotes.",
    "int_parsing": "Write a whole number, without quotes.",
    "model_type": "Write a table here.",
    "dict_type": "Write a table here.",
}


_EXTRA = {"extra_forbidden", "unexpected_keyword_argument"}
_MISSING = {"missing", "missing_argument"}


def explain(error: ValidationError, document: Document) -> list[Finding]:
    """All that pydantic has to say, in the order of the lines."""
    errors = error.errors(include_url=False)
    lacking = {tuple(e["loc"]): e for e in errors if e["type"] in _MISSING}
    for extra in [e for e in errors if e["type"] in _EXTRA]:  # a misspelt key is one mistake, not two
        parent, key = tuple(extra["loc"][:-1]), str(extra["loc"][-1])
        names = [str(place[-1]) for place in lacking if place[:-1] == parent]
        meant = nearest(key, names) or (names[0] if set(names) <= {"en", "zh"} and len(names) == 1 else "")
        if meant:
            errors.remove(lacking.pop((*parent, meant)))
            extra["ctx"] = {"meant": meant}
    return sorted((_one(e, document) for e in errors), key=lambda f: f.line)


def nearest(word: str, known: Iterable[str]) -> str:
    """Which of ``known`` was probably meant; ``""`` when nothing is near."""
    options = sorted(known)
    close = get_close_matches(word.lower(), options, n=1, cutoff=0.6)
    return close[0] if close else ""


def choice(word: str, known: Sequence[str]) -> str:
    """A sentence that offers the nearest of ``known`` first, then all of them."""
    if not known:
        return "There is none yet: write its table first, or take this away."
    near = nearest(word, known)
    listed = ", ".join(f'"{k}"' for k in known)
    return f'Did you mean "{near}"? Possible: {listed}.' if near else f"Possible: {listed}."


def _one(error: ErrorDetails, document: Document) -> Finding:
    place: Place = tuple(error["loc"])
    kind, key = error["type"], str(place[-1]) if place else ""
    parent = place[:-1]
    if kind in _EXTRA:
        meant = error.get("ctx", {}).get("meant")
        instead = f'Write "{meant}" in its place.' if meant else choice(key, _keys(parent))
        return document.found("schema", place, f'"{key}" is no key of {_table(parent, document)}.', instead)
    if kind in _MISSING:
        return document.found("schema", parent, f'{_table(parent, document)} lacks "{key}".', _hint(key, place))
    value = f"{error.get('input')!r}" if isinstance(error.get("input"), str | int | float | bool) else "this value"
    subject = f'"{_key(place)}" of {_table(_owner(place), document)}'
    if kind in {"literal_error", "enum"}:
        known = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
        return document.found("schema", place, f"{subject} cannot be {value}.", choice(str(error.get("input")), known))
    if kind == "string_pattern_mismatch":
        hint = _PATTERNS.get(str(error.get("ctx", {}).get("pattern")), "")
        return document.found("schema", place, f"{subject} cannot be {value}.", hint)
    if kind == "value_error":
        said = str(error["msg"]).removeprefix("Value error, ")
        where = subject if place and not isinstance(_value(place, document), dict) else _table(place, document)
        return document.found("schema", place, f"{where}: {said}.", "")
    if kind in {"string_too_short", "too_short"}:
        return document.found("schema", place, f"{subject} must not be empty.", "Fill it in, or take the key away.")
    hint = _KINDS.get(kind, "")
    said = str(error["msg"])
    return document.found("schema", place, f"{subject} is of the wrong kind: {said[:1].lower()}{said[1:]}.", hint)


def _hint(key: str, place: Place) -> str:
    if _texts(place):
        return f'Write {key} = {{ en = "…", zh = "…" }}.'
    return {
        "checked": "Write the day on which you checked the facts, like checked = 2026-11-23.",
        "proof": 'Write what the recipe was tried against: proof = "documents", "replica", "software" or "live".',
        "sources": "Write at least one [[sources]] table with url, says and grade.",
        "route": "Write at least one [[route]] with its [[route.step]] tables.",
        "slots": 'Write where the address sits, like slots = ["sign_in"].',
    }.get(key, f"Add {key} = … there.")


def _key(place: Place) -> str:
    names = [str(p) for p in place if isinstance(p, str)]
    return names[-1] if names else "the file"


def _owner(place: Place) -> Place:
    """The table that holds the key at ``place``, past indexes into a plain list."""
    cut = list(place)
    while cut and isinstance(cut[-1], int):
        cut.pop()
    return tuple(cut[:-1])


def _value(place: Place, document: Document) -> Any:
    value: Any = document.data
    for part in place:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _table(place: Place, document: Document) -> str:
    """How an author calls a table: ``[[route.step]] "add_address"``."""
    names = [p for p in place if isinstance(p, str)]
    if not names:
        return "the top of the file"
    label = ".".join(names)
    label = f"[[{label}]]" if isinstance(place[-1], int) else f"[{label}]"
    inside = _value(place, document)
    called = inside.get("id") if isinstance(inside, dict) else None
    return f'{label} "{called}"' if isinstance(called, str) else label


def _keys(place: Place) -> list[str]:
    """The keys that the table at ``place`` may have; none where any key may stand."""
    kind = _kind(place)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return sorted(f.alias or name for name, f in kind.model_fields.items())
    return [f.name for f in fields(kind)] if isinstance(kind, type) and is_dataclass(kind) else []


def _texts(place: Place) -> bool:
    kind = _kind(place)
    return isinstance(kind, type) and is_dataclass(kind)


def _kind(place: Place) -> Any:
    kind: Any = Recipe
    for part in place:
        if isinstance(part, int):
            continue
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return None
        inner = [f.annotation for name, f in kind.model_fields.items() if part in (name, f.alias)]
        kind = _class_in(inner[0]) if inner else None
    return kind


def _class_in(annotation: Any) -> Any:
    """The table class within ``list[X]``, ``X | None`` and the like."""
    if isinstance(annotation, type) and (is_dataclass(annotation) or issubclass(annotation, BaseModel)):
        return annotation
    for inner in get_args(annotation):
        found = _class_in(inner)
        if found is not None:
            return found
    return None
