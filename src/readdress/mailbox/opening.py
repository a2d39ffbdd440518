"""Opens the socket to a mail server, verified, before anything secret is sent; refuses what must never be tried."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from contextlib import suppress

from imapclient import SocketTimeout

from readdress.errors import ConfigError, MailboxUntrusted
from readdress.mailbox.wire import Client
from readdress.models import MailboxConfig

CONNECT_SECONDS = 15.0
BAD = re.compile(r"[\r\n\0]")


def check_config(config: MailboxConfig) -> None:
    """Refuse what must never be tried. Raises :class:`~readdress.errors.ConfigError`."""
    todo = "Set the mailbox up again with `migrate mailbox add`."
    if config.kind != "imap":
        raise ConfigError(f"The mailbox of {config.address} is read by hand, there is no server to ask.", todo=todo)
    for text, what in (
        (config.host, "host"),
        (config.login or config.address, "login name"),
        *((f, "folder") for f in config.folders),
    ):
        check_argument(text, what)
    if config.security not in ("tls", "starttls", "plain"):
        raise ConfigError(f"{config.security!r} is no way to secure a connection: tls, starttls or plain.", todo=todo)
    if not config.host or not 0 < config.port < 65536:
        raise ConfigError("A mailbox needs a host and a port from 1 to 65535.", todo=todo)


def tls_context(config: MailboxConfig) -> ssl.SSLContext:
    """A context that verifies certificate and host name, TLS 1.2 or newer; ``ca_file`` replaces the system's authorities."""
    try:
        context = ssl.create_default_context(cafile=config.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise MailboxUntrusted(
            f"The CA file {config.ca_file} cannot be used: {error.strerror or 'no certificate in it'}.",
            todo="Name a PEM file that holds the server's authority.",
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def open_client(config: MailboxConfig, context: ssl.SSLContext) -> Client:
    """Connect, and come back only on a connection that may carry a password. Raises MailboxUntrusted or the library's errors."""
    timeout = SocketTimeout(CONNECT_SECONDS, 30.0)
    if config.security == "tls":
        return Client(config.host, config.port, ssl=True, ssl_context=context, timeout=timeout)
    if config.security == "starttls":
        client = Client(config.host, config.port, ssl=False, timeout=timeout)
        try:
            _start_tls(client, config, context)
        except BaseException:
            with suppress(Exception):
                client.shutdown()
            raise
        return client
    address = _loopback(config)
    # to the address that was checked, not to the name: it could resolve differently the second time
    return Client(address, config.port, ssl=False, timeout=timeout)


def _start_tls(client: Client, config: MailboxConfig, context: ssl.SSLContext) -> None:
    if client.guard.state != "NONAUTH" or not client.has_capability("STARTTLS"):
        raise MailboxUntrusted(
            f"{config.host}:{config.port} offers no STARTTLS, so the connection would stay readable. No password was sent.",
            todo="Use port 993 with TLS.",
        )
    guard = client.guard
    plain_wrap = context.wrap_socket

    class _Checked:
        def wrap_socket(self, sock: socket.socket, server_hostname: str) -> ssl.SSLSocket:
            # what came in clear behind the answer was put there by someone in between (CVE-2011-0411)
            if guard.buffered():
                raise MailboxUntrusted(
                    f"{config.host}:{config.port} sent more than its answer before encryption began.",
                    todo="Use port 993 with TLS; do not use this network for mail.",
                )
            sock.settimeout(CONNECT_SECONDS)
            return plain_wrap(sock, server_hostname=server_hostname)

    client.starttls(ssl_context=_Checked())
    guard.untagged_responses.clear()  # whatever was said in clear does not count


def _loopback(config: MailboxConfig) -> str:
    found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(ipaddress.ip_address(a.partition("%")[0]).is_loopback for a in addresses):
        raise MailboxUntrusted(
            f"{config.host} is not this computer, so the connection must be encrypted. Nothing was sent.",
            todo="Use security tls (port 993), or starttls.",
        )
    return addresses[0]


def check_argument(text: str, what: str) -> None:
    """Refuse what could put a second command on the wire. Raises :class:`~readdress.errors.ConfigError`."""
    if BAD.search(text):
        raise ConfigError(f"A {what} may not hold line breaks or NUL.", todo="Set the mailbox up again.")
