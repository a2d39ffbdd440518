"""What a run over one account stands on: its tools put together, its present standing, and how ends of steps are written down."""

from __future__ import annotations

from abc import ABC, abstractmethod

from readdress.engine.api import ApiCalls
from readdress.engine.eyes import Eyes
from readdress.engine.hands import By, Done, Hands
from readdress.engine.letters import Letters
from readdress.engine.permits import Permits
from readdress.engine.tools import Ended, Outcome, Tools
from readdress.engine.verdicts import raised, reached, standing
from readdress.engine.view import View
from readdress.engine.waiting import Pump
from readdress.models import Account, Draft, Mark, NoteKind, Notice, Sight, StepRecord, StepStatus, Verdict
from readdress.models.events import factor, limit_used, step_armed, step_ended
from readdress.ports import Browser
from readdress.recipe.pack import Pack
from readdress.recipe.schema import Recipe, RecipeStep, Route, StepKind
from readdress.trust.verdict import Accepted


class Run(ABC):
    """One account on one route. ``recipe`` is the pack's recipe put onto the account's site."""

    def __init__(self, tools: Tools, account: Account, pack: Pack, recipe: Recipe, route: Route) -> None:
        self.tools = tools
        self.journal = tools.journal
        self.id = account.id
        self.pack = pack
        self.recipe = recipe
        self.route = route
        self.browser: Browser | None = None
        self._typed: set[str] = set()
        self.pump = Pump(tools)
        self.api = ApiCalls(tools, account, recipe, self.pump)
        self.letters = Letters(tools, account, recipe, route, self.pump)
        self.eyes = Eyes(tools, pack, self.pump, lambda s: self._view(s, acting=False))
        self.hands = Hands(
            tools,
            account,
            recipe,
            pack,
            self.pump,
            self.eyes,
            self.letters,
            lambda s, t: self._view(s, acting=True, token=t),
        )
        self.hands.sign_in = self.sign_in
        self.permits = Permits(
            tools, self.id, recipe, route, self.eyes, self.pump, lambda s: self._looked(s, sure=True)
        )

    @abstractmethod
    def sign_in(self) -> None:
        """Be signed in, where the route begins with that."""

    @abstractmethod
    def _looked(self, step: RecipeStep, *, sure: bool) -> Sight:
        """A look; where a sign-in page stands instead, after signing in."""

    # -- where it stands --------------------------------------------------------------------------------------------
    def _outcome(self, ended: Ended, message: str, todo: str = "", **more: object) -> Outcome:
        return Outcome(self.id, self.recipe.id, ended, self._verdict(), message, todo, **more)  # type: ignore[arg-type]

    def _verdict(self) -> Verdict:
        return standing(self._account(), self.recipe)

    def _account(self) -> Account:
        return self.journal.account(self.id)

    def _record(self, step: RecipeStep) -> StepRecord:
        return self.journal.step(self.id, self.route.id, step.id)

    # -- written down -----------------------------------------------------------------------------------------------
    def _arming(self, step: RecipeStep, attempt: int, marks: tuple[Mark, ...]) -> list[Draft]:
        drafts = [step_armed(self.id, self.route.id, step.id, attempt=attempt, url=step.open or "", marks=marks)]
        drafts += self.letters.expected(step, attempt, marks)
        drafts += [limit_used(self.id, limit.id) for limit in self.recipe.limit if step.id in limit.of]
        if step.slot is not None and step.kind is StepKind.ACT:
            drafts += raised(self._account(), step.slot, Verdict.STARTED, step.id)
        return drafts

    def _finish(self, step: RecipeStep, attempt: int, done: Done, *, quiet: bool = False) -> None:
        status = StepStatus.SKIPPED if done.by == "skipped" else StepStatus.DONE
        by: By = done.by
        drafts = [step_ended(self.id, self.route.id, step.id, status, attempt=attempt, detail=done.detail, by=by)]
        verdict = None if status is StepStatus.SKIPPED else reached(step, by)
        if verdict is not None and step.slot is not None:
            drafts += raised(self._account(), step.slot, verdict, done.detail or step.id)
        if status is StepStatus.DONE:
            drafts += [factor(f, held=True, account=self.id) for f in step.gains if by in {"page", "mail"}]
            drafts += [factor(f, held=False, account=self.id) for f in step.loses]
        self.journal.record(*drafts)
        if not quiet:
            self.tools.person.tell(Notice(NoteKind.DONE, step.title, self.recipe.id, step.id))

    def _end_attempt(self, step: RecipeStep, record: StepRecord, status: StepStatus, detail: str, by: str) -> None:
        self.journal.record(
            step_ended(self.id, self.route.id, step.id, status, attempt=record.attempt, detail=detail, by=by)
        )

    def start_browser(self) -> None:
        """The controlled browser on this recipe's hosts; nothing for recipes that use the person's own."""
        if self.recipe.browser == "own" or self.browser is not None:
            return
        self.browser = self.tools.browser()
        self.hands.extra = self._allowed_hosts()
        self.browser.allow(self.recipe.hosts, [*self.recipe.assets, *self.hands.extra])
        self.pump.browser = self.eyes.browser = self.hands.browser = self.browser

    def _allowed_hosts(self) -> list[str]:
        return [
            str(e.data.get("topic", ""))[5:]
            for e in self.journal.events(account=self.id)
            if e.kind == "consent" and str(e.data.get("topic", "")).startswith("host:") and e.data.get("given")
        ]

    def _view(self, step: RecipeStep, *, acting: bool, token: Accepted | None = None) -> View:
        assert self.browser is not None
        return View(
            self.tools,
            self._account(),
            self.recipe,
            step,
            self.letters,
            self.browser,
            self.pump,
            attempt=self._record(step).attempt,
            acting=acting,
            token=token,
            typed=self._typed,
            api=self.api,
        )
