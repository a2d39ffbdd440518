"""What one opened message says about an account of this person, and where in it the address stands."""

from __future__ import annotations

import re
from enum import StrEnum

from readdress.discovery import kinds, phrases, signals, tells
from readdress.discovery.lexicon import BIT, concepts
from readdress.models.inventory import MailKind
from readdress.models.words import Slot

_SLOTS = (
    (Slot.TWO_FACTOR, BIT["TFA"]),
    (Slot.RECOVERY, BIT["RECOV"]),
)
_SSO = re.compile(
    r"\b(?:sign(?:ed)? ?-?in|log(?:ged)? ?-?in|login|connect\w*|regist\w+) (?:with|via|using|through) (?:your )?(?:google|apple|facebook|qq|wechat|weibo|microsoft|twitter|github|line|kakao|naver|vk)\b|(?:用|使用|通过|透過)\s?(?:QQ|微信|微博|支付宝|Google|Apple|Facebook)[^。\n]{0,6}登[录入]|\bQQ sign-in",
    re.IGNORECASE,
)
ACCOUNT_NOUNS = BIT["ACC"] | BIT["REG"] | BIT["LOGIN"] | BIT["USER"]
ACCOUNT_BITS = BIT["ACC"] | BIT["LOGIN"] | BIT["SEC"] | BIT["PWD"] | BIT["CONF"]


_UNSUBSCRIBED = BIT["NEWS"] | BIT["PROMO"] | BIT["BOOK"] | BIT["DEV"] | BIT["SHIP"] | BIT["LOGIN"] | BIT["INV"]


class Standing(StrEnum):
    """What one message says about an account of this person at its sender."""

    PROOF = "proof"  # can only be sent to somebody who has one
    HINT = "hint"  # probable, but somebody else could have caused it
    NONE = "none"  # says nothing, or that there is none
    CLOSED = "closed"  # had one, and it is gone


def denies(text: str, subject: str) -> bool:
    """Whether it says that there is no account for this address."""
    if phrases.NO_ACCOUNT.search(subject):
        return True
    return any(
        phrases.NO_ACCOUNT.search(s) and not phrases.DISCLAIMER.search(s)
        for s in signals.SPLIT.split(text)[: signals.SENTENCES]
        if s
    )


def standing_of(kind: MailKind, subject: str, text: str, *, sure: bool) -> Standing:
    """What the message proves. ``sure``: its subject left no doubt about ``kind``."""
    whole = f"{subject}\n{text}"
    if kind is MailKind.CLOSED or (
        kind in {MailKind.OTHER, MailKind.SECURITY, MailKind.WELCOME, MailKind.NEWSLETTER}
        and _says_closed(subject, text)
    ):
        return Standing.CLOSED
    if kind in {MailKind.PERSONAL, MailKind.NEWSLETTER}:
        member = kind is MailKind.NEWSLETTER and phrases.MEMBERS.search(whole)
        return Standing.HINT if member else Standing.NONE
    guest = bool(phrases.GUEST.search(whole))
    mask = concepts(whole[:1500])
    if kind is MailKind.RECEIPT:
        said = "\n".join(s for s in signals.SPLIT.split(text) if s and not tells.NEXT_TIME.search(s))
        owned = (
            (phrases.ACCOUNT_SEEN.search(said) or tells.RENEWS.search(said))
            and not phrases.NO_ACCOUNT.search(whole)
            and not phrases.INVITED.search(text)
        )
        return (
            Standing.PROOF
            if owned and not guest and not _negated(text, BIT["ACC"] | BIT["REG"] | BIT["LOGIN"])
            else Standing.NONE
        )
    if kind is MailKind.OTHER:
        if (
            guest
            or phrases.INVITED.search(whole)
            or concepts(subject) & (BIT["INVITE"] | BIT["PICK"] | BIT["AUTO"] | BIT["BOUNCE"])
        ):
            return Standing.NONE
        if phrases.OWN_CONTENT.search(subject) or (
            concepts(subject) & BIT["NOTICE"] and phrases.OWN_CONTENT.search(text)
        ):
            return Standing.PROOF
        return Standing.HINT if phrases.OWN_CONTENT.search(text) else Standing.NONE
    if (kind is not MailKind.SECURITY or not sure) and denies(text, subject):
        return Standing.NONE
    if kind is MailKind.RESET and (
        _negated(text, BIT["ACC"] | BIT["REG"] | BIT["MAIL"] | BIT["USER"]) or not signals.ACTION.search(whole)
    ):
        return Standing.NONE  # an answer without a way to a new password is the answer that there is nothing to reset
    if guest and kind in {MailKind.CODE, MailKind.VERIFICATION, MailKind.STATEMENT, MailKind.WELCOME}:
        return Standing.NONE
    if kind is MailKind.VERIFICATION:
        changing = any(
            phrases.CHANGING.search(s) and not phrases.DISCLAIMER.search(s)
            for s in [subject, *signals.SPLIT.split(text)[: signals.SENTENCES]]
            if s
        )
        return Standing.PROOF if changing and not signals.SHOP_LIST.search(whole) else Standing.HINT
    if kind in {MailKind.WELCOME, MailKind.CODE} and not mask & (ACCOUNT_BITS | BIT["USER"] | BIT["TFA"] | BIT["REG"]):
        return Standing.HINT  # to an event, a queue, a letter: nothing speaks of an account
    if kind is MailKind.CODE and not signals.TOKEN.search(whole) and not mask & BIT["LOGIN"]:
        return Standing.HINT  # "arbitrary code": no code is in it
    if (
        kind is MailKind.SECURITY
        and not sure
        and not mask & (ACCOUNT_NOUNS | BIT["PWD"] | BIT["TFA"] | BIT["KEY"] | BIT["PHONE"])
    ):
        return Standing.HINT
    return Standing.PROOF


def _negated(text: str, about: int) -> bool:
    """Whether a sentence denies something of these concepts (and of no password: that one "will not change")."""
    for sentence in signals.SPLIT.split(text)[:20]:
        mask = concepts(sentence[:300])
        if mask & BIT["NOT"] and mask & about and not mask & BIT["PWD"] and not phrases.DISCLAIMER.search(sentence):
            return True
    return False


def _says_closed(subject: str, text: str) -> bool:
    """Whether a sentence says that the account itself is gone, not an address, a key or a card of it."""
    parts = BIT["MAIL"] | BIT["KEY"] | BIT["TFA"] | BIT["PHONE"] | BIT["PAY"] | BIT["ORD"] | BIT["PWD"]
    for sentence in [subject, *signals.SPLIT.split(text)[:10]]:
        if not sentence or phrases.DISCLAIMER.search(sentence) or sentence.rstrip().endswith(("?", "？")):
            continue
        mask = concepts(sentence[:300])
        if not mask & parts and (
            (phrases.CLOSED.search(sentence) and not tells.THREAT.search(sentence))
            or (mask & BIT["DEL"] and not mask & _UNSUBSCRIBED and tells.REQUESTED.search(sentence))
            or kinds.by_words(mask, sentence)[0] is MailKind.CLOSED
        ):
            return True
    return False


def slots_of(kind: MailKind, subject: str, text: str) -> tuple[Slot, ...]:
    """Where the message shows the address to be in the account, likeliest first."""
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
    if kind is MailKind.OTHER or (
        not found
        and kind in {MailKind.SECURITY, MailKind.VERIFICATION}
        and phrases.CHANGING.search(whole)
        and mask & BIT["MAIL"]
    ):
        found.append(Slot.CONTACT)
    return tuple(found) or (Slot.SIGN_IN,)
