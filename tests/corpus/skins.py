"""The HTML dress of the corpus: eight ways in which mail programs and marketing tools wrap the same paragraphs.

Body text knows one mark: ``[[label|url]]`` is a link.
"""

from __future__ import annotations

import html as html_lib


def paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def _inline(text: str, link_style: str = "") -> str:
    """Body text as HTML: ``[[label|url]]`` becomes a link, newlines become breaks."""
    out = []
    for piece in text.split("[["):
        head, closed, tail = piece.partition("]]")
        label, bar, url = head.partition("|")
        if closed and bar:
            href = html_lib.escape(url)
            out.append(f'<a href="{href}"{link_style}>{html_lib.escape(label)}</a>' + html_lib.escape(tail))
        else:
            out.append(html_lib.escape(piece))
    return "".join(out).replace("\n", "<br>\n")


def plain_text(text: str) -> str:
    """Body text as a plain part: links written out."""
    out = []
    for piece in text.split("[["):
        head, closed, tail = piece.partition("]]")
        label, bar, url = head.partition("|")
        out.append((f"{label}: {url}" if label != url else url) + tail if closed and bar else piece)
    return "".join(out)


def _skin_bare(parts: list[str], _title: str) -> str:
    return "<html><body>\n" + "\n".join(f"<p>{_inline(part)}</p>" for part in parts) + "\n</body></html>"


def _skin_card(parts: list[str], title: str) -> str:
    link = ' style="color:#0a66c2;text-decoration:none"'
    cell = '<td style="padding:12px 32px;font:15px/22px Helvetica,Arial,sans-serif;color:#202123">'
    rows = "\n".join(f"<tr>{cell}{_inline(part, link)}</td></tr>" for part in parts)
    return (
        f'<!DOCTYPE html><html><head><meta name="viewport" content="width=device-width"><title>{html_lib.escape(title)}</title></head>'
        f'<body style="margin:0;background:#f4f5f7"><div style="display:none;max-height:0;overflow:hidden">{_inline(parts[0])[:60]}</div>'
        f'<table role="presentation" width="100%"><tr><td align="center"><table width="600" bgcolor="#ffffff">\n{rows}\n</table></td></tr>'
        "</table></body></html>"
    )


def _skin_style(parts: list[str], title: str) -> str:
    body = "\n".join(f'<div class="b{number % 3}">{_inline(part)}</div>' for number, part in enumerate(parts))
    return (
        "<html><head><style type='text/css'>\n.b0{color:#123456;font-size:16px}.b1{color:#445566}.b2{margin:10px 0;color:#778899}\n"
        "@media only screen and (max-width:480px){.wrap{width:320px!important}}\n</style></head>\n"
        f'<body class="wrap"><h1>{html_lib.escape(title)}</h1>\n{body}\n<img src="https://px.img.example/o/902134.gif" width=1 height=1 alt="">'
        "</body></html>"
    )


def _skin_font(parts: list[str], _title: str) -> str:
    body = "<br><br>\n".join(f'<FONT face="Arial" size=2 color=#333333>{_inline(part)}</FONT>' for part in parts)
    return f"<HTML>\n<BODY bgColor=#ffffff>\n{body}\n<HR size=1>\n</BODY></HTML>"


def _skin_outlook(parts: list[str], title: str) -> str:
    body = "\n".join(
        f'<p class="MsoNormal"><span style="font-size:10.5pt">{_inline(part)}<o:p></o:p></span></p>' for part in parts
    )
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type content="text/html">'
        f"<!--[if mso]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><![endif]--><title>{html_lib.escape(title)}</title></head>\n"
        f"<body lang=EN><div class=WordSection1>\n{body}\n</div></body></html>"
    )


def _skin_button(parts: list[str], title: str) -> str:
    style = ' style="background:#e4572e;border-radius:24px;color:#fff;display:inline-block;padding:14px 28px"'
    body = "\n".join(
        f'<section style="text-align:center;max-width:520px;margin:auto">{_inline(part, style)}</section>'
        for part in parts
    )
    return f'<!doctype html>\n<html>\n<body>\n<header><img src="cid:logo" alt="{html_lib.escape(title)}" height="36"></header>\n{body}\n</body>\n</html>'


def _skin_list(parts: list[str], _title: str) -> str:
    items = "".join(f"<li>{_inline(part)}\n" for part in parts[1:])
    return f"<div dir=ltr><div>{_inline(parts[0])}</div><ul>{items}</ul></div>"


def _skin_entities(parts: list[str], _title: str) -> str:
    body = "<br/>&nbsp;<br/>\n".join(_inline(part).replace(" ", "&#32;", 1) for part in parts)
    return f'<html><body><div id="m"><!-- build 20191104-2 -->{body}</div></body></html>'


SKINS = {
    "bare": _skin_bare,
    "card": _skin_card,
    "style": _skin_style,
    "font": _skin_font,
    "outlook": _skin_outlook,
    "button": _skin_button,
    "list": _skin_list,
    "entities": _skin_entities,
}
