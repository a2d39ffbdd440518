"""Keeps secrets in the system's keyring, and only in one that protects them.

keyring chooses a backend by itself, also ones that drop what they are given (``null``) or write it to a file in clear
(``keyrings.alt``). So the backend is looked at before every use, and every secret is read back after it was written.
"""

from __future__ import annotations

import hmac
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from readdress.errors import VaultError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "readdress"

# modules of keyring whose store is encrypted and bound to the person's login; everything else is refused unless vouched for
PROTECTING = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)
_CHAINER = "keyring.backends.chainer"
_OTHERWISE = (
    "or keep the secret elsewhere: `--secret ask` (asked once a run), `--secret env:NAME`, or `--secret command:CMD` "
    "(a password manager's command)."
)


def _install() -> str:
    if sys.platform == "darwin":
        return "Unlock the login keychain in Keychain Access,"
    if sys.platform == "win32":
        return "Check that the Credential Manager service runs,"
    return "Install and unlock a keyring: the package gnome-keyring or kwalletmanager, with python3-secretstorage,"


class KeyringVault:
    """Implements :class:`~readdress.ports.Secrets` over the system's keyring.

    ``lineage`` is the migration's id: two migrations never read each other's secrets. ``trusted``: qualified class names of
    further backends that the person vouches for (``keyring_pass.PasswordStoreBackend``).
    """

    def __init__(self, lineage: str, *, backend: KeyringBackend | None = None, trusted: Iterable[str] = ()) -> None:
        self._lineage = lineage
        self._given = backend
        self._trusted = frozenset(trusted)

    def __repr__(self) -> str:
        return f"<KeyringVault {self._lineage}>"

    def get(self, name: str) -> str | None:
        """The secret called ``name``; ``None`` when none is kept. Raises :class:`~readdress.errors.VaultError`."""
        backend = self.backend()
        try:
            return backend.get_password(SERVICE, self._name(name))
        except Exception as error:  # noqa: BLE001 - backends raise anything
            raise self._failed("read", error) from None

    def set(self, name: str, secret: str) -> None:
        """Keep a secret and read it back. Raises :class:`~readdress.errors.VaultError` when it would not be protected or kept."""
        backend = self.backend()
        try:
            backend.set_password(SERVICE, self._name(name), secret)
            kept = backend.get_password(SERVICE, self._name(name))
        except Exception as error:  # noqa: BLE001 - backends raise anything
            raise self._failed("written", error) from None
        if kept is None or not hmac.compare_digest(kept.encode(), secret.encode()):
            with suppress(Exception):
                backend.delete_password(SERVICE, self._name(name))
            raise VaultError(
                f"The keyring {_label(backend)} did not keep what it was given.",
                todo=f"{_install()} {_OTHERWISE}",
            )

    def forget(self, name: str) -> None:
        """Drop it, if it is there."""
        backend = self.backend()
        try:
            if backend.get_password(SERVICE, self._name(name)) is not None:
                backend.delete_password(SERVICE, self._name(name))
        except Exception as error:  # noqa: BLE001 - backends raise anything
            raise self._failed("deleted", error) from None

    def backend(self) -> KeyringBackend:
        """The backend that is used, after the check. Raises :class:`~readdress.errors.VaultError` when none protects."""
        chosen = self._given
        if chosen is None:
            import keyring

            try:
                chosen = keyring.get_keyring()
            except Exception as error:  # noqa: BLE001 - backends raise anything
                raise self._failed("opened", error) from None
        # a chain hands on to the next backend when one declines, also to one that writes in clear: use its first good link alone
        links = list(getattr(chosen, "backends", ())) if _module(chosen) == _CHAINER else [chosen]
        for link in links:
            if self._protects(link):
                return link
        names = ", ".join(_label(link) for link in links) or _label(chosen)
        raise VaultError(
            f"The keyring on this computer ({names}) does not protect secrets.",
            todo=f"{_install()} {_OTHERWISE}",
        )

    def _protects(self, backend: KeyringBackend) -> bool:
        return _module(backend) in PROTECTING or _label(backend) in self._trusted

    def _name(self, name: str) -> str:
        return f"{self._lineage}/{name}"

    def _failed(self, what: str, error: Exception) -> VaultError:
        # the type only: a backend's words may repeat what it was given
        return VaultError(
            f"The keyring could not be {what} ({type(error).__name__}).",
            todo=f"Unlock it. {_install()} {_OTHERWISE}",
        )


def _module(backend: object) -> str:
    return type(backend).__module__


def _label(backend: object) -> str:
    return f"{_module(backend)}.{type(backend).__qualname__}"
