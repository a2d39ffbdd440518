"""Which state file is meant when none is named."""

from __future__ import annotations

from pathlib import Path

from readdress.errors import StateError
from readdress.userdata import data_folder


def _found() -> list[Path]:
    folder = data_folder()
    return sorted(folder.glob("*.readdress")) if folder.is_dir() else []


def started() -> bool:
    """Whether there is a migration in the data folder."""
    return bool(_found())


def state_path(named: Path | None) -> Path:
    """The state file: the named one, else the only one in the data folder.

    Raises :class:`~readdress.errors.StateError` when there is none, or several.
    """
    if named is not None:
        return named
    found = _found()
    if not found:
        raise StateError(
            "No migration was started yet.",
            todo="Start one: migrate init --old ME@OLD --new ME@NEW (or rehearse: migrate practice)",
        )
    if len(found) > 1:
        listed = "\n".join(f"  {p}" for p in found)
        raise StateError(f"There are several migrations:\n{listed}", todo="Say which one with --state FILE.")
    return found[0]
