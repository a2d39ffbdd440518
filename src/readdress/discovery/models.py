"""What recipes know of their services' mail, as discovery needs it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detector:
    """How the mail of one service is known.

    ``on_sites``: software that runs on many hosts; the site is read from a mail's link whose path fits ``paths``.
    """

    service: str
    domains: tuple[str, ...] = ()
    on_sites: bool = False
    paths: tuple[str, ...] = ()
