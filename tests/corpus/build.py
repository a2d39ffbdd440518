"""Makes RFC 5322 octets out of the labelled corpus (tests/corpus/dev, tests/corpus/score) and hands out its labels.

The data files hold what a person wrote: sender, subject, body, labels. Everything a mail program adds (charset, transfer encoding,
encoded words, folding, HTML dress, relays, authentication results, recipients) is chosen here, from a hash of the message's id, so
that the same row gives the same octets on every machine and no row had to be written twice. A row may name any of them itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html as html_lib
import quopri
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HALVES = ("dev", "score")
LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ja", "ko", "de", "fr", "es", "pt", "ru")
KINDS = ("welcome", "verification", "code", "reset", "security", "receipt", "statement", "newsletter", "personal", "other")
PROVES = ("proof", "hint", "none")
SLOTS = ("sign_in", "contact", "recovery", "two_factor", "sso", "billing", "newsletter", "none")
AUTH = ("pass", "relay_only", "list", "absent", "none", "fail", "misaligned", "foreign", "lookalike", "replayed")

# The person of the corpus, invented. A classifier may be told all of this: it is what a user of readdress would tell it.
OLD = "mia.lind@oldmail.example"
NEW = "mia@newhome.example"
ALIASES = ("mlind@oldmail.example", "mia@lind-family.example")
PERSON_NAMES = ("Mia Lind", "林米娅", "林米婭", "リンド・ミア", "린드 미아", "Миа Линд", "Mia", "Lind", "Миа", "米娅", "米婭", "ミア", "미아")
AUTHSERV = "mx.oldmail.example"  # the only authserv-id the person's provider stamps
NAME = {"zh-Hans": "林米娅", "zh-Hant": "林米婭", "ja": "リンド・ミア", "ko": "린드 미아", "ru": "Миа Линд"}

# recipient form -> the address written in the visible header (None: not there)
RECIPIENTS: dict[str, str | None] = {
    "old": OLD,
    "plus": "mia.lind+{tag}@oldmail.example",
    "dots": "m.i.a.lind@oldmail.example",
    "alias": ALIASES[0],
    "alias_domain": ALIASES[1],
    "cc": OLD,
    "delivered_to": None,
    "x_original_to": None,
    "list": None,
    "relative": "tor.lind@oldmail.example",
    "stranger": "mia.lindberg@oldmail.example",
    "upper": "Mia.Lind@OldMail.example",
}

_SLOT_BY_KIND = {
    "receipt": "billing", "statement": "billing", "newsletter": "newsletter", "personal": "none", "other": "none",
}
_PROVES_BY_KIND = {"verification": "hint", "newsletter": "none", "personal": "none", "other": "none"}
_CHARSETS = {
    "en": ("utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf-8"),
    "zh-Hans": ("utf-8", "gb18030", "gb2312", "utf-8", "gbk"),
    "zh-Hant": ("utf-8", "big5", "utf-8", "big5"),
    "ja": ("utf-8", "iso-2022-jp", "shift_jis", "iso-2022-jp"),
    "ko": ("utf-8", "euc-kr", "utf-8", "euc-kr"),
    "ru": ("utf-8", "koi8-r", "windows-1251", "koi8-r"),
}
_LATIN = ("utf-8", "iso-8859-1", "windows-1252", "utf-8", "iso-8859-15")


class CorpusError(ValueError):
    """A row of the corpus is not what the README says a row is."""


@dataclass(frozen=True)
class Group:
    """One service (or one person, list or forger) with everything it sends: the unit that is never split over two halves."""

    id: str
    half: str
    language: str
    file: str
    service: bool
    domains: tuple[str, ...]
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Sample:
    """One labelled message. ``account``: the service's id where the message proves an account there, else None."""

    id: str
    group: Group
    kind: str
    language: str
    proves: str
    account: str | None
    hint_for: str | None
    slot: str
    login: str | None
    authentic: bool
    auth: str
    recipient: str
    closed: bool
    trap: str | None
    needs: str | None
    subject: str
    text: str
    html: str | None
    sender: str
    raw: dict[str, Any] = field(repr=False)

    @property
    def half(self) -> str:
        return self.group.half

    def octets(self) -> bytes:
        """The message as it would lie on an IMAP server: CRLF line ends, every header and part encoded."""
        return _Builder(self).build()


def groups(half: str | None = None) -> list[Group]:
    """Every service, person and list of one half (or both), in file order."""
    found: list[Group] = []
    for part in HALVES if half is None else (half,):
        for path in sorted((HERE / part).glob("*.toml")):
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            for key in ("service", "sender"):
                found += [
                    Group(
                        id=raw["id"],
                        half=part,
                        language=raw.get("language", data.get("language", "en")),
                        file=f"{part}/{path.name}",
                        service=key == "service",
                        domains=tuple(raw.get("domains", [parseaddr(raw["from"])[1].partition("@")[2]])),
                        raw=raw,
                    )
                    for raw in data.get(key, [])
                ]
    return found


def load(half: str | None = None) -> list[Sample]:
    """Every labelled message of one half (``dev``, ``score``) or of both. Raises CorpusError on a row that is not valid."""
    return [sample for group in groups(half) for sample in _samples(group)]


def gold_accounts(half: str) -> dict[str, str]:
    """Service id -> ``active`` (must be found), ``closed`` (existed, the last word is its deletion) or ``hint`` (neutral).

    Services with neither are not in the answer: an account reported for one of them is a false one.
    """
    gold: dict[str, str] = {}
    for sample in load(half):
        if sample.account and gold.get(sample.account) != "closed":
            gold[sample.account] = "active"
        elif sample.closed:
            gold[sample.group.id] = "closed"
        elif sample.hint_for:
            gold.setdefault(sample.hint_for, "hint")
    return gold


def service_domains(half: str) -> dict[str, tuple[str, ...]]:
    """Service id -> the registrable domains it writes from or names as its own (several brands of one company: several)."""
    return {group.id: group.domains for group in groups(half) if group.service}


def _samples(group: Group) -> Iterator[Sample]:
    for number, raw in enumerate(group.raw.get("mail", [])):
        kind = raw["kind"]
        proves = raw.get("proves", _PROVES_BY_KIND.get(kind, "proof"))
        slot = raw.get("slot", _SLOT_BY_KIND.get(kind, "sign_in"))
        language = raw.get("language", group.language)
        checks = ((kind, KINDS), (proves, PROVES), (slot, SLOTS), (raw.get("auth", "pass"), AUTH), (raw.get("to", "old"), RECIPIENTS))
        for value, allowed in checks:
            if value not in allowed:
                raise CorpusError(f"{group.file}: {group.id} #{number}: {value!r} is not one of {', '.join(allowed)}")
        recipient = raw.get("to", "old")
        address = (RECIPIENTS[recipient] or OLD).replace("{tag}", group.id.split("-")[0])

        def fill(text: str, *, name: str = NAME.get(language, "Mia Lind"), address: str = address) -> str:
            return text.replace("{me}", address).replace("{name}", name)

        claims = raw.get("claims", group.id if group.service else None)
        yield Sample(
            id=f"{group.id}/{number:02d}",
            group=group,
            kind=kind,
            language=language,
            proves=proves,
            account=claims if proves == "proof" else None,
            hint_for=claims if proves == "hint" else None,
            slot=slot,
            login=fill(raw["login"]) if "login" in raw else None,
            authentic=raw.get("authentic", True),
            auth=raw.get("auth", group.raw.get("auth", "pass")),
            recipient=recipient,
            closed=raw.get("closed", False),
            trap=raw.get("trap"),
            needs=raw.get("needs"),
            subject=fill(raw["subject"]),
            text=fill(raw.get("text", "")).strip("\n"),
            html=fill(raw["html"]) if "html" in raw else None,
            sender=raw.get("from", group.raw["from"]),
            raw=raw,
        )


# ---- how a message is dressed -------------------------------------------------------------------------------------------------

def _paragraphs(text: str) -> list[str]:
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
        f'<body class="wrap"><h1>{html_lib.escape(title)}</h1>\n{body}\n<img src="https://px.{_TRACK}/o/902134.gif" width=1 height=1 alt="">'
        "</body></html>"
    )


def _skin_font(parts: list[str], _title: str) -> str:
    body = "<br><br>\n".join(f'<FONT face="Arial" size=2 color=#333333>{_inline(part)}</FONT>' for part in parts)
    return f'<HTML>\n<BODY bgColor=#ffffff>\n{body}\n<HR size=1>\n</BODY></HTML>'


def _skin_outlook(parts: list[str], title: str) -> str:
    body = "\n".join(f'<p class="MsoNormal"><span style="font-size:10.5pt">{_inline(part)}<o:p></o:p></span></p>' for part in parts)
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type content="text/html">'
        f"<!--[if mso]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><![endif]--><title>{html_lib.escape(title)}</title></head>\n"
        f"<body lang=EN><div class=WordSection1>\n{body}\n</div></body></html>"
    )


def _skin_button(parts: list[str], title: str) -> str:
    style = ' style="background:#e4572e;border-radius:24px;color:#fff;display:inline-block;padding:14px 28px"'
    body = "\n".join(f'<section style="text-align:center;max-width:520px;margin:auto">{_inline(part, style)}</section>' for part in parts)
    return f'<!doctype html>\n<html>\n<body>\n<header><img src="cid:logo" alt="{html_lib.escape(title)}" height="36"></header>\n{body}\n</body>\n</html>'


def _skin_list(parts: list[str], _title: str) -> str:
    items = "".join(f"<li>{_inline(part)}\n" for part in parts[1:])
    return f"<div dir=ltr><div>{_inline(parts[0])}</div><ul>{items}</ul></div>"


def _skin_entities(parts: list[str], _title: str) -> str:
    body = "<br/>&nbsp;<br/>\n".join(_inline(part).replace(" ", "&#32;", 1) for part in parts)
    return f'<html><body><div id="m"><!-- build 20191104-2 -->{body}</div></body></html>'


_TRACK = "img.example"
_SKINS = {
    "bare": _skin_bare, "card": _skin_card, "style": _skin_style, "font": _skin_font,
    "outlook": _skin_outlook, "button": _skin_button, "list": _skin_list, "entities": _skin_entities,
}

_RELAYS = {
    # envelope domain, DKIM d= of the relay, header that gives it away
    "amazonses": ("eu-west-1.amazonses.com", "amazonses.com", "X-SES-Outgoing: 2024.01.01-54.240.0.1"),
    "sendgrid": ("em1234.sendgrid.net", "sendgrid.net", "X-SG-EID: u001.c2FtcGxl"),
    "mailgun": ("mg.mailgun.org", "mailgun.org", "X-Mailgun-Sending-Ip: 192.0.2.25"),
}


class _Builder:
    """One message's octets, every free choice taken from the hash of its id."""

    def __init__(self, sample: Sample) -> None:
        self.s = sample
        self.seed = int.from_bytes(hashlib.sha256(sample.id.encode()).digest()[:16], "big")
        self.name, self.address = parseaddr(sample.sender)
        self.domain = self.address.partition("@")[2]
        everything = f"{sample.subject}{self.name}{sample.text}{sample.html or ''}"
        wanted = sample.raw.get("charset") or self._pick(_CHARSETS.get(sample.language, _LATIN), 0)
        self.charset = wanted
        try:
            everything.encode(wanted)
        except UnicodeEncodeError:
            self.charset = "utf-8"
        ways = ("7bit",) if self.charset in {"us-ascii", "iso-2022-jp"} else ("base64", "quoted-printable", "8bit")
        self.cte = sample.raw.get("cte") or self._pick(ways, 1)
        self.header_style = sample.raw.get("header") or self._pick(("B", "Q", "B", "Q", "B", "Q", "B", "raw"), 2)
        if self.header_style == "raw" and self.charset != "utf-8":
            self.header_style = "B"

    def _pick(self, choices: tuple[str, ...], slot: int) -> str:
        return choices[(self.seed >> (slot * 8)) % len(choices)]

    # -- headers

    def _encode(self, text: str, room: int) -> bytes:
        """A header's text: plain and folded where it is ASCII, else encoded words of at most 75 octets (or raw octets)."""
        if text.isascii():
            lines, line = [], ""
            for word in text.split(" "):
                if line and len(line) + len(word) + room > 76:
                    lines.append(line)
                    line, room = word, 1
                else:
                    line = f"{line} {word}" if line else word
            return "\r\n ".join([*lines, line]).encode()
        if self.header_style == "raw":
            return text.encode("utf-8")
        words: list[bytes] = []
        chunk = ""
        for char in text:
            if len(self._word(chunk + char)) > (75 - room if not words else 74):
                words.append(self._word(chunk))
                chunk = char
            else:
                chunk += char
        return b"\r\n ".join([*words, self._word(chunk)])

    def _word(self, chunk: str) -> bytes:
        data = chunk.encode(self.charset)
        if self.header_style == "Q":
            safe = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-!*+/"
            body = b"".join(bytes([c]) if c in safe else b"_" if c == 32 else b"=%02X" % c for c in data)
            return b"=?" + self.charset.encode() + b"?Q?" + body + b"?="
        return b"=?" + self.charset.encode().upper() + b"?B?" + base64.b64encode(data) + b"?="

    def _from(self) -> bytes:
        if not self.name:
            return f"From: {self.address}".encode()
        if self.name.isascii():
            return f'From: "{self.name}" <{self.address}>'.encode()
        return b"From: " + self._encode(self.name, 6) + (b"\r\n " if self.seed >> 40 & 1 else b" ") + f"<{self.address}>".encode()

    def _recipients(self) -> list[bytes]:
        form = self.s.recipient
        address = (RECIPIENTS[form] or OLD).replace("{tag}", self.s.group.id.split("-")[0])
        delivered = f"Delivered-To: {OLD}"
        lines = {
            "cc": ["To: team@partner.example", f"Cc: {address}, others@partner.example"],
            "delivered_to": ["To: undisclosed-recipients:;", f"Delivered-To: {OLD}"],
            "x_original_to": [f"X-Original-To: {OLD}"],
            "list": [f"To: {self.s.raw.get('list', 'members@lists.' + self.domain)}", delivered],
            "relative": [f'To: "Tor Lind" <{address}>', delivered],
            "stranger": [f"To: {address}", delivered],
        }.get(form)
        if lines is None:
            name = NAME.get(self.s.language, "Mia Lind")
            if self.seed >> 48 & 1:
                shown = f'"{name}"'.encode() if name.isascii() else self._encode(name, 4)
                return [b"To: " + shown + f" <{address}>".encode(), delivered.encode()]
            lines = [f"To: {address}"] + ([delivered] if self.seed >> 49 & 1 else [])
        return [line.encode() for line in lines]

    def _authentication(self) -> list[bytes]:
        auth, d = self.s.auth, self.s.raw.get("dkim", self.s.group.raw.get("dkim", self.domain))
        relay = _RELAYS.get(self.s.raw.get("relay", self.s.group.raw.get("relay", "")))
        envelope = relay[0] if relay else f"bounce.{self.domain}"
        other = self.s.raw.get("real_domain", "bulk-host.example")
        second = f";\r\n dkim=pass header.d={relay[1]} header.s=224i4yxa" if relay else ""
        value = {
            "pass": f"spf=pass smtp.mailfrom={envelope};\r\n dkim=pass header.d={d} header.s=s1{second};\r\n dmarc=pass (p=reject) header.from={self.domain}",
            "lookalike": f"spf=pass smtp.mailfrom={self.domain};\r\n dkim=pass header.d={self.domain};\r\n dmarc=pass header.from={self.domain}",
            "replayed": f"spf=fail smtp.mailfrom={other};\r\n dkim=pass header.d={d};\r\n dmarc=pass header.from={self.domain}",
            "relay_only": f"spf=pass smtp.mailfrom={envelope}{second or ';dkim=none'};\r\n dmarc=none header.from={self.domain}",
            "list": f"spf=pass smtp.mailfrom=lists.{self.domain};\r\n dkim=fail (body has been altered) header.d={d};\r\n arc=pass;\r\n dmarc=none header.from={self.domain}",
            "none": f"spf=none smtp.mailfrom={self.domain};\r\n dkim=none;\r\n dmarc=none header.from={self.domain}",
            "fail": f"spf=softfail smtp.mailfrom={self.domain};\r\n dkim=fail (bad signature) header.d={d};\r\n dmarc=fail (p=reject) header.from={self.domain}",
            "misaligned": f"spf=pass smtp.mailfrom={other};\r\n dkim=pass header.d={other};\r\n dmarc=fail header.from={self.domain}",
        }.get(auth)
        if auth == "foreign":
            # A forger's own line, which the provider did not stamp: it says nothing.
            return [f"Authentication-Results: mail.{other}; dkim=pass header.d={self.domain}; dmarc=pass header.from={self.domain}".encode()]
        return [f"Authentication-Results: {AUTHSERV};\r\n {value}".encode()] if value else []

    def _headers(self) -> list[bytes]:
        raw, group = self.s.raw, self.s.group.raw
        relay = _RELAYS.get(raw.get("relay", group.get("relay", "")))
        stamp = _date(self.s, self.seed)
        envelope = raw.get("return_path") or (f"0102018f@{relay[0]}" if relay else f"bounce-{self.seed % 9973}@bounce.{self.domain}")
        lines = [
            f"Return-Path: <{envelope}>".encode(),
            f"Received: from out{self.seed % 7}.{relay[0] if relay else self.domain} by {AUTHSERV} with ESMTPS id {self.seed % 99991:x};\r\n\t{format_datetime(stamp)}".encode(),
            *self._authentication(),
        ]
        if self.s.auth in {"pass", "lookalike", "replayed", "fail"}:
            d = raw.get("dkim", group.get("dkim", self.domain))
            lines.append(
                f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={d}; s=s1;\r\n\th=from:to:subject:date; bh={hashlib.sha256(self.s.id.encode()).hexdigest()[:43]}=;\r\n\tb=AAAA".encode()
            )
        lines += [f"Date: {format_datetime(stamp)}".encode(), self._from(), *self._recipients()]
        lines.append(b"Subject: " + self._encode(self.s.subject, 9))
        lines.append(f"Message-ID: <{self.seed % 10**14:x}@{relay[0] if relay else self.domain}>".encode())
        if relay:
            lines.append(relay[2].encode())
        extra = dict(group.get("headers", {})) | dict(raw.get("headers", {}))
        lines += [f"{key}: ".encode() + self._encode(str(value).replace("{me}", OLD), len(key) + 2) for key, value in extra.items()]
        if self.seed >> 50 & 1:
            self.seed >>= 3  # some programs write their headers in another order; the message means the same
            lines[-2], lines[-1] = lines[-1], lines[-2]
        return [*lines, b"MIME-Version: 1.0"]

    # -- body

    def _part(self, subtype: str, text: str) -> bytes:
        data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode(self.charset)
        cte = self.cte
        if cte in {"7bit", "8bit"} and any(len(line) > 990 for line in data.split(b"\r\n")):
            cte = "base64"
        if cte == "8bit" and data.isascii():
            cte = "7bit"
        if cte == "base64":
            data = base64.encodebytes(data).replace(b"\n", b"\r\n")
        elif cte == "quoted-printable":
            data = b"\r\n".join(quopri.encodestring(line) for line in data.split(b"\r\n")).replace(b"=\n", b"=\r\n")
        quoted = f'"{self.charset.upper()}"' if self.seed >> 51 & 1 else self.charset
        fold = ";\r\n\tcharset=" if self.seed >> 52 & 1 else "; charset="
        return f"Content-Type: text/{subtype}{fold}{quoted}\r\nContent-Transfer-Encoding: {cte}\r\n\r\n".encode() + data

    def _html(self) -> str:
        if self.s.html is not None:
            return self.s.html
        skin = self.s.raw.get("skin") or self.s.group.raw.get("skin") or self._pick(tuple(_SKINS), 3)
        return _SKINS[skin](_paragraphs(self.s.text), self.s.subject)

    def _form(self) -> str:
        if "form" in self.s.raw:
            return str(self.s.raw["form"])
        if self.s.html is not None:
            return "both" if self.s.text else "html"
        if not self.s.group.service:
            return "plain"
        return self._pick(("plain", "html", "both", "both", "html", "plain", "both"), 4)

    def build(self) -> bytes:
        form = self._form()
        plain = plain_text(self.s.text)
        boundary = f"=_{binascii.crc32(self.s.id.encode()):08x}_b"
        # What follows reads self.seed after _headers has turned it, on purpose: order of evaluation is fixed here.
        head = b"\r\n".join(self._headers()) + b"\r\n"
        if form == "plain":
            return head + self._part("plain", plain) + b"\r\n"
        if form == "html":
            return head + self._part("html", self._html()) + b"\r\n"
        parts: list[bytes]
        subtype = "alternative"
        if form == "both":
            parts = [self._part("plain", plain), self._part("html", self._html())]
        elif form == "calendar":
            organiser = self.address
            event = (
                f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:{self.seed % 10**12}\nDTSTART:20240611T090000Z\n"
                f"SUMMARY:{self.s.subject}\nORGANIZER:mailto:{organiser}\nATTENDEE:mailto:{OLD}\nEND:VEVENT\nEND:VCALENDAR\n"
            )
            parts = [self._part("plain", plain), self._part("calendar", event)]
        elif form == "bounce":
            subtype = 'report; report-type="delivery-status"'
            status = f"Reporting-MTA: dns; {self.domain}\r\n\r\nFinal-Recipient: rfc822; nobody@{self.domain}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            inner = f"From: {OLD}\r\nTo: nobody@{self.domain}\r\nSubject: hello\r\n\r\nhello\r\n"
            parts = [
                self._part("plain", plain),
                b"Content-Type: message/delivery-status\r\n\r\n" + status.encode(),
                b"Content-Type: message/rfc822\r\n\r\n" + inner.encode(),
            ]
        elif form == "attached":
            subtype = "mixed"
            inner_raw = self.s.raw["inner"]
            inner = (
                f"From: {inner_raw['from']}\r\nTo: {inner_raw['to']}\r\nSubject: {inner_raw['subject']}\r\n"
                "Content-Type: text/plain; charset=us-ascii\r\n\r\n" + inner_raw["text"].strip().replace("\n", "\r\n") + "\r\n"
            )
            parts = [self._part("plain", plain), b"Content-Type: message/rfc822\r\n\r\n" + inner.encode()]
        else:
            raise CorpusError(f"{self.s.id}: form {form!r} is not known")
        body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
        return head + f'Content-Type: multipart/{subtype};\r\n\tboundary="{boundary}"\r\n\r\n'.encode() + body + b"--" + boundary.encode() + b"--\r\n"


def _date(sample: Sample, seed: int) -> datetime:
    if "date" in sample.raw:
        return datetime.fromisoformat(str(sample.raw["date"])).replace(tzinfo=UTC)
    first = int.from_bytes(hashlib.sha256(sample.group.id.encode()).digest()[:4], "big") % (17 * 365)
    number = int(sample.id.rsplit("/", 1)[1])
    return datetime(2007, 1, 1, tzinfo=UTC) + timedelta(days=first + 40 * number, seconds=seed % 86400)
