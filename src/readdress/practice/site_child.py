"""The process of one practice site: `python -P -m readdress.practice.site_child CONFIG.json`.

Makes the tables and the users, serves with waitress on a free port of 127.0.0.1, writes that port to `ready.json` and
ends when its standard input ends, that is, when its parent stops it or dies in whatever way.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from readdress.practice.site_settings import SiteConfig, django_settings


def main(config_file: str) -> None:
    """Serve the site described in `config_file` until standard input ends."""
    site = SiteConfig.from_json(Path(config_file).read_text(encoding="utf-8"))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    app = _application(site)
    _fill(site)

    from waitress.server import create_server

    server = create_server(app, host="127.0.0.1", port=0, threads=4, ident="")
    port = int(server.effective_port)
    draft = site.ready.with_suffix(".tmp")
    draft.write_text(json.dumps({"port": port, "pid": os.getpid()}), encoding="utf-8")
    draft.replace(site.ready)
    server.run()


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1024):
        pass
    os._exit(0)  # the main thread sits in waitress's loop, and there is nothing left to save


def _application(site: SiteConfig) -> Callable[..., Any]:
    import django
    from django.conf import settings
    from django.core.mail.utils import DNS_NAME

    settings.configure(**django_settings(site), PRACTICE_LOG=str(site.log), PRACTICE_NAME=site.name)
    django.setup()
    # Django asks the resolver for this machine's name when it sends mail; without a network that can take long.
    DNS_NAME._fqdn = site.domain
    from django.core.handlers.wsgi import WSGIHandler

    handler: Callable[..., Any] = WSGIHandler()
    return handler


def _fill(site: SiteConfig) -> None:
    from allauth.account.models import EmailAddress
    from django.contrib.auth import get_user_model
    from django.contrib.sites.models import Site
    from django.core.management import call_command
    from django.db import connection, transaction

    if site.database.exists():  # started again on its own data
        return
    site.database.touch(mode=0o600)
    call_command("migrate", run_syncdb=True, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
    with transaction.atomic():
        Site.objects.update_or_create(pk=1, defaults={"name": site.name, "domain": site.domain})
        for login, email, password in (
            (site.login, site.email, site.password),
            (site.bystander, site.bystander_email, None),
        ):
            user = get_user_model().objects.create_user(login, email, password)
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)


if __name__ == "__main__":
    main(sys.argv[1])
