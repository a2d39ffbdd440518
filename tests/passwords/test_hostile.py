"""Exports as hostile or enormous input: caps, bounded memory, and no error but ours for any bytes at all."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readdress.errors import ReaddressError
from readdress.models import Address
from readdress.passwords import ExportDamaged, ExportEncrypted, ExportError, ExportPassword, kdbx, read_export, source
from readdress.passwords.jsonstream import JsonStream, Malformed
from readdress.passwords.matching import OldFinder
from readdress.passwords.row import Row, login_from, when
from tests.passwords import exports as made
from tests.passwords.exports import CANARY, OLD, TEXT
from tests.passwords.kdbx_writer import write_kdbx3, write_kdbx4
from tests.passwords.test_formats import assert_no_secret, collect, write


def test_kdbx_wrong_password_none_and_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three sentences: which password, that one is needed, what to install."""
    for version in (3, 4):
        path = tmp_path / f"database{version}"
        made.kdbx(path, version)
        _, trouble = collect(path, password=lambda: "wrong")
        assert isinstance(trouble, ExportPassword)
        assert "key file" in trouble.todo
        _, trouble = collect(path)
        assert isinstance(trouble, ExportEncrypted)
    monkeypatch.setitem(__import__("sys").modules, "pykeepass", None)
    _, trouble = collect(path, password=lambda: made.MASTER)
    assert isinstance(trouble, ExportError)
    assert "readdress[keepass]" in trouble.todo


def test_kdbx_damaged_and_cut(tmp_path: Path) -> None:
    """Bytes changed or missing in header and body: damaged or a wrong password (they cannot always be told apart), nothing else."""
    for version in (3, 4):
        path = tmp_path / f"database{version}"
        made.kdbx(path, version)
        data = path.read_bytes()
        step = max(1, len(data) // 6)
        for place in range(8, len(data), step):
            for changed in (data[:place], data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]):
                path.write_bytes(changed)
                logins, trouble = collect(path, password=lambda: made.MASTER)
                assert isinstance(trouble, ExportDamaged | ExportPassword) or len(logins) == 5
                assert getattr(trouble, "unexpected", "") == ""


def test_kdbx_that_asks_for_all_memory_or_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caps are looked at before anything is derived, and before the password is asked for."""
    monkeypatch.setattr(kdbx, "MEMORY_CAP", (1 << 16) - 1)
    monkeypatch.setattr(kdbx, "ROUNDS_CAP", 59)
    for writer in (write_kdbx3, write_kdbx4):
        path = tmp_path / writer.__name__
        writer(path, made.ENTRIES)
        _, trouble = collect(path, password=lambda: pytest.fail("asked"))
        assert isinstance(trouble, ExportDamaged)
        assert "more memory or time" in str(trouble)
    monkeypatch.undo()
    path = tmp_path / "rounds"
    write_kdbx3(path, made.ENTRIES, rounds=1 << 60)  # would take years
    _, trouble = collect(path, password=lambda: pytest.fail("asked"))
    assert isinstance(trouble, ExportDamaged)


def test_kdbx_library_errors_are_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every exception class of pykeepass, and those that come through it, becomes one of ours, without its text."""
    import construct
    import lxml.etree
    import pykeepass
    import pykeepass.exceptions as theirs

    path = tmp_path / "database"
    write_kdbx3(path, made.ENTRIES)
    kinds: list[type[Exception]] = [
        k for k in vars(theirs).values() if isinstance(k, type) and issubclass(k, Exception)
    ]
    assert len(kinds) >= 5
    kinds += [
        construct.ConstructError,
        construct.StreamError,
        lxml.etree.LxmlError,
        ValueError,
        OverflowError,
        MemoryError,
        KeyError,
    ]
    for kind in kinds:

        def fail(*_: object, kind: type[Exception] = kind, **__: object) -> Any:
            raise kind(CANARY)

        monkeypatch.setattr(pykeepass, "PyKeePass", fail)
        _, trouble = collect(path, password=lambda: made.MASTER)
        assert isinstance(trouble, ExportPassword if kind is theirs.CredentialsError else ExportDamaged)
        assert getattr(trouble, "unexpected", "") == ""


def test_zip_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that unpacks to 20 MiB of notes from 40 KiB: stopped at the cap, in bounded memory, nothing on disk."""
    path = tmp_path / "bomb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.csv", "w") as member:
        member.write(b"name,url,username,password,note\n")
        for _ in range(40):
            member.write(b"a,https://a.example.org,ann,b," + b"n" * (1 << 19) + b"\n")
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(source, "RATIO_FREE", 1 << 20)
    tracemalloc.start()
    _, trouble = collect(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(trouble, ExportDamaged)
    assert "unpacks to far more" in str(trouble)
    assert peak < 20 << 20
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bomb"]


def test_zip_errors_are_mapped(tmp_path: Path) -> None:
    """Bad checksums, an unknown compression, a directory that lies, too many members: damaged."""
    good = made.onepassword_1pux()
    at = good.index(b"export.data") + len(b"export.data")
    central = good.index(b"PK\x01\x02", good.index(b"PK\x01\x02") + 4)
    broken = [
        good[: at + 20] + b"\xff\xff\xff" + good[at + 23 :],
        good[: central + 10] + b"\x63\x00" + good[central + 12 :],
        good[: central + 42] + b"\xff\xff\xff\x7f" + good[central + 46 :],
        good[:-30],
        b"PK\x03\x04" + bytes(500),
    ]
    for data in broken:
        logins, trouble = collect(write(tmp_path, data))
        assert isinstance(trouble, ExportError), data[:80]
        assert getattr(trouble, "unexpected", "") == ""
        assert len(logins) <= 5


def test_huge_fields(tmp_path: Path) -> None:
    """A note of 900,000 characters is read; a field over the cap, a lost quote and an endless line are errors with a row."""
    for size, fine in ((900_000, True), (3_000_000, False)):
        entries = (
            made.Entry("a", "https://a.example.org", "ann"),
            made.Entry("b", "https://b.example.org", "ann", note="n" * size + " Ann.Old@example.com"),
        )
        logins, trouble = collect(write(tmp_path, made.chrome_csv(entries)))
        assert [login.is_old for login in logins] == ([False, True] if fine else [False])
        assert (trouble is None) is fine
        if trouble is not None:
            assert trouble.row == 2  # type: ignore[attr-defined]
    endless = b"name,url,username,password\na,https://a.example.org,ann,x\n" + b"," * (9 << 20)
    logins, trouble = collect(write(tmp_path, endless))
    assert len(logins) == 1
    assert isinstance(trouble, ExportDamaged)


def test_huge_attachment_in_json_is_passed_over(tmp_path: Path) -> None:
    """What is not wanted is never built: 8 MB beside the items cost no memory to speak of."""
    data = (
        b'{"encrypted": false, "collections": ["'
        + b'\\\\z\\"' * (1 << 20)
        + b'"], "items": [{"type": 1, "name": "a"}]}'
    )
    path = write(tmp_path, data)
    tracemalloc.start()
    logins, trouble = collect(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert trouble is None
    assert [login.title for login in logins] == ["a"]
    assert peak < 4 << 20


@pytest.mark.parametrize(
    "data",
    [
        b'{"encrypted":false,"items":[' + b"[" * 100_000,
        b'{"encrypted":false,"folders":' + b'{"a":' * 100_000,
        b'{"encrypted":false,"items":[{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
    ],
)
def test_deep_nesting(tmp_path: Path, data: bytes) -> None:
    """Deep lists and objects end in our error, not in the interpreter's stack."""
    _, trouble = collect(write(tmp_path, data))
    assert isinstance(trouble, ExportDamaged)
    assert trouble.unexpected == ""


def test_xml_entities_are_refused(tmp_path: Path) -> None:
    """A billion laughs, or a file pulled in: entities are refused as soon as they are declared."""
    data = b'<?xml version="1.0"?>\n<!DOCTYPE KeePassFile [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><KeePassFile><Root>&b;</Root></KeePassFile>'
    _, trouble = collect(write(tmp_path, data))
    assert isinstance(trouble, ExportError)
    inner = made.keepass_xml().replace(b"<KeePassFile>", b"<!-- x --><KeePassFile>", 1)
    logins, trouble = collect(write(tmp_path, inner))
    assert trouble is None
    assert len(logins) == 5


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_lines_end_as_the_text_says(size: int) -> None:
    """CR, LF, both, and ends of pieces between them: lines as the io module gives them; other separators part nothing."""
    text = "a\r\nb\rc\n\n\r\r\nd\x0be\u2028f\r"
    raw = io.BytesIO(text.encode())
    reader = source.TextReader(raw, "utf-8")
    raw.read, read = (lambda _: read(size)), raw.read  # type: ignore[method-assign]
    lines = source.Lines(reader, 100)
    assert list(lines) == list(io.StringIO(text, newline=""))
    assert lines.ended


def rows(count: int) -> Iterator[made.Entry]:
    for number in range(count):
        yield made.Entry(
            f"s{number}", f"https://s{number}.example.org/a", "Ann.Old@example.com" if number % 3 else "x", note=CANARY
        )


@pytest.mark.parametrize("name", ["chrome_csv", "bitwarden_json", "keepass_xml"])
def test_memory_stays_flat(tmp_path: Path, name: str) -> None:
    """6,000 entries are given one by one: memory does not grow with them, progress is told."""
    path = write(tmp_path, TEXT[name](tuple(rows(6_000))))
    told: list[tuple[int, int, int]] = []
    tracemalloc.start()
    count = sum(1 for _ in read_export(path, old=OLD, progress=lambda *now: told.append(now)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 6_000
    assert peak < 2 << 20
    assert told == sorted(told)
    assert told[-1] == (6_000, path.stat().st_size, path.stat().st_size)


def test_unforeseen_errors_carry_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a reader ever fail in a way nobody foresaw, the error still holds no row, in no frame."""

    def fail(row: Row, **_: object) -> None:
        raise KeyError(row.notes, CANARY)

    monkeypatch.setattr("readdress.passwords.reading.login_from", fail)
    with pytest.raises(ExportDamaged) as caught:
        list(read_export(write(tmp_path, made.chrome_csv()), old=OLD))
    assert caught.value.unexpected == "KeyError"
    assert_no_secret(caught.value)


SEEDS = [make() for make in TEXT.values()] + [made.onepassword_1pux(), made.protonpass_zip()]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_raise_only_our_errors(tmp_path: Path, data: st.DataObject) -> None:
    """Real exports with pieces cut out, doubled and overwritten: logins, or an error of ours that somebody foresaw."""
    seed = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(seed)))
        gone = data.draw(st.integers(0, 40))
        seed = (
            seed[:at]
            + data.draw(
                st.binary(max_size=12)
                | st.sampled_from([b'"', b"\n", b",", b"[", b"}", b"\xff\xfe", b"null", b"1e999"])
            )
            + seed[at + gone :]
        )
    _, trouble = collect(write(tmp_path, seed))
    assert trouble is None or isinstance(trouble, ReaddressError)
    assert getattr(trouble, "unexpected", "") == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(value=JSON, size=st.integers(1, 9), indent=st.sampled_from([None, 1]))
def test_json_in_pieces_is_the_json_module(value: object, size: int, indent: int | None) -> None:
    """Whatever the pieces: the same values as ``json.loads`` on wanted paths, and skipped ones leave no trace."""
    text = json.dumps(
        {"skip": value, "want": [value, value], "after": value, "tail": value}, indent=indent, ensure_ascii=False
    )
    stream = io.StringIO(text)
    got = list(JsonStream(lambda: stream.read(size), (("want", "*"), ("tail",))).items())
    expected = json.loads(text)
    assert got == [
        (("want", "*"), expected["want"][0]),
        (("want", "*"), expected["want"][1]),
        (("tail",), expected["tail"]),
    ]
    cut = io.StringIO(text[:-1])
    with pytest.raises(Malformed):
        list(JsonStream(lambda: cut.read(size), (("want", "*"),)).items())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                {},
                {"type": 1},
                None,
                1,
                "x",
                {"login": 3, "type": [1]},
                {"type": 1, "fields": {"a": 1}, "name": 4},
                {"type": 1, "login": {"uris": [1, {"uri": "\ud800"}], "username": "\ud800", "totp": 1}},
                {"details": [], "overview": 1, "state": {}},
                {"data": {"content": {"urls": [1]}, "extraFields": 5}},
            ]
        ),
        max_size=4,
    ),
    st.sampled_from(["bitwarden", "enpass", "proton", "1p"]),
)
def test_json_of_wrong_types(tmp_path_factory: pytest.TempPathFactory, items: list[object], kind: str) -> None:
    """Keys that hold another type than the format says are empty, not a crash; what is given can be printed."""
    shapes: dict[str, object] = {
        "bitwarden": {"encrypted": False, "items": items},
        "enpass": {"folders": [], "items": items},
        "proton": {"encrypted": False, "vaults": {"v": {"items": items}}},
        "1p": {"accounts": [{"vaults": [{"items": items}]}]},
    }
    path = tmp_path_factory.getbasetemp() / "types"
    path.write_text(json.dumps(shapes[kind]))
    logins, trouble = collect(path)
    assert getattr(trouble, "unexpected", "") == ""
    assert str(logins).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("Ann.Old@example.com", "exact"),
        ("<Ann.Old@example.com>", "exact"),
        ("mailto:Ann.Old@example.com?x", "exact"),
        ("mail=Ann.Old@example.com", "exact"),
        ("to Ann.Old@example.com.", "exact"),
        ("ANN.OLD@EXAMPLE.COM", "case"),
        ("Ann.Old@Example.com", "case"),
        ("Ann.Old+a+b@example.com", "plus"),
        ("Ann.Old+@example.com", "plus"),
        ("ann.old@example.com Ann.Old@example.com", "exact"),
        ("邮箱Ann.Old@example.com吗", "exact"),
        ("joAnn.Old@example.com", ""),
        ("Ann.Old@example.com.au", ""),
        ("Ann.Old@example.community", ""),
        ("Ann.Old@sub.example.com", ""),
        ("Old@example.com", ""),
        ("Ann.Old-x@example.com", ""),
        ("@example.com", ""),
        ("Ann.Old@example.com-x", ""),
        ("x" * 200 + "Ann.Old@example.com", ""),
    ],
)
def test_old_is_found_whole(text: str, how: str) -> None:
    """Exactly, in other case, with a plus-tag, inside text; never as a part of another address."""
    assert OldFinder(OLD).find(text) == how


def test_finding_is_linear() -> None:
    """A megabyte of almost-matches takes no noticeable time (a backtracking search would take minutes)."""
    finder = OldFinder(Address.parse("a@example.com"))
    assert finder.find("a" * 1_000_000) == ""
    assert finder.find("b@example.com" * 20_000) == ""


@pytest.mark.parametrize(
    ("value", "year"),
    [
        (1_700_000_000, 2023),
        ("1700000000000", 2023),
        ("2023-11-14T22:13:20.123Z", 2023),
        ("2023-11-14 22:13:20", 2023),
        (0, None),
        (-5, None),
        (True, None),
        ("", None),
        ("never", None),
        (10**30, None),
        (float("nan"), None),
        ("9" * 19, None),
        (None, None),
        ([], None),
        ("0001-01-01T00:00:00+23:00", None),
    ],
)
def test_dates(value: object, year: int | None) -> None:
    """Seconds, milliseconds and ISO 8601; whatever else is no date."""
    moment = when(value)
    assert (moment.year if moment else None) == year


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:pw@Example.COM:8443/p?t=1#f", ("https://example.com:8443", "example.com", "")),
        ("example.com/login", ("https://example.com", "example.com", "")),
        ("example.com:8080", ("https://example.com:8080", "example.com", "")),
        ("androidapp://com.example.app", ("", "", "com.example.app")),
        ("android://hash==@com.example.app/", ("", "", "com.example.app")),
        ("hunter2", ("", "", "")),
        ("htt:/x/", ("", "", "")),
        ("https://", ("", "", "")),
        ("http://192.0.2.1/", ("http://192.0.2.1", "192.0.2.1", "")),
        ("https://例え.jp", ("https://xn--r8jz45g.jp", "xn--r8jz45g.jp", "")),
        ("\ud800", ("", "", "")),
    ],
)
def test_urls_are_cut_to_their_origin(text: str, expected: tuple[str, str, str]) -> None:
    """Host as browsers read it; user-info, path and query can hold secrets and stay behind."""
    login = login_from(Row(urls=[text]), source="x", number=1, finder=OldFinder(OLD))
    assert login is not None
    assert (login.url, login.host, login.app) == expected
