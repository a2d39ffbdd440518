"""Boots Spirit (django-spirit, a forum from PyPI) as a target: password, then a link that is mailed to the OLD address only.

It brings its own Django, so it lives in a virtual environment of its own, see spirit_env.py. What its pages and mails say is in
NOTES.md.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from .base import LOOPBACK, Program, ProgramFailed, answers, clean_environment
from .smtp import SmtpToLmtp
from .spirit_env import environment, prepare


class Spirit(Program):
    """A forum with one ordinary user, in English: Spirit's address pages are not translated into Chinese.

    address   the user's address at the start
    others    further accounts, name -> address
    """

    name = "spirit"

    def __init__(
        self,
        mail: SmtpToLmtp,
        *,
        address: str,
        login: str = "ann",
        password: str = "correct horse 7 battery",
        others: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.mail = mail
        self.login = login
        self.password = password
        self._first_address = address
        self._others = others or {}

    @property
    def url(self) -> str:
        """The address of the forum, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Lay out a project, fill the database (a copy of the cached empty one), add the users, serve."""
        binaries = prepare() / "bin"
        self._python = str(binaries / "python")
        # the command makes a project named after Spirit's template; only its settings are ours
        self.run(
            [str(binaries / "spirit"), "startproject", "forum", "--path", str(self.home)],
            log="set-up",
            env={"PATH": f"{binaries}:{clean_environment()['PATH']}"},
        )
        (self.home / "forum" / "settings" / "tests.py").write_text(self._settings(), encoding="utf-8")
        self._fill_database()
        people = {self.login: self._first_address, **self._others}
        self._manage("shell", "-c", _ADD_PEOPLE.format(people=json.dumps(people), password=json.dumps(self.password)))
        self.spawn(
            [self._python, "manage.py", "runserver", "--noreload", "--insecure", f"{LOOPBACK}:{self.port}"],
            log="spirit",
            env=self._env(),
        )
        self.wait_until(lambda: answers(self.url + "/user/login/"), "sign-in page")

    # -- ground truth
    def address(self) -> str:
        """The address that the forum has stored for the user now."""
        return str(self._query("SELECT email FROM auth_user WHERE username = ?", self.login))

    def verified(self) -> bool:
        """Whether the account counts as verified; Spirit never checks a changed address, so this stays as it was."""
        return bool(
            self._query(
                "SELECT p.is_verified FROM spirit_user_userprofile p JOIN auth_user u ON u.id = p.user_id"
                " WHERE u.username = ?",
                self.login,
            )
        )

    def reset(self, address: str) -> None:
        """Store another address, outside of the pages."""
        with closing(sqlite3.connect(self._database, timeout=10)) as connection, connection:
            connection.execute("UPDATE auth_user SET email = ? WHERE username = ?", (address, self.login))

    # -- the inside
    def _query(self, statement: str, *values: str) -> object:
        with closing(sqlite3.connect(self._database, timeout=10)) as connection:
            row = connection.execute(statement, values).fetchone()
        if row is None:
            raise ProgramFailed(f"{self.name}: the account {self.login} is gone")
        return row[0]

    def _fill_database(self) -> None:
        kept = environment() / "empty.sqlite"
        if not kept.exists():
            self._manage("spiritinstall")
            self._manage("createcachetable")
            fresh = kept.with_suffix(f".{os.getpid()}")
            shutil.copyfile(self._database, fresh)
            fresh.replace(kept)
        else:
            shutil.copyfile(kept, self._database)

    @property
    def _database(self) -> Path:
        return self.home / "forum.sqlite"

    def _manage(self, *args: str) -> str:
        return self.run([self._python, "manage.py", *args], log="set-up", env=self._env())

    def _env(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "forum.settings.tests",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": clean_environment()["PATH"],
        }

    def _settings(self) -> str:
        return f"""from .base import *
DEBUG = False
SECRET_KEY = 'only for tests'
ALLOWED_HOSTS = ['127.0.0.1', 'localhost']
ST_SITE_URL = '{self.url}'
ST_RATELIMIT_ENABLE = False
ST_TASK_MANAGER = None
ROOT_URLCONF = 'forum.urls'
DATABASES = {{'default': {{'ENGINE': 'django.db.backends.sqlite3', 'NAME': '{self._database}'}}}}
EMAIL_HOST, EMAIL_PORT = '127.0.0.1', {self.mail.port}
DEFAULT_FROM_EMAIL = 'Test forum <forum@forum.example.net>'
STATIC_URL = '/static/'
STATIC_ROOT = '{self.home}/static'
MEDIA_ROOT = '{self.home}/media'
LANGUAGE_CODE = 'en'
PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']  # quick, the tests' passwords guard nothing
"""


_ADD_PEOPLE = """
from django.contrib.auth import get_user_model
for name, address in {people}.items():
    user = get_user_model().objects.create_user(name, address, {password})
    user.st.is_verified = True
    user.st.save()
"""
