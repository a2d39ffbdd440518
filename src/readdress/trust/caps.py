"""How much work one hostile mail may cost: the caps of the parser, and the meter that enforces them."""

from __future__ import annotations

MESSAGE_BYTES = 2 << 20
HEADER_BLOCK_BYTES = 256 << 10
HEADER_COUNT = 600
HEADER_BYTES = 64 << 10  # a header that nobody reads (trace, spam verdicts)
READ_HEADER_BYTES = 8 << 10  # a header that is interpreted: From, To, Subject, Content-Type …
PARAMETERS = 40
COMMENT_DEPTH = 8
ENCODED_WORDS = 200
MIME_DEPTH = 8
PARTS = 64
TEXT_CHARS = 400_000  # decoded text of all parts together
TAGS = 20_000
OPEN_ELEMENTS = 400
LINKS = 500


class OverCap(Exception):
    """A cap was reached; the text says which. Never leaves this package."""


class Meter:
    """Counts what a message has cost so far and stops it with :class:`OverCap`."""

    def __init__(self) -> None:
        self.parts = 0
        self.chars = 0
        self.tags = 0

    def part(self) -> None:
        """One more MIME part."""
        self.parts += 1
        if self.parts > PARTS:
            raise OverCap(f"more than {PARTS} parts")

    def text(self, chars: int) -> None:
        """``chars`` more characters of decoded text."""
        self.chars += chars
        if self.chars > TEXT_CHARS:
            raise OverCap(f"more than {TEXT_CHARS} characters of text")

    def tag(self) -> None:
        """One more HTML tag."""
        self.tags += 1
        if self.tags > TAGS:
            raise OverCap(f"more than {TAGS} HTML tags")
