"""Saving a whole mailbox from a real server: everything, exactly, once; killed and gone on; what was saved stays."""

from __future__ import annotations

import hashlib
import imaplib
import json
import os
import random
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import PASSWORD
from hypothesis import given
from hypothesis import strategies as st
from mailbox_servers import Liar, Line, Tap, loopback

from readdress.errors import MailboxError, MailboxLogin
from readdress.mailbox.archives import message_at, read_archive
from readdress.mailbox.backup import BackupProgress, BackupReport, BackupStopped, backup
from readdress.mailbox.backup_names import safe_part, safe_path, unlike
from readdress.mailbox.backup_store import MANIFEST, BackupError
from readdress.mailbox.backup_wire import PIECE
from readdress.models import MailboxConfig
from tests.programs.dovecot import QQ_FOLDER, Dovecot

BODY = b"From here on\r\n>From there\r\n\r\nFrom ann@example.com Mon Jan  1 10:00:00 2020\r\nA: b\r\n.\r\n"


def lines(target: Path) -> list[dict[str, Any]]:
    """The manifest."""
    return [json.loads(line) for line in (target / MANIFEST).read_text("utf-8").splitlines()]


def originals(target: Path, report: BackupReport, folder: str) -> list[bytes]:
    """The messages of a folder as the server sent them, from either form."""
    place = next(f for f in report.folders if f.name == folder)
    path = target / place.path
    if report.form == "eml":
        return [p.read_bytes() for p in sorted(path.glob("*.eml"))]
    number = next(line["folder"] for line in lines(target) if line.get("name") == folder)
    found = {}
    notes = {line["uid"]: line for line in lines(target) if line.get("in") == number}
    offsets = [uid for b in read_archive(path) for uid, _ in b.rows] if path.stat().st_size else []
    for offset, note in zip(offsets, sorted(notes.values(), key=lambda n: n["end"]), strict=True):  # as they came
        raw = message_at(path, offset, cap=16 << 20)
        raw = raw.replace(b"\n", b"\r\n") if note["eol"] == "crlf" else raw
        found[note["uid"]] = raw[: note["size"]]
        assert hashlib.sha256(found[note["uid"]]).hexdigest() == note["sha256"]
    return [raw for _, raw in sorted(found.items())]


@pytest.mark.parametrize("form", ["eml", "mbox"])
def test_everything_is_saved_exactly(
    dovecot: Dovecot, user: str, config: MailboxConfig, put: Callable[..., None], tmp_path: Path, form: Any
) -> None:
    """Every folder, octet for octet (large messages in pieces too), as 0600 in 0700; nothing is marked as read; a second run fetches nothing."""
    put(b"From: a@example.com\r\nSubject: one\r\n\r\n" + BODY)
    put("two")
    put(b"From: a@example.com\r\nSubject: qq\r\n\r\nhi\r\n", QQ_FOLDER)
    large = (
        b"From: a@example.com\r\nSubject: large\r\n\r\n"
        b"From x\r\n" + random.Random(1).randbytes(3 * PIECE // 4).hex().encode()
    )
    exact = b"Subject: exact\r\n\r\n".ljust(2 * PIECE - 2, b"y") + b"\r\n"
    for raw in (large, exact, b"Subject: no end of line\r\n\r\nx"):
        put(raw, "Archive")
    ticks: list[BackupProgress] = []
    target = tmp_path / "saved"
    report = backup(config, PASSWORD, target, form=form, progress=ticks.append)
    assert report.complete
    assert report.messages == report.fresh == 6
    assert {f.name for f in report.folders} == {"INBOX", "Junk", "Archive", "其他文件夹", QQ_FOLDER}
    for folder in ("INBOX", "Archive", QQ_FOLDER):
        assert originals(target, report, folder) == dovecot.messages(user, folder)
    for path in target.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    assert not list(target.rglob("*.part"))
    assert ticks[-1].messages == ticks[-1].of_messages == 6
    assert [t.octets for t in ticks] == sorted(t.octets for t in ticks)
    with dovecot.login(user) as imap:
        imap.select("INBOX", readonly=True)
        assert imap.search(None, "UNSEEN")[1] == [b"1 2"]
    put("three")
    again = backup(config, PASSWORD, target, form=form)
    assert again.fresh == 1
    assert again.complete
    assert originals(target, again, "INBOX") == dovecot.messages(user)
    assert not any(f.other_sizes_count or f.gone for f in again.folders)


@pytest.mark.parametrize("form", ["eml", "mbox"])
def test_killed_at_any_moment_and_gone_on(
    dovecot: Dovecot, user: str, config: MailboxConfig, tmp_path: Path, form: Any
) -> None:
    """SIGKILL again and again: no half message under a final name, nothing fetched twice that was noted, in the end everything is there."""
    chance = random.Random(form)
    with dovecot.login(user) as imap:
        for n in range(120):
            body = b"From x\r\n" + chance.randbytes(chance.choice([10, 20_000, 60_000])).hex().encode() + b"\r\n"
            imap.append("INBOX", "", "", b"Subject: n%d\r\n\r\n%s" % (n, body))
        imap.append("Archive", "", "", b"Subject: large\r\n\r\n" + chance.randbytes(2_000_000).hex().encode() + b"\r\n")
    target = tmp_path / "saved"
    argv = [
        sys.executable,
        str(Path(__file__).with_name("backup_child.py")),
        *(str(config.port), config.ca_file, user, PASSWORD, str(target), form),
    ]
    kills = 0
    noted = 0
    for _ in range(40):
        with subprocess.Popen(argv, stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}) as child:
            assert child.stdout is not None
            stop_at = noted + chance.randint(1, 25)
            ended = False
            for line in child.stdout:
                ended = line == b"done\n"
                if not ended and int(line) >= stop_at:
                    child.send_signal(signal.SIGKILL)
                    kills += 1
                    break
        if not target.exists():
            continue
        messages = [json.loads(raw) for raw in (target / MANIFEST).read_bytes().split(b"\n")[:-1] if b'"uid"' in raw]
        keys = [(m["in"], m["uid"]) for m in messages]
        assert len(keys) == len(set(keys))
        assert len(keys) >= noted
        noted = len(keys)
        if form == "eml":
            places = {f["folder"]: target / f["path"] for f in lines(target)[1:] if "folder" in f}
            for m in messages:
                raw = (places[m["in"]] / f"{m['uid']:010d}.eml").read_bytes()
                assert hashlib.sha256(raw).hexdigest() == m["sha256"]
            for path in target.rglob("*.eml"):  # one more than noted may be there, whole
                assert path.read_bytes().endswith(b"\r\n")
                assert b"\r\n\r\n" in path.read_bytes()
        if ended:
            break
    assert kills >= 3
    report = backup(config, PASSWORD, target, form=form)
    assert report.complete
    for folder in ("INBOX", "Archive"):
        assert originals(target, report, folder) == dovecot.messages(user, folder)
    assert not list(target.rglob("*.part"))


@pytest.mark.parametrize("form", ["eml", "mbox"])
def test_files_that_are_lost_or_cut_are_saved_again(
    dovecot: Dovecot, user: str, config: MailboxConfig, put: Callable[..., None], tmp_path: Path, form: Any
) -> None:
    """The manifest is compared with the disk: what is not there any more is fetched once more."""
    for n in range(5):
        put(f"n{n}")
    target = tmp_path / "saved"
    report = backup(config, PASSWORD, target, form=form)
    if form == "eml":
        files = sorted((target / "INBOX").glob("*.eml"))
        files[1].unlink()
        files[3].write_bytes(b"cut")
        lost = 2
    else:
        path = target / "INBOX.mbox"
        os.truncate(path, path.stat().st_size // 2)
        lost = 3
    with (target / MANIFEST).open("ab") as file:
        file.write(b'{"in":1,"uid":99,"si')  # a kill in the middle of a line
    report = backup(config, PASSWORD, target, form=form)
    assert report.fresh == lost
    assert report.complete
    assert originals(target, report, "INBOX") == dovecot.messages(user)


def test_the_connection_breaks_and_comes_back(
    dovecot: Dovecot, user: str, put: Callable[..., None], tmp_path: Path
) -> None:
    """Cut in the middle: signs in again and goes on; nothing is fetched twice."""
    for n in range(30):
        put(b"Subject: n%d\r\n\r\n%s\r\n" % (n, b"x" * 400_000))  # more than the sockets between us hold
    with Tap(dovecot.port) as tap:
        config = loopback(tap.port)
        config = MailboxConfig(user, host=config.host, port=config.port, security="plain")
        cuts = []

        def tell(progress: BackupProgress) -> None:
            if progress.messages in (5, 17) and progress.messages not in cuts:
                cuts.append(progress.messages)
                tap.cut()

        report = backup(config, PASSWORD, tmp_path / "saved", progress=tell, pauses=(0.0, 0.0))
        assert cuts == [5, 17]
        assert report.complete
        assert report.fresh == 30
        assert originals(tmp_path / "saved", report, "INBOX") == dovecot.messages(user)
        assert sum(b"AUTHENTICATE" in line.upper() or b"LOGIN" in line.upper() for line in tap.lines()) == 3
        words = {line.split()[0].upper() for line in tap.lines() if line and b" " in line}
        assert not words & {b"SELECT", b"STORE", b"COPY", b"APPEND", b"EXPUNGE", b"DELETE", b"CREATE"}
        assert not any(
            b"STORE" in line or re.search(rb"BODY\[", line) for line in tap.lines() if line.startswith(b"UID")
        )


def test_the_mailbox_vanishes(dovecot: Dovecot, user: str, put: Callable[..., None], tmp_path: Path) -> None:
    """It does not come back: what was saved stays, the words say how much and how to go on."""
    for n in range(20):
        put(b"Subject: n%d\r\n\r\n%s\r\n" % (n, b"x" * 600_000))
    with Tap(dovecot.port) as tap:
        config = MailboxConfig(user, host="127.0.0.1", port=tap.port, security="plain")

        def tell(progress: BackupProgress) -> None:
            if progress.messages == 7:
                tap.refuse = True
                tap.cut()

        with pytest.raises(BackupStopped, match=r"\d+ messages are saved") as caught:
            backup(config, PASSWORD, tmp_path / "saved", progress=tell, pauses=(0.0, 0.0))
    assert "goes on where it stopped" in caught.value.todo
    assert caught.value.report is not None
    saved = len(list((tmp_path / "saved" / "INBOX").glob("*.eml")))
    assert 7 <= saved == caught.value.report.messages < 20
    assert not caught.value.report.complete
    direct = MailboxConfig(user, host="127.0.0.1", port=dovecot.port, security="plain")
    assert backup(direct, PASSWORD, tmp_path / "saved").fresh == 20 - saved


def test_a_folder_is_numbered_anew(
    dovecot: Dovecot, user: str, config: MailboxConfig, put: Callable[..., None], tmp_path: Path
) -> None:
    """Another UIDVALIDITY: what was saved stays where it is, the folder is saved again beside it, and the report says so."""
    put("old", "Archive")
    first = backup(config, PASSWORD, tmp_path / "saved")
    dovecot.change_uidvalidity(user, "Archive")
    put("new", "Archive")
    report = backup(config, PASSWORD, tmp_path / "saved")
    assert report.complete
    anew = next(f for f in report.folders if f.anew)
    assert (anew.name, anew.path, anew.messages) == ("Archive", "Archive~2", 1)
    assert b"old" in next((tmp_path / "saved" / "Archive").glob("*.eml")).read_bytes()
    assert b"new" in next((tmp_path / "saved" / "Archive~2").glob("*.eml")).read_bytes()
    assert report.messages == first.messages + 1


def test_mail_comes_and_goes_meanwhile(
    dovecot: Dovecot, user: str, config: MailboxConfig, put: Callable[..., None], tmp_path: Path
) -> None:
    """What arrives during the backup is saved too; what is deleted before it was read is not missed."""
    for n in range(5):
        put(b"Subject: n%d\r\n\r\n%s\r\n" % (n, b"x" * 400_000))
    done = []

    def tell(progress: BackupProgress) -> None:
        if progress.messages == 1 and not done:
            done.append(1)
            put("late")
            with dovecot.login(user) as imap:
                imap.select("INBOX")
                imap.uid("STORE", "5", "+FLAGS", r"(\Deleted)")
                imap.expunge()

    report = backup(config, PASSWORD, tmp_path / "saved", progress=tell)
    assert report.complete
    inbox = next(f for f in report.folders if f.name == "INBOX")
    assert inbox.on_server == 5
    assert inbox.messages - inbox.gone == 5
    put("later")
    with dovecot.login(user) as imap:
        imap.select("INBOX")
        imap.uid("STORE", "1", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    report = backup(config, PASSWORD, tmp_path / "saved")
    inbox = next(f for f in report.folders if f.name == "INBOX")
    assert report.fresh == 1
    assert inbox.gone >= 1
    assert report.complete


def test_names_that_are_dangerous_on_a_disk(dovecot: Dovecot, user: str, config: MailboxConfig, tmp_path: Path) -> None:
    """Folders whose names differ only in case, are devices on Windows, hold forbidden characters: each has a place of its own."""
    wanted = ["work", "Work", "CON", "a:b?c*", "工作"]
    for n, name in enumerate(wanted):
        dovecot.create_folder(user, name)
        dovecot.append(user, b"Subject: %d\r\n\r\nx\r\n" % n, name)
    report = backup(config, PASSWORD, tmp_path / "saved")
    assert report.complete
    paths = {f.name: f.path for f in report.folders}
    assert len({p.casefold() for p in paths.values()}) == len(paths)
    assert sorted(paths[n] for n in ("work", "Work"))[1].endswith("~2")
    assert {paths["CON"], paths["a:b?c*"], paths["工作"]} == {
        "CON_",
        "a_b_c_",
        "工作",
    }
    for n, name in enumerate(wanted):
        assert f"Subject: {n}".encode() in originals(tmp_path / "saved", report, name)[0]


@given(st.text(max_size=300))
def test_any_folder_name_is_a_safe_path(name: str) -> None:
    """Whatever a server calls its folders: relative, within the target, no part that any system refuses or hides."""
    path = safe_path(name)
    assert not path.startswith("/")
    for part in path.split("/"):
        assert 0 < len(part.encode()) <= 102
        assert not part.startswith((".", " "))
        assert not part.endswith((".", " "))
        assert not re.search(r'[\x00-\x1f<>:"|?*\\]', part)
        assert part.partition(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
        assert not part.lower().endswith((".eml", ".mbox", ".part"))
    assert [safe_part(n) for n in ("ende.", "..", "nul.txt", "a\u202eb", "manifest.jsonl")] == [
        "ende",
        "_",
        "nul.txt_",
        "a_b",
        "manifest.jsonl_",
    ]


def test_names_unlike_each_other() -> None:
    """Case, and forms of the same letter, make no difference on some disks."""
    taken: set[str] = set()
    assert [unlike(n, taken) for n in ("a", "A", "\u00e9", "e\u0301", "a~2")] == [
        "a",
        "A~2",
        "\u00e9",
        "e\u0301~2",
        "a~2~2",
    ]


def test_refuses_a_target_that_is_not_its_own(config: MailboxConfig, put: Callable[..., None], tmp_path: Path) -> None:
    """Another mailbox's backup, another form, a folder with other things in it, a damaged manifest: nothing is written there."""
    put("x")
    target = tmp_path / "saved"
    backup(config, PASSWORD, target)
    before = (target / MANIFEST).read_bytes()
    with pytest.raises(BackupError, match="kept as eml") as caught:
        backup(config, PASSWORD, target, form="mbox")
    assert "--form eml" in caught.value.todo
    (target / MANIFEST).write_bytes(before.replace(config.address.encode(), b"somebody@example.org"))
    with pytest.raises(BackupError, match=r"somebody@example\.org"):
        backup(config, PASSWORD, target)
    (target / MANIFEST).write_bytes(before.replace(b'"format":1', b'"format":9'))
    with pytest.raises(BackupError, match="newer readdress"):
        backup(config, PASSWORD, target)
    for harm in (
        b"nonsense\n",
        b'{"in":77,"uid":1,"size":2}\n',
        b'{"folder":99,"name":"x","uidvalidity":1,"path":"x"}\n',
    ):
        (target / MANIFEST).write_bytes(before + harm)
        with pytest.raises(BackupError, match="damaged"):
            backup(config, PASSWORD, target)
    escape = b'{"folder":6,"name":"x","uidvalidity":1,"path":"../out"}\n'
    (target / MANIFEST).write_bytes(before + escape)
    with pytest.raises(BackupError, match="damaged"):
        backup(config, PASSWORD, target)
    assert not (tmp_path / "out").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.doc").write_bytes(b"x")
    with pytest.raises(BackupError, match="not empty"):
        backup(config, PASSWORD, other)
    assert [p.name for p in other.iterdir()] == ["thesis.doc"]
    with pytest.raises(BackupError, match="No such file"):
        backup(config, PASSWORD, tmp_path / "a" / "b" / "c")


def test_two_at_once(config: MailboxConfig, put: Callable[..., None], tmp_path: Path) -> None:
    """A second backup into the same folder is told of the first."""
    put("x")
    put("y")
    seen = []

    def tell(progress: BackupProgress) -> None:
        if not seen:
            seen.append(1)
            with pytest.raises(BackupError, match="Another backup"):
                backup(config, PASSWORD, tmp_path / "saved")

    assert backup(config, PASSWORD, tmp_path / "saved", progress=tell).complete
    assert seen


@pytest.mark.parametrize("form", ["eml", "mbox"])
def test_the_disk_is_full(
    dovecot: Dovecot,
    user: str,
    config: MailboxConfig,
    put: Callable[..., None],
    tmp_path: Path,
    form: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the middle: clear words, nothing half, and later it goes on. Known beforehand: it does not even begin."""
    for n in range(8):
        put(b"Subject: n%d\r\n\r\n%s\r\n" % (n, b"x" * 5000))
    real = os.write
    written = []

    def write(fd: int, octets: Any) -> int:
        written.append(len(octets))
        if sum(written) > 20_000:
            real(fd, octets[:100])
            raise OSError(28, "No space left on device")
        return real(fd, octets)

    target = tmp_path / "saved"
    monkeypatch.setattr(os, "write", write)
    with pytest.raises(BackupError, match="disk is full") as caught:
        backup(config, PASSWORD, target, form=form)
    monkeypatch.undo()
    assert "goes on" in caught.value.todo
    assert not list(target.rglob(".*.part"))
    report = backup(config, PASSWORD, target, form=form)
    assert 1 <= report.fresh <= 7
    assert originals(target, report, "INBOX") == dovecot.messages(user)
    put(b"Subject: big\r\n\r\n" + b"x" * 3_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 17_000_000})())
    with pytest.raises(BackupError, match=r"needs 3\.0 MB"):
        backup(config, PASSWORD, target, form=form)


def test_wrong_password(config: MailboxConfig, tmp_path: Path) -> None:
    """Nothing is made on the disk before the mailbox opened."""
    with pytest.raises(MailboxLogin):
        backup(config, "wrong", tmp_path / "saved")
    assert not (tmp_path / "saved").exists()
    with pytest.raises(MailboxError):
        backup(loopback(1), "x", tmp_path / "saved")


def test_a_folder_that_cannot_be_opened_is_named(
    dovecot: Dovecot,
    user: str,
    config: MailboxConfig,
    put: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are saved, and the report is not complete."""
    put("x")
    from readdress.mailbox.backup_wire import BackupConnection
    from readdress.mailbox.trouble import MailboxRefused

    real = BackupConnection.examine

    def examine(self: BackupConnection, folder: str) -> Any:
        if folder == "Junk":
            raise MailboxRefused("localhost:1 refuses: NO permission.", todo="x")
        return real(self, folder)

    monkeypatch.setattr(BackupConnection, "examine", examine)
    report = backup(config, PASSWORD, tmp_path / "saved")
    assert not report.complete
    assert [f.name for f in report.folders if f.trouble] == ["Junk"]
    assert report.messages == 1


# -- servers that answer in other ways


def test_another_real_server(tmp_path: Path) -> None:
    """The same on pymap, which shares no code with Dovecot."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    program = str(Path(sys.executable).with_name("pymap"))
    command = [program, "--host", "127.0.0.1", "--port", str(port), "dict"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + 15
            while time.monotonic() < end:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            sent = [b"Subject: n%d\r\n\r\n%s\r\n" % (n, b"y" * 70 * n) for n in range(20)]
            sent.append(b"Subject: large\r\n\r\n" + (b"z" * 98 + b"\r\n") * 15_000)
            with imaplib.IMAP4("127.0.0.1", port, timeout=20) as imap:
                imap.login("demouser", "demopass")
                for raw in sent:
                    assert imap.append("INBOX", "", "", raw)[0] == "OK"
            config = loopback(port, login="demouser")
            for form in ("eml", "mbox"):
                report = backup(config, "demopass", tmp_path / form, form=form)  # type: ignore[arg-type]
                assert report.complete
                assert originals(tmp_path / form, report, "INBOX")[-len(sent) :] == sent
                assert backup(config, "demopass", tmp_path / form, form=form).fresh == 0  # type: ignore[arg-type]
        finally:
            process.terminate()


def _serve(messages: dict[int, bytes], sizes: dict[int, int], *, style: str = "literal") -> dict[str, Any]:
    """Answers of a server with one folder; ``style``: how bodies are given."""

    def fetch(line: Line) -> None:
        words = line.text.decode()
        if "RFC822.SIZE" in words:
            for n, uid in enumerate(messages, 1):
                line.send(b"* %d FETCH (RFC822.SIZE %d UID %d)\r\n" % (n, sizes.get(uid, len(messages[uid])), uid))
            line.send(b"%TAG% OK done\r\n")
            return
        part = re.search(r"<(\d+)\.(\d+)>", words)
        for number in map(int, words.split()[2].split(",")):
            raw = messages.get(number)
            if raw is None:
                continue
            name = b"BODY[]"
            if part:
                offset, count = int(part[1]), int(part[2])
                raw, name = raw[offset : offset + count], b"BODY[]<%d>" % offset
            if style == "refuse" and number == 2:
                line.send(b"%TAG% NO [SERVERBUG] cannot read that one\r\n")
                return
            body = b"{%d}\r\n%s" % (len(raw), raw)
            if style == "quoted" and b"\r" not in raw:
                body = b'"%s"' % raw.replace(b"\\", rb"\\").replace(b'"', rb"\"")
            elif style == "nil" and number == 2:
                body = b"NIL"
            line.send(b"* 5 EXISTS\r\n* 1 FETCH (%s %s UID %d FLAGS (\\Seen))\r\n" % (name, body, number))
        line.send(b"%TAG% OK done\r\n")

    exists = b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 99] x\r\n%%TAG%% OK [READ-ONLY] done\r\n"
    return {"UID FETCH": fetch, "FETCH": fetch, "EXAMINE": exists % len(messages)}


MESSAGES = {1: b"Subject: one", 2: b'a "quoted" \\ one', 3: b"Subject: three\r\n\r\nx\r\n"}


@pytest.mark.parametrize("style", ["literal", "quoted"])
def test_bodies_in_every_syntax(tmp_path: Path, style: str) -> None:
    """A body may be a literal or a quoted string (RFC 9051 §4.3), the UID may come after it, other answers in between."""
    with Liar(_serve(MESSAGES, {}, style=style)) as liar:
        report = backup(loopback(liar.port), "x", tmp_path / "saved")
        assert report.complete
        assert originals(tmp_path / "saved", report, "INBOX") == list(MESSAGES.values())
        assert b"PEEK" in liar.said()
        assert b"EXAMINE" in liar.said()


@pytest.mark.parametrize("style", ["refuse", "nil"])
def test_a_message_that_the_server_cannot_give(tmp_path: Path, style: str) -> None:
    """The others are saved; the report names it, and is not complete."""
    with Liar(_serve(MESSAGES, {}, style=style)) as liar:
        report = backup(loopback(liar.port), "x", tmp_path / "saved")
    (folder,) = report.folders
    assert (folder.messages, folder.missing, folder.refused) == (2, (2,), 1)
    assert not report.complete


def test_sizes_that_are_off(tmp_path: Path) -> None:
    """RFC822.SIZE too small (by far, for a large message), too large, or 0: everything is saved whole, and the difference reported."""
    large = b"Subject: large\r\n\r\n" + bytes(range(33, 97)) * 50_000
    messages = {1: b"Subject: small\r\n\r\nx\r\n", 2: large, 3: large[: 2 * PIECE], 4: large}
    with Liar(_serve(messages, {1: 0, 2: PIECE + 5, 3: 5 * PIECE, 4: len(large)})) as liar:
        report = backup(loopback(liar.port), "x", tmp_path / "saved")
    assert report.complete
    (folder,) = report.folders
    assert originals(tmp_path / "saved", report, "INBOX") == list(messages.values())
    assert [(uid, said) for uid, _, said in folder.other_sizes] == [(1, 0), (2, PIECE + 5), (3, 5 * PIECE)]


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 1 BODY[] {4000000000}\r\n",
        b"* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\nx)\r\n",
        b"* 1 FETCH (" + b"X {1}\r\nx " * 20_000,
        b"* 1 FETCH (UID 1 BODY[] {5}\r\nab",
        b"XX1 OK done\r\n",
        b"+ go on\r\n" * 3,
        b"* BYE\r\n",
    ],
)
def test_a_server_that_lies(tmp_path: Path, answer: bytes) -> None:
    """Announces gigabytes, floods, ends in the middle, answers what was not asked: an error, soon, and nothing half on the disk."""

    def fetch(line: Line) -> None:
        line.send(answer)
        line.sock.close()

    with Liar(_serve(MESSAGES, {}) | {"UID FETCH": fetch}) as liar, pytest.raises(BackupError) as caught:
        backup(loopback(liar.port), "x", tmp_path / "saved", seconds=2.0, pauses=())
    assert caught.value.todo
    assert [p.name for p in (tmp_path / "saved").rglob("*") if p.is_file()] == [MANIFEST]
