"""Decoding the pieces of a mail: charsets, encoded words, transfer encodings, parameters, addresses in a list.

All of it is linear in the length of its input and raises nothing but :class:`~readdress.trust.caps.OverCap`: the
standard library took seconds to minutes, or recursed to death, on a few kilobytes of hostile header (hazards.md).
"""

from __future__ import annotations

import binascii
import re

from readdress.trust.caps import COMMENT_DEPTH, ENCODED_WORDS, PARAMETERS, OverCap

# What a mail may be written in, with the superset that real senders mean by the name. All of these keep ASCII where
# it is,
# so that a URL or a code cannot be read in two ways. UTF-7 and UTF-16 do not, and are refused.
_CHARSETS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "ansi_x3.4-1968": "utf-8",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030",
    "hz-gb-2312": "hz", "big5": "cp950", "big5-hkscs": "big5hkscs", "cp950": "cp950",
    "iso-2022-jp": "iso2022_jp_ext", "shift_jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "cp932": "cp932",
    "windows-31j": "cp932", "euc-jp": "euc_jp", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "cp949": "cp949",
    "iso-2022-kr": "iso2022_kr", "koi8-r": "koi8_r", "koi8-u": "koi8_u", "tis-620": "tis_620", "windows-874": "cp874",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252",
}  # fmt: skip
_FAMILY = re.compile(r"(?:iso-8859-(\d{1,2})|(?:windows-|cp)(125[0-8]))\Z")
_REFUSED = re.compile(r"(?:x-)?(?:unicode-1-1-)?utf-?(?:7|16|32)|ucs-?[24]|unicode|punycode|idna|rot|base64|hex|quopri")

_WORD = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?\s]{0,2000})\?=")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9*_.!#$%&+^`|~-]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))', re.DOTALL)
_ADDRESS = re.compile(r"[^\s<>,;:\"()@\\]{1,64}@[^\s<>,;:\"()@\\]{1,255}")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def codec_of(charset: str) -> str | None:
    """Python's codec for a charset label: ``""`` when the label says nothing usable, ``None`` when it is refused."""
    label = charset.strip().strip("\"'").lower()
    if label in _CHARSETS:
        return _CHARSETS[label]
    if _REFUSED.match(label):
        return None
    found = _FAMILY.match(label)
    if found and found[2]:
        return f"cp{found[2]}"
    if found and found[1] and 1 <= int(found[1]) <= 16 and int(found[1]) != 12:
        return f"iso8859_{int(found[1])}"
    return ""


def to_text(octets: bytes, charset: str) -> str | None:
    """The octets as text, damage replaced; ``None`` when the charset is one that is refused."""
    codec = codec_of(charset)
    if codec is None:
        return None
    if codec:
        return octets.decode(codec, "replace").replace("\x00", "")
    return unlabelled(octets).replace("\x00", "")


def unlabelled(octets: bytes) -> str:
    """Octets of an unknown charset: UTF-8 if they are that, else GB 18030 if they are that, else Latin-1."""
    for codec in ("utf-8", "gb18030"):
        try:
            return octets.decode(codec)
        except UnicodeDecodeError:
            continue
    return octets.decode("latin-1")


def transfer(octets: bytes, encoding: str) -> bytes:
    """Undo a Content-Transfer-Encoding (RFC 2045 §6); what is damaged is decoded as far as it goes."""
    kind = encoding.strip().lower()
    if kind == "quoted-printable":
        return binascii.a2b_qp(octets)
    if kind == "base64":
        return _base64(octets)
    return octets


def _base64(octets: bytes) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", octets)
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def header_text(octets: bytes) -> str:
    """A header's value as text, unfolded, encoded words (RFC 2047) decoded."""
    raw = unlabelled(octets)
    raw = re.sub(r"\r?\n(?=[ \t])", "", raw).strip()
    if "=?" not in raw:
        return raw
    out: list[str] = []
    pending, pending_charset, at = b"", "", 0
    for count, found in enumerate(_WORD.finditer(raw), 1):
        if count > ENCODED_WORDS:
            raise OverCap(f"more than {ENCODED_WORDS} encoded words")
        between = raw[at : found.start()]
        charset, how, data = found[1].lower(), found[2].lower(), found[3]
        octets = _base64(data.encode("ascii", "ignore")) if how == "b" else _q(data)
        # White space between two encoded words is not shown (RFC 2047 §6.2), and senders split characters across them.
        if pending and (between.strip() or charset != pending_charset):
            out.append(to_text(pending, pending_charset) or "")
            pending = b""
        if between.strip() or at == 0:
            out.append(between)
        pending, pending_charset, at = pending + octets, charset, found.end()
    if pending:
        out.append(to_text(pending, pending_charset) or "")
    out.append(raw[at:])
    return "".join(out)


def _q(data: str) -> bytes:
    return binascii.a2b_qp(data.encode("utf-8", "replace"), header=True)


def without_comments(text: str) -> str:
    """``text`` without RFC 5322 comments; what stands in quoted strings stays. Raises :class:`OverCap` on deep nesting."""
    if "(" not in text:
        return text
    out: list[str] = []
    depth, quoted, skip = 0, False, False
    for char in text:
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif not quoted and char == "(":
            depth += 1
            if depth > COMMENT_DEPTH:
                raise OverCap(f"comments nested deeper than {COMMENT_DEPTH}")
            continue
        elif not quoted and char == ")" and depth:
            depth -= 1
            out.append(" ")
            continue
        if not depth:
            out.append(char)
    return "".join(out)


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """A structured header like Content-Type: its value in lower case, and its parameters (first one of a name counts)."""
    value = without_comments(value)
    head, semicolon, _ = value.partition(";")
    found: dict[str, str] = {}
    if semicolon:
        if value.count(";") > PARAMETERS:
            raise OverCap(f"more than {PARAMETERS} parameters")
        for match in _PARAMETER.finditer(value, len(head)):
            text = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
            found.setdefault(match[1].lower(), text)
    return head.strip().lower(), found


def addresses_in(value: str) -> tuple[str, ...]:
    """The addresses of a To-like header, as written, in order. Quoted names and comments are no addresses."""
    plain = _QUOTED.sub(" ", without_comments(value))
    return tuple(match[0].rstrip(".") for match in _ADDRESS.finditer(plain))
