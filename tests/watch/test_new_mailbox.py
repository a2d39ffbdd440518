"""NEW is seen to be the person's own before anything moves to it; a typing error is found while it costs nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readdress.errors import UsageError
from readdress.models import MailboxConfig, OldState, Side
from readdress.models.events import old_state
from readdress.workflow.forwarding import auto_reply, guide_for, guides, set_up
from readdress.workflow.new_mailbox import code_of, is_proved, near_miss, own_server, prove_by_paste, prove_by_reading
from tests.watch.conftest import World

Make = Callable[..., World]


def test_a_message_to_new_proves_it(world: Make) -> None:
    """One that was sent to exactly this address lies there; one that was only copied in, or is to somebody else, does not count."""
    w = world()
    w.dovecot.append(w.new, b"From: a@example.org\r\nTo: someone@example.org\r\nSubject: x\r\n\r\nbody\r\n", "Junk")
    with w.open() as m:
        assert prove_by_reading(m) is None and not is_proved(m)
    w.mail("Ann <ann@example.org>", w.new, "Hello")
    with w.open() as m:
        found = prove_by_reading(m)
        assert found is not None and (found.how, found.where) == ("mail", "INBOX/1")
        assert is_proved(m)
        assert m.state.all_factors()[""]["new_mailbox"] == (True, "mail: INBOX/1")


def test_it_waits_for_the_mail_with_the_code(world: Make) -> None:
    """Told what to send, the person sends it; the code is the same at every call, and another migration's is another one."""
    w, other = world(), world()
    with w.open() as m, other.open() as n:
        assert code_of(m) == code_of(m) != code_of(n)
        code = code_of(m)

        def send() -> None:
            w.mail("Ann <ann@example.org>", w.new, f"Fwd: {code.lower()}")

        found = prove_by_reading(m, patience=20, tell=send, sleep=lambda _: None)
        assert found is not None and found.how == "code"


def test_what_is_pasted_has_to_hold_code_and_address(world: Make) -> None:
    """The code stands on the screen, so it proves nothing alone: the To line of the mail that came shows which address it is that works."""
    w = world()
    with w.open() as m:
        code = code_of(m)
        for text in ("", code, f"To: {w.new}", f"To: {w.new}\nSubject: RA-AAAA-AAAA"):
            with pytest.raises(UsageError):
                prove_by_paste(m, text)
        with pytest.raises(UsageError) as error:
            prove_by_paste(m, f"Subject: {code}\nTo: <x{w.new}>\n")
        assert "typing error" in error.value.todo and f"x{w.new}" in error.value.message
        assert not is_proved(m)
        assert prove_by_paste(m, f"Subject: {code}\nTo: Ann <{w.new.upper()}>\n").how == "pasted"
        assert is_proved(m)


def test_a_chinese_mailbox_calls_the_line_otherwise(world: Make) -> None:
    """收件人 is To."""
    w = world()
    with w.open() as m:
        assert prove_by_paste(m, f"主题：{code_of(m)}\n收件人：{w.new}").how == "pasted"


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("ann@gamil.com", "gmail.com"),
        ("ann@gmial.com", "gmail.com"),
        ("ann@gmail.co", "gmail.com"),
        ("ann@outlok.com", "outlook.com"),
        ("ann@1636.com", "163.com"),
        ("ann@gmail.com", ""),
        ("ann@example.org", ""),
        ("ann@qq.com", ""),
    ],
)
def test_slips_in_well_known_domains_are_noticed(address: str, meant: str) -> None:
    """One letter more, less, other or two swapped; a domain of one's own is nobody's business."""
    assert near_miss(address) == meant


def test_a_login_proves_only_at_the_addresss_own_provider() -> None:
    """Another server's login, or another login at the right server, shows nothing about this address."""
    own = MailboxConfig("ann@gmail.com", host="imap.gmail.com", login="Ann@gmail.com")
    assert own_server(own, "ann@gmail.com")
    assert not own_server(own, "anna@gmail.com")
    assert not own_server(
        MailboxConfig("ann@gmail.com", host="imap.example.org", login="ann@gmail.com"), "ann@gmail.com"
    )
    assert not own_server(
        MailboxConfig("ann@example.org", host="imap.gmail.com", login="ann@example.org"), "ann@example.org"
    )


def test_the_guide_for_forwarding(world: Make) -> None:
    """Each provider's text rests on a source; an unknown one says that it is not known; with OLD gone there is nothing to set up."""
    w = world()
    with w.open() as m:
        guide = guide_for(m)
        assert guide.provider == "" and "not known" in guide.forward.en
        assert set_up(m, forwarding=True, replying=False) == ["forwarding"]
        assert m.state.facts()["forwarding"]
        m.record(old_state(OldState.DEAD))
        with pytest.raises(UsageError):
            guide_for(m)
    for guide in guides().values():
        assert guide.sources and guide.forward.zh and guide.reply.zh
    assert "https" not in auto_reply("a@example.com", "b@example.org").en


def test_the_side_that_is_read_by_hand_is_not_read(world: Make) -> None:
    """Without IMAP reading proves nothing, and nothing is tried."""
    w = world()
    with w.open() as m:
        m.set_mailbox(Side.NEW, MailboxConfig(w.new, kind="none"))
        assert prove_by_reading(m) is None
