"""What must hold right before an act, put together: the clock's guards, a last look at NEW, the person's consent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from readdress.engine import asking, guards
from readdress.engine.eyes import Eyes
from readdress.engine.proving import prove_new_mailbox
from readdress.engine.tools import Tools
from readdress.engine.waiting import Pump
from readdress.errors import NeedsPerson
from readdress.models import Answer, Change, OldState, RouteKind, Seen, Sight, Text, Verdict
from readdress.models.events import consent, factor, slot_verdict
from readdress.ports import Journal
from readdress.recipe.schema import Recipe, RecipeStep, Route, StepKind

_REPLACES = {Change.REPLACE, Change.REPLACE_PENDING}


@dataclass(slots=True)
class Permits:
    """The permits of one run over one account. ``looked`` reads a step's page afresh, signing in where needed."""

    tools: Tools
    id: str
    recipe: Recipe
    route: Route
    eyes: Eyes
    pump: Pump
    looked: Callable[[RecipeStep], Sight]

    @property
    def journal(self) -> Journal:
        """Where everything is written down."""
        return self.tools.journal

    def time(self, step: RecipeStep, *, limits: bool = True) -> None:
        """Limits, cooling-off and the age of the read-back. Raises :class:`NeedsTime`, or :class:`NeedsPerson` where NEW was not read back."""
        now = self.tools.clock.now()
        account = self.journal.account(self.id)
        if limits:
            guards.check_limits(self.recipe, step, account, self.journal, now)
        guards.check_waits(self.recipe, step, account, self.journal, now, self.tools.lang)
        if step.removes and self.route.change not in _REPLACES:
            if self.blind:
                guards.check_proven(self.recipe, self.route, step, account)
            guards.check_removal(self.route, step, account, now)

    def act(self, step: RecipeStep) -> None:
        """What has to be true, seen or agreed to right before the act. Raises :class:`NeedsPerson`."""
        held = self.journal.factors(self.id) | {"session"}
        state, _ = self.journal.old_state()
        guards.check_ways_in(self.recipe, step, held, OldState(state))
        replaces = self.route.change in _REPLACES
        if step.removes and not replaces and not self.blind:
            self._read_back_again(step)
        if replaces and step.kind is StepKind.ACT and (step.slot is not None or step.removes):
            self._consent_to_replace(step)
        elif step.kind is StepKind.ACT and step.slot is not None and self.route.kind is RouteKind.CHANGE:
            prove_new_mailbox(self.tools, self.pump)

    @property
    def blind(self) -> bool:
        """No page can be read: it stands in the person's own browser, or the recipe has no look. Then the service's mail to NEW has to prove it."""
        return self.recipe.browser == "own" or not self.eyes.pack.looks

    def _read_back_again(self, step: RecipeStep) -> None:
        """Right before OLD goes, NEW is read once more: a day may lie between."""
        todo = "Look at the account, then run `migrate resume`."
        slots = {step.slot} if step.slot else set(self.route.slots)
        showing = [
            s
            for s in self.route.step
            if s.slot in slots
            and (s.kind is StepKind.READ_BACK or (s.reaches is not None and s.reaches.finished))
            and self.eyes.can(s)
        ]
        if not showing:
            raise NeedsPerson(
                "The old address stays: no page can show the new one once more.", kind="decision", todo=todo
            )
        for other in showing:
            sight = self.looked(other)
            if sight.seen is not Seen.DONE:
                if sight.seen is Seen.NOT_DONE and other.slot is not None:
                    self.journal.record(
                        slot_verdict(self.id, other.slot, Verdict.STARTED, f"gone again: {sight.detail}")
                    )
                raise NeedsPerson(
                    f"The old address stays: the new one is not seen any more ({sight.detail}).",
                    kind="decision",
                    todo=todo,
                )

    def _consent_to_replace(self, step: RecipeStep) -> None:
        topic = f"replace:{self.route.id}"
        if self.journal.consented(self.id, topic):
            return
        prove_new_mailbox(self.tools, self.pump)
        if not guards.other_factors(self.journal.factors(self.id)):
            self._ask_factors()
        header = self.journal.header()
        name, old, new = self.recipe.name, header.old, header.new
        pending = self.route.change is Change.REPLACE_PENDING
        body = Text(
            f"{name.en} does not add an address, it replaces it"
            + (" once a mail to the new one is answered" if pending else " at once")
            + f": {old} goes and {new} takes its place. Do it for {self.journal.account(self.id).login or 'this account'}?"
            + (f"\n{self.route.warn.en}" if self.route.warn else ""),
            f"{name.zh} 不会新增地址，而是"
            + ("在新地址确认邮件后" if pending else "立即")
            + f"替换：{old} 将被 {new} 取代。是否对 {self.journal.account(self.id).login or '此账号'} 执行？"
            + (f"\n{self.route.warn.zh}" if self.route.warn else ""),
        )
        answer = self.pump.ask(asking.consent(self.recipe, step, self.id, body))
        if not isinstance(answer, Answer) or answer.choice != "yes":
            raise NeedsPerson(
                f"{name.en} replaces the address, and you have not agreed to that.",
                kind="decision",
                todo="Run `migrate resume`.",
            )
        self.journal.record(consent(self.id, topic, body.to(self.tools.lang)))

    def _ask_factors(self) -> None:
        offered = [
            ("password", Text("its password", "该账号的密码")),
            ("phone", Text("a phone number in the account", "账号绑定的手机")),
            ("passkey", Text("a passkey", "通行密钥")),
            ("totp", Text("an authenticator app", "身份验证器")),
            ("recovery_code", Text("recovery codes", "恢复码")),
        ]
        answer = self.pump.ask(asking.factors(self.recipe, self.id, offered))
        if not isinstance(answer, Answer) or answer.choice not in {key for key, _ in offered}:
            raise NeedsPerson(
                f"{self.recipe.name.en} replaces the address, and no other way in is known.",
                kind="decision",
                todo="Set a password or add a phone number there first, then run `migrate resume`.",
            )
        self.journal.record(factor(answer.choice, held=True, account=self.id))
