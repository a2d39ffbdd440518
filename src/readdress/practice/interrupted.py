"""A run of one account that kills itself between an act and its record; the rehearsal starts it as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from readdress.engine.tools import Patience
from readdress.models import Draft, Kind
from readdress.practice.person import RehearsalPerson
from readdress.practice.world import NEW, OLD, key_lookup
from readdress.recipe.schema import Recipe
from readdress.state import StateFile
from readdress.userdata import ENV
from readdress.workflow.adapters import Adapters
from readdress.workflow.migration import Migration


class DyingState:
    """The state file, up to the moment at which the first act that may not be repeated would be recorded as over."""

    def __init__(self, real: StateFile, recipe: Recipe) -> None:
        self._real = real
        self._once = {s.id for r in recipe.route for s in r.step if not s.repeatable}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def record(self, *drafts: Draft) -> int:
        """Commit, or die first."""
        if any(d.kind is Kind.STEP_ENDED and d.data["step"] in self._once for d in drafts):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        return self._real.record(*drafts)


def main() -> None:
    """Read the facts from standard input and run until death."""
    facts = json.loads(sys.stdin.buffer.read())
    os.environ[ENV] = facts["home"]
    smtp = (facts["smtp"][0], int(facts["smtp"][1]))
    sites: dict[str, str] = {}
    person = RehearsalPerson("en", lambda account: sites[account], smtp, NEW, lambda line: None)
    adapters = Adapters(
        person=person,
        lookup=key_lookup(facts["keys"]),
        headless=True,
        ask_secret=lambda prompt: facts["mailboxes"][NEW if NEW in prompt else OLD],
        patience=Patience(mail=60.0, person=60.0),
    )
    from readdress.practice.rehearsal import MemoryVault

    adapters.secrets = MemoryVault()
    with Migration.open(Path(facts["state"]), adapters=adapters) as m:
        account = m.state.account(facts["account"])
        sites[account.id] = facts["sites"][account.site]
        m.state = DyingState(m.state, m.catalogue.recipe(account.service))  # type: ignore[assignment]
        m.run(account)


if __name__ == "__main__":
    main()
