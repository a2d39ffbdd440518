"""Mailboxes over IMAP; the only importer of imapclient.

Nothing is imported until it is asked for (PEP 562): imapclient takes 100 ms, and most commands read no mail.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readdress.mailbox.headers import read_headers
    from readdress.mailbox.presets import PRESETS, Preset, preset_for
    from readdress.mailbox.probing import ProbeResult, probe
    from readdress.mailbox.watch import MailWatcher

__all__ = ["PRESETS", "MailWatcher", "Preset", "ProbeResult", "preset_for", "probe", "read_headers"]

_HOME = {
    "PRESETS": "presets",
    "Preset": "presets",
    "preset_for": "presets",
    "ProbeResult": "probing",
    "probe": "probing",
    "MailWatcher": "watch",
    "read_headers": "headers",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"readdress.mailbox.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
