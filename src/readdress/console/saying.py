"""Sentences for the person: broken to the width of a terminal, whole lines without one."""

from __future__ import annotations

import shutil
import sys

from readdress.i18n.clean import clean
from readdress.i18n.wrap import wrap


def say(text: str, *, error: bool = False, hang: int = 0) -> None:
    """Print ``text``, made safe; ``error``: on standard error; ``hang``: cells that further lines are moved in."""
    stream = sys.stderr if error else sys.stdout
    text = clean(text, 8000, lines=True)
    if stream.isatty():
        width = shutil.get_terminal_size().columns
        text = ("\n" + " " * hang).join(wrap(text, max(20, width - hang)))
    print(text, file=stream, flush=True)


def say_next(todo: str, *, error: bool = False) -> None:
    """Print the next action."""
    say(f"→ {todo}", error=error, hang=2)
