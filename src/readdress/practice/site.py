"""Starts the practice sites, real django-allauth programs on loopback, and reads what truly became of their accounts.

Each site is a process of its own (and leader of its own process group), so that Django's process-wide settings stay
out of ours and a crash test can kill what it likes. The truth is read from the site's own database and record, never
from its pages.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import smtplib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from readdress.errors import UserError
from readdress.practice.site_settings import Mode, SiteConfig

_BOOT_SECONDS = 60.0
_STOP_SECONDS = 3.0


@dataclass(frozen=True)
class Brand:
    """One invented service: what it is called, what its mail comes from and how it lets an address be changed."""

    id: str
    name: str
    domain: str
    mode: Mode
    languages: tuple[str, ...] = ("en", "zh-hans")
    mailbox: str = "noreply"
    login: str = "sam.rivers"

    @property
    def lang(self) -> str:
        """The site's own language."""
        return self.languages[0]

    @property
    def sender(self) -> str:
        """The exact address in the From of the site's mail."""
        return f"{self.mailbox}@{self.domain}"


BRANDS: tuple[Brand, ...] = (
    Brand("forum", "Pine Forum", "forum-practice.test", Mode.LINKS),
    Brand("shop", "Lantern Shop", "shop-practice.test", Mode.SINGLE, mailbox="accounts", login="samrivers"),
    Brand("notes", "Slate Notes", "notes-practice.test", Mode.CODE, mailbox="no-reply", login="sam_r"),
    Brand("cloud", "Harbor Cloud", "cloud-practice.test", Mode.REAUTH_CODE, mailbox="security", login="srivers"),
    Brand(
        "reader",
        "青藤读书",
        "reader-practice.test",
        Mode.LINKS,
        ("zh-hans",),
        mailbox="service",
        login="heshan",
    ),
)


@dataclass(frozen=True)
class Address:
    """One address of an account, as the site's database has it."""

    email: str
    verified: bool
    primary: bool


class PracticeSite:
    """One running site. `url` ends without a slash; `login` and `password` are the account's, `sender` its From."""

    def __init__(self, config: SiteConfig) -> None:
        self.config = config
        self.id = config.id
        self.name = config.name
        self.domain = config.domain
        self.sender = config.sender
        self.mode = config.mode
        self.lang = config.languages[0]
        self.login = config.login
        self.password = config.password
        self.url = ""
        self.pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        return f"PracticeSite({self.id!r}, {self.url!r}, mode={self.mode.value!r})"

    def addresses(self, login: str | None = None) -> list[Address]:
        """The addresses of the account (or of another `login`), read from the site's database, sorted by address."""
        rows = self._rows(
            'SELECT e.email, e.verified, e."primary" FROM account_emailaddress e'
            " JOIN auth_user u ON u.id = e.user_id WHERE u.username = ? ORDER BY e.email",
            login or self.login,
        )
        return [Address(str(email), bool(verified), bool(primary)) for email, verified, primary in rows]

    def user_email(self) -> str:
        """The address in the account's user row, which is what the site itself writes to."""
        return str(self._rows("SELECT email FROM auth_user WHERE username = ?", self.login)[0][0])

    def acts(self) -> list[dict[str, Any]]:
        """The site's record, oldest first: see `readdress.practice.site_app` for the two kinds of line."""
        if not self.config.log.exists():
            return []
        lines = self.config.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def effects(self, what: str) -> list[dict[str, Any]]:
        """What the site really did of one sort.

        `what` is `email_added`, `email_confirmed`, `primary_changed`, `email_removed`, `mail_sent`, `signed_in`,
        `signed_out` or `sign_in_failed`.
        """
        return [act for act in self.acts() if act["kind"] == "effect" and act["what"] == what]

    def write(self, subject: str, text: str, to: str | None = None) -> None:
        """Have the site write to `to`, by default the address on file: a receipt, a notice, a newsletter."""
        message = EmailMessage()
        message["From"] = f"{self.name} <{self.sender}>"
        message["To"] = to or self.user_email()
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=self.domain)
        message.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.config.smtp_port, local_hostname=self.domain, timeout=10) as smtp:
            smtp.send_message(message)

    def reset(self) -> None:
        """Put the account back to how it was at the start, while the site runs; all sessions and the record end with it.

        Takes milliseconds. The user gets a new number, so that what the site counts by user (limits on changing addresses and
        on giving the password again) begins anew. Only to be called while no request is under way.
        """
        with closing(sqlite3.connect(self.config.database, timeout=10, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            (user,) = db.execute("SELECT id FROM auth_user WHERE username = ?", (self.login,)).fetchone()
            (fresh,) = db.execute("SELECT max(id) + 1 FROM auth_user").fetchone()
            db.execute("DELETE FROM django_session")
            db.execute("DELETE FROM account_emailaddress WHERE user_id = ?", (user,))
            db.execute(
                "UPDATE auth_user SET id = ?, email = ?, last_login = NULL WHERE id = ?",
                (fresh, self.config.email, user),
            )
            db.execute(
                'INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (?, ?, 1, 1)',
                (fresh, self.config.email),
            )
            db.execute("COMMIT")
        with suppress(FileNotFoundError):
            os.truncate(self.config.log, 0)

    def start(self) -> None:
        """Start the site's process without waiting for it; `wait_ready` waits."""
        folder = Path(self.config.folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.config.ready.unlink(missing_ok=True)
        config_file = folder / "config.json"
        with os.fdopen(os.open(config_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
            f.write(self.config.to_json())
        with (folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "readdress.practice.site_child", str(config_file)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=_environment(),
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Wait until the site answers. Raises UserError with the end of its output where it does not."""
        assert self._process is not None
        deadline = time.monotonic() + _BOOT_SECONDS
        while not self.config.ready.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise UserError(
                    f"The practice site “{self.name}” did not start: {self._last_words()}",
                    todo="Install the rehearsal's parts with: pip install 'readdress[practice]', then try again.",
                )
            time.sleep(0.02)
        ready = json.loads(self.config.ready.read_text(encoding="utf-8"))
        self.url = f"http://127.0.0.1:{ready['port']}"
        self.pid = ready["pid"]

    def stop(self) -> None:
        """End the site's process: first by ending its input, then its whole group by force."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait(_STOP_SECONDS)

    def _last_words(self) -> str:
        output = (Path(self.config.folder) / "output.log").read_text(encoding="utf-8", errors="replace")
        lines = [line for line in output.splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with _read_only(self.config.database) as connection:
            return list(connection.execute(query, values))


class PracticeSites:
    """All practice sites, started side by side in `folder` and running between `with` and its end.

    `old` is the address that every account is bound to at the start; mail leaves through `smtp_port` on 127.0.0.1.
    Passwords are made afresh for every run. Iterating gives the sites; `sites["shop"]` is one of them.
    """

    def __init__(self, folder: Path, smtp_port: int, old: str, brands: Sequence[Brand] = BRANDS) -> None:
        self.sites = [PracticeSite(_config(brand, folder, smtp_port, old)) for brand in brands]

    def __enter__(self) -> Self:
        try:
            for site in self.sites:
                site.start()
            for site in self.sites:
                site.wait_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def __iter__(self) -> Iterator[PracticeSite]:
        return iter(self.sites)

    def __getitem__(self, site_id: str) -> PracticeSite:
        return next(site for site in self.sites if site.id == site_id)

    def _stop(self) -> None:
        for site in self.sites:
            site.stop()


def _config(brand: Brand, folder: Path, smtp_port: int, old: str) -> SiteConfig:
    return SiteConfig(
        id=brand.id,
        name=brand.name,
        domain=brand.domain,
        mode=brand.mode,
        languages=brand.languages,
        sender=brand.sender,
        login=brand.login,
        password=secrets.token_urlsafe(12),
        email=old,
        bystander="jo.rivers",
        # Ends like OLD on purpose: whoever compares by "contains" takes this address for OLD.
        bystander_email=f"jo{old}",
        smtp_port=smtp_port,
        folder=str(folder / brand.id),
        secret_key=secrets.token_urlsafe(48),
    )


def _environment() -> dict[str, str]:
    """Our environment for the child, with this package on its path and no Django settings of somebody else's."""
    root = str(Path(__file__).parents[2])
    env = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    env["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [env.get("PYTHONPATH")])])
    return env


@contextmanager
def _read_only(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
        yield connection
