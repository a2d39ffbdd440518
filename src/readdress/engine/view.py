"""The narrow view of a step that a recipe's functions get (``readdress.flow.Step``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from readdress.engine import asking, seeing
from readdress.engine.api import ApiCalls
from readdress.engine.letters import Letters
from readdress.engine.tools import Tools
from readdress.engine.waiting import Pump
from readdress.errors import NeedsPerson, RecipeError
from readdress.models import Account, Answer, Ask, Choice, Question, Reading, Sight, Survey, Text
from readdress.ports import Browser
from readdress.recipe.schema import Recipe, RecipeStep
from readdress.trust.verdict import Accepted

ReleaseToken = Callable[[str], Accepted]


class View:
    """One step of one account, for one call of a recipe's function. ``acting`` is false for looks: those may change nothing."""

    def __init__(
        self,
        tools: Tools,
        account: Account,
        recipe: Recipe,
        step: RecipeStep,
        letters: Letters,
        browser: Browser,
        pump: Pump,
        *,
        attempt: int,
        acting: bool,
        token: Accepted | None = None,
        typed: set[str] | None = None,
        api: ApiCalls | None = None,
    ) -> None:
        self._tools = tools
        self._account = account
        self._recipe = recipe
        self._step = step
        self._letters = letters
        self._browser = browser
        self._pump = pump
        self._acting = acting
        self._token = token
        self._typed = typed
        self._api = api
        header = tools.journal.header()
        self.old = str(header.old)
        self.new = str(header.new)
        # The name that the site itself showed after signing in: it stays when OLD, as which one could sign in before, has gone.
        self.login = account.login or tools.journal.bound(account.id, "login")
        self.site = account.site
        self.attempt = attempt

    def code(self, mail: str) -> str:
        """The code of the step's mail; waits for it when the act itself has asked for it."""
        return self._release(mail, "code")

    def open_link(self, mail: str) -> None:
        """Open the link of the step's mail in the page."""
        rule = self._recipe.find_mail(mail)
        if rule.link is not None and rule.link.open == "person":
            raise self.hand_over("This link is for you to open.", "此链接需由您自己打开。")
        self._browser.open(self._release(mail, "link"))

    def type_secret(self, locator: Any, name: str) -> None:
        """Type the account's secret where ``locator`` points; asks the person when none is kept."""
        self._only_acts("type a secret")
        secret = self._tools.secrets.get(f"{self._account.id}/{name}")
        if secret is None:
            secret = self._asked_secret(name)
        self._browser.type_secret(locator, secret)
        if self._typed is not None:
            self._typed.add(name)

    def api(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        """See :meth:`readdress.flow.Step.api`."""
        if self._api is None:
            raise self.hand_over("The service's interface cannot be used here.", "此处无法使用该服务的接口。")
        return self._api.call(method, path, json, acting=self._acting)

    def survey(self, where: Any, parts: Mapping[str, str], *, read: Sequence[str] = ()) -> Survey:
        """See :meth:`readdress.flow.Step.survey`."""
        return self._browser.survey(where, parts, read)

    def sees_address(self, where: Any, *, of: str, pending: Sequence[str] = (), absent_ok: bool = True) -> Sight:
        """See :meth:`readdress.flow.Step.sees_address`."""
        sight = seeing.sees_address(self._read(where), of, pending)
        if sight.seen == "not_done" and not absent_ok:
            return Sight.unknown(sight.detail)
        return sight

    def lacks_address(self, where: Any, *, of: str) -> Sight:
        """See :meth:`readdress.flow.Step.lacks_address`."""
        return seeing.lacks_address(self._read(where), of)

    def _read(self, where: Any) -> Reading:
        return where if isinstance(where, Reading) else self._browser.read(where)

    def signed_out(self, detail: str = "") -> Sight:
        """A sign-in page stands there instead."""
        return Sight.unknown(detail or "signed out", signed_out=True)

    def ask(self, en: str, zh: str, choices: Sequence[tuple[str, str, str]] = ()) -> str:
        """Ask the person, pumping; raises :class:`NeedsPerson` when they stop."""
        question = Question(
            id=f"{self._account.id}/{self._step.id}/ask",
            ask=Ask.CHOOSE,
            title=self._step.title,
            body=Text(en, zh),
            choices=tuple(Choice(key, Text(e, z)) for key, e, z in choices) or (asking.STOP,),
            text_wanted=not choices,
            service=self._recipe.id,
            account=self._account.id,
            step=self._step.id,
        )
        answer = self._pump.ask(question)
        if not isinstance(answer, Answer) or answer.choice == "stop":
            raise NeedsPerson("A question is still open.", kind="decision", todo="Run `migrate resume`.")
        return answer.text if not choices else answer.choice

    def hand_over(self, en: str, zh: str, kind: str = "manual") -> NeedsPerson:
        """The error that hands the step to the person, with the reason in the person's language."""
        return NeedsPerson(zh if self._tools.lang == "zh" else en, kind=kind, url=self._browser.url)

    # ---------------------------------------------------------------------------------------------------------------
    def _only_acts(self, what: str) -> None:
        if not self._acting:
            raise RecipeError(
                f"A look of recipe {self._recipe.id!r} tried to {what}.", todo="Report this to the recipe's author."
            )
        if not self._browser.on_site():
            raise NeedsPerson(
                "The page is not on the service's own site, so nothing is typed there.",
                kind="left_site",
                url=self._browser.url,
            )

    def _release(self, mail: str, kind: str) -> str:
        self._only_acts(f"use a {kind}")
        if mail != self._step.uses:
            raise RecipeError(
                f"Step {self._step.id!r} of recipe {self._recipe.id!r} uses no mail {mail!r}.",
                todo='Its author has to write `uses = "…"` in recipe.toml.',
            )
        token, self._token = self._token, None
        if token is None:
            token = self._letters.wait_for(self._step, mail)
        if token.kind != kind:
            raise RecipeError(f"Mail {mail!r} of recipe {self._recipe.id!r} brings a {token.kind}, not a {kind}.")
        if kind == "code" and not self._browser.on_site():
            raise NeedsPerson(
                "The page left the service's site before the code was typed.", kind="left_site", url=self._browser.url
            )
        return self._letters.release(mail, token)

    def _asked_secret(self, name: str) -> str:
        answer = self._pump.ask(asking.secret(self._recipe, self._account.id, self._account.login, name))
        if not isinstance(answer, Answer) or answer.choice == "stop":
            raise NeedsPerson("The sign-in is still to be done.", kind="sign_in", url=self._browser.url)
        if not answer.text:
            raise self.hand_over("Type it into the page yourself.", "请您自己在页面中输入。", kind="sign_in")
        return answer.text
