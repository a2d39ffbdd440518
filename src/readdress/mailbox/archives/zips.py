"""Reads the mail in a zip file: single messages, and mbox files such as Google Takeout's; nothing is unpacked to disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from readdress.mailbox.archives import msg
from readdress.mailbox.archives.mbox import batches, fill, resume_at, windows
from readdress.mailbox.archives.model import BATCH_ROWS, HEADER_CAP, Batch, Job, Row
from readdress.mailbox.archives.names import Chain
from readdress.mailbox.archives.single import FIRST, MSG_CAP, header_in, shape_of, trimmed
from readdress.mailbox.archives.streams import skip
from readdress.mailbox.archives.trouble import ArchiveEmpty, ArchiveEncrypted, ArchiveError, shown
from readdress.mailbox.archives.unzip import Member, Zip

BATCH_OCTETS = 4 * 1024 * 1024
_NESTED = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!")


def read_zip(job: Job) -> Iterator[Batch]:
    """Batches of a zip file: folder "" for single messages, numbered by their place in the zip file, and one for each mbox in it.

    What cannot be read is named in ``troubles``. Raises :class:`ArchiveEncrypted` or :class:`ArchiveEmpty` when nothing could be read at all.
    """
    archive = Zip(job.path)
    mark = job.mark("")
    at = mark.uidnext if mark else 0
    messages = mark.messages if mark else 0
    found, locked = messages, 0
    rows: list[Row] = []
    troubles: list[tuple[str, str]] = []
    octets = 0
    chain = Chain()  # the file's identity includes its directory: the number only shows how far

    def flush(*, done: bool) -> Batch:
        nonlocal octets
        job.tell(at, archive.count)
        batch = job.batch(
            "",
            rows[:],
            at=at,
            check=chain.number(),
            messages=messages,
            done=done,
            restart=False,
            troubles=tuple(troubles),
        )
        rows.clear()
        troubles.clear()
        octets = 0
        return batch

    for number, member in enumerate(archive.members()):
        if number < at or member.name.endswith("/") or not member.size:
            continue
        if member.encrypted:
            locked += 1
            troubles.append((member.name, "protected by a password"))
            at = number + 1
        else:
            try:
                shape, header = _look(archive, member)
                if shape == "mbox":
                    at = number
                    yield flush(done=False)
                    for batch in _mbox(job, archive, member):
                        found += batch.messages
                        yield batch
                elif header is not None:
                    rows.append((number, header))
                    messages += 1
                    found += 1
                    octets += len(header)
                elif shape == "nested":
                    troubles.append(
                        (member.name, "packed once more inside the zip file; unpack it and give it by itself")
                    )
            except ArchiveError as error:
                troubles.append((member.name, error.message))
            at = number + 1
        if len(rows) >= BATCH_ROWS or octets >= BATCH_OCTETS or len(troubles) >= BATCH_ROWS:
            yield flush(done=False)
    why = troubles[0] if troubles else None
    at = archive.count
    yield flush(done=True)
    if found:
        return
    if locked:
        raise ArchiveEncrypted(
            f"{shown(job.path)} is a zip file protected by a password.",
            todo="Unpack it with its password, and give the folder or the file that was in it.",
        )
    detail = f" {shown(why[0])}: {why[1]}." if why else ""
    raise ArchiveEmpty(
        f"There is no mail in the zip file {shown(job.path)}.{detail}",
        todo="Give the zip file of the mail export itself: it holds mbox, .eml or .msg files.",
    )


def _look(archive: Zip, member: Member) -> tuple[str, bytes | None]:
    """What a member is, and its header if it is one message."""
    with closing(archive.open(member)) as stream:
        room = memoryview(bytearray(HEADER_CAP + 64))
        got, trouble = fill(stream, room[:FIRST])
        head = bytes(room[:got])
        shape = shape_of(head)
        if trouble is not None and shape != "mbox":
            raise trouble
        if shape == "msg":
            return shape, msg.header_of_msg(msg.HeldOctets(_whole(archive, member)), member.name)
        if head.startswith(_NESTED):
            return "nested", None
        if shape in ("eml", "emlx"):
            if got == FIRST and b"\n\n" not in head and b"\n\r\n" not in head:
                head += bytes(room[FIRST : FIRST + fill(stream, room[FIRST:])[0]])
            return shape, header_in(shape, head)
        return shape, None


def _whole(archive: Zip, member: Member) -> bytes:
    if member.size > MSG_CAP:
        raise ArchiveError(
            f"{shown(member.name)} has {member.size:,} octets, more than is unpacked in memory.",
            todo="Unpack it and give the folder.",
        )
    with closing(archive.open(member)) as stream:
        room = memoryview(bytearray(member.size))
        got, trouble = fill(stream, room)
    if trouble is not None:
        raise trouble
    return bytes(room[:got])


def _mbox(job: Job, archive: Zip, member: Member) -> Iterator[Batch]:
    mark = job.mark(member.name)
    if mark is not None and mark.done:
        return
    stream = archive.open(member)
    try:
        at, messages, restart = resume_at(job, member.name, tail := skip(stream, mark.uidnext) if mark else b"")
        if restart:
            stream.close()
            stream, tail = archive.open(member), b""
        own = replace(job, progress=None)
        yield from batches(own, member.name, windows(stream, at, tail or b""), 0, messages, restart=restart)
    finally:
        stream.close()


def member_message(archive: Zip, member: Member, cap: int) -> bytes:
    """The single message of a member, at most ``cap`` octets."""
    with closing(archive.open(member)) as stream:
        room = memoryview(bytearray(cap + 64))
        head = bytes(room[: fill(stream, room)[0]])
    shape = shape_of(head[:FIRST])
    if shape == "msg":
        return msg.message_of_msg(msg.HeldOctets(_whole(archive, member)), member.name, cap)
    return trimmed("emlx" if shape == "emlx" else "eml", head, cap, member.name)
