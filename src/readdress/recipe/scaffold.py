"""Writes the folder of a new recipe: text, flow, replica, cases, mails and tests that pass as they stand."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from readdress.errors import RecipeError, UsageError
from readdress.recipe.finding import shown

_TEMPLATES = Path(__file__).parent / "templates"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*\Z")
FILES = {
    "recipe.toml": "recipe.toml",
    "flow.py.txt": "flow.py",
    "site.py.txt": "pages/site.py",
    "cases.toml": "pages/cases.toml",
    "confirm.en.eml": "pages/mails/confirm.en.eml",
    "confirm.zh.eml": "pages/mails/confirm.zh.eml",
    "test_recipe.py.txt": "test_{module}.py",
}


def new_recipe(
    parent: Path, recipe: str, *, name_en: str = "", name_zh: str = "", host: str = "", today: date | None = None
) -> list[Path]:
    """Make the folder ``parent/recipe`` and return the files in it, ``recipe.toml`` first.

    ``recipe``: the id; the names default to it, ``host`` (the one host that may be reached) to ``ID.example.com``.
    Raises :class:`UsageError` for an id or host that cannot be, :class:`RecipeError` when the folder is there already.
    """
    if not _ID.match(recipe):
        raise UsageError(
            f"{recipe!r} cannot be a recipe's id.",
            todo='Use lower-case letters, digits and hyphens, like "my-service".',
        )
    host = host.lower() or f"{recipe}.example.com"
    if not _HOST.match(host):
        raise UsageError(f"{host!r} is no host.", todo="Name the site's host alone, like accounts.example.com.")
    folder = parent / recipe
    values = {
        "id": recipe,
        "name_en": _plain(name_en) or recipe.replace("-", " ").title(),
        "name_zh": _plain(name_zh) or _plain(name_en) or recipe,
        "host": host,
        "today": (today or datetime.now(UTC).date()).isoformat(),
    }
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise RecipeError(
            f"{shown(folder)} is there already.", todo="Choose another id, or remove that folder."
        ) from None
    except OSError as error:
        raise _cannot(folder, error) from None
    try:
        return [_write(folder, source, target, values) for source, target in FILES.items()]
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _cannot(folder, error) from None


def _write(folder: Path, source: str, target: str, values: dict[str, str]) -> Path:
    text = (_TEMPLATES / source).read_text("utf-8")
    text = re.sub(r"@@([a-z_]+)@@", lambda m: values[m[1]], text)
    path = folder / target.format(module=values["id"].replace("-", "_"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")
    return path


def _plain(name: str) -> str:
    """A name that may stand in TOML text, Python text and a mail header alike."""
    return re.sub(r"\s+", " ", re.sub(r"[\"\\<>@{}%\x00-\x1f\x7f]", " ", name)).strip()


def _cannot(folder: Path, error: OSError) -> RecipeError:
    return RecipeError(
        f"{shown(folder)} cannot be written ({error.strerror}).", todo="Choose a folder that you may write to."
    )
