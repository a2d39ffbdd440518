"""Waits for new mail in IDLE, in a thread and on a connection of its own (RFC 2177)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from readdress.errors import MailboxLies, MailboxLogin, MailboxUntrusted, ReaddressError
from readdress.mailbox.connect import Connection
from readdress.mailbox.signin import Credential
from readdress.models import MailboxConfig

IDLE_RENEW = 240.0  # RFC 2177 says 29 minutes; many home routers forget a silent connection after five


class Waiter:
    """A thread that waits in IDLE on INBOX with a connection of its own, and says when something came."""

    def __init__(
        self, config: MailboxConfig, secret: Credential, news: Callable[[], None], backoff: Sequence[float]
    ) -> None:
        self._config, self._secret, self._news, self._backoff = config, secret, news, backoff
        self._stop = threading.Event()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="mail-idle", daemon=True)
        self._thread.start()

    def alive(self) -> bool:
        """Whether it still waits."""
        return self._thread.is_alive()

    def close(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join(0.1)
        if self._thread.is_alive() and (connection := self._connection):
            connection.interrupt()
            self._thread.join(1.0)

    def _run(self) -> None:
        # giving up is no loss of the mailbox: the asking thread goes on without it
        for pause in (0.0, *self._backoff):
            if self._stop.wait(pause):
                return
            try:
                with Connection(self._config, self._secret) as connection:
                    self._connection = connection
                    if "IDLE" not in connection.capabilities:
                        return
                    self._wait_on(connection)
            except (MailboxLogin, MailboxUntrusted, MailboxLies):
                return
            except ReaddressError:
                continue
            finally:
                self._connection = None

    def _wait_on(self, connection: Connection) -> None:
        connection.examine("INBOX")
        self._news()  # what came before the folder was open
        while not self._stop.is_set():
            if connection.idle(self._stop.is_set, IDLE_RENEW):
                self._news()
