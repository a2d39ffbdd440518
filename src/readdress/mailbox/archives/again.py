"""Gives single messages of an archive again, by folder and number; cheap for many of them where they are asked for in rising order."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from readdress.mailbox.archives.files import GZIP_MAGIC
from readdress.mailbox.archives.folders import Places
from readdress.mailbox.archives.lines import AHEAD
from readdress.mailbox.archives.mbox import Forward, message_in
from readdress.mailbox.archives.model import MESSAGE_CAP, ArchiveKind
from readdress.mailbox.archives.recognise import recognise
from readdress.mailbox.archives.single import whole_file
from readdress.mailbox.archives.streams import GZIP, Inflated, Plain, read_head
from readdress.mailbox.archives.trouble import ArchiveError, readable, shown
from readdress.mailbox.archives.unzip import Checked, Zip
from readdress.mailbox.archives.zips import member_message


class Messages:
    """The messages of one archive, to be opened one by one. Use as a context manager; ``cap``: octets of a message that are given.

    A packed mbox is unpacked up to the message; the next one goes on from there if it lies behind it, and begins anew if it lies before.
    Names of a folder are listed once. In a folder that has changed since it was read a number may stand for another message: compare the header.
    """

    def __init__(self, path: str | Path, *, kind: ArchiveKind | None = None, cap: int = MESSAGE_CAP) -> None:
        self._path, self._cap = Path(path), cap
        self._kind = kind or recognise(self._path)
        self._box = ""
        self._open: Plain | Inflated | Checked | None = None
        self._forward: Forward | None = None
        self._folder: tuple[str, Places] | None = None
        self._zip: Zip | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open."""
        if self._open is not None:
            self._open.close()
        self._open = self._forward = None

    def get(self, uid: int, folder: str = "") -> bytes:
        """Header, blank line and body of a message, at most ``cap`` octets; an mbox's quoting is undone. Raises :class:`ArchiveError`."""
        found = self._find(uid, folder)
        if found is None:
            raise ArchiveError(
                f"The message {uid} of {shown(folder or self._path)} is not there any more.",
                todo="Read the archive once more.",
            )
        return found

    def _find(self, uid: int, folder: str) -> bytes | None:
        if self._kind in (ArchiveKind.MBOX, ArchiveKind.MBOX_GZIP):
            return self._from_mbox(self._path, "", uid)
        if self._kind is ArchiveKind.ZIP:
            return self._from_zip(uid, folder)
        if self._kind in (ArchiveKind.MAILDIR, ArchiveKind.FOLDER):
            if folder and (box := self._path / folder).is_file():
                return self._from_mbox(box, folder, uid)
            return self._from_folder(uid, folder)
        with readable(self._path):
            return whole_file(str(self._path.resolve()), self._cap)

    def _from_folder(self, uid: int, folder: str) -> bytes | None:
        if self._folder is None or self._folder[0] != folder:
            with readable(self._path):
                self._folder = folder, Places(self._path, folder)
        file = self._folder[1].file(uid)
        if file is None:
            return None
        with readable(Path(file)):
            return whole_file(file, self._cap)

    def _from_zip(self, uid: int, folder: str) -> bytes | None:
        self._zip = archive = self._zip or Zip(self._path)
        if folder:
            return self._from_mbox(self._path, folder, uid)
        member = next(islice(archive.members(), uid, None), None)
        return None if member is None else member_message(archive, member, self._cap)

    def _from_mbox(self, path: Path, name: str, uid: int) -> bytes | None:
        for fresh in (False, True):
            if (fresh or self._forward is None or self._box != name) and not self._begin(path, name, uid):
                return None
            assert self._forward is not None
            octets = self._forward.at(uid, self._cap + AHEAD)
            if octets is not None:
                return message_in(octets, self._cap, name or path.name)
        return None

    def _begin(self, path: Path, name: str, uid: int) -> bool:
        """Open an mbox, plain ones at the message itself."""
        self.close()
        self._box = name
        if self._zip is not None:
            member = next((m for m in self._zip.members() if m.name == name), None)
            if member is None:
                return False
            self._open = self._zip.open(member)
            self._forward = Forward(self._open)
        elif read_head(path, 2) == GZIP_MAGIC:
            self._open = Inflated(Plain(path), GZIP, path.name)
            self._forward = Forward(self._open)
        else:
            self._open = Plain(path, uid)
            self._forward = Forward(self._open, uid)
            self._box = "\0"  # seeking is quicker than reading on
        return True


def message_at(
    path: str | Path, uid: int, *, folder: str = "", kind: ArchiveKind | None = None, cap: int = MESSAGE_CAP
) -> bytes:
    """One message again, by folder and number as a batch gave them; see :class:`Messages`, which is quicker for several."""
    with Messages(path, kind=kind, cap=cap) as messages:
        return messages.get(uid, folder)
