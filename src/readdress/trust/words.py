"""The words around a code: what announces one, and what announces a number that is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Used where a recipe gives no words of its own.
NEAR = (
    "security code", "verification code", "confirmation code", "one-time code", "one-time password",
    "one time password", "access code", "login code", "sign-in code", "passcode", "otp", "code", "pin", "验证码",
    "校验码", "确认码", "安全代码", "安全码", "动态密码", "一次性密码", "一次性代码", "代码", "驗證碼", "校驗碼",
    "認證碼", "認証コード", "確認コード", "認証番号", "検証コード", "セキュリティコード", "セキュリティ コード",
    "コード", "인증번호", "인증 번호", "인증 코드", "확인 코드", "code de vérification", "code de sécurité",
    "bestätigungscode", "sicherheitscode", "código", "codice", "código de verificação", "код",
)  # fmt: skip
# What names another number: nearest to it, it wins over an announcement further away.
_OTHER = (
    "order", "order no", "order number", "order id", "invoice", "receipt", "ticket", "case", "case id", "reference",
    "ref", "request id", "request", "transaction", "tracking", "account number", "account no", "customer number",
    "customer id", "user id", "member id", "membership", "phone", "telephone", "tel", "fax", "mobile", "call",
    "hotline", "sms to", "zip", "zip code", "postcode", "post code", "postal code", "area code", "country code",
    "promo code", "coupon code", "discount code", "voucher code", "gift code", "error code", "status code", "qr code",
    "source code", "dress code", "code of conduct", "build", "version", "copyright", "©", "(c)", "since", "amount",
    "total", "price", "sum", "balance", "usd", "eur", "gbp", "cny", "rmb", "jpy", "us$", "$", "€", "£", "¥", "suite",
    "room", "p.o. box", "po box", "no.", "nr.", "expires", "expires on", "date", "year", "ends in", "ending in",
    "ending", "ip address", "session id", "message id", "订单", "订单号", "订单编号", "单号", "运单", "编号", "工单",
    "流水号", "发票", "账号", "帐号", "卡号", "尾号", "用户名", "学号", "工号", "电话", "热线", "客服", "手机",
    "手机号", "传真", "邮编", "邮政编码", "错误代码", "区号", "备案", "备案号", "icp", "icp备", "icp证", "qq群",
    "qq号", "群号", "金额", "合计", "余额", "人民币", "版权", "有效期至", "日期", "身份证", "證號", "訂單",
    "訂單編號", "電話", "郵遞區號", "注文番号", "注文", "お問い合わせ番号", "受付番号", "会員番号", "電話番号",
    "郵便番号", "エラーコード", "金額", "合計", "주문번호", "전화",
)  # fmt: skip
UNIT_AFTER = re.compile(
    r"\s{0,2}(?:%|usd|eur|gbp|cny|rmb|jpy|dollars?|euros?|yuan|yen|元|圓|円|원|€|£|¥|\$|px|pt|kb|mb|gb|bytes?|items?|people|users?"
    r"|points?|times|days?|hours?|minutes?|mins?|seconds?|号楼|号院|号(?!码)|件|位用户|人|名|积分|點|分钟|分鐘|小时|小時|天|秒)(?![a-z])",
    re.IGNORECASE,
)
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]")
# Normalising is quadratic in a run of combining characters (380,000 of them took Python 75 s): short runs at a time.
_FOREIGN = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]{1,200}")
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))


@dataclass(frozen=True, slots=True)
class Label:
    """An announcement in a line, from ``start`` to ``end``. ``good``: of the code; else of some other number."""

    start: int
    end: int
    good: bool


def plain(text: str) -> str:
    """``text`` as it reads: full-width forms narrowed (NFKC), invisible characters dropped, all hyphens alike."""
    # The full-width comma ends a clause; as an ASCII comma behind a digit it would look like one within a number.
    text = _FOREIGN.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text.replace("，", "、"))
    return _INVISIBLE.sub("", text).translate(_HYPHENS)


def pattern_of(near: Sequence[str]) -> re.Pattern[str]:
    """One pattern for all announcements; group 1 holds the good ones. Longer ones go first, so that they win."""
    good = {plain(word).casefold().strip() for word in near} - {""}
    words = [(w, True) for w in good] + [(w, False) for w in (plain(o).casefold() for o in _OTHER) if w not in good]
    words.sort(key=lambda pair: (-len(pair[0]), not pair[1]))
    return re.compile("|".join(f"(?:({_bounded(w)}))" if ok else f"(?:{_bounded(w)})" for w, ok in words))


def _bounded(word: str) -> str:
    # A word of letters must stand by itself: "code" is not in "decode", though in "codes".
    start = "(?<![a-z])" if word[0].isascii() and word[0].isalpha() else ""
    end = "s?(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else ""
    return start + r"\s+".join(map(re.escape, word.split())) + end


def labels_in(line: str, pattern: re.Pattern[str]) -> list[Label]:
    """The announcements in a line, left to right, none overlapping."""
    low = line.lower()
    low = low if len(low) == len(line) else line
    return [Label(m.start(), m.end(), m.lastindex is not None) for m in pattern.finditer(low)]
