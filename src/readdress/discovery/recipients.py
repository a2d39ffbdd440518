"""To which of the person's addresses a message was written, and what that says about the slot.

The visible fields (To, Cc) say whom the sender means; Delivered-To and X-Original-To (RFC 9228) only where the mail went, so they count where the
visible fields name nobody. A message that visibly goes to somebody else and was delivered here nevertheless (a list, a blind copy, a
stranger with a similar name) is not about an account of this person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

CAP = 8_192
"""Octets or characters of one header field that are read."""

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
_PLUS = re.compile(r"[^a-z0-9._-]")
_TAG_CAP = 40


@dataclass(frozen=True, slots=True)
class Person:
    """The addresses of one person: ``old``, the one that is left, and ``aliases`` that reach the same mailbox.

    ``dots``: whether the provider ignores dots in local parts (Gmail does; for another provider say so).
    """

    old: str
    aliases: tuple[str, ...] = ()
    dots: bool = False
    _known: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Every spelling that is known, by its canonical form."""
        self._known.update({self.canonical(alias): f"alias:{alias.strip().lower()}" for alias in self.aliases})
        self._known[self.canonical(self.old)] = "old"

    def canonical(self, address: str) -> str:
        """An address in lower case, without a tag, and without dots where the provider ignores them."""
        local, _, domain = address.strip().lower().rpartition("@")
        local = local.partition("+")[0]
        if domain in _DOTLESS:
            domain = "gmail.com"
            local = local.replace(".", "")
        elif self.dots:
            local = local.replace(".", "")
        return f"{local}@{domain}"

    def named(self, addresses: Iterable[str]) -> str:
        """The ``to`` tag for addresses already taken out of the fields that count: the first of the person's wins."""
        found = list(addresses)
        return next((tag for tag in (_tag(self, address) for address in found) if tag), "other" if found else "unknown")


def addressed_to(
    person: Person, *, to: str = "", cc: str = "", delivered_to: Sequence[str] = (), x_original_to: Sequence[str] = ()
) -> str:
    """The ``to`` tag of a Tally: ``old``, ``plus:TAG``, ``alias:ADDRESS``, ``other`` or ``unknown``.

    Takes raw header values (several fields of a name joined by commas; encoded words do not matter, as addresses cannot be encoded, RFC 2047 §5), caps
    them, and never raises. The first of the person's addresses wins, To before Cc. Names a person's own address in the visible fields: that
    one; only others': ``other``; nobody (``undisclosed-recipients:;``): what Delivered-To and X-Original-To say; not even that: ``unknown``.
    """
    visible = _addresses(to) + _addresses(cc)
    for address in visible:
        tag = _tag(person, address)
        if tag:
            return tag
    if visible:
        return "other"
    for value in (*x_original_to[:4], *delivered_to[:4]):
        for address in _addresses(value):
            tag = _tag(person, address)
            if tag:
                return tag
    return "unknown"


def counts_for_person(tag: str) -> bool:
    """Whether mail with this tag can speak for an account of the person: all but mail to somebody else."""
    return tag != "other"


def _addresses(value: str) -> list[str]:
    return _ADDRESS.findall(value[:CAP]) if value else []


def _tag(person: Person, address: str) -> str:
    known = person._known.get(person.canonical(address), "")  # noqa: SLF001 - its own module
    if known == "old":
        _, plus, tag = address.rpartition("@")[0].partition("+")
        # A tag was written by whoever gave the address away: letters and digits of it are enough to know it again.
        tag = _PLUS.sub("", tag.lower())[:_TAG_CAP]
        return f"plus:{tag}" if plus and tag else "old"
    return known
