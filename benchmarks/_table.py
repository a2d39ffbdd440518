"""Prints figures of a benchmark: always a ratio against a peer or a limit measured in the same run."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping, Sequence


def interleaved(work: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Run each piece of work in turn, ``rounds`` times; each returns its seconds."""
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, run in work.items():
            found[name].append(run())
    return found


def show(title: str, samples: Mapping[str, Sequence[float]], base: str, bounds: Mapping[str, float]) -> None:
    """Medians in milliseconds, ratios to ``base``, and the bound where there is one."""
    print(f"\n{title}")
    unit = statistics.median(samples[base])
    for name, seconds in samples.items():
        median = statistics.median(seconds)
        bound = f"  (bound {bounds[name]}×)" if name in bounds else ""
        print(f"  {name:<34} {median * 1000:9.2f} ms   {median / unit:6.2f}×{bound}")


def load() -> str:
    """How busy the machine is, to stand beside figures: the load of the last minute on so many cores."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
