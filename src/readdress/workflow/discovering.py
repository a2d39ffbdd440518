"""The verb ``discover``, first cut: reads the old mailbox's headers, opens a few messages to be sure, adds what is new."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from readdress.discovery import Detector, Found, find
from readdress.errors import ConfigError, MailboxError
from readdress.models import Account, HeaderRow, MailboxConfig, Side
from readdress.ports import KeyLookup

if TYPE_CHECKING:
    from readdress.mailbox.connect import Connection, Credential
    from readdress.trust.message import Parsed
    from readdress.workflow.migration import Migration

_OPENED = 4  # so many messages of one service are opened at most, strongest first, until one is authentic


@dataclass(frozen=True, slots=True)
class Sure:
    """A found account with a message that is authentic, and the site that it names where the service is software on many sites."""

    found: Found
    site: str = ""


def discover(m: Migration) -> list[Account]:
    """Find accounts in the old mailbox and add those that are not known. Raises :class:`~readdress.errors.MailboxError`."""
    config = m.state.mailbox(Side.OLD)
    if config is None or config.kind != "imap":
        raise MailboxError("The old mailbox is not set up to be read.", todo="migrate mailbox add old")
    known = {(a.service, a.site) for a in m.accounts()}
    added = []
    secret = m.session.credential(Side.OLD, config)
    for sure in sure_accounts(config, secret, detectors(m), m.adapters.the_lookup(), m.adapters.the_clock().now()):
        if (sure.found.service, sure.site) in known:
            continue
        known.add((sure.found.service, sure.site))
        added.append(m.add(sure.found.service, site=sure.site, label=sure.found.domain, evidence=sure.found.evidence))
    return added


def detectors(m: Migration) -> list[Detector]:
    """What the recipes at hand know of their services' mail."""
    found = []
    for d in m.catalogue.detectors():
        subjects = {kind: tuple(patterns) for kind, patterns in d.detect.subjects.items()}
        found.append(
            Detector(
                d.service,
                senders=tuple(s.lower() for s in (*d.detect.senders, *d.senders) if "@" in s),
                domains=tuple(d.detect.domains),
                subjects=subjects,
                on_sites=d.sites,
                paths=tuple(d.detect.logins),
            )
        )
    return found


def sure_accounts(
    config: MailboxConfig, secret: Credential, known: Sequence[Detector], lookup: KeyLookup, now: datetime
) -> Iterator[Sure]:
    """Read every folder's headers in one login, then open a few messages of each candidate and keep those that are authentic."""
    from readdress.mailbox.connect import Connection
    from readdress.mailbox.folders import list_folders
    from readdress.mailbox.headers import read_folder

    paths = {d.service: d.paths for d in known}
    with Connection(config, secret, seconds=300.0) as connection:
        rows: list[HeaderRow] = []
        for folder in list_folders(connection):
            if folder.selectable:
                rows.extend(read_folder(connection, folder.name, None, None))
        candidates = find(rows, known)
        for candidate in candidates:
            for folder_name, uid in candidate.best[:_OPENED]:
                parsed = _open(connection, config, folder_name, uid, lookup, now)
                if parsed is None:
                    continue
                site = site_of(parsed, paths[candidate.service]) if candidate.on_sites else ""
                if candidate.on_sites and not site:
                    continue
                yield Sure(candidate, site)
                break


def _open(
    connection: Connection, config: MailboxConfig, folder: str, uid: int, lookup: KeyLookup, now: datetime
) -> Parsed | None:
    """The message, if it is readable and authentic."""
    from readdress.mailbox.presets import authserv_ids_of
    from readdress.trust.authentic import Authentic, check
    from readdress.trust.message import Unreadable, parse
    from readdress.trust.sender import read_from

    connection.examine(folder)
    for glance in connection.glances_between(uid, uid):
        got = connection.message(glance)
        if got is None:
            return None
        raw, truncated = got
        parsed = parse(raw, truncated=truncated)
        if isinstance(parsed, Unreadable):
            return None
        sender = read_from(parsed.froms)
        if isinstance(sender, str):
            return None
        proof = check(raw, parsed, sender.domain, authserv_ids_of(config), lookup, now)
        if isinstance(proof, Authentic):
            return parsed
    return None


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
