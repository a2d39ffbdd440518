"""Acts and looks for wikis that run DokuWiki, in English and Chinese.

Everything stays inside of the form ``#dw__register``: the same page has a second form, with a password field of the same label, whose
button removes the account.
"""

from __future__ import annotations

import re

from readdress.flow import Refused, Step, done, look, not_done, step, unknown

LOG_IN = re.compile(r"^\s*(Log In|登录)\s*$")
SAVE = re.compile(r"^\s*(Save|保存)\s*$")
WRONG = re.compile(r"password was wrong|密码错误")

FORM = "#dw__register"
EMAIL = f"{FORM} input[name=email]"
LOGIN = "#dw__login"


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _stored(page, name: str) -> str:
    """The value that the server sent in a field of the profile, and nobody typed over; ``""`` when that is not to be seen."""
    field = page.locator(f"{FORM} input[name={name}]")
    if field.count() != 1 or not page.locator(f"{FORM} button[type=submit]").count():
        return ""
    sent = field.get_attribute("value", timeout=2_000) or ""
    return sent if field.input_value(timeout=2_000) == sent else ""


def _signed_out(page) -> bool:
    """The profile of nobody is the wiki page itself, with the way to log in."""
    return not page.locator(FORM).count() and page.locator(f'{LOGIN}, a[href*="do=login"]').count() > 0


def _on_file(page, s: Step):
    if _signed_out(page):
        return s.signed_out()
    user = _stored(page, "login")
    if not user or (s.login and not _same(user, s.login)):
        return unknown(f"this is the profile of {user}" if user else "this is no profile page")
    if page.locator(".error").count():
        return unknown("the page shows an error, and its fields what was typed before it")
    address = _stored(page, "email")
    if _same(address, s.new):
        return s.sees_address(page.locator(EMAIL), of=s.new)
    if _same(address, s.old):
        return not_done(f"{s.old} is on file")
    return unknown("the profile shows neither address")


@step
def sign_in(page, s: Step):
    if page.locator(FORM).count():
        raise s.hand_over(
            "This browser is signed in to this wiki as another user; log out there first.",
            "此浏览器已用其他用户登录该 wiki；请先退出。",
        )
    page.goto(f"{s.site}/doku.php?do=login")
    form = page.locator(LOGIN)
    name = s.login or s.ask("What is your user name on this wiki?", "您在该 wiki 上的用户名是什么？")
    form.locator("input[name=u]").fill(name)
    s.type_secret(form.locator("input[name=p]"), "password")
    remember = form.locator("input[name=r]")
    if remember.count():
        remember.check()
    named = form.get_by_role("button", name=LOG_IN)
    with page.expect_navigation(timeout=20_000):
        (named if named.count() == 1 else form.locator("button[type=submit]")).click()
    error = page.locator(".error")
    if page.locator(LOGIN).count() and error.count():
        said = error.first.inner_text().strip()[:200]
        raise Refused(f"The wiki did not accept the user name or the password: {said}", reason="wrong_password")


@look("sign_in")
def is_signed_in(page, s: Step):
    if _signed_out(page):
        return s.signed_out()
    user = _stored(page, "login")
    if user and s.login and _same(user, s.login):
        return done(f"signed in as {user}", login=user)
    if user and not s.login and _same(_stored(page, "email"), s.old):
        return done(f"signed in as {user}, and {s.old} is on file", login=user)
    return unknown(f"signed in as {user}" if user else "the page does not say who is signed in")


@step
def change_address(page, s: Step):
    form = page.locator(FORM)
    field = form.locator("input[name=email]")
    if not field.count():
        raise s.hand_over(
            "The page does not show the field for the address as it is known.",
            "页面上没有已知样式的邮箱地址栏。",
            kind="page_changed",
        )
    if not field.is_editable():
        raise Refused("This wiki does not let you change the address.", reason="not_allowed")
    field.fill(s.new)
    for name in ("newpass", "passchk"):
        if form.locator(f"input[name={name}]").count():
            form.locator(f"input[name={name}]").fill(
                ""
            )  # What a browser may have filled in would become the new password.
    password = form.locator("input[name=oldpass]")
    if password.count():
        s.type_secret(password, "password")
    named = form.get_by_role("button", name=SAVE)
    with page.expect_navigation(timeout=20_000):
        (named if named.count() == 1 else form.locator("button[type=submit]")).click()
    error = page.locator(".error")
    if form.count() and error.count():
        said = error.first.inner_text().strip()[:200]
        if WRONG.search(said):
            raise Refused("The wiki does not accept this password.", reason="wrong_password")
        raise Refused(f"The wiki does not take the change: {said}", reason="other")


@look("change_address")
def address_is_on_file(page, s: Step):
    return _on_file(page, s)


@look("read_back")
def address_is_still_on_file(page, s: Step):
    return _on_file(page, s)
