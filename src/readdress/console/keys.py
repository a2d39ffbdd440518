"""Keys from a terminal without waiting for them: decoded, pastes told from typing, escape sequences taken out."""

from __future__ import annotations

import codecs
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TextIO

msvcrt: ModuleType | None
try:
    import msvcrt
except ImportError:  # not Windows
    msvcrt = None

# ECMA-48 §5.4: CSI sequences; SS3 keys of VT terminals; Alt sends ESC before the key. What begins like one may still be coming.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[^\[O])")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?\Z")
_PASTE_BEGINS, _PASTE_ENDS = (
    "\x1b[200~",
    "\x1b[201~",
)  # bracketed paste, as xterm's control sequences describe mode 2004
_ESCAPE_SECONDS = 0.1  # an ESC that nothing follows for so long was the key itself

_before: dict[int, Any] = {}  # terminal settings to go back to, by descriptor, while raw_keys is in force


@contextmanager
def raw_keys(stream: TextIO) -> Iterator[None]:
    """Let single keys through while the block runs; Ctrl-C still interrupts. The terminal is put back in any case."""
    if msvcrt is not None:
        yield
        return
    import termios
    import tty

    fd = stream.fileno()
    before = _before[fd] = termios.tcgetattr(fd)
    try:
        tty.setcbreak(fd)
        yield
    finally:
        _before.pop(fd, None)
        with suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(fd, termios.TCSADRAIN, before)


@contextmanager
def line_input(stream: TextIO) -> Iterator[None]:
    """Inside :func:`raw_keys`: give the terminal its line editing back while the block runs, for a prompt that reads a line."""
    fd = stream.fileno()
    if msvcrt is not None or fd not in _before:
        yield
        return
    import termios

    raw = termios.tcgetattr(fd)
    termios.tcsetattr(fd, termios.TCSADRAIN, _before[fd])
    try:
        yield
    finally:
        with suppress(termios.error):
            termios.tcsetattr(fd, termios.TCSADRAIN, raw)


@dataclass(frozen=True, slots=True)
class Typed:
    """Something that came from the keyboard: one key, or the text of one paste."""

    text: str
    pasted: bool = False


class Keyboard:
    """What is typed on ``stream``. ``clock`` gives seconds; it tells a lone Escape from the beginning of an arrow key."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._decoder = codecs.getincrementaldecoder(stream.encoding or "utf-8")(errors="ignore")
        self._rest = ""
        self._since = 0.0
        self._paste: list[str] | None = None

    def typed(self) -> list[Typed]:
        """What came since the last call; nothing is waited for. Raises ``KeyboardInterrupt`` when the terminal is gone."""
        fresh = _available() if msvcrt is not None else self._decoder.decode(_read(self._stream.fileno()))
        return self.feed(fresh)

    def drop(self) -> None:
        """Forget what was typed so far: it was not meant for what is asked next. A paste that is still coming stays one."""
        self.typed()
        if self._paste is not None:
            self._paste.clear()

    def feed(self, fresh: str) -> list[Typed]:
        """The keys in ``fresh``, with what was left over before."""
        now = self._clock()
        if fresh:
            self._since = now
        elif self._rest and now - self._since > _ESCAPE_SECONDS:
            self._rest = ""
        text, self._rest = self._rest + fresh, ""
        found: list[Typed] = []
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                end = text.find("\x1b", at)
                plain = text[at : end if end >= 0 else len(text)]
                at += len(plain)
                if self._paste is not None:
                    self._paste.append(plain)
                else:
                    found += [Typed(ch) for ch in plain]
                continue
            sequence = _SEQUENCE.match(text, at)
            if sequence is None:
                if _UNFINISHED.match(text, at):
                    self._rest = text[at:]
                    break
                at += 1
                continue
            at = sequence.end()
            if sequence[0] == _PASTE_BEGINS:
                self._paste = []
            elif sequence[0] == _PASTE_ENDS and self._paste is not None:
                found.append(Typed("".join(self._paste), pasted=True))
                self._paste = None
        return found


def _read(fd: int) -> bytes:
    import select

    data = b""
    while len(data) < 65_536:
        try:
            if not select.select([fd], [], [], 0)[0]:
                break
            chunk = os.read(fd, 4096)
        except OSError:  # EIO: the terminal was closed
            chunk = b""
        if not chunk:
            if not data:
                raise KeyboardInterrupt
            break
        data += chunk
    return data


def _available() -> str:
    assert msvcrt is not None
    out = ""
    while msvcrt.kbhit():
        ch = msvcrt.getwch()
        if ch in "\x00\xe0":  # a function key: its second half says which
            msvcrt.getwch()
        elif ch == "\x03":
            raise KeyboardInterrupt
        else:
            out += ch
    return out
