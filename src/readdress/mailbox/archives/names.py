"""Names of a folder's files in a stable order and in bounded memory, with a check number of those that lie behind a mark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b

AT_ONCE = 50_000
"""Names that are held at a time; a larger folder is listed several times over, which costs less than a message's reading."""


def in_order(listing: Callable[[], Iterable[str]], at_once: int = AT_ONCE) -> Iterator[str]:
    """All names that ``listing`` gives, sorted by code point, each once; it is called again for every ``at_once`` names."""
    last: str | None = None
    while True:
        found: list[str] = []
        bound: str | None = None
        more = False
        for name in listing():
            if (last is not None and name <= last) or (bound is not None and name > bound):
                continue
            found.append(name)
            if len(found) >= 2 * at_once:
                found.sort()
                del found[at_once:]
                bound, more = found[-1], True
        found.sort()
        more = more or len(found) > at_once
        del found[at_once:]
        yield from found
        if not more:
            return
        last = found[-1]


class Chain:
    """A check number over names in order: equal only where the same names stood in the same order."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=8)

    def add(self, name: str) -> None:
        """One more name; what stands behind a NUL in it may change (a Maildir's flags) and does not count."""
        self._hash.update(name.partition("\0")[0].encode("utf-8", "surrogateescape") + b"\0")

    def number(self) -> int:
        """The number so far, of 63 bits."""
        return int.from_bytes(self._hash.digest(), "big") >> 1


def resumed(listing: Callable[[], Iterable[str]], at: int, check: int) -> tuple[Iterator[tuple[int, str]], Chain, bool]:
    """Numbered names after the first ``at``, the chain over those, and whether the folder has another beginning than ``check`` says.

    With another beginning, all names are given.
    """
    names = in_order(listing)
    chain = Chain()
    passed = 0
    while passed < at and (name := next(names, None)) is not None:
        chain.add(name)
        passed += 1
    if passed == at and (at == 0 or chain.number() == check):
        return enumerate(names, at), chain, False
    return enumerate(in_order(listing)), Chain(), True
