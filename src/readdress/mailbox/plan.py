"""Decides which folder is looked at when, and looks: INBOX often and the others now and then, or all of them in slow turns."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from readdress.mailbox.catch import Catch
from readdress.mailbox.connect import Connection
from readdress.mailbox.preset import Pace
from readdress.mailbox.trouble import MailboxRefused

_SURE = 5.0  # seconds after which INBOX is looked at even if NOOP announced nothing


class Plan:
    """One watch. ``rotation``: the folders; ``gone`` is told of one that can no longer be opened. Times are monotonic seconds.

    ``failures``, ``limited`` and ``paused_until`` are the reader's: how often it failed in a row, whether it has waited out a
    limit, and until when it leaves the server alone.
    """

    def __init__(
        self, catch: Catch, pace: Pace, rotation: list[str], brisk: float, gone: Callable[[str], None]
    ) -> None:
        self.rotation = rotation
        self.failures = 0
        self.limited = False
        self.paused_until = 0.0
        self._catch, self._pace, self._tell_gone = catch, pace, gone
        self._brisk_until = time.monotonic() + brisk
        self._opened = False
        self._inbox_due = 0.0 if pace.turns or "INBOX" in rotation else math.inf
        self._others_due = math.inf if pace.turns else 0.0
        self._sure_due = 0.0
        self._turn = 0

    def news(self) -> None:
        """INBOX is said to have changed: look at it as soon as the pace allows."""
        if not self._pace.turns:
            self._inbox_due = self._sure_due = 0.0

    def pause(self) -> float:
        """Seconds until something is due."""
        due = max(min(self._inbox_due, self._others_due), self.paused_until)
        return max(0.0, due - time.monotonic())

    def look(self, connection: Connection) -> None:
        """Look at what is due. Raises MailboxError; may be called again on another connection then."""
        now = time.monotonic()
        if self._pace.turns:
            if now >= self._inbox_due and self.rotation:
                self._inbox_due = now + self._pace.steady
                self._visit(connection, self._next_turn())
            return
        if now >= self._inbox_due:
            self._look_at_inbox(connection, now)
            pause = self._pace.brisk if now < self._brisk_until else self._pace.steady
            self._inbox_due = time.monotonic() + pause
        if now >= self._others_due:
            self._look_at_another(connection, now)

    def _look_at_inbox(self, connection: Connection, now: float) -> None:
        if not self._opened or connection.selected != "INBOX":
            # opened anew for each watch: the mark may be of an earlier run, and only EXAMINE tells whether it still holds
            self._visit(connection, "INBOX")
            self._opened = True
        elif connection.noop() or now >= self._sure_due:
            self._sure_due = now + _SURE
            self._catch.fetch(connection, "INBOX")

    def _look_at_another(self, connection: Connection, now: float) -> None:
        others = self._others()
        if not others:
            self._others_due = math.inf
            return
        self._turn += 1
        self._others_due = now + (self._pace.others if now < self._brisk_until else self._pace.steady)
        folder = others[self._turn % len(others)]
        try:
            behind = self._catch.behind(connection.status(folder))
        except MailboxRefused:
            self._gone(folder)
            return
        if behind:
            self._visit(connection, folder)
            if "INBOX" in self.rotation:
                self._inbox_due = 0.0  # back to INBOX, which NOOP tells of only while it is open

    def _visit(self, connection: Connection, folder: str) -> None:
        try:
            mark = connection.examine(folder).mark
        except MailboxRefused:
            if folder == "INBOX":
                raise
            self._gone(folder)
            return
        if self._catch.behind(mark):
            self._catch.arrive(connection, mark)

    def _next_turn(self) -> str:
        """INBOX every other time, the other folders in turn between."""
        others = self._others()
        self._turn += 1
        if "INBOX" in self.rotation and (self._turn % 2 or not others):
            return "INBOX"
        return others[(self._turn // 2) % len(others)]

    def _others(self) -> list[str]:
        return [name for name in self.rotation if name != "INBOX"]

    def _gone(self, folder: str) -> None:
        self.rotation.remove(folder)
        self._tell_gone(folder)
