"""A dossier as one HTML file: printable on A4, nothing loaded from anywhere, everything from outside escaped (pure)."""

from __future__ import annotations

from html import escape

from readdress.models import Lang, Text
from readdress.report.dossier import Block, Dossier, Fields, Items, Para, Section, Table, Value

HEAD = "<!doctype html>\n<!-- readdress dossier -->"
"""How every file of ours begins, so that it is known again before it is written over."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
@page { size: A4; margin: 18mm 16mm 20mm; }
* { box-sizing: border-box; }
html { color: #1a1a1a; background: #e9e9e6; }
body { font: 10.5pt/1.5 "Noto Sans", "Helvetica Neue", Arial, "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif;
  max-width: 210mm; margin: 8mm auto; padding: 18mm 16mm; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 19pt; line-height: 1.25; margin: 0 0 1mm; }
.sub { margin: 0 0 6mm; color: #555; }
h2 { font-size: 12.5pt; margin: 8mm 0 2.5mm; padding-bottom: 1mm; border-bottom: .4mm solid #1a1a1a; break-after: avoid; }
h2 .n { color: #777; font-weight: 400; margin-right: 2mm; }
h3 { font-size: 10.5pt; margin: 4mm 0 1.2mm; break-after: avoid; }
p { margin: 0 0 2mm; }
.small, ul.small { font-size: 8.8pt; color: #555; }
dl { display: grid; grid-template-columns: 46mm 1fr; margin: 0 0 3mm; }
dt, dd { margin: 0; padding: 1.1mm 0; border-bottom: .2mm solid #ddd; }
dt { color: #555; padding-right: 3mm; }
table { width: 100%; border-collapse: collapse; margin: 0 0 3mm; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: 1.2mm 1.6mm; border-bottom: .2mm solid #ccc; font-size: 9.4pt; }
th { font-weight: 600; border-bottom: .4mm solid #777; background: #f4f4f2; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
td:first-child { font-weight: 600; }
ul { margin: 0 0 2mm; padding-left: 5mm; }
a { color: inherit; text-decoration: none; border-bottom: .2mm dotted #888; }
.gap { display: inline-block; min-width: 30mm; border-bottom: .25mm solid #333; color: #a33; font-size: 8.6pt; }
td .gap { min-width: 12mm; }
.gap code { font-size: 8.4pt; white-space: normal; }
.todo { margin: 0 0 6mm; padding: 3mm 4mm; background: #fff6e5; border: .3mm solid #e0b45c; font-size: 9.4pt; }
.todo b { display: block; margin-bottom: 1mm; }
.todo ul { margin: 0; }
.sign { display: flex; gap: 10mm; margin-top: 14mm; break-inside: avoid; }
.sign div { flex: 1; border-top: .3mm solid #333; padding-top: 1mm; color: #555; font-size: 9pt; }
.foot { margin-top: 8mm; color: #777; font-size: 8.4pt; }
@media print {
  html, body { background: #fff; }
  body { max-width: none; margin: 0; padding: 0; }
  .todo { display: none; }
  .gap { color: transparent; min-width: 45mm; }
  td .gap { min-width: 100%; width: 100%; }
}
@media screen and (max-width: 720px) { body { padding: 6mm; margin: 0; } dl { grid-template-columns: 1fr; } dt { border: 0; padding-bottom: 0; } }
"""
_TODO = Text("Still missing (this box is not printed):", "尚缺内容（此框不会打印）：")
_COLON = Text(": ", "：")
_MISSING = Text("missing", "待补")


def html_of(dossier: Dossier) -> str:
    """The file's whole text."""
    lang = "zh-Hans" if dossier.lang == "zh" else "en"
    parts = [
        *HEAD.split("\n"),
        f'<html lang="{lang}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="robots" content="noindex">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(dossier.title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{escape(dossier.title)}</h1>",
        f'<p class="sub">{escape(dossier.subtitle)}</p>',
        *_todo(dossier),
        *(f"<p>{escape(p)}</p>" for p in dossier.intro),
    ]
    for number, section in enumerate(dossier.sections, 1):
        parts += _section(section, number, dossier.lang)
    if dossier.sign:
        parts += ['<div class="sign">', *(f"<div>{escape(s)}</div>" for s in dossier.sign), "</div>"]
    if dossier.foot:
        parts.append(f'<p class="foot">{escape(dossier.foot)}</p>')
    return "\n".join([*parts, "</body>", "</html>", ""])


def _todo(dossier: Dossier) -> list[str]:
    missing = dossier.missing()
    if not missing:
        return []
    colon = _COLON.to(dossier.lang)
    items = [f"<li>{escape(what)}{colon}<code>{escape(how)}</code></li>" for what, how in missing]
    return ['<div class="todo">', f"<b>{escape(_TODO.to(dossier.lang))}</b>", "<ul>", *items, "</ul>", "</div>"]


def _section(section: Section, number: int, lang: Lang) -> list[str]:
    parts = ["<section>", f'<h2><span class="n">{number}</span>{escape(section.title)}</h2>']
    for block in section.blocks:
        parts += _block(block, lang)
    return [*parts, "</section>"]


def _block(block: Block, lang: Lang) -> list[str]:
    if isinstance(block, Fields):
        rows = [f"<dt>{escape(label)}</dt><dd>{_value(value)}</dd>" for label, value in block.rows]
        return ["<dl>", *rows, "</dl>"]
    if isinstance(block, Table):
        return _table(block, lang)
    if isinstance(block, Para):
        if block.head:
            return [f"<h3>{escape(block.text)}</h3>"]
        return [f'<p class="small">{escape(block.text)}</p>' if block.small else f"<p>{escape(block.text)}</p>"]
    assert isinstance(block, Items)
    cls = ' class="small"' if block.small else ""
    return [f"<ul{cls}>", *(f"<li>{_value(v)}</li>" for v in block.items), "</ul>"]


def _table(table: Table, lang: Lang) -> list[str]:
    columns = [f'<col style="width:{w}%">' for w in table.widths]
    head = "".join(f"<th>{escape(h)}</th>" for h in table.head)
    rows = ["<tr>" + "".join(f"<td>{_value(v, lang)}</td>" for v in row) + "</tr>" for row in table.rows]
    group = [f"<colgroup>{''.join(columns)}</colgroup>"] if columns else []
    return ["<table>", *group, f"<thead><tr>{head}</tr></thead>", "<tbody>", *rows, "</tbody>", "</table>"]


def _value(value: Value, cell: Lang | None = None) -> str:
    """``cell``: in a table there is room for a mark only; the command stands in the box above."""
    if value.missing and cell is not None:
        return f'<span class="gap" title="{escape(value.missing)}">{escape(_MISSING.to(cell))}</span>'
    if value.missing:
        return f'<span class="gap"><code>{escape(value.missing)}</code></span>'
    text = escape(value.text)
    if value.link.startswith(("https://", "http://")):
        return f'<a href="{escape(value.link)}" rel="noreferrer">{text}</a>'
    return text
