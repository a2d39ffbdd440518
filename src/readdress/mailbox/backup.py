"""Saves a whole mailbox read-only while it still lives: every folder, resumable, checked against the server at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from readdress.errors import MailboxError, MailboxLies, MailboxLogin, MailboxUntrusted
from readdress.mailbox.backup_files import Writer, check_files, writer
from readdress.mailbox.backup_report import BackupProgress, BackupReport, FolderReport, Progress, compare
from readdress.mailbox.backup_store import BackupError, Saved, Store
from readdress.mailbox.backup_wire import PIECE, BackupConnection, Listing
from readdress.mailbox.connect import Credential
from readdress.mailbox.folders import list_folders
from readdress.mailbox.trouble import MailboxRefused, too_often
from readdress.models import MailboxConfig

Form = Literal["eml", "mbox"]
PAUSES = (2.0, 10.0, 30.0)
"""Seconds before signing in again after the connection broke; counted anew whenever a message was saved in between."""
_ROUNDS = 4


class BackupStopped(BackupError):
    """The mailbox cannot be read any further now. ``report`` says what is saved."""

    def __init__(self, message: str, *, todo: str = "", report: BackupReport | None = None) -> None:
        super().__init__(message, todo=todo)
        self.report = report


@dataclass(slots=True)
class _Room:
    """One folder in this run."""

    saved: Saved
    listing: Listing
    anew: bool
    refused: set[int] = field(default_factory=set)
    grown: dict[int, int] = field(default_factory=dict)

    def missing(self) -> Iterator[tuple[int, int]]:
        """(UID, size) of what is to be fetched."""
        for uid, size in zip(self.listing.uids, self.listing.sizes, strict=True):
            if uid not in self.refused and self.saved.size(uid) is None:
                yield uid, self.grown.get(uid, size)

    def asked(self, uid: int) -> int:
        """How long a message was thought to be."""
        return self.grown.get(uid) or self.listing.sizes[self.listing.uids.index(uid)]


def backup(
    config: MailboxConfig,
    secret: Credential,
    target: Path,
    *,
    form: Form = "eml",
    progress: Progress | None = None,
    seconds: float = 120.0,
    pauses: tuple[float, ...] = PAUSES,
) -> BackupReport:
    """Save every folder of a mailbox into ``target``, which is new, empty, or an earlier backup of the same mailbox, which is then completed.

    ``form``: ``eml`` (a folder of ``UID.eml`` for each folder) or ``mbox`` (mboxrd, one for each folder). Nothing on the server is changed (EXAMINE,
    BODY.PEEK). Files are 0600, folders 0700. A kill at any moment loses at most the message in flight; the same call goes on. ``seconds``: how long the server
    may take for one message. Raises :class:`BackupStopped` (the mailbox cannot be read any further; what was saved stays), :class:`BackupError`
    (disk, folder), :class:`~readdress.errors.MailboxError` before anything was read.
    """
    if form not in ("eml", "mbox"):
        raise BackupError(f"{form!r} is no form of a backup: eml or mbox.", todo="Choose one of these.")
    run = _Run(config, secret, progress, seconds, pauses)
    with (
        BackupConnection(config, secret, seconds=seconds) as connection,  # before anything is made on the disk
        Store(target, form, config.address, config.host) as store,
    ):
        return run.all(store, connection)


class _Run:
    def __init__(
        self,
        config: MailboxConfig,
        secret: Credential,
        progress: Progress | None,
        seconds: float,
        pauses: tuple[float, ...],
    ) -> None:
        self._config, self._secret = config, secret
        self._progress, self._seconds, self._pauses = progress, seconds, pauses
        self._fetched = self.fresh = 0
        self._total = (0, 0)
        self._done = (0, 0)
        self._rooms: dict[str, _Room] = {}
        self._troubles: dict[str, str] = {}

    def all(self, store: Store, connection: BackupConnection) -> BackupReport:
        """Every folder, with new connections where one breaks."""
        failures, before = 0, 0
        current: BackupConnection | None = connection
        while True:
            try:
                if current is None:
                    current = BackupConnection(self._config, self._secret, seconds=self._seconds)
                self._pass(store, current)
                return self._report(store)
            except MailboxError as error:
                if self.fresh > before:
                    failures, before = 0, self.fresh
                final = isinstance(error, (MailboxLogin, MailboxUntrusted, MailboxLies)) or too_often(error)
                if final or failures >= len(self._pauses):
                    raise self._stopped(store, error) from None
                time.sleep(self._pauses[failures])
                failures += 1
            finally:
                if current is not None and current is not connection:
                    current.abandon()
                current = None

    def _pass(self, store: Store, connection: BackupConnection) -> None:
        names = [f.name for f in list_folders(connection) if f.selectable]
        names.sort(key=lambda name: name.upper() != "INBOX")  # the rest in the server's order
        for name in names:
            self._look(store, connection, name)
        self._measure()
        store.check_room(self._total[1] - self._done[1])
        for _ in range(_ROUNDS):
            for name in names:
                if name in self._rooms:
                    self._save(store, connection, name)
            # once more over all of it: what came meanwhile, what the server said wrong, what is not there on the disk
            for name in names:
                self._look(store, connection, name)
            self._measure()
            if not any(True for room in self._rooms.values() for _ in room.missing()):
                return

    def _look(self, store: Store, connection: BackupConnection, name: str) -> None:
        """List a folder as it is now."""
        try:
            examined = connection.examine(name)
            listing = connection.listing(examined.exists)
        except MailboxRefused as error:
            self._troubles[name] = error.message
            self._rooms.pop(name, None)
            return
        saved, anew = store.folder(name, examined.mark.uidvalidity)
        before = self._rooms.get(name)
        check_files(store, saved)
        room = _Room(saved, listing, anew)
        if before is not None and before.saved is saved:
            room.refused, room.grown, room.anew = before.refused, before.grown, before.anew
        self._rooms[name] = room
        self._troubles.pop(name, None)

    def _measure(self) -> None:
        rooms = self._rooms.values()
        messages, octets = sum(len(room.saved.uids) for room in rooms), sum(sum(room.saved.sizes) for room in rooms)
        self._done = messages, octets
        for room in rooms:
            for _, size in room.missing():
                messages += 1
                octets += size
        self._total = messages, octets
        self._tell("")

    def _save(self, store: Store, connection: BackupConnection, name: str) -> None:
        room = self._rooms[name]
        wanted = next(room.missing(), None) is not None
        if not wanted and room.saved.uids:
            return
        if wanted and connection.examine(name).mark.uidvalidity != room.saved.uidvalidity:
            return  # numbered anew since it was listed: the next look sees it
        out = writer(store, room.saved)
        whole = False
        try:
            self._fetch(connection, room, out)
            whole = True
        finally:
            out.close(whole=whole)

    def _fetch(self, connection: BackupConnection, room: _Room, out: Writer) -> None:
        open_uid = 0
        for piece in connection.bodies(room.missing()):
            uid = piece.uid
            if piece.octets is None:
                if open_uid == uid:
                    out.drop()
                    open_uid = 0
                if piece.longer:
                    room.grown[uid] = 4 * room.asked(uid) + 4 * PIECE
                else:
                    room.refused.add(uid)
                continue
            self._fetched += len(piece.octets)
            if piece.first and piece.last:
                out.message(uid, piece.octets, piece.received)
                self._count(room, len(piece.octets))
                continue
            if piece.first:
                out.begin(uid)
                open_uid = uid
            if open_uid != uid:
                continue  # an earlier piece of it was missing
            out.more(piece.octets)
            if piece.last:
                self._count(room, out.end(piece.received))
                open_uid = 0
            else:
                self._tell(room.saved.name)

    def _count(self, room: _Room, octets: int) -> None:
        self.fresh += 1
        self._done = self._done[0] + 1, self._done[1] + octets
        self._tell(room.saved.name)

    def _tell(self, folder: str) -> None:
        if self._progress is not None:
            messages, octets = self._done
            of_messages, of_octets = self._total
            self._progress(BackupProgress(folder, messages, of_messages, octets, max(octets, of_octets), self._fetched))

    # -- the end
    def _stopped(self, store: Store, error: MailboxError) -> BackupStopped:
        count = sum(len(f.uids) for f in store.folders)
        return BackupStopped(
            f"{error.message} {count} messages are saved in {store.target}.",
            todo=f"{error.todo} The same command then goes on where it stopped.",
            report=self._report(store),
        )

    def _report(self, store: Store) -> BackupReport:
        reports = []
        for name, room in self._rooms.items():
            reports.append(compare(name, room.saved, room.listing, room.refused, anew=room.anew))
        for name, trouble in self._troubles.items():
            reports.append(FolderReport(name, "", trouble=trouble))
        seen = {id(room.saved) for room in self._rooms.values()}
        for saved in store.folders:
            if id(saved) not in seen:  # numbered anew since, or no longer on the server
                octets, gone = sum(saved.sizes), len(saved.uids)
                reports.append(FolderReport(saved.name, saved.path, messages=gone, octets=octets, gone=gone))
        return BackupReport(store.target, store.form, tuple(reports), self.fresh)


__all__ = [
    "BackupError",
    "BackupProgress",
    "BackupReport",
    "BackupStopped",
    "FolderReport",
    "Form",
    "Progress",
    "backup",
]
