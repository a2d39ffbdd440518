"""Reads one large mbox with several processes: each takes every n-th segment, and the results come in the order of the file."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from readdress.mailbox.archives.mbox import CHECK, WINDOW, windows
from readdress.mailbox.archives.model import Batch, Count, Job, Row
from readdress.mailbox.archives.streams import Plain, size_of
from readdress.mailbox.archives.trouble import ArchiveError, shown
from readdress.models.inventory import ScanMark

SEGMENT = 32 * 1024 * 1024
"""Octets that one process takes at a time; as much has to be read again after a kill."""
SMALL = 3 * SEGMENT
"""A file with less left to read is not worth the start of processes."""
_ROWS = 1000
"""Rows that are held before they are counted: several processes hold them at a time."""
_Answer = tuple[list[Row], list[Any], int, int, int] | ArchiveError


def paired(job: Job, folder: str, at: int, before: int, *, restart: bool) -> Iterator[Batch]:
    """Batches from the octet ``at`` to the present end of the file, the same messages as one process finds.

    A batch is a segment. ``before``: messages that earlier runs counted.
    """
    end = size_of(job.path)
    starts = range(at, end, SEGMENT)
    crew = [_Worker(job, folder, starts[k :: job.workers], end) for k in range(job.workers)]
    messages = before
    try:
        for number, start in enumerate(starts):
            answer = crew[number % job.workers].answer()
            if isinstance(answer, ArchiveError):
                raise answer
            rows, counted, found, reached, check = answer
            messages += found
            last = start + SEGMENT >= end
            mark = ScanMark(job.source, folder, check, reached, messages=messages, done=last)
            job.tell(reached, end)
            yield Batch(folder, mark, rows, counted=counted, restart=restart, messages=found)
            restart = False
    finally:
        for worker in crew:
            worker.close()


class _Worker:
    """One process and the pipe that it answers on."""

    def __init__(self, job: Job, folder: str, starts: range, end: int) -> None:
        # forking is quick, and safe while there is no other thread that could hold a lock
        forks = sys.platform == "linux" and threading.active_count() == 1
        context = multiprocessing.get_context("fork" if forks else "spawn")
        self._name = job.path
        self._ours, theirs = context.Pipe(duplex=False)
        ours = (
            self._ours if forks else None
        )  # a forked process must let go of its copy, or it would never see us go away
        self._process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=_work, args=(job.path, folder, starts, end, job.count, theirs, ours), daemon=True
        )
        self._process.start()
        theirs.close()

    def answer(self) -> _Answer:
        try:
            found: _Answer = self._ours.recv()
        except (EOFError, OSError):
            return ArchiveError(
                f"A process that was reading {shown(self._name)} has ended (out of memory, or it was stopped). What was read is kept.",
                todo="Run the same command again; it goes on from there.",
            )
        return found

    def close(self) -> None:
        self._ours.close()
        self._process.terminate()
        self._process.join(5)
        self._process.close()


def _work(
    path: Path, folder: str, starts: range, end: int, count: Count | None, out: Connection, ours: Connection | None
) -> None:
    """The other process: read each segment and send what was found."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to everybody; the first process decides what to do
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    if ours is not None:
        ours.close()
    gc.freeze()  # what was there before the fork stays shared: the collector would write to all of it
    parent = os.getppid()
    with suppress(BrokenPipeError, ConnectionError):
        for start in starts:
            if os.getppid() != parent:
                return
            try:
                answer: _Answer = _segment(path, folder, start, min(start + SEGMENT, end), count)
            except ArchiveError as error:
                out.send(error)
                return
            out.send(answer)


def _segment(path: Path, folder: str, start: int, stop: int, count: Count | None) -> _Answer:
    first = max(0, start - CHECK)
    stream = Plain(path, first)
    try:
        before = b""
        while len(before) < start - first and (more := stream.read(start - first - len(before))):
            before += more
        rows: list[Row] = []
        counted: list[Any] = []
        found, at, check = 0, start, 0
        for window in windows(stream, start, before, stop, WINDOW // 2):
            at, check = window.at, window.check
            found += len(window.rows)
            rows += window.rows
            if count is not None and len(rows) >= _ROWS:
                counted.append(count(folder, rows))
                rows = []
    finally:
        stream.close()
    if count is None:
        return rows, [], found, at, check
    if rows:
        counted.append(count(folder, rows))
    return [], counted, found, at, check
