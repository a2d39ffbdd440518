"""GitHub's REST route: its acts and looks against a small stand-in for the documented interface, without a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from readdress.engine.api import ApiCalls
from readdress.engine.tools import Patience
from readdress.engine.waiting import Pump
from readdress.errors import NeedsPerson, Refused
from readdress.models import Account, Seen
from readdress.recipe.load import load_pack
from readdress.testing.fakes import FakeClock, FakeSecrets

OLD, NEW = "ann@example.com", "ann@example.net"
PACK = load_pack(Path(__file__).parents[2] / "recipes" / "github", origin="built-in", trusted=True)


class GitHub:
    """What the documentation says of /user/emails: GET lists, POST adds (201), DELETE takes away (204); 401, 403, 404 and 422."""

    def __init__(self) -> None:
        self.held = {OLD: True}
        self.elsewhere: set[str] = set()
        self.token, self.may = "good", True
        self.raw: bytes | None = None
        self.asked: list[str] = []

    def call(
        self, host: str, method: str, path: str, *, token: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """One request."""
        assert (host, path.partition("?")[0]) == ("api.github.com", "/user/emails")
        assert headers["X-GitHub-Api-Version"]
        self.asked.append(method)
        if token != self.token:
            return 401, b'{"message": "Bad credentials"}'
        if not self.may:
            return 404, b'{"message": "Not Found"}'
        wanted = json.loads(body)["emails"] if body else []
        if method == "POST":
            if self.elsewhere & set(wanted):
                return 422, b'{"message": "Validation Failed", "errors": [{"message": "email is already in use"}]}'
            self.held.update(dict.fromkeys(wanted, False))
            return 201, self._list()
        if method == "DELETE":
            for address in wanted:
                self.held.pop(address, None)
            return 204, b""
        return 200, self.raw if self.raw is not None else self._list()

    def _list(self) -> bytes:
        return json.dumps([{"email": e, "verified": v, "primary": False} for e, v in self.held.items()]).encode()


class Step:
    """The narrow step of one call, over the engine's own calls."""

    old, new, login, site, attempt = OLD, NEW, "ann", "", 1

    def __init__(self, github: GitHub, *, acting: bool, wish: str = "remove", token: str = "good") -> None:
        tools: Any = SimpleNamespace(
            api=github,
            clock=FakeClock(),
            secrets=FakeSecrets({"a1/token": token} if token else {}),
            lang="en",
            patience=Patience(slice=0.0),
            person=None,
        )
        self._calls = ApiCalls(tools, Account("a1", "github"), PACK.recipe, Pump(tools))
        self._acting, self._wish = acting, wish

    def api(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        """As the engine does it."""
        return self._calls.call(method, path, json, acting=self._acting)

    def ask(self, en: str, zh: str, choices: Any = ()) -> str:
        """The person's wish."""
        assert en and zh and choices
        return self._wish

    def hand_over(self, en: str, zh: str, kind: str = "manual") -> NeedsPerson:
        """What the engine makes of it."""
        assert en and zh
        return NeedsPerson(en, kind=kind)


class NoPage:
    """The page behind the interface, which shows nothing."""

    url = "about:blank"

    def locator(self, *_: Any) -> NoPage:
        """Nothing is there."""
        return self

    def count(self) -> int:
        """No element."""
        return 0


def look(github: GitHub, name: str, token: str = "good") -> Seen:
    step = Step(github, acting=False, token=token)
    return PACK.looks[name](NoPage(), step).seen


def act(github: GitHub, name: str, **more: Any) -> None:
    PACK.acts[name](None, Step(github, acting=True, **more))


def test_add_then_remove() -> None:
    """The way that works: each look tells before and after what its act did."""
    github = GitHub()
    assert look(github, "api_add") is Seen.NOT_DONE
    act(github, "api_add")
    assert look(github, "api_add") is Seen.DONE
    github.held[NEW] = True
    assert look(github, "api_remove") is Seen.NOT_DONE
    act(github, "api_remove")
    assert look(github, "api_remove") is Seen.DONE
    assert github.held == {NEW: True}


def test_old_stays_while_new_is_not_verified() -> None:
    """Also where the page said otherwise: the token may be of another account."""
    github = GitHub()
    github.held[NEW] = False
    with pytest.raises(NeedsPerson, match="stays"):
        act(github, "api_remove")
    github.held.pop(NEW)
    with pytest.raises(NeedsPerson, match="stays"):
        act(github, "api_remove")
    assert OLD in github.held
    assert "DELETE" not in github.asked


def test_keeping_old_calls_nothing() -> None:
    """The person keeps it for its commits."""
    github = GitHub()
    with pytest.raises(NeedsPerson, match="skip this step"):
        act(github, "api_remove", wish="keep")
    assert github.asked == []


def test_address_of_another_account() -> None:
    """422 with GitHub's own words is a refusal that says what to do."""
    github = GitHub()
    github.elsewhere.add(NEW)
    with pytest.raises(Refused) as no:
        act(github, "api_add")
    assert no.value.reason == "address_in_use"
    assert look(github, "api_add") is Seen.NOT_DONE


def test_a_token_without_the_right() -> None:
    """GitHub answers 404 or 403 then; what cannot be listed is unknown, never absent."""
    github = GitHub()
    github.may = False
    with pytest.raises(NeedsPerson, match="scope"):
        act(github, "api_add")
    assert look(github, "api_add") is Seen.UNKNOWN
    assert look(github, "api_remove") is Seen.UNKNOWN


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'["ann@example.net"]',
        b'[{"mail": "ann@example.net"}]',
        b"[]",
        json.dumps([{"email": f"a{n}@example.org", "verified": True} for n in range(100)]).encode(),
        b'[{"email": "joann@example.net", "verified": true}]',
    ],
)
def test_lists_that_prove_nothing(raw: bytes) -> None:
    """Another form, an empty one, a full page of a longer list, another account's: neither done nor not done."""
    github = GitHub()
    github.raw = raw
    assert look(github, "api_add") is Seen.UNKNOWN
    assert look(github, "api_remove") is Seen.UNKNOWN


def test_the_case_of_letters_does_not_matter() -> None:
    """GitHub may give the address back as it was typed once."""
    github = GitHub()
    github.held = {"Ann@Example.net": True, OLD: True}
    assert look(github, "api_add") is Seen.DONE
    act(github, "api_remove")
    assert OLD not in github.held


def test_without_a_token_the_page_has_to_tell() -> None:
    """After a crash nobody is asked for a token just to look: the list on the page is read instead, and one that shows nothing proves nothing."""
    github = GitHub()
    assert look(github, "api_add", token="") is Seen.UNKNOWN
    assert look(github, "api_remove", token="") is Seen.UNKNOWN
    assert github.asked == []
