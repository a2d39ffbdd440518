"""The words and values that every layer speaks: plain frozen dataclasses and enums, no dependency.

Each module is imported when one of its names is first used (PEP 562): reading commands need only a few.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readdress.models.account import Account, Evidence, Header, MailboxConfig, SlotState, StepRecord, Wait
    from readdress.models.address import Address
    from readdress.models.events import Draft, Event, Kind
    from readdress.models.inventory import MailKind, OpenedMail, ScanMark, Tally, Witness
    from readdress.models.logins import Login, OldMatch
    from readdress.models.mail import Expectation, HeaderRow, Incoming, Mark
    from readdress.models.people import Answer, Ask, Choice, NoteKind, Notice, Question
    from readdress.models.sight import Part, Piece, Reading, Sight, Survey
    from readdress.models.text import Lang, Text
    from readdress.models.words import (
        FACTORS,
        Change,
        OldState,
        RouteKind,
        Seen,
        Side,
        Slot,
        StepStatus,
        Verdict,
        is_factor,
    )

__all__ = [
    "FACTORS",
    "Account",
    "Address",
    "Answer",
    "Ask",
    "Change",
    "Choice",
    "Draft",
    "Event",
    "Evidence",
    "Expectation",
    "Header",
    "HeaderRow",
    "Incoming",
    "Kind",
    "Lang",
    "Login",
    "MailKind",
    "MailboxConfig",
    "Mark",
    "NoteKind",
    "Notice",
    "OldMatch",
    "OldState",
    "OpenedMail",
    "Part",
    "Piece",
    "Question",
    "Reading",
    "RouteKind",
    "ScanMark",
    "Seen",
    "Side",
    "Sight",
    "Slot",
    "SlotState",
    "StepRecord",
    "StepStatus",
    "Survey",
    "Tally",
    "Text",
    "Verdict",
    "Wait",
    "Witness",
    "is_factor",
]

_HOME = {
    "readdress.models.account": (
        "Account",
        "Evidence",
        "Header",
        "MailboxConfig",
        "SlotState",
        "StepRecord",
        "Wait",
    ),
    "readdress.models.address": ("Address",),
    "readdress.models.events": (
        "Draft",
        "Event",
        "Kind",
    ),
    "readdress.models.inventory": (
        "MailKind",
        "OpenedMail",
        "ScanMark",
        "Tally",
        "Witness",
    ),
    "readdress.models.logins": (
        "Login",
        "OldMatch",
    ),
    "readdress.models.mail": (
        "Expectation",
        "HeaderRow",
        "Incoming",
        "Mark",
    ),
    "readdress.models.people": (
        "Answer",
        "Ask",
        "Choice",
        "NoteKind",
        "Notice",
        "Question",
    ),
    "readdress.models.sight": (
        "Part",
        "Piece",
        "Reading",
        "Sight",
        "Survey",
    ),
    "readdress.models.text": (
        "Lang",
        "Text",
    ),
    "readdress.models.words": (
        "Change",
        "FACTORS",
        "OldState",
        "RouteKind",
        "Seen",
        "Side",
        "Slot",
        "StepStatus",
        "Verdict",
        "is_factor",
    ),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_MODULE[name]), name)
    globals()[name] = found
    return found
