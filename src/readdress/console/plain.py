"""Without a terminal: notices as plain lines; every question is shown and answered with "stop"."""

from __future__ import annotations

import sys
from typing import TextIO

from readdress.i18n.clean import clean
from readdress.models import Answer, Notice, Question


class PlainPerson:
    """Implements ``readdress.ports.Person`` for pipes and logs: nobody is there to answer."""

    def __init__(self, lang: str, out: TextIO | None = None) -> None:
        self._lang = lang
        self._out = out
        self._open: Question | None = None

    def post(self, question: Question) -> None:
        """Print what a person would have to do."""
        self._open = question
        self._line(
            f"? {question.service}: {question.title.to(self._lang)}: {question.body.to(self._lang)} {question.url}"
        )

    def poll(self) -> Answer | None:
        """Answer "stop": it becomes a durable wait."""
        question, self._open = self._open, None
        return Answer(question.id, "stop") if question else None

    def withdraw(self, question: str) -> None:  # noqa: ARG002 - the port's
        """Nothing to take away."""
        self._open = None

    def tell(self, notice: Notice) -> None:
        """Print the notice."""
        service = f"{notice.service}: " if notice.service else ""
        self._line(f"{notice.kind.value}: {service}{notice.text.to(self._lang)}")

    def _line(self, text: str) -> None:
        print(clean(text, 4000), file=self._out or sys.stderr, flush=True)
