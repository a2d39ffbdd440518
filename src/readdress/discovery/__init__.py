"""From messages and logins to accounts (pure)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readdress.discovery.candidates import Candidate, Knowledge, Opened, ServiceHint, Stamp
    from readdress.discovery.domains import domain_of, is_freemail, is_relay, org_domain
    from readdress.discovery.kinds import kind_of, needs_body
    from readdress.discovery.logins import login_names
    from readdress.discovery.models import Detector
    from readdress.discovery.reading import Reading, Standing, read, seen_text
    from readdress.discovery.recipients import Person, addressed_to
    from readdress.discovery.weigh import wants_opening

__all__ = [
    "Candidate",
    "Detector",
    "Knowledge",
    "Opened",
    "Person",
    "Reading",
    "ServiceHint",
    "Stamp",
    "Standing",
    "addressed_to",
    "domain_of",
    "is_freemail",
    "is_relay",
    "kind_of",
    "login_names",
    "needs_body",
    "org_domain",
    "read",
    "seen_text",
    "wants_opening",
]

# Imported when first used (PEP 562): the phrases alone take a hundred milliseconds to compile.
_HOME = {
    "Candidate": "readdress.discovery.candidates",
    "Knowledge": "readdress.discovery.candidates",
    "Opened": "readdress.discovery.candidates",
    "ServiceHint": "readdress.discovery.candidates",
    "Stamp": "readdress.discovery.candidates",
    "domain_of": "readdress.discovery.domains",
    "is_freemail": "readdress.discovery.domains",
    "is_relay": "readdress.discovery.domains",
    "org_domain": "readdress.discovery.domains",
    "kind_of": "readdress.discovery.kinds",
    "needs_body": "readdress.discovery.kinds",
    "login_names": "readdress.discovery.logins",
    "Detector": "readdress.discovery.models",
    "Reading": "readdress.discovery.reading",
    "Standing": "readdress.discovery.reading",
    "read": "readdress.discovery.reading",
    "seen_text": "readdress.discovery.reading",
    "Person": "readdress.discovery.recipients",
    "addressed_to": "readdress.discovery.recipients",
    "wants_opening": "readdress.discovery.weigh",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
