"""docs/reference/json.md against the documents of watching, people, notes, routes and forwarding."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_json import compare, printed

from readdress import Migration
from readdress.cli import caring, registry
from readdress.cli.mailboxes import mailbox
from readdress.discovery.correspondents import Correspondent
from readdress.models import MailKind, Side, Slot, Verdict, Wait
from readdress.models.events import account_added, note
from readdress.report.people import people_document
from readdress.report.watching import watch_document
from readdress.workflow.watch_judging import Passed, Sighting
from readdress.workflow.watching import Seen, Watched

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OURS = {"note": ("noting", "note"), "route": ("routing", "route")}


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration with an account and a note, and the commands under their names."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C.UTF-8")
    with Migration.create("ann@gmail.com", "ann@example.org", state=tmp_path / "me.readdress") as m:
        m.record(account_added("a1", "baidu", slots=[Slot.RECOVERY]), note("x", "a1"))
    for name, (module, attribute) in OURS.items():
        monkeypatch.setitem(registry.PLACES, name, (module, attribute, name))
    monkeypatch.setitem(mailbox.commands, "forward", caring.forward)


@pytest.mark.parametrize("args", [("note", "--json"), ("route", "baidu", "--json"), ("mailbox", "forward", "--json")])
def test_printed_documents(
    line: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]
) -> None:
    """Run for real over a state file."""
    compare(printed(capsys, "--state", str(tmp_path / "me.readdress"), *args))


def test_watch() -> None:
    """A look that saw everything."""
    key = (MailKind.SECURITY, "no-reply@example.com", NOW, "new:INBOX/1", "0" * 64)
    watched = Watched(
        NOW,
        seen=[Seen(Side.NEW, "ann@example.org")],
        proven=[Sighting("a1", Slot.SIGN_IN, Verdict.PROVEN, *key)],
        stragglers=[Sighting("a1", Slot.SIGN_IN, Verdict.STRAGGLER, *key)],
        passed={Passed.BEFORE: 1},
        due=[Wait("a1", "time", "x", until=NOW, since=NOW)],
    )
    compare(watch_document(watched))


def test_people() -> None:
    """Somebody who was told."""
    person = Correspondent("bob@example.net", "Bob", 1, 1, NOW, NOW)
    compare(people_document([person], {"bob@example.net": "2026-11-24"}, 1))
