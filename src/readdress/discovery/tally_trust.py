"""Decides from Authentication-Results (RFC 8601) whether the mailbox's provider found a message authentic and its sender aligned.

Only the topmost field counts, only with the provider's own authserv-id, and one that says ``dmarc=fail`` speaks against the message.
What a sender can write into it (comments, quoted strings, the local part of a bounce address) is never read as a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

MAX_RESULTS = 8_000
"""Octets; a longer field is none that a provider writes."""
_COMMENT = re.compile(rb"\([^()\\\"]{0,2000}\)")
_REASON = re.compile(rb'\breason\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;]*)', re.IGNORECASE | re.DOTALL)
_EQUALS = re.compile(rb"\s*=\s*")
_VERSION = re.compile(rb"\A([a-z0-9-]{1,40})/\d{1,3}=")
_DEPTH = 8
_TAIL, _TAILS, _SHAPES, _HEADS = 400, 4_000, 4_000, 4
_UNTELLING = bytes(octet for octet in range(256) if octet not in b'()"\\')
"""What does not decide whether an octet stands outside comments and quoted strings."""
_FLAT = rb'\([^"\\()]*+\)'
_PASSED = re.compile(
    rb";\s*+dmarc=pass(?:\s++(?:"
    + _FLAT
    + rb'|(?!header\.from=)[^\s"\\();]++))*+\s++header\.from=([^\s"\\();]++)(?=[\s;]|\Z)'
).search
"""The finding that most providers write, possessive throughout: linear on whatever a sender manages to put in."""


class Verdicts:
    """The verdict on a message for its From domain. ``orgs`` tells the organisational domain, by which DMARC aligns (RFC 7489 §3.1)."""

    def __init__(self, authserv_ids: Sequence[str], orgs: Callable[[str], str]) -> None:
        names = b"|".join(re.escape(name.strip().lower().encode()) for name in authserv_ids if name.strip())
        # authserv-id, then at most a version (RFC 8601 §2.2)
        self._head = re.compile(rb'\s*"?(?:' + names + rb')"?(?:\s+\d{1,3})?\s*;', re.IGNORECASE) if names else None
        self._orgs = orgs
        self._tails: dict[bytes, str] = {}
        self._heads: tuple[bytes, ...] = ()
        self._shapes: set[bytes] = set()

    def sure(self, results: bytes, domain: str) -> bool:
        """Whether ``results`` (the topmost field's value) proves a mail from ``domain`` (lower case)."""
        if self._head is None or len(results) > MAX_RESULTS:
            return False
        low = results.lower()
        at = low.rfind(b";", 0, low.find(b"dmarc="))
        if (
            at > 0
            and low[at:] in self._tails
            and self._tails[low[at:]] == domain
            and low.startswith(self._heads)
            and low[:at].translate(None, _UNTELLING) in self._shapes
        ):
            return True
        if b"pass" not in low:
            return False
        if not self._plainly(low, domain):
            return self._fully(low, domain)
        if at > 0:
            self._learn(low, at, domain)
        return True

    def _learn(self, low: bytes, at: int, domain: str) -> None:
        """Remember what makes ``low`` good, apart from what is another in each message (hosts, addresses, parts of signatures).

        Three things do: the provider's name at its beginning, up to the first semicolon; no quotes and no open comment before the semicolon at
        ``at``; and from there on ``dmarc=pass`` for ``domain``, in a form that needs nothing before it. No other ``dmarc=`` stands before.
        """
        head, tail = low[:at], low[at:]
        found = _PASSED(tail)
        if found is None or found.start() or found[1] != domain.encode() or len(tail) > _TAIL:
            return
        shape = head.translate(None, _UNTELLING)
        name = low[: low.find(b";") + 1]  # where the head's pattern ends, and it matched
        if len(shape) > _TAIL or len(name) > _TAIL:
            return
        if len(self._tails) >= _TAILS:
            self._tails.clear()
        if len(self._shapes) >= _SHAPES:
            self._shapes.clear()
        self._tails[tail] = domain
        self._shapes.add(shape)  # comments closed one after the other, nothing else: the plain form was found behind it
        if name not in self._heads:
            self._heads = (name, *self._heads)[:_HEADS]

    def _plainly(self, low: bytes, domain: str) -> bool:
        """The usual form, quickly: no quotes or escapes, ``dmarc=pass`` begins a finding outside comments and names that From domain."""
        found = _PASSED(low)
        if found is None or found[1] != domain.encode() or b'"' in low or b"\\" in low or b"dmarc=fail" in low:
            return False
        # one comment closed after the other: as many "(" as ")" would not do, ")(" leaves one open
        if low[: found.start()].translate(None, _UNTELLING).replace(b"()", b""):
            return False
        return self._head is not None and bool(self._head.match(low))

    def _fully(self, results: bytes, domain: str) -> bool:
        if self._head is None:
            return False
        plain = _COMMENT.sub(b" ", results) if b"(" in results else results
        if b"(" in plain or b'"' in plain or b"\\" in plain or b")" in plain:
            plain = _without(results)
        head = self._head.match(plain)
        if head is None:
            return False
        rest = plain[head.end() :]
        if b" =" in rest or b"= " in rest or b"reason" in rest:
            rest = _EQUALS.sub(b"=", _REASON.sub(b"", rest))
        good = False
        for piece in rest.split(b";"):
            words = piece.split()
            if not words:
                continue
            finding = words[0]
            if b"/" in finding:
                finding = _VERSION.sub(rb"\1=", finding)
            if finding == b"dmarc=fail":
                return False
            if finding == b"dmarc=pass":
                good = good or b"header.from=" + domain.encode() in words
            elif finding == b"dkim=pass" and not good:
                good = any(self._aligned(word, domain) for word in words)
        return good

    def _aligned(self, word: bytes, domain: str) -> bool:
        name, _, value = word.partition(b"=")
        if name not in (b"header.d", b"header.i") or not value.isascii():
            return False
        signer = value.rpartition(b"@")[2].rstrip(b".").decode("ascii")
        if signer == domain:
            return True
        org = self._orgs(domain)
        return bool(org) and self._orgs(signer) == org and (signer == org or signer.endswith("." + org))


def _without(text: bytes) -> bytes:
    """``text`` without comments and quoted strings, whatever they hold; empty when they nest deeper than any provider's.

    An authserv-id in quotes is kept, as the only quoted thing that means anything here.
    """
    out = bytearray()
    depth, quoted, skip = 0, False, False
    kept = b";" not in text.partition(b'"')[0] and b'"' in text.partition(b";")[0]
    for octet in text:
        if skip:
            skip = False
        elif octet == 0x5C:
            skip = True
        elif octet == 0x22 and not depth:
            quoted = not quoted
            out += b" "
        elif quoted:
            if kept and b";" not in out:
                out.append(octet)
        elif octet == 0x28:
            depth += 1
            if depth > _DEPTH:
                return b""
        elif octet == 0x29 and depth:
            depth -= 1
            out += b" "
        elif not depth:
            out.append(octet)
    return bytes(out)
