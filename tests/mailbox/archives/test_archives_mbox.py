"""Reading mbox files: what separates messages, windows, marks, two processes, gzip."""

from __future__ import annotations

import gzip
import mailbox
import os
from collections.abc import Callable
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from archive_samples import SEPARATOR, headers, mail, marks, mbox, rows, stdlib_headers, stdlib_offsets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readdress.mailbox.archives import (
    ArchiveDamaged,
    ArchiveEmpty,
    ArchiveError,
    ArchiveKind,
    ArchiveUnknown,
    labels_of,
    message_at,
    pair,
    read_archive,
    recognise,
    source_name,
)
from readdress.mailbox.archives import mbox as mbox_module
from readdress.mailbox.archives.lines import AHEAD, _slow_find, finder, header_end, quote, separator, unquote
from readdress.mailbox.archives.mbox import check_number, windows
from readdress.models.inventory import ScanMark

SEPARATORS = [
    SEPARATOR,
    b"From 1712345678901234567@xxx Tue Nov 24 01:02:03 +0000 2026\n",  # Google Takeout
    b"From - Tue Nov 24 01:02:03 2026\n",  # older Thunderbird
    b"From \n",  # newer Thunderbird
    b"From ???@??? Tue Nov 24 01:02:03 2026\n",  # Eudora
    b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n",
    b"From ann@example.com  Tue, 24 Nov 2026 01:02:03 +0800\n",
    b"From ann@example.com\n",
    b"From ann 2026-11-24 01:02:03\n",
    b"From a b@example.com Tue Nov 24 01:02 CET 2026\n",
]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    """A file with these octets."""

    def make(octets: bytes, name: str = "mail.mbox") -> Path:
        path = tmp_path / name
        path.write_bytes(octets)
        return path

    return make


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
@pytest.mark.parametrize("line", SEPARATORS)
def test_equal_to_the_standard_library_in_every_dialect(write: Callable[..., Path], line: bytes, eol: bytes) -> None:
    """On mboxes without an unquoted From in a body, offsets and headers are those of mailbox.mbox."""
    path = write(mbox((mail(n, b">From quoted\n\ntext\n" * n) for n in range(20)), line, eol))
    assert headers(path) == stdlib_headers(path)
    assert [uid for _, uid, _ in rows(path)] == stdlib_offsets(path)


@pytest.mark.parametrize(
    "body",
    [
        b"hello\n\nFrom here on it gets warm\nand so on\n",
        b"hello\n\nFrom our desk: this\nNote: it looks like a header\n",
        b"hello\nFrom ann@example.com\nX: y\n",
        b"hello\n\nFrom Monday at 10:30 we are open\nuntil late\n",
        b"hello\n\nFrom bounce@sender.example Mon Jan  2 08:00:00 2006\nwas its first line\n",
        b"hello\n\nFrom \nnowhere\n",
        b"hello\n\nFrom ann@example.com\n\nFrom bob@example.com\n",
        b"text\n>From quoted\nFrom" + b" x" * 5000 + b" Mon Jan 1 10:10:10 2020\nA: b\n",
    ],
)
def test_a_body_line_that_begins_with_from_splits_nothing(write: Callable[..., Path], body: bytes) -> None:
    """mailbox.mbox splits at each of these; here the message stays whole, and the next one is still found."""
    path = write(mbox([mail(1), mail(2, body), mail(3)]))
    assert headers(path) == [mail(n, b"").rstrip(b"\n") + b"\n" for n in (1, 2, 3)]
    assert len(stdlib_offsets(path)) > 3
    second = rows(path)[1][1]
    assert message_at(path, second) == unquote(mail(2, body))


def test_a_separator_without_a_blank_line_before_it_counts_when_it_is_dated(write: Callable[..., Path]) -> None:
    """Some writers leave the blank line out."""
    path = write(SEPARATOR + mail(1) + SEPARATOR + mail(2))
    assert headers(path) == stdlib_headers(path)
    assert len(headers(path)) == 2


def test_content_length_is_not_trusted(write: Callable[..., Path]) -> None:
    """The lengths of mboxcl are wrong as soon as line ends were changed: separators decide."""
    path = write(
        mbox([mail(1, b"x\n", b"Content-Length: 9999999\n"), mail(2, b"y\n", b"Content-Length: 1\n"), mail(3)])
    )
    assert len(headers(path)) == 3


def test_a_header_that_was_cut_off_does_not_swallow_the_next_message(write: Callable[..., Path]) -> None:
    """Without a blank line, the header ends at the next separator."""
    path = write(
        SEPARATOR + b"From: a@example.com\nSubject: cut\n" + SEPARATOR + mail(2) + SEPARATOR + b"\nno header\n"
    )
    assert headers(path)[0] == b"From: a@example.com\nSubject: cut\n"
    assert headers(path)[1] == mail(2, b"").rstrip(b"\n") + b"\n"
    assert len(headers(path)) == 2  # the third separator has neither a header nor a blank line before it
    assert headers(write(SEPARATOR + mail(1) + b"\n" + SEPARATOR + b"\nno header\n"))[1] == b""


def test_a_huge_header_is_cut_at_a_line_and_the_rest_is_still_found(write: Callable[..., Path]) -> None:
    """64 KiB of a header are read, whatever it claims."""
    long = b"".join(b"X-Filler-%d: %s\n" % (n, b"y" * 60) for n in range(20_000))
    path = write(mbox([mail(1), mail(2, more=long), mail(3)]))
    found = headers(path)
    assert len(found) == 3
    assert 65_000 < len(found[1]) <= 65_536
    assert found[1].endswith(b"\n")


def test_before_the_first_separator(write: Callable[..., Path]) -> None:
    """A byte order mark, blank lines or a stray line before it cost nothing."""
    for start in (b"\xef\xbb\xbf", b"\n\n", b"stray\n\n"):
        path = write(start + mbox([mail(1), mail(2)]))
        assert recognise(path) is ArchiveKind.MBOX
        assert len(headers(path)) == 2
        assert message_at(path, rows(path)[0][1]) == mail(1)


LINES = st.one_of(
    st.sampled_from(
        [
            b"",
            b"\r",
            b"From ",
            b">From x",
            b"From a@b.test Mon Jan  1 10:00:00 2020",
            b"From x",
            b"A: b",
            b" more",
            b"Subject: x\r",
        ]
    ),
    st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"")),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=30), st.integers(1, 40))
def test_windows_and_segments_never_change_what_is_found(lines: list[bytes], size: int) -> None:
    """Wherever a window or a segment begins, the same messages come out, also of hostile octets; slow and fast search agree."""
    octets = b"\n".join(lines)
    whole = [row for w in windows(BytesIO(octets)) for row in w.rows]
    by_hand = b"\n\n\n\n" + octets
    expected, place = [], 2
    while (place := by_hand.find(b"\nFrom ", place + 1)) >= 0:
        if start := separator(by_hand, place, len(by_hand)):
            expected.append((place - 3, by_hand[start : header_end(by_hand, start, len(by_hand), _slow_find)]))
    assert whole == expected
    parts = []
    for start in range(0, len(octets) + 1, size):
        stop = min(start + size, len(octets))
        first = max(0, start - mbox_module.CHECK)
        if start < stop:
            parts += [row for w in windows(BytesIO(octets[start:]), start, octets[first:start], stop) for row in w.rows]
    assert parts == expected


def test_small_windows_of_a_large_file() -> None:
    """Several windows with everything at their edges: the same as in one."""
    octets = mbox(mail(n, b"line\n" * (n % 97), b"X: %s\n" % (b"z" * (n * 37 % 3000))) for n in range(400))
    whole = [row for w in windows(BytesIO(octets), size=1 << 24) for row in w.rows]
    for size in (20_000, AHEAD, 200_000):
        assert [row for w in windows(BytesIO(octets), size=size) for row in w.rows] == whole
    assert len(whole) == 400


WORDS = st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=60)
BODIES = st.lists(st.one_of(WORDS, st.sampled_from(["From x", ">From y", ">>From", ""])), max_size=8).map("\n".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(WORDS, BODIES), min_size=1, max_size=6))
def test_round_trip_through_the_standard_library(tmp_path: Path, drafts: list[tuple[str, str]]) -> None:
    """Messages → mailbox.mbox → the same headers and bodies; and the same numbers of octets before each."""
    path = tmp_path / "rt.mbox"
    path.unlink(missing_ok=True)
    box = mailbox.mbox(path)
    for subject, body in drafts:
        message = EmailMessage()
        message["From"], message["Subject"] = "a@example.com", subject.strip()
        message.set_content(body)
        box.add(message)
    box.flush()
    assert headers(path) == stdlib_headers(path)
    assert [uid for _, uid, _ in rows(path)] == stdlib_offsets(path)
    for key, (_, uid, _) in zip(box.iterkeys(), rows(path), strict=True):
        assert message_at(path, uid).rstrip(b"\n") == unquote(box.get_bytes(key)).rstrip(b"\n")
    box.close()


@given(st.binary(max_size=200) | st.lists(LINES, max_size=12).map(b"\n".join))
def test_quoting_is_undone_exactly(raw: bytes) -> None:
    """Quote and unquote are inverse, and after quoting no line begins with From."""
    quoted = quote(raw)
    assert unquote(quoted) == raw
    assert not quoted.startswith(b"From ")
    assert b"\nFrom " not in quoted


def test_the_fast_search_is_there_and_agrees() -> None:
    """Stringzilla is a dependency; without it the standard library's search gives the same."""
    fast = finder()
    octets = bytearray(b"a\nFrom b\nFrom c")
    for start in range(len(octets)):
        for end in range(start, len(octets) + 1):
            assert fast(octets, b"\nFrom ", start, end) == _slow_find(octets, b"\nFrom ", start, end)


# -- marks


@pytest.mark.parametrize("packed", [False, True])
def test_goes_on_from_every_mark_without_loss_or_double(
    write: Callable[..., Path], packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after any batch and read on, everything comes exactly once, and the count of messages goes on too."""
    monkeypatch.setattr(mbox_module.windows, "__defaults__", (0, b"", None, 3000))
    monkeypatch.setattr(mbox_module, "BATCH_SPAN", 1)
    octets = mbox(mail(n, b"line\n" * 300) for n in range(300))
    path = write(gzip.compress(octets) if packed else octets)
    batches = list(read_archive(path))
    assert len(batches) > 20
    assert [b.mark.done for b in batches] == [False] * (len(batches) - 1) + [True]
    whole = [uid for b in batches for uid, _ in b.rows]
    for n, batch in enumerate(batches):
        before = [uid for b in batches[: n + 1] for uid, _ in b.rows]
        rest = list(read_archive(path, mark=batch.mark))
        assert before + [uid for b in rest for uid, _ in b.rows] == whole
        assert rest[-1].mark.messages == 300
        assert not any(b.restart for b in rest)


def test_an_appended_file_goes_on_and_a_renamed_or_unpacked_one_is_the_same(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    """The mark holds for the file's beginning, wherever the file lies and however it is packed."""
    path = write(mbox(mail(n) for n in range(50)))
    (first,) = marks(read_archive(path))
    assert first.done
    assert rows(path, mark=first) == []
    path = path.rename(tmp_path / "other name.mbox")
    with path.open("ab") as file:
        file.write(mbox(mail(n) for n in range(50, 60)))
    again = list(read_archive(path, mark=first))
    assert [h for b in again for _, h in b.rows] == headers(path)[50:]
    assert again[-1].mark.messages == 60
    packed = tmp_path / "x.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert source_name(packed) == source_name(path) == first.source
    assert [h for _, _, h in rows(packed, mark=first)] == headers(path)[50:]


@pytest.mark.parametrize("change", ["altered", "shorter"])
def test_a_file_that_changed_before_the_mark_begins_anew_and_says_so(write: Callable[..., Path], change: str) -> None:
    """What was counted of it does not count any more: restart is set on the first batch only."""
    octets = mbox(mail(n, b"text\n" * 50) for n in range(50))
    path = write(octets)
    (mark,) = marks(read_archive(path))
    changed = (
        octets[:-600] + octets[-600:].replace(b"text", b"TEXT") if change == "altered" else octets[: len(octets) // 2]
    )
    path.write_bytes(changed)
    batches = list(read_archive(path, mark=mark))
    assert batches[0].restart
    assert sum(b.messages for b in batches) == batches[-1].mark.messages == changed.count(b"Subject:")


def test_marks_of_other_archives_are_left_alone(write: Callable[..., Path]) -> None:
    """A mark of another source, or of another folder, moves nothing."""
    path = write(mbox(mail(n) for n in range(5)))
    (mark,) = marks(read_archive(path))
    strangers = [
        ScanMark("file:other", "", mark.uidvalidity, mark.uidnext),
        ScanMark(mark.source, "x", 1, mark.uidnext),
    ]
    assert len(rows(path, mark=strangers)) == 5
    assert len(rows(path, mark=[*strangers, mark])) == 0


def test_forty_gigabytes(tmp_path: Path) -> None:
    """Offsets beyond 4 GiB and 40 GB files work: a sparse file whose last messages are read from a mark before them."""
    path = tmp_path / "big.mbox"
    far = 40 * 1000**3
    with path.open("wb") as file:
        file.write(mbox([mail(1)]))
        file.truncate(far)
        file.seek(far)
        file.write(b"\n" + mbox([mail(2), mail(3)]))
    if path.stat().st_blocks * 512 > 1 << 30:  # pragma: no cover - no sparse files here
        pytest.fail("the file system made the file solid")
    mark = ScanMark(source_name(path), "", check_number(bytes(4096)), far, messages=1)
    found = rows(path, mark=mark)
    assert [uid for _, uid, _ in found] == [far + 1, far + 1 + len(mbox([mail(2)]))]
    assert message_at(path, found[1][1]) == mail(3)


# -- two processes


class Sizes:
    """Counts in another process: picklable, with a state of its own."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, folder: str, rows: list[tuple[int, bytes]]) -> dict[str, object]:
        self.calls += 1
        return {"pid": os.getpid(), "uids": [uid for uid, _ in rows], "octets": sum(len(h) for _, h in rows)}


def test_two_processes_find_the_same(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, order, marks and counts equal one process's, at segment borders anywhere; both processes work."""
    path = write(mbox(mail(n, b"From x\nline\n" * (n % 50), b"X: %s\n" % (b"z" * (n % 2000))) for n in range(2000)))
    alone = rows(path)
    for segment in (100_000, 33_333):
        monkeypatch.setattr(pair, "SEGMENT", segment)
        monkeypatch.setattr("readdress.mailbox.archives.files.SMALL", 1)
        both = list(read_archive(path, workers=2))
        assert [(b.folder, *row) for b in both for row in b.rows] == alone
        assert marks(both) == marks(read_archive(path))
        middle = both[len(both) // 2].mark
        assert rows(path, mark=middle) == [row for row in alone if row[1] >= middle.uidnext]
        counted = list(read_archive(path, workers=2, count=Sizes()))
        answers = [answer for b in counted for answer in b.counted]
        assert [uid for a in answers for uid in a["uids"]] == [uid for _, uid, _ in alone]
        assert len({a["pid"] for a in answers}) == 2
        assert os.getpid() not in {a["pid"] for a in answers}
        assert sum(b.messages for b in counted) == len(alone)


def test_a_process_that_dies_is_a_clear_error(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had not sent is not made up, and the message says to run again."""
    path = write(mbox(mail(n) for n in range(1000)))
    monkeypatch.setattr(pair, "SEGMENT", 10_000)
    monkeypatch.setattr("readdress.mailbox.archives.files.SMALL", 1)
    with pytest.raises(ArchiveError, match="has ended") as caught:
        list(read_archive(path, workers=2, count=_die))
    assert "goes on from there" in caught.value.todo


def _die(folder: str, found: list[tuple[int, bytes]]) -> None:
    os._exit(9)


# -- gzip, damage, what is none


def test_gzip_members_one_after_another(write: Callable[..., Path]) -> None:
    """Several gzip members are one file (RFC 1952 §2.2); zero octets or rubbish behind them are no part of it."""
    first, second = mbox(mail(n) for n in range(5)), mbox(mail(n) for n in range(5, 9))
    for tail in (b"", b"\0" * 512, b"rubbish"):
        path = write(gzip.compress(first) + gzip.compress(second) + tail)
        assert recognise(path) is ArchiveKind.MBOX_GZIP
        assert len(headers(path)) == 9
    assert message_at(path, rows(path)[7][1]) == mail(7)


@pytest.mark.parametrize("harm", ["cut", "altered"])
def test_a_damaged_gzip_file_gives_what_comes_before(write: Callable[..., Path], harm: str) -> None:
    """What was read is kept; then the error says where things stand."""
    octets = gzip.compress(mbox(mail(n, os.urandom(300).hex().encode() + b"\n") for n in range(3000)))
    middle = len(octets) // 2
    path = write(octets[:middle] if harm == "cut" else octets[:middle] + b"\xff" * 64 + octets[middle + 64 :])
    got: list[Any] = []
    reading = read_archive(path)
    with pytest.raises(ArchiveDamaged, match="damaged"):
        got.extend(reading)
    assert not any(b.mark.done for b in got)
    got = [row for b in got for row in b.rows]
    assert 1000 < len(got) < 2000


def test_a_gzip_bomb_is_stopped(write: Callable[..., Path]) -> None:
    """A gigabyte of zeros in a megabyte is no mail; it takes neither memory nor long."""
    path = write(gzip.compress(mbox([mail(1)]) + bytes(100_000_000)))
    with pytest.raises(ArchiveDamaged, match="200 times"):
        list(read_archive(path))


def test_what_is_no_mbox(write: Callable[..., Path], tmp_path: Path) -> None:
    """Each mistake has its own words and a next step."""
    cases = [
        (b"", ArchiveEmpty, "is empty"),
        (b"\n\n", ArchiveEmpty, "is empty"),
        (b"just some text\n" * 100, ArchiveUnknown, "no line that begins with 'From '"),
        (b"!BDN" + bytes(600), ArchiveUnknown, r"\.pst"),
        (gzip.compress(b"a tar file, perhaps"), ArchiveUnknown, "gzip"),
        (b"\x1f\x8b\x08broken", ArchiveDamaged, "damaged"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), ArchiveUnknown, "7z"),
        (b'// <!-- <mdb:mork:z v="1.4"/> -->\n', ArchiveUnknown, "index"),
        (b"SQLite format 3\0" + bytes(100), ArchiveUnknown, "database"),
    ]
    for octets, kind, words in cases:
        path = write(octets)
        with pytest.raises(kind, match=words) as caught:
            list(read_archive(path))
        assert caught.value.todo
    with pytest.raises(ArchiveEmpty, match="From "):
        list(read_archive(write(b"Some: text\n" * 9), kind=ArchiveKind.MBOX))
    with pytest.raises(ArchiveError, match="There is no"):
        list(read_archive(tmp_path / "missing"))
    with pytest.raises(ArchiveDamaged, match="not there any more"):
        message_at(write(mbox([mail(1), mail(2)])), 7)


def test_may_not_be_read(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission denied is a sentence (root reads everything, so the system's answer is put in)."""
    path = write(mbox([mail(1)]))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("io.FileIO", refuse)
    with pytest.raises(ArchiveError, match="may not be read") as caught:
        list(read_archive(path))
    assert caught.value.todo


def test_labels_of_a_takeout() -> None:
    """Plain, quoted, encoded in pieces and folded."""
    assert labels_of(b'X-Gmail-Labels: Inbox,Important,"a, b"\nSubject: x\n') == ("Inbox", "Important", "a, b")
    folded = (
        b"Subject: x\nX-GMAIL-LABELS: =?UTF-8?Q?=E5=B7=A5=E4=BD=9C,Unread,?=\r\n =?UTF-8?B?5pS25Lu2566x?=\r\nTo: y\n"
    )
    assert labels_of(folded) == ("工作", "Unread", "收件箱")
    assert labels_of(b"Subject: x\n") == ()
    assert labels_of(b"X-Gmail-Labels: =?nope?B?!!?=\n") == ("=?nope?B?!!?=",)
