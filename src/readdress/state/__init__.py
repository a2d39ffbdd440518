"""The state file of a migration: an append-only log with its current picture, in one SQLite file; the only importer of sqlite3."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readdress.state.check import Fault
    from readdress.state.file import StateFile
    from readdress.state.overview import Line, Overview
    from readdress.state.paths import default_path

__all__ = ["Fault", "Line", "Overview", "StateFile", "default_path"]

_HOME = {"Fault": "check", "Line": "overview", "Overview": "overview", "StateFile": "file", "default_path": "paths"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"readdress.state.{_HOME[name]}"), name)
