"""The world that the examples run in: the rehearsal's mail server and sites, all on this machine.

A program of your own does not need this file: leave ``adapters`` out, and a migration uses the real mailboxes, the real
browser and the system's keyring.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from readdress import Adapters, CallbackPerson, Patience, Question
from readdress.practice.rehearsal import MemoryVault
from readdress.practice.world import NEW, OLD, world
from readdress.testing.clock import ShiftingClock


@contextmanager
def practice() -> Iterator[SimpleNamespace]:
    """Start the world in a temporary folder; yields its addresses, mailboxes, sites, and adapters that lead there."""
    with tempfile.TemporaryDirectory(prefix="readdress-example-") as name, world(Path(name)) as w:
        os.environ["READDRESS_HOME"] = name  # nothing of yours is read or written
        clock = ShiftingClock()
        adapters = Adapters(
            person=CallbackPerson(agree, lambda notice: print("  ", notice.text.en)),
            clock=clock,
            lookup=w.server.keys,
            secrets=MemoryVault(),
            ask_secret=lambda prompt: w.passwords[NEW if NEW in prompt else OLD],
            headless=True,
            patience=Patience(mail=60, person=60),
        )
        yield SimpleNamespace(
            old=OLD,
            new=NEW,
            adapters=adapters,
            clock=clock,
            state=Path(name) / "me.readdress",
            mailbox=w.mailbox,
            send=lambda to: w.server.append(to, f"From: {OLD}\r\nTo: {to}\r\nSubject: hello\r\n\r\nhello\r\n".encode()),
            sites={site.id: site for site in w.sites},
        )


def agree(question: Question) -> str:
    """A person who says yes to whatever can be answered with yes, and stops at everything else."""
    keys = [choice.key for choice in question.choices]
    return "yes" if "yes" in keys else "stop"
