"""Authentication-Results (RFC 8601): what the mailbox provider found out about a mail.

Only the topmost header counts, only with an authserv-id that is the provider's own, and only above the From header: a
sender can write such a header too, but cannot put it above the provider's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from readdress.trust.caps import PARAMETERS, OverCap
from readdress.trust.decode import without_comments

_METHOD = re.compile(r"\s*([a-z0-9-]{1,40})(?:\s*/\s*\d{1,3})?\s*=\s*([a-z]{1,20})(?=\s|\Z)", re.IGNORECASE)
_PROPERTY = re.compile(r'\b(smtp|header|body|policy)\.([A-Za-z0-9_-]{1,40})\s*=\s*("[^"]{0,300}"|[^\s;"]{1,300})')


@dataclass(frozen=True, slots=True)
class Result:
    """One finding, e.g. ``dkim`` ``pass`` with ``{"header.d": "example.com"}`` (all lower case)."""

    method: str
    outcome: str
    about: dict[str, str] = field(default_factory=dict)


def of_provider(headers: Sequence[str], authserv_ids: Sequence[str], *, on_top: bool) -> list[Result] | None:
    """The provider's findings; ``None`` when the topmost header is not the provider's (or there is none)."""
    if not headers or not on_top or not authserv_ids:
        return None
    try:
        plain = without_comments(headers[0])
    except OverCap:
        return None
    head, semicolon, rest = plain.partition(";")
    words = head.split()
    mine = {name.strip().lower() for name in authserv_ids if name.strip()}
    # authserv-id, then at most a version (RFC 8601 §2.2)
    if not semicolon or not words or len(words) > 2 or (len(words) == 2 and not words[1].isdigit()):
        return None
    if words[0].strip('"').lower() not in mine or rest.count(";") > PARAMETERS:
        return None
    found: list[Result] = []
    # A quoted reason may hold anything, a semicolon and "dkim=pass" included.
    for piece in re.sub(r'\breason\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;]*)', "", rest, flags=re.IGNORECASE).split(";"):
        method = _METHOD.match(piece)
        if method:
            about = {f"{p[1]}.{p[2]}".lower(): p[3].strip('"').lower() for p in _PROPERTY.finditer(piece)}
            found.append(Result(method[1].lower(), method[2].lower(), about))
    return found


def domain_in(value: str) -> str:
    """The domain of a property: ``header.d=x``, ``header.i=@x`` and ``smtp.mailfrom=a@x`` all name ``x``."""
    return value.rpartition("@")[2].rstrip(".")
