"""A clock that goes like the machine's and can be moved ahead, so that days pass at once while browsers go on in real time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class ShiftingClock:
    """Implements ``readdress.ports.Clock``: real time plus an offset that only grows."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The shifted present, aware, UTC."""
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        """Real seconds: patience is not shifted."""
        return time.monotonic()

    def reach(self, moment: datetime) -> None:
        """Let time pass until just after ``moment``."""
        self.offset += max(timedelta(), moment - self.now()) + timedelta(seconds=1)
