"""Kills (SIGKILL) a run at every commit, every act and every browser action of the rehearsal's flows, and lets ``resume`` go on.

What must hold after each: the state file is sound and holds every event that was reported as committed; ``resume`` finishes, or asks
exactly one named question and, answered truthfully, then finishes; the address is read back and the site's own database agrees; nothing was
done twice; nothing that the killed run had started stays behind. With a person who says stop at that question, the account waits
for a person and nothing is done.

CI runs all moments of one site where the address is added and of one where it is replaced, and a seeded sample of the others.
``READDRESS_SOAK=1`` runs all moments of all sites, the ones that are the same instant too, and kills at random times.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator, Sequence

import pytest

if sys.platform == "win32":
    pytest.skip("kills processes as POSIX does", allow_module_level=True)
pytest.importorskip("pymap")
pytest.importorskip("allauth")

from crash_checks import Result, everywhere, finish, finished, killed_in_turn, nothing_lost, report
from crash_lab import FLOWS, Broken, Lane, Run, gone_within, lanes

SOAK = os.environ.get("READDRESS_SOAK") == "1"
SEED = int(os.environ.get("READDRESS_SEED", "20261123"))
LANES = max(1, min(4, os.cpu_count() or 1))
WHOLE = {"forum", "cloud"}  # an add by link and a replace by code: all their moments also in CI
KILLS = 2  # so many kills each account goes through in CI, one after the other; one in a soak
SAMPLE = 4  # so many moments of each other site in CI
RANDOM_KILLS = int(os.environ.get("READDRESS_KILLS", "200"))  # over all sites
GONE = 6.0  # seconds in which everything that a killed run had started must have ended

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(14_400 if SOAK else 1800)]


@pytest.fixture(params=list(FLOWS))
def flow(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Lane]]:
    """Lanes of one site each, as many as there are processors."""
    name = str(request.param)
    with lanes(tmp_path_factory.mktemp(name), FLOWS[name], LANES) as made:
        yield made


def distinct(moments: list[str]) -> list[str]:
    """The moments, without those "before" that are the same instant as the moment in front of them.

    After a commit, or after a field was filled, nothing outside changes until the next moment: only pages are read in between. After a
    click, a visit or a whole act the site may still be at work, so there the next "before" is another instant.
    """
    at_work = ("click: after", "goto: after", "press: after")
    kept = []
    for before, moment in zip(["", *moments], moments, strict=False):
        name = before.split(" #")[0]
        still = name.endswith(at_work) or (name.startswith("act ") and "," not in name and name.endswith(": after"))
        if moment.split(" #")[0].endswith(": after") or not before or still:
            kept.append(moment)
    return kept


def chains(points: list[str], moments: list[str], length: int) -> list[list[str]]:
    """Put the points into rows for one account each: killed at the first, the next run killed at the second, and so on.

    The points of a row lie in different steps, so that the run after a kill comes to the next one by itself.
    """
    step, number = {}, 0
    for moment in moments:
        step[moment] = number
        number += moment.startswith("commit step_ended(") and moment.endswith(": after")
    height = -(-len(points) // length)
    rows = [points[n::height] for n in range(height)]
    split: list[list[str]] = []
    for row in rows:
        split.append([])
        for point in row:
            if split[-1] and step[split[-1][-1]] >= step[point]:
                split.append([])
            split[-1].append(point)
    return split


def undisturbed(lane: Lane) -> Run:
    """A dry run: it must finish, and its report lists the moments."""
    case = lane.fresh()
    run = case.run()
    finished(case, run)
    nothing_lost(case, [run])
    gone_within(case.names, GONE)
    return run


def usual(run: Run, lane: Lane, other: Lane) -> set[str]:
    """The questions of the dry run ``run`` on ``lane``, as they are called on the lane ``other``."""
    return {str(a["id"]).replace(lane.account, other.account) for a in run.of("asked")}


def test_every_moment(flow: list[Lane], capsys: pytest.CaptureFixture[str]) -> None:
    """Killed at any moment of the flow, the next run finishes or asks one named question, and never acts twice."""
    first = flow[0]
    dry = undisturbed(first)
    name = first.site.id
    _covers(first, dry)
    points = dry.moments if SOAK else distinct(dry.moments)
    if not SOAK and name not in WHOLE:
        points = sorted(random.Random(f"{SEED}/{name}").sample(points, SAMPLE), key=points.index)
    rows = chains(points, dry.moments, 1 if SOAK else KILLS)
    assert sorted(p for row in rows for p in row) == sorted(points)

    def one(lane: Lane, row: Sequence[str]) -> Iterator[Result]:
        yield from killed_in_turn(lane, row, usual(dry, first, lane), GONE)

    results = everywhere(flow, rows, one)
    with capsys.disabled():
        report(name, dry, results)
    faults = [f"{r.point}: {r.fault}" for r in results if r.fault]
    assert sorted(r.point for r in results if not r.fault) == sorted(points) or faults
    assert not faults, "\n\n".join(faults)


def _covers(lane: Lane, dry: Run) -> None:
    """The dry run's moments are what they claim to be: each act of the route is among them, and each commit of the log."""
    from readdress.recipe.catalogue import Catalogue

    with lane.last.reader() as state:
        pack = Catalogue().get(state.account(lane.account).service)
        route = next(r for r in pack.recipe.route if r.id == state.route(lane.account))
        commits = len([1 for line in dry.lines if str(line.get("moment", "")).startswith("commit ")])
        assert commits == 2 * len(dry.of("commit"))
        assert sum(len(c["kinds"]) for c in dry.of("commit")) == state.header().serial - dry.of("commit")[0][
            "commit"
        ] + len(dry.of("commit")[0]["kinds"])
    for step in route.step:
        if step.id in pack.acts:
            assert f"act {step.id}: before" in dry.moments
            assert f"act {step.id}: after" in dry.moments
            assert any(m.startswith(f"act {step.id}, ") and "click: after" in m for m in dry.moments), step.id
    used = [step.uses for step in route.step if step.uses]
    assert all(any(f"mail_used({mail})" in m for m in dry.moments) for mail in used)


@pytest.mark.skipif(not SOAK, reason="READDRESS_SOAK=1 runs it")
def test_random_times(flow: list[Lane], capsys: pytest.CaptureFixture[str]) -> None:
    """Killed from outside after a random number of milliseconds, also in looks, waits and half-way through a commit."""
    first = flow[0]
    dry = undisturbed(first)
    dice = random.Random(f"{SEED}/{first.site.id}/times")
    times = [f"{dice.uniform(0.0, dry.seconds):.3f} s" for _ in range(RANDOM_KILLS // len(FLOWS))]

    def one(lane: Lane, row: Sequence[str]) -> Iterator[Result]:
        (point,) = row
        case = lane.fresh()
        killed = case.run(killed_after=float(point.split()[0]))
        if killed.status not in {-9, 0}:
            raise Broken(f"ended by itself: {killed.status} {killed.words()}")
        nothing_lost(case, [killed], exactly=False)
        how, _ = finish(case, [killed], usual(dry, first, lane), exactly=False)
        gone_within(case.names, GONE)
        yield Result(point, how)

    results = everywhere(flow, [[t] for t in times], one)
    with capsys.disabled():
        report(f"{first.site.id}, random times", dry, results)
    faults = [f"{r.point}: {r.fault}" for r in results if r.fault]
    assert not faults, "\n\n".join(faults)
