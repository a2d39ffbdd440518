"""DKIM keys from the DNS (RFC 6376 §3.6.2): the adapter behind ``ports.KeyLookup``, and the only importer of dnspython."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import dns.exception
import dns.resolver

_NAME = re.compile(rb"[a-z0-9_](?:[a-z0-9_.-]{0,250})\.?\Z")
_KEEP_FOUND = 3600.0
_KEEP_MISSING = 60.0  # a key that is published a moment too late must not stay missing
_MOST = 256
_MAX_RECORD = 4096


class KeyResolver:
    """Looks up DKIM keys and remembers them (an hour; a failure for a minute). Safe to use from several threads.

    ``resolver``: a ``dns.resolver.Resolver``, the system's when none is given. ``cap``: the longest that one look-up
    may take, seconds, whatever the caller allows. Raises nothing: ``None`` means "no key", and :meth:`why` says why.
    """

    def __init__(
        self,
        resolver: dns.resolver.Resolver | None = None,
        *,
        cap: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolver = resolver
        self._cap = cap
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[bytes, tuple[float, bytes | None, str]] = {}

    def __call__(self, name: bytes, timeout: int = 5) -> bytes | None:
        """The key record published under ``name`` (``selector._domainkey.domain.``), ``None`` when there is none to be had."""
        name = name.lower().rstrip(b".") + b"."
        now = self._clock()
        with self._lock:
            kept = self._kept.get(name)
            if kept and kept[0] > now:
                return kept[1]
        record, why = self._ask(name, min(float(timeout), self._cap))
        with self._lock:
            if len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[name] = (self._clock() + (_KEEP_FOUND if record else _KEEP_MISSING), record, why)
        return record

    def why(self, name: bytes) -> str:
        """Why the last look-up of ``name`` found no key: one clause, ``""`` when it found one or there was none."""
        with self._lock:
            kept = self._kept.get(name.lower().rstrip(b".") + b".")
        return kept[2] if kept else ""

    def _ask(self, name: bytes, timeout: float) -> tuple[bytes | None, str]:
        if not _NAME.match(name):
            return None, "that is no name of a key"
        try:
            resolver = self._resolver or dns.resolver.Resolver()
            answer = resolver.resolve(name.decode("ascii"), "TXT", lifetime=timeout, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None, "no key is published under that name"
        except dns.exception.Timeout:
            return None, f"no name server answered within {timeout:g} s"
        except dns.resolver.NoResolverConfiguration:
            return None, "this machine has no name server configured"
        except dns.exception.DNSException as error:
            return None, f"the name servers could not answer ({type(error).__name__})"
        except (OSError, ValueError) as error:
            return None, f"no name server could be reached ({type(error).__name__})"
        records = [b"".join(row.strings) for row in answer]
        keys = [record for record in records if re.search(rb"(?:\A|;)\s*p\s*=", record) and len(record) <= _MAX_RECORD]
        if len(keys) == 1:
            return keys[0], ""
        # Several are undefined (RFC 6376 §3.6.2.2): which one would count could be chosen by who answers.
        return None, "no key is published under that name" if not keys else "several keys are published under that name"
