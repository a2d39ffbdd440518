"""``catalogue update``: what is taken over, what is left out, and that any failure keeps the copy of before."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from samples import API, SMALL, files, write

from readdress.errors import ConfigError, UserError
from readdress.net.fetch import FetchError
from readdress.recipe.datasets import MAX_BYTES, SETS, DataSetError, read_2fa, read_groups, read_jdm, read_pages
from readdress.recipe.imported import read_copy
from readdress.workflow.knowing import update

REAL = os.environ.get("READDRESS_DATA", "")


def test_update_from_files(tmp_path: Path) -> None:
    """Files in a folder or one below it: merged, dated, with their source and digest, in a file that only the person can read."""
    data = files()
    write(tmp_path / "in" / "jdm", {"sites.json": data.pop("sites.json")})
    write(tmp_path / "in", data)
    done = update(tmp_path / "in", path=tmp_path / "home" / "catalogue.json", sets=SMALL)
    assert (done.merged.domains, done.merged.accounts, done.merged.groups, done.merged.codes_by_mail) == (8, 3, 2, 1)
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600 and not done.replaced
    copy = read_copy(done.path)
    assert {o.name for o in copy.origins} == {"apple", "apple-shared", "jdm", "2fa"}
    assert all(o.date is not None and len(o.digest) == 64 and o.url == "file" for o in copy.origins)
    alpha = next(s for s in copy.services if "alpha.test" in s.domains)
    assert alpha.account == "https://www.alpha.test/settings" and alpha.second_factors == ("email", "totp")
    assert alpha.category == "shopping" and alpha.recover == "https://alpha.test/lost"
    gamma = next(s for s in copy.services if "gamma.test" in s.domains)
    assert gamma.close == "", "a mail address is no page"
    assert update(tmp_path / "in", path=done.path, sets=SMALL).replaced


def test_update_by_download(tmp_path: Path) -> None:
    """Without files the public addresses are fetched, each with its cap, and the API's own shape is read as well."""
    data = files() | {"entries.json": API}
    asked: list[tuple[str, int]] = []

    def fetch(url: str, cap: int) -> bytes:
        asked.append((url, cap))
        name = next(s.file for s in SMALL if s.url == url)
        return json.dumps(data[name]).encode()

    done = update(path=tmp_path / "c.json", sets=SMALL, fetch=fetch)
    assert [a for a, _ in asked] == [s.url for s in SETS] and {c for _, c in asked} == {MAX_BYTES}
    assert all(s.url.startswith(("https://raw.githubusercontent.com/", "https://api.2fa.directory/")) for s in SETS)
    assert done.merged.codes_by_mail == 1 and done.merged.domains == 8


def _bad(name: str, content: Any) -> dict[str, Any]:
    return files() | {name: content}


BROKEN = {
    "no json": _bad("sites.json", b"<html>"),
    "cut short": _bad("sites.json", json.dumps(files()["sites.json"]).encode()[:-20]),
    "not utf-8": _bad("sites.json", b"\xff\xfe\x00[1]"),
    "another type": _bad("sites.json", {"a": 1}),
    "pages a list": _bad("change-password-URLs.json", [1]),
    "groups an object": _bad("shared-credentials.json", {}),
    "entries a number": _bad("entries.json", 3),
    "empty": _bad("sites.json", []),
    "no good entry": _bad("sites.json", [{"name": 1}, None, "x"]),
    "deep": _bad("sites.json", b"[" * 200_000),
    "all of another shape": _bad(
        "sites.json", [{"title": f"T{n}", "hosts": ["a.test"]} for n in range(50)] + files()["sites.json"]
    ),
    "gigantic": _bad("sites.json", b" " * (MAX_BYTES + 1)),
    "too many": _bad("sites.json", [{"name": "x", "domains": ["a.test"]}] * 50_001),
}


@pytest.mark.parametrize("contents", BROKEN.values(), ids=BROKEN)
def test_any_failure_keeps_the_copy_of_before(tmp_path: Path, contents: dict[str, Any]) -> None:
    """Whatever is wrong with one file, nothing of the update is taken over, and the error says that the old copy stays."""
    place = tmp_path / "c.json"
    update(write(tmp_path / "good", files()), path=place, sets=SMALL)
    before = place.read_bytes()
    with pytest.raises(DataSetError) as caught:
        update(write(tmp_path / "bad", contents), path=place, sets=SMALL)
    assert place.read_bytes() == before and "kept" in caught.value.todo
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["c.json"], "no half file is left beside it"


def test_failures_of_the_line_and_the_disk_keep_it_too(tmp_path: Path) -> None:
    """A download that breaks at the last file, a missing file, a place that cannot be written."""
    place = tmp_path / "c.json"
    update(write(tmp_path / "good", files()), path=place, sets=SMALL)
    before = place.read_bytes()

    def breaks(url: str, cap: int) -> bytes:
        if "2fa" in url:
            raise FetchError("the line broke", todo="x")
        return json.dumps(files()[next(s.file for s in SMALL if s.url == url)]).encode()

    with pytest.raises(FetchError):
        update(path=place, sets=SMALL, fetch=breaks)
    data = files()
    del data["entries.json"]
    with pytest.raises(UserError, match=r"entries\.json is not in"):
        update(write(tmp_path / "part", data), path=place, sets=SMALL)
    assert place.read_bytes() == before
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError):
        update(tmp_path / "good", path=tmp_path / "file" / "c.json", sets=SMALL)


def test_the_real_sets_have_a_least_size(tmp_path: Path) -> None:
    """A set that shrank to a few entries is not the set any more: somebody else may be answering."""
    with pytest.raises(DataSetError, match="at least"):
        update(write(tmp_path / "in", files()), path=tmp_path / "c.json")


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "A", "domains": ["javascript:alert(1)"]},
        {"name": "A", "domains": ["a.test/path"]},
        {"name": "A", "domains": ["localhost"]},
        {"name": "A", "domains": ["127.0.0.1"]},
        {"name": "A", "domains": ["a" * 300 + ".test"]},
        {"name": "A", "domains": "a.test"},
        {"name": 5, "domains": ["a.test"]},
        {"name": "A" * 500, "domains": ["a.test"]},
        {"name": "A", "domains": ["a.test"] * 300},
        {"name": "A", "domains": []},
        {"name": "A", "domains": ["a.test"], "difficulty": "<script>"},
        None,
        ["A"],
    ],
)
def test_hostile_entries_are_left_out(entry: Any) -> None:
    """Wrong types, names and domains that are none, lists out of measure: the entry is left out, the rest is taken."""
    good = [{"name": f"G{n}", "domains": [f"g{n}.test"]} for n in range(30)]
    read = read_jdm(json.dumps([*good, entry]).encode())
    assert (len(read.entries), read.bad) == (30, 1)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://a.test/", "//a.test/", "https://user:pw@a.test/", "https://a.test\\@b.test/",
        "https://127.0.0.1/", "https://localhost/", "https:///x", "https://a.test/\u202e", "https://a.test/ x", "https://a_b/", 7,
        "https://a.test:x/", "https://" + "a" * 3000,
    ],
)  # fmt: skip
def test_only_plain_web_addresses_pass(url: Any) -> None:
    """An account page is what a person is sent to: only http(s) on a named host, without a user name or odd characters."""
    good = {f"g{n}.test": "https://g.test/" for n in range(30)}
    read = read_pages(json.dumps({**good, "bad.test": url}).encode())
    assert all(p.domain != "bad.test" for p in read.entries) and read.bad == 1


def test_duplicates_are_settled_by_name() -> None:
    """A domain that two entries claim goes to the one that bears its name; ``additional-domains`` never take one away."""
    from readdress.recipe.merging import merge

    jdm = read_jdm(
        json.dumps(
            [
                {"name": "Another", "domains": ["another.test", "maker.test"]},
                {"name": "Maker", "domains": ["maker.test"]},
            ]
        ).encode()
    )
    tfa = read_2fa(
        json.dumps({"Third": {"domain": "third.test", "additional-domains": ["maker.test"], "categories": []}}).encode()
    )
    merged = merge(jdm.entries, tfa.entries, [], [])
    owner = {d: s.name.en for s in merged.services for d in s.domains}
    assert owner == {"another.test": "Another", "maker.test": "Maker", "third.test": "Third"}
    assert merged.disputed == 1


def test_groups_that_chain_become_one() -> None:
    """A with B, B with C: one service, whichever group comes first."""
    from readdress.recipe.merging import merge

    rows = [{"shared": ["a.test", "b.test"]}, {"shared": ["c.test", "d.test"]}, {"from": ["d.test"], "to": ["b.test"]}]
    for order in (rows, rows[::-1]):
        merged = merge([], [], [], read_groups(json.dumps(order).encode()).entries)
        assert [set(s.domains) for s in merged.services] == [{"a.test", "b.test", "c.test", "d.test"}]


@pytest.mark.skipif(not REAL, reason="READDRESS_DATA names no folder with the real public files")
def test_real_files(tmp_path: Path) -> None:
    """The real files of 2026-08: numbers that were counted by hand, and an own service that gains by them."""
    from readdress.recipe.knowledge import Knowledge

    done = update(Path(REAL), path=tmp_path / "c.json")
    assert done.merged.domains >= 5_500 and done.merged.accounts >= 600
    assert done.merged.codes_by_mail >= 300 and sum(done.left_out.values()) < 20
    known = Knowledge(None, tmp_path / "c.json")
    shown = known.show("amazon.sg")
    assert shown is not None and shown.id == "amazon"
    assert known.show("themeforest.net") == known.show("envato.com")
