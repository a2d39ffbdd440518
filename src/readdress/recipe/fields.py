"""The small values of the recipe format: durations, host and path patterns, factor sets."""

from __future__ import annotations

import re
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, StringConstraints

from readdress.models import is_factor

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d{1,4})([mhdw])\Z")
_HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(:\d{1,5})?\Z")


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = _DURATION.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('write a duration as a number with m, h, d or w, like "24h" or "30d"')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def duration_text(value: timedelta) -> str:
    """The format's own way to write a duration: ``24h``, ``30d``."""
    minutes = int(value.total_seconds()) // 60
    for unit, size in (("w", 10080), ("d", 1440), ("h", 60)):
        if minutes and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def _host(value: str) -> str:
    if value == "{site}":
        return value
    if not _HOST.match(value) or (value.startswith("*.") and value.count(".") < 2):
        raise ValueError(
            f'{value!r} is no host: write "example.com", "*.example.com" or "{{site}}", lower case, without https://'
        )
    return value


def _factor(value: str) -> str:
    if not is_factor(value):
        raise ValueError(f"{value!r} is no factor; see docs/reference/words.md for the list")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(duration_text)]
Host = Annotated[str, BeforeValidator(_host)]
Factor = Annotated[str, BeforeValidator(_factor)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Filled = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def host_matches(pattern: str, host: str, port: int | None = None, *, default_port: int = 443) -> bool:
    """Whether ``host`` (and ``port``) is one that ``pattern`` allows. ``*.x.com`` covers subdomains of x.com, not x.com itself."""
    name, _, wanted = pattern.partition(":")
    if int(wanted or default_port) != (port or default_port):
        return False
    host = host.rstrip(".").lower()
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def path_matches(pattern: str, path: str) -> bool:
    """Whether a URL path fits: ``*`` stands for one or more characters within one segment, ``**`` at the end for any rest."""
    if pattern.endswith("/**"):
        head = pattern[:-3].split("/")
        parts = path.split("/")
        return len(parts) > len(head) and _segments(head, parts[: len(head)])
    return _segments(pattern.split("/"), path.split("/"))


def _segments(patterns: list[str], parts: list[str]) -> bool:
    if len(patterns) != len(parts):
        return False
    return all(_segment(p, s) for p, s in zip(patterns, parts, strict=True))


def _segment(pattern: str, part: str) -> bool:
    if part in {".", ".."} or "%2f" in part.lower():
        return False
    if "*" not in pattern:
        return pattern == part
    return bool(part) and fnmatchcase(part, pattern.replace("[", "[[]").replace("?", "[?]"))
