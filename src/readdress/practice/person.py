"""The rehearsal's person: answers every question as a careful person would, and shows both question and answer."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from readdress.models import Answer, Ask, Notice, Question
from readdress.ports import Person

_YES = {Ask.CONSENT: "yes", Ask.SENDER: "yes", Ask.HOST: "no", Ask.IN_DOUBT: "look"}


class RehearsalPerson:
    """Implements ``readdress.ports.Person``. ``password(account)`` knows the practice accounts' passwords.

    ``watcher``: a real person who is only asked whether to go on (``--pause``); ``show`` prints a line.
    """

    def __init__(
        self,
        lang: str,
        password: Callable[[str], str],
        smtp: tuple[str, int],
        new: str,
        show: Callable[[str], None],
        watcher: Person | None = None,
    ) -> None:
        self._lang = lang
        self._password = password
        self._smtp = smtp
        self._new = new
        self._show = show
        self._watcher = watcher
        self._open: Question | None = None
        self._looks = 0

    def post(self, question: Question) -> None:
        """Show the question; a pause goes to the person who watches."""
        self._open = question
        watcher = self._watched(question)
        if watcher is not None:
            watcher.post(question)
            return
        body = question.body.to(self._lang).replace("\n", " ")
        self._show(f"  ? {body}")

    def poll(self) -> Answer | None:
        """The answer."""
        question = self._open
        if question is None:
            return None
        watcher = self._watched(question)
        if watcher is not None:
            return watcher.poll()
        self._open = None
        answer = self._answer(question)
        shown = "…" if question.hidden else answer.choice
        self._show(f"    {'答' if self._lang == 'zh' else 'answer'}: {shown}")
        return answer

    def withdraw(self, question: str) -> None:
        """The question has answered itself."""
        self._open = None
        if self._watcher is not None:
            self._watcher.withdraw(question)

    def tell(self, notice: Notice) -> None:
        """Print the notice."""
        mark = {"step": "→", "done": "✓", "wait": "…", "warn": "!", "info": "·"}[notice.kind.value]
        self._show(f"  {mark} {notice.text.to(self._lang)}")

    def _watched(self, question: Question) -> Person | None:
        return self._watcher if any(c.key == "next" for c in question.choices) else None

    def _answer(self, question: Question) -> Answer:
        if question.ask is Ask.SECRET:
            return Answer(question.id, "text", self._password(question.account))
        if question.ask is Ask.HAND_OVER and question.id.startswith("new-mailbox/"):
            self._send_to_new()
            return Answer(question.id, "done")
        if question.ask is Ask.CHOOSE:
            keys = [c.key for c in question.choices if c.key not in {"stop", "none"}]
            return Answer(question.id, "password" if "password" in keys else keys[0] if keys else "stop")
        return Answer(question.id, _YES.get(question.ask, "stop"))

    def _send_to_new(self) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._new, self._new, "A note to myself"
        mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="practice.test")
        mail.set_content("Does this mailbox receive mail?\n")
        with smtplib.SMTP(*self._smtp, timeout=10) as server:
            server.send_message(mail)
