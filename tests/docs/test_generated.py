"""What is made from the code is current, and what the code says of itself is there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest
from docs_pages import ROOT, table_words

from readdress.recipe.catalogue import Catalogue

SRC = ROOT / "src" / "readdress"
MODULES = sorted(SRC.rglob("*.py"))


def test_generated_parts_are_current():
    """The references cannot drift from the code: run ``python tools/gen_docs.py`` when this fails."""
    done = subprocess.run(
        [sys.executable, "tools/gen_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_pictures_of_guided_services_are_current():
    """A picture shows what a run says now: run ``python tools/picture_guided.py`` when this fails."""
    done = subprocess.run(
        [sys.executable, "tools/picture_guided.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SRC).as_posix())
def test_module_says_what_it_is_responsible_for(path):
    """The first line of each docstring is the map that CONTRIBUTING shows and a newcomer reads."""
    if path.name == "_version.py":
        return
    first = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n", 1)[0].strip()
    assert first.endswith((".", ":")), f"{first!r}"
    assert len(first) > 8


def test_map_is_complete():
    """Every package and top-level module has its line in CONTRIBUTING."""
    parts = {
        p.name if p.is_dir() else p.stem for p in SRC.iterdir() if (p / "__init__.py").is_file() or p.suffix == ".py"
    }
    assert set(table_words(ROOT / "CONTRIBUTING.md", "The map")) >= parts - {"__init__", "_version"}


def test_every_layer_is_named_as_enforced():
    """The layers in CONTRIBUTING are those of import-linter, which is exhaustive: none can be missing."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    block = re.search(r"<!-- generated: layers -->\n```text\n(.*?)```", text, re.DOTALL)
    assert block
    named = set(re.findall(r"\w+", block[1]))
    assert named >= {p.name for p in SRC.iterdir() if (p / "__init__.py").is_file()}


@pytest.mark.parametrize("row", Catalogue(entry_points=False).summaries(), ids=lambda r: r.id)
def test_proof_is_backed_by_tests(row):
    """What the table in the README says a recipe was run against must exist here: cases for a replica, a flow test for a program."""
    assert not row.problem
    folder = ROOT / "recipes" / row.id
    if row.proof == "replica":
        assert "[[case]]" in (folder / "pages" / "cases.toml").read_text("utf-8")
    if row.proof == "software":
        files = [*(ROOT / "tests").rglob("test_*.py"), *(SRC / "practice").glob("*.py")]
        assert any(row.id in f.read_text("utf-8") for f in files), f"no test names {row.id}"
