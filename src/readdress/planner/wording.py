"""How the planner's facts are called in sentences: factors, sets of them, accounts, moments, lengths of time (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from readdress.models import Text
from readdress.planner.access import Way
from readdress.planner.reach import Reach

FACTORS: dict[str, Text] = {
    "password": Text("the password", "密码"),
    "session": Text("a device that is still signed in", "仍处于登录状态的设备"),
    "old_mailbox": Text("the old mailbox", "旧邮箱"),
    "new_mailbox": Text("the new mailbox", "新邮箱"),
    "phone": Text("the phone number", "手机号"),
    "totp": Text("the authenticator app", "身份验证器"),
    "passkey": Text("a passkey", "通行密钥"),
    "recovery_code": Text("a recovery code", "恢复代码"),
    "trusted_device": Text("a device used there before", "以前用过的设备"),
    "security_question": Text("the answers to its security questions", "安全问题的答案"),
    "identity_document": Text("an identity document", "身份证件"),
    "support": Text("people at support", "人工客服"),
}
"""Each factor as it stands in a sentence."""

_BEFORE = re.compile(r"([\u4e00-\u9fff])([A-Za-z0-9])")
_AFTER = re.compile(r"([A-Za-z0-9])([\u4e00-\u9fff])")
_ORDER = {factor: n for n, factor in enumerate(FACTORS)}
_PLACES = {"phone": "手机", "laptop": "笔记本电脑", "computer": "电脑", "tablet": "平板"}
_SEVERAL = 4  # so many names are said, the rest are counted


SIGNED_IN = Text("being signed in", "登录状态")
"""``session`` where a change needs it: it is had by signing in."""


def spaced(text: Text) -> Text:
    """The Chinese with a space between Chinese and Latin letters or digits, as the other screens have it."""
    return Text(text.en, _AFTER.sub(r"\1 \2", _BEFORE.sub(r"\1 \2", text.zh)))


def factor_text(reach: Reach, factor: str, *, inside: bool = False) -> Text:
    """A factor as it stands in a sentence. ``inside``: of a change, for which one signs in."""
    if inside and factor == "session":
        return SIGNED_IN
    if not factor.startswith("sso:"):
        return FACTORS.get(factor, Text(factor, factor))
    name = service_name(reach, factor[4:])
    return Text(f"sign-in with {name.en}", f"用{name.zh}登录")


def service_name(reach: Reach, service: str) -> Text:
    """The service's name where an account there is known, else its id with a capital."""
    for supplier in reach.accounts:
        if supplier.service.id == service:
            return supplier.service.name
    short = service.upper() if len(service) <= 3 else service.capitalize()
    return Text(short, short)


def set_text(reach: Reach, factors: Iterable[str], *, inside: bool = False) -> Text:
    """Factors that are needed together."""
    texts = [factor_text(reach, f, inside=inside) for f in sorted(factors, key=lambda f: (_ORDER.get(f, 99), f))]
    return Text(" + ".join(t.en for t in texts), " + ".join(t.zh for t in texts))


def sets_text(reach: Reach, sets: Sequence[frozenset[str]], *, inside: bool = False) -> Text:
    """Alternatives, the smallest first."""
    texts = [set_text(reach, s, inside=inside) for s in sets[:3]]
    return Text(", or ".join(t.en for t in texts), "，或 ".join(t.zh for t in texts))


def way_text(reach: Reach, way: Way | None, session: str = "") -> Text:
    """What one gets in with; no way is the living session."""
    if way is None or not way.needs:
        where, zh = (f" ({session})", f"（{_PLACES.get(session, session)}）") if session else ("", "")
        return Text(f"a session that still lives{where}", f"仍有效的登录{zh}")
    return set_text(reach, way.needs)


def account_name(reach: Reach, account: str) -> Text:
    """The service's name, with the login where the person has several accounts there."""
    holding = reach.accounts[reach.index[account]]
    name = holding.service.name
    more = holding.login or holding.site or holding.id
    if holding.service.id not in reach.several:
        return name
    return Text(f"{name.en} ({more})", f"{name.zh}（{more}）")


def names_text(reach: Reach, accounts: Sequence[str]) -> Text:
    """Several accounts: the first few by name, the rest counted."""
    names = [account_name(reach, a) for a in accounts[:_SEVERAL]]
    rest = len(accounts) - len(names)
    return Text(
        ", ".join(n.en for n in names) + (f" and {rest} more" if rest else ""),
        "、".join(n.zh for n in names) + (f"等 {len(accounts)} 个" if rest else ""),
    )


def day(moment: datetime) -> str:
    """A day as the person's own calendar has it."""
    return moment.astimezone().strftime("%Y-%m-%d")


def length_text(minutes: int) -> Text:
    """A length of time, in the largest unit that fits."""
    for size, en, zh in ((1440, "day", "天"), (60, "hour", "小时")):
        if minutes >= size:
            n = round(minutes / size)
            return Text(f"{n} {en}{'s' if n > 1 else ''}", f"{n} {zh}")
    return Text(f"{minutes} min", f"{minutes} 分钟")


def span_text(span: timedelta) -> Text:
    """The same for a time span."""
    return length_text(int(span.total_seconds()) // 60)
