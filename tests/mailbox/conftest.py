"""One Dovecot for all mailbox tests that do not damage it, and a fresh user for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from readdress.models import MailboxConfig
from tests.programs.dovecot import Dovecot

_NUMBERS = itertools.count(1)
PASSWORD = 'a "quoted\\ pass'


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real IMAP server. Its users are made beforehand, because it looks at its password file once a second only."""
    with Dovecot(users={f"u{n}@example.net": PASSWORD for n in range(1, 80)}) as server:
        yield server


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """An address with an empty mailbox that no other test uses."""
    return f"u{next(_NUMBERS)}@example.net"


@pytest.fixture
def config(dovecot: Dovecot, user: str) -> MailboxConfig:
    """How that mailbox is reached, over verified TLS."""
    return MailboxConfig(user, host="localhost", port=dovecot.tls_port, ca_file=dovecot.ca_file)


@pytest.fixture
def put(dovecot: Dovecot, user: str) -> Callable[..., None]:
    """Deliver a small mail: ``put("subject")``, or whole octets, to INBOX or another folder."""

    def deliver(mail: str | bytes = "hello", folder: str = "INBOX") -> None:
        raw = mail if isinstance(mail, bytes) else f"From: a@example.com\r\nSubject: {mail}\r\n\r\nbody\r\n".encode()
        dovecot.deliver(user, raw, folder=folder)

    return deliver
