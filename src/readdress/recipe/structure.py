"""What must hold between the tables of one recipe: ids, references, slots, the order of steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from readdress.models import Change, RouteKind, Slot, Verdict
from readdress.recipe.explain import choice
from readdress.recipe.finding import Document, Finding
from readdress.recipe.position import Place
from readdress.recipe.schema import Mail, Recipe, RecipeStep, Route

_SENDER = re.compile(r"[^\s@<>,;:\"()\[\]\\*?]+@[a-z0-9.-]+\.[a-z0-9-]+\Z", re.IGNORECASE)
_READ_BACK = Verdict.READ_BACK.rank


def structure(recipe: Recipe, document: Document) -> list[Finding]:
    """Every binding rule that the schema alone cannot check, in the order of the lines."""
    found: list[Finding] = []
    for rule in (_duplicates, _mails, _rules_about_steps, _sources, _own_browser, _routes):
        found += rule(recipe, document)
    return sorted(found, key=lambda f: f.line)


def _duplicates(recipe: Recipe, document: Document) -> Iterator[Finding]:
    lists: list[tuple[Place, Sequence[str | None]]] = [
        (("mail",), [m.id for m in recipe.mail]),
        (("route",), [r.id for r in recipe.route]),
        (("limit",), [x.id for x in recipe.limit]),
        (("wait",), [w.id for w in recipe.wait]),
        (("sources",), [s.id for s in recipe.sources]),
        (("unknown",), [u.id for u in recipe.unknown]),
    ]
    lists += [(("route", n, "step"), [s.id for s in r.step]) for n, r in enumerate(recipe.route)]
    for place, ids in lists:
        seen: set[str] = set()
        for number, name in enumerate(ids):
            if name is None:
                continue
            if name in seen:
                told = f'the id "{name}" stands twice.'
                yield document.found("duplicate-id", (*place, number, "id"), told, "Give each its own id.")
            seen.add(name)


def _mails(recipe: Recipe, document: Document) -> Iterator[Finding]:
    for number, mail in enumerate(recipe.mail):
        place: Place = ("mail", number)
        if recipe.site is None:
            yield from _senders(mail, place, document)
        if mail.link is not None:
            yield from _link_path(mail.link.path, (*place, "link", "path"), document)


def _senders(mail: Mail, place: Place, document: Document) -> Iterator[Finding]:
    for at, sender in enumerate(mail.sender):
        if not _SENDER.match(sender):
            yield document.found(
                "mail-sender",
                (*place, "from", at),
                f"{sender!r} is no exact sender address.",
                'Write each address in full, like "noreply@example.com": whole domains also carry strangers\' mail.',
            )


def _link_path(path: str, place: Place, document: Document) -> Iterator[Finding]:
    parts = [p for p in path.split("/") if p]
    fixed = [p for p in parts if "*" not in p and p != "{base}"]
    if not path.startswith(("/", "{base}/")):
        told, instead = f"{path!r} is no path.", "Begin it with a slash, like /users/*/confirm/*."
    elif "**" in path and (not path.endswith("/**") or path.count("**") > 1):
        told, instead = f"{path!r}: ** stands for the rest of a path.", "Write ** once, as the last part."
    elif not fixed and "?" not in path:
        told, instead = f"{path!r} fits every link of the host.", "Name the part that tells this link from others."
    else:
        return
    yield document.found("link-path", place, told, instead)


def _rules_about_steps(recipe: Recipe, document: Document) -> Iterator[Finding]:
    known = list(dict.fromkeys(s.id for r in recipe.route for s in r.step))
    asked: list[tuple[Place, str]] = []
    for n, limit in enumerate(recipe.limit):
        asked += [(("limit", n, "of", at), name) for at, name in enumerate(limit.of)]
    for n, wait in enumerate(recipe.wait):
        asked.append((("wait", n, "after"), wait.after))
        asked += [(("wait", n, "closed", at), name) for at, name in enumerate(wait.closed)]
    for place, name in asked:
        if name not in known:
            yield document.found("unknown-step", place, f'no step is called "{name}".', choice(name, known))


def _sources(recipe: Recipe, document: Document) -> Iterator[Finding]:
    known = [s.id for s in recipe.sources if s.id]
    for place, names in _claims(recipe):
        for at, name in enumerate(names):
            if name not in known:
                told = f'no [[sources]] table has the id "{name}".'
                yield document.found("unknown-source", (*place, "sources", at), told, choice(name, known))


def _claims(recipe: Recipe) -> Iterator[tuple[Place, Iterable[str]]]:
    for n, limit in enumerate(recipe.limit):
        yield ("limit", n), limit.sources
    for n, wait in enumerate(recipe.wait):
        yield ("wait", n), wait.sources
    for way in ("sign_in", "change", "recover"):
        for n, factors in enumerate(getattr(recipe.access, way)):
            yield ("access", way, n), factors.sources
    for n, route in enumerate(recipe.route):
        yield ("route", n), route.sources
        for m, step in enumerate(route.step):
            yield ("route", n, "step", m), step.sources


def _own_browser(recipe: Recipe, document: Document) -> Iterator[Finding]:
    if recipe.browser == "own" and recipe.browser_why is None:
        told = "the recipe keeps the controlled browser away without a reason."
        instead = 'Say why: browser_why = { en = "…", zh = "…" }.'
        yield document.found("own-browser", ("browser",), told, instead)


def _routes(recipe: Recipe, document: Document) -> Iterator[Finding]:
    undos = [r.id for r in recipe.route if r.kind is RouteKind.UNDO]
    for number, route in enumerate(recipe.route):
        place: Place = ("route", number)
        yield from _slots(recipe, route, place, document)
        if (route.kind is RouteKind.CHANGE) != (route.change is not None):
            if route.change is None:
                told, instead = "a change route must say how the service changes an address.", _SHAPES
                yield document.found("change-shape", place, told, instead)
            else:
                told = f'a route of kind "{route.kind}" changes no address.'
                yield document.found(
                    "change-shape", (*place, "change"), told, 'Take "change" away, or set kind = "change".'
                )
        if route.undo is not None and route.undo not in undos:
            told = f'no route of kind "undo" is called "{route.undo}".'
            yield document.found("unknown-route", (*place, "undo"), told, choice(route.undo, undos))
        yield from _mail_order(recipe, route, place, document)
        if route.kind is RouteKind.CHANGE and route.change is Change.ADD:
            yield from _removals(route, place, document)


_SHAPES = 'Write change = "add" (NEW stands beside OLD), "replace" (at once) or "replace_pending" (once confirmed).'


def _slots(recipe: Recipe, route: Route, place: Place, document: Document) -> Iterator[Finding]:
    whole = [s.value for s in recipe.slots]
    for at, slot in enumerate(route.slots):
        if slot not in recipe.slots:
            told = f'the recipe has no slot "{slot}".'
            yield document.found("slots", (*place, "slots", at), told, choice(slot.value, whole))
    for at, step in enumerate(route.step):
        if step.slot is not None and step.slot not in route.slots:
            told = f"the step's slot \"{step.slot}\" is none of its route's."
            instead = choice(step.slot.value, [s.value for s in route.slots])
            yield document.found("slots", (*place, "step", at, "slot"), told, instead)
    if route.kind is RouteKind.CHANGE and not route.slots:
        told = "a change route moves at least one slot."
        yield document.found("slots", place, told, f"Write slots = […], some of {', '.join(whole)}.")


def _mail_order(recipe: Recipe, route: Route, place: Place, document: Document) -> Iterator[Finding]:
    known = [m.id for m in recipe.mail]
    expected: set[str] = set()
    for at, step in enumerate(route.step):
        here: Place = (*place, "step", at)
        for key, name in (("expects", step.expects), ("uses", step.uses)):
            if name is not None and name not in known:
                yield document.found("unknown-mail", (*here, key), f'no mail is called "{name}".', choice(name, known))
        if step.expects is not None:
            expected.add(step.expects)
        if step.uses is not None and step.uses in known and step.uses not in expected:
            yield document.found(
                "uses-order",
                (*here, "uses"),
                f'nothing in this route has asked for the mail "{step.uses}" before this step.',
                f'Write expects = "{step.uses}" at the step whose act makes the service send it.',
            )


def slot_of(route: Route, step: RecipeStep) -> Slot:
    """The slot that a step is about: its own, else its route's first."""
    return step.slot or (route.slots[0] if route.slots else Slot.SIGN_IN)


def _removals(route: Route, place: Place, document: Document) -> Iterator[Finding]:
    read_back: set[Slot] = set()
    for at, step in enumerate(route.step):
        slot = slot_of(route, step)
        if step.removes and slot not in read_back:
            yield document.found(
                "removes-order",
                (*place, "step", at, "removes"),
                f'OLD would be removed before the slot "{slot}" was read back with NEW.',
                f'Put a step with reaches = "read_back" and slot = "{slot}" before it.',
            )
        if step.reaches is not None and step.reaches.rank >= _READ_BACK and not step.removes:
            read_back.add(slot)
