"""The gate: whether a mail is the answer to an armed step, and which code or link it releases.

Every check must pass, cheap ones first; there is no switch that leaves one out. The order is: our mark, the time,
readable, sender, subject, mailbox, code or link, used before, authentic.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from readdress.models import Expectation, Incoming
from readdress.ports import KeyLookup
from readdress.recipe.schema import Mail
from readdress.trust import authentic, code, link, sender
from readdress.trust.alignment import Site
from readdress.trust.message import Parsed, Unreadable, parse
from readdress.trust.verdict import (
    Accepted,
    Judgement,
    Miss,
    NeedsBinding,
    Reason,
    Rejected,
    Token,
    digest_of,
)
from readdress.trust.words import plain


def judge(
    incoming: Incoming,
    rule: Mail,
    expectation: Expectation,
    *,
    mailbox_address: str,
    lookup: KeyLookup,
    used: Callable[[str], bool],
    site: str = "",
    bound_sender: str = "",
    now: datetime,
) -> Judgement:
    """Judge one message against the mail that an armed step expects. Never raises on what the message holds.

    ``mailbox_address``: the address that the mail must be addressed to. ``lookup``: DKIM keys (may take seconds, asked
    at most three times, last of all). ``used``: whether a digest was released before. ``site``: what the person gave
    for ``{site}``. ``bound_sender``: the sender that first use tied to the site, ``""`` before. ``now``: aware.
    """
    if not _after_mark(incoming, expectation):
        return Rejected(Reason.NOT_AFTER_MARK, "it was there before we asked for it")
    if incoming.side is not rule.to:
        return Rejected(Reason.WRONG_MAILBOX, f"it came to the {incoming.side} mailbox")
    if _expired(rule, expectation, incoming, now):
        return Rejected(Reason.EXPIRED, "its code or link is no longer valid")
    parsed = parse(incoming.raw, truncated=incoming.truncated)
    if isinstance(parsed, Unreadable):
        return Rejected(Reason.UNREADABLE, parsed.reason)
    place = Site.parse(site)
    subject_fits = _subject_fits(rule, parsed.subject)

    who = sender.read_from(parsed.froms)
    if isinstance(who, str):
        return Rejected(Reason.SENDER, who, about_us=bool(rule.subject) and subject_fits)
    listed = sender.match(who, rule.sender, place)
    if listed is None:
        return Rejected(Reason.SENDER, f"{who.address} is not its sender", about_us=bool(rule.subject) and subject_fits)
    if listed.binding and bound_sender and not sender.same_address(bound_sender, who.address):
        return Rejected(Reason.SENDER, f"{who.address} is not the sender known for this site", about_us=subject_fits)
    if not subject_fits:
        return Rejected(Reason.SUBJECT, "it is another mail of that sender")
    if not sender.sent_to(parsed, mailbox_address):
        return Rejected(Reason.WRONG_MAILBOX, "it is addressed to somebody else", about_us=True)

    token = _token(parsed, rule, place, incoming.raw)
    if isinstance(token, Miss):
        return Rejected(token.reason, token.detail, about_us=True)
    if used(token.digest):
        return Rejected(Reason.USED, f"its {token.kind} was used before", about_us=True)
    proof = authentic.check(incoming.raw, parsed, who.domain, incoming.authserv_ids, lookup, now)
    if isinstance(proof, authentic.NotAuthentic):
        return Rejected(Reason.NOT_AUTHENTIC, proof.detail, about_us=True)
    if listed.binding and not bound_sender:
        at_home = place is not None and sender.at_site(who, place)
        return NeedsBinding(who.address, site, plain(parsed.subject)[:200], at_home)
    return Accepted(token.kind, token.value, token.digest, who.address, who.address if listed.binding else None)


def paste(
    text: str,
    rule: Mail,
    *,
    used: Callable[[str], bool],
    site: str = "",
    expectation: Expectation | None = None,
    now: datetime | None = None,
) -> Accepted | Rejected:
    """Judge a code or link that the person pasted: the same form, host, path and single-use rules, no sender to check.

    ``text`` may be the bare code or link or the passage around it. With ``expectation`` and ``now`` it may be expired.
    """
    text = text[:100_000]
    if expectation and now and expectation.until and now > expectation.until:
        return Rejected(Reason.EXPIRED, "its code or link is no longer valid", about_us=True)
    token: Token | Miss = Miss(Reason.NO_TOKEN, "that mail carries neither code nor link")
    if rule.code:
        token = code.exactly(text, rule.code) or code.best([], [text], rule.code)
    elif rule.link:
        token = link.paste(text, rule.link, rule.never, Site.parse(site))
    if isinstance(token, Miss):
        return Rejected(token.reason, token.detail, about_us=True)
    if used(token.digest):
        return Rejected(Reason.USED, f"this {token.kind} was used before", about_us=True)
    return Accepted(token.kind, token.value, token.digest, "")


def _after_mark(incoming: Incoming, expectation: Expectation) -> bool:
    """Whether it came after the act: in a folder with a mark of the same UIDVALIDITY (else UIDs say nothing)."""
    return any(
        mark.folder == incoming.folder and mark.uidvalidity == incoming.uidvalidity and incoming.uid >= mark.uidnext
        for mark in expectation.marks
    )


def _expired(rule: Mail, expectation: Expectation, incoming: Incoming, now: datetime) -> bool:
    if rule.notice:
        return False  # it tells what happened, however late it is read
    if expectation.until is not None and now > expectation.until:
        return True
    came = incoming.received
    if rule.lives is None or came is None or came.tzinfo is None:
        return False
    return now > max(came, expectation.armed_at) + rule.lives


def _subject_fits(rule: Mail, subject: str) -> bool:
    have = _folded(subject)
    return not rule.subject or any(_folded(wanted) in have for wanted in rule.subject)


def _folded(text: str) -> str:
    return " ".join(plain(text[:2000]).casefold().split())


def _token(parsed: Parsed, rule: Mail, site: Site | None, raw: bytes) -> Token | Miss:
    if rule.code:
        return code.find(parsed, rule.code)
    if rule.link:
        return link.find(parsed, rule.link, rule.never, site)
    return Token("notice", "", digest_of("raw", raw))
