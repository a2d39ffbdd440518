"""What discovery works on: what recipes know of their services' mail, and what it has found."""

from __future__ import annotations

from dataclasses import dataclass, field

from readdress.models import Evidence


@dataclass(frozen=True, slots=True)
class Detector:
    """How the mail of one service is known.

    ``subjects``: kind → patterns with ``*``; ``on_sites``: software that runs on many hosts, so the subjects alone decide and the site is read from a mail's link whose path fits ``paths``.
    """

    service: str
    senders: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    subjects: dict[str, tuple[str, ...]] = field(default_factory=dict)
    on_sites: bool = False
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One account that mail speaks for. ``confidence`` 0 to 1; ``best``: where to look for a proof (folder, uid), strongest first."""

    service: str
    sender: str
    domain: str
    confidence: float
    evidence: tuple[Evidence, ...]
    best: tuple[tuple[str, int], ...] = ()
    on_sites: bool = False
