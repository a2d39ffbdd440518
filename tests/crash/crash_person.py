"""The persons of the crash test: careful ones of whom the one answers truthfully whether a thing happened and the other says stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from readdress.models import Answer, Ask, Notice, Question
from readdress.practice.person import RehearsalPerson
from readdress.practice.site import PracticeSite


def happened(site: PracticeSite, step: str, old: str, new: str) -> bool:
    """Whether the step's act took effect, by the site's own database and record."""
    addresses = {a.email: a for a in site.addresses()}
    if step in {"add_address", "change_address"}:
        return new in addresses or any(e["mail"] == "email_confirmation" for e in site.effects("mail_sent"))
    if step in {"confirm_by_link", "confirm_by_code"}:
        return new in addresses and addresses[new].verified
    if step == "make_primary":
        return new in addresses and addresses[new].primary
    if step == "remove_old":
        return old not in addresses
    raise KeyError(step)


class Witness:
    """Answers as the rehearsal's person does, and what is in doubt by ``truth`` or with "stop". Tells ``note`` of each question.

    Implements ``readdress.ports.Person``. A step handed over is never done by hand: that is answered with "stop", so that it shows.
    """

    def __init__(
        self,
        everyday: RehearsalPerson,
        doubt: Literal["truth", "stop"],
        truth: Callable[[str], bool],
        note: Callable[[Question, str], None],
    ) -> None:
        self._everyday = everyday
        self._doubt = doubt
        self._truth = truth
        self._note = note
        self._open: Question | None = None

    def post(self, question: Question) -> None:
        """Take the question."""
        self._open = question
        self._everyday.post(question)

    def poll(self) -> Answer | None:
        """The answer."""
        question, self._open = self._open, None
        if question is None:
            return None
        if question.ask is Ask.IN_DOUBT:
            choice = "stop" if self._doubt == "stop" else "yes" if self._truth(question.step) else "no"
            answer: Answer | None = Answer(question.id, choice)
        else:
            answer = self._everyday.poll()
        self._note(question, answer.choice if answer else "")
        return answer

    def withdraw(self, question: str) -> None:
        """It has answered itself."""
        self._open = None
        self._everyday.withdraw(question)

    def tell(self, notice: Notice) -> None:
        """Nothing needs an answer here."""
