"""What an opened message shows: its kind, whether it proves an account, and which slots and login names it speaks of.

The text decides what the subject leaves open, and what a subject cannot say: that the order was a guest's, that there is no account, that
the account is gone. What a message quotes or forwards is not what it is from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from readdress.discovery import claims, kinds, phrases, signals, tells
from readdress.discovery.lexicon import BIT, concepts, folded
from readdress.discovery.logins import login_names
from readdress.discovery.senders import begins_as_name, is_mail_system
from readdress.discovery.standing import ACCOUNT_BITS, ACCOUNT_NOUNS, Standing, denies, slots_of, standing_of
from readdress.models.inventory import MailKind
from readdress.models.words import Slot

BODY_CAP = 6_000
"""Characters of a body that are read; what a mail is stands at its start."""

_NEEDS_WORDS = frozenset({MailKind.WELCOME, MailKind.SECURITY, MailKind.CODE, MailKind.STATEMENT, MailKind.RESET})
_BORROWED = frozenset({MailKind.STATEMENT, MailKind.RECEIPT, MailKind.OTHER, MailKind.NEWSLETTER, MailKind.WELCOME})
_EVENTS = frozenset({MailKind.SECURITY, MailKind.CODE, MailKind.RESET})
_OWNED = BIT["ACC"] | BIT["LOGIN"] | BIT["USER"] | BIT["PWD"]
_TRADE = BIT["ORD"] | BIT["BOOK"] | BIT["SHIP"] | BIT["STMT"] | BIT["BILL"] | BIT["RCPT"] | BIT["INVITE"]

__all__ = ["Reading", "Standing", "own_text", "read", "seen_text", "speaks_to_another"]


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
    silent = kind is MailKind.OTHER and not sure
    if kind is MailKind.PERSONAL or (sender and is_mail_system(sender, name)):
        return Reading(kind, Standing.NONE)
    whole = f"{subject}\n{text}"
    vague = False
    if kind is not MailKind.OTHER or not sure:
        kind, vague = _by_text(kind, subject, text, sure=sure, listed=listed)
    standing = standing_of(kind, subject, text + (" https:" if "https:" in body[:BODY_CAP] else ""), sure=sure)
    if standing is Standing.PROOF and kind is MailKind.WELCOME and not sure and _only_invited(subject, text):
        kind, standing = MailKind.OTHER, Standing.NONE
    if standing is Standing.PROOF and len(text) > signals.LONG and (silent or kind is MailKind.CODE):
        standing = Standing.HINT
    if standing is Standing.PROOF and ((vague and kind in _NEEDS_WORDS) or phrases.SCAM.search(whole)):
        standing = Standing.HINT
    if (
        standing in {Standing.PROOF, Standing.HINT}
        and kind in {MailKind.WELCOME, MailKind.VERIFICATION, MailKind.OTHER, MailKind.RECEIPT, MailKind.CODE}
        and tells.OTHERS_DOING.search(whole)
        and not phrases.OWN_CONTENT.search(subject)
    ):
        kind, standing = MailKind.OTHER, Standing.NONE
        return Reading(kind, standing)
    if standing is Standing.PROOF and kind is MailKind.RECEIPT and tells.DEMAND.search(text):
        standing = Standing.HINT  # whoever asks for card data need not have sold anything
    if standing in {Standing.PROOF, Standing.CLOSED} and claims.demands(whole):
        kind, standing = (MailKind.SECURITY if kind is MailKind.CLOSED else kind), Standing.HINT
    if standing is Standing.CLOSED:
        kind = MailKind.CLOSED
    elif (
        standing is Standing.NONE
        and kind not in {MailKind.RECEIPT, MailKind.NEWSLETTER, MailKind.RESET}
        and denies(text, subject)
    ):
        kind = MailKind.RESET if concepts(whole[:1500]) & BIT["PWD"] else kind
    other = bool(names) and speaks_to_another(whole, names)
    if other:
        standing = Standing.NONE
    logins = login_names(subject, text, names=names) if not other else ()
    if standing is Standing.HINT and claims.has_one(kind, whole, text, subject, names):
        standing = Standing.PROOF
    if (
        standing in {Standing.NONE, Standing.HINT}
        and logins
        and not other
        and not (kind is MailKind.OTHER and sure)
        and not claims.demands(whole)
        and claims.names_the_account(kind, whole, text, subject)
    ):
        # Whoever knows the login name writes to the one who has it.
        standing = Standing.PROOF
    if standing is Standing.NONE:
        logins = ()
    return Reading(kind, standing, logins, slots_of(kind, subject, text), other)


def seen_text(texts: Sequence[str], pages: Sequence[str]) -> str:
    """The text to read of a message: its plain parts, or its pages' visible text where the plain part is only a stub of it."""
    plain, page = "\n".join(texts), "\n".join(pages)
    return plain if len(plain) >= 300 or len(plain) * 5 >= len(page) * 4 else page


def own_text(body: str) -> str:
    """The writer's own words: cut, without addresses of pages, quoted lines and forwarded mail."""
    text = signals.tidy(body[:BODY_CAP])
    forwarded = phrases.FORWARDED.search("\n" + text)
    if forwarded:
        text = text[: max(0, forwarded.start() - 1)]
    return signals.WRAPPED.sub(" ", signals.URL.sub(" ", signals.QUOTE.sub("", text)))


def speaks_to_another(text: str, names: Sequence[str]) -> bool:
    """Whether it addresses somebody by a title and a name that is not the person's."""
    mine = {folded(word.lower()) for name in names for word in re.findall(r"[^\W\d_]+", name)}
    glyphs = "".join(names)
    head = text[:600]
    for found in signals.TITLED.finditer(head):
        if found[0][:1].islower() and found[0].partition(" ")[0] in {"miss", "dr", "sr", "ms"}:
            continue  # "we miss Prague"
        words = [w for w in found[1].split() if w[:1].isupper()]
        if words and not any(folded(w.lower()) in mine for w in words):
            return not any(concepts(w) for w in words)
    for found in signals.HONOURED.finditer("\n" + head):
        called = found[1].strip()
        if (
            _full_name(called)
            and not called.endswith(("고객", "회원", "客", "員", "员", "者", "皆", "户", "戶"))
            and not concepts(called)
            and not any(c in glyphs for c in called if c not in "・ ")
        ):
            return True
    return False


def _full_name(called: str) -> bool:
    """Whether it has the shape of a full name in East Asia, and not of a nickname that the person may bear there."""
    if len(called) < 3:
        return False
    ideographs = all("\u3400" <= c <= "\u9fff" for c in called)
    return "・" in called or " " in called or begins_as_name(called) or (ideographs and len(called) <= 5)


def _only_invited(subject: str, text: str) -> bool:
    """Whether the person is asked to make an account, and nothing says that one was made."""
    made = any(
        m & ACCOUNT_NOUNS and m & (BIT["MADE"] | BIT["DONE"])
        for m in (concepts(s[:300]) for s in signals.SPLIT.split(text)[:10])
    )
    return bool(phrases.INVITED.search(text)) and not made and not concepts(subject) & BIT["WEL"]


def _by_text(kind: MailKind, subject: str, text: str, *, sure: bool, listed: bool) -> tuple[MailKind, bool]:
    """The kind by the subject, corrected by the text; and whether only a vague sentence of the text speaks for it."""
    mask, head = concepts(subject), concepts(text[:1500])
    ad = listed or bool(phrases.AD.search(text))
    votes = _votes(text)
    strong = next((k for k, s in votes if s and k is not MailKind.NEWSLETTER), None)
    fallback = kind
    if kind in _EVENTS and (tells.LEAVE.search(text) or listed) and not claims.happened(text, mask | head):
        return MailKind.NEWSLETTER, False  # advice about passwords, a "code" that is worth ten per cent
    if kind is MailKind.CODE:
        kind, sure = claims.which_code(subject, text, mask, head, sure=sure)
    elif (
        kind is MailKind.VERIFICATION
        and signals.TOKEN.search(f"{subject}\n{text}")
        and not mask & (BIT["MAIL"] | BIT["REG"])
    ):
        if head & (BIT["LOGIN"] | BIT["DEV"]) and not head & (BIT["REG"] | BIT["STEP"]):
            return MailKind.CODE, False
    elif kind is MailKind.WELCOME and not (mask | head) & _OWNED and tells.ENTRY.search(f"{subject}\n{text}"):
        paid = signals.AMOUNT.search(text) or mask & BIT["DONE"] or mask & BIT["CONF"]
        return (MailKind.NEWSLETTER if ad else MailKind.RECEIPT if paid else MailKind.OTHER), False
    if kind is MailKind.CODE and not sure:
        if not mask & BIT["CODE"]:
            kind = MailKind.OTHER  # "sign in" alone: the text says to what
        elif text.strip() and not signals.CODE_USE.search(text) and not head & ACCOUNT_BITS:
            return MailKind.NEWSLETTER, False
        elif strong in {MailKind.WELCOME, MailKind.VERIFICATION, MailKind.SECURITY} and not head & BIT["CODE"]:
            return strong, False
    if (
        kind is MailKind.WELCOME
        and ad
        and signals.SHOP_LIST.search(f"{subject}\n{text[:400]}")
        and not head & BIT["ACC"]
    ):
        return MailKind.NEWSLETTER, False
    if kind is MailKind.RESET:
        # "Password reset" is also the subject of the news that it was done.
        about = next((k for k, s in votes if s and k in {MailKind.RESET, MailKind.SECURITY}), kind)
        return (about if about is MailKind.SECURITY and not denies(text, subject) else kind), False
    if kind is MailKind.STATEMENT and not phrases.ACCOUNT_SEEN.search(text) and strong is not MailKind.STATEMENT:
        stated = (
            signals.AMOUNT.search(text) or signals.PERIOD.search(text) or any(k is MailKind.STATEMENT for k, _ in votes)
        )
        if ad or (text.strip() and not stated) or head & BIT["PROMO"]:
            return MailKind.NEWSLETTER, False
    if (
        kind is MailKind.STATEMENT
        and tells.LEAVE.search(text)
        and not tells.HAVING.search(text)
        and (phrases.INVITED.search(text) or not (signals.AMOUNT.search(text) or signals.PERIOD.search(text)))
    ):
        return MailKind.NEWSLETTER, False
    if sure:
        return kind, False
    if kind is MailKind.OTHER and (mask & BIT["POLICY"] or mask & BIT["NOTICE"] or phrases.OWN_CONTENT.search(subject)):
        return kind, False
    if ad and kind in _BORROWED and strong in {None, MailKind.RECEIPT, MailKind.STATEMENT} - {kind}:
        return MailKind.NEWSLETTER, False
    if kind is MailKind.NEWSLETTER and ad:
        return kind, False
    if kind in {MailKind.OTHER, MailKind.NEWSLETTER}:
        winner, vague = _elected(kind, fallback, votes, text, mask, ad=ad)
        if winner in _EVENTS and tells.LEAVE.search(text) and not claims.happened(text, mask | head):
            return MailKind.NEWSLETTER, False
        return winner, vague
    return _corrected(kind, strong, head), False


def _elected(
    kind: MailKind, fallback: MailKind, votes: list[tuple[MailKind, bool]], text: str, subject_mask: int, *, ad: bool
) -> tuple[MailKind, bool]:
    """The kind that most of the text speaks for, where the subject says little; and whether that is vague."""
    score: dict[MailKind, float] = dict.fromkeys(MailKind, 0.0)
    for number, (voted, clear) in enumerate(votes):
        score[voted] += (
            (2.0 if clear else 1.0)
            * (1.0 if number < 2 else 0.5)
            * (0.5 if voted in {MailKind.OTHER, MailKind.NEWSLETTER} else 1.0)
        )
    if fallback not in {MailKind.OTHER, MailKind.NEWSLETTER}:
        score[fallback] += 1.5
    if kind is MailKind.NEWSLETTER:
        score[kind] += 1.5
    if ad:
        score[MailKind.NEWSLETTER] += 2.0
    if signals.ALARM.search(text) and phrases.DISCLAIMER.search(text):
        score[MailKind.SECURITY] += 1.5
    if signals.SHORT_LIVED.search(text) and signals.TOKEN.search(text):
        confirming = concepts(text[:600]) & (BIT["REG"] | BIT["MINE"] | BIT["STEP"])
        score[MailKind.VERIFICATION if confirming else MailKind.CODE] += 1.5
    if len(signals.AMOUNT.findall(text[:2000])) >= 2:
        score[MailKind.STATEMENT if signals.PERIOD.search(text) else MailKind.RECEIPT] += 1.5
    if phrases.OWN_CONTENT.search(text):
        score[MailKind.OTHER] += 1.5
    head = concepts(text[:800])
    if head & (ACCOUNT_NOUNS | BIT["PWD"]) and not ad and not head & _TRADE and claims.begins(subject_mask, text):
        score[MailKind.WELCOME] += 1.5
    if head & (BIT["STEP"] | BIT["MINE"]) and signals.ACTION.search(text) and not ad:
        score[MailKind.VERIFICATION] += 1.5
    if phrases.INVITED.search(text):
        score[MailKind.OTHER] += 1.0
    winner = max(score, key=lambda k: score[k])
    if not score[winner] or (score[winner] < 1.5 and winner in {MailKind.STATEMENT, MailKind.RECEIPT}):
        many = ad or kind is MailKind.NEWSLETTER or len(text) > 400 or head & (BIT["PROMO"] | BIT["NEWS"])
        return (MailKind.NEWSLETTER if many else MailKind.OTHER), False
    return winner, score[winner] < 2.0 and winner is not fallback


def _corrected(kind: MailKind, strong: MailKind | None, head: int) -> MailKind:
    """A doubtful subject against a text that leaves no doubt."""
    if kind is MailKind.VERIFICATION and strong is MailKind.WELCOME:
        return MailKind.VERIFICATION if head & BIT["CONF"] else MailKind.WELCOME
    if kind is MailKind.WELCOME and head & (BIT["USER"] | BIT["MADE"]):
        return kind
    changes = {
        MailKind.SECURITY: {MailKind.RESET, MailKind.CODE},
        MailKind.WELCOME: {MailKind.VERIFICATION},
        MailKind.RECEIPT: {MailKind.STATEMENT},
    }
    return strong if strong is not None and strong in changes.get(kind, ()) else kind


def _votes(text: str) -> list[tuple[MailKind, bool]]:
    """What each sentence speaks for, in order; sentences for whoever did not ask are left out."""
    found: list[tuple[MailKind, bool]] = []
    english = (
        " the " in text and len(text) > 400
    )  # where grammar always says whom it speaks to, a report about others can be told
    for sentence in [s[:300] for s in signals.SPLIT.split(text) if s and not s.isspace()][: signals.SENTENCES]:
        if phrases.DISCLAIMER.search(sentence) or (english and not signals.ADDRESSING.search(sentence)):
            continue
        mask = concepts(sentence)
        kind, sure = kinds.by_words(mask, sentence)
        if (
            len(text) < 1_500
            and mask & BIT["LOGIN"]
            and not mask & (BIT["CODE"] | BIT["PROMO"] | BIT["NOT"])
            and signals.CLOCK.search(sentence)
        ):
            kind, sure = MailKind.SECURITY, True  # who signs in at a certain time has an account
        if kind is MailKind.CODE and not mask & BIT["CODE"]:
            continue  # "sign in" alone says to what, not why
        if kind is not None:
            found.append((kind, sure))
    return found
