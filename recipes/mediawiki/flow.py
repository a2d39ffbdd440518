"""Acts and looks for wikis that run MediaWiki, in English and Chinese.

The site is the beginning of all page addresses (``https://wiki.example.org/index.php``, ``https://wiki.example.org/wiki``). On a Chinese
wiki the English names of special pages lead on to the Chinese ones, so nothing here compares paths.
"""

from __future__ import annotations

import re

from readdress.flow import Refused, Step, Survey, done, look, not_done, step, unknown

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


PARTS = {
    "user": USER,
    "key": KEY,
    "address": ADDRESS,
    "confirmed": CONFIRMED,
    "unconfirmed": UNCONFIRMED,
    "none": NONE,
    "form": FORM,
    "error": ERROR,
    "puzzle": "[name=wpCaptchaWord], .captcha",
    "remember": "#wpRemember",
}


def _survey(page, s: Step) -> Survey:
    return s.survey(page, PARTS, read=("address",))


def _signed_out(p: Survey) -> bool:
    return p.has("key") and not p.text("user")


def _on_file(p: Survey) -> str:
    """The address on file, as the preferences show it: a line of its own above the button."""
    shown = p.one("address")
    if shown is None or not (p.has("confirmed") or p.has("unconfirmed") or p.has("none")):
        return ""  # What stands below the address is not there: the page may have been cut off, or the wiki confirms nothing.
    lines = [line.strip() for line in shown.text.split("\n") if line.strip()]
    return lines[0] if lines and "@" in lines[0] else ""


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _other_user(p: Survey, s: Step) -> bool:
    user = p.text("user")
    return bool(s.login and user) and not _same_name(user, s.login)


def _confirmed(page, s: Step):
    p = _survey(page, s)
    if _signed_out(p):
        return s.signed_out()
    if _other_user(p, s):
        return unknown("another user is signed in")
    address = _on_file(p)
    if _same(address, s.new):
        if p.has("unconfirmed"):
            return not_done(f"{s.new} is on file, but not confirmed yet")
        if p.has("confirmed"):
            return s.sees_address(p.reading("address"), of=s.new)
    if _same(address, s.old):
        return not_done(f"{s.old} is on file")
    return unknown("the page does not show what became of the address")


# -- signing in -----------------------------------------------------------------------------------------------------------


def _give_password(page, s: Step, p: Survey, *, name: str = "") -> Survey:
    """Fill the sign-in form, which is also the one that asks for the password again; what the page after it shows."""
    if p.has("puzzle"):
        raise s.hand_over("A puzzle stands in the sign-in form.", "登录表单中有验证码。", kind="puzzle")
    if name:
        page.locator("#wpName1").fill(name)
    s.type_secret(page.locator(KEY), "password")
    if p.has("remember"):
        page.locator("#wpRemember").check()
    with page.expect_navigation(timeout=20_000):
        page.get_by_role("button", name=LOG_IN).or_(page.locator("#wpLoginAttempt")).click()
    after = _survey(page, s)
    if after.has("key") and after.has("error"):
        said = after.text("error")[:200]
        if TOO_MANY.search(said):
            raise Refused(f"The wiki wants you to wait: {said}", reason="limit")
        raise Refused(f"The wiki did not accept the user name or the password: {said}", reason="wrong_password")
    return after


@step
def sign_in(page, s: Step):
    p = _survey(page, s)
    if not p.has("key"):
        raise s.hand_over(
            "This browser is signed in to this wiki as another user; log out there first.",
            "此浏览器已用其他用户登录该 wiki；请先退出。",
        )
    name = s.login or s.ask("What is your user name on this wiki?", "您在该 wiki 上的用户名是什么？")
    _give_password(page, s, p, name=name)


@look("sign_in")
def is_signed_in(page, s: Step):
    p = _survey(page, s)
    if _signed_out(p):
        return s.signed_out()
    user = p.text("user")
    if s.login and _same_name(user, s.login):
        return done(f"signed in as {user}", login=user)
    if not s.login and user and _same(_on_file(p), s.old):
        return done(f"signed in, and {s.old} is on file", login=user)
    return unknown(f"signed in as {user}" if user else "the page does not say who is signed in")


# -- changing -------------------------------------------------------------------------------------------------------------


def _hand_in(page, s: Step) -> Survey:
    """Fill and send the form; what the page after it shows."""
    field = page.locator(FORM).get_by_label(FIELD).or_(page.locator(f"{FORM} input[name=wpNewEmail]"))
    field.fill(s.new)
    if field.input_value() != s.new:
        # An empty field would remove the address at once, without a question.
        raise s.hand_over("The field does not take the address.", "该字段无法填入地址。", kind="page_changed")
    named = page.locator(FORM).get_by_role("button", name=CHANGE)
    with page.expect_navigation(timeout=20_000):
        named.or_(page.locator(f"{FORM} button[type=submit]")).click()
    return _survey(page, s)


@step
def change_address(page, s: Step):
    page.goto(f"{s.site}/Special:ChangeEmail")
    p = _survey(page, s)
    if p.has("key"):
        p = _give_password(page, s, p)
    if not p.has("form"):
        # Not allowed, or allowed on a page that looks otherwise: a person can tell.
        raise s.hand_over(
            "The page does not show the form for the address as it is known.",
            "页面上没有已知样式的更改地址表单。",
            kind="page_changed",
        )
    for _ in range(3):
        p = _hand_in(page, s)
        if not p.has("key"):
            break
        p = _give_password(page, s, p)
        if not p.has("form"):
            break
        # The sign-in grew too old while the form was open: it is back, filled in, and not submitted.
    if p.has("form") and p.has("error"):
        said = p.text("error")[:200]
        if SAME.search(said):
            return  # NEW is on file already: the look says so.
        raise Refused(
            f"The wiki does not take the address: {said}", reason="limit" if TOO_MANY.search(said) else "other"
        )


@look("change_address")
def address_is_on_file(page, s: Step):
    p = _survey(page, s)
    if _signed_out(p):
        return s.signed_out()
    if _other_user(p, s):
        return unknown("another user is signed in")
    address = _on_file(p)
    if _same(address, s.new):
        return done(f"{s.new} is on file")
    if _same(address, s.old):
        return not_done(f"{s.old} is on file")
    return unknown("the page does not show the address on file")


@step
def confirm_address(page, s: Step):
    s.open_link("verify")
    said = s.survey(page, {"said": "#content"}).text("said")
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
