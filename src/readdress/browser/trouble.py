"""Turns what the browser library raises into our errors, and into one sentence that a person understands."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as TimedOut

from readdress.browser.walls import target_of
from readdress.errors import BrowserError, NeedsPerson, ReaddressError

Reached = Callable[[str, int], tuple[str, str]]
"""``(host, port)`` → why the proxy did not reach it: a reason and a few words; empty strings when it did."""

CLOSED = "The browser window was closed."
CLOSED_TODO = "Start the command again: it goes on where it stopped."
_NET = re.compile(r"net::(ERR_[A-Z0-9_]+)")
_NET_WORDS = {
    "ERR_TUNNEL_CONNECTION_FAILED": "the connection was refused",
    "ERR_PROXY_CONNECTION_FAILED": "readdress's own proxy has stopped",
    "ERR_NAME_NOT_RESOLVED": "its name was not found",
    "ERR_INTERNET_DISCONNECTED": "there is no network",
    "ERR_NETWORK_CHANGED": "the network changed",
    "ERR_CONNECTION_REFUSED": "the connection was refused",
    "ERR_CONNECTION_RESET": "the connection broke off",
    "ERR_CONNECTION_CLOSED": "the connection broke off",
    "ERR_EMPTY_RESPONSE": "it answered nothing",
    "ERR_CONNECTION_TIMED_OUT": "no answer in time",
    "ERR_TIMED_OUT": "no answer in time",
    "ERR_TOO_MANY_REDIRECTS": "it sends the browser round in circles",
    "ERR_INVALID_AUTH_CREDENTIALS": "readdress's own proxy was not recognised",
    "ERR_UNSAFE_PORT": "browsers do not use that port",
    "ERR_ABORTED": "the page was not loaded (a download, or another page came first)",
}
_ROLE = re.compile(r"get_by_role\(\"?(\w+)\"?(?:, name=(?:re\.compile\()?r?([\"'])(.*?)\2)?")
_BY = re.compile(r"get_by_(label|text|placeholder|title|alt_text|test_id)\((?:re\.compile\()?r?([\"'])(.*?)\2")
_BY_JS = re.compile(r"getBy(Label|Text|Placeholder|Title|AltText|TestId)\((['\"/])(.*?)\2")
_ROLE_JS = re.compile(r"getByRole\('(\w+)'(?:, \{ name: (['\"/])(.*?)\2)?")
_CSS = re.compile(r"(?:waiting for |[Ll]ocator: )?locator\(([\"'])(.*?)\1\)")
_KINDS = {
    "textbox": "field",
    "combobox": "list",
    "listbox": "list",
    "checkbox": "box to tick",
    "radio": "choice",
    "heading": "heading",
}


def is_closed(error: BaseException) -> bool:
    """Whether ``error`` says that the page, its browser or the driver is gone."""
    if not isinstance(error, Error):
        return False
    text = str(error)
    return type(error).__name__ == "TargetClosedError" or any(
        mark in text
        for mark in (
            "has been closed",
            "Target crashed",
            "Page crashed",
            "Connection closed",
            "Browser closed",
            "Page closed",
        )
    )


def mapped(error: Exception, url: str, reached: Reached) -> ReaddressError:
    """Our error for one of Playwright's that was raised on the way to ``url``."""
    if isinstance(error, ReaddressError):
        return error
    if is_closed(error):
        crashed = "crashed" in str(error)
        return BrowserError("The page crashed." if crashed else CLOSED, todo=CLOSED_TODO)
    origin = target_of(url)
    where = origin[0] if origin else "the page"
    if isinstance(error, TimedOut):
        return BrowserError(
            f"{where} did not load in time.", todo="Look at the network connection, then go on with: migrate resume"
        )
    if not isinstance(error, Error):
        return BrowserError(f"The browser failed ({type(error).__name__}).", todo=CLOSED_TODO)
    reason, detail = reached(origin[0], origin[1]) if origin else ("", "")
    if reason in {"blocked", "private"}:
        return blocked(f"{origin[0]}:{origin[1]}" if origin else where, url, detail)
    found = _NET.search(str(error))
    if found and (found[1].startswith("ERR_CERT") or found[1].startswith("ERR_SSL")):
        return BrowserError(
            f"The connection to {where} is not safe: its certificate does not verify ({found[1]}).",
            todo="Do not go on from this network; try again from another one.",
        )
    if found or detail:
        words = detail or _NET_WORDS.get(found[1] if found else "", found[1] if found else "it failed")
        return BrowserError(
            f"{where} could not be reached: {words}.",
            todo="Look at the network connection, then go on with: migrate resume",
        )
    return BrowserError(f"The browser failed on {where}: {first_line(error)}", todo=CLOSED_TODO)


def blocked(where: str, url: str, detail: str = "") -> NeedsPerson:
    """The error for a host that the allow-list stopped."""
    return NeedsPerson(
        f"readdress did not go to {where}: {detail or 'it is not one of the hosts of this recipe'}.",
        kind="blocked_host",
        url=url,
        todo="Do this step by hand in your own browser, if you know that host.",
    )


def sentence(error: Exception) -> str:
    """What a recipe's function ran into, as one sentence without a technical trace. Never quotes what was typed."""
    if isinstance(error, ReaddressError):
        return error.message
    if is_closed(error):
        return CLOSED
    if not isinstance(error, Error):
        return f"The recipe's function failed ({type(error).__name__}: {first_line(error)})."
    text = str(error)
    what = control(text)
    if "strict mode violation" in text:
        return f"{what} is on the page more than once."
    if "intercepts pointer events" in text:
        return f"{what} is covered by something else on the page."
    if "element is not enabled" in text or "element is disabled" in text:
        return f"{what} is there, but cannot be used yet (it is greyed out)."
    if "element is not editable" in text or "is not an <input>" in text:
        return f"{what} is there, but nothing can be typed into it."
    if "element is not visible" in text:
        return f"{what} is hidden."
    if "outside of the viewport" in text:
        return f"{what} is outside of the window."
    if "waiting for event" in text:
        return "Something that the recipe waited for did not happen on the page."
    if _NET.search(text):
        found = _NET.search(text)
        return f"The page was not loaded: {_NET_WORDS.get(found[1] if found else '', 'the connection failed')}."
    if isinstance(error, TimedOut):
        return f"{what} is not on the page."
    if "Execution context was destroyed" in text or "not attached" in text or "detached" in text:
        return f"{what} went away while it was being used: the page changed."
    return f"The page could not be worked with: {first_line(error)}"


def control(text: str) -> str:
    """The control that an error's text is about, in words: ``the button 'Add'``."""
    for pattern in (_ROLE, _ROLE_JS):
        found = pattern.search(text)
        if found:
            kind = _KINDS.get(found[1], found[1])
            return f"The {kind} '{found[3]}'" if found[3] else f"The {kind}"
    found = _BY.search(text) or _BY_JS.search(text)
    if found:
        kind = {"label": "field", "placeholder": "field", "text": "text"}.get(found[1].lower(), "control")
        return f"The {kind} '{found[3]}'"
    found = _CSS.search(text)
    return f"The control {found[2]}" if found else "The control that the recipe looks for"


def first_line(error: BaseException) -> str:
    """The first line of an error's text, shortened; a call log, which may hold what was typed, is left out."""
    lines = str(error).split("Call log:")[0].strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:160].rstrip(".") + ("" if not lines else ".")
