"""Acts and looks for sites that run django-allauth with its own pages, in English and Chinese.

Four shapes of one program: several addresses or a single one, confirmed by a link or by a code. They share the functions here; the
routes of recipe.toml say which of them belong together, and the ``is_…`` looks recognise the route on the site itself.
"""

from __future__ import annotations

import re

from readdress.flow import Refused, Sight, Step, Survey, done, look, not_done, step, unknown

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
# What the looks read off a page, all at one moment.
PARTS = {
    # A login and a password: the page that asks for the password again has no login.
    "signed_out": "form:has(input[name=login]):has(input[type=password])",
    "rows": RADIO,
    "list": LIST,
    "one": ONE,
    "current": "#current_email",
    "pending": "#new_email",
    "code": CODE,
    "mailto": MAILTO,
    "messages": "li",
}
READ = ("list", "current", "mailto")


# -- reading the pages ----------------------------------------------------------------------------------------------------


def _survey(page, s: Step) -> Survey:
    return s.survey(page, PARTS, read=READ)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _row(p: Survey, address: str):
    """The radio button of exactly that address in the list; ``None`` when there is none."""
    rows = [row for row in p.all("rows") if _same(row.value, address)]
    return rows[0] if len(rows) == 1 else None


def _marks(row) -> str:
    """What stands beside an address of the list ("Verified Primary"), without the address itself."""
    return re.sub(r"\S+@\S+", " ", row.label)


def _awaits_code(p: Survey, s: Step) -> bool:
    """The page that waits for a code, for NEW and no other address."""
    return p.has("code") and s.sees_address(p.reading("mailto"), of=s.new).seen == "done"


def _on_file(p: Survey, s: Step, address: str) -> Sight:
    """Whether ``address`` is on file, confirmed: in the list of several, or as the only one."""
    if p.has("one"):
        if not p.has("pending"):
            return s.sees_address(p.reading("current"), of=address)
        return unknown("a change to another address is still pending")
    row = _row(p, address)
    if row is None or not p.has("list"):
        return s.sees_address(p.reading("list"), of=address)
    marks = _marks(row)
    if IS_UNVERIFIED.search(marks) or not IS_VERIFIED.search(marks):
        return unknown(f"{address} is listed, but not as verified")
    return s.sees_address(p.reading("list"), of=address)


def _signed_in_as(p: Survey) -> str:
    """The account's name, which these pages show only in the message after signing in."""
    for before, after in SIGNED_IN_AS:
        shape = re.compile(f"^\\s*{re.escape(before)}(.+){re.escape(after)}\\s*$")
        said = [found for message in p.all("messages") if (found := shape.match(message.text))]
        if len(said) == 1:
            return said[0][1].strip()
    return ""


def _is_ours(p: Survey, s: Step) -> bool:
    """These are the addresses of the account that is to be moved: OLD is still among them."""
    if p.has("one"):
        return _same(p.value("current"), s.old)
    return _row(p, s.old) is not None


def _of_ours(p: Survey, s: Step, sight: Sight) -> Sight:
    """Absence proves something only on the pages of the right account."""
    if sight.seen == "not_done" and not _is_ours(p, s):
        return unknown(f"{s.old} is not here either: this may be another account")
    return sight


def _asked_for(page, s: Step) -> Sight:
    """Whether NEW was handed to the site, confirmed or not."""
    p = _survey(page, s)
    if p.has("signed_out"):
        return s.signed_out()
    if p.has("code"):
        if _awaits_code(p, s):
            return done(f"the site waits for the code that it sent to {s.new}")
        return unknown("the site waits for a code for another address")
    if p.has("one"):
        if _same(p.value("pending"), s.new):
            return done(f"the change to {s.new} waits for its confirmation")
        sight = s.sees_address(p.reading("current"), of=s.new)
    else:
        if _row(p, s.new) is not None:
            return done(f"{s.new} is in the list")
        sight = s.sees_address(p.reading("list"), of=s.new)
    return _of_ours(p, s, sight)


def _confirmed(page, s: Step) -> Sight:
    """Whether NEW is on file as confirmed; standing there unconfirmed proves that it is not."""
    p = _survey(page, s)
    if p.has("signed_out"):
        return s.signed_out()
    if p.has("code"):
        return (
            not_done(f"the code for {s.new} is still awaited") if _awaits_code(p, s) else unknown("a code is awaited")
        )
    if _same(p.value("pending"), s.new):
        return not_done(f"the change to {s.new} still waits for its confirmation")
    row = _row(p, s.new)
    if row is not None and IS_UNVERIFIED.search(_marks(row)):
        return not_done(f"{s.new} is listed as unverified")
    return _of_ours(p, s, _on_file(p, s, s.new))


def _is_primary(p: Survey, s: Step) -> Sight:
    if p.has("signed_out"):
        return s.signed_out()
    row = _row(p, s.new)
    if row is None or not p.has("list"):
        return unknown(f"{s.new} is not in the list")
    marks = _marks(row)
    if IS_PRIMARY.search(marks):
        if IS_UNVERIFIED.search(marks) or not IS_VERIFIED.search(marks):
            return unknown(f"{s.new} is listed, but not as verified")
        return s.sees_address(p.reading("list"), of=s.new)
    if any(IS_PRIMARY.search(_marks(other)) for other in p.all("rows")):
        return not_done(f"another address than {s.new} is the primary one")
    return unknown("no address is marked as the primary one")


def _signed_out(page, s: Step) -> bool:
    return s.survey(page, {"signed_out": PARTS["signed_out"]}).has("signed_out")


# -- acting ---------------------------------------------------------------------------------------------------------------


def _button(page, words: re.Pattern[str], css: str):
    """The button by its words or by its stable name: where that is not one and the same, a person has to look."""
    return page.get_by_role("button", name=words).or_(page.locator(css))


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
    _check_limit(_answer(page, s))


def _answer(page, s: Step) -> Survey:
    """What the page that follows says: its heading, and what it has against the form."""
    return s.survey(page, {"heading": "h1", "error": "#id_email_error, .errorlist"})


def _check_limit(answer: Survey) -> None:
    if "429" in answer.text("heading"):
        raise Refused("The site says that this was done too often; try again later.", reason="limit")


def _check_form(page, s: Step) -> None:
    """What the form for an address says against it."""
    answer = _answer(page, s)
    _check_limit(answer)
    said = answer.text("error")[:200]
    if not answer.has("error"):
        return
    if OWN_ALREADY.search(said):
        return  # It is in this account already: the look says how far.
    reason = "address_in_use" if IN_USE.search(said) else "limit" if TOO_MANY.search(said) else "other"
    raise Refused(f"The site does not take the address: {said}", reason=reason)


def _hand_in(page, s: Step, words: re.Pattern[str]) -> None:
    if "/accounts/email/" not in page.url:
        page.goto(f"{s.site}/accounts/email/")
    field = page.locator("#id_email")
    field.fill(s.new)
    _press(page, s, _button(page, words, "button[name=action_add]"))
    _check_form(page, s)


def _choose(page, address: str) -> None:
    quoted = address.replace("\\", "\\\\").replace('"', '\\"')
    page.locator(f'{RADIO}[value="{quoted}" i]').check(timeout=5_000)


# -- signing in -----------------------------------------------------------------------------------------------------------


@step
def sign_in(page, s: Step):
    if not _signed_out(page, s):
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
    if error.count() and _signed_out(page, s):
        said = error.first.inner_text().strip()[:200]
        if TOO_MANY.search(said):
            raise Refused("The site says that there were too many wrong passwords; try again later.", reason="limit")
        raise Refused(f"The site did not accept the login or the password: {said}", reason="wrong_password")


@look("sign_in")
def is_signed_in(page, s: Step):
    p = _survey(page, s)
    if p.has("signed_out"):
        return s.signed_out()
    name = _signed_in_as(p)
    if _on_file(p, s, s.old).seen == "done" or (_is_ours(p, s) and p.has("pending")):
        return done(f"signed in, and {s.old} is this account's address", login=name)
    # NEW alone may be another account's.
    if s.login and _same(name, s.login) and _on_file(p, s, s.new).seen == "done":
        return done(f"signed in as {s.login}", login=name)
    return unknown("it is not seen which account is signed in")


# -- which route the site is for ------------------------------------------------------------------------------------------


def _shape(page, s: Step, wanted: str) -> Sight:
    """How this site does it, read off two of its pages.

    ``/accounts/confirm-email/`` is the page for the code, which leads back to the addresses while no code is awaited; where links
    confirm, it is a page without a field. ``/accounts/email/`` shows whether there are several addresses or one.
    """
    page.goto(f"{s.site}/accounts/confirm-email/")
    p = _survey(page, s)
    if p.has("signed_out"):
        return s.signed_out()
    path = p.url.split("?")[0]
    if p.has("code") or path.endswith("/accounts/email/"):
        by = "code"
    elif path.endswith("/accounts/confirm-email/"):
        by = "link"
    else:
        return unknown("this is not a page of django-allauth")
    if not path.endswith("/accounts/email/"):
        page.goto(f"{s.site}/accounts/email/")
        p = _survey(page, s)
    if p.has("signed_out"):
        return s.signed_out()
    if p.has("one"):
        found = f"replace_{by}"
    elif p.has("list"):
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
    p = s.survey(page, {"form": 'form[action*="/confirm-email/"]', "mailto": MAILTO, "body": "body"}, read=("mailto",))
    if not p.has("form"):
        said = p.text("body")
        if NOT_MINE.search(said):
            raise Refused(f"{s.new} is confirmed in another account of this site.", reason="address_in_use")
        if STALE.search(said):
            raise Refused("The site says that the link is used up or too old.", reason="expired")
        return  # Some sites confirm as soon as the link is opened: the look says.
    if s.sees_address(p.reading("mailto"), of=s.new).seen != "done":
        raise s.hand_over(
            f"The page of the link does not name {s.new}.", f"链接打开的页面没有显示 {s.new}。", kind="page_changed"
        )
    with page.expect_navigation(timeout=15_000):
        _button(page.locator('form[action*="/confirm-email/"]'), CONFIRM, "button[type=submit]").click()
    page.goto(f"{s.site}/accounts/email/")  # Sites lead on to different pages: here it is seen what came of it.


@look("confirm_by_link")
def link_confirmed(page, s: Step):
    return _confirmed(page, s)


@step
def confirm_by_code(page, s: Step):
    if not _awaits_code(_survey(page, s), s):
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
    return _is_primary(_survey(page, s), s)


@look("read_back_sign_in")
def new_signs_in(page, s: Step):
    p = _survey(page, s)
    if p.has("signed_out"):
        return s.signed_out()
    return _of_ours(p, s, _on_file(p, s, s.new))


@look("read_back_contact")
def new_is_written_to(page, s: Step):
    p = _survey(page, s)
    if p.has("signed_out"):
        return s.signed_out()
    if p.has("one"):
        return _of_ours(p, s, _on_file(p, s, s.new))
    return _is_primary(p, s)


@step
def remove_old(page, s: Step):
    if _is_primary(_survey(page, s), s).seen != "done":
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
    p = _survey(page, s)
    if p.has("signed_out"):
        return s.signed_out()
    if _row(p, s.new) is None:
        return unknown(f"{s.new} is not in the list")
    return s.lacks_address(p.reading("list"), of=s.old)
