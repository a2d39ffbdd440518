"""Signs in on an open connection: SASL PLAIN, LOGIN, or XOAUTH2; and names the program where the provider insists."""

from __future__ import annotations

import imaplib
from typing import Protocol

from readdress._version import __version__
from readdress.errors import MailboxError
from readdress.mailbox.opening import BAD, check_argument
from readdress.mailbox.presets import preset_of
from readdress.mailbox.trouble import login_refused
from readdress.mailbox.wire import Client, lies
from readdress.models import MailboxConfig


class SupportsToken(Protocol):
    """What signs in by XOAUTH2 instead of a password; :class:`readdress.vault.TokenSource` is one."""

    def token(self) -> str:
        """A valid access token."""
        ...


Credential = str | SupportsToken
"""A password, or something that gives access tokens."""


def capabilities(client: Client) -> frozenset[str]:
    """What the server says that it can, upper case."""
    return frozenset(c.decode("ascii", "replace").upper() for c in client.capabilities())


def sign_in(client: Client, config: MailboxConfig, secret: Credential) -> None:
    """Sign in once. PLAIN before LOGIN: it carries every character. Raises MailboxLogin, MailboxError or the library's errors."""
    if client.guard.state != "NONAUTH":
        # PREAUTH: whoever it is that is signed in, it is not by our doing
        raise lies("says that we are signed in before we are")
    login = config.login or config.address
    check_argument(login, "login name")
    if not isinstance(secret, str):
        _authenticate(client, config, "XOAUTH2", f"user={login}\1auth=Bearer {secret.token()}\1\1".encode())
        return
    if BAD.search(secret):
        raise MailboxError("The password holds a line break or NUL, so it is no password.", todo="Store it again.")
    mechanisms = capabilities(client)
    if "AUTH=PLAIN" in mechanisms:
        _authenticate(client, config, "PLAIN", f"\0{login}\0{secret}".encode())
    elif "LOGINDISABLED" in mechanisms:
        raise MailboxError(f"{config.host} offers no way to sign in with a password.", todo=_todo(config))
    elif not (login + secret).isascii():
        raise MailboxError(f"{config.host} can only take logins of plain ASCII letters.", todo=_todo(config))
    else:
        _login(client, config, login, secret)


def identify(client: Client, config: MailboxConfig) -> None:
    """Send ID (RFC 2971) to providers that refuse every folder without it."""
    preset = preset_of(config)
    if preset and preset.send_id and "ID" in capabilities(client):
        client.id_({"name": "readdress", "version": __version__, "vendor": "readdress"})


def _authenticate(client: Client, config: MailboxConfig, mechanism: str, answer: bytes) -> None:
    # a second challenge only brings an error text (XOAUTH2): answered empty, a third one cancelled
    answers = iter((answer, b""))

    def reply(_challenge: bytes) -> bytes | None:
        return next(answers, None)

    try:
        client.guard.authenticate(mechanism, reply)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise login_refused(config, error) from None


def _login(client: Client, config: MailboxConfig, login: str, secret: str) -> None:
    try:
        status, words = client.guard._simple_command("LOGIN", _quoted(login), _quoted(secret))  # noqa: SLF001 - login() leaves the name unquoted
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise login_refused(config, error) from None
    if status != "OK":
        raise login_refused(config, words[-1])
    client.guard.state = "AUTH"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _todo(config: MailboxConfig) -> str:
    preset = preset_of(config)
    return preset.password.en if preset else "Ask the provider how mail programs sign in."
