"""Acts and looks for forums that run Discuz! X3.4 or X3.5, in simplified and traditional Chinese.

Ids of fields end in random characters, so names are used. What the page says after “保存” proves nothing: it also says that the profile was
saved when, within five minutes of another mail, none was sent and nothing changed. Only the field with the address and the note below it
count, as the server sent them.
"""

from __future__ import annotations

import re

from readdress.flow import Refused, Sight, Step, done, look, not_done, step, unknown

FORM = "form:has(input[name=emailnew])"
EMAIL = f"{FORM} input[name=emailnew]"
OLD_PASSWORD = f"{FORM} input[name=oldpassword]"
NEW_PASSWORDS = f"{FORM} input[name=newpassword], {FORM} input[name=newpassword2]"
SAVE = f"{FORM} button[name=pwdsubmit]"
LOGIN = "form[name=login]"
QUICK_LOGIN = "#lsform"
SAID = "#messagetext"
LOGIN_SAID = "[id^=returnmessage_], #messagetext"
# The picture's field is put in by a script: what it is put into stands there from the beginning.
PUZZLE = "input[name=seccodeverify], input[name=secanswer], [id^=seccode_], [id^=secqaa_]"
USER = "#um .vwmy, .vwmy"
UNBIND = "form:has(input[name=op][value=unbind])"
BIND = 'a[href*="connect.php"][href*="login"], a[href*="loginbind"], a:has(img[src*="qq_bind"])'

WAITS_FOR = re.compile(r"[(（]\s*([^\s()（）]+@[^\s()（）]+)\s*[)）]\s*(?:等待验证|等待驗證)")
WAITS = re.compile(r"等待验证中|等待驗證中")
LOGIN_FAILED = re.compile(r"失败|失敗|错误|錯誤|不正确|不正確|抱歉|次数过多|次數過多|密码空|請輸入|请输入")
TOO_MANY = re.compile(r"次数过多|次數過多|稍后再试|稍後再試|过于频繁|過於頻繁")
WRONG_PUZZLE = re.compile(r"验证码|驗證碼|验证问答|驗證問答")
QUESTION = re.compile(r"安全提问|安全提問")
TO_LOG_IN = re.compile(r"先登录|先登錄|先登入|尚未登录|尚未登入")

SENT = re.compile(r"(?:确认|確認).{0,3}E-?mail.{0,3}(?:已发送|已發送|已經發送)", re.IGNORECASE)
SAVED = re.compile(r"资料保存成功|資料保存成功|資料儲存成功")
WRONG_PASSWORD = re.compile(r"原密码不正确|原密碼不正確")
IN_USE = re.compile(r"已被注册|已被註冊|已经被注册|已經被註冊")
NOT_ALLOWED = re.compile(
    r"不可使用的邮箱域名|不可使用的信箱|不允许修改|不允許修改|不能修改|不可修改|禁止修改|无法修改|無法修改"
)
NOT_VALID = re.compile(r"地址无效|地址無效|格式不正确|格式錯誤")
NO_PASSWORD = re.compile(r"请设置新密码|請設定新密碼|請設置新密碼")
STALE = re.compile(r"验证链接不正确|驗證連結不正確|验证链接.{0,6}(?:失效|过期)")
UNBOUND = re.compile(r"解除绑定成功|解除綁定成功")


# -- reading the pages ----------------------------------------------------------------------------------------------------


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _form_is_whole(page) -> bool:
    """The form with the address is there down to its button: else the page may have been cut off."""
    return page.locator(EMAIL).count() == 1 and page.locator(SAVE).count() == 1


def _stored(page) -> str:
    """The address that the server sent in the field, and nobody typed over; ``""`` when that is not to be seen."""
    if not _form_is_whole(page):
        return ""
    sent = page.locator(EMAIL).get_attribute("value", timeout=2_000) or ""
    return sent.strip() if _same(page.locator(EMAIL).input_value(timeout=2_000), sent) else ""


def _notes(page) -> str:
    """What stands in the form: the note about the address among it."""
    return page.locator(FORM).inner_text(timeout=2_000)


def _waiting(page) -> str:
    """The address that waits for its link, as the note below the field says; ``""`` when none is named."""
    found = WAITS_FOR.search(_notes(page))
    return found[1] if found else ""


def _user(page) -> str:
    """Who is signed in, as the head of the page says; ``""`` when it says nothing."""
    shown = page.locator(USER)
    return shown.first.inner_text(timeout=2_000).strip() if shown.count() else ""


def _said(page) -> str:
    """The program's message page; ``""`` where there is none."""
    shown = page.locator(SAID)
    return " ".join(shown.first.inner_text(timeout=2_000).split())[:300] if shown.count() else ""


def _signed_out(page) -> bool:
    if page.locator(FORM).count():
        return False
    return page.locator(f"{LOGIN}, {QUICK_LOGIN}").count() > 0 or bool(TO_LOG_IN.search(_said(page)))


def _other_user(page, s: Step) -> bool:
    user = _user(page)
    return bool(user and s.login) and "@" not in s.login and not s.login.isdigit() and not _same(user, s.login)


def _account_page(page, s: Step) -> Sight | None:
    """What keeps the settings page from being read at all; ``None`` when it is the right account's, whole."""
    if _signed_out(page):
        return s.signed_out()
    if not _form_is_whole(page):
        return unknown("the form with the address is not there, or not complete")
    if _other_user(page, s):
        return unknown(f"another user is signed in: {_user(page)}")
    return None


def _on_file(page, s: Step) -> Sight:
    """Whether NEW is the account's address now; one that waits for its link is not."""
    trouble = _account_page(page, s)
    if trouble is not None:
        return trouble
    address = _stored(page)
    if _same(address, s.new):
        if WAITS.search(_notes(page)):
            return not_done(f"{s.new} is on file, but waits for its link")
        return s.sees_address(page.locator(EMAIL), of=s.new)
    if _same(address, s.old):
        waiting = _waiting(page)
        if _same(waiting, s.new):
            return not_done(f"{s.old} is on file; {s.new} waits for its link")
        return not_done(f"{s.old} is on file")
    return unknown("the form shows neither address: this may be another account")


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


@step
def sign_in(page, s: Step):
    if page.locator(FORM).count():
        raise s.hand_over(
            "This browser is signed in to this forum as another user; log out there first (退出).",
            "此浏览器已用其他用户登录该论坛；请先退出。",
        )
    page.goto(
        f"{s.site}/member.php?mod=logging&action=login"
    )  # its own page: elsewhere a message may stand beside the form
    if not page.locator(LOGIN).count() and page.get_by_label("河畔用户名").count():
        _campus_sign_in(page, s)
    form = page.locator(LOGIN)
    if form.count() != 1:
        raise s.hand_over(
            "The page does not show the sign-in form as it is known.", "页面上没有已知样式的登录表单。", kind="sign_in"
        )
    form.locator("input[name=username]").fill(_name(s))
    s.type_secret(form.locator("input[name=password]"), "password")
    keep = form.locator("input[name=cookietime]")
    if keep.count() == 1 and keep.is_visible():
        keep.check()
    if form.locator(PUZZLE).count():
        raise _puzzle(s, "the sign-in form", "登录表单")
    form.locator("button[name=loginsubmit]").click()
    # The form sends itself by script: either it is gone then, or a message stands beside it.
    failed = page.locator(LOGIN_SAID).filter(has_text=LOGIN_FAILED)
    failed.or_(page.locator(f"body:not(:has({LOGIN}))")).first.wait_for(state="attached", timeout=15_000)
    if failed.count():
        said = " ".join(failed.first.inner_text(timeout=2_000).split())[:200]
        if WRONG_PUZZLE.search(said):
            raise _puzzle(s, "the sign-in form", "登录表单")
        if TOO_MANY.search(said):
            raise Refused(f"The forum wants you to wait, 15 minutes as it comes: {said}", reason="limit")
        if QUESTION.search(said):
            raise s.hand_over(
                "The forum asks for your security question (安全提问) besides.",
                "论坛还要求回答安全提问。",
                kind="sign_in",
            )
        raise Refused(f"The forum did not accept the user name or the password: {said}", reason="wrong_password")


@look("sign_in")
def is_signed_in(page, s: Step):
    user = _user(page)
    known = user if s.login and _same(user, s.login) else ""
    if known and not page.locator(FORM).count():
        return done(f"signed in as {user}", login=user)  # on another page of the forum, as after signing in by hand
    trouble = _account_page(page, s)
    if trouble is not None:
        return trouble
    address = _stored(page)
    if known or _same(address, s.old) or _same(address, s.new):
        return done(f"signed in as {user}" if user else f"signed in, {address} is on file", login=user)
    return unknown("signed in, but the form shows another address")


# -- a password of its own ------------------------------------------------------------------------------------------------


@look("set_password")
def has_password(page, s: Step):
    trouble = _account_page(page, s)
    if trouble is not None:
        return trouble
    if page.locator(OLD_PASSWORD).count():
        return done("the forum asks for the present password, so there is one")
    if page.locator(f"{FORM} input[name=newpassword]").count():
        return not_done("the forum asks for no present password: QQ made this account")
    return unknown("the form has no fields for passwords")


# -- changing -------------------------------------------------------------------------------------------------------------


def _answer(page, s: Step) -> None:
    """What the forum says to the form. Only “sent” lets the step go on by itself; the look decides in any case."""
    said = _said(page)
    if not said or SENT.search(said):
        return
    if SAVED.search(said):
        raise s.hand_over(
            "The forum says 个人资料保存成功, which means that it sent no mail and changed nothing: within five minutes of another mail it "
            "sends none. Wait five minutes, then do it again.",
            "论坛提示“个人资料保存成功”，这表示没有发信、也没有任何更改：距上一封邮件不足五分钟时不会再发。请等五分钟后再做一次。",
        )
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
    if TO_LOG_IN.search(said):
        return  # the look sees it, and signs in again


@step
def change_address(page, s: Step):
    if not _form_is_whole(page):
        raise s.hand_over(
            "The page does not show the form for the address as it is known.",
            "页面上没有已知样式的更改邮箱表单。",
            kind="page_changed",
        )
    if not page.locator(OLD_PASSWORD).count():
        raise s.hand_over(
            "The form does not ask for a password: this account was made by QQ. Set a password first, on this page, and only then the address.",
            "表单没有要求旧密码：此账号由 QQ 创建。请先在本页设置密码，再更改邮箱。",
        )
    s.type_secret(page.locator(OLD_PASSWORD), "password")
    page.locator(EMAIL).fill(s.new)
    for field in page.locator(NEW_PASSWORDS).all():
        field.fill("")  # a browser may have filled it in: that would change the password
    if page.locator(f"{FORM} :is({PUZZLE})").count():
        raise _puzzle(s, "the form", "表单")
    with page.expect_navigation(timeout=20_000):
        page.locator(SAVE).click()
    _answer(page, s)


@look("change_address")
def change_waits(page, s: Step):
    trouble = _account_page(page, s)
    if trouble is not None:
        return trouble
    if _same(_stored(page), s.old) and _same(_waiting(page), s.new):
        return done(f"{s.new} waits for its link")
    return _on_file(page, s)


@step
def confirm_address(page, s: Step):
    s.open_link("verify")
    said = _said(page)
    if STALE.search(said):
        page.goto(f"{s.site}/home.php?mod=spacecp&ac=profile&op=password")
        if _same(_stored(page), s.new):
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
    if UNBOUND.search(_said(page)):
        return done("the forum says that QQ is unbound")
    if page.locator(UNBIND).count():
        return unknown("another user is signed in") if _other_user(page, s) else not_done("a QQ number is still bound")
    if _signed_out(page):
        return s.signed_out()
    if page.locator(BIND).count() and not _other_user(page, s):
        return done("no QQ number is bound: the forum offers to bind one")
    return unknown("the page does not show whether QQ is bound")


@step
def unbind_qq(page, s: Step):
    form = page.locator(UNBIND)
    if form.count() != 1:
        raise s.hand_over(
            "The page does not show the form that unbinds QQ.", "页面上没有解除 QQ 绑定的表单。", kind="page_changed"
        )
    if form.locator("input[name=newpassword1]").count():
        raise s.hand_over(
            "This account has no password of its own yet: type one of your choice twice in this form, keep it, and press the button.",
            "此账号还没有自己的密码：请在此表单中两次输入您自选的密码，记好后点击按钮。",
        )
    button = form.locator("button[name=connectsubmit]")
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
