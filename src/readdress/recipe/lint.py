"""Lint: everything that can be said about a recipe without running it, each with its line and what to write instead."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from readdress.recipe.finding import Document, Finding, Severity, shown
from readdress.recipe.lint_flow import lint_flow
from readdress.recipe.lint_text import lint_text
from readdress.recipe.load import read_document, validate

__all__ = ["Finding", "Severity", "lint"]


def lint(folder: Path, *, today: date | None = None) -> list[Finding]:
    """All findings about the recipe in ``folder``: errors first, then by file and line. Executes nothing of it.

    ``today`` is for tests. The rules are listed in :data:`readdress.recipe.finding.RULES`.
    """
    today = today or datetime.now(UTC).date()
    path = folder / "recipe.toml"
    try:
        raw = path.read_bytes()
    except OSError as error:
        told = f"there is no recipe.toml to read ({error.strerror})."
        return [Document(path, "").found("toml", (), told, "Make one with: migrate recipes new ID")]
    document, found = read_document(folder, raw)
    if not found:
        recipe, found = validate(document)
        if recipe is not None:
            flow = lint_flow(recipe, folder / "flow.py")
            found += flow.findings
            found += lint_text(recipe, document, folder, flow.acts, flow.looks, today)
    order = {shown(path): 0}
    return sorted(found, key=lambda f: (f.severity is not Severity.ERROR, order.get(f.file, 1), f.file, f.line))
