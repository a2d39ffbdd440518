"""Which browser is driven, how the person's own one is asked, and that every error of the library has a meaning for us."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import time
from pathlib import Path

import playwright
import pytest
from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as TimedOut

from readdress.browser import EverydayBrowser, trouble
from readdress.browser.find import find, version
from readdress.errors import BrowserError, BrowserMissing, ReaddressError


def program(path: Path, script: str = "exit 0") -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_named_browser_wins_and_must_exist(tmp_path: Path) -> None:
    """READDRESS_BROWSER is a path or a name on PATH."""
    mine = program(tmp_path / "mine")
    assert find(environ={"READDRESS_BROWSER": str(mine), "PATH": ""}) == mine
    assert find(environ={"READDRESS_BROWSER": "mine", "PATH": str(tmp_path)}) == mine
    with pytest.raises(BrowserMissing, match="READDRESS_BROWSER"):
        find(environ={"READDRESS_BROWSER": str(tmp_path / "gone"), "PATH": ""})


def test_playwrights_own_comes_before_the_machines_and_its_shell_before_it(tmp_path: Path) -> None:
    """The version that Playwright was tested with is the first choice; without a window, the small one."""
    own = program(tmp_path / "ms-playwright" / "chromium-1234" / "chrome-linux" / "chrome")
    chrome = program(tmp_path / "bin" / "google-chrome")
    env = {"PATH": str(tmp_path / "bin")}
    assert find(own=str(own), environ=env) == own
    assert find(own=str(own), headless=True, environ=env) == own
    shell = program(tmp_path / "ms-playwright" / "chromium_headless_shell-1234" / "chrome-linux" / "headless_shell")
    assert find(own=str(own), headless=True, environ=env) == shell
    assert find(own=str(own), environ=env) == own
    assert find(own=str(tmp_path / "not-installed"), environ=env) == chrome


def test_the_machines_browsers_on_each_system(tmp_path: Path) -> None:
    """PATH on Linux, Applications on macOS, Program Files on Windows; the headless shell only without a window."""
    small, chromium = program(tmp_path / "l" / "chromium-headless-shell"), program(tmp_path / "l" / "chromium")
    assert find(headless=True, environ={"PATH": str(tmp_path / "l")}, platform="linux") == small
    assert find(environ={"PATH": str(tmp_path / "l")}, platform="linux") == chromium
    mac = program(tmp_path / "m" / "Applications" / "Google Chrome.app" / "Contents" / "MacOS" / "Google Chrome")
    assert find(environ={"HOME": str(tmp_path / "m"), "PATH": ""}, platform="darwin") == mac
    edge = program(tmp_path / "w" / "Microsoft" / "Edge" / "Application" / "msedge.exe")
    assert find(environ={"PROGRAMFILES(X86)": str(tmp_path / "w"), "PATH": ""}, platform="win32") == edge


def test_no_browser_names_the_command_that_gets_one(tmp_path: Path) -> None:
    """The next step is a line to type."""
    with pytest.raises(BrowserMissing) as caught:
        find(environ={"PATH": "", "HOME": str(tmp_path)}, platform="darwin")
    assert "playwright install chromium" in caught.value.todo and "apt" not in caught.value.todo
    program(tmp_path / "apt-get")
    (tmp_path / "real").mkdir()
    if not any(
        Path(p).exists() for p in ("/opt/google/chrome/chrome", "/usr/lib/chromium/chromium", "/snap/bin/chromium")
    ):
        with pytest.raises(BrowserMissing) as caught:
            find(environ={"PATH": str(tmp_path)}, platform="linux")
        assert "apt install chromium" in caught.value.todo


def test_the_version_is_read_and_never_waits_for_ever(tmp_path: Path) -> None:
    """``--version`` on Linux and macOS, the installation's folder on Windows; a program that fails says nothing."""
    assert version(program(tmp_path / "c", "echo 'Chromium 156.0.8078.79 built on Debian'")) == "Chromium 156.0.8078.79"
    assert version(tmp_path / "gone") == ""
    exe = program(tmp_path / "app" / "chrome.exe")
    for name in ("99.0.1.2", "156.0.1.2", "Extensions"):
        (tmp_path / "app" / name).mkdir()
    assert version(exe) == "156.0.1.2"


def test_the_own_browser_gets_one_argument_and_is_not_waited_for(tmp_path: Path) -> None:
    """The address reaches the opener as it is; an opener that stays is success, one that fails is not."""
    program(tmp_path / "xdg-open", f'printf "%s|" "$#" "$@" > {tmp_path}/got')
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "DISPLAY": ":0"}
    own = EverydayBrowser(platform="linux", environ=env)
    url = "https://service.test/settings?a=$(touch%20x)&b=;rm"
    assert own.open(url) is True
    assert (tmp_path / "got").read_text() == f"1|{url}|"
    program(tmp_path / "xdg-open", "exit 3")
    assert own.open(url) is False
    program(tmp_path / "xdg-open", "exec sleep 1")
    begun = time.monotonic()
    assert own.open(url) is True and time.monotonic() - begun < 0.8


@pytest.mark.parametrize(
    "url",
    [
        "http://service.test/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "--help",
        "",
        "https://a.test/ x",
        "https://a.test/\n",
        "ftp://a.test",
    ],
)
def test_the_own_browser_only_gets_web_addresses(tmp_path: Path, url: str) -> None:
    """https, or http on this machine: nothing that a desktop would hand to another program."""
    program(tmp_path / "open", f"touch {tmp_path}/ran")
    assert EverydayBrowser(platform="darwin", environ={"PATH": str(tmp_path)}).open(url) is False
    assert not (tmp_path / "ran").exists()


def test_without_a_screen_there_is_no_own_browser(tmp_path: Path) -> None:
    """Over ssh the address is shown to be copied instead."""
    program(tmp_path / "xdg-open")
    assert EverydayBrowser(platform="linux", environ={"PATH": str(tmp_path)}).open("https://service.test/") is False
    assert EverydayBrowser(platform="darwin", environ={"PATH": ""}).open("https://service.test/") is False
    if not hasattr(os, "startfile"):
        assert EverydayBrowser(platform="win32", environ={}).open("https://service.test/") is False


def library_errors() -> list[type[Exception]]:
    """Every exception class that playwright's modules define."""
    found: set[type[Exception]] = set()
    for module in pkgutil.walk_packages(playwright.__path__, "playwright."):
        if "__pyinstaller" in module.name or module.name.endswith("__main__"):
            continue
        for _, value in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(value, Exception) and value.__module__.startswith("playwright"):
                found.add(value)
    return sorted(found, key=lambda c: c.__name__)


def test_every_error_of_the_library_is_mapped() -> None:
    """New classes in a new version must not slip through as tracebacks: all derive from the one we catch, and get words."""
    classes = library_errors()
    assert {"Error", "TimeoutError", "TargetClosedError"} <= {c.__name__ for c in classes}
    for kind in classes:
        assert issubclass(kind, Error), f"{kind} is not caught"
        ours = trouble.mapped(
            kind('something\nCall log:\n  - fill("s3cret")'), "https://service.test/", lambda host, port: ("", "")
        )
        assert isinstance(ours, ReaddressError) and ours.todo and "s3cret" not in ours.message
        assert "s3cret" not in trouble.sentence(kind('something\nCall log:\n  - fill("s3cret")'))


@pytest.mark.parametrize(
    ("error", "reason", "kind", "words"),
    [
        (
            Error("Page.goto: net::ERR_TUNNEL_CONNECTION_FAILED at x"),
            ("blocked", "not listed"),
            "NeedsPerson",
            "not listed",
        ),
        (
            Error("Page.goto: net::ERR_TUNNEL_CONNECTION_FAILED at x"),
            ("unresolved", "its name was not found"),
            "BrowserError",
            "its name was not found",
        ),
        (Error("Page.goto: net::ERR_CERT_AUTHORITY_INVALID at x"), ("", ""), "BrowserError", "certificate"),
        (Error("Page.goto: net::ERR_CONNECTION_RESET at x"), ("", ""), "BrowserError", "broke off"),
        (Error("Page.goto: Page crashed"), ("", ""), "BrowserError", "crashed"),
        (TimedOut("Timeout 30000ms exceeded."), ("", ""), "BrowserError", "in time"),
    ],
)
def test_failures_on_the_way_have_words(error: Error, reason: tuple[str, str], kind: str, words: str) -> None:
    """The proxy knows more than the browser's code for it."""
    ours = trouble.mapped(error, "https://service.test/", lambda host, port: reason)
    assert type(ours).__name__ == kind and words in ours.message and ours.todo
    assert isinstance(ours, BrowserError) or kind == "NeedsPerson"
