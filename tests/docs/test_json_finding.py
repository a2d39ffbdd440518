"""docs/reference/json.md against the documents of finding accounts: printed by the commands where they can be, over mail, exports and memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_json import compare, printed

from readdress import Migration
from readdress.mailbox.backup_report import BackupReport, FolderReport
from readdress.models.events import fact
from readdress.workflow.backing import backup_document
from readdress.workflow.knowing import update
from tests.corpus.build import ALIASES, OLD, load
from tests.finding.conftest import write_mbox
from tests.knowledge.samples import SMALL, files, write


@pytest.fixture
def mia(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migration of the labelled mail's owner, and part of that mail as an mbox."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C.UTF-8")
    with Migration.create(OLD, "mia@new.example", state=tmp_path / "me.readdress") as m:
        m.record(fact("aliases", " ".join(ALIASES)))
    write_mbox(tmp_path / "one.mbox", [sample.octets() for sample in load("dev")[:90]])
    return tmp_path


def test_discover_and_accounts(mia: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An mbox, then a folder that holds the same and a file that is damaged: every name of both documents has something in it."""
    first = printed(capsys, "discover", "--mbox", str(mia / "one.mbox"), "--json")
    compare(first)
    folder = mia / "saved"
    folder.mkdir()
    for number, sample in enumerate(load("dev")[:90]):
        (folder / f"{number:03}.eml").write_bytes(sample.octets())
    (folder / "damaged.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    second = printed(capsys, "discover", "--eml", str(folder), "--json")
    compare(second)
    assert first["added"]
    assert second["confirmed"]
    assert second["sources"][0]["troubles"]
    accounts = printed(capsys, "accounts", "--json")
    compare(accounts)
    assert all(a["mail"]["counts"] for a in accounts["accounts"])


def test_remember(mia: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was noted, known, not understood; and the pages with their numbers."""
    printed(capsys, "remember", "--answers", "Netflix", "--json")
    document = printed(capsys, "remember", "--answers", "Spotify\nNetflix\nzzqq\ndiscuz", "--json")
    compare(document)
    assert all(document[name] for name in ("added", "known", "left"))
    compare(printed(capsys, "remember", "--list", "--json"))


def test_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A service, and an update from small files in the sets' own form."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path))
    compare(printed(capsys, "catalogue", "show", "spotify", "--json"))
    done = update(write(tmp_path / "in", files()), path=tmp_path / "catalogue.json", sets=SMALL)
    compare(json.loads(json.dumps(done.document())))


def test_backup() -> None:
    """A backup with every kind of difference (tests/cli/test_cli_backup.py prints a real one)."""
    folder = FolderReport("INBOX", "INBOX", 3, 300, 5, missing=(7, 9), missing_count=2, other_sizes=((1, 90, 100),))
    compare(backup_document(BackupReport(Path("saved"), "eml", (folder,), fresh=3)))
