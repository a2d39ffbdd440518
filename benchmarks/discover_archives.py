"""Measures reading archives of mail: an mbox against ``cat`` and `mailbox.mbox`, a Maildir against reading 8 KB of each file; memory, equality.

Run ``python benchmarks/discover_archives.py [--messages N] [--maildir N] [--rounds N] [--folder DIR]``. 107,000 messages make an mbox of 3 GB (the
default is 20,000: 560 MB); it is removed afterwards. The bounds are on reading (every header block cut out and handed over); beside it stands
the same with the counting that ``discover`` does, in one process and in two. All are run in turn and medians are compared. Memory is what the processes hold together (PSS), sampled. Exit code 1 when
a bound is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import mailbox
import os
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

from _table import interleaved, load, show
from mailbox_make import AUTHSERV, OLD, fill_maildir, fill_mbox

from readdress.discovery.domains import org_domain
from readdress.discovery.kinds import kind_of
from readdress.discovery.recipients import Person
from readdress.discovery.tally import Counter
from readdress.mailbox.archives import Row, message_at, read_archive

TWO, ONE, MEMORY, MAILBOX, MAILDIR = 3.5, 6.5, 60.0, 50.0, 3.0
SAMPLE = 2_000
"""Messages that `mailbox.mbox` reads: it takes a millisecond and a half for each."""


class Counting:
    """What ``discover`` does with each batch; its counter is made where it runs, its modules are shared."""

    def __init__(self) -> None:
        self._counter: Any = None

    def __call__(self, folder: str, rows: list[Row]) -> Any:
        """Deltas of these rows."""
        if self._counter is None:
            self._counter = Counter(Person(OLD), kind_of, org_domain, (AUTHSERV,))
        see = self._counter.see
        for uid, header in rows:
            see(folder, uid, header)
        return self._counter.flush()


def nothing(folder: str, rows: list[Row]) -> int:
    """Reading alone: the headers are cut out and dropped."""
    return len(rows)


def seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def read(path: Path, count: Callable[..., object], workers: int) -> int:
    return sum(batch.messages for batch in read_archive(path, count=count, workers=workers))


def cat(path: Path) -> None:
    with Path(os.devnull).open("wb") as nowhere:
        subprocess.run(["cat", str(path)], stdout=nowhere, check=True)


def eight_kilobytes(folder: Path) -> None:
    with os.scandir(folder / "cur") as entries:
        for entry in entries:
            fd = os.open(entry.path, os.O_RDONLY)
            os.read(fd, 8192)
            os.close(fd)


def digest(path: Path, workers: int) -> tuple[int, str]:
    """How many messages, and one digest over all offsets and headers in order."""
    found, messages = hashlib.blake2b(), 0
    for batch in read_archive(path, count=_digests, workers=workers):
        messages += batch.messages
        for answer in batch.counted:
            for one in answer:
                found.update(one)
    return messages, found.hexdigest()


def _digests(folder: str, rows: list[Row]) -> list[bytes]:
    return [hashlib.blake2b(b"%d\0" % uid + header, digest_size=8).digest() for uid, header in rows]


def peak(work: Callable[..., object], *args: object) -> float:
    """MiB that a fresh process and its children hold together at most while it works, by PSS every 20 ms."""
    process = get_context("spawn").Process(target=work, args=args)
    process.start()
    most = 0
    done = threading.Event()

    def sample() -> None:
        nonlocal most
        while not done.is_set():
            most = max(most, sum(map(_pss, _family(process.pid or 0))))
            sleep(0.02)

    watcher = threading.Thread(target=sample)
    watcher.start()
    process.join()
    done.set()
    watcher.join()
    if process.exitcode:
        raise SystemExit("the process that was measured failed")
    return most / 1024


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


def also(name: str, value: float, bound: float, unit: str = "×") -> None:
    """A figure that shows where the time goes, with the bound that the whole aims at; it decides nothing here."""
    print(f"    {name:<50} {value:8.2f} {unit:<4} (aim {bound:g})")


def against_mailbox(folder: Path) -> tuple[float, float, bool]:
    """How many times faster than `mailbox.mbox`, alone and with the counting, and whether both find the same headers at the same octets."""
    path = folder / "sample.mbox"
    fill_mbox(path, SAMPLE)

    def theirs() -> list[tuple[int, bytes]]:
        box = mailbox.mbox(path, create=False)
        for message in box:
            message.get("From"), message.get("Subject"), message.get("Date")
        starts = [start for start, _ in box._toc.values()]
        found = [raw[: raw.find(b"\n\n") + 1] for raw in map(box.get_bytes, box.iterkeys())]
        box.close()
        return list(zip(starts, found, strict=True))

    def theirs_timed() -> None:
        box = mailbox.mbox(path, create=False)
        for message in box:
            message.get("From"), message.get("Subject"), message.get("Date")
        box.close()

    ours = [row for batch in read_archive(path) for row in batch.rows]
    same = ours == theirs() and message_at(path, ours[7][0]).startswith(ours[7][1])
    slow = seconds(theirs_timed)
    alone = statistics.median(seconds(lambda: read(path, nothing, 1)) for _ in range(9))
    counted = statistics.median(seconds(lambda: read(path, Counting(), 1)) for _ in range(5))
    path.unlink()
    return slow / alone, slow / counted, same


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--messages", type=int, default=20_000, help="in the mbox (default: %(default)s; 107000 are 3 GB)"
    )
    parser.add_argument("--maildir", type=int, default=10_000, help="files in the Maildir (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=None, help="where the archives are made (default: the system's)")
    given = parser.parse_args()
    missed = []

    def line(name: str, value: float, unit: str, bound: float, *, least: bool = False) -> None:
        good = value >= bound if least else value <= bound
        if not good:
            missed.append(name)
        print(
            f"  {name:<52} {value:8.2f} {unit:<4} (bound {'≥' if least else '≤'} {bound:g}){'' if good else '  MISSED'}"
        )

    with TemporaryDirectory(dir=given.folder, prefix="discover-archives-") as name:
        folder = Path(name)
        path = folder / "mail.mbox"
        size = fill_mbox(path, given.messages)
        cat(path)  # into the page cache
        alone = nothing
        samples = interleaved(
            {
                "cat": lambda: seconds(lambda: cat(path)),
                "reading, two processes": lambda: seconds(lambda: read(path, alone, 2)),
                "reading, one process": lambda: seconds(lambda: read(path, alone, 1)),
                "reading and counting, two processes": lambda: seconds(lambda: read(path, Counting(), 2)),
                "reading and counting, one process": lambda: seconds(lambda: read(path, Counting(), 1)),
            },
            given.rounds,
        )
        show(f"mbox, {given.messages:,} messages, {size / 1e9:.2f} GB ({load()})", samples, "cat", {})
        unit = statistics.median(samples["cat"])
        print("\nbounds")
        for kind, bound in (("two processes", TWO), ("one process", ONE)):
            line(f"mbox × cat, {kind}", statistics.median(samples[f"reading, {kind}"]) / unit, "×", bound)
            also("with the counting", statistics.median(samples[f"reading and counting, {kind}"]) / unit, bound)
        one, two = digest(path, 1), digest(path, 2)
        line("messages found of those written", 100.0 * one[0] / given.messages, "%", 100.0, least=True)
        line("two processes find what one finds (1: yes)", float(one == two), "", 1, least=True)
        for workers, who in ((1, "one process"), (2, "two processes together")):
            line(f"memory, {who}", peak(read, path, nothing, workers), "MiB", MEMORY)
            also("with the counting", peak(read, path, Counting(), workers), MEMORY, "MiB")
        path.unlink()
        times, counted, same = against_mailbox(folder)
        line(f"times faster than mailbox.mbox ({SAMPLE:,} messages)", times, "×", MAILBOX, least=True)
        also("with the counting", counted, MAILBOX)
        line("equal headers and offsets (1: yes)", float(same), "", 1, least=True)
        box = folder / "Maildir"
        fill_maildir(box, given.maildir)
        eight_kilobytes(box)
        pair = interleaved(
            {
                "8 KB of each": lambda: seconds(lambda: eight_kilobytes(box)),
                "reading": lambda: seconds(lambda: read(box, alone, 1)),
                "reading and counting": lambda: seconds(lambda: read(box, Counting(), 1)),
            },
            given.rounds,
        )
        medians = {key: statistics.median(value) for key, value in pair.items()}
        shown = f"Maildir of {given.maildir:,}, × 8 KB of each file"
        line(shown, medians["reading"] / medians["8 KB of each"], "×", MAILDIR)
        also("with the counting", medians["reading and counting"] / medians["8 KB of each"], MAILDIR)
    print(f"{'all bounds kept' if not missed else 'missed: ' + ', '.join(missed)} ({load()})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
