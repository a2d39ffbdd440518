"""The verbs about recipes: the catalogue at hand, and the check of one recipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readdress.recipe.catalogue import Catalogue
    from readdress.recipe.finding import Finding
    from readdress.testing.result import CaseResult


def catalogue(folders: Sequence[Path]) -> Catalogue:
    """The recipes of readdress, of installed packages and of ``folders``."""
    from readdress.recipe.catalogue import Catalogue

    return Catalogue(folders)


@dataclass(frozen=True, slots=True)
class RecipeCheck:
    """What the check of one recipe found."""

    folder: Path
    findings: tuple[Finding, ...]
    cases: tuple[CaseResult, ...]

    @property
    def ok(self) -> bool:
        """No error, and every case ended as it should."""
        return not any(f.severity == "error" for f in self.findings) and all(c.ok for c in self.cases)

    def lines(self) -> Iterator[str]:
        """For a person."""
        for f in self.findings:
            yield str(f)
        for c in self.cases:
            yield f"{'ok  ' if c.ok else 'FAIL'} {c.name} ({c.seconds:.1f} s){'' if c.ok else ': ' + c.problem}"
        errors = sum(f.severity == "error" for f in self.findings)
        failed = sum(not c.ok for c in self.cases)
        yield f"{self.folder.name}: {errors} errors, {len(self.findings) - errors} warnings; {len(self.cases)} cases, {failed} failed"

    def document(self) -> dict[str, Any]:
        """For a program."""
        return {
            "readdress": "recipe_check",
            "format": 1,
            "folder": str(self.folder),
            "ok": self.ok,
            "findings": [
                {
                    "rule": f.rule,
                    "severity": f.severity,
                    "file": str(f.file),
                    "line": f.line,
                    "message": f.message,
                    "instead": f.instead,
                }
                for f in self.findings
            ],
            "cases": [
                {"name": c.name, "ok": c.ok, "seconds": round(c.seconds, 2), "problem": c.problem} for c in self.cases
            ],
        }


def check_recipe(
    folder: Path, *, browser: bool = True, cases: Sequence[str] = (), headless: bool = True
) -> RecipeCheck:
    """Lint the recipe in ``folder``, then try it. This runs the code in the folder.

    Scripted people walk each route by the recipe's text, and its sample mails are judged; with ``browser`` its cases are run on its
    replica pages, where it has any. ``cases``: only these. Raises :class:`~readdress.errors.RecipeError` for cases or samples that
    cannot be read, or that are not there.
    """
    from readdress.recipe.lint import lint

    findings = tuple(lint(folder))
    if any(f.severity == "error" for f in findings):
        return RecipeCheck(folder, findings, ())
    from readdress.testing.contract import run_cases
    from readdress.testing.guided import Guided

    findings += tuple(Guided(folder).findings())
    return RecipeCheck(folder, findings, tuple(run_cases(folder, only=cases, headless=headless, browser=browser)))
