"""What the quick commands import: heavy libraries only where they are used. No time is measured here; benchmarks do that."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

HEAVY = ("playwright", "imapclient", "keyring", "pydantic", "loguru", "dns", "dkim", "readdress.engine.runner")
_PROBE = """
import json, sys
from readdress.cli.app import run
code = run(sys.argv[1:])
print(json.dumps({"code": code, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


def _modules(migrate: Any, *argv: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *argv],
        capture_output=True,
        encoding="utf-8",
        env=migrate.env,
        cwd=migrate.folder,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stderr.splitlines()[-1])
    assert found["code"] == 0, done
    return set(found["modules"])


@pytest.mark.parametrize(
    "command", ["--help", "status", "status --json", "check", "log", "export", "mailbox list", "status --lang zh"]
)
def test_light_commands_import_nothing_heavy(migrate: Any, command: str) -> None:
    """`--help` and the reading commands start without the browser, mail, keyring and validation libraries."""
    migrate.init()
    loaded = _modules(migrate, *command.split())
    assert "readdress.cli.app" in loaded
    heavy = sorted(m for m in loaded for h in HEAVY if m == h or m.startswith(h + "."))
    assert not heavy


def test_help_does_not_open_the_state(migrate: Any) -> None:
    """Nor rich, nor SQLite: help is text."""
    loaded = _modules(migrate, "--help")
    assert not {"sqlite3", "rich", "readdress.state.file"} & loaded


def test_the_probe_would_notice(migrate: Any) -> None:
    """A command that needs pydantic shows it: the test above can fail."""
    assert "pydantic" in _modules(migrate, "recipes", "list")
