"""The people to tell, as vCard 4.0 (RFC 6350), CSV and JSON, and the letter that tells them (pure)."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from readdress.i18n.clean import clean
from readdress.models import Text
from readdress.report.documents import document, when

PRODID = "-//readdress//people 1//EN"
CSV_HEAD = ("name", "address", "last_contact", "first_contact", "sent", "received", "told")
_FORMULA = re.compile(
    r"[=+\-@\t\r]"
)  # with any of these at its beginning a spreadsheet takes a cell for a formula (OWASP)
_WORK = uuid.UUID(
    "6f8f3c8e-6f2a-5d0c-9a53-2d5a9f5f4b7e"
)  # a name space of our own, so that a second import finds the first one's cards


class Acquaintance(Protocol):
    """Somebody to tell."""

    @property
    def address(self) -> str:
        """Their address, lower case."""
        ...

    @property
    def name(self) -> str:
        """What they are called; may be empty, and may hold anything."""
        ...

    @property
    def sent(self) -> int:
        """Mails to them."""
        ...

    @property
    def received(self) -> int:
        """Mails from them."""
        ...

    @property
    def first(self) -> datetime | None:
        """The first contact."""
        ...

    @property
    def last(self) -> datetime | None:
        """The last contact."""
        ...


def vcards(people: Iterable[Acquaintance]) -> str:
    """One vCard each, version 4.0, lines folded at 75 octets and ended by CRLF (RFC 6350 §3.2)."""
    lines: list[str] = []
    for one in people:
        name = clean(one.name, 200) or one.address
        lines += [
            "BEGIN:VCARD",
            "VERSION:4.0",
            f"PRODID:{PRODID}",
            f"UID:urn:uuid:{uuid.uuid5(_WORK, one.address)}",
            "KIND:individual",
            f"FN:{_escaped(name)}",
            f"EMAIL:{_escaped(one.address)}",
        ]
        if one.last is not None:
            lines.append(
                f"NOTE:{_escaped(f'Last contact {one.last:%Y-%m-%d}; {one.sent} sent, {one.received} received.')}"
            )
        lines.append("END:VCARD")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def csv_table(people: Iterable[Acquaintance], told: Mapping[str, str]) -> str:
    """A table with a head; ``told``: address → the day (RFC 4180: CRLF, quotes doubled); what a spreadsheet would run as a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(CSV_HEAD)
    for one in people:
        cells = (clean(one.name, 200), one.address, _day(one.last), _day(one.first), str(one.sent), str(one.received))
        writer.writerow([_safe(c) for c in (*cells, told.get(one.address, "")[:10])])
    return out.getvalue()


def people_document(people: Sequence[Acquaintance], told: Mapping[str, str], messages: int) -> dict[str, Any]:
    """The list as a JSON document. ``messages``: how many were looked at."""
    return document(
        "people",
        messages=messages,
        people=[
            {
                "address": p.address,
                "name": clean(p.name, 200),
                "sent": p.sent,
                "received": p.received,
                "first": when(p.first),
                "last": when(p.last),
                "told": told.get(p.address) or None,
            }
            for p in people
        ],
    )


def letter(old: str, new: str, name: str = "") -> Text:
    """The letter "my new address is", plain text with its subject on the first line: a draft, the person's own to change and send."""
    signed = clean(name, 100)
    en = (
        f"Subject: My new email address\n\nHello,\n\nI am leaving my old email address. From now on please write to me here:\n\n    {new}\n\n"
        f"The old one was {old}. It may stop working at any time, so please change it in your address book and do not send anything "
        "there any more.\n\nThis mail asks for nothing else: no money, no code, no link to open. If you are not sure that it is from "
        f"me, ask me in another way than by mail.\n\nThank you, and best wishes\n{signed or '[your name]'}\n"
    )
    zh = (
        f"主题：我的新邮箱地址\n\n您好：\n\n我将不再使用旧邮箱。今后请写信到：\n\n    {new}\n\n"
        f"旧地址是 {old}，随时可能停用，请在通讯录中更新，不要再往那里发信。\n\n"
        "这封信没有其他请求：不涉及钱款，不索要验证码，也不需要打开任何链接。如果不确定是否我本人，请用邮件以外的方式向我核实。\n\n"
        f"谢谢，祝好！\n{signed or '[您的名字]'}\n"
    )
    return Text(en, zh)


def _escaped(text: str) -> str:
    """A vCard text value (RFC 6350 §3.4)."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")


def _folded(line: str) -> list[str]:
    """At most 75 octets a line, never within a character; further lines begin with a space (RFC 6350 §3.2)."""
    lines, current, room = [], "", 75
    for ch in line:
        size = len(ch.encode("utf-8"))
        if size > room:
            lines.append(current)
            current, room = " ", 74
        current += ch
        room -= size
    return [*lines, current]


def _safe(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
