"""Makes RFC 5322 octets out of a row of the corpus: charset, transfer encoding, encoded words, folding, relays, results, recipients.

Everything that a mail program adds is chosen from a hash of the row's id, so that the same row gives the same octets on every
machine, the choice knows nothing of the label, and no row had to be written twice. A row may name any of them itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import quopri
from email.utils import format_datetime, parseaddr

from tests.corpus.labels import (
    ALIASES,
    AUTHSERV,
    HALVES,
    KINDS,
    LANGUAGES,
    NAME,
    NEW,
    OLD,
    PERSON_NAMES,
    RECIPIENTS,
    CorpusError,
    Group,
    Sample,
    counts,
    gold_accounts,
    groups,
    load,
    service_domains,
)
from tests.corpus.skins import SKINS, paragraphs, plain_text

__all__ = [
    "ALIASES",
    "AUTHSERV",
    "HALVES",
    "KINDS",
    "LANGUAGES",
    "NEW",
    "OLD",
    "PERSON_NAMES",
    "RECIPIENTS",
    "CorpusError",
    "Group",
    "Sample",
    "build",
    "counts",
    "gold_accounts",
    "groups",
    "load",
    "plain_text",
    "service_domains",
]

_CHARSETS = {
    "en": ("utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf-8"),
    "zh-Hans": ("utf-8", "gb18030", "gb2312", "utf-8", "gbk"),
    "zh-Hant": ("utf-8", "big5", "utf-8", "big5"),
    "ja": ("utf-8", "iso-2022-jp", "shift_jis", "iso-2022-jp"),
    "ko": ("utf-8", "euc-kr", "utf-8", "euc-kr"),
    "ru": ("utf-8", "koi8-r", "windows-1251", "koi8-r"),
}
_LATIN = ("utf-8", "iso-8859-1", "windows-1252", "utf-8", "iso-8859-15")

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
        return (
            b"From: "
            + self._encode(self.name, 6)
            + (b"\r\n " if self.seed >> 40 & 1 else b" ")
            + f"<{self.address}>".encode()
        )

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
            return [
                f"Authentication-Results: mail.{other}; dkim=pass header.d={self.domain}; dmarc=pass header.from={self.domain}".encode()
            ]
        return [f"Authentication-Results: {AUTHSERV};\r\n {value}".encode()] if value else []

    def _headers(self) -> list[bytes]:
        raw, group = self.s.raw, self.s.group.raw
        relay = _RELAYS.get(raw.get("relay", group.get("relay", "")))
        stamp = self.s.date
        envelope = raw.get("return_path") or (
            f"0102018f@{relay[0]}" if relay else f"bounce-{self.seed % 9973}@bounce.{self.domain}"
        )
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
        lines += [
            f"{key}: ".encode() + self._encode(str(value).replace("{me}", OLD), len(key) + 2)
            for key, value in extra.items()
        ]
        if self.seed >> 50 & 1:  # some programs write their headers in another order; the message means the same
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
        skin = self.s.raw.get("skin") or self.s.group.raw.get("skin") or self._pick(tuple(SKINS), 3)
        return SKINS[skin](paragraphs(self.s.text), self.s.subject)

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
                "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
                + inner_raw["text"].strip().replace("\n", "\r\n")
                + "\r\n"
            )
            parts = [self._part("plain", plain), b"Content-Type: message/rfc822\r\n\r\n" + inner.encode()]
        else:
            raise CorpusError(f"{self.s.id}: form {form!r} is not known")
        body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
        return (
            head
            + f'Content-Type: multipart/{subtype};\r\n\tboundary="{boundary}"\r\n\r\n'.encode()
            + body
            + b"--"
            + boundary.encode()
            + b"--\r\n"
        )


def build(sample: Sample) -> bytes:
    """The message as it would lie on an IMAP server: CRLF line ends, every header and part encoded. Raises CorpusError."""
    return _Builder(sample).build()


if __name__ == "__main__":
    print(counts())
