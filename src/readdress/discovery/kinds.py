"""What kind a message is, from its subject and sender, and from its text where the subject cannot tell.

The rules speak of concepts (:mod:`readdress.discovery.lexicon`), so they are the same in every language. Only the order matters: what
is said of an account's safety goes before what is said of an order, and an order before an advertisement.
"""

from __future__ import annotations

import re

from readdress.discovery import lexicon
from readdress.discovery.lexicon import BIT, concepts
from readdress.discovery.senders import is_mail_system, is_person, is_role
from readdress.models.inventory import MailKind

SUBJECT_CAP = 256
"""Characters of a subject that count; nobody reads on behind them, and the cost grows with the length."""

ACC, PWD, FORGOT, RESET, WAS, CHG, CONF, MAIL, CODE, LOGIN, NEW, DEV, ODD, SEC, ALERT, TFA, KEY = (
    BIT[n] for n in lexicon.NAMES[:17]
)
PHONE, WEL, REG, DONE, MADE, ORD, RCPT, INV, PAY, SHIP, BOOK, STMT, BAL, MON, BILL, PROMO, NEWS = (
    BIT[n] for n in lexicon.NAMES[17:34]
)
(
    DEL,
    BYE,
    INVITE,
    BOUNCE,
    AUTO,
    NOTICE,
    GUEST,
    ADD,
    LOCK,
    RECOV,
    REQ,
    PICK,
    USER,
    POLICY,
    SURVEY,
    EXPIRE,
    CAL,
    NOT,
    STEP,
    MINE,
    YOU,
    GONE,
) = (BIT[n] for n in lexicon.NAMES[34:])

_REPLY = re.compile(
    r"\s*(?:re|fwd?|aw|wg|rv|tr|sv|vs|antw|odp|enc|rif|ynt|res|回复|回覆|转发|轉寄|轉發|答复|答覆|返信|転送|회신|전달|отв|ответ|пересл?)\s?(?:\[\d+\])?\s?[:：]",
    re.IGNORECASE,
)
_TAG = re.compile(r"\s*\[[\w .:-]{2,40}\]")
_NUMBER = re.compile(r"\d[\dA-Za-z-]{3}")
_PRICE_CUT = re.compile(r"\d\s?[%％]|[%％]\s?\d|折起|\d折")
_ISSUE = re.compile(
    r"第\s?\d{1,4}\s?[期号號卷回]|\b(?:issue|vol\.?|volume|edition|ausgabe|num[eé]ro|n[úu]mero|выпуск)\s?(?:#|nr?\.?|n[°º])?\s?\d|제\s?\d+\s?호",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\bwill be|\bscheduled\b|\binactiv|\bsoon\b|\bwird\b|\bsera\b|\bserá\b|\bбуд[еу]т\b|即将|即將|将被|將被|予定|예정|\bbefore\b",
    re.IGNORECASE,
)


def kind_of(subject: str, *, sender: str = "", name: str = "", listed: bool = False, body: str = "") -> MailKind:
    """The kind of a message.

    ``subject``: decoded. ``sender``: the From address; ``name``: its display name. ``listed``: it has List-Unsubscribe. ``body``: its text, where it
    was opened. Pure, never raises, and linear: every input is capped first. ``OTHER`` also means "cannot tell from this".
    """
    if body:
        from readdress.discovery.reading import read  # late: the counting of headers never needs it

        return read(subject, body, sender=sender, name=name, listed=listed).kind
    return decide(subject, sender=sender, name=name, listed=listed)[0]


def needs_body(subject: str, *, sender: str = "", name: str = "", listed: bool = False) -> bool:
    """Whether the subject leaves the kind open, so that the message has to be opened to know it."""
    kind, sure = decide(subject, sender=sender, name=name, listed=listed)
    return not sure and kind is not MailKind.PERSONAL


def decide(subject: str, *, sender: str = "", name: str = "", listed: bool = False) -> tuple[MailKind, bool]:
    """The kind by header alone, and whether the words leave no doubt."""
    subject = subject[:SUBJECT_CAP]
    mask = concepts(subject)
    if mask & BOUNCE or (sender and is_mail_system(sender, name)):
        return MailKind.OTHER, True
    head = subject[:16]
    reply = (":" in head or "：" in head) and _REPLY.match(subject) is not None
    person = bool(sender) and not listed and is_person(sender, name)
    if (
        reply
        and not listed
        and sender
        and not is_role(sender.partition("@")[0])
        and not _TAG.match(_REPLY.sub("", subject))
    ):
        return MailKind.PERSONAL, True
    if (mask & AUTO and not mask & (ACC | PWD | CODE | LOGIN)) or (mask & AUTO and person):
        return MailKind.OTHER, True
    if person:
        if (mask & INVITE and not reply) or _TAG.match(subject):
            return MailKind.OTHER, True
        return MailKind.PERSONAL, True
    if reply:
        return (MailKind.NEWSLETTER, False) if listed else (MailKind.OTHER, True)
    own = name.strip("\"' ")
    if len(own) > 2 and own in subject:
        # "Kranich Versand" is a name, not a shipment.
        subject = subject.replace(own, " ")
        mask = concepts(subject)
    if (mask & NEWS or "第" in subject or "호" in subject) and _ISSUE.search(subject) and not mask & (ORD | INV):
        return MailKind.NEWSLETTER, True
    kind, sure = by_words(mask, subject, listed=listed)
    if not sure and mask & NOT and mask & (ACC | MAIL | PWD | REG | USER) and _denies(subject):
        return MailKind.RESET, False
    if kind is None:
        return (MailKind.NEWSLETTER if listed else MailKind.OTHER), False
    return kind, sure


def by_words(mask: int, text: str, *, listed: bool = False) -> tuple[MailKind | None, bool]:
    """The kind that the concepts of one line or sentence speak for (None: they say nothing), and whether they leave no doubt."""
    kind = _about_account(mask, text)
    if kind is not None:
        return kind
    return _about_business(mask, text, listed=listed)


def _about_account(mask: int, text: str) -> tuple[MailKind | None, bool] | None:
    """Mail about an account itself; None where the words speak of none."""
    if (mask & DEL and mask & ACC and not mask & (MAIL | PHONE | KEY | TFA | ORD | BOOK | PWD)) or mask & BYE:
        if (mask & (CONF | REQ | CODE) and not mask & (DONE | BYE)) or _FUTURE.search(text):
            return MailKind.SECURITY, False
        return (MailKind.CLOSED, True) if not mask & PROMO else (MailKind.CLOSED, False)
    if (
        mask & GONE
        and mask & DEL
        and not mask & (MAIL | PHONE | KEY | TFA | ORD | BOOK | PWD | PROMO)
        and not _FUTURE.search(text)
    ):
        return MailKind.CLOSED, bool(mask & ACC)
    if mask & PICK and not mask & (PWD | LOGIN | SEC):
        return (MailKind.NEWSLETTER, False) if mask & PROMO else (MailKind.OTHER, True)
    if mask & PWD:
        return _about_password(mask)
    if mask & CODE:
        if mask & PROMO and not mask & (CONF | LOGIN | SEC | ACC):
            return MailKind.NEWSLETTER, True
        if mask & KEY or (mask & TFA and mask & (ADD | NEW | MADE) and not mask & LOGIN):
            return MailKind.SECURITY, True
        if (mask & MAIL and mask & CONF and not mask & LOGIN) or (mask & REG and not mask & LOGIN):
            return MailKind.VERIFICATION, True
        return MailKind.CODE, bool(mask & (LOGIN | SEC | CONF | ACC | TFA))
    if mask & TFA and mask & (ADD | CHG | WAS | DEL | MADE | NEW | ALERT | DONE | SEC):
        return MailKind.SECURITY, True
    if mask & KEY and mask & (ADD | NEW | CHG | MADE | DEL | WAS):
        return MailKind.SECURITY, True
    if mask & RECOV and mask & (ADD | CHG | WAS | DEL):
        return MailKind.SECURITY, True
    if mask & MAIL and not mask & (ORD | BOOK | SHIP | PAY | STMT | INVITE):
        if mask & CONF:
            return MailKind.VERIFICATION, True
        if mask & (CHG | WAS | DEL) or (mask & ADD and not mask & ALERT):
            return MailKind.SECURITY, True
    if mask & LOGIN and mask & (NEW | DEV | ODD | ALERT | SEC) and not mask & (MADE | PROMO):
        return MailKind.SECURITY, bool(mask & (NEW | ODD | DEV))
    if mask & YOU and not mask & (ORD | BOOK | PROMO):
        return (MailKind.VERIFICATION if mask & MAIL and not mask & (LOGIN | DEV | CHG) else MailKind.SECURITY), bool(
            mask & (LOGIN | DEV | PWD | CHG | SEC)
        )
    if mask & MINE:
        return MailKind.VERIFICATION, bool(mask & MAIL)
    if mask & STEP and not mask & (ORD | BOOK | PAY | SHIP | PROMO):
        return MailKind.VERIFICATION, bool(mask & (REG | ACC | CONF | MAIL))
    if mask & LOCK and mask & (ACC | LOGIN):
        return MailKind.SECURITY, True
    if mask & PHONE and mask & (CHG | WAS | ADD | DEL):
        return MailKind.SECURITY, True
    if mask & SEC and mask & (ALERT | ADD | CHG | ODD | WAS) and not mask & (PROMO | NEWS | POLICY):
        return MailKind.SECURITY, bool(mask & (ACC | LOGIN | ADD | ODD))
    if mask & ACC and mask & (ODD | ADD) and not mask & (ORD | PAY | INVITE | PROMO | MADE | REG):
        return MailKind.SECURITY, False
    return None


def _about_password(mask: int) -> tuple[MailKind, bool]:
    if mask & CODE and not mask & (RESET | FORGOT):
        return MailKind.CODE, True
    if mask & WAS and not mask & FORGOT:
        return MailKind.SECURITY, True
    if mask & REQ and mask & CHG and not mask & DONE:
        return MailKind.RESET, True
    if mask & USER and not mask & (RESET | FORGOT | CHG):
        return MailKind.WELCOME, True
    if mask & (RESET | FORGOT):
        return MailKind.RESET, True
    if mask & (CHG | LOCK | ODD | EXPIRE | ADD | DEL):
        return MailKind.SECURITY, True
    if mask & NEW or mask & REQ:
        return MailKind.RESET, True
    if mask & (WEL | REG | MADE) or (mask & ACC and not mask & (SEC | REQ)):
        return MailKind.WELCOME, False
    if mask & SEC:
        return MailKind.SECURITY, False
    return MailKind.RESET, False


def _about_business(mask: int, text: str, *, listed: bool) -> tuple[MailKind | None, bool]:
    """Registrations, orders, bills, notices and advertisements."""
    trade = mask & (ORD | BOOK | RCPT | SHIP | PAY)
    if mask & NOTICE:
        return MailKind.OTHER, False
    if mask & INVITE and not mask & (ORD | STMT | BILL):
        return MailKind.OTHER, True
    ad = bool(mask & PROMO or (("%" in text or "％" in text or "折" in text) and _PRICE_CUT.search(text)))
    done = (
        (mask & (CONF | DONE | RCPT) and trade)
        or (mask & (WEL | MADE) and mask & (ACC | REG))
        or (mask & REG and mask & DONE)
    )
    if ad and not done and (not trade or not _NUMBER.search(text)):
        return MailKind.NEWSLETTER, not mask & (STMT | BAL | BILL | ACC | ORD | BOOK)
    if mask & WEL and mask & CONF and mask & (ACC | MAIL) and not mask & (DONE | MADE) and not trade:
        return MailKind.VERIFICATION, False
    if mask & WEL and not mask & (ORD | RCPT | PAY | STMT | BILL | INV):
        return MailKind.WELCOME, not ad and bool(mask & (ACC | REG | MADE | LOGIN | USER | DONE))
    if mask & CONF and not trade:
        if mask & DONE and mask & (REG | ACC):
            return MailKind.WELCOME, False
        return MailKind.VERIFICATION, bool(mask & (ACC | REG))
    made = (mask & REG and mask & (DONE | MADE | ACC)) or (mask & (ACC | LOGIN) and mask & MADE)
    if made and not trade and not mask & (STMT | BILL | INV | BAL):
        return MailKind.WELCOME, not mask & NEWS
    if mask & SURVEY:
        return (MailKind.NEWSLETTER if listed else MailKind.OTHER), False
    if mask & POLICY and mask & (CHG | NEW):
        return MailKind.OTHER, False
    if (mask & (BILL | STMT) and not mask & (ORD | BOOK | RCPT | SHIP)) or (mask & INV and mask & MON):
        return MailKind.STATEMENT, bool(mask & MON or (mask & BILL and mask & STMT))
    if trade or mask & INV:
        return MailKind.RECEIPT, bool(mask & (CONF | DONE | RCPT) or _NUMBER.search(text))
    if mask & BAL:
        return MailKind.STATEMENT, False
    if mask & (WEL | REG):
        return MailKind.WELCOME, False
    if mask & CAL:
        return MailKind.OTHER, False
    if mask & NEWS or listed:
        return MailKind.NEWSLETTER, listed
    if mask & LOGIN:
        return MailKind.CODE, False
    return None, False


def _denies(subject: str) -> bool:
    from readdress.discovery.phrases import (
        NO_ACCOUNT,
    )  # late: all phrases together take a hundred milliseconds to compile

    return bool(NO_ACCOUNT.search(subject))
