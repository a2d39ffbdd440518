"""Runs a PHP program of Debian's under PHP's own web server, for the subclasses of `PhpProgram`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .base import LOOPBACK, Program, answers
from .smtp import SmtpToLmtp

Settings = Mapping[str, str]


class PhpProgram(Program):
    """A PHP program on `php -S`, whose mail goes to the sink `mail`.

    `php -S` answers one request at a time, and pages that load their own scripts would wait for themselves: it gets workers. They
    are children that survive their parent, which is why `Program` ends whole groups.
    """

    def __init__(self, mail: SmtpToLmtp) -> None:
        super().__init__()
        self.mail = mail

    @property
    def url(self) -> str:
        """The address of the program's front page, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    def ini(self) -> dict[str, str]:
        """PHP settings for the server and for the set-up commands."""
        sessions = self.home / "sessions"
        sessions.mkdir(exist_ok=True)
        return {
            "sendmail_path": self.mail.sendmail,
            "session.save_path": str(sessions),
            "upload_tmp_dir": str(self.home),
            "sys_temp_dir": str(self.home),
            "opcache.enable_cli": "1",
            "memory_limit": "256M",
            "max_execution_time": "60",
            "display_errors": "stderr",
            "error_reporting": "E_ALL & ~E_DEPRECATED & ~E_NOTICE",
        }

    def php(self, script: Path | str, *args: str, env: Settings | None = None, given: str | None = None) -> str:
        """Run a PHP script of the set-up and return its output."""
        return self.run(["php", *self._options(), str(script), *args], log="set-up", env=env, given=given)

    def serve(
        self, root: Path | str, *, router: Path | None = None, env: Settings | None = None, ready: str = "/"
    ) -> None:
        """Serve the folder `root` and wait until the page `ready` is answered (200, or a redirect to its name in the site's language)."""
        args = ["php", *self._options(), "-S", f"{LOOPBACK}:{self.port}", "-t", str(root)]
        if router is not None:
            args.append(str(router))
        self.spawn(args, log="php", cwd=Path(root), env={"PHP_CLI_SERVER_WORKERS": "4", **(env or {})})
        self.wait_until(lambda: answers(self.url + ready, (200, 301, 302)), f"page {ready}")

    def _options(self) -> list[str]:
        return [part for name, value in self.ini().items() for part in ("-d", f"{name}={value}")]
