"""What a plan is made of: places with their reasons, cycles, and what is to be done about NEW (plain data)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from readdress.models import Text
from readdress.planner.access import Path, Way


class Can(StrEnum):
    """What can be done about an account."""

    NOW = "now"  # the address can be changed today
    RECOVER = "recover"  # the account is got back first, then changed
    SAVE = "save"  # the address cannot be changed; what is in the account can be saved
    LATER = "later"  # as NOW, but not before a moment
    MISSING = "missing"  # one gets in; the change needs something that is not held
    BLOCKED = "blocked"  # the change would close somebody's last way in
    APPEAL = "appeal"  # only support or an appeal is left
    CLOSED = "closed"  # nothing that is held opens it
    DONE = "done"  # NEW was read back

    @property
    def doable(self) -> bool:
        """Whether something can be done about it today."""
        return self in {Can.NOW, Can.RECOVER, Can.SAVE}


class Because(StrEnum):
    """Why an account stands where it does; the first that holds, in this order."""

    SESSION_ONLY = "session_only"  # nothing but a living session opens it
    LOST_BY = "lost_by"  # on a known day it loses every way in
    FRAGILE_BY = "fragile_by"  # from a known day on nothing but a living session opens it
    STUCK_BY = "stuck_by"  # from a known day on its address cannot be changed
    PROVIDES = "provides"  # other accounts hang on it
    LOST_WITH_OLD = "lost_with_old"  # it loses every way in when OLD goes
    FRAGILE_WITH_OLD = "fragile_with_old"  # then nothing but a living session opens it
    STUCK_WITH_OLD = "stuck_with_old"  # only OLD can confirm the change
    OLD_RECOVERS = "old_recovers"  # it could be recovered through OLD only
    VALUE = "value"  # more hangs on it than on the rest
    PLAIN = "plain"
    NO_RECIPE = "no_recipe"  # all about it is a guess


RANK = {because: rank for rank, because in enumerate(Because)}


@dataclass(frozen=True, slots=True)
class Place:
    """One account's place. ``why``: in one sentence; the rest are the facts that it is made of.

    ``path`` and ``way``: how it is changed (or saved, or appealed), and with what; ``entry``: how one gets in, ``None``: a living session.
    ``missing``: for what cannot be done, the smallest sets of factors that would change that. ``users``: accounts that hang on it;
    ``victims``: accounts that its change would close. ``by``: the known day. ``at``: the next possible moment (``None``: now);
    ``takes``: waiting that the route brings with it. ``reset``: of :attr:`Can.RECOVER`, one gets in, but sets the password anew first. ``late``: ``at`` lies after the day on which OLD ends, and the change needs OLD.
    """

    account: str
    can: Can
    because: Because
    why: Text = field(default_factory=lambda: Text("", ""))
    path: Path | None = None
    way: Way | None = None
    entry: Way | None = None
    missing: tuple[frozenset[str], ...] = ()
    users: tuple[str, ...] = ()
    victims: tuple[str, ...] = ()
    by: datetime | None = None
    at: datetime | None = None
    takes: timedelta = timedelta(0)
    waits_for: str = ""
    late: bool = False
    reset: bool = False

    @property
    def minutes(self) -> int:
        """What it takes the person, waits of the service's recovery included."""
        first = self.entry.minutes if self.can is Can.RECOVER and self.entry is not None else 0
        return first + (self.way.minutes if self.way is not None else 0)


@dataclass(frozen=True, slots=True)
class Cycle:
    """Accounts each of which gets a factor from another of them. ``opener``: the one to begin with, through ``way``.

    Where none opens by itself: ``opener`` is the one that takes least, and ``missing`` what it takes.
    """

    members: tuple[str, ...]
    opener: str
    way: Way | None = None
    missing: frozenset[str] = frozenset()


class NewCare(StrEnum):
    """What NEW needs before anything moves to it."""

    NOTHING = "nothing"
    SET_UP = "set_up"  # readdress does not know how to reach it
    CLOSED = "closed"  # the person does not get in, or the account that it lives in is closed
    RECOVERS_BY_OLD = "recovers_by_old"  # its own recovery points at OLD
    NO_RECOVERY = "no_recovery"  # nothing gives it back
    NO_SECOND_FACTOR = "no_second_factor"
    UNKNOWN = "unknown"  # the person never said


@dataclass(frozen=True, slots=True)
class Plan:
    """All places in order: what can be done now, what waits, what cannot be done, what is done. Iterates over the places."""

    places: tuple[Place, ...]
    new: NewCare = NewCare.NOTHING
    keep_sessions: bool = False
    assumed: bool = False
    cycles: tuple[Cycle, ...] = ()
    minutes: int = field(default=0)

    def __iter__(self) -> Iterator[Place]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def of(self, *can: Can) -> list[Place]:
        """The places of which that is so, in order."""
        return [p for p in self.places if p.can in can]

    def find(self, account: str) -> Place:
        """The account's place. Raises ``KeyError``."""
        for place in self.places:
            if place.account == account:
                return place
        raise KeyError(account)
