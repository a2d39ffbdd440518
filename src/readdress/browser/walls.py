"""Decides which hosts may be reached: the allow-list, and the addresses that no public name may stand for."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

import ada_url

from readdress.recipe.fields import host_matches

_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)\Z")
# RFC 2544 §C.2.2: benchmark addresses. Proxy programs with "fake-ip" DNS (Clash and its kin) answer every name from this net and carry
# the connection on; nothing real lives there, so a name that resolves to it is no rebinding attack.
_FAKE_IP = ipaddress.ip_network("198.18.0.0/15")
DEFAULT_PORTS = {"https": 443, "http": 80}


def literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """``host`` as an address, if it is one (IPv6 with or without brackets)."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether ``host`` means this very machine: a loopback address, or a name under ``localhost`` (RFC 6761 §6.3)."""
    address = literal(host)
    if address is not None:
        return address.is_loopback
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def is_name(host: str) -> bool:
    """Whether ``host`` is a DNS name in the form that browsers send, with no number at its end that a resolver may read as an address."""
    host = host.rstrip(".").lower()
    return bool(_NAME.match(host)) and not _NUMBER.match(host.rpartition(".")[2])


def may_stand_for_a_name(address: str) -> bool:
    """Whether a public name may resolve to ``address``. Loopback and private nets are refused: that is how DNS rebinding works."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is not None:
            return may_stand_for_a_name(str(inner))
        return ip.is_global and not ip.is_multicast
    return (ip.is_global or ip in _FAKE_IP) and not ip.is_multicast


@dataclass(frozen=True, slots=True)
class AllowList:
    """The hosts of a recipe (may be typed into) and its assets (may only be loaded), as patterns of the recipe format."""

    hosts: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()

    @classmethod
    def of(cls, hosts: Sequence[str], assets: Sequence[str] = ()) -> AllowList:
        """Build one, dropping white space and case."""
        return cls(tuple(h.strip().lower() for h in hosts), tuple(a.strip().lower() for a in assets))

    def may_load(self, host: str, port: int, *, default_port: int = 443) -> bool:
        """Whether a connection to ``host:port`` is allowed."""
        return any(pattern_allows(p, host, port, default_port) for p in (*self.hosts, *self.assets))

    def may_type(self, url: str) -> bool:
        """Whether secrets may be typed on a page of ``url``: https, or http on this machine, on one of ``hosts`` with the right port."""
        origin = origin_of(url)
        return origin is not None and any(pattern_allows(p, *origin) for p in self.hosts)


def pattern_allows(pattern: str, host: str, port: int, default_port: int) -> bool:
    """:func:`~readdress.recipe.fields.host_matches`, and: an address literal or a loopback name only when it is named exactly."""
    host = host.strip("[]").rstrip(".").lower()
    if pattern.startswith("["):
        name, _, rest = pattern[1:].partition("]")
        wanted = int(rest[1:]) if rest[1:].isdigit() else default_port
        return literal(host) is not None and literal(host) == literal(name) and port == wanted
    if literal(host) is None and not is_name(host):
        return False
    if pattern.startswith("*.") and (literal(host) is not None or is_loopback(host)):
        return False
    return ":" not in host and host_matches(pattern, host, port, default_port=default_port)


def target_of(url: str) -> tuple[str, int, str] | None:
    """``(host, port, scheme)`` of an http or https URL, ``None`` for every other one.

    Read by the WHATWG rules (https://url.spec.whatwg.org/), which browsers follow.
    """
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        return None
    scheme = parsed.protocol.rstrip(":")
    if scheme not in DEFAULT_PORTS or not parsed.hostname:
        return None
    return parsed.hostname.strip("[]"), int(parsed.port or DEFAULT_PORTS[scheme]), scheme


def origin_of(url: str) -> tuple[str, int, int] | None:
    """``(host, port, default port)`` of an https URL, or of an http URL on this machine; ``None`` for every other URL."""
    target = target_of(url)
    if target is None or (target[2] == "http" and not is_loopback(target[0])):
        return None
    return target[0], target[1], DEFAULT_PORTS[target[2]]
