"""The rehearsal's world: mail server, sites and a seeded old mailbox, in one folder and on loopback."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readdress.errors import UserError
from readdress.models import MailboxConfig

if TYPE_CHECKING:
    from readdress.practice.mailserver import MailServer
    from readdress.practice.signing import Signer
    from readdress.practice.site import PracticeSites

OLD = "lin.old@mail.practice.test"
NEW = "lin.new@post.practice.test"


@dataclass(frozen=True, slots=True)
class World:
    """Everything that the rehearsal runs against. ``passwords``: of the two mailboxes."""

    server: MailServer
    sites: PracticeSites
    signer: Signer
    passwords: Mapping[str, str]
    seeded: int

    def mailbox(self, address: str) -> MailboxConfig:
        """How that practice mailbox is reached."""
        return MailboxConfig(
            address,
            host=self.server.host,
            port=self.server.imap_port,
            security="plain",
            login=address,
            secret="ask",  # noqa: S106 - the place
        )

    def facts(self) -> dict[str, Any]:
        """What another process of the rehearsal needs to know, as JSON: it is passed through a pipe, never through a file."""
        return {
            "keys": self.signer.records(),
            "mailboxes": dict(self.passwords),
            "smtp": [self.server.host, self.server.smtp_port],
            "sites": {site.url: site.password for site in self.sites},
        }


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Start it all, seed the old mailbox, and stop it all at the end."""
    try:
        from readdress.practice.mailserver import MailServer
        from readdress.practice.seed import NOISE_DOMAINS, seed
        from readdress.practice.signing import Signer
        from readdress.practice.site import BRANDS, PracticeSites
    except ImportError as error:
        raise UserError(
            f"The rehearsal needs a package that is not installed ({error.name}).",
            todo="Install it: pip install 'readdress[practice]'",
        ) from error
    passwords = {OLD: secrets.token_urlsafe(12), NEW: secrets.token_urlsafe(12)}
    signer = Signer([*(brand.domain for brand in BRANDS), *NOISE_DOMAINS])
    with (
        MailServer(passwords, signer) as server,
        PracticeSites(folder / "sites", server.smtp_port, OLD) as sites,
    ):
        seeded = seed(server, signer, list(sites), OLD, datetime.now(UTC))
        yield World(server, sites, signer, passwords, len(seeded))


def key_lookup(records: Mapping[str, str]) -> Any:
    """A DKIM key look-up over records that were passed along."""
    return lambda name, timeout=5: records.get(name.decode().rstrip(".").lower() + ".", "").encode() or None


def dumps(facts: Mapping[str, Any]) -> bytes:
    """The facts for the pipe."""
    return json.dumps(facts).encode()
