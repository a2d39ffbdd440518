"""Where the person stands: what they hold at each account, what is left of OLD and of sign-in providers, what NEW is like (pure data)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from readdress.models import OldState
from readdress.planner.access import Service

NEW_RECOVERY = ("old", "phone", "other", "none")
"""What gives NEW back when its password is lost: OLD, a phone number, another mailbox or codes, nothing. ``""``: not said."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One account and what the person holds there.

    ``held``: factors, those held for all accounts included. ``links``: factor → id of the account that it comes from (a password
    out of a password manager, a recovery mailbox). ``session``: where a living session is (``phone``), when one is held.
    ``moved``: NEW was read back as its address. ``uses``: limit → when it was spent. ``done``: step → when it was done.
    """

    id: str
    service: Service
    held: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    session: str = ""
    login: str = ""
    site: str = ""
    moved: bool = False
    route: str = ""
    wait_until: datetime | None = None
    wait_for: str = ""
    uses: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    done: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewMailbox:
    """How safe NEW is. ``held``: whether the person gets in at all. ``recovery``: one of :data:`NEW_RECOVERY`; ``second_factor``: yes, no, not said.

    ``provider``: the name of a known mail provider whose domain it is; empty for a domain of somebody's own.
    """

    held: bool = True
    set_up: bool = True
    recovery: str = ""
    second_factor: bool | None = None
    provider: str = ""

    @property
    def safe(self) -> bool:
        """Whether it is known that NEW stands on its own feet."""
        return self.held and self.recovery in {"phone", "other"} and self.second_factor is True


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the planner knows. ``assumed``: the person never said what they hold, so passwords are taken for granted.

    ``old_until`` and the providers' second value: when they are expected to end, aware UTC.
    """

    now: datetime
    accounts: tuple[Holding, ...]
    old: OldState = OldState.ALIVE
    old_until: datetime | None = None
    providers: Mapping[str, tuple[OldState, datetime | None]] = field(default_factory=dict)
    new: NewMailbox = NewMailbox()
    assumed: bool = False

    def with_ends(self, until: datetime) -> Situation:
        """The same once everything that is expected to end by ``until`` has ended."""
        old = self.old
        if self.old_until is not None and self.old_until <= until:
            old = OldState.DEAD
        providers = {
            name: ((OldState.DEAD, None) if end is not None and end <= until else (state, end))
            for name, (state, end) in self.providers.items()
        }
        return replace(self, old=old, providers=providers)

    def without_old(self) -> Situation:
        """The same with OLD gone."""
        return replace(self, old=OldState.DEAD, old_until=None)

    def without_provider(self, service: str) -> Situation:
        """The same with the sign-in provider ``service`` gone."""
        return replace(self, providers={**self.providers, service: (OldState.DEAD, None)})

    @property
    def ends(self) -> list[datetime]:
        """The moments at which something that still lives is expected to end, earliest first."""
        found = {end for state, end in self.providers.values() if state is OldState.ALIVE and end is not None}
        if self.old is OldState.ALIVE and self.old_until is not None:
            found.add(self.old_until)
        return sorted(found)

    def without_sessions(self) -> Situation:
        """The same once every living session has ended."""
        bare = tuple(
            replace(a, held=a.held - {"session"}, session="") if "session" in a.held else a for a in self.accounts
        )
        return replace(self, accounts=bare)
