"""The generic recipe at work: what opens, what is said, and which verdict the person's word, a mail and a forged mail come to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from guided_rig import ID, NEW, OLD, SHOP, Rig

from readdress.errors import MailboxError
from readdress.models import Ask, Kind, Side, Slot, StepStatus, Text, Verdict
from readdress.models.events import step_armed
from readdress.recipe.generic import WROTE
from readdress.recipe.service import Service
from readdress.testing.fakes import Rule, stops


def test_word_and_mail_together_confirm() -> None:
    """The person changes it and says so, then the service writes to NEW from an address nobody knew: it is bound, and confirms."""
    rig = Rig(people=[Rule(Ask.HAND_OVER, "change", says=lambda q: rig.letter(delay=1.0) or "done", times=1)])
    outcome = rig.run()
    assert rig.verdict is Verdict.CONFIRMED
    assert outcome.exit_code == 4 and "wrote to the new address" in outcome.message  # not finished: no page was seen
    assert rig.own.opened == ["https://www.shop.test/account"]
    assert next(q.body.en for q in rig.asked(Ask.SENDER)).count("no-reply@shop.test") == 1
    assert rig.journal.bound(ID, "sender") == "no-reply@shop.test"
    assert rig.journal.wait(ID) is not None


def test_bare_word_is_only_claimed() -> None:
    """No mail ever comes: the person's word stays ``claimed``, the account waits for mail, and a later run does not ask again."""
    rig = Rig()
    outcome = rig.run()
    assert rig.verdict is Verdict.CLAIMED
    assert outcome.exit_code == 4 and "only your word" in outcome.message
    before = len(rig.person.asked)
    began = rig.clock.monotonic()
    rig.run()
    assert len(rig.person.asked) == before, "what was done is not asked again"
    assert rig.clock.monotonic() - began < 1.0, "no mail at all has come: nothing is waited for"
    rig.letter()
    assert rig.run().verdict is Verdict.CONFIRMED, "mail that came between the runs counts"


def test_mail_before_the_change_proves_nothing() -> None:
    """A mail of the service that lay in NEW before the act was armed says nothing about it."""
    rig = Rig()
    rig.letter()
    assert rig.run().verdict is Verdict.CLAIMED


@pytest.mark.parametrize(
    ("sender", "more"),
    [
        ("no-reply@shop.test", {"signed_by": ""}),
        ("no-reply@shop.test", {"signed_by": "evil.test"}),
        ("no-reply@shop.test.evil.test", {}),
        ("no-reply@notshop.test", {}),
        ("ann.friend@else.example", {}),
    ],
    ids=["unsigned", "signed by a stranger", "look-alike", "ends the same", "stranger"],
)
def test_other_mail_to_new_proves_nothing(sender: str, more: dict[str, str]) -> None:
    """Forged mail, look-alike domains and strangers neither confirm nor are offered to be bound."""
    rig = Rig(
        people=[Rule(Ask.HAND_OVER, "change", says=lambda q: rig.letter(sender, delay=1.0, **more) or "done", times=1)]
    )
    assert rig.run().verdict is Verdict.CLAIMED
    assert not rig.asked(Ask.SENDER)


def test_every_domain_of_the_service_counts() -> None:
    """Services write from domains other than that of their site; the catalogue knows them, and the sender is bound all the same."""
    rig = Rig(
        people=[
            Rule(Ask.HAND_OVER, "change", says=lambda q: rig.letter("news@shopmail.test", delay=1.0) or "done", times=1)
        ]
    )
    assert rig.run().verdict is Verdict.CONFIRMED
    rig = Rig(
        people=[
            Rule(Ask.SENDER, says="no"),
            Rule(Ask.HAND_OVER, "change", says=lambda q: rig.letter(delay=1.0) or "done", times=1),
        ]
    )
    assert rig.run().verdict is Verdict.CLAIMED, "the person said that it is not the service's sender"


def test_known_sender_needs_no_binding_and_ends_the_step() -> None:
    """An exact sender of the catalogue is believed at once: its mail to NEW shows that the change was asked for, before any word."""
    rig = Rig(
        replace(SHOP, senders=("no-reply@shop.test",)),
        people=[Rule(Ask.HAND_OVER, "Change the address", says=lambda q: rig.letter() if not rig.post.sent else None)],
    )
    outcome = rig.run()
    assert not rig.asked(Ask.SENDER)
    assert rig.verdict is Verdict.CONFIRMED and outcome.verdict is Verdict.CONFIRMED


def test_friends_at_a_mail_provider_are_not_the_service() -> None:
    """At a domain full of people's mailboxes nobody can be bound as the service: only its exact sender counts."""
    people = Service(
        "post",
        Text("Post", "邮局"),
        "mail",
        domains=("post.test",),
        personal=("post.test",),
        senders=("system@post.test",),
    )
    rig = Rig(
        people,
        people=[
            Rule(Ask.HAND_OVER, "change", says=lambda q: rig.letter("friend@post.test", delay=1.0) or "done", times=1)
        ],
    )
    assert rig.run().verdict is Verdict.CLAIMED
    rig.letter("system@post.test")
    assert rig.run().verdict is Verdict.CONFIRMED
    assert not rig.asked(Ask.SENDER)


def test_old_mailbox_is_watched_but_never_used() -> None:
    """A mail to OLD that names the service is told, with its address; nothing is taken from it and nothing opened."""
    rig = Rig(
        people=[Rule(Ask.HAND_OVER, "change", says=lambda q: "done" if rig.post.sent else rig.letter(to=OLD), times=1)]
    )
    rig.run()
    assert f"no-reply@shop.test as its sender has come to {OLD}" in rig.person.shown()
    assert rig.verdict is Verdict.CLAIMED
    assert rig.own.opened == ["https://www.shop.test/account"]
    assert "发往" in rig.person.shown("zh") or "收到一封" in rig.person.shown("zh")


def test_dead_old_mailbox_is_no_obstacle() -> None:
    """OLD cannot be reached any more: the change goes on without it."""
    rig = Rig(people=[Rule(Ask.HAND_OVER, "change", says=lambda q: rig.letter(delay=1.0) or "done", times=1)])
    rig.mail.lose(Side.OLD, MailboxError("gone"))
    assert rig.run().verdict is Verdict.CONFIRMED


def test_unreadable_new_mailbox_is_said() -> None:
    """Without NEW nothing can be proved; the message says what to do, and once NEW is set up a mail from then on confirms."""
    rig = Rig(sides=[Side.OLD])
    outcome = rig.run()
    assert rig.verdict is Verdict.CLAIMED and "migrate mailbox add new" in outcome.todo
    again = Rig()
    again.journal, again.person = rig.journal, rig.person
    again.run()
    again.letter()
    assert again.run().verdict is Verdict.CONFIRMED


def test_nothing_is_changed_without_consent_and_another_way_in() -> None:
    """Nobody knows whether OLD is replaced at once: NEW must receive mail, another way in be held, and the person agree by name."""
    rig = Rig(
        known=False,
        people=[
            Rule(Ask.CHOOSE, says="none"),
            Rule(
                Ask.HAND_OVER,
                "receive mail",
                says=lambda q: (
                    None
                    if rig.post.sent
                    else rig.post.send_mail(to=NEW, kind="x", subject="x", sender="Ann <ann@else.example>", text="x")
                ),
            ),
        ],
    )
    outcome = rig.run()
    assert outcome.exit_code == 3 and rig.verdict is Verdict.FOUND
    assert not [e for e in rig.journal.events() if e.kind is Kind.STEP_ARMED]
    rig.person.rules.insert(0, Rule(Ask.CHOOSE, says="phone"))
    rig.run()
    assert "phone" in rig.journal.factors(ID) and rig.verdict is Verdict.CLAIMED
    text = next(q for q in rig.person.asked if q.ask is Ask.CHOOSE).body
    assert OLD in text.en and NEW in text.zh and "nobody has checked" in text.en


def test_stopped_in_the_middle_asks_whether_it_happened() -> None:
    """Ctrl-C while the person works: the next run asks one named question and never opens the change as if nothing had been."""
    rig = Rig(people=[stops(Ask.HAND_OVER, "change"), Rule(Ask.IN_DOUBT, says="yes")])
    with pytest.raises(KeyboardInterrupt):
        rig.run()
    rig.letter()
    rig.run()
    assert len(rig.asked(Ask.IN_DOUBT)) == 1
    assert rig.verdict is Verdict.CONFIRMED


def test_killed_after_the_mail_was_taken_goes_on() -> None:
    """Killed between taking the mail and writing the end down: the same mail confirms in the next run."""
    rig = Rig()
    rig.run()
    rig.letter()
    record = rig.journal.step(ID, "guided", WROTE)
    rig.journal.record(step_armed(ID, "guided", WROTE, attempt=record.attempt + 1, url="", marks=()))
    assert rig.run().verdict is Verdict.CONFIRMED
    assert rig.journal.step(ID, "guided", WROTE).status is StepStatus.DONE


def test_slot_follows_the_way_in() -> None:
    """Where no password signs in (a phone, QQ), the address is a contact, not the name that signs in."""
    phone = replace(SHOP, sign_in=("phone", "sso:qq"))
    rig = Rig(phone)
    assert rig.slot is Slot.CONTACT
    rig.run()
    assert "set a password or a phone number first" in rig.person.shown()
