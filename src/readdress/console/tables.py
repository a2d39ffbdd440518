"""What commands show: tables on a terminal, the same as plain lines without one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TextIO

from readdress.i18n.clean import clean
from readdress.i18n.sentences import translate
from readdress.i18n.words import ENDED, ROUTES, VERDICTS, WAITS
from readdress.i18n.wrap import wrap
from readdress.models import Text, Verdict

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from readdress.engine.tools import Outcome
    from readdress.models import Event, Wait
    from readdress.recipe.catalogue import Summary
    from readdress.state import Overview


class Diagnosed(Protocol):
    """One row of ``doctor``."""

    @property
    def part(self) -> str:
        """What was looked at."""
        ...

    @property
    def message(self) -> str:
        """What was seen."""
        ...

    @property
    def fault(self) -> bool:
        """Whether it does not work."""
        ...

    @property
    def todo(self) -> str:
        """What mends it."""
        ...


_STYLE = {0: "dim", 1: "yellow", 2: "yellow", 3: "cyan", 4: "green", 5: "bold green"}
_HEAD = (Text("service", "服务"), Text("account", "账号"), Text("how far", "进度"), Text("waits", "等待"))
_RECIPES_HEAD = (
    Text("service", "服务"),
    Text("name", "名称"),
    Text("automatic", "自动步骤"),
    Text("routes", "路线"),
    Text("browser", "浏览器"),
    Text("proof", "依据"),
    Text("checked", "核对日期"),
)
_BROWSER_AT = 4  # left out where columns are few
_BROWSER = {"managed": Text("managed", "受控"), "own": Text("your own", "您自己的")}
_PROOF = {
    "documents": Text("documents", "文档"),
    "replica": Text("replica", "仿制页"),
    "software": Text("software", "真实软件"),
    "live": Text("live", "线上"),
}
_PARTS = {
    "browser": Text("browser", "浏览器"),
    "keyring": Text("keyring", "密钥环"),
    "recipes": Text("recipes", "配方"),
    "state": Text("state file", "状态文件"),
    "old mailbox": Text("old mailbox", "旧邮箱"),
    "new mailbox": Text("new mailbox", "新邮箱"),
}
_EMPTY = Text("No account is known yet.", "尚无账号。")
_BEGIN = Text("Move one: migrate --service NAME", "开始迁移：migrate --service 名称")
_RESUME = Text("Go on with: migrate resume", "继续：migrate resume")
_IN_DOUBT = Text("in doubt", "待核实")
_WIDE = 110  # columns from which on a recipe's routes fit in words beside the rest
_PLAIN_WIDTH = 100  # columns of a table that goes to a given stream


def local(moment: datetime | None) -> str:
    """A moment as the person's own clock shows it, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""


def show_status(overview: Overview, lang: str, out: TextIO | None = None) -> None:
    """The accounts, their verdicts and what they wait for. ``out``: another stream than the standard one, always as a table."""
    from rich.console import Console
    from rich.text import Text as RichText

    console = Console(highlight=False, file=out, width=None if out is None else _PLAIN_WIDTH)
    h = overview.header
    line(console, f"{h.old} → {h.new}")
    if not overview.accounts:
        line(console, _EMPTY.to(lang))
        line(console, f"→ {_BEGIN.to(lang)}")
        return
    as_table = console.is_terminal or out is not None
    table = _table(console.width, [h.to(lang) for h in _HEAD])
    for a in overview.accounts:
        if a.closed:
            continue
        verdict = verdict_text(a.verdict, lang) + (f" ({_IN_DOUBT.to(lang)})" if a.in_doubt else "")
        # in a column the site stands below the service, without what all sites begin with
        site = clean(a.site.removeprefix("https://") if as_table else a.site, 80)
        service = clean(a.service, 80) + (("\n" if as_table else " ") + site if site else "")
        login, waits = clean(a.login or a.label, 60), wait_text(a.wait, lang)
        if as_table:
            # Text, not str: a login may hold what rich would read as markup
            table.add_row(
                RichText(service), RichText(login), RichText(verdict, style=_STYLE[a.verdict.rank]), RichText(waits)
            )
        else:
            line(console, " · ".join(cell for cell in (service, login, verdict, waits) if cell))
    if as_table:
        console.print(table)
    done = sum(n for v, n in overview.counts.items() if v.finished)
    total = sum(overview.counts.values())
    line(console, Text(f"{done} of {total} moved.", f"共 {total} 个，已迁移 {done} 个。").to(lang))
    if overview.in_doubt:
        n = overview.in_doubt
        doubt = Text(
            f"{n} in doubt: `migrate resume` looks before anything is done again.",
            f"{n} 个待核实：migrate resume 会先检查，不会重复执行。",
        )
        line(console, doubt.to(lang))
    if done < total:
        line(console, f"→ {_RESUME.to(lang)}")


def line(console: Console, text: str, *, style: str = "", hang: int = 0) -> None:
    """One line of text: broken between words on a terminal (``hang``: cells that further lines are moved in), whole without one."""
    from rich.text import Text as RichText

    parts = wrap(text[hang:], max(20, console.width - hang)) if console.is_terminal else [text[hang:]]
    for n, part in enumerate(parts):
        console.print(RichText((text[:hang] if n == 0 else " " * hang) + part, style=style), soft_wrap=True)


def _table(width: int, columns: Sequence[str]) -> Table:
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
    colon = "：" if lang == "zh" else ": "
    if wait.kind == "time":
        return f"{WAITS['time'].to(lang)} {local(wait.until)}"
    reason = clean(translate(wait.reason, lang), 120)
    return f"{WAITS[wait.kind].to(lang)}{colon}{reason}" if reason else WAITS[wait.kind].to(lang)


def outcome_lines(outcomes: Sequence[Outcome], lang: str) -> Iterable[str]:
    """How each account ended, and what to do next."""
    for o in outcomes:
        until = f" ({local(o.until)})" if o.until else ""
        stop = "。" if lang == "zh" else ". "
        message = f"{stop}{translate(clean(o.message, 400), lang)}" if o.message else ""
        yield f"{o.service}: {ENDED[o.ended.value].to(lang)} · {verdict_text(o.verdict, lang)}{until}{message}"
        if o.todo:
            yield f"→ {translate(clean(o.todo, 400), lang)}"


def event_line(event: Event) -> str:
    """One event on one line."""
    data = " ".join(f"{k}={clean(str(v), 80)}" for k, v in event.data.items() if v not in (None, "", [], {}))
    return f"{event.seq:>5} {local(event.at)} {event.kind.value:<17} {event.account:<12} {data}".rstrip()


def show_recipes(rows: Sequence[Summary], lang: str) -> None:
    """What is supported, and how far."""
    from rich.console import Console
    from rich.text import Text as RichText

    console = Console(highlight=False)
    wide = not console.is_terminal or console.width >= _WIDE
    heads = [h for n, h in enumerate(_RECIPES_HEAD) if wide or n != _BROWSER_AT]
    table = _table(console.width, [h.to(lang) for h in heads])
    broken = [r for r in rows if r.problem]
    for r in rows:
        if r.problem:
            continue
        browser = _BROWSER[r.browser].to(lang) if r.browser in _BROWSER else r.browser
        proof = _PROOF[r.proof].to(lang) if r.proof in _PROOF else r.proof
        checked = r.checked.isoformat() if r.checked else ""
        routes = route_words(r.routes, lang) if wide else str(len(r.routes))
        cells = [r.id, clean(r.name.to(lang), 80), f"{r.automatic}/{r.steps}", routes, browser, proof, checked]
        if not wide:
            del cells[_BROWSER_AT]
        if console.is_terminal:
            table.add_row(*(RichText(cell) for cell in cells))
        else:
            line(console, " · ".join(cells))
    if console.is_terminal and len(broken) < len(rows):
        console.print(table)
    for r in broken:
        line(console, f"✗ {r.id}: {clean(r.problem, 1000)}", style="red", hang=2)


def route_words(kinds: Sequence[str], lang: str) -> str:
    """The kinds of a recipe's routes in words, each with how many there are: "change 2, undo"."""
    counted = [(kind, sum(k == kind for k in kinds)) for kind in ROUTES if kind in kinds]
    comma = "、" if lang == "zh" else ", "
    return comma.join(f"{ROUTES[kind].to(lang)}{f' {n}' if n > 1 else ''}" for kind, n in counted)


def show_findings(rows: Sequence[Diagnosed], lang: str) -> None:
    """What works, and for each fault what mends it."""
    from rich.console import Console

    console = Console(highlight=False)
    colon = "：" if lang == "zh" else ": "
    for r in rows:
        mark, style = ("✗", "red") if r.fault else ("✓", "green")
        part = _PARTS[r.part].to(lang) if r.part in _PARTS else r.part
        line(console, f"{mark} {part}{colon}{translate(clean(r.message, 1000), lang)}", style=style, hang=2)
        if r.todo:
            line(console, f"  → {translate(clean(r.todo, 1000), lang)}", hang=4)
    faults = sum(r.fault for r in rows)
    summary = Text(
        f"{faults} to mend." if faults else "Everything works.", f"有 {faults} 处需要处理。" if faults else "一切正常。"
    )
    line(console, summary.to(lang))
