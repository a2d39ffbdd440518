"""Persons that are no terminal: one that is absent, and one that is a function."""

from __future__ import annotations

from collections.abc import Callable

from readdress.models import Answer, Notice, Question

Asked = Callable[[Question], "str | Answer | None"]
Told = Callable[[Notice], None]


class AbsentPerson:
    """Nobody is there: every question is answered with "stop", so that it becomes a durable wait."""

    def __init__(self, told: Told | None = None) -> None:
        self._told = told
        self._open: Question | None = None

    def post(self, question: Question) -> None:
        """Take the question."""
        self._open = question

    def poll(self) -> Answer | None:
        """Answer "stop"."""
        question, self._open = self._open, None
        return Answer(question.id, "stop") if question else None

    def withdraw(self, question: str) -> None:  # noqa: ARG002 - the port's
        """Nothing to take away."""
        self._open = None

    def tell(self, notice: Notice) -> None:
        """Pass the notice on."""
        if self._told is not None:
            self._told(notice)


class CallbackPerson:
    """A person written as a function.

    It gets each :class:`~readdress.models.Question` and returns a choice's key, an :class:`~readdress.models.Answer` (for typed
    text), or ``None`` to be asked again at the next look.
    """

    def __init__(self, asked: Asked, told: Told | None = None) -> None:
        self._asked = asked
        self._told = told
        self._open: Question | None = None

    def post(self, question: Question) -> None:
        """Keep the question open until the function answers it."""
        self._open = question

    def poll(self) -> Answer | None:
        """Ask the function once."""
        if self._open is None:
            return None
        reply = self._asked(self._open)
        if reply is None:
            return None
        answer = reply if isinstance(reply, Answer) else Answer(self._open.id, reply)
        self._open = None
        return answer

    def withdraw(self, question: str) -> None:  # noqa: ARG002 - the port's
        """The question is over."""
        self._open = None

    def tell(self, notice: Notice) -> None:
        """Pass the notice on."""
        if self._told is not None:
            self._told(notice)
