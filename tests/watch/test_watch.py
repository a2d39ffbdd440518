"""What a service's own mail proves after a change, and what it must not: a real Dovecot, really signed mail, both mailboxes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from readdress.errors import MailboxError
from readdress.models import OldState, Side, Slot, StepStatus, Verdict
from readdress.models.events import account_closed, mail_expected, old_state, slot_verdict, step_ended, wait_set
from readdress.workflow.watch_accounts import settle_by_hand
from readdress.workflow.watch_judging import Passed
from readdress.workflow.watching import Watched, Watcher, watch_once
from tests.watch.conftest import World

SHOP = "shop.example.com"
SIGN_IN = "A new sign-in to your account from Firefox"
Make = Callable[..., World]


def look(w: World) -> Watched:
    """One look, as ``migrate watch --once`` does."""
    with w.open() as m:
        found = watch_once(m)
        assert found.error is None, found.error
        assert m.check() == []
        return found


def verdict(w: World, account: str, slot: Slot) -> Verdict | None:
    """How far the slot is."""
    with w.open() as m:
        state = m.state.account(account).slots.get(slot)
        return state.verdict if state else None


def test_a_security_notice_to_new_proves_the_move(world: Make) -> None:
    """The service wrote to NEW, of its own accord and later than the change: nothing is surer. The evidence is kept, the wait for it is over."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN, verdict=Verdict.CONFIRMED)
    with w.open() as m:
        m.record(wait_set(account.id, "mail", "The next mail proves it."))
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN)
    found = look(w)
    assert [(s.slot, s.verdict) for s in found.proven] == [(Slot.SIGN_IN, Verdict.PROVEN)]
    assert not found.stragglers
    with w.open() as m:
        after = m.state.account(account.id)
        assert after.slots[Slot.SIGN_IN].verdict is Verdict.PROVEN
        assert f"no-reply@{SHOP}" in after.slots[Slot.SIGN_IN].detail
        (evidence,) = after.evidence
        assert (evidence.where, evidence.kind, evidence.sender) == ("new:INBOX/1", "security", f"no-reply@{SHOP}")
        assert m.state.wait(account.id) is None


def test_mail_to_old_opens_the_account_again_with_the_slot_it_shows(world: Make) -> None:
    """A newsletter, an invoice and a sign-in notice to OLD each show where OLD still stands; each opens that slot, once."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN)
    w.mail(f"Shop <news@{SHOP}>", w.old, "Autumn sale: 20% off everything", List_Unsubscribe=f"<https://{SHOP}/u>")
    w.mail(f"Shop <billing@{SHOP}>", w.old, "Your invoice no. 4711", "Thank you for your payment of 12.00 EUR.\n")
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, SIGN_IN)
    found = look(w)
    assert {s.slot for s in found.stragglers} == {Slot.NEWSLETTER, Slot.BILLING, Slot.SIGN_IN}, found
    for slot in (Slot.NEWSLETTER, Slot.BILLING, Slot.SIGN_IN):
        assert verdict(w, account.id, slot) is Verdict.STRAGGLER
    with w.open() as m:
        assert not m.state.account(account.id).verdict().finished
    w.mail(f"Shop <news@{SHOP}>", w.old, "Winter sale: 30% off everything", List_Unsubscribe=f"<https://{SHOP}/u>")
    assert not look(w).stragglers, "it is known already"


def test_a_slot_that_fell_rises_only_after_somebody_did_something(world: Make) -> None:
    """Mail to NEW beside mail to OLD does not settle it. The person says that it was ended; then the next mail decides, either way."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN)
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, SIGN_IN, days=2)
    look(w)
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN, days=1)
    assert not look(w).proven
    assert verdict(w, account.id, Slot.SIGN_IN) is Verdict.STRAGGLER
    w.past(0.5)
    with w.open() as m:
        assert settle_by_hand(m, SHOP) == [Slot.SIGN_IN]
        assert settle_by_hand(m, SHOP) == []
    w.present()
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN, days=0.1)
    assert look(w).proven
    assert verdict(w, account.id, Slot.SIGN_IN) is Verdict.PROVEN
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, SIGN_IN, days=0.05)
    assert look(w).stragglers, "a proof falls again when mail says so"
    assert verdict(w, account.id, Slot.SIGN_IN) is Verdict.STRAGGLER


@pytest.mark.parametrize(
    ("to", "subject", "days"),
    [
        ("new", "Please confirm your new email address", 2.99),
        ("new", "Please confirm your new email address", 0.5),
        ("old", "Your email address was changed", 2.99),
        ("old", "Your email address was changed", 1.5),
        ("new", "Your email address was changed", 2.99),
        ("new", SIGN_IN, 2.99),
        ("old", SIGN_IN, 2.99),
    ],
)
def test_mail_of_the_change_itself_is_neither(world: Make, to: str, subject: str, days: float) -> None:
    """The confirmation to NEW goes to whatever was typed; the notice to OLD tells the address that is left: within the hour, and days later."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN)
    w.mail(f"Shop <no-reply@{SHOP}>", w.new if to == "new" else w.old, subject, days=days)
    found = look(w)
    assert (found.proven, found.stragglers) == ([], [])
    assert sum(found.passed.values()) == 1, "it was looked at"
    assert verdict(w, account.id, Slot.SIGN_IN) is Verdict.READ_BACK


def test_a_notice_about_the_address_counts_a_month_later(world: Make) -> None:
    """Then it is no echo of this change any more: somebody changed something, and OLD is still told."""
    w = world()
    w.moved(SHOP, Slot.SIGN_IN, days=30)
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, "Your email address was changed", days=0.5)
    assert [s.slot for s in look(w).stragglers] == [Slot.SIGN_IN]


def test_an_expected_mail_that_comes_late_is_still_the_changes_own(world: Make) -> None:
    """GitHub's code to OLD, asked for by a step and five hours on its way, is no straggler; the same mail two days later is one."""
    w = world()
    account = w.moved("github", Slot.SIGN_IN, Slot.CONTACT)
    w.past(2)
    with w.open() as m:
        recipe = m.catalogue.recipe("github")
        mail = next(x for x in recipe.mail if x.to is Side.OLD and x.code)
        m.record(mail_expected(account.id, mail.id, route="standard", step="x", attempt=1, marks=(), until=None))
    w.present()
    sender, subject = mail.sender[0], mail.subject[0] if mail.subject else "Code"
    w.mail(sender, w.old, subject, "Verification code: 482913\n", days=2 - 5 / 24)
    found = look(w)
    assert found.stragglers == [] and found.passed == {Passed.OF_THE_CHANGE: 1}
    w.mail(sender, w.old, subject, "Verification code: 482914\n", days=0.1)
    assert look(w).stragglers


def test_what_is_not_provably_the_services_counts_for_nothing(world: Make) -> None:
    """Anybody can write in the service's name: unsigned, signed by another domain, or changed on the way."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN)
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN, signed=False)
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, SIGN_IN, signed=False)
    w.mail("Shop <no-reply@shop-example.org>", w.new, SIGN_IN)
    w.post.forge = lambda raw: raw.replace(b"Firefox", b"Chromia")
    try:
        w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN, "again\n")
    finally:
        w.post.forge = None
    found = look(w)
    assert (found.proven, found.stragglers) == ([], [])
    assert found.passed == {Passed.NOT_AUTHENTIC: 3}
    assert verdict(w, account.id, Slot.SIGN_IN) is Verdict.READ_BACK


def test_mail_from_before_the_change_says_nothing(world: Make) -> None:
    """Old mail that was copied into NEW lies there with today's date of arrival; its own date counts. A date in the future counts as today's."""
    w = world()
    w.moved(SHOP, Slot.SIGN_IN)
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN, days=4)
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, SIGN_IN, days=300)
    found = look(w)
    assert (found.proven, found.stragglers) == ([], [])
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN, days=-300)
    (proof,) = look(w).proven
    assert proof.at <= w.clock.now() + timedelta(minutes=1)


def test_forwarded_mail_is_mail_to_old(world: Make) -> None:
    """Where OLD forwards, its mail lies in NEW: it proves nothing, it shows that the service still writes to OLD."""
    w = world(old_reachable=False)
    account = w.moved(SHOP, Slot.SIGN_IN)
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, SIGN_IN, into=w.new)
    found = look(w)
    assert found.proven == []
    assert [s.slot for s in found.stragglers] == [Slot.SIGN_IN]
    assert [s.skipped for s in found.seen] == ["", "by_hand"]
    assert verdict(w, account.id, Slot.SIGN_IN) is Verdict.STRAGGLER


def test_a_newsletter_to_new_proves_only_the_newsletter(world: Make) -> None:
    """Anybody can subscribe an address; it says nothing about who may sign in."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN, Slot.NEWSLETTER)
    w.mail(f"Shop <news@{SHOP}>", w.new, "Autumn sale: 20% off everything", List_Unsubscribe=f"<https://{SHOP}/u>")
    assert [s.slot for s in look(w).proven] == [Slot.NEWSLETTER]
    assert verdict(w, account.id, Slot.SIGN_IN) is Verdict.READ_BACK


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Welcome to Shop! Your account was created", "Your account is ready.\n"),
        ("Your order 4711", "Thank you for your order.\n"),
        ("A word from us", "Hello.\n"),
    ],
)
def test_mail_that_others_get_too_proves_nothing_at_new(world: Make, subject: str, body: str) -> None:
    """A second account made by mistake is greeted, a guest gets a receipt: neither says that the account was moved, and a proof may unlock OLD's removal."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN, Slot.CONTACT)
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, subject, body)
    found = look(w)
    assert found.proven == [] and found.passed == {Passed.SAYS_NOTHING: 1}
    assert verdict(w, account.id, Slot.CONTACT) is Verdict.READ_BACK


def test_people_at_a_service_are_people(world: Make) -> None:
    """A friend who works there, and strangers with mailboxes at a provider that is a service too."""
    w = world()
    w.moved(SHOP, Slot.SIGN_IN)
    w.moved("qq", Slot.SIGN_IN)
    w.mail(f"Ann Miller <ann.miller@{SHOP}>", w.old, "Lunch tomorrow?")
    w.mail("Wei <wei.zhang@qq.com>", w.old, "Re: holidays")
    w.mail("Security <1234567@qq.com>", w.old, SIGN_IN)
    found = look(w)
    assert found.stragglers == [] and sum(s.opened for s in found.seen) == 0


def test_two_accounts_at_one_service_are_told_apart_by_name_or_not_at_all(world: Make) -> None:
    """Mail to OLD may rightly belong to the account that was not moved; only a login name in it decides."""
    w = world()
    moved = w.moved(SHOP, Slot.SIGN_IN, login="annabel77")
    with w.open() as m:
        m.add(SHOP, login="shopkeeper12", slots=[Slot.SIGN_IN])
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, SIGN_IN)
    found = look(w)
    assert found.stragglers == [] and found.passed == {Passed.AMBIGUOUS: 1}
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, SIGN_IN, "Hi annabel77,\n\nYour username: annabel77\nA new sign-in.\n")
    assert [s.account for s in look(w).stragglers] == [moved.id]


def test_what_was_read_is_not_read_again_and_nothing_is_touched(world: Make) -> None:
    """The second look fetches only what is new; no message is marked as read; old mail from before the change is not even fetched."""
    w = world()
    for n in range(5):
        w.mail(f"Shop <news@{SHOP}>", w.old, f"Old news {n}", days=300)
    w.moved(SHOP, Slot.SIGN_IN)
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN)
    first = look(w)
    assert [s.messages for s in first.seen] == [1, 5], "delivered today, so the server cannot leave them out by its day"
    second = look(w)
    assert [s.messages for s in second.seen] == [0, 0]
    w.mail("Ann <ann@example.org>", w.new, "Hi")
    assert [s.messages for s in look(w).seen] == [1, 0]
    for user in (w.old, w.new):
        with w.dovecot.login(user) as imap:
            imap.select("INBOX", readonly=True)
            _, data = imap.search(None, "SEEN")
            assert data == [b""], "reading leaves no mark"
    with w.open() as m:
        assert {source for source, _ in m.state.scan_marks()} == {"watch:new", "watch:old"}
        assert m.state.tallies() == [], "nothing is counted for discovery"


def test_nothing_changed_means_no_login(world: Make) -> None:
    """Providers count logins: as long as nothing was moved there is nothing to read."""
    w = world()
    with w.open() as m:
        m.add(SHOP, slots=[Slot.SIGN_IN])
    w.dovecot.set_password(w.new, "another")
    found = look(w)
    assert [s.skipped for s in found.seen] == ["nothing_changed"] * 2 and found.watched == 0


def test_closed_accounts_and_a_dead_mailbox_are_left_alone(world: Make) -> None:
    """OLD that is gone is not asked; accounts that nobody cares for any more are not watched."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN)
    with w.open() as m:
        m.record(old_state(OldState.DEAD))
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN)
    found = look(w)
    assert found.proven and [s.skipped for s in found.seen] == ["", "dead"]
    with w.open() as m:
        m.record(account_closed(account.id))
    assert look(w).watched == 0


def test_an_error_of_one_mailbox_keeps_what_the_other_showed(world: Make) -> None:
    """OLD refuses the login: the proof in NEW is written down all the same, and the error is told."""
    w = world()
    w.moved(SHOP, Slot.SIGN_IN)
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN)
    w.dovecot.set_password(w.old, "another")
    with w.open() as m:
        found = watch_once(m)
    assert isinstance(found.error, MailboxError) and found.proven
    w.dovecot.set_password(w.old, "pw")


def test_waits_that_are_over_are_listed(world: Make) -> None:
    """A cooling-off that ended while nobody looked; one that still lasts is not due."""
    w = world()
    one, two = w.moved(SHOP, Slot.SIGN_IN), w.moved("other.example.org", Slot.SIGN_IN)
    with w.open() as m:
        now = w.clock.now()
        m.record(wait_set(one.id, "time", "30 days", until=now - timedelta(minutes=1)))
        m.record(wait_set(two.id, "time", "30 days", until=now + timedelta(days=1)))
    assert [x.account for x in look(w).due] == [one.id]


def test_a_watcher_that_stays_keeps_one_connection_and_finds_new_mail(world: Make) -> None:
    """QQ counts logins: one a run. Between two looks the state file is free for other commands; a connection that died is made anew."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN)
    with Watcher() as watcher:
        with w.open() as m:
            watcher.look(m)
        before = dict(watcher._connections)
        with w.open() as m:  # another command, meanwhile
            m.record(slot_verdict(account.id, Slot.SIGN_IN, Verdict.READ_BACK))
        w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN, days=0)
        with w.open() as m:
            assert watcher.look(m).proven
        assert watcher._connections == before and len(before) == 2
        before[Side.NEW].abandon()
        w.mail(f"Shop <news@{SHOP}>", w.old, "Winter sale: 30% off", days=0, List_Unsubscribe=f"<https://{SHOP}/u>")
        with w.open() as m:
            found = watcher.look(m)
            assert found.error is None and found.stragglers
    assert not watcher._connections


def test_a_step_of_later_days_opens_its_own_hour(world: Make) -> None:
    """OLD is removed a day after the change: the notice of that hour belongs to it, not to the day in between."""
    w = world()
    account = w.moved(SHOP, Slot.SIGN_IN, days=5)
    w.past(2)
    with w.open() as m:
        m.record(step_ended(account.id, "standard", "remove_old", StepStatus.DONE, attempt=1, by="page"))
    w.present()
    w.mail(f"Shop <no-reply@{SHOP}>", w.old, SIGN_IN, days=2 - 0.02)
    found = look(w)
    assert found.stragglers == [] and found.passed == {Passed.OF_THE_CHANGE: 1}
    w.mail(f"Shop <no-reply@{SHOP}>", w.new, SIGN_IN, days=3.5)
    assert look(w).proven
