"""Authenticity: DKIM verified here, findings of the mailbox provider, and everything that only looks like either."""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dkim
import pytest
from trust_samples import NOW, Case, keys, mail, no_keys, sign

from readdress.trust import Accepted, Reason, Rejected
from readdress.trust.verdict import Judgement

CAP = 5.0  # CPU seconds: what the caps are for took 10 s to hours; a busy machine must not fail this

MX = ("mx.mailbox.example",)


def _reason(got: Judgement) -> Reason | None:
    return got.reason if isinstance(got, Rejected) else None


def _stamped(results: str, raw: bytes) -> bytes:
    return b"Authentication-Results: " + results.replace("\n", "\r\n").encode() + b"\r\n" + raw


def test_signed_mail_passes() -> None:
    """The ordinary case, with relaxed and with simple rules, and with a key of the least size."""
    for rule in ((b"relaxed", b"relaxed"), (b"simple", b"simple"), (b"relaxed", b"simple")):
        got = Case(sign(mail(), canonicalize=rule)).judge()
        assert isinstance(got, Accepted)
        assert (got.kind, got.value, got.sender, got.binds) == ("code", "482913", "noreply@shop.example", None)
    got = Case(sign(mail(), bits=1024), options={"lookup": keys("shop.example", bits=1024)}).judge()
    assert isinstance(got, Accepted)


def test_line_ends_do_not_matter() -> None:
    """An archive that keeps LF only still holds a mail that verifies."""
    assert isinstance(Case(sign(mail()).replace(b"\r\n", b"\n")).judge(), Accepted)


def test_subdomain_signature() -> None:
    """Relaxed alignment, both ways."""
    raw = mail(sender="noreply@shop.example")
    assert isinstance(
        Case(sign(raw, "mail.shop.example"), options={"lookup": keys("mail.shop.example")}).judge(), Accepted
    )


ALTERED: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("body", lambda raw: raw.replace(b"482913", b"111111")),
    ("appended", lambda raw: raw + b"Your code: 482913 \r\nmore"),
    ("display name", lambda raw: raw.replace(b"Shop <", b"Your Shop <")),
    ("subject", lambda raw: raw.replace(b"Subject: Your code", b"Subject: Your code!")),
    ("recipient", lambda raw: raw.replace(b"To: ann@new.example", b"To: Ann <ann@new.example>")),
    ("second From", lambda raw: b"From: x@evil.example\r\n" + raw),
    ("second Subject", lambda raw: b"Subject: Your code\r\n" + raw),
    ("no signature", lambda raw: raw[raw.index(b"From:") :]),
    ("empty signature", lambda raw: re.sub(rb"\bb=[^;]*\r\nFrom", b"b=\r\nFrom", raw, flags=re.DOTALL)),
    ("junk signature", lambda raw: re.sub(rb"\bb=[^;]*\r\nFrom", b"b=AAAA\r\nFrom", raw, flags=re.DOTALL)),
    ("other key", lambda raw: raw.replace(b"s=s1", b"s=s2")),
    ("other domain", lambda raw: raw.replace(b"d=shop.example", b"d=evil.example")),
    ("parent domain", lambda raw: raw.replace(b"d=shop.example", b"d=example")),
]


@pytest.mark.parametrize(("name", "alter"), ALTERED, ids=[n for n, _ in ALTERED])
def test_altered_mail_is_refused(name: str, alter: Callable[[bytes], bytes]) -> None:
    """Whatever is changed on the way, the mail no longer counts."""
    raw = sign(mail())
    assert alter(raw) != raw
    assert isinstance(Case(alter(raw)).judge(), Rejected)


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("l=", {"length": True}),
        ("out of date", {"signature_algorithm": b"rsa-sha1"}),
        ("does not cover", {"include_headers": [b"from", b"to"]}),
        ("does not cover", {"include_headers": [b"from", b"date"]}),
    ],
)
def test_weak_signatures(words: str, options: dict[str, Any]) -> None:
    """Valid by RFC 6376, and not good enough: a body length, SHA-1, Subject left open to a replay."""
    got = Case(sign(mail(), **options)).judge()
    assert isinstance(got, Rejected)
    assert got.reason is Reason.NOT_AUTHENTIC
    assert words in got.detail


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    head = (
        bytes([size]) if size < 128 else bytes([0x80 + (n := (size.bit_length() + 7) // 8)]) + size.to_bytes(n, "big")
    )
    return bytes([tag]) + head + content


def _integer(value: int) -> bytes:
    return _der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _small_key(bits: int) -> tuple[bytes, bytes]:
    """An RSA key too short for any library to make: (private key in PEM, DNS record)."""

    def prime() -> int:
        while True:
            p = secrets.randbits(bits // 2) | (3 << (bits // 2 - 2)) | 1
            if p % 65537 != 1 and all(pow(b, p - 1, p) == 1 for b in (2, 3, 5, 7)):
                return p

    p, q, e = prime(), prime(), 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = [0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)]
    private = base64.encodebytes(_der(0x30, b"".join(map(_integer, numbers))))
    pem = b"-----BEGIN RSA PRIVATE KEY-----\n" + private + b"-----END RSA PRIVATE KEY-----\n"
    rsa_oid = bytes.fromhex("300d06092a864886f70d0101010500")
    public = _der(0x30, rsa_oid + _der(3, b"\x00" + _der(0x30, _integer(p * q) + _integer(e))))
    return pem, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def test_unsigned_recipients() -> None:
    """Microsoft's account mail leaves To unsigned and must pass; a Cc that is there must be signed, anyone could have added it."""
    bare = {"include_headers": [b"from", b"date", b"subject", b"content-type", b"mime-version"]}
    assert isinstance(Case(sign(mail(), **bare)).judge(), Accepted)
    assert _reason(Case(sign(mail(extra="Cc: c@new.example\n"), **bare)).judge()) is Reason.NOT_AUTHENTIC


def test_short_key() -> None:
    """A key of 768 bits can be factored; the same mail under one of 1,024 from the same hand passes."""
    for bits, good in ((768, False), (1024, True)):
        pem, record = _small_key(bits)
        covered = [b"from", b"to", b"subject"]
        raw = bytes(dkim.sign(mail(), b"s1", b"shop.example", pem, include_headers=covered)) + mail()
        got = Case(raw, options={"lookup": lambda n, t, record=record: record}).judge()
        assert isinstance(got, Accepted) is good
        assert good or _reason(got) is Reason.NOT_AUTHENTIC


def test_expired_signature() -> None:
    """``x=`` in the past; the value is checked before the key is asked for, so the signature need not even be valid."""
    asked: list[bytes] = []
    raw = sign(mail()).replace(b"v=1;", b"v=1; x=%d;" % int((NOW - timedelta(days=1)).timestamp()), 1)
    got = Case(raw, options={"lookup": lambda n, t: asked.append(n)}).judge()
    assert isinstance(got, Rejected)
    assert "expired" in got.detail
    assert asked == []


def test_strangers_signature() -> None:
    """dkim=pass of somebody else says nothing about the From (146 of 614 phishing mails carry one)."""
    got = Case(sign(mail(), "evil.example"), options={"lookup": keys("evil.example")}).judge()
    assert _reason(got) is Reason.NOT_AUTHENTIC
    both = sign(sign(mail(), "evil.example"))
    assert isinstance(Case(both, options={"lookup": keys("evil.example", "shop.example")}).judge(), Accepted)


def test_signature_behind_too_many_others() -> None:
    """Only the first five signatures are looked at: nobody makes us verify a hundred."""
    asked: list[bytes] = []

    def lookup(name: bytes, timeout: int) -> bytes | None:
        asked.append(name)
        return None

    raw = sign(mail())
    fake = raw[: raw.index(b"From:")]
    assert _reason(Case(fake * 50 + raw, options={"lookup": lookup}).judge()) is Reason.NOT_AUTHENTIC
    assert len(asked) == 3


@pytest.mark.parametrize("error", [TimeoutError, OSError, ValueError, RuntimeError, KeyError, RecursionError])
def test_lookup_that_fails(error: type[Exception]) -> None:
    """No DNS, no proof: refused with the reason, never passed, and nothing is raised."""

    def lookup(name: bytes, timeout: int) -> bytes | None:
        raise error("no network")

    got = Case(sign(mail()), options={"lookup": lookup}).judge()
    assert isinstance(got, Rejected)
    assert got.reason is Reason.NOT_AUTHENTIC
    assert "looked up" in got.detail
    assert got.about_us


@pytest.mark.parametrize(
    "record",
    [
        None,
        b"",
        b"v=DKIM1; p=",
        b"v=DKIM1; k=rsa; p=AAAA",
        b"junk",
        b"\xff" * 50,
        b"p=" + b"A" * 5000,
        b"v=DKIM2; p=x",
        b"k=ed25519; p=AAAA",
    ],
)
def test_bad_records(record: bytes | None) -> None:
    """No key, a revoked one, junk, an absurdly long one."""
    assert _reason(Case(sign(mail()), options={"lookup": lambda n, t: record}).judge()) is Reason.NOT_AUTHENTIC


PASS = "mx.mailbox.example; dkim=pass header.d=shop.example header.s=s1; spf=pass smtp.mailfrom=b@shop.example"
DMARC = "mx.mailbox.example; dmarc=pass (p=reject) header.from=shop.example"


@pytest.mark.parametrize(
    "results",
    [
        PASS,
        DMARC,
        'MX.mailbox.example 1;\n dkim=pass reason="good; key" header.i=@shop.example;\n dmarc=pass header.from=shop.example',
        "mx.mailbox.example; dkim=fail header.d=other.example; dkim=pass (2048-bit key) header.d=mail.shop.example",
        "mx.mailbox.example (host (a)); dkim=pass header.d=shop.example",
    ],
)
def test_provider_vouches(results: str) -> None:
    """The mailbox provider's own finding is enough: no DNS is asked."""
    raw = sign(mail())
    raw = raw.replace(b"d=shop.example", b"d=mail.shop.example") if "mail.shop" in results else raw
    got = Case(_stamped(results, raw), incoming={"authserv_ids": MX}, options={"lookup": no_keys}).judge()
    assert isinstance(got, Accepted), got


def test_provider_vouches_by_spf() -> None:
    """DMARC by SPF: no signature is needed where the provider says so."""
    assert isinstance(
        Case(_stamped(DMARC, mail()), incoming={"authserv_ids": MX}, options={"lookup": no_keys}).judge(), Accepted
    )


@pytest.mark.parametrize(
    ("results", "ids"),
    [
        (PASS, ()),
        (PASS.replace("mx.mailbox", "mx.evil"), MX),
        (PASS.replace("mx.mailbox.example", "mx.mailbox.example.evil.example"), MX),
        (PASS.replace("mx.mailbox.example;", "mx.evil.example mx.mailbox.example;"), MX),
        ('mx.evil.example (;) ; x="mx.mailbox.example; dkim=pass header.d=shop.example"', MX),
        ("mx.mailbox.example; none", MX),
        ("mx.mailbox.example", MX),
        ("mx.mailbox.example; dkim=fail header.d=shop.example", MX),
        ("mx.mailbox.example; dkim=neutral header.d=shop.example", MX),
        ("mx.mailbox.example; dkim=pass header.d=evil.example", MX),
        ("mx.mailbox.example; dkim=pass header.d=shop.example.evil.example", MX),
        ("mx.mailbox.example; dkim=pass header.d=example", MX),
        ("mx.mailbox.example; dkim=pass", MX),
        ("mx.mailbox.example; dkim=passed header.d=shop.example", MX),
        ("mx.mailbox.example; dkim=fail (dkim=pass header.d=shop.example)", MX),
        ('mx.mailbox.example; dkim=fail reason="x; dkim=pass header.d=shop.example"', MX),
        ("mx.mailbox.example; x-dkim=pass header.d=shop.example", MX),
        ("mx.mailbox.example; spf=pass smtp.mailfrom=b@shop.example", MX),
        ("mx.mailbox.example; dmarc=pass header.from=evil.example", MX),
        ("mx.mailbox.example; dmarc=pass", MX),
        ("mx.mailbox.example; dmarc=bestguesspass header.from=shop.example", MX),
        ("mx.mailbox.example;" + " (" * 50 + "dkim=pass header.d=shop.example", MX),
    ],
)
def test_results_that_prove_nothing(results: str, ids: tuple[str, ...]) -> None:
    """Foreign authserv-ids, other domains, comments and quoted reasons, other methods: and then DNS knows no key either."""
    got = Case(_stamped(results, sign(mail())), incoming={"authserv_ids": ids}, options={"lookup": no_keys}).judge()
    assert _reason(got) is Reason.NOT_AUTHENTIC


def test_results_injected_by_the_sender() -> None:
    """The sender's own header stands below the provider's, below From, or pretends to be the provider's: only the topmost counts."""
    options: dict[str, Any] = {"incoming": {"authserv_ids": MX}, "options": {"lookup": no_keys}}
    below = _stamped("mx.mailbox.example; dkim=none", _stamped(PASS, mail()))
    assert _reason(Case(below, **options).judge()) is Reason.NOT_AUTHENTIC
    foreign_above = _stamped("mx.evil.example; dkim=none", _stamped(PASS, sign(mail())))
    assert _reason(Case(foreign_above, **options).judge()) is Reason.NOT_AUTHENTIC
    after_from = mail().replace(b"To: ", b"Authentication-Results: " + PASS.encode() + b"\r\nTo: ", 1)
    assert _reason(Case(after_from, **options).judge()) is Reason.NOT_AUTHENTIC
    vouched_above = _stamped(PASS, _stamped("mx.mailbox.example; dmarc=fail header.from=shop.example", sign(mail())))
    assert isinstance(Case(vouched_above, **options).judge(), Accepted)


def test_provider_says_forged() -> None:
    """dmarc=fail of the provider ends it, also where a signature would verify here."""
    raw = _stamped("mx.mailbox.example; dmarc=fail header.from=shop.example", sign(mail()))
    assert isinstance(Case(raw, incoming={"authserv_ids": MX}).judge(), Rejected)


def test_provider_passes_a_weak_signature() -> None:
    """What the provider lets pass is still held to our rules: l= and an unsigned Subject stay refused."""
    for options in ({"length": True}, {"include_headers": [b"from", b"to"]}):
        raw = sign(mail(), **options)
        for results in (PASS.partition("; spf")[0], DMARC):
            got = Case(_stamped(results, raw), incoming={"authserv_ids": MX}).judge()
            assert _reason(got) is Reason.NOT_AUTHENTIC


@pytest.mark.parametrize(
    "header",
    [
        b"v=1; " + b" " * 8000 + b"b=x",
        b"v=1;" + b"\r\n " * 2500 + b"b",
        b"b=" + b"a \r\n " * 1500 + b"!",
        b";" * 8000,
        b"=" * 8000,
        b"v=1; v=1",
    ],
)
def test_hostile_signature_headers(header: bytes) -> None:
    """Blank runs and repeated tags in a DKIM-Signature: dkimpy never gets to see them."""
    start = time.process_time()
    got = Case(b"DKIM-Signature: " + header + b"\r\n" + sign(mail())).judge()
    assert time.process_time() - start < CAP
    assert isinstance(got, Accepted | Rejected)


def test_hostile_body_under_a_valid_signature() -> None:
    """A body of blanks, for which dkimpy's own rule needs quadratic time, verifies in linear time."""
    body = "Your code: 482913\n" + " " * 300_000 + "x\n"
    start = time.process_time()
    raw = sign(mail(body), canonicalize=(b"relaxed", b"simple")).replace(b"c=relaxed/simple", b"c=relaxed/relaxed")
    got = Case(raw).judge()
    assert time.process_time() - start < CAP
    assert _reason(got) is Reason.NOT_AUTHENTIC
