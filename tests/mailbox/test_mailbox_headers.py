"""Reading header fields for discovery: all of them, in few round trips, and only the new ones where a mark is known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import PASSWORD
from mailbox_servers import Tap, loopback

from readdress.errors import MailboxError
from readdress.mailbox import headers, probe, read_headers
from readdress.mailbox.connect import Connection
from readdress.mailbox.headers import first_sequence, topmost_authserv_id
from readdress.models import MailboxConfig, Mark
from tests.programs.dovecot import Dovecot

MAIL = (
    b"Authentication-Results: mx.example.net; dkim=pass header.d=example.com\r\n"
    b"From: =?utf-8?q?A?= <a@example.com>\r\nTo: undisclosed-recipients:;\r\nX-Original-To: me@example.net\r\n"
    b"Subject: =?utf-8?b?5L2g5aW9?=\r\n folded\r\nMessage-ID: <%d@example.com>\r\nX-Other: not wanted\r\n\r\nbody\r\n"
)


def test_all_wanted_fields_in_batches(
    dovecot: Dovecot, user: str, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message with its raw fields, its date and its place; batches are single round trips; progress is told."""
    monkeypatch.setattr(headers, "BATCH", 3)
    for n in range(7):
        put(MAIL % n)
    put(MAIL % 99, "Junk")
    told: list[tuple[str, int, int]] = []
    with Tap(dovecot.port) as tap:
        config = loopback(tap.port, login=user)
        rows = list(read_headers(config, PASSWORD, progress=lambda *step: told.append(step)))
        fetches = [line for line in tap.lines() if line.startswith(b"FETCH")]
    assert [(r.folder, r.uid) for r in rows] == [*(("INBOX", n) for n in range(1, 8)), ("Junk", 1)]
    assert len(fetches) == 4
    assert told == [("INBOX", 3, 7), ("INBOX", 6, 7), ("INBOX", 7, 7), ("Junk", 1, 1)]
    first = rows[0]
    assert b"Subject: =?utf-8?b?5L2g5aW9?=\r\n folded\r\n" in first.fields
    assert b"X-Original-To: me@example.net" in first.fields
    assert b"Delivered-To: " + user.encode() in first.fields
    assert b"X-Other" not in first.fields
    assert first.received is not None
    assert first.uidvalidity > 0


def test_only_what_came_since_a_mark(
    dovecot: Dovecot, user: str, config: MailboxConfig, put: Callable[..., None]
) -> None:
    """A second run reads the new messages only, also behind a gap of deleted UIDs; with another UIDVALIDITY it reads all."""
    for n in range(5):
        put(MAIL % n)
    with Connection(config, PASSWORD) as connection:
        mark = connection.examine("INBOX").mark
    with dovecot.login(user) as imap:
        imap.select("INBOX")
        imap.uid("STORE", "2:3", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    assert list(read_headers(config, PASSWORD, folders=["INBOX"], since={"INBOX": mark})) == []
    put(MAIL % 8)
    put(MAIL % 9)
    new = list(read_headers(config, PASSWORD, folders=["INBOX"], since={"INBOX": mark}))
    assert [r.uid for r in new] == [6, 7]
    foreign = Mark("INBOX", mark.uidvalidity + 1, mark.uidnext)
    again = list(read_headers(config, PASSWORD, folders=["INBOX"], since={"INBOX": foreign}))
    assert [r.uid for r in again] == [1, 4, 5, 6, 7]


@pytest.mark.parametrize("uid", range(1, 30))
def test_first_sequence_by_bisection(uid: int) -> None:
    """The first message at or after any UID is found in a folder full of gaps."""
    uids = [2, 3, 7, 8, 20, 21, 28]

    class Folder:
        def uid_of(self, sequence: int) -> int:
            return uids[sequence - 1]

    expected = next((n for n, known in enumerate(uids, 1) if known >= uid), len(uids) + 1)
    assert first_sequence(Folder(), len(uids), uid) == expected  # type: ignore[arg-type]


def test_a_missing_folder_is_an_error(config: MailboxConfig) -> None:
    """A folder that was asked for by name and is not there is said, not silently skipped."""
    with pytest.raises(MailboxError):
        list(read_headers(config, PASSWORD, folders=["nowhere"]))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (b"Authentication-Results: mx.google.com;\r\n dkim=pass", "mx.google.com"),
        (b"Subject: x\r\nauthentication-results:\r\n\tMX.Example.net 1; spf=pass\r\n", "mx.example.net"),
        (
            b"Authentication-Results: (a comment) mx.qq.com; none\r\nAuthentication-Results: evil; x",
            "mx.qq.com",
        ),
        (b"Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x; dkim=pass", ""),
        (b"X-Authentication-Results: mx.google.com; x\r\nSubject: Authentication-Results: a; b", ""),
        (b"Authentication-Results:\r\n\r\nAuthentication-Results: body; x", ""),
        (b"", ""),
    ],
    ids=[
        "folded",
        "case and version",
        "comment, topmost",
        "none (Microsoft)",
        "other fields",
        "empty",
        "nothing",
    ],
)
def test_topmost_authserv_id(fields: bytes, found: str) -> None:
    """The identifier of the topmost stamp, however it is written; nothing where there is none."""
    assert topmost_authserv_id(fields) == found


def test_probe_tells_what_is_there(dovecot: Dovecot, config: MailboxConfig, put: Callable[..., None]) -> None:
    """What `migrate doctor` shows: capabilities, folders, counts, stamps actually seen, IDLE, round trip, TLS."""
    for n in range(3):
        put(MAIL % n)
    put("without a stamp")
    result = probe(config, PASSWORD)
    assert result.idle
    assert "UIDPLUS" in result.capabilities
    assert result.watched == ("INBOX", "Junk")
    assert result.junk == ("Junk",)
    assert result.messages == {"INBOX": 4, "Junk": 0}
    assert result.authserv_ids == (("mx.example.net", 3),)
    assert result.sampled == 4
    assert 0 < result.latency < 1
    assert result.tls.startswith("TLSv1.")


def test_probe_of_an_empty_mailbox(config: MailboxConfig) -> None:
    """No message, no stamp, no error."""
    assert probe(config, PASSWORD).messages == {"INBOX": 0, "Junk": 0}
