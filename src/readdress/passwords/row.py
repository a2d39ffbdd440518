"""One entry while it is being read, and what of it may leave: the one place where a Login is made."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import ada_url

from readdress.models import Login, OldMatch
from readdress.passwords.matching import OldFinder

TITLE_CAP = 300
NAME_CAP = 320
"""RFC 5321 §4.5.3.1: 64 octets, an @, 255 octets: no longer address exists."""
URL_CAP = 8192
HOSTS_CAP = 50
FIELDS_CAP = 1000

_APPS = {"androidapp:", "android:", "iosapp:"}
_NOT_PLAIN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, repr=False)
class Row:
    """What a format's reader found in one entry. It holds notes and custom fields for a moment, so it has no ``repr``."""

    kind: str = "login"
    title: str = ""
    urls: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    has_totp: bool = False
    has_passkey: bool = False
    in_trash: bool = False
    modified: datetime | None = None


def login_from(row: Row, *, source: str, number: int, finder: OldFinder) -> Login | None:
    """The Login of a row, or ``None`` where it is no login and does not name OLD."""
    old = tuple(_matches(row, finder))
    if row.kind != "login" and not old:
        return None
    places = [place for url in row.urls[:HOSTS_CAP] if (place := _place(url)) is not None]
    hosts = list(dict.fromkeys(host for _, host, _ in places if host))
    names = list(dict.fromkeys(name for text in (*row.names, *row.emails) if (name := plain(text, NAME_CAP))))
    url, host = next(((url, host) for url, host, _ in places if host), ("", ""))
    return Login(
        source=source,
        row=number,
        kind=row.kind,
        title=plain(row.title, TITLE_CAP),
        url=url,
        host=host,
        user_name=names[0] if names else "",
        other_hosts=tuple(h for h in hosts if h != host),
        other_names=tuple(names[1:]),
        app=next((app for _, _, app in places if app), ""),
        old=old,
        has_totp=row.has_totp,
        has_passkey=row.has_passkey,
        in_trash=row.in_trash,
        modified=row.modified,
    )


def _matches(row: Row, finder: OldFinder) -> Iterable[OldMatch]:
    groups = (("user_name", row.names), ("email", row.emails), ("title", [row.title]), ("note", row.notes))
    for where, texts in groups:
        hows = [how for text in texts if (how := finder.find(text))]
        if hows:
            yield OldMatch(where, min(hows, key=("exact", "case", "plus").index))
    for place, text in enumerate(row.fields[:FIELDS_CAP], start=1):
        if how := finder.find(text):
            yield OldMatch(f"field {place}", how)


def plain(text: str, cap: int) -> str:
    """One line without control and invisible characters, at most ``cap`` characters: it will be shown on screens."""
    return " ".join(_NOT_PLAIN.sub(" ", text[: cap * 4]).split())[:cap]


def _place(text: str) -> tuple[str, str, str] | None:
    """Origin, host and app of what stands in a URL field; ``None`` where it is no URL."""
    text = text.strip()
    if not text or len(text) > URL_CAP:
        return None
    for candidate in (text, f"https://{text}"):
        try:
            parts = ada_url.parse_url(candidate, ("protocol", "hostname", "port"))
        except ValueError:
            continue
        protocol, host, port = str(parts["protocol"]), str(parts["hostname"]), str(parts["port"])
        if not host:
            continue  # "example.com:8080" parses as a scheme; so do words with a colon
        if candidate is not text and "." not in host and ":" not in host:
            continue  # a bare word is no site, and may be anything
        if protocol in _APPS:
            return "", "", plain(host, 255)
        return f"{protocol}//{host}" + (f":{port}" if port else ""), host, ""
    return None


def split_urls(text: str) -> list[str]:
    """Several URLs in one cell, as some formats write them; a comma inside one URL does not split it."""
    return [
        part for part in re.split(r"[,\s]\s*(?=[A-Za-z][A-Za-z0-9+.-]{1,20}://)", text[: URL_CAP * 4]) if part.strip()
    ]


def when(value: object) -> datetime | None:
    """A moment from seconds or milliseconds since 1970, or from ISO 8601; ``None`` where it is neither, or out of range."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        if not re.fullmatch(r"-?[0-9]{1,19}", text, re.ASCII):
            return _iso(text)
        value = int(text)
    if not isinstance(value, int | float) or not 0 < value < 1e14:
        return None
    seconds = value / 1000 if value > 1e11 else value  # 1e11 seconds is the year 5138, 1e11 milliseconds is 1973
    return _EPOCH + timedelta(seconds=seconds)


def _iso(text: str) -> datetime | None:
    if not 10 <= len(text) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
