"""From headers: one plain address or nothing, and which addresses a recipe lists."""

from __future__ import annotations

import pytest

from readdress.trust.alignment import Site, aligned, is_public_suffix
from readdress.trust.sender import Sender, at_site, match, read_from, same_address

PLAIN = [
    "noreply@shop.example",
    "<noreply@shop.example>",
    " noreply@shop.example ",
    "Shop <noreply@shop.example>",
    "Shop<noreply@shop.example>",
    '"Shop, Inc." <noreply@shop.example>',
    '"Shop \\"quoted\\"" <noreply@shop.example>',
    "Shop.com Security <noreply@shop.example>",
    "=?utf-8?B?5bqX?= <noreply@shop.example>",
    "店铺 <noreply@shop.example>",
    "Shop (no reply) <noreply@shop.example>",
    "noreply@shop.example (Shop)",
    "NoReply@Shop.Example",
    '"" <noreply@shop.example>',
    '"evil@evil.example" <noreply@shop.example>',
]
CROOKED = [
    "",
    "Shop",
    "noreply@shop.example, evil@evil.example",
    "noreply@shop.example evil@evil.example",
    "noreply@shop.example <evil@evil.example>",
    "<noreply@shop.example> <evil@evil.example>",
    "<noreply@shop.example>, <evil@evil.example>",
    "Shop <noreply@shop.example> evil@evil.example",
    "Shop <noreply@shop.example",
    "Shop noreply@shop.example>",
    "Shop <<noreply@shop.example>>",
    "Shop <@evil.example:noreply@shop.example>",
    "Shop <noreply@shop.example@evil.example>",
    "Shop <noreply @shop.example>",
    "Shop <noreply@shop.example (evil)>",
    "Shop <noreply@shop.example>(a(b))",
    "group: noreply@shop.example;",
    "undisclosed-recipients:;",
    '"noreply@shop.example"@evil.example',
    '"Shop <noreply@shop.example>" evil@evil.example',
    '"unclosed <noreply@shop.example>',
    "noreply@[127.0.0.1]",
    "noreply@shop",
    "noreply@shop.example.",
    "noreply@-shop.example",
    "noreply@shop..example",
    ".noreply@shop.example",
    "noreply@shop.example\x00@evil.example",
    "noreply@ѕhop.example",
    "(noreply@shop.example) evil@evil.example <x@y.example>",
    "Shop <noreply@shop.example>\nFrom: x@y.example",
    "a" * 2000 + " <noreply@shop.example>",
    "a" * 70 + "@shop.example",
]


@pytest.mark.parametrize("value", PLAIN)
def test_plain(value: str) -> None:
    """Every form in which honest programs write From; the display name is never looked at."""
    assert read_from([value]) == Sender("noreply@shop.example", "shop.example")


@pytest.mark.parametrize("value", CROOKED)
def test_crooked(value: str) -> None:
    """Forms that parsers read differently, or that name two or none: the sender is refused."""
    got = read_from([value])
    assert isinstance(got, str) or got.address == "evil@evil.example", got


def test_number_of_from_headers() -> None:
    """None and two are refused, also when both are the same."""
    assert isinstance(read_from([]), str)
    assert isinstance(read_from(["noreply@shop.example"] * 2), str)


@pytest.mark.parametrize(
    ("address", "patterns", "site", "want"),
    [
        ("noreply@github.com", ["noreply@github.com"], "", False),
        ("noreply@github.com", ["NoReply@GitHub.com"], "", False),
        ("notifications@github.com", ["noreply@github.com"], "", None),
        ("noreply@github.com.evil.example", ["noreply@github.com"], "", None),
        ("xnoreply@github.com", ["noreply@github.com"], "", None),
        ("admin@bbs.example", ["{site}"], "https://bbs.example", True),
        ("admin@elsewhere.example", ["{site}"], "https://bbs.example", True),
        ("admin@bbs.example", ["{site}"], "", None),
        ("wordpress@blog.example", ["wordpress@{site}"], "https://www.blog.example", True),
        ("admin@blog.example", ["wordpress@{site}"], "https://www.blog.example", None),
        ("wordpress@evil.example", ["wordpress@{site}"], "https://www.blog.example", None),
        ("any@mail.blog.example", ["*@{site}"], "https://blog.example", True),
        ("any@evil.example", ["*@{site}"], "https://blog.example", None),
        ("noreply@github.com", ["{site}", "noreply@github.com"], "https://x.example", False),
    ],
)
def test_listed(address: str, patterns: list[str], site: str, want: bool | None) -> None:
    """Exact addresses need no binding; ``{site}`` entries do; anything else is not listed."""
    sender = Sender(address, address.rpartition("@")[2])
    got = match(sender, patterns, Site.parse(site))
    assert (got.binding if got else None) == want


@pytest.mark.parametrize(
    ("signer", "domain", "want"),
    [
        ("shop.example", "shop.example", True),
        ("shop.example", "mail.shop.example", True),
        ("mail.shop.example", "shop.example", True),
        ("a.shop.example", "b.shop.example", False),
        ("evil.example", "shop.example", False),
        ("example", "shop.example", False),
        ("com", "github.com", False),
        ("evilshop.example", "shop.example", False),
        ("co.uk", "shop.co.uk", False),
        ("com.cn", "shop.com.cn", False),
        ("or.jp", "shop.or.jp", False),
        ("bj.cn", "shop.bj.cn", False),
        ("github.io", "ann.github.io", False),
        ("ann.github.io", "github.io", False),
        ("", "shop.example", False),
        ("shop.example", "", False),
        ("sho p.example", "sho p.example", False),
    ],
)
def test_alignment(signer: str, domain: str, want: bool) -> None:
    """Relaxed alignment, done conservatively: no public suffix and no stranger's subdomain speaks for a domain."""
    assert aligned(signer, domain) is want


def test_public_suffixes() -> None:
    """A few of each kind, and ordinary names that are none."""
    assert all(map(is_public_suffix, ["com", "co.uk", "com.cn", "edu.au", "blogspot.com", "gd.cn"]))
    assert not any(
        map(is_public_suffix, ["github.com", "qq.com", "example.co.uk", "douban.com", "uestc.edu.cn", "weibo.cn"])
    )


def test_site_and_addresses() -> None:
    """What the person may give for a site, and when two addresses are one."""
    assert Site.parse("https://bbs.example/forum/") == Site("https", "bbs.example", 443, "/forum")
    assert Site.parse("bbs.example:8443") == Site("https", "bbs.example", 8443, "")
    assert [Site.parse(x) for x in ("", "ftp://x.example", "https://a@b.example", "https://")] == [None] * 4
    local = Site.parse("http://127.0.0.1:80")
    assert local is not None
    assert local.loopback
    assert at_site(Sender("a@bbs.example", "bbs.example"), Site("https", "www.bbs.example", 443, ""))
    assert same_address("Ann@New.Example", "ann@new.example")
    assert same_address("ann@bücher.example", "ann@xn--bcher-kva.example")
    assert not same_address("joann@x.example", "ann@x.example")
    assert not same_address("", "")
