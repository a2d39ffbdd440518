"""The django-allauth recipe on five real sites: all four shapes, English and Chinese, and what must not be believed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("pymap")
pytest.importorskip("allauth")

from playwright.sync_api import Browser, Page

from readdress.errors import Refused
from readdress.models import Seen, Side
from readdress.practice.mailserver import MailServer
from readdress.practice.signing import Signer
from readdress.practice.site import BRANDS, PracticeSite, PracticeSites
from tests.flows import checks
from tests.flows.walk import MiniStep, Post, Walk, fresh, walk

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]  # a minute at most on a quiet machine

OLD, NEW = "lin@old.test", "lin@new.test"
SHAPES = {
    "forum": "add_link",
    "reader": "add_link",
    "notes": "add_code",
    "shop": "replace_link",
    "cloud": "replace_code",
}


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    """Both mailboxes of the person, and the sites' way to them."""
    with MailServer({OLD: "old-pass", NEW: "new-pass"}, Signer([b.domain for b in BRANDS])) as server:
        yield server


@contextmanager
def site_of(name: str, mail: MailServer, folder: Path) -> Iterator[PracticeSite]:
    """One practice site with a fresh account on OLD."""
    with PracticeSites(folder, mail.smtp_port, OLD, [b for b in BRANDS if b.id == name]) as sites:
        yield sites[name]


def walk_on(site: PracticeSite, page: Page, mail: MailServer, *, secret: str = "", login: str | None = None) -> Walk:
    post = Post(lambda side: mail.messages(NEW if side is Side.NEW else OLD), mail.keys)
    name = site.login if login is None else login
    return walk(
        "django-allauth", page, post, site=site.url, login=name, secret=secret or site.password, old=OLD, new=NEW
    )


@pytest.mark.parametrize(
    ("name", "lang"),
    [("forum", "en-US"), ("reader", "zh-CN"), ("notes", "zh-CN"), ("shop", "zh-CN"), ("cloud", "en-US")],
)
def test_every_shape_from_sign_in_to_the_end(
    name: str, lang: str, browser: Browser, mail: MailServer, tmp_path: Path
) -> None:
    """The site is recognised, every step ends in a proof, the site's database agrees, and nothing was done twice."""
    with site_of(name, mail, tmp_path) as site, fresh(browser, lang) as page:
        w = walk_on(site, page, mail)
        shape = SHAPES[name]
        w.run(shape, until="sign_in")
        shapes = {r.id: w.looks[str(r.when)](page, MiniStep(w, r.step[0], acting=False)).seen for r in w.recipe.route}
        assert shapes == {r: Seen.DONE if r == shape else Seen.NOT_DONE for r in SHAPES.values()}
        w.run(shape)
        assert [(a.email, a.verified, a.primary) for a in site.addresses()] == [(NEW, True, True)]
        for what in ("email_added", "email_confirmed", "primary_changed", "email_removed"):
            acts = [e for e in site.effects(what) if OLD in str(e) or NEW in str(e)]
            assert len(acts) <= 1, acts
        if shape.startswith("add"):
            assert w.token("removed").kind == "notice"


@pytest.mark.parametrize("name", ["forum", "shop"])
def test_cut_and_strange_pages_prove_nothing(name: str, browser: Browser, mail: MailServer, tmp_path: Path) -> None:
    """In every state of the account each look says UNKNOWN, or the truth, on a page that broke off; and UNKNOWN on strange pages."""
    with site_of(name, mail, tmp_path) as site, fresh(browser) as page:
        w = walk_on(site, page, mail)
        checks.hard_pages_prove_nothing(w)
        route = w.route(SHAPES[name])
        for step in route.step:
            if step.kind != "read_back":
                w.do(step)
                checks.cut_pages_prove_nothing_else(w)


@pytest.mark.parametrize(("name", "lang"), [("forum", "en-US"), ("reader", "zh-CN")])
def test_unconfirmed_is_listed_but_neither_confirmed_nor_read_back(
    name: str, lang: str, browser: Browser, mail: MailServer, tmp_path: Path
) -> None:
    """After "Add Email" NEW stands in the list: added, proved not confirmed, never read back; and OLD would not be removed."""
    with site_of(name, mail, tmp_path) as site, fresh(browser, lang) as page:
        w = walk_on(site, page, mail)
        w.run("add_link", until="add_address")
        assert w.look(w.find("add_link", "confirm_by_link")).seen is Seen.NOT_DONE
        assert w.glance(w.find("add_link", "read_back_sign_in")).seen is Seen.UNKNOWN
        assert w.glance(w.find("add_link", "read_back_contact")).seen is Seen.NOT_DONE
        with pytest.raises(Exception, match="not the primary address"):
            w.act(w.find("add_link", "remove_old"))
        assert [a.email for a in site.addresses()] == sorted([NEW, OLD])


@pytest.mark.parametrize(("name", "lang"), [("shop", "en-US"), ("reader", "zh-CN")])
def test_a_wrong_password_is_refused_as_such(
    name: str, lang: str, browser: Browser, mail: MailServer, tmp_path: Path
) -> None:
    """At the sign-in, and at the page that asks for it again: a person can put that right on the spot."""
    with site_of(name, mail, tmp_path) as site, fresh(browser, lang) as page:
        w = walk_on(site, page, mail, secret="wrong horse")
        step = w.find(SHAPES[name], "sign_in")
        with pytest.raises(Refused) as refused:
            w.act(step)
        assert refused.value.reason == "wrong_password"
        assert w.glance(step).signed_out
        if name == "shop":
            w.secret = site.password
            w.act(step)
            w.secret = "wrong horse"
            with pytest.raises(Refused) as refused:
                w.act(w.find("replace_link", "change_address"))
            assert refused.value.reason == "wrong_password"
            assert w.look(w.find("replace_link", "change_address")).seen is Seen.NOT_DONE


def test_codes_wrong_and_lost(
    browser: Browser, mail: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong code is told from one that nobody waits for any more; another browser shows that it is as if nothing had been asked."""
    with site_of("notes", mail, tmp_path) as site, fresh(browser) as page:
        w = walk_on(site, page, mail)
        w.run("add_code", until="add_address")
        confirm = w.find("add_code", "confirm_by_code")
        monkeypatch.setattr(MiniStep, "code", lambda self, mail: "BBBB-BBBB")
        with pytest.raises(Refused) as refused:
            w.act(confirm)
        assert refused.value.reason == "wrong_code"
        assert w.look(confirm).seen is Seen.NOT_DONE
        with fresh(browser) as other:
            w.page = other
            w.act(w.find("add_code", "sign_in"))
            assert w.look(w.find("add_code", "add_address")).seen is Seen.NOT_DONE
            with pytest.raises(Refused) as refused:
                w.act(confirm)
            assert refused.value.reason == "expired"
        assert [a.email for a in site.addresses()] == [OLD]


def test_a_used_link_is_expired_and_an_own_address_is_no_error(
    browser: Browser, mail: MailServer, tmp_path: Path
) -> None:
    """Adding twice does no harm and is no refusal; a link that was used says so."""
    with site_of("forum", mail, tmp_path) as site, fresh(browser) as page:
        w = walk_on(site, page, mail)
        w.run("add_link", until="add_address")
        add, confirm = (w.find("add_link", name) for name in ("add_address", "confirm_by_link"))
        page.goto(str(add.open))
        w.acts["add_address"](page, MiniStep(w, add, acting=True))
        assert w.glance(add).seen is Seen.DONE
        assert len([e for e in site.effects("email_added") if NEW in str(e)]) == 1
        w.act(confirm)
        w.used.clear()
        with pytest.raises(Refused) as refused:
            w.acts["confirm_by_link"](page, MiniStep(w, confirm, acting=True))
        assert refused.value.reason == "expired"


def test_another_account_is_never_taken_for_ours(browser: Browser, mail: MailServer, tmp_path: Path) -> None:
    """An address that ends like the other proves nothing, nor does NEW alone; signing in afresh shows as whom."""
    with site_of("forum", mail, tmp_path) as site, fresh(browser) as page:
        w = walk_on(site, page, mail)
        w.run("add_link", until="sign_in")
        other = walk_on(site, page, mail, login="jo.rivers")
        other.old = "in@old.test"  # OLD ends like it
        page.goto(str(other.find("add_link", "sign_in").open))
        for step in other.route("add_link").step:
            assert other.glance(step).seen is not Seen.DONE, step.id
            assert other.glance(step).seen is Seen.UNKNOWN or step.id == "make_primary", step.id
        w.run("add_link")
        sign_in = w.find("add_link", "sign_in")
        assert w.look(sign_in).seen is Seen.UNKNOWN  # NEW may be another account's of the same person
        w.act(sign_in)
        assert w.glance(sign_in).seen is Seen.DONE
