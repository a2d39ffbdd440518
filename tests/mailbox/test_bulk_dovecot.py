"""The bulk header reader against real servers: whole mailboxes, what is new only, round trips, compression, sparse UIDs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from conftest import PASSWORD
from mailbox_servers import Tap, loopback

from readdress.mailbox import bulk, bulk_plan
from readdress.mailbox.bulk import Batch, scan
from readdress.mailbox.connect import Connection
from readdress.models import MailboxConfig
from readdress.models.inventory import ScanMark
from tests.programs.dovecot import QQ_FOLDER, Dovecot, modified_utf7

Put = Callable[..., None]


def mails(batches: list[Batch]) -> list[tuple[str, int]]:
    return [(b.folder, uid) for b in batches for uid, _ in b.rows]


def where(batch: Batch) -> tuple[int, int, bool]:
    """A mark without HIGHESTMODSEQ, which STATUS is not asked for while the folder is open."""
    return batch.mark.uidnext, batch.mark.messages, batch.mark.done


def marks_of(batches: list[Batch]) -> dict[str, ScanMark]:
    return {b.folder: b.mark for b in batches}


def test_all_folders_and_then_only_what_is_new(config: MailboxConfig, put: Put) -> None:
    """Every folder is read, names in modified UTF-7 included; a second scan brings nothing, a third only the new message."""
    put("one")
    put("two")
    put("three", QQ_FOLDER)
    with Connection(config, PASSWORD) as connection:
        first = list(scan(connection, "imap:old", {}))
        assert sorted(mails(first)) == [("INBOX", 1), ("INBOX", 2), (QQ_FOLDER, 1)]
        headers = {uid: header for b in first if b.folder == "INBOX" for uid, header in b.rows}
        assert b"Subject: two" in headers[2] and b"body" not in headers[2]
        marks = marks_of(first)
        assert marks["INBOX"].done and marks["INBOX"].messages == 2 and marks["INBOX"].source == "imap:old"
        assert list(scan(connection, "imap:old", marks)) == []
        put("four")
        third = list(scan(connection, "imap:old", marks))
        assert mails(third) == [("INBOX", 3)] and third[0].mark.messages == 3 and not third[0].restart


def test_nothing_new_costs_two_round_trips_in_all(config: MailboxConfig, dovecot: Dovecot, put: Put) -> None:
    """LIST, then every STATUS together: no folder is opened, however many there are (the bound is one round trip each)."""
    put()
    with Connection(config, PASSWORD) as connection:
        marks = marks_of(list(scan(connection, "s", {})))
    with Tap(dovecot.port) as tap, Connection(loopback(tap.port, login=config.address), PASSWORD) as connection:
        before = len(tap.sent[0])
        assert list(scan(connection, "s", marks)) == []
        said = tap.sent[0][before:]
        words = [line.split()[1] for _, line in said]
        assert words == [b"LIST"] + [b"STATUS"] * len(marks)
        statuses = [at for at, line in said if b"STATUS" in line]
        assert statuses[-1] - statuses[0] < 0.05, "they did not travel together"


def test_uidvalidity_change_starts_the_folder_again(
    config: MailboxConfig, dovecot: Dovecot, user: str, put: Put
) -> None:
    """A folder that was made anew is read from its beginning, and its first batch says that what was counted is void."""
    put("old", "Archive")
    with Connection(config, PASSWORD) as connection:
        marks = marks_of(list(scan(connection, "s", {})))
        dovecot.change_uidvalidity(user, "Archive")
        empty = list(scan(connection, "s", marks))
        assert [(b.folder, b.restart, b.rows, b.mark.messages) for b in empty] == [("Archive", True, [], 0)]
        put("new", "Archive")
        again = list(scan(connection, "s", marks))
        assert mails(again) == [("Archive", 1)] and again[0].restart and again[0].mark.messages == 1


def test_sparse_uids_are_read_in_full_ranges(
    config: MailboxConfig, dovecot: Dovecot, user: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where UIDs have large gaps a SEARCH tells them: no range is empty, none is missed, and a resumed scan finds the rest."""
    monkeypatch.setattr(bulk_plan, "STEP", 2)
    monkeypatch.setattr(bulk_plan, "MAX_STEP", 2)
    for number in range(30):
        put(str(number), "Archive")
    with dovecot.login(user) as imap:
        imap.select("Archive")
        imap.uid("STORE", "2:11,13:28", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    with Connection(config, PASSWORD) as connection:
        batches = list(scan(connection, "s", {}, folders=["Archive"]))
        assert mails(batches) == [("Archive", uid) for uid in (1, 12, 29, 30)]
        assert [len(b.rows) for b in batches] == [2, 2]
        rest = list(scan(connection, "s", {"Archive": batches[0].mark}, folders=["Archive"]))
        assert mails(rest) == [("Archive", 29), ("Archive", 30)] and where(rest[-1]) == where(batches[-1])


def test_every_batch_is_a_place_to_go_on_from(config: MailboxConfig, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever batch was the last to be written down, the next scan brings exactly what is missing."""
    monkeypatch.setattr(bulk_plan, "STEP", 3)
    for number in range(11):
        put(str(number))
    with Connection(config, PASSWORD) as connection:
        whole = list(scan(connection, "s", {}, folders=["INBOX"]))
        assert len(whole) == 4 and [b.mark.done for b in whole] == [False, False, False, True]
        for kept in range(4):
            rest = list(scan(connection, "s", {"INBOX": whole[kept].mark}, folders=["INBOX"]))
            assert mails(whole[: kept + 1]) + mails(rest) == [("INBOX", uid) for uid in range(1, 12)]
            assert where((rest or whole)[-1]) == where(whole[-1])


def test_messages_deleted_meanwhile_are_left_out(
    config: MailboxConfig, dovecot: Dovecot, user: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody expunges between two batches: the scan goes on and ends, without the ones that are gone."""
    monkeypatch.setattr(bulk_plan, "STEP", 2)
    monkeypatch.setattr(bulk, "DEPTH", 1)
    for number in range(8):
        put(str(number))
    with Connection(config, PASSWORD) as connection:
        found = []
        for number, batch in enumerate(scan(connection, "s", {}, folders=["INBOX"])):
            found.append(batch)
            if not number:
                with dovecot.login(user) as imap:
                    imap.select()
                    imap.uid("STORE", "5:6", "+FLAGS", r"(\Deleted)")
                    imap.expunge()
        got = [uid for _, uid in mails(found)]
        assert got[:4] == [1, 2, 3, 4] and got[-2:] == [7, 8] and found[-1].mark.done
        assert connection.examine("INBOX").exists == 6


def test_a_folder_that_went_away_is_told_and_the_rest_is_read(config: MailboxConfig, put: Put) -> None:
    """One folder that cannot be opened does not end the scan of the others."""
    put()
    with Connection(config, PASSWORD) as connection:
        batches = list(scan(connection, "s", {}, folders=["Gone", "INBOX"]))
        assert batches[0].folder == "Gone" and batches[0].refused and not batches[0].rows
        assert mails(batches) == [("INBOX", 1)]


@pytest.fixture(scope="module")
def squeezing() -> Iterator[Dovecot]:
    """A Dovecot that offers COMPRESS=DEFLATE."""
    with Dovecot(users={"z@example.net": "pw"}, extra="protocol imap {\n  mail_plugins = imap_zlib\n}\n") as server:
        yield server


def test_compression_on_a_slow_line_and_the_session_after_it(
    squeezing: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COMPRESS is asked for once where round trips are slow; afterwards reading, opening folders and signing out still work."""
    monkeypatch.setattr(bulk, "SLOW_LINE", -1.0)
    monkeypatch.setattr(bulk, "_WORTH_IT", 1)
    monkeypatch.setattr(bulk_plan, "STEP", 5)
    for number in range(23):
        squeezing.deliver("z@example.net", f"From: a@example.com\r\nSubject: {number}\r\n\r\nbody\r\n".encode())
    with Tap(squeezing.port) as tap:
        with Connection(loopback(tap.port, login="z@example.net"), "pw") as connection:
            assert "COMPRESS=DEFLATE" in connection.capabilities
            batches = list(scan(connection, "s", {}))
            assert mails(batches) == [("INBOX", uid) for uid in range(1, 24)]
            assert sum(line.endswith(b"COMPRESS DEFLATE") for line in tap.lines()) == 1
            assert not any(b"FETCH" in line for line in tap.lines()), "the commands went out in clear"
            assert connection.examine("INBOX").exists == 23
            assert list(scan(connection, "s", marks_of(batches))) == []
            squeezing.deliver("z@example.net", b"From: a@example.com\r\nSubject: last\r\n\r\nbody\r\n")
            assert mails(list(scan(connection, "s", marks_of(batches)))) == [("INBOX", 24)]
            begin = time.monotonic()
        assert time.monotonic() - begin < 1.5, "signing out waited for an answer that it could not read"


def test_not_compressed_on_a_fast_line(squeezing: Dovecot) -> None:
    """On loopback compression costs more than it saves, so it is not asked for."""
    with Tap(squeezing.port) as tap, Connection(loopback(tap.port, login="z@example.net"), "pw") as connection:
        list(scan(connection, "s", {}))
        assert not any(b"COMPRESS" in line for line in tap.lines())


def test_closing_early_closes_the_connection(config: MailboxConfig, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are under way when a caller stops in the middle: the connection is of no use any more and must not look so."""
    monkeypatch.setattr(bulk_plan, "STEP", 1)
    for number in range(6):
        put(str(number))
    with Connection(config, PASSWORD) as connection:
        run = scan(connection, "s", {}, folders=["INBOX"])
        next(run)
        run.close()
        with pytest.raises(Exception, match=r"broke|closed|ended|answer"):
            connection.examine("INBOX")


def test_the_folder_with_all_mail_stands_for_the_others() -> None:
    r"""Labels that look like folders (\All is marked) would give each message several times; junk and trash are read besides."""
    listed = [((), "INBOX"), ((r"\all",), "All"), ((r"\junk",), "Junk"), ((), "Work"), ((r"\noselect", r"\all"), "x")]
    assert bulk_plan.chosen(listed) == ["All", "Junk"]
    assert bulk_plan.chosen([((), "a"), ((), "Inbox"), ((r"\noselect",), "b")]) == ["INBOX", "a"]


def test_names_on_the_wire() -> None:
    """A STATUS names the folder in modified UTF-7, quoted, and refuses line breaks."""
    assert bulk_plan.quoted(QQ_FOLDER) == b'"' + modified_utf7(QQ_FOLDER).encode() + b'"'
    assert bulk_plan.quoted('a"b\\c') == b'"a\\"b\\\\c"'
    with pytest.raises(Exception, match="line breaks"):
        bulk_plan.quoted("a\r\nX LOGOUT")
