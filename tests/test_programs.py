"""Proves the harness: each real program boots, its address is changed through its stock pages, and nothing survives.

These tests drive the programs with bare Playwright, without readdress: what they find is what a recipe has to meet. The facts
are written up in programs/NOTES.md; a test that fails here after an upgrade says which of them changed.
"""

from __future__ import annotations

import email
import email.policy
import imaplib
import os
import re
import smtplib
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.programs import install
from tests.programs.base import Program, ProgramFailed, ProgramMissing, accepts, require, survivors
from tests.programs.dokuwiki import DokuWiki
from tests.programs.dovecot import QQ_FOLDER, Dovecot, modified_utf7
from tests.programs.mediawiki import MediaWiki
from tests.programs.smtp import SmtpToLmtp
from tests.programs.spirit import Spirit
from tests.programs.wordpress import WordPress

pytestmark = pytest.mark.e2e

OLD, NEW, TAKEN = "old@example.net", "new@example.org", "taken@example.com"
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """Both mailboxes of the person on one server."""
    with Dovecot(users={OLD: "old pw", NEW: "new pw"}) as server:
        yield server


@pytest.fixture
def mail(dovecot: Dovecot) -> Iterator[SmtpToLmtp]:
    """A fresh way for mail into these mailboxes."""
    with SmtpToLmtp(dovecot) as sink:
        yield sink


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One quiet headless Chromium of Debian's."""
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell",
            args=[*quiet, *(["--no-sandbox"] if os.getuid() == 0 else [])],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The person's signed-in browser."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A browser that is signed in nowhere."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def newest_links(dovecot: Dovecot, user: str) -> list[str]:
    """The links of the message that came last into a mailbox, read from the real server."""
    message = email.message_from_bytes(dovecot.messages(user)[-1], policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return re.findall(r"https?://\S+", body.get_content())


# -- the harness itself


def test_a_missing_package_fails_with_its_name_and_the_command() -> None:
    """A machine without the servers must fail, never skip, and say what to do."""
    with pytest.raises(ProgramMissing, match=r"not installed: nowhere-imapd\. Run `python tests/programs/install\.py`"):
        require({"/usr/lib/nowhere/imap": "nowhere-imapd", "sh": "dash"})


def test_the_installer_tells_an_ordinary_user_what_an_administrator_has_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It must neither try without the rights nor end as if all were well."""
    monkeypatch.setattr(install, "PACKAGES", ("dpkg", "nowhere-imapd"))
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert install.missing() == ["nowhere-imapd"]
    assert install.main([]) == 1
    assert "\n    apt-get install --no-install-recommends nowhere-imapd\n" in capsys.readouterr().out


def test_a_program_that_dies_shows_its_log() -> None:
    """Without its last words a failed start in CI could not be understood."""

    class Dies(Program):
        name = "dies"

        def start(self) -> None:
            self.spawn(["sh", "-c", "echo out of luck; exit 3"], log="dies")
            self.wait_until(lambda: False, "miracle")

    with pytest.raises(ProgramFailed, match=r"(?s)ended with 3 while starting.*out of luck"), Dies():
        pass


def test_a_program_that_never_answers_ends_at_its_deadline() -> None:
    """A hanging start must not use up the time of the whole run."""

    class Hangs(Program):
        name = "hangs"
        boot_seconds = 0.3

        def start(self) -> None:
            self.process = self.spawn(["sleep", "300"], log="hangs")
            self.wait_until(lambda: False, "answer")

    program = Hangs()
    with pytest.raises(ProgramFailed, match="no answer after 0 s"), program:
        pass
    assert survivors(program.process.pid) == []


def test_children_that_outlive_their_parent_are_ended() -> None:
    """PHP's workers do this: the parent is gone, the children hold the port and ignore SIGTERM."""

    class Orphans(Program):
        name = "orphans"

        def start(self) -> None:
            self.process = self.spawn(["sh", "-c", "(trap '' TERM; sleep 300; sleep 300) & exit 0"], log="orphans")
            while self.process.ended() is None:
                time.sleep(0.01)

    program = Orphans()
    with program:
        assert survivors(program.process.pid), "the orphan is expected to live until the block is left"
    assert survivors(program.process.pid) == []


def test_dovecot_leaves_nothing_behind() -> None:
    """Neither a process nor an open port nor a file outlives the block."""
    with Dovecot(users={OLD: "pw"}) as server:
        home, port, group = server.home, server.port, server.pids()[0]
        assert accepts(port)
    assert survivors(group) == []
    assert not accepts(port)
    assert not home.exists()


def test_everything_boots_as_an_ordinary_user(tmp_path: Path) -> None:
    """A contributor without root runs the same tests; as root the servers take other paths (own users, chroot)."""
    script = f"""
import os, pwd, sys
sys.path.insert(0, {str(ROOT)!r})
import encodings.idna, smtplib, imaplib
from tests.programs.dokuwiki import DokuWiki
from tests.programs.dovecot import Dovecot
from tests.programs.mediawiki import MediaWiki
from tests.programs.smtp import SmtpToLmtp
from tests.programs.wordpress import WordPress
if os.getuid() == 0:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([]); os.setgid(nobody.pw_gid); os.setuid(nobody.pw_uid)
assert os.getuid() != 0
with Dovecot(users={{"old@example.net": "pw"}}) as dovecot, SmtpToLmtp(dovecot) as mail:
    mail.inject(b"From: a@shop.example\\nSubject: hi\\n\\nbody\\n", ["old@example.net"])
    assert len(dovecot.messages("old@example.net")) == 1
    for kind in (DokuWiki, MediaWiki, WordPress):
        with kind(mail, address="old@example.net") as program:
            assert program.address() == "old@example.net"
print("all booted")
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
        cwd="/tmp",
        env={**os.environ, "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    assert done.stdout == "all booted\n", done.stdout + done.stderr


# -- Dovecot and the way of mail


def test_dovecot_speaks_plain_starttls_and_tls(dovecot: Dovecot) -> None:
    """All three ways in, verified against the CA that the harness made."""
    context = ssl.create_default_context(cafile=dovecot.ca_file)
    dovecot.deliver(NEW, b"From: a@shop.example\nSubject: greeting\n\nbody\n")
    with imaplib.IMAP4("127.0.0.1", dovecot.port) as plain:
        assert plain.login(NEW, "new pw")[0] == "OK"
    with imaplib.IMAP4("localhost", dovecot.port) as upgraded:
        upgraded.starttls(context)
        assert upgraded.login(NEW, "new pw")[0] == "OK"
    with imaplib.IMAP4_SSL("localhost", dovecot.tls_port, ssl_context=context) as secure:
        assert secure.login(NEW, "new pw")[0] == "OK"
        assert b"IDLE" in secure.capability()[1][0].split()
    raw = dovecot.messages(NEW)[-1]
    assert b"\r\nDelivered-To: new@example.org\r\n" in raw
    assert raw.endswith(b"Subject: greeting\r\n\r\nbody\r\n")


@pytest.mark.parametrize(("certificate", "reason"), [("expired", "expired"), ("evil", "self-signed")])
def test_bad_certificates_are_refused_for_the_right_reason(certificate: str, reason: str) -> None:
    """The certificates must be bad in exactly one way, else tests of our own refusal would prove nothing."""
    with Dovecot(users={OLD: "pw"}, certificate=certificate) as server:  # type: ignore[arg-type]
        context = ssl.create_default_context(cafile=server.ca_file)
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            imaplib.IMAP4_SSL("localhost", server.tls_port, ssl_context=context)
        seen = ssl.get_server_certificate(("127.0.0.1", server.tls_port))
    assert seen.startswith("-----BEGIN CERTIFICATE-----")


def test_folders_reach_the_wire_in_modified_utf7(dovecot: Dovecot) -> None:
    """QQ Mail's folder names are Chinese; the expected text is RFC 3501's own example and what Dovecot lists."""
    assert modified_utf7("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-"
    assert modified_utf7("Q&A") == "Q&-A"
    dovecot.deliver(OLD, b"From: a@shop.example\nSubject: in a folder\n\nx\n", folder=QQ_FOLDER)
    assert len(dovecot.messages(OLD, QQ_FOLDER)) == 1
    with dovecot.login(OLD) as imap:
        listed = b"\n".join(imap.list()[1])  # type: ignore[arg-type]
        assert imap.select('"&UXZO1mWHTvZZOQ-/QQ&kK5O9ouilgU-"', readonly=True) == ("OK", [b"1"])
    assert b"&UXZO1mWHTvZZOQ-/QQ&kK5O9ouilgU-" in listed
    assert rb"\Junk" in listed
    assert rb"\Archive" in listed


def test_a_dead_mailbox_refuses_sign_in_and_mail() -> None:
    """The worst day: OLD is gone, its mail bounces, signing in gives the same answer as a wrong password."""
    with Dovecot(users={OLD: "pw", NEW: "pw"}) as server, SmtpToLmtp(server) as mail:
        server.drop_user(OLD)
        with imaplib.IMAP4("127.0.0.1", server.port) as imap:
            with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
                imap.login(OLD, "pw")
            with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
                imap.login(NEW, "wrong")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            server.deliver(OLD, b"Subject: too late\n\n")
        sent = mail.inject(b"From: a@shop.example\nSubject: both\n\nx\n", [OLD, NEW])
        assert list(sent.refused) == [OLD]
        assert len(server.messages(NEW)) == 1


def test_program_mail_is_signed_and_a_changed_byte_breaks_it(dovecot: Dovecot, mail: SmtpToLmtp) -> None:
    """There is no bypass of DKIM in the product, so the tests' mail carries real signatures with injected keys."""
    mail.inject(b"From: Shop <code@shop.example>\nTo: new@example.org\nSubject: code\n\n123456\n", [NEW])
    raw = dovecot.messages(NEW)[-1]
    assert list(mail.keys) == ["test._domainkey.shop.example"]
    assert dkim.verify(raw, dnsfunc=mail.key_lookup)
    assert not dkim.verify(raw.replace(b"123456", b"123457"), dnsfunc=mail.key_lookup)
    assert not dkim.verify(raw, dnsfunc=lambda name, timeout=5: None)


def test_the_provider_stamps_its_own_results_and_drops_forged_ones(dovecot: Dovecot) -> None:
    """RFC 8601, section 5: only the topmost stamp of the provider's own id may count, so a forged one must be gone."""
    forged = b"Authentication-Results: mx.example.net;\n dkim=pass header.d=bank.example\n"
    with SmtpToLmtp(dovecot, authserv_id="mx.example.net") as mail:
        mail.inject(forged + b"From: a@shop.example\nSubject: stamp\n\nx\n", [NEW])
    message = email.message_from_bytes(dovecot.messages(NEW)[-1])
    assert message.get_all("Authentication-Results") == [
        "mx.example.net; dkim=pass header.d=shop.example header.s=test"
    ]
    tampered = SmtpToLmtp(dovecot, authserv_id="mx.example.net", forge=lambda raw: raw + b"more\r\n")
    with tampered as mail:
        mail.inject(b"From: a@shop.example\nSubject: stamp\n\nx\n", [NEW])
    message = email.message_from_bytes(dovecot.messages(NEW)[-1])
    assert "dkim=fail" in str(message["Authentication-Results"])


def test_the_sendmail_stand_in_hides_bcc(dovecot: Dovecot, mail: SmtpToLmtp) -> None:
    """PHP programs mail through it; a Bcc header that stays in would show who else was written to."""
    raw = f"To: {NEW}\nBcc: {OLD}\nFrom: a@blog.example\nSubject: php\n\nBcc: stays in the body\n"
    subprocess.run(mail.sendmail.split(), input=raw.encode(), check=True)
    sent = mail.wait_for(1)
    assert set(sent.recipients) == {NEW, OLD}
    assert sent.header("Bcc") == ""
    assert "Bcc: stays in the body" in sent.text
    done = subprocess.run(mail.sendmail.split(), input=b"Subject: to nobody\n\n", check=False, capture_output=True)
    assert done.returncode == 64


# -- MediaWiki: at once, unconfirmed until the link


WIKI_WORDS = {
    "en": {
        "login": "Log in",
        "signed_out": "You must be logged in to access this page directly.",
        "wrong_password": "Incorrect username or password entered. Please try again.",
        "field": "New email address:",
        "button": "Change email",
        "same": "Please enter a different new email address.",
        "sent": "A confirmation email has been sent to the specified email address.",
        "unconfirmed": "Your email address is not yet confirmed.",
        "confirmed": "Your email address was confirmed on",
        "landing": "Your email address has been confirmed. You may now log in and enjoy the wiki.",
        "to_new": "Test wiki email address confirmation",
        "to_old": "Test wiki registered email address has been changed",
        "cancelled": "Email address confirmation canceled",
        "expired": "Invalid confirmation code. The code may have expired.",
        "resend": "Mail a confirmation code",
    },
    "zh-hans": {
        "login": "登录",
        "signed_out": "您必须登录以直接访问本页。",
        "wrong_password": "您输入的用户名或密码错误。 请重试。",
        "field": "新的电子邮件地址：",
        "button": "更改电子邮件地址",
        "same": "请输入一个不同的新的电子邮件地址。",
        "sent": "一封确认邮件已经发送至您设置的邮件地址。",
        "unconfirmed": "您的邮件地址尚未确认。",
        "confirmed": "您的电子邮件地址已于",
        "landing": "您的邮箱已经被确认。 您现在可以登录并使用此wiki了。",
        "to_new": "Test wiki电子邮件地址确认",
        "to_old": "Test wiki注册的电子邮件地址已被更改",
        "cancelled": "电子邮件地址确认已取消",
        "expired": "无效的确认码。 该确认码可能已经到期。",
        "resend": "邮件发送确认代码",
    },
}


def wiki_sign_in(page: Page, words: dict[str, str], login: str, password: str) -> None:
    """Fill MediaWiki's sign-in form, which is also its re-authentication form."""
    page.locator("#wpName1").fill(login)
    page.locator("#wpPassword1").fill(password)
    page.get_by_role("button", name=words["login"], exact=True).click()


def wiki_change(page: Page, wiki: MediaWiki, words: dict[str, str], address: str) -> str:
    """Open the page, submit an address, return the text that follows."""
    page.goto(wiki.url + "/index.php/Special:ChangeEmail")
    page.get_by_label(words["field"]).fill(address)
    page.get_by_role("button", name=words["button"], exact=True).click()
    return page.locator("#content").inner_text()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_mediawiki_changes_at_once_and_confirms_by_the_link(
    language: str, page: Page, stranger: Page, dovecot: Dovecot, mail: SmtpToLmtp
) -> None:
    """The whole way, with every text that the notes promise, in both languages."""
    words = WIKI_WORDS[language]
    with MediaWiki(mail, address=OLD, language=language, others={"Bob": TAKEN}) as wiki:  # type: ignore[arg-type]
        assert (wiki.address(), wiki.verified()) == (OLD, True)
        page.goto(wiki.url + "/index.php/Special:ChangeEmail")
        assert words["signed_out"] in page.locator("#content").inner_text()
        wiki_sign_in(page, words, wiki.login, "wrong")
        assert words["wrong_password"] in page.locator("#content").inner_text()
        wiki_sign_in(page, words, wiki.login, wiki.password)
        assert words["same"] in wiki_change(page, wiki, words, OLD)
        assert wiki.address() == OLD

        assert words["sent"] in wiki_change(page, wiki, words, NEW)
        assert (wiki.address(), wiki.verified()) == (NEW, False)
        mail.wait_for(2)
        by_recipient = {sent.recipients[0]: sent for sent in mail.mails}
        assert by_recipient[OLD].subject == words["to_old"]
        assert by_recipient[OLD].links == []
        assert by_recipient[NEW].subject == words["to_new"]
        assert by_recipient[NEW].header("From") == "Test wiki <wiki@wiki.example.net>"
        page.goto(wiki.url + "/index.php/Special:Preferences")
        shown = page.locator("#mw-input-wpemailaddress")
        assert shown.inner_text().splitlines()[0] == NEW
        assert words["unconfirmed"] in page.locator(".mw-email-not-authenticated").inner_text()

        confirm, cancel = newest_links(dovecot, NEW)
        key = confirm.rpartition("/")[2]
        assert confirm == f"{wiki.url}/index.php/Special:ConfirmEmail/{key}"
        assert cancel == f"{wiki.url}/index.php/Special:InvalidateEmail/{key}"
        stranger.goto(confirm)
        assert words["landing"] in stranger.locator("#content").inner_text()
        assert (wiki.address(), wiki.verified()) == (NEW, True)
        page.reload()
        assert words["confirmed"] in page.locator(".mw-email-authenticated").inner_text()

        # an address of another account is accepted, and its owner's cancel link empties this account's address
        assert words["sent"] in wiki_change(page, wiki, words, TAKEN)
        assert wiki.address() == TAKEN
        mail.wait_for(4)
        cancel = next(sent.links[1] for sent in mail.mails if sent.recipients == (TAKEN,))
        stranger.goto(cancel)
        assert words["cancelled"] in stranger.locator("#content").inner_text()
        assert (wiki.address(), wiki.verified()) == ("", False)

        wiki.reset(NEW, verified=False)
        page.goto(wiki.url + "/index.php/Special:ConfirmEmail")
        page.get_by_role("button", name=words["resend"], exact=True).click()
        late = mail.wait_for(5).links[0]
        wiki.expire_link()
        stranger.goto(late)
        assert words["expired"] in stranger.locator("#content").inner_text()
        assert (wiki.address(), wiki.verified()) == (NEW, False)


def test_mediawiki_asks_for_the_password_before_and_in_the_middle(page: Page, mail: SmtpToLmtp) -> None:
    """After a re-authentication in the middle the form comes back filled in, and nothing has been submitted."""
    words = WIKI_WORDS["en"]
    with MediaWiki(mail, address=OLD, reauthenticate_after=3) as wiki:
        page.goto(wiki.url + "/index.php/Special:UserLogin")
        wiki_sign_in(page, words, wiki.login, wiki.password)
        time.sleep(4)
        page.goto(wiki.url + "/index.php/Special:ChangeEmail")
        assert page.locator("h1").inner_text() == "Verify your identity"
        assert "You must log in again to verify that you are Ann." in page.locator("#content").inner_text()
        wiki_sign_in(page, words, wiki.login, wiki.password)
        page.get_by_label(words["field"]).fill(NEW)
        time.sleep(4)
        page.get_by_role("button", name=words["button"], exact=True).click()
        assert page.locator("h1").inner_text() == "Verify your identity"
        wiki_sign_in(page, words, wiki.login, wiki.password)
        assert page.get_by_label(words["field"]).input_value() == NEW
        assert (wiki.address(), mail.mails) == (OLD, [])
        page.get_by_role("button", name=words["button"], exact=True).click()
        assert words["sent"] in page.locator("#content").inner_text()
        assert wiki.address() == NEW


# -- DokuWiki: at once, with the password, no mail


DOKU_WORDS = {
    "en": {
        "login": "Log In",
        "wrong_login": "Sorry, username or password was wrong.",
        "signed_in": "Logged in as: Ann (ann)",
        "field": "E-Mail",
        "password": "Confirm current password",
        "save": "Save",
        "remove": "Remove My Account",
        "wrong": "Sorry, the password was wrong",
        "done": "User profile successfully updated.",
    },
    "zh": {
        "login": "登录",
        "wrong_login": "对不起，用户名或密码错误。",
        "signed_in": "登录为: Ann (ann)",
        "field": "E-Mail",
        "password": "请输入当前密码",
        "save": "保存",
        "remove": "移除我的账户",
        "wrong": "对不起，密码错误",
        "done": "用户信息更新成功。",
    },
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_dokuwiki_changes_at_once_with_the_password(language: str, page: Page, mail: SmtpToLmtp) -> None:
    """Two password fields carry one label: the second belongs to the form that deletes the account."""
    words = DOKU_WORDS[language]
    with DokuWiki(mail, address=OLD, language=language, others={"bob": TAKEN}) as wiki:  # type: ignore[arg-type]
        profile = wiki.url + "/doku.php?id=start&do=profile"
        page.goto(profile)
        assert page.locator("input[type=password]").count() == 0, "signed out it shows the page, without a word"
        page.goto(wiki.url + "/doku.php?id=start&do=login")
        for password, seen in (("wrong", words["wrong_login"]), (wiki.password, words["signed_in"])):
            page.locator("#dw__login [name=u]").fill(wiki.login)
            page.locator("#dw__login [name=p]").fill(password)
            page.locator("#dw__login").get_by_role("button", name=words["login"], exact=True).click()
            assert seen in page.locator("body").inner_text()

        def save(address: str, password: str) -> str:
            page.goto(profile)
            assert page.get_by_label(words["password"], exact=True).count() == 2
            form = page.locator("#dw__register")
            form.get_by_label(words["field"], exact=True).fill(address)
            form.get_by_label(words["password"], exact=True).fill(password)
            form.get_by_role("button", name=words["save"], exact=True).click()
            return page.locator("body").inner_text()

        assert words["wrong"] in save(NEW, "wrong")
        assert wiki.address() == OLD
        assert words["done"] in save(TAKEN, wiki.password), "an address of another account is accepted"
        assert wiki.address() == TAKEN
        assert words["done"] in save(NEW, wiki.password)
        assert wiki.address() == NEW
        page.goto(profile)
        assert page.locator("#dw__register").get_by_label(words["field"], exact=True).input_value() == NEW
        delete = page.locator("#dw__profiledelete")
        assert delete.get_by_role("button", name=words["remove"], exact=True).is_visible()
        assert wiki.exists()
        assert mail.mails == []


# -- WordPress: pending until the link, opened signed in


BLOG_WORDS = {
    "en": {
        "login": "Log In",
        "wrong": "Error: The password you entered for the username ann is incorrect.",
        "field": "Email (required)",
        "save": "Update Profile",
        "taken": "Error: This email is already registered. Please choose another one.",
        "updated": "Profile updated.",
        "pending": f"There is a pending change of your email to {NEW}.",
        "cancel": "Cancel",
        "bad_link": "Error while saving the new email address. Please try again.",
    },
    "zh": {
        "login": "登录",
        "wrong": "Error: The password you entered for the username ann is incorrect.",  # not translated in Debian
        "field": "电子邮件 （必填）",
        "save": "更新个人资料",
        "taken": "Error: This email is already registered. Please choose another one.",  # not translated in Debian
        "updated": "个人资料已更新。",
        "pending": f"您即将修改您的电子邮件为{NEW}。",
        "cancel": "取消",
        "bad_link": "保存新的电子邮件地址时发生错误，请重试。",
    },
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_wordpress_waits_for_the_link_in_a_signed_in_session(
    language: str, page: Page, stranger: Page, dovecot: Dovecot, mail: SmtpToLmtp
) -> None:
    """ "Profile updated." is shown for pending, for cancelled and for done: it proves nothing."""
    words = BLOG_WORDS[language]
    with WordPress(mail, address=OLD, language=language, others={"bob": TAKEN}) as blog:  # type: ignore[arg-type]
        profile = blog.url + "/wp-admin/profile.php"

        def sign_in(who: Page, login: str, password: str) -> None:
            who.wait_for_load_state("networkidle")  # its script moves the focus after a while
            who.locator("#user_login").fill(login)
            who.locator("#user_pass").fill(password)
            who.get_by_role("button", name=words["login"], exact=True).click()

        def save(address: str) -> str:
            page.goto(profile)
            page.get_by_label(words["field"]).fill(address)
            page.get_by_role("button", name=words["save"], exact=True).click()
            return page.locator("#wpbody-content").inner_text()

        page.goto(profile)
        assert "/wp-login.php?redirect_to=" in page.url
        sign_in(page, blog.login, "wrong")
        assert words["wrong"] in page.locator("#login_error").inner_text()
        sign_in(page, blog.login, blog.password)
        page.wait_for_url(profile)
        assert words["taken"] in save(TAKEN)
        assert (blog.address(), blog.pending()) == (OLD, "")

        assert words["updated"] in save(NEW)
        assert words["pending"] in page.locator(".user-email-wrap").inner_text()
        assert page.locator("#email").input_value() == OLD
        assert (blog.address(), blog.pending(), blog.verified()) == (OLD, NEW, False)
        sent = mail.wait_for(1)
        assert sent.recipients == (NEW,)
        assert sent.subject == "[Test blog] Email Change Request"
        assert sent.header("From") == "WordPress <wordpress@blog.example.net>"
        link = newest_links(dovecot, NEW)[0]
        assert re.fullmatch(re.escape(profile) + r"\?newuseremail=[0-9a-f]{32}", link)

        stranger.goto(link)
        assert "/wp-login.php?redirect_to=" in stranger.url
        sign_in(stranger, "bob", blog.password)
        assert words["bad_link"] in stranger.locator("#wpbody-content").inner_text()
        assert (blog.address(), blog.pending()) == (OLD, NEW)

        page.goto(link)
        assert words["updated"] in page.locator("#wpbody-content").inner_text()
        assert (blog.address(), blog.pending(), blog.verified()) == (NEW, "", True)
        told = mail.wait_for(2)
        assert (told.recipients, told.subject) == ((OLD,), "[Test blog] Email Changed")
        page.goto(link)
        assert words["bad_link"] in page.locator("#wpbody-content").inner_text(), "the link works once"

        save("third@example.com")
        page.locator(".user-email-wrap").get_by_role("link", name=words["cancel"], exact=True).click()
        assert words["updated"] in page.locator("#wpbody-content").inner_text()
        assert (blog.address(), blog.pending()) == (NEW, "")


# -- Spirit: the link goes to OLD only


def test_spirit_cannot_be_moved_without_the_old_mailbox(
    page: Page, stranger: Page, dovecot: Dovecot, mail: SmtpToLmtp
) -> None:
    """The new address is never written to: a person who lost OLD cannot move, and a typing error in NEW is accepted."""
    with Spirit(mail, address=OLD, others={"bob": TAKEN}) as forum:
        change = forum.url + "/user/email-change/"

        def sign_in(who: Page, login: str, password: str) -> None:
            who.get_by_label("Username:").fill(login)
            who.get_by_label("Password:").fill(password)
            who.get_by_role("button", name="Login", exact=True).click()

        def submit(address: str, password: str) -> str:
            page.goto(change)
            page.get_by_label("Email:").fill(address)
            page.get_by_label("Password:").fill(password)
            page.get_by_role("button", name="Change my email", exact=True).click()
            return page.locator("body").inner_text()

        page.goto(change)
        assert "/user/login/?next=" in page.url
        sign_in(page, forum.login, "wrong")
        assert "Please enter a correct username and password." in page.locator("body").inner_text()
        sign_in(page, forum.login, forum.password)
        assert "The provided password is incorrect." in submit(NEW, "wrong")
        assert "The email is taken." in submit(TAKEN, forum.password)
        assert "We have sent you an email so you can confirm the change!" in submit(NEW, forum.password)
        assert forum.address() == OLD
        sent = mail.wait_for(1)
        assert sent.recipients == (OLD,)
        assert sent.subject == "Email change"
        assert sent.header("From") == "Test forum <forum@forum.example.net>"

        (link,) = newest_links(dovecot, OLD)
        assert re.fullmatch(re.escape(change) + r"[\w.-]+/", link)
        stranger.goto(link)
        assert "/user/login/?next=" in stranger.url
        sign_in(stranger, "bob", forum.password)
        assert "Sorry, we were not able to change your email." in stranger.locator("body").inner_text()
        assert forum.address() == OLD
        page.goto(link)
        assert page.url == forum.url + "/user/"
        assert "Your email has been changed!" in page.locator("body").inner_text()
        assert forum.address() == NEW
        page.goto(forum.url + "/user/")
        assert page.get_by_text(NEW, exact=True).is_visible()
        page.goto(link)
        assert "Sorry, we were not able to change your email." in page.locator("body").inner_text()
        assert len(mail.mails) == 1
        assert dovecot.messages(NEW) == [] or all(b"forum.example.net" not in raw for raw in dovecot.messages(NEW))
