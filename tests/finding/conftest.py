"""What the tests of finding accounts share: the labelled mail as a mailbox on Dovecot and as an mbox, and a migration without a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readdress import Adapters, MailboxConfig, Migration, Side
from readdress.testing.fakes import FakeSecrets
from tests.corpus.build import ALIASES, OLD, load
from tests.programs.dovecot import Dovecot

PASSWORD = "a pass"


class HandClock:
    """Time that a test turns; the steady clock jumps past the commit interval at each look, so that every batch is committed."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 12, tzinfo=UTC)
        self.ticks = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        self.ticks += 3.0
        return self.ticks


@pytest.fixture(scope="session")
def mails() -> list[bytes]:
    """The development half of the corpus, as octets."""
    return [sample.octets() for sample in load("dev")]


@pytest.fixture
def mbox(tmp_path: Path, mails: list[bytes]) -> Path:
    """The same as an mbox."""
    path = tmp_path / "export.mbox"
    write_mbox(path, mails)
    return path


def write_mbox(path: Path, mails: list[bytes]) -> None:
    with path.open("wb") as file:
        for raw in mails:
            body = raw.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
            file.write(b"From MAILER-DAEMON Mon Nov 23 10:00:00 2026\n" + body + b"\n")


@pytest.fixture(scope="session")
def server() -> Iterator[Dovecot]:
    with Dovecot(users={f"u{n}@oldmail.example": PASSWORD for n in range(1, 20)}) as running:
        yield running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def opened(tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Migration]:
    """The migration of this test, made at the first call and opened again at the next."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path / "home"))
    path = tmp_path / "me.readdress"
    adapters = Adapters(clock=clock, lookup=lambda _name, _timeout=5: None, secrets=FakeSecrets({}))

    def open_() -> Migration:
        if path.exists():
            return Migration.open(path, adapters=adapters)
        made = Migration.create(OLD, "mia@new.example", state=path, adapters=adapters)
        from readdress.models.events import fact

        made.record(fact("aliases", " ".join(ALIASES)))
        return made

    return open_


@pytest.fixture
def on_dovecot(
    server: Dovecot, mails: list[bytes], opened: Callable[..., Migration], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., MailboxConfig]:
    """Fill a user's mailbox, folders and all, and have the migration's old mailbox point there."""
    numbers = iter(range(1, 20))

    def fill(m: Migration, messages: list[bytes] | None = None, user: str = "") -> MailboxConfig:
        user = user or f"u{next(numbers) + fill.taken}@oldmail.example"  # type: ignore[attr-defined]
        fill.user = user  # type: ignore[attr-defined]
        for n, raw in enumerate(messages or mails):
            server.deliver(user, raw, folder=("INBOX", "其他文件夹", "Junk")[n % 3])
        config = MailboxConfig(
            OLD, host="localhost", port=server.tls_port, ca_file=server.ca_file, login=user, secret="env:OLD_MAIL"
        )
        monkeypatch.setenv("OLD_MAIL", PASSWORD)
        m.set_mailbox(Side.OLD, config)
        return config

    fill.taken = _next_block()  # type: ignore[attr-defined]
    return fill


_blocks = iter(range(19))


def _next_block() -> int:
    return next(_blocks)
