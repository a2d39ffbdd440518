"""Organisational domains, personal mail and relays."""

from __future__ import annotations

import pytest

from readdress.discovery import Person, addressed_to, domain_of, is_freemail, is_relay, org_domain
from readdress.discovery.impostors import impostor_of


@pytest.mark.parametrize(
    ("host", "org"),
    [
        ("mail.shop.co.uk", "shop.co.uk"),
        ("em123.news.example.com", "example.com"),
        ("a.github.io", "a.github.io"),
        ("EXAMPLE.com.", "example.com"),
        ("example.com", "example.com"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("192.0.2.1", "192.0.2.1"),
        ("mx.例子.中国", "例子.中国"),
        ("a..b", ""),
        ("x y.com", ""),
        ("", ""),
    ],
)
def test_org_domain(host: str, org: str) -> None:
    """By the public suffix list, its private section included; what is no host gives nothing."""
    assert org_domain(host) == org


def test_lists() -> None:
    """Known freemail and relays are known, shops are neither."""
    assert is_freemail("gmail.com") and is_freemail("qq.com") and not is_freemail("example.com")
    assert is_relay("amazonses.com") and is_relay("mcsv.net") and not is_relay("example.com")
    assert domain_of("Ann@Mail.Example.com>") == "mail.example.com" and domain_of("nobody") == ""


ME = Person("ann.lee@gmail.com", ("ann@own.example",))


@pytest.mark.parametrize(
    ("fields", "tag"),
    [
        ({"to": "Ann <Ann.Lee@Gmail.com>"}, "old"),
        ({"to": "annlee@googlemail.com"}, "old"),
        ({"to": "a.nn.lee+shop@gmail.com"}, "plus:shop"),
        ({"to": "team@x.test", "cc": "ann@own.example"}, "alias:ann@own.example"),
        ({"to": "undisclosed-recipients:;", "delivered_to": ("ann.lee@gmail.com",)}, "old"),
        ({"to": "", "x_original_to": ("ann.lee+a@gmail.com",)}, "plus:a"),
        ({"to": "list@x.test", "delivered_to": ("ann.lee@gmail.com",)}, "other"),
        ({"to": "ann.leeson@gmail.com", "delivered_to": ("ann.lee@gmail.com",)}, "other"),
        ({}, "unknown"),
    ],
)
def test_addressed_to(fields: dict[str, str], tag: str) -> None:
    """What the sender wrote counts before where the mail went: a stranger's mail that landed here is a stranger's."""
    assert addressed_to(ME, **fields) == tag  # type: ignore[arg-type]


def test_dots_count_unless_the_provider_ignores_them() -> None:
    """Elsewhere a.nn@ may be another person."""
    assert addressed_to(Person("ann.lee@mail.test"), to="a.nnlee@mail.test") == "other"
    assert addressed_to(Person("ann.lee@mail.test", dots=True), to="a.nnlee@mail.test") == "old"


@pytest.mark.parametrize(
    ("org", "name", "fake"),
    [
        ("micros0ft-account.test", "Account team", True),
        ("account-check.test", "PayPal Security", True),
        ("amazon-delivery-help.test", "Amazon Orders", True),
        ("microsoft.com", "Microsoft account team", False),
        ("applewood.test", "Applewood Farm", False),
        ("orchard.test", "Apple of my eye", False),
        ("amazon.co.jp", "Amazon.co.jp", False),
        ("example.org", "Ann (via Google Docs)", False),
    ],
)
def test_impostors(org: str, name: str, fake: bool) -> None:
    """A look-alike domain passes every check of its own; a farm named after a fruit is no fraud."""
    assert bool(impostor_of(org, [name])) is fake
