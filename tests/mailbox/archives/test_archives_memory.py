"""Memory of the readers: bounded, whatever the size and the content of the archive."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from archive_samples import SEPARATOR, mail, zipped

_MIB = 60
_READ = """
import re, sys
from readdress.mailbox.archives import read_archive
messages = sum(batch.messages for batch in read_archive(sys.argv[1]))
# not ru_maxrss: a new process inherits its parent's
print(messages, int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


def peak(path: Path) -> tuple[int, int]:
    """Messages found by a process of its own, and the most MiB that it held (resident)."""
    done = subprocess.run([sys.executable, "-c", _READ, str(path)], capture_output=True, encoding="utf-8", check=True)
    messages, mib = map(int, done.stdout.split())
    return messages, mib


def large(path: Path, one: bytes, count: int) -> Path:
    """An mbox with ``count`` times the same message."""
    piece = (SEPARATOR + one + b"\n") * 100
    with path.open("wb") as file:
        for _ in range(count // 100):
            file.write(piece)
    return path


@pytest.mark.parametrize(
    ("one", "count"),
    [
        (mail(1, b"a line of an ordinary body\n" * 1000), 8000),  # 216 MB
        (mail(1, more=b"".join(b"X-%d: %s\n" % (n, b"y" * 60) for n in range(1000))), 2000),  # all header: 140 MB
        (b"A: b\n\n", 600_000),  # tiny messages: 36 MB
        (b"A: b\n\n" + b"From " * 5000 + b"\n", 2000),
    ],
    ids=["ordinary", "headers", "tiny", "froms"],
)
def test_an_mbox_of_any_kind_takes_at_most_60_mib(tmp_path: Path, one: bytes, count: int) -> None:
    """Not mapped, not loaded: also where everything is header, or messages are tiny."""
    messages, mib = peak(large(tmp_path / "m.mbox", one, count))
    assert messages == count
    assert mib <= _MIB


def test_packed_archives_take_at_most_60_mib(tmp_path: Path) -> None:
    """A gzip file and a zip file of 200 MB, a zip file of 20,000 messages."""
    path = large(tmp_path / "m.mbox", mail(1, b"a line of an ordinary body\n" * 1000), 8000)
    octets = path.read_bytes()
    (tmp_path / "m.gz").write_bytes(gzip.compress(octets, 1))
    messages, mib = peak(tmp_path / "m.gz")
    assert messages == 8000
    assert mib <= _MIB
    many = zipped(tmp_path / "many.zip", [(f"{n}.eml", mail(n)) for n in range(20_000)])
    messages, mib = peak(many)
    assert messages == 20_000
    assert mib <= _MIB
