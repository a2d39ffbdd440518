"""Measures what one durable step costs: a recorded commit against a bare append and fsync on the same disk, in the same run.

Run ``python benchmarks/durable_step.py [--rounds N] [--folder DIR]``. The folder must be on the disk that is meant: on a tmpfs fsync
costs nothing and the ratio says nothing. Both are measured in turn, and medians are compared, so that a busy machine hurts both alike.
The step is ``step_armed`` with two marks, as the engine records it before an act. Target: at most 7 times, and the same at any
number of accounts. Exit code 1 when the target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter

from readdress.models import Address, Draft, Evidence, Mark, Slot
from readdress.models import events as ev
from readdress.state import StateFile

TARGET = 7.0
SIZES = (100, 1_000, 10_000)


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds."""
        return monotonic()


def prepare(folder: Path, accounts: int) -> StateFile:
    """A state file with that many accounts, each with two slots, one piece of evidence and one step behind it."""
    old, new = Address("ann", "example.com"), Address("ann", "example.net")
    state = StateFile.create(folder / f"{accounts}", old, new, clock=SystemClock(), markers=folder / "markers")
    when = datetime(2026, 1, 1, tzinfo=UTC)
    drafts: list[Draft] = []
    for n in range(accounts):
        name = account(n)
        drafts.append(ev.account_added(name, f"service-{n % 300}", login=f"ann{n}", slots=[Slot.SIGN_IN, Slot.CONTACT]))
        drafts.append(
            ev.evidence_found(name, Evidence("mail", f"INBOX/{n}", "welcome", "hello@example.org", when, "d"))
        )
        drafts.append(armed(n, 0))
        if len(drafts) >= 3000:
            state.record(*drafts)
            drafts.clear()
    if drafts:
        state.record(*drafts)
    return state


def account(n: int) -> str:
    """Ids are random in earnest; these are spread over the tree in the same way."""
    return f"{n * 2654435761 % 2**32:08x}{n:08x}"


def armed(n: int, attempt: int) -> Draft:
    marks = (Mark("INBOX", 1700000000, 4200 + attempt), Mark("Junk", 1700000001, 17))
    return ev.step_armed(
        account(n), "standard", "add_address", attempt=attempt, url="https://example.org/settings/mail", marks=marks
    )


def measure(state: StateFile, accounts: int, folder: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each recorded step and of each bare append + fsync of as many bytes, taken in turn."""
    steps, bare = [], []
    fd = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for n in range(rounds + 10):
            draft = armed(n * 7919 % accounts, n)
            line = (json.dumps(dict(draft.data)) + "\n").encode()
            start = perf_counter()
            os.write(fd, line)
            os.fsync(fd)
            middle = perf_counter()
            state.record(draft)
            end = perf_counter()
            if n >= 10:  # the first few fill caches
                bare.append(middle - start)
                steps.append(end - middle)
    finally:
        os.close(fd)
    return steps, bare


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--rounds", type=int, default=400, help="steps for each number of accounts (default: %(default)s)"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path.cwd(), help="a folder on the disk to measure (default: here)"
    )
    options = parser.parse_args()
    print(f"{'accounts':>9} {'events':>8} {'append+fsync ms':>16} {'step ms':>9} {'step p90 ms':>12} {'ratio':>7}")
    ratios = []
    for accounts in SIZES:
        with TemporaryDirectory(dir=options.folder, prefix=".durable-step-") as name:
            folder = Path(name)
            with prepare(folder, accounts) as state:
                steps, bare = measure(state, accounts, folder, options.rounds)
                serial = state.header().serial
        ratio = median(steps) / median(bare)
        ratios.append(ratio)
        slow = quantiles(steps, n=10)[-1]
        print(
            f"{accounts:>9} {serial:>8} {median(bare) * 1e3:>16.3f} {median(steps) * 1e3:>9.3f} {slow * 1e3:>12.3f} {ratio:>6.2f}×"
        )
    flat = max(ratios) / min(ratios)
    print(f"target: at most {TARGET:.0f}×; worst {max(ratios):.2f}×; from the smallest to the largest {flat:.2f}×")
    return 0 if max(ratios) <= TARGET and flat <= 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
