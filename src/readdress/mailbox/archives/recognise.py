"""Tells by its content what an archive of mail is, and says clearly what is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from readdress.mailbox.archives.cfb import SIGNATURE
from readdress.mailbox.archives.files import GZIP_MAGIC
from readdress.mailbox.archives.lines import AHEAD, NEEDLE, separator
from readdress.mailbox.archives.model import ArchiveKind
from readdress.mailbox.archives.single import FIRST, shape_of
from readdress.mailbox.archives.streams import read_head, refuse_missing, unpacked_head
from readdress.mailbox.archives.tree import is_maildir, rooms
from readdress.mailbox.archives.trouble import ArchiveEmpty, ArchiveUnknown, readable, shown

_LOOK = 1024 * 1024
"""Octets at the beginning of a file in which an mbox must have a separator."""
_UNDERSTOOD = (
    "Understood are: mbox (plain or gzip; Google Takeout, Thunderbird, Apple Mail), Maildir, folders of .eml, .emlx or .msg files, "
    "and zip files of those."
)
_OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"!BDN", "an Outlook data file (.pst or .ost)", "Convert it to mbox with readpst, or open it in a mail program and export the folders, and give that."),
    (b"\xcf\xad\x12\xfe", "a folder of Outlook Express (.dbx)", "Import it into Thunderbird and give the mbox file of that folder."),
    (b"JMF", "a folder of an old Outlook Express (.mbx)", "Import it into Thunderbird and give the mbox file of that folder."),
    (b"// <!-- <mdb:mork", "Thunderbird's index of a folder (.msf)", "Give the file of the same name without .msf: it holds the mail."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it, and give the folder or the file that was in it."),
    (b"Rar!", "a RAR archive", "Unpack it, and give the folder or the file that was in it."),
    (b"BZh", "a bzip2 file", "Unpack it, and give the file that was in it."),
    (b"\xfd7zXZ", "an xz file", "Unpack it, and give the file that was in it."),
    (b"SQLite format 3", "a database", "Export the mail as mbox or .eml files, and give that."),
)  # fmt: skip


def recognise(path: str | Path) -> ArchiveKind:
    """What an archive is. Raises :class:`ArchiveUnknown` with what is understood, :class:`ArchiveEmpty` or :class:`ArchiveError`."""
    path = Path(path)
    refuse_missing(path)
    if path.is_dir():
        return _folder(path)
    head = read_head(path, FIRST)
    if not head.strip(b"\r\n\t \0"):
        raise ArchiveEmpty(
            f"{shown(path)} is empty: there is no message in it.", todo="Export the mail once more and give that file."
        )
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ArchiveKind.ZIP
    if head.startswith(SIGNATURE):
        return ArchiveKind.MSG
    if head.startswith(GZIP_MAGIC):
        if _is_mbox(lambda size: unpacked_head(path, size)):
            return ArchiveKind.MBOX_GZIP
        raise ArchiveUnknown(
            f"{shown(path)} is a gzip file, but what is in it is no mbox.",
            todo=f"Unpack it (a .tar.gz too) and give the folder or the file that was in it. {_UNDERSTOOD}",
        )
    shape = shape_of(head)
    if shape in ("eml", "emlx"):
        return ArchiveKind.EML
    if shape == "mbox" or _is_mbox(lambda size: read_head(path, size)):
        return ArchiveKind.MBOX
    for magic, what, todo in _OTHERS:
        if head.startswith(magic):
            raise ArchiveUnknown(f"{shown(path)} is {what}, which is not understood.", todo=todo)
    raise ArchiveUnknown(
        f"{shown(path)} is no archive of mail that is understood: it is no message, and no line that begins with 'From ' separates messages in it.",
        todo=_UNDERSTOOD,
    )


def _folder(path: Path) -> ArchiveKind:
    with readable(path):
        empty = next(path.iterdir(), None) is None
        if is_maildir(path):
            return ArchiveKind.MAILDIR
    if empty:
        raise ArchiveEmpty(f"The folder {shown(path)} is empty.", todo="Give the folder that holds the mail.")
    # a folder of Maildirs is one too, as mail servers keep them
    only = [room.maildir for room, _ in zip(rooms(path), range(64), strict=False) if room.path != str(path)]
    return ArchiveKind.MAILDIR if only and all(only) else ArchiveKind.FOLDER


def _is_mbox(head_of: Callable[[int], bytes]) -> bool:
    head = b"\n\n" + head_of(_LOOK + AHEAD)
    place = head.find(NEEDLE)
    while 0 <= place < _LOOK:
        if separator(head, place, len(head)):
            return True
        place = head.find(NEEDLE, place + 1)
    return False


def refuse_other(path: Path, kind: ArchiveKind) -> None:
    """Raise :class:`ArchiveUnknown` when ``path`` cannot be of the kind that somebody says it is."""
    refuse_missing(path)
    folders = (ArchiveKind.MAILDIR, ArchiveKind.FOLDER)
    if path.is_dir() and kind not in folders:
        raise ArchiveUnknown(f"{shown(path)} is a folder, and a file was expected.", todo=f"Give a file. {_UNDERSTOOD}")
    if not path.is_dir() and kind in folders:
        raise ArchiveUnknown(
            f"{shown(path)} is a file, and a folder was expected.", todo=f"Give a folder. {_UNDERSTOOD}"
        )
    if kind is ArchiveKind.MAILDIR and not any(room.maildir for room in rooms(path)):
        raise ArchiveUnknown(
            f"{shown(path)} is no Maildir: neither it nor a folder in it has both cur and new.",
            todo="Give the folder that has cur and new in it; for .eml files or mbox files, say so instead.",
        )
    if kind is ArchiveKind.ZIP and not read_head(path, 4).startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise ArchiveUnknown(f"{shown(path)} is no zip file.", todo=_UNDERSTOOD)
    if kind is ArchiveKind.MBOX_GZIP and not read_head(path, 2).startswith(GZIP_MAGIC):
        raise ArchiveUnknown(f"{shown(path)} is no gzip file.", todo=_UNDERSTOOD)
