"""The rehearsal's world on its own: mail server, signed and seeded mail, and each way to change an address by hand.

These tests drive the real django-allauth with a raw browser script and no recipe, so that they say whether the world
is right before anything of readdress walks through it. NOTES.md beside this file holds the texts they rely on.
"""

from __future__ import annotations

import email
import email.policy
import os
import re
import signal
import smtplib
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest

pytest.importorskip("pymap")
pytest.importorskip("allauth")

from imapclient import IMAPClient
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from readdress.browser.find import find
from readdress.practice.mailserver import MailServer
from readdress.practice.seed import NOISE_DOMAINS, OTHER_FOLDER, Seeded, seed
from readdress.practice.signing import Signer
from readdress.practice.site import BRANDS, PracticeSite, PracticeSites
from readdress.practice.site_settings import Mode

OLD, NEW = "lin@old.test", "lin@new.test"


@dataclass
class World:
    """What the fixtures started."""

    mail: MailServer
    signer: Signer
    seeded: list[Seeded]
    sites: PracticeSites


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    signer = Signer([*(brand.domain for brand in BRANDS), *NOISE_DOMAINS])
    with MailServer({OLD: "old-pass", NEW: "new-pass"}, signer) as mail:
        seeded = seed(mail, signer, BRANDS, OLD, datetime.now(UTC))
        with PracticeSites(tmp_path_factory.mktemp("sites"), mail.smtp_port, OLD) as sites:
            yield World(mail, signer, seeded, sites)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(headless=True), args=["--no-sandbox"])
        yield browser
        browser.close()


# -- mail ---------------------------------------------------------------------------------------------------------


def test_mail_server_is_up_within_a_second() -> None:
    """The rehearsal starts at once: keys, IMAP and SMTP are ready in under a second, and gone at the end."""
    began = time.monotonic()
    with MailServer({OLD: "p"}, Signer(["forum-practice.test"])) as mail:
        assert time.monotonic() - began < 1.0
        port = mail.imap_port
        with IMAPClient(mail.host, port, ssl=False) as client:
            client.login(OLD, "p")
    with pytest.raises(OSError):
        IMAPClient("127.0.0.1", port, ssl=False)


def test_idle_announces_mail_whose_signature_verifies(world: World) -> None:
    """Mail through SMTP reaches a client in IDLE, says whom it was delivered to, and its DKIM holds for the sender."""
    client = IMAPClient(world.mail.host, world.mail.imap_port, ssl=False)
    client.login(NEW, "new-pass")
    before = client.select_folder("INBOX", readonly=True)[b"EXISTS"]
    client.idle()
    world.sites["forum"].write("你好 – a notice", "正文\n", to=NEW)
    heard = client.idle_check(timeout=5)
    client.idle_done()
    assert (before + 1, b"EXISTS") in heard
    uid = max(client.search())
    raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    client.logout()
    assert dkim.verify(raw, dnsfunc=world.mail.keys)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Delivered-To"] == NEW
    assert message["Authentication-Results"] is None
    assert not dkim.verify(raw.replace("正文".encode(), "改过".encode()), dnsfunc=world.mail.keys)


def test_strangers_are_not_signed_and_unknown_recipients_refused(world: World) -> None:
    """A sender without a key gets no signature from us, and an address without a mailbox is refused at RCPT."""
    note = EmailMessage()
    note["From"], note["To"], note["Subject"] = "x@stranger.example.org", NEW, "hello"
    note.set_content("hi")
    with smtplib.SMTP(world.mail.host, world.mail.smtp_port, local_hostname="x") as smtp:
        smtp.send_message(note)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail("x@stranger.example.org", ["nobody@new.test"], b"Subject: x\r\n\r\nx")
    raw = world.mail.messages(NEW)[-1]
    assert b"stranger.example.org" in raw
    assert b"DKIM-Signature" not in raw


def test_seeded_mailbox_is_what_the_list_says(world: World) -> None:
    """Every seeded message stands where the ground truth says, decodes to its subject, and verifies iff it is real."""
    assert 60 <= len(world.seeded) <= 120
    client = IMAPClient(world.mail.host, world.mail.imap_port, ssl=False)
    client.login(OLD, "old-pass")
    folders = {name for _, _, name in client.list_folders()}
    assert folders >= {"INBOX", "Junk", "Sent", OTHER_FOLDER}
    for folder in {s.folder for s in world.seeded}:
        client.select_folder(folder, readonly=True)
        expected = {s.uid: s for s in world.seeded if s.folder == folder}
        fetched = client.fetch(list(expected), ["BODY.PEEK[]", "INTERNALDATE"])
        for uid, truth in expected.items():
            raw = fetched[uid][b"BODY[]"]
            message = email.message_from_bytes(raw, policy=email.policy.default)
            assert message["Subject"] == truth.subject
            assert dkim.verify(raw, dnsfunc=world.mail.keys) is truth.signed, truth
    client.logout()


def test_seed_holds_every_account_and_enough_noise(world: World) -> None:
    """Each site is evidenced by its core kinds of mail, in two languages, among noise that belongs to no account."""
    for site in world.sites:
        kinds = {s.kind for s in world.seeded if s.site == site.id}
        assert kinds >= {"welcome", "verify", "reset", "security", "newsletter"}, site
    noise = Counter(s.kind for s in world.seeded if not s.site)
    assert set(noise) >= {
        "noise: friend",
        "noise: newsletter",
        "noise: list",
        "noise: forged",
        "noise: bounce",
    }
    forged = [s for s in world.seeded if s.kind == "noise: forged"]
    assert any(s.sender == world.sites["cloud"].sender for s in forged)
    assert not any(s.signed for s in forged)


# -- sites --------------------------------------------------------------------------------------------------------

TEXTS = {
    "en-US": {
        "sign_in": "Sign In", "add": "Add Email", "change": "Change Email", "confirm": "Confirm",
        "primary": "Make Primary", "remove": "Remove", "email": "Email:", "change_to": "Change to:",
        "password": "Password:", "code": "Code:", "verified": "Verified", "is_primary": "Primary",
        "sent": "Confirmation email sent to {}.", "confirmed": "You have confirmed {}.",
        "removed": "Removed email address {}.", "subject": "Please Confirm Your Email Address",
        "invalid": "This email confirmation link expired or is invalid.", "login": "Login:",
    },
    "zh-CN": {
        "sign_in": "登录", "add": "添加Email", "change": "更改Email", "confirm": "确认",
        "primary": "设置为首选", "remove": "移除", "email": "电子邮件:", "change_to": "改为:",
        "password": "密码:", "code": "代码:", "verified": "已验证", "is_primary": "首选Email",
        "sent": "确认邮件已发往 {}。", "confirmed": "您已确认Email地址 {}。",
        "removed": "已移除Email地址 {}。", "subject": "请确认您的Email地址",
        "invalid": "这个电子邮件确认链接已过期或无效。", "login": "登录:",
    },
}  # fmt: skip


class Walker:
    """A person at one site in one language, moving the account from `here` to `there` with raw Playwright."""

    def __init__(self, world: World, context: BrowserContext, site: PracticeSite, lang: str) -> None:
        self.world, self.site, self.text = world, site, TEXTS[lang]
        self.here = next(a.email for a in site.addresses() if a.primary)
        self.there = NEW if self.here == OLD else OLD
        self.page: Page = context.new_page()
        self.page.set_default_timeout(8000)
        self.page.on("dialog", lambda dialog: dialog.accept())

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=self.text[name], exact=True).click()

    def type_password(self, password: str) -> None:
        self.page.get_by_label(self.text["password"], exact=True).fill(password)

    def sees(self, name: str) -> None:
        self.page.get_by_text(self.text[name].format(self.there)).first.wait_for()

    def sign_in(self) -> None:
        self.page.goto(f"{self.site.url}/accounts/email/")
        assert self.page.url == f"{self.site.url}/accounts/login/?next=/accounts/email/"
        self.page.get_by_label(self.text["login"], exact=True).fill(self.site.login)
        self.type_password(self.site.password)
        self.press("sign_in")
        self.page.wait_for_url("**/accounts/email/")

    def mail(self, seen: int) -> EmailMessage:
        """The mail to `there` that came after the first `seen`, its signature checked."""
        deadline = time.monotonic() + 5
        while len(self.world.mail.messages(self.there)) <= seen and time.monotonic() < deadline:
            time.sleep(0.02)
        new = self.world.mail.messages(self.there)[seen:]
        assert len(new) == 1
        assert dkim.verify(new[0], dnsfunc=self.world.mail.keys)
        message = email.message_from_bytes(new[0], policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        assert message["From"].addresses[0].addr_spec == self.site.sender
        assert message["Subject"] == f"[{self.site.name}] {self.text['subject']}"
        return message

    def radio(self, address: str) -> None:
        self.page.locator(f'input[type=radio][name=email][value="{address}"]').check()


def follow_link(walk: Walker, message: EmailMessage, elsewhere: BrowserContext) -> None:
    """Open the link of the mail signed out, press Confirm there, and find the link used up afterwards."""
    link = re.search(r"http://127\.0\.0\.1:\d+/accounts/confirm-email/\S+", message.get_content())
    assert link is not None
    assert link.group().startswith(f"{walk.site.url}/accounts/confirm-email/")
    page = elsewhere.new_page()
    page.goto(link.group())
    assert not any(a.verified for a in walk.site.addresses() if a.email == walk.there), "opening is not confirming"
    page.get_by_role("button", name=walk.text["confirm"], exact=True).click()
    page.get_by_text(walk.text["confirmed"].format(walk.there)).wait_for()
    walk.page.goto(link.group())
    walk.sees("invalid")


def type_code(walk: Walker, message: EmailMessage) -> None:
    """Type the code of the mail into the page that waits for it."""
    assert walk.page.url == f"{walk.site.url}/accounts/confirm-email/"
    lines = message.get_content().splitlines()
    codes = [line for line in lines if re.fullmatch("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", line)]
    assert len(codes) == 1
    walk.page.get_by_label(walk.text["code"], exact=True).fill(codes[0])
    walk.press("confirm")
    walk.sees("confirmed")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("lang", ["en-US", "zh-CN"])
@pytest.mark.parametrize("site_id", ["forum", "shop", "notes", "cloud"])
def test_each_mode_can_be_walked_to_the_end(world: World, browser: Browser, site_id: str, lang: str) -> None:
    """In each of the four modes and in both languages a browser moves the account, and the database agrees.

    The second language moves the account back, so that it starts from what the first left behind.
    """
    site = world.sites[site_id]
    context, elsewhere = browser.new_context(locale=lang), browser.new_context(locale=lang)
    walk = Walker(world, context, site, lang)
    marks = len(site.acts())
    several = site.mode in (Mode.LINKS, Mode.CODE)
    walk.sign_in()
    seen = len(world.mail.messages(walk.there))
    walk.page.get_by_label(walk.text["email" if several else "change_to"], exact=True).fill(walk.there)
    walk.press("add" if several else "change")
    if not several:
        walk.page.wait_for_url("**/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F")
        assert len(world.mail.messages(walk.there)) == seen, "nothing happens before the password is given again"
        walk.type_password(site.password)
        walk.press("confirm")
    walk.sees("sent")
    message = walk.mail(seen)
    if site.mode in (Mode.LINKS, Mode.SINGLE):
        assert [a.verified for a in site.addresses() if a.email == walk.there] == [False]
        follow_link(walk, message, elsewhere)
    else:
        assert walk.there not in [a.email for a in site.addresses()], (
            "until the code is typed it is in the session only"
        )
        type_code(walk, message)
    walk.page.goto(f"{site.url}/accounts/email/")
    if several:
        walk.radio(walk.there)
        walk.press("primary")
        label = walk.page.locator("label", has_text=walk.there)
        label.locator("strong", has_text=walk.text["is_primary"]).wait_for()
        walk.radio(walk.here)
        walk.press("remove")
        walk.page.get_by_text(walk.text["removed"].format(walk.here)).wait_for()
        assert walk.page.locator("input[type=radio]").evaluate_all("all => all.map(e => e.value)") == [walk.there]
    else:
        assert walk.page.locator("#current_email").input_value() == walk.there
    assert [(a.email, a.verified, a.primary) for a in site.addresses()] == [(walk.there, True, True)]
    assert site.user_email() == walk.there
    done = Counter(act["what"] for act in site.acts()[marks:] if act["kind"] == "effect" and "what" in act)
    assert done["email_added"] == done["email_confirmed"] == done["primary_changed"] == 1
    assert done["email_removed"] == (1 if several else 0)
    context.close()
    elsewhere.close()


@pytest.mark.timeout(60)
def test_chinese_site_and_separate_sessions(world: World, browser: Browser) -> None:
    """The reader speaks Chinese to an English browser, and two sites on one host keep their sign-ins apart."""
    context = browser.new_context(locale="en-US")
    reader = Walker(world, context, world.sites["reader"], "zh-CN")
    reader.sign_in()
    forum = Walker(world, context, world.sites["forum"], "en-US")
    forum.sign_in()
    for walk in (reader, forum):
        walk.page.goto(f"{walk.site.url}/me/")
        assert walk.page.locator("#login").inner_text() == walk.site.login
        assert walk.page.locator("#primary-email").inner_text() == walk.here
    context.close()


@pytest.mark.timeout(60)
def test_replayed_form_is_seen_once_and_no_secret_is_recorded(world: World, browser: Browser) -> None:
    """The record shows the suspended form and the password page as they came, one effect, and neither password nor link."""
    site = world.sites["shop"]
    context = browser.new_context(locale="en-US")
    walk = Walker(world, context, site, "en-US")
    walk.sign_in()
    marks = len(site.acts())
    walk.page.get_by_label(walk.text["change_to"], exact=True).fill(walk.there)
    walk.press("change")
    walk.type_password(site.password)
    walk.press("confirm")
    walk.sees("sent")
    acts = site.acts()[marks:]
    assert [a["path"] for a in acts if a["kind"] == "request"] == [
        "/accounts/email/",
        "/accounts/reauthenticate/",
    ]
    assert [a["email"] for a in acts if a["kind"] == "effect" and a["what"] == "email_added"] == [walk.there]
    walk.page.get_by_role("button", name="Cancel Change", exact=True).click()
    walk.page.get_by_text(walk.text["removed"].format(walk.there)).wait_for()
    assert site.password not in site.config.log.read_text(encoding="utf-8")
    assert site.config.log.stat().st_mode & 0o077 == 0
    context.close()


def test_bystander_is_untouched(world: World) -> None:
    """The second account, whose address ends like OLD, is still there: nobody took it for the person's own."""
    for site in world.sites:
        assert [a.email for a in site.addresses(site.config.bystander)] == [f"jo{OLD}"]


def test_site_ends_with_its_parent(tmp_path: Path) -> None:
    """A killed rehearsal leaves no site behind: the site ends when the pipe from its parent does."""
    script = (
        "import sys, time, pathlib\n"
        "from readdress.practice.site import BRANDS, PracticeSites\n"
        "with PracticeSites(pathlib.Path(sys.argv[1]), 9, 'lin@old.test', BRANDS[:1]) as sites:\n"
        "    print(sites['forum'].pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait(5)
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    """Whether a process runs (one that has ended but was not collected yet does not)."""
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_parent_stays_free_of_django() -> None:
    """Starting sites imports neither Django nor waitress into our process: their settings are process-wide."""
    script = (
        "import sys, readdress.practice.site, readdress.practice.seed\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'django', 'allauth', 'waitress'}))\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
