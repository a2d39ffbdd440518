"""Other ways in which a run is disturbed: Ctrl-C, a second command beside it, everything killed at once, an older copy of the state file."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("kills processes as POSIX does", allow_module_level=True)
pytest.importorskip("pymap")
pytest.importorskip("allauth")

from crash_checks import Result, everywhere, finish, finished, not_twice, nothing_lost, report
from crash_lab import FLOWS, Broken, Case, Lane, Run, Zygote, ended, gone_within, lanes, survivors
from test_crash_points import GONE, LANES, SEED, SOAK, distinct, undisturbed, usual

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3600 if SOAK else 600)]
FEW = 3  # so many moments of each kind in CI


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Lane]]:
    """Lanes of a site where the address is added and confirmed by a code, which lies in the session: the most that a crash can lose."""
    with lanes(tmp_path_factory.mktemp("notes"), FLOWS["notes"], LANES) as made:
        yield made


@pytest.fixture(scope="module")
def notes(both: list[Lane]) -> Lane:
    """One of the lanes."""
    return both[0]


@pytest.fixture(scope="module")
def dry(notes: Lane) -> Run:
    """The moments of its flow."""
    return undisturbed(notes)


def _some(moments: list[str], what: str) -> list[list[str]]:
    points = distinct(moments)
    return [[p] for p in (points if SOAK else random.Random(f"{SEED}/{what}").sample(points, FEW))]


def _all_held(what: str, dry: Run, results: list[Result], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        report(f"notes, {what}", dry, results)
    faults = [f"{r.point}: {r.fault}" for r in results if r.fault]
    assert not faults, "\n\n".join(faults)


def test_interrupted_by_ctrl_c(both: list[Lane], dry: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C (SIGINT to the whole group, as a terminal sends it) ends ``migrate resume`` with code 3 and a sentence, and it can go on."""

    def one(lane: Lane, row: Sequence[str]) -> Iterator[Result]:
        (point,) = row
        case = lane.fresh()
        stopped = case.run(at=point, then="interrupt", via="cli")
        said = stopped.output.read_text(encoding="utf-8")
        if stopped.status != 3:
            raise Broken(f"ended with {stopped.status}: {stopped.words()}")
        if "Traceback" in said or "Stopped." not in said or "migrate resume" not in said:
            raise Broken(f"said: {said}")
        gone_within(case.names, 2.0)  # it closes its browser itself
        nothing_lost(case, [stopped], exactly=False)
        how, _ = finish(case, [stopped], usual(dry, both[0], lane), exactly=False)
        yield Result(point, how)

    _all_held("Ctrl-C", dry, everywhere(both, _some(dry.moments, "ctrl-c"), one), capsys)


def test_everything_killed_at_once(both: list[Lane], dry: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """As when the machine loses power: process, driver and browser die together, and cookies that were not on disk yet are lost.

    The code that this site awaits lies in the session. Where that is lost, the code is worth nothing, and the person is asked, by the
    step's name, to ask the site for another one: nothing was done twice, and nothing was done besides.
    """
    asked = next(n for n, m in enumerate(dry.moments) if m.startswith("commit step_ended(add_address done)"))
    over = next(n for n, m in enumerate(dry.moments) if m.startswith("commit step_ended(confirm_by_code done)"))
    after_asking = dry.moments[asked : over + 1]

    def one(lane: Lane, row: Sequence[str]) -> Iterator[Result]:
        (point,) = row
        case = lane.fresh()
        job = case.job(at=point, then="hold")
        began = time.monotonic()
        pid = lane.zygote.start(job)
        _held(job["report"])
        for each in (pid, *survivors(case.names)):
            os.kill(each, signal.SIGKILL)
        killed = ended(job, lane.zygote.wait(pid), began)
        if killed.status != -9:
            raise Broken(f"was not killed: {killed.status} {killed.words()}")
        nothing_lost(case, [killed])
        if point in after_asking and _signed_out_for_good(case):
            how = "by hand"
        else:
            how, _ = finish(case, [killed], usual(dry, both[0], lane))
        gone_within(case.names, GONE)
        yield Result(point, how)

    _all_held("power loss", dry, everywhere(both, _some(dry.moments, "power"), one), capsys)


def _signed_out_for_good(case: Case) -> bool:
    """The next run found the session lost and asked for one thing, a new code; then the account waits for the person."""
    run = case.run(doubt="stop")
    if any(line["left"] == [] for line in run.of("left")):
        finished(case, run)
        return False
    asked = {str(a["id"]) for a in run.of("asked") if a["asked"] in {"hand_over", "in_doubt"}}
    with case.reader() as state:
        wait = state.wait(case.lane.account)
        faults = state.check()
    if (
        asked != {f"{case.lane.account}/confirm_by_code_resend/hand_over"}
        or wait is None
        or wait.kind != "person"
        or faults
    ):
        raise Broken(f"asked {asked}, waits for {wait}, faults {faults}: {run.words()}")
    not_twice(case.lane.site)
    return True


def test_a_browser_that_died_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Driver and browser die under a living run: the next use starts them again, and does not trip over its own profile lock."""
    from readdress.workflow.adapters import Adapters
    from readdress.workflow.migration import Migration

    run = f"{tmp_path.name}-{time.monotonic_ns()}"
    monkeypatch.setenv("READDRESS_CRASH_RUN", run)
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path))

    def live_through_it() -> None:
        with Migration.create("a@old.test", "b@new.test", state=tmp_path / "s", adapters=Adapters(headless=True)) as m:
            first = m.session.browser()
            assert first.alive()
            for each in set(survivors([run])) - {os.getpid()}:
                os.kill(each, signal.SIGKILL)
            until = time.monotonic() + 10
            while first.alive() and time.monotonic() < until:
                first.pump(0.1)
            assert not first.alive()
            second = m.session.browser()
            assert second is not first
            assert second.alive()

    # A thread of its own: what the killed driver leaves in its thread must not meet the next test.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(live_through_it).result(60)
    gone_within([run], 3.0)


def test_what_no_page_tells_is_one_named_question(
    both: list[Lane], dry: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no page can tell any more what became of an act, the person is asked once, by name; "stop" does nothing, the truth finishes."""
    points = [f"act {step}: {when}" for step in ("confirm_by_code", "make_primary") for when in ("before", "after")]

    def one(lane: Lane, row: Sequence[str]) -> Iterator[Result]:
        (point,) = row
        case = lane.fresh()
        step = point.removeprefix("act ").partition(":")[0]
        killed = case.run(at=point)
        how, runs = finish(case, [killed], usual(dry, both[0], lane), blind=step)
        asked = [a for run in runs for a in run.of("asked") if a["asked"] == "in_doubt"]
        if how != "question" or [a["answer"] for a in asked] != ["stop", "no" if point.endswith("before") else "yes"]:
            raise Broken(f"finished {how}, asked {asked}")
        if {a["id"] for a in asked} != {f"{lane.account}/{step}/in_doubt"} or "Did it happen?" not in asked[0]["title"]:
            raise Broken(f"asked {asked}")
        gone_within(case.names, GONE)
        yield Result(point, how, asked=[a["id"] for a in asked])

    _all_held("pages that tell nothing", dry, everywhere(both, [[p] for p in points], one), capsys)


def test_second_command_is_told_who(notes: Lane) -> None:
    """While one ``resume`` runs, a second one ends at once and names the first; then, the first one killed, it goes on."""
    case = notes.fresh()
    job = case.job(at="act add_address: after", then="hold")
    began = time.monotonic()
    pid = notes.zygote.start(job)
    _held(job["report"])
    second = Zygote()
    try:
        beside_job = case.job(via="cli")
        effects = len(notes.site.acts())
        beside = ended(beside_job, second.wait(second.start(beside_job)), time.monotonic())
    finally:
        second.close()
    assert beside.status == 1
    said = beside.output.read_text(encoding="utf-8")
    assert "is being written by `migrate resume`" in said
    assert f"(process {pid})" in said
    assert "Traceback" not in said
    assert len(notes.site.acts()) == effects
    assert not beside.moments
    os.kill(pid, signal.SIGKILL)
    first = ended(job, notes.zygote.wait(pid), began)
    how, _ = finish(case, [first], {q["id"] for q in first.of("asked")} | {f"{notes.account}/add_address/sender"})
    assert how == "directly"


def test_older_copy_elsewhere(both: list[Lane], dry: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The state file was copied in the middle, the run went on and died, and the copy is used on another machine, or put back here.

    Everything is looked at again before any act, so nothing is done twice, however much further the site is than the copy.
    """
    dice = random.Random(f"{SEED}/copies")
    moments = [m for m in dry.moments if m.startswith("commit ") and m.split(" #")[0].endswith(": after")]
    # Before that the file does not say as whom one signs in where the old address has gone: nobody but the person could go on.
    moments = moments[moments.index("commit bound(login): after") :]
    # And before a mail was asked for, a copy cannot tell the site's mail from an old one: there the person is asked to have it sent again.
    moments = moments[next(n for n, m in enumerate(moments) if "mail_expected(" in m) :]
    pairs = [(a, b) for a in range(len(moments)) for b in range(a + 1, len(moments) + 1)]
    chosen = dice.sample(pairs, min(len(pairs), 60 if SOAK else 4))
    points = [
        f"{moments[a]} | {moments[b] if b < len(moments) else 'the end'} | {dice.choice(['elsewhere', 'here'])}"
        for a, b in chosen
    ]

    def one(lane: Lane, row: Sequence[str]) -> Iterator[Result]:
        (point,) = row
        copied, until, where = point.split(" | ")
        case = lane.fresh()
        further = case.run(at="" if until == "the end" else until, copy_at=copied)
        if further.status != (0 if until == "the end" else -9):
            raise Broken(f"ended with {further.status}: {further.words()}")
        gone_within(case.names, GONE)
        older = case
        if where == "elsewhere":
            older = Case(lane, case.home.with_name(f"{case.home.name}-elsewhere"))
            older.home.mkdir(mode=0o700)
        shutil.copyfile(case.home / "copy", older.state)
        older.state.chmod(0o600)
        how, _ = finish(older, [], usual(dry, both[0], lane))
        gone_within(older.names, GONE)
        yield Result(point, how)

    _all_held("older copies", dry, everywhere(both, [[p] for p in points], one), capsys)


def test_what_a_killed_run_leaves_behind_ends_by_itself(notes: Lane) -> None:
    """After a kill in the middle of an act, driver and browser end by themselves within seconds; none is left for the system to keep."""
    case = notes.fresh()
    killed = case.run(at="act add_address, Locator.click: after")
    assert killed.status == -9
    took = gone_within(case.names, GONE)
    assert took < GONE
    _, runs = finish(case, [killed], {a["id"] for a in killed.of("asked")} | {f"{notes.account}/add_address/sender"})
    assert runs
    assert not survivors(case.names)


def test_the_checks_see_a_second_act(notes: Lane) -> None:
    """The crash test can fail: an address that is confirmed, taken away and confirmed again counts as done twice, a lost event is seen."""
    case = notes.fresh()
    run = case.run()
    finished(case, run)
    again = notes.site.config.log
    lines = again.read_text(encoding="utf-8").splitlines(keepends=True)
    confirmed = next(line for line in lines if '"what": "email_confirmed"' in line)
    with again.open("a", encoding="utf-8") as log:
        log.write(confirmed)
    with pytest.raises(Broken, match="done twice"):
        not_twice(notes.site)
    run.lines.append({"commit": 10_000, "kinds": ["note"]})
    with pytest.raises(Broken, match="committed and not there"):
        nothing_lost(case, [run])


def _held(path: str) -> None:
    """Wait until the run says that it has stopped at its moment."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if Path(path).exists() and '"held"' in Path(path).read_text(encoding="utf-8"):
            return
        time.sleep(0.02)
    raise Broken("the run did not come to its moment")
