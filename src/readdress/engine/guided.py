"""Runs the generic recipe: the person acts in their own browser, both mailboxes are watched, the service's mail to NEW is the proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from readdress.engine import guards
from readdress.engine.hands import Done, Hands, Stranger
from readdress.engine.letters import Letters
from readdress.engine.permits import Permits
from readdress.engine.proving import prove_new_mailbox
from readdress.engine.runner import Runner
from readdress.engine.tools import Ended, Outcome, Tools
from readdress.errors import MailboxError, NeedsMail, NeedsPerson
from readdress.models import (
    Account,
    Answer,
    Ask,
    Choice,
    Expectation,
    Incoming,
    Mark,
    NoteKind,
    Notice,
    Question,
    Side,
    StepRecord,
    StepStatus,
    Text,
    Verdict,
)
from readdress.models.events import consent, factor, mail_expected, wait_set
from readdress.recipe.generic import is_generic
from readdress.recipe.pack import Pack
from readdress.recipe.schema import Mail, Recipe, RecipeStep, Route
from readdress.trust.alignment import aligned
from readdress.trust.message import Unreadable, parse
from readdress.trust.sender import read_from
from readdress.trust.verdict import Accepted, NeedsBinding, Rejected

_FRESH = 20.0  # seconds for which the service's mail is waited for right after the change
_LATER = 3.0  # and in a later run: what has come since is in the mailbox already
_DOUBT = {StepStatus.ARMED, StepStatus.UNKNOWN}


class Guided(Runner):
    """One account on the generic recipe (:func:`readdress.recipe.generic.generic_recipe`)."""

    def __init__(self, tools: Tools, account: Account, pack: Pack, recipe: Recipe, route: Route) -> None:
        # The gate binds a sender to a site on first use; here every domain of the service is one.
        account = replace(account, site=account.site or recipe.home or "")
        super().__init__(tools, account, pack, recipe, route)
        self._acted = False
        self._watching_old = False
        self._told: set[str] = set()
        self.letters = self._letters = _Letters(tools, account, recipe, route, self.pump)
        self.hands = _Hands(
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
        self.hands.also = self._look_at_old
        self.permits = _Permits(
            tools, self.id, recipe, route, self.eyes, self.pump, lambda s: self._looked(s, sure=True)
        )

    def run(self) -> Outcome:
        """Take the account as far as it goes now: at best to ``confirmed``, for no page was seen."""
        try:
            return super().run()
        finally:
            if self._watching_old:
                self.tools.mail.unwatch(Side.OLD)

    # -- the mail to NEW ----------------------------------------------------------------------------------------------------
    def _marks(self, step: RecipeStep) -> tuple[Mark, ...]:
        marks = super()._marks(step)
        if step.expects:
            self._acted = True
            self._watch_old()
        return marks

    def _fetch_first(self, step: RecipeStep, record: StepRecord) -> Accepted | None:
        if not step.uses or not self.recipe.find_mail(step.uses).notice:
            return super()._fetch_first(step, record)
        name, new = self.recipe.name.en, self.journal.header().new
        if not self.tools.mail.reachable(Side.NEW):
            raise NeedsPerson(
                f"The new mailbox is not set up to be read, so only your word says that {name} uses the new address.",
                kind="decision",
                todo="Set it up with `migrate mailbox add new`, then run `migrate resume`.",
            )
        if record.status in _DOUBT:
            self.letters.reusable.add(step.uses)
        self._marked(step.uses)
        patience = _FRESH if self._acted else _LATER
        if self.tools.patience.mail is not None:
            patience = min(patience, self.tools.patience.mail)
        if self._nothing_new(step.uses):
            patience = 0.0  # many accounts may wait for such mail: none of them is worth standing for
        try:
            return self.letters.wait_for(step, step.uses, patience)
        except NeedsMail:
            raise NeedsMail(
                f"{name} has not written to {new} yet; until then the change is only your word.",
                mail=step.uses,
                todo="Nothing is to be done. `migrate resume` looks again: any mail of the service to the new address confirms it.",
            ) from None

    def _marked(self, mail_id: str) -> None:
        """See that mail to NEW can be told from what was there: where it could not be marked before the change, from now on."""
        found = self.letters.expectation(mail_id)
        if found is not None and found.marks:
            return
        asked = next((s.id for s in self.route.step if s.expects == mail_id), self.route.step[0].id)
        marks = self.letters.marks(self.recipe.find_mail(mail_id))
        self.journal.record(
            mail_expected(self.id, mail_id, route=self.route.id, step=asked, attempt=1, marks=marks, until=None)
        )

    def _nothing_new(self, mail_id: str) -> bool:
        """Whether not a single mail has come to NEW since the change, in a run in which nothing was changed."""
        found = self.letters.expectation(mail_id)
        marks = self.letters.marks(self.recipe.find_mail(mail_id))
        return not self._acted and found is not None and bool(marks) and set(marks) == set(found.marks)

    def _act(self, step: RecipeStep, token: Accepted | None) -> Done:
        if token is not None and token.kind == "notice" and step.uses:
            self.letters.release(step.uses, token)
            return Done("mail", f"{token.sender} wrote to the new address")
        return super()._act(step, token)

    def _end(self) -> Outcome:
        verdict = self._verdict()
        if verdict.finished or verdict is not Verdict.CONFIRMED:
            return super()._end()
        message = f"{self.recipe.name.en} wrote to the new address after the change."
        self.journal.record(wait_set(self.id, "mail", message))
        todo = "The next mail of the service to the new address proves it; keep the old mailbox until then."
        return self._outcome(Ended.NEEDS_MAIL, message, todo)

    # -- the mail to OLD: told, never used ------------------------------------------------------------------------------------
    def _watch_old(self) -> None:
        if not self.tools.mail.reachable(Side.OLD):
            return
        try:
            self.tools.mail.watch(Side.OLD, self.tools.mail.marks(Side.OLD), brisk=self.tools.patience.brisk)
        except MailboxError:
            return  # OLD may be gone already; that is why people move
        self._watching_old = True

    def _look_at_old(self) -> None:
        """Say that the service seems to have written to OLD. Nothing is taken from such mail: whoever sent it, the person decides."""
        if not self._watching_old:
            return
        try:
            came = self.tools.mail.poll(Side.OLD)
        except MailboxError:
            self._watching_old = False
            return
        for incoming in came:
            sender = sender_of(incoming)
            if sender and sender not in self._told and self._letters.domain_of(sender):
                self._told.add(sender)
                old = self.journal.header().old
                text = Text(
                    f"A mail that names {sender} as its sender has come to {old}. If it asks to confirm this change, do that on {self.recipe.name.en}'s own page.",
                    f"{old} 收到一封署名 {sender} 的邮件。如果它要求确认此次更改，请在 {self.recipe.name.zh} 自己的页面上操作。",
                )
                self.tools.person.tell(Notice(NoteKind.INFO, text, self.recipe.id))


def runner_for(pack: Pack) -> type[Runner]:
    """What runs a pack: this module's runner for a generic recipe, the ordinary one else."""
    return Guided if is_generic(pack) else Runner


def sender_of(incoming: Incoming) -> str:
    """The one address that a message says it is from, lower case; ``""`` where it is not one plain address."""
    parsed = parse(incoming.raw, truncated=incoming.truncated)
    if isinstance(parsed, Unreadable):
        return ""
    who = read_from(parsed.froms)
    return "" if isinstance(who, str) else who.address


@dataclass(slots=True)
class _Letters(Letters):
    """Judges a message with the domain of the service that its sender is at, as the site that a sender is bound to."""

    _sites: dict[tuple[str, int, int], str] = field(default_factory=dict)

    def domain_of(self, sender: str) -> str:
        """The domain of the service that the sender's lies at or below; ``""`` for a stranger's."""
        host = sender.rpartition("@")[2]
        if sender in self.recipe.detect.senders:
            return host
        return next(
            (d for d in self.recipe.detect.domains if aligned(d, host) and (host == d or host.endswith("." + d))), ""
        )

    def _judge(
        self, incoming: Incoming, mail: Mail, expectation: Expectation, now: datetime
    ) -> Accepted | NeedsBinding | Rejected:
        key = (incoming.folder, incoming.uidvalidity, incoming.uid)
        if key not in self._sites:
            domain = self.domain_of(sender_of(incoming))
            self._sites[key] = f"https://{domain}" if domain else ""
        self.account = replace(self.account, site=self._sites[key])
        return Letters._judge(self, incoming, mail, expectation, now)  # noqa: SLF001 - its own base


@dataclass(slots=True)
class _Hands(Hands):
    """Hands that also look at the old mailbox while the person works."""

    also: Callable[[], None] | None = None

    def _proof(self, step: RecipeStep) -> Done | Stranger | None:
        if self.also is not None:
            self.also()
        return Hands._proof(self, step)  # noqa: SLF001 - its own base


@dataclass(slots=True)
class _Permits(Permits):
    """The consent to a change of which nobody knows how it goes, in one question together with the way in that is kept."""

    def _consent_to_replace(self, step: RecipeStep) -> None:
        topic = f"replace:{self.route.id}"
        if self.journal.consented(self.id, topic):
            return
        prove_new_mailbox(self.tools, self.pump)
        held = guards.other_factors(self.journal.factors(self.id))
        body = self._body(step, known=bool(held))
        choices = (_YES, _STOP) if held else (*_WAYS, _STOP)
        question = Question(
            id=f"{self.id}/{step.id}/consent",
            ask=Ask.CONSENT if held else Ask.CHOOSE,
            title=Text("Before you change it", "更改之前"),
            body=body,
            choices=choices,
            service=self.recipe.id,
            account=self.id,
            step=step.id,
        )
        answer = self.pump.ask(question)
        if (
            not isinstance(answer, Answer)
            or answer.choice in {"stop", "none"}
            or answer.choice not in {c.key for c in choices}
        ):
            raise NeedsPerson(
                f"The change at {self.recipe.name.en} is still to be agreed to.",
                kind="decision",
                todo="Set a password or add a phone number there first if you have no other way in, then run `migrate resume`.",
            )
        drafts = [consent(self.id, topic, body.to(self.tools.lang))]
        if not held:
            drafts.append(factor(answer.choice, held=True, account=self.id))
        self.journal.record(*drafts)

    def _body(self, step: RecipeStep, *, known: bool) -> Text:
        del step
        header, name = self.journal.header(), self.recipe.name
        login = self.journal.account(self.id).login
        en = f"How {name.en} changes an address nobody has checked: {header.old} may be gone at once, or stay until {header.new} is confirmed."
        zh = f"{name.zh} 如何更改邮箱没有人核对过：{header.old} 可能立即失效，也可能在 {header.new} 确认之前保留。"
        if login:
            en, zh = f"{en} The account: {login}.", f"{zh}账号：{login}。"
        if known:
            return Text(f"{en} Go on?", f"{zh}继续吗？")
        return Text(
            f"{en} Should something go wrong you need another way in. Which of these do you hold for it?",
            f"{zh}万一出错，您需要另一种登录方式。此账号您还持有哪一种？",
        )


_YES = Choice("yes", Text("go on", "继续"))
_STOP = Choice("stop", Text("not now", "暂不"))
_WAYS = (
    Choice("password", Text("its password", "该账号的密码")),
    Choice("phone", Text("a phone number in the account", "账号绑定的手机")),
    Choice("passkey", Text("a passkey", "通行密钥")),
    Choice("totp", Text("an authenticator app", "身份验证器")),
    Choice("none", Text("none of them", "都没有")),
)
