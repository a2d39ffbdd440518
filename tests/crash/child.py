"""The process that is killed. It serves jobs: one JSON line in, a fork for each, its end as a JSON line out.

Everything that a run needs is imported once, before the first fork (no thread runs here yet), so that a run starts at once. Each run
is the leader of its own session, marks itself and all its children by an environment variable, and writes down what
happens in a report. The verb is the library's ``resume``, or the command ``migrate resume`` itself.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import playwright.sync_api
from crash_moments import Moments, Report
from crash_person import Witness, happened

import readdress.browser
import readdress.browser.session
import readdress.cli.app
import readdress.engine.recognising
import readdress.engine.runner
import readdress.mailbox
import readdress.planner.order
import readdress.recipe.catalogue
import readdress.trust.gate
import readdress.workflow.discovering
import readdress.workflow.session
from readdress.engine.eyes import Eyes
from readdress.engine.tools import Ended, Patience
from readdress.models import Ask, Question, Side, Sight
from readdress.practice.person import RehearsalPerson
from readdress.practice.rehearsal import MemoryVault
from readdress.practice.site import PracticeSite
from readdress.practice.site_settings import SiteConfig
from readdress.practice.world import NEW, OLD, key_lookup
from readdress.state import StateFile
from readdress.testing.clock import ShiftingClock
from readdress.userdata import ENV
from readdress.workflow.adapters import Adapters
from readdress.workflow.migration import Migration

MARK = "READDRESS_CRASH_RUN"
_BLIND: set[str] = set()
_TURNS = 4  # so many durable waits are skipped over in one run


def adapters(job: dict[str, Any], clock: ShiftingClock, report: Report) -> Adapters:
    """The outside of a run: the practice world's servers and a person who knows them."""
    site = PracticeSite(SiteConfig.from_json(job["site"]))
    everyday = RehearsalPerson(
        "en", lambda account: site.password, (job["smtp"][0], job["smtp"][1]), NEW, lambda line: None
    )

    def note(question: Question, answer: str) -> None:
        if question.ask is Ask.IN_DOUBT and answer in {"yes", "no"}:
            _BLIND.clear()
        report(asked=question.ask.value, id=question.id, title=question.title.en, body=question.body.en, answer=answer)

    return Adapters(
        person=Witness(everyday, job["doubt"], lambda step: happened(site, step, OLD, NEW), note),
        clock=clock,
        lookup=key_lookup(job["keys"]),
        secrets=MemoryVault(),
        headless=True,
        ask_secret=lambda prompt: job["mailboxes"][NEW if NEW in prompt else OLD],
        patience=Patience(mail=20.0, person=20.0),
    )


def _be_blind(step: str) -> None:
    """The page of that step tells nothing, as if the site had been rebuilt overnight, until the person has said what happened."""
    _BLIND.add(step)
    glance = Eyes.glance

    def glanced(eyes: Eyes, wanted: Any) -> Sight:
        return Sight.unknown("the page is not as it was") if wanted.id in _BLIND else glance(eyes, wanted)

    Eyes.glance = glanced  # type: ignore[method-assign]


def prepare(job: dict[str, Any], report: Report) -> None:
    """Make the state file, with both mailboxes and the accounts that are found in the old one."""
    with Migration.create(OLD, NEW, state=job["state"], adapters=adapters(job, ShiftingClock(), report)) as m:
        for side, config in job["boxes"].items():
            from readdress.models import MailboxConfig

            m.set_mailbox(Side(side), MailboxConfig(**config))
        m.discover()
        report(accounts=[a.id for a in m.accounts()])


def resume(job: dict[str, Any], report: Report) -> None:
    """Go on with what is unfinished; where the old address has to wait, the clock is turned."""
    state = Path(job["state"])
    clock = ShiftingClock(_offset(state))
    a = adapters(job, clock, report)
    if job["via"] == "cli":
        _by_command(state, clock, a, report)
        return
    with Migration.open(state, adapters=a) as m:
        for _ in range(_TURNS):
            outcomes = m.resume()
            for outcome in outcomes:
                report(ended=outcome.ended.value, verdict=outcome.verdict.value, message=outcome.message)
            if not _turned(m, clock):
                break
        if all(o.ended is Ended.DONE for o in outcomes):
            report(left=[o.ended.value for o in m.resume()])


def _by_command(state: Path, clock: ShiftingClock, a: Adapters, report: Report) -> None:
    for _ in range(_TURNS):
        code = readdress.cli.app.run(["resume", "--state", str(state), "--headless"], a)
        report(code=code)
        if code != 4:
            break
        with Migration.open(state, write=False, adapters=a) as m:
            _turned(m, clock)
    sys.stdout.flush()
    os._exit(code)


def _turned(m: Migration, clock: ShiftingClock) -> bool:
    waits = [w for a in m.accounts() if (w := m.state.wait(a.id)) is not None and w.kind == "time"]
    for wait in waits:
        if wait.until is not None:
            clock.reach(wait.until + timedelta(minutes=1))
    return bool(waits)


def _offset(state: Path) -> timedelta:
    """So far ahead had the clock of the run before this one been turned: time never goes back."""
    with StateFile.open(state, clock=ShiftingClock(), write=False) as reader:
        last = max((e.at for e in reader.events()), default=datetime.now(UTC))
    return max(timedelta(), last - datetime.now(UTC))


def _copy(job: dict[str, Any]) -> Callable[[], None]:
    return lambda: (shutil.copyfile(job["state"], Path(job["home"], "copy")), None)[1]


def _then(job: dict[str, Any], report: Report) -> Callable[[], None]:
    """What is done at the moment that the job names."""

    def kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def interrupt() -> None:
        report(interrupted=time.time())
        os.killpg(os.getpgrp(), signal.SIGINT)  # as a terminal does: to everything in its group

    def hold() -> None:
        report(held=os.getpid())
        time.sleep(60)

    return {"kill": kill, "interrupt": interrupt, "hold": hold}[job["then"]]


def work(job: dict[str, Any]) -> None:
    """One run, in its own process."""
    os.setsid()
    os.environ[MARK] = job["run"]
    os.environ[ENV] = job["home"]
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.argv = ["migrate", "resume"]
    report = Report(Path(job["report"]))
    moments = Moments(report, {job["at"]: _then(job, report), job["copy_at"]: _copy(job)})
    moments.hook()
    if blind := job.get("blind"):
        _be_blind(blind)
    {"prepare": prepare, "resume": resume}[job["verb"]](job, report)


def main() -> None:
    """Serve jobs until standard input ends."""
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                work(job)
                code = 0
            except BaseException:  # noqa: BLE001 - whatever it was, the run ends here and not in the loop
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    assert playwright.sync_api
    main()
