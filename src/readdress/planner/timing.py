"""When an account can be worked on: limits spread over time, cooling-off, waits already running (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from readdress.planner.access import Cap, Path, Service
from readdress.planner.situation import Holding


@dataclass(frozen=True, slots=True)
class Timing:
    """``at``: the next possible moment (``None``: now). ``takes``: the waiting that the route brings with it, at least. ``because``: ``wait``, ``limit``, ``rest``."""

    at: datetime | None = None
    takes: timedelta = timedelta(0)
    because: str = ""


def timing(holding: Holding, path: Path, now: datetime) -> Timing:
    """When the rest of the route can begin, and how long it waits on the way.

    A rest of the recipe and the route's own cooling before OLD is removed may overlap: the longer counts.
    """
    left = [s for s in path.steps if s not in holding.done]
    starts: list[tuple[datetime, str]] = []
    if holding.wait_until is not None and holding.wait_until > now:
        starts.append((holding.wait_until, "wait"))
    spread = timedelta(0)
    for cap in holding.service.caps:
        wanted = sum(1 for s in left if s in cap.of)
        if wanted:
            times = slots(cap, holding.uses.get(cap.id, ()), wanted, now)
            if left[0] in cap.of and times[0] > now:
                starts.append((times[0], "limit"))
            spread = max(spread, times[-1] - max(now, times[0]) if left[0] in cap.of else times[-1] - now)
    if left:
        starts += [(end, "rest") for end in _rests(holding.service, left[0], holding) if end > now]
    at, because = max(starts, default=(None, ""), key=lambda s: s[0])
    rests = sum((r.lasts for r in holding.service.rests if r.after in left and r.closed & set(left)), timedelta(0))
    cooling = path.cooling if path.removes and any(s in left for s in path.steps) else timedelta(0)
    return Timing(at, max(rests, cooling) + spread, because)


def slots(cap: Cap, uses: Sequence[datetime], wanted: int, now: datetime) -> list[datetime]:
    """The earliest moments at which ``wanted`` more uses fit under the cap, with what was used already."""
    times = sorted(u for u in uses if u + cap.within > now)
    found: list[datetime] = []
    for _ in range(wanted):
        free = now if len(times) < cap.count else max(now, times[-cap.count] + cap.within)
        free = max([free, *found[-1:]])
        times.append(free)
        found.append(free)
    return found


def _rests(service: Service, step: str, holding: Holding) -> list[datetime]:
    return [
        holding.done[rest.after] + rest.lasts
        for rest in service.rests
        if step in rest.closed and rest.after in holding.done
    ]
