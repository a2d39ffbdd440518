"""The examples are run as a person runs them: each a process of its own, against real servers and a real browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

EXPECTED = {
    # what must stand in the output, as regular expressions, in this order
    "one_service": [r"^needs_time, read_back: ", r"email='lin\.new@post\.practice\.test', verified=True, primary=True"],
    "resume": [
        r"^1\. needs_\w+, ",
        r"^2\. needs_time, read_back: ",
        r"^3\. done, read_back: ",
        r"email_added: 1$",
        r"email_confirmed: 1$",
        r"primary_changed: 1$",
        r"email_removed: 1$",
    ],
    "own_person": [
        r"^\[secret\] ",
        r"^\[hand_over\] ",
        r"^\[consent\] ",
        r"^\[sender\] ",
        r"^done, read_back: ",
        r"^Agreed to: replace",
    ],
    "own_recipe": [r"^lint: nothing to mend$", r"^done, read_back: ", r"^the replica holds: ann@new\.example\.org$"],
}


def test_every_example_is_run():
    """A new file in examples/ must get its line above; files that begin with _ are no examples."""
    assert {path.stem for path in EXAMPLES.glob("[!_]*.py")} == set(EXPECTED)


@pytest.mark.e2e
@pytest.mark.timeout(420)  # half a minute on an idle machine; ten times that when everything runs at once
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_example(name, tmp_path):
    """It ends well, says what it is there to show, and leaves nothing in the person's data folder."""
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py")],
        cwd=tmp_path,
        env=os.environ | {"READDRESS_HOME": str(home), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    at = 0
    for pattern in EXPECTED[name]:
        found = re.compile(pattern, re.MULTILINE).search(done.stdout, at)
        assert found, f"{pattern!r} is missing (in this order) in:\n{done.stdout}"
        at = found.end()
    assert not home.exists()
