"""Reads a JSON document piece by piece: only what stands on given paths is ever built, one value at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from readdress.passwords.trouble import ExportDamaged

VALUE_CAP = 32 << 20
KEY_CAP = 4096
DEPTH_CAP = 200

Path = tuple[str, ...]
"""Keys from the top; ``*`` stands for any key or any place in a list."""

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r'[^"{}\[\],\s]+')
_GOES_ON = frozenset(".eE+-0123456789")
_STRING = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)


class Malformed(Exception):
    """The text stops being JSON here, or goes over a cap."""


class JsonStream:
    """Walks one document. ``wanted``: paths whose values are given; lists and objects on the way to them are walked through."""

    def __init__(self, read: Callable[[], str], wanted: tuple[Path, ...]) -> None:
        self._read = read
        self._wanted = wanted
        self._buffer = ""
        self._at = 0
        self._over = False
        self._decoder = json.JSONDecoder(strict=False)

    def items(self) -> Iterator[tuple[Path, Any]]:
        """Path and value, in the order of the text. Raises :class:`Malformed` where the text breaks off."""
        yield from self._value(())
        if self._peek():
            raise Malformed

    def _value(self, path: Path) -> Iterator[tuple[Path, Any]]:
        if any(_fits(path, want) for want in self._wanted):
            yield path, self._take()
            return
        if len(path) > DEPTH_CAP:
            raise Malformed
        first = self._peek()
        leads = any(len(want) > len(path) and _fits(path, want[: len(path)]) for want in self._wanted)
        if leads and first == "{":
            yield from self._object(path)
        elif leads and first == "[":
            yield from self._array(path)
        else:
            self._skip()

    def _object(self, path: Path) -> Iterator[tuple[Path, Any]]:
        self._at += 1
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                raise Malformed
            key = self._take(cap=KEY_CAP)
            self._expect(":")
            yield from self._value((*path, key))
            if self._next_of("}"):
                return

    def _array(self, path: Path) -> Iterator[tuple[Path, Any]]:
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield from self._value((*path, "*"))
            if self._next_of("]"):
                return

    def _next_of(self, end: str) -> bool:
        mark = self._peek()
        if mark not in (",", end) or not mark:
            raise Malformed
        self._at += 1
        return mark == end

    def _expect(self, mark: str) -> None:
        if self._peek() != mark:
            raise Malformed
        self._at += 1

    def _peek(self) -> str:
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _more(self, pieces: int = 1) -> bool:
        """Adds the next pieces to what is not read yet; false at the end of the text."""
        got: list[str] = []
        while len(got) < pieces and not self._over:
            piece = self._read()
            self._over = not piece
            got.append(piece)
        self._buffer = self._buffer[self._at :] + "".join(got)
        self._at = 0
        return any(got)

    def _take(self, cap: int = VALUE_CAP) -> Any:
        """The value that begins here, built whole."""
        self._peek()
        pieces = 1
        while True:
            end = -1
            value: Any = None
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError):
                end = -1  # malformed, or not all here yet; what the error holds of the text goes with it
            # A number may go on in the next piece ("1", "1.", "1.5e3"); everything else ends itself.
            follows = self._buffer[end : end + 1] if end >= 0 else "."
            whole = end >= 0 and (follows not in _GOES_ON if follows else self._over or self._buffer[end - 1] in '"}]')
            if (end if whole else len(self._buffer)) - self._at > cap:
                raise Malformed
            if whole:
                self._at = end
                return value
            # Twice as much before each further try: trying after every piece would be quadratic.
            if not self._more(pieces) and (end < 0 or follows):
                raise Malformed
            pieces = min(pieces * 2, 64)

    def _skip(self) -> None:
        """Over the value that begins here, without building it: bounded memory, whatever its size and depth."""
        depth = 0
        while mark := self._peek():
            if mark == '"':
                self._skip_string()
            elif mark in "{[":
                depth += 1
                self._at += 1
            elif mark in "}],":
                if depth == 0:
                    return
                depth -= mark != ","
                self._at += 1
            else:
                found = _SCALAR.match(self._buffer, self._at)
                self._at = found.end() if found else self._at + 1
        if depth:
            raise Malformed

    def _skip_string(self) -> None:
        self._at += 1
        while True:
            found = _STRING.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._buffer[self._at : self._at + 1] == '"':
                self._at += 1
                return
            if not self._more():  # the piece ends here, perhaps between a backslash and what it escapes
                raise Malformed


def _fits(path: Path, want: Path) -> bool:
    return len(path) == len(want) and all(w in ("*", p) for p, w in zip(path, want, strict=True))


def damaged(number: int) -> ExportDamaged:
    """The error for a document that stops being readable after ``number`` entries."""
    return ExportDamaged(
        f"The export is cut off or damaged after entry {number}: what follows cannot be read.", row=number + 1
    )
