"""Reads many answers at once: numbers and ranges of a list, names, domains, free text; what is not clear becomes a doubt (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readdress.i18n.clean import clean
from readdress.recipe.imported import is_domain
from readdress.recipe.knowledge import Knowledge, bare
from readdress.recipe.service import Service

MOST = 500  # pieces of one answer; a whole list of apps is shorter
_LONGEST = 200_000
_BETWEEN = re.compile(r"[\n,;、，；|\t]+")
_NUMBERS = re.compile(r"\d{1,4}(?:\s*-\s*\d{1,4})?(?:\s+\d{1,4}(?:\s*-\s*\d{1,4})?)*\Z")
_ONE = re.compile(r"(\d{1,4})(?:\s*-\s*(\d{1,4}))?")
_DASHES = str.maketrans("–—~～－至", "------")
_TOKENS = 8  # so many words make the longest name


@dataclass(frozen=True, slots=True)
class Named:
    """A service that was meant. ``login``: what stood behind ``=``: a login, or the site of a program that runs on many."""

    service: Service
    login: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A piece that nobody understood, and the services that may have been meant, likeliest first."""

    said: str
    meant: tuple[Service, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer names, in its order and each once, and what is in doubt."""

    named: tuple[Named, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def parse_answers(text: str, offered: Sequence[Service], known: Knowledge) -> Parsed:
    """Read an answer. ``offered``: the numbered list that it may speak of, from 1. A bare domain is a service of its own."""
    named: dict[tuple[str, str], Named] = {}
    doubts: dict[str, Doubt] = {}
    for n, piece in enumerate(_pieces(text)):
        if n >= MOST:
            doubts.setdefault("…", Doubt("…"))
            break
        for one in _meant(piece, offered, known):
            if isinstance(one, Named):
                named.setdefault((one.service.id, one.login.casefold()), one)
            else:
                doubts.setdefault(one.said, one)
    return Parsed(tuple(named.values()), tuple(doubts.values()))


def chosen(text: str, options: Sequence[Service]) -> list[Service]:
    """The options whose numbers ``text`` names; everything else in it is left aside."""
    numbers = [n for a, b in _ranges(_normal(text)) for n in range(a, b + 1)]
    return list(dict.fromkeys(options[n - 1] for n in numbers if 1 <= n <= len(options)))


def _pieces(text: str) -> Iterator[str]:
    for piece in _BETWEEN.split(_normal(text)):
        plain = clean(piece, 300).strip(" .。·•*-")
        if plain:
            yield plain


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_LONGEST])


def _meant(piece: str, offered: Sequence[Service], known: Knowledge) -> Iterator[Named | Doubt]:
    name, equals, login = (part.strip() for part in piece.partition("="))
    if equals:
        yield from _with_login(name, login, offered, known)
        return
    dashed = piece.translate(_DASHES)
    if _NUMBERS.match(dashed):
        yield from _numbered(dashed, offered, known)
        return
    whole = _exactly(piece, known)
    if whole is not None:
        yield whole
        return
    yield from _by_words(piece.split(), offered, known)


def _with_login(name: str, login: str, offered: Sequence[Service], known: Knowledge) -> Iterator[Named | Doubt]:
    found = list(_meant(name, offered, known)) if name else []
    if len(found) == 1 and isinstance(found[0], Named):
        yield Named(found[0].service, login)
    else:
        yield next((f for f in found if isinstance(f, Doubt)), Doubt(f"{name} = {login}"))


def _numbered(text: str, offered: Sequence[Service], known: Knowledge) -> Iterator[Named | Doubt]:
    for first, last in _ranges(text):
        said = str(first) if first == last else f"{first}-{last}"
        if 1 <= first <= last <= len(offered):
            yield from (Named(s) for s in offered[first - 1 : last])
        elif first == last and (service := _exactly(said, known)) is not None:
            yield service  # 12306, 1688: names that are numbers
        else:
            yield Doubt(said)


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    for found in _ONE.finditer(text.translate(_DASHES)):
        yield int(found[1]), int(found[2] or found[1])


def _exactly(text: str, known: Knowledge) -> Named | None:
    found = known.find(text)
    if len(found) == 1:
        return Named(found[0])
    host = text.lower().removeprefix("https://").removeprefix("http://").partition("/")[0].removeprefix("www.")
    return Named(bare(host)) if not found and is_domain(host) else None


def _by_words(words: Sequence[str], offered: Sequence[Service], known: Knowledge) -> Iterator[Named | Doubt]:
    """Names set apart by spaces only: the longest run of words that is a name, again and again; what is left over is in doubt."""
    left: list[str] = []
    at = 0
    while at < len(words):
        taken = 0
        for end in range(min(len(words), at + _TOKENS), at, -1):
            piece = " ".join(words[at:end])
            if _NUMBERS.match(piece.translate(_DASHES)):
                hits = list(_numbered(piece.translate(_DASHES), offered, known))
            else:
                # In running text a single letter is no name; X is written alone, or as Twitter.
                hit = _exactly(piece, known) if len(piece) > 1 or not piece.isascii() else None
                hits = [hit] if hit is not None else []
            if hits:
                yield from _doubted(left, known)
                left = []
                yield from hits
                taken = end - at
                break
        if not taken:
            left.append(words[at])
        at += taken or 1
    yield from _doubted(left, known)


def _doubted(words: Sequence[str], known: Knowledge) -> Iterator[Doubt]:
    if not words:
        return
    said = " ".join(words)
    meant = known.suggest(said, 3)
    if not meant and len(words) > 1:
        for word in words:
            yield Doubt(word, tuple(known.suggest(word, 3)))
        return
    yield Doubt(said, tuple(meant))
