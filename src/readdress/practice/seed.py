"""Fills the old mailbox with years of plausible mail before a rehearsal, and says of every message what it is.

Real senders' mail is signed with DKIM as it would have been on its day; forged mail is not. The returned list is the
ground truth that discovery is measured against: `site` is the account that a message is evidence of, "" for noise.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from html import escape
from typing import Protocol

from readdress.practice.mailserver import MailServer
from readdress.practice.seed_texts import COMMON, DEALS, EXTRA, FORGED, FRIENDS, LIST
from readdress.practice.signing import Signer, crlf

NOISE_DOMAINS = ("friends.example.net", "maple.example.com", "lists.example.org", "birch.example.net")
"""Sender domains of honest mail that is no evidence of an account; they need keys in the `Signer` too."""

OTHER_FOLDER = "其他文件夹/读书"
"""A folder below a folder that itself holds no mail, named as QQ Mail names its own."""

_SHAPES = ("plain", "quoted", "alternative", "base64", "html")


class Sender(Protocol):
    """What is needed of a site to write in its name; `Brand` and `PracticeSite` both have it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def domain(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def login(self) -> str: ...
    @property
    def lang(self) -> str: ...


@dataclass(frozen=True)
class Seeded:
    """One message that was put into the mailbox. `signed` says whether it carries a valid DKIM signature."""

    folder: str
    uid: int
    site: str
    kind: str
    sender: str
    subject: str
    date: datetime
    signed: bool


@dataclass(frozen=True)
class _Draft:
    folder: str
    site: str
    kind: str
    name: str
    sender: str
    subject: str
    date: datetime
    text: str
    to: str
    shape: str = "plain"
    charset: str = "utf-8"
    signed: bool = True
    extra: tuple[tuple[str, str], ...] = ()


def seed(server: MailServer, signer: Signer, sites: Iterable[Sender], old: str, now: datetime) -> list[Seeded]:
    """Put about a hundred messages of the last eight years into `old`'s mailbox, oldest first.

    `signer` must hold keys for the sites' domains and `NOISE_DOMAINS`; `now` is an aware time that the mails' dates
    are counted back from. Folders: INBOX, Junk, Sent and `OTHER_FOLDER`.
    """
    drafts = [*_from_sites(sites, old, now), *_noise(old, now)]
    done = []
    for draft in sorted(drafts, key=lambda d: d.date):
        raw = _compose(draft)
        raw = signer.sign_for_sender(raw) if draft.signed else crlf(raw)
        origin, stamp = draft.sender.rpartition("@")[2], format_datetime(draft.date)
        trace = f"Delivered-To: {old}\r\nReceived: from {origin} by mail.practice.test; {stamp}\r\n"
        raw = trace.encode() + raw
        flags = () if now - draft.date < timedelta(days=30) else ("\\Seen",)
        uid = server.append(old, raw, draft.folder, flags, draft.date)
        done.append(
            Seeded(
                draft.folder,
                uid,
                draft.site,
                draft.kind,
                draft.sender,
                draft.subject,
                draft.date,
                draft.signed,
            )
        )
    return done


def _from_sites(sites: Iterable[Sender], old: str, now: datetime) -> Iterator[_Draft]:
    for number, site in enumerate(sites):
        url = getattr(site, "url", "") or f"https://{site.domain}"
        facts = {"name": site.name, "login": site.login, "domain": site.domain, "url": url, "old": old}
        for line, (days, kind, subject, text) in enumerate((*COMMON[site.lang], *EXTRA.get(site.id, ()))):
            # An account's only trace outside INBOX must be found too: the reader's later mail was filed away by a
            # rule, and one true notice of the cloud was taken for junk.
            folder = "INBOX"
            if site.lang == "zh-hans" and days < 1000:
                folder = OTHER_FOLDER
            elif site.id == "cloud" and kind == "notice" and days < 30:
                folder = "Junk"
            yield _Draft(
                folder=folder,
                site=site.id,
                kind=kind,
                name=site.name,
                sender=site.sender if kind != "newsletter" else f"news@{site.domain}",
                subject=subject.format(**facts),
                date=now - timedelta(days=days + 11 * number, hours=3 * line, minutes=7 * number),
                text=text.format(**facts),
                to=old if line % 3 else f"{site.login} <{old}>",
                shape=_SHAPES[(line + number) % len(_SHAPES)],
                charset="gb18030" if site.lang == "zh-hans" and line % 2 else "utf-8",
                extra=(("List-Unsubscribe", f"<https://{site.domain}/unsubscribe>"),) if kind == "newsletter" else (),
            )


def _noise(old: str, now: datetime) -> Iterator[_Draft]:
    def ago(days: int) -> datetime:
        return now - timedelta(days=days, hours=5, minutes=days % 60)

    for days, name, sender, subject, text in FRIENDS:
        yield _Draft("INBOX", "", "noise: friend", name, sender, subject, ago(days), text, old, "base64")
    for days, subject in DEALS:
        bulk = (("List-Unsubscribe", "<https://maple.example.com/out>"), ("Precedence", "bulk"))
        text = "All boots, all sizes. You get this because you like boots. Unsubscribe: https://maple.example.com/out\n"
        yield _Draft(
            "INBOX", "", "noise: newsletter", "Maple Deals", "hello@maple.example.com", subject, ago(days), text, old,
            "alternative", extra=bulk,
        )  # fmt: skip
    for days, subject, text in LIST:
        listed = (("List-Id", "Garden talk <garden-talk.lists.example.org>"), ("Precedence", "list"))
        yield _Draft(
            "INBOX", "", "noise: list", "Alex via garden-talk", "garden-talk@lists.example.org", subject, ago(days),
            text, "garden-talk@lists.example.org", extra=listed,
        )  # fmt: skip
    for days, folder, name, sender, subject, text in FORGED:
        yield _Draft(folder, "", "noise: forged", name, sender, subject, ago(days), text, old, "html", signed=False)
    yield _Draft(
        "INBOX", "", "noise: misdirected", "Birch Games", "hello@birch.example.net", "Welcome to Birch Games, jo!",
        ago(555), "Your account is ready.\n", f"jo{old}",
    )  # fmt: skip
    yield _Draft(
        "INBOX", "", "noise: bounce", "Mail Delivery System", "mailer-daemon@mail.practice.test",
        "Undelivered Mail Returned to Sender", ago(450),
        "The following address failed:\n\n<nobody@shop-practice.test>: 550 5.1.1 no such user\n", old, signed=False,
    )  # fmt: skip
    yield _Draft(
        "INBOX", "", "noise: own note", "", old, "note to self", ago(150),
        "the Lantern Shop password is in the blue book\n", old, signed=False,
    )  # fmt: skip
    yield _Draft(
        "Sent", "", "noise: sent", "", old, "Re: dinner on Friday", ago(699), "Oh no. I am bringing bread.\n",
        "robin@friends.example.net", signed=False,
    )  # fmt: skip
    yield _Draft(
        "Sent", "", "noise: sent", "", old, "Question about order #20244", ago(715), "Where is my order?\n",
        "help@shop-practice.test", signed=False,
    )  # fmt: skip


def _compose(draft: _Draft) -> bytes:
    """The RFC 5322 message of a draft, in the shape and charset asked for."""
    name = _word(draft.name, "From", draft.charset)
    stem = f"{draft.date:%Y%m%d%H%M%S}.{_stable_number(draft.subject) % 10**6}"
    headers = [
        ("From", f"{name} <{draft.sender}>" if name else draft.sender),
        ("To", draft.to),
        ("Subject", _word(draft.subject, "Subject", draft.charset)),
        ("Date", format_datetime(draft.date)),
        ("Message-ID", f"<{stem}@{draft.sender.rpartition('@')[2]}>"),
        *draft.extra,
        ("MIME-Version", "1.0"),
    ]
    page = f"<html><body><p>{escape(draft.text).replace(chr(10), '<br>')}</p></body></html>\n"
    if draft.shape == "alternative":
        edge = f"=_{stem}"
        headers.append(("Content-Type", f'multipart/alternative; boundary="{edge}"'))
        parts = (
            _part(draft.text, "text/plain", draft.charset, "quoted"),
            _part(page, "text/html", draft.charset, "base64"),
        )
        body = b"".join(b"--%b\n%b\n" % (edge.encode(), part) for part in parts) + f"--{edge}--\n".encode()
        return _head(headers) + b"\n" + body
    if draft.shape == "html":
        return _head(headers) + _part(page, "text/html", draft.charset, "base64")
    return _head(headers) + _part(draft.text, "text/plain", draft.charset, draft.shape)


def _stable_number(text: str) -> int:
    """A number that is the same in every run for the same text (Python's own hash is not)."""
    return int.from_bytes(text.encode()[-6:], "big")


def _word(text: str, header: str, charset: str) -> str:
    if text.isascii():
        return text
    return Header(text, charset, header_name=header).encode()


def _head(headers: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\n" for name, value in headers).encode()


def _part(text: str, kind: str, charset: str, shape: str) -> bytes:
    content = text.encode(charset)
    if shape == "base64":
        coding, body = "base64", base64.encodebytes(content)
    elif shape == "quoted" or charset != "utf-8":
        coding, body = "quoted-printable", quopri.encodestring(content)
    else:
        coding, body = "8bit", content
    return f"Content-Type: {kind}; charset={charset}\nContent-Transfer-Encoding: {coding}\n\n".encode() + body
