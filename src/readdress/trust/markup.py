"""What a person sees of an HTML mail: its visible text, line by line, and its links with the text that they show.

An own tokenizer, because the standard library's ``html.parser`` of Python 3.11 needs quadratic time on unclosed
constructs. Every search here either moves on or ends the document, so it is linear. Text that a mail hides
(``display:none``, size 0, a class that its style sheet hides …) is no text: a code is never taken from it.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass
from html.entities import html5

from readdress.trust.caps import LINKS, OPEN_ELEMENTS, Meter, OverCap

_TAG = re.compile(r"<(?:(!--)|(/?)([a-zA-Z][^\s/>]{0,63})|([!?/]))")
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)?))?""")
_REFERENCE = re.compile(r"&(#[xX][0-9a-fA-F]{1,8}|#[0-9]{1,8}|[A-Za-z][A-Za-z0-9]{1,31})(;?)(=?)")
_RAW = {n: re.compile(f"</{n}", re.IGNORECASE) for n in ("script", "style", "title", "textarea", "xmp", "noembed")}
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
})  # fmt: skip
_BLOCK = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav",
    "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_CLOSES_ITSELF = frozenset({
    "p", "li", "td", "th", "tr", "dt", "dd", "option", "a",
})  # fmt: skip
_UNSEEN = frozenset({
    "head", "template", "noscript", "svg", "math", "object", "select",
})  # fmt: skip
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:all|font-size:0*(?:\.0+)?(?:px|pt|r?em|%)?(?:;|!|\Z)"
    r"|opacity:0*(?:\.0+)?(?:;|!|\Z)|(?:^|;)color:transparent|text-indent:-\d{3,}|(?:left|top):-\d{3,}"
)
_NO_ROOM = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px|pt|em|%)?(?:;|!|\Z)")
_CLASS = re.compile(r"\.([A-Za-z_][\w-]{0,60})\s*\{([^{}]{0,1000})\}")
_INK = re.compile(r"(?:^|;)(background(?:-color)?|color):(#[0-9a-f]{3,8}|[a-z]+)(?=;|!|\Z)")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as the person sees it: where it leads (as written, references decoded) and the text on it."""

    href: str
    shows: str


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML part: visible text with one line per block, and the visible links in document order."""

    text: str
    links: tuple[Link, ...] = ()


def read(source: str, meter: Meter) -> Page:
    """Read an HTML document. Raises :class:`~readdress.trust.caps.OverCap` when it is too much work."""
    return _Reader(source, meter).run()


def attribute_text(value: str) -> str:
    """An attribute's value with its character references decoded as browsers do: ``&copy=1`` in a URL stays."""
    return _REFERENCE.sub(_decoded, value) if "&" in value else value


def _decoded(found: re.Match[str]) -> str:
    name, semicolon, equals = found[1], found[2], found[3]
    if name.startswith("#") or semicolon:
        return html.unescape(f"&{name};") + equals
    return found[0] if equals or name not in html5 else html5[name]


def _hides(style: str) -> bool:
    flat = re.sub(r"\s+|/\*.{0,200}?\*/", "", style[:2000].lower())
    if _HIDING.search(flat) or ("overflow:hidden" in flat and _NO_ROOM.search(flat)):
        return True
    ink = {name: _colour(value) for name, value in _INK.findall(flat)}
    ground = ink.get("background-color", ink.get("background"))
    return "color" in ink and ink["color"] == ground


def _colour(value: str) -> str:
    value = {"white": "#ffffff", "black": "#000000"}.get(value, value)
    return "#" + "".join(c * 2 for c in value[1:]) if re.fullmatch(r"#[0-9a-f]{3}", value) else value


class _Reader:
    def __init__(self, source: str, meter: Meter) -> None:
        self.source, self.meter = source, meter
        self.out: list[str] = []
        self.links: list[Link] = []
        self.stack: list[tuple[str, bool]] = []
        self.open: Counter[str] = Counter()
        self.hidden = 0
        self.hidden_classes: set[str] = set()
        self.anchor: tuple[str, int] | None = None

    def run(self) -> Page:
        source, at = self.source, 0
        while True:
            start = source.find("<", at)
            self._text(source[at : start if start >= 0 else len(source)])
            if start < 0:
                break
            found = _TAG.match(source, start)
            if not found:
                self._text("<")
                at = start + 1
                continue
            self.meter.tag()
            if found[1] or found[4]:
                end = source.find("-->" if found[1] else ">", found.end() - (2 if found[1] else 0))
                at = end + (3 if found[1] else 1)
            else:
                end = at = self._element(found)
            if end < 0:
                break
        self._close_anchor()
        return Page(_tidy("".join(self.out)), tuple(self.links))

    def _text(self, text: str) -> None:
        if text and not self.hidden:
            self.out.append(re.sub(r"[ \t\r\n\f]+", " ", html.unescape(text)))

    def _element(self, found: re.Match[str]) -> int:
        """Handle the tag that begins at ``found``; returns where to go on, -1 at the end of the document."""
        name = found[3].lower()
        attributes, end = self._attributes(found.end())
        if end < 0:
            return -1
        if found[2]:
            self._closing(name)
            return end
        if name in _RAW:
            closing = _RAW[name].search(self.source, end)
            if not closing:
                return -1
            if name == "style":
                self._style_sheet(self.source[end : closing.start()])
            elif name in ("textarea", "xmp"):
                self._text(self.source[end : closing.start()])
            return closing.start()
        self._opening(name, attributes)
        return end

    def _attributes(self, at: int) -> tuple[dict[str, str], int]:
        source = self.source
        found: dict[str, str] = {}
        while at < len(source):
            match = _ATTRIBUTE.match(source, at)
            if match:
                self.meter.tag()
                value = next((v for v in (match[2], match[3], match[4]) if v is not None), "")
                found.setdefault(match[1].lower(), value)
                at = match.end()
                continue
            gap = re.compile(r"[\s/]*").match(source, at)
            at = gap.end() if gap else at
            if at < len(source) and source[at] == ">":
                return found, at + 1
            at += 1
        return found, -1

    def _style_sheet(self, sheet: str) -> None:
        # What a media query hides or shows depends on the screen: only what is said outside of them counts.
        for name, body in _CLASS.findall(sheet[:100_000].partition("@media")[0]):
            if _hides(body):
                self.hidden_classes.add(name)

    def _opening(self, name: str, attributes: dict[str, str]) -> None:
        self._spacing(name)
        if name == "a":
            self._close_anchor()
            if not self.hidden and not self._is_hidden(name, attributes):
                self.anchor = (attribute_text(attributes.get("href", "")), len(self.out))
        if name in _VOID:
            return
        if name in _CLOSES_ITSELF and self.stack and self.stack[-1][0] == name:
            self._pop()
        hidden = self._is_hidden(name, attributes)
        self.stack.append((name, hidden))
        self.open[name] += 1
        self.hidden += hidden
        if len(self.stack) > OPEN_ELEMENTS:
            raise OverCap(f"HTML nested deeper than {OPEN_ELEMENTS}")

    def _is_hidden(self, name: str, attributes: dict[str, str]) -> bool:
        if name in _UNSEEN or "hidden" in attributes:
            return True
        if _hides(html.unescape(attributes.get("style", ""))):
            return True
        return not self.hidden_classes.isdisjoint(attributes.get("class", "").split())

    def _closing(self, name: str) -> None:
        if name == "a":
            self._close_anchor()
        if self.open[name] > 0:
            while self.stack[-1][0] != name:
                self._pop()
            self._pop()
        self._spacing(name)

    def _pop(self) -> None:
        name, hidden = self.stack.pop()
        self.open[name] -= 1
        self.hidden -= hidden

    def _spacing(self, name: str) -> None:
        if name == "br" or name in _BLOCK:
            self.out.append("\n")
        elif name in ("td", "th"):
            self.out.append(" ")

    def _close_anchor(self) -> None:
        if self.anchor is None:
            return
        href, start = self.anchor
        self.anchor = None
        if len(self.links) >= LINKS:
            raise OverCap(f"more than {LINKS} links")
        self.links.append(Link(href, " ".join("".join(self.out[start:]).split())))


def _tidy(text: str) -> str:
    lines = (re.sub(r" {2,}", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
