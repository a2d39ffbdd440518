"""Who wrote: a person, a mail system, or a service, as far as the From header alone tells."""

from __future__ import annotations

import re
from functools import lru_cache

from readdress.discovery.domains import listed
from readdress.discovery.lexicon import folded

_SPLIT = re.compile(r"[._\-+]+")
_LATIN = re.compile(r"[^\W\d_]+")
_ROLE_PARTS = (
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "notif",
    "newsletter",
    "mailer",
    "robot",
    "support",
    "service",
    "account",
)
_ORGANISATION = re.compile(
    r"\b(team|support|via|bank|shop|store|club|inc|ltd|llc|gmbh|ag|s\.?a\.?|corp|news|newsletter|service|services|group|online|forum|hotel|hotels|travel|"
    r"airlines|mail|account|accounts|customer|office|university|library|museum|insurance|mobile|media|games|cloud|app|alerts?|notifications?|system|desk)\b"
    r"|[银銀]行|公司|[网網]|[论論][坛壇]|商城|中心|[团團][队隊]|旅行|游[戏戲]|[书書]店|[学學][堂校院]|[邮郵]件|客服|系[统統]|通[知行]|[银銀]|航空|保[险險]|酒店|票[务務]|市场|市場"
    r"|事務局|株式会社|銀行|ストア|ショップ|サポート|マート|クラブ|運営|窓口|センター|サービス|通信|ネット|協会|組合|会社"
    r"|은행|고객|센터|쇼핑|몰|운영|서비스|팀|주식회사|예매|클럽"
    r"|банк|магазин|служба|поддержк|команда|клуб|«",
    re.IGNORECASE,
)
_SYSTEMS = re.compile(r"mailer-?daemon|postmaster|mail delivery (sub)?system|delivery subsystem", re.IGNORECASE)
# The commonest family names of China, Taiwan and Korea: a name that starts with one, of two to four characters, is a person's.
_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎"
    "余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯김이박최정강조윤장임한오서신권황안송류홍佐藤鈴高田伊渡"
)
_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        ("a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya").replace("_", "").split(" "),
        strict=True,
    )
)


def begins_as_name(called: str) -> bool:
    """Whether a word of two to four characters begins with a common family name of China, Taiwan, Korea or Japan."""
    return 1 < len(called) <= 4 and called[0] in _SURNAMES


@lru_cache(maxsize=8_192)
def is_mail_system(sender: str, name: str) -> bool:
    """Whether the mail comes from a mail server's own process: a report of non-delivery (RFC 3464) as a rule."""
    return bool(_SYSTEMS.search(sender[:100]) or _SYSTEMS.search(name[:100]))


def is_role(local: str) -> bool:
    """Whether a local part names a function (``orders``, ``no-reply``) and not a person."""
    local = local.lower()[:80]
    if any(part in local for part in _ROLE_PARTS):
        return True
    roles = listed("roles.txt")
    return any(piece.rstrip("0123456789") in roles for piece in _SPLIT.split(local))


@lru_cache(maxsize=8_192)
def is_person(sender: str, name: str) -> bool:
    """Whether the From header looks like one human's: the name stands in the local part, or both have a person's shape.

    Conservative in one direction only: a service taken for a person is a lost account, so a role word, an organisation's word, a name
    that is the domain's own, or "via" speak against it.
    """
    local, at, domain = sender.lower()[:320].partition("@")
    if not at or not local or is_role(local):
        return False
    name = name.strip().strip("'\"")[:100]
    if name and (_ORGANISATION.search(name) or "@" in name):
        return False
    tokens = [t for t in (_latin(word) for word in _LATIN.findall(name)) if len(t) > 1]
    labels = "".join(domain.split(".")[:-1])
    brand = re.sub(r"[^a-z0-9]", "", labels)
    if tokens and all(t in brand for t in tokens):
        return False
    if local in {"-", "."} or re.sub(r"[^a-z0-9]", "", local) in {brand, ""}:
        return False
    if not name:
        return bool(re.fullmatch(r"[a-z]{2,15}[._][a-z]{2,20}", local))
    if any(len(t) > 2 and t in local for t in tokens if t.isascii()):
        return True
    if (
        len(tokens) == 2
        and all(t.isascii() for t in tokens)
        and local in {tokens[0][0] + tokens[1], tokens[0] + tokens[1][0]}
    ):
        return True
    glyphs = "".join(c for c in name if c >= "\u2e80")
    if not 1 < len(glyphs) <= 6 or len(name) > 12 or local in domain.split("."):
        return False
    dotted = bool(re.fullmatch(r"[a-z]{2,15}[._][a-z]{1,20}\d{0,4}", local))
    return dotted or (glyphs[0] in _SURNAMES and len(glyphs) <= 4 and bool(re.fullmatch(r"[a-z]{2,20}\d{0,8}", local)))


def _latin(word: str) -> str:
    """A name's word in Latin letters where that is simple (Latin without accents, Cyrillic by sound)."""
    plain = folded(word.lower()[:40])
    if plain.isascii():
        return plain
    return "".join(_CYRILLIC.get(c, c) for c in word.lower()[:40])
