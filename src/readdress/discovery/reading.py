"""What an opened message shows: its kind, whether it proves an account, and which slots and login names it speaks of.

The text decides what the subject leaves open, and what a subject cannot say: that the order was a guest's, that there is no account, that
the account is gone. What a message quotes or forwards is not what it is from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from readdress.discovery import kinds, phrases
from readdress.discovery.lexicon import BIT, concepts, folded
from readdress.discovery.logins import login_names
from readdress.discovery.senders import is_mail_system, is_person
from readdress.models.inventory import MailKind
from readdress.models.words import Slot

BODY_CAP = 6_000
"""Characters of a body that are read; what a mail is stands at its start."""

_SENTENCES = 40
_URL = re.compile(r"https?://\S{1,2000}|\bwww\.\S{1,300}")
_SPLIT = re.compile(r"(?<=[。！？!?])|(?<=\.)\s|\n+")
_WRAPPED = re.compile(r"(?<=[^\n]{52})\n(?=[^\s])")  # a line this long was broken by a program, not by its writer
_QUOTE = re.compile(r"^[ \t]*>[^\n]*", re.MULTILINE)
_CODE_USE = re.compile(
    r"\bminut|\bstund|\bheure|\bhora\b|\bчас|\bминут|分钟|分鐘|分以内|分内|分です|초|분 |秒|\bexpir|\bvalid|\bgültig|\bshare|\bcompart|\bweiterg|\bcommuniqu|\btell\b"
    r"|\bsign|\blog|anmeld|einlog|\bentrar|\bacces|\baccéd|\bconnect|вход|войти|\benter\b|\bintrodu[cz]|\bescrib|\bsaisi|\beingeb|\btipp|\bдейств|\bсообща|\bвведит|输入|輸入|入力|입력|泄露|洩漏|告诉|告訴|教え|登录|登入|로그인|ログイン",
    re.IGNORECASE,
)
_SHOP_LIST = re.compile(r"\bnewsletters?\b|\bmailing list|\brundbrief|\binfolettre|\bbolet[ií]n|\bboletim|рассылк|电子报|電子報|订阅|訂閱|メルマガ|メールマガジン|購読|뉴스레터|구독", re.IGNORECASE)
_TITLED = re.compile(
    r"\b(?:mr|mrs|ms|miss|dr|herr|herrn|frau|monsieur|madame|mme|señor|señora|sr|sra|senhor|senhora|dona|г-н|г-жа|господин|госпожа)\.? ((?:[^\W\d_][\w'’-]+ ?){1,3})",
    re.IGNORECASE,
)
_GREETED = re.compile(
    r"^\s*(?:hi|hello|hey|dear|hallo|guten tag|liebe|lieber|bonjour|cher|chère|salut|hola|estimad[oa]|querid[oa]|olá|ola|oi|prezad[oa]|car[oa]|здравствуйте|привет|уважаем\w+|дорог\w+),? ((?:[^\W\d_][\w'’-]+ ?){1,3})[,:!.]",
    re.IGNORECASE,
)
_HONOURED = re.compile(r"(?:^|\n)\s*(?:尊敬的|亲爱的|親愛的|敬爱的|敬愛的)?\s?([\u3400-\u9fff\u3040-\u30ff\uac00-\ud7a3・ ]{2,12}?)\s?(?:先生|女士|小姐|様|さま|님)")
_SLOTS = (
    (Slot.TWO_FACTOR, BIT["TFA"]),
    (Slot.RECOVERY, BIT["RECOV"]),
)
_SSO = re.compile(
    r"\b(?:sign(?:ed)? ?-?in|log(?:ged)? ?-?in|login|connect\w*|regist\w+) (?:with|via|using|through) (?:your )?(?:google|apple|facebook|qq|wechat|weibo|microsoft|twitter|github|line|kakao|naver|vk)\b|(?:用|使用|通过|透過)\s?(?:QQ|微信|微博|支付宝|Google|Apple|Facebook)[^。\n]{0,6}登[录入]|\bQQ sign-in",
    re.IGNORECASE,
)


_NEEDS_WORDS = frozenset({MailKind.WELCOME, MailKind.SECURITY, MailKind.CODE, MailKind.STATEMENT, MailKind.RESET})
_BORROWED = frozenset({MailKind.STATEMENT, MailKind.RECEIPT, MailKind.OTHER, MailKind.NEWSLETTER, MailKind.WELCOME})
_ACCOUNT_BITS = BIT["ACC"] | BIT["LOGIN"] | BIT["SEC"] | BIT["PWD"] | BIT["CONF"]


class Standing(StrEnum):
    """What one message says about an account of this person at its sender."""

    PROOF = "proof"  # can only be sent to somebody who has one
    HINT = "hint"  # probable, but somebody else could have caused it
    NONE = "none"  # says nothing, or that there is none
    CLOSED = "closed"  # had one, and it is gone


@dataclass(frozen=True, slots=True)
class Reading:
    """One opened message. ``slots``: where it shows the address to be; ``other``: it speaks to another person by name."""

    kind: MailKind
    standing: Standing
    logins: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    other: bool = False


def read(
    subject: str, body: str, *, sender: str = "", name: str = "", listed: bool = False, names: Sequence[str] = ()
) -> Reading:
    """Read one opened message.

    ``body``: the text that a person sees. ``names``: what the person is called, where they said so: mail that greets somebody else by full name
    then proves nothing. Pure, never raises, linear in the capped input.
    """
    subject = subject[: kinds.SUBJECT_CAP]
    text = own_text(body)
    kind, sure = kinds.decide(subject, sender=sender, name=name, listed=listed)
    if kind is MailKind.PERSONAL or (sender and is_mail_system(sender, name)):
        return Reading(kind, Standing.NONE)
    whole = f"{subject}\n{text}"
    vague = False
    if kind is not MailKind.OTHER or not sure:
        kind, vague = _by_text(kind, sure, subject, text, listed=listed)
    standing = _standing(kind, subject, text, sure=sure)
    if standing is Standing.PROOF and kind is MailKind.WELCOME and not sure and phrases.INVITED.search(text):
        kind, standing = MailKind.OTHER, Standing.NONE
    if standing is Standing.PROOF and (vague and kind in _NEEDS_WORDS or phrases.SCAM.search(whole)):
        standing = Standing.HINT
    if standing is Standing.CLOSED:
        kind = MailKind.CLOSED
    elif standing is Standing.NONE and kind not in {MailKind.RECEIPT, MailKind.NEWSLETTER, MailKind.RESET} and _denies(text, subject):
        kind = MailKind.RESET if concepts(whole[:1500]) & BIT["PWD"] else kind
    other = bool(names) and speaks_to_another(whole, names)
    if other:
        standing = Standing.NONE
    logins = login_names(subject, text, names=names) if standing is not Standing.NONE else ()
    return Reading(kind, standing, logins, _slots(kind, subject, text), other)


def seen_text(texts: Sequence[str], pages: Sequence[str]) -> str:
    """The text to read of a message: its plain parts, or its pages' visible text where the plain part is only a stub of it."""
    plain, page = "\n".join(texts), "\n".join(pages)
    return plain if len(plain) >= 300 or len(plain) * 5 >= len(page) * 4 else page


def own_text(body: str) -> str:
    """The writer's own words: cut, without addresses of pages, quoted lines and forwarded mail."""
    text = body[:BODY_CAP].replace("\r\n", "\n")
    forwarded = phrases.FORWARDED.search("\n" + text)
    if forwarded:
        text = text[: max(0, forwarded.start() - 1)]
    return _WRAPPED.sub(" ", _URL.sub(" ", _QUOTE.sub("", text)))


def speaks_to_another(text: str, names: Sequence[str]) -> bool:
    """Whether it addresses somebody by a title and a name, or by a full name, none of which is the person's."""
    mine = {folded(word.lower()) for name in names for word in re.findall(r"[^\W\d_]+", name)}
    glyphs = "".join(names)
    head = text[:600]
    for found in [*_TITLED.finditer(head), *(m for line in head.split("\n") for m in [_GREETED.match(line)] if m)]:
        words = [w for w in found[1].replace("’", "'").split() if w[:1].isupper()]
        titled = found.re is _TITLED
        if (titled and words or len(words) >= 2) and not any(folded(w.lower()) in mine for w in words):
            return not any(concepts(w) for w in words)
    for found in _HONOURED.finditer("\n" + head):
        called = found[1].strip()
        if called and len(called) >= 3 and not concepts(called) and not any(c in glyphs for c in called if c not in "・ "):
            return True
    return False


def _by_text(kind: MailKind, sure: bool, subject: str, text: str, *, listed: bool) -> tuple[MailKind, bool]:
    """The kind by the subject, corrected by the text; and whether only a vague sentence of the text speaks for it."""
    mask, head = concepts(subject), concepts(text[:1500])
    ad = listed or bool(phrases.AD.search(text))
    votes = _votes(text)
    strong = next((k for k, s in votes if s and k is not MailKind.NEWSLETTER), None)
    fallback = kind
    if kind is MailKind.CODE and not sure:
        if not mask & BIT["CODE"]:
            kind = MailKind.OTHER  # "sign in" alone: the text says to what
        elif text.strip() and not _CODE_USE.search(text) and not head & _ACCOUNT_BITS:
            return MailKind.NEWSLETTER, False
        elif strong in {MailKind.WELCOME, MailKind.VERIFICATION, MailKind.SECURITY} and not head & BIT["CODE"]:
            return strong, False
    if kind is MailKind.WELCOME and ad and _SHOP_LIST.search(f"{subject}\n{text[:400]}") and not head & BIT["ACC"]:
        return MailKind.NEWSLETTER, False
    if kind is MailKind.RESET:
        # "Password reset" is also the subject of the news that it was done.
        about = next((k for k, s in votes if s and k in {MailKind.RESET, MailKind.SECURITY}), kind)
        return (about if about is MailKind.SECURITY and not _denies(text, subject) else kind), False
    if sure:
        return kind, False
    if kind is MailKind.OTHER and (mask & BIT["NOTICE"] or phrases.OWN_CONTENT.search(subject)):
        return kind, False
    if ad and kind in _BORROWED and strong in {None, MailKind.RECEIPT, MailKind.STATEMENT} - {kind}:
        return MailKind.NEWSLETTER, False
    if kind is MailKind.OTHER:
        if strong is not None:
            return strong, False
        likely = next((k for k, _ in votes if k is not MailKind.OTHER), None)
        if likely is not None:
            return likely, likely is not fallback
        if fallback is not MailKind.OTHER:
            return fallback, not head & BIT["ACC"]
        said = votes or phrases.INVITED.search(text) or phrases.OWN_CONTENT.search(text)
        return (MailKind.OTHER if said else MailKind.NEWSLETTER), False
    if kind is MailKind.NEWSLETTER:
        return (kind if ad or strong is None else strong), False
    return _corrected(kind, strong, head), False


def _corrected(kind: MailKind, strong: MailKind | None, head: int) -> MailKind:
    """A doubtful subject against a text that leaves no doubt."""
    if kind is MailKind.VERIFICATION and strong is MailKind.WELCOME:
        return MailKind.VERIFICATION if head & BIT["CONF"] else MailKind.WELCOME
    changes = {
        MailKind.SECURITY: {MailKind.RESET, MailKind.CODE},
        MailKind.WELCOME: {MailKind.VERIFICATION},
        MailKind.RECEIPT: {MailKind.STATEMENT},
    }
    return strong if strong is not None and strong in changes.get(kind, ()) else kind


def _votes(text: str) -> list[tuple[MailKind, bool]]:
    """What each sentence speaks for, in order; sentences for whoever did not ask are left out."""
    found: list[tuple[MailKind, bool]] = []
    for sentence in [s for s in _SPLIT.split(text) if s and not s.isspace()][:_SENTENCES]:
        sentence = sentence[:300]
        if phrases.DISCLAIMER.search(sentence):
            continue
        kind, sure = kinds.by_words(concepts(sentence), sentence)
        if kind is not None:
            found.append((kind, sure))
    return found


def _denies(text: str, subject: str) -> bool:
    if phrases.NO_ACCOUNT.search(subject):
        return True
    return any(phrases.NO_ACCOUNT.search(s) and not phrases.DISCLAIMER.search(s) for s in _SPLIT.split(text)[:_SENTENCES] if s)


def _standing(kind: MailKind, subject: str, text: str, *, sure: bool) -> Standing:
    whole = f"{subject}\n{text}"
    if kind is MailKind.CLOSED or (kind in {MailKind.OTHER, MailKind.SECURITY, MailKind.WELCOME} and _says_closed(subject, text)):
        return Standing.CLOSED
    if kind in {MailKind.PERSONAL, MailKind.NEWSLETTER}:
        member = kind is MailKind.NEWSLETTER and phrases.MEMBERS.search(whole)
        return Standing.HINT if member else Standing.NONE
    guest = bool(phrases.GUEST.search(whole))
    if kind is MailKind.RECEIPT:
        return Standing.PROOF if not guest and not phrases.NO_ACCOUNT.search(whole) and phrases.ACCOUNT_SEEN.search(text) else Standing.NONE
    if kind is MailKind.OTHER:
        if guest or phrases.INVITED.search(whole) or concepts(subject) & (BIT["INVITE"] | BIT["PICK"] | BIT["AUTO"] | BIT["BOUNCE"]):
            return Standing.NONE
        return Standing.PROOF if phrases.OWN_CONTENT.search(whole) else Standing.NONE
    if (kind is not MailKind.SECURITY or not sure) and _denies(text, subject):
        return Standing.NONE
    if guest and kind in {MailKind.CODE, MailKind.VERIFICATION, MailKind.STATEMENT}:
        return Standing.NONE
    if kind is MailKind.VERIFICATION:
        changing = any(phrases.CHANGING.search(s) and not phrases.DISCLAIMER.search(s) for s in [subject, *_SPLIT.split(text)[:_SENTENCES]] if s)
        return Standing.PROOF if changing else Standing.HINT
    return Standing.PROOF


def _says_closed(subject: str, text: str) -> bool:
    """Whether a sentence says that the account itself is gone, not an address, a key or a card of it."""
    parts = BIT["MAIL"] | BIT["KEY"] | BIT["TFA"] | BIT["PHONE"] | BIT["PAY"] | BIT["ORD"] | BIT["PWD"]
    return any(phrases.CLOSED.search(s) and not phrases.DISCLAIMER.search(s) and not concepts(s[:300]) & parts for s in [subject, *_SPLIT.split(text)[:8]] if s)


def _slots(kind: MailKind, subject: str, text: str) -> tuple[Slot, ...]:
    if kind in {MailKind.RECEIPT, MailKind.STATEMENT}:
        return (Slot.BILLING,)
    if kind is MailKind.NEWSLETTER:
        return (Slot.NEWSLETTER,)
    if kind in {MailKind.PERSONAL, MailKind.CLOSED}:
        return ()
    whole = f"{subject}\n{text[:1200]}"
    mask = concepts(subject) | (concepts(text[:600]) if kind in {MailKind.SECURITY, MailKind.CODE} else 0)
    found = [slot for slot, bit in _SLOTS if mask & bit]
    if _SSO.search(whole):
        found.append(Slot.SSO)
    if kind is MailKind.OTHER or (not found and kind in {MailKind.SECURITY, MailKind.VERIFICATION} and phrases.CHANGING.search(whole) and mask & BIT["MAIL"]):
        found.append(Slot.CONTACT)
    return tuple(found) or (Slot.SIGN_IN,)
