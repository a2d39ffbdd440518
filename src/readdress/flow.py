"""What the author of a recipe's ``flow.py`` imports: the two decorators and the narrow view of a step.

::

    from readdress.flow import Step, look, step

    @step
    def add_address(page, s: Step):
        page.get_by_label("Add email address").fill(s.new)
        page.get_by_role("button", name="Add", exact=True).click()

    @look("add_address")
    def address_is_listed(page, s: Step):
        return s.sees_address(page.get_by_role("list", name="Emails"), of=s.new)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from readdress.errors import NeedsPerson, NeedsTime, Refused
from readdress.models.sight import Part, Reading, Sight, Survey

__all__ = [
    "NeedsPerson",
    "NeedsTime",
    "Part",
    "Reading",
    "Refused",
    "Sight",
    "Step",
    "Survey",
    "done",
    "look",
    "not_done",
    "step",
    "unknown",
]

F = TypeVar("F", bound=Callable[..., Any])

STEP_MARK = "__readdress_step__"
LOOK_MARK = "__readdress_look__"

done = Sight.done
not_done = Sight.not_done
unknown = Sight.unknown


class Step(Protocol):
    """What a flow may see and do: addresses, the codes it asks for, the person. No keyring, no mailbox, no state."""

    @property
    def old(self) -> str:
        """The address to leave."""
        ...

    @property
    def new(self) -> str:
        """The address to move to."""
        ...

    @property
    def login(self) -> str:
        """The account's login name; ``""`` when nobody knows it."""
        ...

    @property
    def site(self) -> str:
        """Base URL of the site without a trailing slash, for software that runs on many hosts."""
        ...

    @property
    def attempt(self) -> int:
        """Which attempt at this step this is, from 1."""
        ...

    def code(self, mail: str) -> str:
        """Wait for the recipe's mail of that id and return its code. Only on an allowed page, only for the armed step."""
        ...

    def open_link(self, mail: str) -> None:
        """Wait for the recipe's mail of that id and open its link in the page."""
        ...

    def type_secret(self, locator: Any, name: str) -> None:
        """Have the engine type the account's secret (``password``) there; the flow never sees it."""
        ...

    def api(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        """Call the service's own interface: the answer's status, and its JSON (``None`` for an empty answer).

        Only the calls that ``[api]`` of the recipe lists; a look may only ``GET``. The engine adds the account's token, which the flow
        never sees; where none is kept the person is asked for one.
        """
        ...

    def survey(self, where: Any, parts: Mapping[str, str], *, read: Sequence[str] = ()) -> Survey:
        """Read several parts of the page at one moment: name → CSS selector. One round trip, however many parts there are.

        A look made of one survey sees one state of the page, never half of one and half of the next. ``read``: the names of
        parts that are read whole, so that ``sees_address(survey.reading(name), of=…)`` can judge them.
        """
        ...

    def sees_address(self, where: Any, *, of: str, pending: Sequence[str] = (), absent_ok: bool = True) -> Sight:
        """Look for a whole address in a part of the page.

        ``DONE``: listed as an exact item (text or input value), not pending, not only in a banner. ``NOT_DONE``: the part was
        read completely and the address is not in it, in no form. Everything else is ``UNKNOWN``. ``pending``: words beside an
        address that say it is not confirmed yet, besides the usual ones. ``absent_ok=False``: absence proves nothing here.
        ``where``: a locator, or the reading of a survey.
        """
        ...

    def lacks_address(self, where: Any, *, of: str) -> Sight:
        """The mirror image, for removals: ``DONE`` when the part was read completely and the address is not in it."""
        ...

    def signed_out(self, detail: str = "") -> Sight:
        """The ``UNKNOWN`` for a look that met a sign-in page."""
        ...

    def ask(self, en: str, zh: str, choices: Sequence[tuple[str, str, str]] = ()) -> str:
        """Ask the person: free text, or one of ``(key, english, chinese)``. Returns the text or the key."""
        ...

    def hand_over(self, en: str, zh: str, kind: str = "manual") -> NeedsPerson:
        """The error to raise when a person must go on: ``raise s.hand_over("A puzzle stands here.", "…", kind="puzzle")``."""
        ...


def step(function: F) -> F:
    """Mark a function ``(page, s)`` as the act of the step of the same name."""
    setattr(function, STEP_MARK, function.__name__)
    return function


def look(name: str) -> Callable[[F], F]:
    """Mark a function ``(page, s) -> Sight`` as the check of step ``name``. It must not change anything."""

    def mark(function: F) -> F:
        setattr(function, LOOK_MARK, name)
        return function

    return mark
