"""Reads the header fields of whole mailboxes: all folders, only what is new, many commands on the way, resumable after every batch.

One :class:`~readdress.mailbox.connect.Connection` carries it: it signs in, lists and opens folders (EXAMINE), and its socket carries the bulk
read meanwhile. Where nothing is new a folder costs one STATUS, and all of them travel together. Where the line is slow, compression is
switched on if the server offers it, and more ranges are kept on the way: round trips decide there, not octets.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from readdress.mailbox.bulk_fetch import FIELDS, HeaderStream, Row
from readdress.mailbox.bulk_plan import End, chosen, ends, ranges
from readdress.mailbox.bulk_wire import Wire, compress
from readdress.mailbox.connect import Connection
from readdress.mailbox.presets import pace_of
from readdress.mailbox.trouble import MailboxRefused, translated
from readdress.models.inventory import ScanMark

__all__ = ["FIELDS", "Batch", "Progress", "Row", "scan"]

SLOW_LINE = 0.010
"""Seconds of one round trip from which a line counts as slow: compression pays, and more has to be on the way."""
DEPTH, SLOW_DEPTH = 3, 8
_WORTH_IT = 500
_SECONDS_TO_OPEN = 300.0

Progress = Callable[[str, int, int], None]
"""Called as (folder, messages read, messages to read); the second number is an upper bound."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some messages of one folder. Whoever counts ``rows`` must write ``mark`` down in the same transaction, or neither.

    ``mark`` says that every message below its ``uidnext`` has been handed out; ``restart``: the folder is not the one that the last mark
    spoke of (UIDVALIDITY changed, RFC 9051 §2.3.1.1), so what was counted in it is void. ``refused``: the folder cannot be read, and the
    server's words why; then there is nothing to count or to write down.
    """

    folder: str
    uidvalidity: int
    mark: ScanMark
    rows: list[Row] = field(repr=False)
    restart: bool = False
    refused: str = ""


def scan(
    connection: Connection,
    source: str,
    marks: Mapping[str, ScanMark],
    *,
    folders: Sequence[str] | None = None,
    progress: Progress | None = None,
    compression: bool = True,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Batch]:
    r"""The messages of all folders (or of ``folders``) that ``marks`` (by folder) do not cover yet, in ascending UIDs.

    ``source`` goes into the marks. Nothing comes for a folder with nothing new; a folder that is new and empty gives one batch without rows.
    ``compression``: may be asked for, where it helps. ``sleep`` waits between folders where the provider wants them apart.

    Raises :class:`~readdress.errors.MailboxError` when the server or the line fails; every batch that has come by then is good, and the
    next scan goes on from its mark. If the iterator is closed early, the connection is closed with it: commands may be under way.
    """
    run = _Scan(connection, source, sleep, progress)
    yield from run.all(folders, marks, compression=compression)


class _Scan:
    """One pass over one mailbox."""

    def __init__(
        self, connection: Connection, source: str, sleep: Callable[[float], None], progress: Progress | None
    ) -> None:
        self._connection = connection
        self._source = source
        self._sleep = sleep
        self._progress = progress
        self._pace = pace_of(connection.config)
        self._depth = 1 if self._pace.turns else DEPTH
        self._opened = 0.0

    def all(
        self, folders: Sequence[str] | None, marks: Mapping[str, ScanMark], *, compression: bool
    ) -> Iterator[Batch]:
        begin = time.perf_counter()
        names = chosen(self._connection.folders()) if folders is None else list(folders)
        round_trip = time.perf_counter() - begin if folders is None else 1.0
        with self._bulk() as wire:
            modseq = not self._connection.capabilities.isdisjoint({"CONDSTORE", "QRESYNC"})
            begin = time.perf_counter()
            # a server tells of the open folder what this session has seen of it, even when it is another one by now
            closed = [name for name in names if name != self._connection.selected]
            known = ends(wire, closed, modseq=modseq, **({"at_once": 1} if self._pace.turns else {}))
            asked = time.perf_counter() - begin
        todo = [name for name in names if not _nothing_new(known.get(name), marks.get(name))]
        ahead = sum(_ahead(known[name], marks.get(name)) if name in known else _WORTH_IT for name in todo)
        # both answers took at least one round trip; a busy server may have kept one of them back
        if min(round_trip, asked) > SLOW_LINE and ahead >= _WORTH_IT:
            self._slow_line(compression=compression)
        for name in todo:
            mark, end = marks.get(name), known.get(name)
            if end and end.uidnext and end.uidvalidity and not end.messages:
                yield self._empty(name, mark, end)  # nothing to open it for
            else:
                yield from self._folder(name, mark, end)

    def _empty(self, folder: str, mark: ScanMark | None, end: End) -> Batch:
        same = mark is not None and mark.uidvalidity == end.uidvalidity
        counted = mark.messages if mark and same else 0
        upto = max(end.uidnext, mark.uidnext) if mark and same else end.uidnext
        reached = ScanMark(self._source, folder, end.uidvalidity, upto, end.modseq, counted, done=True)
        return Batch(folder, end.uidvalidity, reached, [], restart=mark is not None and not same)

    def _slow_line(self, *, compression: bool) -> None:
        if not self._pace.turns:
            self._depth = SLOW_DEPTH
        if compression and "COMPRESS=DEFLATE" in self._connection.capabilities:
            with translated(self._connection.config):
                compress(self._connection._guard)  # noqa: SLF001 - the same adapter; the socket has no public way

    def _folder(self, folder: str, mark: ScanMark | None, end: End | None) -> Iterator[Batch]:
        if self._pace.turns and self._opened:
            self._sleep(max(0.0, self._opened + self._pace.steady - time.monotonic()))
        self._opened = time.monotonic()
        guard = self._connection._guard  # noqa: SLF001 - the same adapter
        usual, guard.seconds = guard.seconds, max(guard.seconds, _SECONDS_TO_OPEN)  # a server may index a folder first
        try:
            opened = self._connection.examine(folder)
        except MailboxRefused as error:
            nowhere = mark or ScanMark(self._source, folder, 0, 1)
            yield Batch(folder, nowhere.uidvalidity, nowhere, [], refused=error.message)
            return
        finally:
            guard.seconds = usual
        validity, uidnext = opened.mark.uidvalidity, opened.mark.uidnext
        if _nothing_new(End(uidnext, validity), mark):
            return
        restart = mark is not None and mark.uidvalidity != validity
        first, counted = (mark.uidnext, mark.messages) if mark and not restart else (1, 0)
        modseq = end.modseq if end and end.uidvalidity == validity else 0
        total = counted + min(opened.exists, max(uidnext - first, 0))
        rows: list[Row] = []
        with self._bulk() as wire:
            stream = HeaderStream(wire, validity)
            plan = ranges(wire, max(first, 1), uidnext, opened.exists)
            part = next(plan, None)
            while part or stream.pending:
                part = self._top_up(stream, plan, part)
                done = stream.next()
                part = self._top_up(stream, plan, part)  # the server works on while the caller counts
                rows = done.rows
                counted += len(rows)
                if part or stream.pending:
                    reached = ScanMark(self._source, folder, validity, done.last + 1, 0, counted)
                    yield Batch(folder, validity, reached, rows, restart)
                    restart = False
                    if self._progress:
                        self._progress(folder, counted, max(total, counted))
        last = ScanMark(self._source, folder, validity, max(uidnext, first), modseq, counted, done=True)
        yield Batch(folder, validity, last, rows, restart)
        if self._progress:
            self._progress(folder, counted, counted)

    def _top_up(
        self, stream: HeaderStream, plan: Iterator[tuple[int, int, int]], part: tuple[int, int, int] | None
    ) -> tuple[int, int, int] | None:
        while part and stream.pending < self._depth:
            stream.ask(*part)
            part = next(plan, None)
        return part

    @contextmanager
    def _bulk(self) -> Iterator[Wire]:
        """The socket for the bulk reader. On any way out but the ordinary one the connection is closed: answers may still be under way."""
        wire = Wire(self._connection._guard)  # noqa: SLF001 - the same adapter
        try:
            with translated(self._connection.config):
                wire.take()
                yield wire
                wire.give_back()
        except BaseException:
            self._connection.abandon()
            raise


def _nothing_new(end: End | None, mark: ScanMark | None) -> bool:
    if not end or not mark or not end.uidnext or not end.uidvalidity:
        return False
    return mark.done and mark.uidvalidity == end.uidvalidity and end.uidnext <= mark.uidnext


def _ahead(end: End, mark: ScanMark | None) -> int:
    before = mark.uidnext if mark and mark.uidvalidity == end.uidvalidity else 1
    return min(end.messages, max(end.uidnext - before, 0)) if end.uidnext else end.messages
