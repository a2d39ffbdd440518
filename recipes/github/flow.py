"""Automates GitHub's page "Emails": add, verify, make primary, free the backup address, remove the old address.

No live page was seen when this was written: labels and ids come from GitHub's own help texts and from public programs. Where those are
silent (the list's markup, the field for a code) several shapes are accepted, and whatever fits none of them is left to the person.
"""

from __future__ import annotations

import re
from typing import Any

from readdress.flow import NeedsPerson, Refused, Sight, Step, done, look, not_done, step, unknown

SETTINGS = "https://github.com/settings/emails"
SIGN_IN_PATHS = ("https://github.com/login", "https://github.com/session", "https://github.com/sessions/two-factor")
DEVICE = "https://github.com/sessions/verified-device"
ADD_FIELD = re.compile(r"add email address|new email address|添加.{0,4}(邮箱|邮件)", re.IGNORECASE)
# GitHub's own pages are English; the Chinese words are for a page that the person's browser translates.
ADD_BUTTON = re.compile(r"^\s*(add( email( address)?)?|添加)\s*$", re.IGNORECASE)
SAVE = re.compile(r"^\s*(save|保存)\s*$", re.IGNORECASE)
RESEND = re.compile(r"resend verification|重新发送.{0,6}验证|重发.{0,6}验证", re.IGNORECASE)
REMOVE = re.compile(r"\b(remove|delete|trash)\b|删除|移除", re.IGNORECASE)
YES = re.compile(
    r"^\s*(yes\b.*|ok|remove( email)?|delete( email)?|confirm|i understand\b.*|是|确定|确认|删除|移除)\s*$",
    re.IGNORECASE,
)
SEND_CODE = re.compile(r"^\s*((verify|confirm|submit|continue)\b|验证|确认|提交|继续)", re.IGNORECASE)
VERIFY_BUTTON = re.compile(
    r"^\s*((verify|confirm)( (my|your|this))?( e-?mail( address)?)?|验证.*|确认.*)\s*$", re.IGNORECASE
)
CONFIRM_ACCESS = re.compile(r"confirm access|sudo mode", re.IGNORECASE)
ALLOW_ALL = re.compile(r"allow all verified emails|(允许)?(所有|全部)已?验证", re.IGNORECASE)
IN_USE = re.compile(r"already in use|already verified by another", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s@<>()\[\]\"',;:]+@[^\s@<>()\[\]\"',;:]+")


# -- reading the page -----------------------------------------------------------------------------------------------------
def addresses(text: str) -> set[str]:
    """The whole addresses in a text, case folded."""
    return {found.rstrip(".").casefold() for found in ADDRESS.findall(text)}


def visible(locator: Any) -> bool:
    """Whether something of ``locator`` is shown now."""
    return bool(locator.locator("visible=true").count())


def wait_for_any(*locators: Any, seconds: float = 8.0) -> bool:
    """Wait until one of them is shown; ``False`` when none is in time."""
    either = locators[0]
    for other in locators[1:]:
        either = either.or_(other)
    try:
        either.first.wait_for(state="visible", timeout=seconds * 1000)
    except Exception:  # noqa: BLE001 - whatever the page did instead, the look decides
        return False
    return True


def rows(page: Any) -> Any:
    """The entries of the list of addresses: list items and table rows that hold an address and no field to type into."""
    entries = page.locator("li, tr, [role=listitem], [role=row]").filter(has_text=re.compile("@"))
    return entries.filter(has_not=page.locator("input[type=email], input[type=text], input:not([type])"))


def row_of(page: Any, address: str) -> Any | None:
    """The entry that is about ``address`` and no other one."""
    entries = rows(page)
    for n, text in reversed(list(enumerate(entries.all_inner_texts()))):
        if addresses(text) == {address.casefold()}:
            return entries.nth(n)
    return None


def resend_control(page: Any, s: Step) -> Any | None:
    """The control “Resend verification email” beside NEW; ``None`` when it does not stand there."""
    row = row_of(page, s.new)
    if row is None:
        return None
    control = row.get_by_role("button", name=RESEND).or_(row.get_by_role("link", name=RESEND))
    return control.first if visible(control) else None


def primary(page: Any) -> Any:
    """The drop-down "Primary email address"."""
    return (
        page.locator("select#primary_email_select")
        .or_(page.get_by_role("combobox", name="Primary email address"))
        .first
    )


def backup(page: Any) -> Any:
    """The drop-down "Backup email address"."""
    named = page.get_by_role("combobox", name=re.compile("backup email address|备用.{0,4}(邮箱|邮件)", re.IGNORECASE))
    return named.or_(page.locator("select").filter(has_text=ALLOW_ALL)).first


def chosen(select: Any) -> str:
    """What the server chose in a drop-down: its own mark, not what stands there after a click that was not saved."""
    marked = select.locator("option[selected]")
    option = marked.first if marked.count() else select.locator("option").first
    return str(option.text_content() or "").strip() if option.count() else ""


def options(select: Any) -> set[str]:
    """The addresses that a drop-down offers."""
    return addresses("\n".join(select.locator("option").all_text_contents()))


def choose(select: Any, wanted: str | re.Pattern[str]) -> bool:
    """Choose the option that is ``wanted`` (an address, or a pattern); ``False`` when it is not offered."""
    offered = select.locator("option")
    for n in range(offered.count()):
        text = str(offered.nth(n).text_content() or "")
        fits = wanted.search(text) if isinstance(wanted, re.Pattern) else addresses(text) == {wanted.casefold()}
        if fits:
            select.select_option(index=n)
            return True
    return False


def errors(page: Any) -> str:
    """What the page complains about."""
    return "\n".join(page.locator(".flash-error, .js-flash-alert, [role=alert]").all_inner_texts())


def code_field(page: Any) -> Any:
    """A field for a code that was mailed."""
    known = page.locator("#otp, input[autocomplete=one-time-code]")
    return known.or_(page.get_by_role("textbox", name=re.compile(r"\bcode\b|代码|验证码", re.IGNORECASE)))


def mail_code_asked(page: Any) -> bool:
    """Whether the page asks, while signed in, for a code that was sent by mail (reported since 2025 when an address is added)."""
    if (
        not page.url.startswith("https://github.com/")
        or signing_in(page)
        or visible(page.locator("#app_totp, input[name=app_otp]"))
    ):
        return False
    if sudo_asked(page):
        return False
    return (
        visible(code_field(page))
        and re.search(r"e-?mail|邮箱|邮件", page.locator("body").inner_text(), re.IGNORECASE) is not None
    )


def sudo_asked(page: Any) -> bool:
    """Whether the page asks to confirm access ("sudo mode"), in whatever way."""
    if visible(page.locator("#sudo_password")):
        return True
    return not visible(primary(page)) and ("sudo" in page.url or visible(page.get_by_text(CONFIRM_ACCESS)))


def signing_in(page: Any) -> bool:
    """Whether a page of the sign-in stands there."""
    return page.url.startswith((*SIGN_IN_PATHS, DEVICE)) or visible(page.locator("#login_field"))


def unready(page: Any, s: Step) -> Sight | None:
    """Why nothing can be read here: not signed in, another page, another account. ``None`` on the right page."""
    if signing_in(page):
        return s.signed_out("GitHub asks to sign in")
    if not page.url.startswith(SETTINGS) or not primary(page).count():
        return unknown("GitHub's e-mail settings are not shown")
    mark = page.locator("meta[name=user-login]")
    shown = str(mark.first.get_attribute("content") or "") if mark.count() else ""
    if s.login and "@" not in s.login and shown and shown.casefold() != s.login.casefold():
        return unknown(f"signed in as {shown}, not as {s.login}")
    return None


def held(page: Any) -> set[str]:
    """All addresses that the page shows as the account's: in the list and in the drop-down."""
    entries = rows(page)
    return addresses("\n".join(entries.all_inner_texts())) | options(primary(page))


def verified(page: Any, s: Step) -> Sight:
    """NEW is in the list, and verified. ``NOT_DONE`` only beside OLD, or beside the button that sends the mail again."""
    wrong = unready(page, s)
    if wrong:
        return wrong
    sight = s.sees_address(rows(page), of=s.new)
    if resend_control(page, s) is not None:
        return not_done(f"{s.new} is listed, still unverified")
    if sight.seen == "not_done" and s.old.casefold() not in held(page):
        return unknown(f"neither {s.old} nor {s.new} is listed: another account?")
    return sight


def is_primary(page: Any, s: Step) -> Sight:
    """NEW is listed as verified and is the primary address."""
    sight = verified(page, s)
    if sight.seen != "done":
        return sight if sight.seen == "unknown" else not_done(sight.detail)
    now = addresses(chosen(primary(page)))
    if now == {s.new.casefold()}:
        return done(f"{s.new} is the primary address")
    if len(now) == 1:
        return not_done(f"the primary address is {now.pop()}")
    return unknown("the drop-down does not show which address is primary")


def backup_is_free(page: Any, s: Step) -> Sight:
    """The backup setting names neither OLD nor NEW."""
    wrong = unready(page, s)
    if wrong:
        return wrong
    if not backup(page).count():
        return unknown("the drop-down “Backup email address” is not on the page")
    if not {s.old.casefold(), s.new.casefold()} & held(page):
        return unknown(f"neither {s.old} nor {s.new} is listed: another account?")
    now = chosen(backup(page))
    if addresses(now) & {s.old.casefold(), s.new.casefold()}:
        return not_done(f"the backup address is {now}")
    return done(f"the backup setting is “{now}”") if now else unknown("the backup setting cannot be read")


# -- acting ---------------------------------------------------------------------------------------------------------------
def enter(page: Any, s: Step) -> None:
    """Sign in with the password; a second factor, a code for a new browser and a puzzle are the person's."""
    field = page.locator("#login_field")
    if visible(field):
        field.first.fill(s.login or s.old)
        s.type_secret(page.locator("#password").first, "password")
        page.locator("input[type=submit][name=commit]").or_(
            page.get_by_role("button", name="Sign in", exact=True)
        ).first.click()
        page.wait_for_load_state("load")
        second = page.locator("#otp, #app_totp, input[name=app_otp]")
        wait_for_any(primary(page), second, page.locator(".flash-error, .js-flash-alert"), seconds=4)
    if page.url.startswith(DEVICE) or visible(page.locator("#otp")):
        puzzle = "captcha" in page.url
        raise s.hand_over(
            "GitHub does not know this browser yet: it has mailed a code to your primary and backup addresses (valid for one hour).",
            "GitHub 还不认识这个浏览器：已向您的主邮箱和备用邮箱发送代码（一小时内有效）。",
            kind="puzzle" if puzzle else "code",
        )
    if not signing_in(page) and sudo_asked(page):
        # The settings may ask for the password once more before they show anything.
        pass_sudo(page, s)
    if re.search(r"incorrect username or password", errors(page), re.IGNORECASE):
        raise Refused("GitHub did not accept the user name or the password.", reason="wrong_password")
    if signing_in(page):
        raise s.hand_over(
            "Sign in with your second factor (authenticator app, security key, passkey).",
            "请用第二重验证（身份验证器、安全密钥或通行密钥）完成登录。",
            kind="sign_in",
        )


def pass_sudo(page: Any, s: Step) -> bool:
    """Confirm access where GitHub asks for it ("sudo mode"): with the password; every other proof is the person's.

    ``True`` when something had to be confirmed, so that the caller has to look what became of its click.
    """
    field = page.locator("#sudo_password")
    if visible(field):
        s.type_secret(field.first, "password")
        page.get_by_role("button", name=SEND_CODE).first.click()
        try:
            field.first.wait_for(state="hidden", timeout=6000)
        except Exception:  # noqa: BLE001 - whatever the page did instead, the look decides
            raise Refused("GitHub did not accept the password.", reason="wrong_password") from None
        page.wait_for_load_state("load")
        return True
    if signing_in(page):
        # The session ended on the way. What became of the click is not known: the caller looks before it repeats anything.
        enter(page, s)
        return True
    if visible(page.locator("#app_totp, input[name=app_otp]")):
        raise s.hand_over(
            "GitHub asks for the code of your authenticator app. Type it, then go on below.",
            "GitHub 要求输入身份验证器应用中的代码。请输入后继续下面的操作。",
            kind="code",
        )
    if sudo_asked(page):
        raise s.hand_over(
            "GitHub asks to confirm access in a way that is yours: a passkey, a security key, GitHub Mobile, or a code that it mails to "
            "the address of your social sign-in.",
            "GitHub 要求由您本人确认身份：通行密钥、安全密钥、GitHub Mobile，或发往社交登录邮箱的代码。",
            kind="passkey",
        )
    return False


def open_settings(page: Any, s: Step) -> None:
    """Be on the page "Emails" of the right account."""
    if not page.url.startswith(SETTINGS) or not primary(page).count():
        page.goto(SETTINGS)
    if pass_sudo(page, s):
        page.goto(SETTINGS)
    wrong = unready(page, s)
    if wrong:
        raise s.hand_over(
            f"GitHub's e-mail settings are not shown: {wrong.detail}.", f"没有显示 GitHub 的邮箱设置：{wrong.detail}。"
        )


def refuse(page: Any, s: Step) -> None:
    """Turn GitHub's own error texts into a refusal."""
    text = errors(page)
    if IN_USE.search(text):
        raise Refused(
            f"GitHub refuses {s.new}: it belongs to another GitHub account.",
            reason="address_in_use",
            todo="Sign in to that account and remove the address there, or take another address; then run `migrate resume`.",
        )
    if re.search(r"error adding", text, re.IGNORECASE):
        said = " ".join(text.split())[:200]
        raise Refused(
            f"GitHub refuses {s.new}: {said}",
            reason="not_allowed",
            todo="Take another address, then run `migrate resume`.",
        )


def save(page: Any, select: Any) -> None:
    """Press "Save" in the form of that drop-down."""
    form = page.locator("form").filter(has=select)
    form.last.get_by_role("button", name=SAVE).first.click()
    page.wait_for_load_state("load")


def submit_new(page: Any, s: Step) -> None:
    """Type NEW into "Add email address" and press "Add"; wait for what comes of it."""
    button = page.get_by_role("button", name=ADD_BUTTON)
    form = page.locator("form").filter(has=button).last
    field = page.get_by_role("textbox", name=ADD_FIELD)
    if field.count() != 1:
        field = form.locator("input[type=email], input[type=text], input:not([type])")
    field.first.fill(s.new)
    (form.get_by_role("button", name=ADD_BUTTON) if form.count() else button).first.click()
    page.wait_for_load_state("load")
    listed = rows(page).filter(has_text=s.new)
    wait_for_any(
        listed,
        page.locator("#sudo_password"),
        code_field(page),
        page.locator(".flash-error, .js-flash-alert, [role=alert]"),
    )


@step
def sign_in(page: Any, s: Step) -> None:
    if not page.url.startswith(SETTINGS) and not signing_in(page):
        page.goto(SETTINGS)
    enter(page, s)


@look("sign_in")
def signed_in(page: Any, s: Step) -> Sight:
    wrong = unready(page, s)
    if wrong:
        return wrong
    if {s.old.casefold(), s.new.casefold()} & held(page):
        return done("the account that holds the address is signed in")
    return unknown(f"the account that is signed in holds neither {s.old} nor {s.new}")


@step
def open_emails(page: Any, s: Step) -> None:
    # Its only lasting trace is the mark in OLD's mailbox: from the next click on GitHub may mail a code there.
    open_settings(page, s)


@step
def add_address(page: Any, s: Step) -> None:
    open_settings(page, s)
    again = resend_control(page, s)
    if again is not None:
        # It stands there from an earlier try: adding it twice would be refused, what is missing is its mail.
        again.click()
        page.wait_for_load_state("load")
        pass_sudo(page, s)
        return
    submit_new(page, s)
    refuse(page, s)
    if pass_sudo(page, s):
        # Whether GitHub went on with what was sent before it asked is not known: look, and send it again only if it did not.
        if mail_code_asked(page):
            return
        page.goto(SETTINGS)
        if address_is_added(page, s).seen != "not_done":
            return
        submit_new(page, s)
        refuse(page, s)


@look("add_address")
def address_is_added(page: Any, s: Step) -> Sight:
    if mail_code_asked(page):
        return done("GitHub took the address and asks for a code that it mailed")
    sight = listed(page, s)
    if s.attempt == 0 and sight.seen == "done" and resend_control(page, s) is not None:
        return not_done(f"{s.new} is listed from before, and its mail was not asked for now")
    return sight


def listed(page: Any, s: Step) -> Sight:
    """NEW is in the list, verified or not."""
    wrong = unready(page, s)
    if wrong:
        return wrong
    sight = s.sees_address(rows(page), of=s.new)
    if sight.seen == "unknown" and row_of(page, s.new) is not None:
        return done(f"{s.new} is listed, not verified yet")
    if sight.seen == "not_done" and s.old.casefold() not in held(page):
        return unknown(f"neither {s.old} nor {s.new} is listed: another account?")
    return sight


@step
def confirm_old(page: Any, s: Step) -> None:
    if not mail_code_asked(page):
        raise s.hand_over(
            "GitHub's question for the code is not on the page any more. Add the address again and type the newest code.",
            "页面上已没有输入代码的位置。请重新添加邮箱，并输入最新的代码。",
            kind="code",
        )
    field = code_field(page).first
    field.fill("")
    field.press_sequentially(s.code("old_code"))
    form = page.locator("form").filter(has=field)
    button = (form.last if form.count() else page).get_by_role("button", name=SEND_CODE)
    if visible(button):
        button.first.click()
    page.wait_for_load_state("load")
    wait_for_any(rows(page).filter(has_text=s.new), page.locator(".flash-error, .js-flash-alert, [role=alert]"))
    refuse(page, s)
    if mail_code_asked(page) and errors(page):
        raise Refused("GitHub did not accept the code.", reason="wrong_code")


@look("confirm_old")
def old_code_is_over(page: Any, s: Step) -> Sight:
    if mail_code_asked(page):
        return not_done("GitHub asks for the code that it mailed")
    sight = listed(page, s)
    if sight.seen == "unknown" and unready(page, s) is None:
        # The list cannot be read, but the settings stand there and ask for nothing: the mail to NEW will tell.
        return done("GitHub asks for no code")
    return sight


@step
def verify_address(page: Any, s: Step) -> None:
    # The link counts only in the right account's session, and only once: so see to that first, on a page loaded afresh.
    page.goto(SETTINGS)
    open_settings(page, s)
    s.open_link("verify")
    page.wait_for_load_state("load")
    if signing_in(page):
        enter(page, s)  # the look tells whether the link had done its work, or still does it
        page.wait_for_load_state("load")
    if "/confirm_verification/" in page.url:
        button = page.get_by_role("button", name=VERIFY_BUTTON)
        if visible(button):
            button.first.click()
            page.wait_for_load_state("load")
    text = page.locator("body").inner_text()[:4000]
    if IN_USE.search(text):
        raise Refused(
            f"GitHub refuses to verify {s.new}: another GitHub account has verified it.",
            reason="address_in_use",
            todo="Remove the address from that account, then run `migrate resume`.",
        )
    if re.search(r"\bexpired\b", errors(page), re.IGNORECASE):
        raise Refused("GitHub says that the link has expired.", reason="expired")


@look("verify_address")
def address_is_verified(page: Any, s: Step) -> Sight:
    return verified(page, s)


@step
def set_backup(page: Any, s: Step) -> None:
    open_settings(page, s)
    if not backup(page).count() or not choose(backup(page), ALLOW_ALL):
        raise s.hand_over(
            "“Allow all verified emails” is not offered here.", "这里没有“Allow all verified emails”选项。"
        )
    save(page, backup(page))
    if pass_sudo(page, s):
        page.goto(SETTINGS)
        if backup_is_free(page, s).seen == "not_done" and choose(backup(page), ALLOW_ALL):
            save(page, backup(page))


@look("set_backup")
def backup_is_set(page: Any, s: Step) -> Sight:
    return backup_is_free(page, s)


@step
def make_primary(page: Any, s: Step) -> None:
    open_settings(page, s)
    choose_primary(page, s)
    if pass_sudo(page, s):
        page.goto(SETTINGS)
        if is_primary(page, s).seen == "not_done":
            choose_primary(page, s)


def choose_primary(page: Any, s: Step) -> None:
    """Choose NEW in the drop-down and save."""
    if not choose(primary(page), s.new):
        raise s.hand_over(
            f"{s.new} is not offered under “Primary email address”: it must be verified, and must not be the backup address.",
            f"“Primary email address”中没有 {s.new}：它必须已验证，且不能是备用邮箱。",
        )
    save(page, primary(page))


@look("make_primary")
def new_is_primary(page: Any, s: Step) -> Sight:
    return is_primary(page, s)


@look("read_back")
def read_back_primary(page: Any, s: Step) -> Sight:
    return is_primary(page, s)


@look("read_contact")
def read_back_contact(page: Any, s: Step) -> Sight:
    return is_primary(page, s)


@look("read_recovery")
def read_back_recovery(page: Any, s: Step) -> Sight:
    # Password resets go to the primary and the backup address: NEW has to be the one, OLD must not be named as the other.
    sight = is_primary(page, s)
    return backup_is_free(page, s) if sight.seen == "done" else sight


@look("final_check")
def still_primary(page: Any, s: Step) -> Sight:
    return is_primary(page, s)


@step
def open_again(page: Any, s: Step) -> None:
    # A day later: the session, or the two hours without a question, are over. What follows only looks, so this is settled first.
    page.goto(SETTINGS)
    open_settings(page, s)


@step
def remove_old(page: Any, s: Step) -> None:
    wish = s.ask(
        f"Remove {s.old} from GitHub now? Commits written with that address are no longer shown as yours, and drop out of your "
        "contributions, until you add it again (unverified is reported to be enough). Keep it as a second address if you have "
        "commits under it and nobody else can get that mailbox; remove it if somebody else could: mail to reset your password may go there.",
        f"现在从 GitHub 删除 {s.old} 吗？用该邮箱提交的 commit 将不再归到您名下，也会从贡献记录中消失，直到您重新添加它（据反映，不验证也可以）。"
        "如果您有用它提交的记录、且别人得不到该邮箱，可保留为次要邮箱；如果别人可能得到该邮箱，请删除：重置密码的邮件可能会发到那里。",
        choices=[("remove", "remove it", "删除"), ("keep", "keep it as a second address", "保留为次要邮箱")],
    )
    if wish == "keep":
        raise s.hand_over(
            f"You keep {s.old}: choose “skip this step”.", f"您选择保留 {s.old}：请选择“跳过这一步”。", kind="decision"
        )
    open_settings(page, s)
    if is_primary(page, s).seen != "done":
        raise s.hand_over(
            f"{s.new} is not seen as the primary address, so {s.old} stays.", f"{s.new} 不是主邮箱，因此保留 {s.old}。"
        )
    take_away(page, s)
    if pass_sudo(page, s):
        page.goto(SETTINGS)
        if is_primary(page, s).seen == "done" and row_of(page, s.old) is not None:
            take_away(page, s)


def take_away(page: Any, s: Step) -> None:
    """Press the trash symbol beside OLD and answer the question that follows."""
    row = row_of(page, s.old)
    if row is None:
        raise s.hand_over(f"{s.old} is not found in the list.", f"列表中找不到 {s.old}。")
    named = row.get_by_role("button", name=REMOVE).or_(row.get_by_role("link", name=REMOVE))
    trash = named if visible(named) else row.locator("button:has(svg.octicon-trash), a:has(svg.octicon-trash)")

    def answer(dialog: Any) -> None:
        if dialog.type == "confirm" and REMOVE.search(dialog.message):
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    try:
        trash.first.click()
        page.wait_for_load_state("load")
        box = page.locator("dialog[open], [role=dialog], [role=alertdialog]").filter(has_text=REMOVE)
        if wait_for_any(box, page.locator("#sudo_password"), seconds=1.5) and visible(box):
            box.last.get_by_role("button", name=YES).last.click()
            page.wait_for_load_state("load")
    finally:
        page.remove_listener("dialog", answer)
    gone = rows(page).filter(has_text=s.old)
    try:
        gone.first.wait_for(state="detached", timeout=4000)
    except Exception:  # noqa: BLE001 - whatever the page did instead, the look decides
        return  # the look decides, on a page loaded afresh


@look("remove_old")
def old_is_gone(page: Any, s: Step) -> Sight:
    wrong = unready(page, s)
    if wrong:
        return wrong
    if s.new.casefold() not in held(page):
        return unknown(f"{s.new} is not listed: another account?")
    sight = s.lacks_address(rows(page), of=s.old)
    if sight.seen == "done" and s.old.casefold() in options(primary(page)):
        return unknown(f"{s.old} is not in the list, but still offered as primary address")
    return sight


# -- by the REST API ------------------------------------------------------------------------------------------------------
LIST = "/user/emails?per_page=100"


def api_list(s: Step) -> dict[str, bool] | Sight:
    """The account's addresses, case folded, and whether each is verified; what stands in the way of knowing otherwise."""
    status, data = s.api("GET", LIST)
    if status != 200 or not isinstance(data, list) or len(data) >= 100:
        return unknown(f"the API does not give the list of addresses (status {status})")
    held = {}
    for entry in data:
        if not isinstance(entry, dict) or not isinstance(entry.get("email"), str):
            return unknown("the API gives a list of another form")
        held[entry["email"].casefold()] = entry.get("verified") is True
    return held


def api_seen(s: Step) -> dict[str, bool] | None:
    """The same for a look; ``None`` where the API does not tell, as without a token: then the page has to."""
    try:
        held = api_list(s)
    except NeedsPerson:
        return None
    return None if isinstance(held, Sight) else held


def api_refused(s: Step, status: int, data: Any) -> None:
    """Turn what the API answers instead of doing it into a refusal, or into the same step by hand."""
    said = " ".join(str(data.get("message", "") if isinstance(data, dict) else "").split())[:160]
    wrong = data.get("errors", []) if isinstance(data, dict) else []
    if status == 422 and IN_USE.search(f"{said} {wrong}"):
        raise Refused(
            f"GitHub refuses {s.new}: it belongs to another GitHub account.",
            reason="address_in_use",
            todo="Sign in to that account and remove the address there, or take another address; then run `migrate resume`.",
        )
    if status in {403, 404}:
        raise s.hand_over(
            f"The token may not do this (status {status}): it needs the scope “user”, or “Email addresses”, read and write.",
            f"该令牌没有权限（状态 {status}）：需要“user”权限，或“Email addresses”读写权限。",
        )
    raise s.hand_over(
        f"GitHub's API did not do it (status {status}{': ' + said if said else ''}).",
        f"GitHub 的 API 没有完成（状态 {status}{'：' + said if said else ''}）。",
    )


@step
def api_add(_page: Any, s: Step) -> None:
    status, data = s.api("POST", "/user/emails", {"emails": [s.new]})
    if status != 201:
        api_refused(s, status, data)


@look("api_add")
def api_lists_it(page: Any, s: Step) -> Sight:
    held = api_seen(s)
    if held is None:
        return listed(page, s)
    if s.new.casefold() in held:
        return done(f"the API lists {s.new}")
    if s.old.casefold() in held:
        return not_done(f"the API lists {s.old}, and {s.new} not")
    return unknown(f"the API lists neither {s.old} nor {s.new}: the token of another account?")


@step
def ask_mail(page: Any, s: Step) -> None:
    page.goto(SETTINGS)
    open_settings(page, s)
    if verified(page, s).seen == "done":
        return
    again = resend_control(page, s)
    if again is None:
        raise s.hand_over(
            f"“Resend verification email” is not found under {s.new}.",
            f"在 {s.new} 下找不到“Resend verification email”。",
        )
    again.click()
    page.wait_for_load_state("load")
    pass_sudo(page, s)


@step
def api_remove(_page: Any, s: Step) -> None:
    wish = s.ask(
        f"Delete {s.old} from GitHub now? Commits written with that address are no longer shown as yours until you add it again.",
        f"现在从 GitHub 删除 {s.old} 吗？用该邮箱提交的 commit 将不再归到您名下，直到您重新添加它。",
        choices=[("remove", "remove it", "删除"), ("keep", "keep it as a second address", "保留为次要邮箱")],
    )
    if wish == "keep":
        raise s.hand_over(
            f"You keep {s.old}: choose “skip this step”.", f"您选择保留 {s.old}：请选择“跳过这一步”。", kind="decision"
        )
    held = api_list(s)
    if isinstance(held, Sight) or not held.get(s.new.casefold()):
        # An address belongs to one account only: where NEW is listed as verified, it is the account whose page was read back.
        raise s.hand_over(
            f"The API does not list {s.new} as verified, so {s.old} stays.",
            f"API 未显示 {s.new} 已验证，因此保留 {s.old}。",
        )
    status, data = s.api("DELETE", "/user/emails", {"emails": [s.old]})
    if status != 204:
        api_refused(s, status, data)


@look("api_remove")
def api_lists_old_no_more(page: Any, s: Step) -> Sight:
    held = api_seen(s)
    if held is None:
        return old_is_gone(page, s)
    if s.new.casefold() not in held:
        return unknown(f"the API does not list {s.new}: the token of another account?")
    return not_done(f"the API lists {s.old}") if s.old.casefold() in held else done(f"the API lists {s.old} no more")
