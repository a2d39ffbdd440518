"""Tries a mailbox out for `migrate doctor` and `migrate mailbox add`: does it answer, and what does it offer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median

from readdress.mailbox.connect import Connection
from readdress.mailbox.folders import Folder, junk_folders, list_folders, watched
from readdress.mailbox.headers import topmost_authserv_id
from readdress.mailbox.presets import preset_of
from readdress.mailbox.signin import Credential
from readdress.models import MailboxConfig

_SAMPLE = 30


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What was found. ``messages``: how many each watched folder holds; ``latency``: seconds of one round trip.

    ``missing``: configured folders that are not there; ``suggested``: folders that the preset holds worth watching too;
    ``authserv_ids``: the identifiers that stand topmost on the newest mails of INBOX, with how many of ``sampled`` carry each.
    They are what the server shows, not what may be trusted: anybody can write the field where the provider writes none.
    """

    capabilities: tuple[str, ...]
    folders: tuple[Folder, ...]
    watched: tuple[str, ...]
    missing: tuple[str, ...]
    suggested: tuple[str, ...]
    junk: tuple[str, ...]
    messages: dict[str, int]
    authserv_ids: tuple[tuple[str, int], ...]
    sampled: int
    idle: bool
    latency: float
    tls: str
    preset: str


def probe(config: MailboxConfig, secret: Credential) -> ProbeResult:
    """Sign in once, look around read-only, sign out. Raises :class:`~readdress.errors.MailboxError` or ConfigError."""
    with Connection(config, secret) as connection:
        folders = list_folders(connection)
        chosen = watched(folders, config)
        messages = {}
        for name in chosen.names[1:]:
            messages[name] = connection.count(name)
        inbox = connection.examine("INBOX")
        messages["INBOX"] = inbox.exists
        first = max(1, inbox.exists - _SAMPLE + 1)
        items = connection.header_fields(first, inbox.exists, "AUTHENTICATION-RESULTS") if inbox.exists else []
        stamps = Counter(stamp for item in items if (stamp := topmost_authserv_id(item.fields)))
        latency = median(connection.latency() for _ in range(3))
        preset = preset_of(config)
        usable = {f.name for f in folders if f.selectable}
        return ProbeResult(
            capabilities=tuple(sorted(connection.capabilities)),
            folders=tuple(folders),
            watched=chosen.names,
            missing=chosen.missing,
            suggested=tuple(n for n in (preset.other if preset else ()) if n in usable and n not in chosen.names),
            junk=tuple(junk_folders(folders, config)),
            messages=messages,
            authserv_ids=tuple(stamps.most_common()),
            sampled=len(items),
            idle="IDLE" in connection.capabilities,
            latency=latency,
            tls=connection.tls(),
            preset=preset.name if preset else "",
        )
