"""How far a long piece of work is, on standard error: one line written over on a terminal, else a line every ten seconds."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_EVERY, _EVERY_LINE = 0.2, 10.0


class Meter:
    """Call it with what is read, how much of it, and how much there is (0: nobody knows); :meth:`end` takes the line away."""

    def __init__(
        self, lang: str, *, quiet: bool = False, unit: tuple[str, str] = ("messages", "封"), out: TextIO | None = None
    ) -> None:
        self._zh, self._quiet, self._unit = lang == "zh", quiet, unit
        self._out = out or sys.stderr
        self._terminal = self._out.isatty()
        self._begun: dict[str, tuple[float, int]] = {}
        self._shown = time.monotonic() if not self._terminal else 0.0
        self._drawn = False

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show it, at most five times a second."""
        now = time.monotonic()
        begun, first = self._begun.setdefault(what, (now, done))
        if self._quiet or now - self._shown < (_EVERY if self._terminal else _EVERY_LINE):
            return
        self._shown = now
        rate = (done - first) / max(now - begun, 0.1)
        text = self._line(what, done, total, rate)
        if not self._terminal:
            self._out.write(text + "\n")
        else:
            import shutil

            from readdress.i18n.wrap import wrap

            self._out.write("\r\x1b[K" + wrap(text, max(20, shutil.get_terminal_size().columns - 1))[0])
            self._drawn = True
        self._out.flush()

    def _line(self, what: str, done: int, total: int, rate: float) -> str:
        from readdress.i18n.clean import clean

        left = span((total - done) / rate, zh=self._zh) if rate > 0 and total > done else ""
        unit = self._unit[1 if self._zh else 0]
        of = f"{done:,}/{total:,}" if total else f"{done:,}"
        name = clean(what, 40)
        if self._zh:
            return f"{name + '：' if name else ''}{of} {unit}，每秒 {rate:,.0f}" + (f"，还需 {left}" if left else "")
        return f"{name + ': ' if name else ''}{of} {unit}, {rate:,.0f} a second" + (f", {left} left" if left else "")

    def end(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._out.write("\r\x1b[K")
            self._out.flush()
            self._drawn = False


def span(seconds: float, *, zh: bool) -> str:
    """A time for a person, on the safe side."""
    if seconds < 90:
        return f"{seconds:.0f} 秒" if zh else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} 分钟" if zh else f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} 小时" if zh else f"{seconds / 3600:.1f} h"
