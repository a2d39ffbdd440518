"""Calls to a service's own interface: only those that its recipe lists, with a token that no flow ever sees."""

from __future__ import annotations

import json as _json
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from readdress.engine import asking
from readdress.engine.tools import Tools
from readdress.engine.waiting import Pump
from readdress.errors import ApiError, NeedsPerson, RecipeError
from readdress.models import Account, Answer, Text
from readdress.ports import Api
from readdress.recipe.schema import Api as ApiRule
from readdress.recipe.schema import Recipe

_FRESH = 2.0  # seconds for which a look is given the answer of the look before: looks come many times a second


@dataclass(slots=True)
class ApiCalls:
    """The calls of one run over one account. A token that the person typed is held in memory for the run, and nowhere else."""

    tools: Tools
    account: Account
    recipe: Recipe
    pump: Pump
    _typed: str = field(default="", repr=False)
    _seen: dict[str, tuple[float, int, Any]] = field(default_factory=dict, repr=False)

    def call(self, method: str, path: str, json: Any, *, acting: bool) -> tuple[int, Any]:
        """The answer's status and its JSON; ``None`` for an empty one.

        Raises :class:`RecipeError` for a call that the recipe does not list, or that a look must not make, and
        :class:`NeedsPerson` where there is no token, or nobody answers.
        """
        rule = self._allowed(method, path, acting=acting)
        api = self.tools.api
        if api is None:
            raise self._hand_over(Text("The service's interface cannot be used here.", "此处无法使用该服务的接口。"))
        clock = self.tools.clock
        if method == "GET" and not acting:
            kept = self._seen.get(path)
            if kept is not None and clock.monotonic() - kept[0] < _FRESH:
                return kept[1], kept[2]
        token = self._token(rule, acting=acting)
        body = None if json is None else _json.dumps(json).encode()
        self._seen.clear()
        try:
            status, raw = self._pumped(api, rule, method, path, token, body)
            data = _parsed(raw) if raw else None
        except ApiError as error:
            zh = "无法通过接口完成，请按下面的说明操作。"
            raise self._hand_over(Text(error.message, f"{zh}（{error.message}）")) from error
        if status == 401:
            self._typed = ""
            raise self._hand_over(
                Text(
                    f"{rule.host} does not accept the token: it is mistyped, has expired or was taken back.",
                    f"{rule.host} 不接受该令牌：可能输入有误、已过期或被撤销。",
                )
            )
        if method == "GET":
            self._seen[path] = (clock.monotonic(), status, data)
        return status, data

    def _allowed(self, method: str, path: str, *, acting: bool) -> ApiRule:
        rule = self.recipe.api
        todo = "Report this to the recipe's author."
        if rule is None or not rule.allows(method, path):
            raise RecipeError(f"The recipe {self.recipe.id!r} does not list the call {method} {path}.", todo=todo)
        if not acting and method != "GET":
            raise RecipeError(f"A look of recipe {self.recipe.id!r} tried to change something by {method}.", todo=todo)
        return rule

    def _token(self, rule: ApiRule, *, acting: bool) -> str:
        token = self._typed or self.tools.secrets.get(f"{self.account.id}/{rule.secret}")
        if token:
            return token
        if not acting:  # a look asks nobody: what cannot be looked up is unknown
            raise NeedsPerson("There is no token yet to look it up.", kind="sign_in")
        answer = self.pump.ask(asking.token(self.recipe, self.account.id, rule.token, rule.host))
        if not isinstance(answer, Answer) or answer.choice == "stop":
            raise NeedsPerson("The token is still to be given.", kind="sign_in", todo="Run `migrate resume`.")
        self._typed = answer.text.strip()
        if not self._typed:
            raise self._hand_over(Text("You do this step yourself.", "这一步由您自己完成。"))
        return self._typed

    def _pumped(
        self, api: Api, rule: ApiRule, method: str, path: str, token: str, body: bytes | None
    ) -> tuple[int, bytes]:
        """The call in a thread of its own: the person's page goes on working meanwhile."""
        got: list[tuple[int, bytes]] = []
        failed: list[Exception] = []

        def work() -> None:
            try:
                got.append(api.call(rule.host, method, path, token=token, headers=rule.headers, body=body))
            except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked
                failed.append(error)

        thread = Thread(target=work, name="api", daemon=True)
        thread.start()
        while thread.is_alive():
            self.pump.breathe()
            thread.join(0.005)
        if failed:
            raise failed[0]
        return got[0]

    def _hand_over(self, why: Text) -> NeedsPerson:
        return NeedsPerson(why.to(self.tools.lang), kind="manual")


def _parsed(raw: bytes) -> Any:
    try:
        return _json.loads(raw)
    except (ValueError, RecursionError):
        raise ApiError("The service's interface answered something that is no JSON.") from None
