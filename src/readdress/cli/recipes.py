"""Commands about recipes: list, show, make, check, trust."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from readdress.cli.options import Settings, as_json, common, say, settings, show_json


@click.group("recipes")
def recipes() -> None:
    """What is known of each service, and how its address is changed."""


@recipes.command("list")
@as_json
@common
def list_(*, json_: bool, **given: Any) -> None:
    """List what is supported, and how far.

    For each service: how many of its steps are automatic, what its facts were proved against, when they were checked.
    """
    s = settings(**given)
    from readdress.workflow.recipes import catalogue

    rows = catalogue(s.recipes).summaries()
    if json_:
        from readdress.report.documents import recipes_document

        show_json(recipes_document(rows))
        return
    from readdress.console.tables import show_recipes

    show_recipes(rows, s.lang)


@recipes.command("show")
@click.argument("name")
@as_json
@common
def show(*, name: str, json_: bool, **given: Any) -> None:
    """Show a recipe as a person reads it.

    Its routes, steps and waits, what nobody knows, and where each fact comes from.
    """
    s = settings(**given)
    from readdress.workflow.recipes import catalogue

    recipe = catalogue(s.recipes).recipe(name)
    if json_:
        show_json(
            {
                "readdress": "recipe",
                "format": 1,
                "recipe": recipe.model_dump(mode="json", by_alias=True, exclude_none=True),
            }
        )
        return
    from readdress.report.recipes import recipe_markdown

    click.echo(recipe_markdown(recipe, s.lang))


@recipes.command("new")
@click.argument("id_", metavar="ID")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    default=Path(),
    help="Where to make it. Default: here.",
)
@common
def new(id_: str, folder: Path, **given: Any) -> None:
    """Make a new recipe to start from.

    Text, flow, a fixture page and its cases, all passing, to be changed from there.
    """
    settings(**given)
    from readdress.recipe.scaffold import new_recipe

    for path in new_recipe(folder, id_):
        say(f"made {path}", f"已创建 {path}")
    say(f"→ Next: migrate recipes check {folder / id_}", f"→ 下一步：migrate recipes check {folder / id_}")


@recipes.command("check")
@click.argument("folder", metavar="RECIPE")
@click.option(
    "--no-browser", is_flag=True, help="Start no browser: only the lint, the walks by the text, the sample mails."
)
@click.option("--case", "cases", metavar="NAME", multiple=True, help="Run only this case. May be repeated.")
@click.option("--show", "visible", is_flag=True, help="Show the browser while the cases run.")
@as_json
@common
def check(*, folder: str, no_browser: bool, cases: tuple[str, ...], visible: bool, json_: bool, **given: Any) -> None:
    """Check a recipe: lint it, then try it.

    RECIPE is a folder or a known id. Scripted people walk each route by its text (one does everything, one stops and goes on, one only
    says so, one skips), its sample mails are judged, and its cases run on its fixture pages in a real browser: this runs the code in it.
    """
    s = settings(**given)
    from readdress.workflow.recipes import catalogue, check_recipe

    place = Path(folder) if Path(folder).is_dir() else catalogue(s.recipes).spot(folder).folder
    result = check_recipe(place, browser=not no_browser, cases=cases, headless=not visible)
    if json_:
        show_json(result.document())
    else:
        for line in result.lines():
            click.echo(line)
    s.extra["exit_code"] = 0 if result.ok else 1


@recipes.command("trust")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts that have read the code.")
@click.option("--revoke", is_flag=True, help="Take the consent back.")
@common
def trust(*, name: str, yes: bool, revoke: bool, **given: Any) -> None:
    """Agree to run the code of a third party's recipe.

    Shows which files would be run. Without consent such a recipe's text can still be followed by hand.
    """
    s = settings(**given)
    from readdress.recipe.consent import ConsentStore, consent_text
    from readdress.workflow.recipes import catalogue

    store = ConsentStore()
    known = catalogue(s.recipes)
    pack = known.get(name, text_only=True)
    id_ = pack.id
    if revoke:
        if store.take_back(id_):
            say(f"The code of {id_} will not be run any more.", f"不会再运行 {id_} 的代码。")
        else:
            say(f"The code of {id_} was never trusted.", f"{id_} 的代码从未被信任。")
        return
    if known.spot(name).built_in:
        say(f"{id_} is readdress's own recipe; it needs no consent.", f"{id_} 是 readdress 自带的配方，无需同意。")
        return
    if not (pack.folder / "flow.py").is_file():
        say(f"{id_} is text only: there is no code to agree to.", f"{id_} 只有文字，没有需要同意的代码。")
        return
    click.echo(consent_text(pack).to(s.lang))
    if not yes and not _agreed(s):
        say("Not trusted. Its text can still be followed by hand.", "未信任。仍可按配方的文字手动操作。")
        s.extra["exit_code"] = 3
        return
    store.give(pack)
    say(f"Trusted: {id_}. A changed file will be asked about again.", f"已信任：{id_}。文件一旦改变会重新询问。")


def _agreed(s: Settings) -> bool:
    import sys

    if not sys.stdin.isatty():
        say(
            "→ Nobody is here to ask. Run it in a terminal, or with --yes.",
            "→ 无人可询问。请在终端中运行，或加上 --yes。",
        )
        return False
    return click.confirm("从现在起运行这些代码？" if s.lang == "zh" else "Run this code from now on?", default=False)
