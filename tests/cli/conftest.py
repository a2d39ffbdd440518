"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.process import Migrate


@pytest.fixture
def migrate(tmp_path: Path) -> Iterator[Migrate]:
    """The command, with an empty data folder."""
    made = Migrate(tmp_path)
    yield made
    made.close()


@pytest.fixture
def unchanged() -> Callable[[Path], Callable[[], None]]:
    """Remember a file; what comes back, called later, checks that not a byte of it differs, and that no lock or journal was left beside it."""

    def remember(path: Path) -> Callable[[], None]:
        before = path.read_bytes()
        beside = {p.name for p in path.parent.iterdir()}

        def check() -> None:
            assert path.read_bytes() == before
            assert {p.name for p in path.parent.iterdir()} - {"markers"} <= beside

        return check

    return remember
