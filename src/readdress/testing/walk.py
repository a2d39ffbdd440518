"""One account walked along one route by a scripted person, with stand-ins for time, mailboxes and browser and the real engine and gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from readdress.engine.hands import proving_mail
from readdress.engine.runner import Runner
from readdress.engine.tools import Ended, Outcome, Patience, Tools
from readdress.engine.verdicts import reached
from readdress.models import Ask, Change, Question, Side, Slot, StepStatus, Verdict
from readdress.models.events import account_added, factor, slot_verdict
from readdress.recipe.pack import Pack
from readdress.recipe.place import place, settle_site
from readdress.recipe.schema import Recipe, RecipeStep, Route
from readdress.testing.browsers import BlankBrowser, EverydayBrowser
from readdress.testing.fakes import FakeClock, FakeMail, FakeSecrets
from readdress.testing.journal import MemoryJournal
from readdress.testing.office import Letter, Office
from readdress.testing.person import Rule, ScriptedPerson
from readdress.testing.post import Post
from readdress.testing.samples import LOGIN, NEW, OLD, Sample

SITE = "https://site.replica.test"
ACCOUNT = "a1"
_PATIENCE = Patience(mail=5.0, person=60.0, look=0.5, look_every=0.2, slice=0.0, brisk=1.0)
_POLLS = 40  # so often a person who did something waits for it to be noticed before they say a word
_REPLACES = {Change.REPLACE, Change.REPLACE_PENDING}


def on_a_site(recipe: Recipe) -> tuple[Recipe, str]:
    """The recipe put onto a site where it is one for many: where each site writes from its own domain one of nobody, else its first preset."""
    if recipe.site is None:
        return recipe, ""
    own_senders = any("{site}" in a for m in recipe.mail for a in m.sender)
    site = settle_site(recipe, SITE if own_senders else next(iter(recipe.site.presets), SITE))
    return place(recipe, site), site


class Walk:
    """One account on one route with both mailboxes readable; :meth:`run` is one `migrate resume`.

    ``person``: what is answered to a step that is handed over, ``None`` for "not yet" (:meth:`does` when not given).
    """

    def __init__(
        self,
        pack: Pack,
        recipe: Recipe,
        route: Route,
        *,
        site: str = "",
        samples: Sequence[Sample] = (),
        lang: str = "en",
    ) -> None:
        self.pack, self.recipe, self.route = pack, recipe, route
        self.clock = FakeClock(tick=0.05)
        self.mail = FakeMail({Side.OLD: OLD, Side.NEW: NEW}, self.clock)
        self.post = Post(self.mail, self.clock)
        self.office = Office(recipe, samples, self.post, site=site)
        self.journal = MemoryJournal(self.clock, old=OLD, new=NEW)
        slots = [s for s in Slot if s in {*recipe.important, *route.slots}]
        self.journal.record(
            account_added(ACCOUNT, recipe.id, site=site, login=LOGIN, slots=slots), factor("new_mailbox", held=True)
        )
        held = {"phone", "password", *route.needs, *(f for s in route.step for f in s.needs)} - {
            "session",
            "new_mailbox",
        }
        self.journal.record(*(factor(f, held=True, account=ACCOUNT) for f in sorted(held)))
        self.person = ScriptedPerson(
            [Rule(Ask.CONSENT, says="yes"), Rule(Ask.SENDER, says="yes"), Rule(Ask.HAND_OVER, says=self._answer)],
        )
        self.person.rules.append(Rule(Ask.IN_DOUBT, says="no"))
        self.browser, self.controlled = EverydayBrowser(), BlankBrowser()
        self.lang = lang
        self.says: Callable[[Question, RecipeStep], str | None] = self.does
        self.sent: dict[str, list[Letter]] = {}
        self._polls: dict[str, int] = {}

    # -- people -------------------------------------------------------------------------------------------------------------
    def does(self, question: Question, step: RecipeStep) -> str | None:
        """Does what the step says: the service then sends its mail, and a word is said only when nothing noticed by itself."""
        again = question.step != step.id  # "ask for the mail once more"
        wanted = step.uses if again else step.expects
        if wanted and question.step not in self.sent:
            self.sent[question.step] = []
            self.deliver(wanted, question.step)
            return None
        self._polls[question.step] = self._polls.get(question.step, 0) + 1
        return "done" if not wanted or self._polls[question.step] > _POLLS else None

    def deliver(self, mail: str, step: str) -> None:
        """The service's mail comes to its mailbox."""
        letter = self.office.write(self.recipe.find_mail(mail))
        self.mail.deliver(letter.side, letter.octets)
        self.sent.setdefault(step, []).append(letter)

    def _answer(self, question: Question) -> str | None:
        return self.says(question, self.route.find(question.step.removesuffix("_resend")))

    # -- going --------------------------------------------------------------------------------------------------------------
    def run(self) -> Outcome:
        """Once, until it stops."""
        tools = Tools(
            journal=self.journal,
            clock=self.clock,
            person=self.person,
            mail=self.mail,
            secrets=FakeSecrets({}),
            lookup=self.post.lookup,
            browser=lambda: self.controlled,
            own_browser=self.browser,
            lang="zh" if self.lang == "zh" else "en",
            patience=_PATIENCE,
        )
        return Runner(tools, self.journal.account(ACCOUNT), self.pack, self.recipe, self.route).run()

    def to_the_end(self, *, proven: bool = True) -> Outcome:
        """Every run that is left, as time passes. ``proven``: where OLD waits for that, the service has written to NEW by then."""
        for _ in range(3 * len(self.route.step) + 12):
            outcome = self.run()
            if outcome.ended is Ended.NEEDS_TIME and outcome.until is not None:
                self.clock.advance(max(0.0, (outcome.until - self.clock.now()).total_seconds()) + 60)
            elif proven and outcome.ended is Ended.NEEDS_PERSON and (slots := self._unproven()):
                self.journal.record(
                    *(slot_verdict(ACCOUNT, s, Verdict.PROVEN, "the service wrote to NEW") for s in slots)
                )
            elif outcome.ended is Ended.NEEDS_PERSON and self.stopped:
                self.stopped = False
            else:
                return outcome
        raise AssertionError(f"it never ends: {outcome.ended.value}: {outcome.message}")

    stopped = False

    def _unproven(self) -> list[Slot]:
        """The slots that keep OLD from being removed: the next step would do it, and nothing has proved NEW."""
        step = next(
            (s for s in self.route.step if self.status(s.id) in {StepStatus.PENDING, StepStatus.NOT_DONE}), None
        )
        if step is None or not step.removes or self.route.change in _REPLACES:
            return []
        slots = [step.slot] if step.slot else list(self.route.slots)
        return [s for s in slots if self.verdict(s) is not Verdict.PROVEN]

    # -- what became of it --------------------------------------------------------------------------------------------------
    def status(self, step: str) -> StepStatus:
        """What is written down about a step."""
        return self.journal.step(ACCOUNT, self.route.id, step).status

    def verdict(self, slot: Slot) -> Verdict:
        """How sure it is that a slot has moved."""
        slots = self.journal.account(ACCOUNT).slots
        return slots[slot].verdict if slot in slots else Verdict.FOUND

    def verdicts(self) -> dict[Slot, Verdict]:
        """Of all slots of the account."""
        return {s: state.verdict for s, state in self.journal.account(ACCOUNT).slots.items()}

    def asked(self) -> list[str]:
        """The steps that the person was shown, each once, in order."""
        return list(dict.fromkeys(q.step for q in self.person.asked if q.ask is Ask.HAND_OVER))

    def best(self, *, skipped: frozenset[str] = frozenset()) -> dict[Slot, Verdict]:
        """What the recipe's evidence supports at best: a mail that proves a step confirms it, everything else is the person's word."""
        found: dict[Slot, Verdict] = {}
        for step in self.route.step:
            if step.slot is None or step.id in skipped:
                continue
            said = reached(step, "mail" if proving_mail(step) else "person")
            if said is None:
                continue
            before = found.get(step.slot, Verdict.FOUND)
            if said.rank > before.rank or (said.rank == before.rank and before is Verdict.CLAIMED):
                found[step.slot] = said
        return found
