"""Whether a text names OLD: exactly, in other case, or with a plus-tag; never as part of a longer address."""

from __future__ import annotations

import re
from contextlib import suppress

from readdress.models import Address

_RANK = {"exact": 0, "case": 1, "plus": 2}
# RFC 5322 §3.2.3 atext and the dot: what can stand to the left of the @.
_ASCII_LEFT = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]*\Z")
_ANY_LEFT = re.compile(r"[^\x00-\x20\x7f\"(),:;<>@\[\\\]\s]*\Z")
# In running text these stand before an address more often than in it ("mail=ann@example.com", "?to=ann@…", "'ann@…'").
_JOINTS = re.compile(r"[=/?&'`{|#*!]")


class OldFinder:
    """Looks for one address in texts; made once for a whole export."""

    def __init__(self, old: Address) -> None:
        self._local = old.local
        self._folded = old.local.casefold()
        forms = {old.domain}
        with suppress(UnicodeError):
            forms.add(old.domain.encode("ascii").decode("idna"))
        domains = "|".join(re.escape(form) for form in sorted(forms))
        self._at = re.compile(rf"@(?P<domain>{domains})(?![A-Za-z0-9-]|\.[A-Za-z0-9])", re.IGNORECASE)
        self._left = _ASCII_LEFT if old.local.isascii() else _ANY_LEFT
        self._domain = forms

    def find(self, text: str) -> str:
        """``exact``, ``case``, ``plus``, or an empty string."""
        best = ""
        for hit in self._at.finditer(text):
            before = text[max(0, hit.start() - 80) : hit.start()]
            found = self._left.search(before)
            how = self._compare(found.group() if found else "", exact_domain=hit["domain"] in self._domain)
            if how and (not best or _RANK[how] < _RANK[best]):
                best = how
            if best == "exact":
                break
        return best

    def _compare(self, token: str, *, exact_domain: bool) -> str:
        for local in (token, *(token[joint.end() :] for joint in _JOINTS.finditer(token))):
            bare = local.lstrip(".")
            if bare == self._local:
                return "exact" if exact_domain else "case"
            folded = bare.casefold()
            if folded == self._folded:
                return "case"
            if folded.startswith(self._folded + "+"):
                return "plus"
        return ""
