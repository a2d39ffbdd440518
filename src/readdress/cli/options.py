"""What every command shares: where the state file is, the language, and how a migration is opened."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from pathlib import Path

    from readdress.workflow.adapters import Adapters
    from readdress.workflow.migration import Migration

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(slots=True)
class Settings:
    """The options that stand before or after a command alike. ``adapters`` is given by programs that call :func:`app.run`."""

    state: Path | None = None
    lang: Literal["en", "zh"] = "en"
    headless: bool = False
    recipes: tuple[Path, ...] = ()
    debug: bool = False
    adapters: Adapters | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def merge(self, **given: Any) -> None:
        """Options after the command win over those before it."""
        for name, value in given.items():
            if value not in (None, False, ()):
                setattr(self, name, value)


class LatePath(click.Path):
    """A path that becomes a :class:`pathlib.Path` when one is given: help needs none."""

    def coerce_path_result(self, value: Any) -> Any:
        """The path itself."""
        from pathlib import Path

        return Path(str(super().coerce_path_result(value)))


def common(function: F) -> F:
    """The options that every command takes."""
    options = [
        click.option(
            "--state",
            type=LatePath(),
            metavar="FILE",
            help="The state file. Default: the one in your data folder.",
        ),
        click.option(
            "--lang", type=click.Choice(["en", "zh"]), help="Language of what you read. Default: your system's."
        ),
        click.option(
            "--recipes",
            multiple=True,
            type=LatePath(exists=True, file_okay=False),
            metavar="DIR",
            help="A folder with more recipes. May be repeated.",
        ),
        click.option("--debug", is_flag=True, help="Show tracebacks and a (redacted) log."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def browsing(function: F) -> F:
    """The option of commands that may start the controlled browser."""
    return click.option("--headless", is_flag=True, help="Run the controlled browser without a window.")(function)


def as_json(function: F) -> F:
    """The option of reading commands."""
    return click.option("--json", "json_", is_flag=True, help="Print a JSON document instead of text.")(function)


def settings(**given: Any) -> Settings:
    """The settings of the running command, with what was given after it."""
    found = click.get_current_context().find_object(Settings)
    assert found is not None
    from readdress.i18n.lang import pick_lang

    lang = given.pop("lang", None)
    found.merge(**given)
    if lang:
        found.lang = pick_lang(lang)
    return found


@contextmanager
def migration(s: Settings, *, write: bool) -> Iterator[Migration]:
    """The migration of the state file, with a person at the terminal when there is one and something is written."""
    from readdress.workflow.migration import Migration

    adapters = s.adapters or new_adapters(s)
    s.extra["writing"] = write
    with (
        person_at(s, adapters, write=write),
        Migration.open(s.state, write=write, adapters=adapters, recipes=s.recipes) as found,
    ):
        yield found


def new_adapters(s: Settings) -> Adapters:
    """The real adapters, with this command's options."""
    from readdress.workflow.adapters import Adapters

    s.adapters = Adapters(headless=s.headless, lang=s.lang, ask_secret=hidden_prompt)
    return s.adapters


@contextmanager
def person_at(s: Settings, adapters: Adapters, *, write: bool) -> Iterator[None]:
    """Put the person at the terminal into ``adapters``, unless somebody is there already."""
    if adapters.person is not None or not write:
        yield
    elif sys.stdin.isatty() and sys.stdout.isatty():
        from readdress.console.terminal import TerminalPerson

        with TerminalPerson(s.lang) as person:
            adapters.person = person
            yield
    else:
        from readdress.console.plain import PlainPerson

        adapters.person = PlainPerson(s.lang)
        yield


def hidden_prompt(prompt: str) -> str:
    """Ask for a secret unseen. Raises a usage error where nobody can type."""
    if not sys.stdin.isatty():
        from readdress.errors import UsageError

        raise UsageError(
            "A secret is needed, and there is no terminal to ask for it.",
            todo="Run this in a terminal. For a mailbox there is also: migrate mailbox add --secret env:NAME or command:CMD.",
        )
    from readdress.console.keys import line_input

    with line_input(sys.stdin):
        try:
            return str(click.prompt(prompt, hide_input=True, default="", show_default=False))
        except click.Abort:  # an Exception to whoever called, who would take it for a fault of its own
            raise KeyboardInterrupt from None


@contextmanager
def as_usage() -> Iterator[None]:
    """What cannot be read in the block stands on the command line, so it is wrong use (exit code 2)."""
    from readdress.errors import ConfigError, UsageError

    try:
        yield
    except ConfigError as error:
        raise UsageError(error.message, todo=error.todo) from None


def say(en: str, zh: str) -> None:
    """Print a line in the person's language, broken to the width of a terminal."""
    from readdress.console.saying import say as say_it

    found = click.get_current_context().find_object(Settings)
    say_it(zh if found is not None and found.lang == "zh" else en)


def show_json(document: dict[str, Any]) -> None:
    """Print a document for programs."""
    import json

    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
