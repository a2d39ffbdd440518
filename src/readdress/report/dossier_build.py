"""Builds a dossier from what the state file knows; what it does not know is left open with the command that fills it in (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from readdress.models import Lang, OldState, Slot, Text
from readdress.report import dossier_words as w
from readdress.report.channels import Channel, Provider, Provision
from readdress.report.dossier import (
    Block,
    Dossier,
    Fields,
    Items,
    Para,
    Section,
    Table,
    Value,
    by_day_first,
    day_text,
    said,
)

_AMOUNT = re.compile(
    r"\s*(?:(?P<before>[A-Z]{3}|[¥￥$€£])\s*)?(?P<number>\d[\d,]*(?:\.\d{1,2})?)\s*(?P<after>[A-Z]{3}|元|[¥￥$€£])?\s*\Z"
)
_SAME = {"元": "CNY", "¥": "CNY", "￥": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}


@dataclass(frozen=True, slots=True)
class Hanging:
    """An account that hangs on the one that was lost.

    ``handle``: how commands name it; ``kind``: its group (a key of ``dossier_words.GROUPS``); ``stands``: what became of it.
    """

    handle: str
    name: str
    kind: str
    slots: tuple[Slot, ...] = ()
    login: str = ""
    since: str = ""
    value: str = ""
    uses: str = ""
    stands: Text = field(default_factory=lambda: Text("", ""))


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline. ``topic``: what a note is about; ``file`` and ``digest``: what shows it."""

    at: datetime
    text: Text
    topic: str = ""
    file: str = ""
    digest: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the state file knows, as the document needs it. ``own``: what the person said of themselves and the case, by name (see :data:`SAYABLE`)."""

    provider: Provider
    old: str
    new: str
    old_state: OldState
    now: datetime
    own: Mapping[str, str] = field(default_factory=dict)
    accounts: Sequence[Hanging] = ()
    login: str = ""
    since: str = ""
    ended: datetime | None = None
    happenings: Sequence[Happening] = ()
    moved: int = 0
    total: int = 0


SAYABLE: dict[str, Text] = {
    "name": Text("name", "姓名"),
    "phone": Text("telephone", "电话"),
    "number": Text("account or number there", "账号或号码"),
    "since": Text("used since", "开始使用"),
    "closed": Text("closed on", "封停日期"),
    "notice": Text("the provider's own words", "封停提示原文"),
    "request": Text("what is asked for", "诉求"),
}
"""What a person can say of themselves and the case (`migrate dossier --say NAME=VALUE`)."""


def build(known: Known, lang: Lang, *, logins: bool = False) -> Dossier:
    """The document. ``logins``: show login names at other services too; a provider rarely needs them."""

    def t(text: Text) -> str:
        return text.to(lang)

    provider = known.provider
    sections = [
        Section(t(w.WHO), tuple(_who(known, lang))),
        Section(t(w.HANGS), tuple(_hangs(known, lang, logins=logins))),
        Section(t(w.TIMELINE), tuple(_timeline(known, lang))),
        Section(t(w.CHANNELS), tuple(_channels(provider, lang))),
    ]
    if provider.laws:
        sections.append(Section(t(w.LAW), tuple(_law(provider.laws, lang))))
    sections.append(Section(t(w.FILES), tuple(_files(known.happenings, lang))))
    title = (
        w.TITLE.format(provider=provider.name.to(lang)) if lang == "zh" else w.TITLE.format(provider=provider.name.en)
    )
    return Dossier(
        lang,
        t(title),
        t(w.SUBTITLE.format(old=known.old, day=f"{known.now.astimezone():%Y-%m-%d}")),
        known.now,
        tuple(sections),
        sign=(t(w.DAY), t(w.SIGNATURE)),
        foot=t(w.FOOT),
    )


# -- the parts --------------------------------------------------------------------------------------------------------------


def _who(known: Known, lang: Lang) -> Iterable[Block]:
    own = known.own

    def value(name: str, otherwise: str = "") -> Value:
        return said(own.get(name, "") or otherwise, f'migrate dossier --say {name}="…"')

    state = w.OLD_STATES[known.old_state]
    rows = [
        (w.NAME, value("name")),
        (w.IDENTITY, Value(missing=w.BY_HAND.to(lang))),
        (w.REACH, Value(known.new)),
        (w.PHONE, value("phone")),
        (w.ADDRESS, Value(known.old)),
        (w.NUMBER, value("number", known.login)),
        (w.SINCE, value("since", known.since)),
        (w.STATE, Value(state.to(lang))),
        (w.CLOSED, value("closed", day_text(known.ended))),
        (w.NOTICE, value("notice")),
        (w.REQUEST, value("request")),
    ]
    yield Fields(tuple((label.to(lang), v) for label, v in rows))


def _hangs(known: Known, lang: Lang, *, logins: bool) -> Iterable[Block]:
    if not known.accounts:
        yield Items((Value(missing="migrate discover"), Value(missing="migrate remember")))
        return
    groups = {kind: [a for a in known.accounts if a.kind == kind] for kind in w.GROUPS}
    counts = w.AND.to(lang).join(f"{w.GROUPS[kind].to(lang)} {len(found)}" for kind, found in groups.items() if found)
    yield Para(w.COUNT.format(n=len(known.accounts), counts=counts).to(lang))
    total = _total(known.accounts)
    estimated = sum(bool(a.value) for a in known.accounts)
    if total:
        yield Para(w.TOTAL.format(total=total, n=estimated).to(lang))
    for kind, found in groups.items():
        if found:
            yield Para(f"{w.GROUPS[kind].to(lang)} ({len(found)})", head=True)
            yield _group(found, kind, lang, logins=logins)
    yield Para(w.ESTIMATES.to(lang), small=True)


def _group(found: Sequence[Hanging], kind: str, lang: Lang, *, logins: bool) -> Table:
    """One group's table; a column about which nothing is known or asked is left out."""
    columns: list[tuple[Text, int, list[Value]]] = [(w.SERVICE, 26, [said(a.name) for a in found])]
    if logins and any(a.login for a in found):
        columns.append((w.LOGIN, 16, [said(a.login or "–") for a in found]))
    columns.append((w.HOW, 26, [said(_how(a, lang) or "–") for a in found]))
    for head, name, asked in ((w.SINCE_SHORT, "since", w.DATED), (w.VALUE, "value", w.VALUED)):
        if kind in asked or any(getattr(a, name) for a in found):
            columns.append((head, 16, [_own(a, name, asked=kind in asked) for a in found]))
    columns.append((w.STANDS, 24, [Value(a.stands.to(lang)) for a in found]))
    whole = sum(width for _, width, _ in columns)
    return Table(
        tuple(head.to(lang) for head, _, _ in columns),
        tuple(zip(*(values for _, _, values in columns), strict=True)),
        tuple(round(100 * width / whole) for _, width, _ in columns),
    )


def _own(a: Hanging, name: str, *, asked: bool) -> Value:
    text = str(getattr(a, name))
    if asked:
        return said(text, f"migrate dossier --account {a.handle} --say {name}=…")
    return said(text or "–")


def _how(a: Hanging, lang: Lang) -> str:
    how = w.AND.to(lang).join(w.SLOT_USE[s].to(lang) for s in a.slots)
    return w.SEMICOLON.to(lang).join(part for part in (how, a.uses) if part)


def _total(accounts: Sequence[Hanging]) -> str:
    """The sum by currency where every estimate is a plain amount; ``""`` else: a sum of words would be made up."""
    sums: dict[str, Decimal] = {}
    for text in (a.value for a in accounts if a.value):
        found = _AMOUNT.match(text)
        unit = found and (found["before"] or found["after"])
        if not found or not unit:
            return ""
        key = _SAME.get(unit, unit)
        sums[key] = sums.get(key, Decimal()) + Decimal(found["number"].replace(",", ""))
    return ", ".join(f"{amount:,.2f} {unit}".replace(".00 ", " ") for unit, amount in sorted(sums.items()))


def _timeline(known: Known, lang: Lang) -> Iterable[Block]:
    happened = sorted(known.happenings, key=lambda h: by_day_first(h.at))
    rows = []
    for h in happened:
        topic = w.TOPICS.get(h.topic)
        what = h.text.to(lang)
        if h.about:
            what = f"{h.about}{w.COLON.to(lang)}{what}"
        shown = w.SHOWN_BY.format(file=h.file).to(lang) if h.file else ""
        rows.append((Value(day_text(h.at)), Value(topic.to(lang) if topic else "–"), said(f"{what} {shown}".strip())))
    if rows:
        yield Table((w.WHEN.to(lang), w.KIND.to(lang), w.WHAT.to(lang)), tuple(rows), (20, 14, 66))
    if not any(h.topic for h in happened):
        yield Items((Value(missing=w.NOTE_HINT.to(lang)),))
    if known.total:
        yield Para(w.MOVED.format(moved=known.moved, total=known.total).to(lang), small=True)


def _channels(provider: Provider, lang: Lang) -> Iterable[Block]:
    if not provider.channels:
        yield Para(w.NO_CHANNELS.to(lang))
        return
    numbers = {s.id: n for n, s in enumerate(provider.sources, 1)}
    rows = []
    for number, channel in enumerate(provider.channels, 1):
        rows.append(_channel_row(number, channel, numbers, lang))
    head = (w.CHANNEL, w.BEFORE, w.TAKES, w.ASKS, w.GRADE)
    yield Table(tuple(h.to(lang) for h in head), tuple(rows), (28, 28, 18, 14, 12))
    for remark in provider.remarks:
        yield Para(remark.to(lang))
    if provider.sources:
        yield Para(w.SOURCES.to(lang), small=True)
        yield Items(
            tuple(
                Value(f"[{numbers[s.id]}] {s.says.to(lang)} ({w.GRADES[s.grade].to(lang)}; {s.url})", link=s.url)
                for s in provider.sources
            ),
            small=True,
        )
    if provider.checked:
        yield Para(w.CHECKED.format(day=provider.checked.isoformat()).to(lang), small=True)


def _channel_row(number: int, channel: Channel, numbers: Mapping[str, int], lang: Lang) -> tuple[Value, ...]:
    refs = "".join(f"[{numbers[s]}]" for s in channel.sources)
    grade = w.GRADES[channel.grade].to(lang)
    return (
        Value(f"{number}. {channel.name.to(lang)}", link=channel.where),
        Value(channel.before.to(lang)),
        Value(channel.takes.to(lang)),
        Value(channel.asks.to(lang)),
        Value(f"{grade} {refs}".strip()),
    )


def _law(laws: Sequence[Provision], lang: Lang) -> Iterable[Block]:
    yield Para(w.LAW_INTRO.to(lang))
    rows = []
    for p in laws:
        articles = w.ARTICLES.format(numbers=w.AND.to(lang).join(p.articles)).to(lang)
        rows.append(
            (
                Value(p.name.to(lang)),
                Value(articles),
                Value(p.about.to(lang)),
                Value(w.GRADES[p.grade].to(lang), link=p.url),
            )
        )
    head = (w.LAW_NAME, w.ARTICLE, w.ABOUT, w.SOURCE)
    yield Table(tuple(h.to(lang) for h in head), tuple(rows), (32, 16, 38, 14))


def _files(happenings: Sequence[Happening], lang: Lang) -> Iterable[Block]:
    shown = {h.digest: h for h in happenings if h.file}
    if not shown:
        yield Items((Value(missing=w.FILE_HINT.to(lang)),))
        return
    rows = tuple((said(h.file), Value(day_text(h.at)), Value(h.digest)) for h in shown.values())
    yield Table((w.FILE.to(lang), w.WHEN.to(lang), "SHA-256"), rows, (34, 18, 48))
