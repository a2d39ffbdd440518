"""Which organisation a host belongs to, and which organisations carry other people's mail.

Organisational domains by the public suffix list (RFC 7489 §3.2), which the library ``publicsuffixlist`` ships: nothing is fetched. Its private section
counts too, so that two people's sites under one host (``a.github.io``, ``b.github.io``) stay two.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_HOST = re.compile(r"[a-z0-9_\u0080-\U0010ffff](?:[a-z0-9_.\-\u0080-\U0010ffff]{0,251}[a-z0-9_\u0080-\U0010ffff])?\Z")
_ADDRESS = re.compile(r"[0-9.]+\Z")


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # late: reading commands need not pay for it

    # its rules as they are written, in their own letters; to add each in its encoded form (xn--…) takes five times as long as all the rest
    return PublicSuffixList(accept_encoded_idn=False)


@lru_cache(maxsize=16_384)
def org_domain(host: str) -> str:
    """The organisational domain of a host, in lower case: ``mail.shop.co.uk`` → ``shop.co.uk``.

    A name that is a public suffix itself, has one label only or is an address literal stays as it is (lower case); what is no host name
    at all gives ``""``. A non-ASCII name is kept in its own letters. Pure and memoised; the suffix list is loaded at the first call.
    """
    host = host[:255].strip().rstrip(".").lower()
    if not _HOST.match(host) or ".." in host:
        return ""
    if "." not in host or _ADDRESS.match(host):
        return host
    read = ".".join(map(_decoded, host.split("."))) if "xn--" in host else host
    found = _suffixes().privatesuffix(read)
    if not found:
        return host
    return str(found) if read is host else ".".join(host.split(".")[-1 - found.count(".") :])


def _decoded(label: str) -> str:
    """One label of a host in its own letters (RFC 3490 §4.2), as the list has them; as it stands where it is none."""
    try:
        read = label.encode("ascii").decode("idna")
    except UnicodeError:
        return label
    return label if "." in read else read


@cache
def listed(name: str) -> frozenset[str]:
    """The words of one packaged list (``data/NAME``), read once."""
    text = (files("readdress.discovery") / "data" / name).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def is_freemail(org: str) -> bool:
    """Whether anybody may have an address there, so that mail from it is a person's and not the service's (``gmail.com``, ``qq.com``).

    The provider's own mail comes from other addresses of the same domain sometimes (``service@qq.com``): the sender's local part decides then.
    """
    return org in listed("freemail.txt")


def is_relay(org: str) -> bool:
    """Whether the organisation only carries mail for others (``amazonses.com``): its name says nothing about who wrote."""
    return org in listed("relays.txt")


def domain_of(address: str) -> str:
    """The domain of an address, in lower case; ``""`` where there is none."""
    return address[:320].rpartition("@")[2].strip(" >").lower() if "@" in address[:320] else ""
