"""Reading hostile octets: every measured hazard, each within half a second, nothing raised."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

import pytest
from trust_samples import mail

from readdress.trust import caps
from readdress.trust.message import Parsed, Unreadable, parse

CAP = 5.0  # CPU seconds: what the caps are for took 10 s to hours; a busy machine must not fail this

HEAD = b"From: a@b.example\r\nTo: ann@new.example\r\nSubject: Your code\r\n"


def _nested(depth: int) -> bytes:
    body = b"Content-Type: text/plain\r\n\r\nhi\r\n"
    for n in range(depth):
        body = (
            b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) + body + b"\r\n--b%d--\r\n" % n
        )
    return HEAD + body


def _html(body: str) -> bytes:
    return HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body.encode()


HOSTILE: list[tuple[str, Callable[[], bytes]]] = [
    ("195 KiB From of quotes", lambda: b"From: " + b'"' * 195 * 1024 + b"\r\n\r\nx"),
    ("8 KiB From of quotes", lambda: b"From: " + b'"' * 8000 + b"\r\n\r\nx"),
    ("8 KiB From of escaped quotes", lambda: b"From: " + b'"\\' * 4000 + b"\r\n\r\nx"),
    ("8 KiB From of angle brackets", lambda: b"From: " + b"<" * 8000 + b"\r\n\r\nx"),
    ("8 KiB From of words", lambda: b"From: " + b"a " * 4000 + b"\r\n\r\nx"),
    ("20,000 parameters", lambda: HEAD + b"Content-Type: text/plain" + b"; a=b" * 20_000 + b"\r\n\r\nx"),
    ("1,600 parameters", lambda: HEAD + b"Content-Type: text/plain" + b"; a=b" * 1_600 + b"\r\n\r\nx"),
    ("parameters of open quotes", lambda: HEAD + b"Content-Type: text/plain" + b';a="\\' * 1_600 + b"\r\n\r\nx"),
    ("20,000 encoded words", lambda: b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\nx"),
    ("580 encoded words", lambda: b"Subject: " + b"=?utf-8?q?a?= " * 580 + b"\r\n\r\nx"),
    ("1,000 nested comments in From", lambda: b"From: " + b"(" * 1000 + b")" * 1000 + b" a@b.example\r\n\r\nx"),
    ("1,000 nested comments in To", lambda: b"From: a@b.example\r\nTo: " + b"(" * 1000 + b")" * 1000 + b"\r\n\r\nx"),
    ("1,000 nested comments in Content-Type", lambda: HEAD + b"Content-Type: " + b"(" * 1000 + b"\r\n\r\nx"),
    ("1,000 nested multiparts", lambda: _nested(1000)),
    ("9 nested multiparts", lambda: _nested(9)),
    ("20,000 parts", lambda: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000),
    ("multipart inside itself", lambda: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 3000),
    ("20,000 headers", lambda: HEAD + b"X: y\r\n" * 20_000 + b"\r\nx"),
    ("one endless header", lambda: HEAD + b"X: " + b"y" * 300_000 + b"\r\n\r\nx"),
    ("a header of 100,000 folds", lambda: HEAD + b"X: y\r\n" + b" z\r\n" * 100_000 + b"\r\nx"),
    ("a header without an end", lambda: b"X: y\r\n" * 60_000),
    ("blank runs in the body", lambda: HEAD + b"\r\n" + b" " * 1_000_000),
    ("blank lines in the body", lambda: HEAD + b"\r\n" + b"\r\n" * 190_000),
    ("one line of text", lambda: HEAD + b"\r\n" + b"a" * 390_000),
    ("a text of at signs", lambda: HEAD + b"\r\n" + b"a@" * 190_000),
    ("a text of schemes", lambda: HEAD + b"\r\n" + b"https://" * 45_000),
    ("a text of digits", lambda: HEAD + b"\r\n" + b"123456 " * 55_000),
    ("a text of labels", lambda: HEAD + b"\r\n" + b"code: " * 65_000),
    ("a text of lines with labels and digits", lambda: HEAD + b"\r\n" + b"code: 123456\n" * 30_000),
    ("open comments in HTML", lambda: _html("<!--" * 90_000)),
    ("open tags in HTML", lambda: _html("<a " * 130_000)),
    ("open quotes in HTML", lambda: _html("<a b=\"<a c='" * 30_000)),
    ("equals signs in a tag", lambda: _html("<a " + "= " * 190_000)),
    ("blanks in a tag", lambda: _html("<a " + " " * 390_000)),
    ("an attribute and blanks", lambda: _html("<a b" + " " * 390_000 + "c")),
    ("deep HTML", lambda: _html("<div>" * 70_000)),
    ("many closing tags", lambda: _html("<b>" * 300 + "</i>" * 19_000)),
    ("open scripts", lambda: _html("<script>" * 45_000)),
    ("references", lambda: _html("&" * 390_000)),
    ("references without end", lambda: _html("&amp" * 95_000)),
    ("styles", lambda: _html("<style>" + ".a{" * 100_000 + "</style>")),
    ("style attribute", lambda: _html("<p style='" + "/*" * 190_000 + "'>")),
    ("many links", lambda: _html("<a href=x>y</a>" * 9_000)),
    ("combining characters", lambda: _html("a" + "\u0315\u0300" * 190_000)),
    ("ligatures that grow", lambda: _html("\ufdfa" * 120_000)),
    ("3 MiB", lambda: HEAD + b"\r\n" + b"a" * (3 << 20)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "build"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_hostile_mail_costs_little(name: str, build: Callable[[], bytes]) -> None:
    """Each shape that cost the standard library seconds to minutes: answered in half a second, as text or as unreadable."""
    raw = build()
    start = time.process_time()
    got = parse(raw)
    assert time.process_time() - start < CAP
    assert isinstance(got, Parsed | Unreadable)


@pytest.mark.parametrize(
    "name",
    ["195 KiB From of quotes", "20,000 parameters", "1,600 parameters", "20,000 encoded words", "580 encoded words", "20,000 parts",
     "1,000 nested comments in To", "1,000 nested comments in Content-Type", "9 nested multiparts", "20,000 headers", "3 MiB"],
)  # fmt: skip
def test_over_a_cap_is_unreadable(name: str) -> None:
    """A cap is never a reason to look at only the part that fits."""
    got = parse(dict(HOSTILE)[name]())
    assert isinstance(got, Unreadable)
    assert got.reason


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("utf-8", "utf-8"), ("UTF8", "utf-8"), ("gb2312", "gb2312"), ("GBK", "gbk"), ("gb18030", "gb18030"), ("big5", "big5"),
        ("iso-2022-jp", "iso2022_jp"), ("shift_jis", "shift_jis"), ("euc-jp", "euc_jp"), ('"gbk"', "gbk"), ("x-unknown", "utf-8"),
        ("x-unknown", "gbk"), ("", "utf-8"), ("", "gb18030"),
    ],
)  # fmt: skip
def test_charsets(charset: str, codec: str) -> None:
    """Text and subject in the charsets of Chinese and Japanese mail, base64 and quoted-printable; unknown labels are guessed."""
    text = "認証 482913"
    octets = text.encode("gb18030" if codec in ("gbk", "gb2312") else codec)
    label = f"; charset={charset}" if charset else ""
    raw = HEAD.replace(b"Your code", b"=?%s?B?%s?=" % (charset.strip('"').encode() or b"x", base64.b64encode(octets)))
    raw += b"Content-Type: text/plain%s\r\nContent-Transfer-Encoding: base64\r\n\r\n" % label.encode()
    got = parse(raw + base64.encodebytes(octets))
    assert isinstance(got, Parsed)
    assert got.texts == (text,)
    assert got.subject == text


@pytest.mark.parametrize(
    "charset", ["utf-7", "UTF-16", "utf-32le", "unicode-1-1-utf-7", "idna", "punycode", "rot13", "base64"]
)
def test_charsets_that_are_refused(charset: str) -> None:
    """Charsets in which ASCII does not mean itself (and codecs that are none): the part is not read at all."""
    got = parse(HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\ncode +ADQ-82913".encode())
    assert isinstance(got, Parsed)
    assert got.texts == ()
    assert got.defects


def test_split_encoded_words() -> None:
    """Chinese mailers split a character across two encoded words; the blank between them is not shown."""
    octets = "邮箱验证".encode("gbk")
    head = b"=?gbk?B?" + base64.b64encode(octets[:3]) + b"?=\r\n =?GBK?B?" + base64.b64encode(octets[3:]) + b"?="
    got = parse(b"From: a@b.example\r\nSubject: [x] " + head + b" !\r\n\r\n")
    assert isinstance(got, Parsed)
    assert got.subject == "[x] 邮箱验证 !"


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\r\nSubject: a\rFrom: c@d.example\r\n\r\nx",
        b"From: a@b.example\r\nSubject: a\x00b\r\n\r\nx",
        b"From: a@b.example\r\nno header at all\r\n\r\nx",
        b"From : a@b.example\r\n\r\nx",
        b"From: a@b.example\r\nSubject: a\r\nSubject: b\r\n\r\nx",
        b"From: a@b.example\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx",
    ],
)
def test_two_readings_are_unreadable(raw: bytes) -> None:
    """Where two programs would read two different mails, neither is read."""
    assert isinstance(parse(raw), Unreadable)


def test_truncated_is_unreadable() -> None:
    """What was cut off could have held the second candidate."""
    assert isinstance(parse(mail(), truncated=True), Unreadable)
    assert isinstance(parse(mail()), Parsed)


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"\x00", b"\r", b"From: x", b"\xff\xfe", b" folded\r\n", b":", b"From \r\n", b"--"]
)
def test_scraps(raw: bytes) -> None:
    """The smallest things that can come over the wire."""
    assert isinstance(parse(raw), Parsed | Unreadable)


def test_damage() -> None:
    """Damaged base64 and quoted-printable, NULs and a missing end boundary are read as far as they go."""
    got = parse(HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nQ29kZTog!!NDgyOTEz=\r\n-- junk")
    assert isinstance(got, Parsed)
    assert got.texts[0].startswith("Code: 482913")
    got = parse(HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\nCode:=20482=\r\n913=ZZ =\r\n")
    assert isinstance(got, Parsed)
    assert got.texts[0].startswith("Code: 482913")
    got = parse(HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\npre\r\n--b\r\n\r\nCode: 482\x00913')
    assert isinstance(got, Parsed)
    assert got.texts == ("Code: 482913",)


def test_attachments_are_not_read() -> None:
    """An attached file and a forwarded message are somebody else's words."""
    raw = HEAD + (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nseen\r\n"
        b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=x\r\n\r\nCode: 111111\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\n\r\nCode: 222222\r\n--b--\r\n"
    )
    got = parse(raw)
    assert isinstance(got, Parsed)
    assert got.texts == ("seen",)


def test_flowed_text() -> None:
    """RFC 3676: lines that end with a blank go on; with DelSp the blank is none."""
    for delsp, want in ((b"", "a b"), (b"; delsp=yes", "ab")):
        got = parse(HEAD + b"Content-Type: text/plain; format=flowed" + delsp + b"\r\n\r\na \r\nb")
        assert isinstance(got, Parsed)
        assert got.texts == (want,)


def test_recipients() -> None:
    """To and Cc, names and comments aside; undisclosed recipients name nobody."""
    raw = b'To: "x@evil.example" <ann@new.example>, (y@evil.example) bob@new.example\r\nCc: =?utf-8?q?C?= <c@new.example>\r\n\r\n'
    got = parse(raw)
    assert isinstance(got, Parsed)
    assert got.to == ("ann@new.example", "bob@new.example")
    assert got.cc == ("c@new.example",)
    got = parse(
        b"To: undisclosed-recipients:;\r\nDelivered-To: ann@new.example\r\nX-Original-To: d@new.example\r\n\r\n"
    )
    assert isinstance(got, Parsed)
    assert (got.to, got.delivered_to) == ((), ("ann@new.example", "d@new.example"))


def test_caps_leave_room_for_real_mail() -> None:
    """A marketing-sized mail (200 KiB of HTML, 3,000 tags) is read: the caps are for attacks."""
    body = "<table><tr><td style='padding:16px'>" + "text " * 20 + "</td></tr></table>"
    got = parse(mail(None, html=body * 1200 + "<p>Your code: 482913</p>"))
    assert isinstance(got, Parsed), got
    assert got.pages[0].text.endswith("482913")
    assert caps.MESSAGE_BYTES >= 1 << 20
