"""Automates Orchard."""

import re

from readdress.flow import Step, done, look, step, unknown

ADD = re.compile("Add|添加")
SETTINGS = "https://orchard.example.com/settings"


@step
def add_address(page, s: Step):
    page.goto(SETTINGS)
    page.get_by_label("Email").fill(s.new)
    page.get_by_role("button", name=ADD).click()


@look("add_address")
def address_is_there(page, s: Step):
    return s.sees_address(page.locator("#emails"), of=s.new)


@step
def verify_address(page, s: Step):
    s.open_link("verify")


@look("verify_address")
def is_verified(page, s: Step):
    return address_is_there(page, s)


@step
def make_primary(page, s: Step):
    page.get_by_label("Code").fill(s.code("old_code"))


@look("make_primary")
def is_primary(page, s: Step):
    if page.get_by_text("Sign in").count():
        return s.signed_out()
    return done() if page.locator("[data-primary]").count() else unknown()


@look("read_back")
def new_is_primary(page, s: Step):
    return is_primary(page, s)


@look("remove_old")
def old_is_gone(page, s: Step):
    return s.lacks_address(page.locator("#emails"), of=s.old)
