"""Where state files and their markers live unless the person says otherwise."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote

from readdress.models import Address

_LONGEST = 200  # bytes; file systems allow 255, and "-journal", ".lock", ".before-format-N" are put behind it


def data_folder() -> Path:
    """The person's data folder for readdress, as the operating system's customs have it. Not created here."""
    from platformdirs import user_data_path  # late: commands that are given a path do not need it

    return Path(user_data_path("readdress", appauthor=False))


def default_path(old: Address) -> Path:
    """The state file of the migration away from ``old`` in :func:`data_folder`.

    Addresses that name one mailbox (case aside) give one path; nothing in an address can lead out of the folder.
    """
    name = quote(str(old).casefold(), safe="@+")
    if len(name) > _LONGEST:
        name = name[:_LONGEST] + "~" + hashlib.sha256(name.encode()).hexdigest()[:16]
    return data_folder() / f"{name}.readdress"


def marker_folder() -> Path:
    """Where the markers of all migrations of this person on this machine are kept."""
    return data_folder() / "markers"
