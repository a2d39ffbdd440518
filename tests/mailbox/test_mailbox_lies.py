"""Servers that lie, flood, stall or break off: each becomes an error in time, never a MemoryError and never a hang."""

from __future__ import annotations

import imaplib
import socket
import ssl
import time
import tracemalloc

import imapclient.exceptions
import pytest
from mailbox_servers import Answer, Liar, Line, loopback

from readdress.errors import (
    ConfigError,
    MailboxError,
    MailboxLies,
    MailboxLogin,
    MailboxUntrusted,
    ReaddressError,
)
from readdress.mailbox import trouble
from readdress.mailbox.connect import Connection

NEWS = b'* 1 FETCH (UID 5 RFC822.SIZE 10 INTERNALDATE "01-Jan-2026 00:00:00 +0000")\r\n%TAG% OK done\r\n'


def read_one(port: int, seconds: float = 20.0) -> None:
    """What every reader does: sign in, open INBOX, look for news, fetch it."""
    with Connection(loopback(port), "pw", seconds=seconds) as connection:
        connection.folders()
        connection.examine("INBOX")
        connection.noop()
        for glance in connection.glances_after(1):
            connection.message(glance)


def endless_line(line: Line) -> None:
    while True:
        line.send(b"x" * 65536)


def endless_exists(line: Line) -> None:
    while True:
        line.send(b"* 1 EXISTS\r\n" * 1000)


def endless_continuations(line: Line) -> None:
    while True:
        line.send(b"+ go on\r\n" * 1000)


LIES: dict[str, tuple[str, Answer]] = {
    "huge literal": ("UID FETCH", b"* 1 FETCH (UID 5 BODY[] {4000000000}\r\n"),
    "literal of 5,000 digits": ("UID FETCH", b"* 1 FETCH (UID 5 BODY[] {" + b"9" * 5000 + b"}\r\n"),
    "endless line": ("NOOP", endless_line),
    "endless EXISTS": ("NOOP", endless_exists),
    "endless continuations": ("NOOP", endless_continuations),
    "wrong tag": ("NOOP", b"ZZZZ99 OK done\r\n"),
    "no protocol at all": ("NOOP", b"<html>hello</html>\r\n"),
    "nested beyond reason": ("UID FETCH", b"* 1 FETCH " + b"(" * 5000 + b"\r\n%TAG% OK done\r\n"),
    "open bracket": ("UID FETCH", b"* 1 FETCH (UID 5 BODY[ x\r\n%TAG% OK done\r\n"),
    "odd number of items": ("UID FETCH", b"* 1 FETCH (UID 5 RFC822.SIZE)\r\n%TAG% OK done\r\n"),
    "a word for a number": ("EXAMINE", b"* x EXISTS\r\n* OK [UIDVALIDITY z] x\r\n%TAG% OK done\r\n"),
    "a list that is none": ("LIST", b"* LIST (((\r\n%TAG% OK done\r\n"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_called_one(name: str) -> None:
    """Outside the protocol or over a cap: MailboxLies, within seconds and without taking the memory that was announced."""
    command, answer = LIES[name]
    tracemalloc.start()
    began = time.monotonic()
    try:
        with Liar({command: answer}) as liar, pytest.raises(MailboxLies) as caught:
            read_one(liar.port)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.todo
    assert time.monotonic() - began < 15
    assert peak < 60_000_000


def one_byte_at_a_time(line: Line) -> None:
    while True:
        line.send(b"*")
        time.sleep(0.05)


def close_midway(line: Line) -> None:
    line.send(b"* 1 FETCH (UID 5 BODY[] {1000}\r\nabc")
    line.sock.shutdown(socket.SHUT_RDWR)


def say_bye(line: Line) -> None:
    line.send(b"* BYE too many connections\r\n")
    line.sock.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("NOOP", lambda line: time.sleep(6)),
        ("NOOP", one_byte_at_a_time),
        ("UID FETCH", close_midway),
        ("NOOP", say_bye),
        ("EXAMINE", b"%TAG% NO not today\r\n"),
    ],
    ids=["silence", "drip", "closes midway", "bye", "no"],
)
def test_a_failing_server_is_an_error_in_time(command: str, answer: Answer) -> None:
    """Silence, a byte now and then, a connection that breaks: MailboxError within the command's time, however it drips."""
    began = time.monotonic()
    with Liar({command: answer}) as liar, pytest.raises(MailboxError) as caught:
        read_one(liar.port, seconds=1.5)
    assert not isinstance(caught.value, MailboxLies)
    assert caught.value.todo
    assert time.monotonic() - began < 5


def test_a_silent_greeting_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that accepts and says nothing, before any command could set a deadline."""
    monkeypatch.setattr("readdress.mailbox.wire.Guard.silence", 1.0)
    began = time.monotonic()
    with Liar(greeting=b"") as liar, pytest.raises(MailboxError, match="in time"):
        Connection(loopback(liar.port), "pw")
    assert time.monotonic() - began < 4


def test_flags_of_another_message_do_not_pass_for_one() -> None:
    """An unsolicited FETCH without a UID is no message: it must not be taken for the UID of the same number."""
    answer = b"* 5 FETCH (FLAGS (\\Seen))\r\n" + NEWS
    with Liar({"UID FETCH": answer}) as liar, Connection(loopback(liar.port), "pw") as connection:
        connection.examine("INBOX")
        assert [g.uid for g in connection.glances_after(1)] == [5]


def test_a_message_larger_than_announced_is_cut() -> None:
    """RFC822.SIZE is the server's word: what comes is cut at the cap anyway and marked."""
    body = b"x" * 5000
    answers: list[bytes] = [
        NEWS,
        b"* 1 FETCH (UID 5 BODY[] {%d}\r\n" % len(body) + body + b")\r\n%TAG% OK done\r\n",
    ]
    with (
        Liar({"UID FETCH": lambda line: line.send(answers.pop(0))}) as liar,
        Connection(loopback(liar.port), "pw") as connection,
    ):
        connection.examine("INBOX")
        glance = connection.glances_after(1)[0]
        assert connection.message(glance, cap=1000) == (body[:1000], True)


def test_words_of_the_server_are_fit_to_be_shown() -> None:
    """What a server says ends up on a terminal: no escapes, no line breaks, no bidirectional marks, not without end."""
    shown = trouble.quote(b"bad \x1b]52;c;x\x07 \xe2\x80\xae evil\r\n" + b"y" * 1000)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\n" not in shown
    assert len(shown) <= 200


def _all_exceptions() -> set[type[BaseException]]:
    """Every exception that imapclient and imaplib define or re-export, with their subclasses."""
    found: set[type[BaseException]] = {imaplib.IMAP4.error, imaplib.IMAP4.abort, imaplib.IMAP4.readonly}
    for module in (imapclient, imapclient.exceptions):
        found |= {v for v in vars(module).values() if isinstance(v, type) and issubclass(v, BaseException)}
    for base in list(found):
        found |= set(base.__subclasses__())
    return found


MAPPED: dict[type[BaseException], type[MailboxError]] = {
    imaplib.IMAP4.error: MailboxError,
    imaplib.IMAP4.abort: MailboxError,
    imaplib.IMAP4.readonly: MailboxError,
    imapclient.exceptions.CapabilityError: MailboxError,
    imapclient.exceptions.LoginError: MailboxLogin,
    imapclient.exceptions.IllegalStateError: MailboxLies,
    imapclient.exceptions.InvalidCriteriaError: MailboxError,
    imapclient.exceptions.ProtocolError: MailboxLies,
}
BENEATH: dict[BaseException, type[MailboxError]] = {
    ssl.SSLCertVerificationError(1, "no"): MailboxUntrusted,
    ssl.SSLZeroReturnError(6, "end"): MailboxError,
    socket.gaierror(-2, "unknown"): MailboxError,
    TimeoutError(): MailboxError,
    ConnectionRefusedError(): MailboxError,
    ConnectionResetError(): MailboxError,
    BrokenPipeError(): MailboxError,
    EOFError(): MailboxError,
    ValueError(): MailboxLies,
    KeyError(): MailboxLies,
    IndexError(): MailboxLies,
    TypeError(): MailboxLies,
    AttributeError(): MailboxLies,
    RecursionError(): MailboxLies,
    MemoryError(): MailboxLies,
    OverflowError(): MailboxLies,
    UnicodeDecodeError("ascii", b"x", 0, 1, "bad"): MailboxLies,
}


def test_every_exception_of_the_libraries_is_mapped() -> None:
    """A new version's new exception fails here, not in front of a person."""
    assert _all_exceptions() == set(MAPPED)
    config = loopback(143)
    instances = {kind("words"): wanted for kind, wanted in MAPPED.items()} | BENEATH
    for error, wanted in instances.items():
        with pytest.raises(ReaddressError) as caught, trouble.translated(config):
            raise error
        kinds = {MailboxLies, MailboxLogin, MailboxUntrusted} - {wanted}
        assert isinstance(caught.value, wanted), error
        assert not isinstance(caught.value, tuple(kinds)), error
        assert caught.value.message, error
        assert caught.value.todo, error


def test_our_own_errors_and_the_keyboard_pass_through() -> None:
    """A ReaddressError keeps its sentence; Ctrl-C is no mailbox error."""
    own = ConfigError("mine", todo="x")
    with pytest.raises(ConfigError) as caught, trouble.translated(loopback(143)):
        raise own
    assert caught.value is own
    with pytest.raises(KeyboardInterrupt), trouble.translated(loopback(143)):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("words", "limited"),
    [
        ("[LIMIT] x", True),
        ("login frequency limited", True),
        ("Too many simultaneous connections", True),
        ("wrong", False),
    ],
)
def test_a_limit_is_recognised(words: str, limited: bool) -> None:
    """Being asked too often is told from other refusals, as far as the words say."""
    assert trouble.too_often(Exception(words)) is limited


@pytest.mark.parametrize(
    ("greeting", "says"),
    [
        (b"* BYE server is being mended\r\n", "ended the connection: server is being mended"),
        (b"* BYE \xe7\xbb\xb4\xe6\x8a\xa4\xe4\xb8\xad\r\n", "ended the connection: 维护中"),
        (b"* BYE Too many connections\r\n", "wants to be left alone for a while: Too many connections"),
        (b"* BYE\r\n", "ended the connection."),
    ],
)
def test_a_greeting_that_says_goodbye_is_quoted_in_its_words(greeting: bytes, says: str) -> None:
    """The library raises the octets themselves; the person reads words, not ``b'…'``."""
    with Liar(greeting=greeting) as liar, pytest.raises(MailboxError) as caught:
        Connection(loopback(liar.port), "pw")
    assert caught.value.message.endswith(says)
    assert "b'" not in caught.value.message
