"""Reads folders of mail: Maildirs, and folders of .eml, .emlx, .msg and mbox files, nested as they may be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from readdress.mailbox.archives import files, tree
from readdress.mailbox.archives.model import BATCH_ROWS, Batch, Job, Row
from readdress.mailbox.archives.names import in_order, resumed
from readdress.mailbox.archives.single import read_mail, read_single
from readdress.mailbox.archives.tree import Room
from readdress.mailbox.archives.trouble import ArchiveDamaged, ArchiveEmpty, ArchiveError, shown

BATCH_OCTETS = 4 * 1024 * 1024
_NEW = "n"
_HELD = 100_000
"""Names that are kept while single messages are read again; those of a larger folder are listed each time."""


def read_folder(job: Job, *, only_maildirs: bool) -> Iterator[Batch]:
    """Batches of every folder below ``job.path``. ``only_maildirs``: what lies beside them is left alone.

    Files that are no mail are passed over; those that cannot be read are named in ``troubles`` of a batch. Raises
    :class:`ArchiveEmpty` at the end when there was neither a message nor a mark of an earlier run.
    """
    found = 0
    told: list[tuple[str, str]] = []
    for room in tree.rooms(job.path):
        if room.trouble:
            told.append((room.name or job.path.name, room.trouble))
            continue
        if only_maildirs and not room.maildir:
            continue
        for batch in _room(job, room):
            found += batch.mark.messages
            if told:
                batch = replace(batch, troubles=(*told, *batch.troubles))  # noqa: PLW2901
                told = []
            yield batch
    if not found:
        detail = f" {shown(told[0][0])}: {told[0][1]}." if told else ""
        raise ArchiveEmpty(
            f"There is no message in {shown(job.path)}.{detail}",
            todo="Give the folder that holds the mail: a Maildir (with cur and new in it), or .eml, .msg or mbox files.",
        )


def _room(job: Job, room: Room) -> Iterator[Batch]:
    folder = room.name or ("INBOX" if room.maildir else "")
    reader = _Maildir(room.path) if room.maildir else _Files(room.path)
    mark = job.mark(folder)
    names, chain, restart = resumed(reader.listing, mark.uidnext if mark else 0, mark.uidvalidity if mark else 0)
    messages = mark.messages if mark and not restart else 0
    at = mark.uidnext if mark and not restart else 0
    rows: list[Row] = []
    troubles: list[tuple[str, str]] = []
    octets = 0
    boxes: list[str] = []

    def flush(*, done: bool) -> Batch:
        nonlocal restart, octets
        batch = job.batch(
            folder,
            rows[:],
            at=at,
            check=chain.number(),
            messages=messages,
            done=done,
            restart=restart,
            troubles=tuple(troubles),
        )
        rows.clear()
        troubles.clear()
        restart, octets = False, 0
        job.tell(at, 0)
        return batch

    for number, name in names:
        chain.add(name)
        at = number + 1
        try:
            header = reader.read(name)
        except (OSError, ArchiveDamaged) as error:
            why = error.message if isinstance(error, ArchiveError) else error.strerror or type(error).__name__
            troubles.append((reader.shown(name), why))
            header = None
        if header is not None:
            rows.append((number, header))
            messages += 1
            octets += len(header)
        if len(rows) >= BATCH_ROWS or octets >= BATCH_OCTETS or len(troubles) >= BATCH_ROWS:
            yield flush(done=False)
    boxes += reader.boxes
    if at or mark or room.maildir:
        yield flush(done=True)
    for box in boxes:
        inside = f"{folder}/{box}" if folder else box
        try:
            yield from files.read_mbox(replace(job, path=Path(room.path) / box), inside)
        except ArchiveError as error:
            yield job.batch(
                folder,
                [],
                at=at,
                check=chain.number(),
                messages=messages,
                done=True,
                restart=False,
                troubles=((box, error.message),),
            )


class _Maildir:
    """The files of a Maildir: sorted by the unique part of their names, since flags and cur or new may change."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.boxes: list[str] = []

    def listing(self) -> Iterator[str]:
        for part, mark in (("new", _NEW), ("cur", "")):
            try:
                with os.scandir(f"{self._path}/{part}") as entries:
                    for entry in entries:
                        if entry.name[0] != "." and entry.is_file(follow_symlinks=False):
                            unique, colon, info = entry.name.partition(":")
                            yield f"{unique}\0{mark}{colon}{info}"
            except FileNotFoundError:
                continue

    def read(self, name: str) -> bytes | None:
        try:
            return read_mail(self._place(name))
        except FileNotFoundError:
            place = self._moved(name)
            if place is None:
                return None  # deleted since it was listed
            return read_mail(place)

    def _place(self, name: str) -> str:
        unique, _, rest = name.partition("\0")
        if rest.startswith(_NEW):
            return f"{self._path}/new/{unique}{rest[1:]}"
        return f"{self._path}/cur/{unique}{rest}"

    def _moved(self, name: str) -> str | None:
        """Where a file is now that a mail program has moved or flagged since it was listed."""
        unique = name.partition("\0")[0]
        for part in ("cur", "new"):
            with os.scandir(f"{self._path}/{part}") as entries:
                for entry in entries:
                    if entry.name.partition(":")[0] == unique:
                        return entry.path
        return None

    def whole(self, name: str) -> str:
        place = self._place(name)
        return place if os.path.exists(place) else self._moved(name) or place  # noqa: PTH110 - names are strings here

    @staticmethod
    def shown(name: str) -> str:
        return name.partition("\0")[0]


class _Files:
    """The files of an ordinary folder."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.boxes: list[str] = []

    def listing(self) -> Iterator[str]:
        with os.scandir(self._path) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    yield entry.name

    def read(self, name: str) -> bytes | None:
        shape, header = read_single(f"{self._path}/{name}")
        if shape == "mbox":
            self.boxes.append(name)
        return None if shape in ("mbox", "") else header

    def whole(self, name: str) -> str:
        return f"{self._path}/{name}"

    @staticmethod
    def shown(name: str) -> str:
        return name


class Places:
    """Where the files of one folder lie by their number; the names are listed once."""

    def __init__(self, top: Path, folder: str) -> None:
        self._reader: _Maildir | _Files | None = None
        self._names: list[str] = []
        for room in tree.rooms(top):
            if not room.trouble and (room.name or ("INBOX" if room.maildir else "")) == folder:
                self._reader = _Maildir(room.path) if room.maildir else _Files(room.path)
                self._names = list(islice(in_order(self._reader.listing), _HELD))
                break

    def file(self, number: int) -> str | None:
        """The file of that number; ``None`` when there is none."""
        if self._reader is None or number < 0:
            return None
        if number < len(self._names):
            return self._reader.whole(self._names[number])
        if len(self._names) < _HELD:
            return None
        name = next(islice(in_order(self._reader.listing), number, None), None)
        return None if name is None else self._reader.whole(name)
