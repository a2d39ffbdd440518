"""Walks a folder of mail: which folders in it are Maildirs, which hold files, and what each is called."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

DEPTH_CAP = 64
_SHIFT = re.compile(r"&([^-&]*)-")


@dataclass(frozen=True, slots=True)
class Room:
    """One folder. ``maildir``: it has ``cur`` and ``new``. ``name``: "" for the top, else parts joined by "/"; ``trouble``: why it cannot be listed."""

    name: str
    path: str
    maildir: bool
    trouble: str = ""


def rooms(top: Path) -> Iterator[Room]:
    """Every folder from ``top`` down, parents first, in the order of names; links are not followed.

    Subfolders of a Maildir are nested, or ``.Parent.Child`` beside its ``cur`` (Maildir++), with names in modified UTF-7.
    """
    waiting = [("", str(top), 0)]
    while waiting:
        name, path, depth = waiting.pop()
        try:
            with os.scandir(path) as entries:
                inner = sorted((e.name for e in entries if e.is_dir(follow_symlinks=False)), reverse=True)
        except OSError as error:
            yield Room(name, path, maildir=False, trouble=error.strerror or type(error).__name__)
            continue
        maildir = "cur" in inner and "new" in inner
        yield Room(name, path, maildir=maildir)
        if depth >= DEPTH_CAP:
            continue
        for one in inner:
            if maildir and one in ("cur", "new", "tmp"):
                continue
            shown = "/".join(map(decoded, one[1:].split("."))) if maildir and one.startswith(".") else decoded(one)
            waiting.append((f"{name}/{shown}" if name else shown, os.path.join(path, one), depth + 1))  # noqa: PTH118 - quicker


def is_maildir(path: Path) -> bool:
    """Whether ``path`` is a Maildir."""
    return all((path / part).is_dir() for part in ("cur", "new"))


def decoded(name: str) -> str:
    """A folder's name from modified UTF-7 (RFC 3501 §5.1.3); as it is where that makes no sense."""
    with suppress(ValueError):
        return _SHIFT.sub(_run, name)
    return name


def _run(found: re.Match[str]) -> str:
    packed = found[1]
    if not packed:
        return "&"
    octets = base64.b64decode(packed.replace(",", "/") + "=" * (-len(packed) % 4), validate=True)
    return octets.decode("utf-16-be")
