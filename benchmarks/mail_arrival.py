"""Measures how long a mail takes from its delivery to the caller's hands, on a real Dovecot.

    python benchmarks/mail_arrival.py [--deliveries 20]

Each delivery goes in by LMTP, at a random moment of the pace. The clock runs from the moment at which Dovecot has accepted the mail
until ``MailWatcher.poll`` returns it; beside it, interleaved, until a plain IDLE loop has fetched it. Target for this part: a median of
0.25 s or less (0.35 s for the whole chain, code extraction included).
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from pathlib import Path
from queue import Queue
from statistics import median, quantiles

import imapclient

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from readdress.mailbox import MailWatcher  # noqa: E402 - found by the path above
from readdress.models import MailboxConfig, Side  # noqa: E402 - found by the path above
from tests.programs.dovecot import Dovecot  # noqa: E402 - found by the path above

TARGET = 0.25
USERS = {"watched@example.net": "pw", "idle@example.net": "pw"}
MAIL = (
    b"From: service@example.com\r\nTo: %s\r\nSubject: your code is 0819268\r\n\r\nyour code is 0819268\r\n"
    + b"x" * 3000
)


def idle_only(port: int, user: str, came: Queue[float], stop: threading.Event) -> None:
    """The peer: one connection in IDLE, which fetches what was announced."""
    with imapclient.IMAPClient("127.0.0.1", port=port, ssl=False, timeout=30) as client:
        client.login(user, USERS[user])
        known = client.select_folder("INBOX", readonly=True)[b"UIDNEXT"]
        came.put(0.0)
        while not stop.is_set():
            client.idle()
            heard = client.idle_check(timeout=5)
            heard += client.idle_done()[1]  # announced while we were leaving
            if any(len(h) > 1 and h[1] == b"EXISTS" for h in heard):
                uids = [uid for uid in client.search(["UID", f"{known}:*"]) if uid >= known]
                for uid in uids:
                    client.fetch([uid], ["BODY.PEEK[]"])
                    came.put(time.perf_counter())
                    known = uid + 1


def main() -> int:
    """Run both, print the medians, and fail when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=20)
    deliveries = parser.parse_args().deliveries
    ours: list[float] = []
    theirs: list[float] = []
    random.seed(7)
    with Dovecot(users=USERS) as server:
        config = MailboxConfig("watched@example.net", host="localhost", port=server.tls_port, ca_file=server.ca_file)
        came: Queue[float] = Queue()
        stop = threading.Event()
        peer = threading.Thread(target=idle_only, args=(server.port, "idle@example.net", came, stop))
        peer.start()
        came.get(timeout=20)
        with MailWatcher({Side.OLD: config}, lambda side, config: "pw") as watcher:
            for number in range(deliveries):
                if number % 10 == 0:  # a code was asked for: the brisk half minute begins
                    watcher.watch(Side.OLD, watcher.marks(Side.OLD))
                time.sleep(0.5 + random.random() / 2)
                server.deliver("watched@example.net", MAIL % b"watched@example.net")
                begin = time.perf_counter()
                while not watcher.poll(Side.OLD):
                    if time.perf_counter() - begin > 20:
                        raise SystemExit("a mail did not arrive within 20 s")
                    time.sleep(0.005)
                ours.append(time.perf_counter() - begin)
                server.deliver("idle@example.net", MAIL % b"idle@example.net")
                begin = time.perf_counter()
                theirs.append(came.get(timeout=20) - begin)
        stop.set()
        peer.join(10)
    for name, times in (("MailWatcher (IDLE and NOOP)", ours), ("IDLE only", theirs)):
        worst = quantiles(times, n=10)[-1]
        print(f"{name:30} median {median(times):.3f} s, 90 % {worst:.3f} s, over {len(times)} deliveries")
    reached = median(ours) <= TARGET
    verdict = "reached" if reached else "MISSED"
    print(f"{'IDLE only takes':30} {median(theirs) / median(ours):.1f} times as long; target {TARGET} s: {verdict}")
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
