"""Acts and looks for wikis that run MediaWiki, in English and Chinese.

The site is the beginning of all page addresses (``https://wiki.example.org/index.php``, ``https://wiki.example.org/wiki``). On a Chinese
wiki the English names of special pages lead on to the Chinese ones, so nothing here compares paths.
"""

from __future__ import annotations

import re

from readdress.flow import Refused, Step, done, look, not_done, step, unknown

LOG_IN = re.compile(r"^\s*(Log in|登录)\s*$")
CHANGE = re.compile(r"^\s*(Change email|更改电子邮件地址)\s*$")
FIELD = re.compile(r"^\s*(New email address:|新的电子邮件地址：)")
SAME = re.compile(r"enter a different new email|请输入一个不同的新的电子邮件地址")
TOO_MANY = re.compile(r"too many|anti-abuse|过多|防止滥用")
STALE = re.compile(r"Invalid confirmation code|无效的确认码")

ADDRESS = "#mw-input-wpemailaddress"
CONFIRMED = ".mw-email-authenticated"
UNCONFIRMED = ".mw-email-not-authenticated"
NONE = ".mw-email-none"
KEY = "#wpPassword1"
USER = "#pt-userpage, #pt-userpage-2, #mw-input-wpusername"
FORM = "#mw-changeemail-form"
ERROR = "#content .mw-message-box-error, #content .errorbox, #content .error"


def _same_name(one: str, other: str) -> bool:
    """User names are the same but for the case of the first letter and underscores for blanks."""
    one, other = (name.strip().replace("_", " ") for name in (one, other))
    return one != "" and one[:1].upper() + one[1:] == other[:1].upper() + other[1:]


def _user(page) -> str:
    """Who is signed in, as the page's head or the preferences say; ``""`` when they say nothing."""
    shown = page.locator(USER)
    return shown.first.inner_text(timeout=2_000).strip() if shown.count() else ""


def _signed_out(page) -> bool:
    return page.locator(KEY).count() > 0 and not _user(page)


def _on_file(page) -> str:
    """The address on file, as the preferences show it: a line of its own above the button."""
    shown = page.locator(ADDRESS)
    if shown.count() != 1 or not page.locator(f"{CONFIRMED}, {UNCONFIRMED}, {NONE}").count():
        return ""  # What stands below the address is not there: the page may have been cut off, or the wiki confirms nothing.
    lines = [line.strip() for line in shown.inner_text(timeout=2_000).split("\n") if line.strip()]
    return lines[0] if lines and "@" in lines[0] else ""


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _other_user(page, s: Step) -> bool:
    user = _user(page)
    return bool(s.login and user) and not _same_name(user, s.login)


def _confirmed(page, s: Step):
    if _signed_out(page):
        return s.signed_out()
    if _other_user(page, s):
        return unknown("another user is signed in")
    address = _on_file(page)
    if _same(address, s.new):
        if page.locator(UNCONFIRMED).count():
            return not_done(f"{s.new} is on file, but not confirmed yet")
        if page.locator(CONFIRMED).count():
            return s.sees_address(page.locator(ADDRESS), of=s.new)
    if _same(address, s.old):
        return not_done(f"{s.old} is on file")
    return unknown("the page does not show what became of the address")


# -- signing in -----------------------------------------------------------------------------------------------------------


def _give_password(page, s: Step, *, name: str = "") -> None:
    """Fill the sign-in form, which is also the one that asks for the password again."""
    if page.locator("[name=wpCaptchaWord], .captcha").count():
        raise s.hand_over("A puzzle stands in the sign-in form.", "登录表单中有验证码。", kind="puzzle")
    if name:
        page.locator("#wpName1").fill(name)
    s.type_secret(page.locator(KEY), "password")
    remember = page.locator("#wpRemember")
    if remember.count():
        remember.check()
    named = page.get_by_role("button", name=LOG_IN)
    with page.expect_navigation(timeout=20_000):
        (named if named.count() == 1 else page.locator("#wpLoginAttempt")).click()
    error = page.locator(ERROR)
    if page.locator(KEY).count() and error.count():
        said = error.first.inner_text().strip()[:200]
        if TOO_MANY.search(said):
            raise Refused(f"The wiki wants you to wait: {said}", reason="limit")
        raise Refused(f"The wiki did not accept the user name or the password: {said}", reason="wrong_password")


@step
def sign_in(page, s: Step):
    if not page.locator(KEY).count():
        raise s.hand_over(
            "This browser is signed in to this wiki as another user; log out there first.",
            "此浏览器已用其他用户登录该 wiki；请先退出。",
        )
    _give_password(
        page, s, name=s.login or s.ask("What is your user name on this wiki?", "您在该 wiki 上的用户名是什么？")
    )


@look("sign_in")
def is_signed_in(page, s: Step):
    if _signed_out(page):
        return s.signed_out()
    user = _user(page)
    if s.login and _same_name(user, s.login):
        return done(f"signed in as {user}", login=user)
    if not s.login and user and _same(_on_file(page), s.old):
        return done(f"signed in, and {s.old} is on file", login=user)
    return unknown(f"signed in as {user}" if user else "the page does not say who is signed in")


# -- changing -------------------------------------------------------------------------------------------------------------


def _prove_again(page, s: Step) -> bool:
    """Give the password again where the wiki asks for it; whether it did."""
    if not page.locator(KEY).count():
        return False
    _give_password(page, s)
    return True


def _hand_in(page, s: Step) -> None:
    field = page.locator(FORM).get_by_label(FIELD)
    if field.count() != 1:
        field = page.locator(f"{FORM} input[name=wpNewEmail]")
    field.fill(s.new)
    if field.input_value() != s.new:
        # An empty field would remove the address at once, without a question.
        raise s.hand_over("The field does not take the address.", "该字段无法填入地址。", kind="page_changed")
    named = page.locator(FORM).get_by_role("button", name=CHANGE)
    with page.expect_navigation(timeout=20_000):
        (named if named.count() == 1 else page.locator(f"{FORM} button[type=submit]")).click()


@step
def change_address(page, s: Step):
    page.goto(f"{s.site}/Special:ChangeEmail")
    _prove_again(page, s)
    if not page.locator(FORM).count():
        # Not allowed, or allowed on a page that looks otherwise: a person can tell.
        raise s.hand_over(
            "The page does not show the form for the address as it is known.",
            "页面上没有已知样式的更改地址表单。",
            kind="page_changed",
        )
    for _ in range(3):
        _hand_in(page, s)
        if not _prove_again(page, s) or not page.locator(FORM).count():
            break
        # The sign-in grew too old while the form was open: it is back, filled in, and not submitted.
    error = page.locator(ERROR)
    if page.locator(FORM).count() and error.count():
        said = error.first.inner_text().strip()[:200]
        if SAME.search(said):
            return  # NEW is on file already: the look says so.
        raise Refused(
            f"The wiki does not take the address: {said}", reason="limit" if TOO_MANY.search(said) else "other"
        )


@look("change_address")
def address_is_on_file(page, s: Step):
    if _signed_out(page):
        return s.signed_out()
    if _other_user(page, s):
        return unknown("another user is signed in")
    address = _on_file(page)
    if _same(address, s.new):
        return done(f"{s.new} is on file")
    if _same(address, s.old):
        return not_done(f"{s.old} is on file")
    return unknown("the page does not show the address on file")


@step
def confirm_address(page, s: Step):
    s.open_link("verify")
    said = page.locator("#content, body").first.inner_text()
    if STALE.search(said):
        raise Refused("The wiki says that the link is used up or too old.", reason="expired")
    if TOO_MANY.search(said):
        # As it comes, a user may confirm four times a day ($wgRateLimits, confirmemail); the link itself stays good.
        raise Refused(
            "The wiki wants you to wait, a day at most, before an address is confirmed again.", reason="limit"
        )


@look("confirm_address")
def address_is_confirmed(page, s: Step):
    return _confirmed(page, s)


@look("read_back")
def confirmed_address_is_on_file(page, s: Step):
    return _confirmed(page, s)
