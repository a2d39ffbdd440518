"""What goes wrong on the page: the step becomes the person's, their hands finish it, and only the page ends in read_back."""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from readdress.models import Ask, Question
from readdress.testing.person import Rule, stops
from tests.e2e import hands
from tests.e2e.front import Front
from tests.e2e.hands import CODE
from tests.e2e.stage import BYSTANDER, NEW, OLD, TAKEN, Stage
from tests.e2e.test_moving import check_moved, check_nothing_left

Staged = Callable[..., Stage]


@pytest.fixture
def front() -> Iterator[Front]:
    """A front before the programs."""
    with Front() as found:
        yield found


def mistyped() -> Rule:
    """The first password that is given is a wrong one."""
    return Rule(Ask.SECRET, says="text", text="not the password", times=1)


def slowly(seconds: float) -> Callable[[Question], str | None]:
    """Say yes, but only after so long."""
    began: list[float] = []

    def think(_: Question) -> str | None:
        began.append(time.monotonic())
        return "yes" if began[-1] - began[0] > seconds else None

    return think


# -- signing in -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "service", "says"),
    [
        ("dokuwiki", "dokuwiki", "done"),  # after signing in, its page shows nothing of who is signed in
        ("spirit", "spirit", None),
        ("mediawiki", "mediawiki", None),
        ("single_code", "django-allauth", None),
    ],
)
def test_after_a_wrong_password_the_person_signs_in_and_it_goes_on(
    stage: Staged, name: str, service: str, says: str | None
) -> None:
    """The site's own complaint is shown, the run goes on after the person's own sign-in, and sees it by itself where the page tells."""
    s = stage(name)
    s.expect(mistyped())
    s.by_hand("sign_in", hands.sign_in(service, s.target), says)
    result = s.move(service)
    assert result.code == 0, result
    assert s.handed_over() == ["sign_in"]
    assert "did not accept" in s.asked(Ask.HAND_OVER)[0].body.en
    assert s.armed().count("sign_in") == 1
    check_moved(s)


def test_chinese_wordpress_with_a_wrong_password(stage: Staged) -> None:
    """A Chinese site and a Chinese reader: what the person is shown is Chinese, and the address is read back."""
    s = stage("wordpress-zh", lang="zh")
    s.expect(mistyped())
    s.by_hand("sign_in", hands.sign_in("wordpress", s.target))
    result = s.move("wordpress")
    assert result.code == 0, result
    assert s.handed_over() == ["sign_in"]
    assert "网站没有接受用户名或密码" in s.asked(Ask.HAND_OVER)[0].body.zh
    assert "已在页面核对" in result.out
    check_moved(s)


def test_a_wrong_password_in_the_form_itself(stage: Staged) -> None:
    """DokuWiki asks for it beside the address: nothing changed, the form is still there, and the account is not deleted by it."""
    s = stage("dokuwiki")
    asked = iter([s.target.password, "not the password"])
    s.expect(Rule(Ask.SECRET, says=lambda q: s.answer(q, next(asked)), times=2))
    form = "#dw__register"
    fields = {f"{form} [name=email]": NEW, f"{form} [name=oldpass]": s.target.password}
    s.by_hand("change_address", hands.fill_and_send(fields, f"{form} [type=submit]"), "done")
    result = s.move("dokuwiki")
    assert result.code == 0, result
    assert s.handed_over() == ["change_address"]
    check_moved(s)
    assert s.target.exists()


@pytest.mark.parametrize("name", ["mediawiki", "mediawiki-zh"])
def test_the_password_is_asked_for_again_in_the_middle(stage: Staged, name: str, front: Front) -> None:
    """The person thinks for longer than the wiki trusts a sign-in. The mail's cancel link lies beside the right one and stays closed."""
    s = stage(name, lang="zh" if name.endswith("zh") else "en", reroute=front.reroute)
    s.expect(Rule(Ask.CONSENT, says=slowly(3.5)))
    result = s.move("mediawiki")
    assert result.code == 0, result
    assert front.visits("force=ChangeEmail"), "the wiki was expected to ask again"
    assert len(s.asked(Ask.SECRET)) >= 2, "on a slow machine also after the form was sent, when it comes back filled in"
    check_moved(s)
    assert s.target.verified()
    (confirmation,) = [m for m in s.mail.mails if NEW in m.recipients]
    (cancel,) = [link for link in confirmation.links if "InvalidateEmail" in link]
    assert front.visits("ConfirmEmail/")
    assert not front.visits("InvalidateEmail"), "the link that empties the address was opened"
    assert not front.visits(urlsplit(cancel).path)


@pytest.mark.parametrize(
    ("name", "service", "step"),
    [
        ("wordpress", "wordpress", "confirm_address"),
        ("spirit", "spirit", "confirm_change"),
        ("single", "django-allauth", "confirm_by_link"),
    ],
)
def test_the_session_is_lost_before_the_link_is_opened(stage: Staged, name: str, service: str, step: str) -> None:
    """Being signed out is an ordinary thing: the link leads to the sign-in form, or the page does, and it goes on from there."""
    s = stage(name)
    s.person.at(step, s.sign_out_everywhere)
    result = s.move(service)
    assert result.code == 0, result
    assert s.handed_over() == []
    check_moved(s)
    assert s.armed().count(step) == 1


def test_a_code_is_lost_with_its_session(stage: Staged) -> None:
    """The site forgets the code when the session goes, and the one in the mail is worth nothing: the person begins that step anew."""
    s = stage("codes")
    s.person.at("confirm_by_code", s.sign_out_everywhere)

    def begin_anew(page: Any) -> None:
        page.goto(f"{s.target.url}/accounts/email/")
        if page.locator("[name=login]").count():
            hands.sign_in("django-allauth", s.target)(page)
        hands.fill_and_send({"[name=email]:not([type=radio])": NEW}, "button[name=action_add]")(page)
        newest = [m for m in s.mail.mails if NEW in m.recipients][-1]
        (code,) = set(CODE.findall(newest.text))
        hands.fill_and_send({"[name=code]": code}, "form:has([name=code]) button[type=submit]")(page)

    s.by_hand("confirm_by_code", begin_anew, "done")
    result = s.move("django-allauth")
    assert s.handed_over() == ["confirm_by_code"], result
    assert result.code == 4, result
    assert s.account()["wait"]["for"] == "time"
    assert s.target.listed()[NEW] == (True, True)


# -- pages that look otherwise --------------------------------------------------------------------------------------------


def change_in_mediawiki(s: Stage) -> Callable[[Any], None]:
    """The person's own way through the wiki's form, password and all."""

    def deed(page: Any) -> None:
        page.goto(f"{s.target.url}/index.php/Special:ChangeEmail")
        if page.locator("#wpPassword1").count():  # the wiki wants to know again who this is
            hands.fill_and_send({"#wpPassword1": s.target.password}, "#wpLoginAttempt")(page)
        hands.fill_and_send({"[name=wpNewEmail]": NEW}, "form:has([name=wpNewEmail]) button[type=submit]")(page)

    return deed


@pytest.mark.parametrize("name", ["spirit", "mediawiki", "links"])
def test_a_redesigned_form_is_filled_in_by_hand(stage: Staged, front: Front, name: str) -> None:
    """Ids and labels of the form have changed: the person gets that step, and the settings page still proves it."""
    s = stage(name, reroute=front.reroute)
    service, step, path, changes, deed = {
        "spirit": (
            "spirit",
            "ask_for_change",
            "/user/email-change/",
            (("id_email", "neu_1"), ("id_password", "neu_2"), ("Change my email", "Go ahead")),
            hands.fill_and_send(
                {"[name=email]": NEW, "[name=password]": s.target.password},
                "form:has([name=email]) [type=submit]",
                f"{s.target.url}/user/email-change/",
            ),
        ),
        "mediawiki": (
            "mediawiki",
            "change_address",
            "Special:ChangeEmail",
            (("mw-changeemail-form", "form-9"), ("New email address", "Where to write"), ("Change email", "Go ahead")),
            change_in_mediawiki(s),
        ),
        "links": (
            "django-allauth",
            "add_address",
            "/accounts/email/",
            (("id_email", "neu_1"), ("Add Email", "Go ahead")),
            hands.fill_and_send({"[name=email]:not([type=radio])": NEW}, "button[name=action_add]"),
        ),
    }[name]
    front.redesign(path, *changes)
    # where the page that follows tells nothing, the person says that it is done, and the settings page is asked
    s.by_hand(step, deed, None if name == "links" else "done")
    result = s.move(service)
    assert s.handed_over() == [step], result
    assert s.armed().count(step) == 1
    if name == "links":
        assert result.code == 4, result
        assert s.account()["slots"] == {"sign_in": "read_back", "contact": "read_back"}
        assert s.target.listed()[NEW] == (True, True)
    else:
        assert result.code == 0, result
        check_moved(s)
    assert front.met == {old for old, _ in changes}


def test_a_page_that_shows_nothing_known_never_reads_back(stage: Staged, front: Front) -> None:
    """Every look is in doubt, so all is done by hand and believed as a claim only; once the page is readable, `resume` reads it back."""
    s = stage("dokuwiki", reroute=front.reroute)
    front.redesign("doku.php", ("dw__register", "form-9"), ("dw__login", "form-8"))

    def change(page: Any) -> None:
        page.goto(f"{s.target.url}/doku.php?do=profile")
        form = "form:has([name=oldpass])"
        fields = {f"{form} [name=email]": NEW, f"{form} [name=oldpass]": s.target.password}
        hands.fill_and_send(fields, f"{form} [type=submit]")(page)

    def enter(page: Any) -> None:
        login = "form:has([name=u])"
        fields = {f"{login} [name=u]": s.target.login, f"{login} [name=p]": s.target.password}
        hands.fill_and_send(fields, f"{login} [type=submit]", f"{s.target.url}/doku.php?do=login")(page)

    s.by_hand("sign_in", enter, "done")
    s.by_hand("change_address", change, "done")
    s.by_hand("read_back", lambda page: None, "done")
    result = s.move("dokuwiki")
    assert result.code == 3, result
    account = s.account()
    assert account["verdict"] == "claimed", "a person's bare word is no more than a claim"
    assert account["wait"]["for"] == "person"
    assert s.target.address() == NEW

    front.rewrite = None
    later = s.migrate("resume")
    assert later.code == 0, later
    check_moved(s)
    assert s.armed().count("change_address") == 1


# -- what the site says no to ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "service", "taken"),
    [
        ("wordpress", "wordpress", TAKEN),
        ("spirit", "spirit", TAKEN),
        ("single", "django-allauth", BYSTANDER),
    ],
)
def test_an_address_of_somebody_else_is_refused(stage: Staged, name: str, service: str, taken: str) -> None:
    """The site's own reason is passed on, the exit code is 1, and the account is as it was."""
    s = stage(name, new=taken)
    result = s.move(service)
    assert result.code == 1, result
    assert re.search(r"already registered|is taken|in another account", result.out), result
    assert s.target.address() == OLD
    account = s.account()
    assert not account["finished"]
    assert account["wait"]["for"] == "person"


def test_without_the_old_mailbox_spirit_cannot_be_moved_and_that_is_said(stage: Staged) -> None:
    """Its link goes to the old address only. With that mailbox gone it says so, and touches nothing."""
    s = stage("spirit")
    s.old_is_dead()
    result = s.move("spirit")
    assert result.code == 3, result
    assert "None of the ways" in result.out
    assert result.browsers == 0
    assert s.target.address() == OLD
    assert s.armed() == []


# -- people ---------------------------------------------------------------------------------------------------------------


def test_a_person_stops_in_the_middle_and_goes_on_later(stage: Staged) -> None:
    """Ctrl-C at the question ends with 3 and a way to go on; what was done before is not done again, the sign-in lasts."""
    s = stage("wordpress")
    s.expect(stops(Ask.CONSENT))
    result = s.move("wordpress")
    assert result.code == 3, result
    assert "resume" in result.out + result.err
    assert s.target.address() == OLD
    again = s.migrate("resume")
    assert again.code == 0, again
    check_moved(s)
    assert len(s.asked(Ask.SECRET)) == 1, "the sign-in of the first run still holds"
    check_nothing_left(s, "wordpress")


def test_two_accounts_on_one_site(stage: Staged, programs: Callable[[str], Any]) -> None:
    """Each is asked for by its login; the second one is never mistaken for the first, though the first is signed in."""
    s = stage("dokuwiki")
    second = copy.copy(programs("dokuwiki"))
    second.login = "bob"
    second.reset(OLD)
    first = s.move("dokuwiki")
    assert first.code == 0, first
    assert (s.target.address(), second.address()) == (NEW, OLD)

    def change_user(page: Any) -> None:
        with page.expect_navigation():
            page.locator('a[href*="do=logout"]').first.click()
        page.goto(f"{second.url}/doku.php?do=login")
        hands.sign_in("dokuwiki", second)(page)

    s.by_hand("sign_in", change_user, "done")
    result = s.move("dokuwiki", second)
    assert result.code == 0, result
    assert "another user" in s.asked(Ask.HAND_OVER)[0].body.en
    assert second.address() == NEW
    assert [a["verdict"] for a in s.status()] == ["read_back", "read_back"]
    unclear = s.migrate("--service", "dokuwiki", "--site", s.target.url)
    assert unclear.code == 2, unclear
    assert "ann" in unclear.err
    assert "bob" in unclear.err
