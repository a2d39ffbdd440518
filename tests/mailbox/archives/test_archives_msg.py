"""Reading Outlook's .msg: transport headers, headers made of properties, hostile compound files."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest
from archive_samples import compound, headers, outlook
from hypothesis import given, settings
from hypothesis import strategies as st

from readdress.errors import ReaddressError
from readdress.mailbox.archives import ArchiveDamaged, ArchiveKind, message_at, read_archive, recognise
from readdress.mailbox.archives.cfb import CompoundFile
from readdress.mailbox.archives.msg import HeldOctets, header_of_msg, message_of_msg

HEADERS = "Received: from x\r\nFrom: Ann <ann@example.com>\r\nTo: old@example.net\r\nSubject: =?utf-8?Q?x?=\r\nContent-Type: multipart/mixed; boundary=b\r\n"


def wide(text: str) -> bytes:
    """A Unicode property's octets."""
    return text.encode("utf-16-le")


@pytest.mark.parametrize("first", ["", "Microsoft Mail Internet Headers Version 2.0\r\n"])
def test_transport_headers(tmp_path: Path, first: str) -> None:
    """As they came over the wire, in either type of text, without Outlook's own first line."""
    for octets in (outlook(s007D001F=wide(first + HEADERS)), outlook(s007D001E=(first + HEADERS).encode() + b"\0")):
        path = tmp_path / "m.msg"
        path.write_bytes(octets)
        assert recognise(path) is ArchiveKind.MSG
        assert headers(path) == [HEADERS.encode()]


def test_a_message_without_transport_headers() -> None:
    """Sent mail and drafts have none: sender, recipients, subject and date are made of properties."""
    when = datetime(2020, 2, 29, 12, 30, tzinfo=UTC)
    ticks = int((when - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    table = bytes(32) + struct.pack("<HHIQ", 0x0040, 0x0039, 6, ticks) + struct.pack("<HHIQ", 0x001F, 0x0037, 6, 8)
    streams = {
        "__substg1.0_0037001F": wide("你好\r\nBcc: evil@example.org"),
        "__substg1.0_0C1A001F": wide('Ann "A"'),
        "__substg1.0_5D01001F": wide("ann@example.com"),
        "__substg1.0_0E04001F": wide("Old Me"),
        "__substg1.0_1000001F": wide("the text\r\n"),
        "__properties_version1.0": table,
    }
    octets = HeldOctets(compound(streams))
    parsed = message_from_bytes(message_of_msg(octets, "m.msg", 100_000))
    assert parsed["From"] == "\"Ann 'A'\" <ann@example.com>"
    assert parsed["Bcc"] is None  # a line break in a property makes no field of its own
    assert parsed["Date"] == "Sat, 29 Feb 2020 12:30:00 +0000"
    assert parsed.get_payload(decode=True) == b"the text\n"
    assert header_of_msg(octets, "m.msg").decode().splitlines()[2] == "Subject: 你好 Bcc: evil@example.org"


def test_html_body_and_one_content_type(tmp_path: Path) -> None:
    """The header's own MIME fields describe parts that are not there any more: they are replaced."""
    path = tmp_path / "m.msg"
    path.write_bytes(outlook(s007D001F=wide(HEADERS), s10130102=b"<p>hi</p>", s1000001F=wide("hi")))
    parsed = message_from_bytes(message_at(path, 0))
    assert parsed.get_all("Content-Type") == ["text/html"]
    assert parsed.get_payload(decode=True) == b"<p>hi</p>"


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 4095, 4096, 4097, 100_000])
def test_streams_of_every_size(version: int, size: int) -> None:
    """Mini stream and ordinary sectors, both versions of the format."""
    wanted = {f"s{n}": bytes((n + i) % 251 for i in range(size)) for n in range(3)}
    file = CompoundFile(HeldOctets(compound(wanted, version=version)), "x")
    assert {name: file.stream(name, 1 << 20) for name in file.names()} == wanted
    assert file.stream("s1", 10) == wanted["s1"][:10]
    assert file.stream("none", 10) is None


def test_another_reader_agrees() -> None:
    """The compound files of these tests are ones: olefile reads the same from them."""
    import io

    import olefile

    octets = outlook(s007D001F=wide(HEADERS), s1000001F=wide("x" * 5000))
    with olefile.OleFileIO(io.BytesIO(octets)) as theirs:
        ours = CompoundFile(HeldOctets(octets), "x")
        for (name,) in theirs.listdir():
            assert theirs.openstream(name).read() == ours.stream(name, 1 << 20)


def test_chains_that_go_in_circles() -> None:
    """Every link of the table leads to one sector: it ends soon, in words or with no more octets than the property says."""
    for target in (0, 1, 7, 0xFFFFFFFE, 0xFFFFFFF0, 126):
        octets = bytearray(outlook(s007D001F=wide(HEADERS * 40)))
        (table,) = struct.unpack_from("<I", octets, 76)
        for n in range(128):
            struct.pack_into("<I", octets, (table + 1) * 512 + 4 * n, target)
        try:
            found = header_of_msg(HeldOctets(bytes(octets)), "x.msg")
        except ArchiveDamaged:
            continue
        assert len(found) <= 3 * 40 * len(HEADERS)


def test_no_message_in_a_compound_file(tmp_path: Path) -> None:
    """An old Word document is a compound file too."""
    path = tmp_path / "x.doc"
    path.write_bytes(compound({"WordDocument": b"x" * 5000}))
    with pytest.raises(ArchiveDamaged, match="no message"):
        list(read_archive(path))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=20), st.floats(0, 1))
def test_any_damage_ends_in_words(harm: list[tuple[float, int]], length: float) -> None:
    """Octets altered anywhere and a cut: a header, or an error of ours, in little time."""
    octets = bytearray(outlook(s007D001F=wide(HEADERS * 30), s0037001F=wide("x"), s1000001F=wide("y" * 3000)))
    for place, value in harm:
        octets[int(place**3 * (len(octets) - 1))] = value  # most of them near the beginning, where the structure is
    try:
        message_of_msg(HeldOctets(bytes(octets[: int(length * len(octets))])), "x.msg", 10_000)
    except ReaddressError as error:
        assert error.todo
