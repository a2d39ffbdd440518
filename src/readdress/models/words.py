"""The words of the design as enums: slots, factors, verdicts, looks, shapes of change."""

from __future__ import annotations

import re
from enum import StrEnum


class Slot(StrEnum):
    """Where an address sits in an account."""

    SIGN_IN = "sign_in"
    CONTACT = "contact"
    RECOVERY = "recovery"
    TWO_FACTOR = "two_factor"
    SSO = "sso"
    BILLING = "billing"
    NEWSLETTER = "newsletter"


class Side(StrEnum):
    """Which of the two mailboxes."""

    OLD = "old"
    NEW = "new"


class OldState(StrEnum):
    """What is left of the old mailbox."""

    ALIVE = "alive"
    READ_ONLY = "read_only"
    DEAD = "dead"


class Seen(StrEnum):
    """The three values of a look. ``NOT_DONE`` needs positive proof; everything in doubt is ``UNKNOWN``."""

    DONE = "done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"


class Change(StrEnum):
    """How a service changes an address."""

    ADD = "add"
    REPLACE = "replace"
    REPLACE_PENDING = "replace_pending"


class RouteKind(StrEnum):
    """What a route is for."""

    CHANGE = "change"
    UNDO = "undo"
    SAVE = "save"
    RECOVER = "recover"
    APPEAL = "appeal"


class StepStatus(StrEnum):
    """Where a step of one account stands."""

    PENDING = "pending"
    ARMED = "armed"
    DONE = "done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    """How sure we are that a slot has moved. Compare with :attr:`rank`; ``claimed`` stands beside ``submitted``."""

    FOUND = "found"
    STRAGGLER = "straggler"
    STARTED = "started"
    CLAIMED = "claimed"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    READ_BACK = "read_back"
    PROVEN = "proven"

    @property
    def rank(self) -> int:
        """0 (found) to 5 (proven)."""
        return _RANK[self]

    @property
    def order(self) -> tuple[int, bool]:
        """By which the weakest of several is found: of two of one rank a bare claim, or a straggler, is what has to be told."""
        return self.rank, self not in {Verdict.CLAIMED, Verdict.STRAGGLER}

    @property
    def finished(self) -> bool:
        """Whether the slot counts as moved: read back or better. The person's bare word never does."""
        return self.rank >= _RANK[Verdict.READ_BACK]


_RANK = {
    Verdict.FOUND: 0,
    Verdict.STRAGGLER: 0,
    Verdict.STARTED: 1,
    Verdict.CLAIMED: 2,
    Verdict.SUBMITTED: 2,
    Verdict.CONFIRMED: 3,
    Verdict.READ_BACK: 4,
    Verdict.PROVEN: 5,
}

FACTORS = frozenset(
    {
        "password",
        "session",
        "old_mailbox",
        "new_mailbox",
        "phone",
        "totp",
        "passkey",
        "recovery_code",
        "trusted_device",
        "security_question",
        "identity_document",
        "support",
    }
)
_SSO = re.compile(r"sso:[a-z0-9][a-z0-9-]{0,63}\Z")


def is_factor(text: str) -> bool:
    """Whether ``text`` names a factor: one of :data:`FACTORS`, or ``sso:<service>``."""
    return text in FACTORS or bool(_SSO.match(text))
