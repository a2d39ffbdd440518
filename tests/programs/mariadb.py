"""Runs MariaDB in a program's own folder, reached by a socket there only; also as an ordinary user, never as a system service."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

from .base import Program, ProgramFailed, find_command

PACKAGES = {
    "mariadbd": "mariadb-server-core",
    "mariadb-install-db": "mariadb-server-core",
    "mariadb": "mariadb-client-core",
}


class MariaDb:
    """A database server of `program`, which starts it and ends it with its other processes."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.socket = program.home / "db.sock"

    def start(self, database: str) -> None:
        """Make the data folder, start the server without a network port, create `database`."""
        data = self._program.home / "db"
        me = pwd.getpwuid(os.getuid()).pw_name
        common = ["--no-defaults", f"--datadir={data}", f"--user={me}"]
        self._program.run(
            [
                find_command("mariadb-install-db"),
                *common,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
            ],
            log="mariadb-install",
        )
        self._program.spawn(
            [
                find_command("mariadbd"),
                *common,
                f"--socket={self.socket}",
                f"--pid-file={self._program.home / 'db.pid'}",
                "--skip-networking",
                "--innodb-buffer-pool-size=32M",
                "--innodb-log-file-size=8M",
                "--innodb-flush-log-at-trx-commit=0",
                "--performance-schema=off",
            ],
            log="mariadb",
        )
        self._program.wait_until(self._answers, "answer from MariaDB")
        self.query(f"CREATE DATABASE {database} CHARACTER SET utf8mb4")

    def query(self, statement: str, database: str = "mysql") -> list[list[str]]:
        """Run one SQL statement; rows as lists of text (NULL is the text NULL)."""
        out = self._program.run(
            [
                "mariadb",
                "--no-defaults",
                f"--socket={self.socket}",
                "--user=root",
                "--default-character-set=utf8mb4",
                "--batch",
                "--raw",
                "--skip-column-names",
                database,
            ],
            log="sql",
            given=statement,
        )
        return [line.split("\t") for line in out.splitlines()]

    def _answers(self) -> bool:
        if not Path(self.socket).exists():
            return False
        try:
            return self.query("SELECT 1") == [["1"]]
        except ProgramFailed:  # not listening yet; wait_until reports a server that died
            return False


def literal(text: str) -> str:
    """The text as an SQL string literal. JSON's escapes for quotes, backslashes and control characters are MariaDB's too."""
    return json.dumps(text, ensure_ascii=False)
