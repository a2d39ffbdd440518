"""The gate as a whole: every hazard of hazards.md "Messages", the order of checks, binding, pasting, and that nothing leaks."""

from __future__ import annotations

import inspect
import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_trust_message import HOSTILE
from trust_samples import CODE, GOOD_LINK, LINK, NEW, NOTICE, NOW, SENDER, Case, keys, mail, no_keys, sign

from readdress.models import Expectation, Mark, Side
from readdress.practice.signing import Signer
from readdress.recipe.schema import Mail
from readdress.trust import Accepted, NeedsBinding, Reason, Rejected, judge, paste
from readdress.trust.verdict import Judgement

CAP = 5.0  # CPU seconds: what the caps are for took 10 s to hours; a busy machine must not fail this

LINK_TEXT = f"Open\n{GOOD_LINK}\nNot you? {GOOD_LINK.replace('confirm', 'unlink')}\n"
RECIPES = Path(__file__).parents[2] / "recipes"


def _reason(got: Judgement) -> Reason | None:
    return got.reason if isinstance(got, Rejected) else None


def test_link_mail() -> None:
    """A confirmation mail with an unlink link beside it: the confirmation is released, with its digest."""
    got = Case(sign(mail(LINK_TEXT)), LINK).judge()
    assert isinstance(got, Accepted)
    assert (got.kind, got.value) == ("link", GOOD_LINK)
    assert len(got.digest) == 64
    assert GOOD_LINK not in repr(got)


def test_notice_carries_nothing() -> None:
    """A mail that only tells something releases no value, but is recognised when it comes again."""
    raw = sign(mail())
    got = Case(raw, NOTICE).judge()
    assert isinstance(got, Accepted)
    assert (got.kind, got.value) == ("notice", "")
    assert _reason(Case(raw, NOTICE, options={"used": lambda d: d == got.digest}).judge()) is Reason.USED


@pytest.mark.parametrize(
    "incoming",
    [{"uid": 99}, {"folder": "Junk"}, {"uidvalidity": 10}, {"uid": 0}],
)
def test_before_the_mark(incoming: dict[str, Any]) -> None:
    """A mail that was there before the act, in a folder that was not watched, or after the UIDs changed their meaning."""
    assert _reason(Case(sign(mail()), incoming=incoming).judge()) is Reason.NOT_AFTER_MARK


def test_at_the_mark() -> None:
    """UIDNEXT itself is the first message after the mark, in any watched folder."""
    assert isinstance(Case(sign(mail()), incoming={"uid": 100}).judge(), Accepted)
    marks = (Mark("INBOX", 9, 500), Mark("Junk", 3, 7))
    got = Case(
        sign(mail()), incoming={"folder": "Junk", "uidvalidity": 3, "uid": 7}, expectation={"marks": marks}
    ).judge()
    assert isinstance(got, Accepted)
    assert _reason(Case(sign(mail()), expectation={"marks": ()}).judge()) is Reason.NOT_AFTER_MARK


def test_wrong_mailbox() -> None:
    """The other side's mailbox; a replay of a mail to somebody else; a look-alike of our address."""
    assert _reason(Case(sign(mail()), incoming={"side": Side.OLD}).judge()) is Reason.WRONG_MAILBOX
    for other in (
        "bob@elsewhere.example",
        "joann@new.example",
        f'"{NEW}" <bob@elsewhere.example>',
        f"bob@elsewhere.example ({NEW})",
    ):
        replayed = sign(mail(to=other, extra=f"Delivered-To: {NEW}\n"))
        assert _reason(Case(replayed).judge()) is Reason.WRONG_MAILBOX


def test_undisclosed_recipients() -> None:
    """Some programs name the recipient only in Delivered-To, X-Original-To or Cc."""
    for header in ("Delivered-To", "X-Original-To"):
        raw = sign(mail(to="undisclosed-recipients:;", extra=f"{header}: {NEW}\n"))
        assert isinstance(Case(raw).judge(), Accepted)
    covered = [b"from", b"to", b"cc", b"subject"]
    raw = sign(mail(to="undisclosed-recipients:;", extra=f"Cc: {NEW}\n"), include_headers=covered)
    assert isinstance(Case(raw).judge(), Accepted)
    assert _reason(Case(sign(mail(to="undisclosed-recipients:;"))).judge()) is Reason.WRONG_MAILBOX


def test_recipient_added_to_a_replay() -> None:
    """DKIM replay: a Cc with our address that the signature does not cover is no proof that it was meant for us."""
    raw = b"Cc: ann@new.example\r\n" + sign(mail(to="bob@elsewhere.example"))
    assert _reason(Case(raw).judge()) is Reason.NOT_AUTHENTIC


def test_same_domain_other_sender() -> None:
    """``notifications@github.com`` is written by strangers, under the same d= as ``noreply@github.com``."""
    got = Case(sign(mail(sender="notifications@shop.example"))).judge()
    assert _reason(got) is Reason.SENDER
    assert isinstance(got, Rejected)
    assert got.about_us  # it claims the very subject that we wait for


def test_other_mail_of_the_sender_is_no_news() -> None:
    """Another subject of the same sender, and a stranger's newsletter: rejected, not worth telling the person."""
    for raw in (mail(subject="Sale!"), mail(subject="News", sender="x@other.example")):
        got = Case(sign(raw)).judge()
        assert isinstance(got, Rejected)
        assert not got.about_us


@pytest.mark.parametrize(
    ("subject", "fits"),
    [
        ("Your code", True),
        ("[Shop] YOUR  CODE 12", True),
        ("Ｙour code", True),
        ("=?utf-8?q?Your_code?=", True),
        ("Your", False),
        ("", False),
    ],
)
def test_subject(subject: str, fits: bool) -> None:
    """The recipe's words anywhere in the subject, however it is encoded; letter case and blanks aside."""
    assert (_reason(Case(sign(mail(subject=subject))).judge()) is not Reason.SUBJECT) is fits


def test_expired() -> None:
    """After the expectation's end, or after the mail's own life."""
    late = {"until": NOW - timedelta(seconds=1)}
    assert _reason(Case(sign(mail()), expectation=late).judge()) is Reason.EXPIRED
    short = CODE.model_copy(update={"lives": timedelta(minutes=10)})
    assert isinstance(Case(sign(mail()), short, incoming={"received": NOW - timedelta(minutes=1)}).judge(), Accepted)
    old = {"received": NOW - timedelta(hours=1)}
    armed = {"armed_at": NOW - timedelta(hours=2)}
    assert _reason(Case(sign(mail()), short, incoming=old, expectation=armed).judge()) is Reason.EXPIRED


def test_used_once() -> None:
    """The same code or link a second time, in whatever part or spelling, is refused before DNS is asked."""
    got = Case(sign(mail(LINK_TEXT)), LINK).judge()
    assert isinstance(got, Accepted)
    asked: list[bytes] = []
    options = {"used": lambda digest: digest == got.digest, "lookup": lambda n, t: asked.append(n)}
    html = f'<a href="{GOOD_LINK}?utm_source=again">Verify</a>'
    assert _reason(Case(sign(mail(None, html=html)), LINK, options=options).judge()) is Reason.USED
    assert asked == []


def test_cheap_checks_first() -> None:
    """Nobody can make us ask DNS by sending mail that is not for us."""

    def lookup(name: bytes, timeout: int) -> bytes | None:
        raise AssertionError("asked")

    for raw, rule in (
        (mail(sender="x@evil.example"), CODE),
        (mail(subject="x"), CODE),
        (mail(to="b@x.example"), CODE),
        (mail("nothing"), CODE),
        (mail("nothing"), LINK),
        (b"\x00", CODE),
    ):
        assert isinstance(
            Case(sign(raw) if raw != b"\x00" else raw, rule, options={"lookup": lookup}).judge(), Rejected
        )


def test_only_forbidden_links() -> None:
    """Microsoft's code mail, MediaWiki's, Facebook's alerts: a mail with only the link that undoes things says so."""
    loose = LINK.model_copy(
        update={"link": LINK.link.model_copy(update={"path": "/users/*/emails/*/*/*"}) if LINK.link else None}
    )
    only = f"Not you? {GOOD_LINK.replace('confirm', 'unlink')}"
    assert _reason(Case(sign(mail(only)), loose).judge()) is Reason.FORBIDDEN_LINK


SITE = Mail.model_validate(
    {"id": "v", "to": "new", "from": ["{site}"], "link": {"host": "{site}", "path": "/confirm/*"}}
)


def test_binding() -> None:
    """A recipe for many sites: the sender is shown first, and from then on only that one counts."""
    raw = sign(mail("https://bbs.example/confirm/a1", sender="admin@shop.example"))
    site = {"site": "https://bbs.example"}
    got = Case(raw, SITE, options=site).judge()
    assert got == NeedsBinding("admin@shop.example", "https://bbs.example", "Your code", same_domain=False)
    got = Case(raw, SITE, options=site | {"bound_sender": "Admin@Shop.example"}).judge()
    assert isinstance(got, Accepted)
    assert got.binds == "admin@shop.example"
    got = Case(raw, SITE, options=site | {"bound_sender": "admin@bbs.example"}).judge()
    assert _reason(got) is Reason.SENDER
    assert _reason(Case(raw, SITE).judge()) is Reason.SENDER


def test_binding_is_offered_only_for_authentic_mail() -> None:
    """The person is never asked to agree to a sender that was not proved, or to a mail without the link."""
    raw = mail("https://bbs.example/confirm/a1", sender="admin@shop.example")
    site = {"site": "https://bbs.example"}
    assert _reason(Case(raw, SITE, options=site).judge()) is Reason.NOT_AUTHENTIC
    other = sign(mail("https://evil.example/confirm/a1", sender="admin@shop.example"))
    assert _reason(Case(other, SITE, options=site).judge()) is Reason.NO_TOKEN


def test_loopback_site() -> None:
    """The rehearsal's own site speaks http on this machine; its mail is signed like any other."""
    raw = sign(mail("http://127.0.0.1:8765/confirm/a1", sender="admin@shop.example"))
    options = {"site": "http://127.0.0.1:8765", "bound_sender": "admin@shop.example"}
    got = Case(raw, SITE, options=options).judge()
    assert isinstance(got, Accepted)
    assert got.value == "http://127.0.0.1:8765/confirm/a1"


def test_rehearsal_signer() -> None:
    """The rehearsal's signer stands in for DNS with its own look-up, and passes the gate without any exception for it."""
    signer = Signer(["shop.example"])
    assert isinstance(Case(signer.sign_for_sender(mail()), options={"lookup": signer.keys}).judge(), Accepted)
    stranger = signer.sign_for_sender(mail(sender="x@other.example"))
    rule = CODE.model_copy(update={"sender": ["x@other.example"]})
    assert _reason(Case(stranger, rule, options={"lookup": signer.keys}).judge()) is Reason.NOT_AUTHENTIC


def test_paste() -> None:
    """Where NEW cannot be read, the person pastes: same form, host, path and single use; no sender to check."""
    fresh: dict[str, Any] = {"used": lambda d: False}
    got = paste(" 482 913 ", CODE, **fresh)
    assert isinstance(got, Accepted)
    assert (got.value, got.sender) == ("482913", "")
    assert isinstance(paste("Your code: 482913\nbye", CODE, **fresh), Accepted)
    assert isinstance(paste(GOOD_LINK, LINK, **fresh), Accepted)
    assert _reason(paste("12345", CODE, **fresh)) is Reason.NO_TOKEN
    assert _reason(paste("code: 482913 code: 571204", CODE, **fresh)) is Reason.AMBIGUOUS
    assert _reason(paste(GOOD_LINK.replace("shop.", "evil."), LINK, **fresh)) is Reason.NO_TOKEN
    assert _reason(paste(GOOD_LINK.replace("confirm", "unlink"), LINK, **fresh)) is not None
    assert _reason(paste("482913", CODE, used=lambda d: d == got.digest)) is Reason.USED
    assert _reason(paste("x", NOTICE, **fresh)) is Reason.NO_TOKEN
    over = Expectation("a", "code", "r", "s", 1, NOW - timedelta(hours=2), (), until=NOW - timedelta(hours=1))
    assert _reason(paste("482913", CODE, used=lambda d: False, expectation=over, now=NOW)) is Reason.EXPIRED


def test_pasted_and_mailed_are_one() -> None:
    """A code used from the mail cannot be pasted again, and the other way round."""
    mailed = Case(sign(mail())).judge()
    pasted = paste("482913", CODE, used=lambda d: False)
    assert isinstance(mailed, Accepted)
    assert isinstance(pasted, Accepted)
    assert mailed.digest == pasted.digest


def test_no_way_round() -> None:
    """There is no parameter that leaves a check out: these are all there are."""
    names = set(inspect.signature(judge).parameters)
    assert names == {
        "incoming",
        "rule",
        "expectation",
        "mailbox_address",
        "lookup",
        "used",
        "site",
        "bound_sender",
        "now",
    }


def test_rejections_tell_no_secret() -> None:
    """What a rejection says goes to the screen and the log: no code and no link is in it."""
    for text, rule in (("Your code: 482913", CODE), (LINK_TEXT, LINK)):
        for raw in (mail(text), sign(mail(text + "\n" + text.replace("482913", "571204").replace("ann", "bob")))):
            got = Case(raw, rule).judge()
            assert isinstance(got, Rejected)
            assert "482913" not in repr(got)
            assert "0a1b2c3d" not in repr(got)


GITHUB_VERIFY = {
    "id": "verify", "to": "new", "from": ["noreply@github.com"], "subject": ["Please verify your email address"],
    "link": {"host": "github.com", "path": "/users/*/emails/*/confirm_verification/*"}, "never": ["/users/unlink_email/*"],
}  # fmt: skip
GITHUB_CODE = {
    "id": "device", "to": "new", "from": ["noreply@github.com"], "subject": ["Please verify your device"],
    "code": {"length": [6], "near": ["Verification code", "验证码"]},
}  # fmt: skip
MICROSOFT_CODE = {
    "id": "code", "to": "new", "from": ["account-security-noreply@accountprotection.microsoft.com"],
    "code": {"length": [6, 7], "near": ["security code", "安全代码", "验证码", "代码"]},
}  # fmt: skip
SAMPLES: list[tuple[str, dict[str, Any], str]] = [
    ("github/pages/mails/verify*.eml", GITHUB_VERIFY, "link"),
    ("github/pages/mails/device*.eml", GITHUB_CODE, "code"),
    ("github/pages/mails/hostile*.eml", GITHUB_VERIFY, ""),
    ("github/pages/mails/unlink*.eml", GITHUB_VERIFY, ""),
    ("microsoft/pages/mails/code*.eml", MICROSOFT_CODE, "code"),
    ("microsoft/pages/mails/hostile*.eml", MICROSOFT_CODE, ""),
]


@pytest.mark.parametrize(("pattern", "rule", "kind"), SAMPLES, ids=[p for p, _, _ in SAMPLES])
def test_sample_mails_of_the_recipes(pattern: str, rule: dict[str, Any], kind: str) -> None:
    """The recipes' own sample mails, signed: the right token out of each, and none out of the hostile ones."""
    found = sorted(RECIPES.glob(pattern))
    assert found, pattern
    link = "https://github.com/users/ann/emails/7/confirm_verification/" + "0a1b2c3d4e" * 4
    for path in found:
        text = path.read_text(encoding="utf-8")
        for name, value in {
            "new": NEW,
            "old": NEW,
            "link": link,
            "code": "0819268" if "microsoft" in pattern else "081926",
        }.items():
            text = text.replace("{" + name + "}", value)
        sender = text.split("From:", 1)[1].split("\n", 1)[0].rpartition("@")[2].strip(" >")
        raw = sign(text.replace("\r\n", "\n").replace("\n", "\r\n").encode(), sender)
        got = Case(raw, Mail.model_validate(rule), options={"lookup": keys(sender)}).judge()
        if kind:
            assert isinstance(got, Accepted), (path.name, got)
            assert got.value == (link if kind == "link" else "0819268" if "microsoft" in pattern else "081926"), (
                path.name
            )
        else:
            assert isinstance(got, Rejected), path.name


@pytest.mark.parametrize(("name", "build"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_hostile_mail_is_judged_quickly(name: str, build: Callable[[], bytes]) -> None:
    """The same mails that the parser survives, through the whole gate: links, codes and signatures cost little too."""
    raw = build()
    for rule in (r.model_copy(update={"sender": ["a@b.example"]}) for r in (CODE, LINK)):
        start = time.process_time()
        got = Case(raw, rule, options={"lookup": no_keys}).judge()
        assert time.process_time() - start < CAP
        assert isinstance(got, Rejected)


def _check(raw: bytes, rule: Mail, **incoming: Any) -> Judgement:
    start = time.process_time()
    got = Case(raw, rule, incoming=incoming, options={"lookup": no_keys}).judge()
    assert time.process_time() - start < CAP
    assert isinstance(got, Rejected)  # nothing that was not signed is ever accepted
    assert not hasattr(got, "value")
    return got


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=3000), st.sampled_from([CODE, LINK, NOTICE, SITE]))
def test_any_octets(raw: bytes, rule: Mail) -> None:
    """Whatever octets come: no exception, no delay, and no value."""
    _check(raw, rule)


_PIECES = st.sampled_from(
    [b"From: ", b"To: ", b"Subject: ", b"Cc: ", b"\r\n", b"\n", b"\r\n\r\n", b" ", b"\t", b"\x00", b"\xff", b'"', b"<", b">", b"(", b")",
     b"\\", b"@", b",", b";", b":", b"=", b"=?utf-8?B?", b"=?gbk?Q?", b"?=", SENDER.encode(), NEW.encode(), b"Your code", b"code: 482913",
     GOOD_LINK.encode(), b"Content-Type: multipart/mixed; boundary=b", b"--b", b"--b--", b"Content-Type: text/html", b"<a href='", b"</a>",
     b"<style>", b"<!--", b"&amp;", b"&#x", b"Content-Transfer-Encoding: base64", b"quoted-printable", b"charset=iso-2022-jp", b"\x1b$B",
     b"DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=s1; h=from:to:subject; bh=AA==; b=AA==", b"Authentication-Results: ",
     b"mx.mailbox.example; dkim=pass header.d=shop.example", "验证码：".encode(), "\u202e".encode()]
)  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_PIECES, max_size=120).map(b"".join), st.sampled_from([CODE, LINK, NOTICE, SITE]))
def test_any_shards_of_mail(raw: bytes, rule: Mail) -> None:
    """Shards of real mail in any order."""
    _check(raw, rule)
    _check(b"From: " + SENDER.encode() + b"\r\nTo: " + NEW.encode() + b"\r\nSubject: Your code\r\n" + raw, rule)


def test_mutations_of_a_signed_mail() -> None:
    """A thousand small changes to a signed mail: it is refused, or the token is the one that was signed."""
    dice = random.Random(20261123)
    raw = sign(mail(LINK_TEXT, html=f'<p>Your code <a href="{GOOD_LINK}">Verify</a></p>'))
    lookup = keys("shop.example")
    for _ in range(600):
        changed = bytearray(raw)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(changed))
            kind = dice.randrange(3)
            if kind == 0:
                changed[at] = dice.randrange(256)
            elif kind == 1:
                changed[at:at] = bytes(dice.randrange(256) for _ in range(dice.randint(1, 8)))
            else:
                del changed[at : at + dice.randint(1, 20)]
        start = time.process_time()
        got = Case(bytes(changed), LINK, options={"lookup": lookup}).judge()
        assert time.process_time() - start < CAP
        if isinstance(got, Accepted):
            assert got.value == GOOD_LINK
            assert got.sender == SENDER
