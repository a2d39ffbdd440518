"""Automates a personal Microsoft account: alias, security info, primary alias, and taking the old address away.

No live page was seen when this was written. Ids and words come from Microsoft's help texts and public programs; for the new and the old
pages both are tried, and whatever fits none of them (puzzles, passkeys, number matching, unknown pages) is left to the person.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from readdress.flow import NeedsTime, Refused, Sight, Step, done, look, not_done, step, unknown

NAMES = "https://account.live.com/names/manage"
ADD_ALIAS = "https://account.live.com/AddAssocId?ru=&cru=&fl="
PROOFS = "https://account.live.com/proofs/manage"
ADD_PROOF = "https://account.live.com/proofs/Add"
LOGIN_HOSTS = ("https://login.live.com/", "https://login.microsoftonline.com/")

USER = "#usernameEntry, #i0116, input[name=loginfmt]"
SECRET = "#passwordEntry, [data-testid=passwordEntry], #i0118, input[name=passwd]"
NEXT = "[data-testid=primaryButton], #idSIButton9"
CODE = "#iOttText, #idTxtBx_SAOTCC_OTC, input[name=otc], input[autocomplete=one-time-code]"
CODE_BOXES = "[data-testid=codeEntry]"
SEND_CODE = "#iNext, #iVerifyCodeAction, #idSubmit_SAOTCC_Continue, [data-testid=primaryButton]"
CHECK = "#idDiv_SAOTCS_Proofs, #iProof0, #iProofEmail, #idTxtBx_SAOTCC_OTC, #idTxtBx_SAOTCS_ProofConfirmation, #iVerifyCodeAction"
MASKED_FIELD = (
    "#proof-confirmation-email-input, [data-testid=proof-confirmation], #idTxtBx_SAOTCS_ProofConfirmation, #iProofEmail"
)
SEND_PROOF = "#idSubmit_SAOTCS_SendCode, #iSelectProofAction, [data-testid=primaryButton]"
STAY = "[data-testid=kmsiVideo], #KmsiCheckboxField"
NAG = "[data-testid=biometricVideo], [data-testid=registrationImg]"

NEUTRAL = re.compile(
    r"^\s*(no|no thanks|not now|skip|skip for now|maybe later|否|不了|暂时跳过|跳过|以后再说)\s*$", re.IGNORECASE
)
EXISTING = re.compile(r"existing email address|现有(的)?(电子)?邮|已有(的)?(电子)?邮", re.IGNORECASE)
ADD_BUTTON = re.compile(r"^\s*(add alias|添加别名)\s*$", re.IGNORECASE)
VERIFY = re.compile(r"^\s*(verify\b|验证)", re.IGNORECASE)
SEND_MAIL = re.compile(r"send.{0,12}(verification|email)|发送.{0,6}(验证|邮件)", re.IGNORECASE)
MAKE_PRIMARY = re.compile(r"make primary|set as primary|设为主|设置为主", re.IGNORECASE)
PRIMARY = re.compile(r"primary( alias)?|主别名|主要别名|主邮箱", re.IGNORECASE)
PRIMARY_LINE = re.compile(r"\s*\(?\s*(primary alias|主别名|主要别名)\s*\)?\s*:?\s*", re.IGNORECASE)
REMOVE = re.compile(r"^\s*(remove|delete|删除|移除)", re.IGNORECASE)
UNFOLD = re.compile(r"^\s*(manage|expand|show more|details|管理|展开|详细)", re.IGNORECASE)
TAKES_AWAY = re.compile(r"remove|delete|删除|移除", re.IGNORECASE)
YES = re.compile(
    r"^\s*(yes|ok|remove|delete|make primary|confirm|continue|next|是|确定|确认|删除|移除|设为主.*)\s*$", re.IGNORECASE
)
MAIL_OPTION = re.compile(r"email a code|alternate email|email address|电子邮件|邮箱|用邮件接收", re.IGNORECASE)
TAKEN = re.compile(
    r"already|(another|different|other) (microsoft |personal |work or school )*account|is(n't| not) available|taken|work or school|工作或学校|已(经)?(被|与|关联|使用|存在)",
    re.IGNORECASE,
)
LIMIT = re.compile(
    r"limit how|next week|this week|too many|reached the (limit|maximum)|每周|下周|上限|次数过多", re.IGNORECASE
)
WEEKLY = re.compile(r"\bweek|周", re.IGNORECASE)
YEARLY = re.compile(r"\b(a|per|this|each) year\b|yearly|每年|一年内|今年", re.IGNORECASE)
PENDING = re.compile(
    r"security info (change|replacement)? ?(is )?(still )?pending|安全信息.{0,8}(待|挂起|正在)", re.IGNORECASE
)
WRONG_CODE = re.compile(
    r"code.{0,30}(didn.t work|incorrect|not (valid|right|correct)|wrong|expired)|代码.{0,10}(不正确|错误|无效)",
    re.IGNORECASE,
)
WRONG_PASSWORD = re.compile(
    r"password.{0,20}(incorrect|wrong)|incorrect.{0,20}password|密码.{0,6}(不正确|错误)", re.IGNORECASE
)
SECURITY_INFO = re.compile(
    r"security (info|options|basics)|recovery code|two-step verification|ways to (prove|sign in|verify)|email a code"
    r"|安全(信息|选项)|(验证|证明).{0,6}身份的方式|恢复代码|(双|两)(重|步)验证",
    re.IGNORECASE,
)
OTHER_PROOF = re.compile(r"authenticator|身份验证器|(?:\*{2,}|•{2,})\s*\d{2,4}\b|\+\d[\d *•-]{6,}", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s@<>()\[\]\"',;:]+@[^\s@<>()\[\]\"',;:]+")
MASKED = re.compile(r"[^\s@<>()\"',;:]*[*•][^\s@<>()\"',;:]*@[^\s@<>()\"',;:]+")


# -- reading the page -----------------------------------------------------------------------------------------------------
def visible(locator: Any) -> bool:
    """Whether something of ``locator`` is shown now."""
    return bool(locator.locator("visible=true").count())


def first_shown(locator: Any) -> Any | None:
    """The first part of ``locator`` that is shown."""
    shown = locator.locator("visible=true")
    return shown.first if shown.count() else None


def wait_for_any(*locators: Any, seconds: float = 8.0) -> bool:
    """Wait until one of them is shown; ``False`` when none is in time."""
    either = locators[0]
    for other in locators[1:]:
        either = either.or_(other)
    try:
        either.locator("visible=true").first.wait_for(state="visible", timeout=seconds * 1000)
    except Exception:  # noqa: BLE001 - whatever the page did instead, the look decides
        return False
    return True


def at(page: Any, base: str) -> bool:
    """Whether the page's path is that of ``base``, in any case of letters."""
    return str(page.url).split("?")[0].casefold().startswith(base.split("?", maxsplit=1)[0].casefold())


def region(page: Any) -> Any:
    """The page's main part, or all of it where none is marked."""
    main = page.locator("main, [role=main]")
    return main.first if main.count() == 1 else page.locator("body")


def errors(page: Any) -> str:
    """What the page complains about."""
    shown = page.locator("[role=alert], [id$=Error], [id$=error]").locator("visible=true")
    return "\n".join(shown.all_inner_texts())


def controls(page: Any, name: re.Pattern[str]) -> Any:
    """Links, buttons and folds of that name."""
    named = page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name))
    return named.or_(page.locator("summary").filter(has_text=name))


def addresses(text: str) -> set[str]:
    """The whole addresses in a text, case folded."""
    return {found.rstrip(".").casefold() for found in ADDRESS.findall(text)}


def entries(page: Any) -> dict[str, str]:
    """The addresses that stand as lines of their own, each with the lines that belong to it; messages are left out."""
    told = "\n".join(page.locator("[role=alert], [role=status]").all_inner_texts())
    found: dict[str, str] = {}
    current, before = "", ""
    for line in region(page).inner_text().splitlines():
        text = line.strip()
        if not text or (text in told and "@" in text):
            continue
        named = addresses(text)
        rest = re.sub(r"\S*@\S*", " ", text)
        if len(named) == 1 and len(re.findall(r"[^\W\d_]+", rest)) <= 6:
            current = named.pop()
            heading = before if PRIMARY_LINE.fullmatch(before) and not found else ""
            found[current] = f"{found.get(current, '')}\n{heading}\n{text}"
        elif named:
            current = ""
        elif current:
            found[current] += f"\n{text}"
        before = text
    return found


def control_of(page: Any, address: str, name: re.Pattern[str]) -> Any | None:
    """The link or button of that name that belongs to ``address``: by its own mark, or as the innermost box with that address only."""
    wanted = controls(page, name)
    if not wanted.count():
        return None
    if re.fullmatch(r"[\w.+@-]+", address):
        named = first_shown(wanted.and_(page.locator(f'[name="{address}" i], [data-display="{address}" i]')))
        if named is not None:
            return named
    boxes = (
        region(page).locator("li, tr, [role=row], [role=listitem], div, p").filter(has_text=address).filter(has=wanted)
    )
    for n, text in reversed(list(enumerate(boxes.all_inner_texts()))):
        if addresses(text) == {address.casefold()}:
            return first_shown(controls(boxes.nth(n), name))
    return None


# -- which page is this ---------------------------------------------------------------------------------------------------
def signing_in(page: Any) -> bool:
    """Whether a page of the sign-in stands there."""
    return str(page.url).startswith(LOGIN_HOSTS) or visible(page.locator(USER)) or visible(page.locator(SECRET))


def checking(page: Any) -> bool:
    """Whether Microsoft asks who it is: a code to a known address or phone, before the page that was wanted."""
    if not str(page.url).startswith("https://account.live.com/"):
        return False
    path = str(page.url).split("?")[0].casefold()
    return (
        path.endswith(("/identity/confirm", "/proofs/verify"))
        or visible(page.locator(CHECK))
        or visible(page.locator(MASKED_FIELD))
    )


def held_back(page: Any) -> None:
    """Stop where Microsoft has closed the account, or keeps it waiting."""
    if visible(page.locator("#serviceAbuseLandingTitle")):
        raise Refused(
            "Microsoft has locked this account.",
            reason="account_locked",
            todo="Follow what its page says, in your own browser; `migrate resume` when it is open again.",
        )
    if PENDING.search(page.locator("body").inner_text()[:6000]):
        raise NeedsTime(
            "Microsoft keeps this account waiting: its security info is being replaced, which takes 30 days and cannot be hurried.",
            until=datetime.now(UTC) + timedelta(days=30),
            todo="If you did not ask for that, or hold the old proof again, open https://account.microsoft.com/security and cancel it.",
        )


def unready(page: Any, s: Step, base: str) -> Sight | None:
    """Why nothing can be read here; ``None`` on the right page."""
    if signing_in(page):
        return s.signed_out("Microsoft asks to sign in")
    if visible(page.locator("#serviceAbuseLandingTitle")):
        return unknown("Microsoft has locked this account")
    if checking(page):
        return unknown("Microsoft asks for an identity check first")
    if not at(page, base):
        return unknown("another page stands there")
    if base == NAMES:
        marks = page.locator("#idAddAliasLink, form[name=manageNamesForm], [id^=idAliasEmail], a.aliasRemoveLink")
        if not marks.count() and not controls(page, re.compile(r"add email|添加(电子)?邮", re.IGNORECASE)).count():
            return unknown("the list of aliases is not on the page")
    elif not SECURITY_INFO.search(region(page).inner_text()[:20000]):
        return unknown("the security info is not on the page")
    return None


def ours(page: Any, s: Step, base: str) -> Sight | None:
    """Like :func:`unready`, and the account must be the one: OLD or NEW is written out on the page."""
    wrong = unready(page, s, base)
    if wrong:
        return wrong
    if not {s.old.casefold(), s.new.casefold()} & set(entries(page)):
        return unknown(f"neither {s.old} nor {s.new} is written there: another account, or a masked list")
    return None


def listed(page: Any, s: Step, base: str) -> Sight:
    """NEW stands there, verified. ``NOT_DONE`` needs OLD beside its absence, or the control "Verify" beside it."""
    wrong = ours(page, s, base)
    if wrong:
        return wrong
    if s.new.casefold() in entries(page) and control_of(page, s.new, VERIFY) is not None:
        return not_done(f"{s.new} is listed, and “Verify” stands beside it")
    sight = s.sees_address(region(page), of=s.new)
    if sight.seen == "not_done" and s.old.casefold() not in entries(page):
        return unknown(sight.detail)
    return sight


def new_is_primary(page: Any, s: Step) -> Sight:
    """NEW is a verified alias and the primary one."""
    sight = listed(page, s, NAMES)
    if sight.seen != "done":
        return sight
    parts = entries(page)
    if s.new.casefold() not in parts:
        return unknown(f"{s.new} does not stand as an alias of its own")
    if control_of(page, s.new, MAKE_PRIMARY) is not None:
        return not_done(f"“Make primary” still stands beside {s.new}")
    marked = [a for a, text in parts.items() if PRIMARY.search(re.sub(MAKE_PRIMARY, " ", text))]
    if marked == [s.new.casefold()]:
        return done(f"{s.new} is the primary alias")
    if len(marked) == 1:
        return not_done(f"the primary alias is {marked[0]}")
    return unknown("the page does not show which alias is primary")


# -- signing in and proving who it is -------------------------------------------------------------------------------------
def press(page: Any, css: str, name: re.Pattern[str]) -> None:
    """Press the known button, else the one of that name."""
    button = first_shown(page.locator(css)) or first_shown(page.get_by_role("button", name=name))
    if button is not None:
        button.click()
    page.wait_for_load_state("load")


def pass_by(page: Any, s: Step) -> None:
    """Decline "Stay signed in?" and the offer of a passkey, where the button that does so is known by its exact words."""
    for _ in range(3):
        if not visible(page.locator(STAY)) and not visible(page.locator(NAG)):
            return
        button = first_shown(page.get_by_role("button", name=NEUTRAL)) or first_shown(
            page.get_by_role("link", name=NEUTRAL)
        )
        if button is None:
            raise s.hand_over(
                "Microsoft offers something (to stay signed in, or a passkey). Choose what you like, then go on.",
                "Microsoft 正在询问（保持登录或创建通行密钥）。请自行选择后继续。",
                kind="passkey",
            )
        before = page.url
        button.click()
        page.wait_for_load_state("load")
        if page.url == before:
            wait_for_any(page.locator("#idAddAliasLink"), page.locator(CHECK), seconds=2)


def enter(page: Any, s: Step) -> None:
    """Sign in with the password; codes, apps, passkeys and puzzles are the person's."""
    field = first_shown(page.locator(USER))
    if field is not None:
        field.fill(s.login if "@" in s.login else s.old)
        press(page, NEXT, re.compile(r"^(next|下一步)$", re.IGNORECASE))
        wait_for_any(
            page.locator(SECRET), page.locator("[data-testid=tile], [data-testid=viewFooter], [role=alert], " + CODE)
        )
    secret = first_shown(page.locator(SECRET))
    if secret is None and signing_in(page):
        other = first_shown(
            page.get_by_role("button", name=re.compile(r"use (your|my) password|使用密码", re.IGNORECASE))
        )
        if other is not None:
            other.click()
            wait_for_any(page.locator(SECRET))
            secret = first_shown(page.locator(SECRET))
    if secret is not None:
        s.type_secret(secret, "password")
        press(page, NEXT, re.compile(r"^(sign in|next|登录|下一步)$", re.IGNORECASE))
        wait_for_any(page.locator("#idAddAliasLink, #serviceAbuseLandingTitle, [role=alert], #usernameError, #passwordError"),
                     page.locator(f"{STAY}, {NAG}, {CHECK}, {CODE}, [data-testid=displaySign]"), seconds=4)  # fmt: skip
    held_back(page)
    if WRONG_PASSWORD.search(errors(page)):
        raise Refused("Microsoft did not accept the password.", reason="wrong_password")
    pass_by(page, s)
    if signing_in(page):
        raise s.hand_over(
            "Finish the sign-in yourself: a code, the Authenticator app, a passkey or a puzzle is asked for.",
            "请您自己完成登录：页面要求输入代码、使用 Authenticator 应用、通行密钥或完成拼图。",
            kind="sign_in",
        )


@step
def sign_in(page: Any, s: Step) -> None:
    if not at(page, NAMES) and not signing_in(page):
        page.goto(NAMES)
    enter(page, s)


@look("sign_in")
def signed_in(page: Any, s: Step) -> Sight:
    if checking(page):
        return done("signed in; Microsoft asks for an identity check next")
    return ours(page, s, NAMES) or done("the account that holds the address is signed in")


def choose_proof(page: Any, address: str) -> bool:
    """Choose the one masked address that can be ``address``; ``False`` when none, or more than one, can."""
    local, _, domain = address.casefold().partition("@")
    # Where the list's own markup is not known, the innermost element that shows the masked address takes the click.
    around = page.locator("#idDiv_SAOTCS_Proofs, [data-testid=tile], label, form")
    texts = around.get_by_text(re.compile(r"[*•].*@|[*•]")).locator("visible=true")
    fitting = []
    for n in range(min(texts.count(), 40)):
        for masked in MASKED.findall(texts.nth(n).inner_text().casefold()):
            left, _, right = masked.partition("@")
            shape = ".*".join(re.escape(part) for part in re.split(r"[*•]+", left))
            if re.fullmatch(shape, local) and right.rstrip(".") == domain:
                fitting.append((masked, texts.nth(n)))
    if len({masked for masked, _ in fitting}) != 1:
        return False
    fitting[-1][1].click()
    return True


def type_code(page: Any, s: Step, code: str) -> None:
    """Type a code key by key, into one field or one box for each digit, and send it."""
    boxes = page.locator(CODE_BOXES).locator("visible=true")
    field = first_shown(page.locator(CODE)) or first_shown(
        page.get_by_role("textbox", name=re.compile(r"\bcode\b|代码|验证码", re.IGNORECASE))
    )
    if boxes.count() == len(code) and len(code) > 1:
        for n, sign in enumerate(code):
            boxes.nth(n).press_sequentially(sign)
    elif field is not None:
        field.fill("")
        field.press_sequentially(code)
    else:
        raise s.hand_over("The field for the code is not found.", "找不到输入代码的位置。", kind="code")
    press(page, SEND_CODE, re.compile(r"^(next|verify|continue|submit|下一步|验证|继续)$", re.IGNORECASE))
    wait_for_any(
        page.locator("#idAddAliasLink, form[name=manageNamesForm], [role=alert]"),
        page.locator(f"{STAY}, {NAG}"),
        seconds=3,
    )
    if WRONG_CODE.search(errors(page)):
        raise Refused("Microsoft did not accept the code.", reason="wrong_code")


def ask_for_code(page: Any, s: Step, address: str) -> None:
    """On an identity check, have a code mailed to ``address``; anything else is the person's."""
    held_back(page)
    if not checking(page):
        raise s.hand_over("Microsoft's page is not the expected one.", "Microsoft 的页面与预期不符。")
    if first_shown(page.locator(CODE)) is not None and not visible(page.locator(MASKED_FIELD)):
        raise s.hand_over(
            "Microsoft asks for a code that it sent somewhere already. Type it here.",
            "Microsoft 已把代码发到某处，请在此输入。",
            kind="code",
        )
    if not visible(page.locator(MASKED_FIELD)) and not choose_proof(page, address):
        raise s.hand_over(
            f"Prove who you are: {address} is not offered, or not clearly. Choose a phone, an app or another address.",
            f"请证明身份：没有（明确地）提供 {address}。请选择手机、应用或其他邮箱。",
            kind="code",
        )
    wait_for_any(page.locator(MASKED_FIELD), page.locator(CODE), page.locator(SEND_PROOF), seconds=3)
    field = first_shown(page.locator(MASKED_FIELD))
    if field is not None:
        field.fill("")
        field.press_sequentially(address)
    if first_shown(page.locator(CODE)) is None:
        press(page, SEND_PROOF, re.compile(r"^(send code|get code|next|发送代码|获取代码|下一步)$", re.IGNORECASE))
        wait_for_any(page.locator(CODE), page.locator(CODE_BOXES), page.locator("[role=alert]"))


@step
def prove_identity(page: Any, s: Step) -> None:
    ask_for_code(page, s, s.old)
    type_code(page, s, s.code("code_old"))
    pass_by(page, s)


@look("prove_identity")
def let_in(page: Any, s: Step) -> Sight:
    return ours(page, s, NAMES) or done("the list of aliases is open")


@step
def prove_for_info(page: Any, s: Step) -> None:
    # The security info has a check of its own, which may come although the aliases had one.
    page.goto(PROOFS)
    if signing_in(page):
        enter(page, s)
    if checking(page):
        ask_for_code(page, s, s.old)
        type_code(page, s, s.code("code_info"))
        pass_by(page, s)
    held_back(page)


@step
def prove_again(page: Any, s: Step) -> None:
    # A day later the page that stands there may be old: load it, and have the code sent to NEW if one is asked for.
    page.goto(NAMES)
    if signing_in(page):
        enter(page, s)
    if checking(page):
        ask_for_code(page, s, s.new)
        type_code(page, s, s.code("code_again"))
        pass_by(page, s)
    held_back(page)
    await_list(page, s)
    wrong = ours(page, s, NAMES)
    if wrong:
        raise s.hand_over(f"The list of aliases is not open: {wrong.detail}.", f"没有打开别名列表：{wrong.detail}。")


def need(page: Any, s: Step, base: str) -> None:
    """Be on the page that starts with ``base``; signs in again where the session ended, and has the person answer a check in between."""
    if not at(page, base):
        go(page, base)
    held_back(page)
    if signing_in(page):
        enter(page, s)
        if not at(page, base) and not checking(page):
            go(page, base)
    if checking(page) and not at(page, ADD_PROOF):
        s.ask(
            "Microsoft asks again who you are. Answer it on its page (a code to an address or phone, or the app), then go on here.",
            "Microsoft 再次要求证明身份。请在其页面上完成（邮箱或手机代码，或应用），然后在此继续。",
            choices=[("done", "I have answered it", "已完成"), ("stop", "stop here", "先停下")],
        )
        if checking(page):
            raise s.hand_over(
                "Microsoft still asks who you are. Answer it, then do this step.",
                "Microsoft 仍要求证明身份。请完成后执行这一步。",
                kind="code",
            )
        pass_by(page, s)
        if not at(page, base):
            go(page, base)
    pass_by(page, s)
    if base in (NAMES, PROOFS) and at(page, base):
        await_list(page, s)


def await_list(page: Any, s: Step) -> None:
    """Wait for a list that comes after its page: what is read or clicked stands beside one of the two addresses."""
    wait_for_any(region(page).get_by_text(s.new), region(page).get_by_text(s.old), seconds=4)


def go(page: Any, base: str) -> None:
    """Open one of the four pages that this recipe works on."""
    if base == NAMES:
        page.goto(NAMES)
    elif base == ADD_ALIAS:
        page.goto(ADD_ALIAS)
    elif base == PROOFS:
        page.goto(PROOFS)
    else:
        page.goto(ADD_PROOF)


def refuse(page: Any, s: Step, what: str) -> None:
    """Turn Microsoft's own error texts into a refusal; a check that comes after the click is the person's."""
    held_back(page)
    if checking(page):
        raise s.hand_over(
            "Microsoft asks who you are before it goes on. Answer it (a code to an address or phone, or the app).",
            "Microsoft 在继续之前要求证明身份。请完成（邮箱或手机代码，或应用）。",
            kind="code",
        )
    text = errors(page)
    if LIMIT.search(text) and YEARLY.search(text) and not WEEKLY.search(text):
        # Ten a year: when the oldest of the ten falls out of the year is written nowhere, so no day can be promised.
        raise Refused(
            f"Microsoft allows no more new aliases this year: {' '.join(text.split())[:160]}",
            reason="limit",
            todo="Run `migrate resume` when the oldest alias addition of the year is a year ago; until then only the security info can move.",
        )
    if LIMIT.search(text):
        raise Refused(
            f"Microsoft limits how often this may be done: {' '.join(text.split())[:160]}",
            reason="limit",
            until=datetime.now(UTC) + timedelta(days=7),
            todo="Run `migrate resume` then; trying sooner does not help.",
        )
    if TAKEN.search(text):
        raise Refused(
            f"Microsoft refuses {what}: it belongs to another Microsoft account, personal or of work or school.",
            reason="address_in_use",
            todo="Remove it from that account first, or take another address; then run `migrate resume`.",
        )


# -- the alias ------------------------------------------------------------------------------------------------------------
@step
def add_alias(page: Any, s: Step) -> None:
    need(page, s, ADD_ALIAS)
    choice = first_shown(page.get_by_role("radio", name=EXISTING)) or first_shown(
        page.locator("label").filter(has_text=EXISTING)
    )
    if choice is not None:
        choice.click()
    fields = page.locator("input[type=email], input[type=text], input:not([type])").locator("visible=true")
    usable = [fields.nth(n) for n in range(fields.count()) if fields.nth(n).get_attribute("id") != "AssociatedIdLive"]
    usable = [f for f in usable if f.is_enabled() and f.is_editable()]
    mail = [f for f in usable if f.get_attribute("type") == "email"]
    chosen = mail if len(mail) == 1 else usable
    if len(chosen) != 1 or choice is None:
        raise s.hand_over(
            "The field “Add an existing email address as a Microsoft account alias” is not clearly to be found.",
            "无法明确找到“添加现有电子邮件地址作为 Microsoft 帐户别名”的输入框。",
        )
    chosen[0].fill(s.new)
    button = first_shown(page.get_by_role("button", name=ADD_BUTTON)) or first_shown(page.locator("#SubmitYes"))
    if button is None:
        raise s.hand_over("The button “Add alias” is not found.", "找不到“添加别名”按钮。")
    button.click()
    page.wait_for_load_state("load")
    wait_for_any(
        page.locator("#idAddAliasLink, form[name=manageNamesForm]"),
        page.locator("[role=alert], [id$=Error]"),
        seconds=5,
    )
    refuse(page, s, s.new)


@look("add_alias")
def alias_is_listed(page: Any, s: Step) -> Sight:
    sight = listed(page, s, NAMES)
    if sight.seen != "done" and ours(page, s, NAMES) is None and s.new.casefold() in entries(page):
        return done(f"{s.new} is listed, not verified yet")
    return sight


@step
def send_verification(page: Any, s: Step) -> None:
    need(page, s, NAMES)
    control = control_of(page, s.new, VERIFY)
    if control is None:
        raise s.hand_over(f"“Verify” is not found beside {s.new}.", f"在 {s.new} 旁找不到“验证”。")
    control.click()
    page.wait_for_load_state("load")
    more = controls(page, SEND_MAIL)
    if wait_for_any(more, seconds=1.5):
        found = first_shown(more)
        if found is not None:
            found.click()
            page.wait_for_load_state("load")
    refuse(page, s, s.new)


@look("send_verification")
def nothing_left_to_ask(page: Any, s: Step) -> Sight:
    wrong = ours(page, s, NAMES)
    if wrong:
        return wrong
    if s.new.casefold() not in entries(page):
        return unknown(f"{s.new} is not listed")
    if control_of(page, s.new, VERIFY) is not None:
        return unknown(f"“Verify” stands beside {s.new}")
    return done(f"{s.new} is listed, and nothing asks to verify it")


@look("verify_alias")
def alias_is_verified(page: Any, s: Step) -> Sight:
    return listed(page, s, NAMES)


@step
def make_primary(page: Any, s: Step) -> None:
    need(page, s, NAMES)
    control = control_of(page, s.new, MAKE_PRIMARY)
    if control is None:
        raise s.hand_over(f"“Make primary” is not found beside {s.new}.", f"在 {s.new} 旁找不到“设为主别名”。")
    confirm(page, s, s.new, control, keep_old=True)
    refuse(page, s, s.new)


@look("make_primary")
def alias_is_primary(page: Any, s: Step) -> Sight:
    return new_is_primary(page, s)


@look("read_back")
def primary_read_back(page: Any, s: Step) -> Sight:
    return new_is_primary(page, s)


@look("final_check")
def primary_at_the_end(page: Any, s: Step) -> Sight:
    return new_is_primary(page, s)


def confirm(page: Any, s: Step, about: str, control: Any, *, keep_old: bool = False) -> None:
    """Click, and answer the box that follows, if it is about that address; with ``keep_old`` nothing in it may take OLD away."""

    def answer(dialog: Any) -> None:
        named = addresses(dialog.message)
        takes = TAKES_AWAY.search(dialog.message) is not None
        if dialog.type == "confirm" and takes is not keep_old and (not named or about.casefold() in named):
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    try:
        control.click()
        page.wait_for_load_state("load")
        confirm_in_page(page, s, about, keep_old=keep_old)
    finally:
        page.remove_listener("dialog", answer)


def confirm_in_page(page: Any, s: Step, about: str, *, keep_old: bool) -> None:
    """Answer a box that the page itself draws."""
    yes = page.locator("#iBtn_action")
    box = page.locator("[role=dialog], [role=alertdialog], dialog[open]").locator("visible=true")
    if not wait_for_any(yes, box, seconds=3):
        return  # no box came: the look decides
    part = box.last if box.count() else page
    text = part.inner_text() if box.count() else ""
    named = addresses(text)
    if named and about.casefold() not in named:
        raise s.hand_over("The box speaks of another address.", "弹窗提到的是另一个邮箱。", kind="decision")
    if keep_old:
        ticks = part.get_by_role("checkbox")
        for n in range(ticks.count()):
            if ticks.nth(n).is_visible() and ticks.nth(n).is_checked():
                ticks.nth(n).uncheck()
        if part.get_by_role("radio").locator("visible=true").count() and TAKES_AWAY.search(text):
            raise s.hand_over(
                "The box asks whether to remove the old alias: choose to keep it for now.",
                "弹窗询问是否移除旧别名：请先选择保留。",
                kind="decision",
            )
    button = first_shown(yes) or first_shown(part.get_by_role("button", name=YES))
    if button is None:
        raise s.hand_over("The box has no button that is known.", "弹窗中没有可识别的按钮。", kind="decision")
    button.click()
    page.wait_for_load_state("load")
    try:
        (box.first if box.count() else yes.first).wait_for(state="hidden", timeout=4000)
    except Exception:  # noqa: BLE001 - whatever the page did instead, the look decides
        return


@step
def remove_alias(page: Any, s: Step) -> None:
    own = re.search(r"@(outlook|hotmail|live|msn|passport)\.", s.old, re.IGNORECASE) is not None
    wish = s.ask(
        f"Remove {s.old} from the aliases of this Microsoft account now? Nobody can sign in with it afterwards."
        + (
            " It is an address of Microsoft's own: its mailbox goes with it, and it is reported that it can never be added again."
            if own
            else ""
        ),
        f"现在从此 Microsoft 帐户的别名中删除 {s.old} 吗？之后不能再用它登录。"
        + ("它是微软自己的邮箱：邮箱会随之消失，据反映以后不能再添加。" if own else ""),
        choices=[("remove", "remove it", "删除"), ("keep", "keep it as an alias", "保留为别名")],
    )
    if wish == "keep":
        raise s.hand_over(
            f"You keep {s.old}: choose “skip this step”.", f"您选择保留 {s.old}：请选择“跳过这一步”。", kind="decision"
        )
    need(page, s, NAMES)
    if new_is_primary(page, s).seen != "done":
        raise s.hand_over(
            f"{s.new} is not seen as primary alias, so {s.old} stays.", f"{s.new} 不是主别名，因此保留 {s.old}。"
        )
    control = own_remove_link(page, s.old) or control_of(page, s.old, REMOVE)
    if control is None:
        raise s.hand_over(f"“Remove” is not found beside {s.old}.", f"在 {s.old} 旁找不到“删除”。")
    confirm(page, s, s.old, control)
    refuse(page, s, s.old)


def own_remove_link(page: Any, address: str) -> Any | None:
    """The link that removes exactly that alias: it carries the alias as its name."""
    links = page.locator("a.aliasRemoveLink")
    for n in range(min(links.count(), 40)):
        if str(links.nth(n).get_attribute("name") or "").casefold() == address.casefold() and links.nth(n).is_visible():
            return links.nth(n)
    return None


@look("remove_alias")
def alias_is_gone(page: Any, s: Step) -> Sight:
    return gone(page, s, NAMES)


def gone(page: Any, s: Step, base: str) -> Sight:
    """OLD is not there any more, on a page where NEW is."""
    wrong = ours(page, s, base)
    if wrong:
        return wrong
    sight = s.lacks_address(region(page), of=s.old)
    if sight.seen == "done" and s.new.casefold() not in entries(page):
        return unknown(f"{s.new} is not there either")
    return sight


# -- security info --------------------------------------------------------------------------------------------------------
@step
def add_proof(page: Any, s: Step) -> None:
    need(page, s, ADD_PROOF)
    field = first_shown(page.locator("#EmailAddress"))
    if field is None:
        offer = page.get_by_role("radio", name=MAIL_OPTION).or_(controls(page, MAIL_OPTION))
        option = first_shown(offer)
        if option is not None:
            option.click()
            page.wait_for_load_state("load")
            if not wait_for_any(page.locator("#EmailAddress"), seconds=2):
                press(page, "#iNext", re.compile(r"^(next|下一步)$", re.IGNORECASE))
                wait_for_any(page.locator("#EmailAddress"), seconds=3)
        field = first_shown(page.locator("#EmailAddress")) or first_shown(
            page.get_by_role("textbox", name=re.compile(r"e-?mail|邮", re.IGNORECASE))
        )
    if field is None:
        raise s.hand_over("The field for the new address is not found.", "找不到填写新邮箱的位置。")
    field.fill(s.new)
    press(page, "#iNext", re.compile(r"^(next|下一步)$", re.IGNORECASE))
    wait_for_any(
        page.locator("#iOttText"),
        page.locator(CODE_BOXES),
        page.locator(CODE),
        page.locator("[role=alert], [id$=Error]"),
    )
    if not visible(page.locator(CODE)) and not visible(page.locator(CODE_BOXES)):
        refuse(page, s, s.new)
        raise s.hand_over("Microsoft did not ask for the code that it mails.", "Microsoft 没有要求输入邮件中的代码。")
    type_code(page, s, s.code("code_new"))


@look("add_proof")
def proof_is_listed(page: Any, s: Step) -> Sight:
    return listed(page, s, PROOFS)


@look("read_recovery")
def recovery_read_back(page: Any, s: Step) -> Sight:
    return listed(page, s, PROOFS)


@look("read_two_factor")
def two_factor_read_back(page: Any, s: Step) -> Sight:
    return listed(page, s, PROOFS)


def others_remain(page: Any, s: Step) -> bool:
    """Whether a proof besides OLD and NEW stands on the page: another address, a phone number, the Authenticator app."""
    others = set(entries(page)) - {s.old.casefold(), s.new.casefold()}
    return bool(others) or OTHER_PROOF.search(ADDRESS.sub(" ", region(page).inner_text())) is not None


@step
def remove_proof(page: Any, s: Step) -> None:
    need(page, s, PROOFS)
    sight = listed(page, s, PROOFS)
    if sight.seen != "done":
        raise s.hand_over(
            f"{s.new} is not seen among the security info, so {s.old} stays.",
            f"安全信息中没有看到 {s.new}，因此保留 {s.old}。",
        )
    if not others_remain(page, s):
        raise s.hand_over(
            f"{s.old} is the last proof from before: without another one, removing it may close the account for 30 days. "
            "Choose “skip this step” and keep it for now; the route “recover” has the way with the 30 days.",
            f"{s.old} 是最后一项原有的安全信息：没有其他一项时删除它，帐户可能受限 30 天。请选择“跳过这一步”，先保留；“recover”路线里有等待 30 天的办法。",
            kind="decision",
        )
    wish = s.ask(
        f"Remove {s.old} from the security info? Do so only if you still hold another proof that stood there before {s.new}: a phone, "
        "another address or the Authenticator app. If all old proofs go, Microsoft closes much of the account for 30 days.",
        f"从安全信息中删除 {s.old} 吗？前提是您仍持有比 {s.new} 更早的另一项：手机、其他邮箱或 Authenticator 应用。若原有的全部消失，Microsoft 会限制帐户 30 天。",
        choices=[("remove", "I hold another one: remove it", "我还有另一项：删除"), ("keep", "keep it", "保留")],
    )
    if wish == "keep":
        raise s.hand_over(
            f"You keep {s.old}: choose “skip this step”.", f"您选择保留 {s.old}：请选择“跳过这一步”。", kind="decision"
        )
    control = control_of(page, s.old, REMOVE)
    if control is None:
        # It may be folded away beside the address.
        fold = control_of(page, s.old, UNFOLD)
        if fold is not None:
            fold.click()
            control = control_of(page, s.old, REMOVE)
    if control is None:
        raise s.hand_over(f"“Remove” is not found beside {s.old}.", f"在 {s.old} 旁找不到“删除”。")
    confirm(page, s, s.old, control)
    refuse(page, s, s.old)


@look("remove_proof")
def proof_is_settled(page: Any, s: Step) -> Sight:
    sight = gone(page, s, PROOFS)
    if sight.seen == "not_done" and listed(page, s, PROOFS).seen == "done" and not others_remain(page, s):
        # The step takes OLD away only if another old proof remains; where none does, there is nothing to do.
        return done(f"{s.old} stays: it is the last proof from before")
    return sight
