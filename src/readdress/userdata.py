"""Where readdress keeps the person's files on this machine."""

from __future__ import annotations

import os
from pathlib import Path

ENV = "READDRESS_HOME"


def data_folder() -> Path:
    """``$READDRESS_HOME`` where it is set, else the operating system's folder for a user's data. Not created here."""
    named = os.environ.get(ENV)
    if named:
        return Path(named)
    from platformdirs import user_data_path  # late: commands that are given a path do not need it

    return Path(user_data_path("readdress", appauthor=False))
