"""Reads single header values for the tally: encoded words, the one From address, dates. Linear, capped, never raising.

The mail gate (``readdress.trust``) reads the same things more strictly and is a sibling that discovery may not import; what is here is
kept to what a count needs, and works on octets because a scan reads a hundred thousand of them.
"""

from __future__ import annotations

import binascii
import re
from datetime import date

MAX_VALUE = 2_000
"""Octets of one value that are looked at."""
MAX_WORDS = 60
_CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030", "hz-gb-2312": "hz",
    "big5": "cp950", "big5-hkscs": "big5hkscs", "cp950": "cp950", "iso-2022-jp": "iso2022_jp_ext", "shift_jis": "cp932",
    "sjis": "cp932", "x-sjis": "cp932", "cp932": "cp932", "windows-31j": "cp932", "euc-jp": "euc_jp", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "cp949": "cp949", "iso-2022-kr": "iso2022_kr", "koi8-r": "koi8_r", "koi8-u": "koi8_u",
    "tis-620": "tis_620", "iso-8859-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252",
} | {f"windows-125{n}": f"cp125{n}" for n in range(9) if n != 2} | {
    f"iso-8859-{n}": f"iso8859_{n}" for n in range(2, 17) if n != 12
}  # fmt: skip
_WORD = re.compile(rb"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?\s]{0,2000})\?=")
_UTF8_BASE64 = frozenset({b"=?UTF-8?B?", b"=?utf-8?B?", b"=?utf-8?b?", b"=?UTF-8?b?", b"=?Utf-8?B?"})
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}"
_SPEC = rb"(" + _ATOM + rb"(?:\." + _ATOM + rb"){0,31}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,30})"
_BARE = re.compile(rb"\s*" + _SPEC + rb"\s*(?:\([^()]{0,200}\)\s*)?\Z")
_ANGLE = re.compile(
    rb"((?:[^<>\"]|\"(?:[^\"\\]|\\.)*+\"){0,1000}+)<\s*" + _SPEC + rb"\s*>\s*(?:\([^()<>@]{0,200}\)\s*)?\Z", re.DOTALL
)
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ADDRESS = re.compile(rb"[^\s<>,;:\"()@\\]{1,64}@[^\s<>,;:\"()@\\]{1,255}")
_COMMENT = re.compile(rb"\([^()]{0,1000}\)")
_DATE = re.compile(
    rb"\s*(?:[A-Za-z]{2,9}\s{0,9},?\s{0,9})?(\d{1,2})[ -]([A-Za-z]{3})[a-z]{0,6}[ -](\d{4}|\d{2})\s{1,9}(\d{1,2}):(\d{2})(?::(\d{2}))?\s{0,9}([+-]\d{4})?"
)
_MONTH = {name: n for n, name in enumerate((b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), 1)}  # fmt: skip
_CLOCKS = {b"%02d:%02d" % (h, m): h * 3600 + m * 60 for h in range(24) for m in range(60)}
_DAYS = {b"%02d" % day: (day - 1) * 86_400 for day in range(1, 29)}  # which every month has
_WEEKDAYS = frozenset(b" %s, " % name for name in (b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"))
_MONTH_YEAR = re.compile(rb" [A-Za-z]{3} \d{4} \Z")
_END = re.compile(rb":\d\d [+-]\d{4}\Z")
_MOST_DATES = 20_000
_EPOCH = date(1970, 1, 1).toordinal()
EARLIEST = (date(1985, 1, 1).toordinal() - _EPOCH) * 86_400
"""Seconds of the epoch before which no mail was written; an older date is none."""


def text_of(value: bytes) -> str:
    """A header value as text: unfolded, encoded words (RFC 2047) decoded, damage replaced."""
    value = value[:MAX_VALUE]
    if b"=?" not in value:
        return " ".join(_octets(value).split())
    out: list[str] = []
    pending, charset, at = b"", b"", 0
    for count, found in enumerate(_WORD.finditer(value)):
        if count == MAX_WORDS:
            break
        between = value[at : found.start()]
        apart = not count or bool(between.strip())
        # white space between two encoded words is not shown (RFC 2047 §6.2), and senders split characters across them
        if pending and (apart or found[1] != charset):
            out.append(_decode(pending, charset))
            pending = b""
        if apart:
            out.append(_octets(between))
        pending += _base64(found[3]) if found[2] in b"bB" else binascii.a2b_qp(found[3], header=True)
        charset, at = found[1], found.end()
    if pending:
        out.append(_decode(pending, charset))
    out.append(_octets(value[at:]))
    return " ".join("".join(out).split())


def plain_words(value: bytes) -> bytes | None:
    """The UTF-8 octets of a value of such base64 words and nothing else, as most encoded subjects are; ``None`` for any other form.

    For telling values apart quickly: as :func:`text_of`, but white space and NULs are as they were sent, and nothing is cut.
    """
    if len(value) > MAX_VALUE // 2:
        return None
    words = value.strip().split(b"?=")
    if words.pop():
        return None
    out = b""
    for piece in words:
        word = piece.lstrip()
        if word[:10] not in _UTF8_BASE64:
            return None
        try:
            out += binascii.a2b_base64(word[10:], strict_mode=True)
        except ValueError:
            return None
    return out


def _decode(octets: bytes, charset: bytes) -> str:
    codec = _CODECS.get(charset.decode("ascii").lower())
    return octets.decode(codec, "replace").replace("\0", "") if codec else _octets(octets)


def _octets(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("gb18030", "replace")


def _base64(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except ValueError:
        clean = _NOT_BASE64.sub(b"", data)
        clean = clean[:-1] if len(clean) % 4 == 1 else clean
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def from_of(value: bytes) -> tuple[str, str]:
    """Address (lower case) and shown name of a From value; ``("", "")`` unless it is exactly one plain address.

    The name may be anything but another address outside quotes: parsers disagree on those, and the sender picks the one that helps.
    """
    value = value.strip()
    if len(value) > MAX_VALUE:
        return "", ""
    if found := _BARE.match(value):
        return found[1].decode("ascii").lower(), ""
    found = _ANGLE.match(value)
    if not found or b"@" in _QUOTED.sub(b"", found[1]):
        return "", ""
    name = found[1].strip()
    quoted = _QUOTED.fullmatch(name)
    if quoted:
        name = re.sub(rb"\\(.)", rb"\1", quoted[1], flags=re.DOTALL)
    return found[2].decode("ascii").lower(), text_of(name)[:80]


def addresses_of(value: bytes) -> list[str]:
    """The addresses of a To-like value, lower case, in order, at most 200. Quoted names and comments are no addresses."""
    plain = value[: 10 * MAX_VALUE]
    if b'"' in plain:
        plain = _QUOTED.sub(b" ", plain)
    if b"(" in plain:
        plain = _COMMENT.sub(b" ", plain)
    found = [a.decode("utf-8", "replace").rstrip(".").lower() for a in _ADDRESS.findall(plain)]
    return found[:200]


class Dates:
    """Date values (RFC 5322 §3.3) as seconds of the epoch, 0 for none; what repeats in them (the day, the zone) is worked out once."""

    def __init__(self) -> None:
        self._days: dict[bytes, int] = {}
        self._ends: dict[bytes, int] = {}
        self._months: dict[bytes, int] = {}

    def seconds(self, value: bytes) -> int:
        """Of ``value``, which may go on behind the date."""
        colon = value.find(b":", 12, 40)
        # up to the clock, hour and minute, second and zone: each stands alone for what it is, or nothing is remembered
        try:
            return (
                self._days[value[: colon - 2]]
                + _CLOCKS[value[colon - 2 : colon + 3]]
                + self._ends[value[colon + 3 : colon + 12]]
            )
        except KeyError:
            clock = _CLOCKS.get(value[colon - 2 : colon + 3])
            return seconds_of(value) if colon < 0 or clock is None else self._learn(value, colon, clock)

    def _learn(self, value: bytes, colon: int, clock: int) -> int:
        before, behind = value[: colon - 2], value[colon + 3 : colon + 12]
        midnight = self._days.get(before)
        if midnight is None:
            midnight = self._midnight(before)
        if not midnight or before[-1:] != b" " or not _END.match(behind):
            return seconds_of(value)
        if len(self._days) + len(self._ends) > _MOST_DATES:
            self._days.clear()
            self._ends.clear()
            self._months.clear()
        east = int(behind[5:7]) * 3600 + int(behind[7:9]) * 60
        self._days[before] = midnight
        self._ends[behind] = end = int(behind[1:3]) + (east if behind[4:5] == b"-" else -east)
        return midnight + clock + end

    def _midnight(self, before: bytes) -> int:
        """Of what stands before the clock. A new day of a month that was met, in the usual form, is put together without a pattern."""
        month = before[-10:]
        first = self._months.get(month)
        if first is None:
            first = self._months[month] = (
                seconds_of(b"1" + month + b"00:00:00 +0000") if _MONTH_YEAR.match(month) else 0
            )
        day = _DAYS.get(before[-12:-10])
        if first and day is not None and before[:-12] in _WEEKDAYS:
            return first + day
        return seconds_of(before + b"00:00:00 +0000")


def seconds_of(value: bytes) -> int:
    """A Date value (RFC 5322 §3.3) as seconds of the epoch; 0 for what is no date or older than mail is."""
    found = _DATE.match(value)
    if not found:
        return 0
    day, month, year, hour, minute, second, zone = found.groups()
    try:
        shown = int(year)
        if len(year) == 2:
            shown += 2000 if shown < 50 else 1900
        days = date(shown, _MONTH[month.lower()], int(day)).toordinal() - _EPOCH
    except (KeyError, ValueError):
        return 0
    east = (int(zone[1:3]) * 3600 + int(zone[3:5]) * 60) * (-1 if zone[:1] == b"-" else 1) if zone else 0
    at = days * 86_400 + int(hour) * 3600 + int(minute) * 60 + int(second or 0) - east
    return at if at >= EARLIEST else 0
