"""What must hold after a kill: nothing lost, nothing twice, one question at most; and going through many kill points."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from crash_lab import Broken, Case, Lane, Run, gone_within

from readdress.practice.site import PracticeSite
from readdress.practice.world import NEW, OLD


def nothing_lost(case: Case, runs: Sequence[Run], *, exactly: bool = True) -> None:
    """The state file is sound, and every event that a run reported as committed stands in it, in that order.

    ``exactly``: nothing else does (a kill from outside may fall between a commit and its report).
    """
    with case.reader() as state:
        faults = state.check()
        events = {e.seq: e.kind.value for e in state.events()}
    if faults:
        raise Broken(f"the state file has faults: {faults}")
    reported: dict[int, str] = {}
    for run in runs:
        for line in run.of("commit"):
            first = line["commit"] - len(line["kinds"]) + 1
            reported |= {first + n: kind for n, kind in enumerate(line["kinds"])}
    lost = {seq: kind for seq, kind in reported.items() if events.get(seq) != kind}
    if lost:
        raise Broken(f"committed and not there: {lost}")
    if exactly and reported and max(events) != max(reported):
        raise Broken(f"the log ends at {max(events)}, and the last commit was {max(reported)}")


def not_twice(site: PracticeSite) -> None:
    """No act had its effect twice, and none was tried again once it had it. By the site's own record.

    A code that is awaited lies in the session: once that is gone (the browser died with its cookie) and somebody has signed in
    anew, the site has forgotten that it was asked, and asking again is the first time.
    """
    acts = site.acts()
    effects = [a for a in acts if a["kind"] == "effect" and a.get("email") in {OLD, NEW}]
    for what in ("email_added", "email_confirmed", "primary_changed", "email_removed"):
        count = len([e for e in effects if e["what"] == what])
        if count > 1:
            raise Broken(f"done twice: {what} × {count}")
    asked = 0
    for act in acts:
        if act["kind"] != "effect":
            continue
        if act["what"] == "signed_in" and site.mode.value in {"code", "reauth_code"}:
            asked = 0
        if act["what"] == "mail_sent" and act["mail"] == "email_confirmation":
            asked += 1
        if asked > 1:
            raise Broken("asked twice for the same confirmation")


def agrees(site: PracticeSite) -> None:
    """The site's own database: NEW is the account's address and OLD is not; the bystander is as before."""
    mine = site.addresses()
    if [(a.email, a.verified, a.primary) for a in mine] != [(NEW, True, True)] or site.user_email() != NEW:
        raise Broken(f"the site has {mine} and writes to {site.user_email()}")
    other = site.addresses(site.config.bystander)
    if [(a.email, a.verified) for a in other] != [(site.config.bystander_email, True)]:
        raise Broken(f"somebody else's account was changed: {other}")


@dataclass
class Result:
    """What became of one kill point."""

    point: str
    how: str = ""  # directly | question | again (the next run went on, and was killed itself)
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)
    fault: str = ""


def finish(
    case: Case, before: Sequence[Run], ordinary: set[str], *, exactly: bool = True, blind: str = ""
) -> tuple[str, list[Run]]:
    """``resume`` after the runs ``before``, and everything that must hold. Returns how it finished, and the runs that it took.

    First with a person who stops where something is in doubt, then with one who tells the truth. ``ordinary``: the questions that an
    uninterrupted run asks as well.
    """
    run = case.run(doubt="stop", blind=blind)
    done = [run]
    how = "directly"
    if run.status == 0 and _doubts([run]):
        how = "question"
        _one_doubt(case, run)
        done.append(case.run(doubt="truth", blind=blind))
        if _doubts(done[1:]) != _doubts([run]):
            raise Broken(f"asked {_doubts([run])} first and then {_doubts(done[1:])}")
    _only_usual(done, ordinary)
    finished(case, done[-1])
    nothing_lost(case, [*before, *done], exactly=exactly)
    return how, done


def finished(case: Case, run: Run) -> None:
    """The run came to its end: read back, the site agrees, nothing done twice, nothing left to do."""
    verdicts = [line["verdict"] for line in run.of("ended")]
    if run.status != 0 or (not verdicts and not run.of("left")):
        raise Broken(f"resume did not end well ({run.status}): {run.words()}")
    with case.reader() as state:
        verdict = state.account(case.lane.account).verdict()
        wait = state.wait(case.lane.account)
    if not verdict.finished or wait is not None or (verdicts and verdicts[-1] != "read_back"):
        raise Broken(f"not finished: {verdict}, waits: {wait}; {run.words()}")
    if [line["left"] for line in run.of("left")] != [[]]:
        raise Broken(f"something was left to do: {run.of('left')}")
    agrees(case.lane.site)
    not_twice(case.lane.site)


def _one_doubt(case: Case, run: Run) -> None:
    """It asked one named question; the person said stop; the account waits for a person, and the site saw nothing but a sign-in."""
    with case.reader() as state:
        wait = state.wait(case.lane.account)
    if len(_doubts([run])) != 1:
        raise Broken(f"not one question, but {_doubts([run])}: {run.words()}")
    if wait is None or wait.kind != "person" or run.of("ended")[-1]["ended"] != "needs_person":
        raise Broken(f"the person said stop, and the account waits for {wait}: {run.words()}")
    asked = run.of("asked")[-1]
    acts = [a for a in case.lane.site.acts() if a["kind"] == "effect" and not a["what"].startswith("signed_")]
    late = [a for a in acts if datetime.fromisoformat(a["at"]).timestamp() > asked["t"]]
    if late:
        raise Broken(f"the person said stop, and {late} was done")


def killed_in_turn(lane: Lane, row: Sequence[str], ordinary: set[str], gone: float) -> Iterator[Result]:
    """One fresh account, killed at the first point of ``row``; ``resume`` killed at the second; …; the last ``resume`` finishes.

    A later point that a run does not come to (it finished before) is tried on an account of its own.
    """
    case = lane.fresh()
    done: list[Run] = []
    found: list[Result] = []
    for number, point in enumerate(row):
        run = case.run(at=point, doubt="stop")
        done.append(run)
        if found and _doubts([run]):
            _one_doubt(case, run)
            found[-1].how, found[-1].asked = "question", _doubts([run])
            run = case.run(at=point, doubt="truth")
            done.append(run)
        if run.status == 0 and found:
            finished(case, run)
            yield from found
            for left in row[number:]:
                yield from killed_in_turn(lane, [left], ordinary, gone)
            return
        if run.status != -9:
            raise Broken(f"was not killed at {point!r}: {run.status} {run.words()}")
        nothing_lost(case, done)
        not_twice(lane.site)
        _only_usual(done, ordinary)
        found.append(Result(point, "again"))
    found[-1].how, after = finish(case, done, ordinary)
    found[-1].asked = _doubts(after)[:1]
    gone_within(case.names, gone)
    yield from found


def _doubts(runs: Sequence[Run]) -> list[str]:
    return [str(a["id"]) for run in runs for a in run.of("asked") if a["asked"] == "in_doubt"]


def _only_usual(runs: Sequence[Run], ordinary: set[str]) -> None:
    """Nothing was asked but what an uninterrupted run asks too, and what is in doubt.

    One thing more may be asked before an address is replaced: which other way in the person holds, when the run that saw the password
    work died before it could write that down.
    """
    strange = [
        a
        for r in runs
        for a in r.of("asked")
        if a["asked"] != "in_doubt"
        and a["id"] not in ordinary
        and not (a["asked"] == "choose" and a["title"] == "Another way in")
    ]
    if strange:
        raise Broken(f"asked something else: {strange}\n{runs[-1].words()}")


def everywhere(
    lanes: Sequence[Lane], rows: Sequence[Sequence[str]], one: Callable[[Lane, Sequence[str]], Iterator[Result]]
) -> list[Result]:
    """Do ``one`` for every row of points, as many at once as there are lanes. A fault is kept, not raised."""
    left = list(reversed(rows))
    results: list[Result] = []
    lock = threading.Lock()

    def work(lane: Lane) -> None:
        while True:
            with lock:
                if not left:
                    return
                row = left.pop()
            began = time.monotonic()
            try:
                found = list(one(lane, row))
            except Exception as error:  # noqa: BLE001 - a fault of one row is reported with the others
                found = [Result(" + ".join(row), fault=f"{type(error).__name__}: {error}")]
            seconds = (time.monotonic() - began) / len(row)
            with lock:
                for result in found:
                    result.seconds = seconds
                    results.append(result)
                    _write_down(lane.site.id, result)

    threads = [threading.Thread(target=work, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


_WORDS = {
    "directly": "finished directly",
    "again": "went on to the next kill",
    "question": "asked one question",
    "by hand": "handed one step over",
}


def report(what: str, dry: Run, results: Sequence[Result]) -> None:
    """Print what came of the kill points of one flow: how many finished directly, how many asked, and how long they took."""
    took = sorted(r.seconds for r in results)
    how = Counter(r.how for r in results if not r.fault)
    print(
        f"\n{what}: {len(dry.moments)} moments, {len(results)} tried; "
        + "".join(f"{how[kind]} {words}, " for kind, words in _WORDS.items() if how[kind])
        + f"{sum(1 for r in results if r.fault)} faults; {took[len(took) // 2]:.1f} s in the median, {took[-1]:.1f} s at most"
    )
    for asked, count in Counter(r.asked[0].partition("/")[2] for r in results if r.asked).items():
        print(f"    asked {asked}: {count}")


def _write_down(flow: str, result: Result) -> None:
    """Keep the result beside the others, where ``READDRESS_CRASH_REPORT`` names a folder: a long run can be watched."""
    folder = os.environ.get("READDRESS_CRASH_REPORT")
    if folder:
        with Path(folder, f"{flow}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
