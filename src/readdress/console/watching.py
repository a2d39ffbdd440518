"""The lines of ``watch``: what was proven, who still writes to OLD, what became due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from readdress.console.tables import local
from readdress.i18n.clean import clean
from readdress.i18n.sentences import translate
from readdress.i18n.words import SLOTS
from readdress.models import MailKind, Side, Slot, Text, Wait

KINDS: dict[MailKind, Text] = {
    MailKind.WELCOME: Text("welcome", "欢迎邮件"),
    MailKind.VERIFICATION: Text("verification", "验证邮件"),
    MailKind.CODE: Text("code", "验证码"),
    MailKind.RESET: Text("password reset", "重设密码"),
    MailKind.SECURITY: Text("security notice", "安全通知"),
    MailKind.RECEIPT: Text("receipt", "收据"),
    MailKind.STATEMENT: Text("statement", "账单"),
    MailKind.NEWSLETTER: Text("newsletter", "订阅邮件"),
    MailKind.PERSONAL: Text("personal mail", "私人邮件"),
    MailKind.CLOSED: Text("account closed", "账号注销"),
    MailKind.OTHER: Text("mail", "邮件"),
}
_SKIPPED = {
    "dead": Text("is gone and was not read", "已失效，未读取"),
    "by_hand": Text("is not read by readdress; look there yourself", "不由本程序读取，请自行查看"),
    "resting": Text("is left alone for now: its provider was asked too often", "暂不读取：服务商提示访问过于频繁"),
}


class Told(Protocol):
    """A message that counts, as far as it is shown."""

    @property
    def account(self) -> str:
        """Whose."""
        ...

    @property
    def slot(self) -> Slot:
        """Which slot it shows."""
        ...

    @property
    def kind(self) -> MailKind:
        """What it is."""
        ...

    @property
    def at(self) -> datetime:
        """When it was sent."""
        ...


class Box(Protocol):
    """A mailbox that was looked at."""

    side: Side
    address: str
    messages: int
    opened: int
    skipped: str
    error: Any


def watch_lines(
    lang: str,
    names: Mapping[str, str],
    handles: Mapping[str, str],
    homes: Mapping[str, str],
    *,
    seen: Sequence[Box],
    proven: Sequence[Told],
    stragglers: Sequence[Told],
    due: Sequence[Wait],
    watched: int,
    forged: int,
) -> Iterable[str]:
    """What a look came to. ``names``, ``handles`` and ``homes``: an account's name, what commands call it, and its page, by its id; lines that begin with an arrow say what to do."""
    if not watched:
        yield Text(
            "No account was moved yet, so there is no mail to wait for.", "还没有迁移任何账号，无需查看邮件。"
        ).to(lang)
    for told in proven:
        kind = KINDS[told.kind].to(lang)
        name, slot = clean(names.get(told.account, told.account), 80), SLOTS[told.slot].to(lang)
        yield Text(
            f"✓ {name} writes to the new address ({kind}, {local(told.at)}): {slot} is proven.",
            f"✓ {name} 已发信到新地址（{kind}，{local(told.at)}）：{slot}已证实。",
        ).to(lang)
    for told in stragglers:
        kind = KINDS[told.kind].to(lang)
        name, slot = clean(names.get(told.account, told.account), 80), SLOTS[told.slot].to(lang)
        yield Text(
            f"! {name} still writes to the old address ({kind}, {local(told.at)}): {slot} is open again.",
            f"! {name} 仍在给旧地址发信（{kind}，{local(told.at)}）：{slot}需要重新处理。",
        ).to(lang)
        handle = handles.get(told.account, told.account)
        page = homes.get(told.account, "")
        where = Text(f" at {page}", f"（{page}）") if page else Text("", "")
        yield Text(
            f"→ Change or end it{where.en}, then: migrate watch --settled {handle}",
            f"→ 请更改或停用{where.zh}，然后：migrate watch --settled {handle}",
        ).to(lang)
    for wait in due:
        name = clean(names.get(wait.account, wait.account), 80)
        yield Text(
            f"· {name}: its time has come ({local(wait.until)}).", f"· {name}：时间已到（{local(wait.until)}）。"
        ).to(lang)
    if due:
        yield Text("→ Go on with: migrate resume", "→ 继续：migrate resume").to(lang)
    if forged:
        yield Text(
            f"Messages that name one of your services as their sender and could not be verified: {forged}. They count for nothing.",
            f"有 {forged} 封邮件自称来自您的服务，但无法验证，未予采信。",
        ).to(lang)
    for box in seen:
        if box.error is not None:
            yield f"{box.address}: {translate(clean(box.error.message, 300), lang)}"
        elif box.skipped in _SKIPPED:
            yield f"{box.address} {_SKIPPED[box.skipped].to(lang)}"
    if watched and not (proven or stragglers or due):
        new = sum(box.messages for box in seen)
        yield Text(
            f"Accounts watched: {watched}; new messages: {new}; nothing to tell.",
            f"关注 {watched} 个账号，新邮件 {new} 封，没有新情况。",
        ).to(lang)
