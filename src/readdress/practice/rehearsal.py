"""The rehearsal: a whole migration on embedded servers, through the very code paths of a real one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from readdress.engine.tools import Ended, Outcome, Patience
from readdress.errors import UserError
from readdress.models import Account, Side, StepStatus
from readdress.practice.person import RehearsalPerson
from readdress.practice.world import NEW, OLD, World, dumps, world
from readdress.testing.clock import ShiftingClock
from readdress.userdata import ENV
from readdress.workflow.adapters import Adapters
from readdress.workflow.migration import Migration

_ROUNDS = 4  # so many durable waits are skipped over for one account


class MemoryVault:
    """Secrets of the rehearsal, in memory only. Implements ``readdress.ports.Secrets``."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """The secret of that name."""
        return self._kept.get(name)

    def set(self, name: str, secret: str) -> None:
        """Keep it for this run."""
        self._kept[name] = secret

    def forget(self, name: str) -> None:
        """Drop it."""
        self._kept.pop(name, None)


@dataclass(slots=True)
class Rehearsed:
    """What came out: each account's outcome, whether the site's own database agrees, and where the state file lies."""

    state: Path
    outcomes: list[Outcome] = field(default_factory=list)
    truth: dict[str, bool] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    killed: str = ""
    found: int = 0

    @property
    def ok(self) -> bool:
        """Every account found, moved and read back; the sites agree; nothing was done twice."""
        moved = all(o.verdict.finished for o in self.outcomes)
        return bool(self.outcomes) and moved and all(self.truth.values()) and not self.twice and bool(self.killed)

    def document(self) -> dict[str, Any]:
        """For a program."""
        from readdress.report.documents import document, outcome_row

        return document(
            "practice",
            ok=self.ok,
            state=str(self.state),
            found=self.found,
            outcomes=[outcome_row(o) for o in self.outcomes],
            sites_agree=self.truth,
            done_twice=self.twice,
            interrupted=self.killed,
        )


@dataclass(slots=True)
class Stage:
    """Where the rehearsal's own lines go."""

    lang: Literal["en", "zh"]
    show: Callable[[str], None]

    def say(self, en: str, zh: str) -> None:
        """One line in the person's language."""
        self.show(zh if self.lang == "zh" else en)

    def head(self, en: str, zh: str) -> None:
        """The title of a part."""
        self.show("")
        self.show(f"── {zh if self.lang == 'zh' else en} ──")


def rehearse(
    *,
    folder: Path | None = None,
    keep: bool = False,
    pause: bool = False,
    window: bool = False,
    lang: Literal["en", "zh"] = "en",
    quiet: bool = False,
    interrupt: bool = True,
) -> Rehearsed:
    """Run it. ``folder`` must be new or empty. Raises :class:`~readdress.errors.ReaddressError` when the world cannot be built.

    ``keep`` leaves everything where it is; otherwise only the state file stays. ``interrupt`` kills one run on purpose.
    """
    home = _folder(folder)
    stage = Stage(lang, (lambda line: None) if quiet else _printer())
    try:
        with _home(home), world(home) as w:
            return _run(w, home, stage, pause=pause, window=window, interrupt=interrupt)
    finally:
        if not keep:
            for leftover in ("sites", "browser", "markers"):
                shutil.rmtree(home / leftover, ignore_errors=True)


def _folder(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="readdress-practice-"))
    if wanted.exists() and any(wanted.iterdir()):
        raise UserError(f"{wanted} is not empty.", todo="Give the rehearsal a new or an empty folder.")
    wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    return wanted.resolve()


def _printer() -> Callable[[str], None]:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    return lambda line: console.print(line, markup=False)


@contextmanager
def _home(folder: Path) -> Iterator[None]:
    """The rehearsal's own data folder: nothing of the person's is read or written."""
    before = os.environ.get(ENV)
    os.environ[ENV] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[ENV]
        else:
            os.environ[ENV] = before


def _run(w: World, home: Path, stage: Stage, *, pause: bool, window: bool, interrupt: bool) -> Rehearsed:
    state = home / "practice.readdress"
    result = Rehearsed(state)
    stage.head("The rehearsal", "演练")
    stage.say(
        f"{OLD} → {NEW}; {len(list(w.sites))} real sites and a mail server on this machine; {w.seeded} messages in the old mailbox.",
        f"{OLD} → {NEW}；本机上有 {len(list(w.sites))} 个真实网站和一个邮件服务器；旧邮箱中有 {w.seeded} 封邮件。",
    )
    if window and not _has_screen():
        window = False
        stage.say("There is no screen here, so the browser runs unseen.", "这里没有屏幕，浏览器在后台运行。")
    clock = ShiftingClock()
    with ExitStack() as stack:
        watcher = _watcher(stack, stage.lang) if pause else None
        sites: dict[str, str] = {}
        person = RehearsalPerson(
            stage.lang,
            lambda account: sites[account],
            (w.server.host, w.server.smtp_port),
            NEW,
            stage.show,
            watcher,
        )
        adapters = Adapters(
            person=person,
            clock=clock,
            lookup=w.server.keys,
            secrets=MemoryVault(),
            headless=not window,
            lang=stage.lang,
            ask_secret=lambda prompt: w.passwords[NEW if NEW in prompt else OLD],
            patience=Patience(mail=60.0, person=None if pause else 60.0),
            pause=pause,
        )
        with Migration.create(OLD, NEW, state=state, adapters=adapters) as m:
            m.set_mailbox(Side.OLD, w.mailbox(OLD))
            m.set_mailbox(Side.NEW, w.mailbox(NEW))
            order = _found(m, w, stage, sites, result)
        victim = order[0] if interrupt and order else ""
        if victim:
            _interrupted(w, home, state, victim, stage, result)
        with Migration.open(state, adapters=adapters) as m:
            for account in order:
                stage.head(*(2 * (_name(m, account, again=account == victim),)))
                result.outcomes.append(_move(m, m.state.account(account), clock, stage))
        _look_at_truth(w, result, stage)
    _show_end(state, result, stage)
    return result


def _found(m: Migration, w: World, stage: Stage, sites: dict[str, str], result: Rehearsed) -> list[str]:
    stage.head("Found, and why", "发现的账号及理由")
    from readdress.console.accounts import evidence_text
    from readdress.workflow.accounts import inventory

    accounts = m.discover().added
    result.found = len(accounts)
    reasons = {entry.account.id: entry.mail for entry in inventory(m)}
    passwords = {site.url: site.password for site in w.sites}
    for account in accounts:
        sites[account.id] = passwords[account.site]
        stage.say(f"{account.label} at {account.site}", f"{account.label}（{account.site}）")
        why = reasons[account.id]
        if why is not None:
            stage.say(f"    {why.why.en}", f"    {why.why.zh}")
        for e in account.evidence[:3]:
            stage.show(f"    {evidence_text(e, stage.lang)}")
    stage.head("The order, and why", "顺序及理由")
    places = m.plan()
    for number, place in enumerate(places, 1):
        stage.show(f"  {number}. {m.state.account(place.account).label}: {place.why.to(stage.lang)}")
    return [p.account for p in places]


def _name(m: Migration, account: str, *, again: bool) -> str:
    label = m.state.account(account).label
    return f"{label} (resumed)" if again else label


def _interrupted(w: World, home: Path, state: Path, account: str, stage: Stage, result: Rehearsed) -> None:
    """Run the account in a process of its own that dies between an act and its record."""
    stage.head("Interrupted on purpose", "故意中断")
    facts = w.facts() | {"state": str(state), "account": account, "home": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "readdress.practice.interrupted"],
        input=dumps(facts),
        capture_output=True,
        timeout=180,
        start_new_session=True,
        check=False,
    )
    if done.returncode >= 0:
        tail = done.stderr.decode(errors="replace")[-2000:]
        raise UserError(f"The run that should have been interrupted ended by itself ({done.returncode}).\n{tail}")
    with Migration.open(state, write=False) as m:
        armed = [s.step for s in m.state.steps(account) if s.status is StepStatus.ARMED]
    result.killed = armed[0] if armed else ""
    stage.say(
        f"Killed (signal {-done.returncode}) after “{result.killed}” was done and before that was written down.",
        f"在完成“{result.killed}”之后、写入记录之前被强制终止（信号 {-done.returncode}）。",
    )


def _move(m: Migration, account: Account, clock: ShiftingClock, stage: Stage) -> Outcome:
    """Move one account; where the old address has to wait for a day, the rehearsal's clock is turned."""
    outcome = m.run(account)
    for _ in range(_ROUNDS):
        if outcome.ended is not Ended.NEEDS_TIME or outcome.until is None:
            break
        stage.say(f"  ⏱ {outcome.message} The rehearsal turns its clock.", f"  ⏱ {outcome.message} 演练把时钟向前拨。")
        clock.reach(outcome.until + timedelta(minutes=1))
        outcome = m.run(account)
    return outcome


def _look_at_truth(w: World, result: Rehearsed, stage: Stage) -> None:
    """Ask the sites' own databases and records, not their pages: is NEW there, is OLD gone, was anything done twice?"""
    for site in w.sites:
        addresses = site.addresses()
        new = [a for a in addresses if a.email == NEW and a.verified and a.primary]
        result.truth[site.id] = len(new) == 1 and all(a.email != OLD for a in addresses)
        for what in ("email_added", "email_confirmed", "primary_changed", "email_removed"):
            count = len([e for e in site.effects(what) if NEW in str(e) or OLD in str(e)])
            if count > 1:
                result.twice.append(f"{site.id}: {what} × {count}")
    stage.head("The sites' own databases", "网站自己的数据库")
    for site_id, good in result.truth.items():
        stage.show(f"  {'✓' if good else '✗'} {site_id}")


def _show_end(state: Path, result: Rehearsed, stage: Stage) -> None:
    from readdress.console.tables import outcome_lines, show_status

    if stage.show.__name__ != "<lambda>" or result.outcomes:
        stage.head("Where every account stands", "每个账号的状态")
    for line in outcome_lines([o for o in result.outcomes if not o.verdict.finished], stage.lang):
        stage.show(line)
    with Migration.open(state, write=False) as m:
        from io import StringIO

        out = StringIO()
        show_status(m.status(), stage.lang, out)
        stage.show(out.getvalue().rstrip())
    stage.show("")
    if result.twice:
        stage.say(f"Done twice: {', '.join(result.twice)}", f"重复执行：{', '.join(result.twice)}")
    stage.say(f"State file: {state}", f"状态文件：{state}")
    stage.say(f"Look into it: migrate log --state {state}", f"查看日志：migrate log --state {state}")


def _has_screen() -> bool:
    """Whether a window can be shown; only on Linux may there be none."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _watcher(stack: ExitStack, lang: str) -> Any:
    from readdress.console.terminal import TerminalPerson

    if not sys.stdin.isatty():
        raise UserError("--pause needs a terminal to press keys in.", todo="Run `migrate practice` without --pause.")
    return stack.enter_context(TerminalPerson(lang))
