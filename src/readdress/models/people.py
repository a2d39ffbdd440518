"""What is asked of a person and what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from readdress.models.text import Text


class Ask(StrEnum):
    """Why the person is asked."""

    HAND_OVER = "hand_over"  # do this step yourself; answers: done, skip, again, stop
    IN_DOUBT = "in_doubt"  # did it happen? answers: yes, no, look, stop
    CONSENT = "consent"  # may this be done? answers: yes, no
    SECRET = "secret"  # a secret, typed unseen; answers: text, stop
    CODE = "code"  # paste the code of a mail that we cannot read
    LINK = "link"  # paste the link of a mail that we cannot read
    SENDER = "sender"  # is this sender this site's? answers: yes, no
    HOST = "host"  # a blocked host; answers: once, always, no
    CHOOSE = "choose"  # one of several


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that the person may give. ``key`` is a lower-case word; its first letter is its key in a terminal."""

    key: str
    label: Text


@dataclass(frozen=True, slots=True)
class Question:
    """One thing asked of the person. ``text_wanted``: the answer carries typed text; ``hidden``: which must not be shown.

    ``place``: which step of how many it is about, from 1; ``None`` where it is about no step of a route.
    """

    id: str
    ask: Ask
    title: Text
    body: Text
    choices: tuple[Choice, ...] = ()
    text_wanted: bool = False
    hidden: bool = False
    service: str = ""
    account: str = ""
    step: str = ""
    url: str = ""
    place: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The person's answer to the question of that id. ``text`` is never shown in ``repr``: it may be a secret."""

    question: str
    choice: str
    text: str = field(default="", repr=False)


class NoteKind(StrEnum):
    """What kind of notice the person is shown."""

    STEP = "step"
    DONE = "done"
    WAIT = "wait"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person is told, with nothing to answer."""

    kind: NoteKind
    text: Text
    service: str = ""
    step: str = ""
