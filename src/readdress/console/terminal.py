"""The person at a terminal: questions as panels, answers by single keys or a typed line, nothing blocks."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Self, TextIO

from rich.console import Console
from rich.panel import Panel
from rich.text import Text as RichText

from readdress.console.keys import Keyboard, Typed, raw_keys
from readdress.i18n.clean import clean
from readdress.i18n.wrap import cells, wrap
from readdress.models import Answer, NoteKind, Notice, Question, Text

_MARKS = {
    NoteKind.STEP: ("→", "cyan"),
    NoteKind.DONE: ("✓", "green"),
    NoteKind.WAIT: ("…", "yellow"),
    NoteKind.WARN: ("!", "bold red"),
    NoteKind.INFO: ("·", "bold"),  # codes among them
}
_SEEN = Text("seen, going on", "已检测到，继续")
_KEY = Text("Press a key:", "请按键：")
_LINE = Text(
    "Type or paste it, then Enter. Ctrl-U clears the line, Ctrl-C stops here.",
    "输入或粘贴，然后按回车。Ctrl-U 清空，Ctrl-C 先停下。",
)
_HIDDEN = Text(
    "What you type is not shown. Enter sends it, Ctrl-C stops here.", "输入内容不会显示。回车提交，Ctrl-C 先停下。"
)
_TAKEN = Text("taken", "已收到")
_NEXT = "next"  # the one choice that Enter makes too: it only goes on
_STOP = "stop"
_LONGEST = 8192  # characters of a typed line; links in mails are shorter


class TerminalPerson:
    """Implements ``readdress.ports.Person`` on a terminal. Use as a context manager: it borrows the keyboard."""

    def __init__(self, lang: str, console: Console | None = None, keyboard: TextIO | None = None) -> None:
        self._lang = lang
        self._console = console or Console(highlight=False)
        self._stream = keyboard or sys.stdin
        self._keyboard = Keyboard(self._stream)
        self._question: Question | None = None
        self._keys: dict[str, str] = {}
        self._line = ""
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(raw_keys(self._stream))
        self._raw("\x1b[?2004h")  # pastes come marked, so that their line ends are not taken for keys
        self._stack.callback(self._raw, "\x1b[?2004l")
        return self

    def __exit__(self, *exc: object) -> None:
        if self._question is not None and self._question.text_wanted:
            self._raw("\r\n")
        self._stack.close()

    def post(self, question: Question) -> None:
        """Draw the question. What was typed before it was shown does not answer it."""
        before = self._question
        again = before is not None and before.id == question.id and before.body == question.body
        self._question = question
        if again:
            return
        if before is not None and before.text_wanted:
            self._raw("\r\x1b[K")
        self._keys = assign_keys([c.key for c in question.choices])
        self._line = ""
        self._keyboard.drop()
        self._show(question)
        self._draw_line()

    def poll(self) -> Answer | None:
        """Take the keys that were pressed; answer once they make one."""
        if self._question is None:
            return None
        for typed in self._keyboard.typed():
            answer = self._typed(typed) if self._question.text_wanted else self._pressed(typed)
            if answer is not None:
                return answer
        return None

    def withdraw(self, question: str) -> None:
        """The question has answered itself."""
        if self._question is not None and self._question.id == question:
            if self._question.text_wanted:
                self._raw("\r\x1b[K")
            self._question, self._line = None, ""
            self._console.print(RichText(f"  ✓ {_SEEN.to(self._lang)}", style="green"))

    def tell(self, notice: Notice) -> None:
        """Print the notice on a line of its own; a line that is being typed stays below it."""
        open_line = self._question is not None and self._question.text_wanted
        if open_line:
            self._raw("\r\x1b[K")
        mark, style = _MARKS[notice.kind]
        service = f"{clean(notice.service, 80)}: " if notice.service else ""
        self._console.print(RichText(f"{mark} {service}{clean(notice.text.to(self._lang), 1000)}", style=style))
        self._draw_line()

    # ---------------------------------------------------------------------------------------------------------------
    def _show(self, question: Question) -> None:
        text = clean(question.body.to(self._lang), 4000, lines=True)
        body = RichText("\n".join(wrap(text, self._console.width - 4)))
        title = clean(question.title.to(self._lang), 200)
        if question.service:
            title = f"{clean(question.service, 80)} · {title}"
        # Panel would read a title that is a string as markup, links among it
        panel = Panel(
            body,
            title=RichText(title, style="bold"),
            title_align="left",
            subtitle=RichText("{}/{}".format(*question.place), style="dim") if question.place else None,
            subtitle_align="right",
            border_style="cyan",
            padding=(0, 1),
        )
        self._console.print()
        self._console.print(panel)
        if question.url:
            # outside the frame and unbroken, so that it can be clicked or copied
            self._console.print(RichText(clean(question.url, 2000), style="underline"), soft_wrap=True)
        if question.text_wanted:
            self._console.print(RichText((_HIDDEN if question.hidden else _LINE).to(self._lang), style="dim"))
            return
        self._console.print(RichText(_KEY.to(self._lang), style="dim"))
        back = {name: key for key, name in self._keys.items()}
        lines = [RichText()]
        for choice in question.choices:
            offer = RichText("  ")
            offer.append(f"[{back[choice.key]}]", style="bold cyan")
            offer.append(f" {clean(choice.label.to(self._lang), 200)}")
            if lines[-1].plain and cells(lines[-1].plain) + cells(offer.plain) > self._console.width:
                lines.append(RichText())
            lines[-1].append_text(offer)
        for line in lines if question.choices else ():
            self._console.print(line)

    def _draw_line(self) -> None:
        """The line that is being typed, its end if it is longer than the screen is wide."""
        if self._question is None or not self._question.text_wanted:
            return
        shown = "" if self._question.hidden else clean(self._line, _LONGEST)
        room = max(8, self._console.width - 4)
        if cells(shown) > room:
            while cells(shown) > room - 1:
                shown = shown[max(1, (cells(shown) - room) // 2) :]
            shown = "…" + shown
        self._raw(f"\r\x1b[K> {shown}")

    def _raw(self, text: str) -> None:
        """Past rich, which takes control characters out."""
        self._console.file.write(text)
        self._console.file.flush()

    def _pressed(self, typed: Typed) -> Answer | None:
        key = typed.text.lower()
        if key in {"\r", "\n"} and _NEXT in self._keys.values():
            return self._answer(_NEXT)
        return self._answer(self._keys[key]) if not typed.pasted and key in self._keys else None

    def _typed(self, typed: Typed) -> Answer | None:
        if typed.pasted:
            # one line of it: what a mail program put around a code or link is not worth a refusal
            self._line = (self._line + " ".join(typed.text.split()))[:_LONGEST]
        elif typed.text in "\r\n":
            self._raw("\r\n")
            line, self._line = self._line.strip(), ""
            return self._answer("text", line)
        elif typed.text in "\x7f\b":
            self._line = self._line[:-1]
        elif typed.text == "\x15":
            self._line = ""
        elif typed.text.isprintable():
            self._line = (self._line + typed.text)[:_LONGEST]
        else:
            return None
        self._draw_line()
        return None

    def _answer(self, choice: str, text: str = "") -> Answer:
        question, self._question = self._question, None
        assert question is not None
        label = next((c.label.to(self._lang) for c in question.choices if c.key == choice), _TAKEN.to(self._lang))
        self._console.print(RichText(f"  {clean(label, 200)}", style="dim"))
        return Answer(question.id, choice, text)


def assign_keys(names: list[str]) -> dict[str, str]:
    """One key for each choice: the first of its letters that is still free, else a digit, else any letter; never one key twice.

    "stop" is always ``s``: the key that somebody in doubt presses must not mean "skip" in another question.
    """
    taken: dict[str, str] = {}
    for name in sorted(names, key=lambda n: n != _STOP):
        for key in [*name.lower(), *"123456789", *"abcdefghijklmnopqrstuvwxyz"]:
            if key.isalnum() and key not in taken:
                taken[key] = name
                break
    return taken
