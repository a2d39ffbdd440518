"""Expected mail: asking for it, waiting for it, and letting its code or link out once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from readdress.engine import asking
from readdress.engine.tools import Tools
from readdress.engine.waiting import Pump
from readdress.errors import MailboxError, NeedsMail, NeedsPerson
from readdress.models import (
    Account,
    Answer,
    Draft,
    Event,
    Expectation,
    Incoming,
    Kind,
    Mark,
    NoteKind,
    Notice,
    OldState,
    Side,
    Text,
)
from readdress.models.events import bound, mail_expected, mail_used
from readdress.recipe.schema import Mail, Recipe, RecipeStep, Route
from readdress.trust.gate import judge, paste
from readdress.trust.verdict import Accepted, NeedsBinding, Rejected


@dataclass(slots=True)
class Letters:
    """The mail of one run over one account. ``reusable`` names mails whose token may be let out again to the same step."""

    tools: Tools
    account: Account
    recipe: Recipe
    route: Route
    pump: Pump
    seen: dict[Side, list[Incoming]] = field(default_factory=dict)
    since: dict[Side, tuple[Mark, ...]] = field(default_factory=dict)
    reusable: set[str] = field(default_factory=set)
    refused: set[tuple[str, int, int]] = field(default_factory=set)
    unbound: dict[str, Incoming] = field(default_factory=dict)  # mail id → what fits it, from a sender not known yet

    # -- before the act ---------------------------------------------------------------------------------------------
    def marks(self, mail: Mail) -> tuple[Mark, ...]:
        """The present end of the mailbox that the mail will come to; none where the person reads that mailbox."""
        if not self.tools.mail.reachable(mail.to):
            return ()
        try:
            return self.tools.mail.marks(mail.to)
        except MailboxError:
            if mail.notice:  # it only tells what happened: nothing waits for it, least of all with the old mailbox gone
                return ()
            raise

    def expected(self, step: RecipeStep, attempt: int, marks: tuple[Mark, ...]) -> list[Draft]:
        """The event that says: this step's act asks for its mail."""
        if step.expects is None:
            return []
        mail = self.recipe.find_mail(step.expects)
        until = self.tools.clock.now() + mail.lives if mail.lives else None
        return [
            mail_expected(
                self.account.id, mail.id, route=self.route.id, step=step.id, attempt=attempt, marks=marks, until=until
            )
        ]

    def watch(self, mail: Mail, marks: tuple[Mark, ...]) -> None:
        """Start to look for it, briskly at first."""
        self.seen[mail.to] = []
        self.since[mail.to] = marks
        if self.tools.mail.reachable(mail.to) and (marks or not mail.notice):
            self.tools.mail.watch(mail.to, marks, brisk=self.tools.patience.brisk)

    def unwatch(self) -> None:
        """Look no longer."""
        for side in list(self.seen):
            self.tools.mail.unwatch(side)
        self.seen.clear()
        self.since.clear()

    # -- after it ---------------------------------------------------------------------------------------------------
    def peek(self, mail_id: str) -> Accepted | None:
        """Whether the expected mail has come, without using it up: proof that the service was asked for it.

        A mailbox that cannot be reached tells nothing: page and person go on without it.
        """
        mail = self.recipe.find_mail(mail_id)
        expectation = self.tools.journal.expectation(self.account.id, mail_id)
        if expectation is None or not expectation.marks or not self.tools.mail.reachable(mail.to):
            return None
        try:
            return self._look(mail, expectation, quiet=True)
        except MailboxError:
            return None

    def stranger(self, mail_id: str) -> bool:
        """Whether the last :meth:`peek` found a mail that fits but for its sender, of whom the person has not been asked yet."""
        return mail_id in self.unbound

    def introduce(self, mail_id: str) -> None:
        """Ask the person whether that sender is the site's own; a yes is written down. Raises :class:`NeedsPerson` when they stop."""
        incoming = self.unbound.pop(mail_id)
        mail, expectation = self.recipe.find_mail(mail_id), self.expectation(mail_id)
        if expectation is None:
            return
        verdict = self._judge(incoming, mail, expectation, self.tools.clock.now())
        if isinstance(verdict, NeedsBinding):
            self._bind(incoming, mail, expectation, verdict)

    def wait_for(self, step: RecipeStep, mail_id: str, patience: float | None = None) -> Accepted:
        """Wait for the mail's code or link; nothing is released yet.

        Raises :class:`NeedsMail` when it does not come in time, :class:`NeedsPerson` when nothing asked for it.
        """
        mail = self.recipe.find_mail(mail_id)
        expectation = self.expectation(mail_id)
        if expectation is None:
            raise NeedsPerson(
                f"No step has asked {self.recipe.name.en} for this mail yet.",
                kind="decision",
                todo="Do the step before this one.",
            )
        now = self.tools.clock.now()
        if expectation.until is not None and now > expectation.until:
            raise NeedsMail(
                "The mail that was asked for is too old to be used.",
                mail=mail_id,
                until=expectation.until,
                todo="Ask the service to send it again; `migrate resume` shows where.",
            )
        if not self.tools.mail.reachable(mail.to):
            if mail.to is Side.OLD and self.tools.journal.old_state()[0] == OldState.DEAD:
                raise NeedsPerson(
                    f"{self.recipe.name.en} writes to {self._address(mail)}, which is gone. Look for another way on its page: "
                    "a phone, an app, another address.",
                    kind="code",
                    todo=f"If there is none, `migrate recipes show {self.recipe.id}` has the ways to recover the account.",
                )
            return self._pasted(step, mail, expectation)
        address = self._address(mail)
        self.tools.person.tell(
            Notice(
                NoteKind.WAIT,
                Text(f"Waiting for the mail to {address} …", f"正在等待发往 {address} 的邮件……"),
                self.recipe.id,
                step.id,
            )
        )
        found = self.pump.until(
            lambda: self._look(mail, expectation, quiet=False),
            self.tools.patience.mail if patience is None else patience,
        )
        if found is None:
            raise NeedsMail(
                f"The mail from {self.recipe.name.en} to {address} has not come yet.",
                mail=mail_id,
                until=expectation.until,
                todo="Look into the junk folder too; then run `migrate resume`.",
            )
        return found

    def release(self, mail_id: str, token: Accepted) -> str:
        """Write down that the token is used, then let it out."""
        self.tools.journal.record(mail_used(self.account.id, mail_id, token.digest, sender=token.sender))
        self.reusable.discard(mail_id)
        return token.value

    def expectation(self, mail_id: str) -> Expectation | None:
        """The open expectation of that mail; where its token may go out once more, also the one that it was released for."""
        found = self.tools.journal.expectation(self.account.id, mail_id)
        if found is None and mail_id in self.reusable:
            asked = [
                e
                for e in self.tools.journal.events(account=self.account.id)
                if e.kind is Kind.MAIL_EXPECTED and e.data["mail"] == mail_id
            ]
            return _expectation(asked[-1]) if asked else None
        return found

    # -- inside -----------------------------------------------------------------------------------------------------
    def _address(self, mail: Mail) -> str:
        header = self.tools.journal.header()
        return str(header.new if mail.to is Side.NEW else header.old)

    def _used(self, mail: Mail) -> Callable[[str], bool]:
        return lambda digest: self.tools.journal.mail_used(digest) and mail.id not in self.reusable

    def _look(self, mail: Mail, expectation: Expectation, *, quiet: bool) -> Accepted | None:
        if self.since.get(mail.to) != expectation.marks:  # watched since another step's mark, or not at all
            self.watch(mail, expectation.marks)
        self.seen[mail.to].extend(self.tools.mail.poll(mail.to))
        self.unbound.pop(mail.id, None)
        # The newest first: whoever had a code sent twice finds that only the last one works.
        for incoming in sorted(self.seen[mail.to], key=_age, reverse=True):
            verdict = self._judge(incoming, mail, expectation, self.tools.clock.now())
            if isinstance(verdict, NeedsBinding) and not quiet:
                verdict = self._bind(incoming, mail, expectation, verdict)
            elif isinstance(verdict, NeedsBinding) and _key(incoming) not in self.refused:
                self.unbound.setdefault(mail.id, incoming)
            if isinstance(verdict, Accepted):
                return verdict
            if isinstance(verdict, Rejected) and verdict.about_us and not quiet:
                self._tell_refused(incoming, verdict)
        return None

    def _judge(
        self, incoming: Incoming, mail: Mail, expectation: Expectation, now: datetime
    ) -> Accepted | NeedsBinding | Rejected:
        return judge(
            incoming,
            mail,
            expectation,
            mailbox_address=self._address(mail),
            lookup=self.tools.lookup,
            used=self._used(mail),
            site=self.account.site,
            bound_sender=self.tools.journal.bound(self.account.id, "sender"),
            now=now,
        )

    def _bind(
        self, incoming: Incoming, mail: Mail, expectation: Expectation, need: NeedsBinding
    ) -> Accepted | NeedsBinding | Rejected:
        step = self.route.find(expectation.step)
        key = _key(incoming)
        if key in self.refused:
            return need
        answer = self.pump.ask(asking.sender(self.recipe, step, self.account.id, need.sender, self.account.site))
        if isinstance(answer, Answer) and answer.choice == "no":
            self.refused.add(key)
            return need
        if not isinstance(answer, Answer) or answer.choice != "yes":
            raise NeedsPerson(
                f"Whether {self.recipe.name.en} writes from {need.sender} is still to be said.",
                kind="decision",
                todo="Run `migrate resume`.",
            )
        self.tools.journal.record(bound(self.account.id, "sender", need.sender))
        return self._judge(incoming, mail, expectation, self.tools.clock.now())

    def _tell_refused(self, incoming: Incoming, verdict: Rejected) -> None:
        key = _key(incoming)
        if key in self.refused:
            return
        self.refused.add(key)
        text = Text(
            f"A mail that looks like the expected one was not used: {verdict.detail}",
            f"一封看似相符的邮件没有被采用：{verdict.detail}",
        )
        self.tools.person.tell(Notice(NoteKind.WARN, text, self.recipe.id))

    def _pasted(self, step: RecipeStep, mail: Mail, expectation: Expectation) -> Accepted:
        address = self._address(mail)
        for _ in range(5):
            question = asking.paste(self.recipe, step, self.account.id, address, code=mail.code is not None)
            answer = self.pump.ask(question)
            if not isinstance(answer, Answer) or answer.choice == "stop":
                raise NeedsMail(
                    f"The mail from {self.recipe.name.en} to {address} is still to be read.",
                    mail=mail.id,
                    until=expectation.until,
                    todo="Run `migrate resume` with the mail at hand.",
                )
            verdict = paste(answer.text, mail, used=self._used(mail), site=self.account.site)
            if isinstance(verdict, Accepted):
                return verdict
            text = Text(f"That cannot be it: {verdict.detail}", f"这不对：{verdict.detail}")
            self.tools.person.tell(Notice(NoteKind.WARN, text, self.recipe.id, step.id))
        raise NeedsPerson(
            "None of the pasted texts was the expected one.", kind="code", todo="Run `migrate resume` and try again."
        )


def _key(incoming: Incoming) -> tuple[str, int, int]:
    return (incoming.folder, incoming.uidvalidity, incoming.uid)


def _age(incoming: Incoming) -> tuple[datetime, int]:
    """When it came, by the server's clock; within one second of it the UID tells (RFC 9051 §2.3.1.1)."""
    return (incoming.received or datetime.min.replace(tzinfo=UTC), incoming.uid)


def _expectation(event: Event) -> Expectation:
    data = event.data
    until = datetime.fromisoformat(data["until"]) if data["until"] else None
    marks = tuple(Mark(**m) for m in data["marks"])
    return Expectation(
        event.account, data["mail"], data["route"], data["step"], data["attempt"], event.at, marks, until
    )


def lost(error: MailboxError) -> NeedsMail:
    """A mailbox that went away in the middle is a wait, not a failure: what was written down stays valid."""
    return NeedsMail(error.message, todo=error.todo or "Run `migrate doctor`, then `migrate resume`.")
