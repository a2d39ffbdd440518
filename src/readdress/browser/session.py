"""The controlled browser as the engine uses it: the page in front, reading without waiting, secrets only on allowed origins."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as TimedOut

from readdress.browser import reading, trouble
from readdress.browser import survey as surveying
from readdress.browser.proxy import STOPPED, FilteringProxy
from readdress.browser.secret import type_checked
from readdress.browser.walls import AllowList, origin_of
from readdress.errors import BrowserError
from readdress.models import Reading, Survey

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Dialog, Frame, Locator, Page, Response

SLICE = 0.05
OPEN_TIMEOUT = 30.0
ACT_TIMEOUT = 8.0


class ControlledBrowser:
    """A running browser behind our proxy: :class:`~readdress.ports.Browser`. Used from the thread that started it only.

    Dialogs (alert, confirm, prompt, leave this page?): a handler that the recipe's function registered before its click answers first.
    Without one, or when it leaves the dialog open, those that open while a function runs are dismissed ("leave this page?" is accepted), so
    that nothing ever blocks. Those that open while the person works in a visible window stay open for the person.
    """

    def __init__(self, context: BrowserContext, proxy: FilteringProxy, *, visible: bool) -> None:
        self._context = context
        self._proxy = proxy
        self._visible = visible
        self._allowed = AllowList()
        self._closed = False
        self._pumping = False
        self._waiting_dialogs: list[Dialog] = []
        self._pages: list[Page] = []
        context.set_default_timeout(ACT_TIMEOUT * 1000)
        context.set_default_navigation_timeout(OPEN_TIMEOUT * 1000)
        for page in context.pages:
            self._follow(page)
        context.on("page", self._follow)
        context.on("close", self._gone)
        context.on("dialog", self._on_dialog)

    # -- the page in front -------------------------------------------------------------------------------------------------------

    @property
    def page(self) -> Any:
        """The page in front, a Playwright ``Page``. Follows popups and new tabs; falls back to the one before when they close.

        Raises :class:`~readdress.errors.BrowserError` when the browser is closed.
        """
        page = self._front()
        if page is None:
            raise BrowserError(trouble.CLOSED, todo=trouble.CLOSED_TODO)
        return page

    @property
    def url(self) -> str:
        """Where the page in front is; ``""`` when the browser is closed."""
        page = self._front()
        return page.url if page is not None else ""

    def alive(self) -> bool:
        """Whether the browser and a page of it are still there."""
        return self._front() is not None

    def _front(self) -> Page | None:
        if self._closed:
            return None
        while self._pages and self._pages[-1].is_closed():
            self._pages.pop()
        return self._pages[-1] if self._pages else None

    def _follow(self, page: Page) -> None:
        self._pages.append(page)
        page.on("close", self._drop)
        page.on("crash", self._drop)

    def _drop(self, page: Page) -> None:
        self._pages = [p for p in self._pages if p != page]
        self._waiting_dialogs = [d for d in self._waiting_dialogs if d.page != page]

    def _gone(self, _context: object = None) -> None:
        self._closed = True
        self._pages.clear()

    def _is_lost(self, error: Error) -> bool:
        """Whether ``error`` says that something is closed; when it is the driver, no page will ever report its own end."""
        if "connection closed" in str(error).lower():
            self._gone()
        return trouble.is_closed(error)

    # -- walls -------------------------------------------------------------------------------------------------------------------

    def allow(self, hosts: Sequence[str], assets: Sequence[str]) -> None:
        """From now on reach these hosts only. ``hosts`` may be typed into, ``assets`` only loaded."""
        self._allowed = self._proxy.allow(hosts, assets)

    def blocked(self) -> list[str]:
        """``host:port`` of requests that the allow-list stopped since the last call."""
        return self._proxy.blocked()

    def on_site(self) -> bool:
        """Whether the page in front is on one of the allowed hosts (an asset's host is not)."""
        return self._allowed.may_type(self.url)

    # -- going and waiting -------------------------------------------------------------------------------------------------------

    def open(self, url: str) -> None:
        """Go there and wait until the document is loaded, 30 s at most.

        Raises :class:`~readdress.errors.NeedsPerson` (``blocked_host``) when ``url``, or where it leads, is not on an allowed host,
        :class:`~readdress.errors.BrowserError` when it cannot be reached or the browser is gone.
        """
        if not self._allowed.may_type(url):
            raise trouble.blocked(_host_of(url), url)
        self._clear_dialogs()
        page = self._front() or self._new_page()
        failed: list[str] = []
        arrived: list[str] = []

        def on_failed(request: Any) -> None:
            if request.is_navigation_request() and request.frame == page.main_frame:
                failed.append(request.url)

        def on_arrived(frame: Frame) -> None:
            if frame == page.main_frame and frame.url.startswith("chrome-error:"):
                arrived.append(frame.url)

        page.on("requestfailed", on_failed)
        page.on("framenavigated", on_arrived)
        try:
            answer = self._go(page, url)
        except Error as error:
            if isinstance(error, TimedOut) and self._interactive(page):
                return  # The document is there; some image or beacon is not, and never will be.
            # The browser's own error page comes a moment after the failure, and would break into the next visit.
            until = time.monotonic() + 1.0
            late = "net::" in str(error) and "ERR_ABORTED" not in str(error)
            while late and not arrived and not page.is_closed() and time.monotonic() < until:
                with contextlib.suppress(Error):
                    page.wait_for_timeout(5)
            # A redirect fails at where it leads to, not at where it began.
            raise trouble.mapped(error, failed[-1] if failed else url, self._proxy.trouble) from None
        finally:
            page.remove_listener("requestfailed", on_failed)
            page.remove_listener("framenavigated", on_arrived)
        # Over plain http, what our proxy says instead of the site looks like a page.
        if answer is not None and answer.url.startswith("http:") and STOPPED in answer.headers:
            raise trouble.mapped(Error(""), page.url, self._proxy.trouble)

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until the page has loaded, pumping; ``False`` when it has not within ``timeout`` seconds."""
        until = time.monotonic() + timeout
        while (page := self._front()) is not None and not self._waiting_dialogs:
            left = until - time.monotonic()
            try:
                page.wait_for_load_state("load", timeout=max(1.0, min(SLICE, left) * 1000))
                return True
            except Error as error:
                if not isinstance(error, TimedOut) and not self._is_lost(error):
                    raise trouble.mapped(error, self.url, self._proxy.trouble) from None
            if left <= 0:
                return False
        return False

    def quiet_for(self) -> float:
        """Seconds since anything went between the browser and its sites; 0 while a request still waits for its answer."""
        return self._proxy.quiet_for()

    def pump(self, seconds: float) -> None:
        """Let the browser work for about ``seconds``, in slices of at most 0.05 s; the person's clicks are served meanwhile."""
        until = time.monotonic() + seconds
        self._pumping = True
        try:
            while True:
                left = min(SLICE, until - time.monotonic())
                page = self._front()
                if page is None:
                    time.sleep(max(0.0, left))
                else:
                    try:
                        page.wait_for_timeout(max(0.0, left) * 1000)
                    except Error as error:
                        if not self._is_lost(error):
                            raise trouble.mapped(error, self.url, self._proxy.trouble) from None
                if time.monotonic() >= until:
                    return
        finally:
            self._pumping = False

    def _go(self, page: Page, url: str) -> Response | None:
        try:
            return page.goto(url, wait_until="load", timeout=OPEN_TIMEOUT * 1000)
        except Error as error:
            if "is interrupted by another navigation" not in str(error) and "net::ERR_ABORTED" not in str(error):
                raise
            # What the click before set off arrived only now, and ours was dropped. Let it finish, then go.
            self.settle(5.0)
            return page.goto(url, wait_until="load", timeout=OPEN_TIMEOUT * 1000)

    def _interactive(self, page: Page) -> bool:
        with contextlib.suppress(Error):
            page.wait_for_load_state("domcontentloaded", timeout=1)
            return True
        return False

    def _new_page(self) -> Page:
        if self._closed:
            raise BrowserError(trouble.CLOSED, todo=trouble.CLOSED_TODO)
        try:
            page = self._context.new_page()
        except Error as error:
            raise trouble.mapped(error, "", self._proxy.trouble) from None
        if page not in self._pages:
            self._follow(page)
        return page

    # -- reading and typing ------------------------------------------------------------------------------------------------------

    def read(self, locator: Locator) -> Reading:
        """Read the part of the page that ``locator`` points at, at once: an incomplete, empty reading when it is not there yet."""
        if self._front() is None:
            raise BrowserError(trouble.CLOSED, todo=trouble.CLOSED_TODO)
        self._clear_dialogs(only_own=True)
        if self._waiting_dialogs:
            return Reading(url=self.url)  # An open dialog stops the page's scripts, ours too.
        try:
            return reading.read(locator)
        except Error as error:
            if self._is_lost(error) and self._front() is None:
                raise trouble.mapped(error, self.url, self._proxy.trouble) from None
            return Reading(url=self.url)  # The page changed under our hands: nothing was proved.

    def survey(self, where: Page | Locator, parts: Mapping[str, str], read: Sequence[str] = ()) -> Survey:
        """Read several parts at one moment; an empty survey when the page changes meanwhile or a dialog stops it."""
        if self._front() is None:
            raise BrowserError(trouble.CLOSED, todo=trouble.CLOSED_TODO)
        self._clear_dialogs(only_own=True)
        if self._waiting_dialogs:
            return Survey(url=self.url)
        try:
            return surveying.survey(where, parts, read)
        except Error as error:
            if "not a valid selector" in str(error):
                raise
            if self._is_lost(error) and self._front() is None:
                raise trouble.mapped(error, self.url, self._proxy.trouble) from None
            return Survey(url=self.url)

    def type_secret(self, locator: Locator, secret: str) -> None:
        """Type ``secret`` into the input that ``locator`` points at.

        Raises :class:`~readdress.errors.NeedsPerson` when its frame, or a frame around it, is not on an allowed host at this moment, or
        when it is not a visible input; no error holds the secret.
        """
        self._clear_dialogs()
        type_checked(locator, secret, self._allowed, self.url)

    def trouble(self, error: Exception) -> str:
        """One sentence for what a recipe's function ran into, e.g. "The button 'Add' is not on the page."."""
        return trouble.sentence(error)

    def screenshot(self, path: Path) -> None:
        """Save a picture of the page in front as PNG, mode 0600, with every field of every frame painted over."""
        page: Page = self.page
        fields = "input, textarea, select, [contenteditable]:not([contenteditable=false])"
        try:
            masks = [frame.locator(fields) for frame in page.frames if not frame.is_detached()]
            picture = page.screenshot(mask=masks, mask_color="#808080", timeout=10_000)
        except Error as error:
            raise trouble.mapped(error, self.url, self._proxy.trouble) from None
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(picture)

    # -- dialogs -----------------------------------------------------------------------------------------------------------------

    def _on_dialog(self, dialog: Dialog) -> None:
        if self._pumping and self._visible:
            self._waiting_dialogs.append(dialog)
            return
        if dialog.page is None:
            _answer(dialog)
        else:
            # The context's listeners are called before the page's, and those in order: this one comes after the recipe's.
            dialog.page.once("dialog", _answer)

    def _clear_dialogs(self, *, only_own: bool = False) -> None:
        """Dismiss what the person left open; with ``only_own``, only drop those that the person has answered."""
        still: list[Dialog] = []
        for dialog in self._waiting_dialogs:
            if not only_own:
                _answer(dialog)
            elif not self._answered(dialog):
                still.append(dialog)
        self._waiting_dialogs = still

    def _answered(self, dialog: Dialog) -> bool:
        page = dialog.page
        if page is None or page.is_closed():
            return True
        # While a dialog is open, no script runs: one that returns within a moment shows that it is gone.
        try:
            page.wait_for_function("true", timeout=100)
        except Error:
            return False
        return True


def _answer(dialog: Dialog) -> None:
    with contextlib.suppress(Error):  # Answered already, by the recipe or the person; or its page is gone.
        if dialog.type == "beforeunload":
            dialog.accept()
        else:
            dialog.dismiss()


def _host_of(url: str) -> str:
    origin = origin_of(url)
    return f"{origin[0]}:{origin[1]}" if origin else "an address that is not https"
