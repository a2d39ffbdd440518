"""What the kind of a new subject costs: two million of them are judged in one scan of a big mailbox.

The limit is stated for the machine that measured it and scaled by a calibration loop run beside it, so that a slow or busy machine does not fail it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parseaddr

from readdress.discovery import kind_of
from tests.corpus.build import load

LIMIT = 12e-6
"""Seconds of processor time a new subject, where the calibration's step takes :data:`STEP`. The aim is 8 µs; it is not met yet."""
STEP = 100e-9
MARGIN = 1.5


def _best(work: Callable[[], object], number: int) -> float:
    """Processor seconds per item, the best of seven runs: other processes only ever add to it."""
    best = 9e9
    for _ in range(7):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best / number


def test_a_new_subject_costs_a_few_microseconds() -> None:
    """Subjects of all ten languages; a third of them with a number that no subject before had, as orders and codes have."""
    rows = [(s.subject, *parseaddr(s.sender)) for half in ("dev", "wide") for s in load(half)]
    for subject, name, address in rows:
        kind_of(subject, sender=address, name=name)
    fresh = iter(range(10**6, 10**9, 7919))

    def judge() -> None:
        for number, (subject, name, address) in enumerate(rows):
            kind_of(f"{subject} {next(fresh)}" if number % 3 == 0 else subject, sender=address, name=name)

    cost = _best(judge, len(rows))
    step = _best(lambda: [len(str(number)) for number in range(50_000)], 50_000)
    allowed = LIMIT * MARGIN * max(1.0, step / STEP)
    print(f"\n{cost * 1e6:.1f} µs a subject; calibration {step * 1e9:.0f} ns; allowed {allowed * 1e6:.1f} µs")
    assert cost <= allowed
