"""Every format, as its manager writes it: recognised by content, read whole, OLD found where it stands, no secret let out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readdress.errors import ReaddressError
from readdress.models import Address, Login, OldMatch
from readdress.passwords import NAMES, ExportDamaged, ExportEncrypted, ExportUnknown, read_export, recognise
from tests.passwords import exports as made
from tests.passwords.exports import CANARY, CSV, ENTRIES, HOSTS, OLD, TEXT, ZIPS

WITHOUT_NOTES = {"firefox_csv"}
WITH_DATES = {
    "keepassxc_csv",
    "protonpass_csv",
    "firefox_csv",
    "bitwarden_json",
    "protonpass_json",
    "enpass_json",
    "keepass_xml",
    "1pux",
    "proton zip",
    "onepassword_1pux",
}
WITHOUT_TOTP = {"keepass_csv", "chrome_csv", "firefox_csv"}


def write(tmp_path: Path, data: bytes) -> Path:
    """Under a name that says nothing."""
    path = tmp_path / "download.bin"
    path.write_bytes(data)
    return path


def collect(path: Path, **given: object) -> tuple[list[Login], ReaddressError | None]:
    """The logins until the end or until the error, and the error."""
    found: list[Login] = []
    trouble: ReaddressError | None = None
    try:
        for login in read_export(path, old=OLD, **given):  # type: ignore[arg-type]
            found.append(login)  # noqa: PERF402 - what came before an error is kept
    except ReaddressError as error:
        trouble = error
    for thing in (found, trouble):
        assert_no_secret(thing)
    return found, trouble


def everything_of(thing: object) -> Iterator[str]:
    yield repr(thing)
    yield str(thing)
    if isinstance(thing, BaseException):
        yield repr(vars(thing))
        yield repr(thing.args)
        for other in (thing.__cause__, thing.__context__):
            if other is not None:
                yield from everything_of(other)
        trace = thing.__traceback__
        while trace is not None:
            if "passwords" in trace.tb_frame.f_code.co_filename and "tests" not in trace.tb_frame.f_code.co_filename:
                yield repr(trace.tb_frame.f_locals)
            trace = trace.tb_next


def assert_no_secret(thing: object) -> None:
    for text in everything_of(thing):
        assert CANARY not in text


def check_all(logins: list[Login], *, format_id: str, label: str = "") -> None:
    assert [login.host for login in logins] == list(HOSTS)
    assert [login.user_name for login in logins] == [e.user for e in ENTRIES]
    assert [login.source for login in logins] == [format_id] * 5
    assert [login.row for login in logins] == [1, 2, 3, 4, 5]
    assert {login.kind for login in logins} == {"login"}
    note = () if format_id in WITHOUT_NOTES else (OldMatch("note", "exact"),)
    where = [
        (OldMatch("user_name", "exact"),),
        (OldMatch("user_name", "case"),),
        (OldMatch("user_name", "plus"),),
        note,
        (),
    ]
    assert [login.old for login in logins] == where
    assert logins[1].url == "https://shop.example.net:8443"
    if format_id != "firefox_csv":
        assert [login.title for login in logins] == [e.title for e in ENTRIES]
    assert [login.has_totp for login in logins] == [format_id not in WITHOUT_TOTP, False, False, False, False]
    assert [login.has_passkey for login in logins] == [
        format_id in ("bitwarden_json", "protonpass_json"),
        False,
        False,
        False,
        False,
    ]
    moment = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert {login.modified for login in logins} == ({moment} if {format_id, label} & WITH_DATES else {None})


def one_of_each() -> list[tuple[str, str, Callable[..., bytes]]]:
    return [(name, name, make) for name, make in TEXT.items()] + [(name, *pair) for name, pair in ZIPS.items()]


@pytest.mark.parametrize(("label", "format_id", "make"), one_of_each(), ids=[one[0] for one in one_of_each()])
def test_each_format_is_recognised_and_read(
    tmp_path: Path, label: str, format_id: str, make: Callable[..., bytes]
) -> None:
    """The name of the file says nothing; embedded newlines, quotes, separators and formulas stand in the cells."""
    path = write(tmp_path, make())
    assert recognise(path) == format_id
    logins, trouble = collect(path)
    assert trouble is None
    check_all(logins, format_id=format_id, label=label)


@pytest.mark.parametrize("version", [3, 4])
def test_kdbx_opens_with_its_password(tmp_path: Path, version: int) -> None:
    """Both versions; entries' earlier states (history) are no entries; the password is asked for once."""
    path = tmp_path / "database"
    made.kdbx(path, version)
    assert recognise(path) == "keepass_kdbx"
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        return made.MASTER

    logins, trouble = collect(path, password=ask)
    assert trouble is None
    assert asked == [1]
    assert [login.host for login in logins] == list(HOSTS)
    assert [login.title for login in logins] == [e.title for e in ENTRIES]
    assert [len(login.old) for login in logins] == [1, 1, 1, 1, 0]
    assert [login.has_totp for login in logins] == [True, False, False, False, False]
    assert all(login.modified is not None for login in logins)


def test_every_format_that_is_named_was_read() -> None:
    """The list that people are shown, and the formats of these tests, are the same."""
    assert set(TEXT) | {pair[0] for pair in ZIPS.values()} | {"keepass_kdbx"} == set(NAMES)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", TEXT)
def test_encodings(tmp_path: Path, name: str, encoding: str) -> None:
    """A byte-order mark, UTF-16 with one and without, as editors and spreadsheets save them."""
    path = write(tmp_path, TEXT[name]().decode().encode(encoding))
    logins, trouble = collect(path)
    assert trouble is None
    check_all(logins, format_id=name)


@pytest.mark.parametrize("name", CSV)
def test_semicolons_and_excels_hint(tmp_path: Path, name: str) -> None:
    """Spreadsheets of half the world separate with semicolons, and write ``sep=;`` first."""
    for head in (b"", b"sep=;\r\n"):
        logins, trouble = collect(write(tmp_path, head + CSV[name](delimiter=";")))
        assert trouble is None
        check_all(logins, format_id=name)


@pytest.mark.parametrize("encoding", ["gb18030", "cp1252"])
def test_what_excel_saves_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    """A file that went through Excel in China or Europe: addresses, hosts and names are whole."""
    entries = (
        made.Entry("银行" if encoding == "gb18030" else "Café, é", "https://bank.example.org", "Ann.Old@example.com"),
    )
    logins, trouble = collect(write(tmp_path, made.chrome_csv(entries).decode().encode(encoding)))
    assert trouble is None
    assert [(login.host, login.user_name, login.is_old) for login in logins] == [
        ("bank.example.org", "Ann.Old@example.com", True)
    ]
    if encoding == "gb18030":
        assert logins[0].title == "银行"


@pytest.mark.parametrize("name", [*TEXT, *ZIPS])
def test_cut_off_anywhere(tmp_path: Path, name: str) -> None:
    """Cut at 30 places: what stands before is given unchanged, the rest is an error with a row and a next action, never silence."""
    data = TEXT[name]() if name in TEXT else ZIPS[name][1]()
    whole, _ = collect(write(tmp_path, data))
    for place in range(1, len(data), max(1, len(data) // 30)):
        logins, trouble = collect(write(tmp_path, data[:place]))
        sure = len(logins) - (
            name in CSV
        )  # where a cell that may be empty was cut away whole, the last row of a table looks whole
        assert logins[: max(0, sure)] == whole[: max(0, sure)]
        assert [login.user_name for login in logins] == [e.user for e in ENTRIES][: len(logins)]
        if isinstance(trouble, ExportDamaged):
            assert trouble.unexpected == ""
        if trouble is None:
            assert name in CSV  # a table does not say how long it is, the other formats do
        else:
            assert trouble.todo
            assert str(trouble).endswith(".")


def test_cut_off_in_a_row_says_which(tmp_path: Path) -> None:
    """Ten rows, cut in the seventh: six are given, the error names the seventh."""
    entries = tuple(made.Entry(f"s{n}", f"https://s{n}.example.org", "ann") for n in range(10))
    for make in (made.chrome_csv, made.bitwarden_json, made.keepass_xml, made.enpass_json):
        data = make(entries)
        logins, trouble = collect(write(tmp_path, data[: data.index(b"s6.example.org") + 3]))
        assert [login.row for login in logins] == [1, 2, 3, 4, 5, 6]
        assert isinstance(trouble, ExportDamaged)
        assert trouble.row == 7
        assert "Export once more" in trouble.todo


@pytest.mark.parametrize("name", [*TEXT, *ZIPS])
def test_damaged_bytes(tmp_path: Path, name: str) -> None:
    """A byte changed at 30 places: rows, or a clear error; nothing else is ever raised, no secret slips out, nothing is unforeseen."""
    data = TEXT[name]() if name in TEXT else ZIPS[name][1]()
    for place in range(0, len(data), max(1, len(data) // 30)):
        for byte in (0x00, 0x22, 0xFF):
            _, trouble = collect(write(tmp_path, data[:place] + bytes([byte]) + data[place + 1 :]))
            assert getattr(trouble, "unexpected", "") == ""


def test_a_row_of_another_width_is_left_out(tmp_path: Path) -> None:
    """A lost comma shifts the columns: the password would stand where the user name is. Such a row is named and left out."""
    text = (
        f"name,url,username,password,note\na,https://a.example.org,ann,{CANARY},\nb,https://b.example.org,{CANARY},\n"
        f"c,https://c.example.org,ann,{CANARY},\n"
    )
    logins, trouble = collect(write(tmp_path, text.encode()))
    assert [login.row for login in logins] == [1, 3]
    assert isinstance(trouble, ExportDamaged)
    assert trouble.rows == (2,)
    assert "2" in str(trouble)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"a,b,c\n1,2,3\n",
        b"{}",
        b"[]",
        b'{"a": 1}',
        b"<html></html>",
        b"<KeePassFileX/>",
        bytes(range(256)) * 50,
        b"%PDF-1.7\n",
        b"url,username\nx,y\n",
        b"url,url,username,password\n",
        b"PK\x05\x06" + bytes(18),
        b"\xef\xbb\xbf",
        b"sep=",
        b"sep=\n",
        b"\xff\xfe",
    ],
)
def test_no_export_at_all(tmp_path: Path, data: bytes) -> None:
    """The error lists what is understood."""
    path = write(tmp_path, data)
    for call in (lambda: recognise(path), lambda: list(read_export(path, old=OLD))):
        with pytest.raises(ExportUnknown) as caught:
            call()
        assert "Bitwarden (JSON)" in caught.value.todo
        assert "Safari" in caught.value.todo


def test_encrypted_exports_say_so(tmp_path: Path) -> None:
    """Bitwarden's two kinds of encryption, Proton's PGP (in its zip, armoured, binary), a zip with a password."""
    account = {
        "encrypted": True,
        "encKeyValidation_DO_NOT_EDIT": "2.x|y|z",
        "folders": [],
        "items": [{"id": "1", "name": "2.a|b|c"}],
    }
    file = {
        "encrypted": True,
        "passwordProtected": True,
        "salt": "c2FsdA==",
        "kdfType": 0,
        "kdfIterations": 600000,
        "data": "2.a|b|c",
    }
    late = {"items": [], "folders": [], "encrypted": True}
    locked = bytearray(made.zipped(**{"x.csv": made.chrome_csv()}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    packet = b"\x8c\x0d\x04\x09\x03\x08" + bytes(range(64))
    cases = [
        (json.dumps(account).encode(), "Bitwarden"),
        (json.dumps(file, indent=2).encode(), "Bitwarden"),
        (json.dumps(late).encode(), "Bitwarden"),
        (made.zipped(**{"Proton Pass/data.pgp": packet}), "Proton"),
        (b"-----BEGIN PGP MESSAGE-----\n\nabc", "Proton"),
        (packet, "Proton"),
        (bytes(locked), "password"),
    ]
    for data, word in cases:
        logins, trouble = collect(write(tmp_path, data))
        assert logins == []
        assert isinstance(trouble, ExportEncrypted), data
        assert word in str(trouble)
        assert trouble.todo


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """Missing, a folder, a name with a NUL: one sentence."""
    for path in (tmp_path / "missing", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(ReaddressError, match="cannot be opened"):
            recognise(path)


def test_other_kinds_only_where_they_name_old(tmp_path: Path) -> None:
    """A secure note, a card or an identity is no account; where it names OLD it is still worth a look, and trash is told."""
    items = [
        {"type": 2, "name": "Wi-Fi", "notes": CANARY},
        {"type": 2, "name": "Codes", "notes": f"{CANARY} for ann.old@example.com"},
        {"type": 3, "name": "Card", "notes": None, "card": {"number": CANARY}},
        {"type": 4, "name": "Me", "identity": {"email": "Ann.Old@example.com"}},
        {
            "type": 1,
            "name": "Gone",
            "deletedDate": "2024-01-01T00:00:00Z",
            "login": None,
            "fields": [{"value": CANARY}, {"value": "Ann.Old@example.com"}],
        },
        {"type": 5, "name": "ssh", "sshKey": {"privateKey": CANARY}},
    ]
    logins, trouble = collect(write(tmp_path, json.dumps({"encrypted": False, "items": items}).encode()))
    assert trouble is None
    assert [(login.row, login.kind, login.old, login.in_trash) for login in logins] == [
        (2, "note", (OldMatch("note", "case"),), False),
        (4, "identity", (OldMatch("email", "exact"),), False),
        (5, "login", (OldMatch("field 2", "exact"),), True),
    ]


def test_old_in_an_address_of_another_alphabet(tmp_path: Path) -> None:
    """OLD at an international domain is found in both ways of writing it, and next to Chinese text without a space."""
    old = Address.parse("ann@例え.jp")
    text = "name,url,username,password,note\na,,ann@xn--r8jz45g.jp,x,\nb,,x,x,邮箱ann@例え.jp\nc,,ann@例え.jp,x,\n"
    logins = list(read_export(write(tmp_path, text.encode()), old=old))
    assert [login.is_old for login in logins] == [True, True, True]
