"""Fetches a secret from the place that a setting names: the keyring, the person, the environment, or a command."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping

from readdress.errors import ConfigError, VaultError
from readdress.ports import Secrets

COMMAND_SECONDS = 30.0
_PLACES = "keyring, ask, env:NAME or command:CMD"


class OnceAsked:
    """Asks the person for a secret once a run and keeps the answer in memory only.

    ``ask`` gets the secret's name and returns it, or ``None`` when the person declines.
    """

    def __init__(self, ask: Callable[[str], str | None]) -> None:
        self._ask = ask
        self._answers: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<OnceAsked, {len(self._answers)} answered>"

    def __call__(self, name: str) -> str | None:
        """The secret called ``name``."""
        if name not in self._answers:
            answer = self._ask(name)
            if not answer:
                return None
            self._answers[name] = answer
        return self._answers[name]

    def forget(self, name: str) -> None:
        """Ask again next time: it was wrong."""
        self._answers.pop(name, None)


def secret_from(
    place: str,
    *,
    name: str,
    vault: Secrets | None = None,
    ask: Callable[[str], str | None] | None = None,
    environ: Mapping[str, str] | None = None,
) -> str:
    """The secret called ``name`` (``mailbox.old``) from ``place``, as :attr:`~readdress.models.MailboxConfig.secret` writes it.

    ``keyring`` reads ``vault``; ``ask`` calls ``ask`` (give an :class:`OnceAsked`); ``env:NAME`` reads the environment;
    ``command:CMD`` runs CMD without a shell for at most 30 s and takes the first line that it prints.
    Raises :class:`~readdress.errors.VaultError` when there is none, :class:`~readdress.errors.ConfigError` for another place.
    """
    kind, _, rest = place.partition(":")
    if kind == "keyring" and not rest:
        secret = vault.get(name) if vault else None
        missing = "is not in the keyring"
    elif kind == "ask" and not rest:
        secret = ask(name) if ask else None
        missing = "was not given"
    elif kind == "env" and rest:
        secret = (os.environ if environ is None else environ).get(rest)
        missing = f"is not in the environment variable {rest}"
    elif kind == "command" and rest.strip():
        secret = _run(rest)
        missing = "was not printed by its command"
    else:
        # not repeated: it may be the secret itself, written where its place belongs
        raise ConfigError("The setting names no place for a secret.", todo=f"Use one of: {_PLACES}.")
    if not secret:
        raise VaultError(
            f"The secret {name!r} {missing}.",
            todo=f"Store it again with `migrate mailbox add`, from {_PLACES}.",
        )
    return secret


def _run(command: str) -> str:
    todo = "Run the command yourself; it must print the secret as its first line."
    try:
        argv = shlex.split(command)
    except ValueError:
        raise ConfigError("The command for the secret has an open quote.", todo=todo) from None
    program = argv[0] if argv else ""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        # not chained: the exception holds what was printed so far
        raise VaultError(f"{program!r} printed no secret within {COMMAND_SECONDS:.0f} s.", todo=todo) from None
    except (OSError, ValueError) as error:
        raise VaultError(f"{program!r} cannot be run ({type(error).__name__}).", todo=todo) from None
    if done.returncode != 0:
        raise VaultError(f"{program!r} failed with status {done.returncode}.", todo=todo)
    line = done.stdout.split(b"\n", 1)[0].removesuffix(b"\r")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise VaultError(f"What {program!r} printed is no UTF-8 text.", todo=todo) from None
