"""Acts and looks for sites that run WordPress, in English and Chinese.

"Profile updated." stands there for a change that waits, one that was cancelled and one that is done: only the field and the note about
a pending change below it tell them apart.
"""

from __future__ import annotations

import re

from readdress.flow import Refused, Step, done, look, not_done, step, unknown

LOG_IN = re.compile(r"^\s*(Log In|登录)\s*$")
UPDATE = re.compile(r"^\s*(Update Profile|更新个人资料)\s*$")
IN_USE = re.compile(r"already registered|已被注册|已经被注册|已注册")
STALE = re.compile(r"Error while saving the new email address|保存新的电子邮件地址时发生错误")
TOO_MANY = re.compile(r"[Tt]oo many|次数过多|尝试次数")

FORM = "form#your-profile"
LOGIN = "form#loginform"
EMAIL = f"{FORM} #email"
PENDING = f"{FORM} .user-email-wrap .updated code"
ERROR = ".wrap .error, .wrap .notice-error"


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _stored(page, css: str) -> str:
    """The value that the server sent in a field of the profile, and nobody typed over; ``""`` when that is not to be seen."""
    field = page.locator(css)
    if field.count() != 1 or not page.locator(f"{FORM} #submit").count():
        return ""  # The button stands at the end of the form: without it the page may have been cut off.
    sent = field.get_attribute("value", timeout=2_000) or ""
    return sent if field.input_value(timeout=2_000) == sent else ""


def _pending(page) -> str:
    """The address that waits for its confirmation; ``""`` when none does."""
    shown = page.locator(PENDING)
    return shown.first.inner_text(timeout=2_000).strip() if shown.count() else ""


def _is_me(page, s: Step) -> bool:
    """This profile belongs to the account that is to be moved; one may sign in by name or by address."""
    address = _stored(page, EMAIL)
    if not s.login or "@" in s.login:
        return _same(address, s.old) or (bool(s.login) and _same(address, s.login)) or _same(address, s.new)
    return _same(_stored(page, f"{FORM} #user_login"), s.login)


def _refused_on_page(page) -> str:
    error = page.locator(ERROR)
    return error.first.inner_text(timeout=2_000).strip()[:200] if error.count() else ""


def _changed(page, s: Step):
    """Whether NEW is the address of this account; a change that still waits proves that it is not."""
    if page.locator(LOGIN).count():
        return s.signed_out()
    address = _stored(page, EMAIL)
    if not address or not _is_me(page, s):
        return unknown("this is not the profile of the account")
    if _refused_on_page(page):
        return unknown("the page shows an error, and its fields what was typed before it")
    if _pending(page):
        return (
            not_done(f"a change to {_pending(page)} waits for its confirmation")
            if not _same(address, s.new)
            else unknown("a change waits")
        )
    if _same(address, s.new):
        return s.sees_address(page.locator(EMAIL), of=s.new)
    if _same(address, s.old):
        return not_done(f"{s.old} is on file")
    return unknown("the profile shows neither address")


def _log_in(page, s: Step) -> None:
    # A script moves the focus shortly after the page is there, and may empty the password field: type after that.
    page.locator("#user_login:focus, #user_pass:focus").wait_for(timeout=5_000)
    page.locator(f"{LOGIN} #user_login").fill(s.login or s.old)
    s.type_secret(page.locator(f"{LOGIN} #user_pass"), "password")
    remember = page.locator(f"{LOGIN} #rememberme")
    if remember.count():
        remember.check()
    named = page.locator(LOGIN).get_by_role("button", name=LOG_IN)
    with page.expect_navigation(timeout=20_000):
        (named if named.count() == 1 else page.locator("#wp-submit")).click()
    error = page.locator("#login_error")
    if error.count():
        said = error.inner_text().strip()[:200]
        if TOO_MANY.search(said):
            raise Refused(f"The site wants you to wait: {said}", reason="limit")
        raise Refused(f"The site did not accept the login or the password: {said}", reason="wrong_password")


@step
def sign_in(page, s: Step):
    if not page.locator(LOGIN).count():
        raise s.hand_over(
            "This browser is signed in to this site as another user; log out there first.",
            "此浏览器已用其他用户登录该网站；请先退出。",
        )
    _log_in(page, s)


@look("sign_in")
def is_signed_in(page, s: Step):
    if page.locator(LOGIN).count():
        return s.signed_out()
    user = _stored(page, f"{FORM} #user_login")
    if not user:
        return unknown("this is no profile page")
    return done(f"signed in as {user}", login=user) if _is_me(page, s) else unknown(f"signed in as {user}")


@step
def change_address(page, s: Step):
    field = page.locator(EMAIL)
    if not field.count():
        raise s.hand_over(
            "The page does not show the field for the address as it is known.",
            "页面上没有已知样式的邮箱地址栏。",
            kind="page_changed",
        )
    if not field.is_editable():
        raise Refused("This site does not let you change the address here.", reason="not_allowed")
    field.fill(s.new)
    named = page.locator(FORM).get_by_role("button", name=UPDATE)
    with page.expect_navigation(timeout=20_000):
        (named if named.count() == 1 else page.locator(f"{FORM} #submit")).click()
    said = _refused_on_page(page)
    if said:
        reason = "address_in_use" if IN_USE.search(said) else "other"
        raise Refused(f"The site does not take the address: {said}", reason=reason)


@look("change_address")
def change_waits(page, s: Step):
    if page.locator(LOGIN).count():
        return s.signed_out()
    if _stored(page, EMAIL) and _is_me(page, s) and _same(_pending(page), s.new):
        return done(f"the change to {s.new} waits for its confirmation")
    return _changed(page, s)


@step
def confirm_address(page, s: Step):
    s.open_link("verify")
    if page.locator(LOGIN).count():
        _log_in(page, s)  # The link needs the session, and goes on after signing in.
    if STALE.search(page.locator("body").inner_text()):
        raise Refused("The site says that the link does not work any more.", reason="expired")


@look("confirm_address")
def address_has_changed(page, s: Step):
    return _changed(page, s)


@look("read_back_sign_in")
def new_signs_in(page, s: Step):
    return _changed(page, s)


@look("read_back_contact")
def new_is_written_to(page, s: Step):
    return _changed(page, s)
