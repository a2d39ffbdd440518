"""Killed at any moment: what was reported as recorded is there, the file is whole, and a copy of it alone opens."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from readdress.state import StateFile

Open = Callable[..., StateFile]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")


def is_hot(path: Path) -> bool:
    """Whether a commit was cut in the middle: a journal whose header stands (sqlite.org/fileformat2.html §3)."""
    journal = path.with_name(path.name + "-journal")
    return journal.exists() and journal.read_bytes()[:8] == b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"


def test_thirty_kills(path: Path, state: StateFile, markers: Path, opened: Open, tmp_path: Path) -> None:
    """A child records in a loop and is killed at a random moment, thirty times over on one file.

    Between two commits the file alone is copied, without its journal, and the copy must be whole. A commit that was cut in the middle is
    rolled back by the next one to open the file, with the journal beside it; then the same holds.
    """
    state.close()
    dice = random.Random()
    cut, reported = 0, 1
    for number in range(30):
        command = [sys.executable, str(Path(__file__).with_name("crash_child.py")), str(path), str(markers)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == b"open same\n", (
                "a killed command never makes its own file look like a copy"
            )
            time.sleep(dice.uniform(0, 0.06))
        finally:
            child.send_signal(signal.SIGKILL)
            lines = child.communicate()[0].splitlines(keepends=True)
        whole = [int(line) for line in lines if line.endswith(b"\n")]
        reported = max([reported, *whole])
        if is_hot(path):
            cut += 1
            with opened(write=False) as healing:
                assert healing.header().serial >= reported
        copy = Path(shutil.copy(path, tmp_path / f"copy{number}"))
        with opened(copy, write=False) as alone:
            assert alone.check() == []
            events = list(alone.events())
            assert len(events) == events[-1].seq >= reported
        copy.unlink()
    assert reported > 30, "the children recorded something"
    print(f"{reported} events, {cut} of 30 kills in the middle of a commit")
    with opened() as after:
        assert after.copy_status == "same" and after.check() == []
    assert [f.name for f in path.parent.iterdir()] == [path.name]


def test_readers_beside_a_writer_see_whole_commits(path: Path, state: StateFile, markers: Path, opened: Open) -> None:
    """Readers in a loop while another process commits as fast as it can: no error, no half commit, and the writer gets on."""
    state.close()
    command = [sys.executable, str(Path(__file__).with_name("crash_child.py")), str(path), str(markers)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    seen = []
    try:
        assert child.stdout.readline() == b"open same\n"
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            with opened(write=False) as reader:
                document = reader.export()
            seen.append(document["migration"]["serial"])
            assert len(document["events"]) == seen[-1]
            for account in document["accounts"]:
                done = [s["status"] for s in account["steps"]] == ["done"]
                assert done == (account["slots"][0]["verdict"] == "read_back"), "both are of one commit"
    finally:
        child.kill()
        child.communicate()
    print(f"{len(seen)} reads beside {seen[-1]} commits")
    assert len(seen) > 5 and seen == sorted(seen) and seen[-1] > seen[0] + 20
