"""What a look saw, and what was read off a page."""

from __future__ import annotations

from dataclasses import dataclass

from readdress.models.words import Seen


@dataclass(frozen=True, slots=True)
class Sight:
    """A look's value with, in one short sentence, what was seen.

    ``signed_out``: a sign-in page stood there instead. ``typed``: it rests on the value of an input, which somebody may have typed
    and not sent yet: only a freshly loaded page makes it a proof. ``login``: as whom the site says that one is signed in, where it does.
    """

    seen: Seen
    detail: str = ""
    signed_out: bool = False
    typed: bool = False
    login: str = ""

    @classmethod
    def done(cls, detail: str = "", *, typed: bool = False, login: str = "") -> Sight:
        """It happened."""
        return cls(Seen.DONE, detail, typed=typed, login=login)

    @classmethod
    def not_done(cls, detail: str = "") -> Sight:
        """It was proved not to have happened."""
        return cls(Seen.NOT_DONE, detail)

    @classmethod
    def unknown(cls, detail: str = "", *, signed_out: bool = False) -> Sight:
        """Nothing was proved either way."""
        return cls(Seen.UNKNOWN, detail, signed_out)


@dataclass(frozen=True, slots=True)
class Piece:
    """One readable thing on a page: an element's own text, or an input's value.

    ``around`` is the text of the smallest item (list item, row, paragraph, fieldset) that holds it: where "pending" or
    "unverified" would stand. ``banner`` is true inside an alert, status or flash message.
    """

    text: str
    around: str = ""
    is_input: bool = False
    banner: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A part of a page, read at one moment.

    ``complete`` is false while the page is still loading, shows a busy mark, or the part is not there at all.
    """

    pieces: tuple[Piece, ...] = ()
    complete: bool = False
    url: str = ""
