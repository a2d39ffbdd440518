#!/usr/bin/env python3
"""Writes the generated parts of the documentation from the code, or checks that they are current.

    python tools/gen_docs.py            writes
    python tools/gen_docs.py --check    writes nothing; exit code 1 when something is out of date

Whole files are made from the code alone. In other files only what stands between ``<!-- generated: NAME -->`` and
``<!-- /generated -->`` is replaced.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
import tomllib
import types
import typing
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "readdress"
NOTE = "<!-- Made by tools/gen_docs.py from the code: change the code, then run it. -->"
_PART = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


# -- commands -------------------------------------------------------------------------------------------------------------
def walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """The command and all below it, each with its whole name."""
    yield name, command
    if isinstance(command, click.Group):
        for sub in sorted(command.commands):
            yield from walk(command.commands[sub], f"{name} {sub}")


def commands_page() -> str:
    """Every command with every argument and option."""
    from readdress.cli.app import migrate

    commands = list(walk(migrate, "migrate"))
    everywhere = [p for p in migrate.params if p.name in {"state", "lang", "recipes", "debug"}]
    names = {p.name for p in everywhere}
    lines = [
        NOTE,
        "",
        "# Commands",
        "",
        "Exit codes: [exit-codes.md](exit-codes.md). JSON documents: [json.md](json.md).",
        "",
    ]
    lines += ["| command | what it does |", "| --- | --- |"]
    lines += [f"| [`{n}`](#{n.replace(' ', '-')}) | {_cell(_help(c).splitlines()[0])} |" for n, c in commands]
    lines += ["", "## Options of every command", "", *_options(everywhere)]
    lines += [
        "",
        "They may stand before or after the command's name. `-h` and `--help` show the help of any command.",
        "",
    ]
    for name, command in commands:
        own = [p for p in command.params if p.name not in names]
        lines += [f"## {name}", "", _help(command), "", "```text", _usage(command, name), "```", ""]
        if own:
            lines += [*_options(own), ""]
    return "\n".join(lines).rstrip() + "\n"


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")


def _usage(command: click.Command, name: str) -> str:
    return (
        click.Context(command, info_name=name)
        .command.get_usage(click.Context(command, info_name=name))
        .removeprefix("Usage: ")
    )


def _options(params: list[click.Parameter]) -> list[str]:
    return ["| option | meaning |", "| --- | --- |", *(f"| `{_names(p)}` | {_cell(_meaning(p))} |" for p in params)]


def _names(param: click.Parameter) -> str:
    if isinstance(param, click.Argument):
        return param.make_metavar(click.Context(click.Command("x"))).replace("|", "\\|")
    names = ", ".join([*param.opts, *param.secondary_opts])
    if isinstance(param, click.Option) and not param.is_flag:
        names += " " + param.make_metavar(click.Context(click.Command("x"))).replace("|", "\\|")
    return names


def _meaning(param: click.Parameter) -> str:
    if isinstance(param, click.Argument):
        return "required" if param.required else "optional"
    assert isinstance(param, click.Option)
    text = param.help or ""
    shown = isinstance(param.default, str) and param.show_default
    return f"{text} Default: {param.default}." if shown else text


# -- the recipe format ----------------------------------------------------------------------------------------------------
TABLES = {
    "Recipe": ("top of the file", ""),
    "Source": ("[[sources]]", "sources"),
    "SiteRule": ("[site]", "site"),
    "Question": ("[[unknown]]", "unknown"),
    "Detect": ("[detect]", "detect"),
    "Mail": ("[[mail]]", "mail"),
    "CodeRule": ("[mail.code]", "mail.code"),
    "LinkRule": ("[mail.link]", "mail.link"),
    "Access": ("[access]", "access"),
    "FactorSet": ("entries of [access]", "access.*"),
    "Limit": ("[[limit]]", "limit"),
    "Api": ("[api]", "api"),
    "WaitRule": ("[[wait]]", "wait"),
    "Route": ("[[route]]", "route"),
    "RecipeStep": ("[[route.step]]", "route.step"),
}


def tables() -> dict[str, type[BaseModel]]:
    """The schema's tables by class name, those of TABLES first in its order."""
    from readdress.recipe import schema

    found = {
        n: c
        for n, c in vars(schema).items()
        if isinstance(c, type) and issubclass(c, schema.Table) and c is not schema.Table
    }
    missing = set(found) ^ set(TABLES)
    if missing:
        raise SystemExit(f"TABLES of tools/gen_docs.py and recipe/schema.py differ in: {', '.join(sorted(missing))}")
    return {name: found[name] for name in TABLES}


def recipe_part() -> str:
    """Every table and key of recipe format 1."""
    meanings = tomllib.loads((ROOT / "docs" / "reference" / "recipe-keys.toml").read_text("utf-8"))
    lines: list[str] = []
    for name, table in tables().items():
        keys = {f.alias or key: f for key, f in table.model_fields.items()}
        said = meanings.get(name, {})
        if set(keys) != set(said):
            raise SystemExit(
                f"docs/reference/recipe-keys.toml, [{name}]: {sorted(set(keys) ^ set(said))} stand on one side only"
            )
        lines += [f"## {TABLES[name][0]}", "", _plain(inspect.getdoc(table) or ""), ""]
        lines += ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
        for key, field in keys.items():
            lines.append(
                f"| `{key}` | {_cell(_type(field.annotation, field))} | {_default(field)} | {_cell(said[key])} |"
            )
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _type(kind: Any, field: FieldInfo | None = None) -> str:
    from readdress.models import Text
    from readdress.recipe import fields

    named = {
        "Duration": "duration",
        "Host": "host",
        "Factor": "factor",
        "Slug": "slug",
        "Name": "name",
        "Filled": "text",
    }
    if field is not None and field.metadata:
        for name, word in named.items():
            if getattr(getattr(fields, name), "__metadata__", ()) and any(
                m in field.metadata for m in getattr(fields, name).__metadata__
            ):
                return word
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        for name, word in named.items():
            if kind == getattr(fields, name):
                return word
        return _type(typing.get_args(kind)[0])
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_type(a) for a in typing.get_args(kind) if a is not type(None))
    if origin is list:
        return f"list of {_type(typing.get_args(kind)[0])}"
    if origin is dict:
        return f"table of {_type(typing.get_args(kind)[1])}"
    if origin is typing.Literal:
        return ", ".join(f"`{a}`" for a in typing.get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"table {TABLES[kind.__name__][0]}" if kind.__name__ in TABLES else "table"
    return {
        str: "text",
        int: "whole number",
        bool: "true or false",
        date: "date",
        timedelta: "duration",
        Text: "text, en and zh",
    }.get(kind, str(kind))


def _default(field: FieldInfo) -> str:
    from readdress.recipe.fields import duration_text

    if field.is_required():
        return "**required**"
    value = field.default_factory() if field.default_factory else field.default  # type: ignore[call-arg]
    if value is None or value is PydanticUndefined or value in ([], {}):
        return ""
    if isinstance(value, BaseModel):
        return ""
    if isinstance(value, timedelta):
        return f'`"{duration_text(value)}"`'
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f'`"{value.value if isinstance(value, Enum) else value}"`'


# -- the library ----------------------------------------------------------------------------------------------------------
def library_part() -> str:
    """The public names, their signatures and what they say of themselves."""
    import readdress

    lines: list[str] = []
    for name in readdress.__all__:
        thing = getattr(readdress, name)
        if not isinstance(thing, type):
            continue
        lines += [f"## {name}", "", _plain(inspect.getdoc(thing) or ""), ""]
        if issubclass(thing, Enum):
            lines += [", ".join(f"`{member.value}`" for member in thing), ""]
            continue
        lines += _members(thing)
    return "\n".join(lines).rstrip() + "\n"


def _members(thing: type) -> list[str]:
    if issubclass(thing, BaseException):
        return [f"Exit code {thing.exit_code}.", ""] if hasattr(thing, "exit_code") else []
    rows = []
    for name, member in vars(thing).items():
        if name.startswith("_"):
            continue
        doc = textwrap.indent(_plain(inspect.getdoc(getattr(thing, name)) or ""), "  ").strip()
        if isinstance(member, property):
            rows.append(f"- `{name}` (property): {doc}")
        elif isinstance(member, (types.FunctionType, classmethod)):
            rows.append(f"- `{name}{_signature(getattr(thing, name))}`: {doc}")
    fields = [
        f"`{n}: {_annotation(a)}`" for n, a in getattr(thing, "__annotations__", {}).items() if not n.startswith("_")
    ]
    return [*([f"Fields: {', '.join(fields)}.", ""] if fields else []), *rows, *([""] if rows else [])]


def _signature(function: Callable[..., Any]) -> str:
    signature = inspect.signature(function)
    kept = [p for p in signature.parameters.values() if p.name != "self"]
    return re.sub(
        r"(: |-> )'([^']*)'", r"\1\2", str(signature.replace(parameters=kept))
    )  # annotations are kept as strings


def _annotation(kind: Any) -> str:
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))


# -- parts of other pages -------------------------------------------------------------------------------------------------
def support_part(lang: str = "en") -> str:
    """The table of what is supported, from the recipes that come with readdress."""
    from readdress.recipe.catalogue import Catalogue
    from readdress.recipe.places import BUILT_IN

    rows = [r for r in Catalogue(entry_points=False).summaries() if r.origin == BUILT_IN and not r.problem]
    proofs = {
        "software": ("the real program, run in tests", "真实程序，在测试中运行"),
        "replica": (
            "a replica of its pages made from published facts, run in tests",
            "根据公开资料制作的仿真页面，在测试中运行",
        ),
        "documents": ("documents only; never run", "仅依据文档，从未运行"),
        "live": ("the live service", "真实服务"),
    }
    own = {"managed": ("readdress's", "readdress 的"), "own": ("your own", "您自己的")}
    at = 1 if lang == "zh" else 0
    head = (
        "| id | service | automatic steps | browser | proof | checked |",
        "| id | 服务 | 自动步骤 | 浏览器 | 依据 | 核对于 |",
    )[at]
    lines = [head, "| --- | --- | --- | --- | --- | --- |"]
    for r in rows:
        name = r.name.zh if at else r.name.en
        lines.append(
            f"| `{r.id}` | {_cell(name)} | {r.automatic} of {r.steps} | {own[r.browser][at]} | {proofs[r.proof][at]} | {r.checked} |"
        )
    return "\n".join(lines).replace(" of ", "/") + "\n" if at else "\n".join(lines) + "\n"


SERVICES_HEAD = """\
# Services

What readdress knows of each service that it has a recipe for, made from the recipes themselves. Read it as what it is:

- *automatic* counts the steps that run by themselves, of all steps of the change routes; the others are shown to a person, who does them.
- *weakest claim* is the grade of the worst-supported thing that the change rests on: `observed` (the program itself was run in tests),
  `official` (the service says so), `strong` (several independent sources), `single` (one), `weak` (a doubtful one), `unknown` (nobody).
- *proof*: `software`: run against the real program in tests; `replica`: against pages that were written from published facts; `documents`: never
  run. Nothing was ever run against a live service.
- A change that no page or mail can confirm ends at "you said so" until the service writes to the new address.

How a person is led through a guided one: [how-to/guided-services.md](how-to/guided-services.md).
"""


def services_page() -> str:
    """Each recipe that comes with readdress: routes, steps, grades, open questions, sources."""
    from readdress.recipe.catalogue import Catalogue
    from readdress.recipe.places import BUILT_IN

    known = Catalogue(entry_points=False)
    rows = [r for r in known.summaries() if r.origin == BUILT_IN and not r.problem]
    lines = [
        NOTE,
        "",
        SERVICES_HEAD,
        "| service | routes | automatic | weakest claim | proof | checked | open questions |",
    ]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for r in rows:
        recipe = known.recipe(r.id)
        lines.append(
            f"| [{_cell(r.name.en)}](#{r.id}) | {_kinds(r.routes)} | {r.automatic}/{r.steps} | {r.grade} | {r.proof} | {r.checked} |"
            f" {len(recipe.unknown)} |"
        )
    for r in rows:
        lines += ["", *_service(known.recipe(r.id), known.spot(r.id).folder)]
    return "\n".join(lines) + "\n"


def _kinds(kinds: tuple[str, ...]) -> str:
    from readdress.console.tables import route_words

    return route_words(kinds, "en")


def _service(recipe: Any, folder: Path) -> list[str]:
    from readdress.recipe.catalogue import marks
    from readdress.recipe.fields import duration_text
    from readdress.recipe.grades import weakest

    flow = folder / "flow.py"
    acts, looks = marks(flow.read_bytes()) if flow.is_file() else (frozenset[str](), frozenset[str]())
    worst = weakest(recipe)
    lines = [f"## {recipe.id}", "", f"**{recipe.name.en}** · {recipe.name.zh}", ""]
    if recipe.browser_why:
        lines += [f"In your own browser: {_cell(recipe.browser_why.en)}", ""]
    lines += ["| route | kind | slots | needs | automatic | steps |", "| --- | --- | --- | --- | --- | --- |"]
    for route in recipe.route:
        auto = sum(s.id in acts or (s.kind == "read_back" and s.id in looks) for s in route.step)
        kind = f"{route.kind.value}, {route.change.value}" if route.change else route.kind.value
        title = f"`{route.id}`: {_cell(route.title.en)}" if route.title else f"`{route.id}`"
        slots = ", ".join(route.slots)
        needs = ", ".join(f"`{n}`" for n in route.needs)
        lines.append(
            f"| {title} | {kind} | {slots} | {needs} | {auto}/{len(route.step)} | {', '.join(_cell(s.title.en) for s in route.step)} |"
        )
    lines += ["", f"Weakest claim that the change needs: **{worst.grade}** (`{worst.what}`)."]
    bounds = [f"{', '.join(f'`{o}`' for o in x.of)}: {x.count} in {duration_text(x.within)}" for x in recipe.limit]
    bounds += [f"{_cell(w.reason.en)} ({duration_text(w.lasts)})" for w in recipe.wait]
    if bounds:
        lines += ["", "Limits and waits:", "", *(f"- {b}" for b in bounds)]
    if recipe.unknown:
        lines += ["", "Nobody could establish:", "", *(f"- {_cell(q.text.en)}" for q in recipe.unknown)]
    lines += ["", "| source | says | grade |", "| --- | --- | --- |"]
    lines += [f"| <{s.url}> | {_cell(s.says)} | {s.grade} |" for s in recipe.sources]
    return lines


def map_part() -> str:
    """One line for each package and module at the top: the first line of its docstring."""
    lines = ["| part | is responsible for |", "| --- | --- |"]
    for path in sorted(PACKAGE.iterdir()):
        file = path / "__init__.py" if path.is_dir() else path
        if path.name.startswith(("__pycache__", "__init__", "_version")) or not (
            file.is_file() and file.suffix == ".py"
        ):
            continue
        name = path.stem if path.is_file() else path.name
        lines.append(f"| `{name}` | {_cell(_plain(first_line(file)))} |")
    return "\n".join(lines) + "\n"


def first_line(file: Path) -> str:
    """The first line of a module's docstring, ``""`` when it has none."""
    return (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").split("\n", 1)[0].strip()


def layers_part() -> str:
    """The layers as import-linter enforces them."""
    text = (ROOT / ".importlinter").read_text("utf-8")
    block = re.search(r"^layers =\n((?:    .+\n)+)", text, re.MULTILINE)
    assert block is not None
    return "```text\n" + "\n".join(line.strip() for line in block[1].splitlines()) + "\n```\n"


def errors_part() -> str:
    """Every error with its exit code."""
    from readdress import errors

    lines = ["| error | exit code | when |", "| --- | --- | --- |"]

    def add(kind: type[errors.ReaddressError], depth: int) -> None:
        said = _plain((inspect.getdoc(kind) or "").split("\n", 1)[0])
        lines.append(f"| {'&nbsp;&nbsp;' * depth}`{kind.__name__}` | {kind.exit_code} | {_cell(said)} |")
        for sub in kind.__subclasses__():
            if sub.__module__ == errors.__name__:
                add(sub, depth + 1)

    add(errors.ReaddressError, 0)
    return "\n".join(lines) + "\n"


def presets_part() -> str:
    """The mail providers whose settings are known."""
    from readdress.workflow.mailboxes import preset_rows

    rows = sorted(preset_rows("en"), key=lambda r: str(r["id"]))
    lines = [f"| `{r['id']}` | `{r['host']}:{r['port']}` | {', '.join(r['domains'])} |" for r in rows]
    return "\n".join(["| preset | server | domains |", "| --- | --- | --- |", *lines]) + "\n"


def mailboxes_part() -> str:
    """Each mail provider in full: servers, pace, how to get the password in both languages, what is peculiar, who says so."""
    from readdress.mailbox.presets import PRESETS

    out: list[str] = []
    for preset in sorted(PRESETS.values(), key=lambda p: p.name):
        out += [f"## {preset.name}", "", "| domain | server | security |", "| --- | --- | --- |"]
        out += [f"| {d} | `{preset.host_for(d)}:{preset.port}` | {preset.security} |" for d in preset.domains]
        pace, most = preset.pace, preset.pace.connections
        how = "IDLE" if pace.idle else f"asked every {pace.brisk:g} to {pace.steady:g} s, no IDLE"
        folders = ", ".join(f"`{f}`" for f in (*preset.junk, *preset.other)) or "those that the server names"
        stamps = ", ".join(f"`{a}`" for a in preset.authserv_ids) or "none: every signature is verified here"
        out += ["", f"- Password: {preset.password.en}", f"- 密码：{preset.password.zh}"]
        if not preset.passwords:
            out += ["- No program can sign in with a password."]
        out += [
            f"- Read with {most} connection{'s' if most > 1 else ''}, {how}; after a limit left alone for {pace.login_wait:g} s."
        ]
        out += [f"- Watched besides the inbox: {folders}.", f"- Trusted stamps (authserv-id): {stamps}."]
        out += [f"- {q.en}\n  {q.zh}" for q in preset.quirks]
        out += ["", "| who says so | what | grade |", "| --- | --- | --- |"]
        out += [f"| <{s.url}> | {_cell(s.says)} | {s.grade} |" for s in preset.sources]
        out += [""]
    return "\n".join(out)


def practice_part() -> str:
    """The last recorded run of the rehearsal, cut to a page (tools/picture.py makes the record)."""
    return "```text\n" + (ROOT / "docs" / "img" / "rehearsal.txt").read_text("utf-8").rstrip() + "\n```\n"


# -- all of it ------------------------------------------------------------------------------------------------------------
WHOLE: dict[str, Callable[[], str]] = {
    "docs/reference/commands.md": commands_page,
    "docs/services.md": services_page,
}
PARTS: dict[str, Callable[[], str]] = {
    "support": support_part,
    "support-zh": lambda: support_part("zh"),
    "recipe-format": recipe_part,
    "library": library_part,
    "map": map_part,
    "layers": layers_part,
    "errors": errors_part,
    "presets": presets_part,
    "mailboxes": mailboxes_part,
    "rehearsal": practice_part,
}


def pages() -> list[Path]:
    """Every Markdown page of the project's documentation."""
    return sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])


def wanted() -> Iterator[tuple[Path, str]]:
    """Every file with generated text, and what it should hold."""
    for name, make in WHOLE.items():
        yield ROOT / name, make()
    for path in pages():
        if str(path.relative_to(ROOT)) in WHOLE:
            continue
        text = path.read_text("utf-8")
        yield path, _PART.sub(lambda m: m[1] + PARTS[m["name"]]() + m[3], text)


def main(argv: list[str]) -> int:
    """Write, or check."""
    stale = []
    for path, text in wanted():
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(path.relative_to(ROOT).as_posix())
        if "--check" not in argv:
            path.write_text(text, "utf-8", newline="\n")
    if stale:
        print(f"{'out of date' if '--check' in argv else 'written'}: {', '.join(stale)}")
    return 1 if stale and "--check" in argv else 0


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _plain(text: str) -> str:
    """Markdown of a docstring's reStructuredText: roles, literals, blocks."""
    text = re.sub(r":[a-z]+:`[~.]?(?:[\w.]*\.)?(\w+)`", r"`\1`", text)
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    return re.sub(
        r"\n?::\n\n((?:[ ]{4}.*\n?|\n)+)",
        lambda m: "\n\n<!-- not run: from a docstring -->\n```python\n" + textwrap.dedent(m[1]).strip() + "\n```\n\n",
        text,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
