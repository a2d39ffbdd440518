"""The person of the Microsoft replica: opens the verification mail by hand, proves who they are, taps in the app; nothing else."""

MASKED = "#proof-confirmation-email-input, [data-testid=proof-confirmation], #idTxtBx_SAOTCS_ProofConfirmation"
DECLINE = "[data-testid=secondaryButton], #idBtn_Back"  # staying signed in, a passkey: offers that need no yes
CODE = "#idTxtBx_SAOTCC_OTC, input[name=otc], #iOttText"


def by_hand(page, step, case, replica):
    """Answer what stands on the page; ``False`` when this person does not know what to do."""
    if step == "verify_alias" and not page.locator(MASKED + ", " + CODE).count():
        links = [m["link"] for m in replica.mails if m.get("kind") == "verify" and m.get("link")]
        if links:
            page.goto(links[-1])
            button = (
                page.locator("main")
                .get_by_role("button", name="Verify")
                .or_(page.locator("main").get_by_role("button", name="验证"))
            )
            if button.count():
                button.first.click()
                page.wait_for_load_state("load")
        return bool(links)
    return prove(page, case, replica)


def prove(page, case, replica):
    """A code by mail, or of the app, through as many pages as it takes."""
    if case.get("old_state") == "dead":
        return False  # the only proof is a mailbox that is gone, and nobody waits 30 days without having been asked to
    did = False
    for _ in range(6):
        if seen(page, MASKED):
            one(page, MASKED).fill(case["old"])
            one(page, MASKED).press("Enter")
        elif seen(page, "[data-testid=codeEntry]"):
            boxes = page.locator("[data-testid=codeEntry]")
            for n, sign in enumerate(code(replica)):
                boxes.nth(n).press_sequentially(sign)
            if seen(page, "[data-testid=primaryButton]"):
                one(page, "[data-testid=primaryButton]").click()
        elif seen(page, CODE):
            # The field has one name for every kind of code: only the sign-in of an account with an app asks for the app's.
            app = "//login." in page.url and case["variants"].get("second_factor") == "totp"
            sent = str(case.get("totp", "492039")) if app else code(replica)
            one(page, CODE).fill(sent)
            one(page, CODE).press("Enter")
        elif seen(page, "[data-testid=tile]"):
            one(page, "[data-testid=tile]").click()
        elif page.locator("#idDiv_SAOTCS_Proofs").count():
            page.locator("#idDiv_SAOTCS_Proofs").get_by_text("*").first.click()
        elif seen(page, DECLINE):
            one(page, DECLINE).click()
        else:
            break
        did = True
        page.wait_for_load_state("load")
        page.wait_for_timeout(500)
    return did


def seen(page, css):
    """Whether something of it is shown."""
    return page.locator(css).filter(visible=True).count() > 0


def one(page, css):
    """The first of it that is shown."""
    return page.locator(css).filter(visible=True).first


def code(replica):
    """The newest code that was mailed."""
    return [m["code"] for m in replica.mails if m.get("code")][-1]
