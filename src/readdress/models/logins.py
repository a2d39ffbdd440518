"""What one row of a password manager's export says about an account: never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OldMatch:
    """Where OLD stands in a row, and how exactly.

    ``where``: ``user_name``, ``email``, ``title``, ``note`` or ``field 2`` (the second custom field, by place: its label is the
    person's own text). ``how``: ``exact``, ``case`` (only the case of letters differs) or ``plus`` (OLD with a ``+tag``).
    """

    where: str
    how: str


@dataclass(frozen=True, slots=True)
class Login:
    """One row of an export, without its secrets: no password, seed, note, card or custom field is ever kept.

    ``source``: the format's id (``bitwarden_json``); ``row``: 1-based, entries in the order of the file, a table's header not
    counted. ``kind``: ``login``, ``note``, ``identity``, ``card`` or ``other``; others than ``login`` are given only where they name OLD.
    ``url``: scheme, host and port only (a path or query can hold a token, a user-info part a password); ``host``: as browsers
    read it (WHATWG URL), empty where there is none; ``app``: the package of a phone app's entry. ``user_name``: what the person
    signs in with; ``other_names``: further user names and email addresses of the row. ``modified``: aware, UTC, ``None`` where
    the format does not say. ``has_totp`` and ``has_passkey`` are also false where the format does not say.
    """

    source: str
    row: int
    kind: str
    title: str
    url: str
    host: str
    user_name: str
    other_hosts: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    app: str = ""
    old: tuple[OldMatch, ...] = ()
    has_totp: bool = False
    has_passkey: bool = False
    in_trash: bool = False
    modified: datetime | None = None

    @property
    def is_old(self) -> bool:
        """Whether OLD stands anywhere in the row."""
        return bool(self.old)
