"""The person of the Discuz! replica: reads the picture, answers the question, fills in what is missing, opens the mailed link."""

CODE = "input[name=seccodeverify]"
CHANGE = "form[action*='mod=spacecp'][method=post]"
RESEND = "a[href*='resend=1']"
# What a step that wants the mailed link opened may be called.
LINK_STEPS = ("verif", "confirm", "link", "activ", "open_mail")
MISREAD = ("验证码", "驗證碼", "验证问答", "驗證問答", "verification code", "verification question")
UNANSWERED = ("选择安全提问", "選擇安全提問", "choose your security question")
WRONG = "ZZZZ"  # the picture never shows a Z


def by_hand(page, step, case, replica):
    """Do what stands on the page; ``False`` when this person does not know what to do."""
    if case.get("stops"):
        return False
    if step == "try_password":
        return True  # done in another browser, as it says: this page is left alone
    links = [m["link"] for m in replica.mails if m["kind"] == "verify" and m["to"] == case["new"]]
    if links and replica.address["address"] != case["new"] and any(word in step for word in LINK_STEPS):
        page.goto(links[-1])  # asked to open the mail: signed in or not makes no difference
        return settled(page)
    page.wait_for_timeout(700)  # the picture comes by itself, a little later
    page.wait_for_function("() => !document.querySelector('[aria-busy=true]')", timeout=8000)
    if refused(page):
        return False  # another try would say the same, and sign-ins are counted
    if seen(page, "form[name=login]"):
        return sign_in(page, case, replica)
    if step.endswith("_resend") and seen(page, RESEND):
        page.locator(RESEND).first.click()  # asked to have the mail sent once more
        return settled(page)
    if arrived(page, case):
        return True
    if seen(page, CHANGE):
        if step == "set_password":
            return set_password(page, case, replica)
        return change(page, case, replica)
    back = page.locator("#messagetext a")
    if back.count():
        back.first.click()
        return settled(page)
    return False


def refused(page):
    """Whether the forum said no to something else than a picture that was read wrongly, or a question not answered yet."""
    errors = page.locator("#messagetext.alert_error, [id^=returnmessage] .error").filter(visible=True)
    said = errors.first.inner_text().lower() if errors.count() else ""
    return bool(said) and not any(word in said for word in MISREAD + UNANSWERED)


def arrived(page, case):
    """Whether the page says that NEW is there, or waiting for its mail: then there is nothing to do on it."""
    text = page.locator("body").inner_text()
    field = page.locator("input[name=emailnew]")
    there = field.count() == 1 and field.input_value() == case["new"]
    return there or f"({case['new']})" in text or f"：{case['new']}" in text or f": {case['new']}" in text


def sign_in(page, case, replica):
    """User name, password, the account's question, the picture; then the button."""
    form = page.locator("form[name=login]").filter(visible=True).first
    if replica.no_password:
        return False  # it opens with QQ only
    fill(form, "username", case["login"])
    fill(form, "password", case["password"], over=True)
    if replica.v["login_question"] == "set":
        form.locator("select[name=questionid]").select_option("4")
        fill(form, "answer", replica.answer)
    look_closely(form, case, replica)
    form.locator("[name=loginsubmit]").click()
    page.wait_for_timeout(400)
    page.wait_for_function("() => !document.querySelector('[data-forward]')", timeout=8000)  # it goes on by itself
    return settled(page)


def change(page, case, replica):
    """The password, the new address, the picture; an account that QQ made gets its first password."""
    form = page.locator(CHANGE).filter(visible=True).first
    if replica.no_password:
        fill(form, "newpassword", case["password"])
        fill(form, "newpassword2", case["password"])
    fill(form, "oldpassword", case["password"])
    fill(form, "passphrase", case["password"])
    fill(form, "emailnew", case["new"], over=True)
    fill(form, "mailbox", case["new"], over=True)
    look_closely(form, case, replica)
    form.locator("button:not([type=button])").last.click()
    return settled(page)


def set_password(page, case, replica):
    """Only a first password, as the step says, where the form asks for no present one: the address stays as it is."""
    form = page.locator(CHANGE).filter(visible=True).first
    if not replica.no_password:
        return True
    fill(form, "newpassword", case["password"])
    fill(form, "newpassword2", case["password"])
    look_closely(form, case, replica)
    form.locator("button:not([type=button])").last.click()
    return settled(page)


def look_closely(form, case, replica):
    """Type what the picture shows and what the sum is. A case may have them mistype the first time."""
    if form.locator(CODE).count():
        mark = form.locator("input[name=seccodehash]").input_value()
        slip = case.get("mistypes") and not getattr(replica, "slipped", False)
        replica.slipped = True
        form.locator(CODE).fill(WRONG if slip else replica.seccodes[mark])
    if form.locator("input[name=secanswer]").count():
        form.locator("input[name=secanswer]").fill(
            replica.secqaas[form.locator("input[name=secqaahash]").input_value()]
        )


def fill(form, name, text, *, over=False):
    """Fill a field that is there, and empty unless ``over``."""
    field = form.locator(f"input[name={name}]")
    if field.count() and (over or not field.input_value()):
        field.fill(text)


def seen(page, css):
    """Whether something of it is shown."""
    return page.locator(css).filter(visible=True).count() > 0


def settled(page):
    """The next page is there."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(300)
    return True
