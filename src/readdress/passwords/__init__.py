"""Password managers' exports; the only importer of pykeepass.

Nothing is imported until it is asked for (PEP 562): most commands read no export.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readdress.passwords.formats import NAMES
    from readdress.passwords.reading import read_export, recognise
    from readdress.passwords.trouble import ExportDamaged, ExportEncrypted, ExportError, ExportPassword, ExportUnknown

__all__ = [
    "NAMES",
    "ExportDamaged",
    "ExportEncrypted",
    "ExportError",
    "ExportPassword",
    "ExportUnknown",
    "read_export",
    "recognise",
]

_HOME = {
    "NAMES": "formats",
    "read_export": "reading",
    "recognise": "reading",
    "ExportDamaged": "trouble",
    "ExportEncrypted": "trouble",
    "ExportError": "trouble",
    "ExportPassword": "trouble",
    "ExportUnknown": "trouble",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"readdress.passwords.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
