"""Boots DokuWiki (Debian's package, plain files) as a target: the address changes at once, with the password in the form, no mail.

What its pages say is in NOTES.md.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from .base import ProgramFailed
from .php import PhpProgram
from .smtp import SmtpToLmtp

ROOT = Path("/usr/share/dokuwiki")
_DATA = [
    "attic",
    "cache",
    "index",
    "locks",
    "log",
    "media",
    "media_attic",
    "media_meta",
    "meta",
    "pages",
    "tmp",
]


class DokuWiki(PhpProgram):
    """A wiki with one ordinary user, who may change the profile (DokuWiki's default).

    address   the user's address at the start
    language  of the whole site: "en" or "zh"
    others    further accounts, name -> address
    """

    name = "dokuwiki"
    needs = {  # noqa: RUF012 - a constant table
        "php": "php-cli",
        str(ROOT / "doku.php"): "dokuwiki",
        "/usr/share/php*-xml": "php-xml",
    }

    def __init__(
        self,
        mail: SmtpToLmtp,
        *,
        address: str,
        login: str = "ann",
        password: str = "correct horse 7 battery",
        language: Literal["en", "zh"] = "en",
        others: dict[str, str] | None = None,
    ) -> None:
        super().__init__(mail)
        self.login = login
        self.password = password
        self.language = language
        self._first_address = address
        self._others = others or {}

    def start(self) -> None:
        """Write the settings, the users and one page, serve Debian's files with them."""
        conf = self.home / "conf"
        conf.mkdir()
        for name in _DATA:
            (self.home / "data" / name).mkdir(parents=True)
        (self.home / "data" / "pages" / "start.txt").write_text("====== Start ======\n\nA page.\n")
        (conf / "local.php").write_text(
            f"""<?php
$conf['title'] = 'Test wiki';
$conf['lang'] = '{self.language}';
$conf['savedir'] = '{self.home}/data';
$conf['useacl'] = 1;
$conf['superuser'] = '@admin';
$conf['disableactions'] = 'register';
$conf['updatecheck'] = 0;
$conf['mailfrom'] = 'wiki@wiki.example.net';
""",
            encoding="utf-8",
        )
        # Debian ships a plugin for DokuWiki's own tests switched on, which puts a warning on every page
        (conf / "plugins.local.php").write_text("<?php\n$plugins['testing'] = 0;\n")
        (conf / "acl.auth.php").write_text("* @ALL 1\n* @user 8\n")
        # the package reads /etc/dokuwiki unless DOKU_CONF is set already, which needs no root
        (self.home / "prepend.php").write_text(f"<?php define('DOKU_CONF', '{conf}/');\n")
        digest = hashlib.sha1(self.password.encode()).hexdigest()  # one of the formats that DokuWiki's PassHash reads
        self._users.write_text(
            "".join(
                f"{name}:{digest}:{name.title()}:{address}:user\n"
                for name, address in {self.login: self._first_address, **self._others}.items()
            )
        )
        self.serve(ROOT, ready="/doku.php?id=start&do=login")

    def ini(self) -> dict[str, str]:
        """Adds the file that points DokuWiki to this instance's settings."""
        return {**super().ini(), "auto_prepend_file": str(self.home / "prepend.php")}

    # -- ground truth
    def address(self) -> str:
        """The address that the wiki has stored for the user now."""
        return self._fields()[3]

    def verified(self) -> bool:
        """Always True: DokuWiki never checks an address, what is stored is in force."""
        return True

    def exists(self) -> bool:
        """Whether the account still exists (its profile page can delete it)."""
        return any(line.startswith(f"{self.login}:") for line in self._users.read_text().splitlines())

    def reset(self, address: str) -> None:
        """Store another address, outside of the pages."""
        before = self._fields()
        after = [*before[:3], address, *before[4:]]
        text = self._users.read_text()
        self._users.write_text(text.replace(":".join(before), ":".join(after)))

    @property
    def _users(self) -> Path:
        return self.home / "conf" / "users.auth.php"

    def _fields(self) -> list[str]:
        for line in self._users.read_text().splitlines():
            if line.startswith(f"{self.login}:"):
                return line.split(":")
        raise ProgramFailed(f"{self.name}: the account {self.login} is gone")
