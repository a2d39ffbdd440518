"""Reads a recipe's folder: the text always, its code only where somebody has agreed to exactly these files."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from readdress._version import __version__
from readdress.errors import RecipeError
from readdress.flow import LOOK_MARK, STEP_MARK
from readdress.recipe.consent import fingerprint_of, read_code
from readdress.recipe.explain import explain
from readdress.recipe.finding import Document, Finding, Severity, shown
from readdress.recipe.pack import Pack, StepFunction
from readdress.recipe.schema import Mail, Recipe, Source
from readdress.recipe.structure import structure

FORMAT = 1
MAX_TEXT = 512 * 1024
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
Trust = bool | Callable[[str], bool]


def read_recipe(folder: Path) -> Recipe:
    """The recipe in ``folder``, from its ``recipe.toml`` alone: nothing is imported or executed.

    Raises :class:`RecipeError` with file, line and what to write instead.
    """
    try:
        raw = _read_text(folder / "recipe.toml")
    except OSError as error:
        raise _no_file(folder, error) from None
    recipe, _ = parse(folder, raw)
    return recipe


def load_pack(folder: Path, *, origin: str, trusted: Trust, text_only: bool = False) -> Pack:
    """The recipe in ``folder`` with the functions of its ``flow.py``, if it has one.

    ``trusted``: whether its code may run, or a function that says so for the fingerprint of exactly the bytes that would run.
    ``text_only``: leave the code alone, whether trusted or not. Raises :class:`RecipeError`, also for code that is not trusted.
    """
    files = read_code(folder)
    if "recipe.toml" not in files:
        raise _no_file(folder, None)
    recipe, _ = parse(folder, files["recipe.toml"])
    mark = fingerprint_of(files)
    if "flow.py" not in files or text_only:
        return Pack(recipe, folder, mark, origin=origin)
    if not (trusted(mark) if callable(trusted) else trusted):
        raise RecipeError(
            f"The recipe {recipe.id} ({origin}) brings program code that you have not agreed to, or that has changed since.",
            file=shown(folder / "flow.py"),
            todo=f"Read what it would do and decide: migrate recipes trust {recipe.id}",
        )
    acts, looks = _functions(recipe, folder / "flow.py", files["flow.py"], mark)
    return Pack(recipe, folder, mark, acts, looks, origin)


def parse(folder: Path, raw: bytes) -> tuple[Recipe, Document]:
    """Read the bytes of a ``recipe.toml`` and check every binding rule. Raises :class:`RecipeError` for the first that is broken."""
    document, found = read_document(folder, raw)
    recipe: Recipe | None = None
    if not found:
        recipe, found = validate(document)
    worst = [f for f in found if f.severity is Severity.ERROR]
    if recipe is None or worst:
        first = worst[0]
        more = f" ({len(worst) - 1} more: migrate recipes lint {folder.name})" if len(worst) > 1 else ""
        todo = first.instead or "Put it right, or ask the recipe's author to."
        raise RecipeError(
            first.message[:1].upper() + first.message[1:] + more, file=first.file, line=first.line, todo=todo
        )
    return recipe, document


def read_document(folder: Path, raw: bytes) -> tuple[Document, list[Finding]]:
    """The text and data of a ``recipe.toml``; with a finding when it is no TOML, too large, or of another format."""
    path = folder / "recipe.toml"
    empty = Document(path, "")
    if len(raw) > MAX_TEXT:
        return empty, [empty.found("toml", (), "the file is larger than 512 KiB.", "A recipe is a few pages of text.")]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return empty, [_at(path, "toml", line, "the file is not in UTF-8.", "Save it as UTF-8.")]
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        hit = _AT_LINE.search(str(error))
        line = int(hit[1]) if hit else (text.count("\n") + 1 if "end of document" in str(error) else 1)
        said = _AT_LINE.sub("", str(error)).replace("(at end of document)", "").strip() or "nested too deeply"
        told = f"this is not TOML: {said[:1].lower()}{said[1:]}."
        return Document(path, text), [_at(path, "toml", line, told, "Look for a missing quote, bracket or comma.")]
    document = Document(path, text, data)
    return document, _format(document)


def validate(document: Document) -> tuple[Recipe | None, list[Finding]]:
    """The recipe of a document that was read, with all that breaks a binding rule; ``None`` where the schema does not fit."""
    strange = _python_names(document)
    if strange:
        return None, strange
    try:
        recipe = Recipe.model_validate(document.data)
    except ValidationError as error:
        return None, explain(error, document)
    found = structure(recipe, document)
    if document.path.absolute().parent.name != recipe.id:
        told = f'the recipe "{recipe.id}" lies in a folder called "{document.path.absolute().parent.name}".'
        found.append(document.found("folder-name", ("id",), told, "Give both the same name."))
    return recipe, found


def _python_names(document: Document) -> list[Finding]:
    """Keys that only our Python code may use (``sender`` for ``from``): the models take both, the format knows one."""
    found: list[Finding] = []
    for table, model in (("mail", Mail), ("sources", Source)):
        items = document.data.get(table)
        for number, item in enumerate(items if isinstance(items, list) else ()):
            for name, info in model.model_fields.items():
                if info.alias and isinstance(item, dict) and name in item:
                    told = f'"{name}" is no key of [[{table}]].'
                    found.append(
                        document.found("schema", (table, number, name), told, f'Write "{info.alias}" in its place.')
                    )
    return found


def _format(document: Document) -> list[Finding]:
    if "format" not in document.data:
        told = "the file does not say which recipe format it is in."
        return [document.found("format", (), told, "Write format = 1 in the first line.")]
    value = document.data["format"]
    if type(value) is int and value == FORMAT:
        return []
    if type(value) is int and value > FORMAT:
        told = f"this recipe needs a readdress that reads recipe format {value}; this one ({__version__}) reads format {FORMAT}."
        return [document.found("format", ("format",), told, "Install a newer readdress: pip install -U readdress")]
    return [document.found("format", ("format",), f"{value!r} is no recipe format.", "Write format = 1.")]


def _at(path: Path, rule: str, line: int, message: str, instead: str) -> Finding:
    return Finding(rule, Severity.ERROR, shown(path), line, message, instead)


def _read_text(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_TEXT + 1)


def _no_file(folder: Path, error: OSError | None) -> RecipeError:
    why = f" ({error.strerror})" if error and not isinstance(error, FileNotFoundError) else ""
    return RecipeError(
        f"There is no recipe.toml to read in {shown(folder)}{why}.",
        file=shown(folder / "recipe.toml"),
        todo="Name the folder that holds it, or make a new recipe: migrate recipes new ID",
    )


# -- code -----------------------------------------------------------------------------------------------------------------


def _functions(
    recipe: Recipe, path: Path, source: bytes, mark: str
) -> tuple[Mapping[str, StepFunction], Mapping[str, StepFunction]]:
    module = run_source(path, source, f"readdress._flows.{recipe.id.replace('-', '_')}_{mark[:12]}")
    steps = list(dict.fromkeys(s.id for r in recipe.route for s in r.step))
    acts: dict[str, StepFunction] = {}
    looks: dict[str, StepFunction] = {}
    for value in list(vars(module).values()):
        for name, into in ((getattr(value, STEP_MARK, None), acts), (getattr(value, LOOK_MARK, None), looks)):
            if not isinstance(name, str) or not callable(value):
                continue
            line = value.__code__.co_firstlineno if hasattr(value, "__code__") else 0
            known = recipe.lookable if into is looks else steps
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f'Did you mean "{near[0]}"? ' if near else ""
                raise RecipeError(
                    f'No step of the recipe is called "{name}".',
                    file=shown(path),
                    line=line,
                    todo=f"{hint}Its steps: {', '.join(steps)}.",
                )
            if name in into and into[name] is not value:
                raise RecipeError(
                    f'Two functions are marked for the step "{name}".',
                    file=shown(path),
                    line=line,
                    todo="Keep one of them.",
                )
            into[name] = value
    if recipe.browser == "own" and (acts or looks):
        raise RecipeError(
            f'The recipe {recipe.id} has browser = "own", where nothing is automated, but functions too.',
            file=shown(path),
            todo="Take flow.py away.",
        )
    return acts, looks


def run_source(path: Path, source: bytes, name: str) -> ModuleType:
    """Run Python source as a module called ``name`` that is found nowhere: no ``sys.path``, no bytecode file.

    Raises :class:`RecipeError` with the line where it failed.
    """
    module = ModuleType(name)
    module.__file__ = str(path)
    known = sys.modules.get(name)
    sys.modules[name] = module  # dataclasses and typing look their module up there
    try:
        exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - consented code
    except Exception as error:
        _restore(name, known)
        line = error.lineno or 0 if isinstance(error, SyntaxError) else _line_in(path, error)
        raise RecipeError(
            f"{path.name} does not run: {type(error).__name__}: {error}",
            file=shown(path),
            line=line,
            todo="Put it right, or ask the recipe's author to.",
        ) from error
    except BaseException:
        _restore(name, known)
        raise
    return module


def _restore(name: str, known: ModuleType | None) -> None:
    if known is None:
        sys.modules.pop(name, None)
    else:
        sys.modules[name] = known


def _line_in(path: Path, error: BaseException) -> int:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def data_of(folder: Path) -> dict[str, Any]:
    """The parsed ``recipe.toml`` without the schema's checks, for listings. Raises :class:`RecipeError`."""
    try:
        raw = _read_text(folder / "recipe.toml")
    except OSError as error:
        raise _no_file(folder, error) from None
    document, found = read_document(folder, raw)
    if found:
        first = found[0]
        raise RecipeError(first.message, file=first.file, line=first.line, todo=first.instead)
    return document.data
