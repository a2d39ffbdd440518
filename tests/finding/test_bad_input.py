"""What can be wrong with a mailbox, an archive or an export, as `migrate discover` says it: clear words, a next action, what was found is kept.

The same one layer below: tests/mailbox/test_mailbox_connect.py (every refusal of a login), test_bulk_lies.py and test_mailbox_lies.py (servers that
lie), tests/mailbox/archives (each kind of damage), tests/passwords/test_hostile.py (exports); a folder that changes UIDVALIDITY and a mailbox that
vanishes between two batches: tests/finding/test_discover.py.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.process import Migrate
from tests.corpus.build import OLD
from tests.finding.conftest import PASSWORD, write_mbox
from tests.mailbox.mailbox_servers import Liar, Line, Tap
from tests.passwords import exports
from tests.programs.dovecot import Dovecot

FORTY_GB = 40 * 1000**3
MEMORY = 120_000
"""KiB that the whole process may take with a file of 40 GB (Python, its libraries and the catalogue alone are about half of it)."""
QQ_REFUSES = b"%TAG% NO Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or system is busy.\r\n"


@pytest.fixture
def migrate(tmp_path: Path) -> Iterator[Migrate]:
    """The command, with a migration that is begun."""
    made = Migrate(tmp_path)
    made.init()
    yield made
    made.close()


def with_mailbox(folder: Path, *settings: str | int) -> Migrate:
    """The command, with an old mailbox that is reached so."""
    folder.mkdir(exist_ok=True)
    made = Migrate(folder)
    made.env["OLD_MAIL"] = PASSWORD
    assert made("init", "--old", OLD, "--new", "mia@new.example").code == 0
    given = [*map(str, settings), "--secret", "env:OLD_MAIL", "--no-check"]
    assert made("mailbox", "add", "old", *given).code == 0
    return made


def on_dovecot(server: Dovecot, user: str, port: int = 0) -> list[str | int]:
    return ["--host", "localhost", "--port", port or server.tls_port, "--ca-file", server.ca_file, "--login", user]


def on_liar(liar: Liar) -> list[str | int]:
    return ["--host", "127.0.0.1", "--port", liar.port, "--security", "plain"]


# -- mailboxes ----------------------------------------------------------------------------------------------------------


def test_a_wrong_password(server: Dovecot, tmp_path: Path) -> None:
    """The server's refusal and what to check; not the password."""
    migrate = with_mailbox(tmp_path / "a", *on_dovecot(server, "u18@oldmail.example"))
    ended = migrate("discover", OLD_MAIL="not the password")
    ended.explains(1, "localhost refused the login of u18@oldmail.example", "app password")
    assert "not the password" not in ended.err + ended.out


def test_qq_cannot_tell_why(tmp_path: Path) -> None:
    """QQ answers a wrong code and a banned account with one sentence: that is said, and nothing is claimed."""

    def refuse(line: Line) -> None:
        line.send(b"+ \r\n")
        line.read()
        line.send(QQ_REFUSES)

    with Liar({"AUTHENTICATE": refuse}) as liar:
        migrate = with_mailbox(tmp_path / "a", *on_liar(liar), "--preset", "qq")
        migrate("discover").explains(
            1, "a wrong code", "a banned account", "the reason cannot be told", "Wait 15 minutes", "sign in on the web"
        )


def test_the_line_is_cut_in_the_middle(server: Dovecot, tmp_path: Path, mails: list[bytes]) -> None:
    """The connection dies while messages are opened: exit code 1, accounts so far are kept, the next run reads nothing twice."""
    user = "u17@oldmail.example"
    for raw in mails[:60]:
        server.deliver(user, raw)
    with Tap(server.tls_port) as tap:
        migrate = with_mailbox(tmp_path / "a", *on_dovecot(server, user, tap.port))
        screen = migrate.screen("discover")
        screen.until("opening: ")
        tap.cut()
        assert screen.end() == 1, screen.text
    text = re.sub(r"\s+", " ", screen.text)
    assert "What was read until then is kept; the next run goes on from there." in text
    assert "→ " in text
    assert "Traceback" not in text
    state = migrate("export").json
    assert sum(scan["messages"] for scan in state["scans"]) == 60
    assert state["accounts"], "what the mail showed until then"
    before = len(state["opened"])
    assert migrate("mailbox", "add", "old", *map(str, on_dovecot(server, user)), "--secret", "env:OLD_MAIL").code == 0
    rest = migrate("discover", "--json").json
    assert (rest["sources"][0]["messages"], rest["error"]) == (0, None)
    assert len(migrate("export").json["opened"]) == before + rest["opened"] > before


def test_a_literal_of_gigabytes(tmp_path: Path) -> None:
    """Neither the memory nor the time that it announces is taken."""
    lie = b"* 1 FETCH (UID 1 BODY[HEADER.FIELDS (FROM TO)] {4000000000}\r\n"
    answers = {
        "UID FETCH": lie,
        "STATUS": b'* STATUS "INBOX" (MESSAGES 4 UIDNEXT 5 UIDVALIDITY 7)\r\n%TAG% OK done\r\n',
        "EXAMINE": b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5] x\r\n%TAG% OK [READ-ONLY] done\r\n",
        "LIST": b'* LIST () "/" INBOX\r\n%TAG% OK done\r\n',
    }
    with Liar(answers) as liar:
        migrate = with_mailbox(tmp_path / "a", *on_liar(liar))
        begun = time.monotonic()
        ended = migrate("discover")
    assert ended.code == 1, ended
    assert time.monotonic() - begun < 20
    assert "→ " in ended.err
    assert "Traceback" not in ended.err
    assert "announces 4,000,000,000 octets" in ended.err


# -- archives -----------------------------------------------------------------------------------------------------------


def test_no_from_lines(migrate: Migrate, tmp_path: Path) -> None:
    """Notes are no mbox: what is understood is listed."""
    (tmp_path / "notes.mbox").write_text("these are my notes\n" * 100)
    (tmp_path / "nothing.mbox").touch()
    migrate("discover", "--mbox", tmp_path / "notes.mbox").explains(1, "'notes.mbox' is no archive of mail", "Maildir")
    migrate("discover", "--mbox", tmp_path / "nothing.mbox").explains(
        1, "'nothing.mbox' is empty", "Export the mail once more"
    )
    (tmp_path / "dir").mkdir()
    migrate("discover", "--maildir", tmp_path / "dir").explains(1, "no Maildir", "cur and new")
    migrate("discover", "--eml", tmp_path / "dir").explains(1, "There is no message in 'dir'.", "Give the folder")


def test_a_file_of_forty_gigabytes(migrate: Migrate, tmp_path: Path, mails: list[bytes]) -> None:
    """A sparse one: memory stays flat while it is read, and Ctrl-C ends it with the messages kept that stand at its beginning."""
    path = tmp_path / "big.mbox"
    write_mbox(path, mails[:20])
    os.truncate(path, FORTY_GB)
    if path.stat().st_blocks * 512 > 1 << 30:  # pragma: no cover - no sparse files here
        pytest.fail("the file system made the file solid")
    child = migrate.start("discover", "--mbox", path)
    try:
        time.sleep(6)
        assert child.poll() is None, child.communicate()
        status = Path(f"/proc/{child.pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1])  # type: ignore[index]
        assert peak < MEMORY, f"{peak} KiB"
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    finally:
        child.kill()
    assert child.returncode == 3, err
    assert "Stopped. What was read until now is kept." in err
    assert "Traceback" not in err


def test_damaged_gzip_and_zip(migrate: Migrate, tmp_path: Path, mails: list[bytes]) -> None:
    """A download that broke off: what comes before is kept and shown, and the whole file is read on from there."""
    write_mbox(tmp_path / "all.mbox", mails)
    whole = gzip.compress((tmp_path / "all.mbox").read_bytes())
    packed = tmp_path / "takeout.mbox.gz"
    packed.write_bytes(whole[: len(whole) // 2])
    cut = migrate("discover", "--mbox", packed)
    cut.explains(1, "'takeout.mbox.gz' is damaged: it is cut off.", "is kept", "Make the export or the copy once more")
    first = int(re.search(r"takeout\.mbox\.gz: (\d+) new messages", cut.out)[1])  # type: ignore[index]
    packed.write_bytes(whole)
    rest = migrate("discover", "--mbox", packed, "--json")
    assert rest.code == 0
    assert first + rest.json["sources"][0]["messages"] == len(mails)
    with zipfile.ZipFile(tmp_path / "mail.zip", "w") as archive:
        for number, raw in enumerate(mails[:20]):
            archive.writestr(f"{number}.eml", raw)
    octets = (tmp_path / "mail.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(octets[: len(octets) // 2])
    migrate("discover", "--zip", tmp_path / "cut.zip").explains(1, "'cut.zip' is damaged", "once more")
    (tmp_path / "no.zip").write_text("hello")
    migrate("discover", "--zip", tmp_path / "no.zip").explains(1, "'no.zip' is no zip file.", "Understood are")


@pytest.mark.skipif(
    os.getuid() == 0 and shutil.which("setpriv") is None, reason="root may read everything, and setpriv is missing"
)
def test_permission_denied(migrate: Migrate, tmp_path: Path, mails: list[bytes]) -> None:
    """A file of somebody else's: said as such. As root the command runs without the right to pass over permissions."""
    path = tmp_path / "theirs.mbox"
    write_mbox(path, mails[:3])
    path.chmod(0)
    plain = migrate.argv
    if os.getuid() == 0:
        drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
        migrate.argv = lambda *args: [*drop, *plain(*args)]  # type: ignore[method-assign]
    ended = migrate("discover", "--mbox", path)
    ended.explains(1, "'theirs.mbox' may not be read.", "Copy it to a place of your own")


# -- exports ------------------------------------------------------------------------------------------------------------


def test_an_encrypted_export(migrate: Migrate, tmp_path: Path) -> None:
    """Which program encrypted it, and how to export without; nothing is asked for that could not open it."""
    locked = {"encrypted": True, "passwordProtected": True, "salt": "x", "kdfType": 0, "data": "x"}
    (tmp_path / "bitwarden.json").write_text(json.dumps(locked))
    migrate("discover", "--passwords", tmp_path / "bitwarden.json").explains(
        1, "This Bitwarden export is encrypted", "not .json (Encrypted)"
    )
    (tmp_path / "proton.pgp").write_text("-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n")
    migrate("discover", "--passwords", tmp_path / "proton.pgp").explains(1, "is encrypted", "without encryption")


def test_a_keepass_database_and_its_password(migrate: Migrate, tmp_path: Path) -> None:
    """Without a terminal: a secret is needed; with a wrong one: it does not open; neither says what was typed."""
    exports.kdbx(tmp_path / "my.kdbx", 4)
    migrate("discover", "--passwords", tmp_path / "my.kdbx").explains(2, "A secret is needed")
    screen = migrate.screen("discover", "--passwords", tmp_path / "my.kdbx")
    screen.until("my.kdbx")
    screen.type("wrong one\r")
    assert screen.end() == 1
    text = re.sub(r"\s+", " ", screen.text)
    assert "This password does not open the KeePass database." in text
    assert "→ Try again." in text
    assert "wrong one" not in text
