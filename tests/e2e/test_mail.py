"""What goes wrong with mail: late, forged, expired, unreadable, unreachable. Nothing false is used, and every wait outlives the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from readdress.models import Answer, Ask
from readdress.testing.person import Rule, pastes
from tests.e2e import hands
from tests.e2e.front import Front
from tests.e2e.line import Line
from tests.e2e.stage import NEW, OLD, PATIENCE, Stage, StepRule, link_in
from tests.e2e.test_moving import check_moved
from tests.programs.dovecot import Dovecot, crlf

Staged = Callable[..., Stage]


@pytest.fixture
def front() -> Iterator[Front]:
    """A front before the programs."""
    with Front() as found:
        yield found


def test_a_mail_that_is_late_is_waited_for_across_runs(stage: Staged) -> None:
    """Exit code 4 and a wait in the state file; when the mail has come, `resume` uses it and asks for nothing twice."""
    s = stage("wordpress", patience=replace(PATIENCE, mail=1.5))
    s.mail.dovecot = None  # what the program sends is on its way, and stays there
    result = s.move("wordpress")
    assert result.code == 4, result
    account = s.account()
    assert account["wait"]["for"] == "mail"
    assert account["verdict"] != "read_back"
    assert s.target.address() == OLD

    (late,) = s.mail.mails
    s.mail.dovecot = s.dovecot
    s.dovecot.deliver_lmtp(late.recipients, late.raw, late.sender)
    again = s.migrate("resume")
    assert again.code == 0, again
    check_moved(s)
    assert s.armed().count("change_address") == 1
    assert len([m for m in s.mail.mails if NEW in m.recipients]) == 1, "the change was asked for once"


@pytest.mark.parametrize(
    ("name", "step"),
    [
        (
            "wordpress",
            "change_address",
        ),  # its mail goes to the new mailbox, and its page shows that the change was asked for
        ("spirit", "ask_for_change"),  # its mail goes to the old one, and no page shows anything
    ],
)
def test_the_mailboxes_cannot_be_reached_in_the_middle(stage: Staged, dovecot: Dovecot, name: str, step: str) -> None:
    """The line breaks right when the change is asked for: a durable wait, not a failure; with the line back, `resume` finishes."""
    with Line(dovecot.tls_port) as line:
        s = stage(name, imap_port=line.port, patience=replace(PATIENCE, mail=3.0))
        s.person.at(step, line.cut)
        result = s.move(name)
        assert result.code == 4, result
        assert s.target.address() == OLD
        assert s.account()["wait"]["for"] == "mail"
        tries = line.tries
        still = s.migrate("resume")
        assert still.code == 4, still
        assert line.tries > tries
        line.mend()
        again = s.migrate("resume")
        assert again.code == 0, again
        check_moved(s)
        assert s.armed().count(step) == 1
        asked_for = [m for m in s.mail.mails if m.links and (NEW if name == "wordpress" else OLD) in m.recipients]
        assert len([m for m in asked_for if "change" in m.subject.lower() and "changed" not in m.subject.lower()]) == 1


def test_forged_mails_that_come_first_are_not_used(stage: Staged, front: Front) -> None:
    """Unsigned, of another domain, and a genuine one from before: none of their links is opened, and the real mail is found behind them."""
    s = stage("mediawiki", reroute=front.reroute)
    token = {name: f"{number:032x}" for number, name in enumerate(("unsigned", "stranger", "replayed"), 1)}

    def genuine(name: str, sender: str = "wiki@wiki.example.net") -> bytes:
        link = f"{s.target.url}/index.php/Special:ConfirmEmail/{token[name]}"
        return (
            f"From: Test wiki <{sender}>\nTo: {NEW}\nSubject: Test wiki email address confirmation\n"
            f"Date: Mon, 23 Nov 2026 12:00:00 +0000\nMessage-ID: <{name}@wiki.example.net>\n\nOpen this link:\n\n{link}\n"
        ).encode()

    s.mail.inject(genuine("replayed"), [NEW])  # signed as the real ones are, but it answers nothing that was asked for

    def forge(raw: bytes) -> bytes:
        if b"Special:InvalidateEmail" in raw:  # right before the real one is delivered
            s.dovecot.deliver(NEW, genuine("unsigned"))
            s.dovecot.deliver(NEW, s.mail.signed(crlf(genuine("stranger", "wiki@evil.example"))))
        return raw

    s.mail.forge = forge
    s.expect(Rule(Ask.SENDER, match=r"evil\.example", says="no"))
    result = s.move("mediawiki")
    assert result.code == 0, result
    check_moved(s)
    for name, value in token.items():
        assert not front.visits(value), f"the link of the {name} mail was opened"
    assert not front.visits("InvalidateEmail")
    assert s.target.verified()


def test_an_expired_link_is_asked_for_again(stage: Staged) -> None:
    """MediaWiki says that the code is too old; the person has a new mail sent, and its link is the one that confirms."""
    s = stage("mediawiki")
    s.person.at("confirm_address", s.target.expire_link)
    send_again = hands.fill_and_send(
        {}, "#content form button[type=submit]", f"{s.target.url}/index.php/Special:ConfirmEmail"
    )
    s.by_hand("confirm_address_resend", send_again)
    result = s.move("mediawiki")
    assert result.code == 0, result
    assert s.handed_over() == ["confirm_address_resend"]
    check_moved(s)
    assert s.target.verified()


def test_a_link_that_the_site_forgot_is_asked_for_again(stage: Staged) -> None:
    """WordPress keeps one pending change; when it is gone, the link does nothing, and the change is asked for once more by hand."""
    s = stage("wordpress")
    s.person.at("confirm_address", lambda: s.target.reset(OLD))
    profile = f"{s.target.url}/wp-admin/profile.php"
    s.by_hand("confirm_address_resend", hands.fill_and_send({"#email": NEW}, "#submit", profile))
    s.expect(Rule(Ask.HOST, match="gravatar", says="no"))  # pictures that WordPress would load from elsewhere
    result = s.move("wordpress")
    assert result.code == 0, result
    assert s.handed_over() == ["confirm_address_resend"]
    check_moved(s)


def unreadable(stage: Staged, name: str, **more: Any) -> Stage:
    """A person whose new mailbox only they can read."""
    s = stage(name, start=False, **more)
    assert s.migrate("init", "--old", s.old, "--new", s.new).code == 0
    s.add_mailbox("old")
    s.add_mailbox("new", "--by-hand")
    return s


def test_a_link_is_pasted_where_the_new_mailbox_is_not_readable(stage: Staged, front: Front) -> None:
    """A pasted link passes the same rules: the cancel link and a stranger's are not taken, the right one is."""
    s = unreadable(stage, "mediawiki", reroute=front.reroute)

    def paste_link(pattern: str) -> Callable[..., Answer]:
        return lambda q: Answer(q.id, "text", link_in(s.mail_to(NEW), pattern))

    s.expect(
        pastes("https://evil.example/index.php/Special:ConfirmEmail/" + "0" * 32, Ask.LINK, times=1),
        Rule(Ask.LINK, says=paste_link("InvalidateEmail"), times=1),
        Rule(Ask.LINK, says=paste_link("ConfirmEmail")),
    )
    result = s.move("mediawiki")
    assert result.code == 0, result
    assert len(s.asked(Ask.LINK)) == 3
    assert not front.visits("InvalidateEmail")
    check_moved(s)


def test_a_wrong_code_is_put_right_by_the_person(stage: Staged) -> None:
    """The site does not take the pasted code; the person types the right one into the page, and the page proves it."""
    s = unreadable(stage, "single_code")
    s.expect(pastes("QQQQ-QQQQ", Ask.CODE, times=1))

    def type_right_one(page: Any) -> None:
        (code,) = set(hands.CODE.findall(s.mail_to(NEW).text))
        hands.fill_and_send({"[name=code]": code}, "form:has([name=code]) button[type=submit]")(page)

    # the page shows the address in a field, which proves nothing until the person has finished typing and says so
    s.by_hand("confirm_by_code", type_right_one, "done")
    result = s.move("django-allauth")
    assert result.code == 0, result
    assert s.handed_over() == ["confirm_by_code"]
    assert "code" in s.asked(Ask.HAND_OVER)[0].body.en
    check_moved(s)


def test_nobody_pastes_the_link_yet(stage: Staged) -> None:
    """A person without the mail at hand stops; `resume` asks again, and does not ask the site again."""
    s = unreadable(stage, "links")
    s.expect(Rule(Ask.LINK, says="stop", times=1))
    result = s.move("django-allauth")
    assert result.code == 4, result
    assert s.account()["wait"]["for"] == "mail"
    s.expect(
        StepRule(
            Ask.LINK,
            says=lambda q: Answer(q.id, "text", link_in(s.mail_to(NEW), "confirm-email")),
            step="confirm_by_link",
        )
    )
    again = s.migrate("resume")
    assert again.code == 4, again
    assert s.account()["wait"]["for"] == "time"
    assert s.target.listed() == {NEW: (True, True), OLD: (True, False)}
    assert len(s.target.effects("email_added")) == 1
