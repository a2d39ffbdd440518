"""Watches both mailboxes for the core: marks before an act, new messages after it, and no call that blocks (``ports.Mail``)."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from readdress.errors import ReaddressError
from readdress.mailbox.catch import Item
from readdress.mailbox.opening import check_config
from readdress.mailbox.presets import pace_of
from readdress.mailbox.reader import BACKOFF, Reader, utc_now
from readdress.mailbox.signin import Credential
from readdress.models import Incoming, MailboxConfig, Mark, Notice, Side


class MailWatcher:
    """Both mailboxes. Make one for each run and close it: a connection is kept between acts, so each mailbox signs in once.

    ``secret`` gives a side's password or token source; it is called in the caller's thread, once for each side, when the
    mailbox is first needed (it may ask the person). ``tell`` gets notices, in the caller's thread, during ``poll``.
    ``seconds``: how long one command may take; ``backoff``: the pauses between attempts to connect anew.
    """

    def __init__(
        self,
        mailboxes: Mapping[Side, MailboxConfig | None],
        secret: Callable[[Side, MailboxConfig], Credential],
        *,
        tell: Callable[[Notice], None] | None = None,
        now: Callable[[], datetime] = utc_now,
        seconds: float = 30.0,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self._configs = {side: config for side, config in mailboxes.items() if config and config.kind == "imap"}
        self._secret, self._tell, self._now = secret, tell, now
        self._seconds, self._backoff = seconds, backoff
        self._readers: dict[Side, Reader] = {}
        self._queues: dict[Side, queue.Queue[Item]] = {}
        self._lost: dict[Side, ReaddressError] = {}
        self._watched: set[Side] = set()
        self._marked: dict[tuple[Side, tuple[Mark, ...]], datetime] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reachable(self, side: Side) -> bool:
        """Whether the mailbox is set up to be read by us (``False``: the person reads it)."""
        return side in self._configs

    def marks(self, side: Side, timeout: float = 20.0) -> tuple[Mark, ...]:
        """The present end of every watched folder, INBOX first; ``()`` for a mailbox that the person reads.

        Raises :class:`~readdress.errors.MailboxError` (no answer within ``timeout`` seconds included).
        """
        if not self.reachable(side):
            return ()
        began = self._now()
        marks = self._reader(side).marks(timeout)
        self._marked[side, marks] = began
        return marks

    def watch(self, side: Side, marks: Sequence[Mark], brisk: float = 30.0) -> None:
        """Look for messages after ``marks``, and for ``brisk`` seconds as often as the preset allows. Returns at once."""
        if not self.reachable(side) or not marks:
            return
        reader = self._reader(side)
        self._drain(side)
        self._lost.pop(side, None)
        self._watched.add(side)
        # a new queue: what the thread may still post for the watch before belongs to nobody
        posted = self._queues[side] = queue.Queue()
        reader.watch(marks, brisk, self._marked.get((side, tuple(marks)), self._now()), posted)

    def poll(self, side: Side) -> list[Incoming]:
        """Messages that came since the last call; never waits.

        Raises :class:`~readdress.errors.MailboxError` once the mailbox is lost, and on until ``watch`` is called again.
        """
        came = self._drain(side)
        if side not in self._watched:
            return []
        if not came and side in self._lost:
            raise self._lost[side]
        return came

    def unwatch(self, side: Side) -> None:
        """Stop looking; the connection stays for the next act."""
        self._watched.discard(side)
        if side in self._readers:
            self._readers[side].unwatch()

    def close(self) -> None:
        """Sign out everywhere. Takes at most a few seconds."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def _reader(self, side: Side) -> Reader:
        if side not in self._readers:
            config = self._configs[side]
            check_config(config)
            self._queues[side] = queue.Queue()
            secret = self._secret(side, config)
            self._readers[side] = Reader(
                side,
                config,
                secret,
                pace_of(config),
                self._queues[side],
                seconds=self._seconds,
                backoff=self._backoff,
            )
        return self._readers[side]

    def _drain(self, side: Side) -> list[Incoming]:
        came: list[Incoming] = []
        posted = self._queues.get(side)
        while posted is not None:
            try:
                item = posted.get_nowait()
            except queue.Empty:
                break
            if isinstance(item, Incoming):
                came.append(item)
            elif isinstance(item, Notice):
                if self._tell:
                    self._tell(item)
            else:
                self._lost[side] = item
        return came
