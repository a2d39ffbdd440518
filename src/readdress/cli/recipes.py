"""Commands about recipes: list, show, make, check, trust."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from readdress.cli.options import as_json, common, settings, show_json


@click.group("recipes")
def recipes() -> None:
    """What is known of each service, and how its address is changed."""


@recipes.command("list")
@as_json
@common
def list_(json_: bool, **given: Any) -> None:
    """Each service: automatic steps of all steps, what its facts were proved against, when they were checked."""
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
def show(name: str, json_: bool, **given: Any) -> None:
    """A recipe as a person reads it: routes, steps, waits, what nobody knows, and where each fact comes from."""
    s = settings(**given)
    from readdress.workflow.recipes import catalogue

    recipe = catalogue(s.recipes).recipe(name)
    if json_:
        show_json({"readdress": "recipe", "format": 1, "recipe": recipe.model_dump(mode="json", by_alias=True, exclude_none=True)})
        return
    from readdress.report.recipes import recipe_markdown

    click.echo(recipe_markdown(recipe, s.lang))


@recipes.command("new")
@click.argument("id")
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where to make it. Default: here.")
@common
def new(id: str, folder: Path, **given: Any) -> None:
    """Make a new recipe: text, flow, a fixture page and a test, all passing, to be changed from there."""
    settings(**given)
    from readdress.recipe.scaffold import new_recipe

    for path in new_recipe(folder, id):
        click.echo(f"made {path}")
    click.echo(f"Next: migrate recipes check {folder / id}")


@recipes.command("check")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--no-browser", is_flag=True, help="Only the lint; do not run the cases in a browser.")
@click.option("--case", "cases", multiple=True, help="Run only this case. May be given several times.")
@click.option("--show", "visible", is_flag=True, help="Show the browser while the cases run.")
@as_json
@common
def check(folder: Path, no_browser: bool, cases: tuple[str, ...], visible: bool, json_: bool, **given: Any) -> None:
    """Check a recipe: lint it, then run its cases on its fixture pages in a real browser. Runs the code in FOLDER."""
    s = settings(**given)
    from readdress.workflow.recipes import check_recipe

    result = check_recipe(folder, browser=not no_browser, cases=cases, headless=not visible)
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
def trust(name: str, yes: bool, revoke: bool, **given: Any) -> None:
    """Agree to run the code of a recipe that is not readdress's own, after reading what it would run."""
    s = settings(**given)
    from readdress.recipe.consent import ConsentStore, consent_text
    from readdress.workflow.recipes import catalogue

    store = ConsentStore()
    pack = catalogue(s.recipes).get(name, text_only=True)
    if revoke:
        taken = store.take_back(pack.id)
        click.echo(f"The code of {pack.id} will not be run any more." if taken else f"The code of {pack.id} was never trusted.")
        return
    click.echo(consent_text(pack).to(s.lang))
    if not yes and not click.confirm("Run this code from now on?", default=False):
        click.echo("Not trusted. Its text can still be followed by hand.")
        s.extra["exit_code"] = 3
        return
    store.give(pack)
    click.echo(f"Trusted: {pack.id}. A changed file will be asked about again.")


COMMANDS = [recipes]
