"""What an opened message proves, and the login names in it."""

from __future__ import annotations

import pytest

from readdress.discovery import Standing, login_names, read, seen_text
from readdress.models.inventory import MailKind
from readdress.models.words import Slot

SENDER = {"sender": "noreply@shop.test", "name": "Shop"}


@pytest.mark.parametrize(
    ("subject", "body", "standing"),
    [
        ("Order 1022 confirmed", "1 lamp $20.00. Track it under Your account.", Standing.PROOF),
        ("Order 1022 confirmed", "1 lamp $20.00. You ordered as a guest.", Standing.NONE),
        ("Password reset", "Click the link to choose a new password: https://shop.test/r", Standing.PROOF),
        ("Password reset", "No account uses this address. Nothing was changed.", Standing.NONE),
        ("密码重置", "该邮箱没有注册过本站会员。", Standing.NONE),
        ("Passwort zurücksetzen", "Zu dieser Adresse gibt es kein Konto.", Standing.NONE),
        ("Verify your email address", "Someone began to sign up. Click to confirm.", Standing.HINT),
        (
            "Verify your email address",
            "You asked to replace the e-mail address of your profile. Confirm it.",
            Standing.PROOF,
        ),
        ("Goodbye", "As you asked, your account has been permanently deleted.", Standing.CLOSED),
        ("Goodbye", "Your old e-mail address has been deleted from your account.", Standing.PROOF),
        ("Weekend sale 30% off", "Everything must go. Unsubscribe here.", Standing.NONE),
        (
            "Your statement of savings!",
            "Prices like never before. You get this because you entered a raffle. Unsubscribe.",
            Standing.NONE,
        ),
        ("Ann invites you to share a folder", "You don't have an account yet. Create one free.", Standing.NONE),
        ("Claim", "ATTN beneficiary: you won the lottery. Send your account password.", Standing.NONE),
    ],
)
def test_standing(subject: str, body: str, standing: Standing) -> None:
    """Guests, no-account answers, unconfirmed registrations, advertisements and invitations prove nothing; a deletion ends it."""
    got = read(subject, body, **SENDER).standing
    assert got is standing or (standing is Standing.NONE and got is Standing.HINT and subject == "Claim")


def test_a_forwarded_or_quoted_mail_is_not_what_it_is_from() -> None:
    """A friend passes on somebody else's welcome."""
    body = "look!\n\n---------- Forwarded message ----------\nFrom: X <x@x.test>\n\nYour account is ready. Username: jpetrel77"
    got = read("Fwd: Welcome", body, sender="jo.petrel@post.example", name="Jo Petrel")
    assert got.kind is MailKind.PERSONAL and got.standing is Standing.NONE and got.logins == ()


def test_mail_that_greets_somebody_else_by_title_proves_nothing() -> None:
    """The address was mistyped by another customer; only who said their name can be told from them."""
    body = "Dear Mr. Gregor Lindqvist, your account is ready. Username: glq_1"
    assert read("Welcome to Shop", body, **SENDER, names=("Ann Lee",)).standing is Standing.NONE
    assert read("Welcome to Shop", body, **SENDER).standing is Standing.PROOF
    assert (
        read("Welcome to Shop", body.replace("Mr. Gregor Lindqvist", "Ms Lee"), **SENDER, names=("Ann Lee",)).standing
        is Standing.PROOF
    )


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("Username: ann_77", "ann_77"),
        ("Ihre Kundennummer lautet 4410-882.", "4410-882"),
        ("会员编号：YL-70341", "YL-70341"),
        ("ログインID：ann_hoshi", "ann_hoshi"),
        ("아이디는 annlee7 입니다.", "annlee7"),
        ("Hello ann_77,\nyour account is ready.", "ann_77"),
        ("Votre identifiant : ann.lee", "ann.lee"),
        ("Ваш логин: ann_leto.", "ann_leto"),
    ],
)
def test_login_names(text: str, login: str) -> None:
    """A label or a greeting states it, in each language."""
    assert login in login_names("", text)


@pytest.mark.parametrize(
    "text",
    [
        "Hello Ann,\nyour account is ready.",
        "Username or password wrong?",
        "Your order 2024-11 of 3 March 2024",
        "Total: 20.00",
        "Write to help@shop.test",
        "See www.shop.test/account",
    ],
)
def test_no_login_name_where_none_is_stated(text: str) -> None:
    """Names, words, dates, amounts and addresses are none."""
    assert login_names("", text) == ()


def test_slots_and_text() -> None:
    """Where the address stands; a stub of plain text gives way to the page."""
    assert read("Your recovery address was changed", "It is no longer this one.", **SENDER).slots[0] is Slot.RECOVERY
    assert read("Your October statement", "Balance: $20.00", **SENDER).slots == (Slot.BILLING,)
    assert seen_text(["see html"], ["A long page with words. " * 20]).startswith("A long")
    assert seen_text(["plain " * 80], ["page " * 100]).startswith("plain")
