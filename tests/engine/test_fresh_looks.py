"""A page that was loaded afresh serves the read-backs right after it, and nothing else: what saves loads must never save a proof."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from readdress.engine.eyes import Eyes
from readdress.engine.tools import Patience
from readdress.models import Seen, Sight
from readdress.recipe.schema import StepKind

PAGE = "https://service.example.com/emails"


class Clock:
    """Turned by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def monotonic(self) -> float:
        return self.at


class OnePage:
    """Counts how often it was loaded."""

    page = None

    def __init__(self, clock: Clock) -> None:
        self.clock, self.url, self.loads, self.pumped, self.quiet = clock, "about:blank", 0, 0, 60.0

    def alive(self) -> bool:
        return True

    def on_site(self) -> bool:
        return True

    def open(self, url: str) -> None:
        self.url, self.loads = url, self.loads + 1

    def settle(self, timeout: float = 5.0) -> bool:
        return True

    def pump(self, seconds: float) -> None:
        self.pumped += 1
        self.clock.at += seconds

    def quiet_for(self) -> float:
        return self.quiet

    def trouble(self, error: Exception) -> str:
        return str(error)


def eyes(**sights: Sight) -> tuple[Eyes, OnePage]:
    clock = Clock()
    browser = OnePage(clock)
    tools: Any = SimpleNamespace(clock=clock, patience=Patience(look=1.0))
    pump: Any = SimpleNamespace(breathe=lambda: browser.pump(0.02))

    def until(watch: Any, patience: float) -> Any:
        end = clock.at + patience
        while (found := watch()) is None and clock.at < end:
            browser.pump(0.02)
        return found

    pump.until = until
    pack: Any = SimpleNamespace(looks={name: (lambda page, s, sight=sight: sight) for name, sight in sights.items()})
    return Eyes(tools, pack, pump, lambda step: None, browser), browser  # type: ignore[arg-type]


def a_step(name: str, kind: StepKind = StepKind.READ_BACK, url: str = PAGE) -> Any:
    return SimpleNamespace(id=name, kind=kind, open=url)


def test_read_backs_of_one_page_share_its_load() -> None:
    """Both slots are read from the same fresh page."""
    look, browser = eyes(one=Sight.done("there"), two=Sight.done("there"))
    assert look.surely(a_step("one")).seen is look.surely(a_step("two")).seen is Seen.DONE
    assert browser.loads == 1


def test_only_done_is_taken_from_a_shared_page() -> None:
    """What the shared page does not prove is looked for on a page of its own."""
    look, browser = eyes(one=Sight.done("there"), two=Sight.not_done("gone"))
    look.surely(a_step("one"))
    assert look.surely(a_step("two")).seen is Seen.NOT_DONE
    assert browser.loads == 2


def test_an_act_ends_the_sharing() -> None:
    """Going to a step's page comes before every act, the look after it follows: either ends it."""
    for between in (lambda e: e.go(a_step("act", StepKind.ACT)), lambda e: e.after(a_step("act", StepKind.ACT))):
        look, browser = eyes(one=Sight.done("there"), two=Sight.done("there"), act=Sight.done("there"))
        look.surely(a_step("one"))
        between(look)
        look.surely(a_step("two"))
        assert browser.loads == 2


def test_an_older_page_another_page_and_another_kind_are_loaded_afresh() -> None:
    """Two seconds, the same address, read-backs only."""
    for step, later in (
        (a_step("two"), 3.0),
        (a_step("two", url=PAGE + "/2"), 0.0),
        (a_step("two", StepKind.ACT), 0.0),
    ):
        look, browser = eyes(one=Sight.done("there"), two=Sight.done("there"))
        look.surely(a_step("one"))
        browser.clock.at += later
        look.surely(step)
        assert browser.loads == 2


def test_a_page_elsewhere_is_left_once_nothing_is_under_way() -> None:
    """While a request waits for its answer the act may still be going on: the page is kept, as long as ever."""
    for quiet, most in ((60.0, 0.1), (0.0, 1.0)):
        look, browser = eyes(act=Sight.unknown("nothing here"))
        browser.url, browser.quiet = PAGE + "/welcome", quiet
        began = browser.clock.at
        opened: list[float] = []
        browser.open = lambda url, b=browser, o=opened, t=began: (setattr(b, "url", url), o.append(b.clock.at - t))  # type: ignore[method-assign]
        look.after(a_step("act", StepKind.ACT))
        assert opened[0] <= most
        assert quiet or opened[0] >= 0.6
