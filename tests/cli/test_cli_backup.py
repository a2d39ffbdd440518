"""The command ``backup`` as a person runs it: on a real server, in both languages, stopped in the middle and gone on."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from readdress.models import MailboxConfig, Side
from readdress.models.events import mailbox_set
from tests.cli.process import Migrate
from tests.programs.dovecot import Dovecot

USER, PASSWORD = "old@example.net", "open sesame"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """One mailbox with a hundred messages."""
    with Dovecot(users={USER: PASSWORD, "empty@example.net": PASSWORD}) as dovecot:
        with dovecot.login(USER) as imap:
            for n in range(100):
                imap.append("INBOX", "", "", b"Subject: n%d\r\n\r\n%s\r\n" % (n, b"x" * 40_000))
        yield dovecot


def set_up(migrate: Migrate, server: Dovecot, user: str = USER) -> None:
    """A migration whose old mailbox is that one."""
    config = MailboxConfig(
        user, host="localhost", port=server.tls_port, ca_file=server.ca_file, secret="env:OLD_SECRET"
    )
    migrate.init(mailbox_set(Side.OLD, config))
    migrate.env["OLD_SECRET"] = PASSWORD


def test_saves_everything_and_says_so(migrate: Migrate, server: Dovecot, tmp_path: Path) -> None:
    """Exit code 0, what is saved and that it was compared; again: nothing new; as JSON; in Chinese."""
    set_up(migrate, server)
    target = tmp_path / "my mail"
    ended = migrate("backup", target)
    assert ended.code == 0, ended
    assert "100 messages of 5 folders" in ended.out
    assert "Checked against the server: every message is there, in number and in size." in ended.out
    assert len(list((target / "INBOX").glob("*.eml"))) == 100
    again = migrate("backup", target, "--json")
    assert again.json["readdress"] == "backup_report"
    assert (again.json["complete"], again.json["messages"], again.json["fresh"]) == (True, 100, 0)
    assert {f["name"]: f["messages"] for f in again.json["folders"]}["INBOX"] == 100
    chinese = migrate("backup", tmp_path / "mbox", "--form", "mbox", "--lang", "zh")
    assert chinese.code == 0
    assert "共 100 封邮件" in chinese.out
    assert "已与服务器核对" in chinese.out
    assert (tmp_path / "mbox" / "INBOX.mbox").is_file()


def test_stopped_and_gone_on(migrate: Migrate, server: Dovecot, tmp_path: Path) -> None:
    """Ctrl-C keeps what was saved and says how to go on; the same command completes it."""
    set_up(migrate, server)
    target = tmp_path / "saved"
    child = migrate.start("backup", target)
    end = time.monotonic() + 30
    while len(list(target.glob("INBOX/*.eml"))) < 10 and time.monotonic() < end and child.poll() is None:
        time.sleep(0.002)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 3, (out, err)
    stopped = re.search(r"Stopped\. (\d+) messages are saved", err)
    assert stopped
    assert f"→ Go on with: migrate backup {target}" in err
    assert "Traceback" not in err
    saved = len(list((target / "INBOX").glob("*.eml")))
    assert 10 <= int(stopped[1]) <= saved
    rest = migrate("backup", target, "--json")
    assert rest.json["complete"]
    assert rest.json["fresh"] <= 100 - int(stopped[1])


def test_progress_on_a_terminal(migrate: Migrate, server: Dovecot, tmp_path: Path) -> None:
    """One line that is written over: how many, how fast; it is gone at the end."""
    set_up(migrate, server)
    screen = migrate.screen("backup", tmp_path / "saved")
    assert screen.end() == 0
    assert re.search(r"\d+/100 messages, \d+/4 MB, [\d.]+ MB/s", screen.text)
    assert "Saved in" in screen.text


def test_wrong_use(migrate: Migrate, server: Dovecot, tmp_path: Path) -> None:
    """No mailbox, a place that cannot be, a wrong form: a sentence and a next action."""
    migrate.init()
    migrate("backup", tmp_path / "x").explains(
        1, "The old mailbox is not set up to be read.", "migrate mailbox add old"
    )
    migrate("backup", tmp_path / "x", "--form", "pst").explains(2, "--form")
    migrate("backup").explains(2, "DIR")
    set_up_again = Migrate(tmp_path / "second")
    (tmp_path / "second").mkdir()
    set_up(set_up_again, server, "empty@example.net")
    set_up_again("backup", tmp_path / "no" / "such").explains(1, "There is no folder")
    (tmp_path / "file").write_text("x")
    set_up_again("backup", tmp_path / "file").explains(2, "file")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("x")
    set_up_again("backup", tmp_path / "full").explains(1, "is not empty")
    set_up_again("backup", tmp_path / "new", OLD_SECRET="wrong").explains(1, "refused the login")
    assert not (tmp_path / "new").exists()
    done = set_up_again("backup", tmp_path / "new")
    assert done.code == 0
    assert "0 messages" in done.out


def test_help_needs_no_mail_library() -> None:
    """`migrate backup --help` starts without imapclient."""
    code = (
        "import sys, click.testing; from readdress.cli.backing import backup; "
        "print(click.testing.CliRunner().invoke(backup, ['--help']).output); "
        "sys.exit('imapclient' in sys.modules or 'readdress.mailbox.backup' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "Save a whole mailbox" in done.stdout
