"""What an opened message claims about the reader, beside what kind it is: that something happened, was made, is demanded, and what a code is for."""

from __future__ import annotations

from collections.abc import Sequence

from readdress.discovery import phrases, signals, tells
from readdress.discovery.lexicon import BIT, concepts
from readdress.discovery.standing import ACCOUNT_NOUNS, denies
from readdress.models.inventory import MailKind

_SHORT = 1_200
"""Characters: a notice to one person is no longer."""


def demands(whole: str) -> bool:
    """Whether it threatens, and asks for data or knows no name: whoever sent it need not know of any account."""
    return bool(tells.THREAT.search(whole)) and bool(tells.DEMAND.search(whole) or tells.NOBODY.search(whole))


def has_one(kind: MailKind, whole: str, text: str, subject: str, names: Sequence[str]) -> bool:
    """Whether a mail that only hints says elsewhere that there is an account: in its footer, or as it greets the person by name."""
    if kind in {MailKind.NEWSLETTER, MailKind.PERSONAL, MailKind.CLOSED, MailKind.VERIFICATION}:
        return False
    if phrases.GUEST.search(whole) or phrases.SCAM.search(whole) or phrases.INVITED.search(text) or demands(whole):
        return False
    if tells.ENTRY.search(whole) or denies(text, subject):
        return False
    if tells.HAVING.search(text):
        return True
    if len(text) > _SHORT:
        return False  # an article speaks of accounts that others have
    if kind is MailKind.WELCOME and any(
        m & BIT["ACC"] and m & BIT["MADE"] and not m & (BIT["NOT"] | BIT["STEP"] | BIT["CONF"])
        for m in (concepts(s[:300]) for s in signals.SPLIT.split(text)[:6] if s)
    ):
        return True
    if kind is MailKind.SECURITY and not tells.LEAVE.search(text):
        event = BIT["LOGIN"] | BIT["WAS"] | BIT["CHG"] | BIT["ADD"]
        for sentence in signals.SPLIT.split(text)[:6]:
            m = concepts(sentence[:300])
            if m & event and m & (BIT["ACC"] | BIT["PWD"]) and not m & (BIT["NOT"] | BIT["PROMO"] | BIT["NEWS"]):
                return not phrases.DISCLAIMER.search(sentence)
    greeted = any(len(name) > 1 and name in whole[:160] for name in names)
    return (
        greeted
        and kind in {MailKind.WELCOME, MailKind.SECURITY, MailKind.CODE, MailKind.STATEMENT}
        and not tells.LEAVE.search(text)
        and bool(concepts(text[:600]) & (ACCOUNT_NOUNS | BIT["PWD"]))
    )


def names_the_account(kind: MailKind, whole: str, text: str, subject: str) -> bool:
    """Whether a message that states a login name may count as proof by that alone."""
    if (
        kind in {MailKind.NEWSLETTER, MailKind.PERSONAL, MailKind.CLOSED}
        or phrases.GUEST.search(whole)
        or phrases.SCAM.search(whole)
    ):
        return False
    if kind is MailKind.OTHER and not concepts(f"{subject}\n{text[:800]}") & (ACCOUNT_NOUNS | BIT["PWD"] | BIT["WEL"]):
        return False  # a strange word in an article is no login name
    return not denies(text, subject) and not phrases.INVITED.search(text)


def happened(text: str, mask: int) -> bool:
    """Whether something happened to the reader: a code to use, a remark for whoever did not ask, a footer that names the account."""
    return bool(
        (mask & BIT["CODE"] and signals.TOKEN.search(text) and signals.SHORT_LIVED.search(text))
        or phrases.DISCLAIMER.search(text)
        or tells.HAVING.search(text)
        or any(concepts(s[:300]) & (BIT["WAS"] | BIT["YOU"]) for s in signals.SPLIT.split(text)[:8] if s)
    )


def begins(mask: int, text: str) -> bool:
    """Whether the subject or one sentence says that something of the reader's was made or begins."""
    owned = ACCOUNT_NOUNS | BIT["PWD"]
    return bool(mask & (BIT["MADE"] | BIT["WEL"])) or any(
        m & BIT["WEL"] or (m & BIT["MADE"] and m & owned)
        for m in (concepts(s[:300]) for s in signals.SPLIT.split(text)[:5] if s)
    )


def which_code(subject: str, text: str, mask: int, head: int, *, sure: bool) -> tuple[MailKind, bool]:
    """What a code is for: to sign in, to confirm an address, to fetch a parcel, to pay less."""
    named = tells.PLACE.search(subject) and not (mask | head) & (BIT["ACC"] | BIT["PWD"] | BIT["TFA"])
    if not named and (head & BIT["LOGIN"] or mask & (BIT["LOGIN"] | BIT["TFA"])):
        return MailKind.CODE, sure
    if mask & BIT["INVITE"] or (phrases.INVITED.search(text) and not head & BIT["TFA"]):
        return MailKind.OTHER, True
    placed = tells.PLACE.search(text) or head & BIT["PICK"]
    if (placed and not head & (BIT["PWD"] | BIT["TFA"] | BIT["ACC"] | BIT["PAY"])) or (
        placed and phrases.GUEST.search(text)
    ):
        return MailKind.OTHER, True
    if head & BIT["PROMO"] and not head & (BIT["SEC"] | BIT["ACC"]) and not signals.SHORT_LIVED.search(text):
        return MailKind.NEWSLETTER, True
    confirming = any(
        (m & BIT["MAIL"] and m & (BIT["CONF"] | BIT["REG"]) and not mask & BIT["SEC"])
        or m & (BIT["STEP"] | BIT["MINE"])
        or (m & BIT["REG"] and m & (BIT["CONF"] | BIT["DONE"] | BIT["CODE"]))
        for m in (concepts(s[:300]) for s in signals.SPLIT.split(text)[:6] if s and not phrases.DISCLAIMER.search(s))
    )
    return (MailKind.VERIFICATION, True) if confirming else (MailKind.CODE, sure)
