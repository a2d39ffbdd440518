"""The built wheel, installed into a new environment outside the checkout: the command works there with the recipes inside."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without isolation: nothing is downloaded."""
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel; its dependencies come from this one's site-packages, but readdress does not."""
    home = tmp_path_factory.mktemp("outside")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    packages = next((home / "venv").glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "--python", str(home / "venv" / "bin" / "python")]
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--quiet", str(wheel)],
        check=True, capture_output=True, timeout=120, env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )  # fmt: skip
    # a folder of links, not a .pth to the whole of it: an editable readdress there would come along
    shared = home / "dependencies"
    shared.mkdir()
    for folder in site.getsitepackages():
        for entry in Path(folder).iterdir():
            if "readdress" not in entry.name and entry.suffix != ".pth" and not (shared / entry.name).exists():
                (shared / entry.name).symlink_to(entry)
    (packages / "dependencies.pth").write_text(f"{shared}\n", "utf-8")
    return home


def _migrate(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "READDRESS_HOME": str(home / "data")}
    return subprocess.run(
        [str(home / "venv" / "bin" / "migrate"), *args],
        capture_output=True,
        encoding="utf-8",
        env=env,
        cwd=home,
        timeout=60,
        check=False,
    )


def _built_in() -> list[str]:
    return sorted(p.parent.name for p in (ROOT / "recipes").glob("*/recipe.toml"))


def test_wheel_holds_the_package_and_the_recipes(wheel: Path) -> None:
    """Every recipe of the checkout, the type marker, no cache, no tests."""
    names = zipfile.ZipFile(wheel).namelist()
    assert (
        sorted(n.split("/")[2] for n in names if n.startswith("readdress/_recipes/") and n.endswith("/recipe.toml"))
        == _built_in()
    )
    assert "readdress/py.typed" in names
    assert not [n for n in names if "__pycache__" in n or n.startswith("tests")]


def test_practice_help_outside_the_checkout(installed: Path) -> None:
    done = _migrate(installed, "practice", "--help")
    assert (done.returncode, "--pause" in done.stdout) == (0, True), done


def test_recipes_come_from_the_wheel(installed: Path) -> None:
    """The same recipes as in the checkout, read from inside the installed package."""
    done = _migrate(installed, "recipes", "list", "--json")
    assert done.returncode == 0, done
    rows = json.loads(done.stdout)["recipes"]
    assert [r["id"] for r in rows] == _built_in()
    assert not [r for r in rows if r["problem"]]
    python = installed / "venv" / "bin" / "python"
    where = "import readdress.recipe.places as p; print(p.built_in_folder())"
    folder = subprocess.run(
        [str(python), "-c", where], capture_output=True, text=True, check=True, cwd=installed
    ).stdout.strip()
    assert folder.startswith(str(installed))
    assert folder.endswith("readdress/_recipes")


def test_a_migration_outside_the_checkout(installed: Path) -> None:
    """init, status and an unknown service: the state file, the words and the catalogue are all there."""
    assert _migrate(installed, "init", "--old", "ann@example.com", "--new", "ann@example.net").returncode == 0
    assert "ann@example.com → ann@example.net" in _migrate(installed, "status").stdout
    assert "Did you mean github?" in _migrate(installed, "--service", "githb").stderr
    shutil.rmtree(installed / "data")


def test_editable_build_takes_no_copy_of_the_recipes() -> None:
    """An editable install reads the checkout's recipes: a copy made at install time would go stale. The build hook decides that."""
    hook = runpy.run_path(str(ROOT / "tools" / "hatch_build.py"))["RecipesHook"](
        str(ROOT), {}, None, None, str(ROOT), "wheel"
    )
    taken: dict[str, dict[str, dict[str, str]]] = {
        version: {"force_include": {}} for version in ("editable", "standard")
    }
    for version, data in taken.items():
        hook.initialize(version, data)
    assert not taken["editable"]["force_include"]
    assert taken["standard"]["force_include"]
    assert not (ROOT / "src" / "readdress" / "_recipes").exists()
