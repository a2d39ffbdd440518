"""Archives of mail, for when the mailbox is gone: mbox, Maildir, folders of messages, zip files of those; streamed, resumable.

::

    for batch in read_archive("mail.mbox", mark=marks):
        for uid, header in batch.rows: ...
        keep(batch.mark)                      # with restart=batch.restart
"""

from __future__ import annotations

from readdress.mailbox.archives.again import Messages, message_at
from readdress.mailbox.archives.labels import labels_of
from readdress.mailbox.archives.model import ArchiveKind, Batch, Count, Progress, Row
from readdress.mailbox.archives.reading import read_archive, source_name
from readdress.mailbox.archives.recognise import recognise
from readdress.mailbox.archives.trouble import (
    ArchiveDamaged,
    ArchiveEmpty,
    ArchiveEncrypted,
    ArchiveError,
    ArchiveUnknown,
)

__all__ = [
    "ArchiveDamaged",
    "ArchiveEmpty",
    "ArchiveEncrypted",
    "ArchiveError",
    "ArchiveKind",
    "ArchiveUnknown",
    "Batch",
    "Count",
    "Messages",
    "Progress",
    "Row",
    "labels_of",
    "message_at",
    "read_archive",
    "recognise",
    "source_name",
]
