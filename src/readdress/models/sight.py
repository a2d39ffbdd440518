"""What a look saw, and what was read off a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a page as it was at the moment of a survey.

    ``text``: as it is drawn (at most 2,000 characters). ``value``: of a field that may be read (never a password or hidden one).
    ``label``: the text of the field's label. ``shown``: it takes room on the page.
    """

    text: str = ""
    value: str = ""
    label: str = ""
    href: str = ""
    checked: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """Several parts of a page, all read at one and the same moment in one round trip: name → the elements that were there, at most 50.

    ``readings``: the parts that were asked to be read whole, for :meth:`readdress.flow.Step.sees_address`. A page that changed while it
    was read gives an empty survey: nothing was seen, which proves nothing.
    """

    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    url: str = ""

    def has(self, name: str) -> bool:
        """Whether such an element was there."""
        return bool(self.parts.get(name))

    def all(self, name: str) -> tuple[Part, ...]:
        """Every such element, in the page's order."""
        return self.parts.get(name, ())

    def one(self, name: str) -> Part | None:
        """The element, where there was exactly one."""
        found = self.parts.get(name, ())
        return found[0] if len(found) == 1 else None

    def text(self, name: str) -> str:
        """What the first of them says; ``""`` where there is none."""
        found = self.parts.get(name, ())
        return found[0].text.strip() if found else ""

    def value(self, name: str) -> str:
        """What the first of them holds; ``""`` where there is none."""
        found = self.parts.get(name, ())
        return found[0].value.strip() if found else ""

    def reading(self, name: str) -> Reading:
        """The part as it was read whole; an incomplete reading where it was not there, or was there more than once."""
        return self.readings.get(name, Reading(url=self.url))
