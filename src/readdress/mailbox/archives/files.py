"""Reads single files: an mbox, plain or gzip, and one message in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from hashlib import blake2b
from pathlib import Path

from readdress.mailbox.archives.mbox import CHECK, batches, resume_at, windows
from readdress.mailbox.archives.model import ArchiveKind, Batch, Job
from readdress.mailbox.archives.pair import SMALL, paired
from readdress.mailbox.archives.single import read_single
from readdress.mailbox.archives.streams import GZIP, Inflated, Plain, read_head, size_of, skip, unpacked_head
from readdress.mailbox.archives.trouble import ArchiveEmpty, readable, shown

GZIP_MAGIC = b"\x1f\x8b"
_FIRST = 4096


def source_of(kind: ArchiveKind, path: Path) -> str:
    """What an archive is called in marks: ``file:`` and a digest.

    Of an mbox, packed or not: its first message's header (4 KiB at most), so that a renamed, an unpacked and an appended file are
    the same one. Of one message or a zip file: its size, head and tail. Of a folder: its place, since what is in it comes and goes.
    """
    tag = b"mbox" if kind in (ArchiveKind.MBOX, ArchiveKind.MBOX_GZIP) else kind.value.encode()
    digest = blake2b(tag + b"\0", digest_size=16)
    if tag == b"mbox":
        head = unpacked_head(path, _FIRST) if kind is ArchiveKind.MBOX_GZIP else read_head(path, _FIRST)
        ends = [n for n in (head.find(b"\n\n"), head.find(b"\n\r\n")) if n >= 0]
        digest.update(head[: min(ends)] if ends else head)
    elif kind in (ArchiveKind.MAILDIR, ArchiveKind.FOLDER):
        with readable(path):
            digest.update(str(path.resolve()).encode("utf-8", "surrogateescape"))
    else:
        size = size_of(path)
        digest.update(b"%d\0" % size + read_head(path, _FIRST))
        with closing(Plain(path, max(0, size - 16 * _FIRST))) as tail:
            while part := tail.read(16 * _FIRST):
                digest.update(part)
    return f"file:{digest.hexdigest()}"


def read_mbox(job: Job, folder: str = "") -> Iterator[Batch]:
    """Batches of an mbox, plain or gzip. Raises :class:`ArchiveEmpty` at the end when it holds none."""
    packed = read_head(job.path, 2) == GZIP_MAGIC
    total = 0 if packed else size_of(job.path)
    mark = job.mark(folder)
    stream: Plain | Inflated
    tail: bytes | None = b""
    at = mark.uidnext if mark else 0
    if packed:
        stream = Inflated(Plain(job.path), GZIP, job.path.name)
        if at:
            tail = skip(stream, at)
    else:
        stream = Plain(job.path, max(0, at - CHECK))
        if at:
            tail = skip(stream, min(at, CHECK)) if at <= total else None
    at, messages, restart = resume_at(job, folder, tail)
    if restart:
        stream.close()
        stream = Inflated(Plain(job.path), GZIP, job.path.name) if packed else Plain(job.path)
        tail = b""
    with closing(stream):
        if not packed and job.workers > 1 and total - at > SMALL:
            found = paired(job, folder, at, messages, restart=restart)
        else:
            found = batches(job, folder, windows(stream, at, tail or b""), total, messages, restart=restart)
        for batch in found:
            messages = batch.mark.messages
            yield batch
    if not messages:
        raise ArchiveEmpty(
            f"There is no message in {shown(job.path)}: no line that begins with 'From ' separates messages in it.",
            todo="Export the mail as mbox (or .eml files) once more and give that file.",
        )


def read_one(job: Job) -> Iterator[Batch]:
    """The only message of a file."""
    mark = job.mark("")
    if mark is not None and mark.done:
        return
    with readable(job.path):
        _, header = read_single(str(job.path.resolve()))
    yield job.batch("", [(0, header)], at=1, check=1, messages=1, done=True, restart=False)
