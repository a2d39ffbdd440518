"""What the engine is given: its ports, its patience, and what a run ends in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from readdress.models import Verdict
from readdress.ports import Api, Browser, Clock, Journal, KeyLookup, Mail, OwnBrowser, Person, Secrets


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the engine waits for what, in seconds, before it makes a durable wait of it. ``None``: for ever."""

    mail: float | None = 180.0
    person: float | None = None
    look: float = 5.0
    look_every: float = 1.0
    slice: float = 0.02
    brisk: float = 30.0


@dataclass(slots=True)
class Tools:
    """The ports of one run. ``browser`` starts the controlled browser on first use and returns the same one afterwards.

    ``pause``: ask the person to go on before each act, so that they can watch. ``api``: how services' own interfaces are reached; without
    it such steps are the person's.
    """

    journal: Journal
    clock: Clock
    person: Person
    mail: Mail
    secrets: Secrets
    lookup: KeyLookup
    browser: Callable[[], Browser]
    own_browser: OwnBrowser
    lang: Literal["en", "zh"] = "en"
    patience: Patience = field(default_factory=Patience)
    pause: bool = False
    api: Api | None = None


class Ended(StrEnum):
    """How a run over one account ended."""

    DONE = "done"
    NOTHING_TO_DO = "nothing_to_do"
    NEEDS_PERSON = "needs_person"
    NEEDS_TIME = "needs_time"
    NEEDS_MAIL = "needs_mail"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run over one account, with what to do next."""

    account: str
    service: str
    ended: Ended
    verdict: Verdict
    message: str = ""
    todo: str = ""
    until: datetime | None = None

    @property
    def exit_code(self) -> int:
        """0 done, 1 refused, 3 stopped for the person, 4 waiting for time or mail."""
        return {
            Ended.DONE: 0,
            Ended.NOTHING_TO_DO: 0,
            Ended.REFUSED: 1,
            Ended.NEEDS_PERSON: 3,
            Ended.NEEDS_TIME: 4,
            Ended.NEEDS_MAIL: 4,
        }[self.ended]
