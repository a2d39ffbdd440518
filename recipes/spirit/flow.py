"""Acts and looks for forums that run Spirit (its address pages are in English only).

The link goes to OLD, and nothing ever checks NEW. Nothing on any page shows that a change was asked for, but the message right after
it: so a look here never says that it was not.
"""

from __future__ import annotations

import re

from readdress.flow import Refused, Step, done, look, not_done, step, unknown

LOG_IN = re.compile(r"^\s*Login\s*$")
CHANGE = re.compile(r"^\s*Change my email\s*$")
SENT = "We have sent you an email so you can confirm the change!"
FAILED = "Sorry, we were not able to change your email."
TOO_MANY = re.compile(r"[Tt]oo many")
TAKEN = re.compile(r"email is taken")
WRONG = re.compile(r"password is incorrect")

ADDRESS = 'dl.profile__settings a[href$="/user/email-change/"]'
LOGIN = "form:has(#id_username):has(#id_password)"
FORM = "form:has(#id_email):has(#id_password)"
USER = 'a[href$="/user/menu/"]'


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _text(page, css: str) -> str:
    shown = page.locator(css)
    return shown.first.inner_text(timeout=2_000).strip() if shown.count() else ""


def _is_me(page, s: Step) -> bool:
    """The preferences of the account that is to be moved; one may sign in by name or by address."""
    address = _text(page, ADDRESS)
    if s.login and "@" not in s.login and _text(page, USER):
        return _same(_text(page, USER), s.login)
    return _same(address, s.old) or _same(address, s.new)


def _on_file(page, s: Step):
    if page.locator(LOGIN).count():
        return s.signed_out()
    address = _text(page, ADDRESS)
    if not address or not _is_me(page, s):
        return unknown("these are not the preferences of the account")
    if _same(address, s.new):
        return s.sees_address(page.locator(ADDRESS), of=s.new)
    if _same(address, s.old):
        return not_done(f"{s.old} is on file")
    return unknown("the preferences show neither address")


def _log_in(page, s: Step) -> None:
    form = page.locator(LOGIN)
    form.locator("#id_username").fill(s.login or s.old)
    s.type_secret(form.locator("#id_password"), "password")
    named = form.get_by_role("button", name=LOG_IN)
    with page.expect_navigation(timeout=20_000):
        (named if named.count() == 1 else form.locator("[type=submit]")).click()
    error = page.locator(".errorlist, .message_text")
    if page.locator(LOGIN).count() and error.count():
        said = error.first.inner_text().strip()[:200]
        reason = "limit" if TOO_MANY.search(said) else "wrong_password"
        raise Refused(f"The forum did not accept the login or the password: {said}", reason=reason)


@step
def sign_in(page, s: Step):
    if not page.locator(LOGIN).count():
        raise s.hand_over(
            "This browser is signed in to this forum as another user; log out there first.",
            "此浏览器已用其他用户登录该论坛；请先退出。",
        )
    _log_in(page, s)


@look("sign_in")
def is_signed_in(page, s: Step):
    if page.locator(LOGIN).count():
        return s.signed_out()
    if _text(page, ADDRESS) and _is_me(page, s):
        return done(f"signed in as {_text(page, USER)}", login=_text(page, USER))
    return unknown("the page does not say who is signed in")


@step
def ask_for_change(page, s: Step):
    page.goto(f"{s.site}/user/email-change/")
    form = page.locator(FORM)
    form.locator("#id_email").fill(s.new)
    s.type_secret(form.locator("#id_password"), "password")
    named = form.get_by_role("button", name=CHANGE)
    with page.expect_navigation(timeout=20_000):
        (named if named.count() == 1 else form.locator("[type=submit]")).click()
    error = page.locator(".errorlist")
    if page.locator(FORM).count() and error.count():
        said = " ".join(error.all_inner_texts()).strip()[:200]
        if WRONG.search(said):
            raise Refused("The forum does not accept this password.", reason="wrong_password")
        reason = "address_in_use" if TAKEN.search(said) else "limit" if TOO_MANY.search(said) else "other"
        raise Refused(f"The forum does not take the address: {said}", reason=reason)


@look("ask_for_change")
def change_was_asked_for(page, s: Step):
    sight = _on_file(page, s)
    if sight.seen == "not_done" and page.locator(".message_text").get_by_text(SENT, exact=True).count():
        return done("the forum says that it has sent the mail")
    return sight if sight.seen != "not_done" else unknown("no page shows whether a change was asked for")


@step
def confirm_change(page, s: Step):
    s.open_link("verify")
    if page.locator(LOGIN).count():
        _log_in(page, s)  # The link needs the session, and goes on after signing in.
    if page.locator(".message_text").get_by_text(FAILED, exact=True).count():
        raise Refused("The forum says that the link does not work any more.", reason="expired")


@look("confirm_change")
def address_has_changed(page, s: Step):
    return _on_file(page, s)


@look("read_back_sign_in")
def new_signs_in(page, s: Step):
    return _on_file(page, s)


@look("read_back_contact")
def new_is_written_to(page, s: Step):
    return _on_file(page, s)
