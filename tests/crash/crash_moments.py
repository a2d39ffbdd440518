"""The moments of a run at which it can be killed: every commit, every act of a flow and every browser action within an act.

A moment has a name ("commit step_armed(add_address) + mail_expected(verify_link): after"), the same in every run of the same flow, so
that a dry run lists a flow's moments as data and a later run stops at one of them. The second time that a name comes up in
a run it is called "NAME #2".
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from readdress.models import Draft

# What changes something on a page. Reading is harmless and happens in looks all the time.
_CALLS = {
    "Page": ("goto", "click", "fill", "check", "press", "reload", "select_option", "set_checked", "type"),
    "Locator": (
        "click", "dblclick", "fill", "clear", "check", "uncheck", "press", "press_sequentially", "type", "tap", "dispatch_event",
        "select_option", "set_checked", "set_input_files",
    ),
    "ElementHandle": ("click", "fill", "check", "press", "type", "tap", "dispatch_event", "select_option", "set_checked"),
    "Keyboard": ("press", "type", "insert_text"),
    "Mouse": ("click", "dblclick"),
}  # fmt: skip
_TELLING = ("step", "status", "slot", "verdict", "mail", "factor", "topic", "name", "kind")


class Report:
    """One JSON line for each thing that happened, written at once: what stands there was so, also after a kill."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __call__(self, **facts: Any) -> None:
        line = json.dumps({"t": round(time.time(), 3), **facts}, ensure_ascii=False)
        os.write(self._fd, (line + "\n").encode())


class Moments:
    """Names the moments of this process, and does at some of them what ``then`` holds for that name."""

    def __init__(self, report: Report, then: Mapping[str, Callable[[], None]]) -> None:
        self.report = report
        self._then = then
        self._seen: Counter[str] = Counter()
        self._act = ""

    def reach(self, what: str) -> None:
        """This is the moment called ``what``."""
        self._seen[what] += 1
        name = what if self._seen[what] == 1 else f"{what} #{self._seen[what]}"
        self.report(moment=name)
        if name in self._then:
            self._then[name]()

    def hook(self) -> None:
        """Put the moments into the state file, the engine's hands and Playwright, in this process."""
        self._hook_commits()
        self._hook_acts()
        self._hook_calls()

    def _hook_commits(self) -> None:
        from readdress.state import StateFile

        record = StateFile.record

        def recorded(state: StateFile, *drafts: Draft) -> int:
            what = "commit " + " + ".join(map(described, drafts))
            self.reach(f"{what}: before")
            number = record(state, *drafts)
            self.report(commit=number, kinds=[d.kind.value for d in drafts])
            self.reach(f"{what}: after")
            return number

        StateFile.record = recorded  # type: ignore[method-assign]

    def _hook_acts(self) -> None:
        from readdress.engine.hands import Hands

        call = Hands._call

        def called(hands: Hands, function: Any, step: Any, token: Any) -> Any:
            self.reach(f"act {step.id}: before")
            self._act = step.id
            try:
                why = call(hands, function, step, token)
            finally:
                self._act = ""
            self.reach(f"act {step.id}: after")
            return why

        Hands._call = called  # type: ignore[method-assign]

    def _hook_calls(self) -> None:
        from playwright import sync_api

        for kind, names in _CALLS.items():
            thing = getattr(sync_api, kind)
            for name in names:
                setattr(thing, name, self._around(f"{kind}.{name}", getattr(thing, name)))

    def _around(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def around(*args: Any, **more: Any) -> Any:
            act = self._act
            if not act:
                return method(*args, **more)
            self.reach(f"act {act}, {name}: before")
            self._act = ""  # Playwright's own methods may call each other
            try:
                return method(*args, **more)
            finally:
                self._act = act
                self.reach(f"act {act}, {name}: after")

        return around


def described(draft: Draft) -> str:
    """A draft by its kind and by what is always the same in it."""
    telling = [str(draft.data[key]) for key in _TELLING if draft.data.get(key)]
    return f"{draft.kind.value}({' '.join(telling)})"
