"""Builds the adapters that the core is wired to, each only when it is first needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from readdress.engine.tools import Patience
    from readdress.ports import Api, Browser, Clock, KeyLookup, Mail, OwnBrowser, Person, Secrets


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


@dataclass(slots=True)
class Adapters:
    """What a migration is wired to. Everything that is left out gets the real thing.

    ``reroute`` and ``spki`` serve the contract tests: hosts that a replica on loopback stands in for, and its certificate.
    ``ask_secret(prompt)`` is called for a mailbox whose secret is asked for in each run.
    """

    person: Person | None = None
    clock: Clock | None = None
    lookup: KeyLookup | None = None
    secrets: Secrets | None = None
    mail: Mail | None = None
    own_browser: OwnBrowser | None = None
    start_browser: Callable[[Path], Browser] | None = None
    ask_secret: Callable[[str], str] | None = None
    headless: bool = False
    lang: Literal["en", "zh"] = "en"
    browser_path: str = ""
    reroute: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    spki: str = ""
    patience: Patience | None = None
    pause: bool = False
    api: Api | None = None

    def the_clock(self) -> Clock:
        """The clock."""
        if self.clock is None:
            self.clock = SystemClock()
        return self.clock

    def the_person(self) -> Person:
        """The person; an absent one when none was given."""
        if self.person is None:
            from readdress.workflow.people import AbsentPerson

            self.person = AbsentPerson()
        return self.person

    def the_lookup(self) -> KeyLookup:
        """Look-up of DKIM keys, over DNS unless one was given."""
        if self.lookup is None:
            from readdress.net.dns import KeyResolver

            self.lookup = KeyResolver()
        return self.lookup

    def the_own_browser(self) -> OwnBrowser:
        """The person's everyday browser."""
        if self.own_browser is None:
            from readdress.browser.own import EverydayBrowser

            self.own_browser = EverydayBrowser()
        return self.own_browser

    def the_api(self) -> Api:
        """Services' own interfaces, over verified TLS unless one was given."""
        if self.api is None:
            from readdress.net.api import HttpsApi

            self.api = HttpsApi()
        return self.api
