"""Decides what a reading of a page proves about one address: listed, pending, only mentioned, masked, absent.

Pure text: whole addresses are compared, case and invisible characters aside. Absence counts as proved only when the part was read
completely and no form of the address, a masked one included, is in it.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from readdress.engine.wording import PENDING, SIGN_IN
from readdress.models import Piece, Reading, Sight

# Characters after which an address cannot have begun earlier, and before which it cannot go on (RFC 5322 §3.2.3 atext aside).
_EDGES = frozenset(' \t\r\n<>()[]{}:;,"“”‘’„«»‹›「」『』【】《》（）：；，、。|¦·•→←—–\u00a0\u3000\u2028\u2029')
# In an address of that shape these are part of it; they also stand around addresses (quotes, URLs, lists): in doubt, nothing is proved.
_DOUBTFUL = frozenset("!#$%&'*/=?^`{|}~")
_JOINING = frozenset("._+-")
_MASK = re.compile(r"\*+|＊+|•{1,}|●+|∗+|…+|\.{2,}|·{2,}|⋯+|(?<![a-z])x{3,}|x{4,}")
_TOKEN = re.compile(r"[^\s<>()\[\],;:\"“”「」（），；：、|]+")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\u2e80-\u9fff\uac00-\ud7af]*@[\w.\-]*", re.ASCII)
_SENTENCE_WORDS = 8
_SENTENCE_SIGNS = 16


_SIGNED_OUT = Sight.unknown("a sign-in page stands there", signed_out=True)


class _Found(Enum):
    EXACT = 3
    DOUBTFUL = 2
    MASKED = 1
    ABSENT = 0


def sees_address(reading: Reading, of: str, pending_words: Sequence[str] = (), *, absent_ok: bool = True) -> Sight:
    """What ``reading`` proves about the address ``of`` being listed there.

    ``DONE``: an exact item, as text or input value, with no word for "pending" beside it. ``NOT_DONE``: the part was read completely and
    the address is in it in no form. ``UNKNOWN``: everything else. ``pending_words`` are added to the usual ones;
    ``absent_ok=False`` says that absence proves nothing here.
    """
    if not reading.complete:
        return Sight.unknown("that part of the page is not there, or still loading")
    listed, mentioned = _search(reading, of)
    if listed and all(p.is_input for p in listed) and _signs_in(reading):
        return _SIGNED_OUT  # Browsers and sites fill the address in there.
    if listed:
        waiting = next(
            (w for piece in listed if (w := pending_word(f"{piece.text} {piece.around}", pending_words))), ""
        )
        if waiting:
            return Sight.unknown(f"{of} is listed, but pending ({waiting!r} stands beside it)")
        typed = all(p.is_input for p in listed)
        return Sight.done(f"{of} is in a field" if typed else f"{of} is listed", typed=typed)
    if mentioned:
        return mentioned
    gone = _readable(reading)
    if gone is not None:
        return gone
    if not absent_ok:
        return Sight.unknown(f"{of} is not listed, which proves nothing here")
    return Sight.not_done(f"{of} is not listed")


def lacks_address(reading: Reading, of: str) -> Sight:
    """What ``reading`` proves about the address ``of`` being gone from there: :func:`sees_address` in the mirror."""
    if not reading.complete:
        return Sight.unknown("that part of the page is not there, or still loading")
    listed, mentioned = _search(reading, of)
    if listed and all(p.is_input for p in listed) and _signs_in(reading):
        return _SIGNED_OUT
    if listed:
        return Sight.not_done(f"{of} is still listed")
    if mentioned:
        return mentioned
    return _readable(reading) or Sight.done(f"{of} is not listed any more")


def pending_word(text: str, more: Sequence[str] = ()) -> str:
    """The first word in ``text`` that says an address is not confirmed yet; ``""`` when there is none. Addresses themselves do not count."""
    plain = " ".join(_ADDRESS.sub(" ", _plain(text)).split())
    found = _words(PENDING).search(plain)
    if found is None and more:
        found = _words(tuple(more)).search(plain)
    return found[0] if found else ""


def _search(reading: Reading, of: str) -> tuple[list[Piece], Sight | None]:
    forms = _forms(of)
    listed: list[Piece] = []
    mention: Sight | None = None
    for piece in reading.pieces:
        text = _plain(piece.text)
        found = max((_look(text, form) for form in forms), key=lambda f: f.value)
        if found is _Found.EXACT and not piece.banner:
            if piece.is_input or not _is_sentence(text):
                listed.append(piece)
            else:
                mention = mention or Sight.unknown(f"{of} is named in a sentence, not listed")
        elif found is _Found.EXACT:
            mention = mention or Sight.unknown(f"{of} is only named in a message or a label, not listed")
        elif found is _Found.DOUBTFUL:
            mention = mention or Sight.unknown(f"something that may be {of} is there, not clearly set off")
        elif found is _Found.MASKED:
            mention = mention or Sight.unknown(f"a shortened or masked address that may be {of} is there")
    return listed, mention


def _readable(reading: Reading) -> Sight | None:
    """Why the absence of an address proves nothing in ``reading``; ``None`` when it does."""
    lines = [_plain(p.text) for p in reading.pieces if not p.banner]
    if not any(lines):
        return Sight.unknown("nothing could be read in that part of the page")
    return _SIGNED_OUT if _signs_in(reading) else None


def _signs_in(reading: Reading) -> bool:
    return any(_plain(p.text).strip(" :!.>→") in SIGN_IN for p in reading.pieces if not p.banner)


def _look(text: str, of: str) -> _Found:
    best = _Found.ABSENT
    start = text.find(of)
    while start >= 0:
        before, after = text[:start], text[start + len(of) :]
        verdict = _edge_before(before, after), _edge_after(after)
        if _Found.ABSENT not in verdict:
            best = max(best, min(verdict, key=lambda f: f.value), key=lambda f: f.value)
        start = text.find(of, start + 1)
    if best is _Found.ABSENT and _MASK.search(text) and any(_could_be(token, of) for token in _TOKEN.findall(text)):
        return _Found.MASKED
    return best


def _edge_before(before: str, after: str) -> _Found:
    if not before or before[-1] in _EDGES or _is_ideograph(before[-1]):
        return _Found.EXACT
    last = before[-1]
    if last in _JOINING and not before[-2:-1].isalnum():
        return _Found.DOUBTFUL
    if last in _DOUBTFUL:
        return _Found.EXACT if last in "'`*" and after[:1] == last and not before[-2:-1].isalnum() else _Found.DOUBTFUL
    return (
        _Found.ABSENT
        if last.isalnum() or last in _JOINING or unicodedata.category(last)[0] in "LNM"
        else _Found.DOUBTFUL
    )


def _edge_after(after: str) -> _Found:
    if not after or after[0] in _EDGES or _is_ideograph(after[0]):
        return _Found.EXACT
    if after[0] == ".":
        return _Found.ABSENT if after[1:2].isalnum() and not _is_ideograph(after[1]) else _Found.EXACT
    if after[0].isalnum() or after[0] in "-_@":
        return _Found.ABSENT
    return _Found.EXACT if after[0] in "!?'`*/" else _Found.DOUBTFUL


def _could_be(token: str, of: str) -> bool:
    """Whether ``token``, with its masked runs standing for anything, could be ``of``; at least two plain characters must agree."""
    token = token.strip("'`")
    runs = _MASK.split(token)
    if len(runs) < 2 or sum(len(run) for run in runs) < 2:
        return False
    return re.fullmatch(".*".join(re.escape(run) for run in runs), of) is not None


def _is_sentence(text: str) -> bool:
    rest = _ADDRESS.sub(" ", text)
    return len(re.findall(r"[^\W\d_]+", rest)) > _SENTENCE_WORDS or sum(map(_is_ideograph, rest)) > _SENTENCE_SIGNS


def _is_ideograph(sign: str) -> bool:
    """Chinese, Japanese and Korean writing: set without spaces, so that it ends an address on either side."""
    return (
        "\u2e80" <= sign <= "\u9fff"
        or "\uac00" <= sign <= "\ud7af"
        or "\uf900" <= sign <= "\ufaff"
        or sign >= "\U00020000"
    )


def _plain(text: str) -> str:
    """Compatibility forms folded, case folded, invisible characters (category Cf: zero-width, soft hyphen, bidi marks) dropped."""
    folded = unicodedata.normalize("NFKC", text.replace("…", "⋯")).casefold()  # NFKC would turn … into full stops
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


def _forms(of: str) -> tuple[str, ...]:
    """The address as it may be written: with the domain in ASCII or in its own letters."""
    plain = _plain(of.strip())
    local, _, domain = plain.rpartition("@")
    forms = {plain}
    with contextlib.suppress(UnicodeError):
        forms.add(f"{local}@{domain.encode('ascii').decode('idna')}")
    with contextlib.suppress(UnicodeError):
        forms.add(f"{local}@{domain.encode('idna').decode('ascii')}")
    return tuple(sorted(forms))


@lru_cache(maxsize=64)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of ``words`` at the beginning of a word; anywhere in writing without spaces."""
    plain = sorted({" ".join(_plain(w).split()) for w in words if w.strip()}, key=len, reverse=True)
    parts = [re.escape(word) if _is_ideograph(word[0]) else rf"(?<!\w){re.escape(word)}" for word in plain]
    return re.compile("|".join(parts) or r"(?!)")
