"""The peers of the browser benchmarks: a page in raw Playwright, and mail that is there as soon as the program has sent it."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TypeVar

from readdress.browser.launch import _ARGS
from readdress.models import Incoming, Mark, Side

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.programs.smtp import SmtpToLmtp

T = TypeVar("T")


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds."""
        return monotonic()


class RawPage:
    """A page in raw Playwright, in a thread of its own (the driver wants one): the same binary and quiet flags as ours, no proxy."""

    def __init__(self) -> None:
        self._work: queue.Queue[tuple[Callable[[Page], Any], queue.Queue[tuple[Any, BaseException | None]]] | None] = (
            queue.Queue()
        )
        self._thread = threading.Thread(target=self._run, name="raw-playwright")

    def call(self, work: Callable[[Page], T]) -> T:
        """Do something with the page and wait for it."""
        answer: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue()
        self._work.put((work, answer))
        found, error = answer.get()
        if error is not None:
            raise error
        return found  # type: ignore[no-any-return]

    def _run(self) -> None:
        from playwright.sync_api import sync_playwright

        from readdress.browser import find

        with sync_playwright() as playwright:
            binary = find.find(headless=True, own=playwright.chromium.executable_path)
            browser = playwright.chromium.launch(
                executable_path=binary, headless=True, args=list(_ARGS), chromium_sandbox=os.geteuid() != 0
            )
            page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
            while (job := self._work.get()) is not None:
                work, answer = job
                try:
                    answer.put((work(page), None))
                except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
                    answer.put((None, error))
            browser.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._work.put(None)
        self._thread.join(20)


class InstantMail:
    """Both mailboxes in memory, filled by an SMTP sink: ``readdress.ports.Mail`` without any waiting."""

    def __init__(self, sink: SmtpToLmtp) -> None:
        self.sink = sink
        self.owners: dict[Side, str] = {}
        self._from: dict[Side, int] = {}

    def reachable(self, side: Side) -> bool:
        """Always."""
        return True

    def marks(self, side: Side, timeout: float = 20.0) -> tuple[Mark, ...]:
        """The end of what has come in."""
        return (Mark("INBOX", 1, len(self.sink.mails) + 1),)

    def watch(self, side: Side, marks: Sequence[Mark], brisk: float = 30.0) -> None:
        """Look from the mark on."""
        self._from[side] = marks[0].uidnext

    def poll(self, side: Side) -> list[Incoming]:
        """What came to that side's address since."""
        if side not in self._from:
            return []
        first, owner = self._from[side], self.owners[side]
        self._from[side] = len(self.sink.mails) + 1
        now = datetime.now(UTC)
        return [
            Incoming(side, "INBOX", 1, uid, now, mail.raw, owner)
            for uid, mail in enumerate(self.sink.mails[first - 1 :], first)
            if owner in mail.recipients
        ]

    def unwatch(self, side: Side) -> None:
        """Look no longer."""
        self._from.pop(side, None)


@contextmanager
def controlled(folder: Path) -> Iterator[Any]:
    """Our controlled browser, behind its proxy."""
    from readdress.browser import Settings, launched

    with launched(Settings(profile=folder / "profile", headless=True)) as browser:
        yield browser
