"""Tells which of the person's addresses a message was written to: the old one, a variant of it, an alias, or somebody else's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
_MAX_TAG = 64


@dataclass(frozen=True, slots=True)
class Addresses:
    """Whose mail it is: the address that is left, and further addresses that lead to the same mailbox (both as the person wrote them)."""

    old: str
    aliases: tuple[str, ...] = ()

    def named(self, addresses: Iterable[str]) -> str:
        """``old``, ``plus:TAG``, ``alias:ADDRESS``, ``other`` for those lower-case addresses; ``unknown`` when there are none.

        The old address itself wins, then its plus-tags (RFC 5233), then aliases in their order.
        """
        found = list(addresses)
        if not found:
            return "unknown"
        best = "other"
        local, domain = _parts(self.old)
        aliases = {_parts(alias): alias.lower() for alias in self.aliases}
        for address in found:
            mine, host = _parts(address)
            if host == domain:
                name, plus, tag = mine.partition("+")
                if mine == local:
                    return "old"
                if plus and name == local and len(tag) <= _MAX_TAG:
                    best = f"plus:{tag}"
                    continue
            if best == "other" and (alias := aliases.get((mine, host))):
                best = f"alias:{alias}"
        return best


def _parts(address: str) -> tuple[str, str]:
    local, _, domain = address.strip().lower().rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return local, domain
    if domain in _DOTLESS:
        # this provider delivers whatever dots the local part has, and under both names
        name, plus, tag = local.partition("+")
        return name.replace(".", "") + plus + tag, "gmail.com"
    return local, domain
