"""Prepares the virtual environment of the forum Spirit once, in a cache folder outside of the repository.

Standard library only, so that install.py can run before the project's own requirements are there. The cache folder is
READDRESS_TEST_CACHE, or readdress-tests in the user's cache folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "0.14.3"
READY = "ready"  # written last: a folder without it is a preparation that was interrupted


def cache_folder() -> Path:
    """Where prepared environments are kept between runs."""
    own = os.environ.get("READDRESS_TEST_CACHE")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "readdress-tests"


def environment() -> Path:
    """The folder of Spirit's virtual environment for this Python."""
    return cache_folder() / f"spirit-{VERSION}-py{sys.version_info[0]}{sys.version_info[1]}"


def prepare() -> Path:
    """Make the virtual environment unless it is there; about half a minute the first time. Returns its folder."""
    folder = environment()
    if (folder / READY).exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # parallel test workers wait for the one that installs
        if (folder / READY).exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        for args in (
            [sys.executable, "-m", "venv", str(folder)],
            [
                str(folder / "bin" / "pip"),
                "install",
                "--quiet",
                "--disable-pip-version-check",
                f"django-spirit=={VERSION}",
            ],
        ):
            # pip must keep the machine's own settings, so it gets the environment as it is
            done = subprocess.run(args, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"`{' '.join(args)}` failed:\n{done.stdout}{done.stderr}")
        (folder / READY).touch()
    return folder
