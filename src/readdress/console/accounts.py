"""Draws the inventory: the list of accounts, why one is believed, and what a run of ``discover`` found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from readdress.console.tables import line
from readdress.i18n.clean import clean
from readdress.i18n.sentences import translate
from readdress.i18n.wrap import cells, wrap
from readdress.models import Text

if TYPE_CHECKING:
    from rich.console import Console

    from readdress.discovery.results import Discovered, Entry, Read
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
    Text("login", "登录名"),
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
_BY_TEXT = Text("a message says so", "邮件正文说明")  # no kind of message that proves an account by itself
_IN_FULL = 20
"""New accounts that are shown with their reasons in full; of more, a line each, so that the first ones do not scroll away."""
_NAMED = 8
_WIDEST = (26, 14)  # cells of the columns service and login, at most
_GAP = 2


def show_accounts(entries: Sequence[Entry], lang: str) -> None:
    """One line for each account: what it is, who signs in, why it is believed, when it last wrote."""
    from rich.console import Console

    console = Console(highlight=False)
    if not entries:
        line(console, _EMPTY.to(lang))
        return
    ordered = sorted(entries, key=lambda e: (-(e.confidence or 0), e.name.to(lang).casefold()))
    if console.is_terminal:
        _table(console, ordered, lang)
    else:
        for e in ordered:
            row = (e.account.id, name_of(e, lang), _login(e), believed(e, lang), _last(e))
            line(console, " · ".join(cell for cell in row if cell))
    guided = sum(e.guided for e in entries)
    total = Text(
        f"{_many(len(entries), 'account')}; {len(entries) - guided} with a recipe, {guided} guided. Why one is believed: migrate accounts --why NAME",
        f"共 {len(entries)} 个账号；{len(entries) - guided} 个有配方，{guided} 个由您在指引下操作。查看依据：migrate accounts --why 名称",
    )
    line(console, total.to(lang))


def _table(console: Console, entries: Sequence[Entry], lang: str) -> None:
    """A table as wide as the screen; its cells are broken as text is, not in the middle of a word or before a comma."""
    from rich import box
    from rich.table import Table
    from rich.text import Text as RichText

    rows = [(name_of(e, lang), _login(e), believed(e, lang, most=2), _last(e)) for e in entries]
    head = [h.to(lang) for h in _HEAD]
    width = min(console.width, 120)
    service, login = (
        min(most, max(cells(text) for text in (head[n], *(row[n] for row in rows)))) for n, most in enumerate(_WIDEST)
    )
    date = max(10, cells(head[3]))
    widths = (service, login, max(16, width - service - login - date - 3 * _GAP), date)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    for title, wide in zip(head, widths, strict=True):
        table.add_column(title, min_width=min(wide, cells(title)), max_width=wide, overflow="fold")
    for row in rows:
        table.add_row(*(RichText("\n".join(wrap(c, wide))) for c, wide in zip(row, widths, strict=True)))
    console.print(table)


def name_of(e: Entry, lang: str) -> str:
    """The service's name, with the site for software on many hosts."""
    name = clean(e.name.to(lang), 60)
    if not e.account.site:
        return name
    site = clean(e.account.site.removeprefix("https://"), 60)
    return f"{name}（{site}）" if lang == "zh" else f"{name} ({site})"


def believed(e: Entry, lang: str, *, most: int = 3) -> str:
    """Why, in a word or two, and how sure. ``most``: kinds of message that are named."""
    sources = {x.source for x in e.account.evidence}
    words = [t.to(lang) for source, t in (("person", _SAID), ("passwords", _SAVED)) if source in sources]
    if e.mail is not None and "mail" in sources:
        counts = {kind.value: n for kind, n in e.mail.counts.items() if n}
        kinds = [_KINDS[k] for k in _KINDS if k in counts and k not in {"other", "newsletter"}] or [_BY_TEXT]
        sure = _SURE if e.mail.confidence >= 0.95 else _LIKELY
        shown = _list((t.to(lang) for t in kinds[:most]), lang)
        words.append(f"{sure.to(lang)}：{shown}" if lang == "zh" else f"{sure.to(lang)}: {shown}")
    return ("；" if lang == "zh" else "; ").join(words)


def _list(words: Iterable[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(words)


def _many(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def _login(e: Entry) -> str:
    """Who signs in; where nobody knows that, the account's own label, unless it only says the service again."""
    label = e.account.label
    said = {e.name.en.casefold(), e.name.zh.casefold(), e.account.service.casefold()}
    return clean(e.account.login or (label if e.account.site and label.casefold() not in said else ""), 60)


def _last(e: Entry) -> str:
    return _day(e.mail.last if e.mail else None)


def show_why(e: Entry, lang: str) -> None:
    """Message by message why an account is believed."""
    from rich.console import Console

    console = Console(highlight=False)
    line(console, f"{name_of(e, lang)}  {_login(e)}".rstrip() + f"  [{e.account.id}]", style="bold")
    if e.mail is not None:
        line(console, e.mail.why.to(lang))
        first, last = _day(e.mail.first), _day(e.mail.last)
        total = sum(e.mail.counts.values())
        span = Text(f"from {first} to {last}", f"{first} 至 {last}") if first != last else Text(f"of {first}", first)
        line(
            console,
            Text(
                f"{_many(total, 'message')} {span.en}; confidence {e.mail.confidence:.2f}.",
                f"{span.zh} 共 {total:,} 封邮件；可信度 {e.mail.confidence:.2f}。",
            ).to(lang),
        )
    for x in e.account.evidence:
        line(console, f"  {evidence_text(x, lang)}", hang=6)
    if e.guided:
        line(
            console,
            Text(
                "There is no recipe for it: it is moved in guided fashion.", "它没有专门的配方：将在指引下由您操作。"
            ).to(lang),
        )


def evidence_text(x: Evidence, lang: str) -> str:
    """One piece of evidence: when, what, from whom, where it lies."""
    if x.source == "passwords":
        kind = _SAVED.to(lang)
    else:
        kind = _KINDS[x.kind].to(lang) if x.kind in _KINDS else clean(x.kind, 40)
    where = _where(x).to(lang)
    return "  ".join(cell for cell in (_day(x.at), kind, clean(x.sender, 80), where) if cell)


def _where(x: Evidence) -> Text:
    """Where a person finds it again. The parts of an mbox and of a zip have no folder: a number in the file is all there is."""
    place, _, number = x.where.rpartition("/")
    if x.source == "person" or not number.isdecimal():  # a command of ours; the kind says it already
        return Text("", "")
    shown, n = clean(place, 80), int(number)
    if x.source == "passwords":
        return Text(f"({shown}, entry {n:,})", f"（{shown}，第 {n:,} 条）")
    if not place:
        return Text(f"(in the file, at {n:,})", f"（文件内位置 {n:,}）")
    return Text(f"({shown}, message {n:,})", f"（{shown}，第 {n:,} 号邮件）")


def _day(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d") if moment else ""


def show_discovered(
    found: Discovered, entries: Sequence[Entry], lang: str, names: Mapping[str, Text] | None = None
) -> None:
    """What was read, what is new and why, what was left aside, and what to do next. ``names``: of services, by id."""
    from rich.console import Console

    console = Console(highlight=False)
    for read in found.reads:
        _source(console, read, lang)
    by_id = {e.account.id: e for e in entries}
    _new(console, [by_id[a.id] for a in found.settled.added if a.id in by_id], lang)
    # what is left aside is told with the mail that says so, not again each time
    fresh = any(read.messages for read in found.reads if not read.source.startswith("passwords:"))
    _rest(console, found, lang, names or {}, aside=fresh)
    known = Text(
        f"{_many(len(entries), 'account')} {'is' if len(entries) == 1 else 'are'} known now. → migrate accounts, migrate plan",
        f"目前已知 {len(entries)} 个账号。→ migrate accounts、migrate plan",
    )
    none = Text("No account is known yet. → migrate remember", "还没有已知的账号。→ migrate remember")
    line(console, (known if entries else none).to(lang))


def _source(console: Console, read: Read, lang: str) -> None:
    label, n = clean(read.label, 80), read.messages
    if read.source.startswith("passwords:"):
        text = Text(f"{label}: {n:,} {'entry' if n == 1 else 'entries'} read.", f"{label}：已读取 {n:,} 条记录。")
    elif n:
        text = Text(f"{label}: {_many(n, 'new message')} read.", f"{label}：新读取 {n:,} 封邮件。")
    else:
        text = Text(f"{label}: nothing new.", f"{label}：没有新邮件。")
    line(console, text.to(lang))
    for where, message in read.troubles[:5]:
        place = clean(where, 60)
        said = translate(clean(message, 200), lang)
        line(console, f"  ! {place}{'：' if lang == 'zh' else ': '}{said}" if place else f"  ! {said}", hang=4)
    if len(read.troubles) > 5:
        more = len(read.troubles) - 5
        line(console, Text(f"  ! and {more} more", f"  ! 另有 {more} 处").to(lang))


def _new(console: Console, entries: Sequence[Entry], lang: str) -> None:
    if not entries:
        line(console, Text("No account is new.", "没有新的账号。").to(lang))
        return
    line(console, Text(f"{_many(len(entries), 'new account')}:", f"新发现 {len(entries)} 个账号：").to(lang))
    full = len(entries) <= _IN_FULL
    for e in entries:
        name = f"{name_of(e, lang)}  {_login(e)}".rstrip()
        if not full:
            line(console, f"  {name} · {believed(e, lang)}", hang=4)
            continue
        line(console, f"  {name}", style="bold", hang=4)
        line(console, f"    {e.mail.why.to(lang) if e.mail is not None else believed(e, lang)}", hang=4)
    if not full:
        more = Text(
            "→ Each with its messages: migrate accounts --why NAME", "→ 逐封查看依据：migrate accounts --why 名称"
        )
        line(console, more.to(lang))


def _rest(console: Console, found: Discovered, lang: str, names: Mapping[str, Text], *, aside: bool) -> None:
    s = found.settled
    rows: list[Text] = []
    if s.grown:
        n = len(s.grown)
        rows.append(
            Text(f"{_many(n, 'known account')} {'was' if n == 1 else 'were'} confirmed.", f"{n} 个已知账号得到印证。")
        )
    if s.closed and aside:
        closed = _some(s.closed, names)
        rows.append(
            Text(f"Deleted by you earlier, as their mail says: {closed.en}", f"邮件显示您早已注销：{closed.zh}")
        )
    if s.impostors and aside:
        forged = _some(s.impostors, names)
        rows.append(
            Text(f"Left aside, for they bear another's name: {forged.en}", f"冒用他人名义，已忽略：{forged.zh}")
        )
    if s.doubtful and aside:
        rows.append(
            Text(
                f"{_many(s.doubtful, 'sender')} wrote nothing that proves an account (newsletters, lists, shops you only visited).",
                f"{s.doubtful} 个发件方的邮件不足以证明有账号（推广、邮件列表、只浏览过的商店）。",
            )
        )
    for row in rows:
        line(console, row.to(lang))


def _some(services: Sequence[str], names: Mapping[str, Text]) -> Text:
    """The first few by name, and how many more there are."""
    shown = [names.get(x, Text(x, x)) for x in services[:_NAMED]]
    more = len(services) - len(shown)
    en = ", ".join(clean(t.en, 40) for t in shown) + (f", and {more} more" if more else "")
    zh = "、".join(clean(t.zh, 40) for t in shown) + (f" 等 {len(services)} 个" if more else "")
    return Text(f"{en}.", f"{zh}。")
