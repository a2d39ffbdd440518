"""Move a person's life off an email address.

::

    from readdress import Migration

    with Migration.open("me.readdress") as m:
        outcome = m.move("mediawiki", site="https://wiki.example.org")
        print(outcome.verdict, outcome.message)

Names are imported when they are first used (PEP 562), so that reading commands start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from readdress._version import __version__

if TYPE_CHECKING:
    from readdress.engine.tools import Ended, Outcome, Patience
    from readdress.errors import NeedsMail, NeedsPerson, NeedsTime, ReaddressError, Refused, UserError
    from readdress.models import Address, Answer, MailboxConfig, Question, Side, Slot, Verdict
    from readdress.workflow.adapters import Adapters
    from readdress.workflow.migration import Migration
    from readdress.workflow.people import CallbackPerson

__all__ = [
    "Adapters",
    "Address",
    "Answer",
    "CallbackPerson",
    "Ended",
    "MailboxConfig",
    "Migration",
    "NeedsMail",
    "NeedsPerson",
    "NeedsTime",
    "Outcome",
    "Patience",
    "Question",
    "ReaddressError",
    "Refused",
    "Side",
    "Slot",
    "UserError",
    "Verdict",
    "__version__",
]

_HOME = {
    "readdress.workflow.migration": ("Migration",),
    "readdress.workflow.adapters": ("Adapters",),
    "readdress.workflow.people": ("CallbackPerson",),
    "readdress.engine.tools": ("Ended", "Outcome", "Patience"),
    "readdress.errors": ("NeedsMail", "NeedsPerson", "NeedsTime", "ReaddressError", "Refused", "UserError"),
    "readdress.models": ("Address", "Answer", "MailboxConfig", "Question", "Side", "Slot", "Verdict"),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _MODULE:
        return getattr(import_module(_MODULE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
