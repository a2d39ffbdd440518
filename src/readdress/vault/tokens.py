"""States what an OAuth token source must offer; readdress ships none yet."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class TokenSource(Protocol):
    """Gives access tokens for mail servers that take no passwords (XOAUTH2, as Google and Microsoft document it).

    An implementation keeps its refresh token in a :class:`~readdress.ports.Secrets`, renews the access token when it has less
    than a minute left, and never shows either in ``repr``, a log or an exception. It must be safe to call from another thread,
    since the mailbox's own thread signs in again after a broken connection.
    """

    def token(self) -> str:
        """An access token that is valid for at least a minute; may take up to 30 s.

        Raises :class:`~readdress.errors.VaultError` when the person has to sign in again.
        """
        ...
