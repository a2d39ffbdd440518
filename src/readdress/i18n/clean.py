"""Text from outside made safe to show: no terminal escapes, no invisible or direction-changing characters."""

from __future__ import annotations

import unicodedata

# Bidirectional controls (UAX #9), zero-width and other invisible formatters turn what is read into something else.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def clean(text: str, limit: int = 500, *, lines: bool = False) -> str:
    """``text`` on one line (or, with ``lines``, with its line feeds), without control and format characters, at most ``limit`` long."""
    kept = []
    for ch in text[: limit * 4]:
        if ch == "\n" and lines:
            kept.append(ch)
        elif ch in "\n\r\t":
            kept.append(" ")
        elif unicodedata.category(ch) not in _INVISIBLE:
            kept.append(ch)
    out = "".join(kept)
    if not lines:
        out = " ".join(out.split())
    return out if len(out) <= limit else out[: limit - 1] + "…"
