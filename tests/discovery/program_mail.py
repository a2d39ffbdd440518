"""Mail of real programs in every language they speak, rendered from their own installed templates at test time; none of it is stored here.

django-allauth through Django (in a process of its own, which has its settings to itself), MediaWiki from its message files, WordPress
from its translation catalogues.
"""

from __future__ import annotations

import gettext
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from readdress.models.inventory import MailKind

MEDIAWIKI = Path("/usr/share/mediawiki/languages/i18n")
WORDPRESS = Path("/usr/share/wordpress/wp-content/languages")
CLAIMED = ("en", "zh", "ja", "ko", "de", "fr", "es", "pt", "ru")
"""Languages that the classifier says it knows; variants (``zh-hant``, ``pt_BR``) with them."""

SITE = "Quillwick"


@dataclass(frozen=True)
class Mail:
    """One rendered message and what it is."""

    program: str
    locale: str
    template: str
    kind: MailKind
    subject: str
    body: str

    @property
    def claimed(self) -> bool:
        """Whether the classifier claims this language; dialects that are languages of their own are not claimed."""
        tag = self.locale.lower().replace("_", "-")
        return tag.partition("-")[0] in CLAIMED and tag not in {"ko-kp", "zh-min-nan", "zh-classical"}


# -- django-allauth

ALLAUTH: dict[str, MailKind] = {
    "account/email/email_confirmation": MailKind.VERIFICATION,
    "account/email/email_confirmation_signup": MailKind.VERIFICATION,
    "account/email/password_reset_key": MailKind.RESET,
    "account/email/password_reset_code": MailKind.RESET,
    "account/email/unknown_account": MailKind.RESET,
    "account/email/login_code": MailKind.CODE,
    "account/email/password_changed": MailKind.SECURITY,
    "account/email/password_reset": MailKind.SECURITY,
    "account/email/password_set": MailKind.SECURITY,
    "account/email/email_changed": MailKind.SECURITY,
    "account/email/email_deleted": MailKind.SECURITY,
    "mfa/email/totp_activated": MailKind.SECURITY,
    "mfa/email/totp_deactivated": MailKind.SECURITY,
    "mfa/email/recovery_codes_generated": MailKind.SECURITY,
    "mfa/email/webauthn_added": MailKind.SECURITY,
    "mfa/email/webauthn_removed": MailKind.SECURITY,
    "socialaccount/email/account_connected": MailKind.SECURITY,
    "socialaccount/email/account_disconnected": MailKind.SECURITY,
}
"""What each mail is by the corpus's definitions: "your password was reset" happened to the account, "unknown account" answers a request."""

_RENDER = """
import json, sys
import django
from django.conf import settings
settings.configure(
    SECRET_KEY="x", USE_I18N=True, LANGUAGE_CODE="en", SITE_ID=1, DATABASES={},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
        "allauth", "allauth.account", "allauth.mfa", "allauth.socialaccount"],
    MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
)
django.setup()
from pathlib import Path
import allauth
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation.trans_real import to_language
class Site: name, domain = "Quillwick", "quillwick.example"
class User:
    def __str__(self): return "mara77"
    def get_username(self): return "mara77"
    username, USERNAME_FIELD, pk = "mara77", "username", 1
context = dict(current_site=Site, user=User(), email="mara@oldmail.example", code="K4T9Q2", username="mara77", ip="192.0.2.7",
    user_agent="Firefox 128", timestamp="2024-03-05 10:12", activate_url="https://quillwick.example/c/x1/", password_reset_url="https://quillwick.example/p/x1/",
    signup_url="https://quillwick.example/signup/", from_email="mara@oldmail.example", to_email="mara@newmail.example", deleted_email="mara@oldmail.example",
    login_url="https://quillwick.example/login/", provider="Examplenet")
out = []
locales = sorted(p.name for p in (Path(allauth.__file__).parent / "locale").iterdir() if (p / "LC_MESSAGES" / "django.mo").exists())
for locale in locales:
    with translation.override(to_language(locale)):
        for name in json.loads(sys.argv[1]):
            out.append([locale, name, " ".join(render_to_string(name + "_subject.txt", context).split()), render_to_string(name + "_message.txt", context).strip()])
json.dump(out, sys.stdout)
"""


@cache
def allauth() -> tuple[Mail, ...]:
    """Every mail of :data:`ALLAUTH` in each locale; a subject or text that a locale leaves in English counts as it is sent."""
    done = subprocess.run(
        [sys.executable, "-c", _RENDER, json.dumps(list(ALLAUTH))],
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return tuple(
        Mail("django-allauth", locale, name, ALLAUTH[name], f"[{SITE}] {subject}", body)
        for locale, name, subject, body in json.loads(done.stdout)
    )


# -- MediaWiki

_WIKI: dict[str, tuple[tuple[str, ...], MailKind]] = {
    "confirmemail_subject": (("confirmemail_body",), MailKind.VERIFICATION),
    "passwordreset-emailtitle": (("passwordreset-emailtext-ip", "passwordreset-emailelement"), MailKind.RESET),
    "notificationemail_subject_changed": (("notificationemail_body_changed",), MailKind.SECURITY),
    "notificationemail_subject_removed": (("notificationemail_body_removed",), MailKind.SECURITY),
    "createaccount-title": (("createaccount-text",), MailKind.WELCOME),
}


@cache
def mediawiki() -> tuple[Mail, ...]:
    """The account mails of MediaWiki in each language whose file holds both subject and text."""
    found = []
    for path in sorted(MEDIAWIKI.glob("*.json")):
        if path.stem == "qqq":
            continue  # notes for translators
        texts = json.loads(path.read_text(encoding="utf-8"))
        for subject, (bodies, kind) in _WIKI.items():
            if subject in texts and all(body in texts for body in bodies):
                body = "\n\n".join(_expanded(texts[key]) for key in bodies)
                found.append(Mail("MediaWiki", path.stem, subject, kind, _expanded(texts[subject]), body))
    return tuple(found)


def _expanded(text: str) -> str:
    """What MediaWiki's parser makes of the magic words that these messages use."""
    text = re.sub(r"\{\{(?:PLURAL|GENDER|GRAMMAR):[^|{}]*\|([^|{}]*)[^{}]*\}\}", r"\1", text, flags=re.IGNORECASE)
    text = re.sub(r"\{\{(?:SITENAME|ns:project)[^{}]*\}\}", SITE, text, flags=re.IGNORECASE)
    text = re.sub(r"\{\{(?:int|GRAMMAR|gender|plural):[^{}]*\}\}", SITE, text, flags=re.IGNORECASE)
    values = ("192.0.2.7", "Mara77", "https://quillwick.example/x", "1", "https://quillwick.example/y", "7", "8")
    return re.sub(r"\$(\d)", lambda found: values[(int(found[1]) - 1) % len(values)], text)


# -- WordPress

_PASSWORD_CHANGED = """Hi ###USERNAME###,

This notice confirms that your password was changed on ###SITENAME###.

If you did not change your password, please contact the Site Administrator at
###ADMIN_EMAIL###

This email has been sent to ###EMAIL###

Regards,
All at ###SITENAME###
###SITEURL###"""
_EMAIL_CHANGED = """Hi ###USERNAME###,

This notice confirms that your email address on ###SITENAME### was changed to ###NEW_EMAIL###.

If you did not change your email, please contact the Site Administrator at
###ADMIN_EMAIL###

This email has been sent to ###EMAIL###

Regards,
All at ###SITENAME###
###SITEURL###"""
_EMAIL_REQUEST = """Howdy ###USERNAME###,

You recently requested to have the email address on your account changed.

If this is correct, please click on the following link to change it:
###ADMIN_URL###

You can safely ignore and delete this email if you do not want to
take this action.

This email has been sent to ###EMAIL###

Regards,
All at ###SITENAME###
###SITEURL###"""
_WORDPRESS: tuple[tuple[tuple[str, ...], tuple[str, ...], MailKind], ...] = (
    (
        ("[%s] Password Reset",),
        (
            "Someone has requested a password reset for the following account:",
            "Someone requested that the password be reset for the following account:",
            "Username: %s",
            "If this was a mistake, ignore this email and nothing will happen.",
            "If this was a mistake, just ignore this email and nothing will happen.",
            "To reset your password, visit the following address:",
        ),
        MailKind.RESET,
    ),
    (
        ("[%s] Login Details", "[%s] Your username and password info", "[%s] Your username and password"),
        ("Username: %s", "To set your password, visit the following address:", "Password: %s"),
        MailKind.WELCOME,
    ),
    (("[%s] Password Changed", "[%s] Notice of Password Change"), (_PASSWORD_CHANGED,), MailKind.SECURITY),
    (("[%s] Email Changed", "[%s] Notice of Email Change"), (_EMAIL_CHANGED,), MailKind.SECURITY),
    (
        ("[%s] Email Change Request", "[%s] New Email Address"),
        (_EMAIL_REQUEST, _EMAIL_REQUEST.replace("Howdy", "Hi")),
        MailKind.VERIFICATION,
    ),
)
"""Subjects and texts by the names of several releases: Debian's translations are of an older one than its program."""
_MARKS = {
    "USERNAME": "mara77",
    "SITENAME": SITE,
    "ADMIN_EMAIL": "admin@quillwick.example",
    "EMAIL": "mara@oldmail.example",
}
_MARKS |= {
    "NEW_EMAIL": "mara@newmail.example",
    "SITEURL": "https://quillwick.example",
    "ADMIN_URL": "https://quillwick.example/wp-admin/x",
}


@cache
def wordpress() -> tuple[Mail, ...]:
    """The account mails of WordPress in each language whose catalogue translates the subject and something of the text."""
    found = []
    for path in sorted(WORDPRESS.glob("*.mo")):
        if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", path.stem):
            continue  # catalogues of the administration pages
        with path.open("rb") as file:
            catalogue = gettext.GNUTranslations(file)
        for subjects, bodies, kind in _WORDPRESS:
            told = next((t for subject in subjects if (t := catalogue.gettext(subject)) != subject), None)
            texts = [text for body in bodies if (text := catalogue.gettext(body)) != body]
            if told is None or not texts:
                continue
            body = "\n\n".join(texts).replace("%s", "mara77").replace("%1$s", "mara77")
            body = re.sub(r"###([A-Z_]+)###", lambda mark: _MARKS.get(mark[1], "x"), body)
            found.append(Mail("WordPress", path.stem, subjects[0], kind, told.replace("%s", SITE), body))
    return tuple(found)
