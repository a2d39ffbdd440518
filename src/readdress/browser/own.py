"""Shows a page in the person's everyday browser, for services that must not be driven."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping

from readdress.browser.walls import origin_of


class EverydayBrowser:
    """The person's own browser: :class:`~readdress.ports.OwnBrowser`."""

    def __init__(self, *, platform: str = sys.platform, environ: Mapping[str, str] | None = None) -> None:
        self._platform = platform
        self._env = os.environ if environ is None else environ

    def open(self, url: str) -> bool:
        """Ask the system to show ``url``, which must be https, or http on this machine.

        ``False`` when it is neither, or when this machine has nothing to show it with; never waits for the browser.
        """
        if origin_of(url) is None or not url.isprintable() or " " in url:
            return False
        if self._platform == "win32":
            return self._start_file(url)
        command = self._command()
        if not command:
            return False
        try:
            # The address is one argument, never part of a shell line; a session of its own, so that our Ctrl-C does not close it.
            process = subprocess.Popen(
                [*command, url],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=dict(self._env),
            )
        except OSError:
            return False
        # Openers end at once when they fail, and live on as the browser (or end with 0) when they do not.
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(0.3) == 0
        threading.Thread(target=process.wait, name="readdress-own-browser", daemon=True).start()
        return True

    def _command(self) -> list[str]:
        path = self._env.get("PATH", "")
        if self._platform == "darwin":
            found = shutil.which("open", path=path)
            return [found] if found else []
        if "microsoft" in os.uname().release.lower():
            found = shutil.which("wslview", path=path)
            if found:
                return [found]
        if not self._env.get("DISPLAY") and not self._env.get("WAYLAND_DISPLAY"):
            return []  # Over ssh, xdg-open would start a text browser in the person's terminal.
        for name, *rest in (
            ("xdg-open",),
            ("gio", "open"),
            ("sensible-browser",),
            ("x-www-browser",),
            ("firefox",),
            ("google-chrome",),
        ):
            found = shutil.which(name, path=path)
            if found:
                return [found, *rest]
        return []

    def _start_file(self, url: str) -> bool:
        start = getattr(os, "startfile", None)
        try:
            if start is None:
                return False
            start(url)
        except OSError:
            return False
        return True
