"""The journal in memory: the same events and the same answers as the state file, nothing on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from readdress.models import (
    Account,
    Address,
    Draft,
    Event,
    Expectation,
    Header,
    Kind,
    MailboxConfig,
    OldState,
    Side,
    StepRecord,
    StepStatus,
    Wait,
)
from readdress.ports import Clock
from readdress.testing.picture import IN_DOUBT, Picture, existing, rebuild


class MemoryJournal:
    """A :class:`readdress.ports.Journal` in memory.

    ``before_commit`` is called with the drafts before they count: an error from it is a commit that failed, and a
    ``KeyboardInterrupt`` a process that was killed at that moment. To try a restart, give the same journal to a new engine.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        old: str = "ann@old.example",
        new: str = "ann@new.example",
        before_commit: Callable[[tuple[Draft, ...]], None] | None = None,
    ) -> None:
        self._clock = clock
        self.before_commit = before_commit
        self._log: list[Event] = []
        self._now = Picture()
        self._old, self._new = Address.parse(old), Address.parse(new)
        self._created = clock.now()

    # -- writing ------------------------------------------------------------------------------------------------------

    def record(self, *drafts: Draft) -> int:
        """Commit all drafts or none. Raises :class:`StateError` for one that does not fit."""
        if self.before_commit is not None:
            self.before_commit(drafts)
        at = self._clock.now().astimezone(UTC)
        fresh = [Event(len(self._log) + n, at, d.kind, d.account, dict(d.data)) for n, d in enumerate(drafts, 1)]
        picture = rebuild([*self._log, *fresh])  # from the start: slow for thousands of events, and never out of step
        self._now = picture
        self._log += fresh
        return len(self._log)

    # -- reading ------------------------------------------------------------------------------------------------------

    def header(self) -> Header:
        """What identifies the migration."""
        return Header("memory", len(self._log), self._old, self._new, self._now.old_state, self._created, 1)

    def account(self, account: str) -> Account:
        """The account of that id."""
        return existing(self._now, account)

    def accounts(self) -> list[Account]:
        """All accounts, oldest first; those joined into another one are part of that one."""
        return [a for a in self._now.accounts.values() if a.id not in self._now.joined]

    def route(self, account: str) -> str:
        """The chosen route."""
        return self._now.routes.get(self._now.id(account), "")

    def step(self, account: str, route: str, step: str) -> StepRecord:
        """What is written down about a step; after a copy was seen, nothing written means ``unknown``."""
        account = self._now.id(account)
        none = StepRecord(account, route, step)
        if account in self._now.doubted:
            none = replace(none, status=StepStatus.UNKNOWN, detail=IN_DOUBT)
        return self._now.steps.get((account, route, step), none)

    def steps(self, account: str) -> list[StepRecord]:
        """All steps of an account that were ever armed or ended."""
        return [s for (owner, _, _), s in self._now.steps.items() if owner == self._now.id(account)]

    def expectation(self, account: str, mail: str) -> Expectation | None:
        """The newest open expectation of a mail."""
        key = (self._now.id(account), mail)
        return None if key in self._now.spent else self._now.expected.get(key)

    def mail_used(self, digest: str) -> bool:
        """Whether a code or link was ever released."""
        return digest in self._now.digests

    def wait(self, account: str) -> Wait | None:
        """What the account waits for."""
        return self._now.waits.get(self._now.id(account))

    def waits(self) -> list[Wait]:
        """Everything that waits."""
        return list(self._now.waits.values())

    def limit_uses(self, account: str, limit: str) -> list[datetime]:
        """When a limit was spent, oldest first."""
        return list(self._now.limits.get((self._now.id(account), limit), ()))

    def factors(self, account: str = "") -> frozenset[str]:
        """Factors held for an account, those for all included; the account's own word goes first."""
        held = dict(self._now.factors.get("", {}))
        if account:
            held |= self._now.factors.get(self._now.id(account), {})
        return frozenset(name for name, has in held.items() if has)

    def consented(self, account: str, topic: str) -> bool:
        """Whether the person agreed and did not take it back."""
        return self._now.consents.get((self._now.id(account), topic), False)

    def bound(self, account: str, name: str) -> str:
        """What first use tied a name to."""
        return self._now.bindings.get((self._now.id(account), name), "")

    def mailbox(self, side: Side) -> MailboxConfig | None:
        """How a mailbox is reached."""
        return self._now.mailboxes.get(side)

    def old_state(self) -> tuple[str, datetime | None]:
        """What is left of the old mailbox, and until when."""
        return self._now.old_state.value, self._now.old_until

    def providers(self) -> dict[str, tuple[OldState, datetime | None]]:
        """What is left of signing in through each service that the person spoke of."""
        return dict(self._now.providers)

    def facts(self, account: str = "") -> dict[str, str]:
        """What the person said of an account (of the migration itself: ``""``)."""
        return {name: value for (who, name), value in self._now.facts.items() if who == self._now.id(account)}

    def events(self, after: int = 0, account: str = "") -> Iterable[Event]:
        """The log, oldest first."""
        return [
            e for e in self._log if e.seq > after and (not account or self._now.id(e.account) == self._now.id(account))
        ]

    def kinds(self, account: str = "") -> list[Kind]:
        """The kinds of all events in order: handy in a test."""
        return [e.kind for e in self.events(account=account)]
