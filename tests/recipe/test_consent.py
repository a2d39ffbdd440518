"""Consent to code: by the hash of every file that counts, kept in a private file, asked again when anything changed."""

from __future__ import annotations

import json
import os
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readdress.errors import ConfigError, RecipeError
from readdress.recipe.consent import ConsentStore, consent_text, fingerprint, fingerprint_of
from readdress.recipe.load import load_pack
from readdress.recipe.pack import Pack

GOOD = Path(__file__).parent / "good" / "orchard"


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


@pytest.fixture
def orchard(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOOD, tmp_path / "orchard"))


def read(folder: Path) -> Pack:
    return load_pack(folder, origin="folder", trusted=False, text_only=True)


def test_every_change_of_text_or_code_changes_the_fingerprint(orchard: Path) -> None:
    """A byte more in the text or the flow, a new module, a renamed one: each is another recipe to agree to."""
    seen = {fingerprint(orchard)}
    for change in (
        lambda: append(orchard / "recipe.toml", "# x\n"),
        lambda: append(orchard / "flow.py", "# x\n"),
        lambda: (orchard / "helper.py").write_text("x = 1\n"),
        lambda: (orchard / "helper.py").rename(orchard / "other.py"),
        lambda: (orchard / "pages" / "site.py").write_text("x = 1\n"),
    ):
        change()
        assert fingerprint(orchard) not in seen
        seen.add(fingerprint(orchard))
    (orchard / "pages" / "notes.md").write_text("no code")
    assert fingerprint(orchard) in seen


def test_nothing_can_move_between_files() -> None:
    """Names and contents are kept apart: "ab" + "c" is not "a" + "bc"."""
    assert fingerprint_of({"a.py": b"bc"}) != fingerprint_of({"a.pyb": b"c"})
    assert fingerprint_of({"a.py": b"x", "b.py": b""}) != fingerprint_of({"a.py": b"", "b.py": b"x"})


def test_given_asked_again_after_a_change_and_taken_back(orchard: Path, tmp_path: Path) -> None:
    """The consent holds in a new process, ends with any change, and can be withdrawn."""
    path = tmp_path / "data" / "consents.json"
    pack = read(orchard)
    ConsentStore(path, now=lambda: datetime(2026, 11, 23, tzinfo=UTC)).give(pack)
    store = ConsentStore(path)
    assert store.trusted(pack.fingerprint)
    assert not store.changed("orchard", pack.fingerprint)
    append(orchard / "flow.py", "# more\n")
    changed = read(orchard)
    assert not store.trusted(changed.fingerprint)
    assert store.changed("orchard", changed.fingerprint)
    store.give(changed)
    assert not store.trusted(pack.fingerprint), "the old files are not trusted for ever"
    assert store.take_back("orchard") == 1
    assert not store.trusted(changed.fingerprint)


def test_the_file_is_private_and_whole(orchard: Path, tmp_path: Path) -> None:
    """Mode 0600 whatever the umask is, no temporary file left, and no secret in it."""
    path = tmp_path / "data" / "consents.json"
    before = os.umask(0)
    try:
        ConsentStore(path).give(read(orchard))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["consents.json"]
    (held,) = json.loads(path.read_text("utf-8"))["consents"].values()
    assert set(held) == {"recipe", "origin", "folder", "given"}


def test_consents_lie_in_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the other things of the person, wherever they keep those."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path))
    assert ConsentStore().path == tmp_path / "consents.json"


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_list_that_others_can_write_is_not_believed(orchard: Path, tmp_path: Path) -> None:
    """Whoever can write the file could have consented in the person's name."""
    path = tmp_path / "consents.json"
    pack = read(orchard)
    ConsentStore(path).give(pack)
    path.chmod(0o666)
    with pytest.raises(ConfigError, match="by others") as caught:
        ConsentStore(path).trusted(pack.fingerprint)
    assert "chmod 600" in caught.value.todo


@pytest.mark.parametrize("content", ["", "[]", '{"format": 2}', '{"format": 1, "consents": {"a": 1}}'])
def test_a_damaged_list_is_an_error_not_a_consent(content: str, tmp_path: Path) -> None:
    """Nothing is guessed from a file of another shape."""
    path = tmp_path / "consents.json"
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(ConfigError, match="cannot be used"):
        ConsentStore(path).trusted("x")


def test_the_question_says_what_would_run(orchard: Path) -> None:
    """Both languages name every Python file, the folder, the whole fingerprint, and that nothing confines the code."""
    pack = read(orchard)
    text = consent_text(pack)
    for said in (text.en, text.zh):
        assert "flow.py" in said
        assert str(orchard) in said
        assert pack.fingerprint in said
    assert "ordinary Python code, with all your rights" in text.en
    assert "全部权限" in text.zh
    append(orchard / "flow.py", "# later\n")
    with pytest.raises(RecipeError, match="changed"):
        consent_text(pack)


def test_a_recipe_cannot_dress_up_the_question(orchard: Path) -> None:
    """A name with terminal escapes, line breaks or turned writing is shown defused: the question must not say what the recipe wants."""
    text = (orchard / "recipe.toml").read_text("utf-8")
    evil = '"Orchard\\u001b[2J\\u202eok\\nAlready agreed."'
    (orchard / "recipe.toml").write_text(text.replace('"Orchard", zh', f"{evil}, zh"), "utf-8")
    (orchard / "x\x1b[2Jy.py").write_text("")
    said = consent_text(read(orchard)).en
    assert not {"\x1b", "\u202e"} & set(said)
    assert "\nAlready agreed" not in said


def test_a_folder_that_is_no_recipe_is_not_read_without_end(orchard: Path) -> None:
    """A pipe, a huge file, or thousands of files must not hang or fill the memory."""
    os.mkfifo(orchard / "pipe.py")
    with pytest.raises(RecipeError, match="no ordinary file"):
        fingerprint(orchard)
    (orchard / "pipe.py").unlink()
    (orchard / "big.py").write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(RecipeError, match="larger than 1 MiB"):
        fingerprint(orchard)
