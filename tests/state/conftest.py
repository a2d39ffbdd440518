"""What the tests of the state file share: a clock that is turned by hand, and files whose markers stay in the test's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readdress.models import Address
from readdress.state import StateFile

OLD, NEW = Address("ann", "example.com"), Address("ann", "example.net")


class HandClock:
    """Time that moves one second a look, and further when told."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder / "ann.readdress"


@pytest.fixture
def markers(tmp_path: Path) -> Path:
    return tmp_path / "data" / "markers"


@pytest.fixture
def state(path: Path, markers: Path, clock: HandClock) -> Iterator[StateFile]:
    """A fresh state file, open for writing."""
    with StateFile.create(path, OLD, NEW, clock=clock, markers=markers) as made:
        yield made


@pytest.fixture
def opened(path: Path, markers: Path, clock: HandClock) -> Callable[..., StateFile]:
    """Opens the test's file (or another one) with the test's clock and markers."""

    def open_(at: Path | None = None, *, write: bool = True, markers: Path = markers) -> StateFile:
        return StateFile.open(at or path, clock=clock, write=write, markers=markers)

    return open_
