"""Loading: text never runs anything; code runs only where trusted, leaves no trace on disk, and must fit the steps."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from readdress.errors import RecipeError
from readdress.recipe.consent import fingerprint
from readdress.recipe.load import load_pack, read_recipe

GOOD = Path(__file__).parent / "good" / "orchard"


@pytest.fixture
def orchard(tmp_path: Path) -> Path:
    """A copy of the good recipe that a test may change."""
    return Path(shutil.copytree(GOOD, tmp_path / "orchard"))


def test_functions_are_collected_by_their_marks(orchard: Path) -> None:
    """Acts are called like their steps, one function may look at two steps, unmarked helpers are neither."""
    with (orchard / "flow.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef helper(page):\n    return 1\n")
    pack = load_pack(orchard, origin="folder", trusted=True)
    assert set(pack.acts) == {"add_address", "verify_address", "make_primary"}
    assert set(pack.looks) == {"add_address", "verify_address", "make_primary", "read_back", "remove_old"}
    assert [s.id for s in pack.automatic(pack.recipe.find_route("standard"))] == [
        "add_address",
        "verify_address",
        "make_primary",
        "read_back",
    ]


def test_loading_leaves_no_trace(orchard: Path) -> None:
    """No bytecode in the recipe's folder, no entry in sys.path: a folder that only root may write works just as well."""
    path, before = list(sys.path), sorted(p.name for p in orchard.rglob("*"))
    load_pack(orchard, origin="folder", trusted=True)
    assert sys.path == path
    assert sorted(p.name for p in orchard.rglob("*")) == before


def test_untrusted_code_does_not_run(orchard: Path, tmp_path: Path) -> None:
    """Neither reading the text nor refusing the code executes any of it, and the refusal says what to do."""
    trace = tmp_path / "trace"
    (orchard / "flow.py").write_text(f"open({str(trace)!r}, 'w').close()\n", "utf-8")
    assert read_recipe(orchard).id == "orchard"
    assert load_pack(orchard, origin="folder", trusted=False, text_only=True).acts == {}
    with pytest.raises(RecipeError, match="program code") as caught:
        load_pack(orchard, origin="folder", trusted=False)
    assert "migrate recipes trust orchard" in caught.value.todo
    assert not trace.exists()
    load_pack(orchard, origin="folder", trusted=True)
    assert trace.exists()


def test_what_was_judged_is_what_runs(orchard: Path) -> None:
    """The trust function sees the fingerprint of the very bytes that run, even when the file changes in between."""
    was = fingerprint(orchard)

    def swap(mark: str) -> bool:
        (orchard / "flow.py").write_text("raise SystemExit('the other file ran')\n", "utf-8")
        return mark == was

    assert set(load_pack(orchard, origin="folder", trusted=swap).acts) == {
        "add_address",
        "verify_address",
        "make_primary",
    }


@pytest.mark.parametrize(
    ("change", "said", "line"),
    [
        (("def add_address", "def add_adress"), 'No step of the recipe is called "add_adress"', 11),
        (('@look("remove_old")', '@look("remove_odl")'), '"remove_odl"', 50),
        (('@look("remove_old")', '@look("read_back")'), "Two functions", 50),
        (("import re\n", "import re\nimport not_there_at_all\n"), "does not run: ModuleNotFoundError", 4),
        (("import re\n", "import re\n1 +\n"), "does not run: SyntaxError", 4),
    ],
)
def test_code_that_does_not_fit(orchard: Path, change: tuple[str, str], said: str, line: int) -> None:
    """A broken flow is one sentence with file and line."""
    path = orchard / "flow.py"
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(RecipeError) as caught:
        load_pack(orchard, origin="folder", trusted=True)
    assert said in str(caught.value)
    assert (Path(caught.value.file).name, caught.value.line) == ("flow.py", line)
    assert caught.value.todo


def test_a_newer_format_is_refused_before_anything_else(orchard: Path) -> None:
    """A format that is not known may mean anything: nothing else of the file is judged, and the sentence names both formats."""
    (orchard / "recipe.toml").write_text("format = 3\nwhatever = [1]\n", "utf-8")
    with pytest.raises(RecipeError, match=r"recipe format 3; this one \(.+\) reads format 1") as caught:
        read_recipe(orchard)
    assert "newer readdress" in caught.value.todo


def test_no_recipe_there(tmp_path: Path) -> None:
    """A folder without a recipe.toml is said to be one, by both readers."""
    for read in (read_recipe, lambda folder: load_pack(folder, origin="folder", trusted=True)):
        with pytest.raises(RecipeError, match=r"no recipe\.toml"):
            read(tmp_path)
