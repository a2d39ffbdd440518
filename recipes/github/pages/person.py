"""The person of the GitHub replica: does by hand what a willing person would, with the codes that the replica mailed."""


def by_hand(page, step, case, replica):
    """Answer what stands on the page; ``False`` when this person does not know what to do."""
    if step == "remove_old" and case.get("answers", {}).get("remove_old") == "keep":
        return "skip"
    if page.locator("#otp").count():
        codes = [m["code"] for m in replica.mails if m.get("kind") == "device" and m.get("code")]
        return send(page, "#otp", codes[-1]) if codes else False
    if page.locator("#app_totp").count():
        return send(page, "#app_totp", str(case.get("totp", "492039")))
    if step == "sign_in" and page.locator("#login_field").count():
        page.locator("#login_field").fill(case["login"])
        return send(page, "#password", case["password"])
    ask = page.get_by_role("button", name="Send a code")
    if ask.count():
        ask.first.click()
        page.wait_for_load_state("load")
        page.wait_for_timeout(500)
    field = page.get_by_role("textbox", name="code").or_(page.get_by_label("code"))
    codes = [m["code"] for m in replica.mails if m.get("code")]
    if field.count() == 1 and codes:
        field.fill(codes[-1])
        field.press("Enter")
        page.wait_for_load_state("load")
        return True
    return False


def send(page, css, text):
    """Fill one field and send its form with the Enter key."""
    page.locator(css).fill(text)
    page.locator(css).press("Enter")
    page.wait_for_load_state("load")
    return True
