"""What the kind of a new subject costs, beside the standard library's parsing of one header: subjects of all ten languages."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.parser import BytesHeaderParser
from email.utils import parseaddr

from readdress.discovery import kind_of
from tests.corpus.build import load


def best(work: Callable[[], object], number: int) -> float:
    """Processor microseconds an item, the best of seven runs: other processes only ever add to it."""
    found = []
    for _ in range(7):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found) / number * 1e6


def main() -> None:
    """Print both, and their ratio. A third of the subjects have a number that no subject before had, as orders and codes have."""
    samples = [s for half in ("dev", "wide") for s in load(half)]
    rows = [(s.subject, *parseaddr(s.sender)) for s in samples]
    headers = [s.octets().partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for s in samples]
    fresh = iter(range(10**6, 10**9, 7919))

    def judge() -> None:
        for number, (subject, name, address) in enumerate(rows):
            kind_of(f"{subject} {next(fresh)}" if number % 3 == 0 else subject, sender=address, name=name)

    parser = BytesHeaderParser()
    judge()
    ours = best(judge, len(rows))
    peer = best(lambda: [parser.parsebytes(header) for header in headers], len(headers))
    print(
        f"kind of a new subject {ours:.1f} µs, BytesHeaderParser {peer:.1f} µs: {ours / peer:.2f}× (aim: 8 µs where the parser takes 42, 0.19×)"
    )


if __name__ == "__main__":
    main()
