"""One reading of a mailbox in a process of its own: ours, or what one would write with a library. Prints one line of JSON.

    python benchmarks/_discover_peers.py ours|imapclient|imap-tools USER HOST PORT CA_FILE [--compression]

``seconds`` runs from connecting to the result, imports not included; whoever wants them measures the process. ``mib`` is the most memory
that the process ever held. imap-tools is no dependency of the project: ``pip install imap-tools`` into the environment to compare with it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

OLD, AUTHSERV, PASSWORD = "mina.park@mailbox.example", "mx.mailbox.example", "pw"
FIELDS = "FROM TO CC DELIVERED-TO X-ORIGINAL-TO SUBJECT DATE LIST-UNSUBSCRIBE AUTHENTICATION-RESULTS MESSAGE-ID"


def ours(user: str, host: str, port: int, ca_file: str, *, compression: bool) -> tuple[float, int]:
    """Scan, classify, count, with a flush every five seconds as a caller that writes them down does."""
    from readdress.discovery.domains import org_domain
    from readdress.discovery.kinds import kind_of
    from readdress.discovery.recipients import Person
    from readdress.discovery.tally import Counter
    from readdress.mailbox.bulk import scan
    from readdress.mailbox.connect import Connection
    from readdress.models import MailboxConfig

    begin = last = time.perf_counter()
    counter = Counter(Person(OLD), kind_of, org_domain, [AUTHSERV])
    config = MailboxConfig(user, host=host, port=port, ca_file=ca_file)
    total = 0
    with Connection(config, PASSWORD) as connection:
        for batch in scan(connection, "imap:old", {}, compression=compression):
            see, folder = counter.see, batch.folder
            for uid, header in batch.rows:
                see(folder, uid, header)
            if counter.full or batch.mark.done or time.perf_counter() - last > 5:
                total += sum(sum(tally.counts.values()) for tally in counter.flush())
                last = time.perf_counter()
        took = time.perf_counter() - begin
    return took, total


def with_imapclient(user: str, host: str, port: int, ca_file: str) -> tuple[float, int]:
    """Use imapclient in batches of 500, the standard library's parser, grouped by domain."""
    import email
    import email.policy
    import ssl
    from collections import Counter

    import imapclient

    begin = time.perf_counter()
    senders: Counter[str] = Counter()
    subjects: dict[str, str] = {}
    context = ssl.create_default_context(cafile=ca_file)
    with imapclient.IMAPClient(host, port=port, ssl_context=context) as client:
        client.login(user, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        uids = client.search("ALL")
        key = f"BODY.PEEK[HEADER.FIELDS ({FIELDS})]"
        for at in range(0, len(uids), 500):
            for item in client.fetch(uids[at : at + 500], [key]).values():
                block = next(value for name, value in item.items() if name.startswith(b"BODY["))
                message = email.message_from_bytes(block, policy=email.policy.default)
                address = message["from"].addresses[0]
                senders[address.domain.rpartition(".")[0].rpartition(".")[2]] += 1
                subjects[address.domain] = f"{message['subject']} {message['date'].datetime} {message['to']}"
    return time.perf_counter() - begin, senders.total()


def with_imap_tools(user: str, host: str, port: int, ca_file: str) -> tuple[float, int]:
    """Use imap-tools: headers only, 500 at once, grouped by domain."""
    import ssl
    from collections import Counter

    from imap_tools import MailBox

    begin = time.perf_counter()
    senders: Counter[str] = Counter()
    subjects: dict[str, str] = {}
    context = ssl.create_default_context(cafile=ca_file)
    with MailBox(host, port=port, ssl_context=context).login(user, PASSWORD, initial_folder=None) as box:
        box.folder.set("INBOX", readonly=True)
        for message in box.fetch(headers_only=True, bulk=500, mark_seen=False):
            domain = message.from_.rpartition("@")[2]
            senders[domain] += 1
            subjects[domain] = f"{message.subject} {message.date} {message.to}"
    return time.perf_counter() - begin, senders.total()


def main() -> int:
    """Run one and print what it took."""
    which, user, host, port, ca_file = sys.argv[1:6]
    if which == "ours":
        took, total = ours(user, host, int(port), ca_file, compression="--compression" in sys.argv)
    elif which == "imapclient":
        took, total = with_imapclient(user, host, int(port), ca_file)
    else:
        took, total = with_imap_tools(user, host, int(port), ca_file)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    own = [line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if "VmHWM" in line]
    most = int(own[0].split()[1]) / 1024 if own else most  # ru_maxrss starts with what the parent held before exec
    print(json.dumps({"seconds": took, "mib": most, "messages": total}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
