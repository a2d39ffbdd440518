"""What the tests of the site recipes share: one headless browser, the practice sites."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from readdress.browser.find import find
from readdress.browser.reading import register


@pytest.fixture(scope="module")  # one driver a thread: other files start their own
def browser() -> Iterator[Browser]:
    """One quiet headless browser for all walks."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        register(playwright.selectors)
        chromium = playwright.chromium.launch(
            executable_path=find(headless=True), args=[*quiet, *(["--no-sandbox"] if os.getuid() == 0 else [])]
        )
        yield chromium
        chromium.close()
