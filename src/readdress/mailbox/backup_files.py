"""Writes messages into a backup: each as an .eml file, or into one mbox for each folder; never half a message under a final name."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from readdress.mailbox.backup_store import BackupError, Saved, Store, writing

SYNC_OCTETS = 8 * 1024 * 1024
SYNC_MESSAGES = 100
_CHUNK = 1024 * 1024
_QUOTE = re.compile(rb"^(>*From )", re.MULTILINE)
_BINARY = getattr(os, "O_BINARY", 0)
_FRESH = os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | _BINARY


class Writer(Protocol):
    """Takes one folder's messages."""

    def message(self, uid: int, octets: bytes, received: datetime | None) -> None:
        """Save a message that is in memory."""

    def begin(self, uid: int) -> None:
        """A large message begins; one at a time."""

    def more(self, octets: bytes) -> None:
        """Its next piece."""

    def end(self, received: datetime | None) -> int:
        """It is whole: save it; how many octets it has."""

    def drop(self) -> None:
        """It will not become whole."""

    def close(self, *, whole: bool) -> None:
        """Make everything durable. ``whole``: the folder is complete."""


class _Spool:
    """A large message on its way, in a file under a name that is not final."""

    def __init__(self, path: Path, uid: int) -> None:
        self.path, self.uid = path, uid
        self.file: IO[bytes] = os.fdopen(os.open(path, _FRESH, 0o600), "w+b")
        self.digest = hashlib.sha256()
        self.size = self.lines = self.crlf = 0
        self._cr = False

    def add(self, octets: bytes) -> None:
        self.file.write(octets)
        self.digest.update(octets)
        self.size += len(octets)
        self.lines += octets.count(b"\n")
        self.crlf += octets.count(b"\r\n") + (self._cr and octets.startswith(b"\n"))
        self._cr = octets.endswith(b"\r") if octets else self._cr

    def close(self) -> None:
        self.file.close()
        self.path.unlink(missing_ok=True)


class _Base:
    def __init__(self, store: Store, saved: Saved) -> None:
        self._store, self._saved = store, saved
        self._path = store.target / saved.path
        self._spool: _Spool | None = None
        self._octets = self._messages = 0

    def begin(self, uid: int) -> None:
        self.drop()
        folder = self._path if self._path.is_dir() else self._path.parent
        with writing(self._store.target):
            self._spool = _Spool(folder / f".{uid:010d}.part", uid)

    def more(self, octets: bytes) -> None:
        assert self._spool is not None
        with writing(self._store.target):
            self._spool.add(octets)

    def drop(self) -> None:
        if self._spool is not None:
            with suppress(OSError):
                self._spool.close()
            self._spool = None

    def _note(self, uid: int, size: int, digest: str, more: dict[str, object]) -> None:
        self._store.note({"in": self._saved.number, "uid": uid, "size": size, "sha256": digest, **more})
        end = more.get("end", 0)
        self._saved.add(uid, size, end if isinstance(end, int) else 0)
        self._octets += size
        self._messages += 1
        if self._octets >= SYNC_OCTETS or self._messages >= SYNC_MESSAGES:
            self._sync()
            self._octets = self._messages = 0

    def _sync(self) -> None:
        self._store.sync()


class EmlWriter(_Base):
    """``UID.eml``, its octets as the server gave them, its time the one when the server received it."""

    def message(self, uid: int, octets: bytes, received: datetime | None) -> None:
        """See :class:`Writer`."""
        with writing(self._store.target):
            part = self._path / f".{uid:010d}.part"
            fd = os.open(part, _FRESH, 0o600)
            try:
                _write_all(fd, octets)
                os.fsync(fd)
            except BaseException:
                os.close(fd)
                part.unlink(missing_ok=True)
                raise
            os.close(fd)
            self._settle(part, uid, received)
            self._note(uid, len(octets), hashlib.sha256(octets).hexdigest(), {})

    def end(self, received: datetime | None) -> int:
        """See :class:`Writer`."""
        spool = self._spool
        assert spool is not None
        with writing(self._store.target):
            spool.file.flush()
            os.fsync(spool.file.fileno())
            spool.file.close()
            self._settle(spool.path, spool.uid, received)
            self._note(spool.uid, spool.size, spool.digest.hexdigest(), {})
        self._spool = None
        return spool.size

    def close(self, *, whole: bool) -> None:  # noqa: ARG002 - see Writer
        """See :class:`Writer`."""
        self.drop()
        with writing(self._store.target):
            self._sync()

    def _settle(self, part: Path, uid: int, received: datetime | None) -> None:
        if received is not None:
            with suppress(OSError, OverflowError):
                os.utime(part, (received.timestamp(), received.timestamp()))
        part.replace(self._path / eml_name(uid))

    def _sync(self) -> None:
        _sync_folder(self._path)
        super()._sync()


class MboxWriter(_Base):
    r"""One mbox (mboxrd): each line ``>*From `` quoted by one more ``>``; lines end in ``\n`` where all of the message ended in ``\r\n``.

    ``eol`` in the manifest says which, so that size and digest of the original can be had again. While it is written it has the name
    with ``.part`` at its end; what a kill left behind the last noted message is cut off.
    """

    def __init__(self, store: Store, saved: Saved) -> None:
        super().__init__(store, saved)
        self._part = self._path.with_name(self._path.name + ".part")
        with writing(store.target):
            if self._path.exists() and not self._part.exists():
                self._path.replace(self._part)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | _BINARY
            self._fd = os.open(self._part, flags, 0o600)
            here = os.fstat(self._fd).st_size
            saved.keep([end <= here for end in saved.ends])  # a file that was cut off is filled again
            self._at = max(saved.ends, default=0)
            os.ftruncate(self._fd, self._at)
            os.lseek(self._fd, self._at, os.SEEK_SET)

    def message(self, uid: int, octets: bytes, received: datetime | None) -> None:
        """See :class:`Writer`."""
        crlf = octets.count(b"\n") == octets.count(b"\r\n") and b"\n" in octets
        body = _QUOTE.sub(rb">\1", octets.replace(b"\r\n", b"\n") if crlf else octets)
        tail = b"\n" if body.endswith(b"\n") else b"\n\n"
        with writing(self._store.target):
            _write_all(self._fd, b"".join((_separator(received), body, tail)))
            self._done(uid, len(octets), hashlib.sha256(octets).hexdigest(), crlf=crlf)

    def end(self, received: datetime | None) -> int:
        """See :class:`Writer`."""
        spool = self._spool
        assert spool is not None
        crlf = spool.lines == spool.crlf and spool.lines > 0
        with writing(self._store.target):
            spool.file.seek(0)
            _write_all(self._fd, _separator(received))
            last = b""
            for lines in _whole_lines(spool.file):
                body = _QUOTE.sub(rb">\1", lines.replace(b"\r\n", b"\n") if crlf else lines)
                _write_all(self._fd, body)
                last = body
            _write_all(self._fd, b"\n" if last.endswith(b"\n") else b"\n\n")
            self._done(spool.uid, spool.size, spool.digest.hexdigest(), crlf=crlf)
        self.drop()
        return spool.size

    def close(self, *, whole: bool) -> None:
        """See :class:`Writer`."""
        self.drop()
        try:
            with writing(self._store.target):
                self._sync()
                if whole:
                    self._part.replace(self._path)
                    _sync_folder(self._path.parent)
        finally:
            os.close(self._fd)

    def _done(self, uid: int, size: int, digest: str, *, crlf: bool) -> None:
        self._at = os.lseek(self._fd, 0, os.SEEK_CUR)
        self._note(uid, size, digest, {"end": self._at, "eol": "crlf" if crlf else "as it is"})

    def _sync(self) -> None:
        os.fsync(self._fd)
        super()._sync()


def writer(store: Store, saved: Saved) -> Writer:
    """The writer of the store's form."""
    return MboxWriter(store, saved) if store.form == "mbox" else EmlWriter(store, saved)


def eml_name(uid: int) -> str:
    """A message's file name: sorts by UID."""
    return f"{uid:010d}.eml"


def check_files(store: Store, saved: Saved) -> int:
    """Forget saved messages whose file is gone or has another size, so that they are saved again; how many."""
    before = len(saved.uids)
    path = store.target / saved.path
    if store.form == "mbox":
        part = path.with_name(path.name + ".part")
        here = max((p.stat().st_size for p in (path, part) if p.is_file()), default=0)
        saved.keep([end <= here for end in saved.ends])
    else:
        sizes = {}
        with suppress(OSError), os.scandir(path) as entries:
            for entry in entries:
                if entry.name.endswith(".eml") and entry.name[:-4].isdigit() and entry.is_file(follow_symlinks=False):
                    sizes[int(entry.name[:-4])] = entry.stat(follow_symlinks=False).st_size
        saved.keep([sizes.get(uid) == size for uid, size in zip(saved.uids, saved.sizes, strict=True)])
    return before - len(saved.uids)


def _separator(received: datetime | None) -> bytes:
    when = received or datetime(1970, 1, 1, tzinfo=UTC)
    return f"From MAILER-DAEMON {time.asctime(when.astimezone(UTC).timetuple())}\n".encode("ascii")


def _whole_lines(file: IO[bytes]) -> Iterator[bytes]:
    """The file in chunks that begin at a line's beginning, and never part a CR from its LF."""
    rest = b""
    while chunk := file.read(_CHUNK):
        chunk = rest + chunk
        cut = chunk.rfind(b"\n") + 1
        if not cut and len(chunk) > 16 * _CHUNK:
            raise BackupError(
                "A message has a line of more than 16 MB, which an mbox cannot hold.", todo="Use --form eml."
            )
        if cut:
            yield chunk[:cut]
        rest = chunk[cut:]
    if rest:
        yield rest


def _write_all(fd: int, octets: bytes) -> None:
    view = memoryview(octets)
    while view:
        view = view[os.write(fd, view) :]


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # where folders cannot be opened, renames are as durable as they get
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
