"""How far a long piece of work is, on standard error: one line written over on a terminal, else a line every ten seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

_EVERY, _EVERY_LINE = 0.2, 10.0


Unit = tuple[str, str]
"""What is counted, in English and Chinese (with its measure word)."""
MESSAGES: Unit = ("messages", "封")
ENTRIES: Unit = ("entries", "条")
OCTETS: Unit = ("MB", "MB")
_MEGA = 1e6


class Meter:
    """Call it with what is read, how much of it, and how much there is (0: nobody knows); :meth:`end` takes the line away.

    ``unit``: what is counted. ``units``: for those named there, another one; :data:`OCTETS` are shown in megabytes. What has no name is
    the opening of messages that were found.
    """

    def __init__(
        self,
        lang: str,
        *,
        quiet: bool = False,
        unit: Unit = MESSAGES,
        units: Mapping[str, Unit] | None = None,
        out: TextIO | None = None,
    ) -> None:
        self._zh, self._quiet, self._unit, self._units = lang == "zh", quiet, unit, units or {}
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

        zh = self._zh
        unit = self._units.get(what, self._unit)
        if unit == OCTETS:
            digits = 0 if max(done, total) >= _MEGA * 100 else 1
            of = f"{done / _MEGA:,.{digits}f}" + (f"/{total / _MEGA:,.{digits}f}" if total else "") + " MB"
            speed = f"{'每秒 ' if zh else ''}{rate / _MEGA:,.1f} {'MB' if zh else 'MB/s'}"
        else:
            of = f"{done:,}/{total:,}" if total else f"{done:,}"
            of += f" {unit[zh]}"
            speed = f"每秒 {rate:,.0f}" if zh else f"{rate:,.0f} a second"
        name = clean(what, 40) or ("打开邮件" if zh else "opening")
        parts = [f"{name}：{of}" if zh else f"{name}: {of}"]
        if rate >= 1:
            parts.append(speed)
            if total > done:
                left = span((total - done) / rate, zh=zh)
                parts.append(f"还需 {left}" if zh else f"{left} left")
        return ("，" if zh else ", ").join(parts)

    def end(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._out.write("\r\x1b[K")
            self._out.flush()
            self._drawn = False


def octets_of(paths: Iterable[Path]) -> dict[str, Unit]:
    """The units of these archives: how far an mbox is read is told in octets, all others in messages."""
    return {path.name: OCTETS for path in paths if path.is_file() and not _zipped(path)}


def _zipped(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except OSError:  # whoever reads it says so
        return False


def span(seconds: float, *, zh: bool) -> str:
    """A time for a person, on the safe side."""
    if seconds < 90:
        return f"{seconds:.0f} 秒" if zh else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} 分钟" if zh else f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} 小时" if zh else f"{seconds / 3600:.1f} h"
