"""How one case of the recipe contract ended, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from readdress.errors import ReaddressError


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case ended. ``problem`` is empty when it ended as it should; ``seconds`` of wall time."""

    name: str
    ok: bool
    seconds: float
    problem: str = ""


def timed(name: str, work: Callable[[], str]) -> CaseResult:
    """The result of ``work``, which returns what is wrong, ``""`` when nothing is. An error of readdress is what is wrong too."""
    start = time.monotonic()
    try:
        problem = work()
    except (ReaddressError, AssertionError) as error:
        problem = f"{type(error).__name__}: {error}"
    return CaseResult(name, not problem, time.monotonic() - start, problem)
