"""Watching: what arrives is handed out once and soon, nothing old is, and a broken mailbox never blocks the caller."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from conftest import PASSWORD
from mailbox_servers import Liar, Line, Tap, loopback

from readdress.errors import MailboxError, MailboxLogin
from readdress.mailbox import reader as reader_module
from readdress.mailbox import watch as watch_module
from readdress.mailbox.preset import DOVECOT_LIKE, ONE_AT_A_TIME, Pace
from readdress.mailbox.watch import MailWatcher
from readdress.models import Incoming, MailboxConfig, Mark, Notice, Side
from tests.programs.dovecot import Dovecot

OLD = Side.OLD


def until_mail(watcher: MailWatcher, count: int = 1, seconds: float = 8.0) -> list[Incoming]:
    """Poll as the core does until ``count`` messages came or time is up."""
    came: list[Incoming] = []
    end = time.monotonic() + seconds
    while len(came) < count and time.monotonic() < end:
        came += watcher.poll(OLD)
        time.sleep(0.01)
    return came


def until_lost(watcher: MailWatcher, seconds: float = 10.0) -> MailboxError:
    """Poll until the mailbox counts as lost."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            watcher.poll(OLD)
        except MailboxError as error:
            return error
        time.sleep(0.01)
    raise AssertionError("the mailbox was never lost")


@pytest.fixture
def watcher(config: MailboxConfig) -> Iterator[MailWatcher]:
    """A watcher on the test's own Dovecot mailbox."""
    with MailWatcher({OLD: config}, lambda side, config: PASSWORD) as made:
        yield made


def subjects(came: list[Incoming]) -> list[bytes]:
    """The Subject of each."""
    return [next(line[9:] for line in m.raw.split(b"\r\n") if line.startswith(b"Subject: ")) for m in came]


def test_new_mail_comes_once_and_old_mail_never(watcher: MailWatcher, put: Callable[..., None], user: str) -> None:
    """What lay there before the marks stays away; what comes after is handed out once, with all that the trust gate needs."""
    put("before")
    marks = watcher.marks(OLD)
    assert [m.folder for m in marks] == ["INBOX", "Junk"]
    put("between")  # after the marks, before the watch begins: it counts
    watcher.watch(OLD, marks)
    put("after")
    came = until_mail(watcher, 2)
    assert subjects(came) == [b"between", b"after"]
    first = came[0]
    assert (first.side, first.folder, first.uid, first.mailbox) == (OLD, "INBOX", marks[0].uidnext, user)
    assert first.uidvalidity == marks[0].uidvalidity
    assert first.received is not None
    assert abs(first.received - datetime.now(UTC)) < timedelta(minutes=1)
    assert until_mail(watcher, 1, 1.0) == []


def test_mail_in_junk_and_in_a_configured_folder(
    dovecot: Dovecot, user: str, config: MailboxConfig, put: Callable[..., None]
) -> None:
    """Confirmations land in junk or are sorted away by a filter; both are seen, under the folder's decoded name."""
    config = dataclasses.replace(config, folders=("其他文件夹/QQ邮件订阅",))
    with MailWatcher({OLD: config}, lambda side, config: PASSWORD) as watcher:
        watcher.watch(OLD, watcher.marks(OLD))
        put("spam?", "Junk")
        put("sorted", "其他文件夹/QQ邮件订阅")
        came = until_mail(watcher, 2)
    assert {m.folder for m in came} == {"Junk", "其他文件夹/QQ邮件订阅"}


def test_marks_of_an_earlier_run_still_count(config: MailboxConfig, put: Callable[..., None]) -> None:
    """After a crash the written marks are used: everything since then comes, in UID order, also over several windows."""
    with MailWatcher({OLD: config}, lambda side, config: PASSWORD) as first:
        marks = first.marks(OLD)
    for n in range(5):
        put(f"n{n}")
    with (
        pytest.MonkeyPatch.context() as patch,
        MailWatcher({OLD: config}, lambda side, config: PASSWORD) as second,
    ):
        patch.setattr("readdress.mailbox.catch.WINDOW", 2)
        second.watch(OLD, marks)
        assert subjects(until_mail(second, 5)) == [b"n0", b"n1", b"n2", b"n3", b"n4"]


def test_a_large_message_is_cut(watcher: MailWatcher, put: Callable[..., None]) -> None:
    """At most 1 MiB of a message is fetched, and it says so; the one after it comes whole."""
    watcher.watch(OLD, watcher.marks(OLD))
    put(b"Subject: big\r\n\r\n" + b"x" * 70 * 1024 + b"\r\n" * 800_000)
    put("small")
    came = until_mail(watcher, 2, 20)
    assert [m.truncated for m in came] == [True, False]
    assert len(came[0].raw) == 1024 * 1024


def test_unwatch_and_watch_again(watcher: MailWatcher, put: Callable[..., None]) -> None:
    """Between acts nothing is handed out; new marks begin anew, on the same connection."""
    watcher.watch(OLD, watcher.marks(OLD))
    put("one")
    assert subjects(until_mail(watcher)) == [b"one"]
    watcher.unwatch(OLD)
    put("nobody waits for this")
    time.sleep(0.6)
    assert watcher.poll(OLD) == []
    marks = watcher.marks(OLD)
    watcher.watch(OLD, marks)
    put("two")
    assert subjects(until_mail(watcher)) == [b"two"]


def test_a_rebuilt_folder_gives_only_mail_received_since(
    dovecot: Dovecot, user: str, config: MailboxConfig, put: Callable[..., None]
) -> None:
    """UIDVALIDITY changed: UIDs mean nothing, so only what the server received after the marks counts, and the person is told."""
    told: list[Notice] = []
    config = dataclasses.replace(config, folders=("Archive",))
    with MailWatcher({OLD: config}, lambda side, config: PASSWORD, tell=told.append) as watcher:
        marks = watcher.marks(OLD)
        dovecot.change_uidvalidity(user, "Archive")
        with dovecot.login(user) as imap:
            imap.append("Archive", "", '"01-Jan-2026 00:00:00 +0000"', b"Subject: old code\r\n\r\n")
        put("new code", "Archive")
        watcher.watch(OLD, marks)
        assert subjects(until_mail(watcher)) == [b"new code"]
        assert until_mail(watcher, 1, 1.5) == []
    assert "rebuilt" in told[0].text.en
    assert "重建" in told[0].text.zh


def test_a_folder_stamped_anew_gives_nothing(
    dovecot: Dovecot,
    user: str,
    config: MailboxConfig,
    put: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When a rebuilt folder claims that everything came just now, nothing of it is believed."""
    monkeypatch.setattr("readdress.mailbox.catch.RESTAMPED", 3)
    told: list[Notice] = []
    config = dataclasses.replace(config, folders=("Archive",))
    with MailWatcher({OLD: config}, lambda side, config: PASSWORD, tell=told.append) as watcher:
        marks = watcher.marks(OLD)
        dovecot.change_uidvalidity(user, "Archive")
        for n in range(4):
            put(f"n{n}", "Archive")
        watcher.watch(OLD, marks)
        assert until_mail(watcher, 1, 1.5) == []
    assert told


def test_inbox_marks_of_another_uidvalidity(config: MailboxConfig, put: Callable[..., None]) -> None:
    """The same for INBOX, which may be open already when the watch begins with the marks of an earlier run."""
    put("old")
    with MailWatcher({OLD: config}, lambda side, config: PASSWORD) as watcher:
        watcher.marks(OLD)
        time.sleep(1.1)  # INTERNALDATE counts seconds
        watcher.watch(OLD, [Mark("INBOX", 1, 1)])
        assert until_mail(watcher, 1, 1.0) == []
        put("new")
        assert subjects(until_mail(watcher)) == [b"new"]


def test_idle_is_not_disturbed_and_nothing_writes(dovecot: Dovecot, user: str, put: Callable[..., None]) -> None:
    """Two connections: after IDLE the next line is DONE and nothing else (RFC 2177); none of them selects for writing."""
    with Tap(dovecot.port) as tap:
        config = loopback(tap.port, login=user)
        with MailWatcher({OLD: config}, lambda side, config: PASSWORD) as watcher:
            watcher.watch(OLD, watcher.marks(OLD))
            time.sleep(0.5)
            put("one")
            assert until_mail(watcher)
            time.sleep(0.8)  # IDLE announces later than NOOP finds
        assert len(tap.sent) == 2
        idled = 0
        for connection in tap.sent:
            lines = [line for _, line in connection]
            for line, following in zip(lines, [*lines[1:], b"DONE"], strict=True):
                if line.endswith(b" IDLE"):
                    idled += 1
                    assert following == b"DONE"
        assert idled >= 2
        wire = b"\n".join(tap.lines())
        assert b"SELECT" not in wire
        assert b"BODY[" not in wire
    with dovecot.login(user) as imap:
        imap.select("INBOX", readonly=True)
        assert imap.search(None, "SEEN") == ("OK", [b""])


def test_turns_use_one_slow_connection(
    dovecot: Dovecot, user: str, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The QQ pace: one sign-in, no IDLE, never two folders closer together than the pace says, and mail still comes."""
    pace = dataclasses.replace(ONE_AT_A_TIME, brisk=0.4, steady=0.4, others=0.4)
    monkeypatch.setattr(watch_module, "pace_of", lambda config: pace)
    with Tap(dovecot.port) as tap:
        config = loopback(tap.port, login=user)
        with MailWatcher({OLD: config}, lambda side, config: PASSWORD) as watcher:
            watcher.watch(OLD, watcher.marks(OLD))
            put("one")
            put("two", "Junk")
            came = until_mail(watcher, 2)
            watcher.unwatch(OLD)
            watcher.watch(OLD, watcher.marks(OLD))
            time.sleep(1.0)
        assert {m.folder for m in came} == {"INBOX", "Junk"}
        assert len(tap.sent) == 1
        wire = b"\n".join(tap.lines())
        assert b"IDLE" not in wire
        assert wire.count(b"AUTHENTICATE") == 1
        looks = [when for when, line in tap.sent[0] if b" EXAMINE " in line]
        watched = looks[2:]  # the first two took the marks
        gaps = [b - a for a, b in itertools.pairwise(watched)]
        assert len(gaps) >= 3
        assert sorted(gaps)[len(gaps) // 2] >= 0.35


def test_a_cut_connection_is_opened_anew(dovecot: Dovecot, user: str, put: Callable[..., None]) -> None:
    """The line breaks in the middle: no error, one warning, and the mail that came meanwhile is handed out."""
    told: list[Notice] = []
    with Tap(dovecot.port) as tap:
        config = loopback(tap.port, login=user)
        watcher = MailWatcher({OLD: config}, lambda side, config: PASSWORD, tell=told.append, backoff=(0.5, 0.5, 0.5))
        with watcher:
            watcher.watch(OLD, watcher.marks(OLD))
            put("one")
            assert until_mail(watcher)
            tap.refuse = True
            tap.cut()
            end = time.monotonic() + 5
            while not told and time.monotonic() < end:
                assert watcher.poll(OLD) == []
                time.sleep(0.01)
            put("two")
            tap.refuse = False
            assert subjects(until_mail(watcher)) == [b"two"]
    assert len(told) == 1


def test_a_lost_mailbox_says_so(dovecot: Dovecot, user: str) -> None:
    """After the last pause poll raises, with what to do; and again, until watch is called anew, which starts afresh."""
    with Tap(dovecot.port) as tap:
        config = loopback(tap.port, login=user)
        with MailWatcher({OLD: config}, lambda side, config: PASSWORD, backoff=(0.1, 0.1)) as watcher:
            marks = watcher.marks(OLD)
            watcher.watch(OLD, marks)
            tap.refuse = True
            tap.cut()
            assert until_lost(watcher).todo
            with pytest.raises(MailboxError):
                watcher.poll(OLD)
            tap.refuse = False
            watcher.watch(OLD, marks)
            assert watcher.poll(OLD) == []
            assert watcher.marks(OLD) == marks


def test_a_wrong_password_is_not_tried_twice(dovecot: Dovecot, user: str) -> None:
    """A refused login is final at once: repeating it locks accounts."""
    with Tap(dovecot.port) as tap:
        config = loopback(tap.port, login=user)
        with MailWatcher({OLD: config}, lambda side, config: "wrong", backoff=(0.1, 0.1)) as watcher:
            watcher.watch(OLD, [Mark("INBOX", 1, 1)], brisk=0)
            assert isinstance(until_lost(watcher), MailboxLogin)
            time.sleep(0.5)
            logins = b"\n".join(tap.lines()).count(b"AUTHENTICATE")
    assert logins <= 2  # one by each thread, neither repeated


def test_a_limit_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """QQ's refusal may be a limit: no further login before the pause is over, one after it, then it is final."""
    pace = dataclasses.replace(ONE_AT_A_TIME, steady=0.05, login_wait=1.0)
    monkeypatch.setattr(watch_module, "pace_of", lambda config: pace)
    plain = b"* CAPABILITY IMAP4rev1\r\n%TAG% OK done\r\n"
    words = b"%TAG% NO Login fail. login frequency limited, or system is busy.\r\n"
    with Liar({"CAPABILITY": plain, "LOGIN": words}) as liar:
        config = loopback(liar.port, preset="qq")
        with MailWatcher({OLD: config}, lambda side, config: "pw", backoff=(0.05,)) as watcher:
            with pytest.raises(MailboxLogin):
                watcher.marks(OLD)
            with pytest.raises(MailboxLogin):
                watcher.marks(OLD)
            watcher.watch(OLD, [Mark("INBOX", 7, 5)])
            time.sleep(0.4)
            assert watcher.poll(OLD) == []
            assert liar.connections == 1
            assert isinstance(until_lost(watcher), MailboxLogin)
        assert liar.connections == 2


def test_a_hung_server_does_not_block_the_caller() -> None:
    """The server stops answering: poll stays instant, marks ends at its own timeout, close is quick."""
    hung = {"NOOP": lambda line: time.sleep(8), "EXAMINE": lambda line: time.sleep(8)}
    with Liar(hung) as liar:
        watcher = MailWatcher({OLD: loopback(liar.port)}, lambda side, config: "pw")
        began = time.monotonic()
        with pytest.raises(MailboxError, match="did not answer within"):
            watcher.marks(OLD, timeout=0.5)
        assert time.monotonic() - began < 1
        watcher.watch(OLD, [Mark("INBOX", 7, 5)])
        began = time.monotonic()
        for _ in range(200):
            assert watcher.poll(OLD) == []
        assert time.monotonic() - began < 0.2
        began = time.monotonic()
        watcher.close()
        assert time.monotonic() - began < 4


def test_a_message_that_breaks_the_connection_is_skipped() -> None:
    """One message that cannot be fetched is reported and left out; the next one comes."""
    glance = b'* %d FETCH (UID %d RFC822.SIZE 10 INTERNALDATE "01-Jan-2026 00:00:00 +0000")\r\n'

    def fetch(line: Line) -> None:
        words = line.text.split()
        if b"RFC822.SIZE" in line.text:
            first = int(words[2].split(b":")[0])
            line.send(b"".join(glance % (uid - 4, uid) for uid in (5, 6) if uid >= first) + b"%TAG% OK done\r\n")
        elif words[2] == b"5":
            line.send(b"* 1 FETCH (UID 5 BODY[] {4000000000}\r\n")
        else:
            line.send(b"* 2 FETCH (UID 6 BODY[] {14}\r\nSubject: six\r\n)\r\n%TAG% OK done\r\n")

    told: list[Notice] = []
    answers = {
        "UID FETCH": fetch,
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n%TAG% OK done\r\n",
        "EXAMINE": b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 7] x\r\n%TAG% OK [READ-ONLY] x\r\n",
    }
    with Liar(answers) as liar:
        config = loopback(liar.port)
        with MailWatcher({OLD: config}, lambda s, c: "pw", tell=told.append, backoff=(0.1, 0.1, 0.1)) as watcher:
            watcher.watch(OLD, [Mark("INBOX", 7, 5)])
            came = until_mail(watcher)
    assert subjects(came) == [b"six"]
    assert any("skipped" in notice.text.en for notice in told)


def test_a_mailbox_read_by_hand() -> None:
    """Where the person reads the mail nothing is asked and nothing fails."""
    by_hand = MailboxConfig("new@example.org", kind="none")
    with MailWatcher({OLD: by_hand, Side.NEW: None}, lambda side, config: "pw") as watcher:
        for side in Side:
            assert not watcher.reachable(side)
            assert watcher.marks(side) == ()
            watcher.watch(side, ())
            assert watcher.poll(side) == []
            watcher.unwatch(side)


def test_the_secret_is_asked_for_once_in_the_callers_thread(config: MailboxConfig) -> None:
    """It may be typed by the person, so it is asked for once, and never from a mailbox's thread."""
    asked: list[threading.Thread] = []

    def secret(side: Side, config: MailboxConfig) -> str:
        asked.append(threading.current_thread())
        return PASSWORD

    with MailWatcher({OLD: config}, secret) as watcher:
        assert watcher.reachable(OLD)
        assert asked == []
        watcher.watch(OLD, watcher.marks(OLD))
        watcher.marks(OLD)
    assert asked == [threading.main_thread()]


def test_closing_leaves_no_thread(config: MailboxConfig) -> None:
    """After close no thread of the mailbox is left."""
    with MailWatcher({OLD: config}, lambda side, config: PASSWORD) as watcher:
        watcher.watch(OLD, watcher.marks(OLD))
        time.sleep(0.3)
        assert any(t.name.startswith("mail-") for t in threading.enumerate())
    time.sleep(0.2)
    assert not any(t.name.startswith("mail-") for t in threading.enumerate())


def test_the_usual_pace_is_the_designs() -> None:
    """IDLE on one connection and a quick NOOP on another (DESIGN.md, "Browser and threads")."""
    assert isinstance(DOVECOT_LIKE, Pace)
    assert (DOVECOT_LIKE.connections, DOVECOT_LIKE.idle, DOVECOT_LIKE.brisk) == (2, True, 0.25)
    pauses = list(reader_module.BACKOFF)
    assert pauses == sorted(pauses)


def test_a_configured_folder_that_is_not_there_is_told(config: MailboxConfig, put: Callable[..., None]) -> None:
    """A misspelt folder must not look watched: the person is told, and the rest is watched."""
    told: list[Notice] = []
    config = dataclasses.replace(config, folders=("Codes",))
    with MailWatcher({OLD: config}, lambda side, config: PASSWORD, tell=told.append) as watcher:
        watcher.watch(OLD, watcher.marks(OLD))
        put("one")
        assert subjects(until_mail(watcher)) == [b"one"]
    assert ["Codes" in notice.text.en and "Codes" in notice.text.zh for notice in told] == [True]


def test_a_folder_that_goes_away_is_left_out(
    dovecot: Dovecot, user: str, config: MailboxConfig, put: Callable[..., None]
) -> None:
    """Somebody deletes a watched folder: one warning, INBOX is watched on, the connection is kept."""
    told: list[Notice] = []
    dovecot.create_folder(user, "Codes")
    config = dataclasses.replace(config, folders=("Codes",))
    with MailWatcher({OLD: config}, lambda side, config: PASSWORD, tell=told.append) as watcher:
        marks = watcher.marks(OLD)
        with dovecot.login(user) as imap:
            imap.delete("Codes")
        watcher.watch(OLD, marks)
        end = time.monotonic() + 6
        while not told and time.monotonic() < end:
            watcher.poll(OLD)
            time.sleep(0.02)
        put("one")
        assert subjects(until_mail(watcher)) == [b"one"]
    assert ["Codes" in notice.text.en for notice in told] == [True]
