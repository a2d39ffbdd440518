"""The recipes for MediaWiki, DokuWiki, WordPress and Spirit on the real programs, and what must not be believed there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from readdress.errors import Refused
from readdress.models import Seen, Side
from tests.flows import checks
from tests.flows.walk import MiniStep, Post, Walk, fresh, walk
from tests.programs.dokuwiki import DokuWiki
from tests.programs.dovecot import Dovecot
from tests.programs.mediawiki import MediaWiki
from tests.programs.smtp import SmtpToLmtp
from tests.programs.spirit import Spirit
from tests.programs.wordpress import WordPress

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]  # a minute at most on a quiet machine

OLD, NEW, TAKEN = "old@example.net", "new@example.org", "taken@example.com"
SECRET_NO = "no such horse"
REAUTHENTICATE = 4  # seconds after which MediaWiki asks for the password again


@pytest.fixture(scope="module")
def mail() -> Iterator[SmtpToLmtp]:
    """Both mailboxes of the person on one Dovecot, and the programs' way to them."""
    with Dovecot(users={OLD: "old pw", NEW: "new pw"}) as dovecot, SmtpToLmtp(dovecot) as sink:
        yield sink


def walk_on(name: str, program: object, page: Page, mail: SmtpToLmtp, tail: str = "") -> Walk:
    dovecot = mail.dovecot
    assert dovecot is not None
    post = Post(lambda side: dovecot.messages(NEW if side is Side.NEW else OLD), mail.key_lookup)
    url, login, secret = program.url + tail, program.login, program.password  # type: ignore[attr-defined]
    return walk(name, page, post, site=url, login=login, secret=secret, old=OLD, new=NEW)


def refused(walk: Walk, step: str) -> str:
    """The reason for which the program refuses the step's act."""
    with pytest.raises(Refused) as error:
        walk.act(walk.find("standard", step))
    return error.value.reason


def again(walk: Walk, step: str) -> None:
    """The act once more from where the page stands, with the same mail."""
    walk.used.clear()
    walk.acts[step](walk.page, MiniStep(walk, walk.find("standard", step), acting=True))


def wrong_password(walk: Walk, step: str) -> None:
    """The act with a wrong password is refused as that, and the look does not take it for done."""
    right, walk.secret = walk.secret, SECRET_NO
    assert refused(walk, step) == "wrong_password"
    assert walk.glance(walk.find("standard", step)).seen is not Seen.DONE
    walk.secret = right


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_mediawiki(language: str, browser: Browser, mail: SmtpToLmtp) -> None:
    """At once, unconfirmed until the link; the password again; the cancel link beside it is never taken."""
    with (
        MediaWiki(mail, address=OLD, language=language, reauthenticate_after=REAUTHENTICATE) as wiki,
        fresh(browser) as page,
    ):  # type: ignore[arg-type]
        w = walk_on("mediawiki", wiki, page, mail, "/index.php")
        if language == "en":
            checks.hard_pages_prove_nothing(w)
        wrong_password(w, "sign_in")
        w.run("standard", until="sign_in")
        page.wait_for_timeout(1000 * (REAUTHENTICATE + 1))
        wrong_password(w, "change_address")
        assert w.look(w.find("standard", "change_address")).seen is Seen.NOT_DONE
        assert wiki.address() == OLD
        w.run("standard", until="change_address")
        assert (wiki.address(), wiki.verified()) == (NEW, False)
        assert w.look(w.find("standard", "confirm_address")).seen is Seen.NOT_DONE
        assert w.glance(w.find("standard", "read_back")).seen is Seen.NOT_DONE
        assert "/Special:ConfirmEmail/" in w.token("verify").value
        if language == "en":
            checks.cut_pages_prove_nothing_else(w)
            wiki.expire_link()
            assert refused(w, "confirm_address") == "expired"
            wiki.reset(OLD)
            w.used.clear()
            w.run("standard", until="change_address")
        w.run("standard")
        assert (wiki.address(), wiki.verified()) == (NEW, True)
        other = walk_on("mediawiki", wiki, page, mail, "/index.php")
        other.login = "Bob"
        page.goto(str(other.find("standard", "sign_in").open))
        assert {other.glance(s).seen for s in other.route("standard").step} == {Seen.UNKNOWN}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_dokuwiki(language: str, browser: Browser, mail: SmtpToLmtp) -> None:
    """At once, with the password in the form; the field shows what was typed even when nothing was saved."""
    with DokuWiki(mail, address=OLD, language=language) as wiki, fresh(browser) as page:  # type: ignore[arg-type]
        w = walk_on("dokuwiki", wiki, page, mail)
        if language == "en":
            checks.hard_pages_prove_nothing(w)
        wrong_password(w, "sign_in")
        w.run("standard", until="sign_in")
        change, email = w.find("standard", "change_address"), "#dw__register input[name=email]"
        checks.typing_proves_nothing(w, change, email)
        wrong_password(w, "change_address")
        assert page.locator(email).input_value() == NEW  # which proves nothing
        assert w.look(change).seen is Seen.NOT_DONE
        checks.cut_pages_prove_nothing_else(w)
        w.run("standard")
        checks.cut_pages_prove_nothing_else(w)
        assert wiki.address() == NEW
        assert wiki.exists()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_wordpress(language: str, browser: Browser, mail: SmtpToLmtp) -> None:
    """Pending until the link, which needs the session; "Profile updated." is no proof, nor is what was typed."""
    with WordPress(mail, address=OLD, language=language, others={"bob": TAKEN}) as blog, fresh(browser) as page:  # type: ignore[arg-type]
        w = walk_on("wordpress", blog, page, mail)
        wrong_password(w, "sign_in")
        w.run("standard", until="sign_in")
        change = w.find("standard", "change_address")
        checks.typing_proves_nothing(w, change, "#email")
        w.new = TAKEN
        assert refused(w, "change_address") == "address_in_use"
        assert w.glance(change).seen is Seen.UNKNOWN
        w.new = NEW
        w.run("standard", until="change_address")
        assert (blog.address(), blog.pending()) == (OLD, NEW)
        for step in ("confirm_address", "read_back_sign_in", "read_back_contact"):
            assert w.glance(w.find("standard", step)).seen is Seen.NOT_DONE
        if language == "en":
            checks.hard_pages_prove_nothing(w)
            checks.cut_pages_prove_nothing_else(w)
            first = w.token("verify")
            page.goto(str(change.open))
            w.act(change)  # a second change makes the first link worthless
            second = w.token("verify")
            page.goto(first.value)
            assert w.look(w.find("standard", "confirm_address")).seen is Seen.NOT_DONE
            page.context.clear_cookies()
            assert second.value != first.value
        w.run(
            "standard", without=["sign_in", "change_address"]
        )  # in English: through the sign-in form that the link leads to
        assert blog.address() == NEW
        assert w.look(w.find("standard", "change_address")).seen is Seen.DONE
        with pytest.raises(Refused) as error:
            again(w, "confirm_address")
        assert error.value.reason == "expired"


def test_spirit(browser: Browser, mail: SmtpToLmtp) -> None:
    """The link goes to OLD, NEW is never written to; no look ever says that no change was asked for."""
    with Spirit(mail, address=OLD, others={"bob": TAKEN}) as forum, fresh(browser) as page:
        assert mail.dovecot is not None
        before = len(mail.dovecot.messages(NEW))
        w = walk_on("spirit", forum, page, mail)
        checks.hard_pages_prove_nothing(w)
        wrong_password(w, "sign_in")
        w.run("standard", until="sign_in")
        wrong_password(w, "ask_for_change")
        w.new = TAKEN
        assert refused(w, "ask_for_change") == "address_in_use"
        w.new = NEW
        asked = w.find("standard", "ask_for_change")
        w.open(asked)
        assert w.glance(asked).seen is Seen.UNKNOWN
        w.act(asked)
        assert w.glance(asked).seen is Seen.DONE
        w.open(asked)
        assert w.glance(asked).seen is Seen.UNKNOWN  # the message stands there once; absence proves nothing
        assert w.look(w.find("standard", "confirm_change")).seen is Seen.NOT_DONE
        checks.cut_pages_prove_nothing_else(w)
        w.run("standard", without=["ask_for_change"])
        assert forum.address() == NEW
        assert len(mail.dovecot.messages(NEW)) == before
        with pytest.raises(Refused) as error:
            again(w, "confirm_change")
        assert error.value.reason == "expired"
