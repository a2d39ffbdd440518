"""DKIM keys from the DNS: answers, failures and remembering, against a resolver that a test controls."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from readdress.net.dns import KeyResolver

NAME = b"s1._domainkey.shop.example."
KEY = "v=DKIM1; k=rsa; p=" + "A" * 300


@contextmanager
def name_server(
    records: list[str] | None, *, rcode: int = dns.rcode.NOERROR, silent: bool = False
) -> Iterator[tuple[dns.resolver.Resolver, list[str]]]:
    """A DNS server on the loopback address that answers every question alike; gives a resolver that asks it, and what it was asked."""
    asked: list[str] = []
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(0.1)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                wire, peer = server.recvfrom(4096)
            except TimeoutError:
                continue
            query = dns.message.from_wire(wire)
            name = query.question[0].name
            asked.append(name.to_text())
            if silent:
                continue
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            answer.set_rcode(rcode)
            for record in records or []:
                chunks = " ".join(f'"{record[i : i + 200]}"' for i in range(0, len(record), 200))
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", chunks))
            server.sendto(answer.to_wire(), peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = server.getsockname()[1]
    try:
        yield resolver, asked
    finally:
        stop.set()
        thread.join()
        server.close()


def test_key_is_found_and_remembered() -> None:
    """A record in several strings comes joined; for an hour nobody asks again, then somebody does."""
    now = [0.0]
    with name_server(["unrelated", KEY]) as (resolver, asked):
        keys = KeyResolver(resolver, clock=lambda: now[0])
        assert keys(NAME, 5) == KEY.encode()
        assert keys(NAME.upper().rstrip(b"."), 5) == KEY.encode()
        assert keys.why(NAME) == ""
        assert len(asked) == 1
        now[0] = 3700
        assert keys(NAME, 5) == KEY.encode()
        assert len(asked) == 2


@pytest.mark.parametrize(
    ("records", "rcode", "why"),
    [
        ([], dns.rcode.NOERROR, "no key"),
        (["v=spf1 -all"], dns.rcode.NOERROR, "no key"),
        (None, dns.rcode.NXDOMAIN, "no key"),
        (None, dns.rcode.SERVFAIL, "could not answer"),
        ([KEY, KEY.replace("A", "B")], dns.rcode.NOERROR, "several"),
    ],
)
def test_no_key(records: list[str] | None, rcode: int, why: str) -> None:
    """No name, no record, another record, a broken server, two keys: ``None`` with the reason, kept for a minute only."""
    now = [0.0]
    with name_server(records, rcode=rcode) as (resolver, asked):
        keys = KeyResolver(resolver, clock=lambda: now[0])
        assert keys(NAME, 1) is None
        assert why in keys.why(NAME)
        before = len(asked)
        assert keys(NAME, 1) is None
        assert len(asked) == before
        now[0] = 61
        assert keys(NAME, 1) is None
        assert len(asked) > before


def test_silence() -> None:
    """A server that does not answer costs no more than the time allowed."""
    with name_server(None, silent=True) as (resolver, _):
        keys = KeyResolver(resolver, cap=0.3)
        assert keys(NAME, 60) is None
        assert "0.3" in keys.why(NAME)


@pytest.mark.parametrize(
    "name", [b"", b".", b"a b.example", b"\xff.example", b"a" * 400, b"..", b"x" * 70 + b".example", b"-"]
)
def test_names_that_are_none(name: bytes) -> None:
    """What a hostile signature may name: nothing is raised."""
    with name_server([KEY]) as (resolver, _):
        assert KeyResolver(resolver)(name, 1) is None


@pytest.mark.parametrize(
    "error",
    [e for e in vars(dns.resolver).values() if isinstance(e, type) and issubclass(e, dns.exception.DNSException)]
    + [OSError, ValueError],
)
def test_every_error_of_the_library(error: type[Exception]) -> None:
    """Each exception that dnspython's resolver defines ends as ``None``."""

    class Broken(dns.resolver.Resolver):
        def resolve(self, *args: object, **kwargs: object) -> dns.resolver.Answer:
            raise error.__new__(error)

    assert KeyResolver(Broken(configure=False))(NAME, 1) is None
