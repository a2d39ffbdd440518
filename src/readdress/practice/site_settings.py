"""What one practice site is (`SiteConfig`) and the Django settings made from it.

Every site runs in a process of its own, because Django and django-allauth read their settings once per process. The
parent writes a `SiteConfig` as JSON, the child reads it. Nothing here imports Django.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Mode(StrEnum):
    """The ways in which django-allauth lets a person change the address."""

    LINKS = "links"
    """Several addresses: add, follow the link, make primary, remove the old one."""
    SINGLE = "single"
    """One address: change, give the password again, follow the link; the old one is replaced by that."""
    CODE = "code"
    """Several addresses: add, type the code from the mail, make primary, remove the old one."""
    REAUTH_CODE = "reauth_code"
    """One address: change, give the password again, type the code; the old one is replaced by that."""


@dataclass(frozen=True)
class SiteConfig:
    """Everything that a site's process needs to know.

    `domain` is the invented name that the site's mail comes from; the site itself listens on 127.0.0.1. `languages`
    are the languages it speaks, the first is its own; with one only, Accept-Language changes nothing. `bystander` is
    a second user with an address of their own, so that mistaking one account for another shows.
    """

    id: str
    name: str
    domain: str
    mode: Mode
    languages: tuple[str, ...]
    sender: str
    login: str
    password: str
    email: str
    bystander: str
    bystander_email: str
    smtp_port: int
    folder: str
    secret_key: str

    @property
    def database(self) -> Path:
        """The site's SQLite file."""
        return Path(self.folder) / "site.sqlite3"

    @property
    def log(self) -> Path:
        """The record of what was done on the site, one JSON object a line."""
        return Path(self.folder) / "acts.jsonl"

    @property
    def ready(self) -> Path:
        """Appears when the site answers; holds its port."""
        return Path(self.folder) / "ready.json"

    def to_json(self) -> str:
        """The form in which it is handed to the child."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> SiteConfig:
        """The reverse of `to_json`."""
        data = json.loads(text)
        return cls(**{**data, "mode": Mode(data["mode"]), "languages": tuple(data["languages"])})


_LANGUAGE_NAMES = {"en": "English", "zh-hans": "简体中文"}


def django_settings(site: SiteConfig) -> dict[str, Any]:
    """Keyword arguments for `django.conf.settings.configure`."""
    by_code = site.mode in (Mode.CODE, Mode.REAUTH_CODE)
    one_address = site.mode in (Mode.SINGLE, Mode.REAUTH_CODE)
    return {
        "DEBUG": False,
        "SECRET_KEY": site.secret_key,
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "ROOT_URLCONF": "readdress.practice.site_app",
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.sites",
            "django.contrib.staticfiles",
            "allauth",
            "allauth.account",
        ],
        "MIDDLEWARE": [
            "readdress.practice.site_app.ActsMiddleware",
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(site.database),
                "OPTIONS": {"timeout": 10},
            }
        },
        # The tables are made from the models at once: running some forty migrations takes longer than all the rest.
        "MIGRATION_MODULES": dict.fromkeys(("auth", "contenttypes", "sessions", "sites", "account")),
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "SITE_ID": 1,
        "STATIC_URL": "/static/",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": site.languages[0],
        "LANGUAGES": [(code, _LANGUAGE_NAMES[code]) for code in site.languages],
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "me",
        # Cookies know no ports: sites that share 127.0.0.1 would sign each other out under the default names.
        "SESSION_COOKIE_NAME": f"{site.id}_session",
        "CSRF_COOKIE_NAME": f"{site.id}_csrf",
        "LANGUAGE_COOKIE_NAME": f"{site.id}_language",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": site.smtp_port,
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": f"{site.name} <{site.sender}>",
        "LOGGING_CONFIG": None,
        "ACCOUNT_ADAPTER": "readdress.practice.site_app.Adapter",
        "ACCOUNT_LOGIN_METHODS": {"username", "email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "username*", "password1*", "password2*"],
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_CHANGE_EMAIL": one_address,
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED": by_code,
        "ACCOUNT_REAUTHENTICATION_REQUIRED": one_address,
        # A rehearsal walks in minutes what takes a person a day: the stock limits on managing addresses (10 a minute)
        # and on mails to one address (one in three minutes) are widened, the rest stands as it comes.
        "ACCOUNT_RATE_LIMITS": {"manage_email": "60/m/user", "confirm_email": "3/10s/key"},
    }
