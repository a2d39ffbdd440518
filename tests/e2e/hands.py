"""What a person does with their own hands on the programs' pages: bare Playwright, nothing of readdress."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.e2e.stage import Target

Deed = Callable[[Any], None]
CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")  # django-allauth's codes, as a person picks them out of a mail


def sign_in(service: str, target: Target) -> Deed:
    """Fill in the sign-in form and send it off."""
    name, password, button = {
        "wordpress": ("#user_login", "#user_pass", "#wp-submit"),
        "spirit": ("#id_username", "#id_password", "form:has(#id_password) [type=submit]"),
        "mediawiki": ("#wpName1", "#wpPassword1", "#wpLoginAttempt"),
        "dokuwiki": ("#dw__login [name=u]", "#dw__login [name=p]", "#dw__login [type=submit]"),
        "django-allauth": ("[name=login]", "[name=password]", "form:has([name=login]) button[type=submit]"),
    }[service]

    def deed(page: Any) -> None:
        if service == "wordpress":  # a script of the page empties the password a moment after it has loaded
            page.locator("#user_login:focus, #user_pass:focus").wait_for()
        page.locator(name).fill(target.login)
        page.locator(password).fill(target.password)
        with page.expect_navigation():
            page.locator(button).first.click()

    return deed


def fill_and_send(fields: dict[str, str], button: str, url: str = "") -> Deed:
    """Fill in fields (by selector), press a button, wait for the page that follows."""

    def deed(page: Any) -> None:
        if url:
            page.goto(url)
        for field, value in fields.items():
            page.locator(field).fill(value)
        with page.expect_navigation():
            page.locator(button).first.click()

    return deed
