"""Sample mails of a service, read from ``pages/expected.toml``.

::

    [[mail]]
    file = "code.en.eml"        # in pages/mails/ (or pages/), as octets; {old} {new} {login} {code} {link} are filled in
    kind = "code"               # verification, code, notice, newsletter, hostile
    to = "new"                  # new or old
    code = true                 # carries a code: true, or the code itself
    right_link = "https://…"    # the one link that may be released
    never = ["https://…"]       # links in it (or patterns of their paths) that may never be
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readdress.errors import RecipeError
from readdress.models import Side
from readdress.recipe.finding import shown

TRAP = "https://not-you.example/undo?u=1"  # stands in every mail that is made up here
OLD, NEW, LOGIN = "ann@old.example.net", "ann@new.example.org", "ann-example"
KINDS = ("verification", "code", "notice", "newsletter", "hostile")
_KEYS = {"file", "kind", "to", "code", "right_link", "never"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample. ``code``: the code that it carries, ``None`` when only that it carries one is known, ``""`` for none."""

    path: Path
    kind: str
    to: Side
    code: str | None
    right_link: str
    never: tuple[str, ...]
    octets: bytes

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def load_samples(folder: Path) -> list[Sample]:
    """The samples of the recipe in ``folder``, in the order of the file; none where there is no ``pages/expected.toml``.

    Raises :class:`RecipeError` for a table that is not as described above, and for a file that cannot be read.
    """
    path = folder / "pages" / "expected.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"This cannot be read: {error}.", file=shown(path), todo="Mend the file.") from None
    return [_sample(path, row) for row in data.get("mail", [])]


def _sample(path: Path, row: dict[str, Any]) -> Sample:
    def bad(what: str, todo: str) -> RecipeError:
        return RecipeError(f"The sample {row.get('file', '')!r} {what}.", file=shown(path), todo=todo)

    if unknown := set(row) - _KEYS:
        raise bad(f"has unknown keys: {', '.join(sorted(unknown))}", f"The keys are {', '.join(sorted(_KEYS))}.")
    if row.get("kind") not in KINDS or row.get("to") not in {"new", "old"}:
        raise bad(
            "lacks its kind, or the side that it comes to", f'kind is one of {", ".join(KINDS)}; to is "new" or "old".'
        )
    name = str(row.get("file", ""))
    spot = next((p for p in (path.parent / "mails" / name, path.parent / name) if name and p.is_file()), None)
    if spot is None or not spot.resolve().is_relative_to(path.parent.resolve()):
        raise bad("is not in pages/mails", "Name the file as it is called there.")
    code = row.get("code", False)
    return Sample(
        spot,
        row["kind"],
        Side(row["to"]),
        code if isinstance(code, str) else None if code else "",
        str(row.get("right_link", "")),
        tuple(row.get("never", ())),
        spot.read_bytes(),
    )
