"""Lines of a TOML file: every key, also behind long strings, escapes, inline tables and odd keys."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from readdress.recipe.position import line_at, lines_of

SOURCE = '''# [not.a.table]
top = 1 # a = 2
text = """
[[fake]]
key = "no"
quoted \\""" still inside
end""""
raw = \'\'\'
x = [1,
\'\'\'\'
"odd.key" = { a = [1,
   { b = "]", "c d" = \'}\' },
], e = 2026-11-23 }
dotted . inner.deep = true

[[route]]
id = "a"
[[route.step]]
id = "one"
[[route.step]]
id = "two"
[route.step.title]
en = "x"
[[route]]
[[route.step]]
id = "three"
'''


def test_every_place_of_a_hard_file() -> None:
    """What looks like a table inside a string is none, and steps are counted within their own route."""
    tomllib.loads(SOURCE)
    lines = lines_of(SOURCE)
    expected = {
        ("top",): 2,
        ("text",): 3,
        ("raw",): 8,
        ("odd.key",): 11,
        ("odd.key", "a", 1): 12,
        ("odd.key", "a", 1, "b"): 12,
        ("odd.key", "a", 1, "c d"): 12,
        ("odd.key", "e"): 13,
        ("dotted", "inner", "deep"): 14,
        ("route", 0): 16,
        ("route", 0, "step", 1, "id"): 21,
        ("route", 0, "step", 1, "title", "en"): 23,
        ("route", 1): 24,
        ("route", 1, "step", 0, "id"): 26,
    }
    assert {place: lines.get(place) for place in expected} == expected
    assert ("fake",) not in lines
    assert line_at(lines, ("route", 0, "step", 1, "manual", "zh")) == 20
    assert line_at(lines, ("nothing",)) == 1


def test_windows_line_ends() -> None:
    """A file saved on Windows has the same lines."""
    lines = lines_of(SOURCE.replace("\n", "\r\n"))
    assert lines["route", 1, "step", 0, "id"] == 26


_VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), st.text(alphabet="ab\"\\#[]{},= \n'", max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab.c", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def _write(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ",\n ".join(_write(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}" = {_write(v)}' for k, v in value.items()) + "}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@given(st.lists(_VALUES, max_size=5))
def test_top_keys_are_found_whatever_their_values(values: list[Any]) -> None:
    """For any values, quotes and brackets in strings included, each key is at the line where its text stands."""
    source, expected = "", {}
    for number, value in enumerate(values):
        expected[f"key{number}",] = source.count("\n") + 1
        source += f"key{number} = {_write(value)}\n"
    assert tomllib.loads(source) == {f"key{n}": v for n, v in enumerate(values)}
    found = lines_of(source)
    assert {place: found.get(place) for place in expected} == expected
