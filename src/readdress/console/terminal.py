"""The person at a terminal: questions as panels, answers by single keys or a typed line, nothing blocks."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TextIO

from rich.console import Console
from rich.panel import Panel
from rich.text import Text as RichText

from readdress.console.keys import pressed, raw_keys
from readdress.i18n.clean import clean
from readdress.models import Answer, NoteKind, Notice, Question

_MARKS = {
    NoteKind.STEP: ("→", "cyan"),
    NoteKind.DONE: ("✓", "green"),
    NoteKind.WAIT: ("…", "yellow"),
    NoteKind.WARN: ("!", "bold red"),
    NoteKind.INFO: ("·", "dim"),
}


class TerminalPerson:
    """Implements ``readdress.ports.Person`` on a terminal. Use as a context manager: it borrows the keyboard."""

    def __init__(self, lang: str, console: Console | None = None, keyboard: TextIO | None = None) -> None:
        self._lang = lang
        self._console = console or Console(highlight=False)
        self._keyboard = keyboard or sys.stdin
        self._question: Question | None = None
        self._keys: dict[str, str] = {}
        self._line = ""
        self._stack = ExitStack()

    def __enter__(self) -> TerminalPerson:
        self._stack.enter_context(raw_keys(self._keyboard))
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def post(self, question: Question) -> None:
        """Draw the question."""
        again = self._question is not None and self._question.id == question.id and self._question.body == question.body
        self._question = question
        self._keys = assign_keys([c.key for c in question.choices])
        self._line = ""
        if not again:
            self._console.print(self._panel(question))
        if question.text_wanted:
            self._console.print("> ", end="")

    def poll(self) -> Answer | None:
        """Take the keys that were pressed; answer once they make one."""
        if self._question is None:
            return None
        typed = pressed(self._keyboard)
        if not typed:
            return None
        if self._question.text_wanted:
            return self._typed(typed)
        for key in typed.lower():
            if key in self._keys:
                return self._answer(self._keys[key])
        return None

    def withdraw(self, question: str) -> None:
        """The question has answered itself."""
        if self._question is not None and self._question.id == question:
            self._question = None
            seen = {"en": "seen, going on", "zh": "已检测到，继续"}[self._lang]
            self._console.print(RichText(f"  ✓ {seen}", style="green"))

    def tell(self, notice: Notice) -> None:
        """Print the notice on a line of its own."""
        mark, style = _MARKS[notice.kind]
        service = f"{notice.service}: " if notice.service else ""
        self._console.print(RichText(f"{mark} {service}{clean(notice.text.to(self._lang))}", style=style))

    # ---------------------------------------------------------------------------------------------------------------
    def _panel(self, question: Question) -> Panel:
        text = RichText(clean(question.body.to(self._lang), 4000, lines=True))
        if question.url:
            text.append(f"\n\n{clean(question.url, 2000)}", style="underline")
        if question.choices:
            text.append("\n\n")
            back = {name: key for key, name in self._keys.items()}
            for choice in question.choices:
                if not question.text_wanted:
                    text.append(f"[{back[choice.key]}]", style="bold cyan")
                    text.append(f" {choice.label.to(self._lang)}   ")
            if question.text_wanted:
                hint = {"en": "Enter sends it, Ctrl-C stops", "zh": "回车提交，Ctrl-C 停止"}[self._lang]
                text.append(hint, style="dim")
        title = f"{question.service} · {question.title.to(self._lang)}" if question.service else question.title.to(self._lang)
        return Panel(text, title=clean(title), title_align="left", border_style="cyan", padding=(1, 2))

    def _typed(self, typed: str) -> Answer | None:
        question = self._question
        assert question is not None
        for ch in typed:
            if ch in "\r\n":
                self._console.print()
                line, self._line = self._line.strip(), ""
                return self._answer("text", line)
            if ch in "\x7f\b":
                if self._line and not question.hidden:
                    self._console.print("\b \b", end="")
                self._line = self._line[:-1]
            elif ch.isprintable():
                self._line += ch
                if not question.hidden:
                    self._console.print(RichText(ch), end="")
        return None

    def _answer(self, choice: str, text: str = "") -> Answer:
        question, self._question = self._question, None
        assert question is not None
        label = next((c.label.to(self._lang) for c in question.choices if c.key == choice), "")
        if label:
            self._console.print(RichText(f"  {label}", style="dim"))
        return Answer(question.id, choice, text)


def assign_keys(names: list[str]) -> dict[str, str]:
    """One key for each choice: the first of its letters that is still free, a digit when none is."""
    taken: dict[str, str] = {}
    for name in names:
        for key in [*name, *"123456789"]:
            if key.isalnum() and key not in taken:
                taken[key] = name
                break
    return taken
