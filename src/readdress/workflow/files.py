"""Writes files that hold a person's data: mode 0600 from the first byte, whole or not at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from readdress.errors import ConfigError


def write_private(path: Path, text: str) -> None:
    """Write ``text`` beside ``path`` and put it in its place at once. Raises :class:`~readdress.errors.ConfigError`."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp: 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}).", todo="Choose another place.") from None


def check_export_place(path: Path) -> None:
    """Refuse to put an export over anything but an earlier export. Raises :class:`~readdress.errors.ConfigError`."""
    if not path.exists() and not path.is_symlink():
        return
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError:
        head = b""
    if not re.match(rb'\{\s*"readdress": "state"', head):
        raise ConfigError(
            f"There is another file at {path} already; it was not touched.",
            todo="Choose another name, or take that file away.",
        )


def write_private_json(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document."""
    write_private(path, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
