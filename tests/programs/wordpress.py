"""Boots WordPress (Debian's package, MariaDB) as a target: the new address is pending until the mail's link, opened signed in.

What its pages and mails say is in NOTES.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from .mariadb import PACKAGES, MariaDb, literal
from .php import PhpProgram
from .smtp import SmtpToLmtp

ROOT = Path("/usr/share/wordpress")
_DATABASE = "blog"


class WordPress(PhpProgram):
    """A blog with an administrator and one subscriber, who is the user of the tests.

    address    the user's address at the start
    language   "en" or "zh" (Debian's wordpress-l10n)
    mail_from  the sender that a site's owner usually sets; None is WordPress's own wordpress@HOST, with an address as the host
    others     further accounts, name -> address
    """

    name = "wordpress"
    needs = {  # noqa: RUF012 - a constant table
        "php": "php-cli",
        str(ROOT / "wp-load.php"): "wordpress",
        "/usr/share/php*-mysql": "php-mysql",
        **PACKAGES,
    }

    def __init__(
        self,
        mail: SmtpToLmtp,
        *,
        address: str,
        login: str = "ann",
        password: str = "correct horse 7 battery",
        language: Literal["en", "zh"] = "en",
        mail_from: str | None = "wordpress@blog.example.net",
        others: dict[str, str] | None = None,
    ) -> None:
        super().__init__(mail)
        if language == "zh":
            self.needs = {**self.needs, str(_LANGUAGES / "zh_CN.mo"): "wordpress-l10n"}
        self.login = login
        self.password = password
        self.language = language
        self.mail_from = mail_from
        self._first_address = address
        self._others = others or {}
        self._database: MariaDb | None = None

    def start(self) -> None:
        """Start the database, lay out the site as links to Debian's files, install, serve."""
        self._database = MariaDb(self)
        self._database.start(_DATABASE)
        self._lay_out()
        people = {self.login: self._first_address, **self._others}
        script = self.home / "install.php"
        script.write_text(_INSTALL, encoding="utf-8")
        self.php(script, given=json.dumps({"url": self.url, "password": self.password, "people": people}))
        self.serve(self._site, ready="/wp-login.php")

    def ini(self) -> dict[str, str]:
        """Adds the file that points WordPress to this instance's settings."""
        return {**super().ini(), "auto_prepend_file": str(self.home / "prepend.php")}

    # -- ground truth
    def address(self) -> str:
        """The address that the blog has stored for the user now; a pending one does not count."""
        return self._sql(f"SELECT user_email FROM wp_users WHERE user_login = {literal(self.login)}")

    def pending(self) -> str:
        """The address that waits for its link, or the empty text."""
        serialized = self._sql(
            f"SELECT m.meta_value FROM wp_usermeta m JOIN wp_users u ON u.ID = m.user_id"
            f" WHERE m.meta_key = '_new_email' AND u.user_login = {literal(self.login)}"
        )
        return serialized.split('"')[-2] if serialized else ""

    def verified(self) -> bool:
        """Whether nothing is pending: WordPress stores an address only once its link was opened."""
        return not self.pending()

    def reset(self, address: str) -> None:
        """Store another address, outside of the pages, and forget a pending one."""
        self._sql(f"UPDATE wp_users SET user_email = {literal(address)} WHERE user_login = {literal(self.login)}")
        self._sql("DELETE FROM wp_usermeta WHERE meta_key = '_new_email'")

    # -- the inside
    def _sql(self, statement: str) -> str:
        assert self._database is not None
        rows = self._database.query(statement, _DATABASE)
        return rows[0][0] if rows else ""

    @property
    def _site(self) -> Path:
        return self.home / "site"

    def _lay_out(self) -> None:
        # WordPress looks for wp-config.php under ABSPATH, which is the folder of its own files unless it is set already
        self._site.mkdir()
        for entry in ROOT.iterdir():
            if entry.name not in ("wp-config.php", "wp-content", ".htaccess"):
                (self._site / entry.name).symlink_to(entry)
        content = self._site / "wp-content"
        (content / "mu-plugins").mkdir(parents=True)
        (content / "themes").mkdir()
        (content / "plugins").mkdir()
        if self.language == "zh":
            (content / "languages").symlink_to(_LANGUAGES)
        sender = "" if self.mail_from is None else f"add_filter('wp_mail_from', fn () => '{self.mail_from}');\n"
        (content / "mu-plugins" / "sender.php").write_text("<?php\n" + sender)
        (self.home / "prepend.php").write_text(f"<?php define('ABSPATH', '{self._site}/');\n")
        (self._site / "wp-config.php").write_text(
            _CONFIG.format(
                socket=self.home / "db.sock",
                url=self.url,
                database=_DATABASE,
                language="zh_CN" if self.language == "zh" else "",
            )
        )


_LANGUAGES = Path("/usr/share/wordpress/wp-content/languages")

_CONFIG = """<?php
define('DB_NAME', '{database}');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {{
    define($name . '_KEY', 'test key ' . $name);
    define($name . '_SALT', 'test salt ' . $name);
}}
define('WP_HOME', '{url}');
define('WP_SITEURL', '{url}');
define('WPLANG', '{language}');
// the tests reach nothing outside, and no job may run inside of a page view
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
require_once ABSPATH . 'wp-settings.php';
"""

_INSTALL = """<?php
define('WP_INSTALLING', true);
$given = json_decode(stream_get_contents(STDIN), true);
$_SERVER['HTTP_HOST'] = parse_url($given['url'], PHP_URL_HOST) . ':' . parse_url($given['url'], PHP_URL_PORT);
$_SERVER['REQUEST_URI'] = '/';
// the installer would mail the administrator
function wp_new_blog_notification() {}
require ABSPATH . 'wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Test blog', 'admin', 'admin@blog.example.net', false, '', $given['password'] . ' admin', WPLANG);
foreach ($given['people'] as $login => $address) {
    $made = wp_insert_user(['user_login' => $login, 'user_pass' => $given['password'], 'user_email' => $address,
                            'role' => 'subscriber']);
    if (is_wp_error($made)) { fwrite(STDERR, $made->get_error_message()); exit(1); }
}
"""
