"""The one pumped wait: the page, the person's keys and the mail are watched together, and nothing blocks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from readdress.engine.tools import Tools
from readdress.models import Answer, Question
from readdress.ports import Browser

T = TypeVar("T")


@dataclass(slots=True)
class Pump:
    """Waits for the first of: an answer of the person, something that is watched for, the end of patience."""

    tools: Tools
    browser: Browser | None = None

    def breathe(self) -> None:
        """One slice of waiting, in which the browser goes on working."""
        seconds = self.tools.patience.slice
        if self.browser is not None and self.browser.alive():
            self.browser.pump(seconds)
        else:
            time.sleep(seconds)

    def until(self, watch: Callable[[], T | None], patience: float | None) -> T | None:
        """Wait until ``watch`` finds something; ``None`` once ``patience`` seconds are over (``None``: for ever)."""
        end = None if patience is None else self.tools.clock.monotonic() + patience
        while True:
            found = watch()
            if found is not None:
                return found
            if end is not None and self.tools.clock.monotonic() >= end:
                return None
            self.breathe()

    def ask(
        self, question: Question, watch: Callable[[], T | None] | None = None, every: float = 0.0
    ) -> Answer | T | None:
        """Post ``question`` and wait for its answer, or for ``watch`` (called every so many seconds) to make it needless.

        Returns the answer, what ``watch`` found, or ``None`` when the person's patience (:class:`Patience`) is over.
        """
        person = self.tools.person
        person.post(question)
        next_look = 0.0

        def either() -> Answer | T | None:
            nonlocal next_look
            answer = person.poll()
            if answer is not None and answer.question == question.id:
                return answer
            now = self.tools.clock.monotonic()
            if watch is not None and now >= next_look:
                next_look = now + every
                return watch()
            return None

        found = cast("Answer | T | None", self.until(either, self.tools.patience.person))
        if not isinstance(found, Answer):
            person.withdraw(question.id)
        return found
