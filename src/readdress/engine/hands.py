"""Acting: by a recipe's function where there is one, by the person's own hands otherwise or when the function cannot go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from readdress.engine import asking
from readdress.engine.eyes import Eyes
from readdress.engine.letters import Letters
from readdress.engine.tools import Tools
from readdress.engine.waiting import Pump
from readdress.errors import BrowserError, MailboxError, NeedsMail, NeedsPerson, NeedsTime, Refused, StateError
from readdress.i18n.refusals import refused
from readdress.i18n.sentences import translate
from readdress.models import Account, Answer, NoteKind, Notice, Seen, Sight, Text
from readdress.models.events import consent
from readdress.ports import Browser
from readdress.recipe.pack import Pack
from readdress.recipe.schema import Recipe, RecipeStep, StepKind
from readdress.trust.verdict import Accepted

By = Literal["page", "mail", "person", "engine", "skipped"]
_MENDABLE = {"wrong_password", "wrong_code"}  # a person at the keyboard can put that right on the spot


@dataclass(frozen=True, slots=True)
class Done:
    """A step came to its end, and who says so."""

    by: By
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stranger:
    """The expected mail seems to have come, from a sender of whom the person has to say first whether it is the site's."""

    mail: str


@dataclass(slots=True)
class Hands:
    """The acts of one run over one account. ``view(step, token)`` makes the narrow step for an act's function.

    ``sign_in`` signs in again when an act has signed out. ``alone``: the last act needed no person. ``extra``: hosts that the person
    allowed in this run.
    """

    tools: Tools
    account: Account
    recipe: Recipe
    pack: Pack
    pump: Pump
    eyes: Eyes
    letters: Letters
    view: Callable[[RecipeStep, Accepted | None], Any]
    browser: Browser | None = None
    sign_in: Callable[[], None] | None = None
    alone: bool = False
    extra: list[str] = field(default_factory=list)
    _misled: bool = False
    _told: set[str] = field(default_factory=set)  # steps whose code was shown already
    _kept: bool = (
        False  # the act gave its page to the person: a check that the service put in between is lost once it is left
    )

    def act(self, step: RecipeStep, token: Accepted | None) -> Done:
        """Do the step once and see how it ended. Raises what stops the run; the step is armed already."""
        function = self.pack.acts.get(step.id)
        if function is None or self.browser is None:
            return self.by_hand(step, None, token)
        self.alone = True
        why = self._call(function, step, token)
        if why is None and not self.eyes.can(step):
            return Done("engine", "the act ran through")
        sight = self.eyes.here(step) if self._kept else self.eyes.after(step)
        if sight.signed_out and self.sign_in is not None and step.kind is not StepKind.SIGN_IN:
            self.sign_in()  # services do that when an address changes: ordinary, not an error
            sight = self.eyes.surely(step)
        if sight.seen is Seen.DONE:
            return Done("page", sight.detail)
        if why is None and sight.seen is Seen.UNKNOWN and proving_mail(step) and self._mail_proves(step):
            return Done("mail", "the service sent the mail that this step asks for")
        if why is None:
            why = self._unseen(sight)
        return self.by_hand(step, why, None, moved=True)

    def by_hand(self, step: RecipeStep, why: Text | None, token: Accepted | None, *, moved: bool = False) -> Done:
        """The same step by the person: text shown, check and mail watched, until one of them ends it.

        ``moved``: the page stands where something was already done, so it is left there.
        """
        self.alone = False
        self._offer_blocked(step)
        manual = self._show(step, token, moved=moved)
        insisted = False
        while True:
            url = self._url(step)
            question = asking.hand_over(self.recipe, step, self.account.id, manual, why, url, self._place(step))
            found = self.pump.ask(question, lambda: self._proof(step), self.tools.patience.look_every)
            if isinstance(found, Done):
                return found
            if isinstance(found, Stranger):
                self.letters.introduce(found.mail)
                continue
            self._misled = False
            if not isinstance(found, Answer) or found.choice == "stop":
                raise NeedsPerson(
                    f"“{step.title.to(self.tools.lang)}” is still to be done.",
                    kind="manual",
                    url=url,
                    todo="Run `migrate resume`.",
                )
            if found.choice == "skip":
                return Done("skipped", "the person skipped it")
            if found.choice == "again":
                self._reopen(step)
                continue
            sight = self.eyes.surely(step) if self.eyes.can(step) else Sight.unknown("no page tells")
            if sight.seen is Seen.DONE:
                return Done("page", sight.detail)
            if sight.seen is Seen.NOT_DONE and not insisted:
                insisted = True
                why = Text(
                    f"The page says that it has not happened: {sight.detail}. Please look once more.",
                    f"页面显示尚未完成：{sight.detail}。请再看一下。",
                )
                continue
            return Done("person", sight.detail)

    # ---------------------------------------------------------------------------------------------------------------
    def _call(self, function: Callable[..., Any], step: RecipeStep, token: Accepted | None) -> Text | None:
        """Run the recipe's function; the reason when a person must go on."""
        browser = self.browser
        assert browser is not None
        self._kept = False
        try:
            function(browser.page, self.view(step, token))
        except NeedsPerson as need:
            self._kept = browser.alive() and browser.on_site()
            return Text(need.message, translate(need.message, "zh"))
        except Refused as no:
            if no.reason in _MENDABLE:
                return Text(no.message, refused(no.message, "", no.reason, "zh")[0])
            # Like a hand-over it is said in the person's language from here on, for the rest of the run and in what it waits for.
            message, todo = refused(no.message, no.todo, no.reason, self.tools.lang)
            raise Refused(message, reason=no.reason, until=no.until, todo=todo) from no
        except NeedsTime as need:
            message, todo = refused(need.message, need.todo, "limit", self.tools.lang)
            raise NeedsTime(message, until=need.until, todo=todo) from need
        except (NeedsMail, MailboxError, StateError):
            raise
        except BrowserError:
            if not browser.alive():
                raise
            return Text("The page did not do what was expected.", "页面没有按预期工作。")
        except Exception as error:
            if not browser.alive():
                raise BrowserError(
                    "The browser was closed in the middle of a step.", todo="Run `migrate resume`."
                ) from error
            trouble = browser.trouble(error)
            return Text(f"This step could not be done automatically: {trouble}", f"此步骤无法自动完成：{trouble}")
        if not browser.on_site():
            where = browser.url.split("?")[0]
            return Text(
                f"The page went to {where}, which is not the service's own site.",
                f"页面跳转到了 {where}，不属于该服务。",
            )
        return None

    def _unseen(self, sight: Sight) -> Text:
        detail = f" ({sight.detail})" if sight.detail else ""
        if sight.seen is Seen.NOT_DONE:
            return Text(
                f"It was tried, but the page says that it has not happened{detail}.",
                f"已尝试，但页面显示尚未完成{detail}。",
            )
        return Text(
            f"It was tried, but the page does not show whether it worked{detail}.",
            f"已尝试，但页面没有显示是否成功{detail}。",
        )

    def _mail_proves(self, step: RecipeStep) -> bool:
        patience = self.tools.patience.mail
        patience = 20.0 if patience is None else min(patience, 20.0)
        return self.pump.until(lambda: self.letters.peek(step.expects or ""), patience) is not None

    def _proof(self, step: RecipeStep) -> Done | Stranger | None:
        """What ends or interrupts a hand-over by itself. A page in the middle of the person's work is only a hint: it is loaded afresh to be sure."""
        sight = Sight.unknown() if self._misled else self.eyes.glance(step)
        if sight.seen is Seen.DONE and not sight.typed:
            sure = self.eyes.surely(step) if step.open else sight
            if sure.seen is Seen.DONE:
                return Done("page", sure.detail)
            self._misled = (
                True  # until the person says something: not to take the page from under their hands each second
            )
        mail = proving_mail(step)
        if mail and self.letters.peek(mail) is not None:
            return Done("mail", "the expected mail has come")
        self._show_code(step)
        return next((Stranger(m) for m in (mail, step.uses) if m and self.letters.stranger(m)), None)

    def _show_code(self, step: RecipeStep) -> None:
        """Where only the person can type it (no function does): a code that may be asked for is shown as soon as it has come.

        That is the code of a step that asks for it itself, and of one that may be skipped: such a step does not wait for its mail first,
        for where the service asks for no code none ever comes.
        """
        may_come = step.optional or step.uses == step.expects
        if self.by_function(step) or not step.uses or not may_come or step.id in self._told:
            return
        token = self.letters.peek(step.uses)
        if token is None or token.kind != "code":
            return
        self._told.add(step.id)
        code = self.letters.release(step.uses, token)
        text = Text(f"The code has come: {code}", f"验证码已收到：{code}")
        self.tools.person.tell(Notice(NoteKind.INFO, text, self.recipe.id, step.id))

    def _place(self, step: RecipeStep) -> tuple[int, int] | None:
        steps = self.letters.route.step
        return next(((n, len(steps)) for n, s in enumerate(steps, 1) if s.id == step.id), None)

    def by_function(self, step: RecipeStep) -> bool:
        """Whether a function of the recipe does it, as far as that goes; else the person does, from the beginning."""
        return self.browser is not None and step.id in self.pack.acts

    def _url(self, step: RecipeStep) -> str:
        return step.open or self.recipe.home or ""

    def _show(self, step: RecipeStep, token: Accepted | None, *, moved: bool) -> Text:
        values = {"code": "", "link": ""}
        if token is not None and token.kind in values:
            values[token.kind] = self.letters.release(step.uses or "", token)
        header = self.tools.journal.header()
        manual = _fill(
            step.manual,
            old=str(header.old),
            new=str(header.new),
            login=self.account.login,
            site=self.account.site,
            **values,
        )
        if values["link"]:
            self._show_link(step, values["link"])
            manual = Text(f"{manual.en}\n{values['link']}", f"{manual.zh}\n{values['link']}")
        elif not moved and (self.browser is not None or step.open):
            # In the person's own browser the service's page would come up once more, over the one that waits for this step.
            self._reopen(step)
        if values["code"]:
            self._told.add(step.id)
        if values["code"] and "{code}" not in step.manual.en:
            manual = Text(f"{manual.en}\nThe code is: {values['code']}", f"{manual.zh}\n验证码：{values['code']}")
        return manual

    def _show_link(self, step: RecipeStep, link: str) -> None:
        rule = self.recipe.find_mail(step.uses or "").link
        if rule is None or rule.open == "person":
            return
        if self.browser is not None:
            self.browser.open(link)
        else:
            self.tools.own_browser.open(link)

    def _reopen(self, step: RecipeStep) -> None:
        url = self._url(step)
        if not url:
            return
        if self.browser is None:
            if not self.tools.own_browser.open(url):
                text = Text(f"Open this page in your browser: {url}", f"请在浏览器中打开：{url}")
                self.tools.person.tell(Notice(NoteKind.INFO, text, self.recipe.id, step.id))
            return
        try:
            self.browser.open(url)
        except BrowserError as error:
            if not self.browser.alive():
                raise
            self.tools.person.tell(
                Notice(NoteKind.WARN, Text(error.message, translate(error.message, "zh")), self.recipe.id, step.id)
            )

    def _offer_blocked(self, step: RecipeStep) -> None:
        """What the allow-list stopped may be why a page does not work: the person decides."""
        hosts = self.browser.blocked() if self.browser is not None else []
        if not hosts or self.browser is None:
            return
        hosts = sorted(set(hosts))[:8]
        answer = self.pump.ask(asking.host(self.recipe, step, self.account.id, hosts))
        if not isinstance(answer, Answer) or answer.choice == "no":
            return
        if answer.choice == "always":
            self.tools.journal.record(
                *(consent(self.account.id, f"host:{h}", f"may be loaded by {self.recipe.id}") for h in hosts)
            )
        self.extra += hosts
        self.browser.allow(self.recipe.hosts, [*self.recipe.assets, *self.extra])


def proving_mail(step: RecipeStep) -> str:
    """The mail whose coming proves that the step happened. Where the step also consumes it, its coming is only half of the step."""
    return step.expects if step.expects and step.expects != step.uses else ""


def _fill(text: Text, **values: str) -> Text:
    en, zh = text.en, text.zh
    for name, value in values.items():
        en = en.replace("{" + name + "}", value)
        zh = zh.replace("{" + name + "}", value)
    return Text(en, zh)
