"""The real command in a process of its own, with or without a terminal, and a data folder of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readdress.models import Address, Draft
from readdress.state import StateFile
from readdress.workflow.adapters import SystemClock

SECONDS = 60.0
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_=>])")

# A service that is followed by hand in the person's own browser: it needs no browser of ours and no mailbox.
BY_HAND = """
format = 1
id = "orchard"
name = { en = "Orchard", zh = "果园" }
home = "https://orchard.example.com/"
hosts = ["orchard.example.com"]
browser = "own"
browser_why = { en = "It refuses controlled browsers.", zh = "它拒绝受控浏览器。" }
slots = ["sign_in"]
checked = 2026-11-01
proof = "documents"

[[sources]]
id = "help"
url = "https://orchard.example.com/help/email"
date = 2026-11-01
says = "The address is changed in the settings."
grade = "official"

[detect]
domains = ["orchard.example.com"]

[access]
sign_in = [{ needs = ["password"], grade = "official", sources = ["help"] }]

[[route]]
id = "standard"
change = "add"
slots = ["sign_in"]
needs = ["session"]

[[route.step]]
id = "change_address"
title = { en = "Change the address", zh = "更改地址" }
manual = { en = "Open the settings and put {new} there.", zh = "打开设置，填入 {new}。" }
open = "https://orchard.example.com/settings"
slot = "sign_in"

[[route.step]]
id = "read_back"
kind = "read_back"
title = { en = "Look at it", zh = "核对" }
manual = { en = "Look whether {new} stands there.", zh = "看看是否显示 {new}。" }
open = "https://orchard.example.com/settings"
slot = "sign_in"
reaches = "read_back"
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def explains(self, code: int, *sentences: str) -> None:
        """The right exit code, clear sentences and a next action on standard error, and no traceback anywhere."""
        assert self.code == code, self
        for sentence in sentences:
            assert sentence in self.err, self
        assert "\n→ " in f"\n{self.err}", self
        assert "Traceback" not in self.err + self.out, self


class Screen:
    """A command on a terminal of 80 × 24 that somebody types on."""

    def __init__(self, argv: list[str], env: Mapping[str, str], cwd: Path) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(self._master, (24, 80))
        self.raw = b""
        self.process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_own_terminal,  # noqa: PLW1509 - no threads
        )
        os.close(slave)

    @property
    def text(self) -> str:
        """What was written, without the terminal's own commands."""
        return _ESCAPES.sub("", self.raw.decode(errors="replace")).replace("\r\n", "\n")

    def until(self, text: str, seconds: float = SECONDS) -> str:
        """Wait until ``text`` stands there."""
        end = time.monotonic() + seconds
        while text not in self.text:
            if not self._more(end):
                raise AssertionError(f"{text!r} never came: {self.text!r}")
        return self.text

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def resize(self, columns: int) -> None:
        termios.tcsetwinsize(self._master, (24, columns))

    def end(self, seconds: float = SECONDS) -> int:
        """Wait for its end; the exit code."""
        end = time.monotonic() + seconds
        while self._more(end):
            pass
        return self.process.wait(max(1, end - time.monotonic()))

    def _more(self, end: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.raw += data
        return bool(data)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._master)


def _own_terminal() -> None:
    import fcntl

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Migrate:
    """The command ``migrate`` with a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "READDRESS_HOME": str(self.home),
        }
        self._screens: list[Screen] = []

    def argv(self, *args: str | Path) -> list[str]:
        return [sys.executable, "-m", "readdress", *map(str, args)]

    def __call__(self, *args: str | Path, stdin: str = "", seconds: float = SECONDS, **env: str) -> Ended:
        """Run it without a terminal."""
        done = subprocess.run(
            self.argv(*args),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=seconds,
            env=self.env | env,
            cwd=self.folder,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def start(self, *args: str | Path) -> subprocess.Popen[str]:
        """Start it without a terminal."""
        return subprocess.Popen(
            self.argv(*args),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=self.env,
            cwd=self.folder,
        )

    def screen(self, *args: str | Path, **env: str) -> Screen:
        """Start it on a terminal."""
        made = Screen(self.argv(*args), self.env | env, self.folder)
        self._screens.append(made)
        return made

    def init(self, *drafts: Draft) -> Path:
        """A migration in the data folder, with these events."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        path = self.home / "ann@example.com.readdress"
        old, new = Address("ann", "example.com"), Address("ann", "example.net")
        with StateFile.create(path, old, new, clock=SystemClock(), markers=self.home / "markers") as state:
            state.record(*drafts)
        return path

    def recipe(self, text: str = BY_HAND, name: str = "orchard", flow: str = "") -> Path:
        """A folder with one more recipe, for ``--recipes``."""
        folder = self.folder / "recipes" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.toml").write_text(text, "utf-8")
        if flow:
            (folder / "flow.py").write_text(flow, "utf-8")
        return folder.parent

    def close(self) -> None:
        for screen in self._screens:
            screen.close()
