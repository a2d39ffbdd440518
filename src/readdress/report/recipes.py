"""A recipe as a person reads it, in Markdown (pure)."""

from __future__ import annotations

from typing import Any

from readdress.recipe.fields import duration_text
from readdress.recipe.schema import FactorSet, Recipe, Route

_SAY: dict[str, dict[str, Any]] = {
    "en": {
        "proof": "Proof", "checked": "checked", "browser": "Browser", "managed": "controlled by readdress", "own": "your own",
        "ways": {"sign_in": "Signs in with", "change": "Changes the address with", "recover": "Recovers the account with"},
        "unknown": "Nobody could establish", "limits": "Limits and waits", "sources": "Sources", "route": "Route", "needs": "needs",
        "times": "times in", "then": "closed for", "never": "Old address is removed only after",
    },
    "zh": {
        "proof": "依据", "checked": "核对于", "browser": "浏览器", "managed": "由 readdress 控制", "own": "您自己的浏览器",
        "ways": {"sign_in": "登录方式", "change": "更改地址所需", "recover": "找回账号所需"},
        "unknown": "尚无人能确认", "limits": "限制与等待", "sources": "来源", "route": "路线", "needs": "需要",
        "times": "次，每", "then": "等待", "never": "旧地址在此之后才会移除：",
    },
}  # fmt: skip


def recipe_markdown(recipe: Recipe, lang: str) -> str:
    """Routes, steps, ways in, limits, open questions and sources."""
    say = _SAY["zh" if lang == "zh" else "en"]
    lines = [f"# {recipe.name.to(lang)} (`{recipe.id}`)", ""]
    lines.append(
        f"{say['proof']}: {recipe.proof}, {say['checked']} {recipe.checked}. {say['browser']}: {say[recipe.browser]}."
    )
    if recipe.browser_why:
        lines.append(recipe.browser_why.to(lang))
    for key, title in say["ways"].items():
        ways: list[FactorSet] = getattr(recipe.access, key)
        if ways:
            lines += ["", f"**{title}**", "", *(f"- {_way(w, lang)}" for w in ways)]
    for route in recipe.route:
        lines += ["", *_route(route, lang, say)]
    if recipe.limit or recipe.wait:
        lines += ["", f"## {say['limits']}", ""]
        lines += [f"- {', '.join(x.of)}: {x.count} {say['times']} {duration_text(x.within)}" for x in recipe.limit]
        lines += [f"- {x.reason.to(lang)} ({duration_text(x.lasts)})" for x in recipe.wait]
    if recipe.unknown:
        lines += ["", f"## {say['unknown']}", "", *(f"- {q.text.to(lang)}" for q in recipe.unknown)]
    lines += ["", f"## {say['sources']}", ""]
    lines += [f"- {s.says} ({s.grade}) {s.url}" for s in recipe.sources]
    return "\n".join(lines)


def _way(way: FactorSet, lang: str) -> str:
    note = f": {way.note.to(lang)}" if way.note else ""
    return f"{' + '.join(way.needs)} ({way.grade}, {duration_text(way.cost)}){note}"


def _route(route: Route, lang: str, say: dict[str, Any]) -> list[str]:
    title = route.title.to(lang) if route.title else route.id
    head = f"## {say['route']}: {title} ({route.kind.value}{', ' + route.change.value if route.change else ''})"
    lines = [head, ""]
    if route.needs:
        lines += [f"{say['needs']}: {', '.join(route.needs)}", ""]
    for number, step in enumerate(route.step, 1):
        lines.append(
            f"{number}. **{step.title.to(lang)}**: {step.manual.to(lang)}" + (f" <{step.open}>" if step.open else "")
        )
    return lines
