"""The laboratory: lanes with one site and one mail server each, fresh accounts, runs that are killed, and what must hold after."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readdress.models import MailboxConfig, Side
from readdress.practice.mailserver import MailServer
from readdress.practice.seed import NOISE_DOMAINS, seed
from readdress.practice.signing import Signer
from readdress.practice.site import BRANDS, Brand, PracticeSite, PracticeSites
from readdress.practice.world import NEW, OLD
from readdress.state import StateFile
from readdress.testing.clock import ShiftingClock

MARK = b"READDRESS_CRASH_RUN="
_CHILD = Path(__file__).with_name("child.py")
_RUN_SECONDS = 90.0
FLOWS = {brand.id: brand for brand in BRANDS}


class Broken(AssertionError):
    """Something that must hold after a kill does not."""


class Zygote:
    """A process that has everything imported and forks one run at a time."""

    def __init__(self) -> None:
        root = _CHILD.parents[2] / "src"
        env = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])}
        self._process = subprocess.Popen(
            [sys.executable, str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
            start_new_session=True,
        )

    def start(self, job: dict[str, Any]) -> int:
        """Start a run; returns its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return int(self._answer()["pid"])

    def wait(self, pid: int) -> int:
        """Wait for its end: an exit code, or minus a signal. A run that does not end is killed, which fails the test."""
        timer = threading.Timer(_RUN_SECONDS, lambda: os.kill(pid, signal.SIGABRT))
        timer.start()
        try:
            return int(self._answer()["status"])
        finally:
            timer.cancel()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that forks the runs has died")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._process.stdout.close()


@dataclass
class Run:
    """One run that has ended: how (exit code or minus a signal), and its report."""

    name: str
    status: int
    lines: list[dict[str, Any]]
    output: Path
    seconds: float

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The report's lines of that kind."""
        return [line for line in self.lines if kind in line]

    @property
    def moments(self) -> list[str]:
        """The names of the moments that it reached, in order."""
        return [str(line["moment"]) for line in self.of("moment")]

    def words(self) -> str:
        """What it printed and its last lines, for a failing test."""
        said = self.output.read_text(encoding="utf-8", errors="replace") if self.output.exists() else ""
        return said[-3000:] + "\n".join(json.dumps(x, ensure_ascii=False)[:300] for x in self.lines[-12:])


@dataclass
class Case:
    """A fresh account with its own state file and data folder."""

    lane: Lane
    home: Path
    runs: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def state(self) -> Path:
        """The state file."""
        return self.home / "crash.readdress"

    def job(
        self,
        *,
        at: str = "",
        then: str = "kill",
        doubt: str = "truth",
        via: str = "library",
        copy_at: str = "",
        blind: str = "",
    ) -> dict[str, Any]:
        """A run over this account, to be given to a zygote.

        ``then`` (kill, interrupt, hold) is done at the moment ``at``; at ``copy_at`` the state file is copied to ``home / "copy"``. ``doubt``
        (truth, stop): what the person answers where something is in doubt. ``via``: library or cli. ``blind``: a step whose page tells
        nothing until the person has answered.
        """
        self.runs += 1
        run = f"{self.home.parent.name}-{self.home.name}-{self.runs}-{secrets.token_hex(4)}"
        self.names.append(run)
        return self.lane.facts | {
            "verb": "resume", "run": run, "home": str(self.home), "state": str(self.state), "at": at, "then": then, "doubt": doubt,
            "via": via, "copy_at": copy_at, "blind": blind, "report": str(self.home / f"report-{self.runs}"), "output": str(self.home / f"output-{self.runs}"),
        }  # fmt: skip

    def run(self, killed_after: float | None = None, **how: str) -> Run:
        """Run it to its end. ``killed_after``: so many seconds after its start it is killed from outside."""
        job = self.job(**how)
        began = time.monotonic()
        pid = self.lane.zygote.start(job)
        if killed_after is not None:
            time.sleep(killed_after)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return ended(job, self.lane.zygote.wait(pid), began)

    def reader(self) -> StateFile:
        """The state file, for reading."""
        return StateFile.open(self.state, clock=ShiftingClock(), write=False, markers=self.home / "markers")


def ended(job: dict[str, Any], status: int, began: float) -> Run:
    """The run of ``job``, which has ended so."""
    report = Path(job["report"])
    lines = [json.loads(x) for x in report.read_text(encoding="utf-8").splitlines()] if report.exists() else []
    return Run(job["run"], status, lines, Path(job["output"]), time.monotonic() - began)


class Lane:
    """One site with its own mail server and mailboxes, and a process to fork runs from: lanes do not disturb each other."""

    def __init__(
        self, folder: Path, server: MailServer, site: PracticeSite, signer: Signer, passwords: dict[str, str]
    ) -> None:
        self.folder = folder
        self.site = site
        self.zygote = Zygote()
        self._cases = 0
        self.facts = {
            "keys": signer.records(), "mailboxes": passwords, "smtp": [server.host, server.smtp_port],
            "site": site.config.to_json(),
        }  # fmt: skip
        boxes = {
            side.value: asdict(
                MailboxConfig(a, host=server.host, port=server.imap_port, security="plain", login=a, secret="ask")
            )
            for side, a in ((Side.OLD, OLD), (Side.NEW, NEW))
        }
        self._template = folder / "template"
        self._template.mkdir(mode=0o700)
        self.last = case = Case(self, self._template)
        job = case.job() | {"verb": "prepare", "boxes": boxes}
        made = ended(job, self.zygote.wait(self.zygote.start(job)), time.monotonic())
        found = made.of("accounts")
        if made.status != 0 or len(found[0]["accounts"]) != 1:
            raise Broken(f"the account was not found in the seeded mailbox: {made.words()}")
        self.account = str(found[0]["accounts"][0])

    def fresh(self) -> Case:
        """The account as it was at the start, on the site and in a state file of its own that knows of nothing done yet."""
        self.site.reset()
        self._cases += 1
        home = self.folder / f"{self._cases:04}"
        shutil.copytree(self._template, home, ignore=shutil.ignore_patterns("report-*", "output-*"))
        self.last = Case(self, home)
        return self.last

    def close(self) -> None:
        """End the forking process."""
        self.zygote.close()


@contextmanager
def lanes(folder: Path, brand: Brand, count: int) -> Iterator[list[Lane]]:
    """``count`` lanes with a site of that brand each."""
    with ExitStack() as stack:
        passwords = {OLD: secrets.token_urlsafe(12), NEW: secrets.token_urlsafe(12)}
        made = []
        sites = []
        for number in range(count):
            at = folder / f"{brand.id}-{number}"
            at.mkdir(parents=True)
            signer = Signer([brand.domain, *NOISE_DOMAINS])
            server = stack.enter_context(MailServer(passwords, signer))
            world = stack.enter_context(PracticeSites(at / "sites", server.smtp_port, OLD, [brand]))
            seed(server, signer, list(world), OLD, datetime.now(UTC))
            sites.append((at, server, world[brand.id], signer))
        for at, server, site, signer in sites:
            lane = Lane(at, server, site, signer, passwords)
            stack.callback(lane.close)
            made.append(lane)
        yield made


def survivors(runs: Sequence[str]) -> dict[int, str]:
    """Processes that those runs have started: each inherits its run's mark. The runs themselves were forked, and do not show it."""
    wanted = [MARK + name.encode() + b"\0" for name in runs]
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):
            environment = (folder / "environ").read_bytes() + b"\0"
            if any(w in environment for w in wanted):
                found[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:120]
                )
    return found


def gone_within(runs: Sequence[str], seconds: float) -> float:
    """Wait until nothing of those runs is left; returns the seconds that it took. Raises :class:`Broken` when something stays."""
    began = time.monotonic()
    while left := survivors(runs):
        if time.monotonic() - began > seconds:
            raise Broken(f"still running after {seconds} s: {left}")
        time.sleep(0.05)
    return time.monotonic() - began
