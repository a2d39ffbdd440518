"""Whom to tell: from a real mailbox with its Sent folder, and from an archive; who was told is all that is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from readdress.errors import ConfigError, MailboxError, UsageError
from readdress.workflow.discovering import Archive
from readdress.workflow.people_told import acquaintances, tell, told, untold, write_own
from tests.watch.conftest import World

Make = Callable[..., World]


def sent(w: World, to: str) -> None:
    """A copy in the folder of sent mail, as a mail program leaves it."""
    raw = f"From: Ann <{w.old}>\r\nTo: {to}\r\nSubject: Hi\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n\r\nbody\r\n"
    w.dovecot.append(w.old, raw.encode(), "Sent Messages")


def test_people_of_a_mailbox(world: Make) -> None:
    """Recipients of sent mail and those who wrote twice; a service, a list and a one-time stranger are left out. Nothing is written down."""
    w = world()
    w.dovecot.create_folder(w.old, "Sent Messages")
    sent(w, "Bob Baker <bob@example.org>, support@shop.example.com")
    w.mail("Eve Stone <eve.stone@example.com>", w.old, "Hello")
    w.mail("Eve Stone <eve.stone@example.com>", w.old, "Re: Hello")
    w.mail("Dan Miller <dan.miller@example.com>", w.old, "Hello")
    w.mail("Shop <news@shop.example.com>", w.old, "Sale", List_Unsubscribe="<https://shop.example.com/u>")
    with w.open() as m:
        serial = m.header.serial
        people, messages = acquaintances(m)
        assert [p.address for p in people] == ["eve.stone@example.com", "bob@example.org"]
        assert messages == 5
        assert m.header.serial == serial, "private data: nothing is kept"
        assert tell(m, ["BOB@example.org", "bob@example.org"]) == ["bob@example.org"]
        assert [p.address for p in untold(people, told(m))] == ["eve.stone@example.com"]
        assert tell(m, ["bob@example.org"]) == [], "known already"
        assert tell(m, ["bob@example.org"], back=True) == ["bob@example.org"]
        assert told(m) == {}
        with pytest.raises(UsageError):
            tell(m, ["eve.stone@example.com", "nobody"])
        assert told(m) == {}, "none of a list with a mistake in it"


def test_people_of_an_archive(world: Make, tmp_path: Path) -> None:
    """The mailbox is gone; what was saved of it does."""
    w = world(old_reachable=False)
    mbox = tmp_path / "saved.mbox"
    mbox.write_text(
        f"From x Mon Nov  2 10:00:00 2026\nFrom: Ann <{w.old}>\nTo: bob@example.org\nSubject: Hi\nDate: Mon, 02 Nov 2026 10:00:00 +0000\n\nbody\n",
        encoding="utf-8",
    )
    with w.open() as m:
        people, _ = acquaintances(m, [Archive(mbox)])
        assert [p.address for p in people] == ["bob@example.org"]
        with pytest.raises(MailboxError) as error:
            acquaintances(m)
        assert "--mbox" in error.value.todo


def test_files_are_private_and_nobody_elses_is_written_over(tmp_path: Path) -> None:
    """Mode 0600; over an earlier list of ours, never over anything else, not through a link either."""
    ours, other = tmp_path / "ours.csv", tmp_path / "other.csv"
    write_own(ours, "name,address\r\n1", "name,address")
    assert ours.stat().st_mode & 0o777 == 0o600
    write_own(ours, "name,address\r\n2", "name,address")
    assert ours.read_bytes().endswith(b"2")
    other.write_text("mine\n", encoding="utf-8")
    link = tmp_path / "link.csv"
    link.symlink_to(other)
    for path in (other, link):
        with pytest.raises(ConfigError):
            write_own(path, "name,address", "name,address")
    assert other.read_text("utf-8") == "mine\n"
