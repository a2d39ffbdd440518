"""Which folders are watched, whatever the server calls them."""

from __future__ import annotations

import dataclasses

import pytest
from conftest import PASSWORD
from mailbox_servers import Liar, loopback

from readdress.mailbox.connect import Connection
from readdress.mailbox.folders import Folder, junk_folders, list_folders, watched
from readdress.models import MailboxConfig
from tests.programs.dovecot import QQ_FOLDER


def folder(name: str, *flags: str) -> Folder:
    r"""A folder that can be opened unless it says \noselect."""
    return Folder(name, flags, r"\noselect" not in flags)


def test_names_are_decoded_and_open(config: MailboxConfig) -> None:
    """A real server's modified UTF-7 name comes decoded, opens under that name, and can be configured to be watched."""
    config = dataclasses.replace(config, folders=(QQ_FOLDER, "不存在", "inbox"))
    with Connection(config, PASSWORD) as connection:
        found = list_folders(connection)
        assert QQ_FOLDER in [f.name for f in found]
        assert connection.examine(QQ_FOLDER).exists == 0
    chosen = watched(found, config)
    assert chosen.names == ("INBOX", "Junk", QQ_FOLDER)
    assert chosen.missing == ("不存在",)


@pytest.mark.parametrize(
    ("folders", "preset", "junk"),
    [
        ([folder("INBOX"), folder("X", r"\junk"), folder("Spam")], "", ["X"]),
        ([folder("INBOX"), folder("垃圾邮件"), folder("Spam")], "163", ["垃圾邮件"]),
        ([folder("INBOX"), folder("INBOX.Spam"), folder("spam-rules")], "", ["INBOX.Spam"]),
        ([folder("INBOX"), folder("Bulk Mail")], "", ["Bulk Mail"]),
        ([folder("INBOX"), folder("Junk", r"\noselect")], "", []),
        ([folder("INBOX")], "qq", []),
    ],
    ids=[
        "special-use first",
        "preset before common",
        "last part of the name",
        "common",
        "cannot be opened",
        "none",
    ],
)
def test_junk_is_found(folders: list[Folder], preset: str, junk: list[str]) -> None:
    """SPECIAL-USE first, then the provider's own names, then the usual ones; never one that cannot be opened."""
    assert junk_folders(folders, loopback(143, preset=preset)) == junk


def test_one_broken_name_does_not_lose_the_rest() -> None:
    """A name that is no modified UTF-7 is kept as it stands and not opened; a name that is a number stays a name."""
    listing = (
        b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n* LIST (\\HasNoChildren) "/" "&!!-broken"\r\n'
        b'* LIST (\\HasNoChildren) "/" 2024\r\n* LIST (\\Noselect) "/" {4}\r\n[ab]\r\n%TAG% OK done\r\n'
    )
    with Liar({"LIST": listing}) as liar, Connection(loopback(liar.port), "pw") as connection:
        found = list_folders(connection)
    assert {f.name: f.selectable for f in found} == {
        "INBOX": True,
        "&!!-broken": False,
        "2024": True,
        "[ab]": False,
    }
