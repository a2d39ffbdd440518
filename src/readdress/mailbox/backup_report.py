"""What a backup tells: how far it is, and at the end what it holds compared with what the server has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from readdress.mailbox.backup_store import Saved
from readdress.mailbox.backup_wire import Listing

_LISTED = 50


@dataclass(frozen=True, slots=True)
class BackupProgress:
    """How far a backup is: messages and octets that are saved, of those that are to be (earlier runs' included)."""

    folder: str
    messages: int
    of_messages: int
    octets: int
    of_octets: int
    fetched: int
    """Octets that came in this run, for a rate."""


Progress = Callable[[BackupProgress], None]


@dataclass(frozen=True, slots=True)
class FolderReport:
    """One folder, compared with the server at the end.

    ``messages`` and ``octets`` are saved; ``on_server``: messages the server has. ``missing``: UIDs on the server that are not saved (at most 50;
    ``missing_count`` in all), ``refused`` of them could not be read there. ``gone``: saved, and no longer on the server. ``other_sizes``: (UID,
    saved, what the server says: RFC822.SIZE) where they differ, at most 50 of ``other_sizes_count``; some servers only estimate it.
    ``anew``: the server had numbered the folder anew (UIDVALIDITY), so it was saved beside what an earlier run saved.
    ``trouble``: why it could not be opened.
    """

    name: str
    path: str
    messages: int = 0
    octets: int = 0
    on_server: int = 0
    missing: tuple[int, ...] = ()
    missing_count: int = 0
    refused: int = 0
    gone: int = 0
    other_sizes: tuple[tuple[int, int, int], ...] = ()
    other_sizes_count: int = 0
    anew: bool = False
    trouble: str = ""

    @property
    def complete(self) -> bool:
        """Everything that the server has is saved."""
        return not self.trouble and not self.missing_count


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds. ``fresh``: messages that this run saved."""

    target: Path
    form: str
    folders: tuple[FolderReport, ...]
    fresh: int

    @property
    def messages(self) -> int:
        """Messages that are saved."""
        return sum(f.messages for f in self.folders)

    @property
    def octets(self) -> int:
        """Octets that are saved, as the server sent them."""
        return sum(f.octets for f in self.folders)

    @property
    def complete(self) -> bool:
        """Everything that the server has is saved."""
        return all(f.complete for f in self.folders)


def compare(name: str, saved: Saved, listing: Listing, refused: set[int], *, anew: bool) -> FolderReport:
    """What is saved of a folder against what the server lists in it."""
    missing: list[int] = []
    other: list[tuple[int, int, int]] = []
    missing_count = other_count = there = 0
    for uid, said in zip(listing.uids, listing.sizes, strict=True):
        have = saved.size(uid)
        if have is None:
            missing_count += 1
            missing += [uid] if len(missing) < _LISTED else []
            continue
        there += 1
        if have != said:
            other_count += 1
            other += [(uid, have, said)] if len(other) < _LISTED else []
    return FolderReport(
        name,
        saved.path,
        messages=len(saved.uids),
        octets=sum(saved.sizes),
        on_server=len(listing),
        anew=anew,
        missing=tuple(missing),
        missing_count=missing_count,
        refused=len(refused & set(missing)),
        gone=len(saved.uids) - there,
        other_sizes=tuple(other),
        other_sizes_count=other_count,
    )
