"""The generic recipe end to end: a real Dovecot over verified TLS, really signed mail, the state file, a scripted person."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from readdress.engine.tools import Ended, Patience
from readdress.models import Answer, Ask, MailboxConfig, Question, Side, StepStatus, Verdict
from readdress.testing.fakes import FakeSecrets, Rule, ScriptedPerson
from readdress.workflow.adapters import Adapters
from readdress.workflow.migration import Migration
from tests.programs.dovecot import Dovecot
from tests.programs.smtp import SmtpToLmtp

pytestmark = pytest.mark.e2e
OLD, NEW = "guided-old@example.net", "guided-new@example.org"
PASSWORDS = {OLD: "old pw", NEW: "new pw"}
PATIENCE = Patience(mail=15.0, person=30.0, look_every=0.2)
SHOP = "shop.example.com"


class OwnBrowserFake:
    """The person's everyday browser: remembers what it was asked to show."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, url: str) -> bool:
        """Remember."""
        self.opened.append(url)
        return True


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """Both mailboxes."""
    with Dovecot(users=PASSWORDS) as server:
        yield server


@pytest.fixture(scope="module")
def post(dovecot: Dovecot) -> Iterator[SmtpToLmtp]:
    """The way for the service's mail: signed with its domain's key."""
    with SmtpToLmtp(dovecot) as sink:
        yield sink


Open = Callable[..., Migration]


@pytest.fixture
def opened(tmp_path: Path, dovecot: Dovecot, post: SmtpToLmtp, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the one migration anew, as each command does, with the person of that moment."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GUIDED_OLD", PASSWORDS[OLD])
    monkeypatch.setenv("GUIDED_NEW", PASSWORDS[NEW])
    path = tmp_path / "me.readdress"
    made: list[Migration] = []

    def open_(person: ScriptedPerson, browser: OwnBrowserFake) -> Migration:
        adapters = Adapters(
            person=person, lookup=post.key_lookup, secrets=FakeSecrets(), own_browser=browser, patience=PATIENCE
        )
        while made:
            made.pop().close()
        if path.exists():
            made.append(Migration.open(path, adapters=adapters))
            return made[-1]
        m = Migration.create(OLD, NEW, state=path, adapters=adapters)
        made.append(m)
        for side, address in ((Side.OLD, OLD), (Side.NEW, NEW)):
            config = MailboxConfig(
                address,
                host="localhost",
                port=dovecot.tls_port,
                login=address,
                secret=f"env:GUIDED_{side.value.upper()}",
                ca_file=str(dovecot.ca_file),
            )
            m.set_mailbox(side, config)
        return m

    yield open_
    while made:
        made.pop().close()


def send(post: SmtpToLmtp, sender: str, to: str, subject: str) -> None:
    """The service sends a mail, through its own server."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(f"Was it not you? https://{SHOP}/undo?token=1\n")
    with smtplib.SMTP("127.0.0.1", post.port, timeout=10) as smtp:
        smtp.send_message(message)


def test_a_bare_domain_is_moved_in_guided_fashion(opened: Open, post: SmtpToLmtp) -> None:
    """Nothing is known but the domain: NEW proves itself, the person changes it, a stranger's mail is passed over, the service's confirms."""
    browser = OwnBrowserFake()
    sent = 0

    def changes(_: Question) -> str:
        nonlocal sent
        if not sent:
            sent = 1
            send(post, f"Shop <hello@{SHOP}>", OLD, "Was that you?")
            send(post, "Ann <ann@friends.example.org>", NEW, "Hello")
            send(post, f"Shop <no-reply@{SHOP}>", NEW, "Your address was changed")
        return "done"

    def proves(_: Question) -> str | None:
        send(post, "Me <me@friends.example.org>", NEW, "Does it work?")
        return "done"

    person = ScriptedPerson(
        [
            Rule(Ask.HAND_OVER, "receive mail", says=proves, times=1),
            Rule(Ask.CHOOSE, "another way in", says="password"),
            Rule(Ask.HAND_OVER, "Change the address", says=changes, after=2),
            Rule(Ask.HAND_OVER, "Look that", says="done", after=60),
            Rule(Ask.SENDER, f"no-reply@{SHOP}", says="yes"),
        ]
    )
    m = opened(person, browser)
    account = m.add(SHOP)
    outcome = m.run(account)
    assert outcome.verdict is Verdict.CONFIRMED, (outcome, person.shown())
    assert outcome.ended is Ended.NEEDS_MAIL, "no page was seen: it is not finished"
    assert browser.opened == [f"https://{SHOP}/"], "no link of any mail was opened"
    assert [q.ask for q in person.asked].count(Ask.SENDER) == 1
    assert m.state.bound(account.id, "sender") == f"no-reply@{SHOP}"
    assert f"hello@{SHOP} as its sender has come to {OLD}" in person.shown()
    assert {r.step: r.status for r in m.state.steps(account.id)} == dict.fromkeys(
        ("change_address", "read_back", "wrote_to_new"), StepStatus.DONE
    )
    assert m.plan() is not None and m.check() == []


def test_the_word_alone_waits_and_is_confirmed_later(opened: Open, post: SmtpToLmtp) -> None:
    """The service writes days later: until then ``claimed``; the next command finds the mail, asks whose it is, and nothing else."""
    browser = OwnBrowserFake()
    person = ScriptedPerson(
        [Rule(Ask.HAND_OVER, "receive mail", says=lambda q: send(post, "Me <me@friends.example.org>", NEW, "x") or "done", times=1),
         Rule(Ask.CHOOSE, says="phone"), Rule(Ask.HAND_OVER, says="done", after=2)]
    )  # fmt: skip
    m = opened(person, browser)
    account = m.add(SHOP, login="ann")
    quick = Patience(mail=1.0, person=30.0, look_every=0.2)
    first = m.run(account, quick)
    assert (first.verdict, first.ended) == (Verdict.CLAIMED, Ended.NEEDS_MAIL)
    send(post, f"Shop <no-reply@{SHOP}>", NEW, "Thank you")
    later = ScriptedPerson([Rule(Ask.SENDER, says=lambda q: Answer(q.id, "yes"))])
    m = opened(later, browser)
    (outcome,) = m.resume()
    assert outcome.verdict is Verdict.CONFIRMED and len(later.asked) == 1
    assert len(browser.opened) == 1, "the page is not opened again"
