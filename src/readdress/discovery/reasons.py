"""The sentence that says why an account is believed, made of counted facts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from readdress.discovery.reading import Standing
from readdress.models.inventory import MailKind
from readdress.models.text import Text

_NAMES: Mapping[MailKind, tuple[str, str, str]] = {
    MailKind.SECURITY: ("security notice", "security notices", "封安全通知"),
    MailKind.WELCOME: ("welcome mail", "welcome mails", "封注册成功邮件"),
    MailKind.CODE: ("sign-in code", "sign-in codes", "封验证码邮件"),
    MailKind.STATEMENT: ("statement or bill", "statements or bills", "封账单"),
    MailKind.RESET: ("password request", "password requests", "封密码重置邮件"),
    MailKind.VERIFICATION: ("request to confirm the address", "requests to confirm the address", "封邮箱确认邮件"),
    MailKind.RECEIPT: ("receipt", "receipts", "封订单或收据"),
    MailKind.CLOSED: ("note that the account was deleted", "notes that the account was deleted", "封注销确认"),
    MailKind.OTHER: ("other message", "other messages", "封其他邮件"),
    MailKind.NEWSLETTER: ("newsletter", "newsletters", "封推广邮件"),
}
_SHOWN = 3


def reason(
    counts: Mapping[MailKind, int],
    sure: Mapping[MailKind, int],
    last: datetime | None,
    addresses: Sequence[str],
    logins: Sequence[str],
    opened: Sequence[Standing],
    closed: datetime | None,
    impostor: str,
) -> Text:
    """One sentence or a few, in English and Chinese. Counts are of messages; ``opened`` are the standings of those that were opened and count."""
    kinds = [kind for kind in _NAMES if counts.get(kind)][:_SHOWN]
    en = [", ".join(f"{counts[k]} {_NAMES[k][0 if counts[k] == 1 else 1]}" for k in kinds)]
    zh = ["、".join(f"{counts[k]} {_NAMES[k][2]}" for k in kinds)]
    if last:
        en.append(f"the last on {last:%Y-%m-%d}")
        zh.append(f"最近一封在 {last:%Y-%m-%d}")
    account = [k for k in kinds if k not in {MailKind.NEWSLETTER, MailKind.OTHER}]
    vouched = sum(sure.get(kind, 0) for kind in account)
    if vouched:
        en.append(
            "vouched for by your mail provider"
            if vouched >= sum(counts[k] for k in account)
            else f"{vouched} of them vouched for by your mail provider"
        )
        zh.append(
            "您的邮箱服务商确认发件人属实"
            if vouched >= sum(counts[k] for k in account)
            else f"其中 {vouched} 封由您的邮箱服务商确认发件人属实"
        )
    elif account:
        en.append("none of them vouched for by your mail provider")
        zh.append("您的邮箱服务商都没有确认发件人")
    if Standing.PROOF in opened:
        en.append("and the text of one says that you have an account")
        zh.append("其中一封的正文说明您有账号")
    other = [tag for tag in addresses if tag not in {"old", "unknown"}]
    if other:
        shown = other[0].partition(":")[2]
        en.append(f"written to {'your tag' if other[0].startswith('plus:') else 'your address'} {shown}")
        zh.append(f"写给您的{'加号标签' if other[0].startswith('plus:') else '地址'} {shown}")
    sentences_en, sentences_zh = [", ".join(en) + "."], ["，".join(zh) + "。"]
    if logins:
        sentences_en.append(f"It names the login {logins[0]}.")
        sentences_zh.append(f"邮件里写着登录名 {logins[0]}。")
    if closed:
        sentences_en.append(f"Its deletion was confirmed on {closed:%Y-%m-%d}.")
        sentences_zh.append(f"{closed:%Y-%m-%d} 已确认注销。")
    if impostor:
        sentences_en.append(f"It calls itself {impostor}, but writes from a domain that is not {impostor}'s.")
        sentences_zh.append(f"它自称 {impostor}，但域名不属于 {impostor}。")
    return Text(" ".join(sentences_en), "".join(sentences_zh))
