"""Stand-ins for browsers: the person's everyday one, and a controlled one on which nothing is ever read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class EverydayBrowser:
    """The person's own browser, which only remembers what was opened in it."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, url: str) -> bool:
        """Opened, as far as anybody can tell."""
        self.opened.append(url)
        return True


class BlankBrowser:
    """A controlled browser for a recipe that has no functions: pages come up, and nothing on them is ever read."""

    page = None

    def __init__(self) -> None:
        self.url = ""
        self.opened: list[str] = []

    def allow(self, hosts: Sequence[str], assets: Sequence[str]) -> None:
        """Nothing is loaded, so nothing has to be kept out."""

    def open(self, url: str) -> None:
        """Stand there."""
        self.url = url
        self.opened.append(url)

    def settle(self, timeout: float = 5.0) -> bool:
        """At rest at once."""
        return True

    def quiet_for(self) -> float:
        """Nothing is ever under way."""
        return 60.0

    def pump(self, seconds: float) -> None:
        """The clock of the walk moves by itself."""

    def read(self, locator: Any) -> Any:
        """Nobody reads: there is no function."""
        raise AssertionError("a recipe without functions reads no page")

    def survey(self, where: Any, parts: Mapping[str, str], read: Sequence[str] = ()) -> Any:
        """As :meth:`read`."""
        raise AssertionError("a recipe without functions reads no page")

    def type_secret(self, locator: Any, secret: str) -> None:
        """As :meth:`read`."""
        raise AssertionError("a recipe without functions types nothing")

    def on_site(self) -> bool:
        """Wherever it stands."""
        return True

    def blocked(self) -> list[str]:
        """Nothing."""
        return []

    def trouble(self, error: Exception) -> str:
        """Its words."""
        return str(error)

    def alive(self) -> bool:
        """Until the walk is over."""
        return True
