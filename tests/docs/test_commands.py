"""The command line and its documentation say the same."""

from __future__ import annotations

import re

import click
import pytest
from docs_pages import PAGES, ROOT, commands, name

from readdress.cli.app import migrate

NAMED = (click.MissingParameter, click.BadOptionUsage, click.exceptions.NoArgsIsHelpError)
REFERENCE = ROOT / "docs" / "reference" / "commands.md"


def every_command(command=migrate, path="migrate"):
    """All commands with their whole names."""
    yield path, command
    if isinstance(command, click.Group):
        for sub in command.commands.values():
            yield from every_command(sub, f"{path} {sub.name}")


def part_of(path: str) -> str:
    """What the reference says under a command's heading."""
    text = REFERENCE.read_text("utf-8")
    found = re.search(rf"^## {re.escape(path)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{path} is not in the reference"
    return found[1]


@pytest.mark.parametrize(
    ("path", "command"), list(every_command()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_command_is_documented(path, command):
    """Every command has a heading, and under it (or among those of every command) each of its options."""
    own, common = part_of(path), part_of("Options of every command")
    for param in command.params:
        for option in param.opts if isinstance(param, click.Option) else ():
            assert re.search(rf"`[^`]*{re.escape(option)}[ `,]", own + common), f"{path} {option}"


def parse(args: list[str], command=migrate, name="migrate", parent=None) -> None:
    """Have click read a command line without running it. Raises :class:`click.UsageError`."""
    context = command.make_context(name, list(args), parent=parent)
    rest = [*context._protected_args, *context.args]
    if isinstance(command, click.Group) and rest:
        found, sub, after = command.resolve_command(context, rest)
        parse(after, sub, found, context)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The folders that the pages' examples name; some options want them to be there."""
    for path in (
        "my-recipes/orchard",
        "recipes/ID",
        "FOLDER",
        "DIR",
        "~/Maildir",
        "~/old-mail",
    ):  # a shell would put a folder for ~
        (tmp_path / path).mkdir(parents=True)
    for path in ("export.mbox", "takeout.mbox.gz", "export.zip", "export.csv", "old-mail.mbox"):
        (tmp_path / path).touch()
    monkeypatch.chdir(tmp_path)


def test_shown_commands_parse(folders):
    """A command on a page that click would refuse is a page that lies; none is run here."""
    wrong, seen = [], 0
    for where, args, whole in commands():
        seen += 1
        try:
            parse(args)
        except click.exceptions.Exit:
            continue
        except NAMED as error:
            if whole:  # in a sentence, "migrate mailbox add" is the command's name
                wrong.append(f"{where}: migrate {' '.join(args)}: {error.format_message()}")
        except click.UsageError as error:
            wrong.append(f"{where}: migrate {' '.join(args)}: {error.format_message()}")
    assert wrong == []
    assert seen > 40


def test_parser_can_refuse(folders):
    """The check above is able to fail."""
    for args in (
        ["--nonsense"],
        ["status", "--nonsense"],
        ["nonsense"],
        ["mailbox", "add"],
        ["mailbox", "add", "both"],
    ):
        with pytest.raises(click.UsageError):
            parse(args)


def test_messages_name_commands_that_exist(folders):
    """The code's own sentences say what to do next: a command in backticks there must exist, with its options."""
    wrong = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for shown in re.findall(r"`(migrate(?: [^`{}…\"\n]+)?)`", path.read_text("utf-8")):
            words = [w for w in shown.split()[1:] if w != "…"]
            if any("…" in w or "." in w for w in words):
                continue
            try:
                parse(words)
            except click.exceptions.Exit:
                continue
            except (*NAMED, click.BadParameter):
                continue  # "migrate mailbox add" names a command, not a whole line
            except click.UsageError as error:
                wrong.append(f"{name(path)}: {shown}: {error.format_message()}")
    assert wrong == []


@pytest.mark.parametrize("missing", ["run", "verify", "report"])
def test_what_is_said_to_be_missing_is_missing(missing):
    """Words of the design that are no commands: where one becomes one, the pages have to follow."""
    assert missing not in migrate.commands
    assert all(f"migrate {missing}" not in page.read_text("utf-8") for page in PAGES)
