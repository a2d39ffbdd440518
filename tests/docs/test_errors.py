"""The tree of errors that errors.py draws is the tree that the package has."""

from __future__ import annotations

import ast
import re

from docs_pages import ROOT

from readdress import errors


def every_error() -> set[str]:
    """The names of all subclasses, those beside their packages included; nothing is imported for it."""
    bases: dict[str, set[str]] = {}
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(getattr(b, "id", getattr(b, "attr", "")) for b in node.bases)
    found = {"ReaddressError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


def test_every_error_stands_in_the_tree():
    """An error that is not there would be caught by nobody who reads the tree; a name there that does not exist misleads."""
    drawn = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)*\b", (errors.__doc__ or "").split("::", 1)[1]))
    names = {name for name in every_error() if not name.startswith("_")}
    assert len(names) > 30
    assert names <= drawn, names - drawn
    assert {name for name in drawn if name.endswith("Error")} <= names
