"""Calls to a service's own interface: only what the recipe lists, the token kept from the flow, looks that ask nobody and change nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from rig import ID, Rig

from readdress.engine.api import ApiCalls
from readdress.engine.view import View
from readdress.engine.waiting import Pump
from readdress.errors import ApiError, NeedsPerson, RecipeError
from readdress.models import Answer, Ask
from readdress.testing.fakes import FakeSecrets, Rule

RULE = {
    "host": "api.service.example",
    "calls": ["GET /emails", "POST /emails", "DELETE /emails/*"],
    "token": {"en": "Make a token.", "zh": "创建令牌。"},
    "headers": {"Accept": "application/json"},
}


class FakeApi:
    """Answers from a list, and remembers what it was asked."""

    def __init__(self, *answers: tuple[int, bytes] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, str, str, bytes | None]] = []

    def call(
        self, host: str, method: str, path: str, *, token: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """The next answer; the last one again."""
        assert headers == {"Accept": "application/json"}
        self.asked.append((host, method, path, token, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def calls(api: FakeApi | None, *, kept: str = "kept-token", **more: Any) -> tuple[ApiCalls, Rig]:
    rig = Rig("add", api=RULE, **more)
    if kept:
        rig.secrets = FakeSecrets({f"{ID}/token": kept})
    tools = rig._tools()
    tools.api = api
    return ApiCalls(tools, rig.journal.account(ID), rig.recipe, Pump(tools)), rig


def test_a_call_and_its_answer() -> None:
    """JSON in, JSON out, the kept token sent along; an empty answer is ``None``."""
    api = FakeApi((201, b'[{"email": "ann@new.example"}]'), (204, b""))
    made, rig = calls(api)
    assert made.call("POST", "/emails", {"emails": ["ann@new.example"]}, acting=True) == (
        201,
        [{"email": "ann@new.example"}],
    )
    assert made.call("DELETE", "/emails/7", None, acting=True) == (204, None)
    assert api.asked[0][:4] == ("api.service.example", "POST", "/emails", "kept-token")
    assert json.loads(api.asked[0][4] or b"") == {"emails": ["ann@new.example"]}
    assert not rig.person.asked


@pytest.mark.parametrize("call", [("PUT", "/emails"), ("GET", "/user"), ("DELETE", "/emails/7/8"), ("get", "/emails")])
def test_only_what_the_recipe_lists(call: tuple[str, str]) -> None:
    """Nothing else leaves, whatever the flow wants."""
    api = FakeApi((200, b"[]"))
    with pytest.raises(RecipeError, match="does not list"):
        calls(api)[0].call(*call, None, acting=True)
    assert api.asked == []


def test_a_look_only_gets_and_asks_nobody() -> None:
    """A look that would change something is the recipe's fault; one without a token sees nothing, and no question is posted."""
    api = FakeApi((200, b"[]"))
    made, rig = calls(api, kept="")
    with pytest.raises(RecipeError, match="tried to change"):
        made.call("POST", "/emails", {}, acting=False)
    with pytest.raises(NeedsPerson, match="no token yet"):
        made.call("GET", "/emails", None, acting=False)
    assert api.asked == []
    assert not rig.person.asked


def test_looks_do_not_hammer_the_service() -> None:
    """Looks come many times a second: within two seconds they share one answer, and an act in between makes them ask anew."""
    api = FakeApi((200, b"[]"))
    made, rig = calls(api)
    for _ in range(20):
        assert made.call("GET", "/emails", None, acting=False) == (200, [])
    assert len(api.asked) == 1
    made.call("POST", "/emails", {}, acting=True)
    made.call("GET", "/emails", None, acting=False)
    assert len(api.asked) == 3
    rig.clock.advance(2.1)
    made.call("GET", "/emails", None, acting=False)
    assert len(api.asked) == 4


def test_the_token_is_asked_for_once_and_kept_nowhere() -> None:
    """Typed unseen, used for the run; the question says how to make one and where it goes."""
    api = FakeApi((200, b"[]"))
    made, rig = calls(api, kept="")
    rig.person.rules.insert(0, Rule(Ask.SECRET, says=lambda q: Answer(q.id, "text", " typed-token ")))
    made.call("GET", "/emails", None, acting=True)
    made.call("POST", "/emails", {}, acting=True)
    asked = rig.asked(Ask.SECRET)
    assert len(asked) == 1
    assert asked[0].hidden
    assert "Make a token." in asked[0].body.en
    assert "api.service.example" in asked[0].body.zh
    assert {a[3] for a in api.asked} == {"typed-token"}
    assert rig.secrets.get(f"{ID}/token") is None
    assert "typed-token" not in repr(made)
    assert all("typed-token" not in json.dumps(dict(e.data), default=str) for e in rig.journal.events())


def test_a_token_that_is_refused_is_asked_for_again() -> None:
    """401: the step becomes the person's; the next try asks for another token instead of sending the same one."""
    api = FakeApi((401, b"{}"), (200, b"[]"))
    made, rig = calls(api, kept="")
    answers = iter(["wrong", "right"])
    rig.person.rules.insert(0, Rule(Ask.SECRET, says=lambda q: Answer(q.id, "text", next(answers))))
    with pytest.raises(NeedsPerson, match="does not accept the token"):
        made.call("GET", "/emails", None, acting=True)
    assert made.call("GET", "/emails", None, acting=True) == (200, [])
    assert [a[3] for a in api.asked] == ["wrong", "right"]


@pytest.mark.parametrize("answer", [ApiError("nobody there"), (200, b"<html>"), (200, b"[" * 200_000)])
def test_trouble_hands_the_step_over(answer: Any) -> None:
    """No answer, no JSON, a bomb: the person goes on by hand."""
    with pytest.raises(NeedsPerson):
        calls(FakeApi(answer))[0].call("GET", "/emails", None, acting=True)


def test_without_an_adapter_or_a_token_the_person_goes_on() -> None:
    """A run that has no way there, and a person who would rather do it themselves."""
    with pytest.raises(NeedsPerson, match="cannot be used here"):
        calls(None)[0].call("GET", "/emails", None, acting=True)
    made, rig = calls(FakeApi((200, b"[]")), kept="")
    rig.person.rules.insert(0, Rule(Ask.SECRET, says=lambda q: Answer(q.id, "text", "")))
    with pytest.raises(NeedsPerson, match="yourself"):
        made.call("GET", "/emails", None, acting=True)


def test_a_flow_gets_it_through_its_step() -> None:
    """``s.api`` in an act and in a look: the view tells which of the two it is."""
    api = FakeApi((200, b"[]"))
    made, rig = calls(api)
    step = rig.recipe.route[0].find("add_address")
    tools, account = rig._tools(), rig.journal.account(ID)
    parts: Any = (tools, account, rig.recipe, step, None, None, made.pump)
    assert View(*parts, attempt=1, acting=True, api=made).api("POST", "/emails", {}) == (200, [])
    with pytest.raises(RecipeError):
        View(*parts, attempt=1, acting=False, api=made).api("POST", "/emails", {})
