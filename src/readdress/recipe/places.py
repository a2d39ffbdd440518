"""Where recipes lie: a checkout, an installed wheel, other packages' entry points, folders that the person names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from readdress.errors import RecipeError
from readdress.recipe.finding import shown

GROUP = "readdress.recipes"
BUILT_IN = "built-in"


@dataclass(frozen=True, slots=True)
class Spot:
    """One recipe's folder and who brought it: ``built-in``, ``package NAME`` or ``folder``."""

    id: str
    folder: Path
    origin: str

    @property
    def built_in(self) -> bool:
        """Whether it came with readdress itself."""
        return self.origin == BUILT_IN


def built_in_folder() -> Path:
    """The folder of readdress's own recipes: ``recipes/`` beside ``src`` in a checkout, ``_recipes`` in an installed package.

    Raises :class:`RecipeError` when neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent.parent
    for folder in (checkout / "recipes" if (checkout / "pyproject.toml").is_file() else None, package / "_recipes"):
        if folder is not None and folder.is_dir():
            return folder
    raise RecipeError(
        "readdress's own recipes are missing.", todo="Install it again: pip install --force-reinstall readdress"
    )


def spots_in(folder: Path, origin: str) -> list[Spot]:
    """The recipes in ``folder``: itself when it holds a ``recipe.toml``, else each folder in it that does, by name."""
    if (folder / "recipe.toml").is_file():
        return [Spot(folder.resolve().name, folder, origin)]
    try:
        inside = sorted(p for p in folder.iterdir() if (p / "recipe.toml").is_file())
    except OSError as error:
        raise RecipeError(
            f"No recipes can be read from {shown(folder)} ({error.strerror}).",
            todo="Name a folder that holds recipes, one folder each.",
        ) from None
    return [Spot(p.name, p, origin) for p in inside]


def spots_of_packages(points: Iterable[EntryPoint] | None = None) -> list[Spot]:
    """The recipes of other installed packages (entry-point group ``readdress.recipes``, by default all that are installed).

    An entry point names a package whose folder holds recipes, like ``acme_recipes`` or ``acme.recipes``. The package is located
    but never imported: only a trusted ``flow.py`` ever runs. Raises :class:`RecipeError`.
    """
    found: list[Spot] = []
    for point in sorted(entry_points(group=GROUP) if points is None else points, key=lambda p: p.name):
        owner = point.dist.name if point.dist else point.name
        if ":" in point.value:
            raise RecipeError(
                f"The package {owner} offers recipes as {point.value!r}, which could only be found by running its code.",
                todo="Its entry point must name a package, like acme_recipes; tell its author.",
            )
        folders = [f for f in package_folders(point.value) if f.is_dir()]
        if not folders:
            raise RecipeError(
                f"The package {owner} offers recipes in {point.value!r}, but there is no such folder.",
                todo=f"Install it again, or remove it: pip uninstall {owner}",
            )
        for folder in folders:
            found += spots_in(folder, f"package {owner}")
    return found


def package_folders(name: str) -> Sequence[Path]:
    """The folders of the package ``name``, found without importing it or its parents."""
    top, *rest = name.split(".")
    try:
        spec = find_spec(top)  # imports nothing for a name without a dot
    except (ImportError, ValueError):
        return []
    locations = list(spec.submodule_search_locations or []) if spec else []
    for part in rest:
        inner = PathFinder.find_spec(part, locations)
        inside = list(inner.submodule_search_locations or []) if inner else []
        locations = inside or [str(Path(place, part)) for place in locations]
    return [Path(place) for place in locations]
