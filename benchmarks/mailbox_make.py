"""Makes mailboxes for the discovery benchmarks: the same messages for the same seed, as a stream, as a Maildir or as an mbox.

    python benchmarks/mailbox_make.py --mbox FILE | --maildir FOLDER [--messages 10000] [--body 24700] [--seed 7]

A message has about 3.3 KB of header as large providers leave it (trace, ARC, two DKIM signatures, Authentication-Results) and, by
default, 28 KB in all. 300 services write, four fifths of the mail in ten languages; the rest are newsletters of theirs, friends at a free
provider, a mailing list, and forgeries. Half of the subjects are encoded words (RFC 2047), most hold a number, a name or a date that makes them unique.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import calendar
import os
import random
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

OLD = "mina.park@mailbox.example"
AUTHSERV = "mx.mailbox.example"
SERVICES = 300
BODY = 24_700
"""Octets of a body that make a message 28 KB long."""

_FIRST = calendar.timegm((2006, 1, 2, 8, 0, 0))
_SPAN = 20 * 365 * 86_400
_SUBJECTS = (
    ("Welcome to {name}", "Confirm your email address", "{code} is your {name} verification code", "Your order #{order} has shipped"),
    ("欢迎注册{name}", "{name}验证码：{code}", "您的订单 {order} 已发货", "您的账户在新设备上登录"),
    ("{name}へようこそ", "【{name}】認証コード {code}", "ご注文 {order} を承りました", "パスワードの再設定"),
    ("Willkommen bei {name}", "Ihre Bestellung {order} wurde versandt", "Neue Anmeldung in Ihrem Konto", "Passwort zurücksetzen für {name}"),
    ("Bienvenue chez {name}", "Votre code de vérification : {code}", "Réinitialisez votre mot de passe", "Votre facture n° {order}"),
    ("{name} 가입을 환영합니다", "인증번호 {code}", "주문 {order} 배송 시작", "새로운 기기에서 로그인했습니다"),
    ("New sign-in to your {name} account", "Reset your password", "Your statement for {month} is ready", "Receipt {order} from {name}"),
    ("Bienvenido a {name}", "Tu código de verificación es {code}", "Pedido {order} confirmado", "Restablece tu contraseña"),
    ("歡迎加入{name}", "您的驗證碼是 {code}", "訂單 {order} 成立通知", "帳號安全提醒"),
    ("Security alert for {name}", "Verify your new device", "Your {month} invoice ({order})", "Your password was changed"),
)  # fmt: skip
_WORDS = (  # noqa: SIM905 - one word after the other reads better
    "autumn garden market river silver morning travel paper window letter summer harbour quiet bridge orange winter cotton mirror "
    "station forest candle pocket yellow island coffee bottle museum planet thread basket signal copper"
).split()
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LF = b"\n"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TEXT = (
    b"Dear customer,\n\nthank you for being with us. Here is what is new with your account this time; you need not do anything.\n"
    b'<table><tr><td style="color:#202123">Order</td><td>2026-01-31</td></tr></table>\n\n'
)

_HEADER = """\
Return-Path: <bounce+{tag}@mail.{domain}>
Delivered-To: {old}
Received: from {authserv} ([10.0.4.{low}])\tby store7.mailbox.example with LMTP\tid {tag}AAK\t(envelope-from <bounce+{tag}@mail.{domain}>)\tfor <{old}>; {date}
Received: from out{low}.mail.{domain} (out{low}.mail.{domain}. [203.0.113.{low}])\tby {authserv} with ESMTPS id {tag}-b1\tfor <{old}>\t(version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); {date}
{results}ARC-Seal: i=1; a=rsa-sha256; t={at}; cv=none; d=mailbox.example; s=arc-20160816; b={short_blob}
ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=mailbox.example; s=arc-20160816; h=feedback-id:list-unsubscribe:message-id:date:subject:to:from:mime-version:dkim-signature; bh={hash}; b={short_blob}
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=k1; t={at}; h=From:To:Subject:Date:Message-ID:MIME-Version:Content-Type:List-Unsubscribe; bh={hash}; b={blob}
DKIM-Signature: v=1; a=rsa-sha256; q=dns/txt; c=relaxed/simple; s=2024q3; d=sender.example; t={at}; h=Message-ID:Date:Subject:From:To:MIME-Version:Content-Type:Feedback-ID; bh={hash}; b={short_blob}
X-Mailer: batch {low}
Feedback-ID: 1.us-east-1.{tag}:campaign:{domain}
X-Report-Abuse: Please forward a copy of this message, including all headers, to abuse@{domain}
Date: {date}
From: {sender}
To: {to}
Message-ID: <{tag}.{at}@mail.{domain}>
Subject: {subject}
{listed}MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

"""
_RESULTS = (
    "Authentication-Results: {authserv};\n       dkim=pass header.i=@{domain} header.s=k1 header.b={short};\n"
    "       spf=pass ({authserv}: domain of bounce+{tag}@mail.{domain} designates 203.0.113.{low} as permitted sender) "
    "smtp.mailfrom=bounce+{tag}@mail.{domain};\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from={visible}\n"
)
_UNSUBSCRIBE = "List-Unsubscribe: <https://mail.{domain}/u/{tag}>, <mailto:u+{tag}@mail.{domain}>\n"


def messages(seed: int = 7, count: int = 10_000, body_size: int = BODY, *, eol: bytes = b"\n") -> Iterator[bytes]:
    r"""``count`` messages, oldest first; the same for the same ``seed`` and ``count``. ``eol``: how lines end (on disk ``\n``)."""
    random_ = random.Random(seed)
    names = [_service(number) for number in range(SERVICES)]
    blobs = [_folded(random_.randbytes(256)) for _ in range(64)]
    shorts = [_folded(random_.randbytes(144)) for _ in range(64)]
    hashes = [base64.b64encode(random_.randbytes(32)).decode() for _ in range(64)]
    filler = _TEXT * (2 * body_size // len(_TEXT) + 2)
    if eol != b"\n":
        filler = filler.replace(b"\n", eol)
    step = _SPAN / max(count, 1)
    for number in range(count):
        draw = random_.random
        sort, encoded = draw(), draw() < 0.08
        index = min(int(random_.expovariate(1 / 60)), SERVICES - 1)  # a few write much, many seldom
        name, domain, tongue = names[index]
        at = int(_FIRST + (number + draw()) * step)
        tag = f"{int(draw() * 2**48):012x}"
        order = int(draw() * 28) + 1
        fields = {"name": name, "code": f"{int(draw() * 1e6):06d}", "order": f"{int(draw() * 1e9):09d}"}
        to, listed, sender, authentic = OLD, "", f'"{name}" <no-reply@{domain}>', True
        if sort < 0.80:
            subject = _SUBJECTS[tongue][int(draw() * 4)].format(month=_MONTHS[number % 12], **fields)
        elif sort < 0.91:
            sender = f"{name} News <news@mail.{domain}>"
            subject = f"{_WORDS[int(draw() * len(_WORDS))].capitalize()} days: {int(draw() * 70)} % off, only until the {order}th"
            listed = _UNSUBSCRIBE.format(domain=domain, tag=tag)
        elif sort < 0.98:
            friend = _WORDS[int(draw() * len(_WORDS))]
            domain = "freemail.example"
            sender = f"{friend.capitalize()} {_WORDS[index % len(_WORDS)].capitalize()} <{friend}.{index}@{domain}>"
            subject = f"Re: {' '.join(random_.choices(_WORDS, k=5))}"
            to = f'"Mina Park" <{OLD}>, {_WORDS[index % len(_WORDS)]}@friends.example'
        else:
            authentic = draw() < 0.5
            to = "garden@lists.example" if authentic else OLD.replace("@", "+shop@")
            subject = f"[garden] {' '.join(random_.choices(_WORDS, k=6))}" if authentic else "Security alert"
        moment = time.gmtime(at)
        shown = (
            f"{_DAYS[moment.tm_wday]}, {moment.tm_mday:02d} {_MONTHS[moment.tm_mon - 1]} {moment.tm_year} "
            f"{moment.tm_hour:02d}:{moment.tm_min:02d}:{moment.tm_sec:02d} +0{int(draw() * 9)}00"
        )
        parts = {"authserv": AUTHSERV, "domain": domain, "tag": tag, "low": int(draw() * 250) + 1}
        visible = sender.rpartition("@")[2].rstrip(">")
        header = _HEADER.format(
            old=OLD,
            date=shown,
            at=at,
            to=to,
            sender=sender
            if sender.isascii()
            else _encoded(sender.partition(" <")[0].strip('"')) + " <" + sender.partition("<")[2],
            subject=_encoded(subject) if encoded or not subject.isascii() else subject,
            listed=listed,
            results=_RESULTS.format(short=tag[:8], visible=visible, **parts) if authentic else "",
            blob=blobs[number % 64],
            short_blob=shorts[(number // 64) % 64],
            hash=hashes[number % 61],
            **parts,
        ).encode()
        start = int(draw() * len(_TEXT))
        body = filler[start : start + body_size] + eol
        yield (header if eol == b"\n" else header.replace(b"\n", eol)) + body


def _service(number: int) -> tuple[str, str, int]:
    tongue = number % len(_SUBJECTS)
    word = _WORDS[number % len(_WORDS)] + (
        _WORDS[number * 7 // len(_WORDS) % len(_WORDS)] if number >= len(_WORDS) else ""
    )
    name = word.capitalize() if tongue not in (1, 2, 8) else "星河" + word
    return name, f"{word}{number}.example", tongue


def _folded(octets: bytes) -> str:
    text = base64.b64encode(octets).decode()
    return "\n\t".join(text[at : at + 72] for at in range(0, len(text), 72))


def _encoded(text: str) -> str:
    """Encoded words of at most 75 characters (RFC 2047 §2), base64, folded."""
    octets, words = text.encode(), []
    while octets:
        cut = min(45, len(octets))
        while cut < len(octets) and octets[cut] & 0xC0 == 0x80:
            cut -= 1
        words.append("=?UTF-8?B?" + binascii.b2a_base64(octets[:cut], newline=False).decode() + "?=")
        octets = octets[cut:]
    return "\n ".join(words)


def fill_maildir(
    folder: Path, count: int, *, body_size: int = BODY, seed: int = 7, owner: tuple[int, int] | None = None
) -> int:
    """Write ``count`` messages as a Maildir, files named so that Dovecot numbers them in order; returns the octets written.

    ``owner``: user and group id of every file and folder, where a server runs as somebody else.
    """
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    total, inside = 0, str(folder / "cur")
    for number, raw in enumerate(messages(seed, count, body_size), 1):
        size = len(raw)
        # S= and W= spare Dovecot a look into the file for its size, as they do in Maildirs that it wrote
        path = f"{inside}/{1_000_000_000 + number}.M{number:07d}P1.bench,S={size},W={size + raw.count(_LF)}:2,S"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(handle, raw)
        os.close(handle)
        if owner:
            os.chown(path, *owner)
        total += size
    if owner:
        for place in (folder, *(folder / name for name in ("cur", "new", "tmp"))):
            os.chown(place, *owner)
    return total


def fill_mbox(path: Path, count: int, *, body_size: int = BODY, seed: int = 7) -> int:
    """Write ``count`` messages as an mbox (RFC 4155, ``>From`` quoting); returns the octets written."""
    total = 0
    with path.open("wb", buffering=1 << 20) as out:
        stream = messages(seed, count, body_size)
        while chunk := list(islice(stream, 64)):
            for raw in chunk:
                quoted = raw.replace(b"\nFrom ", b"\n>From ")
                total += out.write(b"From bounce@sender.example Mon Jan  2 08:00:00 2006\n" + quoted + b"\n")
    return total


def main() -> int:
    """Write what was asked for and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--mbox", type=Path)
    where.add_argument("--maildir", type=Path)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--body", type=int, default=BODY, help="octets of a body")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    begin = time.perf_counter()
    if given.mbox:
        total = fill_mbox(given.mbox, given.messages, body_size=given.body, seed=given.seed)
    else:
        total = fill_maildir(given.maildir, given.messages, body_size=given.body, seed=given.seed)
    print(f"{given.messages} messages, {total:,} octets, {time.perf_counter() - begin:.1f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
