"""What finding accounts came to: what was read, what became of the accounts, and the inventory with its reasons."""

from __future__ import annotations

from dataclasses import dataclass, field

from readdress.discovery.weigh import Candidate
from readdress.errors import ReaddressError
from readdress.models import Account, Text


@dataclass
class Read:
    """What reading one source came to. ``messages``: new ones; ``troubles``: what could not be read, and why; ``error``: what ended it early."""

    source: str
    label: str
    messages: int = 0
    folders: int = 0
    troubles: list[tuple[str, str]] = field(default_factory=list)
    error: ReaddressError | None = None


@dataclass
class Settled:
    """What became of the accounts. ``closed``: services whose mail says that the account was deleted; ``doubtful``: mail that proves too little."""

    added: list[Account] = field(default_factory=list)
    grown: list[Account] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    doubtful: int = 0
    impostors: list[str] = field(default_factory=list)


@dataclass
class Discovered:
    """What a run came to. ``reads``: the sources; ``opened``: messages opened; ``settled``: what became of the accounts; ``error``: what ended it early."""

    reads: list[Read] = field(default_factory=list)
    opened: int = 0
    settled: Settled = field(default_factory=Settled)
    error: ReaddressError | None = None

    @property
    def added(self) -> list[Account]:
        """The accounts that are new."""
        return self.settled.added


@dataclass(frozen=True, slots=True)
class Entry:
    """One account. ``mail``: what mail says of it; ``None`` where only an export or the person does. ``guided``: it has no recipe of its own."""

    account: Account
    name: Text
    category: str
    guided: bool
    mail: Candidate | None

    @property
    def confidence(self) -> float | None:
        """0 to 1 by mail; 1 by the person's own word or a saved login; ``None`` where nothing says."""
        sources = {e.source for e in self.account.evidence}
        if sources & {"person", "passwords"}:
            return 1.0
        return self.mail.confidence if self.mail else None
