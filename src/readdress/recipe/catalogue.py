"""All recipes that are at hand: their ids, short summaries, what discovery needs of them, and each one loaded on demand."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from readdress.errors import RecipeError
from readdress.models import Text
from readdress.recipe.consent import ConsentStore
from readdress.recipe.explain import nearest
from readdress.recipe.finding import shown
from readdress.recipe.generic import generic_recipe
from readdress.recipe.grades import weakest
from readdress.recipe.knowledge import Knowledge
from readdress.recipe.load import data_of, load_pack, read_recipe
from readdress.recipe.pack import Pack
from readdress.recipe.places import BUILT_IN, Spot, built_in_folder, spots_in, spots_of_packages
from readdress.recipe.schema import Detect, Recipe

_TEXT: TypeAdapter[Text] = TypeAdapter(Text)


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of ``migrate recipes list``. ``automatic`` of ``steps`` run by themselves (over the change routes, else all).

    ``code``: it has a ``flow.py``. ``problem``: why it cannot be used; the other fields are then only what could be read. ``routes``: the
    kind of each route, in order. ``grade``: of the weakest claim that the change needs (:mod:`readdress.recipe.grades`).
    """

    id: str
    name: Text
    category: str = "other"
    browser: str = "managed"
    proof: str = ""
    checked: date | None = None
    automatic: int = 0
    steps: int = 0
    origin: str = BUILT_IN
    code: bool = False
    problem: str = ""
    routes: tuple[str, ...] = ()
    grade: str = "unknown"


@dataclass(frozen=True, slots=True)
class Detector:
    """What discovery knows a service by: its recipe's ``[detect]``, hosts, the senders of its mails, and whether it is many sites."""

    service: str
    name: Text
    detect: Detect
    hosts: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    sites: bool = False
    category: str = "other"
    home: str = ""
    rides: tuple[str, ...] = ()


class Catalogue:
    """The recipes of readdress itself, of installed packages and of ``dirs``.

    ``dirs``: folders with one folder for each recipe (or a recipe's own folder); ``entry_points``: look at installed packages
    (or at these entry points); ``consents``: whose code may run, by default the person's own list; ``built_in``: another
    folder in place of readdress's own. Nothing is read before it is asked for. Methods raise :class:`RecipeError`.
    """

    def __init__(
        self,
        dirs: Sequence[Path] = (),
        *,
        entry_points: bool | Iterable[EntryPoint] = True,
        consents: ConsentStore | None = None,
        built_in: Path | None = None,
    ) -> None:
        self._dirs = [Path(d) for d in dirs]
        self._points = entry_points
        self._consents = consents or ConsentStore()
        self._built_in = built_in
        self._spots: dict[str, Spot] | None = None
        self._packs: dict[tuple[str, bool], Pack] = {}
        self._data: dict[str, dict[str, Any]] = {}
        self._names: dict[str, list[str]] | None = None
        self._knowledge: Knowledge | None = None

    def ids(self) -> list[str]:
        """The ids of all recipes, sorted. Only lists folders; no recipe is read."""
        return sorted(self._all())

    def spot(self, name: str) -> Spot:
        """Where the recipe of that id or name lies."""
        return self._all()[self.resolve(name)]

    def resolve(self, name: str) -> str:
        """The id of the recipe that ``name`` means: an id, or a name in either language, or a product on the same account."""
        wanted = name.strip()
        if wanted in self._all():
            return wanted
        folded = wanted.casefold()
        meant = self._aliases().get(folded, [])
        if len(meant) == 1:
            return meant[0]
        if meant:
            raise RecipeError(f"{wanted!r} can mean {' or '.join(meant)}.", todo="Use one of these ids.")
        close = nearest(folded, self._aliases())
        hint = f"Did you mean {self._aliases()[close][0]}? " if close else ""
        raise RecipeError(f"There is no recipe called {wanted!r}.", todo=f"{hint}migrate recipes list shows them all.")

    def get(self, name: str, *, text_only: bool = False) -> Pack:
        """The recipe that ``name`` means, ready to run.

        A third party's code must have been agreed to, else :class:`RecipeError`; ``text_only`` leaves its code aside. A service without
        a recipe, or a bare domain, gives the generic recipe (:mod:`readdress.recipe.generic`).
        """
        guided = self.guided(name)
        if guided is not None:
            return guided
        spot = self._all()[self.resolve(name)]
        key = (spot.id, text_only)
        if key not in self._packs:
            trusted = True if spot.built_in else self._consents.trusted
            self._packs[key] = load_pack(spot.folder, origin=spot.origin, trusted=trusted, text_only=text_only)
        return self._packs[key]

    def recipe(self, name: str) -> Recipe:
        """The recipe's text alone, checked; its code is not even read. The generic recipe for a service that has none."""
        guided = self.guided(name)
        if guided is not None:
            return guided.recipe
        return read_recipe(self._all()[self.resolve(name)].folder)

    def guided(self, name: str) -> Pack | None:
        """The generic recipe for a service of the catalogue of services, or a bare domain, that no recipe is for; ``None`` for others."""
        wanted = name.strip()
        if wanted in self._all() or wanted.casefold() in self._aliases():
            return None
        key = (f"?{wanted}", True)
        if key not in self._packs:
            known = self.knowledge
            shown = known.show(wanted)
            if shown is not None and shown.recipe and not shown.software:
                return self.get(shown.id)  # named by its domain
            found = known.entry(wanted)
            if found is None:
                named = known.find(wanted)
                found = named[0] if len(named) == 1 else None
            if found is None or found.software:
                return None
            if found.id in self._all():
                return self.get(found.id)
            self._packs[key] = generic_recipe(found, provider=found.id in known.providers())
        return self._packs[key]

    @property
    def knowledge(self) -> Knowledge:
        """The catalogue of services, these recipes first."""
        if self._knowledge is None:
            self._knowledge = Knowledge(self)
        return self._knowledge

    def summaries(self) -> list[Summary]:
        """A line for each recipe, sorted by id. No code runs; a broken recipe is a line with its ``problem``."""
        return [self._summary(self._all()[name]) for name in self.ids()]

    def detectors(self) -> list[Detector]:
        """What discovery knows each service by. Broken recipes are left out; :meth:`summaries` tells about them."""
        found: list[Detector] = []
        for name in self.ids():
            try:
                data = self._read(self._all()[name])
                found.append(
                    Detector(
                        name,
                        _TEXT.validate_python(data.get("name")),
                        Detect.model_validate(data.get("detect", {})),
                        tuple(str(h) for h in data.get("hosts", [])),
                        tuple(dict.fromkeys(str(s) for m in data.get("mail", []) for s in m.get("from", []))),
                        "site" in data,
                        str(data.get("category", "other")),
                        str(data.get("home", "")),
                        tuple(str(r) for r in data.get("rides", [])),
                    )
                )
            except (RecipeError, ValidationError, AttributeError, TypeError):
                continue
        return found

    # -- inside -----------------------------------------------------------------------------------------------------------

    def _all(self) -> dict[str, Spot]:
        if self._spots is None:
            spots = spots_in(self._built_in or built_in_folder(), BUILT_IN)
            if self._points is not False:
                spots += spots_of_packages(None if self._points is True else self._points)
            for folder in self._dirs:
                spots += spots_in(folder, "folder")
            found: dict[str, Spot] = {}
            for spot in spots:
                other = found.setdefault(spot.id, spot)
                if other is not spot and other.folder.resolve() != spot.folder.resolve():
                    raise RecipeError(
                        f'Two recipes are called "{spot.id}": {shown(other.folder)} ({other.origin}) '
                        f"and {shown(spot.folder)} ({spot.origin}).",
                        todo="Rename one of them (folder and id), or leave it out.",
                    )
            self._spots = found
        return self._spots

    def _read(self, spot: Spot) -> dict[str, Any]:
        if spot.id not in self._data:
            self._data[spot.id] = data_of(spot.folder)
        return self._data[spot.id]

    def _aliases(self) -> dict[str, list[str]]:
        """Case-folded ids, names and products on the same account → ids."""
        if self._names is None:
            names: dict[str, list[str]] = {}
            for service, spot in self._all().items():
                try:
                    data = self._read(spot)
                except RecipeError:
                    data = {}
                name, rides = data.get("name"), data.get("rides")
                words = [service, *(name.values() if isinstance(name, dict) else ())]
                words += rides if isinstance(rides, list) else []
                for word in dict.fromkeys(str(w).casefold() for w in words):
                    names.setdefault(word, []).append(service)
            self._names = names
        return self._names

    def _summary(self, spot: Spot) -> Summary:
        flow = spot.folder / "flow.py"
        code = flow.is_file()
        try:
            recipe = read_recipe(spot.folder)
        except RecipeError as error:
            return Summary(spot.id, Text(spot.id, spot.id), origin=spot.origin, code=code, problem=str(error))
        try:
            acts, looks = marks(flow.read_bytes()) if code else (frozenset[str](), frozenset[str]())
        except (OSError, SyntaxError, ValueError) as error:
            return Summary(spot.id, recipe.name, origin=spot.origin, code=code, problem=f"{shown(flow)}: {error}")
        steps = [s for r in recipe.route if r.kind == "change" for s in r.step]
        steps = steps or [s for r in recipe.route for s in r.step]
        automatic = [s for s in steps if s.id in acts or (s.kind == "read_back" and s.id in looks)]
        return Summary(
            spot.id,
            recipe.name,
            recipe.category,
            recipe.browser,
            recipe.proof,
            recipe.checked,
            len({s.id for s in automatic}),
            len({s.id for s in steps}),
            spot.origin,
            code,
            routes=tuple(r.kind.value for r in recipe.route),
            grade=weakest(recipe).grade,
        )


def marks(source: bytes) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the steps that ``flow.py`` marks with ``@step`` and ``@look``, read without running it."""
    acts: set[str] = set()
    looks: set[str] = set()
    for node in ast.parse(source).body:
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(decorator, ast.Name) and decorator.id == "step" and isinstance(node, ast.FunctionDef):
                acts.add(node.name)
            elif (
                isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "look"
            ):
                looks.update(str(a.value) for a in decorator.args if isinstance(a, ast.Constant))
    return frozenset(acts), frozenset(looks)
