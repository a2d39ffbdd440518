"""Acts and looks for forums that run Discuz! X3.4 or X3.5, in simplified and traditional Chinese.

Ids of fields end in random characters, so names are used. What the page says after “保存” proves nothing: it also says that the profile was
saved when, within five minutes of another mail, none was sent and nothing changed. Only the field with the address and the note below it
count, as the server sent them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from readdress.flow import NeedsTime, Refused, Sight, Step, Survey, done, look, not_done, step, unknown

INTERVAL = timedelta(minutes=5)  # `mailinterval` as it comes
LOCKED = timedelta(minutes=15)  # so long sign-in is locked after five failures

FORM = "form:has(input[name=emailnew])"
EMAIL = f"{FORM} input[name=emailnew]"
OLD_PASSWORD = f"{FORM} input[name=oldpassword]"
NEW_PASSWORDS = f"{FORM} input[name=newpassword], {FORM} input[name=newpassword2]"
SAVE = f"{FORM} button[name=pwdsubmit]"
# What stands beside and below the field: a row of a table in the program's own template.
NOTE = (
    f"{FORM} tr:has(input[name=emailnew]), {FORM} :has(> input[name=emailnew]), {FORM} :has(> input[name=emailnew]) + *"
)
LOGIN = "form[name=login]"
# The picture's field is put in by a script: what it is put into stands there from the beginning.
PUZZLE = "input[name=seccodeverify], input[name=secanswer], [id^=seccode_], [id^=secqaa_]"
UNBIND = "form:has(input[name=op][value=unbind])"

PARTS = {
    "form": FORM,
    "email": EMAIL,
    "note": NOTE,
    "resend": f'{FORM} a[href*="resend=1"]',  # offered only while an address waits, whatever language the page speaks
    "save": SAVE,
    "old_password": OLD_PASSWORD,
    "new_password": f"{FORM} input[name=newpassword]",
    "puzzle": f"{FORM} :is({PUZZLE})",
    "login": LOGIN,
    "login_puzzle": f"{LOGIN} :is({PUZZLE})",
    "quick_login": "#lsform",
    "login_said": "[id^=returnmessage_]",
    "said": "#messagetext",
    "user": "#um .vwmy, .vwmy",
    "unbind": UNBIND,
    "unbind_password": f"{UNBIND} input[name=newpassword1]",
    # Not every link to QQ: one to sign in with it stands on pages that say nothing about this account.
    "bind": 'a[href*="loginbind"], a:has(img[src*="qq_bind"])',
}

ANY_ADDRESS = re.compile(r"[(（]\s*([^\s()（）]+@[^\s()（）]+)\s*[)）]")
WAITS = re.compile(r"等待验证|等待驗證")
VERIFIED = re.compile(r"(?:邮箱|信箱|郵箱).{0,4}(?:验证激活|驗證啟用|驗證激活|認證啟用)")
WELCOME = re.compile(r"欢迎|歡迎|welcome", re.IGNORECASE)
TOO_MANY = re.compile(r"次数过多|次數過多|稍后再试|稍後再試|过于频繁|過於頻繁")
WRONG_PUZZLE = re.compile(r"验证码|驗證碼|验证问答|驗證問答")
QUESTION = re.compile(r"安全提问|安全提問")
BANNED = re.compile(r"被禁用|被禁止|被锁定|被鎖定|禁止访问|禁止訪問")
TO_LOG_IN = re.compile(r"先登录|先登錄|先登入|尚未登录|尚未登入")

SENT = re.compile(r"(?:确认|確認).{0,3}E-?mail.{0,3}(?:已发送|已發送|已經發送|已寄送|已送出)", re.IGNORECASE)
SAVED = re.compile(r"资料保存成功|資料保存成功|資料儲存成功")
WRONG_PASSWORD = re.compile(r"原密码不正确|原密碼不正確")
IN_USE = re.compile(r"已被注册|已被註冊|已经被注册|已經被註冊")
NOT_ALLOWED = re.compile(r"不可使用的(?:邮箱|郵箱|信箱)|(?:不允许|不允許|不能|不可|禁止|无法|無法)[^，。]{0,12}修改")
NOT_VALID = re.compile(r"地址无效|地址無效|格式不正确|格式錯誤")
NO_PASSWORD = re.compile(r"请设置新密码|請設定新密碼|請設置新密碼")
STALE = re.compile(r"(?:验证|驗證|認證)(?:链接|連結).{0,6}(?:不正确|不正確|失效|过期|過期)")
UNBOUND = re.compile(r"解除绑定成功|解除綁定成功")


# -- reading the pages ----------------------------------------------------------------------------------------------------


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _sent(address: str) -> str:
    """The field as the server filled it in: typing over it does not change the attribute."""
    quoted = address.replace("\\", "\\\\").replace('"', '\\"')
    return f'{EMAIL}[value="{quoted}" i]'


def _survey(page, s: Step) -> Survey:
    return s.survey(page, PARTS | {"old": _sent(s.old), "new": _sent(s.new)}, read=("email",))


def _form_is_whole(p: Survey) -> bool:
    """The form with the address is there down to its button: else the page may have been cut off."""
    return p.one("email") is not None and p.one("save") is not None


def _holds(p: Survey, s: Step) -> str:
    """OLD or NEW, whichever the server sent in the field and nobody typed over; ``""`` when it is neither."""
    for name, address in (("old", s.old), ("new", s.new)):
        if _form_is_whole(p) and p.has(name) and _same(p.value("email"), address):
            return address
    return ""


def _notes(p: Survey) -> str:
    """What stands beside the address and below it."""
    return "\n".join(part.text for part in p.all("note"))


def _waits(p: Survey) -> bool:
    """Whether an address waits for its link, as far as this browser was told."""
    return p.has("resend") or bool(WAITS.search(_notes(p)))


def _waiting(p: Survey) -> str:
    """The address that waits for its link, as the note below the field says; ``""`` when none is named."""
    found = ANY_ADDRESS.search(_notes(p)) if _waits(p) else None
    return found[1] if found else ""


def _said(p: Survey) -> str:
    """The program's message page; ``""`` where there is none."""
    return " ".join(p.text("said").split())[:300]


def _signed_out(p: Survey) -> bool:
    if p.has("form"):
        return False
    return p.has("login") or p.has("quick_login") or bool(TO_LOG_IN.search(_said(p)))


def _other_user(p: Survey, s: Step) -> bool:
    user = p.text("user")
    return bool(user and s.login) and "@" not in s.login and not s.login.isdigit() and not _same(user, s.login)


def _account_page(p: Survey, s: Step) -> Sight | None:
    """What keeps the settings page from being read at all; ``None`` when it is the right account's, whole."""
    if _signed_out(p):
        return s.signed_out()
    if not _form_is_whole(p):
        return unknown("the form with the address is not there, or not complete")
    if _other_user(p, s):
        return unknown(f"another user is signed in: {p.text('user')}")
    return None


def _on_file(page, s: Step) -> Sight:
    """Whether NEW is the account's address now; one that waits for its link is not."""
    p = _survey(page, s)
    trouble = _account_page(p, s)
    if trouble is not None:
        return trouble
    address = _holds(p, s)
    if not address:
        return unknown("the form shows neither address: this may be another account")
    if _same(address, s.old):
        return not_done(f"{s.old} is on file")
    if _waits(p) and _same(_waiting(p) or s.new, s.new):
        return not_done(f"{s.new} is on file, but waits for its link")
    return s.sees_address(p.reading("email"), of=s.new)


# -- signing in -----------------------------------------------------------------------------------------------------------


def _name(s: Step) -> str:
    if s.login and "@" not in s.login:
        return s.login
    return s.ask("What is your user name at this forum (not the address)?", "您在该论坛的用户名是什么（不是邮箱）？")


def _puzzle(s: Step, where_en: str, where_zh: str):
    return s.hand_over(
        f"A picture with characters, or a question, stands in {where_en}. The rest is filled in: type the answer and press the button.",
        f"{where_zh}中有验证码或验证问答。其余已填好：请输入答案并点击按钮。",
        kind="puzzle",
    )


def _campus_sign_in(page, s: Step) -> None:
    """The sign-in window of 清水河畔's new front. Its captcha is hidden in the button, so the person presses it."""
    page.get_by_label("河畔用户名").fill(_name(s))
    s.type_secret(page.get_by_label("河畔密码"), "password")
    keep = page.locator("input[name=keep_signed_in]")
    if keep.count():
        keep.check()
    raise _puzzle(s, "the sign-in window", "登录窗口")


def _no_form(p: Survey, s: Step):
    """No form for the address: a closed forum and an account in review say why, another template says nothing."""
    said = _said(p)
    if said:
        return s.hand_over(
            f"The forum shows no form for the address, but says: {said}", f"论坛没有显示更改邮箱的表单，提示：{said}"
        )
    return s.hand_over(
        "The page does not show the form for the address as it is known.",
        "页面上没有已知样式的更改邮箱表单。",
        kind="page_changed",
    )


def _wait_until(period: timedelta) -> datetime:
    return datetime.now(UTC) + period


def _login_answer(page, s: Step, before: str) -> Survey:
    """What came of the sign-in form, which sends itself by script: it is gone, or something else than before stands above it."""
    other = re.compile(rf"^(?!\s*{re.escape(before)}\s*$)\s*\S")
    told = page.locator(PARTS["login_said"]).filter(has_text=other)
    told.or_(page.locator(f"body:not(:has({LOGIN}))")).first.wait_for(state="attached", timeout=15_000)
    page.wait_for_load_state("domcontentloaded")
    return _survey(page, s)


@step
def sign_in(page, s: Step):
    p = _survey(page, s)
    if p.has("form"):
        raise s.hand_over(
            "This browser is signed in to this forum as another user; log out there first (退出).",
            "此浏览器已用其他用户登录该论坛；请先退出。",
        )
    if p.has("said") and p.has("user") and not _signed_out(p):
        raise _no_form(p, s)
    page.goto(
        f"{s.site}/member.php?mod=logging&action=login"
    )  # its own page: elsewhere a message may stand beside the form
    p = _survey(page, s)
    if not p.has("login") and page.get_by_label("河畔用户名").count():
        _campus_sign_in(page, s)
    if p.one("login") is None:
        raise s.hand_over(
            "The page does not show the sign-in form as it is known.", "页面上没有已知样式的登录表单。", kind="sign_in"
        )
    form = page.locator(LOGIN)
    form.locator("input[name=username]").fill(_name(s))
    s.type_secret(form.locator("input[name=password]"), "password")
    keep = form.locator("input[name=cookietime]")
    if keep.count() == 1 and keep.is_visible():
        keep.check()
    if p.has("login_puzzle"):
        raise _puzzle(s, "the sign-in form", "登录表单")
    before = p.text("login_said")
    form.locator("button[name=loginsubmit]").click()
    p = _login_answer(page, s, before)
    if p.has("user"):
        return
    said = " ".join((_said(p) or p.text("login_said")).split())[:200]
    if said and not WELCOME.search(said):
        _no_entry(s, said)
    # Signed in: the message leads on by itself, but only after some seconds.
    page.goto(f"{s.site}/home.php?mod=spacecp&ac=profile&op=password")


def _no_entry(s: Step, said: str) -> None:
    """Everything that the sign-in form answers but its welcome is a no. Each failure counts, so that nothing is tried twice."""
    if WRONG_PUZZLE.search(said):
        raise _puzzle(s, "the sign-in form", "登录表单")
    if TOO_MANY.search(said):
        raise NeedsTime(
            f"After five failures the forum takes no sign-in for 15 minutes: {said}",
            until=_wait_until(LOCKED),
            todo="Make sure of your password meanwhile; `migrate resume` goes on.",
        )
    if QUESTION.search(said):
        raise s.hand_over(
            "The forum asks for your security question (安全提问) besides.",
            "论坛还要求回答安全提问。",
            kind="sign_in",
        )
    if BANNED.search(said):
        raise Refused(f"The forum does not let this account in: {said}", reason="account_locked")
    raise Refused(f"The forum did not accept the user name or the password: {said}", reason="wrong_password")


@look("sign_in")
def is_signed_in(page, s: Step):
    p = _survey(page, s)
    user = p.text("user")
    known = user if s.login and _same(user, s.login) else ""
    if known and not p.has("form"):
        return done(f"signed in as {user}", login=user)  # on another page of the forum, as after signing in by hand
    trouble = _account_page(p, s)
    if trouble is not None:
        return trouble
    address = _holds(p, s)
    if known or address:
        return done(f"signed in as {user}" if user else f"signed in, {address} is on file", login=user)
    return unknown("signed in, but the form shows another address")


# -- a password of its own ------------------------------------------------------------------------------------------------


@step
def set_password(page, s: Step):
    """Nothing to do for nearly everybody. A password is the person's to choose, so it is never set here."""
    page.locator(SAVE).wait_for(state="attached", timeout=5_000)  # a form that comes late is no reason to ask anybody
    if not _survey(page, s).has("old_password"):
        raise s.hand_over(
            "The form does not ask for a present password: this account was made by QQ, and needs a password of its own.",
            "表单没有要求旧密码：此账号由 QQ 创建，需要先设置自己的密码。",
        )


@look("set_password")
def has_password(page, s: Step):
    p = _survey(page, s)
    trouble = _account_page(p, s)
    if trouble is not None:
        return trouble
    if p.has("old_password"):
        return done("the forum asks for the present password, so there is one")
    if p.has("new_password"):
        return not_done("the forum asks for no present password: QQ made this account")
    return unknown("the form has no fields for passwords")


# -- changing -------------------------------------------------------------------------------------------------------------


def _answer(page, s: Step) -> None:
    """What the forum says to the form. Only “sent” lets the step go on by itself; the look decides in any case."""
    said = _said(_survey(page, s))
    if not said or SENT.search(said):
        return
    if SAVED.search(said):
        _not_sent(s, said)
    if WRONG_PUZZLE.search(said):
        raise _puzzle(s, "the form (go back to it)", "该表单（请返回表单）")
    if WRONG_PASSWORD.search(said):
        raise Refused(f"The forum did not accept the password: {said}", reason="wrong_password")
    if IN_USE.search(said):
        raise Refused(f"The address belongs to another account of this forum: {said}", reason="address_in_use")
    if NOT_ALLOWED.search(said):
        raise Refused(f"This forum does not allow it: {said}", reason="not_allowed")
    if NOT_VALID.search(said):
        raise Refused(f"The forum does not take the address: {said}", reason="other")
    if NO_PASSWORD.search(said):
        raise s.hand_over("The forum wants a new password to be set first.", "论坛要求先设置新密码。")


def _not_sent(s: Step, said: str) -> None:
    """“Saved” is the answer when no mail was sent and nothing changed: less than `mailinterval` has passed since another mail."""
    if s.attempt <= 3:
        raise NeedsTime(
            f"The forum sent no mail and changed nothing, as within five minutes of another mail: {said}",
            until=_wait_until(INTERVAL),
            todo="Wait five minutes, then run `migrate resume`.",
        )
    # This forum may have set it otherwise: somebody has to find out.
    raise s.hand_over(
        "The forum says 个人资料保存成功 again, which means that it sent no mail and changed nothing. It may want more than five minutes "
        "between two mails: do it again later.",
        "论坛再次提示“个人资料保存成功”，这表示没有发信、也没有任何更改。该论坛要求的间隔可能超过五分钟：请稍后再做一次。",
    )


@step
def change_address(page, s: Step):
    p = _survey(page, s)
    if not _form_is_whole(p):
        raise _no_form(p, s)
    if not p.has("old_password"):
        raise s.hand_over(
            "The form does not ask for a password: this account was made by QQ. Set a password first, on this page, and only then the address.",
            "表单没有要求旧密码：此账号由 QQ 创建。请先在本页设置密码，再更改邮箱。",
        )
    s.type_secret(page.locator(OLD_PASSWORD), "password")
    page.locator(EMAIL).fill(s.new)
    for field in page.locator(NEW_PASSWORDS).all():
        field.fill("")  # a browser may have filled it in: that would change the password
    if p.has("puzzle"):
        raise _puzzle(s, "the form", "表单")
    with page.expect_navigation(timeout=20_000):
        page.locator(SAVE).click()
    _answer(page, s)


@look("change_address")
def change_waits(page, s: Step):
    """Whether NEW waits for its link.

    The note rests on what this browser was told. That nothing waits is believed where the page calls OLD verified, which it does only then;
    of another address that waits, or a note in another language, nothing follows: then the mail shows whether it was sent.
    """
    p = _survey(page, s)
    trouble = _account_page(p, s)
    if trouble is not None:
        return trouble
    if not _same(_holds(p, s), s.old):
        return _on_file(page, s)
    if _same(_waiting(p), s.new):
        return done(f"{s.new} waits for its link")
    if VERIFIED.search(_notes(p)) and not _waits(p):
        return not_done(f"{s.old} is on file, and no other address waits for its link")
    return unknown(f"{s.old} is on file, and the page does not say whether {s.new} waits")


@step
def confirm_address(page, s: Step):
    s.open_link("verify")
    said = _said(_survey(page, s))
    if STALE.search(said):
        page.goto(f"{s.site}/home.php?mod=spacecp&ac=profile&op=password")
        if _same(_holds(_survey(page, s), s), s.new):
            return  # It works once: somebody has opened it before.
        raise Refused(f"The forum says that the link does not work any more: {said}", reason="expired")
    if IN_USE.search(said):
        raise Refused(f"The address belongs to another account of this forum by now: {said}", reason="address_in_use")


@look("confirm_address")
def address_has_changed(page, s: Step):
    return _on_file(page, s)


@look("read_back_sign_in")
def new_signs_in(page, s: Step):
    return _on_file(page, s)


@look("read_back_recovery")
def new_recovers(page, s: Step):
    return _on_file(page, s)


@look("read_back_contact")
def new_is_written_to(page, s: Step):
    return _on_file(page, s)


# -- QQ -------------------------------------------------------------------------------------------------------------------


def _qq(page, s: Step) -> Sight:
    """Whether a QQ number still opens this account: the form that unbinds it, or the offer to bind one."""
    p = _survey(page, s)
    if UNBOUND.search(_said(p)):
        return done("the forum says that QQ is unbound")
    if _signed_out(p):
        return s.signed_out()
    if _other_user(p, s):
        return unknown(f"another user is signed in: {p.text('user')}")
    if p.has("unbind"):
        return not_done("a QQ number is still bound")
    if p.has("bind"):
        return done("no QQ number is bound: the forum offers to bind one")
    return unknown("the page does not show whether QQ is bound")


@step
def unbind_qq(page, s: Step):
    p = _survey(page, s)
    if p.one("unbind") is None:
        raise s.hand_over(
            "The page does not show the form that unbinds QQ.", "页面上没有解除 QQ 绑定的表单。", kind="page_changed"
        )
    if p.has("unbind_password"):
        raise s.hand_over(
            "This account has no password of its own yet: type one of your choice twice in this form, keep it, and press the button.",
            "此账号还没有自己的密码：请在此表单中两次输入您自选的密码，记好后点击按钮。",
        )
    button = page.locator(f"{UNBIND} button[name=connectsubmit]")
    if not button.is_visible():
        page.locator('a[onclick*="unbind"]').first.click()
    with page.expect_navigation(timeout=20_000):
        button.click()


@look("unbind_qq")
def qq_is_unbound(page, s: Step):
    return _qq(page, s)


@look("read_unbound")
def qq_stays_unbound(page, s: Step):
    return _qq(page, s)
