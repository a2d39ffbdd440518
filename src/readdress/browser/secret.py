"""Types a secret into a page: only into a visible input whose frames all stand on allowed origins, checked at the moment of typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error

from readdress.browser import trouble
from readdress.browser.walls import AllowList
from readdress.errors import BrowserError, NeedsPerson

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Locator

TYPES = frozenset({"text", "password", "email", "tel", "number", "search", "url"})

# location is unforgeable in browsers, so a page cannot lie about its origin here; the handle stays bound to this very document.
_LOOK = """
el => ({
  tag: el.tagName, type: el.type || '', url: el.ownerDocument.location.href, origin: el.ownerDocument.defaultView.origin,
  action: el.form && el.form.hasAttribute('action') ? HTMLFormElement.prototype.__lookupGetter__('action').call(el.form) : '',
  foreign: el.namespaceURI !== 'http://www.w3.org/1999/xhtml'
})
"""


def type_checked(locator: Locator, secret: str, allowed: AllowList, url: str) -> None:
    """Type ``secret`` where ``locator`` points. Raises :class:`NeedsPerson` (never with the secret in it) when that is not safe."""
    try:
        handle = locator.element_handle()
        _check(handle, allowed)
        _type(handle, secret)
    except Error as error:
        # The library's own message quotes what was typed: only the kind of trouble goes on.
        if trouble.is_closed(error):
            raise BrowserError(trouble.CLOSED, todo=trouble.CLOSED_TODO) from None
        raise _refuse(
            "The field for the secret is not on the page, or cannot be typed into.", url, "page_changed"
        ) from None


def _check(handle: ElementHandle, allowed: AllowList) -> None:
    found: Any = handle.evaluate(_LOOK)
    if found["tag"] != "INPUT" or found["foreign"] or found["type"] not in TYPES:
        raise _refuse("The place for the secret is not an input field.", found["url"], "page_changed")
    if not allowed.may_type(found["url"]) or not allowed.may_type(found["origin"]):
        raise _refuse(
            "The field for the secret stands on a page outside of the service's hosts.", found["url"], "left_site"
        )
    frame = handle.owner_frame()
    while frame is not None:
        if not allowed.may_type(frame.evaluate("location.href")):
            raise _refuse(
                "The field for the secret stands inside a page outside of the service's hosts.", frame.url, "left_site"
            )
        frame = frame.parent_frame
    if found["action"] and not found["action"].startswith("javascript:") and not allowed.may_type(found["action"]):
        raise _refuse(
            "The form around the field would send the secret outside of the service's hosts.", found["url"], "left_site"
        )
    if not handle.is_visible():
        handle.wait_for_element_state("visible")


def _type(handle: ElementHandle, secret: str) -> None:
    """Fill all but the last character and type that one with real key events, which some dialogs wait for; else type every key."""
    handle.fill(secret[:-1])
    if secret:
        handle.type(secret[-1])
    if handle.input_value() != secret:
        handle.fill("")
        handle.type(secret)
        if handle.input_value() != secret:
            handle.fill("")
            raise _refuse("The field does not take the secret as it is.", "", "page_changed")


def _refuse(message: str, url: str, kind: str) -> NeedsPerson:
    return NeedsPerson(
        message, kind=kind, url=url, todo="Type it yourself, if the page is the right one; look at the address first."
    )
