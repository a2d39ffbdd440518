"""Defines what is stated about a mail provider: server, pace, folders, quirks, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

from readdress.models import MailboxConfig, Text


@dataclass(frozen=True, slots=True)
class Source:
    """Who says it. ``says`` is our summary of the claim; ``grade``: ``official``, ``consistent`` or ``single``."""

    url: str
    says: str
    grade: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a provider may be asked. All times are seconds.

    ``connections``: how many we open at most for one mailbox. ``idle``: whether IDLE (RFC 2177) is to be used.
    ``turns``: folders are examined one after the other, one each ``steady`` seconds, at no time faster; without it INBOX is
    asked every ``brisk`` seconds and another folder every ``others`` seconds while a mail is expected, later each every
    ``steady`` seconds. ``login_wait``: how long to leave the server alone once it refuses a login for being asked too often.
    """

    connections: int = 2
    idle: bool = True
    turns: bool = False
    brisk: float = 0.25
    steady: float = 5.0
    others: float = 1.0
    login_wait: float = 60.0


DOVECOT_LIKE = Pace()
LARGE_PROVIDER = Pace(brisk=1.0, steady=15.0, others=5.0, login_wait=300.0)
ONE_AT_A_TIME = Pace(connections=1, idle=False, turns=True, brisk=5.0, steady=5.0, others=5.0, login_wait=900.0)


@dataclass(frozen=True, slots=True)
class Preset:
    """One provider. ``own_hosts``: domains with a server other than ``host``.

    ``junk``, ``other``: names of its junk folder and of further folders worth watching, decoded, for servers without
    SPECIAL-USE (RFC 6154). ``authserv_ids``: identifiers (RFC 8601 §2.2) under which Authentication-Results may be trusted;
    empty means that every signature is verified here. ``send_id``: it wants the ID command (RFC 2971) before a folder is
    opened. ``password``: how the person gets the password that programs may use. ``passwords``: whether it takes passwords
    from programs at all. ``login_unclear``: its refusal of a login says nothing of the reason.
    """

    name: str
    domains: tuple[str, ...]
    host: str
    password: Text
    sources: tuple[Source, ...]
    port: int = 993
    own_hosts: tuple[tuple[str, str], ...] = ()
    security: str = "tls"
    junk: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    authserv_ids: tuple[str, ...] = ()
    pace: Pace = LARGE_PROVIDER
    send_id: bool = False
    passwords: bool = True
    login_unclear: bool = False
    quirks: tuple[Text, ...] = ()

    def config(self, address: str, **changes: object) -> MailboxConfig:
        """A configuration for ``address`` as this provider wants it; ``changes`` are fields of MailboxConfig."""
        fields: dict[str, object] = {
            "address": address,
            "host": self.host_for(address.rpartition("@")[2]),
            "port": self.port,
            "security": self.security,
            "login": address,
            "preset": self.name,
        }
        return MailboxConfig(**(fields | changes))  # type: ignore[arg-type]

    def host_for(self, domain: str) -> str:
        """The server for one of the provider's domains."""
        return dict(self.own_hosts).get(domain.lower().rstrip("."), self.host)
