"""Reading zip files: Takeout's mbox in one, messages in another, damage, passwords and bombs."""

from __future__ import annotations

import gzip
import random
import struct
import zipfile
from pathlib import Path

import pytest
from archive_samples import headers, mail, marks, mbox, outlook, rows, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readdress.errors import ReaddressError
from readdress.mailbox.archives import (
    ArchiveDamaged,
    ArchiveEmpty,
    ArchiveEncrypted,
    ArchiveKind,
    Messages,
    message_at,
    read_archive,
    recognise,
    unzip,
)
from readdress.mailbox.archives import mbox as mbox_module
from readdress.mailbox.archives.unzip import Zip

TAKEOUT = "Takeout/Mail/All mail Including Spam and Trash.mbox"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_takeout(tmp_path: Path, method: int) -> None:
    """An mbox in a zip file is read through it; offsets are those of the mbox."""
    box = mbox(mail(n, b"line\n" * 200) for n in range(300))
    path = zipped(tmp_path / "takeout.zip", [("Takeout/archive_browser.html", b"<html>"), (TAKEOUT, box)], method)
    (tmp_path / "plain").write_bytes(box)
    assert recognise(path) is ArchiveKind.ZIP
    assert rows(path) == [(TAKEOUT, uid, header) for _, uid, header in rows(tmp_path / "plain")]
    folder, uid, _ = rows(path)[250]
    assert message_at(path, uid, folder=folder) == mail(250, b"line\n" * 200)


def test_messages_and_maildirs_in_a_zip(tmp_path: Path) -> None:
    """Single messages of every kind, numbered by their place; what is no mail is passed over; a zip in it is named, not opened."""
    inner = zipped(tmp_path / "inner.zip", [("x.eml", mail(9))]).read_bytes()
    members = [
        ("mail/", b""),
        ("mail/1.eml", mail(1)),
        ("mail/2.eml", mail(2).replace(b"\n", b"\r\n")),
        ("mail/photo.jpg", b"\xff\xd8" * 5000),
        ("box/cur/17.host:2,S", mail(3)),
        ("mail/4.msg", outlook(s007D001E=b"From: a@example.com\r\nTo: b@example.com\r\n")),
        ("inner.zip", inner),
        ("long.eml", mail(5, more=b"X: %s\n" % (b"y" * 20_000))),
    ]
    path = zipped(tmp_path / "m.zip", members)
    batches = list(read_archive(path))
    found = [(uid, header) for b in batches for uid, header in b.rows]
    assert [uid for uid, _ in found] == [1, 2, 4, 5, 7]
    assert found[0][1] == mail(1, b"")[:-1]
    assert len(found[4][1]) > 20_000
    assert [name for b in batches for name, _ in b.troubles] == ["inner.zip"]
    assert message_at(path, 4) == mail(3)
    assert message_at(path, 5).startswith(b"From: a@example.com")
    assert list(read_archive(path, mark=marks(batches)))[-1].messages == 0


def test_goes_on_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after any batch, in a single message's or an mbox's, the rest comes once."""
    monkeypatch.setattr("readdress.mailbox.archives.zips.BATCH_ROWS", 3)
    monkeypatch.setattr(mbox_module.windows, "__defaults__", (0, b"", None, 3000))
    monkeypatch.setattr(mbox_module, "BATCH_SPAN", 1)
    members = [(f"a/{n}.eml", mail(n)) for n in range(8)]
    members += [("b.mbox", mbox(mail(n, b"line\n" * 4000) for n in range(10, 20)))]
    members += [(f"c/{n}.eml", mail(n)) for n in range(30, 34)]
    path = zipped(tmp_path / "m.zip", members)
    batches = list(read_archive(path))
    whole = [(b.folder, *row) for b in batches for row in b.rows]
    assert len(whole) == 22
    for n in range(len(batches)):
        known = marks(batches[: n + 1])
        rest = list(read_archive(path, mark=known))
        assert [(b.folder, *r) for b in batches[: n + 1] for r in b.rows] + [
            (b.folder, *r) for b in rest for r in b.rows
        ] == whole
        assert not any(b.restart for b in rest)
    assert sum(m.messages for m in marks(batches)) == 22


def test_encrypted(tmp_path: Path) -> None:
    """A password is asked for by nobody: the words say to unpack it. What is not encrypted is read all the same."""
    path = zipped(tmp_path / "m.zip", [("a.eml", mail(1)), ("b.eml", mail(2))])
    octets = bytearray(path.read_bytes())

    def lock(name: bytes) -> None:
        at = octets.find(b"PK\x01\x02")
        while at >= 0 and octets[at + 46 : at + 46 + len(name)] != name:
            at = octets.find(b"PK\x01\x02", at + 1)
        octets[at + 8] |= 1

    lock(b"a.eml")
    path.write_bytes(octets)
    batches = list(read_archive(path))
    assert [row for b in batches for row in b.rows] == [(1, mail(2, b"")[:-1])]
    assert batches[-1].troubles == (("a.eml", "protected by a password"),)
    lock(b"b.eml")
    path.write_bytes(octets)
    with pytest.raises(ArchiveEncrypted, match="password") as caught:
        list(read_archive(path))
    assert "Unpack" in caught.value.todo


def test_damaged(tmp_path: Path) -> None:
    """Cut off: the directory is missing. One member altered: it is named, the rest is read."""
    members = [(f"{n}.eml", mail(n, b"some text that packs\n" * 40)) for n in range(5)]
    path = zipped(tmp_path / "m.zip", members)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveDamaged, match="directory"):
        list(read_archive(path))
    at = whole.find(b"2.eml") + 10
    path.write_bytes(whole[:at] + bytes(b ^ 0x5A for b in whole[at : at + 40]) + whole[at + 40 :])
    batches = list(read_archive(path))
    assert [uid for b in batches for uid, _ in b.rows] == [0, 1, 3, 4]
    assert [name for b in batches for name, _ in b.troubles] == ["2.eml"]
    box = mbox(mail(n, b"line %d\n" % n * 50) for n in range(3000))
    path = zipped(tmp_path / "t.zip", [(TAKEOUT, box)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xff" * 50 + whole[len(whole) // 2 + 50 :])
    batches = list(read_archive(path))
    assert 500 < sum(b.messages for b in batches) < 3000
    assert [name for b in batches for name, _ in b.troubles] == [TAKEOUT]


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that unpacks to 200 times its size, too many members, members that overlap, one that lies about its size."""
    path = zipped(tmp_path / "bomb.zip", [("x.mbox", mbox([mail(1)]) + bytes(100_000_000)), ("y.eml", mail(2))])
    batches = list(read_archive(path))
    assert any("200 times" in why for b in batches for _, why in b.troubles)
    assert mail(2, b"")[:-1] in headers(path)

    many = zipped(tmp_path / "many.zip", [(f"{n}.eml", mail(n)) for n in range(30)])
    monkeypatch.setattr(unzip, "MEMBERS_CAP", 20)
    with pytest.raises(ArchiveDamaged, match="members"):
        list(read_archive(many))
    monkeypatch.undo()

    octets = bytearray(zipped(tmp_path / "o.zip", [(f"{n}.eml", mail(n)) for n in range(30)]).read_bytes())
    at = octets.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", octets, at + 20, len(octets))  # each claims the whole file
        at = octets.find(b"PK\x01\x02", at + 46)
    (tmp_path / "o.zip").write_bytes(octets)
    with pytest.raises(ArchiveDamaged, match="overlap"):
        list(read_archive(tmp_path / "o.zip"))

    octets = bytearray(zipped(tmp_path / "l.zip", [("a.eml", mail(1))]).read_bytes())
    struct.pack_into("<I", octets, octets.find(b"PK\x01\x02") + 24, 10)
    (tmp_path / "l.zip").write_bytes(octets)
    with pytest.raises(ArchiveEmpty, match="longer than"):
        list(read_archive(tmp_path / "l.zip"))


def test_no_mail_in_it(tmp_path: Path) -> None:
    """A zip of photos, an empty one."""
    for members in ([("a.jpg", b"\xff\xd8")], []):
        with pytest.raises(ArchiveEmpty, match="no mail"):
            list(read_archive(zipped(tmp_path / "m.zip", members)))


def test_zip64_and_something_before_it(tmp_path: Path) -> None:
    """Sizes in the zip64 extra field, and a self-extracting file's program in front."""
    path = tmp_path / "z.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.eml", "w", force_zip64=True) as member,
    ):
        member.write(mail(1))
    assert len(headers(path)) == 1
    octets = path.read_bytes()
    stub = b"MZ" + bytes(1000)
    (tmp_path / "sfx.exe").write_bytes(stub + octets)
    (found,) = Zip(tmp_path / "sfx.exe").members()
    assert found.size == len(mail(1))
    assert len(headers(tmp_path / "sfx.exe", kind=None) if octets[:2] == b"MZ" else [1]) == 1
    end = octets.find(b"PK\x05\x06")
    start, length = struct.unpack_from("<I", octets, end + 16)[0], struct.unpack_from("<I", octets, end + 12)[0]
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, length, start)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    tail = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(octets[:end] + record + locator + tail)
    assert len(headers(path)) == 1


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12), st.floats(0.2, 1))
def test_any_damage_ends_in_words(tmp_path: Path, harm: list[tuple[float, int]], length: float) -> None:
    """Octets altered anywhere and a cut: messages, or an error of ours; never another exception."""
    path = zipped(
        tmp_path / "f.zip",
        [("a.eml", mail(1)), ("b.mbox", mbox([mail(2), mail(3)])), ("c.msg", outlook(s0037001F=b"x\0"))],
    )
    octets = bytearray(path.read_bytes())
    for place, value in harm:
        octets[int(place * (len(octets) - 1))] = value
    path.write_bytes(octets[: max(4, int(length * len(octets)))])
    try:
        assert sum(b.messages for b in read_archive(path, kind=ArchiveKind.ZIP)) <= 4
    except ReaddressError as error:
        assert error.todo


def test_many_messages_again_in_any_order(tmp_path: Path) -> None:
    """Messages opened one by one, forwards and backwards, of a packed and an unpacked mbox, a zip file's, a folder's: each is the one that was read."""
    sent = [mail(n, b">From line\nx %d\n" % n * (n % 400)) for n in range(200)]
    box = mbox(sent)
    (tmp_path / "m.mbox").write_bytes(box)
    (tmp_path / "m.mbox.gz").write_bytes(gzip.compress(box))
    zipped(tmp_path / "m.zip", [("in/m.mbox", box), *((f"{n}.eml", raw) for n, raw in enumerate(sent[:5]))])
    for place in ("d/cur", "d/new", "e"):
        (tmp_path / place).mkdir(parents=True)
    for n, raw in enumerate(sent[:30]):
        (tmp_path / "d" / "cur" / f"{n:03d}.host:2,S").write_bytes(raw)
        (tmp_path / "e" / f"{n:03d}.eml").write_bytes(raw)
    chance = random.Random(1)
    for name in ("m.mbox", "m.mbox.gz", "m.zip", "d", "e"):
        known = rows(tmp_path / name)
        picked = [*known[::7], *reversed(known[::11]), *chance.sample(known, 20)]
        with Messages(tmp_path / name, cap=20_000) as again:
            for folder, uid, header in picked:
                found = again.get(uid, folder)
                assert found.startswith(header + b"\n")
                assert message_at(tmp_path / name, uid, folder=folder, cap=20_000) == found
                wanted = next(raw for raw in sent if raw.startswith(header))
                quoted = "mbox" in name or folder.endswith(".mbox")
                assert found == (wanted.replace(b">From", b"From") if quoted else wanted)[:20_000]
