"""Opens the few messages that a candidate needs: is it authentic, what does it prove, which site does it name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from readdress.discovery.domains import org_domain
from readdress.discovery.reading import Standing
from readdress.discovery.weigh import Opened, Stamp
from readdress.errors import ConfigError, ReaddressError
from readdress.models import OpenedMail, Witness
from readdress.ports import KeyLookup

if TYPE_CHECKING:
    from readdress.discovery.models import Detector
    from readdress.mailbox.connect import Connection
    from readdress.trust.message import Parsed

_HOSTS = 6


class Fetch(Protocol):
    """Gives a message's octets once more; ``None`` where it is not there any more."""

    def __call__(self, folder: str, uid: int) -> bytes | None:
        """The message."""
        ...


@dataclass(frozen=True, slots=True)
class Opener:
    """How messages of one source are opened and judged."""

    source: str
    fetch: Fetch
    authserv_ids: tuple[str, ...]
    detectors: tuple[Detector, ...]
    lookup: KeyLookup
    now: datetime
    names: tuple[str, ...] = ()

    def open(self, witness: Witness) -> OpenedMail | None:
        """What the message shows; ``None`` where it is gone or cannot be read."""
        from readdress.discovery.reading import read
        from readdress.trust.message import Unreadable, parse

        raw = self.fetch(witness.folder, witness.uid)
        if raw is None:
            return None
        parsed = parse(raw)
        if isinstance(parsed, Unreadable):
            return self._record(witness, Standing.NONE, Stamp.ABSENT)
        stamp = self._stamp(raw, parsed)
        body = "\n".join(parsed.texts) or "\n".join(page.text for page in parsed.pages)
        name = parsed.froms[0].rpartition("<")[0].strip(' "') if parsed.froms else ""
        seen = read(parsed.subject, body, sender=witness.sender, name=name, names=self.names)
        service = site = ""
        if stamp is Stamp.PASS:
            service, site = self._site(parsed)
        return OpenedMail(
            self.source,
            witness.folder,
            witness.uid,
            witness.digest,
            seen.kind,
            seen.standing.value,
            stamp.value,
            sender=witness.sender,
            at=witness.at,
            logins=seen.logins,
            slots=tuple(slot.value for slot in seen.slots),
            hosts=_hosts(parsed),
            service=service,
            site=site,
        )

    def _record(self, witness: Witness, standing: Standing, stamp: Stamp) -> OpenedMail:
        key = (self.source, witness.folder, witness.uid, witness.digest, witness.kind)
        return OpenedMail(*key, standing.value, stamp.value, sender=witness.sender, at=witness.at)

    def _stamp(self, raw: bytes, parsed: Parsed) -> Stamp:
        """What is known of the sender: the provider's word, else the signature verified here."""
        from readdress.trust.authentic import Authentic, check
        from readdress.trust.results import of_provider
        from readdress.trust.sender import read_from

        sender = read_from(parsed.froms)
        if isinstance(sender, str):
            return Stamp.FAIL
        if isinstance(check(raw, parsed, sender.domain, self.authserv_ids, self.lookup, self.now), Authentic):
            return Stamp.PASS
        results = of_provider(parsed.results, self.authserv_ids, on_top=parsed.results_on_top)
        if results is None:
            return Stamp.ABSENT
        failed = any(r.method in {"dmarc", "dkim"} and r.outcome == "fail" for r in results)
        return Stamp.FAIL if failed else Stamp.NEUTRAL

    def _site(self, parsed: Parsed) -> tuple[str, str]:
        """Software that runs on many hosts, and the site, by the shape of a link."""
        for detector in self.detectors:
            if detector.on_sites and (site := site_of(parsed, detector.paths)):
                return detector.service, site
        return "", ""


def opened_mail(mail: OpenedMail) -> Opened:
    """The same for the scales."""
    from readdress.discovery.reading import Reading
    from readdress.models import Slot

    witness = Witness(mail.folder, mail.uid, mail.at, mail.sender, mail.kind, mail.digest, mail.stamp == Stamp.PASS)
    slots = tuple(Slot(slot) for slot in mail.slots)
    return Opened(
        witness, Reading(mail.kind, Standing(mail.standing), mail.logins, slots), Stamp(mail.stamp), mail.hosts
    )


def from_mailbox(connection: Connection) -> Fetch:
    """Fetches over a connection that the caller keeps."""

    def fetch(folder: str, uid: int) -> bytes | None:
        if connection.selected != folder:
            connection.examine(folder)
        for glance in connection.glances_between(uid, uid):
            found = connection.message(glance)
            return found[0] if found else None
        return None

    return fetch


@contextmanager
def from_archive(path: Path) -> Iterator[Fetch]:
    """Fetches from a file or folder; a packed one is unpacked once for all messages that are asked for in their order."""
    from readdress.mailbox.archives import Messages

    with Messages(path) as messages:

        def fetch(folder: str, uid: int) -> bytes | None:
            try:
                return messages.get(uid, folder)
            except ReaddressError:
                return None

        yield fetch


def site_of(parsed: Parsed, patterns: Sequence[str]) -> str:
    """The base URL of the site whose page one of the message's links shows; ``""`` when none does.

    ``patterns``: paths as a recipe's ``[detect] logins`` writes them, ``{base}`` standing for the site's own folder.
    """
    from readdress.recipe.place import clean_site

    for link in links(parsed):
        for pattern in patterns:
            shape = re.escape(pattern).replace(r"\*", "[^/]+")
            shape = shape.replace(r"\{base\}", "(?P<base>(?:/[^/?#]+)*?)")
            fitting = re.match(rf"(?P<origin>https?://[^/?#]+){shape}(?:[?#].*)?\Z", link)
            if fitting:
                try:
                    return clean_site(fitting["origin"] + (fitting.groupdict().get("base") or ""))
                except ConfigError:
                    continue
    return ""


def links(parsed: Parsed) -> Iterator[str]:
    """Every link of a message, in its text and HTML parts."""
    from readdress.trust.link import urls_in

    for page in parsed.pages:
        yield from (link.href for link in page.links)
    for text in (*parsed.texts, *(page.text for page in parsed.pages)):
        yield from (candidate.url for candidate in urls_in(text))


def _hosts(parsed: Parsed) -> tuple[str, ...]:
    """Organisational domains that the links lead to."""
    found: dict[str, None] = {}
    for link in links(parsed):
        host = re.match(r"https?://(?:[^/?#@]*@)?([A-Za-z0-9.-]{1,253})", link)
        if host and (org := org_domain(host[1].lower())):
            found[org] = None
        if len(found) >= _HOSTS:
            break
    return tuple(found)
