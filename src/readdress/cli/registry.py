"""Which module holds which command: one is imported when it is used, and the list of all is drawn from this table alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import click

# command → (module of readdress.cli, attribute, its help's first line)
PLACES: dict[str, tuple[str, str, str]] = {
    "practice": ("practising", "practice", "Rehearse a whole migration; nothing of yours is touched."),
    "init": ("moving", "init", "Start a migration from one address to another."),
    "resume": ("moving", "resume", "Go on with whatever is unfinished."),
    "mailbox": ("mailboxes", "mailbox", "How to reach the old and the new mailbox."),
    "secret": ("mailboxes", "secret", "Passwords of accounts, kept in the system's keyring."),
    "discover": ("discovering", "discover", "Find the accounts bound to the old address."),
    "accounts": ("discovering", "accounts", "Show the inventory, and why each account is believed."),
    "add": ("discovering", "add", "Note an account that no source shows."),
    "backup": ("backing", "backup", "Save a whole mailbox in a folder, while it still lives."),
    "remember": ("remembering", "remember", "Note accounts from memory."),
    "catalogue": ("catalogue", "catalogue", "What is known of services that have no recipe."),
    "have": ("holding", "have", "Say what you still hold: phone, passwords, devices."),
    "old": ("planning", "old", "Say what is left of the old mailbox."),
    "provider": ("planning", "provider", "Say whether signing in through a service still works."),
    "plan": ("planning", "plan", "The order in which nothing is lost, and why."),
    "risk": ("planning", "risk", "What would be lost now, and the one act that saves each."),
    "next": ("planning", "next_", "The one thing to do now, with its command."),
    "watch": ("watching", "watch", "Watch both mailboxes for mail of the accounts that were moved."),
    "people": ("people", "people", "Show whom to tell of the new address."),
    "note": ("noting", "note", "Note what happened, with its date and what shows it."),
    "dossier": ("dossiering", "dossier", "Write the document that goes with an appeal or a complaint."),
    "undo": ("routing", "undo", "Take the change at one service back."),
    "route": ("routing", "route", "Go one way of a recipe: save what is in an account, recover it, appeal."),
    "status": ("reading", "status", "Where every account stands, and what waits for whom or for when."),
    "check": ("reading", "check", "Verify the state file."),
    "export": ("reading", "export", "Give the whole state as one JSON document."),
    "log": ("reading", "log", "Show the event log."),
    "recipes": ("recipes", "recipes", "What is known of each service, and how its address is changed."),
    "doctor": ("diagnosing", "doctor", "Look at browser, keyring, mailboxes, state file and recipes."),
}


class Commands(Mapping[str, click.Command]):
    """All commands by name, each imported when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        module, attribute, _ = PLACES[name]
        found: click.Command = getattr(import_module(f"readdress.cli.{module}"), attribute)
        return found

    def __contains__(self, name: object) -> bool:
        return name in PLACES

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)


class LateGroup(click.Group):
    """The root: knows the names and first lines of its commands without importing them."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.commands = Commands()  # type: ignore[assignment]  # click only looks names up and lists them

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, in the person's language."""
        from readdress.cli.options import Settings
        from readdress.cli.wording import localise

        found = super().get_command(ctx, cmd_name)
        settings = ctx.find_object(Settings)
        if found is not None and settings is not None:
            localise(found, settings.lang, cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands with one line each."""
        from readdress.cli.options import Settings

        settings = ctx.find_object(Settings)
        lines = {name: line for name, (_, _, line) in PLACES.items()}
        if settings is not None and settings.lang == "zh":
            from readdress.cli import chinese

            lines |= {name: chinese.COMMANDS[name][0] for name in lines if name in chinese.COMMANDS}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(lines.items()))
