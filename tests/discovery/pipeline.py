"""Runs messages through discovery as the workflow does: count headers, weigh, open the few that are asked for, weigh again.

The catalogue is not wired in: ``knowledge`` stays None, so every figure is what the mail alone gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from readdress.discovery import (
    Candidate,
    Opened,
    Person,
    Stamp,
    kind_of,
    org_domain,
    read,
    seen_text,
    wants_opening,
)
from readdress.discovery.tally import Counter
from readdress.discovery.weigh import weigh
from readdress.models.inventory import Witness, merge
from readdress.trust.message import Parsed, parse
from readdress.trust.results import domain_in, of_provider
from readdress.trust.sender import Sender, read_from

ROUNDS = 4


@dataclass(frozen=True)
class Run:
    """What a run found, and how many messages it opened."""

    candidates: list[Candidate]
    opened: list[Opened]


def text_of(parsed: Parsed) -> str:
    """The text that a person sees."""
    return seen_text(parsed.texts, [page.text for page in parsed.pages])


def hosts_of(parsed: Parsed) -> tuple[str, ...]:
    """Organisational domains that the visible links lead to."""
    found = []
    for page in parsed.pages:
        for link in page.links:
            host = link.href.partition("://")[2].partition("/")[0].partition(":")[0]
            if host:
                found.append(org_domain(host))
    return tuple(dict.fromkeys(found))


def stamp_of(parsed: Parsed, domain: str, authserv: Sequence[str]) -> Stamp:
    """What the provider's Authentication-Results say of the From domain (DMARC alignment by organisational domain)."""
    results = of_provider(parsed.results, authserv, on_top=parsed.results_on_top)
    if results is None:
        return Stamp.ABSENT
    if any(r.method == "dmarc" and r.outcome == "fail" for r in results):
        return Stamp.FAIL
    for result in results:
        if result.outcome != "pass":
            continue
        if result.method == "dmarc" and org_domain(domain_in(result.about.get("header.from", ""))) == org_domain(
            domain
        ):
            return Stamp.PASS
        if result.method == "dkim" and org_domain(domain_in(result.about.get("header.d", ""))) == org_domain(domain):
            return Stamp.PASS
    return Stamp.NEUTRAL if any(r.outcome == "pass" for r in results) else Stamp.BARE


def open_message(raw: bytes, witness: Witness, authserv: Sequence[str], names: Sequence[str] = ()) -> Opened | None:
    """Open one message; None where it cannot be read."""
    parsed = parse(raw)
    if not isinstance(parsed, Parsed):
        return None
    sender = read_from(parsed.froms)
    if not isinstance(sender, Sender):
        return None
    reading = read(parsed.subject, text_of(parsed), sender=sender.address, name=_name_of(parsed), names=names)
    return Opened(witness, reading, stamp_of(parsed, sender.domain, authserv), hosts_of(parsed))


def _name_of(parsed: Parsed) -> str:
    from email.utils import parseaddr

    from readdress.trust.decode import header_text

    return header_text(parseaddr(parsed.froms[0])[0].encode()) if parsed.froms else ""


def discover(
    messages: Iterable[bytes],
    person: Person,
    authserv: Sequence[str],
    *,
    names: Sequence[str] = (),
    stamped_since: datetime | None = None,
) -> Run:
    """Everything, in memory. ``messages``: octets with CRLF or LF."""
    raws = list(messages)
    counter = Counter(person, kind_of, org_domain, authserv, now=datetime(2027, 1, 1, tzinfo=UTC))  # type: ignore[arg-type]
    for number, raw in enumerate(raws):
        head = raw.partition(b"\r\n\r\n")[0]
        counter.see("INBOX", number, head if b"\r\n\r\n" in raw else raw.partition(b"\n\n")[0])
    together: dict[tuple[str, str], object] = {}
    for tally in counter.flush():
        key = (tally.org, tally.to)
        together[key] = merge(together[key], tally) if key in together else tally  # type: ignore[arg-type]
    opened: list[Opened] = []
    candidates = weigh(together.values(), opened=opened, stamped_since=stamped_since)  # type: ignore[arg-type]
    for _ in range(ROUNDS):
        asked = [witness for candidate in candidates for witness in wants_opening(candidate)]
        if not asked:
            break
        for witness in asked:
            one = open_message(raws[witness.uid], witness, authserv, names)
            opened.append(one or Opened(witness, read("", ""), Stamp.FAIL))
        candidates = weigh(together.values(), opened=opened, stamped_since=stamped_since)  # type: ignore[arg-type]
    return Run(candidates, opened)
