"""Reads several parts of a page at one moment, in one round trip: which elements are there, what they say and hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from readdress.browser.reading import ENGINE, from_script
from readdress.models import Part, Survey

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MAX_PARTS = 50


def survey(
    where: Page | Locator, parts: Mapping[str, str], read: Sequence[str] = (), timeout: float = 2_000.0
) -> Survey:
    """What is at ``parts`` (name → CSS selector) of the page, or of a part of it, now.

    Raises the library's error when the page changes meanwhile (within ``timeout`` milliseconds), or a selector is none.
    """
    wanted = quote(json.dumps({"parts": dict(parts), "read": list(read), "limit": MAX_PARTS}), safe="")
    found = json.loads(where.locator(f"{ENGINE}={wanted}").text_content(timeout=timeout) or "null")
    return _from_script(found, parts, read)


def _from_script(found: Any, wanted: Mapping[str, str], read: Sequence[str]) -> Survey:
    """The page could have meddled with what comes back: every value is checked for its type."""
    if not isinstance(found, dict):
        return Survey()
    raw, readings, url = found.get("parts"), found.get("readings"), found.get("url")
    parts = {
        name: tuple(_part(e) for e in raw.get(name, ())[:MAX_PARTS] if isinstance(e, dict))
        for name in wanted
        if isinstance(raw, dict) and isinstance(raw.get(name), list)
    }
    whole = {name: from_script(readings[name]) for name in read if isinstance(readings, dict) and name in readings}
    return Survey(parts, whole, url if isinstance(url, str) else "")


def _part(raw: Mapping[str, Any]) -> Part:
    text, value, label, href = (
        v if isinstance(v := raw.get(n), str) else "" for n in ("text", "value", "label", "href")
    )
    return Part(text, value, label, href, raw.get("checked") is True, raw.get("shown") is True)
