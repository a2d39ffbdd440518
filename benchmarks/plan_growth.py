"""Measures how the planner grows with the number of accounts: plan and risks together, made-up accounts that hang on each other.

    python benchmarks/plan_growth.py [--sizes 1000,2000,5000] [--rounds 3] [--hard]

A fifth of the accounts sign in through one of a few providers, a tenth keep their password in one of a few managers, some only a
session opens, some take their own sign-in away when they are changed; OLD ends on a known day. ``--hard``: a chain instead, each account
supplying the next, all closed by OLD's end. Limits: 1,000 accounts in 1 s, 5,000 in 6 s of processor time; growth is the exponent between the smallest
and the largest size (1 is linear, 2 quadratic).
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from _table import load  # noqa: E402 - found by the path above

from readdress.models import Change, OldState, RouteKind, Text  # noqa: E402 - found by the path above
from readdress.planner.access import Path as Route  # noqa: E402 - found by the path above
from readdress.planner.access import Service, Way  # noqa: E402 - found by the path above
from readdress.planner.risk import risks  # noqa: E402 - found by the path above
from readdress.planner.situation import Holding, NewMailbox, Situation  # noqa: E402 - found by the path above
from readdress.planner.solve import solve  # noqa: E402 - found by the path above

NOW = datetime(2026, 11, 24, tzinfo=UTC)
BOUNDS = {1000: 1.0, 5000: 6.0}
SAFE = NewMailbox(recovery="phone", second_factor=True)


def way(*needs: str) -> Way:
    return Way(frozenset(needs), 5, "official")


def life(size: int) -> Situation:
    """A person's accounts, made up with a fixed seed."""
    chance = random.Random(7)
    routes = (Route("standard", RouteKind.CHANGE, frozenset({"session"}), Change.ADD, steps=("change",)),)
    lossy = (
        Route(
            "standard",
            RouteKind.CHANGE,
            frozenset({"session"}),
            Change.REPLACE,
            frozenset({"password"}),
            steps=("change",),
        ),
    )
    accounts = []
    for n in range(size):
        provider = n < 5
        via = f"sso:p{chance.randrange(5)}"
        kind = chance.random()
        sign_in = (
            (way("password"), way("phone"))
            if kind < 0.5
            else (way("old_mailbox"),)
            if kind < 0.6
            else (way("password"),)
        )
        sign_in += (way(via),) if chance.random() < 0.2 and not provider else ()
        service = Service(
            f"p{n}" if provider else f"s{n}",
            Text(f"S{n}", f"S{n}"),
            chance.choice(["identity", "social", "other"]),
            sign_in,
            (way("session", "new_mailbox"),),
            (way("old_mailbox"), way("phone")) if chance.random() < 0.5 else (way("old_mailbox"),),
            frozenset({f"sso:p{n}"}) if provider else frozenset(),
            lossy if chance.random() < 0.01 else routes,
        )
        held = {"password"} if chance.random() < 0.7 else set()
        held |= {"phone"} if chance.random() < 0.5 else set()
        held |= {"session"} if chance.random() < 0.1 else set()
        held |= {via} if chance.random() < 0.2 and not provider else set()
        links = {"password": f"a{chance.randrange(5, 10)}"} if n >= 10 and chance.random() < 0.1 else {}
        accounts.append(Holding(f"a{n}", service, frozenset(held), links))
    return Situation(NOW, tuple(accounts), OldState.ALIVE, NOW + timedelta(days=14), {}, SAFE)


def chain(size: int) -> Situation:
    """Each account's password lies in the one before it; the first opens through OLD."""
    route = (Route("standard", RouteKind.CHANGE, frozenset({"session"}), Change.ADD, steps=("change",)),)
    accounts = [
        Holding(
            f"a{n}",
            Service(
                f"s{n}",
                Text(f"S{n}", f"S{n}"),
                "other",
                (way("password" if n else "old_mailbox"),),
                (way("session"),),
                (),
                paths=route,
            ),
            frozenset({"password"}),
            {"password": f"a{n - 1}"} if n else {},
        )
        for n in range(size)
    ]
    return Situation(NOW, tuple(accounts), OldState.ALIVE, NOW + timedelta(days=14), {}, SAFE)


def seconds(situation: Situation) -> float:
    began = time.process_time()  # of this process alone: others share the machine
    risks(situation, solve(situation))
    return time.process_time() - began


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--sizes", default="500,1000,2000,5000")
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--hard", action="store_true")
    given = ask.parse_args()
    sizes = [int(n) for n in given.sizes.split(",")]
    found: dict[int, float] = {}
    failed = False
    print(f"plan and risks, {'a chain' if given.hard else 'a made-up life'}; {load()}")
    for size in sizes:
        situation = chain(size) if given.hard else life(size)
        found[size] = statistics.median(seconds(situation) for _ in range(given.rounds))
        bound = BOUNDS.get(size)
        over = bound is not None and found[size] > bound and not given.hard
        failed |= over
        limit = f"   limit {bound:.0f} s: {'OVER' if over else 'kept'}" if bound else ""
        print(f"  {size:>6} accounts  {found[size]:8.3f} s   {found[size] / size * 1e6:7.1f} µs each{limit}")
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        ratio = found[last] / found[first]
        print(
            f"  {last / first:.0f} times the accounts take {ratio:.1f} times as long: exponent {math.log(ratio) / math.log(last / first):.2f}"
        )
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
