"""The catalogue: where recipes are found, by which names, and that looking at them runs nobody's code."""

from __future__ import annotations

import shutil
import sys
import time
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from readdress.errors import RecipeError
from readdress.recipe import places
from readdress.recipe.catalogue import Catalogue
from readdress.recipe.consent import ConsentStore
from readdress.recipe.scaffold import new_recipe

GOOD = Path(__file__).parent / "good" / "orchard"


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of "built-in" recipes: orchard and meadow."""
    folder = tmp_path / "own"
    shutil.copytree(GOOD, folder / "orchard")
    new_recipe(folder, "meadow", name_en="Meadow", name_zh="草地")
    return folder


def catalogue(own: Path, *dirs: Path, points: tuple[EntryPoint, ...] = ()) -> Catalogue:
    return Catalogue(dirs, entry_points=points, consents=ConsentStore(own.parent / "consents.json"), built_in=own)


def test_ids_names_and_products(own: Path) -> None:
    """A recipe is found by id, by its name in either language whatever the case, and by a product on the same account."""
    found = catalogue(own)
    assert found.ids() == ["meadow", "orchard"]
    for name in ("orchard", "ORCHARD", "果园", " Orchard Cider "):
        assert found.resolve(name) == "orchard"
    assert found.get("草地").id == "meadow"


def test_an_unknown_name_is_answered_with_the_nearest(own: Path) -> None:
    """A slip of the finger costs one look, not a hunt."""
    with pytest.raises(RecipeError, match="no recipe called 'orchrad'") as caught:
        catalogue(own).get("orchrad")
    assert "Did you mean orchard?" in caught.value.todo


def test_a_name_clash_names_both_folders(own: Path, tmp_path: Path) -> None:
    """Nobody's recipe silently takes the place of another."""
    shutil.copytree(GOOD, tmp_path / "theirs" / "orchard")
    with pytest.raises(RecipeError) as caught:
        catalogue(own, tmp_path / "theirs").ids()
    assert str(own / "orchard") in str(caught.value)
    assert str(tmp_path / "theirs" / "orchard") in str(caught.value)
    assert catalogue(own, own).ids() == ["meadow", "orchard"], "the same folder twice is no clash"


def test_a_strangers_code_needs_consent_and_ours_does_not(own: Path, tmp_path: Path) -> None:
    """--recipes DIR: text is free, code is asked for, and a consent lets exactly it run."""
    shutil.move(own / "orchard", tmp_path / "theirs" / "orchard")
    found = catalogue(own, tmp_path / "theirs")
    assert found.get("meadow").acts
    with pytest.raises(RecipeError, match="not agreed to"):
        found.get("orchard")
    pack = found.get("orchard", text_only=True)
    assert (pack.acts, pack.origin) == ({}, "folder")
    ConsentStore(own.parent / "consents.json").give(pack)
    assert set(found.get("orchard").acts) == {"add_address", "verify_address", "make_primary"}
    assert found.recipe("orchard").id == "orchard"


def test_entry_points_are_located_without_importing(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package offers recipes by its folder; neither it nor its parent package is imported for that."""
    package = tmp_path / "site" / "acme_pkg"
    new_recipe(package / "recipes", "acme")
    for folder in (package, package / "recipes"):
        (folder / "__init__.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    point = EntryPoint("acme", "acme_pkg.recipes", "readdress.recipes")
    found = catalogue(own, points=(point,))
    assert found.ids() == ["acme", "meadow", "orchard"]
    assert found.spot("acme").origin == "package acme"
    assert [s.automatic for s in found.summaries() if s.id == "acme"] == [4]
    with pytest.raises(RecipeError, match="not agreed to"):
        found.get("acme")
    assert not [name for name in sys.modules if name.startswith("acme_pkg")]


@pytest.mark.parametrize(
    ("value", "said"), [("acme_pkg:folder", "running its code"), ("not_there_at_all.x", "no such folder")]
)
def test_entry_points_that_cannot_be_used(own: Path, value: str, said: str) -> None:
    """What could only be found by running a stranger's code, or is not there, is said so, with the package's name."""
    with pytest.raises(RecipeError, match=said) as caught:
        catalogue(own, points=(EntryPoint("acme", value, "readdress.recipes"),)).ids()
    assert "acme" in str(caught.value)


def test_checkout_and_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same catalogue is found beside ``src`` in a checkout and inside the package in an installed wheel."""
    assert (places.built_in_folder() / "github").is_dir() or places.built_in_folder().name in {"recipes", "_recipes"}
    wheel = tmp_path / "site-packages" / "readdress"
    (wheel / "recipe").mkdir(parents=True)
    monkeypatch.setattr(places, "__file__", str(wheel / "recipe" / "places.py"))
    with pytest.raises(RecipeError, match="missing"):
        places.built_in_folder()
    (wheel / "_recipes").mkdir()
    assert places.built_in_folder() == wheel / "_recipes"
    (tmp_path / "recipes").mkdir()
    assert places.built_in_folder() == wheel / "_recipes", "a folder that happens to lie there is not the checkout's"
    (tmp_path / "pyproject.toml").touch()
    assert places.built_in_folder() == tmp_path / "recipes"


def test_summaries_tell_what_runs_by_itself(own: Path) -> None:
    """Automatic steps of all steps, without running any of them; a broken recipe is one line with its reason."""
    (own / "orchard" / "recipe.toml").write_text("format = 9\n")
    append(own / "meadow" / "flow.py", "raise SystemExit('ran')\n")
    meadow, orchard = catalogue(own).summaries()
    assert (meadow.automatic, meadow.steps, meadow.name.zh, meadow.proof, meadow.problem) == (
        4,
        4,
        "草地",
        "replica",
        "",
    )
    assert "recipe format 9" in orchard.problem


def test_detectors(own: Path) -> None:
    """Discovery gets domains, exact senders and hosts of every sound recipe."""
    by_id = {d.service: d for d in catalogue(own).detectors()}
    assert by_id["orchard"].detect.domains == ["orchard.example.com"]
    assert by_id["orchard"].senders == ("noreply@orchard.example.com",)
    assert by_id["meadow"].name.zh == "草地"
    (own / "orchard" / "recipe.toml").write_text("format = 9\n")
    assert [d.service for d in catalogue(own).detectors()] == ["meadow"]


def test_a_folder_that_is_not_there(own: Path, tmp_path: Path) -> None:
    """--recipes with a wrong path is a sentence."""
    with pytest.raises(RecipeError, match="No recipes can be read"):
        catalogue(own, tmp_path / "nowhere").ids()


def test_reading_a_hundred_recipes_is_quick(tmp_path: Path) -> None:
    """Listing folders reads nothing; reading a hundred recipes stays far from what a person would notice twice."""
    for number in range(100):
        new_recipe(tmp_path / "own", f"service-{number}")
    found = catalogue(tmp_path / "own")
    start = time.perf_counter()
    assert len(found.ids()) == 100
    listed = time.perf_counter() - start
    assert len(found.detectors()) == 100
    detected = time.perf_counter() - start - listed
    print(f"100 recipes: ids {listed * 1e3:.1f} ms, detectors {detected * 1e3:.0f} ms")
    assert listed < 0.5 and detected < 5
