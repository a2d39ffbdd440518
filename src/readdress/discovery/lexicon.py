"""Which of a few dozen concepts (account, password, code, order …) a text speaks of, in any of the languages of ``data/words.txt``.

A rule about concepts holds in every language, and a language is added by listing its words. The words are looked up, not searched
for one by one: a subject costs a few microseconds however many words are known.
"""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files

NAMES = (
    *("ACC", "PWD", "FORGOT", "RESET", "WAS", "CHG", "CONF", "MAIL", "CODE", "LOGIN", "NEW", "DEV", "ODD", "SEC", "ALERT", "TFA", "KEY"),
    *("PHONE", "WEL", "REG", "DONE", "MADE", "ORD", "RCPT", "INV", "PAY", "SHIP", "BOOK", "STMT", "BAL", "MON", "BILL", "PROMO", "NEWS"),
    *("DEL", "BYE", "INVITE", "BOUNCE", "AUTO", "NOTICE", "GUEST", "ADD", "LOCK", "RECOV", "REQ", "PICK", "USER", "POLICY", "SURVEY"),
    *("EXPIRE", "CAL", "NOT", "STEP", "MINE", "YOU", "GONE"),
)  # fmt: skip
BIT = {name: 1 << number for number, name in enumerate(NAMES)}
"""Concept → bit. What each stands for is shown best by its words in ``data/words.txt``."""

_PHRASE = 1 << len(NAMES)
_WORDS = re.compile(r"[^\W_]+")
_ASCII = re.compile(r"[a-z]{2,40}")
_UNSPACED = "\u2e80"  # from here on come the scripts of East Asia
_MEMO_LIMIT = 60_000
_WORD_CAP = 40

_exact: dict[str, int] = {}
_starts: dict[str, list[tuple[str, int]]] = {}
_inside: dict[str, list[tuple[str, int]]] = {}
_phrases: dict[str, dict[str, list[tuple[tuple[str, ...], int]]]] = {}  # by first word, then by the start of the second
_glyphs: dict[str, list[tuple[str, int]]] = {}
_memo: dict[str, int] = {}
_pairs: dict[str, tuple[int, tuple[tuple[tuple[str, ...], int], ...]]] = {}


def concepts(text: str) -> int:
    """The concepts of ``text`` as bits of :data:`BIT`. Cap the text before: the cost grows with its length."""
    if not _exact:
        _load()
    words = _WORDS.findall(text.lower())
    mask = 0
    glyphs: list[str] = []
    memo = _memo
    for word in words:
        if word[-1] >= _UNSPACED or word[0] >= _UNSPACED:
            glyphs.append(word)
            for part in _ASCII.findall(word):  # "用email登录" holds two scripts
                mask |= memo[part] if part in memo else _learn(part)
            continue
        known = memo.get(word)
        if known is not None:
            mask |= known
        elif len(word) < 5 or not word.isdigit():  # numbers are ever new
            mask |= _learn(word)
    if glyphs:
        mask |= _scan("".join(glyphs))
    if mask & _PHRASE:
        mask = (mask ^ _PHRASE) | _phrases_in(words)
    return mask


def folded(word: str) -> str:
    """A short word without accents, in lower case; scripts without case or accents come back as they are."""
    if word.isascii():
        return word
    word = word[:_WORD_CAP].replace("ё", "е").replace("ß", "ss").replace("ł", "l").replace("ø", "o").replace("ı", "i")
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _learn(word: str) -> int:
    """Concepts of one word, remembered; memory is bounded by forgetting everything when too much is known."""
    plain = folded(word[:_WORD_CAP])
    mask = _exact.get(plain, 0)
    for stem, bits in _starts.get(plain[:2], ()):
        if plain.startswith(stem):
            mask |= bits
    if len(plain) > 3 and plain.isalpha():
        for at in range(len(plain) - 2):
            for stem, bits in _inside.get(plain[at : at + 3], ()):
                if plain.startswith(stem, at):
                    mask |= bits
    if plain in _phrases:
        mask |= _PHRASE
    if len(_memo) > _MEMO_LIMIT:
        _memo.clear()
    _memo[word] = mask
    return mask


def _scan(text: str) -> int:
    """Concepts in a script without spaces: at each place the longest word that is known, then on behind it."""
    mask, at, end = 0, 0, len(text)
    glyphs = _glyphs
    while at < end:
        found = glyphs.get(text[at : at + 2])
        if found is not None:
            for stem, bits in found:
                if text.startswith(stem, at):
                    mask |= bits
                    at += len(stem)
                    break
            else:
                found = None
        if found is None:
            alone = glyphs.get(text[at])
            if alone is not None:
                mask |= alone[0][1]
            at += 1
    return mask


def _phrases_in(words: list[str]) -> int:
    mask, memo, end = 0, _memo, len(words)
    for at in range(end - 1):
        word = words[at]
        if not memo.get(word, 0) & _PHRASE:
            continue
        after = words[at + 1]
        pair = _pairs.get(word + " " + after)
        if pair is None:
            pair = _learn_pair(word, after)
        mask |= pair[0]
        for rest, bits in pair[1]:  # phrases of three words and more that go on like this
            stop = at + 2 + len(rest)
            if stop <= end:
                plain = [folded(one) for one in words[at + 2 : stop]]
                if plain[-1].startswith(rest[-1]) and tuple(plain[:-1]) == rest[:-1]:
                    mask |= bits
    return mask


def _learn_pair(word: str, after: str) -> tuple[int, tuple[tuple[tuple[str, ...], int], ...]]:
    """Concepts of two words that follow each other, and what would have to follow for those of longer phrases; remembered."""
    second = folded(after[:_WORD_CAP])
    bits, longer = 0, []
    for rest, one in _phrases.get(folded(word[:_WORD_CAP]), {}).get(second[:1], ()):
        if len(rest) == 1:
            bits |= one if second.startswith(rest[0]) else 0
        elif second == rest[0]:
            longer.append((rest[1:], one))
    if len(_pairs) > _MEMO_LIMIT:
        _pairs.clear()
    _pairs[word + " " + after] = found = (bits, tuple(longer))
    return found


def _load() -> None:
    """Read the words once. ``_exact`` is filled last, so that a second thread waits for nothing and misses nothing."""
    exact: dict[str, int] = {}
    for line in (files("readdress.discovery") / "data" / "words.txt").read_text(encoding="utf-8").splitlines():
        concept, colon, stems = line.partition(": ")
        if line.startswith(("#", "[")) or not colon:
            continue
        bit = BIT[concept]
        for raw in stems.split():
            _add(raw.lower(), bit, exact)
    for table in (_glyphs, _starts, _inside):
        for found in table.values():
            found.sort(key=lambda entry: -len(entry[0]))
    _exact.update(exact)


def _add(raw: str, bit: int, exact: dict[str, int]) -> None:
    stem = raw.strip("*")
    whole = stem.endswith(".")
    if stem.rstrip(".")[-1] >= _UNSPACED or stem[0] >= _UNSPACED:
        plain = stem.rstrip(".").replace("_", "").replace("(", "").replace(")", "").replace("@", "")
        _merge(_glyphs.setdefault(plain[:2], []), plain, bit)
        return
    pieces = tuple(folded(piece) for piece in _WORDS.findall(stem.replace("_", " ")))
    if len(pieces) > 1:
        _phrases.setdefault(pieces[0], {}).setdefault(pieces[1][:1], []).append((pieces[1:], bit))
    elif raw.startswith("*"):
        _merge(_inside.setdefault(pieces[0][:3], []), pieces[0], bit)
    elif whole:
        exact[pieces[0]] = exact.get(pieces[0], 0) | bit
    else:
        _merge(_starts.setdefault(pieces[0][:2], []), pieces[0], bit)


def _merge(found: list[tuple[str, int]], stem: str, bit: int) -> None:
    for at, (known, bits) in enumerate(found):
        if known == stem:
            found[at] = (stem, bits | bit)
            return
    found.append((stem, bit))
