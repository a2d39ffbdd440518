#!/usr/bin/env python3
"""Runs guided services with a scripted person at the real terminal, and makes of what they saw the pictures in the how-to.

    python tools/picture_guided.py              writes docs/img/guided-*.svg
    python tools/picture_guided.py --check      writes nothing; exit code 1 when one says something else than a run does now
    python tools/picture_guided.py google en    prints a whole run

The engine, the trust gate and the terminal are the real ones, and keys are pressed on a pseudo-terminal of 80 columns; time and mailboxes
are stand-ins, and no service is reached. What is left out is marked with "…"; nothing is added.
"""

from __future__ import annotations

import html
import os
import pty
import re
import sys
import time
from io import StringIO
from pathlib import Path

from picture import IMG, SVG
from rich.console import Console
from rich.text import Text as RichText

from readdress.console.tables import line, outcome_lines
from readdress.console.terminal import TerminalPerson, assign_keys
from readdress.i18n.wrap import cells
from readdress.models import Answer, Notice, Question
from readdress.testing.guided import Guided
from readdress.testing.person import ScriptedPerson
from readdress.testing.reading import COLUMNS

RECIPES = Path(__file__).resolve().parent.parent / "recipes"
# Service (all on the route "standard"), language, and which of the questions the picture shows, from 1.
PICTURES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("google", "en", (3, 4, 5, 10)),
    ("weibo", "zh", (3, 4, 5)),
    ("amazon", "en", (1, 3, 4, 6)),
)
_LEFT_OUT = "…"
_COLUMN = 12.2  # how wide rich draws one, in the picture's units
_RUN = re.compile(
    r'<text(?P<one> class="[^"]*") x="(?P<x>[\d.]+)"(?P<two> y="[\d.]+") textLength="[\d.]+"(?P<three>[^>]*)>(?P<text>[^<]*)</text>'
)


class AtTheTerminal:
    """The person as a port: everything is drawn on a terminal, and what the script says is typed there."""

    def __init__(self, script: ScriptedPerson, lang: str) -> None:
        self._script = script
        self.console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, highlight=False)
        self._hand, keys = pty.openpty()
        self._terminal = TerminalPerson(lang, self.console, os.fdopen(keys, "r"))
        self._keys: dict[str, str] = {}

    def post(self, question: Question) -> None:
        """Drawn, and read by the script."""
        self._script.post(question)
        self._terminal.post(question)
        self._keys = {name: key for key, name in assign_keys([c.key for c in question.choices]).items()}

    def poll(self) -> Answer | None:
        """Once the script has an answer, its key is pressed; the terminal makes the answer of it."""
        said = self._script.poll()
        if said is None:
            return None
        os.write(self._hand, self._keys[said.choice].encode())
        while (answer := self._terminal.poll()) is None:
            pass
        return answer

    def withdraw(self, question: str) -> None:
        """It has answered itself."""
        self._script.withdraw(question)
        self._terminal.withdraw(question)

    def tell(self, notice: Notice) -> None:
        """Drawn."""
        self._script.tell(notice)
        self._terminal.tell(notice)


def run(service: str, lang: str) -> Console:
    """The whole run of one service, as it was drawn."""
    walk = Guided(RECIPES / service).start("standard", lang=lang)
    seat = AtTheTerminal(walk.person, lang)
    walk.person = seat  # type: ignore[assignment]
    with seat._terminal:  # noqa: SLF001 - it borrows the keyboard for so long
        outcome = walk.run()
    seat.console.print()
    for said in outcome_lines([outcome], lang):
        line(seat.console, said, hang=2 if said.startswith("→") else 0)
    return seat.console


def excerpt(output: str, shown: tuple[int, ...]) -> str:
    """The questions that are shown and the end, with "…" where something is left out. ``output``: with its colours."""
    parts = re.split(r"\n(?=\n)", output)
    kept: list[str] = []
    for number, part in enumerate(parts, 1):
        if number in shown or number == len(parts):
            kept.append(part.strip("\n"))
        elif not kept or kept[-1] != _LEFT_OUT:
            kept.append(_LEFT_OUT)
    return "\n\n".join(kept)


def draw(service: str, lang: str, shown: tuple[int, ...]) -> str:
    """One picture as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, highlight=False)
    for said in excerpt(run(service, lang).export_text(styles=True), shown).split("\n"):
        console.print(RichText.from_ansi(said), no_wrap=True, overflow="ignore", crop=False)
    command = f"migrate --service {service}" + (" --lang zh" if lang == "zh" else "")
    return spaced(console.export_svg(title=command, code_format=SVG, unique_id=f"guided-{service}"))


def spaced(svg: str) -> str:
    """The picture with wide characters two columns wide: rich gives a text the length of as many columns as it has characters."""
    return _RUN.sub(_split, svg)


def _split(found: re.Match[str]) -> str:
    text, x = html.unescape(found["text"]), float(found["x"])
    made = []
    for run in re.findall(
        r"[^\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]+|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]+", text
    ):
        length = cells(run) * _COLUMN
        kept = html.escape(run, quote=False).replace(" ", "&#160;")
        made.append(
            f'<text{found["one"]} x="{x:g}"{found["two"]} textLength="{length:g}"{found["three"]}>{kept}</text>'
        )
        x += length
    return "".join(made)


def words(svg: str) -> str:
    """What a picture says, without how it is drawn: that may change with rich."""
    return html.unescape("".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)))


def main(argv: list[str]) -> int:
    """Draw all, look whether they are current, or print one."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    check = argv == ["--check"]
    if argv and not check:
        print(run(argv[0], argv[1] if len(argv) > 1 else "en").export_text())
        return 0
    stale = []
    for service, lang, shown in PICTURES:
        path, svg = IMG / f"guided-{service}.svg", draw(service, lang, shown)
        if not path.is_file() or words(path.read_text("utf-8")) != words(svg):
            stale.append(path.name)
        if not check:
            path.write_text(svg, "utf-8", newline="\n")
    if stale:
        print(f"{'out of date' if check else 'written'}: {', '.join(stale)}")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
