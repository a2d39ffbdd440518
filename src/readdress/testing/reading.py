"""What a person was shown on a walk: whether it fits their screen, is filled in, and holds each code at its own step only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from readdress.i18n.wrap import cells, wrap
from readdress.models import NoteKind, Text
from readdress.recipe.fields import host_matches
from readdress.testing.samples import TRAP
from readdress.testing.walk import Walk

COLUMNS, LINES = 80, 12
"""A step has to be read in one go: its text takes at most so many lines of a terminal of so many columns."""
_INSIDE = COLUMNS - 4  # of the frame around a question
_TITLE = COLUMNS - 6
_HOLE = re.compile(r"\{[a-z_]+\}")


def texts_shown(walk: Walk) -> Iterator[str]:
    """What is wrong with what was asked, told and opened: holes, length, foreign hosts, links that take a change back."""
    for question in walk.person.asked:
        where = f"{question.step or question.ask.value}"
        for lang in ("en", "zh"):
            yield from _text(where, lang, f"{walk.recipe.id} · {question.title.to(lang)}", question.body.to(lang))
    for text in (n.text for n in walk.person.told):
        for lang in ("en", "zh"):
            if hole := _HOLE.search(text.to(lang)):
                yield f"{hole[0]} is shown to the person ({lang})"
    for url in [*walk.browser.opened, *walk.controlled.opened]:
        if not any(host_matches(h, urlsplit(url).hostname or "", urlsplit(url).port or 443) for h in walk.recipe.hosts):
            yield f"{url} is opened, which is on none of the recipe's hosts"
    # A page that the recipe names itself is no trap, though a mail may lead there too.
    own = " ".join(f"{x.open} {x.manual.en} {x.manual.zh}" for r in walk.recipe.route for x in r.step)
    traps = [TRAP, *(n for x in walk.office.samples for n in x.never if "://" in n and n not in own)]
    seen = [
        *walk.browser.opened,
        *walk.controlled.opened,
        *(q.body.en for q in walk.person.asked),
        *(n.text.en for n in walk.person.told),
    ]
    for trap in traps:
        if any(trap in text for text in seen):
            yield f"a link that never may be opened was opened or shown: {trap}"


def _text(where: str, lang: str, title: str, body: str) -> Iterator[str]:
    if hole := _HOLE.search(f"{title}\n{body}"):
        yield f"the text of {where} shows {hole[0]} ({lang})"
    if not body.strip():
        yield f"the text of {where} is empty ({lang})"
    lines = len(wrap(body, _INSIDE))
    if lines > LINES:
        yield f"the text of {where} takes {lines} lines of {COLUMNS} columns, more than {LINES} ({lang})"
    if cells(title) > _TITLE:
        yield f"the title of {where} is wider than {COLUMNS} columns ({lang})"


def codes_shown(walk: Walk) -> Iterator[str]:
    """What is wrong with how codes are shown: each in both languages, at a step that uses it, and at no other."""
    for step in walk.route.step:
        if not step.uses or not walk.recipe.find_mail(step.uses).code:
            continue
        asked_by = [s.id for s in walk.route.step if s.expects == step.uses]
        codes = [x.code for at in (*asked_by, f"{step.id}_resend") for x in walk.sent.get(at, ()) if x.code]
        texts = [(q.step, q.body) for q in walk.person.asked]
        texts += [(n.step, n.text) for n in walk.person.told if n.kind is NoteKind.INFO]
        if codes and not any(_shows(text, codes) for at, text in texts if at == step.id):
            yield f"the code of {step.uses} is not shown at {step.id}"
        users = {s.id for s in walk.route.step if s.uses == step.uses}
        for at, text in texts:
            if at not in users and any(c in text.en or c in text.zh for c in codes):
                yield f"the code of {step.uses} is shown at {at}"


def _shows(text: Text, codes: Sequence[str]) -> bool:
    return any(c in text.en and c in text.zh for c in codes)
