"""Maps whatever imapclient, imaplib, ssl and the socket raise to a MailboxError with a sentence and a next step."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import exceptions as imap_errors

from readdress.errors import MailboxError, MailboxLies, MailboxLogin, MailboxUntrusted, ReaddressError
from readdress.mailbox.presets import preset_of
from readdress.mailbox.wire import lies
from readdress.models import MailboxConfig


class MailboxRefused(MailboxError):
    """The server answered NO or BAD to one command. The connection itself is still good."""


_UNREADABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u2030-\u2065\u2070-\ufdff\ufe10-\ufefe\uff00-\uffef]")
_OUTSIDE_PROTOCOL = ("unexpected", "unterminated", "got more than", "not imap4 compliant", "illegal in state")
# RFC 5530 §3: codes that say that the refusal is not about the password
_NOT_THE_PASSWORD = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\b", re.IGNORECASE)
_TOO_OFTEN = re.compile(r"\[LIMIT\b|frequen|too many|rate limit|try again later|temporarily|频率|频繁", re.IGNORECASE)
_NETWORK = "Check host and port of the mailbox and the network, then try again."


def quote(text: object, limit: int = 200) -> str:
    """Words of the server, fit to be shown: no control or bidirectional characters, at most ``limit`` characters."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    shown = _UNREADABLE.sub(" ", shown).strip()
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def too_often(error: BaseException) -> bool:
    """Whether the server refused because it was asked too often, as far as its words say."""
    return bool(_TOO_OFTEN.search(str(error)))


def login_refused(config: MailboxConfig, words: object) -> MailboxError:
    """The error for a refused login; ``words`` are the server's."""
    said = quote(words)
    if _NOT_THE_PASSWORD.search(said):
        return MailboxError(
            f"{config.host} does not let {config.address} in just now: {said}",
            todo="Wait some minutes, then try again.",
        )
    preset = preset_of(config)
    if preset and preset.login_unclear:
        return MailboxLogin(
            f"{config.host} refused the login of {config.address}. It uses the same sentence for a wrong code, a switched-off "
            f"service, too many logins and a banned account, so the reason cannot be told: {said}",
            todo="Wait 15 minutes and try again once. If it is refused again, sign in on the web: if that fails too the account "
            f"is blocked; if it works, create a new code. {preset.password.en}",
        )
    if preset and not preset.passwords:
        return MailboxLogin(f"{config.host} takes no passwords from mail programs: {said}", todo=preset.password.en)
    todo = (
        preset.password.en if preset else "Check the login name, and whether the provider wants an app password here."
    )
    return MailboxLogin(f"{config.host} refused the login of {config.login or config.address}: {said}", todo=todo)


def translate(error: BaseException, config: MailboxConfig, *, handshake: bool = False) -> ReaddressError:
    """The :class:`~readdress.errors.MailboxError` for ``error``. ``handshake``: it happened before the connection stood."""
    where = f"{config.host}:{config.port}"
    if isinstance(error, ReaddressError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailboxUntrusted(
            f"The certificate of {where} does not verify: {quote(getattr(error, 'verify_message', '') or error)}. No password was sent.",
            todo="Check the host name. If it is your own server, name its CA file. Do not go on if you expected a valid one.",
        )
    if isinstance(error, ssl.SSLError) and handshake:
        return MailboxUntrusted(
            f"No trustworthy encrypted connection to {where} came about: {quote(getattr(error, 'reason', '') or error)}. No password was sent.",
            todo="Check the port (993 for IMAP over TLS) and that the server speaks TLS 1.2 or newer.",
        )
    if isinstance(error, socket.gaierror):
        return MailboxError(f"The mail server's name {config.host!r} cannot be looked up.", todo=_NETWORK)
    if isinstance(error, TimeoutError):
        return MailboxError(f"{where} does not answer in time.", todo=_NETWORK)
    if isinstance(error, ConnectionRefusedError):
        return MailboxError(f"Nothing accepts connections at {where}.", todo=_NETWORK)
    if isinstance(error, (OSError, EOFError)):
        return MailboxError(f"The connection to {where} broke: {quote(error)}.", todo=_NETWORK)
    if isinstance(error, imap_errors.ProtocolError):
        return lies("sends an answer that cannot be understood")
    if isinstance(error, imap_errors.LoginError):
        return login_refused(config, error)
    if isinstance(error, imap_errors.CapabilityError):
        return MailboxError(f"{where} lacks something that is needed: {quote(error)}", todo=_NETWORK)
    if isinstance(error, imap_errors.IllegalStateError):
        return lies("is in another state than it should be")
    if isinstance(error, imaplib.IMAP4.error):
        words = _words(error)
        said_bye = words.upper().startswith(
            "* BYE"
        )  # RFC 9051 §7.1.5: also as the greeting of a server that lets nobody in
        words = words[5:].strip() if said_bye else words
        return _protocol(words, where, ended=said_bye or isinstance(error, imaplib.IMAP4.abort))
    # everything else is the libraries' parser tripping over the answer: a broken number, encoding, nesting or structure
    return MailboxLies(
        f"{where} sends an answer that cannot be understood ({type(error).__name__}).",
        todo="Check host and port; if they are right, report the server's name.",
    )


def _words(error: BaseException) -> str:
    """What it says. imaplib raises the server's line itself, octets: their ``str`` would show as ``b'…'``."""
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error)


def _protocol(words: str, where: str, *, ended: bool) -> MailboxError:
    said = quote(words)
    if any(mark in words.lower() for mark in _OUTSIDE_PROTOCOL):
        return lies("answers outside the protocol")
    if too_often(Exception(words)):
        return MailboxError(
            f"{where} wants to be left alone for a while: {said}", todo="Wait 15 minutes, then try again."
        )
    if ended:
        if not said:
            return MailboxError(f"{where} ended the connection.", todo=_NETWORK)
        return MailboxError(f"{where} ended the connection: {said}", todo=_NETWORK)
    return MailboxRefused(f"{where} refuses: {said}", todo="Try again later; `migrate doctor` tells more.")


@contextmanager
def translated(config: MailboxConfig, *, handshake: bool = False) -> Iterator[None]:
    """Within it, nothing but :class:`~readdress.errors.ReaddressError` comes out (and KeyboardInterrupt, SystemExit).

    The original is not chained: the words of a login failure may hold what was sent.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the parser of the libraries raises anything
        mapped = translate(error, config, handshake=handshake)
    else:
        return
    raise mapped from None
