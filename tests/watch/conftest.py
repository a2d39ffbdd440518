"""Both mailboxes on a real Dovecot, really signed mail, and a migration whose past can be written."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest

from readdress.models import Account, Draft, MailboxConfig, Side, Slot, StepStatus, Verdict
from readdress.models.events import slot_verdict, step_armed, step_ended
from readdress.testing.fakes import FakeSecrets
from readdress.workflow.adapters import Adapters
from readdress.workflow.migration import Migration
from tests.programs.dovecot import Dovecot
from tests.programs.smtp import SmtpToLmtp

USERS = 40
_NUMBERS = itertools.count(1)


class Turned:
    """A clock that stands so far from the real one; may be turned back, to write a past down."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """The turned present."""
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        """Real seconds."""
        return time.monotonic()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """Every mailbox of these tests."""
    users = {f"{side}{n}@example.net": "pw" for n in range(1, USERS) for side in ("old", "new")}
    with Dovecot(users=users) as server:
        yield server


@pytest.fixture(scope="session")
def post(dovecot: Dovecot) -> Iterator[SmtpToLmtp]:
    """The services' and the person's mail servers: signs with the From domain's key, unless told not to."""
    with SmtpToLmtp(dovecot) as sink:
        yield sink


@dataclass
class World:
    """One person: both mailboxes, the state file, the clock."""

    path: Path
    old: str
    new: str
    post: SmtpToLmtp
    dovecot: Dovecot
    clock: Turned = field(default_factory=Turned)

    def open(self) -> Migration:
        """The migration, as a command opens it."""
        adapters = Adapters(clock=self.clock, lookup=self.post.key_lookup, secrets=FakeSecrets())
        if self.path.exists():
            return Migration.open(self.path, adapters=adapters)
        return Migration.create(self.old, self.new, state=self.path, adapters=adapters)

    def past(self, days: float) -> None:
        """Whatever is written from now on happens so many days ago."""
        self.clock.offset = -timedelta(days=days)

    def present(self) -> None:
        """The clock goes right again."""
        self.clock.offset = timedelta()

    def moved(
        self, service: str, *slots: Slot, days: float = 3.0, login: str = "", verdict: Verdict = Verdict.READ_BACK
    ) -> Account:
        """An account whose ``slots`` were moved so many days ago, by one step that was armed and done."""
        self.past(days)
        with self.open() as m:
            account = m.add(service, login=login, slots=slots)
            drafts: list[Draft] = [
                step_armed(account.id, "standard", "change_address", attempt=1),
                step_ended(account.id, "standard", "change_address", StepStatus.DONE, attempt=1, by="page"),
            ]
            drafts += [slot_verdict(account.id, slot, verdict) for slot in slots]
            m.record(*drafts)
        self.present()
        return account

    def mail(
        self,
        sender: str,
        to: str,
        subject: str,
        body: str = "Hello,\nbye.\n",
        *,
        days: float = 0.5,
        signed: bool = True,
        into: str = "",
        **headers: str,
    ) -> None:
        """A mail by its own date so many days ago. ``into``: the mailbox it is delivered to, if not the one it is addressed to."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Date"] = format_datetime(datetime.now(UTC) - timedelta(days=days))
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        self.post.sign = signed
        try:
            self.post.inject(bytes(message), [into or to])
        finally:
            self.post.sign = True


@pytest.fixture
def world(tmp_path: Path, dovecot: Dovecot, post: SmtpToLmtp, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    """``world()``: a fresh person with two empty mailboxes that are set up; ``old_reachable=False``: OLD is not."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WATCH_PW", "pw")

    def make(*, old_reachable: bool = True) -> World:
        n = next(_NUMBERS)
        made = World(tmp_path / f"me{n}.readdress", f"old{n}@example.net", f"new{n}@example.net", post, dovecot)
        made.past(400)
        with made.open() as m:
            for side, address in ((Side.OLD, made.old), (Side.NEW, made.new)):
                if side is Side.OLD and not old_reachable:
                    continue
                config = MailboxConfig(
                    address,
                    host="localhost",
                    port=dovecot.tls_port,
                    login=address,
                    secret="env:WATCH_PW",
                    ca_file=str(dovecot.ca_file),
                )
                m.set_mailbox(side, config)
        made.present()
        return made

    return make
