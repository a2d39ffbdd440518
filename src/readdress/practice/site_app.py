"""What the practice sites add to stock django-allauth: an identity page, the record of acts, and the URLs.

Imported only inside a site's own process, after `django.setup`: it is the sites' URL and middleware module. All pages
about addresses, signing in and confirming are django-allauth's own, with its own templates.

The record (`SiteConfig.log`) is the rehearsal's ground truth: one JSON object a line, on disk before the answer leaves.
Lines of kind `request` are what came over the wire; lines of kind `effect` are what the site really did, so a
suspended form that is replayed after the password was given again is seen too.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from smtplib import SMTPRecipientsRefused
from typing import Any

from allauth.account import signals
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.staticfiles.views import serve
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template import engines
from django.urls import include, path
from django.utils import translation

_CONFIRM = "/accounts/confirm-email/"
_SECRET_FIELDS = frozenset({"password", "password1", "password2", "oldpassword", "code", "csrfmiddlewaretoken"})
_write_lock = threading.Lock()
_WORDS = {
    "en": {"title": "My account", "who": "Signed in as", "primary": "Email on file"},
    "zh-hans": {"title": "我的账号", "who": "已登录账号", "primary": "登记邮箱"},
}
_PAGE = """{% extends "allauth/layouts/manage.html" %}
{% block head_title %}{{ words.title }} - {{ site }}{% endblock %}
{% block content %}
<h1>{{ words.title }}</h1>
<dl>
  <dt>{{ words.who }}</dt><dd id="login">{{ user.username }}</dd>
  <dt>{{ words.primary }}</dt><dd id="primary-email">{{ user.email }}</dd>
</dl>
{% endblock %}"""


def record(kind: str, **facts: Any) -> None:
    """Append one line to the site's record and put it on disk before returning."""
    line = json.dumps({"at": datetime.now(UTC).isoformat(), "kind": kind, **facts}, ensure_ascii=False) + "\n"
    with _write_lock:
        target = os.open(settings.PRACTICE_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(target, line.encode())
            os.fsync(target)
        finally:
            os.close(target)


class ActsMiddleware:
    """Records every request that can change something: all but GET and HEAD, and the opening of a confirmation link."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Django's middleware call."""
        # Read before the view runs: a replayed form takes the request object over and would be recorded in its place.
        asked = {"method": request.method, "path": _without_key(request.path)}
        is_link = request.path.startswith(_CONFIRM) and request.path != _CONFIRM
        changes = request.method not in ("GET", "HEAD")
        fields = {k: "***" if k in _SECRET_FIELDS else v for k, v in request.POST.items()} if changes else {}
        response = self.get_response(request)
        if changes or is_link:
            record(
                "request",
                **asked,
                fields=fields,
                status=response.status_code,
                location=_without_key(response.headers.get("Location", "")),
                user=request.user.get_username() if hasattr(request, "user") else "",
            )
        return response


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """django-allauth's adapter, which also records that a mail left the site and to whom."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send as always, then record the template's name and the recipient.

        A site hands its mail to a relay and hears of a refusal later; so a refused recipient is recorded, not an error.
        """
        what = "mail_sent"
        try:
            super().send_mail(template_prefix, email, context)
        except SMTPRecipientsRefused:
            what = "mail_refused"
        record("effect", what=what, mail=template_prefix.rpartition("/")[2], email=email)


def _without_key(where: str) -> str:
    """A confirmation path with its key replaced by a digest: the record tells links apart and opens none."""
    if not where.startswith(_CONFIRM) or where == _CONFIRM:
        return where
    return f"{_CONFIRM}{hashlib.sha256(where.encode()).hexdigest()[:12]}/"


def home(request: HttpRequest) -> HttpResponse:
    """`/`: to the identity page, or to sign-in."""
    return HttpResponseRedirect("/me/" if request.user.is_authenticated else "/accounts/login/")


def me(request: HttpRequest) -> HttpResponse:
    """`/me/`: which account is signed in (`#login`) and the address on file (`#primary-email`)."""
    words = _WORDS.get(translation.get_language() or "", _WORDS["en"])
    template = engines["django"].from_string(_PAGE)
    return HttpResponse(template.render({"words": words, "site": settings.PRACTICE_NAME}, request))


def static(request: HttpRequest, path: str) -> HttpResponseBase:
    """`/static/…`: django-allauth's scripts, among them the one that asks before an address is removed."""
    return serve(request, path, insecure=True)


def _on_email_changed(from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_: Any) -> None:
    record(
        "effect",
        what="primary_changed",
        email=to_email_address.email,
        old=from_email_address.email if from_email_address else "",
        user=to_email_address.user.get_username(),
    )


def _on_address(what: str) -> Callable[..., None]:
    def receive(email_address: EmailAddress, **_: Any) -> None:
        record("effect", what=what, email=email_address.email, user=email_address.user.get_username())

    return receive


def _on_user(what: str) -> Callable[..., None]:
    def receive(user: Any = None, **_: Any) -> None:
        record("effect", what=what, user=user.get_username() if user else "")

    return receive


def _connect() -> None:
    for signal, receiver in (
        (signals.email_added, _on_address("email_added")),
        (signals.email_confirmed, _on_address("email_confirmed")),
        (signals.email_removed, _on_address("email_removed")),
        (signals.email_changed, _on_email_changed),
        (user_logged_in, _on_user("signed_in")),
        (user_logged_out, _on_user("signed_out")),
        (user_login_failed, _on_user("sign_in_failed")),
    ):
        signal.connect(receiver, weak=False)


_connect()
urlpatterns = [
    path("", home),
    path("me/", login_required(me), name="me"),
    path("accounts/", include("allauth.urls")),
    path("static/<path:path>", static),
]
