"""Finding the code in a mail as a recipe's rule describes it, among all the numbers that are none.

A mail is full of look-alikes: colours, years, order numbers, telephone numbers, amounts, digits in addresses and URLs.
So a candidate must stand by itself, and its standing is how plainly it is announced: right behind "code:" (4), on a
line of its own under such words (3), elsewhere in their sentence (2), loosely near (1). The best standing wins; two
different candidates of the same standing are ambiguous, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from readdress.recipe.schema import CodeRule
from readdress.trust.message import Parsed
from readdress.trust.verdict import Miss, Reason, Token
from readdress.trust.words import NEAR, UNIT_AFTER, Label, labels_in, pattern_of, plain

_MAX_CHARS = 400_000
_MAX_CANDIDATES = 300
_LINE_CHARS = 20_000
_CLASSES = {"digits": "[0-9]", "letters": "[A-Za-z]", "alnum": "[A-Za-z0-9]", "hex": "[0-9A-Fa-f]"}

_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{1,15}://|www\.)[!-~]{1,4000}")
_MAIL = re.compile(r"[^\s<>()\"',;:@]{1,64}@[^\s<>()\"',;:@]{1,255}")
_WORD = re.compile(
    r"[^\s<>()\[\]{}\"'`“”‘’«»‹›|*·•…—、，。；！？\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
_SPLIT = re.compile(r"(?<![0-9])[,;:=]|[,;:=](?![0-9])")
_EDGES = ".,:;!?_-~="
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[。！？]")
_FILL = r"[\s:=\->\"'“”「」『』【】\[\]()*|]*"
_TIGHT = re.compile(rf"{_FILL}(?:(?:is|are|ist|est|es)(?![a-z])|[为為是はが는은])?{_FILL}\Z")
_OR = re.compile(r"[\s,;/|、]*(?:or|and|oder|ou|或|和|及|または)?[\s,;/|、]*\Z")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}\Z")
_DATE = re.compile(
    r"(?:(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2]))\Z"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    value: str
    grouped: bool = False


def find(parsed: Parsed, rule: CodeRule) -> Token | Miss:
    """The code of a mail: from its subject and its visible text, plain and HTML parts weighed alike."""
    return best([parsed.subject], [*parsed.texts, *(page.text for page in parsed.pages)], rule)


def best(subjects: Sequence[str], texts: Sequence[str], rule: CodeRule) -> Token | Miss:
    """The code with the best standing in those texts; a subject may announce what stands in a text."""
    finder = _Finder(rule)
    standings: dict[str, int] = {}
    announced = False
    for subject in subjects:
        announced |= finder.weigh(subject, standings)
    for text in texts:
        finder.weigh(text, standings, announced=announced)
    least = 1 if rule.near else 0
    if finder.seen > _MAX_CANDIDATES:
        return Miss(Reason.AMBIGUOUS, f"more than {_MAX_CANDIDATES} numbers like a code stand in it")
    found = {value: rank for value, rank in standings.items() if rank >= least}
    if not found:
        return Miss(Reason.NO_TOKEN, "no code of the expected form stands in it")
    top = max(found.values())
    winners = [value for value, rank in found.items() if rank == top]
    if len(winners) > 1:
        return Miss(Reason.AMBIGUOUS, f"{len(winners)} different codes stand in it")
    return Token("code", winners[0], winners[0])


def exactly(text: str, rule: CodeRule) -> Token | None:
    """``text`` as a code and nothing else: what a person pastes or types. Spaces and dashes between digits are forgiven."""
    text = plain(text).strip().removeprefix(rule.prefix)
    pattern = _token_pattern(rule)
    if pattern.fullmatch(text):
        return Token("code", text, text)
    close = re.sub(r"[\s-]+", "", text)
    if len(text) <= 64 and rule.alphabet == "digits" and not rule.shape and pattern.fullmatch(close):
        return Token("code", close, close)
    return None


class _Finder:
    def __init__(self, rule: CodeRule) -> None:
        self.rule = rule
        self.token = _token_pattern(rule)
        self.groups = _group_pattern(rule)
        self.labels = _label_pattern(tuple(rule.near) or NEAR)
        self.seen = 0

    def weigh(self, text: str, standings: dict[str, int], *, announced: bool = False) -> bool:
        """Add the candidates of ``text`` with their best standing; returns whether anything in it announces a code."""
        text = _MAIL.sub(_blank, _URL.sub(_blank, plain(text[:_MAX_CHARS])))
        lines = [line[:_LINE_CHARS] for line in map(str.strip, text.split("\n")) if line]
        labels = _Labels(lines, self.labels)
        for number, line in enumerate(lines):
            before: tuple[int, int | None] = (0, None)
            for candidate in self._candidates(line):
                self.seen += 1
                if self.seen > _MAX_CANDIDATES:
                    return True
                rank = self._standing(lines, labels, number, candidate, announced=announced)
                if before[1] is not None and _OR.match(line[before[0] : candidate.start]):
                    rank = max(rank or 0, before[1])  # "either 123456 or 654321": announced alike
                before = (candidate.end, rank)
                if rank is not None:
                    standings[candidate.value] = max(rank, standings.get(candidate.value, 0))
        return any(label.good for number in range(min(len(lines), 3)) for label in labels[number])

    def _candidates(self, line: str) -> Iterator[_Candidate]:
        for word in _WORD.finditer(line):
            at = word.start()
            for piece in _pieces(word[0]):
                stripped = piece.strip(_EDGES)
                value = stripped.removeprefix(self.rule.prefix)
                if value and self.token.fullmatch(value):
                    start = at + piece.index(stripped)
                    if not _beside_digits(line, start, start + len(stripped)):
                        yield _Candidate(start, start + len(stripped), value)
                at += len(piece) + 1
        if self.groups:
            for found in self.groups.finditer(line):
                yield _Candidate(found.start(), found.end(), re.sub("[ -]", "", found[0]), grouped=True)

    def _standing(
        self, lines: list[str], labels: _Labels, number: int, found: _Candidate, *, announced: bool
    ) -> int | None:
        line = lines[number]
        if self.rule.alphabet == "digits" and UNIT_AFTER.match(line, found.end):
            return None
        alone = _alone(line, found)
        rank = self._in_line(line, labels[number], found)
        if rank is None:
            return None
        if rank == 0 and alone:
            above = self._above(lines, labels, number)
            if above is None:
                return None
            below = labels[number + 1][0] if number + 1 < len(lines) and labels[number + 1] else None
            rank = above or int((below is not None and below.good and below.start < 20) or announced)
        elif rank == 0:
            return None
        if rank < 3 and (found.grouped or self._looks_like_something_else(line, found)):
            return None
        if rank == 3 and not self.rule.shape and self._is_word(line, found):
            return None
        return rank

    def _in_line(self, line: str, labels: list[Label], found: _Candidate) -> int | None:
        """Standing by the announcements in its own line: 4, 2, 1, 0 for none, ``None`` when another thing is announced."""
        left = next((label for label in reversed(labels) if self._reaches(line, label, found)), None)
        right = next((label for label in labels if label.start >= found.end), None)
        rank = 0
        if left is not None:
            gap = line[left.end : found.start]
            ended = _SENTENCE_END.search(gap)
            if not left.good:
                if len(gap) <= 25 and not ended:
                    return None
            elif _TIGHT.match(gap) and not (self._is_word(line, found) and not re.search(r"[:=]\s*\W?\Z", gap)):
                return 4
            elif not ended and len(gap) <= 80:
                rank = 2
            elif len(gap) <= 60:
                rank = 1
        if right is not None and right.good and rank < 2:
            gap = line[found.end : right.start]
            if len(gap) <= 40 and not _SENTENCE_END.search(gap):
                rank = 2
        return rank

    @staticmethod
    def _reaches(line: str, label: Label, found: _Candidate) -> bool:
        """Whether an announcement stands before it and, where it is of another number, has not got that number yet."""
        if label.end > found.start:
            return False
        return label.good or not re.search("[0-9]{2}", line[label.end : found.start])

    def _above(self, lines: list[str], labels: _Labels, number: int) -> int | None:
        """Standing of a code alone on its line by the nearest announcement in the four lines above; 0 for none."""
        for back in range(1, 5):
            if number - back < 0:
                break
            row = labels[number - back]
            if row:
                last = row[-1]
                good = any(label.good for label in row) if not lines[number - back].endswith(":") else last.good
                if not good:
                    return None if back == 1 else 0
                return 3
        return 0

    def _looks_like_something_else(self, line: str, found: _Candidate) -> bool:
        value = found.value
        if value.isdigit():
            return bool(_YEAR.match(value) or _DATE.match(value))
        return self._is_word(line, found)

    def _is_word(self, line: str, found: _Candidate) -> bool:
        """Whether letters may just be a word of the sentence: no digit, and not in capitals among small letters."""
        value = found.value
        if any(c.isdigit() for c in value):
            return False
        if value.isupper():
            rest = re.sub(r"[^A-Za-z ]", " ", line[: found.start] + " " + line[found.end :]).split()
            shouted = [w for w in rest if len(w) > 1 and w.isupper()]
            return len(shouted) >= 2
        inner = value[1:]
        return not (any(c.isupper() for c in inner) and any(c.islower() for c in value))


class _Labels:
    """The announcements of each line, looked for only where a candidate stands near."""

    def __init__(self, lines: Sequence[str], pattern: re.Pattern[str]) -> None:
        self.lines, self.pattern = lines, pattern
        self.found: dict[int, list[Label]] = {}

    def __getitem__(self, number: int) -> list[Label]:
        if number not in self.found:
            self.found[number] = labels_in(self.lines[number], self.pattern)
        return self.found[number]


@lru_cache(64)
def _label_pattern(near: tuple[str, ...]) -> re.Pattern[str]:
    return pattern_of(near)


def _token_pattern(rule: CodeRule) -> re.Pattern[str]:
    one = _CLASSES[rule.alphabet]
    forms = [f"{one}{{{n}}}" for n in rule.length]
    if rule.shape:
        forms.append("".join(one if c == "X" else re.escape(c) for c in plain(rule.shape)))
    return re.compile("|".join(f"(?:{form})" for form in forms))


def _group_pattern(rule: CodeRule) -> re.Pattern[str] | None:
    """Digits shown in equal groups ("123 456", "1 2 3 4 5 6", "123-456"), which only plain digit codes are."""
    if rule.alphabet != "digits" or rule.shape:
        return None
    forms: list[str] = []
    for n in rule.length:
        forms += [" ".join(["[0-9]"] * n)]
        for size in (2, 3, 4):
            if n % size == 0 and n > size:
                forms.append(" ".join([f"[0-9]{{{size}}}"] * (n // size)))
                if size > 2:
                    forms.append("-".join([f"[0-9]{{{size}}}"] * (n // size)))
    joined = "|".join(forms)
    return re.compile(
        rf"(?<![A-Za-z0-9#$€£¥+.,/:_%&@-])(?<![0-9+)] )(?:{joined})(?![A-Za-z0-9_%@-]| [0-9]|[.,/:][0-9])"
    )


def _pieces(word: str) -> list[str]:
    """A word at its colons and commas, those between two digits excepted (12:34, 1,000)."""
    return _SPLIT.split(word)


def _beside_digits(line: str, start: int, end: int) -> bool:
    """Whether it is a group of a longer number: "400 123456", "+86 123456", "123456 7890"."""
    if not line[start:end].isdigit():
        return False
    return bool(
        re.search(r"[0-9)+] \Z", line[max(0, start - 2) : start]) or re.match(r" [0-9]{3,}", line[end : end + 5])
    )


def _alone(line: str, found: _Candidate) -> bool:
    before = line[: found.start].strip(" .:*-_|>\"'“”「」【】[]()=~")
    after = line[found.end :].strip(" .:*-_|>\"'“”「」【】[]()=~,。")
    return not before and (not after or line[found.end :].lstrip()[:1] == "(")


def _blank(found: re.Match[str]) -> str:
    return "#" * len(found[0])
