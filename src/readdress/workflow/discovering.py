"""The verb ``discover``: reads every source that is there, opens the few messages that need it, and adds the accounts that are new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from readdress.discovery.results import Discovered
from readdress.discovery.weigh import Candidate, Stamp, wants_opening, weigh
from readdress.errors import MailboxError, NeedsTime, UsageError
from readdress.models import MailKind, OpenedMail, Side, Tally, Witness
from readdress.models.events import fact, opened
from readdress.workflow.inventory import Known, settle, settle_logins
from readdress.workflow.opening import Fetch, Opener, from_archive, from_mailbox, opened_mail
from readdress.workflow.scanning import (
    ALIASES,
    SOURCE_OLD,
    Progress,
    authserv_ids,
    read_archive_file,
    read_mailbox,
    rest_if_limited,
    resting,
    sums,
)

if TYPE_CHECKING:
    from readdress.discovery.models import Detector
    from readdress.workflow.migration import Migration

OPEN_MOST = 400
"""Messages opened in one run at most: the headers of the rest say enough, or the next run goes on."""
_ROUNDS = 3
_SITE_KINDS = (
    MailKind.VERIFICATION,
    MailKind.RESET,
    MailKind.WELCOME,
)  # those that carry links of the software itself come first
_SITE_TRIES = 3


@dataclass(frozen=True, slots=True)
class Archive:
    """A file or folder of mail. ``kind``: ``mbox``, ``maildir``, ``folder``, ``zip``, or ``""`` for by content."""

    path: Path
    kind: str = ""


def discover(
    m: Migration,
    *,
    archives: Sequence[Archive] = (),
    passwords: Sequence[Path] = (),
    aliases: Sequence[str] = (),
    progress: Progress | None = None,
) -> Discovered:
    """Look through the archives and exports that are named; without any, through the old mailbox.

    What was read before is not read again. Raises :class:`~readdress.errors.UserError` where nothing could be read at all; an error
    in the middle is in the result, with everything that was found until then kept.
    """
    if aliases:
        _note_aliases(m, aliases)
    found = Discovered()
    if archives or passwords:
        for archive in archives:
            read = read_archive_file(m, archive.path, archive.kind, progress)
            found.reads.append(read)
            found.error = found.error or read.error
            with from_archive(archive.path) as fetch:
                _decide(m, found, {read.source: _opener(m, read.source, fetch)}, progress)
        for export in passwords:
            found.reads.append(settle_logins(m, export, found.settled, progress))
        return found
    _the_mailbox(m, found, progress)
    return found


def _the_mailbox(m: Migration, found: Discovered, progress: Progress | None) -> None:
    from readdress.mailbox.connect import Connection

    config = m.state.mailbox(Side.OLD)
    if config is None or config.kind != "imap":
        raise MailboxError(
            "The old mailbox is not set up to be read.",
            todo="migrate mailbox add old; or, if it is gone: migrate discover --mbox FILE, --passwords FILE, or migrate remember",
        )
    until = resting(m)
    if until is not None:
        raise NeedsTime(
            f"The provider of the old mailbox was asked too often; it is left alone until {until:%Y-%m-%d %H:%M} UTC.",
            until=until,
            todo="Run `migrate discover` again then; what was read is kept.",
        )
    secret = m.session.credential(Side.OLD, config)
    try:
        connection = Connection(config, secret, seconds=300.0)
    except MailboxError as error:
        rest_if_limited(m, config, error)
        raise
    with connection:
        read = read_mailbox(m, connection, progress)
        found.reads.append(read)
        found.error = read.error
        openers = {} if read.error else {SOURCE_OLD: _opener(m, SOURCE_OLD, from_mailbox(connection))}
        _decide(m, found, openers, progress)


def _decide(m: Migration, found: Discovered, openers: dict[str, Opener], progress: Progress | None) -> None:
    """Weigh, open what the scales ask for, weigh again; then write down the accounts."""
    known = Known(m.catalogue.knowledge)
    rows = m.state.tallies()
    tallies = sums(rows)
    source_of = {(w.folder, w.uid, w.digest): source for source, _, tally in rows for w in tally.witnesses}
    seen = {(mail.folder, mail.uid, mail.digest): mail for mail in m.state.opened()}
    candidates: list[Candidate] = []
    for _ in range(_ROUNDS):
        candidates = weighed(tallies, known, seen.values())
        wanted = [
            w
            for candidate in candidates
            for w in (*wants_opening(candidate), *_for_the_site(candidate, tallies, seen))
            if (w.folder, w.uid, w.digest) not in seen and source_of.get((w.folder, w.uid, w.digest)) in openers
        ]
        wanted = sorted(dict.fromkeys(wanted), key=lambda w: (w.folder, w.uid))[: OPEN_MOST - found.opened]
        if not wanted:
            break
        try:
            for number, witness in enumerate(wanted, 1):
                key = (witness.folder, witness.uid, witness.digest)
                mail = openers[source_of[key]].open(witness)
                seen[key] = mail or _gone(source_of[key], witness)
                m.record(opened(seen[key]))
                found.opened += 1
                if progress:
                    progress("", number, len(wanted))
        except MailboxError as error:  # what was opened is written down; the rest next time
            found.error = found.error or error
            openers = {}
    settle(m, candidates, seen.values(), found.settled)


def weighed(tallies: Sequence[Tally], known: Known, mails: Iterable[OpenedMail]) -> list[Candidate]:
    """What all of it adds up to.

    Where the provider stamps nothing, the oldest message whose signature was verified here shows since when services sign: mail after it
    without any signature is worth little.
    """
    # a message that lies in the mailbox and in an archive of it is one message
    seen = [
        opened_mail(mail)
        for mail in {(o.sender, o.at, o.kind) if o.at else (o.source, o.folder, o.uid): o for o in mails}.values()
    ]
    vouched = [w.at for t in tallies for w in t.witnesses if w.sure and w.at]
    signed = [one.witness.at for one in seen if one.stamp is Stamp.PASS and one.witness.at]
    return weigh(tallies, known, seen, stamped_since=min((*vouched, *signed), default=None))


def _for_the_site(
    candidate: Candidate, tallies: Sequence[Tally], seen: dict[tuple[str, int, str], OpenedMail]
) -> list[Witness]:
    """Where nobody knows the service, one of its messages may name software that runs on many hosts: at most three are tried."""
    if candidate.known or not candidate.believed:
        return []
    everything = [w for t in tallies if t.org in candidate.sites for w in t.witnesses]
    mails = [seen[key] for w in everything if (key := (w.folder, w.uid, w.digest)) in seen]
    if any(mail.site for mail in mails):
        return []
    likely = [
        w for kind in _SITE_KINDS for w in everything if w.kind is kind and (w.folder, w.uid, w.digest) not in seen
    ]
    tried = sum(mail.kind in _SITE_KINDS[:2] for mail in mails)
    return likely[: max(0, _SITE_TRIES - tried)]


def _gone(source: str, witness: Witness) -> OpenedMail:
    """A message that is not there any more is not asked for again."""
    key = (source, witness.folder, witness.uid, witness.digest, witness.kind)
    return OpenedMail(*key, "none", "absent", sender=witness.sender, at=witness.at)


def _opener(m: Migration, source: str, fetch: Fetch) -> Opener:
    adapters = m.adapters
    return Opener(
        source, fetch, authserv_ids(m), tuple(detectors(m)), adapters.the_lookup(), adapters.the_clock().now()
    )


def detectors(m: Migration) -> list[Detector]:
    """What the recipes at hand know of their services' mail."""
    from readdress.discovery.models import Detector

    return [
        Detector(d.service, domains=tuple(d.detect.domains), on_sites=d.sites, paths=tuple(d.detect.logins))
        for d in m.catalogue.detectors()
    ]


def _note_aliases(m: Migration, aliases: Sequence[str]) -> None:
    from readdress.errors import ConfigError
    from readdress.models import Address

    kept = m.state.facts().get(ALIASES, "").split()
    for alias in aliases:
        try:
            kept.append(str(Address.parse(alias)))
        except ConfigError as error:
            raise UsageError(error.message, todo=error.todo) from None
    m.record(fact(ALIASES, " ".join(dict.fromkeys(kept))))
