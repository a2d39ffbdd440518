"""The folder that a backup is written to: its manifest, its messages, and what a kill at any moment leaves of them.

``manifest.jsonl`` is only ever appended to: a line about the backup, one for each folder of the mailbox, one for each message once it is
whole under its final name. A line that a kill cut off is dropped. Every message is on the disk before its line is.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Self

from readdress.errors import UserError
from readdress.mailbox.backup_names import key, safe_path, unlike

MANIFEST = "manifest.jsonl"
FORMAT = 1
_RESERVE = 16 * 1024 * 1024


class BackupError(UserError):
    """A backup cannot be written, or cannot go on. What was saved stays."""


@dataclass(slots=True)
class Saved:
    """One folder as it was saved: UIDs in order, and in step the octets of each. ``ends``: where each ends in the mbox."""

    number: int
    name: str
    uidvalidity: int
    path: str
    uids: array[int] = field(default_factory=lambda: array("L"))
    sizes: array[int] = field(default_factory=lambda: array("Q"))
    ends: array[int] = field(default_factory=lambda: array("Q"))

    def size(self, uid: int) -> int | None:
        """Octets of a saved message; ``None`` when it is not saved."""
        place = bisect_left(self.uids, uid)
        return self.sizes[place] if place < len(self.uids) and self.uids[place] == uid else None

    def add(self, uid: int, size: int, end: int) -> None:
        """Note a saved message; the last word about a UID counts."""
        place = len(self.uids) if not self.uids or uid > self.uids[-1] else bisect_left(self.uids, uid)
        if place < len(self.uids) and self.uids[place] == uid:
            self.sizes[place], self.ends[place] = size, end
            return
        self.uids.insert(place, uid)
        self.sizes.insert(place, size)
        self.ends.insert(place, end)

    def keep(self, wanted: list[bool]) -> None:
        """Forget the messages that are not ``wanted``, which is in step."""
        for name in ("uids", "sizes", "ends"):
            old: array[int] = getattr(self, name)
            setattr(self, name, array(old.typecode, (v for v, keep in zip(old, wanted, strict=True) if keep)))


class Store:
    """The target folder, held by one backup at a time. Use as a context manager. Raises :class:`BackupError`."""

    def __init__(self, target: Path, form: str, address: str, host: str) -> None:
        self.target, self.form = target, form
        self.folders: list[Saved] = []
        self._taken: set[str] = set()
        with writing(target):
            self._make(target)
            self._fd = self._open_manifest()
            self._lock()
            try:
                self._load({"readdress": "backup", "format": FORMAT, "form": form, "address": address, "host": host})
            except BaseException:
                os.close(self._fd)
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            os.fsync(self._fd)
        os.close(self._fd)

    # -- folders
    def folder(self, name: str, uidvalidity: int) -> tuple[Saved, bool]:
        """What is saved of a folder, and whether the server has numbered it anew since (then it begins empty, beside the old one)."""
        same = [f for f in self.folders if f.name == name]
        for found in same:
            if found.uidvalidity == uidvalidity:
                return found, False
        end = ".mbox" if self.form == "mbox" else ""
        path = unlike(safe_path(name), self._taken) + end
        found = Saved(len(self.folders) + 1, name, uidvalidity, path)
        with writing(self.target):
            place = self.target / path
            for parent in reversed([p for p in place.parents if p != self.target and self.target in p.parents]):
                self._make(parent)
            if not end:
                self._make(place)
            self.note({"folder": found.number, "name": name, "uidvalidity": uidvalidity, "path": path})
            self.sync()
        self.folders.append(found)
        return found, bool(same)

    # -- the manifest
    def note(self, line: dict[str, Any]) -> None:
        """Append a line."""
        os.write(
            self._fd, json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        )

    def sync(self) -> None:
        """Make what was noted durable."""
        os.fsync(self._fd)

    def _open_manifest(self) -> int:
        path = self.target / MANIFEST
        fresh = not path.exists()
        if fresh and any(self.target.iterdir()):
            raise BackupError(
                f"The folder {self.target} is not empty, and holds no backup.",
                todo="Name a new or an empty folder, or the folder of an earlier backup of the same mailbox.",
            )
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        return os.open(path, flags, 0o600)

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError:  # Windows: the manifest's lines would interleave, but each is whole
            return
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise BackupError(
                f"Another backup is being written to {self.target}.",
                todo="Wait until it has ended, or name another folder.",
            ) from None

    def _load(self, head: dict[str, Any]) -> None:
        whole = 0
        first: dict[str, Any] | None = None
        with os.fdopen(os.dup(self._fd), "rb") as file:
            file.seek(0)
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                line = self._line(raw, whole)
                whole += len(raw)
                if first is None:
                    first = line
                    self._check(line, head)
                else:
                    self._take(line)
        if os.fstat(self._fd).st_size > whole:
            os.ftruncate(self._fd, whole)
        if first is None:
            self.note(head)
            self.sync()

    def _line(self, raw: bytes, place: int) -> dict[str, Any]:
        with suppress(ValueError):
            line = json.loads(raw)
            if isinstance(line, dict):
                return line
        raise self._damaged(place)

    def _damaged(self, place: int) -> BackupError:
        return BackupError(
            f"The list of what is saved, {self.target / MANIFEST}, is damaged near octet {place}.",
            todo="Name a new folder for the backup; what was saved here stays as it is.",
        )

    def _check(self, line: dict[str, Any], head: dict[str, Any]) -> None:
        if line.get("readdress") != "backup" or line.get("format") != FORMAT:
            raise BackupError(
                f"The folder {self.target} holds a backup of another kind or of a newer readdress.",
                todo="Name another folder.",
            )
        if line.get("address") != head["address"]:
            raise BackupError(
                f"The folder {self.target} holds a backup of {line.get('address')}.",
                todo="Name another folder for this mailbox.",
            )
        if line.get("form") != head["form"]:
            raise BackupError(
                f"The backup in {self.target} is kept as {line.get('form')}, not as {head['form']}.",
                todo=f"Go on with --form {line.get('form')}, or name another folder.",
            )

    def _take(self, line: dict[str, Any]) -> None:
        try:
            if "folder" in line:
                saved = Saved(int(line["folder"]), str(line["name"]), int(line["uidvalidity"]), str(line["path"]))
                if saved.number != len(self.folders) + 1 or not _inside(saved.path):
                    raise self._damaged(0)
                self.folders.append(saved)
                self._taken.add(key(saved.path.removesuffix(".mbox") if self.form == "mbox" else saved.path))
            else:
                end = int(line.get("end", 0))
                self.folders[int(line["in"]) - 1].add(int(line["uid"]), int(line["size"]), end)
        except (KeyError, TypeError, ValueError, IndexError, OverflowError):
            raise self._damaged(0) from None

    # -- the disk
    @staticmethod
    def _make(folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=False, exist_ok=True)

    def check_room(self, octets: int) -> None:
        """Raise :class:`BackupError` when the disk has no room for so many octets more."""
        with writing(self.target):
            free = shutil.disk_usage(self.target).free
        if free < octets + octets // 50 + _RESERVE:
            raise BackupError(
                f"The disk of {self.target} has {megabytes(free)} free; what is left to save needs {megabytes(octets)}.",
                todo="Make room, or name a folder on another disk. What was saved stays.",
            )


def _inside(path: str) -> bool:
    """Whether a path of the manifest stays within the target: the manifest may come from elsewhere."""
    pure = PurePosixPath(path)
    return (
        bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts and "\\" not in path and ":" not in path
    )


def megabytes(octets: int) -> str:
    """Octets for a sentence."""
    return f"{octets / 1e9:.1f} GB" if octets >= 1e9 else f"{octets / 1e6:.1f} MB"


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Within it, what the system says about the target becomes a :class:`BackupError`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)):
            raise BackupError(
                f"The disk is full: nothing more can be saved in {target}. What was saved stays.",
                todo="Make room and run the same command again; it goes on where it stopped.",
            ) from None
        raise BackupError(
            f"The backup cannot be written to {target} ({error.strerror or type(error).__name__}). What was saved stays.",
            todo="Name a folder that can be written to (its parent must exist), or put right what the system says, and run it again.",
        ) from None
