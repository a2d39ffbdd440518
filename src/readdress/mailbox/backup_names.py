"""Names of folders of a mailbox as names of folders on a disk, safe on every system and unlike each other."""

from __future__ import annotations

import re
import unicodedata

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]')
# names of devices on Windows, with any extension (learn.microsoft.com, "Naming Files, Paths, and Namespaces")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?\Z", re.IGNORECASE)
_OURS = re.compile(r"(?:\.eml|\.mbox|\.part|\.tmp)\Z|\Amanifest\.jsonl\Z", re.IGNORECASE)
_OCTETS = 100
_DEPTH = 16


def safe_path(folder: str) -> str:
    """A folder's name as a relative path with "/" between its parts; every part is safe as a file name on every system."""
    parts = [safe_part(part) for part in folder.split("/") if part]
    if len(parts) > _DEPTH:
        parts = [*parts[: _DEPTH - 1], safe_part(".".join(parts[_DEPTH - 1 :]))]
    return "/".join(parts) or "_"


def safe_part(part: str) -> str:
    """One part: no forbidden or invisible characters, no device's name, no dot or blank at an end, at most 100 octets."""
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", part)).rstrip(" .").lstrip(" ")
    while len(name.encode("utf-8")) > _OCTETS:
        name = name[:-1]
    name = name.rstrip(" .")
    if name.startswith("."):
        name = "_" + name[1:]
    if not name or _DEVICES.match(name) or _OURS.search(name):
        name += "_"
    return name


def unlike(path: str, taken: set[str]) -> str:
    """``path``, with ``~2``, ``~3`` … where another folder has that name already on a disk that does not tell case or accents' forms."""
    found, number = path, 1
    while key(found) in taken:
        number += 1
        found = f"{path}~{number}"
    taken.add(key(found))
    return found


def key(path: str) -> str:
    """What two paths share that a disk could take for the same."""
    return unicodedata.normalize("NFKC", path).casefold()
