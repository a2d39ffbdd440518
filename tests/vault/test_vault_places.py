"""Where a secret comes from: keyring, the person, the environment, a command; and that it is shown nowhere."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import pytest

from readdress.errors import ConfigError, ReaddressError, VaultError
from readdress.vault import OnceAsked, TokenSource, places, secret_from

SECRET = "s3cret-of-the-test"


class Memory:
    """A vault in memory."""

    def __init__(self, **kept: str) -> None:
        self.kept = kept

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def set(self, name: str, secret: str) -> None:
        self.kept[name] = secret

    def forget(self, name: str) -> None:
        self.kept.pop(name, None)


def python(code: str) -> str:
    """A command that runs Python code."""
    return "command:" + shlex.join([sys.executable, "-c", code])


def test_each_place_gives_its_secret() -> None:
    """Keyring, question, environment and command, each where the setting names it."""
    assert secret_from("keyring", name="old", vault=Memory(old=SECRET)) == SECRET
    assert secret_from("ask", name="old", ask=lambda name: SECRET if name == "old" else None) == SECRET
    assert secret_from("env:PASS", name="old", environ={"PASS": SECRET}) == SECRET
    assert secret_from(python(f"print('{SECRET}'); print('second line')"), name="old") == SECRET


def test_the_environment_is_the_process_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a given mapping the real environment is read."""
    monkeypatch.setenv("READDRESS_TEST_SECRET", SECRET)
    assert secret_from("env:READDRESS_TEST_SECRET", name="old") == SECRET


@pytest.mark.parametrize(
    "place",
    [
        "keyring",
        "ask",
        "env:NOT_THERE",
        python("pass"),
        python("import sys; sys.exit(3)"),
        "command:/no/such/program x",
    ],
)
def test_a_missing_secret_is_a_vault_error(place: str) -> None:
    """Nothing there, nobody to ask, a command that fails: said with what to do, and no traceback."""
    with pytest.raises(VaultError) as caught:
        secret_from(place, name="old", vault=Memory(), ask=lambda name: None, environ={})
    assert caught.value.todo


@pytest.mark.parametrize(
    "place", ["", "plain:pw", "env:", "command:", "command: ", "keyring:x", "ask:x", 'command:"open']
)
def test_another_place_is_refused(place: str) -> None:
    """A setting that names no place is refused; above all a secret typed into the setting itself is not repeated."""
    with pytest.raises((ConfigError, VaultError)) as caught:
        secret_from(place, name="old")
    assert isinstance(caught.value, ConfigError)


def test_a_secret_in_the_setting_is_not_repeated() -> None:
    """Someone writes the password where the place belongs: the error must not show it."""
    with pytest.raises(ConfigError) as caught:
        secret_from(SECRET, name="old")
    assert SECRET not in str(caught.value) + caught.value.todo


def test_a_command_gets_no_shell(tmp_path: Path) -> None:
    """Shell signs are ordinary arguments."""
    trap = tmp_path / "made-by-a-shell"
    place = python("import sys; print(sys.argv[1:])") + f" ; touch {trap} && $(id)"
    assert secret_from(place, name="old") == str([";", "touch", str(trap), "&&", "$(id)"])
    assert not trap.exists()


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password manager that waits for something is not waited for without end; what it printed is not shown."""
    monkeypatch.setattr(places, "COMMAND_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(VaultError) as caught:
        secret_from(python(f"import time; print('{SECRET}', flush=True); time.sleep(20)"), name="old")
    assert time.monotonic() - began < 5
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_failing_command_shows_nothing() -> None:
    """Neither its output nor its arguments, which may hold secrets, are repeated."""
    with pytest.raises(ReaddressError) as caught:
        secret_from(python(f"import sys; print('{SECRET}'); sys.exit('{SECRET}')"), name="old")
    assert SECRET not in str(caught.value) + caught.value.todo


def test_asked_once_a_run() -> None:
    """The person is asked once; a wrong answer can be forgotten; a refusal is asked again; repr shows no answer."""
    asked: list[str] = []
    answers = iter([None, SECRET, "other"])

    def ask(name: str) -> str | None:
        asked.append(name)
        return next(answers)

    once = OnceAsked(ask)
    with pytest.raises(VaultError):
        secret_from("ask", name="old", ask=once)
    assert secret_from("ask", name="old", ask=once) == SECRET
    assert secret_from("ask", name="old", ask=once) == SECRET
    assert SECRET not in repr(once)
    once.forget("old")
    assert secret_from("ask", name="old", ask=once) == "other"
    assert asked == ["old"] * 3


def test_token_source_is_a_seam() -> None:
    """Anything with ``token()`` is a token source; a password is none."""

    class Source:
        def token(self) -> str:
            return "t"

    assert isinstance(Source(), TokenSource)
    assert not isinstance(SECRET, TokenSource)
