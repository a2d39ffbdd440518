"""The rehearsal's mail server: pymap (IMAP) and aiosmtpd (SMTP) in one thread, on loopback only.

Mail handed to the SMTP port is signed with DKIM in the name of its From domain, gets the trace headers that a
provider adds (Return-Path, Delivered-To, Received; no Authentication-Results, because nothing here has checked
anything) and lands in the recipient's INBOX. Mail to an address without a mailbox is refused, as a real server would.

pymap is pinned to 0.36.7. What it does differently from larger servers, as measured: replies to HEADER.FIELDS come
with the field names sorted, custom keywords are dropped, ENVELOPE text comes decoded, the first UID is 101,
UIDVALIDITY is new at every start, there is no UNSELECT and no implicit TLS.
"""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement
from pymap.parsing.specials.flag import Flag, Recent
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import BuiltinHash

from readdress.practice.signing import Signer, crlf

_T = TypeVar("_T")
HOST = "127.0.0.1"
_HOSTNAME = "mail.practice.test"
_MAX_MESSAGE = 10 * 1024 * 1024  # bytes
_START_SECONDS = 10.0
_CALL_SECONDS = 30.0


class _QuickConfig(Config):
    """pymap's settings without the name look-ups: its greeting asks the resolver for our own name, which can hang."""

    @property
    def greeting(self) -> bytes:
        return b"Server ready " + _HOSTNAME.encode()


class MailServer:
    """IMAP and SMTP for `mailboxes` ({address: password}), running between `with` and its end.

    The login name of a mailbox is its whole address, in lower case. After entering, `imap_port` and `smtp_port` are
    the free ports that were taken on 127.0.0.1 (`host`); both speak plain text, which is allowed to loopback only.
    Everything is held in memory and gone at the end. Methods may be called from any thread.
    """

    host = HOST

    def __init__(self, mailboxes: Mapping[str, str], signer: Signer) -> None:
        self._passwords = {address.lower(): password for address, password in mailboxes.items()}
        self._signer = signer
        self.imap_port = 0
        self.smtp_port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._sets: dict[str, MailboxSet] = {}
        self._ready: Future[None] = Future()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that have a mailbox here."""
        return tuple(self._passwords)

    @property
    def keys(self) -> Callable[[bytes, int], bytes | None]:
        """DKIM key lookup for the verifier, in the shape of dkimpy's `dnsfunc`: (record name, seconds) → record."""
        return self._signer.keys

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="practice-mail", daemon=True)
        self._thread.start()
        try:
            self._ready.result(_START_SECONDS)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def append(
        self,
        address: str,
        raw: bytes,
        folder: str = "INBOX",
        flags: Iterable[str] = (),
        when: datetime | None = None,
    ) -> int:
        """Put `raw` into a folder as it is (unsigned, no header added), making the folder where it is missing.

        `flags` are IMAP flags such as "\\\\Seen"; `when` is the INTERNALDATE, now by default. Returns the UID.
        Raises KeyError for an address without a mailbox.
        """
        return self._call(self._append(address.lower(), crlf(raw), folder, frozenset(flags), when))

    def messages(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """The raw messages of a folder in UID order; empty where the folder does not exist."""
        return self._call(self._messages(address.lower(), folder))

    # Everything below runs in the server's own thread, except _call and _close.

    def _call(self, work: Coroutine[Any, Any, _T]) -> _T:
        if self._loop is None:
            work.close()
            raise RuntimeError("the practice mail server is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_CALL_SECONDS)

    def _close(self) -> None:
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            loop.call_soon_threadsafe(stop.set)
        if self._thread is not None:
            self._thread.join(_START_SECONDS)
        self._loop = None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            else:
                raise

    async def _serve(self) -> None:
        config, login = await self._users()
        DictBackend(login, config)
        imap = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
        imap_server = await asyncio.start_server(imap, host=HOST, port=0)
        loop = asyncio.get_running_loop()
        smtp_server = await loop.create_server(self._smtp, host=HOST, port=0)
        self.imap_port = imap_server.sockets[0].getsockname()[1]
        self.smtp_port = smtp_server.sockets[0].getsockname()[1]
        self._stop = asyncio.Event()
        self._loop = loop
        self._ready.set_result(None)
        await self._stop.wait()
        # Open connections (a client in IDLE) would hold the loop: asyncio.run cancels their tasks after this.
        imap_server.close()
        smtp_server.close()

    async def _users(self) -> tuple[Config, Login]:
        args = Namespace(passlib_cfg=None, proxy_protocol=None)
        config = _QuickConfig(
            args,
            host=HOST,
            port=0,
            tls_enabled=False,
            demo_data=False,
            demo_user="",
            demo_password="",
            reject_dnsbl=False,
            # Few rounds: the passwords are random, live for one rehearsal and never touch the disk.
            hash_context=BuiltinHash(rounds=1000),
            cpu_subsystem=Subsystem.for_asyncio(),
            max_append_len=_MAX_MESSAGE,
        )
        config.apply_context()
        login = Login(config)
        hasher = Passwords(config)
        for address, password in self._passwords.items():
            hashed = await hasher.hash_password(password)
            login.users_dict[address] = UserMetadata(config, address, password=hashed)
            self._sets[address] = MailboxSet()
            config.set_cache[address] = (self._sets[address], FilterSet())
        return config, login

    def _smtp(self) -> SMTP:
        return SMTP(self, hostname=_HOSTNAME, enable_SMTPUTF8=True, data_size_limit=_MAX_MESSAGE, loop=self._loop)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd hook: take mail only for addresses that have a mailbox."""
        if address.lower() not in self._passwords:
            return "550 5.1.1 No such mailbox in this rehearsal"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd hook: sign the message in its sender's name and deliver it."""
        content = envelope.content or b""
        raw = self._signer.sign_for_sender(content.encode() if isinstance(content, str) else content)
        for address in envelope.rcpt_tos:
            await self._append(address.lower(), _trace(envelope, address) + raw, "INBOX", frozenset(), None)
        return "250 OK"

    async def _append(self, address: str, raw: bytes, folder: str, flags: frozenset[str], when: datetime | None) -> int:
        boxes = self._sets[address]
        try:
            box = await boxes.get_mailbox(folder)
        except KeyError:
            await boxes.add_mailbox(folder)
            box = await boxes.get_mailbox(folder)
        kept = frozenset(Flag(flag.encode()) for flag in flags) - {Recent}
        message = AppendMessage(raw, when or datetime.now(UTC), kept)
        return (await box.append(message, recent=True)).uid

    async def _messages(self, address: str, folder: str) -> list[bytes]:
        try:
            box = await self._sets[address].get_mailbox(folder)
        except KeyError:
            return []
        loaded = [await m.load_content(FetchRequirement.CONTENT) async for m in box.messages()]
        return [bytes(message) for message in loaded]


def _trace(envelope: Envelope, address: str) -> bytes:
    """The headers that the receiving side adds on top of a message (RFC 5321 section 4.4)."""
    stamp = format_datetime(datetime.now(UTC))
    return (
        f"Return-Path: <{envelope.mail_from or ''}>\r\n"
        f"Delivered-To: {address}\r\n"
        f"Received: from localhost by {_HOSTNAME} with ESMTP\r\n\tfor <{address}>; {stamp}\r\n"
    ).encode()
