"""The person at a terminal: a pseudo terminal whose other end the test types on and reads, as a screen would."""

from __future__ import annotations

import os
import pty
import re
import select
import termios
import time
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from readdress.console.keys import Keyboard, Typed, line_input, raw_keys
from readdress.console.plain import PlainPerson
from readdress.console.terminal import TerminalPerson, assign_keys
from readdress.i18n.wrap import cells, wrap
from readdress.models import Answer, Ask, Choice, NoteKind, Notice, Question, Text

YES, NO = Choice("yes", Text("yes", "是")), Choice("no", Text("no", "否"))
DONE, SKIP, AGAIN, STOP = (Choice(k, Text(f"{k} it", f"{k}了")) for k in ("done", "skip", "again", "stop"))


def question(
    *choices: Choice,
    body: str = "Open the page.",
    typed: bool = False,
    hidden: bool = False,
    url: str = "",
    title: str = "Do it",
    name: str = "q1",
) -> Question:
    ask = Ask.SECRET if hidden else Ask.CODE if typed else Ask.HAND_OVER
    return Question(
        name,
        ask,
        Text(title, title),
        Text(body, body),
        choices,
        text_wanted=typed,
        hidden=hidden,
        service="orchard",
        url=url,
    )


class Desk:
    """A person at a terminal of 80 columns; ``screen`` is every byte that ever reached it, the keyboard's echo included."""

    def __init__(self, lang: str = "en") -> None:
        self._master, self._slave = pty.openpty()
        self._in = os.fdopen(os.dup(self._slave), "r", encoding="utf-8")
        self._out = os.fdopen(os.dup(self._slave), "w", encoding="utf-8")
        self.screen = b""
        self.person = TerminalPerson(
            lang, Console(file=self._out, force_terminal=True, highlight=False, color_system="standard"), self._in
        )
        self.resize(80)

    def resize(self, columns: int) -> None:
        """Resize it; rich asks the process's own terminal for its width, which this is not: a real one is resized in tests/cli."""
        termios.tcsetwinsize(self._slave, (24, columns))
        self.person._console.width = columns

    def type(self, keys: str | bytes) -> None:
        os.write(self._master, keys if isinstance(keys, bytes) else keys.encode())
        time.sleep(0.01)  # through the line discipline

    def answer(self, polls: int = 20) -> Answer | None:
        for _ in range(polls):
            found = self.person.poll()
            if found is not None:
                return found
            time.sleep(0.005)
        return None

    def seen(self) -> str:
        while select.select([self._master], [], [], 0.05)[0]:
            self.screen += os.read(self._master, 65536)
        return self.screen.decode(errors="replace")

    def text(self) -> str:
        return re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", self.seen()).replace("\r\n", "\n")

    def modes(self) -> int:
        return int(termios.tcgetattr(self._slave)[3])

    def close(self) -> None:
        for file in (self._in, self._out):
            file.close()
        os.close(self._slave)
        os.close(self._master)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    with made.person:
        yield made
    made.close()


def test_single_keys(desk: Desk) -> None:
    """One key answers, in either case; other keys do nothing; the answered question takes no second answer."""
    desk.person.post(question(YES, NO))
    desk.type("qx7\n ")
    assert desk.answer() is None
    desk.type("Y")
    assert desk.answer() == Answer("q1", "yes")
    desk.type("n")
    assert desk.answer() is None


def test_nothing_echoes_while_single_keys_are_read(desk: Desk) -> None:
    """The terminal itself does not write the keys onto the screen."""
    desk.person.post(question(YES, NO))
    before = desk.seen()
    desk.type("qqq")
    desk.answer(3)
    assert desk.seen() == before


@pytest.mark.parametrize(
    "sequence", ["\x1b[A", "\x1b[B", "\x1bOA", "\x1b[1;5D", "\x1b[3~", "\x1b[200~", "\x1ba", "\x1b[I", "\x1b[<0;3;4M"]
)
def test_arrows_and_other_sequences_are_no_answer(desk: Desk, sequence: str) -> None:
    """Up is ESC [ A: its last letter must not press [a]. Also when it arrives in pieces."""
    choices = (
        DONE,
        AGAIN,
        STOP,
        Choice("before", Text("b", "b")),
        Choice("import", Text("i", "i")),
        Choice("more", Text("m", "m")),
    )
    desk.person.post(question(*choices))
    desk.type(sequence)
    assert desk.answer(3) is None
    for part in sequence:
        desk.type(part)
        assert desk.answer(1) is None
    desk.type("\x1b[201~")
    assert desk.answer(3) is None
    desk.type("d")
    assert desk.answer() == Answer("q1", "done")


def test_a_lone_escape_is_forgotten(desk: Desk) -> None:
    """Escape, then a while later a key: the key counts."""
    desk.person.post(question(YES, NO))
    desk.type("\x1b")
    assert desk.answer(40) is None
    desk.type("y")
    assert desk.answer() == Answer("q1", "yes")


def test_typed_code_with_backspace(desk: Desk) -> None:
    """What is on the screen is what is sent: backspace takes a character away, also one that is two cells wide; Ctrl-U all."""
    desk.person.post(question(STOP, typed=True))
    desk.type("12745\x7f\x7f\x7f345")
    assert desk.answer(5) is None
    assert desk.seen().endswith("> 12345")
    desk.type("\x15验证码\x7f\x7f98")
    assert desk.answer(5) is None
    assert desk.seen().endswith("\r\x1b[K> 验98")
    desk.type("\x7f" * 20 + "654321\r")
    assert desk.answer() == Answer("q1", "text", "654321")


def test_empty_line_is_an_answer(desk: Desk) -> None:
    """ "Leave it empty to type it into the page yourself"."""
    desk.person.post(question(STOP, typed=True, hidden=True))
    desk.type("\n")
    assert desk.answer() == Answer("q1", "text", "")


@pytest.mark.parametrize("paste", [False, True])
def test_hidden_secret_is_never_on_the_screen(desk: Desk, paste: bool) -> None:
    """Not a character of it, nor its length; what was typed with the terminal's echo off cannot come from there either."""
    desk.person.post(question(STOP, typed=True, hidden=True))
    desk.type("\x1b[200~hunter2-orchid\x1b[201~" if paste else "hunter2-orchidX\x7f")
    assert desk.answer(5) is None
    desk.person.tell(Notice(NoteKind.INFO, Text("still waiting", "等待")))
    desk.person.post(question(STOP, typed=True, hidden=True))
    desk.type("\n")
    found = desk.answer()
    assert found is not None
    assert found.text == "hunter2-orchid"
    seen = desk.seen()
    assert "still waiting" in seen
    for part in ("hunter2", "orchid", "hu", "•", "**"):
        assert part not in seen
    assert "hunter2" not in repr(found)


def test_pasted_lines_are_one_answer(desk: Desk) -> None:
    """A code pasted with the lines around it is one text; its line ends neither send it nor answer the next question."""
    desk.person.post(question(STOP, typed=True))
    desk.type("\x1b[200~ 123 456\r\ny\r\n\x1b[201~")
    assert desk.answer(5) is None
    desk.type("\r")
    assert desk.answer() == Answer("q1", "text", "123 456 y")


def test_pasted_lines_without_marks_do_not_answer_the_next_question(desk: Desk) -> None:
    """On a terminal that does not mark pastes the first line end sends; the rest is dropped with the next question."""
    desk.person.post(question(STOP, typed=True))
    desk.type("123456\ny\nyes\n")
    assert desk.answer() == Answer("q1", "text", "123456")
    desk.type("y")
    desk.person.post(question(YES, NO, name="q2"))
    assert desk.answer(5) is None


def test_paste_into_a_key_question_is_no_answer(desk: Desk) -> None:
    desk.person.post(question(YES, NO))
    desk.type("\x1b[200~yes\n\x1b[201~")
    assert desk.answer(5) is None


def test_type_ahead_does_not_answer_what_was_not_shown(desk: Desk) -> None:
    desk.type("y")
    desk.person.post(question(YES, NO))
    assert desk.answer(5) is None


def test_same_question_again_keeps_what_was_typed(desk: Desk) -> None:
    """The engine may post a question again while it stands: it is drawn once and the half-typed line stays."""
    for _ in range(3):
        desk.person.post(question(STOP, typed=True, body="The code, please."))
    desk.type("12")
    desk.answer(3)
    desk.person.post(question(STOP, typed=True, body="The code, please."))
    desk.type("34\n")
    assert desk.answer() == Answer("q1", "text", "1234")
    assert desk.text().count("The code, please.") == 1


def test_notice_leaves_the_typed_line_below(desk: Desk) -> None:
    desk.person.post(question(STOP, typed=True))
    desk.type("123")
    desk.answer(3)
    desk.person.tell(Notice(NoteKind.WARN, Text("The mailbox is slow.", "邮箱较慢。"), "orchard"))
    assert desk.text().rstrip(" ").endswith("! orchard: The mailbox is slow.\n\r> 123") or desk.text().endswith("> 123")
    desk.type("4\n")
    assert desk.answer() == Answer("q1", "text", "1234")


@pytest.mark.parametrize("typed", [False, True])
def test_withdraw_while_open(desk: Desk, typed: bool) -> None:
    """The page answered by itself: said so, nothing typed later counts, another question's withdrawal changes nothing."""
    desk.person.post(question(*(() if typed else (DONE, STOP)), typed=typed))
    desk.type("12" if typed else "q")
    desk.answer(3)
    desk.person.withdraw("another")
    desk.person.withdraw("q1")
    assert "✓ seen, going on" in desk.text()
    desk.type("d\n")
    assert desk.answer(5) is None
    desk.person.post(question(typed=True, name="q2"))
    desk.type("7\n")
    assert desk.answer() == Answer("q2", "text", "7")


def test_resize(desk: Desk) -> None:
    """A narrower window: what is drawn from then on fits, a long typed line shows its end, answers go on."""
    desk.person.post(question(STOP, typed=True))
    desk.type("x" * 60)
    desk.answer(3)
    desk.resize(40)
    desk.type("yz")
    desk.answer(3)
    last = desk.seen().rpartition("\r\x1b[K")[2]
    assert last.endswith("xyz")
    assert last.startswith("> …")
    assert len(last) < 40
    desk.person.withdraw("q1")
    desk.screen = b""
    desk.person.post(
        question(DONE, STOP, body="一二三四五六七八九十" * 6 + " and some English words as well", name="q2")
    )
    assert all(cells(line) <= 40 for line in desk.text().splitlines()), desk.text()
    desk.type("d")
    assert desk.answer() == Answer("q2", "done")


EVIL = "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\u200b[/bold][link=https://evil.example]x[/link][red]"


def test_text_from_outside_is_only_text(desk: Desk) -> None:
    """Escape sequences (OSC 8 links, OSC 52 clipboard), direction marks and rich's markup, in every part of a question and a notice."""
    evil = Question(
        "q1",
        Ask.HAND_OVER,
        Text(EVIL, EVIL),
        Text(EVIL, EVIL),
        (Choice("done", Text(EVIL, EVIL)),),
        service=EVIL,
        url="https://a.example/" + EVIL,
    )
    desk.person.post(evil)
    desk.person.tell(Notice(NoteKind.STEP, Text(EVIL, EVIL), EVIL))
    seen = desk.seen()
    for bad in ("\x1b]", "\x07", "\x1b[2J", "\x9b", "\u202e", "\u2066", "\u200b"):
        assert bad not in seen
    assert "[link=https://evil.example]" in seen
    plain = StringIO()
    person = PlainPerson("en", plain)
    person.post(evil)
    person.tell(Notice(NoteKind.STEP, Text(EVIL, EVIL), EVIL))
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b"} & set(plain.getvalue())


def test_url_stands_on_a_line_of_its_own(desk: Desk) -> None:
    """Unbroken, without a frame around it: it can be clicked, or copied whole."""
    url = "https://orchard.example.com/" + "path/" * 30
    desk.person.post(question(DONE, STOP, url=url))
    assert f"\n{url}\n" in desk.text()


def test_chinese() -> None:
    """In Chinese everything that the terminal adds is Chinese, and no line is wider than the window."""
    desk = Desk("zh")
    with desk.person:
        desk.person.post(question(DONE, STOP, body="请打开设置页面，" * 12))
        desk.person.withdraw("q1")
        desk.person.post(question(typed=True, hidden=True, name="q2"))
    text = desk.text()
    assert "请按键" in text
    assert "已检测到" in text
    assert "不会显示" in text
    assert all(cells(line) <= 80 for line in text.splitlines())
    desk.close()


def test_enter_goes_on(desk: Desk) -> None:
    """Where the person only watches (`--pause`), Enter is the key for "go on"; it answers nothing else."""
    desk.person.post(question(Choice("next", Text("go on", "继续")), STOP))
    desk.type("\n")
    assert desk.answer() == Answer("q1", "next")
    desk.person.post(question(YES, NO, name="q2"))
    desk.type("\n")
    assert desk.answer(5) is None


def test_terminal_is_given_back(desk: Desk) -> None:
    """Line editing and echo are back after the block, and within it for a prompt that reads a line."""
    assert not desk.modes() & (termios.ECHO | termios.ICANON)
    with line_input(desk._in):
        assert desk.modes() & termios.ECHO
        assert desk.modes() & termios.ICANON
    assert not desk.modes() & termios.ICANON
    desk.person.__exit__(None, None, None)
    assert desk.modes() & termios.ECHO
    assert desk.modes() & termios.ICANON
    assert desk.seen().endswith("\x1b[?2004l")
    with pytest.raises(RuntimeError), raw_keys(desk._in):
        raise RuntimeError
    assert desk.modes() & termios.ICANON


def test_terminal_that_goes_away() -> None:
    """The window was closed: the run is stopped like by Ctrl-C, it does not spin for ever."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "r", encoding="utf-8") as stream:
        person = TerminalPerson("en", Console(file=StringIO(), width=80), stream)
        person.post(question(YES, NO))
        os.close(master)
        with pytest.raises(KeyboardInterrupt):
            person.poll()


def test_characters_in_pieces() -> None:
    """UTF-8 that arrives byte by byte, and sequences that do."""
    read, write = os.pipe()
    stream: TextIO = os.fdopen(read, "r", encoding="utf-8")
    keyboard = Keyboard(stream)
    got: list[Typed] = []
    for byte in "é验\x1b[Ad".encode():
        os.write(write, bytes([byte]))
        got += keyboard.typed()
    assert [t.text for t in got] == ["é", "验", "d"]
    os.close(write)
    stream.close()


@given(st.lists(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), unique=True, max_size=20))
def test_keys_are_unique(names: list[str]) -> None:
    """Every choice has exactly one key, and no key two choices; "stop" is s whatever else is offered."""
    keys = assign_keys(names)
    assert sorted(keys.values()) == sorted(names)
    assert all(len(k) == 1 and k.isalnum() for k in keys)
    if "stop" in names:
        assert keys["s"] == "stop"


def test_stop_is_never_skip() -> None:
    assert assign_keys(["done", "skip", "again", "stop"]) == {"s": "stop", "d": "done", "k": "skip", "a": "again"}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=200), st.integers(2, 90))
def test_wrap_fits_and_loses_nothing(text: str, width: int) -> None:
    """No line is wider than asked (one wide character aside), and only white space is dropped."""
    lines = wrap(text, width)
    assert all(cells(line) <= max(width, 2) for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wrap_keeps_punctuation_with_its_word() -> None:
    assert wrap("退出码：零，全部完成。好", 12) == ["退出码：零，", "全部完成。好"]
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("a\nb", 8) == ["a", "b"]


def test_plain_person_says_stop() -> None:
    """Without a terminal the question is shown once and answered with "stop"; the language is the person's."""
    out = StringIO()
    person = PlainPerson("zh", out)
    person.post(question(DONE, STOP, url="https://orchard.example.com/"))
    assert person.poll() == Answer("q1", "stop")
    assert person.poll() is None
    person.post(question(DONE, STOP))
    person.withdraw("q1")
    assert person.poll() is None
    person.tell(Notice(NoteKind.DONE, Text("done", "完成"), "orchard"))
    assert out.getvalue().splitlines()[0] == "? orchard: Do it: Open the page. https://orchard.example.com/"
    assert out.getvalue().splitlines()[-1] == "done: orchard: 完成"


def test_choices_stand_side_by_side_as_far_as_they_fit(desk: Desk) -> None:
    """Four short ones take one line; where the screen is narrow none is cut, and each keeps its key beside its words."""
    desk.person.post(question(DONE, SKIP, AGAIN, STOP))
    assert "  [d] done it  [k] skip it  [a] again it  [s] stop it\n" in desk.text()
    desk.resize(30)
    desk.person.post(question(DONE, SKIP, AGAIN, STOP, name="q2"))
    shown = desk.text().rpartition("Press a key:")[2].strip("\n").split("\n")
    assert shown == ["  [d] done it  [k] skip it", "  [a] again it  [s] stop it"]
    desk.type("k")
    assert desk.answer() == Answer("q2", "skip")


def test_a_step_says_which_of_how_many_it_is(desk: Desk) -> None:
    """The number stands on the frame; a question about no step has none."""
    desk.person.post(replace(question(DONE, STOP), place=(3, 10)))
    assert re.search(r"╰─+ 3/10 ─╯", desk.text())
    desk.person.post(question(DONE, STOP, name="q2"))
    assert desk.text().rpartition("╭")[2].count("/") == 0
