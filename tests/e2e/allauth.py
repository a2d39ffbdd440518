"""django-allauth, from the rehearsal's own sites, as a target of the end-to-end tests: its truth, and a quick way back to the start."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from readdress.practice.site import PracticeSite


class Allauth:
    """One running site. ``record`` since the last ``reset`` is what the site really did."""

    def __init__(self, site: PracticeSite) -> None:
        self.site = site
        self.login = site.login
        self.password = site.password
        self._seen = 0

    @property
    def url(self) -> str:
        """The site's address."""
        return self.site.url

    def address(self) -> str:
        """The address that the site itself writes to."""
        return self.site.user_email()

    def listed(self) -> dict[str, tuple[bool, bool]]:
        """Every address of the account: (verified, primary)."""
        return {a.email: (a.verified, a.primary) for a in self.site.addresses()}

    def effects(self, what: str) -> list[dict[str, Any]]:
        """What the site did of one sort since the last reset."""
        return [a for a in self.site.acts()[self._seen :] if a["kind"] == "effect" and a["what"] == what]

    def reset(self, address: str) -> None:
        """The account has this address again, verified, and no other."""
        self._write(
            lambda c, user: (
                c.execute("DELETE FROM account_emailaddress WHERE user_id = ?", (user,)),
                c.execute(
                    'INSERT INTO account_emailaddress (email, verified, "primary", user_id) VALUES (?, 1, 1, ?)',
                    (address, user),
                ),
                c.execute("UPDATE auth_user SET email = ? WHERE id = ?", (address, user)),
            )
        )
        self._seen = len(self.site.acts())

    def _write(self, deed: Callable[[sqlite3.Connection, int], object]) -> None:
        with closing(sqlite3.connect(self.site.config.database, timeout=10)) as connection, connection:
            (user,) = connection.execute("SELECT id FROM auth_user WHERE username = ?", (self.login,)).fetchone()
            deed(connection, user)
