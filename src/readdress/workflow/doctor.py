"""The verb ``doctor``: looks at everything a migration needs and names, for each fault, the command that mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from readdress.errors import ReaddressError
from readdress.models import Side
from readdress.workflow.adapters import Adapters

if TYPE_CHECKING:
    from readdress.workflow.migration import Migration


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at. ``fault``: it does not work; ``todo``: what mends it."""

    part: str
    message: str
    fault: bool = False
    todo: str = ""


def examine(
    state: Path | None,
    recipes: Sequence[Path],
    *,
    adapters: Adapters | None = None,
    ask: Callable[[str], str] | None = None,
    offline: bool = False,
) -> list[Diagnosis]:
    """Look at browser, keyring, recipes, state file and mailboxes. Changes nothing; a fault is a row, never an exception."""
    adapters = adapters or Adapters(ask_secret=ask)
    rows = [
        *_guarded("browser", _browser),
        *_guarded("keyring", _keyring),
        *_guarded("recipes", lambda: _recipes(recipes)),
    ]
    return [*rows, *_guarded("state", lambda: _state(state, recipes, adapters, offline=offline))]


def _guarded(part: str, look: Callable[[], Iterator[Diagnosis]]) -> Iterator[Diagnosis]:
    try:
        yield from look()
    except ReaddressError as error:
        yield Diagnosis(part, error.message, fault=True, todo=error.todo)


def _browser() -> Iterator[Diagnosis]:
    from readdress.browser.find import find, version

    path = find()
    yield Diagnosis("browser", f"{version(path) or 'A browser'} at {path}.")


def _keyring() -> Iterator[Diagnosis]:
    from readdress.vault import KeyringVault

    backend = KeyringVault("doctor").backend()
    yield Diagnosis("keyring", f"{type(backend).__module__} protects secrets.")


def _recipes(folders: Sequence[Path]) -> Iterator[Diagnosis]:
    from readdress.recipe.catalogue import Catalogue

    rows = Catalogue(folders).summaries()
    broken = [r for r in rows if r.problem]
    sound = len(rows) - len(broken)
    yield Diagnosis("recipes", "1 recipe is sound." if sound == 1 else f"{sound} recipes are sound.")
    for row in broken:
        yield Diagnosis("recipes", row.problem, fault=True, todo=f"Mend it, then: migrate recipes check {row.id}")


def _state(path: Path | None, recipes: Sequence[Path], adapters: Adapters, *, offline: bool) -> Iterator[Diagnosis]:
    from readdress.workflow.finding import started
    from readdress.workflow.migration import Migration

    if path is None and not started():
        # nothing is wrong yet: it has only not begun
        yield Diagnosis("state", "No migration was started yet.", todo="Start one: migrate init")
        return
    with Migration.open(path, write=False, adapters=adapters, recipes=recipes) as m:
        faults = m.check()
        if not faults:
            yield Diagnosis("state", f"{m.path} is sound ({m.header.serial} entries).")
        for fault in faults:
            yield Diagnosis("state", fault.detail, fault=True, todo=fault.todo)
        for side in Side:
            yield from _guarded(f"{side.value} mailbox", lambda side=side: _mailbox(m, side, offline=offline))  # type: ignore[misc]


def _mailbox(m: Migration, side: Side, *, offline: bool) -> Iterator[Diagnosis]:
    part, config = f"{side.value} mailbox", m.state.mailbox(side)
    if config is None:
        dead = side is Side.OLD and m.header.old_state.value == "dead"
        yield Diagnosis(part, "It is not set up.", fault=not dead, todo=f"migrate mailbox add {side.value}")
        return
    if config.kind == "none":
        yield Diagnosis(part, f"{config.address} is read by you.")
        return
    if offline:
        yield Diagnosis(part, f"{config.login} at {config.host}:{config.port} (not tried).")
        return
    from readdress.mailbox import probe

    result = probe(config, m.session.credential(side, config))
    count = sum(result.messages.values())
    yield Diagnosis(
        part, f"{config.login} at {config.host}: {count} messages in {len(result.watched)} watched folders."
    )
    for name in result.missing:
        yield Diagnosis(
            part,
            f"There is no folder {name!r}.",
            fault=True,
            todo=f"Name the right one: migrate mailbox add {side.value} --folder NAME",
        )
