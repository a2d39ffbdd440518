"""What the gate answers: accepted, to be shown to the person first, or rejected with a reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias


class Reason(StrEnum):
    """Why a mail is not used."""

    NOT_AFTER_MARK = "not_after_mark"
    WRONG_MAILBOX = "wrong_mailbox"
    SENDER = "sender"
    SUBJECT = "subject"
    NOT_AUTHENTIC = "not_authentic"
    NO_TOKEN = "no_token"
    AMBIGUOUS = "ambiguous"
    FORBIDDEN_LINK = "forbidden_link"
    USED = "used"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"


TokenKind = Literal["code", "link", "notice"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The mail is the answer. ``value``: the code or the URL (empty for a notice), never shown in ``repr``.

    ``digest``: SHA-256 (hex) that must be written down before the value is used, so that it is used once. ``sender``:
    the From address (empty for what the person pasted). ``binds``: the sender that first use tied to the site, where
    the acceptance rests on that and not on an address of the recipe.
    """

    kind: TokenKind
    value: str = field(repr=False)
    digest: str
    sender: str
    binds: str | None = None


@dataclass(frozen=True, slots=True)
class NeedsBinding:
    """All checks passed, but the recipe knows no address of this site's sender: the person must be shown ``sender``.

    Agreed to, it is bound to the site and the mail is judged again. ``same_domain``: whether it writes from the site's
    own domain, which is the usual thing.
    """

    sender: str
    site: str
    subject: str
    same_domain: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """The mail is not used. ``detail``: one clause for the person, without codes or links.

    ``about_us``: it claims to be what we wait for (a listed sender, or the expected subject), so the person should
    hear of it; otherwise it is other mail.
    """

    reason: Reason
    detail: str
    about_us: bool = False


Judgement: TypeAlias = Accepted | NeedsBinding | Rejected


@dataclass(frozen=True, slots=True)
class Token:
    """A code or link found. ``key``: what makes two of them the same one."""

    kind: TokenKind
    value: str = field(repr=False)
    key: str = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the key, hex."""
        return digest_of(self.kind, self.key)


@dataclass(frozen=True, slots=True)
class Miss:
    """No code or link that may be used, and why."""

    reason: Reason
    detail: str


def digest_of(kind: str, key: str | bytes) -> str:
    """SHA-256 (hex) by which a released code, link or notice is recognised again."""
    octets = key if isinstance(key, bytes) else key.encode("utf-8", "surrogatepass")
    return hashlib.sha256(kind.encode() + b"\x00" + octets).hexdigest()
