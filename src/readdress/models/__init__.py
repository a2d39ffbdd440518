"""The words and values that every layer speaks: plain frozen dataclasses and enums, no dependency."""

from __future__ import annotations

from readdress.models.account import Account, Evidence, Header, MailboxConfig, SlotState, StepRecord, Wait
from readdress.models.address import Address
from readdress.models.events import Draft, Event, Kind
from readdress.models.mail import Expectation, HeaderRow, Incoming, Mark
from readdress.models.people import Answer, Ask, Choice, NoteKind, Notice, Question
from readdress.models.sight import Piece, Reading, Sight
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
    "MailboxConfig",
    "Mark",
    "NoteKind",
    "Notice",
    "OldState",
    "Piece",
    "Question",
    "Reading",
    "RouteKind",
    "Seen",
    "Side",
    "Sight",
    "Slot",
    "SlotState",
    "StepRecord",
    "StepStatus",
    "Text",
    "Verdict",
    "Wait",
    "is_factor",
]
