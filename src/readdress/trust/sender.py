"""Who a mail says it is from, whether the recipe lists that sender, and whom it was sent to.

Exactly one From with one plain address, or nothing: mail programs disagree about everything else (hazards.md: two
parsers of the standard library on 6 of 19 shapes), and the attacker picks the one that helps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import getaddresses

from readdress.trust.alignment import Site, aligned, is_domain
from readdress.trust.message import Parsed

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SPEC = rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9.-]+"
# A display name: one quoted string, or words without specials. One flat comment may stand in it or at the end.
# Whatever it
# says, it is never looked at.
_COMMENT = r"\([^()\\\"<>@,;:\r\n]{0,200}\)"
_QUOTED = r'"(?:[^"\\\r\n\x00-\x08\x7f]|\\[\x20-\x7e]){0,500}"'
_WORDS = rf"(?:[^\x00-\x1f\x7f()<>@,;:\\\"\[\]]|{_COMMENT}){{0,500}}"
_FROM = re.compile(rf"[ \t]*(?:({_SPEC})|(?:{_QUOTED}|{_WORDS})[ \t]*<({_SPEC})>)[ \t]*(?:{_COMMENT})?[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class Sender:
    """The From address: ``address`` as compared (lower case), ``domain`` of it."""

    address: str
    domain: str


@dataclass(frozen=True, slots=True)
class Match:
    """That the recipe lists a sender; ``binding``: only through ``{site}``, so that first use must be shown to the person."""

    binding: bool


def read_from(froms: Sequence[str]) -> Sender | str:
    """The one sender of those From headers, or what is wrong with them (one clause)."""
    if len(froms) != 1:
        return "it has no From header" if not froms else "it has more than one From header"
    value = froms[0]
    if len(value) > 1000:
        return "its From header is overlong"
    found = _FROM.match(value)
    if not found:
        return "its From header is not one plain address"
    address = (found[1] or found[2]).lower()
    local, _, domain = address.rpartition("@")
    if len(local) > 64 or not is_domain(domain):
        return "its From address is none that services write from"
    # A second opinion, on input that the grammar above has already tamed: what parsers disagree on is refused.
    others = getaddresses([value])
    if len(others) != 1 or others[0][1].lower() != address:
        return "its From header can be read in more than one way"
    return Sender(address, domain)


def match(sender: Sender, patterns: Sequence[str], site: Site | None) -> Match | None:
    """Whether a mail's ``from`` list has that sender.

    An entry is an exact address; or ``name@{site}`` / ``*@{site}``: at the site's own domain; or ``{site}``: whoever
    the person agrees is the site's sender. Entries with ``{site}`` bind on first use.
    """
    binding = False
    for pattern in (p.strip().lower() for p in patterns):
        if "{site}" not in pattern:
            if pattern == sender.address:
                return Match(binding=False)
        elif site is not None:
            local = pattern.removesuffix("{site}").removesuffix("@")
            named = local in ("", "*") or sender.address.rpartition("@")[0] == local
            binding |= named and (pattern == "{site}" or at_site(sender, site))
    return Match(binding=True) if binding else None


def at_site(sender: Sender, site: Site) -> bool:
    """Whether the sender's domain is the site's own, ``www.`` aside."""
    host = site.host.removeprefix("www.")
    return aligned(host, sender.domain)


def same_address(one: str, other: str) -> bool:
    """Whether both name one mailbox: case makes no difference, the domain may be written in Unicode or ASCII."""
    return _comparable(one) == _comparable(other) != ""


def _comparable(address: str) -> str:
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        return ""
    return f"{local.casefold()}@{domain.lower()}" if at and local and domain else ""


def sent_to(parsed: Parsed, mailbox: str) -> bool:
    """Whether the mail is addressed to ``mailbox``.

    To and Cc decide. Only where they name nobody (``undisclosed-recipients:;``) do Delivered-To and X-Original-To:
    they are stamped on whatever arrives, a replayed mail to somebody else included.
    """
    named = parsed.to + parsed.cc or parsed.delivered_to
    return any(same_address(address, mailbox) for address in named)
