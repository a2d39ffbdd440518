"""Reads an archive of mail of any kind that is understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from readdress.mailbox.archives.files import read_mbox, read_one, source_of
from readdress.mailbox.archives.folders import read_folder
from readdress.mailbox.archives.model import ArchiveKind, Batch, Count, Job, Marks, Progress
from readdress.mailbox.archives.recognise import recognise, refuse_other
from readdress.mailbox.archives.zips import read_zip
from readdress.models.inventory import ScanMark


def read_archive(
    path: str | Path,
    *,
    kind: ArchiveKind | None = None,
    mark: Marks = None,
    count: Count | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Iterator[Batch]:
    """The messages of an archive, batch by batch, each with the mark to go on from; nothing is held whole or unpacked to disk.

    ``kind``: by content unless given. ``mark``: the mark or marks that earlier runs ended with; what lies behind them is not given again,
    an appended mbox goes on where it stopped, and a folder that changed before its mark begins anew (``Batch.restart``). ``count`` is called
    with each batch's rows instead of giving them. ``workers``: processes that read one large plain mbox together; ``count`` runs in them, as a
    copy for each, and must be picklable where processes cannot be forked. Whatever was given before an error stays valid.
    Raises :class:`ArchiveUnknown`, :class:`ArchiveEmpty`, :class:`ArchiveEncrypted`, :class:`ArchiveDamaged` or :class:`ArchiveError`.
    """
    path = Path(path)
    if kind is None:
        kind = recognise(path)
    else:
        refuse_other(path, kind)
    job = Job(path, source_of(kind, path), _marks(mark), count=count, workers=max(1, workers), progress=progress)
    if kind in (ArchiveKind.MBOX, ArchiveKind.MBOX_GZIP):
        yield from read_mbox(job)
    elif kind is ArchiveKind.ZIP:
        yield from read_zip(job)
    elif kind in (ArchiveKind.MAILDIR, ArchiveKind.FOLDER):
        yield from read_folder(job, only_maildirs=kind is ArchiveKind.MAILDIR)
    else:
        yield from read_one(job)


def source_name(path: str | Path, kind: ArchiveKind | None = None) -> str:
    """What an archive is called in marks (``ScanMark.source``): the same for a renamed, an unpacked or an appended mbox."""
    path = Path(path)
    return source_of(kind or recognise(path), path)


def _marks(mark: ScanMark | Iterable[ScanMark] | None) -> tuple[ScanMark, ...]:
    if mark is None:
        return ()
    return (mark,) if isinstance(mark, ScanMark) else tuple(mark)
