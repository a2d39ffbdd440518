"""What the core needs of the outside: Protocols that speak only of models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from readdress.models import (
    Account,
    Answer,
    Draft,
    Event,
    Expectation,
    Header,
    Incoming,
    MailboxConfig,
    Mark,
    Notice,
    OldState,
    Question,
    Reading,
    Side,
    StepRecord,
    Survey,
    Wait,
)

KeyLookup = Callable[[bytes, int], bytes | None]
"""DNS TXT look-up of a DKIM key, the shape dkimpy wants: (name, timeout in seconds) → the record's text or ``None``."""


class Clock(Protocol):
    """Time, so that tests can turn it."""

    def now(self) -> datetime:
        """The present, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...


class Journal(Protocol):
    """The state file as the engine sees it: append events, read the current picture."""

    def record(self, *drafts: Draft) -> int:
        """Commit the drafts, all or none, and return the last event's number. On return they are on disk."""
        ...

    def header(self) -> Header:
        """What identifies the migration."""
        ...

    def account(self, account: str) -> Account:
        """The account of that id. Raises :class:`~readdress.errors.StateError` when there is none."""
        ...

    def accounts(self) -> list[Account]:
        """All accounts, in the order in which they were added."""
        ...

    def route(self, account: str) -> str:
        """The route that the account goes, ``""`` before one was chosen."""
        ...

    def step(self, account: str, route: str, step: str) -> StepRecord:
        """What is written down about a step; a ``pending`` record when nothing is."""
        ...

    def steps(self, account: str) -> list[StepRecord]:
        """All steps of an account that were ever armed or ended."""
        ...

    def expectation(self, account: str, mail: str) -> Expectation | None:
        """The newest open expectation of that mail; ``None`` when nothing asked for it."""
        ...

    def mail_used(self, digest: str) -> bool:
        """Whether the code or link of that digest was ever released."""
        ...

    def wait(self, account: str) -> Wait | None:
        """What the account waits for."""
        ...

    def waits(self) -> list[Wait]:
        """Everything that waits."""
        ...

    def limit_uses(self, account: str, limit: str) -> list[datetime]:
        """When a limit was spent, oldest first."""
        ...

    def factors(self, account: str = "") -> frozenset[str]:
        """Factors held for an account, those held for all included."""
        ...

    def consented(self, account: str, topic: str) -> bool:
        """Whether the person agreed to ``topic`` for that account and has not taken it back."""
        ...

    def bound(self, account: str, name: str) -> str:
        """What first use tied ``name`` to; ``""`` before."""
        ...

    def mailbox(self, side: Side) -> MailboxConfig | None:
        """How a mailbox is reached."""
        ...

    def old_state(self) -> tuple[str, datetime | None]:
        """What is left of the old mailbox (a :class:`~readdress.models.OldState` value) and until when."""
        ...

    def providers(self) -> Mapping[str, tuple[OldState, datetime | None]]:
        """What is left of signing in through each service that the person spoke of, and until when."""
        ...

    def facts(self, account: str = "") -> Mapping[str, str]:
        """What the person said of an account (of the migration itself: ``""``), by name."""
        ...

    def events(self, after: int = 0, account: str = "") -> Iterable[Event]:
        """The log, oldest first."""
        ...


class Browser(Protocol):
    """The controlled browser, as narrow as the engine needs it. Used from one thread only."""

    @property
    def page(self) -> Any:
        """The page in front, as the recipe's functions get it. Follows popups that the act opened."""
        ...

    @property
    def url(self) -> str:
        """Where the page in front is; ``""`` when the browser is closed."""
        ...

    def allow(self, hosts: Sequence[str], assets: Sequence[str]) -> None:
        """From now on reach these hosts only. ``hosts`` may be typed into, ``assets`` only loaded."""
        ...

    def open(self, url: str) -> None:
        """Go there and wait until the document is loaded. Raises :class:`~readdress.errors.ReaddressError`."""
        ...

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until the page has loaded, pumping; ``False`` when it has not within ``timeout`` seconds."""
        ...

    def quiet_for(self) -> float:
        """Seconds since anything went between the browser and its sites; 0 while a request still waits for its answer."""
        ...

    def pump(self, seconds: float) -> None:
        """Let the browser work for about that long (at most 0.05 s at a time without a look at keys)."""
        ...

    def read(self, locator: Any) -> Reading:
        """Read a part of the page at once, without waiting."""
        ...

    def survey(self, where: Any, parts: Mapping[str, str], read: Sequence[str] = ()) -> Survey:
        """Read several parts (name → CSS) at one moment, in one round trip; those in ``read`` whole."""
        ...

    def type_secret(self, locator: Any, secret: str) -> None:
        """Type a secret where ``locator`` points, if that frame's origin is one of the allowed hosts."""
        ...

    def on_site(self) -> bool:
        """Whether the page in front is on one of the allowed hosts."""
        ...

    def blocked(self) -> list[str]:
        """``host:port`` of requests that the allow-list stopped since the last call."""
        ...

    def trouble(self, error: Exception) -> str:
        """One sentence for what a recipe's function ran into, e.g. "the button 'Add' is not on the page"."""
        ...

    def alive(self) -> bool:
        """Whether the browser and its page are still there."""
        ...


class Mail(Protocol):
    """Both mailboxes, watched by threads of their own. No call blocks for longer than it says."""

    def reachable(self, side: Side) -> bool:
        """Whether the mailbox is set up to be read by us (``False``: the person reads it)."""
        ...

    def marks(self, side: Side, timeout: float = 20.0) -> tuple[Mark, ...]:
        """The present end of every watched folder. Raises :class:`~readdress.errors.MailboxError`."""
        ...

    def watch(self, side: Side, marks: Sequence[Mark], brisk: float = 30.0) -> None:
        """Look for messages after ``marks``, and for ``brisk`` seconds as often as the preset allows."""
        ...

    def poll(self, side: Side) -> list[Incoming]:
        """Messages that came since the last call; never waits. Raises :class:`~readdress.errors.MailboxError` once it is lost."""
        ...

    def unwatch(self, side: Side) -> None:
        """Stop looking."""
        ...


class Person(Protocol):
    """The person as a port: questions are posted and polled, never a blocking call."""

    def post(self, question: Question) -> None:
        """Show a question. One stands open at a time; a new one replaces it."""
        ...

    def poll(self) -> Answer | None:
        """The answer, once there is one. Raises ``KeyboardInterrupt`` where the person wants to stop."""
        ...

    def withdraw(self, question: str) -> None:
        """The question has answered itself."""
        ...

    def tell(self, notice: Notice) -> None:
        """Say something that needs no answer."""
        ...


class Secrets(Protocol):
    """Where secrets live. Nothing that this returns is ever written down or logged."""

    def get(self, name: str) -> str | None:
        """The secret called ``name``; ``None`` when none is kept."""
        ...

    def set(self, name: str, secret: str) -> None:
        """Keep a secret. Raises :class:`~readdress.errors.VaultError` when it would not be protected."""
        ...

    def forget(self, name: str) -> None:
        """Drop it, if it is there."""
        ...


class Api(Protocol):
    """A service's own interface (JSON over HTTPS), for steps that go there instead of through a page."""

    def call(
        self, host: str, method: str, path: str, *, token: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """One request to that host with ``token`` as its bearer (RFC 6750 §2.1): the answer's status and body.

        Redirects are not followed: the token goes to ``host`` or nowhere. May take up to half a minute. Raises
        :class:`~readdress.errors.ApiError`.
        """
        ...


class OwnBrowser(Protocol):
    """The person's everyday browser."""

    def open(self, url: str) -> bool:
        """Ask the system to show ``url``; ``False`` when it could not (then the address is shown to be copied)."""
        ...


BrowserFactory = Callable[[], AbstractContextManager[Browser]]
"""Starts the controlled browser when it is first needed."""
