"""Opens one verified, read-only IMAP connection and asks it the few things that readdress needs.

Read-only twice: folders are opened with EXAMINE (RFC 9051 §6.3.3), bodies read with BODY.PEEK (§6.4.5). Implicit TLS unless
STARTTLS was asked for; plain text only to a loopback address. No password leaves before the certificate has been verified.
A connection belongs to the thread that opened it.
"""

from __future__ import annotations

import imaplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self

from imapclient.imap_utf7 import decode as decode_utf7
from imapclient.imap_utf7 import encode as encode_utf7
from imapclient.response_parser import parse_fetch_response

from readdress.mailbox.opening import BAD, check_argument, check_config, open_client, tls_context
from readdress.mailbox.signin import Credential, capabilities, identify, sign_in
from readdress.mailbox.trouble import translated
from readdress.models import MailboxConfig, Mark

__all__ = ["MAX_MESSAGE", "Connection", "Credential", "Examined", "Glance", "HeaderItem"]

MAX_MESSAGE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Examined:
    """A folder as EXAMINE described it."""

    mark: Mark
    exists: int


@dataclass(frozen=True, slots=True)
class Glance:
    """A message before it is fetched. ``size`` is RFC822.SIZE in octets; ``received`` is INTERNALDATE in UTC."""

    uid: int
    size: int
    received: datetime | None


@dataclass(frozen=True, slots=True)
class HeaderItem:
    """One message's header fields as they stand on the server."""

    uid: int
    received: datetime | None
    fields: bytes


class Connection:
    """One signed-in connection. Use as a context manager, from one thread. Every method raises MailboxError only."""

    def __init__(self, config: MailboxConfig, secret: Credential, *, seconds: float = 60.0) -> None:
        """Connect, verify, sign in. ``seconds``: how long one command may take in all."""
        self.config = config
        self._seconds = seconds
        self.selected = ""
        check_config(config)
        context = tls_context(config)
        with translated(config, handshake=True):
            self._client = open_client(config, context)
            self._client.guard.seconds = seconds
        self._guard = self._client.guard
        try:
            with translated(config):
                sign_in(self._client, config, secret)
                self.capabilities = capabilities(self._client)
                identify(self._client, config)
        except BaseException:
            self.abandon()
            raise

    def __repr__(self) -> str:
        return f"<Connection {self.config.host}:{self.config.port}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- asking
    def folders(self) -> list[tuple[tuple[str, ...], str]]:
        """All folders as (flags in lower case, decoded name), those that cannot be opened included."""
        found = []
        with self._asking():
            self._client.folder_encode = False  # one name that does not decode would otherwise lose the whole list
            try:
                listed = self._client.list_folders()
            finally:
                self._client.folder_encode = True
            for flags, _delimiter, raw in listed:
                name, usable = _decoded(raw)
                marks = tuple(f.decode("ascii", "replace").lower() for f in flags)
                found.append((marks if usable else (*marks, r"\noselect"), name))
        return found

    def examine(self, folder: str) -> Examined:
        """Open a folder read-only and say where it ends."""
        check_argument(folder, "folder name")
        with self._asking():
            self.selected = ""
            seen = self._client.select_folder(folder, readonly=True)
            self.selected = folder
            exists, validity = int(seen.get(b"EXISTS", 0)), int(seen.get(b"UIDVALIDITY", 0))
            uidnext = int(seen.get(b"UIDNEXT", 0))
        if not uidnext:  # RFC 3501 §6.3.1 let old servers leave it out
            uidnext = 1 + max((g.uid for g in self._glances("*")), default=0) if exists else 1
        return Examined(Mark(folder, validity, uidnext), exists)

    def status(self, folder: str) -> Mark:
        """Where a folder that is not open ends; one round trip, cheaper than EXAMINE."""
        check_argument(folder, "folder name")
        with self._asking():
            seen = self._client.folder_status(folder, ["UIDNEXT", "UIDVALIDITY"])
            if b"UIDNEXT" in seen and b"UIDVALIDITY" in seen:
                return Mark(folder, int(seen[b"UIDVALIDITY"]), int(seen[b"UIDNEXT"]))
        return self.examine(folder).mark

    def count(self, folder: str) -> int:
        """How many messages a folder holds."""
        check_argument(folder, "folder name")
        with self._asking():
            return int(self._client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])

    def noop(self) -> bool:
        """Ask for news of the open folder; whether the server said how many messages there are."""
        with self._asking():
            self._guard.noop()
            return "EXISTS" in self._guard.untagged_responses

    def glances_after(self, uidnext: int, limit: int = 0) -> list[Glance]:
        """Messages of the open folder with a UID of ``uidnext`` or more, in UID order.

        ``n:*`` names the last message even when none is new (RFC 9051 §6.4.9), so older ones are dropped.
        """
        found = sorted((g for g in self._glances(f"{max(uidnext, 1)}:*") if g.uid >= uidnext), key=lambda g: g.uid)
        return found[:limit] if limit else found

    def glances_between(self, first: int, last: int) -> list[Glance]:
        """Messages of the open folder with a UID from ``first`` to ``last``, in UID order."""
        return sorted((g for g in self._glances(f"{first}:{last}") if first <= g.uid <= last), key=lambda g: g.uid)

    def glances_since(self, day: date) -> list[Glance]:
        """Messages of the open folder that the server received on ``day`` or later."""
        with self._asking():
            uids = sorted(int(u) for u in self._client.search(["SINCE", day]))[-1000:]
        return self._glances(",".join(map(str, uids))) if uids else []

    def _glances(self, uids: str) -> list[Glance]:
        return [
            Glance(item[b"UID"], _number(item.get(b"RFC822.SIZE")), _utc(item.get(b"INTERNALDATE")))
            for item in self._fetch("UID FETCH", uids, "(UID RFC822.SIZE INTERNALDATE)")
        ]

    def message(self, glance: Glance, cap: int = MAX_MESSAGE) -> tuple[bytes, bool] | None:
        """A message's octets, at most ``cap``, and whether something was cut off; ``None`` when it is gone."""
        wanted = "BODY.PEEK[]" if 0 < glance.size <= cap else f"BODY.PEEK[]<0.{cap}>"
        for item in self._fetch("UID FETCH", str(glance.uid), f"(UID {wanted})"):
            body = next((v for k, v in item.items() if k.startswith(b"BODY[")), None)
            if item[b"UID"] == glance.uid and isinstance(body, bytes):
                return body[:cap], len(body) > cap or glance.size > cap
        return None

    def header_fields(self, first: int, last: int, fields: str) -> list[HeaderItem]:
        """Header fields of the messages with sequence numbers ``first`` to ``last`` of the open folder."""
        wanted = f"(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS ({fields})])"
        found = []
        for item in self._fetch("FETCH", f"{first}:{last}", wanted):
            block = next((v for k, v in item.items() if k.startswith(b"BODY[")), b"")
            found.append(
                HeaderItem(item[b"UID"], _utc(item.get(b"INTERNALDATE")), block if isinstance(block, bytes) else b"")
            )
        return found

    def uid_of(self, sequence: int) -> int:
        """The UID of the message with that sequence number in the open folder; 0 when the server does not say."""
        return next((i[b"UID"] for i in self._fetch("FETCH", str(sequence), "(UID)")), 0)

    def _fetch(self, command: str, which: str, what: str) -> Iterator[dict[bytes, Any]]:
        with self._asking():
            if command == "UID FETCH":
                status, data = self._guard.uid("FETCH", which, what)
            else:
                status, data = self._guard.fetch(which, what)
            if status != "OK":
                raise imaplib.IMAP4.error(data[-1])
            # keyed by sequence number: keyed by UID, a flag change that carries none would pass for another message
            parsed = parse_fetch_response(data, normalise_times=False, uid_is_key=False)
            items = [item for item in parsed.values() if isinstance(item.get(b"UID"), int)]
        yield from items

    # -- waiting
    def idle(self, stop: Callable[[], bool], seconds: float, slice_: float = 0.5) -> bool:
        """Wait in IDLE (RFC 2177) until the open folder changes; no other command may be sent meanwhile, and none is.

        ``True`` when the server announced messages, ``False`` after ``seconds`` or once ``stop`` says so.
        """
        with self._asking():
            tag = self._guard._command("IDLE")  # noqa: SLF001 - imaplib of 3.11 has no IDLE
            news = False
            while (line := self._guard.readline()) and not line.startswith(b"+"):
                news = news or _announces(line)
                if line.startswith(tag):
                    raise imaplib.IMAP4.error(line)
            until = time.monotonic() + seconds
            while not news and not stop() and time.monotonic() < until:
                heard = self._guard.line_within(slice_)
                if heard is None:
                    continue
                if heard.startswith((b"* BYE", tag)):
                    raise imaplib.IMAP4.abort(heard.decode("utf-8", "replace"))
                news = _announces(heard)
            self._guard.start_counting()
            self._guard.send(b"DONE\r\n")
            self._guard._command_complete("IDLE", tag)  # noqa: SLF001 - the same
            return news or "EXISTS" in self._guard.untagged_responses

    def latency(self) -> float:
        """Seconds that one round trip takes, now."""
        begin = time.perf_counter()
        self.noop()
        return time.perf_counter() - begin

    def tls(self) -> str:
        """The TLS version in use, ``""`` for plain text."""
        version = getattr(self._guard.sock, "version", None)
        return str(version() or "") if version else ""

    @contextmanager
    def _asking(self) -> Iterator[None]:
        with translated(self.config):
            yield

    # -- leaving
    def close(self) -> None:
        """Sign out politely, then close. Never raises."""
        with suppress(Exception):
            self._guard.seconds = 2.0
            self._guard.logout()
        self.abandon()

    def abandon(self) -> None:
        """Close without a word. Never raises."""
        with suppress(Exception):
            self._client.shutdown()

    def interrupt(self) -> None:
        """From another thread: make a blocked call end at once with MailboxError. The socket's owner still closes it."""
        with suppress(Exception):
            # past SSLSocket.shutdown, which would take the TLS state away under its owner's hands
            socket.socket.shutdown(self._guard.sock, socket.SHUT_RDWR)


def _decoded(raw: object) -> tuple[str, bool]:
    """A folder's name from modified UTF-7 (RFC 3501 §5.1.3), and whether it leads back to the same octets."""
    octets = raw if isinstance(raw, bytes) else str(raw).encode("utf-8", "replace")
    with suppress(Exception):
        name = decode_utf7(octets)
        if encode_utf7(name) == octets and not BAD.search(name):
            return name, True
    return octets.decode("ascii", "replace"), False


def _announces(line: bytes) -> bool:
    parts = line.split()
    return len(parts) == 3 and parts[0] == b"*" and parts[2].upper() == b"EXISTS"


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _utc(value: object) -> datetime | None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    with suppress(OverflowError, ValueError):
        return value.astimezone(UTC)
    return None
