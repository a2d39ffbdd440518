"""Lint rules about ``recipe.toml``: texts, hosts, claims and their sources, repeatable steps, checks, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from readdress.models import RouteKind, Side, Text
from readdress.recipe.explain import choice
from readdress.recipe.fields import host_matches
from readdress.recipe.finding import Document, Finding, Severity
from readdress.recipe.position import Place
from readdress.recipe.schema import Recipe, RecipeStep, Route, StepKind, Table
from readdress.recipe.service import CATEGORIES

_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_URL = re.compile(r"https?://[^\s<>\"'`，。；、）》」』”’！？]*", re.IGNORECASE)
_PLAIN = re.compile(r"(https?)://([a-z0-9.-]+?)(?::(\d{1,5}))?(?:[/?#]|\Z)", re.IGNORECASE)
_PORTS = {"https": 443, "http": 80}
Marks = frozenset[str]


def lint_text(
    recipe: Recipe, document: Document, folder: Path, acts: Marks, looks: Marks, today: date
) -> list[Finding]:
    """Every finding of these rules. ``acts`` and ``looks``: the steps for which ``flow.py`` has such a function."""
    found = [*_texts(recipe, document), *_hosts(recipe, document), *_claims(recipe, document)]
    found += [*_once(recipe, document, acts, looks), *_checked(recipe, document, today)]
    found += [*_ends(recipe, document, looks), *_mails(recipe, document), *_detect(recipe, document)]
    if recipe.category not in CATEGORIES:
        told = f'there is no category "{recipe.category}".'
        found.append(document.found("category", ("category",), told, choice(recipe.category, list(CATEGORIES))))
    if recipe.proof == "replica" and not (folder / "pages" / "cases.toml").is_file():
        told = "nothing can have been tried on a replica: there is no pages/cases.toml."
        found.append(document.found("proof", ("proof",), told, 'Write proof = "documents", or add the pages.'))
    return found


# -- texts ----------------------------------------------------------------------------------------------------------------


def texts_of(value: Any, place: Place = ()) -> Iterator[tuple[Place, Text]]:
    """Every text for a person in the recipe with its place."""
    if isinstance(value, Text):
        yield place, value
    elif isinstance(value, Table):
        for name, info in type(value).model_fields.items():
            yield from texts_of(getattr(value, name), (*place, info.alias or name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from texts_of(item, (*place, number))


def _texts(recipe: Recipe, document: Document) -> Iterator[Finding]:
    for place, text in texts_of(recipe):
        for lang, said in (("en", text.en), ("zh", text.zh)):
            if not said.strip():
                yield document.found(
                    "text", (*place, lang), f'the text "{place[-1]}" is empty in "{lang}".', "Write it."
                )
        if place == ("name",) or not text.zh.strip():
            continue  # a service's name may be the same in both languages
        if not _CJK.search(text.zh):
            told = f'the Chinese of "{place[-1]}" holds no Chinese.'
            yield document.found("text", (*place, "zh"), told, "Translate it: whoever reads it may know no English.")


# -- hosts ----------------------------------------------------------------------------------------------------------------


def _hosts(recipe: Recipe, document: Document) -> Iterator[Finding]:
    for place, url in _addresses(recipe):
        problem = uncovered(recipe, url)
        if problem:
            yield document.found("hosts", place, problem[0], problem[1])
    for number, mail in enumerate(recipe.mail):
        link = mail.link
        if link is None or link.open == "person" or link.host in recipe.hosts:
            continue
        name, _, port = link.host.partition(":")
        if not any(host_matches(h, name, int(port or 443)) for h in recipe.hosts if h != "{site}"):
            told = f"the mail's link leads to {link.host}, which hosts does not cover."
            yield document.found(
                "hosts", ("mail", number, "link", "host"), told, "Add it to hosts, if it is the service's."
            )


def _addresses(recipe: Recipe) -> Iterator[tuple[Place, str]]:
    if recipe.home:
        yield ("home",), recipe.home
    for n, route in enumerate(recipe.route):
        if route.when_open:
            yield ("route", n, "when_open"), route.when_open
        for m, step in enumerate(route.step):
            if step.open:
                yield ("route", n, "step", m, "open"), step.open
    for place, text in texts_of(recipe):
        for lang, said in (("en", text.en), ("zh", text.zh)):
            for found in _URL.findall(said):
                yield (*place, lang), found.rstrip(".,;:)]!?")


def uncovered(recipe: Recipe, url: str) -> tuple[str, str] | None:
    """Why ``url`` may not stand in the recipe, and what to do about it; ``None`` when a host of the recipe covers it."""
    if url.startswith(("{site}", "{old}", "{new}")):
        if url.startswith("{site}") and recipe.site is not None and (url == "{site}" or url[6] in "/?#"):
            return None
        return (
            f"{url!r} is no address that can be opened.",
            "Only a recipe with a [site] table may begin one with {site}/.",
        )
    plain = _PLAIN.match(url)
    if not plain:
        return f"{url!r} is no plain web address.", "Write https://host/path, without a user name or odd characters."
    scheme, host = plain[1].lower(), plain[2].lower()
    port = int(plain[3] or _PORTS[scheme])
    if scheme == "http" and host not in {"localhost", "127.0.0.1"}:
        return f"{url!r} would be reached without encryption.", "Write https://."
    if any(host_matches(h, host, port, default_port=_PORTS[scheme]) for h in recipe.hosts if h != "{site}"):
        return None
    return f"{url!r} is on a host that hosts does not cover.", f'Add "{host}" to hosts if it belongs to the service.'


# -- claims ---------------------------------------------------------------------------------------------------------------


def _claims(recipe: Recipe, document: Document) -> Iterator[Finding]:
    claims: list[tuple[Place, str]] = []
    claims += [(("limit", n), f'the limit "{x.id}"') for n, x in enumerate(recipe.limit) if not x.sources]
    claims += [(("wait", n), f'the wait "{w.id}"') for n, w in enumerate(recipe.wait) if not w.sources]
    for way in ("sign_in", "change", "recover"):
        for n, factors in enumerate(getattr(recipe.access, way)):
            if factors.grade != "unknown" and not factors.sources:
                claims.append((("access", way, n), f'the grade "{factors.grade}" of this way in'))
    for place, what in claims:
        instead = 'Name the ids of the [[sources]] that say so: sources = ["…"]; or take the claim back.'
        yield document.found("claims", place, f"{what} rests on no source.", instead)


def _checked(recipe: Recipe, document: Document, today: date) -> Iterator[Finding]:
    age = (today - recipe.checked).days
    if age < -1:  # a day's grace for time zones
        yield document.found(
            "checked", ("checked",), "the facts were checked in the future.", f"Write checked = {today}."
        )
    elif age > 365:
        told = f"the facts were last checked {age} days ago."
        finding = document.found("checked", ("checked",), told, "Check the sources again and write the day.")
        yield replace(finding, severity=Severity.ERROR) if age > 730 else finding


def _detect(recipe: Recipe, document: Document) -> Iterator[Finding]:
    known = recipe.detect
    if not (known.senders or known.domains or known.logins or recipe.mail or recipe.site):
        told = "nothing says how to recognise an account here in a mailbox."
        yield document.found("undetectable", ("detect",), told, 'Write [detect] with domains = ["…"] or senders.')


# -- steps ----------------------------------------------------------------------------------------------------------------


def _once(recipe: Recipe, document: Document, acts: Marks, looks: Marks) -> Iterator[Finding]:
    limited = {name for limit in recipe.limit for name in limit.of}
    for n, route in enumerate(recipe.route):
        for m, step in enumerate(route.step):
            place: Place = ("route", n, "step", m)
            told = _wrong_once(step, limited)
            if told:
                yield document.found("once", (*place, "once"), told[0], told[1])
            if step.id in acts and step.id not in looks and not step.repeatable and step.expects is None:
                yield document.found(
                    "once-look",
                    place,
                    f'"{step.id}" is automated, must not be repeated, and nothing can tell whether it happened.',
                    f'Add a function marked @look("{step.id}") to flow.py; else the person is asked after every stop.',
                )


def _wrong_once(step: RecipeStep, limited: set[str]) -> tuple[str, str] | None:
    if "once" not in step.model_fields_set:
        return None
    if step.once and step.kind in {StepKind.SIGN_IN, StepKind.PREPARE, StepKind.READ_BACK}:
        return f'a step of kind "{step.kind}" may always be repeated.', 'Take "once" away, or make it kind = "act".'
    if not step.once and step.removes:
        return "a step that takes OLD away must not be repeated.", 'Take "once = false" away.'
    if not step.once and step.id in limited:
        return "each repetition spends the service's limit.", 'Take "once = false" away.'
    return None


def _ends(recipe: Recipe, document: Document, looks: Marks) -> Iterator[Finding]:
    notices = {m.id for m in recipe.mail if m.notice}
    for number, route in enumerate(recipe.route):
        if route.kind is not RouteKind.CHANGE:
            continue
        acting = [n for n, s in enumerate(route.step) if s.kind is StepKind.ACT]
        tail = route.step[acting[-1] if acting else 0 :]
        if not any(s.id in looks or {s.uses, s.expects} & notices for s in tail):
            told = f'nothing but the person\'s word says that the route "{route.id}" worked.'
            instead = (
                "End it with a look at the settings page, or with a mail (notice = true) that the service sends then."
            )
            yield document.found("ends-in-check", ("route", number), told, instead)


def _mails(recipe: Recipe, document: Document) -> Iterator[Finding]:
    named = {name for r in recipe.route for s in r.step for name in (s.expects, s.uses)}
    to_old = {m.id for m in recipe.mail if m.to is Side.OLD and not m.notice}
    for number, mail in enumerate(recipe.mail):
        if mail.id not in named:
            told = f'no step expects or uses the mail "{mail.id}".'
            yield document.found("unused-mail", ("mail", number), told, "Name it in a step, or take it away.")
    for n, route in enumerate(recipe.route):
        for m, step in enumerate(route.step):
            if step.uses in to_old and not _old_mailbox(route, step):
                told = f'the mail "{step.uses}" comes to OLD, but nothing says that the old mailbox is needed.'
                instead = 'Write needs = ["old_mailbox"] at the step or the route, so that the plan knows.'
                yield document.found("old-mailbox", ("route", n, "step", m, "uses"), told, instead)


def _old_mailbox(route: Route, step: RecipeStep) -> bool:
    return step.optional or "old_mailbox" in {*route.needs, *step.needs}
