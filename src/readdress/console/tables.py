"""What commands show: tables on a terminal, the same as plain lines without one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TextIO

from readdress.i18n.clean import clean
from readdress.i18n.words import ENDED, VERDICTS, WAITS
from readdress.models import Event, Text, Verdict, Wait

if TYPE_CHECKING:
    from rich.table import Table

    from readdress.engine.tools import Outcome
    from readdress.recipe.catalogue import Summary
    from readdress.state import Overview



class Diagnosed(Protocol):
    """One row of ``doctor``."""

    @property
    def part(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def fault(self) -> bool: ...
    @property
    def todo(self) -> str: ...


_STYLE = {0: "dim", 1: "yellow", 2: "yellow", 3: "cyan", 4: "green", 5: "bold green"}
_HEAD = {
    "service": Text("service", "服务"),
    "account": Text("account", "账号"),
    "verdict": Text("how far", "进度"),
    "waits": Text("waits", "等待"),
}


def local(moment: datetime | None) -> str:
    """A moment as the person's own clock shows it, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""


def show_status(overview: Overview, lang: str, out: TextIO | None = None) -> None:
    """The accounts, their verdicts and what they wait for."""
    from rich.console import Console

    console = Console(highlight=False, file=out, width=None if out is None else 100)
    h = overview.header
    console.print(f"{h.old} → {h.new}")
    if not overview.accounts:
        empty = Text("No account is known yet. Move one: migrate --service NAME", "尚无账号。开始：migrate --service 名称")
        console.print(empty.to(lang))
        return
    table = _table(console.width, _HEAD["service"].to(lang), _HEAD["account"].to(lang), _HEAD["verdict"].to(lang), _HEAD["waits"].to(lang))
    for a in overview.accounts:
        if a.closed:
            continue
        verdict = verdict_text(a.verdict, lang)
        if a.in_doubt:
            verdict += " ?"
        table.add_row(
            clean(a.service + (f" {a.site}" if a.site else ""), 80),
            clean(a.login or a.label, 60),
            f"[{_STYLE[a.verdict.rank]}]{verdict}[/]",
            wait_text(a.wait, lang),
        )
    console.print(table)
    done = sum(n for v, n in overview.counts.items() if v.finished)
    total = sum(overview.counts.values())
    summary = Text(f"{done} of {total} moved.", f"共 {total} 个，已迁移 {done} 个。")
    console.print(summary.to(lang))
    if overview.in_doubt:
        doubt = Text(
            f"{overview.in_doubt} with a step in doubt: `migrate resume` looks again before anything is done.",
            f"{overview.in_doubt} 个账号有步骤待核实：migrate resume 会先检查再继续。",
        )
        console.print(doubt.to(lang))


def _table(width: int, *columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, width=min(width, 120) if width else None)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def verdict_text(verdict: Verdict, lang: str) -> str:
    """The verdict in the person's language."""
    return VERDICTS[verdict].to(lang)


def wait_text(wait: Wait | None, lang: str) -> str:
    """What is waited for."""
    if wait is None:
        return ""
    if wait.kind == "time":
        return f"{WAITS['time'].to(lang)} {local(wait.until)}"
    return f"{WAITS[wait.kind].to(lang)}: {clean(wait.reason, 120)}"


def outcome_lines(outcomes: Sequence[Outcome], lang: str) -> Iterable[str]:
    """How each account ended, and what to do next."""
    for o in outcomes:
        until = f" ({local(o.until)})" if o.until else ""
        yield f"{o.service}: {ENDED[o.ended.value].to(lang)} · {verdict_text(o.verdict, lang)}{until}. {clean(o.message, 400)}"
        if o.todo:
            yield f"→ {clean(o.todo, 400)}"


def event_line(event: Event) -> str:
    """One event on one line."""
    data = " ".join(f"{k}={clean(str(v), 80)}" for k, v in event.data.items() if v not in (None, "", [], {}))
    return f"{event.seq:>6} {local(event.at)} {event.kind.value:<18} {event.account:<12} {data}"


def show_recipes(rows: Sequence[Summary], lang: str) -> None:
    """What is supported, and how far."""
    from rich.console import Console

    console = Console(highlight=False)
    words = Text("service|name|automatic|browser|proof|checked", "服务|名称|自动步骤|浏览器|依据|核对日期").to(lang).split("|")
    table = _table(console.width, *words)
    for r in rows:
        if r.problem:
            table.add_row(r.id, f"[red]{clean(r.problem, 200)}[/]", "", "", "", "")
            continue
        table.add_row(
            r.id, clean(r.name.to(lang)), f"{r.automatic}/{r.steps}", r.browser, r.proof, r.checked.isoformat() if r.checked else ""
        )
    console.print(table)


def show_findings(rows: Sequence[Diagnosed], lang: str) -> None:
    """What works, and for each fault what mends it."""
    from rich.console import Console
    from rich.text import Text as RichText

    console = Console(highlight=False)
    for r in rows:
        mark, style = ("✗", "red") if r.fault else ("✓", "green")
        console.print(RichText(f"{mark} {r.part}: {clean(r.message, 400)}", style=style))
        if r.todo:
            console.print(RichText(f"  → {clean(r.todo, 400)}"))
    faults = sum(r.fault for r in rows)
    summary = Text(f"{faults} to mend." if faults else "Everything works.", f"有 {faults} 处需要处理。" if faults else "一切正常。")
    console.print(summary.to(lang))
