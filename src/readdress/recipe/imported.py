"""The person's own copy of the public data sets, merged: its shape as a file, read fast and without trust in what it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from readdress.models import Text
from readdress.recipe.service import CATEGORIES, Service
from readdress.userdata import data_folder

NAME = "catalogue"
FORMAT = 1
MAX_FILE = 32 * 1024 * 1024
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_URL = re.compile(r"https?://[^\"'<>\\\x00-\x20\x7f-\U0010ffff]{3,2000}\Z")


@dataclass(frozen=True, slots=True)
class Origin:
    """One public data set that the copy was made from. ``date`` (aware) is when it was fetched, ``digest`` SHA-256 of its octets."""

    name: str
    url: str
    date: datetime | None
    digest: str
    entries: int


@dataclass(frozen=True, slots=True)
class Imported:
    """The person's copy. ``problem``: why it is not used, one sentence; then the rest is empty."""

    services: tuple[Service, ...] = ()
    origins: tuple[Origin, ...] = ()
    problem: str = ""


def copy_path() -> Path:
    """Where the person's copy lies."""
    return data_folder() / "catalogue.json"


def read_copy(path: Path | None = None) -> Imported:
    """The person's copy; empty when there is none. A damaged one is not used and says so, it never fails."""
    place = path or copy_path()
    try:
        if place.stat().st_size > MAX_FILE:
            return Imported(problem=f"{place} is too large to be a catalogue.")
        data = json.loads(place.read_bytes())
    except FileNotFoundError:
        return Imported()
    except OSError as error:
        return Imported(problem=f"{place} cannot be read ({error.strerror}).")
    except (ValueError, RecursionError):
        return Imported(problem=f"{place} is damaged.")
    try:
        if data["readdress"] != NAME or data["format"] != FORMAT:
            return Imported(problem=f"{place} is of another format.")
        origins = tuple(
            Origin(o["name"], o["url"], datetime.fromisoformat(o["date"]), o["sha256"], int(o["entries"]))
            for o in data["sources"]
        )
        return Imported(tuple(_from_row(r) for r in data["services"]), origins)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Imported(problem=f"{place} is damaged.")


def document(services: Iterable[Service], origins: Iterable[Origin]) -> dict[str, Any]:
    """The copy as a JSON document."""
    return {
        "readdress": NAME,
        "format": FORMAT,
        "sources": [
            {
                "name": o.name,
                "url": o.url,
                "date": o.date.isoformat() if o.date else "",
                "sha256": o.digest,
                "entries": o.entries,
            }
            for o in origins
        ],
        "services": [_row(s) for s in services],
    }


def _row(service: Service) -> dict[str, Any]:
    row = {
        "name": service.name.en,
        "category": service.category,
        "domains": list(service.domains),
        "account": service.account,
        "recover": service.recover,
        "close": service.close,
        "closing": service.closing,
        "factors": list(service.second_factors),
        "by": list(service.named_by),
    }
    return {k: v for k, v in row.items() if v}


def _from_row(row: dict[str, Any]) -> Service:
    domains = tuple(d for d in row["domains"] if isinstance(d, str) and is_domain(d))
    if not domains:
        raise ValueError("a service without a domain")
    name = str(row.get("name") or domains[0])[:200]
    account = _url(row.get("account"))
    category = row.get("category", "other")
    return Service(
        domains[0],
        Text(name, name),
        category if category in CATEGORIES else "other",
        domains=domains,
        named_by=_words(row.get("by", ())),
        second_factors=_words(row.get("factors", ())),
        closing=str(row.get("closing", ""))[:40],
        account=account,
        account_by="apple" if account else "",
        recover=_url(row.get("recover")),
        close=_url(row.get("close")),
        origin="imported",
    )


def _url(value: Any) -> str:
    return value if isinstance(value, str) and is_url(value) else ""


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(v)[:40] for v in value[:20]) if isinstance(value, list | tuple) else ()


def is_domain(text: str) -> bool:
    """Whether ``text`` is a DNS name of two labels or more, in lower-case ASCII, and no address literal."""
    return len(text) <= 253 and bool(_DOMAIN.match(text)) and not text.rpartition(".")[2].isdigit()


def is_url(text: str) -> bool:
    """Whether ``text`` is a plain http(s) address on a named host, without a user name."""
    if not _URL.match(text):
        return False
    host = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
    name, _, port = host.partition(":")
    return "@" not in host and is_domain(name.lower()) and (not port or port.isdigit())
