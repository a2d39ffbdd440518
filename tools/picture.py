#!/usr/bin/env python3
"""Runs the rehearsal, and makes of what it printed the picture in the README and the text in the tutorial.

    python tools/picture.py

Writes docs/img/rehearsal.svg and docs/img/rehearsal.txt. What is left out is marked with "…"; nothing is added.
"""

from __future__ import annotations

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

IMG = Path(__file__).resolve().parent.parent / "docs" / "img"
WIDTH = 104
_SHOWN = 3  # of the services found
# Like rich's own template, without fonts from elsewhere: a picture in a README loads nothing.
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">
{matrix}</g></g></svg>
"""


def main() -> int:
    """Run, cut, draw."""
    done = subprocess.run(
        [sys.executable, "-m", "readdress", "practice", "--lang", "en"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n")
        return 1
    write(done.stdout)
    return 0


def write(output: str) -> None:
    """The text and the picture of one run."""
    IMG.mkdir(parents=True, exist_ok=True)
    (IMG / "rehearsal.txt").write_text(excerpt(output, accounts=2), "utf-8", newline="\n")
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    for line in excerpt(output, accounts=1).splitlines():
        console.print(Text(line, style=style(line), no_wrap=True, overflow="ellipsis"))
    svg = console.export_svg(title="migrate practice", code_format=SVG, unique_id="rehearsal")
    (IMG / "rehearsal.svg").write_text(svg, "utf-8", newline="\n")


def excerpt(output: str, accounts: int) -> str:
    """A page of it: every part, but only the first so many accounts and services found; no path of this machine."""
    output = re.sub(r"/\S*/(?=practice\.readdress)", "…/", output)
    parts = [p.rstrip().split("\n") for p in re.split(r"^(?=── )", output, flags=re.MULTILINE) if p.strip()]
    kept: list[list[str]] = []
    met = 0
    for part in parts:
        title = part[0].strip("─ ")
        if title == "Found, and why":
            part = [*part[: 2 * _SHOWN + 1], "…"]  # noqa: PLW2901 - the part as it is shown
        if re.fullmatch(r"[\w.-]+\.practice\.test( \(resumed\))?", title):
            met += 1
            if met == accounts + 1:
                kept.append(["…"])
            if met > accounts:
                continue
        kept.append(part)
    return "\n\n".join("\n".join(line.rstrip() for line in part) for part in kept).strip() + "\n"


def style(line: str) -> str:
    """The colours that a line has for the eye; the run itself printed into a pipe."""
    marks = {
        "──": "bold cyan",
        "  ✓": "green",
        "  →": "cyan",
        "  ?": "yellow",
        "    answer": "yellow",
        "Killed": "bold red",
        "  …": "dim",
    }
    return next((look for mark, look in marks.items() if line.startswith(mark)), "")


if __name__ == "__main__":
    sys.exit(main())
