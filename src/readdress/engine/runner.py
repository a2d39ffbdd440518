"""Runs one route of one account: look, write down, act, look, write down; finishes or asks, never acts twice."""

from __future__ import annotations

from readdress.engine import asking
from readdress.engine.hands import Done, proving_mail
from readdress.engine.letters import lost
from readdress.engine.run import Run
from readdress.engine.tools import Ended, Outcome
from readdress.engine.verdicts import settled
from readdress.errors import MailboxError, NeedsMail, NeedsPerson, NeedsTime, Refused
from readdress.i18n.refusals import refused
from readdress.models import (
    Answer,
    Mark,
    NoteKind,
    Notice,
    Seen,
    Sight,
    StepRecord,
    StepStatus,
    Text,
)
from readdress.models.events import (
    bound,
    factor,
    mail_expected,
    route_chosen,
    wait_cleared,
    wait_set,
)
from readdress.recipe.schema import RecipeStep, StepKind
from readdress.trust.verdict import Accepted

_OVER = {StepStatus.DONE, StepStatus.SKIPPED}
_DOUBT = {StepStatus.ARMED, StepStatus.UNKNOWN}


class Runner(Run):
    """Takes one account along one route as far as it goes now."""

    # -- the run ----------------------------------------------------------------------------------------------------
    def run(self) -> Outcome:
        """Take the account as far as it goes now. Every way in which it stops is an :class:`Outcome`; only faults are raised."""
        if self._finished():
            return self._outcome(Ended.NOTHING_TO_DO, "There is nothing to do.")
        if self.journal.route(self.id) != self.route.id:
            self.journal.record(route_chosen(self.id, self.route.id))
        if self.journal.wait(self.id) is not None:
            self.journal.record(wait_cleared(self.id))
        try:
            for step in self.route.step:
                self._step(step)
        except NeedsTime as need:
            self.journal.record(wait_set(self.id, "time", need.message, until=need.until))
            return self._outcome(Ended.NEEDS_TIME, need.message, need.todo, until=need.until)
        except (NeedsMail, MailboxError) as error:
            late = error if isinstance(error, NeedsMail) else lost(error)
            self.journal.record(wait_set(self.id, "mail", late.message, step=late.mail, until=late.until))
            return self._outcome(Ended.NEEDS_MAIL, late.message, late.todo, until=late.until)
        except NeedsPerson as need:
            self.journal.record(wait_set(self.id, "person", need.message))
            return self._outcome(Ended.NEEDS_PERSON, need.message, need.todo)
        except Refused as no:
            if no.until is not None:
                self.journal.record(wait_set(self.id, "time", no.message, until=no.until))
                return self._outcome(Ended.NEEDS_TIME, no.message, no.todo, until=no.until)
            self.journal.record(wait_set(self.id, "person", no.message))
            return self._outcome(Ended.REFUSED, no.message, no.todo)
        finally:
            self.letters.unwatch()
        return self._end()

    def _end(self) -> Outcome:
        if self._verdict().finished:
            return self._outcome(Ended.DONE, "The new address was read back.")
        message = "All steps are over, but the new address was not seen on the service's own page."
        todo = "Look at the account yourself; mail from the service to the new address will prove it."
        if self.permits.blind:  # nobody but the person can have seen a page
            name = self.recipe.name.to(self.tools.lang)
            message = f"All steps are over. That it worked is your word until {name} writes to the new address."
            todo = "Nothing more is to be done now. Keep the old mailbox until that mail has come: `migrate resume` looks for it."
        self.journal.record(wait_set(self.id, "person", message))
        return self._outcome(Ended.NEEDS_PERSON, message, todo)

    def _finished(self) -> bool:
        """Every step of the route is over (signing in does not count) and the slots are read back."""
        over = all(self._record(s).status in _OVER for s in self.route.step if s.kind is not StepKind.SIGN_IN)
        return over and self._verdict().finished

    # -- one step ---------------------------------------------------------------------------------------------------
    def _step(self, step: RecipeStep) -> None:
        record = self._record(step)
        if step.kind is StepKind.SIGN_IN:
            self._sign_in(step)
            return
        if not self._open(step, record):
            return
        doubt = record.status in _DOUBT
        if not doubt:
            self.permits.time(step)
        sight = self._look_before(step, record)
        if sight.seen is Seen.DONE:
            self._finish(step, record.attempt, Done("page", sight.detail))
            return
        if doubt and not step.repeatable and not self._proved_not_done(step, record, sight):
            return
        if doubt:
            # What held when it was armed may not hold any more. Its limit was spent then: it is not counted against it again.
            self.permits.time(step, limits=False)
        self._do(step, record)

    def _open(self, step: RecipeStep, record: StepRecord) -> bool:
        """Whether there is something left to do. A read-back that rests on a bare word, or whose slot has fallen since, is looked at again."""
        if record.status not in _OVER:
            return True
        if step.kind is not StepKind.READ_BACK or record.status is StepStatus.SKIPPED or step.slot is None:
            return False
        state = self._account().slots.get(step.slot)
        by_page = self.recipe.browser != "own" and step.id in self.pack.looks
        return by_page and (state is None or not settled(state).finished)

    def _look_before(self, step: RecipeStep, record: StepRecord) -> Sight:
        self.start_browser()
        if not self.eyes.can(step):
            return Sight.unknown("no page tells")
        return self._looked(step, sure=record.status in _DOUBT or step.kind is StepKind.READ_BACK)

    def _looked(self, step: RecipeStep, *, sure: bool) -> Sight:
        """A look; where a sign-in page stands instead, after signing in."""
        see = self.eyes.surely if sure else self.eyes.before
        sight = see(step)
        if sight.signed_out and self._sign_in_step() is not None:
            self.sign_in()
            sight = see(step)
        return sight

    def _proved_not_done(self, step: RecipeStep, record: StepRecord, sight: Sight) -> bool:
        """An armed step without an outcome: only proof, or the person, allows the act again. ``False``: it is over."""
        if sight.seen is Seen.NOT_DONE:
            self._end_attempt(step, record, StepStatus.NOT_DONE, sight.detail, "page")
            return True
        mail = proving_mail(step)
        if mail and self.letters.peek(mail) is not None:
            self._finish(step, record.attempt, Done("mail", "the service had sent the expected mail"))
            return False
        while True:
            question = asking.in_doubt(self.recipe, step, self.id, sight.detail, step.open or "")
            answer = self.pump.ask(question)
            if not isinstance(answer, Answer) or answer.choice == "stop":
                raise NeedsPerson(
                    f"It is not known whether “{step.title.to(self.tools.lang)}” happened.",
                    kind="decision",
                    todo="Run `migrate resume`.",
                )
            if answer.choice == "yes":
                self._finish(step, record.attempt, Done("person", "the person said that it happened"))
                return False
            if answer.choice == "no":
                self._end_attempt(step, record, StepStatus.NOT_DONE, "the person said that it did not happen", "person")
                return True
            sight = self._looked(step, sure=True)
            if sight.seen is Seen.DONE:
                self._finish(step, record.attempt, Done("page", sight.detail))
                return False
            if sight.seen is Seen.NOT_DONE:
                self._end_attempt(step, record, StepStatus.NOT_DONE, sight.detail, "page")
                return True

    def _do(self, step: RecipeStep, record: StepRecord, *, once_more: bool = True) -> None:
        attempt = record.attempt + 1
        token = self._fetch_first(step, record)
        self.permits.act(step)
        self.eyes.go(step)
        self._pause(step)
        marks = self._marks(step)
        self.journal.record(*self._arming(step, attempt, marks))
        self._announce(step)
        try:
            done = self._act(step, token)
        except Refused as no:
            self._end_attempt(step, self._record(step), StepStatus.NOT_DONE, no.message, "page")
            if not (once_more and no.reason == "expired" and step.uses and step.uses != step.expects):
                raise
            expired = _said(no)
        except NeedsTime as need:
            self._end_attempt(step, self._record(step), StepStatus.NOT_DONE, need.message, "page")
            raise
        except (NeedsMail, MailboxError) as error:
            self._end_attempt(step, self._record(step), StepStatus.UNKNOWN, error.message, "engine")
            raise
        else:
            self._finish(step, attempt, done)
            return
        # The code or link leads nowhere any more (or the page does not wait for it): a new one is asked for, and the step is done once more.
        self._resend(step, expired)
        self._do(step, self._record(step), once_more=False)

    def _announce(self, step: RecipeStep) -> None:
        """Say what is done now. A step that the person does says so itself, in the question that follows at once."""
        if self.hands.by_function(step):
            self.tools.person.tell(Notice(NoteKind.STEP, step.title, self.recipe.id, step.id))

    def _marks(self, step: RecipeStep) -> tuple[Mark, ...]:
        """The present end of the mailbox that the step's mail will come to, watched from now on: all of it before the step is armed."""
        if not step.expects:
            return ()
        mail = self.recipe.find_mail(step.expects)
        marks = self.letters.marks(mail)
        self.letters.watch(mail, marks)
        return marks

    def _pause(self, step: RecipeStep) -> None:
        if not self.tools.pause:
            return
        answer = self.pump.ask(asking.pause(self.recipe, step, self.id))
        if not isinstance(answer, Answer) or answer.choice == "stop":
            raise NeedsPerson("You stopped before the next step.", kind="decision", todo="Run `migrate resume`.")

    def _act(self, step: RecipeStep, token: Accepted | None) -> Done:
        if step.kind is StepKind.READ_BACK and self.eyes.can(step):
            # The look before this was on a fresh page already and did not say DONE: nothing can be acted upon, a person must see.
            why = Text("The page does not show the new address as it should.", "页面没有按预期显示新地址。")
            return self.hands.by_hand(step, why, token)
        return self.hands.act(step, token)

    def _fetch_first(self, step: RecipeStep, record: StepRecord) -> Accepted | None:
        """A step that only consumes a mail waits for it before it is armed: while it waits, nothing is in doubt."""
        if not step.uses or step.uses == step.expects:
            return None
        if record.status in _DOUBT or record.status is StepStatus.NOT_DONE:
            # It was proved (or is harmless) that the token was not used up: it may go out again, to this step only.
            self.letters.reusable.add(step.uses)
        if step.optional and self.recipe.browser == "own":
            # It may never come: the step is shown at once, and the code when it has come.
            return self.letters.peek(step.uses)
        expectation = self.letters.expectation(step.uses)
        if expectation is None:
            # Asked for before readdress was there, or only said to be: no mark tells the right mail from an old one.
            self._resend(
                step, Text("No mail that readdress saw being asked for is on its way.", "没有查到由本程序请求的邮件。")
            )
        elif expectation.until is not None and self.tools.clock.now() > expectation.until:
            self._resend(step)
        return self.letters.wait_for(step, step.uses)

    def _resend(self, step: RecipeStep, why: Text | None = None) -> None:
        """Have the person ask for the mail once more; the new one is told from the old ones by its mark."""
        mail = self.recipe.find_mail(step.uses or "")
        name = self.recipe.name
        how = mail.resend or Text(
            f"Ask {name.en} to send the mail once more: look for “resend” on its page.",
            f"请让 {name.zh} 重新发送邮件：在页面上找“重新发送”。",
        )
        marks = self.letters.marks(mail)
        old = self.journal.expectation(self.id, mail.id)
        until = self.tools.clock.now() + mail.lives if mail.lives else None
        asked_by = old.step if old else step.id
        self.journal.record(
            mail_expected(self.id, mail.id, route=self.route.id, step=asked_by, attempt=1, marks=marks, until=until)
        )
        self.letters.watch(mail, marks)
        resend = step.model_copy(
            update={"id": f"{step.id}_resend", "manual": how, "uses": None, "expects": mail.id, "optional": False}
        )
        why = why or Text("The mail is too old to be used.", "该邮件已失效。")
        done = self.hands.by_hand(resend, why, None)
        if done.by == "skipped":
            raise NeedsPerson("The mail has to be asked for once more.", kind="code", todo="Run `migrate resume`.")

    # -- signing in -------------------------------------------------------------------------------------------------
    def sign_in(self) -> None:
        """Be signed in, where the route begins with that."""
        step = self._sign_in_step()
        if step is not None:
            self._sign_in(step)

    def _sign_in_step(self) -> RecipeStep | None:
        return next((s for s in self.route.step if s.kind is StepKind.SIGN_IN), None)

    def _sign_in(self, step: RecipeStep) -> None:
        """Signing in is of the moment, never done for good: looked at in every run, done again where needed."""
        if self._left_to_do() is False:
            return
        self.start_browser()
        sight = self.eyes.before(step)
        record = self._record(step)
        if sight.seen is Seen.DONE:
            if record.status is not StepStatus.DONE:
                self._finish(step, record.attempt, Done("page", sight.detail), quiet=True)
            return
        if record.status is StepStatus.DONE and not sight.signed_out and self._old_may_be_gone():
            return  # OLD cannot tell the account any more; the session of before still stands, and every step looks for itself
        attempt = record.attempt + 1
        self.eyes.go(step)
        marks = self._marks(step)
        self.journal.record(*self._arming(step, attempt, marks))
        self._announce(step)
        self._typed.clear()
        done = self.hands.act(step, None)
        if done.by == "page" and self.hands.alone and "password" in self._typed:
            self.journal.record(factor("password", held=True, account=self.id))
        if (name := self.eyes.glance(step).login) and not self.journal.bound(self.id, "login"):
            self.journal.record(bound(self.id, "login", name))
        self._finish(step, attempt, done)

    def _old_may_be_gone(self) -> bool:
        """A step that takes OLD away was done, or it is in doubt whether it was."""
        return any(s.removes and self._record(s).status in _DOUBT | {StepStatus.DONE} for s in self.route.step)

    def _left_to_do(self) -> bool:
        return any(self._open(s, self._record(s)) for s in self.route.step if s.kind is not StepKind.SIGN_IN)


def _said(no: Refused) -> Text:
    """What the service refused, in both languages; the error holds the one of this run, its cause the recipe's own words."""
    first = no.__cause__ if isinstance(no.__cause__, Refused) else no
    return Text(first.message, refused(first.message, "", first.reason, "zh")[0])
