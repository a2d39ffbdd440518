"""Draws the inventory: the list of accounts, why one is believed, and what a run of ``discover`` found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from readdress.console.tables import line
from readdress.i18n.clean import clean
from readdress.i18n.sentences import translate
from readdress.models import Text

if TYPE_CHECKING:
    from rich.console import Console

    from readdress.discovery.results import Discovered, Entry
    from readdress.models import Evidence

_EMPTY = Text(
    "No account is known yet. Find them: migrate discover, or migrate remember",
    "还没有已知的账号。查找：migrate discover，或 migrate remember",
)
_SURE = Text("sure", "确定")
_LIKELY = Text("likely", "很可能")
_SAID = Text("you said so", "您告知的")
_SAVED = Text("saved login", "已保存的登录")
_HEAD = (
    Text("service", "服务"),
    Text("account", "账号"),
    Text("believed because", "依据"),
    Text("last mail", "最近邮件"),
)
_KINDS = {
    "security": Text("security notice", "安全通知"),
    "welcome": Text("welcome", "注册成功"),
    "verification": Text("confirm your address", "邮箱确认"),
    "code": Text("code", "验证码"),
    "reset": Text("password reset", "密码重置"),
    "receipt": Text("receipt", "订单或收据"),
    "statement": Text("statement", "账单"),
    "newsletter": Text("newsletter", "推广"),
    "other": Text("other", "其他"),
    "remembered": Text("you remembered it", "您记得的"),
    "added": Text("you added it", "您添加的"),
}
_PLAIN = 100


def show_accounts(entries: Sequence[Entry], lang: str) -> None:
    """One line for each account: what it is, who signs in, why it is believed, when it last wrote."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as RichText

    console = Console(highlight=False)
    if not entries:
        line(console, _EMPTY.to(lang))
        return
    ordered = sorted(entries, key=lambda e: (-(e.confidence or 0), e.name.to(lang).casefold()))
    if not console.is_terminal:
        for e in ordered:
            cells = (
                e.account.id,
                name_of(e, lang),
                _login(e),
                believed(e, lang),
                _day(e.mail.last if e.mail else None),
            )
            line(console, " · ".join(cell for cell in cells if cell))
    else:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, width=min(console.width, 120))
        for column in _HEAD:
            table.add_column(column.to(lang), overflow="fold")
        for e in ordered:
            row = (name_of(e, lang), _login(e), believed(e, lang), _day(e.mail.last if e.mail else None))
            table.add_row(*map(RichText, row))
        console.print(table)
    guided = sum(e.guided for e in entries)
    total = Text(
        f"{len(entries)} accounts; {len(entries) - guided} with a recipe, {guided} guided. Why one is believed: migrate accounts --why NAME",
        f"共 {len(entries)} 个账号；{len(entries) - guided} 个有配方，{guided} 个由您在指引下操作。查看依据：migrate accounts --why 名称",
    )
    line(console, total.to(lang))


def name_of(e: Entry, lang: str) -> str:
    """The service's name, with the site for software on many hosts."""
    name = clean(e.name.to(lang), 60)
    return f"{name} ({clean(e.account.site.removeprefix('https://'), 60)})" if e.account.site else name


def believed(e: Entry, lang: str) -> str:
    """Why, in a word or two, and how sure."""
    sources = {x.source for x in e.account.evidence}
    words = [t.to(lang) for source, t in (("person", _SAID), ("passwords", _SAVED)) if source in sources]
    if e.mail is not None and "mail" in sources:
        kinds = [
            k
            for k in _KINDS
            if any(kind.value == k and n for kind, n in e.mail.counts.items()) and k not in {"other", "newsletter"}
        ]
        shown = ("、" if lang == "zh" else ", ").join(_KINDS[k].to(lang) for k in kinds[:3])
        sure = _SURE if e.mail.confidence >= 0.95 else _LIKELY
        words.append(f"{sure.to(lang)}: {shown}" if lang != "zh" else f"{sure.to(lang)}：{shown}")
    return "; ".join(words)


def _login(e: Entry) -> str:
    return clean(e.account.login or (e.account.label if e.account.site else ""), 60)


def show_why(e: Entry, lang: str) -> None:
    """Message by message why an account is believed."""
    from rich.console import Console

    console = Console(highlight=False)
    line(console, f"{name_of(e, lang)}  {_login(e)}".rstrip(), style="bold")
    if e.mail is not None:
        line(console, e.mail.why.to(lang))
        first, last = _day(e.mail.first), _day(e.mail.last)
        total = sum(e.mail.counts.values())
        line(
            console,
            Text(
                f"{total} messages from {first} to {last}; confidence {e.mail.confidence:.2f}.",
                f"{first} 至 {last} 共 {total} 封邮件；可信度 {e.mail.confidence:.2f}。",
            ).to(lang),
        )
    for x in e.account.evidence:
        line(console, f"  {evidence_text(x, lang)}", hang=4)
    if e.guided:
        line(
            console,
            Text(
                "There is no recipe for it: it is moved in guided fashion.", "它没有专门的配方：将在指引下由您操作。"
            ).to(lang),
        )


def evidence_text(x: Evidence, lang: str) -> str:
    """One piece of evidence: when, what, from whom, where it lies."""
    kind = _KINDS[x.kind].to(lang) if x.kind in _KINDS else clean(x.kind, 40)
    cells = (_day(x.at), kind, clean(x.sender, 80), f"({clean(x.where, 80)})")
    return "  ".join(cell for cell in cells if cell)


def _day(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d") if moment else ""


def show_discovered(found: Discovered, entries: Sequence[Entry], lang: str) -> None:
    """What was read, what is new and why, what was left aside, and what to do next."""
    from rich.console import Console

    console = Console(highlight=False)
    for read in found.reads:
        text = Text(
            f"{clean(read.label, 80)}: {read.messages:,} new messages read."
            if not read.source.startswith("passwords:")
            else f"{clean(read.label, 80)}: {read.messages:,} entries read.",
            f"{clean(read.label, 80)}：新读取 {read.messages:,} 封邮件。"
            if not read.source.startswith("passwords:")
            else f"{clean(read.label, 80)}：已读取 {read.messages:,} 条记录。",
        )
        line(console, text.to(lang))
        for where, message in read.troubles[:5]:
            line(console, f"  ! {clean(where, 60)}: {translate(clean(message, 200), lang)}", hang=4)
        if len(read.troubles) > 5:
            line(
                console,
                Text(f"  ! and {len(read.troubles) - 5} more", f"  ! 另有 {len(read.troubles) - 5} 处").to(lang),
            )
    by_id = {e.account.id: e for e in entries}
    _new(console, [by_id[a.id] for a in found.settled.added if a.id in by_id], lang)
    _rest(console, found, lang)
    line(
        console,
        Text(
            f"{len(entries)} accounts are known now. → migrate accounts, migrate plan",
            f"目前已知 {len(entries)} 个账号。→ migrate accounts、migrate plan",
        ).to(lang),
    )


def _new(console: Console, entries: Sequence[Entry], lang: str) -> None:
    if not entries:
        line(console, Text("No account is new.", "没有新的账号。").to(lang))
        return
    line(console, Text(f"{len(entries)} new accounts:", f"新发现 {len(entries)} 个账号：").to(lang))
    for e in entries:
        line(console, f"  {name_of(e, lang)}  {_login(e)}".rstrip(), style="bold", hang=4)
        why = e.mail.why.to(lang) if e.mail is not None else believed(e, lang)
        line(console, f"    {why}", hang=4)


def _rest(console: Console, found: Discovered, lang: str) -> None:
    s = found.settled
    rows: list[Text] = []
    if s.grown:
        rows.append(Text(f"{len(s.grown)} known accounts were confirmed.", f"{len(s.grown)} 个已知账号得到印证。"))
    if s.closed:
        names = ", ".join(clean(x, 40) for x in s.closed[:8])
        rows.append(Text(f"Deleted by you earlier, as their mail says: {names}.", f"邮件显示您早已注销：{names}。"))
    if s.impostors:
        names = ", ".join(clean(x, 40) for x in s.impostors[:8])
        rows.append(Text(f"Left aside, for they bear another's name: {names}.", f"冒用他人名义，已忽略：{names}。"))
    if s.doubtful:
        rows.append(
            Text(
                f"{s.doubtful} senders wrote nothing that proves an account (newsletters, lists, shops you only visited).",
                f"{s.doubtful} 个发件方的邮件不足以证明有账号（推广、邮件列表、只浏览过的商店）。",
            )
        )
    for row in rows:
        line(console, row.to(lang))
