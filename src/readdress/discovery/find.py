"""From message headers to accounts: who wrote, what kind of mail it is, how much that proves (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
from fnmatch import fnmatchcase

from readdress.discovery.models import Detector, Found
from readdress.models import Evidence, HeaderRow

WEIGHT = {
    "security": 0.9,
    "verification": 0.8,
    "welcome": 0.8,
    "code": 0.8,
    "reset": 0.7,
    "receipt": 0.6,
    "statement": 0.7,
    "newsletter": 0.05,
    "other": 0.1,
}
"""How much one message of a kind speaks for an account; the same kind again adds a quarter as much."""

ENOUGH = 0.6
_HEADER_CAP = 32_768


def find(rows: Iterable[HeaderRow], detectors: Sequence[Detector]) -> list[Found]:
    """Group the messages that a detector knows by service and sender's domain; keep the groups that prove enough.

    Nothing here trusts a sender: whoever uses the result has to authenticate one of ``best`` first.
    """
    groups: dict[tuple[str, str], list[tuple[float, str, Evidence, int, str]]] = {}
    for row in rows:
        sender, subject, listed = read_header(row.fields)
        if not sender:
            continue
        domain = sender.rpartition("@")[2]
        for detector in detectors:
            kind = _kind(detector, sender, domain, subject, listed=listed)
            if kind is None:
                continue
            digest = hashlib.sha256(row.fields).hexdigest()
            evidence = Evidence("mail", f"{row.folder}/{row.uid}", kind, sender, row.received, digest)
            groups.setdefault((detector.service, domain), []).append(
                (WEIGHT[kind], row.folder, evidence, row.uid, sender)
            )
            break
    known = {d.service: d for d in detectors}
    found = [_found(known[service], domain, hits) for (service, domain), hits in groups.items()]
    return [f for f in found if f.confidence >= ENOUGH]


def read_header(block: bytes) -> tuple[str, str, bool]:
    """Sender's address in lower case, decoded subject, whether it is list mail. Empty where the header cannot be trusted to be read."""
    try:
        message = BytesHeaderParser(policy=compat32).parsebytes(block[:_HEADER_CAP])
        froms = message.get_all("From", [])
        subject = str(message.get("Subject", ""))[:2000]
        if len(froms) != 1 or len(str(froms[0])) > 1000:
            return "", "", False
        addresses = [a for _, a in getaddresses([str(froms[0])]) if a]
        if len(addresses) != 1 or "@" not in addresses[0]:
            return "", "", False
        text = str(make_header(decode_header(subject)))
    except (ValueError, LookupError, RecursionError, UnicodeError):
        return "", "", False
    return addresses[0].lower(), " ".join(text.split()), message.get("List-Unsubscribe") is not None


def _kind(detector: Detector, sender: str, domain: str, subject: str, *, listed: bool) -> str | None:
    ours = sender in detector.senders or any(domain == d or domain.endswith("." + d) for d in detector.domains)
    if not ours and not detector.on_sites:
        return None
    for kind, patterns in detector.subjects.items():
        if any(fnmatchcase(subject.casefold(), _pattern(p)) for p in patterns):
            return kind
    if not ours:
        return None
    return "newsletter" if listed else "other"


def _pattern(text: str) -> str:
    return text.casefold().replace("[", "[[]").replace("?", "[?]")


def _found(detector: Detector, domain: str, hits: list[tuple[float, str, Evidence, int, str]]) -> Found:
    doubt, seen = 1.0, set()
    for weight, _, evidence, _, _ in hits:
        doubt *= 1 - (weight if evidence.kind not in seen else weight / 4)
        seen.add(evidence.kind)
    strongest = sorted(hits, key=lambda h: (-h[0], -(h[2].at.timestamp() if h[2].at else 0)))
    return Found(
        service=detector.service,
        sender=strongest[0][4],
        domain=domain,
        confidence=round(1 - doubt, 3),
        evidence=tuple(h[2] for h in strongest[:5]),
        best=tuple((h[1], h[3]) for h in strongest[:8]),
        on_sites=detector.on_sites,
    )
