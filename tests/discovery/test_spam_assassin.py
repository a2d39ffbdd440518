"""Ordinary mail that nobody here wrote: it neither crashes discovery nor holds it up, and makes no accounts that are none.

What counts as a wrong account. Every ham message is looked at alone, as if it were addressed to the person (its own To is taken as their
address), without any provider's stamp, and opened whenever discovery asks. Each candidate that is then believed counts as wrong, with
no exception made for the few that may be right (a store's order, a member's bulletin): the set has no labels for accounts, and the harsh count
needs no judgement of ours. The collection is of 2002: mailing lists, friends, news feeds and newsletters.
"""

from __future__ import annotations

import re
import time

import pytest

from readdress.discovery import Person
from tests.discovery.pipeline import discover
from tests.discovery.spam_assassin import HAM, SPAM, messages

MOST = 0.01
SECONDS = 2.0
_TO = re.compile(rb"(?im)^to:[^\n]*?([A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)")


def run(raw: bytes) -> tuple[int, float]:
    """Believed accounts that one message makes, and the seconds of processor time that it took."""
    to = _TO.search(raw.partition(b"\n\n")[0])
    started = time.process_time()
    found = discover([raw], Person(to[1].decode() if to else "person@example.com"), ("mx.example.com",))
    return sum(candidate.believed for candidate in found.candidates), time.process_time() - started


@pytest.mark.timeout(300)
def test_of_ham_at_most_one_in_a_hundred_makes_an_account() -> None:
    """4,150 messages of friends, lists and newsletters: at most one in a hundred is taken for an account, none takes over two seconds."""
    results = [(name, *run(raw)) for name, raw in messages(*HAM)]
    wrong = sum(bool(accounts) for _, accounts, _ in results)
    slowest = max(results, key=lambda r: r[2])
    print(f"\nham: {wrong} of {len(results)} make an account ({wrong / len(results):.2%}); slowest {slowest[2]:.2f} s")
    assert len(results) == 4150
    assert slowest[2] < SECONDS, slowest
    assert wrong <= MOST * len(results)


@pytest.mark.timeout(300)
def test_spam_neither_crashes_nor_delays() -> None:
    """1,896 messages with every defect that spammers invent are read in bounded time."""
    results = [(name, *run(raw)) for name, raw in messages(*SPAM)]
    slowest = max(results, key=lambda r: r[2])
    print(f"\nspam: {len(results)} read, slowest {slowest[2]:.2f} s")
    assert len(results) > 1800
    assert slowest[2] < SECONDS, slowest
