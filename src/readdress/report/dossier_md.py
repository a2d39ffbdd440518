"""A dossier as Markdown (CommonMark with tables): everything from outside escaped, so that it can neither be markup nor HTML (pure)."""

from __future__ import annotations

import re

from readdress.models import Text
from readdress.report.dossier import Block, Dossier, Fields, Items, Para, Table, Value

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&$^=@])")
# what some readers make a link of without any markup: an address of a page (GFM, extended autolinks)
_AUTOLINK = re.compile(r"(?i)(?<=:)/(?=/)|(?<=www)\.")
_FIRST = re.compile(r"^(\d{1,9}(?=[.)])|)([-+.)])")
HEAD = "<!-- readdress dossier -->"
"""How every file of ours begins, so that it is known again before it is written over."""
_LINE = "__________"
_TODO = Text("Still missing", "尚缺内容")
_COLON = Text(": ", "：")


def markdown_of(dossier: Dossier) -> str:
    """The file's whole text, ended by a line feed."""
    lines = [HEAD, "", f"# {_plain(dossier.title)}", "", _plain(dossier.subtitle), ""]
    for paragraph in dossier.intro:
        lines += [_plain(paragraph), ""]
    for number, section in enumerate(dossier.sections, 1):
        lines += [f"## {number}. {_plain(section.title)}", ""]
        for block in section.blocks:
            lines += [*_block(block, dossier), ""]
    for label in dossier.sign:
        lines += [f"{_plain(label)}{_COLON.to(dossier.lang)}{_LINE * 2}", ""]
    if dossier.foot:
        lines += [f"*{_plain(dossier.foot)}*", ""]
    missing = dossier.missing()
    if missing:
        lines += ["---", "", f"**{_TODO.to(dossier.lang)}**", ""]
        lines += [f"- {_plain(what)}{_COLON.to(dossier.lang)}{_code(how)}" for what, how in missing]
        lines.append("")
    return "\n".join(lines)


def _block(block: Block, dossier: Dossier) -> list[str]:
    if isinstance(block, Fields):
        colon = _COLON.to(dossier.lang)
        return [f"- **{_plain(label)}**{colon}{_value(value)}" for label, value in block.rows]
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Para):
        return [f"### {_plain(block.text)}" if block.head else _plain(block.text)]
    assert isinstance(block, Items)
    return [f"- {_value(v)}" for v in block.items]


def _table(table: Table) -> list[str]:
    head = f"| {' | '.join(_plain(h) for h in table.head)} |"
    rule = f"|{' --- |' * len(table.head)}"
    return [head, rule, *(f"| {' | '.join(_LINE if v.missing else _value(v) for v in row)} |" for row in table.rows)]


def _value(value: Value) -> str:
    if value.missing:
        return f"{_LINE} ({_code(value.missing)})"
    if value.link.startswith(("https://", "http://")):
        target = re.sub(r"[\s<>|]", "", value.link)
        return f"[{_plain(value.text)}](<{target}>)"
    return _plain(value.text)


def _plain(text: str) -> str:
    """Text that stays text (CommonMark §2.4): a backslash before what could be markup, a list's bullet or a link."""
    escaped = _AUTOLINK.sub(lambda m: f"\\{m[0]}", _MARKUP.sub(r"\\\1", text.replace("\n", " ").strip()))
    return _FIRST.sub(r"\1\\\2", escaped)


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39)).replace('|', '/')}`"
