"""Finds a browser to drive: the one named by READDRESS_BROWSER, Playwright's own, else Chrome, Edge or Chromium on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from readdress.errors import BrowserMissing

OVERRIDE = "READDRESS_BROWSER"

_NAMES = (
    "google-chrome-stable",
    "google-chrome",
    "chromium",
    "chromium-browser",
    "microsoft-edge-stable",
    "microsoft-edge",
)
_WINDOWS_NAMES = ("chrome.exe", "msedge.exe", "chromium.exe")
_SHELLS = ("chromium-headless-shell", "chrome-headless-shell", "headless_shell")
_LINUX = (
    "/opt/google/chrome/chrome",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/opt/microsoft/msedge/msedge",
)
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS = (
    ("Google", "Chrome", "Application", "chrome.exe"),
    ("Microsoft", "Edge", "Application", "msedge.exe"),
    ("Chromium", "Application", "chrome.exe"),
)


def find(
    *, headless: bool = False, own: str = "", environ: Mapping[str, str] | None = None, platform: str = sys.platform
) -> Path:
    """The browser's executable.

    ``own``: where Playwright would have put its own Chromium. ``environ``: the variables to look at, ``os.environ`` by default. Raises
    :class:`~readdress.errors.BrowserMissing`, whose ``todo`` names the command that gets one.
    """
    env = os.environ if environ is None else environ
    named = env.get(OVERRIDE, "").strip()
    if named:
        found = _usable(Path(named).expanduser()) or _on_path(named, env)
        if found is None:
            todo = f"Set {OVERRIDE} to the path of Chrome, Edge or Chromium, or remove it."
            raise BrowserMissing(f"{OVERRIDE} names {named!r}, and there is no program there.", todo=todo)
        return found
    for candidate in _candidates(own, env, platform, headless=headless):
        if candidate is not None:
            return candidate
    raise BrowserMissing("No Chrome, Edge or Chromium was found on this machine.", todo=_how_to_get(env, platform))


def version(path: Path) -> str:
    """What the browser says of itself, like ``"Chromium 156.0.8078.79"``; ``""`` when it does not say within ten seconds."""
    if path.suffix.lower() == ".exe":
        # On Windows --version opens a window; the installation keeps a folder named after the version.
        found = (
            [p.name for p in path.parent.iterdir() if re.fullmatch(r"\d+(\.\d+){3}", p.name)]
            if path.parent.is_dir()
            else []
        )
        return max(found, key=lambda v: [int(n) for n in v.split(".")], default="")
    try:
        done = subprocess.run(
            [str(path), "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=10,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return " ".join(done.stdout.split("built on")[0].split())[:100]


def _candidates(own: str, env: Mapping[str, str], platform: str, *, headless: bool) -> Iterator[Path | None]:
    if own:
        if headless:
            yield _own_shell(Path(own))
        yield _usable(Path(own))
    if headless:
        for name in _SHELLS:
            yield _on_path(name, env)
    for name in _WINDOWS_NAMES if platform == "win32" else _NAMES:
        yield _on_path(name, env)
    for path in _places(env, platform):
        yield _usable(path)
    for name in _SHELLS:
        if headless:
            yield _on_path(name, env)


def _own_shell(own: Path) -> Path | None:
    """Playwright's headless shell, beside its Chromium: ``chromium-1234/…`` and ``chromium_headless_shell-1234/…``."""
    for parent in own.parents:
        number = re.fullmatch(r"chromium-(\d+)", parent.name)
        if number:
            for shell in sorted((parent.parent / f"chromium_headless_shell-{number[1]}").glob("*/*headless*shell*")):
                if _usable(shell):
                    return shell
    return None


def _places(env: Mapping[str, str], platform: str) -> Iterator[Path]:
    if platform == "darwin":
        for root in (Path("/Applications"), Path(env.get("HOME", "/nonexistent")) / "Applications"):
            for inside in _MAC:
                yield root / inside
    elif platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            if env.get(variable):
                for parts in _WINDOWS:
                    yield Path(env[variable], *parts)
    else:
        for place in _LINUX:
            yield Path(place)


def _on_path(name: str, env: Mapping[str, str]) -> Path | None:
    found = shutil.which(name, path=env.get("PATH", ""))
    return Path(found) if found else None


def _usable(path: Path) -> Path | None:
    return path if path.is_file() and os.access(path, os.X_OK) else None


def _how_to_get(env: Mapping[str, str], platform: str) -> str:
    general = "Install Google Chrome, or run: playwright install chromium"
    if platform.startswith("linux") and shutil.which("apt-get", path=env.get("PATH", "")):
        return f"{general} (or: sudo apt install chromium)."
    return f"{general}."
