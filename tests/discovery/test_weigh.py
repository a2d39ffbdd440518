"""From tallies and opened messages to candidates: what proves, what does not, what is opened."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from readdress.discovery import Opened, Reading, ServiceHint, Stamp, Standing, wants_opening
from readdress.discovery.weigh import weigh
from readdress.models.inventory import MailKind, Tally, Witness
from readdress.models.words import Slot

K = MailKind
DAY = datetime(2024, 3, 1, tzinfo=UTC)


def witness(uid: int, kind: MailKind, *, sure: bool = True, day: int = 1, sender: str = "noreply@shop.test") -> Witness:
    return Witness("INBOX", uid, DAY.replace(day=day), sender, kind, f"{uid:064x}", sure)


def tally(
    *witnesses: Witness, org: str = "shop.test", to: str = "old", names: tuple[str, ...] = ("Shop",), listed: int = 0
) -> Tally:
    counts: dict[MailKind, int] = {}
    sure: dict[MailKind, int] = {}
    for one in witnesses:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        sure[one.kind] = sure.get(one.kind, 0) + one.sure
    return Tally(org, to, counts, sure, listed, DAY, DAY, ("noreply@shop.test",), names, (), witnesses)


class Known:
    """Two products of one account, and a service of two domains."""

    def service_of(self, org: str, sender: str) -> ServiceHint | None:
        return {
            "drive.test": ServiceHint("drive", account="big"),
            "big.test": ServiceHint("big", ("Big",), ("big.test", "big.example")),
        }.get(org)


def test_a_security_notice_proves_and_newsletters_never_do() -> None:
    """One authentic notice is enough; ten thousand newsletters are not."""
    (proven,) = weigh([tally(witness(1, K.SECURITY))])
    assert proven.believed and proven.confidence >= 0.9
    many = Tally("shop.test", "old", {K.NEWSLETTER: 10_000, K.OTHER: 500}, {K.NEWSLETTER: 10_000}, 10_000, DAY, DAY)
    (letters,) = weigh([many])
    assert not letters.believed and letters.confidence < 0.1 and wants_opening(letters) == []


def test_forged_mail_makes_no_account() -> None:
    """A thousand notices that nobody vouched for, from a provider that vouches, are worth no more than one, and that is too little."""
    honest = tally(witness(9, K.SECURITY), org="other.test")
    forged = Tally(
        "bank.test",
        "old",
        {K.SECURITY: 1000},
        {},
        0,
        DAY.replace(day=2),
        DAY.replace(day=3),
        witnesses=(witness(5, K.SECURITY, sure=False, day=3),),
    )
    found = {c.service: c for c in weigh([honest, forged])}
    assert found["other.test"].believed and not found["bank.test"].believed
    assert wants_opening(found["bank.test"])
    failed = Opened(witness(5, K.SECURITY, sure=False, day=3), Reading(K.SECURITY, Standing.PROOF), Stamp.FAIL)
    assert not {c.service: c for c in weigh([honest, forged], opened=[failed])}["bank.test"].believed


def test_old_mail_without_stamps_counts() -> None:
    """Where the provider vouched for nothing yet, a missing stamp says nothing."""
    (old,) = weigh([tally(witness(1, K.WELCOME, sure=False))])
    assert old.believed


def test_mail_to_somebody_else_and_from_people_makes_no_candidate() -> None:
    """Relatives, strangers, lists; personal mail."""
    assert weigh([tally(witness(1, K.SECURITY), to="other")]) == []
    assert weigh([tally(witness(1, K.PERSONAL, sender="ann@post.test"), org="post.test")]) == []
    people = Tally(
        "gmail.com",
        "old",
        {K.SECURITY: 3},
        {K.SECURITY: 3},
        witnesses=(witness(1, K.SECURITY, sender="ann.lee@gmail.com"),),
    )
    assert weigh([people]) == []


def test_products_and_domains_of_one_account_are_one_candidate() -> None:
    """OneDrive is Microsoft: knowledge says which account a product rides on."""
    (one,) = weigh(
        [tally(witness(1, K.SECURITY), org="big.test"), tally(witness(2, K.RECEIPT), org="drive.test", to="plus:x")],
        Known(),
    )
    assert one.service == "big" and one.known and one.counts == {K.SECURITY: 1, K.RECEIPT: 1}
    assert set(one.sites) >= {"big.test", "drive.test"} and one.addresses == ("old", "plus:x")


def test_an_opened_guest_receipt_takes_its_like_with_it() -> None:
    """Two receipts look like evidence; the text of one says that they are a guest's."""
    receipts = tally(witness(1, K.RECEIPT), witness(2, K.RECEIPT))
    (before,) = weigh([receipts])
    assert before.pending
    (after,) = weigh([receipts], opened=[Opened(witness(1, K.RECEIPT), Reading(K.RECEIPT, Standing.NONE), Stamp.PASS)])
    assert after.confidence < 0.15 < before.confidence


def test_a_confirmed_deletion_ends_an_account_until_it_speaks_again() -> None:
    """The last word counts: mail after the end means that there is an account again."""
    ended = [tally(witness(1, K.WELCOME, day=1), witness(2, K.CLOSED, day=5))]
    (closed,) = weigh(ended)
    assert closed.closed == DAY.replace(day=5) and not closed.believed and "2024-03-05" in closed.why.en
    (again,) = weigh([tally(witness(1, K.WELCOME, day=1), witness(2, K.CLOSED, day=5), witness(3, K.SECURITY, day=20))])
    assert again.closed is None and again.believed


def test_an_impostor_is_not_believed() -> None:
    """Authentic mail of a look-alike domain is still no Microsoft account."""
    (fake,) = weigh([tally(witness(1, K.SECURITY), org="micros0ft-account.test", names=("Microsoft account team",))])
    assert (
        fake.impostor == "microsoft" and not fake.believed and "microsoft" in fake.why.en and "microsoft" in fake.why.zh
    )


def test_opening_is_bounded_and_ends() -> None:
    """At most three at a time, six in all, none once the text proved it."""
    doubtful = tally(*(witness(n, K.RECEIPT) for n in range(1, 9)))
    opened: list[Opened] = []
    for _ in range(5):
        (candidate,) = weigh([doubtful], opened=opened)
        assert len(wants_opening(candidate)) <= 3
        opened += [Opened(w, Reading(K.RECEIPT, Standing.NONE), Stamp.PASS) for w in wants_opening(candidate)]
    assert len(opened) == 6
    proof = Opened(witness(1, K.RECEIPT), Reading(K.RECEIPT, Standing.PROOF, ("ann_7",), (Slot.BILLING,)), Stamp.PASS)
    (proven,) = weigh([doubtful], opened=[proof])
    assert (
        proven.believed
        and not wants_opening(proven)
        and proven.logins == ("ann_7",)
        and proven.slots == (Slot.BILLING,)
    )
    assert len(proven.witnesses) == 5 and "ann_7" in proven.why.zh


def test_links_that_all_lead_elsewhere_speak_against_mail_without_a_voucher() -> None:
    """A forged notice wants a click on somebody else's site."""
    doubtful = tally(witness(1, K.SECURITY, sure=False))
    reading = Reading(K.SECURITY, Standing.PROOF)
    (away,) = weigh(
        [doubtful], opened=[Opened(witness(1, K.SECURITY, sure=False), reading, Stamp.NEUTRAL, ("evil.test",))]
    )
    (home,) = weigh(
        [doubtful], opened=[Opened(witness(1, K.SECURITY, sure=False), reading, Stamp.NEUTRAL, ("shop.test",))]
    )
    assert home.believed and not away.believed


@pytest.mark.parametrize("stamp", list(Stamp))
def test_only_a_vouched_message_ends_an_account(stamp: Stamp) -> None:
    """A forged or unauthenticated "your account was deleted" never marks an account as closed."""
    account = tally(witness(1, K.SECURITY), witness(2, K.CLOSED, sure=False, day=9))
    ended = Opened(witness(2, K.CLOSED, sure=False, day=9), Reading(K.CLOSED, Standing.CLOSED), stamp)
    (candidate,) = weigh([account], opened=[ended])
    assert (candidate.closed is not None) is (stamp is Stamp.PASS)
