"""The verb ``people``: who is to be told of the new address, from the mail that one wrote with them, and who was told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from readdress.discovery.correspondents import Acquaintances, Correspondent
from readdress.discovery.domains import org_domain
from readdress.errors import ConfigError, MailboxError, NeedsTime, UsageError
from readdress.models import Address, Draft, Side
from readdress.models.events import fact
from readdress.workflow.files import write_private
from readdress.workflow.scanning import Progress, person_of, rest_if_limited, resting

if TYPE_CHECKING:
    from readdress.workflow.discovering import Archive
    from readdress.workflow.migration import Migration

TOLD = "told:"
"""Facts that say who was told: ``told:ADDRESS`` = the day."""


def acquaintances(
    m: Migration, archives: Sequence[Archive] = (), progress: Progress | None = None
) -> tuple[list[Correspondent], int]:
    """The people one has written with, and how many messages were looked at. Nothing of it is written down.

    Reads the archives that are named; without any, the old mailbox, every folder, headers only. Raises :class:`~readdress.errors.UserError`.
    """
    person = person_of(m)
    known = _is_service(m)
    found = Acquaintances([person.old, str(m.header.new), *person.aliases], known, now=m.adapters.the_clock().now())
    if archives:
        for archive in archives:
            _from_archive(found, archive, progress)
    else:
        _from_mailbox(m, found, progress)
    return found.people(), found.messages


def _from_archive(found: Acquaintances, archive: Archive, progress: Progress | None) -> None:
    from readdress.mailbox.archives import ArchiveKind, read_archive

    def tell(done: int, total: int) -> None:
        if progress:
            progress(archive.path.name, done, total)

    kind = ArchiveKind(archive.kind) if archive.kind else None
    for batch in read_archive(archive.path, kind=kind, progress=tell):
        for _, header in batch.rows:
            found.see(header)


def _from_mailbox(m: Migration, found: Acquaintances, progress: Progress | None) -> None:
    from readdress.mailbox.bulk import scan
    from readdress.mailbox.connect import Connection

    config = m.state.mailbox(Side.OLD)
    if config is None or config.kind != "imap":
        raise MailboxError(
            "The old mailbox is not set up to be read.",
            todo="migrate mailbox add old; or, if it is gone, name what you saved of it: migrate people --mbox FILE",
        )
    until = resting(m)
    if until is not None:
        raise NeedsTime(
            f"The provider of the old mailbox was asked too often; it is left alone until {until:%Y-%m-%d %H:%M} UTC.",
            until=until,
            todo="Run `migrate people` again then.",
        )
    try:
        with Connection(config, m.session.credential(Side.OLD, config), seconds=300.0) as connection:
            for batch in scan(connection, "people:old", {}, progress=progress):
                for _, header in batch.rows:
                    found.see(header)
    except MailboxError as error:
        rest_if_limited(m, config, error)
        raise


def _is_service(m: Migration) -> Callable[[str], bool]:
    knowledge = m.catalogue.knowledge

    def known(address: str) -> bool:
        return knowledge.service_of(org_domain(address.rpartition("@")[2]), address) is not None

    return known


# -- who was told -----------------------------------------------------------------------------------------------------------


def told(m: Migration) -> dict[str, str]:
    """Who was told: address → the day."""
    return {name[len(TOLD) :]: day for name, day in m.state.facts().items() if name.startswith(TOLD)}


def tell(m: Migration, addresses: Sequence[str], *, back: bool = False) -> list[str]:
    """Keep that these were told today; ``back``: take that back. Returns those of which it was news.

    Raises :class:`~readdress.errors.UsageError` for what is no address; then nothing is kept.
    """
    known = told(m)
    today = m.adapters.the_clock().now().date().isoformat()
    drafts: list[Draft] = []
    news: list[str] = []
    for text in addresses:
        try:
            address = str(Address.parse(text)).lower()
        except ConfigError as error:
            raise UsageError(error.message, todo=error.todo) from None
        if (address in known) == back and address not in news:
            drafts.append(fact(f"{TOLD}{address}", "" if back else today))
            news.append(address)
    if drafts:
        m.record(*drafts)
    return news


def untold(people: Sequence[Correspondent], known: Mapping[str, str]) -> list[Correspondent]:
    """Those who are still to be told."""
    return [p for p in people if p.address not in known]


def write_own(path: Path, text: str, head: str) -> None:
    """Write a file of ours: a new one, or over an earlier one that begins with ``head``. Raises :class:`~readdress.errors.ConfigError`."""
    if path.exists() or path.is_symlink():
        try:
            with path.open("rb") as file:
                before = file.read(len(head.encode()) + 64)
        except OSError:
            before = b""
        if not before.startswith(head.encode()):
            raise ConfigError(
                f"There is another file at {path} already; it was not touched.",
                todo="Choose another name, or take that file away.",
            )
    if os.linesep == "\r\n":  # a text file gets these line ends there by itself
        text = text.replace("\r\n", "\n")
    write_private(path, text)
