"""The link of a mail: URLs that programs, people and browsers read differently, and links that must never be opened."""

from __future__ import annotations

import pytest
from trust_samples import GOOD_LINK as GOOD
from trust_samples import LINK

from readdress.recipe.schema import LinkRule
from readdress.trust import link
from readdress.trust.alignment import Site
from readdress.trust.caps import Meter
from readdress.trust.link import urls_in
from readdress.trust.markup import Link, Page, read
from readdress.trust.message import Parsed
from readdress.trust.verdict import Miss, Reason, Token

RULE = LINK.link
assert RULE is not None
PATH = "/users/ann/emails/7/confirm/0a1b2c3d"
LOCAL = Site.parse("http://127.0.0.1:8765")
WIKI = LinkRule(host="{site}", path="/index.php", query={"title": "Special:ConfirmEmail/*"})
ALLAUTH = LinkRule(host="{site}", path="/accounts/confirm-email/*/")
ANY_HOST = LinkRule(host="*.shop.example", path="/confirm/*")
LOOSE = LinkRule(host="shop.example", path="/users/*/emails/*/*/*")
QUERY = LinkRule(host="shop.example", path="/verify", query={"token": "*", "kind": "email"})

ACCEPTED = [
    GOOD,
    "https://SHOP.example" + PATH,
    "HTTPS://shop.example" + PATH,
    "https://shop.example:443" + PATH,
    GOOD + "?utm_source=mail&utm_campaign=verify",
    GOOD + "?return=/settings",
    GOOD + "?return=https%3A%2F%2Fshop.example%2Fsettings",
    "https://shop.example/users/ann/emails/7/confirm/Qcancel7xremove9",
    "https://shop.example/x/../users/ann/emails/7/confirm/0a1b2c3d",
]
REFUSED = [
    # scheme
    "http://shop.example" + PATH,
    "ftp://shop.example" + PATH,
    "javascript:location='https://shop.example'",
    "data:text/html,https://shop.example" + PATH,
    "//shop.example" + PATH,
    PATH,
    "https:shop.example" + PATH,
    "https:/shop.example" + PATH,
    "https:///shop.example" + PATH,
    "view-source:" + GOOD,
    # user names and what looks like one
    "https://shop.example@evil.example" + PATH,
    "https://shop.example:x@evil.example" + PATH,
    "https://ann@shop.example" + PATH,
    "https://:@shop.example" + PATH,
    "https://shop.example%40evil.example" + PATH,
    "https://evil.example\\@shop.example" + PATH,
    "https://shop.example\\@evil.example" + PATH,
    "https://evil.example#@shop.example" + PATH,
    "https://evil.example?@shop.example" + PATH,
    "https://evil.example/@shop.example" + PATH,
    "https://shop.example;@evil.example" + PATH,
    # other hosts
    "https://evil.example" + PATH,
    "https://shop.example.evil.example" + PATH,
    "https://evilshop.example" + PATH,
    "https://www.shop.example" + PATH,
    "https://shop.example." + PATH,
    "https://shop.example.." + PATH,
    "https://.shop.example" + PATH,
    "https://shop%2Eexample" + PATH,
    "https://shop.example%00.evil.example" + PATH,
    "https://shop.example%2f.evil.example" + PATH,
    "https://127.0.0.1" + PATH,
    "https://0x7f.1" + PATH,
    "https://[::1]" + PATH,
    # other scripts
    "https://\u0455hop.example" + PATH,
    "https://xn--hop-3xd.example" + PATH,
    "https://ｓhop.example" + PATH,
    "https://shop。example" + PATH,
    "https://shop\u200b.example" + PATH,
    "https://shop\u2024example" + PATH,
    "https://shop.example\u2044evil.example" + PATH,
    "https://shop.ex\u00adample" + PATH,
    # blanks and control characters that browsers drop
    "https://shop.exam\tple" + PATH,
    "https://shop.example\n" + PATH,
    "ht\ntps://shop.example" + PATH,
    "https://shop.example" + PATH + "\nx",
    "https://shop.example" + PATH + "\x00",
    "https://shop.example" + PATH + " x",
    # ports
    "https://shop.example:444" + PATH,
    "https://shop.example:80" + PATH,
    "https://shop.example:99999" + PATH,
    "https://shop.example:443x" + PATH,
    # paths
    "https://shop.example/",
    "https://shop.example" + PATH + "/",
    "https://shop.example" + PATH + "/more",
    "https://shop.example/users/ann/emails/7/confirm/",
    "https://shop.example/users/ann/emails/7/unlink/0a1b2c3d",
    "https://shop.example/users/ann/emails/7/Confirm/0a1b2c3d",
    "https://shop.example/users//emails/7/confirm/0a1b2c3d",
    "https://shop.example/users/ann/emails/7/confirm/../unlink/x",
    "https://shop.example/users/ann/emails/7/confirm/%2e%2e",
    "https://shop.example/users/ann/emails/7/confirm/..%2f..%2funlink",
    "https://shop.example/users/ann/emails/7/confirm%2F0a1b2c3d",
    "https://shop.example/users\\ann\\emails\\7\\confirm\\0a1b2c3d",
    "https://shop.example/users/ann/emails/7/%63onfirm/0a1b2c3d",
    "https://shop.example/users/cancel/emails/7/confirm/0a1b2c3d",
    "https://shop.example/users/ann/emails/7/confirm/0a?action=cancel",
    "https://shop.example/users/ann/emails/7/confirm/0a?do=thisWasntMe",
    # fragments and hand-ons
    GOOD + "#/unlink",
    GOOD + "?next=https://evil.example/",
    GOOD + "?next=//evil.example/",
    GOOD + "?next=%2F%2Fevil.example",
    GOOD + "?next=https%253A%252F%252Fevil.example",
    GOOD + "?next=\\\\evil.example",
    GOOD + "?next=javascript:alert(1)",
    "https://evil.example/?u=" + GOOD,
    "https://shop.example" + PATH + "x" * 5000,
]


@pytest.mark.parametrize("url", ACCEPTED)
def test_accepted(url: str) -> None:
    """The recipe's host and path, however it is spelled harmlessly."""
    got = link.judge(url, RULE, LINK.never, None)
    assert isinstance(got, str)
    assert got.startswith("https://shop.example/users/ann/emails/7/confirm/")


@pytest.mark.parametrize("url", REFUSED)
def test_refused(url: str) -> None:
    """Anything that leads elsewhere, or that one reader could take for something else than another."""
    assert isinstance(link.judge(url, RULE, LINK.never, None), Miss)


@pytest.mark.parametrize(
    ("rule", "site", "url", "good"),
    [
        (ALLAUTH, "http://127.0.0.1:8765", "http://127.0.0.1:8765/accounts/confirm-email/MTA:1x/", True),
        (ALLAUTH, "http://127.0.0.1:8765", "http://127.0.0.1:8766/accounts/confirm-email/MTA:1x/", False),
        (ALLAUTH, "http://127.0.0.1:8765", "https://127.0.0.1:8765/accounts/confirm-email/MTA:1x/", False),
        (ALLAUTH, "http://127.0.0.1:8765", "http://127.0.0.1:8765/accounts/confirm-email//", False),
        (ALLAUTH, "http://forum.example", "http://forum.example/accounts/confirm-email/x/", False),
        (ALLAUTH, "https://forum.example", "https://forum.example/accounts/confirm-email/x/", True),
        (ALLAUTH, "forum.example", "https://forum.example/accounts/confirm-email/x/", True),
        (ALLAUTH, "https://forum.example", "https://www.forum.example/accounts/confirm-email/x/", False),
        (ALLAUTH, "https://forum.example/sub/", "https://forum.example/sub/accounts/confirm-email/x/", True),
        (ALLAUTH, "https://forum.example/sub", "https://forum.example/accounts/confirm-email/x/", False),
        (ALLAUTH, "", "https://forum.example/accounts/confirm-email/x/", False),
        (WIKI, "https://w.example", "https://w.example/index.php?title=Special:ConfirmEmail/0a1b", True),
        (WIKI, "https://w.example", "https://w.example/index.php?title=Special:InvalidateEmail/0a1b", False),
        (WIKI, "https://w.example", "https://w.example/index.php?title=Special:ConfirmEmail/0&title=Main", False),
        (WIKI, "https://w.example", "https://w.example/index.php", False),
        (QUERY, "", "https://shop.example/verify?token=a1&kind=email", True),
        (QUERY, "", "https://shop.example/verify?token=a1&kind=phone", False),
        (QUERY, "", "https://shop.example/verify?token=&kind=email", False),
        (QUERY, "", "https://shop.example/verify?token=a&token=b&kind=email", False),
        (QUERY, "", "https://shop.example/verify?kind=email&amp;token=a", False),
        (ANY_HOST, "", "https://mail.shop.example/confirm/x", True),
        (ANY_HOST, "", "https://shop.example/confirm/x", False),
        (ANY_HOST, "", "https://evilshop.example/confirm/x", False),
    ],
)
def test_rules(rule: LinkRule, site: str, url: str, good: bool) -> None:
    """Site, port, query and wildcard rules; plain http on this machine only, and only for the site that the person gave."""
    assert isinstance(link.judge(url, rule, [], Site.parse(site)), str) is good


def _parsed(*pages: Page, texts: tuple[str, ...] = ()) -> Parsed:
    return Parsed((), "", (), (), (), None, (), False, (), texts, pages)


def _anchor(href: str, shows: str = "Verify email address") -> Page:
    return Page("", (Link(href, shows),))


def test_text_and_html_that_agree_are_one() -> None:
    """The usual mail: the link in both parts, in HTML with ``&amp;`` and campaign marks."""
    page = read(f'<p><a href="{GOOD}?utm_source=mail&amp;utm_medium=x">Verify</a></p>', Meter())
    got = link.find(_parsed(page, texts=(f"Open\n{GOOD}\n",)), RULE, LINK.never, None)
    assert isinstance(got, Token)
    assert got.value.startswith(GOOD)


def test_two_links_that_fit_are_ambiguous() -> None:
    """Two accounts in one mail: nobody may guess."""
    got = link.find(_parsed(_anchor(GOOD), _anchor(GOOD.replace("ann", "bob"))), RULE, LINK.never, None)
    assert isinstance(got, Miss)
    assert got.reason is Reason.AMBIGUOUS


@pytest.mark.parametrize(
    "shows",
    [
        "This wasn't me", "This wasn’t me", "Cancel", "Remove my email address", "Unsubscribe", "I did not request this",
        "不是我", "取消", "退订", "不是您本人操作？", "キャンセル", "心当たりがない場合",
    ],
)  # fmt: skip
def test_links_that_undo_are_never_opened(shows: str) -> None:
    """Even when host and path fit: what it says on the link decides."""
    got = link.find(_parsed(_anchor(GOOD, shows)), RULE, LINK.never, None)
    assert isinstance(got, Miss)
    assert got.reason is Reason.FORBIDDEN_LINK


@pytest.mark.parametrize(
    "path",
    [
        "cancel",
        "unlink_email",
        "not-me",
        "invalidateEmail",
        "disavow",
        "remove",
        "this-wasnt-me",
        "unsubscribe",
        "%63ancel",
        "unlink%5Femail",
    ],
)
def test_paths_that_undo_are_never_opened(path: str) -> None:
    """A recipe whose pattern is too loose still does not cancel or unlink."""
    url = f"https://shop.example/users/ann/emails/7/{path}/0a1b"
    got = link.judge(url, LOOSE, [], None)
    assert isinstance(got, Miss)
    assert got.reason is Reason.FORBIDDEN_LINK


def test_never_of_the_recipe() -> None:
    """The recipe's own ``never`` paths bar what its pattern would let through; a query can be named too."""
    url = "https://shop.example/users/ann/emails/7/revise/0a1b"
    assert isinstance(link.judge(url, LOOSE, [], None), str)
    assert isinstance(link.judge(url, LOOSE, ["/users/*/emails/*/revise/*"], None), Miss)
    assert isinstance(link.judge(url + "?op=back", LOOSE, ["?op=back"], None), Miss)


@pytest.mark.parametrize(
    "shows", ["https://evil.example/x", "www.evil.example", "evil.example", "Go to https://shop.example.evil.example/"]
)
def test_link_that_shows_another_host(shows: str) -> None:
    """The text on the link names a host that it does not lead to."""
    got = link.find(_parsed(_anchor(GOOD, shows)), RULE, LINK.never, None)
    assert isinstance(got, Miss)
    assert got.reason is Reason.FORBIDDEN_LINK


@pytest.mark.parametrize("shows", [GOOD, "shop.example", "www.shop.example", "Verify", "", "Node.js is fine"])
def test_link_that_shows_what_it_is(shows: str) -> None:
    """The URL itself as text, the host, plain words, or an image without text."""
    assert isinstance(link.find(_parsed(_anchor(GOOD, shows)), RULE, LINK.never, None), Token)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (f"Open {GOOD}.", GOOD),
        (f"Open ({GOOD})", GOOD),
        (f"Open <{GOOD}>", GOOD),
        (f"Open <{GOOD[:40]}\n{GOOD[40:]}>", GOOD),
        (f"Open [{GOOD}]!", GOOD),
        (f"点击{GOOD}。", GOOD),
        (f"点击{GOOD}，谢谢", GOOD),
        (f"“{GOOD}”", GOOD),
        (f"*{GOOD}*", GOOD),
        (f"{GOOD}?a=1&amp;b=2", f"{GOOD}?a=1&b=2"),
        ("https://shop.example/a_(b)", "https://shop.example/a_(b)"),
    ],
)
def test_urls_in_text(text: str, want: str) -> None:
    """Punctuation after a URL, angle brackets, other scripts, broken lines."""
    assert [c.url for c in urls_in(text)] == [want]


def test_link_cut_by_a_line_break() -> None:
    """A plain part whose mailer broke the link in two: the whole one of the HTML part is taken, and it is not ambiguous."""
    got = link.find(_parsed(_anchor(GOOD), texts=(f"Open\n{GOOD[:-4]}\n{GOOD[-4:]}\n",)), RULE, LINK.never, None)
    assert isinstance(got, Token)
    assert got.value == GOOD


def test_bare_url_in_html() -> None:
    """HTML that shows the URL without an anchor; a shortened text on a real anchor does not count as a second link."""
    assert isinstance(link.find(_parsed(read(f"<p>Open {GOOD}</p>", Meter())), RULE, LINK.never, None), Token)
    page = read(f"<p><a href='{GOOD}'>{GOOD[:-4]}...</a></p>", Meter())
    got = link.find(_parsed(page), RULE, LINK.never, None)
    assert isinstance(got, Token)
    assert got.value == GOOD


def test_hidden_link_is_none() -> None:
    """A link that a person cannot see is not opened."""
    page = read(f'<div style="display:none"><a href="{GOOD}">Verify</a></div>', Meter())
    assert isinstance(link.find(_parsed(page), RULE, LINK.never, None), Miss)


def test_attribute_references() -> None:
    """``&copy=1`` in a URL is a parameter, as in browsers, and not the copyright sign."""
    page = read("<a href='https://shop.example/?a=1&copy=2&amp;lt=3&#38;b=&quot;'>x</a>", Meter())
    assert page.links[0].href == 'https://shop.example/?a=1&copy=2&lt=3&b="'


def test_pasted_link() -> None:
    """A pasted link passes the same rules, with text around it too."""
    assert isinstance(link.paste(f" {GOOD} \n", RULE, LINK.never, None), Token)
    assert isinstance(link.paste(f"see {GOOD.replace('confirm', 'unlink')}", RULE, LINK.never, None), Miss)
    assert isinstance(link.paste(GOOD.replace("shop.", "evil."), RULE, LINK.never, None), Miss)
