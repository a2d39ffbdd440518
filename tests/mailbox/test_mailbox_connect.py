"""Connecting: certificates, encryption, what is sent and what is never sent, and reading without leaving a trace."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PASSWORD
from mailbox_servers import Liar, Line, loopback

from readdress.errors import ConfigError, MailboxError, MailboxLies, MailboxLogin, MailboxUntrusted
from readdress.mailbox.connect import Connection
from readdress.mailbox.wire import Guard
from readdress.models import MailboxConfig
from tests.programs import certs
from tests.programs.dovecot import Dovecot

SECRET = "s3cret-of-the-test"


def pair(folder: Path, kind: str) -> tuple[tuple[str, str], str]:
    """A certificate of that kind as files, and the CA file that would vouch for a good one."""
    authority = certs.make_authority(folder)
    if kind == "evil":
        made = certs.self_signed(folder, "server")
    else:
        made = certs.issue(authority, folder, "server", expired=kind == "expired")
    return (str(made.cert), str(made.key)), str(authority.file)


@pytest.mark.parametrize("security", ["tls", "starttls", "plain"])
def test_each_way_in_reaches_a_real_server(dovecot: Dovecot, user: str, security: str) -> None:
    """TLS, STARTTLS and loopback plain text all sign in, with a password full of characters that need quoting."""
    port = dovecot.tls_port if security == "tls" else dovecot.port
    config = MailboxConfig(user, host="localhost", port=port, security=security, ca_file=dovecot.ca_file)
    with Connection(config, PASSWORD) as connection:
        assert connection.examine("INBOX").exists == 0
        assert connection.tls().startswith("TLSv1.") == (security != "plain")


@pytest.mark.parametrize("kind", ["evil", "expired"])
def test_no_password_to_an_unverified_server(tmp_path: Path, kind: str) -> None:
    """A stranger's or an expired certificate ends the connection before a single command is sent."""
    cert, ca_file = pair(tmp_path, kind)
    with Liar(cert=cert) as liar:
        config = loopback(liar.port, host="localhost", security="tls", ca_file=ca_file)
        with pytest.raises(MailboxUntrusted, match="No password was sent") as caught:
            Connection(config, SECRET)
        assert liar.said() == b""
    assert caught.value.todo


def test_no_password_to_a_server_with_another_name(tmp_path: Path) -> None:
    """A certificate that is trusted but names another host does not do: the name is checked too."""
    cert, _ = pair(tmp_path, "evil")
    with Liar(cert=cert) as liar:
        config = loopback(liar.port, host="localhost", security="tls", ca_file=cert[0])
        with pytest.raises(MailboxUntrusted, match="certificate"):
            Connection(config, SECRET)
        assert liar.said() == b""


def test_the_real_server_with_a_strange_certificate_is_refused() -> None:
    """The same against Dovecot with CN=evil.example, by implicit TLS and by STARTTLS (imaplib alone would sign in)."""
    with Dovecot(users={"u@example.net": "pw"}, certificate="evil") as server:
        for security, port in (("tls", server.tls_port), ("starttls", server.port)):
            config = MailboxConfig(
                "u@example.net", host="localhost", port=port, security=security, ca_file=server.ca_file
            )
            with pytest.raises(MailboxUntrusted):
                Connection(config, "pw")


def test_plain_text_leaves_this_computer_never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain text to an address that is not loopback is refused before a socket is opened, also when only one address is not."""

    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "create_connection", no_socket)
    with pytest.raises(MailboxUntrusted, match="not this computer"):
        Connection(MailboxConfig("u@example.net", host="192.0.2.7", port=143, security="plain"), SECRET)
    both = [(0, 0, 0, "", ("127.0.0.1", 143)), (0, 0, 0, "", ("192.0.2.7", 143))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(MailboxUntrusted, match="not this computer"):
        Connection(MailboxConfig("u@example.net", host="mail.example.net", port=143, security="plain"), SECRET)


def test_stripped_starttls_is_refused() -> None:
    """A server (or someone between) that hides STARTTLS gets no password in clear."""
    with Liar() as liar:
        with pytest.raises(MailboxUntrusted, match="offers no STARTTLS"):
            Connection(loopback(liar.port, host="localhost", security="starttls"), SECRET)
        assert SECRET.encode() not in liar.said()
        assert b"LOGIN" not in liar.said()
        assert b"AUTHENTICATE" not in liar.said()


def test_words_before_encryption_are_refused() -> None:
    """Text that comes in clear behind the answer to STARTTLS was injected (CVE-2011-0411): no handshake, no password."""
    answers = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n%TAG% OK done\r\n",
        "STARTTLS": b"%TAG% OK begin\r\n* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] evil\r\n",
    }
    with Liar(answers) as liar:
        with pytest.raises(MailboxUntrusted, match="before encryption"):
            Connection(loopback(liar.port, host="localhost", security="starttls"), SECRET)
        assert b"AUTHENTICATE" not in liar.said()


def test_preauth_is_a_lie() -> None:
    """A server that says that we are signed in already would show us somebody else's mailbox."""
    with Liar(greeting=b"* PREAUTH welcome\r\n") as liar, pytest.raises(MailboxLies):
        Connection(loopback(liar.port), SECRET)


def test_reading_leaves_no_trace(
    dovecot: Dovecot,
    user: str,
    config: MailboxConfig,
    put: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is read stays unread: only EXAMINE and BODY.PEEK go over the wire, and no message gets the flag Seen."""
    sent: list[bytes] = []
    original = Guard.send
    monkeypatch.setattr(Guard, "send", lambda self, data: (sent.append(data), original(self, data))[1])
    put("one")
    put("two")
    with Connection(config, PASSWORD) as connection:
        connection.examine("INBOX")
        glances = connection.glances_after(1)
        assert [g.uid for g in glances] == [1, 2]
        assert b"Subject: two" in connection.message(glances[1])[0]  # type: ignore[index]
        assert b"Subject: one" in connection.header_fields(1, 2, "SUBJECT")[0].fields
    wire = b"".join(sent).upper()
    assert b"EXAMINE" in wire
    for word in (b" SELECT ", b" STORE ", b"BODY[", b"RFC822 ", b"EXPUNGE", b" COPY ", b" MOVE "):
        assert word not in wire
    with dovecot.login(user) as imap:
        imap.select("INBOX", readonly=True)
        assert imap.search(None, "SEEN") == ("OK", [b""])


def test_the_last_message_is_not_new(config: MailboxConfig, put: Callable[..., None]) -> None:
    """``UID FETCH n:*`` names the last message even when none is new; it must not come back as one."""
    put("old")
    with Connection(config, PASSWORD) as connection:
        mark = connection.examine("INBOX").mark
        assert connection.glances_after(mark.uidnext) == []
        assert len(connection.glances_after(mark.uidnext - 1)) == 1


@pytest.mark.parametrize("bad", ["a\r\nA1 STORE 1 +FLAGS \\Deleted", "a\nb", "a\0b"])
def test_no_second_command_in_an_argument(config: MailboxConfig, bad: str) -> None:
    """CR, LF and NUL are refused in every argument, by name and again at the last moment before the wire."""
    with Connection(config, PASSWORD) as connection:
        for ask in (connection.examine, connection.status, connection.count):
            with pytest.raises(ConfigError):
                ask(bad)
        with pytest.raises(ValueError, match="CR, LF or NUL"):
            connection._guard.send(f"X1 SEARCH {bad}\r\n".encode())
        assert connection.noop() in (True, False)  # nothing of it was sent: the connection still works
    with pytest.raises(MailboxError, match="line break"):
        Connection(config, bad)
    with pytest.raises(ConfigError):
        Connection(MailboxConfig(bad, host=config.host, port=config.port), PASSWORD)


def test_a_wrong_password_is_a_login_error(config: MailboxConfig) -> None:
    """The refusal of a real server becomes MailboxLogin, and says neither password."""
    with pytest.raises(MailboxLogin) as caught:
        Connection(config, SECRET)
    assert SECRET not in str(caught.value) + caught.value.todo
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_qq_refusal_is_explained() -> None:
    """QQ's one sentence for everything: the person is told that the reason cannot be known, and what to do."""
    words = (
        b"%TAG% NO Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, "
        b"or system is busy.\r\n"
    )

    def refuse(line: Line) -> None:
        line.send(b"+ \r\n")
        line.read()
        line.send(words)

    with Liar({"AUTHENTICATE": refuse}) as liar, pytest.raises(MailboxLogin) as caught:
        Connection(loopback(liar.port, preset="qq"), SECRET)
    assert "banned account" in str(caught.value)
    assert "15 minutes" in caught.value.todo


def test_login_command_quotes(tmp_path: Path) -> None:
    """Without AUTH=PLAIN the LOGIN command is used, its arguments quoted; a non-ASCII password is not mangled but refused."""
    plain = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%TAG% OK done\r\n"}
    with Liar(plain) as liar:
        Connection(loopback(liar.port, login='o"x'), 'p"a\\ss (1)').close()
        assert b'LOGIN "o\\"x" "p\\"a\\\\ss (1)"' in liar.said()
        with pytest.raises(MailboxError, match="ASCII"):
            Connection(loopback(liar.port), "pässword")
    with Liar({"CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n%TAG% OK done\r\n"}) as liar:
        with pytest.raises(MailboxError, match="no way to sign in"):
            Connection(loopback(liar.port), SECRET)
        assert b" LOGIN " not in liar.said()


def test_a_password_is_answered_once() -> None:
    """A server that challenges for ever gets the password once, then a cancel."""

    def ask_on(line: Line) -> None:
        for _ in range(3):
            line.send(b"+ \r\n")
            line.read()
        line.send(b"%TAG% NO no\r\n")

    with Liar({"AUTHENTICATE": ask_on}) as liar:
        with pytest.raises(MailboxLogin):
            Connection(loopback(liar.port), SECRET)
        assert liar.log[-2:] == [b"", b"*"]


def test_token_source_signs_in_by_xoauth2() -> None:
    """The seam for OAuth: a token source is asked for a token, which goes out as XOAUTH2 and not as a password."""

    class Source:
        def token(self) -> str:
            return "ya29.token"

    def accept(line: Line) -> None:
        line.send(b"+ \r\n")
        line.read()
        line.send(b"%TAG% OK done\r\n")

    with Liar({"AUTHENTICATE": accept}) as liar:
        Connection(loopback(liar.port), Source()).close()
        said = liar.said()
    assert b"AUTHENTICATE XOAUTH2" in said
    assert b"dXNlcj1vbGRAZXhhbXBsZS5uZXQBYXV0aD1CZWFyZXIgeWEyOS50b2tlbgEB" in said


def test_netease_is_told_who_asks() -> None:
    """163 refuses every folder ("Unsafe Login") until ID was sent; others are not told."""
    with Liar() as liar:
        with Connection(loopback(liar.port, preset="163"), SECRET) as connection:
            connection.examine("INBOX")
        words = [line.split()[1] for line in liar.log if len(line.split()) > 1]
        assert words.index(b"ID") < words.index(b"EXAMINE")
    with Liar() as liar:
        Connection(loopback(liar.port), SECRET).close()
        assert b" ID " not in liar.said()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": "none"}, ConfigError),
        ({"security": "ssl3"}, ConfigError),
        ({"port": 0}, ConfigError),
        ({"host": ""}, ConfigError),
        ({"folders": ("a\r\nb",)}, ConfigError),
        ({"security": "tls", "ca_file": "/nonexistent.pem"}, MailboxUntrusted),
    ],
)
def test_impossible_settings_are_refused(changes: dict[str, object], error: type[Exception]) -> None:
    """A setting that cannot work says so instead of failing on the wire."""
    with pytest.raises(error):
        Connection(loopback(9, **changes), SECRET)


def test_network_failures_have_a_sentence_and_a_next_step() -> None:
    """Nobody listens, the name does not exist, the port speaks no TLS: three different sentences, no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(MailboxError, match="Nothing accepts") as refused:
        Connection(loopback(port), SECRET)
    with pytest.raises(MailboxError, match="cannot be looked up") as unknown:
        Connection(MailboxConfig("u@example.net", host="mail.invalid", port=993), SECRET)
    with Liar() as liar, pytest.raises(MailboxUntrusted) as clear:
        Connection(loopback(liar.port, host="localhost", security="tls"), SECRET)
    assert refused.value.todo
    assert unknown.value.todo
    assert clear.value.todo


def test_nothing_of_the_secret_is_shown(config: MailboxConfig, caplog: pytest.LogCaptureFixture) -> None:
    """Not in repr, not in any log record at any level, not in imaplib's own memory of commands."""
    caplog.set_level(0)
    with Connection(config, PASSWORD) as connection:
        connection.examine("INBOX")
        seen = repr(connection) + repr(vars(connection._guard)) + caplog.text
    assert PASSWORD not in seen
    assert "cXVvdGVk" not in seen
    assert not any(PASSWORD in str(record.__dict__) for record in caplog.records)


def test_a_provider_without_passwords_says_so() -> None:
    """Outlook.com refuses every password: the person is told that, not that the password is wrong."""
    plain = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%TAG% OK done\r\n", "LOGIN": b"%TAG% NO LOGIN failed.\r\n"}
    with Liar(plain) as liar, pytest.raises(MailboxLogin, match="takes no passwords"):
        Connection(loopback(liar.port, preset="outlook"), SECRET)


def test_a_temporary_refusal_is_no_wrong_password() -> None:
    """RFC 5530's UNAVAILABLE and friends: the password may be right, so it must not be called wrong."""
    plain = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%TAG% OK done\r\n", "LOGIN": b"%TAG% NO [UNAVAILABLE] later\r\n"}
    with Liar(plain) as liar, pytest.raises(MailboxError, match="just now") as caught:
        Connection(loopback(liar.port), SECRET)
    assert not isinstance(caught.value, MailboxLogin)
