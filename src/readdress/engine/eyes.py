"""Looking: a recipe's checks on the right page, with patience, and never taking a half-loaded page for a proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from readdress.engine.tools import Tools
from readdress.engine.waiting import Pump
from readdress.errors import BrowserError, ReaddressError
from readdress.models import Seen, Sight
from readdress.ports import Browser
from readdress.recipe.pack import Pack
from readdress.recipe.schema import RecipeStep, Route, StepKind

_STALE = 0.6  # seconds after an act in which an unchanged page may still be the one from before it
_QUIET = 0.1  # seconds without any traffic after which nothing of the act is under way any more
_RECENT = (
    2.0  # seconds for which a page that was loaded afresh serves the next read-back too, if nothing was done in between
)


@dataclass(slots=True)
class Eyes:
    """The looks of one run over one account. ``view`` makes the narrow step for a look's function."""

    tools: Tools
    pack: Pack
    pump: Pump
    view: Callable[[RecipeStep], Any]
    browser: Browser | None = None
    _arrived: bool = False  # a page of this run was loaded; one that an earlier run left there proves nothing
    _fresh: tuple[str, float] | None = (
        None  # the page, and when it was loaded afresh, on which something was just seen to be done
    )

    def can(self, step: RecipeStep) -> bool:
        """Whether a page can tell about this step at all."""
        return self.browser is not None and step.id in self.pack.looks

    def glance(self, step: RecipeStep) -> Sight:
        """Look at the page as it stands, without going anywhere and without waiting."""
        if self.browser is None or step.id not in self.pack.looks:
            return Sight.unknown("no page tells")
        if not self.browser.alive():
            return Sight.unknown("the browser is closed")
        if not self.browser.on_site():
            return Sight.unknown("the page is not on the service's site")
        try:
            sight = self.pack.looks[step.id](self.browser.page, self.view(step))
        except ReaddressError as error:
            return Sight.unknown(error.message)
        except Exception as error:  # noqa: BLE001 - whatever a look runs into proves nothing
            return Sight.unknown(self.browser.trouble(error))
        return sight if isinstance(sight, Sight) else Sight.unknown("the look returned no sight")

    def recognises(self, route: Route) -> bool:
        """Whether the route's ``when`` look says that this account goes that way."""
        if self.browser is None or route.when is None or route.when not in self.pack.looks:
            return False
        self._fresh = None
        if route.when_open:
            self.browser.open(route.when_open)
        return self._steady(route.step[0].model_copy(update={"id": route.when})).seen is Seen.DONE

    def before(self, step: RecipeStep) -> Sight:
        """The look before an act, on the step's own page; opens it unless it stands there already."""
        if self.browser is None:
            return Sight.unknown("no page tells")
        self.go(step)
        sight = self.glance(step)
        return self.surely(step) if sight.typed else sight

    def go(self, step: RecipeStep, *, afresh: bool = False) -> None:
        """Be on the step's page."""
        self._fresh = None
        if self.browser is not None and step.open and (afresh or not self._arrived or self.browser.url != step.open):
            self.browser.open(step.open)
            self._arrived = True

    def surely(self, step: RecipeStep) -> Sight:
        """Look on a freshly loaded page, with patience for what loads late.

        A page that was loaded afresh a moment ago, and on which nothing was done since, serves the read-backs that follow: what it proves
        for one slot it proves for the next. Only ``DONE`` is taken from it.
        """
        if not self.can(step):
            return Sight.unknown("no page tells")
        shared, self._fresh = self._fresh, None
        if shared is not None and self._serves(step, shared):
            sight = self.glance(step)
            if sight.seen is Seen.DONE and not sight.typed:
                self._fresh = shared
                return sight
        loaded = self.tools.clock.monotonic()
        try:
            self.go(step, afresh=True)
        except BrowserError as error:
            return Sight.unknown(error.message)
        sight = self._steady(step)
        if not step.open and (sight.seen is Seen.NOT_DONE or sight.typed):
            return Sight.unknown(sight.detail)  # the step has no page to load afresh: this one may be from before
        if sight.seen is Seen.DONE and step.open:
            self._fresh = (step.open, loaded)
        return sight

    def _serves(self, step: RecipeStep, shared: tuple[str, float]) -> bool:
        url, loaded = shared
        here = self.browser is not None and self.browser.url == step.open == url
        return here and step.kind is StepKind.READ_BACK and self.tools.clock.monotonic() - loaded <= _RECENT

    def here(self, step: RecipeStep) -> Sight:
        """The look after an act that gave its page to the person: once it has come to rest, and without leaving it."""
        self._fresh = None
        if self.can(step) and self.browser is not None:
            self.browser.settle(self.tools.patience.look)
        return self.glance(step)

    def after(self, step: RecipeStep) -> Sight:
        """The look after an act.

        ``DONE`` on the page where the act ended is enough, unless it rests on what an input holds. ``NOT_DONE`` counts only on a page
        loaded afresh: what stands there right after a click may be the page from before it. A page elsewhere that tells nothing is left
        as soon as nothing of the act is under way.
        """
        self._fresh = None
        if not self.can(step) or self.browser is None:
            return Sight.unknown("no page tells")
        loaded = self.browser.settle(self.tools.patience.look)
        clock = self.tools.clock
        end = clock.monotonic() + self.tools.patience.look
        stale = clock.monotonic() + _STALE
        while True:
            sight = self.glance(step)
            if (sight.seen is Seen.DONE and not sight.typed) or sight.signed_out:
                return sight
            if sight.typed:
                break
            now = clock.monotonic()
            if now >= end or (now >= stale and (sight.seen is Seen.NOT_DONE or step.open)):
                break
            if loaded and sight.seen is Seen.UNKNOWN and step.open and not _same_page(self.browser.url, step.open):
                self.pump.until(self._is_quiet, stale - now)
                break
            self.pump.breathe()
        if not step.open:
            return sight if sight.seen is Seen.UNKNOWN else Sight.unknown(sight.detail)
        return self.surely(step)

    def _is_quiet(self) -> bool | None:
        return (self.browser is None or self.browser.quiet_for() >= _QUIET) or None

    def _steady(self, step: RecipeStep) -> Sight:
        end = self.tools.clock.monotonic() + self.tools.patience.look
        while True:
            sight = self.glance(step)
            if sight.seen is not Seen.UNKNOWN or sight.signed_out or self.tools.clock.monotonic() >= end:
                return sight
            self.pump.breathe()


def _same_page(one: str, other: str) -> bool:
    return one.partition("#")[0] == other.partition("#")[0]
