"""Where state files and their markers live unless the person says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from readdress.userdata import data_folder

if TYPE_CHECKING:
    from readdress.models import Address

_LONGEST = 200  # bytes; file systems allow 255, and "-journal", ".lock", ".before-format-N" are put behind it


def default_path(old: Address) -> Path:
    """The state file of the migration away from ``old`` in :func:`data_folder`.

    Addresses that name one mailbox (case aside) give one path; nothing in an address can lead out of the folder.
    """
    import hashlib  # late: only a new migration needs it
    from urllib.parse import quote

    name = quote(str(old).casefold(), safe="@+")
    if len(name) > _LONGEST:
        name = name[:_LONGEST] + "~" + hashlib.sha256(name.encode()).hexdigest()[:16]
    return data_folder() / f"{name}.readdress"


def marker_folder() -> Path:
    """Where the markers of all migrations of this person on this machine are kept."""
    return data_folder() / "markers"
