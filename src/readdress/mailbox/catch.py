"""Decides which messages of a watched folder are new, fetches each once, and hands it on.

New is a message with a UID at or above the mark (UIDs only grow, RFC 9051 §2.3.1.1). When UIDVALIDITY has changed the mark says
nothing any more: then only messages that the server received after the mark was taken count (INTERNALDATE), each of them once,
and none at all when so many claim to be new that the folder was plainly stamped anew. The person is told either way; the trust
gate still asks every message for its sender, its signature and its single use.
"""

from __future__ import annotations

import hashlib
import queue
from collections.abc import Iterable
from datetime import datetime, timedelta

from readdress.errors import MailboxLies, ReaddressError
from readdress.mailbox.connect import Connection, Glance
from readdress.mailbox.presets import authserv_ids_of
from readdress.models import Incoming, MailboxConfig, Mark, NoteKind, Notice, Side, Text

Item = Incoming | Notice | ReaddressError
"""What the threads post."""

AT_ONCE = 50
RESTAMPED = 20
WINDOW = 5_000


class Catch:
    """The new messages of one watch. Used by the asking thread only."""

    def __init__(
        self,
        side: Side,
        config: MailboxConfig,
        marks: Iterable[Mark],
        since: datetime,
        out: queue.Queue[Item],
    ) -> None:
        self._side, self._config, self._out = side, config, out
        self._since = since.replace(microsecond=0)  # INTERNALDATE counts whole seconds
        self._marks = {mark.folder: mark for mark in marks}
        self._seen: set[bytes] = set()

    def behind(self, mark: Mark) -> bool:
        """Whether the folder has moved past what was handed out, or is no longer the one that was marked."""
        known = self._marks[mark.folder]
        return mark.uidvalidity != known.uidvalidity or mark.uidnext > known.uidnext

    def arrive(self, connection: Connection, mark: Mark) -> None:
        """The folder is open and ended at ``mark`` when it was opened: fetch what is new in it."""
        if mark.uidvalidity != self._marks[mark.folder].uidvalidity:
            self._rebuilt(connection, mark)
            return
        # a mark from an earlier run may lie far back: by windows of UIDs, so that no answer grows without bound
        for first in range(self._marks[mark.folder].uidnext, mark.uidnext, WINDOW):
            for glance in connection.glances_between(first, min(first + WINDOW, mark.uidnext) - 1):
                self._fetch_one(connection, mark.folder, glance)
            self._marks[mark.folder] = Mark(mark.folder, mark.uidvalidity, min(first + WINDOW, mark.uidnext))

    def fetch(self, connection: Connection, folder: str) -> None:
        """Fetch what is new in the open folder, at most :data:`AT_ONCE` messages; the rest next time."""
        for glance in connection.glances_after(self._marks[folder].uidnext, AT_ONCE):
            self._fetch_one(connection, folder, glance)

    def _fetch_one(self, connection: Connection, folder: str, glance: Glance) -> None:
        # first on, then fetch: a message that breaks this connection must not break the next one too
        known = self._marks[folder] = Mark(folder, self._marks[folder].uidvalidity, glance.uid + 1)
        self._hand_on(connection, folder, known.uidvalidity, glance)

    def _rebuilt(self, connection: Connection, mark: Mark) -> None:
        """UIDVALIDITY has changed."""
        self._marks[mark.folder] = mark
        day = (self._since - timedelta(days=1)).date()  # SEARCH SINCE knows days only, in the server's time zone
        fresh = [
            g
            for g in connection.glances_since(day)
            if g.received and g.received >= self._since and g.uid < mark.uidnext
        ]
        restamped = len(fresh) > RESTAMPED
        for glance in [] if restamped else fresh:
            self._hand_on(connection, mark.folder, mark.uidvalidity, glance)
        self._tell(
            f"The server has rebuilt the folder {mark.folder!r}. Mail that came before is not used any more; if you wait for "
            "one that came already, ask the service for a new one.",
            f"服务器重建了文件夹“{mark.folder}”。此前的邮件不再使用；如果等待的邮件已经到达，请让对方重新发送。",
        )

    def _hand_on(self, connection: Connection, folder: str, uidvalidity: int, glance: Glance) -> None:
        try:
            fetched = connection.message(glance)
        except MailboxLies:
            self._tell(
                f"Message {glance.uid} in {folder!r} cannot be read and is skipped.",
                f"文件夹“{folder}”中的邮件 {glance.uid} 无法读取，已跳过。",
            )
            raise
        if fetched is None:
            return
        raw, truncated = fetched
        if self._again(raw, folder):
            return
        self._out.put(
            Incoming(
                side=self._side,
                folder=folder,
                uidvalidity=uidvalidity,
                uid=glance.uid,
                received=glance.received,
                raw=raw,
                mailbox=self._config.address,
                truncated=truncated,
                authserv_ids=authserv_ids_of(self._config),
            )
        )

    def _again(self, raw: bytes, folder: str) -> bool:
        """Whether this very message was handed out from this folder before; it happens after a rebuild only.

        The whole message counts, not the Message-ID alone: a sender chooses that, and could hide a real mail behind a copy of it.
        """
        digest = hashlib.sha256(folder.encode() + b"\0" + raw).digest()
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False

    def _tell(self, en: str, zh: str) -> None:
        self._out.put(Notice(NoteKind.WARN, Text(en, zh)))
