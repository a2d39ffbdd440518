"""How long `migrate --help` and `migrate status` (100 accounts) take to start, against `python -c pass` in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _table import interleaved, show

from readdress.models import Slot, Verdict
from readdress.models.events import account_added, slot_verdict
from readdress.workflow.migration import Migration

# The command as it is installed: that is what a person starts.
MIGRATE = str(Path(sys.executable).parent / "migrate")
ROUNDS = int(os.environ.get("ROUNDS", "15"))


def timed(*command: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["READDRESS_HOME"] = folder
        state = Path(folder, "bench.readdress")
        with Migration.create("ann@old.example", "ann@new.example", state=state) as m:
            for n in range(100):
                m.record(
                    account_added(f"a{n}", "github", login=f"ann{n}", slots=[Slot.SIGN_IN]),
                    slot_verdict(f"a{n}", Slot.SIGN_IN, Verdict.STARTED),
                )
        work = {
            "python -c pass": lambda: timed(sys.executable, "-c", "pass"),
            "migrate --help": lambda: timed(MIGRATE, "--help"),
            "migrate status (100 accounts)": lambda: timed(MIGRATE, "status", "--state", str(state)),
            "migrate status --json": lambda: timed(MIGRATE, "status", "--json", "--state", str(state)),
        }
        bounds = {"migrate --help": 6, "migrate status (100 accounts)": 12, "migrate status --json": 12}
        show("Start-up, medians", interleaved(work, ROUNDS), "python -c pass", bounds)


if __name__ == "__main__":
    main()
