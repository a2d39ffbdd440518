"""Keys from a terminal without waiting for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TextIO

msvcrt: ModuleType | None
try:
    import msvcrt
except ImportError:  # not Windows
    msvcrt = None


@contextmanager
def raw_keys(stream: TextIO) -> Iterator[None]:
    """Let single keys through while the block runs; Ctrl-C still interrupts. The terminal is put back in any case."""
    if msvcrt is not None:
        yield
        return
    import termios
    import tty

    fd = stream.fileno()
    before = termios.tcgetattr(fd)
    try:
        tty.setcbreak(fd)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def pressed(stream: TextIO) -> str:
    """What was typed since the last call, ``""`` when nothing was. Raises ``KeyboardInterrupt`` on end of input."""
    if msvcrt is not None:
        out = ""
        while msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
            out += msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
        return out
    import select

    fd = stream.fileno()
    data = b""
    while len(data) < 65_536 and select.select([fd], [], [], 0)[0]:
        chunk = os.read(fd, 4096)
        if not chunk:
            if not data:
                raise KeyboardInterrupt
            break
        data += chunk
    return data.decode(stream.encoding or sys.getdefaultencoding(), errors="ignore")
