"""Reading the raw octets of a mail: capped, linear, never raising.

Only what the gate needs is read. Line and header rules are those of dkimpy (a line ends with LF or CRLF; the first
empty line ends the header), so that what was signed is what is read; where a header block could be read in two ways
(bare CR, NUL, a line that is no header, two Subjects) the message is unreadable rather than guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from readdress.trust import caps
from readdress.trust.caps import Meter, OverCap
from readdress.trust.decode import addresses_in, header_text, parameters, to_text, transfer, unlabelled
from readdress.trust.markup import Page, read

_NAME = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,200}):")
_SINGLE = frozenset(
    {b"subject", b"date", b"content-type", b"content-transfer-encoding", b"mime-version", b"message-id"}
)
# Two From headers are the sender's fault and are refused there, with a better reason.
_BLANK = re.compile(rb"(?:\A|\n)\r?\n")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The message could not be read, and why (one clause for the person)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read of a message.

    ``froms``: the raw From headers, unfolded, undecoded. ``to`` and ``cc``: their addresses; ``delivered_to``: those of
    Delivered-To and X-Original-To. ``results``: Authentication-Results headers, topmost first; ``results_on_top``: whether
    the topmost stands above From, where trace headers are put. ``signatures``: DKIM-Signature headers. ``texts`` and
    ``pages``: the text/plain and text/html parts that are no attachments. ``defects``: what could not be read of them.
    """

    froms: tuple[str, ...]
    subject: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    delivered_to: tuple[str, ...]
    date: datetime | None
    results: tuple[str, ...]
    results_on_top: bool
    signatures: tuple[bytes, ...]
    texts: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    defects: tuple[str, ...] = field(default=())


def parse(raw: bytes, *, truncated: bool = False) -> Parsed | Unreadable:
    """Read a message (RFC 5322, RFC 2045). Never raises; a message over a cap or open to two readings is unreadable."""
    if truncated or len(raw) > caps.MESSAGE_BYTES:
        return Unreadable("it is too large for a mail with a code or link")
    try:
        return _parse(raw)
    except OverCap as cap:
        return Unreadable(f"it was made to be hard to read: {cap}")
    except (ValueError, LookupError, ArithmeticError, RecursionError, TypeError) as error:
        # Codecs and date parsing of the standard library on hostile octets: whatever they say, it is this message's
        # fault.
        return Unreadable(f"it is damaged ({type(error).__name__})")


def _parse(raw: bytes) -> Parsed | Unreadable:
    headers, body = split(raw, top=True)
    if isinstance(headers, Unreadable):
        return headers
    names = [name for name, _ in headers]
    for name in _SINGLE:
        if names.count(name) > 1:
            return Unreadable(f"it has more than one {name.decode().title()} header")

    def every(*wanted: bytes) -> list[bytes]:
        return [_short(name, value) for name, value in headers if name in wanted]

    def first(wanted: bytes) -> bytes:
        return next(iter(every(wanted)), b"")

    def people(*wanted: bytes) -> tuple[str, ...]:
        return tuple(a for value in every(*wanted) for a in addresses_in(_unfolded(value)))

    meter = Meter()
    defects: list[str] = []
    texts: list[str] = []
    pages: list[Page] = []
    for kind, text in _bodies(headers, body, meter, defects):
        if kind == "text/html":
            pages.append(read(text, meter))
        else:
            texts.append(text)
    results_at = names.index(b"authentication-results") if b"authentication-results" in names else len(names)
    from_at = names.index(b"from") if b"from" in names else -1
    return Parsed(
        froms=tuple(_unfolded(value) for value in every(b"from")),
        subject=header_text(first(b"subject")),
        to=people(b"to"),
        cc=people(b"cc"),
        delivered_to=people(b"delivered-to", b"x-original-to"),
        date=_date(first(b"date")),
        results=tuple(_unfolded(value) for value in every(b"authentication-results")),
        results_on_top=results_at < from_at,
        signatures=tuple(every(b"dkim-signature")),
        texts=tuple(texts),
        pages=tuple(pages),
        defects=tuple(defects),
    )


def split(raw: bytes, *, top: bool = False) -> tuple[list[tuple[bytes, bytes]] | Unreadable, bytes]:
    """Headers (lower-case name, raw value) and body of a message or, with ``top`` false, of a MIME part."""
    end = _BLANK.search(raw, 0, caps.HEADER_BLOCK_BYTES + 2)
    if end is None and len(raw) > caps.HEADER_BLOCK_BYTES:
        return Unreadable("its header is too long"), b""
    block, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    if top and (b"\x00" in block or re.search(rb"\r(?!\n|\Z)", block)):
        return Unreadable("its header holds control characters"), b""
    headers: list[tuple[bytes, list[bytes]]] = []
    for number, line in enumerate(re.split(rb"\r?\n", block.rstrip(b"\r\n"))):
        if line[:1] in (b" ", b"\t") and headers:
            headers[-1][1].append(line)
            continue
        found = _NAME.match(line)
        if found:
            headers.append((found[1].lower(), [line[found.end() :]]))
            if len(headers) > caps.HEADER_COUNT:
                return Unreadable("it has too many headers"), b""
        elif top and line and not (number == 0 and re.match(rb"From [^:\s]", line)):
            return Unreadable("a line of its header is no header"), b""
    joined = [(name, b"\r\n".join(lines)) for name, lines in headers]
    if any(len(value) > caps.HEADER_BYTES for _, value in joined):
        return Unreadable("one of its headers is too long"), b""
    return joined, body


def _bodies(headers: list[tuple[bytes, bytes]], body: bytes, meter: Meter, defects: list[str]) -> list[tuple[str, str]]:
    """The readable parts as (content type, text), in order; attachments and attached messages are left out."""
    found: list[tuple[str, str]] = []
    waiting = [(headers, body, 0)]
    while waiting:
        headers, body, depth = waiting.pop()
        meter.part()
        fields = {name: _short(name, value) for name, value in reversed(headers) if name.startswith(b"content-")}
        kind, options = parameters(_unfolded(fields.get(b"content-type", b"")) or "text/plain")
        if kind.startswith("multipart/"):
            if depth >= caps.MIME_DEPTH:
                raise OverCap(f"parts nested deeper than {caps.MIME_DEPTH}")
            inner = []
            for piece in _pieces(body, options.get("boundary", "")):
                part_headers, part_body = split(piece)
                if isinstance(part_headers, Unreadable):
                    raise OverCap(part_headers.reason)
                inner.append((part_headers, part_body, depth + 1))
            waiting.extend(reversed(inner))
            continue
        disposition = parameters(_unfolded(fields.get(b"content-disposition", b"")))[0]
        if kind not in ("text/plain", "text/html") or disposition == "attachment":
            continue
        octets = transfer(body, _unfolded(fields.get(b"content-transfer-encoding", b"")))
        text = to_text(octets, options.get("charset", ""))
        if text is None:
            defects.append(f"a part is written in {options.get('charset', '')[:20]!r}, which is not read")
            continue
        meter.text(len(text))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if options.get("format", "").lower() == "flowed":  # RFC 3676 §4.2: a line that ends with a space goes on
            text = re.sub(r"(?<!\n--) \n", "" if options.get("delsp", "").lower() == "yes" else " ", text)
        found.append((kind, text))
    return found


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """The parts of a multipart body (RFC 2046 §5.1.1); none when it names no boundary."""
    if not boundary or len(boundary) > 200:
        return []
    mark = re.escape(boundary.rstrip().encode("utf-8", "replace"))
    pieces: list[bytes] = []
    start = -1
    for found in re.finditer(rb"(?:\A|\r?\n)--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)", body):
        if start >= 0:
            pieces.append(body[start : found.start()])
            if len(pieces) > caps.PARTS:
                raise OverCap(f"more than {caps.PARTS} parts")
        if found[1]:
            return pieces
        line_end = body.find(b"\n", found.end())
        start = line_end + 1 if line_end >= 0 else len(body)
    if start >= 0:
        pieces.append(body[start:])
    return pieces


def _short(name: bytes, value: bytes) -> bytes:
    if len(value) > caps.READ_HEADER_BYTES:
        raise OverCap(f"a {name.decode('ascii', 'replace').title()} header of {len(value)} bytes")
    return value


def _unfolded(value: bytes) -> str:
    return re.sub(r"\r?\n(?=[ \t])", "", unlabelled(value)).strip()


def _date(value: bytes) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value[:100].decode("ascii", "replace"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
