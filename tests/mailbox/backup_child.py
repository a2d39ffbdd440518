"""Runs a backup in a process of its own, so that a test can kill it: python backup_child.py PORT CA USER PASSWORD TARGET FORM."""

from __future__ import annotations

import sys
from pathlib import Path

from readdress.mailbox.backup import BackupProgress, backup
from readdress.models import MailboxConfig


def main() -> None:
    port, ca_file, user, password, target, form = sys.argv[1:]
    config = MailboxConfig(user, host="localhost", port=int(port), ca_file=ca_file)

    def tell(progress: BackupProgress) -> None:
        print(progress.messages, flush=True)

    backup(config, password, Path(target), form=form, progress=tell)  # type: ignore[arg-type]
    print("done", flush=True)


main()
