"""Installs the real programs of the end-to-end tests: Debian packages through apt, the forum Spirit in a cached environment.

    python tests/programs/install.py            install what is missing; quick when nothing is
    python tests/programs/install.py --check    only say what is missing (exit status 1)

As an ordinary user it prints the command that an administrator has to run and ends with 1. No service is left running and none
is started at boot: MariaDB comes without its service package, and the web server that Debian's wiki and blog packages ask for is
met by the smallest one, whose socket is disabled. Apache never comes in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.discovery import spam_assassin
from tests.programs import spirit_env

PACKAGES = (
    # the browser, and glyphs for the Chinese pages
    *("chromium", "chromium-headless-shell", "fonts-noto-cjk"),
    *("dovecot-core", "dovecot-imapd", "dovecot-lmtpd"),
    # `php` wants one of three web interfaces and the programs want "a web server": these two are the smallest
    *("php-cgi", "micro-httpd"),
    *("php-cli", "php-sqlite3", "php-mbstring", "php-xml", "php-intl", "php-curl", "php-mysql"),
    *("mediawiki", "wordpress", "wordpress-l10n", "dokuwiki"),
    # the server alone: the package mariadb-server would set up a system database and a service
    *("mariadb-server-core", "mariadb-client-core"),
)
# command → package, where another way of having the command does as well (Node.js from elsewhere brings its own npm, which fetches the
# public SpamAssassin mail that the classifier is measured on)
COMMANDS = {"npm": "npm"}
_POLICY = Path("/usr/sbin/policy-rc.d")


def missing() -> list[str]:
    """The Debian packages of `PACKAGES` that are not installed."""
    if shutil.which("dpkg-query") is None:
        raise SystemExit("install.py: this is not a Debian system; see PACKAGES in this file for what the tests need")
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PACKAGES],
        capture_output=True,
        text=True,
        check=False,  # it fails when one is unknown, and still prints the others
    )
    present = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    commands = [package for command, package in COMMANDS.items() if shutil.which(command) is None]
    return [package for package in PACKAGES if package not in present] + commands


def install(packages: list[str]) -> None:
    """Install Debian packages as root, without starting any service."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_services():
        subprocess.run(["apt-get", "update", "-q"], env=env, check=True)
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
        subprocess.run(command, env=env, check=True, stdin=subprocess.DEVNULL)
    if Path("/run/systemd/system").exists():
        for unit in ("micro-httpd.socket", "dovecot.service", "dovecot.socket"):
            subprocess.run(["systemctl", "disable", "--now", unit], check=False, capture_output=True)


@contextmanager
def _no_services() -> Iterator[None]:
    """Debian's own switch against starting services at installation; left alone where an administrator has set it."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def main(arguments: list[str]) -> int:
    """Install or check; the exit status is 0 when everything is there."""
    packages = missing()
    if "--check" in arguments:
        ready = (spirit_env.environment() / spirit_env.READY).exists()
        print("missing: " + (" ".join(packages + ([] if ready else ["(Spirit's environment)"])) or "nothing"))
        return 1 if packages or not ready else 0
    if packages and os.getuid() != 0:
        print("These packages are missing. An administrator has to run:\n")
        print("    apt-get install --no-install-recommends " + " ".join(packages))
        return 1
    if packages:
        install(packages)
        left = missing()
        if left:
            print("still missing after the installation: " + " ".join(left), file=sys.stderr)
            return 1
    folder = spirit_env.prepare()
    mail = spam_assassin.prepare()
    print(
        f"the programs of the tests are installed ({len(PACKAGES)} packages); Spirit is in {folder}, the SpamAssassin mail in {mail}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
