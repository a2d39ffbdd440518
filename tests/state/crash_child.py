"""Records without end and reports each commit on a pipe, until it is killed: python crash_child.py FILE MARKERS."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from readdress.models import Mark, Slot, StepStatus, Verdict
from readdress.models import events as ev
from readdress.state import StateFile


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return 0.0


def main() -> None:
    with StateFile.open(sys.argv[1], clock=RealClock(), markers=Path(sys.argv[2])) as state:
        os.write(1, f"open {state.copy_status}\n".encode())
        number = state.header().serial
        while True:
            account = f"a{number}"
            marks = [Mark("INBOX", 1, number), Mark("Junk", 1, number)]
            for drafts in (
                [ev.account_added(account, "s", slots=[Slot.SIGN_IN])],
                [ev.step_armed(account, "r", "x", attempt=1, marks=marks)],
                [
                    ev.step_ended(account, "r", "x", StepStatus.DONE, attempt=1),
                    ev.slot_verdict(account, Slot.SIGN_IN, Verdict.READ_BACK),
                    ev.note("z" * 5000),
                ],
            ):
                number = state.record(*drafts)
                os.write(1, f"{number}\n".encode())


if __name__ == "__main__":
    main()
