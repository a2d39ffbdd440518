"""Gmail's labels of a message, as Google Takeout writes them into an mbox (``X-Gmail-Labels``)."""

from __future__ import annotations

import base64
import binascii
import quopri
import re

_FIELD = re.compile(rb"^X-Gmail-Labels:((?:[^\n]{0,4000}\n[ \t])*[^\n]{0,4000})", re.MULTILINE | re.IGNORECASE)
_WORD = re.compile(r"=\?([!-~]{1,40}?)\?([BbQq])\?([!->@-~]{0,400})\?=")
_GAP = re.compile(r"(=\?[!-~]{1,40}?\?[BbQq]\?[!->@-~]{0,400}\?=)[ \t\r\n]+(?==\?)")
_PART = re.compile(r'"([^"]*)"|([^,"]+)')
CAP = 100


def labels_of(header: bytes) -> tuple[str, ...]:
    """The labels in the order in which they stand, at most :data:`CAP`: ``("Inbox", "Important", "工作")``; empty where there is no such field."""
    found = _FIELD.search(header)
    if found is None:
        return ()
    text = " ".join(found[1].decode("utf-8", "replace").split())
    text = _WORD.sub(_decoded, _GAP.sub(r"\1", text))
    parts = (m[1] if m[1] is not None else m[2] for m in _PART.finditer(text))
    return tuple(p for p in (part.strip() for part in parts) if p)[:CAP]


def _decoded(word: re.Match[str]) -> str:
    """One encoded word (RFC 2047 §2)."""
    packed = word[3].encode("ascii")
    try:
        octets = (
            base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
            if word[2] in "Bb"
            else quopri.decodestring(packed, header=True)
        )
        return octets.decode(word[1].partition("*")[0], "replace")
    except (binascii.Error, ValueError, LookupError):
        return word[0]
