"""Reading folders: Maildirs of every layout, folders of message files, damaged and hostile ones."""

from __future__ import annotations

import mailbox
import os
import socket
from pathlib import Path

import pytest
from archive_samples import headers, mail, marks, mbox, outlook, rows

from readdress.mailbox.archives import (
    ArchiveEmpty,
    ArchiveError,
    ArchiveKind,
    ArchiveUnknown,
    message_at,
    names,
    read_archive,
    recognise,
)
from readdress.mailbox.archives.names import in_order
from readdress.mailbox.archives.single import shape_of
from readdress.mailbox.archives.tree import decoded, rooms


def head(number: int) -> bytes:
    """The header block of ``mail(number)``."""
    return mail(number, b"")[:-1]


def fill(path: Path, numbers: range, *, new: bool = False) -> None:
    """Messages in a Maildir as a mail server names them."""
    for part in ("cur", "new", "tmp"):
        (path / part).mkdir(parents=True, exist_ok=True)
    for n in numbers:
        name = f"new/{1700000000 + n}.M1P1.host" if new else f"cur/{1700000000 + n}.M1P1.host:2,S"
        (path / name).write_bytes(mail(n))


def test_the_standard_librarys_maildir(tmp_path: Path) -> None:
    """What mailbox.Maildir writes is read whole, subfolders (Maildir++) with it."""
    box = mailbox.Maildir(tmp_path / "box")
    sub = box.add_folder("Archive.2020")
    for n in range(8):
        (sub if n % 2 else box).add(mail(n))
    found = rows(tmp_path / "box")
    assert recognise(tmp_path / "box") is ArchiveKind.MAILDIR
    assert sorted(header for _, _, header in found) == sorted(head(n) for n in range(8))
    assert {folder for folder, _, _ in found} == {"INBOX", "Archive/2020"}
    for folder, uid, header in found:
        assert message_at(tmp_path / "box", uid, folder=folder).startswith(header + b"\n")


def test_every_layout_of_maildirs(tmp_path: Path) -> None:
    """Maildir++ with names in modified UTF-7, nested Maildirs, a folder of Maildirs without one at the top; tmp is never read."""
    fill(tmp_path / "a", range(3))
    fill(tmp_path / "a" / ".&ZTZO9nux-.&V4NXPpCuTvY-", range(3, 5))
    fill(tmp_path / "a" / "Nested" / "deep", range(5, 6), new=True)
    (tmp_path / "a" / "tmp" / "1").write_bytes(mail(99))
    (tmp_path / "a" / "cur" / ".hidden").write_bytes(mail(98))
    (tmp_path / "a" / "dovecot.index").write_bytes(b"\x07\x02")
    found = rows(tmp_path / "a")
    assert {(f, h) for f, _, h in found} == {("INBOX", head(n)) for n in range(3)} | {
        ("收件箱/垃圾邮件", head(n)) for n in (3, 4)
    } | {("Nested/deep", head(5))}
    fill(tmp_path / "b" / "Inbox", range(2))
    fill(tmp_path / "b" / "Sent", range(2, 3))
    assert recognise(tmp_path / "b") is ArchiveKind.MAILDIR
    assert {(f, h) for f, _, h in rows(tmp_path / "b")} == {("Inbox", head(0)), ("Inbox", head(1)), ("Sent", head(2))}


def test_marks_of_a_maildir(tmp_path: Path) -> None:
    """New messages are read alone; flags and moves from new to cur change nothing; a deleted one makes it begin anew."""
    fill(tmp_path, range(5), new=True)
    first = marks(read_archive(tmp_path))
    assert rows(tmp_path, mark=first) == []
    for path in sorted((tmp_path / "new").iterdir()):
        path.rename(tmp_path / "cur" / f"{path.name}:2,FS")
    fill(tmp_path, range(5, 7), new=True)
    again = list(read_archive(tmp_path, mark=first))
    assert [(uid, h) for b in again for uid, h in b.rows] == [(5, head(5)), (6, head(6))]
    assert again[-1].mark.messages == 7
    assert not any(b.restart for b in again)
    (tmp_path / "cur" / "1700000002.M1P1.host:2,FS").unlink()
    anew = list(read_archive(tmp_path, mark=again[-1].mark))
    assert anew[0].restart
    assert anew[-1].mark.messages == 6


def test_goes_on_from_every_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after any batch of a large Maildir, the rest comes once; names are held in small portions."""
    monkeypatch.setattr("readdress.mailbox.archives.folders.BATCH_ROWS", 7)
    monkeypatch.setattr(names.in_order, "__defaults__", (10,))
    fill(tmp_path, range(100))
    batches = list(read_archive(tmp_path))
    whole = [row for b in batches for row in b.rows]
    assert [h for _, h in whole] == [head(n) for n in range(100)]
    for n, batch in enumerate(batches):
        assert [row for b in batches[: n + 1] for row in b.rows] + [
            row for b in read_archive(tmp_path, mark=batch.mark) for row in b.rows
        ] == whole


def test_names_in_order_and_in_portions() -> None:
    """Sorted, each once, whatever the portion; also when names come twice."""
    wanted = [f"{n:04d}" for n in range(500)]
    given = [*reversed(wanted[::2]), *wanted[1::2]]
    for portion in (1, 2, 7, 100, 499, 500, 501, 10_000):
        assert list(in_order(lambda: iter(given), portion)) == wanted


def test_a_message_that_moves_while_it_is_read(tmp_path: Path) -> None:
    """A mail program moves it from new to cur between listing and opening: it is found there."""
    fill(tmp_path, range(3), new=True)
    reading = read_archive(tmp_path, count=lambda folder, found: None)
    from readdress.mailbox.archives.folders import _Maildir

    box = _Maildir(str(tmp_path))
    listed = sorted(box.listing())
    path = sorted((tmp_path / "new").iterdir())[1]
    path.rename(tmp_path / "cur" / f"{path.name}:2,S")
    min((tmp_path / "new").iterdir()).unlink()
    assert [box.read(name) for name in listed] == [None, head(1), head(2)]
    reading.close()


def test_a_folder_of_message_files(tmp_path: Path) -> None:
    """.eml with LF, CRLF and old Mac line ends, .emlx, .msg, an MH folder's numbers, mbox files beside them; other files are passed over."""
    emlx = b"%d\n" % len(mail(4)) + mail(4) + b'<?xml version="1.0"?><plist></plist>'
    sample = {
        "a.eml": mail(1),
        "b.eml": mail(2).replace(b"\n", b"\r\n"),
        "c.eml": b"\xef\xbb\xbf" + mail(3),
        "d.emlx": emlx,
        "e.msg": outlook(
            s007D001F="From: m@example.com\r\nTo: old@example.net\r\nSubject: 你好\r\n".encode("utf-16-le")
        ),
        "sub/12": mail(5),
        "sub/Inbox": mbox([mail(6), mail(7)]),
        "note.txt": b"To: nobody\n",
        "photo.jpg": b"\xff\xd8\xff" + bytes(9000),
        "empty.eml": b"",
        "Inbox.msf": b"// <!-- <mdb:mork:z",
    }
    for name, octets in sample.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(octets)
    assert recognise(tmp_path) is ArchiveKind.FOLDER
    found = rows(tmp_path)
    assert [(f, h) for f, _, h in found] == [
        ("", head(1)),
        ("", head(2).replace(b"\n", b"\r\n")),
        ("", head(3)),
        ("", head(4)),
        ("", "From: m@example.com\r\nTo: old@example.net\r\nSubject: 你好\r\n".encode()),
        ("sub", head(5)),
        ("sub/Inbox", head(6)),
        ("sub/Inbox", head(7)),
    ]
    again = [message_at(tmp_path, uid, folder=folder) for folder, uid, _ in found]
    assert again[0] == mail(1)
    assert again[3] == mail(4)
    assert again[5:] == [mail(5), mail(6), mail(7)]
    done = marks(read_archive(tmp_path))
    assert rows(tmp_path, mark=done) == []


def test_one_message_in_a_file(tmp_path: Path) -> None:
    """A single .eml is an archive of one."""
    path = tmp_path / "one.eml"
    path.write_bytes(mail(1))
    assert recognise(path) is ArchiveKind.EML
    (batch,) = read_archive(path)
    assert batch.rows == [(0, head(1))]
    assert list(read_archive(path, mark=batch.mark)) == []
    assert message_at(path, 0) == mail(1)


def test_old_mac_line_ends() -> None:
    """CR alone ends a line in files of classic Mac OS."""
    assert shape_of(mail(1).replace(b"\n", b"\r")) == "eml"


def test_traps_in_a_folder(tmp_path: Path) -> None:
    """Links out of the folder, a pipe and a socket are not opened; an unreadable file is named and the rest is read."""
    outside = tmp_path / "outside.eml"
    outside.write_bytes(mail(99))
    top = tmp_path / "top"
    fill(top, range(2))
    (top / "cur" / "link").symlink_to(outside)
    os.mkfifo(top / "cur" / "pipe")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(top / "cur" / "sock"))
        assert headers(top) == [head(0), head(1)]
    (top / "loop").symlink_to(top)
    assert len(headers(top)) == 2


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission denied on one of them (root reads everything, so the answer is put in)."""
    fill(tmp_path, range(3))
    real = os.open

    def refuse(path: str, *more: int, **how: object) -> int:
        if "1700000001" in str(path):
            raise PermissionError(13, "Permission denied")
        return real(path, *more, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    (batch,) = read_archive(tmp_path)
    assert [h for _, h in batch.rows] == [head(0), head(2)]
    assert batch.troubles == (("1700000001.M1P1.host", "Permission denied"),)


def test_what_is_no_folder_of_mail(tmp_path: Path) -> None:
    """Empty, without mail, no Maildir, a file where a folder was meant: each in its own words."""
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ArchiveEmpty, match="is empty"):
        recognise(empty)
    (empty / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(ArchiveEmpty, match="no message"):
        list(read_archive(empty))
    with pytest.raises(ArchiveUnknown, match="no Maildir") as caught:
        list(read_archive(empty, kind=ArchiveKind.MAILDIR))
    assert "cur and new" in caught.value.todo
    with pytest.raises(ArchiveUnknown, match="a folder was expected"):
        list(read_archive(empty / "photo.jpg", kind=ArchiveKind.FOLDER))
    with pytest.raises(ArchiveUnknown, match="a file was expected"):
        list(read_archive(empty, kind=ArchiveKind.MBOX))
    with pytest.raises(ArchiveError, match="not there any more"):
        message_at(empty, 5, kind=ArchiveKind.FOLDER)


def test_a_damaged_mbox_among_others(tmp_path: Path) -> None:
    """It is named, and the others are read."""
    (tmp_path / "a").write_bytes(mbox([mail(1)]))
    (tmp_path / "b.mbox").write_bytes(mbox([mail(2)]))
    (tmp_path / "c.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(30))
    (tmp_path / "d.eml").write_bytes(mail(3))
    batches = list(read_archive(tmp_path))
    assert [h for b in batches for _, h in b.rows] == [head(3), head(1), head(2)]
    assert [name for b in batches for name, _ in b.troubles] == ["c.msg"]


def test_folder_names(tmp_path: Path) -> None:
    """Modified UTF-7, and names that only look like it."""
    assert decoded("&ZTZO9nux-") == "收件箱"
    assert decoded("A&-B") == "A&B"
    for plain in ("a & b", "R&D", "&===-", "&AA-"):
        assert decoded(plain) == plain
    deep = tmp_path
    for _ in range(80):
        deep /= "d"
        deep.mkdir()
    assert len(list(rooms(tmp_path))) == 65
