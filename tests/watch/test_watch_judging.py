"""The judge of one message, without a mailbox: addresses, stamps, dates, what the log says; whatever comes, it never raises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readdress.discovery.headers import read_head
from readdress.discovery.recipients import Person
from readdress.models import Account, Draft, Event, MailKind, Side, Slot, StepStatus, Verdict
from readdress.models.events import mail_expected, slot_verdict, step_armed, step_ended
from readdress.workflow.watch_judging import GRACE, Changed, Judge, Passed, Sighting, since_of
from readdress.workflow.watch_reading import Hit, worth_opening

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHANGED_AT = NOW - timedelta(days=10)
OLD, NEW = "ann@old.example", "ann@new.example"
STAMP = "mx.provider.example; dkim=pass header.d=shop.example; dmarc=pass header.from=shop.example"


def judge(side: Side = Side.NEW, stamps: tuple[str, ...] = ("mx.provider.example",)) -> Judge:
    """A mailbox whose provider stamps; no key can be looked up."""
    return Judge(side, Person(OLD, ("nick@old.example",)), Person(NEW), stamps, lambda *_: None, NOW, lambda _: "")


def changed(**more: Any) -> Changed:
    """An account at Shop, moved ten days ago."""
    fields: dict[str, Any] = {
        "account": Account("a1", "shop.example"),
        "since": {Slot.SIGN_IN: CHANGED_AT},
        "acts": (CHANGED_AT,),
        "orgs": frozenset({"shop.example"}),
    }
    return Changed(**(fields | more))


def mail(
    to: str = NEW,
    subject: str = "A new sign-in to your account from Firefox",
    *,
    at: datetime = NOW - timedelta(days=1),
    stamp: str = STAMP,
    sender: str = "Shop <no-reply@shop.example>",
    more: str = "",
) -> bytes:
    """A message as the provider delivered it."""
    top = f"Authentication-Results: {stamp}\r\n" if stamp else ""
    return (
        f"{top}From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {format_datetime(at)}\r\n{more}\r\nHello.\r\n"
    ).encode()


def verdict(raw: bytes, one: Changed | None = None, side: Side = Side.NEW, **more: Any) -> Sighting | Passed:
    """What the judge says."""
    return judge(side).judge(raw, [one or changed()], where="INBOX/1", digest="0" * 64, **more)


@pytest.mark.parametrize(
    ("side", "to", "more", "expected"),
    [
        (Side.NEW, NEW, "", Verdict.PROVEN),
        (Side.NEW, f"Ann <{NEW.upper()}>", "", Verdict.PROVEN),
        (Side.NEW, "ann+shop@new.example", "", Verdict.PROVEN),
        (Side.NEW, OLD, "", Verdict.STRAGGLER),
        (Side.NEW, "nick@old.example", f"Delivered-To: {NEW}\r\n", Verdict.STRAGGLER),
        (Side.NEW, "undisclosed-recipients:;", f"Delivered-To: {NEW}\r\n", Verdict.PROVEN),
        (
            Side.NEW,
            "undisclosed-recipients:;",
            f"Delivered-To: {NEW}\r\nX-Original-To: {OLD}\r\n",
            Passed.NOT_ADDRESSED,
        ),
        (Side.NEW, "joann@new.example", "", Passed.NOT_ADDRESSED),
        (Side.NEW, "somebody@else.example", f"Delivered-To: {NEW}\r\n", Passed.NOT_ADDRESSED),
        (Side.OLD, OLD, "", Verdict.STRAGGLER),
        (Side.OLD, NEW, "", Passed.NOT_ADDRESSED),
        (Side.OLD, "undisclosed-recipients:;", "", Verdict.STRAGGLER),
        (Side.OLD, "somebody@else.example", f"Delivered-To: {OLD}\r\n", Passed.NOT_ADDRESSED),
        (Side.NEW, f"{NEW}, {OLD}", "", Verdict.PROVEN),
        (Side.OLD, f"{NEW}, {OLD}", "", Verdict.STRAGGLER),
    ],
)
def test_whom_it_is_addressed_to_decides(side: Side, to: str, more: str, expected: Verdict | Passed) -> None:
    """Whole addresses are compared; who is named visibly goes before where it was delivered; forwarding passes through both."""
    found = verdict(mail(to, more=more), side=side)
    assert (found.verdict if isinstance(found, Sighting) else found) == expected


@pytest.mark.parametrize(
    ("stamp", "sender"),
    [
        ("", "no-reply@shop.example"),
        ("mx.evil.example; dmarc=pass header.from=shop.example", "no-reply@shop.example"),
        (
            "mx.provider.example; dmarc=fail header.from=shop.example; dkim=pass header.d=shop.example",
            "no-reply@shop.example",
        ),
        ("mx.provider.example; dkim=pass header.d=evil.example", "no-reply@shop.example"),
    ],
)
def test_only_the_providers_word_counts(stamp: str, sender: str) -> None:
    """A stamp of somebody else, one that failed, one for another domain, none at all."""
    assert verdict(mail(stamp=stamp, sender=sender)) is Passed.NOT_AUTHENTIC


def test_a_second_from_is_nobodys() -> None:
    """Parsers disagree about which counts."""
    assert verdict(mail(more="From: other@evil.example\r\n")) is Passed.OTHER_SENDER


@pytest.mark.parametrize(
    ("date", "received", "counts"),
    [
        (NOW - timedelta(days=1), NOW - timedelta(days=1), True),
        (NOW - timedelta(days=20), NOW - timedelta(days=1), False),
        (NOW + timedelta(days=900), NOW - timedelta(days=20), False),
        (NOW + timedelta(days=900), NOW - timedelta(days=1), True),
        (CHANGED_AT + timedelta(minutes=30), NOW - timedelta(days=1), False),
        (CHANGED_AT + GRACE + timedelta(minutes=1), NOW - timedelta(days=1), True),
    ],
)
def test_the_earlier_date_counts(date: datetime, received: datetime, counts: bool) -> None:
    """The sender's date may lie into the future, the server's is new for copied mail."""
    assert isinstance(verdict(mail(at=date), received=received), Sighting) == counts


@pytest.mark.parametrize("to", [OLD, NEW])
def test_a_request_to_confirm_an_address_says_nothing_at_any_time(to: str) -> None:
    """Anybody can type an address into a form, also a month later, also at the person's own service."""
    long_ago = NOW - timedelta(days=60)
    one = changed(since={Slot.SIGN_IN: long_ago, Slot.CONTACT: long_ago}, acts=(long_ago,))
    assert verdict(mail(to, "Please confirm your email address"), one) is Passed.SAYS_NOTHING


def event(draft: Draft, days: float, seq: int = 1) -> Event:
    """A draft as it stands in the log, so many days before now."""
    return Event(seq, NOW - timedelta(days=days), draft.kind, draft.account, draft.data)


def test_what_the_log_says_of_an_account() -> None:
    """Since when a slot counts as changed: since it rose last; a fall begins anew; every act and the person's word open an hour."""
    log = [
        event(step_armed("a1", "r", "s", attempt=1), 9),
        event(mail_expected("a1", "verify", route="r", step="s", attempt=1, marks=(), until=NOW), 9),
        event(step_ended("a1", "r", "s", StepStatus.DONE, attempt=1), 8),
        event(slot_verdict("a1", Slot.SIGN_IN, Verdict.SUBMITTED), 8),
        event(slot_verdict("a1", Slot.SIGN_IN, Verdict.READ_BACK), 7),
        event(slot_verdict("a1", Slot.BILLING, Verdict.STRAGGLER), 6),
        event(slot_verdict("a1", Slot.CONTACT, Verdict.CONFIRMED), 6),
        event(slot_verdict("a1", Slot.CONTACT, Verdict.STRAGGLER), 5),
        event(slot_verdict("a1", Slot.CONTACT, Verdict.CLAIMED), 4),
        event(slot_verdict("a1", Slot.RECOVERY, Verdict.STARTED), 4),
    ]
    since, acts, expected = since_of(log)
    assert since == {Slot.SIGN_IN: NOW - timedelta(days=8), Slot.CONTACT: NOW - timedelta(days=4)}
    assert [NOW - a for a in acts] == [timedelta(days=d) for d in (9, 9, 8, 4)]
    assert expected == {"verify": (NOW - timedelta(days=9), NOW)}


def test_the_newest_of_each_sender_and_kind_are_opened() -> None:
    """A flood of newsletters does not push the one security notice out; the first of each goes before the second of any."""
    flood = [
        Hit("INBOX", n, "news@shop.example", MailKind.NEWSLETTER, NOW - timedelta(hours=n), "d") for n in range(1, 2000)
    ]
    notice = Hit("INBOX", 3000, "no-reply@shop.example", MailKind.SECURITY, NOW - timedelta(days=90), "d")
    chosen = worth_opening([*flood, notice])
    assert notice in chosen and [h.uid for h in chosen] == [1, 2, 3, 3000]
    many = [Hit("INBOX", n, f"s{n}@shop.example", MailKind.CODE, NOW, "d") for n in range(5000)]
    assert len(worth_opening([*many, *many])) == 600


FIELDS = (
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Authentication-Results",
    "DKIM-Signature",
    "List-Unsubscribe",
    "Content-Type",
)
hostile = st.lists(st.tuples(st.sampled_from(FIELDS), st.binary(max_size=200)), max_size=12)


@settings(max_examples=150, deadline=2000)
@given(hostile, st.binary(max_size=500), st.sampled_from(list(Side)))
def test_whatever_comes_it_answers(fields: list[tuple[str, bytes]], body: bytes, side: Side) -> None:
    """Random octets in every field: an answer, never an error, and never a proof."""
    raw = b"".join(f"{name}: ".encode() + value + b"\r\n" for name, value in fields) + b"\r\n" + body
    assert isinstance(verdict(raw, side=side), Passed)
    read_head(raw)


def test_somebody_elses_service_is_passed_over() -> None:
    """Another domain, a look-alike, a subdomain of a free mail provider."""
    for sender in ("no-reply@other.example", "no-reply@shop.example.evil.example", "no-reply@myshop.example"):
        assert verdict(mail(sender=sender)) is Passed.OTHER_SENDER
    mine = changed(account=Account("a1", "qq"), orgs=frozenset({"qq.com"}))
    assert verdict(mail(sender="12345@qq.com"), mine) is Passed.OTHER_SENDER
    exact = replace(mine, senders=frozenset({"service@qq.com"}))
    stamp = STAMP.replace("shop.example", "qq.com")
    assert isinstance(verdict(mail(sender="service@qq.com", stamp=stamp), exact), Sighting)
