"""The state file of a migration: an append-only log with its current picture, in one SQLite file; the only importer of sqlite3."""

from __future__ import annotations

from readdress.state.check import Fault
from readdress.state.file import StateFile
from readdress.state.overview import Line, Overview
from readdress.state.paths import data_folder, default_path

__all__ = ["Fault", "Line", "Overview", "StateFile", "data_folder", "default_path"]
