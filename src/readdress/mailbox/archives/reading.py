"""Reads an archive of mail of any kind that is understood, and gives single messages of it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from readdress.mailbox.archives.files import mbox_message, read_mbox, read_one, source_of
from readdress.mailbox.archives.folders import place_of, read_folder
from readdress.mailbox.archives.model import MESSAGE_CAP, ArchiveKind, Batch, Count, Job, Marks, Progress
from readdress.mailbox.archives.recognise import recognise, refuse_other
from readdress.mailbox.archives.single import whole_file
from readdress.mailbox.archives.trouble import ArchiveError, readable, shown
from readdress.mailbox.archives.zips import read_zip, zip_message
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


def message_at(
    path: str | Path, uid: int, *, folder: str = "", kind: ArchiveKind | None = None, cap: int = MESSAGE_CAP
) -> bytes:
    """One message again, by folder and number as a batch gave them: header, blank line and body, at most ``cap`` octets.

    An mbox's separator is left out and its quoting undone. A packed file is unpacked up to there, which takes as long as reading it so far. In a
    folder that has changed since, the number may stand for another message: compare the header. Raises :class:`ArchiveError`.
    """
    path = Path(path)
    kind = kind or recognise(path)
    found: bytes | None = None
    if kind in (ArchiveKind.MBOX, ArchiveKind.MBOX_GZIP):
        found = mbox_message(path, uid, cap)
    elif kind is ArchiveKind.ZIP:
        found = zip_message(path, folder, uid, cap)
    elif kind in (ArchiveKind.MAILDIR, ArchiveKind.FOLDER):
        if (box := path / folder).is_file():
            found = mbox_message(box, uid, cap)
        elif (file := place_of(path, folder, uid)) is not None:
            with readable(Path(file)):
                found = whole_file(file, cap)
    else:
        with readable(path):
            found = whole_file(str(path.resolve()), cap)
    if found is None:
        raise ArchiveError(
            f"The message {uid} of {shown(folder or path)} is not there any more.", todo="Read the archive once more."
        )
    return found


def source_name(path: str | Path, kind: ArchiveKind | None = None) -> str:
    """What an archive is called in marks (``ScanMark.source``): the same for a renamed, an unpacked or an appended mbox."""
    path = Path(path)
    return source_of(kind or recognise(path), path)


def _marks(mark: ScanMark | Iterable[ScanMark] | None) -> tuple[ScanMark, ...]:
    if mark is None:
        return ()
    return (mark,) if isinstance(mark, ScanMark) else tuple(mark)
