"""A scripted person: answers by rules, and can also lie, stall, paste wrong codes and stop in the middle."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from readdress.models import Answer, Ask, Notice, Question

Says = str | Answer | None
Act = Callable[[Question], Says]


@dataclass
class Rule:
    """When ``ask`` and ``match`` fit a question, this is the answer.

    ``ask``: the kind of question, ``None`` for any. ``match``: a pattern looked for in title and body, both languages.
    ``says``: the key of a choice, or a function that acts (on the page, say) and returns one; ``None`` from it means "not yet",
    and it is called again at the next poll. ``text``: typed along with it. ``times``: how many answers it gives, ``None`` for any
    number. ``after``: polls that pass before it answers.
    """

    ask: Ask | None = None
    match: str = ""
    says: str | Act = "done"
    text: str = ""
    times: int | None = None
    after: int = 0
    used: int = field(default=0, init=False)

    def fits(self, question: Question) -> bool:
        """Whether the rule is for this question and not used up."""
        if self.times is not None and self.used >= self.times:
            return False
        if self.ask is not None and question.ask is not self.ask:
            return False
        title, body = question.title, question.body
        words = f"{title.en}\n{title.zh}\n{body.en}\n{body.zh}"
        return not self.match or re.search(self.match, words, re.IGNORECASE) is not None

    def answer(self, question: Question) -> Answer | None:
        """The answer, or ``None`` for not yet. Raises ``KeyboardInterrupt`` for the person who stops."""
        said = self.says(question) if callable(self.says) else self.says
        if said is None or isinstance(said, Answer):
            return said
        return Answer(question.id, said, self.text)


def lies(ask: Ask | None = None, match: str = "", *, says: str = "done", times: int | None = None) -> Rule:
    """Says that it was done without doing anything."""
    return Rule(ask, match, says, times=times)


def stalls(ask: Ask | None = None, match: str = "") -> Rule:
    """Never answers."""
    return Rule(ask, match, lambda _: None)


def stops(ask: Ask | None = None, match: str = "", *, times: int | None = 1) -> Rule:
    """Presses Ctrl-C when asked."""

    def interrupt(_: Question) -> Says:
        raise KeyboardInterrupt

    return Rule(ask, match, interrupt, times=times)


def pastes(text: str, ask: Ask = Ask.CODE, match: str = "", *, says: str = "done", times: int | None = None) -> Rule:
    """Pastes this code or link, which may be a wrong one."""
    return Rule(ask, match, says, text=text, times=times)


class ScriptedPerson:
    """The person as a port (:class:`readdress.ports.Person`), following ``rules``: the first that fits a question answers it.

    A question that no rule fits fails the test with what was asked, unless ``otherwise`` is given. A choice that the question
    does not offer fails it too. ``asked``, ``told``, ``answered`` and ``withdrawn`` record everything that happened.
    """

    def __init__(self, rules: Iterable[Rule] = (), *, otherwise: Rule | None = None) -> None:
        self.rules = list(rules)
        self.otherwise = otherwise
        self.asked: list[Question] = []
        self.told: list[Notice] = []
        self.answered: list[Answer] = []
        self.withdrawn: list[str] = []
        self._open: Question | None = None
        self._polls = 0

    @property
    def open(self) -> Question | None:
        """The question that waits for an answer."""
        return self._open

    def post(self, question: Question) -> None:
        """A new question replaces the one before it."""
        self.asked.append(question)
        self._open, self._polls = question, 0

    def poll(self) -> Answer | None:
        """What the first fitting rule says, once it says something."""
        question = self._open
        if question is None:
            return None
        rule = next((r for r in self.rules if r.fits(question)), self.otherwise)
        if rule is None:
            raise AssertionError(f"nobody told the scripted person what to answer: {question!r}")
        self._polls += 1
        if self._polls <= rule.after:
            return None
        try:
            answer = rule.answer(question)
        except KeyboardInterrupt:
            rule.used += 1
            raise
        if answer is None or self._open is not question:
            return None
        offered = {c.key for c in question.choices}
        if answer.choice not in offered and not question.text_wanted:
            raise AssertionError(f"{answer.choice!r} is no answer to {question.ask}: it offers {sorted(offered)}")
        rule.used += 1
        self._open = None
        self.answered.append(answer)
        return answer

    def withdraw(self, question: str) -> None:
        """The question has answered itself."""
        self.withdrawn.append(question)
        if self._open is not None and self._open.id == question:
            self._open = None

    def tell(self, notice: Notice) -> None:
        """Remember a notice."""
        self.told.append(notice)

    def shown(self, lang: str = "en") -> str:
        """Everything that was shown, as one text, for a test to search."""
        lines = [f"{q.title.to(lang)}\n{q.body.to(lang)}" for q in self.asked]
        return "\n".join([*lines, *(n.text.to(lang) for n in self.told)])
