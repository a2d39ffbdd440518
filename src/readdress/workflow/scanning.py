"""Reads mailboxes and archives into tallies, and commits what was counted together with how far it was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from readdress.discovery.results import Read
from readdress.errors import MailboxError, ReaddressError
from readdress.models import OldState, ScanMark, Side, Tally, Text
from readdress.models.events import scanned, wait_set
from readdress.models.inventory import merge

if TYPE_CHECKING:
    from readdress.discovery.recipients import Person
    from readdress.discovery.tally import Counter
    from readdress.mailbox.connect import Connection
    from readdress.models import MailboxConfig
    from readdress.workflow.migration import Migration

SOURCE_OLD = "imap:old"
COMMIT_EVERY = 2.0
"""Seconds between two commits of what was counted: a run that is killed loses at most so much work, and counts nothing twice."""
_LARGE = 256 * 1024 * 1024
ALIASES = "aliases"
"""The fact that holds the person's further addresses in the old mailbox, separated by blanks."""

Progress = Callable[[str, int, int], None]
"""Called as (what is read, how much of it, how much there is; 0 where nobody knows)."""


def person_of(m: Migration) -> Person:
    """The addresses that count as the person's."""
    from readdress.discovery.recipients import Person

    return Person(str(m.header.old), tuple(m.state.facts().get(ALIASES, "").split()))


def counter_for(m: Migration, authserv_ids: Sequence[str]) -> Counter:
    """A counter that knows the person and the mailbox's provider."""
    from readdress.discovery.domains import org_domain
    from readdress.discovery.kinds import kind_of
    from readdress.discovery.tally import Counter

    return Counter(person_of(m), kind_of, org_domain, authserv_ids, now=m.adapters.the_clock().now())


def authserv_ids(m: Migration) -> tuple[str, ...]:
    """Under which names the old mailbox's provider stamps mail, also where only an archive of it is left."""
    from readdress.mailbox.presets import authserv_ids_of
    from readdress.models import MailboxConfig

    config = m.state.mailbox(Side.OLD)
    return authserv_ids_of(config or MailboxConfig(str(m.header.old)))


class Ledger:
    """Counts of one source that are not committed yet. Call :meth:`due` after each batch, :meth:`commit` at the end of each folder."""

    def __init__(self, m: Migration, source: str) -> None:
        self._m = m
        self._source = source
        self._now = m.adapters.the_clock().monotonic
        self._last = self._now()
        self._mark: ScanMark | None = None
        self._restart = False
        self._tallies: dict[tuple[str, str], Tally] = {}

    def reached(self, mark: ScanMark, *, restart: bool = False) -> None:
        """A batch is counted up to ``mark``; another folder than before commits what the last one left."""
        if self._mark is not None and self._mark.folder != mark.folder:
            self.commit([])
        self._mark = mark
        self._restart = self._restart or restart

    def add(self, tallies: Sequence[Tally]) -> None:
        """Counted elsewhere (by a process that reads a part of an archive)."""
        for tally in tallies:
            key = (tally.org, tally.to)
            before = self._tallies.get(key)
            self._tallies[key] = merge(before, tally) if before else tally

    def due(self) -> bool:
        """Whether it is time to commit."""
        return self._now() - self._last >= COMMIT_EVERY

    def commit(self, counted: Sequence[Tally]) -> None:
        """Write the counts and the mark, in one transaction."""
        self.add(counted)
        if self._mark is not None:
            self._m.record(scanned(self._mark, list(self._tallies.values()), restart=self._restart))
        self._tallies, self._mark, self._restart, self._last = {}, None, False, self._now()


def read_mailbox(m: Migration, connection: Connection, progress: Progress | None = None) -> Read:
    """Read what is new in every folder of the old mailbox. An error that ends it early is in the result; what was read until then is kept."""
    from readdress.mailbox.bulk import scan
    from readdress.mailbox.presets import authserv_ids_of

    marks = {folder: mark for (_, folder), mark in m.state.scan_marks(SOURCE_OLD).items()}
    read = Read(SOURCE_OLD, connection.config.address)
    counter = counter_for(m, authserv_ids_of(connection.config))
    ledger = Ledger(m, SOURCE_OLD)
    folder = ""
    try:
        for batch in scan(connection, SOURCE_OLD, marks, progress=progress):
            if batch.refused:
                read.troubles.append((batch.folder, batch.refused))
                continue
            if batch.folder != folder:
                if folder:
                    ledger.commit(counter.flush())
                folder = batch.folder
                read.folders += 1
            for uid, header in batch.rows:
                counter.see(folder, uid, header)
            read.messages += len(batch.rows)
            ledger.reached(batch.mark, restart=batch.restart)
            if counter.full or ledger.due():
                ledger.commit(counter.flush())
    except MailboxError as error:
        read.error = error
        rest_if_limited(m, connection.config, error)
    ledger.commit(counter.flush())
    return read


def rest_if_limited(m: Migration, config: MailboxConfig, error: MailboxError) -> None:
    """Where the provider says that it was asked too often: a durable wait, so that no further login makes it worse."""
    from datetime import timedelta

    from readdress.mailbox.presets import pace_of
    from readdress.mailbox.trouble import too_often

    if too_often(error):
        until = m.adapters.the_clock().now() + timedelta(seconds=pace_of(config).login_wait)
        m.record(
            wait_set("", "time", f"The mailbox {config.address} was asked too often.", step="discover", until=until)
        )


def resting(m: Migration) -> datetime | None:
    """Until when the old mailbox is left alone; ``None`` when it may be asked."""
    wait = m.state.wait("")
    now = m.adapters.the_clock().now()
    return (
        wait.until
        if wait is not None and wait.step == "discover" and wait.until is not None and wait.until > now
        else None
    )


class CountRows:
    """Counts the rows of an archive where they are read. In another process each answer holds what was counted; here :meth:`flush` does."""

    def __init__(self, counter: Counter, *, elsewhere: bool) -> None:
        self._counter = counter
        self._elsewhere = elsewhere
        self._folder = ""
        self._before: list[Tally] = []  # of the folder before: tallies know no folder

    def __call__(self, folder: str, rows: Sequence[tuple[int, bytes]]) -> list[Tally]:
        """Count these rows."""
        if folder != self._folder:
            self._before += self._counter.flush()
            self._folder = folder
        for uid, header in rows:
            self._counter.see(folder, uid, header)
        return self._counter.flush() if self._elsewhere else []

    @property
    def full(self) -> bool:
        """Whether a flush is due to keep memory bounded."""
        return self._counter.full

    def flush(self, *, folder_ended: bool = False) -> list[Tally]:
        """What was counted here since the last flush: of the present folder, or of the one before it."""
        if folder_ended:
            before, self._before = self._before, []
            return before
        return self._counter.flush()


def read_archive_file(m: Migration, path: Path, kind: str = "", progress: Progress | None = None) -> Read:
    """Read what is new in an archive. An error that ends it early is in the result; one that shows at once (no archive at all) is raised."""
    import os

    from readdress.discovery.domains import org_domain
    from readdress.mailbox.archives import ArchiveKind, read_archive, source_name

    wanted = ArchiveKind(kind) if kind else None
    source = source_name(path, wanted)
    known = m.state.scan_marks(source)
    read = Read(source, path.name)
    ledger = Ledger(m, source)
    workers = 2 if path.is_file() and path.stat().st_size > _LARGE and (os.cpu_count() or 1) > 1 else 1

    def tell(done: int, total: int) -> None:
        if progress:
            progress(path.name, done, total)

    count = CountRows(counter_for(m, authserv_ids(m)), elsewhere=workers > 1)
    folders: set[str] = set()
    folder = None
    org_domain("example.com")  # the suffix list is read before further processes are made, not once in each
    try:
        for batch in read_archive(path, kind=wanted, mark=known.values(), count=count, workers=workers, progress=tell):
            if batch.folder != folder:
                ledger.commit(count.flush(folder_ended=True))
                folder = batch.folder
                folders.add(folder)
            read.messages += batch.messages
            read.troubles += batch.troubles
            ledger.reached(batch.mark, restart=batch.restart)
            for counted in batch.counted:
                ledger.add(counted)
            if ledger.due() or count.full:
                ledger.commit(count.flush())
    except ReaddressError as error:
        if not read.messages and not known:
            raise
        read.error = error
    ledger.commit(count.flush())
    read.folders = len(folders)
    return read


def sums(found: Sequence[tuple[str, str, Tally]]) -> list[Tally]:
    """The tallies of all folders and sources together: folders of one source add up; of two sources the larger count stands.

    An archive holds mostly what the mailbox holds. Where it holds other mail too, this counts too little, never too much.
    """
    by_source: dict[tuple[str, str, str], Tally] = {}
    for source, _, tally in found:
        key = (source, tally.org, tally.to)
        before = by_source.get(key)
        by_source[key] = merge(before, tally) if before else tally
    total: dict[tuple[str, str], Tally] = {}
    for (_, org, to), tally in by_source.items():
        other = total.get((org, to))
        total[org, to] = _larger(other, tally) if other else tally
    return list(total.values())


def _larger(a: Tally, b: Tally) -> Tally:
    both = merge(a, b)
    return replace(
        both,
        counts={kind: max(a.counts.get(kind, 0), b.counts.get(kind, 0)) for kind in both.counts},
        sure={kind: max(a.sure.get(kind, 0), b.sure.get(kind, 0)) for kind in both.sure},
        listed=max(a.listed, b.listed),
    )


def backup_first(m: Migration) -> Text | None:
    """What comes before all else while the old mailbox lives and may die: saving it. ``None`` where it was saved, or cannot be any more."""
    state, until = m.state.old_state()
    if state == OldState.DEAD or m.state.mailbox(Side.OLD) is None or m.state.facts().get("backup"):
        return None
    when = f" ({until:%Y-%m-%d})" if until else ""
    return Text(
        f"While the old mailbox can still be read{when}, save all of it first: migrate backup DIR",
        f"趁旧邮箱还能读取{when}，请先把全部邮件保存下来：migrate backup 文件夹",
    )


Marks = Mapping[tuple[str, str], ScanMark]
