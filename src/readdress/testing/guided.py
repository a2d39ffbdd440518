"""The guided contract: scripted people walk every route of a recipe by its text alone, and it may claim no more than was proved.

For each route four people go: one does everything, one stops at each step and goes on later, one says "done" and does nothing, one skips
what may be skipped. No browser and no cases are needed: time, mailboxes and the person are stand-ins, the engine and the trust gate are real.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from readdress.engine.tools import Ended
from readdress.models import Ask, Change, Question, Slot, StepStatus, Verdict
from readdress.recipe.finding import Finding, Severity, shown
from readdress.recipe.load import load_pack
from readdress.recipe.pack import Pack
from readdress.recipe.schema import RecipeStep, StepKind
from readdress.testing.judging import check_samples, sample_findings
from readdress.testing.reading import codes_shown, texts_shown
from readdress.testing.result import CaseResult, timed
from readdress.testing.samples import load_samples
from readdress.testing.walk import Walk, on_a_site

PEOPLE = ("does", "stops", "lies", "skips")


def by_hand(pack: Pack) -> bool:
    """Whether a person does every step of it: in their own browser, or because there is no function at all."""
    return pack.recipe.browser == "own" or not (pack.acts or pack.looks)


class Guided:
    """The walks over the recipe in ``folder``, and its sample mails.

    ``names``: the cases, ``route/person`` for each walk and ``mails`` where there are samples. Raises
    :class:`~readdress.errors.RecipeError` when the recipe or its samples cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.pack = load_pack(folder, origin="checked", trusted=True)
        self.recipe, self.site = on_a_site(self.pack.recipe)
        self.samples = load_samples(folder)
        self._cases: dict[str, Callable[[], str]] = {
            f"{route.id}/{person}": partial(self.walk, route.id, person)
            for route in self.recipe.route
            for person in PEOPLE
        }
        if self.samples:
            self._cases["mails"] = partial(check_samples, self.recipe, self.samples, site=self.site)

    @property
    def names(self) -> list[str]:
        """All cases."""
        return list(self._cases)

    def run(self, only: Sequence[str] = ()) -> Iterator[CaseResult]:
        """Every case, or only those."""
        for name, work in self._cases.items():
            if not only or name in only:
                yield timed(name, work)

    def walk(self, route: str, person: str) -> str:
        """Have one of :data:`PEOPLE` walk a route by its text alone; what is wrong with it, ``""`` when nothing is."""
        return "; ".join(dict.fromkeys(_WALKS[person](self.start(route))))

    def start(self, route: str, *, lang: str = "en") -> Walk:
        """A person at the beginning of a route."""
        text = Pack(self.recipe, self.pack.folder, self.pack.origin, {}, {})
        return Walk(text, self.recipe, self.recipe.find_route(route), site=self.site, samples=self.samples, lang=lang)

    def findings(self) -> list[Finding]:
        """What the lint cannot see: mails that no sample shows, samples that no mail fits, functions that no page tries. Warnings."""
        found: list[Finding] = []
        if by_hand(self.pack) or self.samples:
            found += sample_findings(self.pack.folder, self.recipe, self.samples, site=self.site)
        if not by_hand(self.pack) and not (self.pack.folder / "pages" / "cases.toml").is_file():
            told = "no page tries these functions here: there is no pages/cases.toml."
            instead = "Write pages and cases (`migrate recipes new` shows how), or test it against the program itself."
            found.append(Finding("no-cases", Severity.WARNING, shown(self.pack.folder / "flow.py"), 1, told, instead))
        return found


# -- the four -------------------------------------------------------------------------------------------------------------


def _does(walk: Walk) -> Iterator[str]:
    """Does everything: every step is shown, ends done, and the verdict is what the evidence supports, no more and no less."""
    before: dict[Slot, Verdict] = {}
    outcome = walk.to_the_end(proven=False)
    before = walk.verdicts()
    if outcome.ended is Ended.NEEDS_PERSON:
        outcome = walk.to_the_end()
    yield from texts_shown(walk)
    yield from codes_shown(walk)
    shown = [s for s in walk.asked() if not s.endswith("_resend")]
    if shown != [s.id for s in walk.route.step]:
        missing = [s.id for s in walk.route.step if s.id not in shown]
        yield f"the person was not led through {', '.join(missing) or 'the steps in their order'}: {outcome.message}"
    for step in walk.route.step:
        if walk.status(step.id) is not StepStatus.DONE:
            yield f"the step {step.id} ends {walk.status(step.id).value} for a person who does everything: {outcome.message}"
    best = walk.best()
    for slot, seen in before.items():
        if seen.finished:
            yield f"the slot {slot} counts as {seen.value}, though nobody read it on a page"
        expected = best.get(slot)
        if expected is not None and seen.rank != expected.rank and not _removed_later(walk, slot):
            yield f"the slot {slot} ends {seen.value}; the evidence supports {expected.value}"


def _removed_later(walk: Walk, slot: Slot) -> bool:
    """Whether the step that says the most of the slot stands behind a removal, and so after the proof."""
    steps = walk.route.step
    first = next((n for n, s in enumerate(steps) if s.removes), len(steps))
    best = max((n for n, s in enumerate(steps) if s.slot is slot and s.reaches is not None), default=-1)
    return best >= first


def _stops(walk: Walk) -> Iterator[str]:
    """Stops at each step once, by the answer or by Ctrl-C, and goes on later: nothing is shown again that was done."""
    once: set[str] = set()

    def says(question: Question, step: RecipeStep) -> str | None:
        if question.step in once:
            return walk.does(question, step)
        once.add(question.step)
        walk.stopped = True
        if len(once) % 2:
            return "stop"
        raise KeyboardInterrupt

    walk.says = says
    for _ in range(2 * len(walk.route.step) + 4):
        try:
            outcome = walk.to_the_end()
            break
        except KeyboardInterrupt:
            walk.stopped = False
            walk.person.withdraw(walk.person.open.id if walk.person.open else "")
    else:
        yield "it never ends for a person who stops at each step once"
        return
    for step in walk.route.step:
        if walk.status(step.id) is not StepStatus.DONE:
            yield f"the step {step.id} ends {walk.status(step.id).value} for a person who stops and goes on: {outcome.message}"
        times = sum(q.step == step.id and q.ask is Ask.HAND_OVER for q in walk.person.asked)
        times -= sum(q.ask is Ask.SENDER for q in walk.person.asked)  # after which the step comes back
        if times > 2 and step.kind is not StepKind.SIGN_IN:
            yield f"the step {step.id} is shown {times} times to a person who stopped at it once"


def _lies(walk: Walk) -> Iterator[str]:
    """Says "done" to everything and does nothing: that is a claim, never more, and OLD is not removed for it."""
    walk.says = lambda question, step: "done"
    outcome = walk.to_the_end(proven=False)
    if outcome.ended in {Ended.DONE, Ended.NOTHING_TO_DO}:
        yield f"it counts as moved on the bare word: {outcome.message}"
    for slot, seen in walk.verdicts().items():
        if seen.rank > Verdict.CLAIMED.rank or seen.finished:
            yield f"the slot {slot} counts as {seen.value} on the bare word"
    waiting = next((s for s in walk.route.step if s.uses and s.uses != s.expects and not s.optional), None)
    if waiting is not None and (waiting.id in walk.asked() or outcome.ended is not Ended.NEEDS_MAIL):
        yield f"the step {waiting.id} does not wait for its mail, which never came: {outcome.message}"
    if walk.route.change is Change.ADD:
        gone = [s.id for s in walk.route.step if s.removes and s.id in walk.asked()]
        if gone:
            yield f"OLD may be removed on the bare word, at {', '.join(gone)}"


def _skips(walk: Walk) -> Iterator[str]:
    """Skips what may be skipped: the rest still works, and what was skipped proves nothing."""
    skipped: set[str] = set()

    def says(question: Question, step: RecipeStep) -> str | None:
        if any(c.key == "skip" for c in question.choices) and question.step == step.id:
            skipped.add(step.id)
            return "skip"
        return walk.does(question, step)

    walk.says = says
    outcome = walk.to_the_end(proven=False)
    before = walk.verdicts()
    if outcome.ended is Ended.NEEDS_PERSON:
        outcome = walk.to_the_end()
    for step in walk.route.step:
        wanted = StepStatus.SKIPPED if step.id in skipped else StepStatus.DONE
        if walk.status(step.id) is not wanted:
            yield f"the step {step.id} ends {walk.status(step.id).value} for a person who skips what may be skipped: {outcome.message}"
    best = walk.best(skipped=frozenset(skipped))
    for slot, seen in before.items():
        most = best.get(slot, Verdict.STARTED)
        if seen.rank > max(most.rank, Verdict.STARTED.rank):
            yield f"the slot {slot} counts as {seen.value}, though what would say so was skipped"


_WALKS: dict[str, Callable[[Walk], Iterator[str]]] = {"does": _does, "stops": _stops, "lies": _lies, "skips": _skips}
