"""The same code against a second, unrelated IMAP server: pymap, the rehearsal's."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mailbox_servers import loopback

from readdress.mailbox import MailWatcher, probe, read_headers
from readdress.models import Side

MAIL = b"From: a@example.com\r\nSubject: hello\r\n\r\nbody\r\n"


@pytest.fixture
def pymap() -> Iterator[int]:
    """The port of a running pymap with one empty-handed user (demouser, demopass)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    program = str(Path(sys.executable).with_name("pymap"))
    command = [program, "--host", "127.0.0.1", "--port", str(port), "dict"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe_socket:
                if probe_socket.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def test_marks_mail_headers_probe(pymap: int) -> None:
    """Marks, a new mail, its headers and the probe work on pymap as they do on Dovecot."""
    config = loopback(pymap, login="demouser")
    with MailWatcher({Side.OLD: config}, lambda side, config: "demopass") as watcher:
        watcher.watch(Side.OLD, watcher.marks(Side.OLD))
        with imaplib.IMAP4("127.0.0.1", pymap, timeout=10) as imap:
            imap.login("demouser", "demopass")
            assert imap.append("INBOX", "", "", MAIL)[0] == "OK"
        end = time.monotonic() + 8
        came = []
        while not came and time.monotonic() < end:
            came = watcher.poll(Side.OLD)
            time.sleep(0.02)
        assert [m.raw for m in came] == [MAIL]
    rows = list(read_headers(config, "demopass", folders=["INBOX"]))
    assert b"Subject: hello" in rows[0].fields
    assert probe(config, "demopass").messages["INBOX"] == 1
