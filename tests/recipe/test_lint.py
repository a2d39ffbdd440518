"""Lint: every rule has a recipe that breaks it, and is found at the right line; a sound recipe breaks none."""

from __future__ import annotations

import shutil
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from readdress.errors import RecipeError
from readdress.recipe.finding import RULES, Severity
from readdress.recipe.lint import lint
from readdress.recipe.load import read_recipe

HERE = Path(__file__).parent
GOOD = HERE / "good" / "orchard"
TODAY = date(2026, 11, 23)
BAD = {p.stem: tomllib.loads(p.read_text("utf-8")) for p in sorted((HERE / "bad").glob("*.toml"))}


def spoil(folder: Path, case: dict[str, Any]) -> Path:
    """A copy of the good recipe with the case's edits: text replaced once, a whole file written, or a file removed."""
    target = folder / "orchard"
    shutil.copytree(GOOD, target)
    for edit in case["edit"]:
        path = target / edit["file"]
        if "find" in edit:
            text = path.read_text("utf-8")
            assert edit["find"] in text, f"the good recipe holds no {edit['find']!r}"
            path.write_text(text.replace(edit["find"], edit["write"], 1), "utf-8")
        elif "write" in edit:
            path.write_text(edit["write"], "utf-8")
        else:
            path.unlink()
    return target


def line_of(path: Path, at: str) -> int:
    """The line in which ``at`` stands for the first time; ``at#3``: for the third."""
    wanted, _, number = at.partition("#") if at[-2:-1] == "#" else (at, "", "1")
    lines = [n for n, line in enumerate(path.read_text("utf-8").split("\n"), 1) if wanted in line]
    return lines[int(number or 1) - 1]


def test_the_good_recipe_is_clean() -> None:
    """The base of all bad ones breaks no rule, so that each of them breaks exactly its own."""
    assert [str(f) for f in lint(GOOD, today=TODAY)] == []
    assert read_recipe(GOOD).id == "orchard"


@pytest.mark.parametrize("name", BAD)
def test_bad_recipe(name: str, tmp_path: Path) -> None:
    """One change, one rule: lint names that rule and no other, at the line that was changed, and says what to do instead."""
    case = BAD[name]
    folder = spoil(tmp_path, case)
    found = lint(folder, today=TODAY)
    assert {f.rule for f in found} == {case["rule"]}, [str(f) for f in found]
    first = found[0]
    assert first.severity == case["severity"]
    assert Path(first.file).name == case["file"]
    assert first.line == line_of(folder / case["file"], case["at"]), str(first)
    assert first.message.endswith(".")
    assert case.get("instead", "") in first.instead, str(first)


@pytest.mark.parametrize("name", [n for n, c in BAD.items() if RULES[c["rule"]].binding and c["file"] == "recipe.toml"])
def test_binding_rules_hold_when_reading(name: str, tmp_path: Path) -> None:
    """What would mislead the engine is refused on reading too, with file, line and what to write, not only by lint."""
    case = BAD[name]
    folder = spoil(tmp_path, case)
    with pytest.raises(RecipeError) as caught:
        read_recipe(folder)
    assert Path(caught.value.file).name == "recipe.toml"
    assert caught.value.line == line_of(folder / "recipe.toml", case["at"])
    assert caught.value.todo
    assert "Traceback" not in str(caught.value) and "pydantic" not in str(caught.value)


def test_every_rule_has_a_bad_recipe() -> None:
    """A rule that no data file breaks would not be tested; a data file for no rule would test nothing."""
    assert {c["rule"] for c in BAD.values()} == set(RULES)


def test_dates_age(tmp_path: Path) -> None:
    """Facts of a year are fresh, older ones a warning, those of more than two years an error."""
    days = (date(2027, 11, 1), date(2027, 11, 3), date(2028, 11, 20))
    severities = [[f.severity for f in lint(GOOD, today=day) if f.rule == "checked"] for day in days]
    assert severities == [[], [Severity.WARNING], [Severity.ERROR]]


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    """A folder without a recipe, a huge file and one in another encoding are findings, not tracebacks."""
    assert [f.rule for f in lint(tmp_path)] == ["toml"]
    path = tmp_path / "recipe.toml"
    path.write_bytes(b"# " + b"x" * 600_000)
    assert "512 KiB" in lint(tmp_path)[0].message
    path.write_bytes("format = 1\nname = 'Größe'\n".encode("latin-1"))
    assert ("UTF-8" in lint(tmp_path)[0].message, lint(tmp_path)[0].line) == (True, 2)
    path.write_text("a = " + "[" * 5000, "utf-8")
    assert [f.rule for f in lint(tmp_path)] == ["toml"]


def test_lint_never_runs_the_flow(tmp_path: Path) -> None:
    """Lint is what one does before trusting: a flow that writes a file on import must not get to it."""
    folder = tmp_path / "orchard"
    shutil.copytree(GOOD, folder)
    trace = tmp_path / "trace"
    (folder / "flow.py").write_text(f"open({str(trace)!r}, 'w')\n", "utf-8")
    assert "flow-forbidden" in {f.rule for f in lint(folder, today=TODAY)}
    assert not trace.exists()
