"""Secrets; the only importer of keyring (which is imported when it is first used)."""

from __future__ import annotations

from readdress.vault.keyring_vault import KeyringVault
from readdress.vault.places import OnceAsked, secret_from
from readdress.vault.tokens import TokenSource

__all__ = ["KeyringVault", "OnceAsked", "TokenSource", "secret_from"]
