"""Boots MediaWiki (Debian's package, SQLite) as a target: the address changes at once and is unconfirmed until the mail's link.

    with SmtpToLmtp(dovecot) as mail, MediaWiki(mail, address="old@example.net") as wiki:
        wiki.url, wiki.login, wiki.password, wiki.address(), wiki.verified()

What its pages and mails say is in NOTES.md.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal

from .php import PhpProgram
from .smtp import SmtpToLmtp

ROOT = Path("/usr/share/mediawiki")


class MediaWiki(PhpProgram):
    """A wiki with one ordinary user.

    address        the user's address at the start, confirmed
    language       of the whole site: "en" or "zh-hans"
    reauthenticate_after  seconds after sign-in from when the password page stands before Special:ChangeEmail (MediaWiki's own
                   default is 300); None: never
    others         further accounts, name -> address, to own addresses that are taken
    """

    name = "mediawiki"
    needs = {  # noqa: RUF012 - a constant table
        "php": "php-cli",
        str(ROOT / "index.php"): "mediawiki",
        "/usr/share/php*-sqlite3": "php-sqlite3",
        "/usr/share/php*-mbstring": "php-mbstring",
        "/usr/share/php*-xml": "php-xml",
        "/usr/share/php*-intl": "php-intl",
    }
    mail_from = "wiki@wiki.example.net"

    def __init__(
        self,
        mail: SmtpToLmtp,
        *,
        address: str,
        login: str = "Ann",
        password: str = "correct horse 7 battery",
        language: Literal["en", "zh-hans"] = "en",
        reauthenticate_after: int | None = None,
        others: dict[str, str] | None = None,
    ) -> None:
        super().__init__(mail)
        self.login = login
        self.password = password
        self.language = language
        self.reauthenticate_after = reauthenticate_after
        self._first_address = address
        self._others = others or {}

    def start(self) -> None:
        """Install with the maintenance script, create the users, serve."""
        data = self.home / "data"
        data.mkdir()
        install = ROOT / "maintenance" / "install.php"
        self.php(
            install,
            *("--dbtype", "sqlite", "--dbpath", str(data), "--dbname", "wiki", "--confpath", str(self.home)),
            *("--server", self.url, "--scriptpath", "", "--lang", self.language, "--skins", "Vector"),
            *("--pass", self.password + " admin", "Test wiki", "Admin"),
        )
        settings = self.home / "LocalSettings.php"
        with settings.open("a", encoding="utf-8") as more:
            more.write(self._settings())
        for name, address in {self.login: self._first_address, **self._others}.items():
            self._maintain("createAndPromote.php", name, self.password)
            self._maintain("resetUserEmail.php", "--no-reset-password", name, address)
            self._execute(
                "UPDATE user SET user_email_authenticated = strftime('%Y%m%d%H%M%S','now') WHERE user_name = ?",
                name,
            )
        self.serve(ROOT, env=self._env(), ready="/index.php/Special:UserLogin")

    # -- ground truth
    def address(self) -> str:
        """The address that the wiki has stored for the user now."""
        return str(self._row()[0])

    def verified(self) -> bool:
        """Whether the stored address is confirmed."""
        return self._row()[1] is not None

    def reset(self, address: str, *, verified: bool = True) -> None:
        """Store another address, outside of the pages."""
        stamp = "strftime('%Y%m%d%H%M%S','now')" if verified else "NULL"
        self._execute(
            f"UPDATE user SET user_email = ?, user_email_authenticated = {stamp}, user_email_token = NULL,"
            " user_touched = strftime('%Y%m%d%H%M%S','now','+2 seconds') WHERE user_name = ?",
            address,
            self.login,
        )

    def expire_link(self) -> None:
        """Let the confirmation link that was mailed last run out (MediaWiki's own limit is 7 days)."""
        self._execute("UPDATE user SET user_email_token_expires = '20200101000000' WHERE user_name = ?", self.login)

    # -- the inside
    def _row(self) -> tuple[bytes | str, str | None]:
        with closing(sqlite3.connect(self._database, timeout=10)) as connection:
            row = connection.execute(
                "SELECT CAST(user_email AS TEXT), user_email_authenticated FROM user WHERE user_name = ?",
                (self.login,),
            ).fetchone()
        return row[0], row[1]

    def _execute(self, statement: str, *values: str) -> None:
        with closing(sqlite3.connect(self._database, timeout=10)) as connection, connection:
            connection.execute(statement, values)

    @property
    def _database(self) -> Path:
        return self.home / "data" / "wiki.sqlite"

    def _maintain(self, script: str, *args: str) -> str:
        return self.php(ROOT / "maintenance" / script, *args, env=self._env())

    def _env(self) -> dict[str, str]:
        return {"MW_CONFIG_FILE": str(self.home / "LocalSettings.php")}

    def _settings(self) -> str:
        seconds = -1 if self.reauthenticate_after is None else self.reauthenticate_after
        return f"""
$wgEnableEmail = true;
$wgEmailAuthentication = true;
$wgEmergencyContact = $wgPasswordSender = '{self.mail_from}';
$wgSMTP = ['host' => '127.0.0.1', 'IDHost' => 'wiki.example.net', 'port' => {self.mail.port}, 'auth' => false];
$wgReauthenticateTime = ['default' => {seconds}];
# by hand in tests: no job may run inside of a page view and hold SQLite's lock
$wgJobRunRate = 0;
$wgMainCacheType = CACHE_NONE;
$wgCacheDirectory = '{self.home}/cache';
$wgUploadDirectory = '{self.home}/images';
$wgPasswordAttemptThrottle = [];
$wgRateLimits['changeemail'] = [];
$wgRateLimits['confirmemail'] = [];
$wgShowExceptionDetails = true;
$wgPingback = false;
"""
