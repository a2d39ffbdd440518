"""Measures reading a whole mailbox over IMAP, on a real Dovecot: against a raw drain, libraries, a slow line, and its own growth.

    python benchmarks/discover_imap.py [--messages 100000] [--rounds 3] [--only tls cold peers slow idle growth]

The mailbox is made by ``mailbox_make.py`` (3.3 KB of header; bodies are short here, since no body is read). ``ours`` is sign-in, folders, header
fields, classification and tallies; the drain is sign-in and the same fields in one FETCH, thrown away. ``cold``: Dovecot's index and cache files are
deleted before each run. Peers run in processes of their own from their start to the result; imap-tools is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import pwd
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

from _discover_peers import FIELDS  # noqa: E402 - found by the path above
from _slow_line import SlowLine  # noqa: E402 - the same
from _table import load  # noqa: E402 - the same
from mailbox_make import fill_maildir  # noqa: E402 - the same

from tests.programs.dovecot import Dovecot, mailbox_folder  # noqa: E402 - the same

PEERS = Path(__file__).with_name("_discover_peers.py")
PARTS = ("tls", "cold", "peers", "slow", "idle", "growth")
LARGE, SMALL = "large@example.net", "small@example.net"
PLUGIN = "protocol imap {\n  mail_plugins = imap_zlib\n}\n"
ROUND_TRIP = 0.1


class Bench:
    """One server with a large and a small mailbox, and what is measured on it."""

    def __init__(self, server: Dovecot, large: int, small: int, rounds: int) -> None:
        self.server, self.large, self.small, self.rounds = server, large, small, rounds
        self.missed = 0
        self.mib: dict[str, float] = {}

    def fill(self) -> None:
        """Make both mailboxes, and let Dovecot learn them."""
        owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        ids = (owner.pw_uid, owner.pw_gid)
        for user, count in ((LARGE, self.large), (SMALL, self.small)):
            folder = mailbox_folder(self.server, user)
            folder.parent.mkdir(parents=True, exist_ok=True)
            fill_maildir(folder, count, body_size=300, owner=ids)
            os.chown(folder.parent, *ids)
            self.drain(user, count)

    def forget(self, user: str) -> None:
        """Delete what Dovecot remembers of the messages' headers."""
        for path in mailbox_folder(self.server, user).glob("dovecot.index*"):
            path.unlink()

    def drain(self, user: str, count: int, fields: str = FIELDS, port: int = 0) -> float:
        """Seconds of sign-in and one FETCH of ``fields`` over TLS, read and thrown away."""
        begin = time.perf_counter()
        context = ssl.create_default_context(cafile=self.server.ca_file)
        with (
            socket.create_connection(("localhost", port or self.server.tls_port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as sock,
        ):
            room = memoryview(bytearray(65_536))

            def until(mark: bytes) -> None:
                tail = b""
                while mark not in tail:
                    size = sock.recv_into(room)
                    if not size:
                        raise SystemExit("the server ended the connection")
                    tail = tail[-20:] + bytes(room[max(0, size - 2000) : size])  # an OK lists capabilities

            until(b"\n")
            for tag, command in (("d1", f"LOGIN {user} pw"), ("d2", "EXAMINE INBOX")):
                sock.sendall(f"{tag} {command}\r\n".encode())
                until(f"{tag} OK".encode())
            sock.sendall(f"d3 UID FETCH 1:{count} (UID BODY.PEEK[HEADER.FIELDS ({fields})])\r\n".encode())
            until(b"\r\nd3 OK")
        return time.perf_counter() - begin

    def ours(self, user: str, count: int, *more: str, port: int = 0, which: str = "ours") -> tuple[float, float]:
        """Seconds from connecting to the result, and of the whole process."""
        place = [user, "localhost", str(port or self.server.tls_port), self.server.ca_file]
        begin = time.perf_counter()
        run = subprocess.run(
            [sys.executable, str(PEERS), which, *place, *more], capture_output=True, text=True, check=False
        )
        whole = time.perf_counter() - begin
        if run.returncode:
            raise SystemExit(f"{which}: {run.stderr[-2000:]}")
        told = json.loads(run.stdout)
        if told["messages"] != count:
            raise SystemExit(f"{which} counted {told['messages']} of {count} messages")
        self.mib[f"{which} {user}"] = max(self.mib.get(f"{which} {user}", 0.0), told["mib"])
        return told["seconds"], whole

    def line(self, name: str, ratio: float, bound: float, what: str = "", *, least: bool = False) -> None:
        """Print one figure with its bound."""
        good = ratio >= bound if least else ratio <= bound
        self.missed += not good
        sign = "≥" if least else "≤"
        print(
            f"{name:<58} {ratio:8.2f}  (bound {sign} {bound:g})  {'reached' if good else 'MISSED'}  {what}", flush=True
        )

    def compare(
        self, one: Callable[[], float], other: Callable[[], float], rounds: int = 0
    ) -> tuple[float, float, float]:
        """Median ratio of two pieces of work done in turn, and the median seconds of each."""
        pairs = [(one(), other()) for _ in range(rounds or self.rounds)]
        ratio = statistics.median(a / b for a, b in pairs)
        return ratio, statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)

    # -- the figures
    def tls(self) -> None:
        """Over TLS, with a warm cache, and the memory."""
        ratio, a, b = self.compare(lambda: self.ours(LARGE, self.large)[0], lambda: self.drain(LARGE, self.large))
        self.line(f"TLS, {self.large:,} messages, warm: ours / raw drain", ratio, 1.6, f"{a:.2f} s / {b:.2f} s")
        self.line("  memory of the process, MiB", self.mib[f"ours {LARGE}"], 60)

    def cold(self) -> None:
        """Over TLS, with nothing in Dovecot's cache."""

        def fresh(work: Callable[[], float]) -> float:
            self.forget(LARGE)
            return work()

        ratio, a, b = self.compare(
            lambda: fresh(lambda: self.ours(LARGE, self.large)[0]), lambda: fresh(lambda: self.drain(LARGE, self.large))
        )
        self.line(f"TLS, {self.large:,} messages, cold: ours / raw drain", ratio, 1.3, f"{a:.2f} s / {b:.2f} s")
        self.drain(LARGE, self.large)

    def peers(self) -> None:
        """Whole processes, ours and what libraries make easy."""
        peers = [("imapclient", "imapclient + email", 12.0)]
        if importlib.util.find_spec("imap_tools"):
            peers.append(("imap-tools", "imap-tools, headers_only, bulk=500", 10.0))
        else:
            print("imap-tools is not installed (pip install imap-tools), so it is left out")
        for which, name, bound in peers:
            ratio, a, b = self.compare(
                lambda which=which: self.ours(SMALL, self.small, which=which)[1],  # type: ignore[misc]
                lambda: self.ours(SMALL, self.small)[1],
            )
            self.line(
                f"{name} / ours, {self.small:,}, process to result", ratio, bound, f"{a:.2f} s / {b:.2f} s", least=True
            )

    def slow(self) -> None:
        """Over a line of 100 ms and 50 Mbit/s, without and with compression."""
        with SlowLine(self.server.tls_port, round_trip=ROUND_TRIP, bits=50e6) as line:
            ratio, a, b = self.compare(
                lambda: self.ours(LARGE, self.large, port=line.port)[0],
                lambda: self.drain(LARGE, self.large, port=line.port),
                rounds=1,
            )
            self.line("100 ms, 50 Mbit/s: ours / one single FETCH", ratio, 1.15, f"{a:.2f} s / {b:.2f} s")
            full = FIELDS + " DKIM-SIGNATURE"
            ratio, a, b = self.compare(
                lambda: self.ours(LARGE, self.large, "--compression", port=line.port)[0],
                lambda: self.drain(LARGE, self.large, full, port=line.port),
                rounds=1,
            )
            self.line("  with COMPRESS: ours / full-field drain", ratio, 0.3, f"{a:.2f} s / {b:.2f} s")

    def idle(self) -> None:
        """A scan that finds nothing new."""
        from readdress.mailbox.bulk import scan
        from readdress.mailbox.connect import Connection
        from readdress.models import MailboxConfig

        with SlowLine(self.server.tls_port, round_trip=ROUND_TRIP) as line:
            config = MailboxConfig(SMALL, host="localhost", port=line.port, ca_file=self.server.ca_file)
            with Connection(config, "pw") as connection:
                marks = {batch.folder: batch.mark for batch in scan(connection, "imap:old", {})}
                begin = time.perf_counter()
                if list(scan(connection, "imap:old", marks)):
                    raise SystemExit("something was new")
                took = time.perf_counter() - begin
        trips = took / ROUND_TRIP
        self.line("nothing new: round trips a folder", trips / len(marks), 1.0, f"{trips:.1f} for {len(marks)} folders")

    def growth(self) -> None:
        """Time and memory at ten times the messages."""
        ratio, a, b = self.compare(lambda: self.ours(LARGE, self.large)[0], lambda: self.ours(SMALL, self.small)[0])
        bound = 1.05 * self.large / self.small
        self.line(f"growth {self.small:,} → {self.large:,}", ratio, bound, f"{a:.2f} s / {b:.2f} s")
        large, small = self.mib[f"ours {LARGE}"], self.mib[f"ours {SMALL}"]
        self.line("  memory, large / small", large / small, 1.5, f"{large:.0f} MiB / {small:.0f} MiB")


def main() -> int:
    """Print one line a figure; 1 when one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    small = max(1_000, given.messages // 10)
    users = {LARGE: "pw", SMALL: "pw"}
    with Dovecot(users=users, extra=PLUGIN) as server:
        bench = Bench(server, given.messages, small, given.rounds)
        bench.fill()
        for part in given.only:
            getattr(bench, part)()
    print(load())
    return 1 if bench.missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
