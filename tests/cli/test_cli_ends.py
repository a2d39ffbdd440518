"""How a command ends when it is interrupted, when its reader goes away, and when something breaks that nobody thought of."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from readdress.models import MailboxConfig, Side
from readdress.models.events import mailbox_set, note


def _waiting(migrate: Any) -> tuple[Path, Any]:
    """A move on a terminal that stands before a question."""
    path = migrate.init(mailbox_set(Side.NEW, MailboxConfig("ann@example.net", kind="none")))
    screen = migrate.screen("--recipes", migrate.recipe(), "--service", "orchard", "--account", "ann")
    screen.until("I did it")
    return path, screen


@pytest.mark.parametrize("how", ["ctrl-c", "sigint", "sigterm", "sighup"])
def test_stopped_in_the_middle_of_a_wait(migrate: Any, how: str) -> None:
    """Ctrl-C, a signal, a closed window: exit 3, how to go on, a sound state file, no lock left, the terminal as it was."""
    import termios

    path, screen = _waiting(migrate)
    if how == "ctrl-c":
        screen.type("\x03")
    else:
        screen.process.send_signal({"sigint": signal.SIGINT, "sigterm": signal.SIGTERM, "sighup": signal.SIGHUP}[how])
    assert screen.end() == 3, screen.text
    assert "Everything that was done is written down." in screen.text
    assert "→ Go on with: migrate resume" in screen.text
    assert "Traceback" not in screen.text
    assert screen.raw.count(b"\x1b[?2004h") == screen.raw.count(b"\x1b[?2004l") == 1
    assert termios.tcgetattr(screen._master)[3] & (termios.ECHO | termios.ICANON) == termios.ECHO | termios.ICANON
    assert migrate("check").code == 0
    assert not list(path.parent.glob("*.lock"))
    assert len(migrate("status", "--json").json["accounts"]) == 1
    again = migrate("--recipes", "recipes", "resume")
    assert again.code == 3


def test_killed_in_the_middle_of_a_wait(migrate: Any) -> None:
    """Nothing can be said then; the state file is sound, the lock is gone with the process, resume goes on."""
    path, screen = _waiting(migrate)
    screen.process.kill()
    screen.end()
    assert migrate("check").code == 0
    assert path.with_name(path.name + ".lock").exists()
    assert migrate("--recipes", "recipes", "resume").code == 3
    assert not list(path.parent.glob("*.lock"))


def test_stop_is_an_answer(migrate: Any) -> None:
    """The key for "stop here" ends the run in the same way, as a durable wait."""
    _, screen = _waiting(migrate)
    screen.type("s")
    assert screen.end() == 3
    assert "stop here, go on later" in screen.text
    assert migrate("status", "--json").json["accounts"][0]["wait"]["for"] == "person"


def test_a_whole_move_by_hand_on_a_terminal(migrate: Any) -> None:
    """The keys that the screen names do what it says; the person's word alone is "you said so" and not "moved"."""
    _, screen = _waiting(migrate)
    assert "https://orchard.example.com/settings" in screen.text
    assert "[d] I did it" in screen.text
    screen.type("d")
    code = screen.end(120) if not _asks_again(screen) else None
    assert code in {0, 3}, screen.text
    account = migrate("status", "--json").json["accounts"][0]
    assert account["verdict"] == "claimed"
    assert not account["finished"]


def test_window_is_resized(migrate: Any) -> None:
    """What is drawn after the window was made narrower fits into it."""
    from readdress.i18n.wrap import cells

    _, screen = _waiting(migrate)
    screen.resize(40)
    before = len(screen.text)
    screen.type("d")
    screen.until("Look whether")
    screen.type("s")
    screen.end()
    after = screen.text[before:]
    assert "│" in after
    assert all(cells(line) <= 40 for line in after.splitlines() if line.startswith(("╭", "│", "╰"))), after


def _asks_again(screen: Any) -> bool:
    """Answer whatever is asked after the first question with its first key, until the command ends."""
    for _ in range(5):
        seen = screen.text.count("Press a key:")
        end = time.monotonic() + 20
        while screen.text.count("Press a key:") == seen:
            if not screen._more(min(end, time.monotonic() + 20)):
                return False
        screen.type("d")
    return True


def test_interrupted_reading_needs_no_resume(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], migrate: Any
) -> None:
    """Whoever stops `status` has nothing to go on with."""
    from readdress.cli.app import run
    from readdress.workflow.migration import Migration

    migrate.init()
    monkeypatch.setenv("READDRESS_HOME", str(migrate.home))

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Migration, "status", interrupt)
    assert run(["status"]) == 3
    err = capsys.readouterr().err
    assert "Stopped." in err
    assert "resume" not in err


def test_unexpected_exception(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], migrate: Any
) -> None:
    """A bug of ours: its kind and what to do, exit 1; the traceback only with --debug, and its words (an address) never without."""
    from readdress.cli.app import run
    from readdress.workflow.migration import Migration

    migrate.init()
    monkeypatch.setenv("READDRESS_HOME", str(migrate.home))

    def broken(_: object) -> None:
        raise ZeroDivisionError("ann@example.com")

    monkeypatch.setattr(Migration, "status", broken)
    assert run(["status"]) == 1
    err = capsys.readouterr().err
    assert "Something went wrong inside readdress (ZeroDivisionError)." in err
    assert "→ Run the same command with --debug" in err
    assert "Traceback" not in err
    assert "ann@" not in err
    assert run(["--lang", "zh", "status"]) == 1
    assert "内部出错（ZeroDivisionError）" in capsys.readouterr().err
    assert run(["status", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_debug_shows_the_traceback(migrate: Any) -> None:
    """With --debug, before or after the command, also errors that are explained come with where they came from."""
    for argv in (["--debug", "status"], ["status", "--debug"]):
        done = migrate(*argv)
        assert done.code == 1
        assert "Traceback" in done.err
        assert "No migration was started yet." in done.err


@pytest.mark.parametrize("command", ["log", "export", "recipes list", "mailbox presets --json", "--help"])
def test_reader_that_goes_away(migrate: Any, command: str) -> None:
    """`migrate log | head -1`: quiet, also when everything fitted into a buffer that is emptied at the very end."""
    migrate.init(*(note("x" * 200) for _ in range(600)))
    read, write = os.pipe()
    process = subprocess.Popen(
        migrate.argv(*command.split()), stdout=write, stderr=subprocess.PIPE, env=migrate.env, cwd=migrate.folder
    )
    os.close(read)
    os.close(write)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == b""


def test_screen_that_cannot_show_arrows(migrate: Any) -> None:
    """An old terminal's encoding: unknown characters become question marks, not a crash."""
    migrate.init()
    done = subprocess.run(
        migrate.argv("status"),
        capture_output=True,
        env=migrate.env | {"PYTHONIOENCODING": "ascii"},
        timeout=60,
        check=False,
        cwd=migrate.folder,
    )
    assert done.returncode == 0
    assert b"ann@example.com ? ann@example.net" in done.stdout


def test_state_of_the_terminal_while_a_password_is_typed(migrate: Any) -> None:
    """A hidden prompt in the middle of a command that reads single keys: Enter ends it, backspace works, nothing is shown."""
    migrate.init()
    screen = migrate.screen(
        "mailbox", "add", "new", "--host", "127.0.0.1", "--port", "1", "--security", "plain", "--secret", "ask"
    )
    screen.until("password of ann@example.net")
    screen.type("hunter2x\x7f\n")
    assert screen.end() == 1
    assert "Nothing accepts connections" in screen.text
    assert "hunter2" not in screen.text
