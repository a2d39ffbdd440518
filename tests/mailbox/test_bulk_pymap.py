"""The bulk header reader against a second, unrelated IMAP server: pymap, the rehearsal's."""

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

from readdress.mailbox import bulk_plan
from readdress.mailbox.bulk import scan
from readdress.mailbox.connect import Connection


@pytest.fixture
def pymap() -> Iterator[int]:
    """The port of a running pymap with one user (demouser, demopass)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port), "dict"]
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


def test_pipelined_ranges_and_what_is_new(pymap: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several ranges on the way at once, header fields in that server's own order; then only the new message."""
    monkeypatch.setattr(bulk_plan, "STEP", 2)

    def put(number: int) -> None:
        raw = b"To: b@example.net\r\nFrom: a@example.com\r\nSubject: s%d\r\n\r\nbody\r\n" % number
        with imaplib.IMAP4("127.0.0.1", pymap, timeout=10) as imap:
            imap.login("demouser", "demopass")
            assert imap.append("INBOX", "", "", raw)[0] == "OK"

    for number in range(5):
        put(number)
    with Connection(loopback(pymap, login="demouser"), "demopass") as connection:
        first = list(scan(connection, "s", {}))
        headers = [header for b in first if b.folder == "INBOX" for _, header in b.rows]
        assert [b"Subject: s%d" % n in h and b"From: a@" in h and b"body" not in h for n, h in enumerate(headers)] == [
            True
        ] * 5
    put(5)
    with Connection(loopback(pymap, login="demouser"), "demopass") as connection:
        again = list(scan(connection, "s", {b.folder: b.mark for b in first}))
        assert [b"s5" in header for b in again for _, header in b.rows] == [True]
