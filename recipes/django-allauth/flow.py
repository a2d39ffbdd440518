"""Acts and looks for sites that run django-allauth with its own pages, in English and Chinese.

Four shapes of one program: several addresses or a single one, confirmed by a link or by a code. They share the functions here; the
routes of recipe.toml say which of them belong together, and the ``is_…`` looks recognise the route on the site itself.
"""

from __future__ import annotations

import re

from readdress.flow import Refused, Sight, Step, done, look, not_done, step, unknown

ADD = re.compile(r"^\s*(Add Email|添加Email)\s*$")
CHANGE = re.compile(r"^\s*(Change Email|更改Email)\s*$")
PRIMARY = re.compile(r"^\s*(Make Primary|设置为首选)\s*$")
REMOVE = re.compile(r"^\s*(Remove|移除)\s*$")
CONFIRM = re.compile(r"^\s*(Confirm|确认)\s*$")
SIGN_IN = re.compile(r"^\s*(Sign In|登录)\s*$")
SIGN_OUT = re.compile(r"^\s*(Sign Out|登出)\s*$")
SIGNED_IN_AS = (("Successfully signed in as ", "."), ("以 ", " 成功登录。"))

IS_VERIFIED = re.compile(r"(?<!\w)Verified(?!\w)|已验证|已驗證")
IS_UNVERIFIED = re.compile(r"(?<!\w)Unverified(?!\w)|未验证|未驗證")
IS_PRIMARY = re.compile(r"(?<!\w)Primary(?!\w)|首选|主要的")
OWN_ALREADY = re.compile(r"already associated with this account|已关联到这个账号")
IN_USE = re.compile(r"already registered with this|已被其他用户注册")
TOO_MANY = re.compile(r"cannot add more than|不能添加超过|Too many|次数过多|429")
NOT_MINE = re.compile(r"already confirmed by a different account|已被另一个账户确认")
STALE = re.compile(r"link expired or is invalid|链接已过期或无效")

RADIO = "input[type=radio][name=email]"
# The buttons stand below the radios in the same form: where they are missing, the list may have been cut off.
LIST = f"form:has({RADIO}):has(button[name=action_remove])"
ONE = "form:has(#current_email):has(button[name=action_add])"
CODE = "form:has(input[name=code])"
MAILTO = 'a[href^="mailto:"]'


# -- reading the pages ----------------------------------------------------------------------------------------------------


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _signed_out(page) -> bool:
    """The sign-in form: a login and a password (the page that asks for the password again has no login)."""
    return page.locator("form:has(input[name=login]):has(input[type=password])").count() > 0


def _row(page, address: str):
    """The radio button of exactly that address in the list; ``None`` when there is none."""
    quoted = address.replace("\\", "\\\\").replace('"', '\\"')
    radio = page.locator(f'{RADIO}[value="{quoted}" i]')
    return radio if radio.count() == 1 else None


def _marks(page, row) -> str:
    """What stands beside an address of the list ("Verified Primary"), without the address itself."""
    name = row.get_attribute("id", timeout=2_000) or ""
    label = page.locator(f'label[for="{name}"]') if name else row.locator("xpath=..")
    return re.sub(r"\S+@\S+", " ", label.inner_text(timeout=2_000))


def _value(page, css: str) -> str:
    """The value of a field; ``""`` when it is not on the page."""
    field = page.locator(css)
    return field.input_value(timeout=2_000) if field.count() == 1 else ""


def _awaits_code(page, s: Step) -> bool:
    """The page that waits for a code, for NEW and no other address."""
    return page.locator(CODE).count() > 0 and s.sees_address(page.locator(MAILTO), of=s.new).seen == "done"


def _on_file(page, s: Step, address: str) -> Sight:
    """Whether ``address`` is on file, confirmed: in the list of several, or as the only one."""
    if page.locator(ONE).count():
        if not page.locator("#new_email").count():
            return s.sees_address(page.locator("#current_email"), of=address)
        return unknown("a change to another address is still pending")
    row = _row(page, address)
    if row is None or not page.locator(LIST).count():
        return s.sees_address(page.locator(LIST), of=address)
    marks = _marks(page, row)
    if IS_UNVERIFIED.search(marks) or not IS_VERIFIED.search(marks):
        return unknown(f"{address} is listed, but not as verified")
    return s.sees_address(page.locator(LIST), of=address)


def _signed_in_as(page) -> str:
    """The account's name, which these pages show only in the message after signing in."""
    for before, after in SIGNED_IN_AS:
        said = page.get_by_role("listitem").filter(
            has_text=re.compile(f"^\\s*{re.escape(before)}.+{re.escape(after)}\\s*$")
        )
        if said.count() == 1:
            return said.inner_text(timeout=2_000).strip().removeprefix(before.strip()).removesuffix(after).strip()
    return ""


def _is_ours(page, s: Step) -> bool:
    """These are the addresses of the account that is to be moved: OLD is still among them."""
    if page.locator(ONE).count():
        return _same(_value(page, "#current_email"), s.old)
    return _row(page, s.old) is not None


def _of_ours(page, s: Step, sight: Sight) -> Sight:
    """Absence proves something only on the pages of the right account."""
    if sight.seen == "not_done" and not _is_ours(page, s):
        return unknown(f"{s.old} is not here either: this may be another account")
    return sight


def _asked_for(page, s: Step) -> Sight:
    """Whether NEW was handed to the site, confirmed or not."""
    if _signed_out(page):
        return s.signed_out()
    if page.locator(CODE).count():
        if _awaits_code(page, s):
            return done(f"the site waits for the code that it sent to {s.new}")
        return unknown("the site waits for a code for another address")
    if page.locator(ONE).count():
        if _same(_value(page, "#new_email"), s.new):
            return done(f"the change to {s.new} waits for its confirmation")
        sight = s.sees_address(page.locator("#current_email"), of=s.new)
    else:
        if _row(page, s.new) is not None:
            return done(f"{s.new} is in the list")
        sight = s.sees_address(page.locator(LIST), of=s.new)
    return _of_ours(page, s, sight)


def _confirmed(page, s: Step) -> Sight:
    """Whether NEW is on file as confirmed; standing there unconfirmed proves that it is not."""
    if _signed_out(page):
        return s.signed_out()
    if page.locator(CODE).count():
        return (
            not_done(f"the code for {s.new} is still awaited")
            if _awaits_code(page, s)
            else unknown("a code is awaited")
        )
    if _same(_value(page, "#new_email"), s.new):
        return not_done(f"the change to {s.new} still waits for its confirmation")
    row = _row(page, s.new)
    if row is not None and IS_UNVERIFIED.search(_marks(page, row)):
        return not_done(f"{s.new} is listed as unverified")
    sight = _on_file(page, s, s.new)
    return _of_ours(page, s, sight)


def _is_primary(page, s: Step) -> Sight:
    if _signed_out(page):
        return s.signed_out()
    row = _row(page, s.new)
    if row is None or not page.locator(LIST).count():
        return unknown(f"{s.new} is not in the list")
    marks = _marks(page, row)
    if IS_PRIMARY.search(marks):
        if IS_UNVERIFIED.search(marks) or not IS_VERIFIED.search(marks):
            return unknown(f"{s.new} is listed, but not as verified")
        return s.sees_address(page.locator(LIST), of=s.new)
    radios = page.locator(RADIO)
    for at in range(radios.count()):
        if IS_PRIMARY.search(_marks(page, radios.nth(at))):
            return not_done(f"another address than {s.new} is the primary one")
    return unknown("no address is marked as the primary one")


# -- acting ---------------------------------------------------------------------------------------------------------------


def _button(page, words: re.Pattern[str], css: str):
    """The button by its words, else by its stable name."""
    named = page.get_by_role("button", name=words)
    return named if named.count() == 1 else page.locator(css)


def _press(page, s: Step, button) -> None:
    """Press it, wait for the page that follows, and give the password once more where the site asks for it."""
    with page.expect_navigation(timeout=15_000):
        button.click()
    if "/reauthenticate/" not in page.url:
        return
    password = page.locator('form[action*="reauthenticate"] input[type=password]')
    if not password.count():
        raise s.hand_over(
            "The site wants another proof that it is you.", "网站要求用其他方式再次验证身份。", kind="passkey"
        )
    s.type_secret(password, "password")
    form = page.locator('form[action*="reauthenticate"]')
    with page.expect_navigation(timeout=15_000):
        _button(form, CONFIRM, "button[type=submit]").click()
    if page.locator("#id_password_error").count():
        raise Refused("The site does not accept this password.", reason="wrong_password")
    _check_limit(page)


def _check_limit(page) -> None:
    heading = page.locator("h1").first
    if heading.count() and "429" in heading.inner_text():
        raise Refused("The site says that this was done too often; try again later.", reason="limit")


def _check_form(page) -> None:
    """What the form for an address says against it."""
    _check_limit(page)
    error = page.locator("#id_email_error, .errorlist")
    if not error.count():
        return
    said = error.first.inner_text().strip()[:200]
    if OWN_ALREADY.search(said):
        return  # It is in this account already: the look says how far.
    reason = "address_in_use" if IN_USE.search(said) else "limit" if TOO_MANY.search(said) else "other"
    raise Refused(f"The site does not take the address: {said}", reason=reason)


def _hand_in(page, s: Step, words: re.Pattern[str]) -> None:
    if not page.locator("button[name=action_add]").count():
        page.goto(f"{s.site}/accounts/email/")
    field = page.locator("#id_email")
    field.fill(s.new)
    _press(page, s, _button(page, words, "button[name=action_add]"))
    _check_form(page)


def _choose(page, address: str) -> None:
    row = _row(page, address)
    if row is None:
        raise Refused(f"{address} is not in the site's list.", reason="other")
    row.check()


# -- signing in -----------------------------------------------------------------------------------------------------------


@step
def sign_in(page, s: Step):
    if not _signed_out(page):
        # Signed in, but it was not seen that it is the right account: sign in afresh, then the site says as whom.
        page.goto(f"{s.site}/accounts/logout/")
        with page.expect_navigation(timeout=15_000):
            _button(page, SIGN_OUT, 'form[action*="logout"] button').click()
        page.goto(f"{s.site}/accounts/login/?next=/accounts/email/")
    form = page.locator("form:has(input[name=login]):has(input[type=password])")
    form.locator("input[name=login]").fill(s.login or s.old)
    s.type_secret(form.locator("input[type=password]"), "password")
    remember = form.locator("input[name=remember]")
    if remember.count():
        remember.check()  # A code that is awaited is lost with the session.
    with page.expect_navigation(timeout=15_000):
        _button(form, SIGN_IN, "button[type=submit]").click()
    error = page.locator(".errorlist")
    if _signed_out(page) and error.count():
        said = error.first.inner_text().strip()[:200]
        if TOO_MANY.search(said):
            raise Refused("The site says that there were too many wrong passwords; try again later.", reason="limit")
        raise Refused(f"The site did not accept the login or the password: {said}", reason="wrong_password")


@look("sign_in")
def is_signed_in(page, s: Step):
    if _signed_out(page):
        return s.signed_out()
    name = _signed_in_as(page)
    if _on_file(page, s, s.old).seen == "done" or (_is_ours(page, s) and page.locator("#new_email").count()):
        return done(f"signed in, and {s.old} is this account's address", login=name)
    # NEW alone may be another account's.
    if s.login and _same(name, s.login) and _on_file(page, s, s.new).seen == "done":
        return done(f"signed in as {s.login}", login=name)
    return unknown("it is not seen which account is signed in")


# -- which route the site is for ------------------------------------------------------------------------------------------


def _shape(page, s: Step, wanted: str) -> Sight:
    """How this site does it, read off two of its pages.

    ``/accounts/confirm-email/`` is the page for the code, which leads back to the addresses while no code is awaited; where links
    confirm, it is a page without a field. ``/accounts/email/`` shows whether there are several addresses or one.
    """
    page.goto(f"{s.site}/accounts/confirm-email/")
    if _signed_out(page):
        return s.signed_out()
    path = page.url.split("?")[0]
    if page.locator(CODE).count() or path.endswith("/accounts/email/"):
        by = "code"
    elif path.endswith("/accounts/confirm-email/"):
        by = "link"
    else:
        return unknown("this is not a page of django-allauth")
    if not path.endswith("/accounts/email/"):
        page.goto(f"{s.site}/accounts/email/")
    if _signed_out(page):
        return s.signed_out()
    if page.locator(ONE).count():
        found = f"replace_{by}"
    elif page.locator(LIST).count():
        found = f"add_{by}"
    else:
        return unknown("the site's page of addresses looks otherwise")
    return (done if found == wanted else not_done)(f"this site is of the kind {found}")


@look("is_add_link")
def is_add_link(page, s: Step):
    return _shape(page, s, "add_link")


@look("is_add_code")
def is_add_code(page, s: Step):
    return _shape(page, s, "add_code")


@look("is_replace_link")
def is_replace_link(page, s: Step):
    return _shape(page, s, "replace_link")


@look("is_replace_code")
def is_replace_code(page, s: Step):
    return _shape(page, s, "replace_code")


# -- handing in NEW -------------------------------------------------------------------------------------------------------


@step
def add_address(page, s: Step):
    _hand_in(page, s, ADD)


@look("add_address")
def address_was_added(page, s: Step):
    return _asked_for(page, s)


@step
def change_address(page, s: Step):
    _hand_in(page, s, CHANGE)


@look("change_address")
def change_was_asked_for(page, s: Step):
    return _asked_for(page, s)


# -- confirming it --------------------------------------------------------------------------------------------------------


@step
def confirm_by_link(page, s: Step):
    s.open_link("verify_link")
    form = page.locator('form[action*="/confirm-email/"]')
    if not form.count():
        said = page.locator("body").inner_text()
        if NOT_MINE.search(said):
            raise Refused(f"{s.new} is confirmed in another account of this site.", reason="address_in_use")
        if STALE.search(said):
            raise Refused("The site says that the link is used up or too old.", reason="expired")
        return  # Some sites confirm as soon as the link is opened: the look says.
    if s.sees_address(page.locator(MAILTO), of=s.new).seen != "done":
        raise s.hand_over(
            f"The page of the link does not name {s.new}.", f"链接打开的页面没有显示 {s.new}。", kind="page_changed"
        )
    with page.expect_navigation(timeout=15_000):
        _button(form, CONFIRM, "button[type=submit]").click()


@look("confirm_by_link")
def link_confirmed(page, s: Step):
    return _confirmed(page, s)


@step
def confirm_by_code(page, s: Step):
    if not _awaits_code(page, s):
        raise Refused("The site does not wait for a code any more.", reason="expired")
    page.locator(f"{CODE} input[name=code]").fill(s.code("verify_code"))
    with page.expect_navigation(timeout=15_000):
        _button(page.locator(CODE), CONFIRM, "button[type=submit]").click()
    if page.locator("#id_code_error").count():
        raise Refused("The site does not accept the code.", reason="wrong_code")
    said = page.get_by_role("listitem").filter(has_text=TOO_MANY)
    if said.count():
        raise Refused("The code was wrong too often; the site has thrown it away.", reason="expired")


@look("confirm_by_code")
def code_confirmed(page, s: Step):
    return _confirmed(page, s)


# -- making it the address ------------------------------------------------------------------------------------------------


@step
def make_primary(page, s: Step):
    _choose(page, s.new)
    _press(page, s, _button(page, PRIMARY, "button[name=action_primary]"))


@look("make_primary")
def new_is_primary(page, s: Step):
    return _is_primary(page, s)


@look("read_back_sign_in")
def new_signs_in(page, s: Step):
    if _signed_out(page):
        return s.signed_out()
    return _of_ours(page, s, _on_file(page, s, s.new))


@look("read_back_contact")
def new_is_written_to(page, s: Step):
    if _signed_out(page):
        return s.signed_out()
    if page.locator(ONE).count():
        return _of_ours(page, s, _on_file(page, s, s.new))
    return _is_primary(page, s)


@step
def remove_old(page, s: Step):
    if _is_primary(page, s).seen != "done":
        raise s.hand_over(f"{s.new} is not the primary address.", f"{s.new} 还不是首选地址。")
    _choose(page, s.old)

    def agree(dialog) -> None:
        dialog.accept()

    # The page asks by window.confirm; unanswered, nothing happens and nothing is said.
    page.on("dialog", agree)
    try:
        _press(page, s, _button(page, REMOVE, "button[name=action_remove]"))
    finally:
        page.remove_listener("dialog", agree)


@look("remove_old")
def old_is_gone(page, s: Step):
    if _signed_out(page):
        return s.signed_out()
    if _row(page, s.new) is None:
        return unknown(f"{s.new} is not in the list")
    return s.lacks_address(page.locator(LIST), of=s.old)
