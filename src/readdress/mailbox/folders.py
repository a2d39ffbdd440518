"""Lists a mailbox's folders and picks those that are watched: INBOX, junk, and the configured ones."""

from __future__ import annotations

from dataclasses import dataclass

from readdress.mailbox.connect import Connection
from readdress.mailbox.presets import preset_of
from readdress.models import MailboxConfig

# last parts of names under which servers and mail programs keep junk; only for servers without SPECIAL-USE (RFC 6154)
_JUNK = (
    "junk",
    "spam",
    "junk e-mail",
    "junk email",
    "junk mail",
    "bulk",
    "bulk mail",
    "spamverdacht",
    "垃圾邮件",
    "垃圾箱",
    "垃圾夹",
)
_CLOSED = frozenset({r"\noselect", r"\nonexistent"})


@dataclass(frozen=True, slots=True)
class Folder:
    r"""One folder. ``flags`` are lower case (``\junk``); ``selectable``: it can be opened, so it can hold mail."""

    name: str
    flags: tuple[str, ...]
    selectable: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """The folders to watch, INBOX first, and configured ones that the mailbox does not have."""

    names: tuple[str, ...]
    missing: tuple[str, ...] = ()


def list_folders(connection: Connection) -> list[Folder]:
    """All folders with decoded names, in the server's order."""
    return [Folder(name, flags, not _CLOSED.intersection(flags)) for flags, name in connection.folders()]


def watched(folders: list[Folder], config: MailboxConfig) -> Watched:
    r"""INBOX, the junk folders, and what ``config.folders`` asks for.

    Junk by SPECIAL-USE (``\Junk``), else by the preset's names, else by the usual ones.
    """
    names = {_key(f.name): f.name for f in folders if f.selectable}
    chosen = ["INBOX", *junk_folders(folders, config)]
    missing = []
    for wanted in config.folders:
        there = names.get(_key(wanted))
        if there is None and _key(wanted) != "INBOX":
            missing.append(wanted)
        else:
            chosen.append(there or "INBOX")
    return Watched(tuple(dict.fromkeys("INBOX" if _key(name) == "INBOX" else name for name in chosen)), tuple(missing))


def junk_folders(folders: list[Folder], config: MailboxConfig) -> list[str]:
    """Where the server puts what it takes for spam; confirmation mails often land there."""
    usable = [f for f in folders if f.selectable]
    if marked := [f.name for f in usable if r"\junk" in f.flags]:
        return marked
    preset = preset_of(config)
    if preset and (known := [f.name for f in usable if f.name in preset.junk]):
        return known
    return [f.name for f in usable if f.name.replace(".", "/").rpartition("/")[2].casefold() in _JUNK]


def _key(name: str) -> str:
    # INBOX is the one name that is not case-sensitive (RFC 9051 §5.1)
    return "INBOX" if name.upper() == "INBOX" else name
