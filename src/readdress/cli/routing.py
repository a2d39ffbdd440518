"""The commands ``undo`` and ``route``: the way back, and the other ways through a recipe (saving, recovering, appealing)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import as_json, browsing, common, migration, say, settings, show_json

if TYPE_CHECKING:
    from readdress.models import Account
    from readdress.workflow.migration import Migration
    from readdress.workflow.routes import Way


@click.command("undo")
@click.argument("service")
@click.option("--account", "login", metavar="LOGIN", default="", help="Which one, if you have several accounts there.")
@click.option("--site", metavar="URL", default="", help="Which site, for software that runs on many hosts.")
@common
@browsing
def undo(service: str, login: str, site: str, **given: Any) -> None:
    """Take the change at one service back.

    Where its recipe knows a way back, that way is gone with you; else you are told plainly that there is none, and what can be done.
    """
    s = settings(**given)
    from readdress.cli.moving import finish
    from readdress.workflow.routes import undo as take_back

    with migration(s, write=True) as m:
        finish(s, [take_back(m, _found(m, service, login, site))])


@click.command("route")
@click.argument("service")
@click.argument("name", required=False)
@click.option("--account", "login", metavar="LOGIN", default="", help="Which one, if you have several accounts there.")
@click.option("--site", metavar="URL", default="", help="Which site, for software that runs on many hosts.")
@as_json
@common
@browsing
def route(service: str, name: str | None, login: str, site: str, *, json_: bool, **given: Any) -> None:
    """Go one way of a recipe: save what is in an account, recover it, appeal.

    Without NAME: list the ways of SERVICE. What an account's own move waits for is not touched.
    """
    s = settings(**given)
    from readdress.workflow.routes import go, ways

    if name is None:
        with migration(s, write=False) as m:
            account = _found(m, service, login, site)
            found = ways(m, account)
        if json_:
            from readdress.report.documents import document

            rows = [
                {
                    "id": w.id,
                    "kind": w.kind.value,
                    "title": {"en": w.title.en, "zh": w.title.zh},
                    "steps": w.steps,
                    "done": w.done,
                    "needs": list(w.needs),
                    "lacks": list(w.lacks),
                }
                for w in found
            ]
            show_json(document("routes", account=account.id, service=account.service, routes=rows))
            return
        _list(found, s.lang)
        say(f"→ Go one: migrate route {account.service} NAME", f"→ 执行其中一条：migrate route {account.service} 名称")
        return
    if json_:
        raise click.UsageError("--json lists the ways; leave NAME out.")
    from readdress.cli.moving import finish

    with migration(s, write=True) as m:
        finish(s, [go(m, _found(m, service, login, site), name)])


_KINDS = {
    "change": ("changes the address", "更改地址"),
    "undo": ("takes it back", "撤销更改"),
    "save": ("saves what is there", "保存内容"),
    "recover": ("gets the account back", "找回账号"),
    "appeal": ("appeals", "申诉"),
}


def _list(found: list[Way], lang: str) -> None:
    """Each way on a line: its name, what it does, how far it was gone; below it what it needs."""
    from readdress.console.saying import say as say_it
    from readdress.models import Text
    from readdress.planner.wording import FACTORS, SIGNED_IN

    zh = lang == "zh"
    for way in found:
        kind = _KINDS[way.kind.value][zh]
        progress = f" · {way.done}/{way.steps}" if way.done else ""
        say_it(f"{way.id} · {kind} · {way.title.to(lang)}{progress}", hang=2)
        if way.needs:
            names = [(SIGNED_IN if f == "session" else FACTORS.get(f, Text(f, f))).to(lang) for f in way.needs]
            marked = [f"{n} ✗" if f in way.lacks else n for n, f in zip(names, way.needs, strict=True)]
            say_it(f"  {'需要：' if zh else 'needs: '}{'、'.join(marked) if zh else ', '.join(marked)}", hang=4)


def _found(m: Migration, service: str, login: str, site: str) -> Account:
    """The account that is meant; the service may be named as its recipe is (``QQ``, ``微博``)."""
    from readdress.errors import RecipeError, UsageError

    try:
        return m.find(service, site=site, login=login)
    except UsageError:
        try:
            known = m.catalogue.recipe(service).id
        except RecipeError:
            known = service
        if known == service:
            raise
        return m.find(known, site=site, login=login)


COMMANDS = [undo, route]
