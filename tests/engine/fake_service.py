"""A made-up service in memory with its page, its mail and everything that can go wrong, for the tests of the engine.

No browser, no network: :class:`FakeBrowser` implements ``readdress.ports.Browser`` over a :class:`FakePage` that the flow functions
of a test recipe call. Mail goes through :class:`readdress.testing.post.Post`, signed, so that the real trust gate judges it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from readdress.errors import BrowserError, NeedsTime, Refused
from readdress.models import Piece, Reading, Survey
from readdress.testing.fakes import FakeClock
from readdress.testing.post import Post

HOST = "service.example"
EMAILS = f"https://{HOST}/emails"
LOGIN = f"https://{HOST}/login"
PASSWORD = "correct horse"
SENDER = f"Service <noreply@{HOST}>"
VERIFIED, PENDING = "verified", "pending"


class Crash(BaseException):
    """The process is killed here: no handler of the engine may run to an end because of it."""


class PageTrouble(Exception):
    """A button is not there, a click times out."""


@dataclass
class Letter:
    """One code that the service sent."""

    code: str
    to: str
    made: datetime
    spent: bool = False


@dataclass
class Effect:
    """Something that really happened to the account. ``by``: ``engine`` or ``person``; ``again``: it had happened already."""

    name: str
    by: str
    again: bool


@dataclass
class Service:
    """The account as the service has it: the truth that no look may contradict.

    ``mail_fault`` applies to the next mails: ``""``, ``late``, ``lost``, ``forged``, ``junk`` or ``stranger``.
    """

    clock: FakeClock
    post: Post
    old: str
    new: str
    addresses: dict[str, str] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)
    letters: list[Letter] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    mail_fault: str = ""
    sender: str = SENDER
    lives: timedelta = timedelta(hours=1)
    locked: bool = False
    _codes: Any = field(default_factory=lambda: itertools.count(314_159, 2_773))

    def __post_init__(self) -> None:
        self.addresses = self.addresses or {self.old: VERIFIED}

    # -- what a person or a page can do to the account ------------------------------------------------------------------
    def add(self, address: str, by: str = "engine") -> None:
        """Put an address beside the others; it is pending until its code comes back."""
        self._note("add", by, again=address in self.addresses)
        if self.addresses.get(address) != VERIFIED:
            self.addresses[address] = PENDING
            self.send(address)

    def request(self, address: str, by: str = "engine") -> None:
        """Ask for a replacement; it takes place when the code comes back."""
        self.add(address, by)

    def confirm(self, code: str, by: str = "engine", *, replace: bool = False) -> None:
        """Take a code."""
        letter = next((x for x in reversed(self.letters) if x.code == code and not x.spent), None)
        if letter is None:
            raise Refused("The code is wrong.", reason="wrong_code")
        if self.clock.now() > letter.made + self.lives:
            raise Refused("The code has expired.", reason="expired")
        letter.spent = True
        self._note("confirm", by, again=self.addresses.get(letter.to) == VERIFIED)
        self.addresses[letter.to] = VERIFIED
        if replace:
            self.addresses.pop(self.old, None)

    def replace(self, address: str, by: str = "engine") -> None:
        """Swap the address at once."""
        self._note("replace", by, again=self.addresses == {address: VERIFIED})
        self.addresses = {address: VERIFIED}

    def remove(self, address: str, by: str = "engine") -> None:
        """Take an address away, even the last one: nobody but the engine watches over that here."""
        self._note("remove", by, again=address not in self.addresses)
        self.addresses.pop(address, None)

    def drop_new(self) -> None:
        """The service loses NEW again, as a support case or a race may do."""
        if self.addresses.pop(self.new, None) is not None and not self.addresses:
            self.addresses[self.old] = VERIFIED

    def send(self, to: str) -> None:
        """Mail a fresh code."""
        code = f"{next(self._codes) % 1_000_000:06d}"
        self.letters.append(Letter(code, to, self.clock.now()))
        fault = self.mail_fault
        if fault == "lost":
            return
        self.post.send_mail(
            to=to,
            kind="verify",
            subject="Confirm your address",
            sender="Mallory <noreply@evil.example>" if fault == "stranger" else self.sender,
            text=f"Your verification code is {code}\n",
            delay=400.0 if fault == "late" else 0.0,
            signed_by="evil.example" if fault == "forged" else None,
            folder="Junk" if fault == "junk" else "INBOX",
        )

    def usable(self) -> list[str]:
        """Addresses that get the person in."""
        return [a for a, state in self.addresses.items() if state == VERIFIED]

    def count(self, name: str, by: str = "engine") -> int:
        """How often something happened."""
        return sum(e.name == name and e.by == by for e in self.effects)

    def _note(self, name: str, by: str, *, again: bool) -> None:
        self.effects.append(Effect(name, by, again))


@dataclass
class FakePage:
    """The page in front, as flow functions get it: what it showed when it was last loaded, and its buttons."""

    browser: FakeBrowser
    rows: dict[str, str] | None = None
    signed_out: bool = True
    loading: bool = False
    typed: str = ""
    password_field: str = "password"
    listing: str = "listing"

    def sign_in(self) -> None:
        """Press "Sign in"."""

        def effect() -> None:
            if self.typed != PASSWORD:
                raise Refused("The password is wrong.", reason="wrong_password")
            self.browser.service.sessions.add(self.browser.profile)

        self.browser.press("sign_in", effect)

    def add(self, address: str) -> None:
        """Press "Add"."""
        self.browser.press("add", lambda: self.browser.service.add(address), signed_in=True)

    def request(self, address: str) -> None:
        """Press "Change", which sends a code first."""
        self.browser.press("request", lambda: self.browser.service.request(address), signed_in=True)

    def confirm(self, code: str, *, replace: bool = False) -> None:
        """Type the code."""
        self.browser.press("confirm", lambda: self.browser.service.confirm(code, replace=replace), signed_in=True)

    def replace(self, address: str) -> None:
        """Press "Change", which changes at once."""
        self.browser.press("replace", lambda: self.browser.service.replace(address), signed_in=True)

    def remove(self, address: str) -> None:
        """Press "Remove"."""
        self.browser.press("remove", lambda: self.browser.service.remove(address), signed_in=True)


class FakeBrowser:
    """Implements ``readdress.ports.Browser`` without one.

    ``faults`` maps a button (``sign_in``, ``add``, ``request``, ``confirm``, ``replace``, ``remove``) to what happens the next time it
    is pressed: ``raise_before``, ``raise_after``, ``swallowed`` (nothing happens, no error), ``mute`` (it happens, the page never shows
    it), ``stale`` (it happens, the page is the old one until it is loaded again), ``signs_out``, ``close_before``, ``close_after``,
    ``offsite``, ``limit``, ``refused``, ``locked``. ``boundary`` is called before and after each press: it may raise :class:`Crash`.
    ``blind``: the list of addresses never finishes loading.
    """

    def __init__(
        self,
        service: Service,
        clock: FakeClock,
        *,
        profile: str = "ours",
        faults: dict[str, str] | None = None,
        boundary: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.service, self.clock, self.profile = service, clock, profile
        self.faults = {} if faults is None else faults
        self.boundary = boundary
        self.blind = False
        self.closed = False
        self.stopped: list[str] = []
        self.allowed: list[tuple[list[str], list[str]]] = []
        self.pumps = 0
        self._url = "about:blank"
        self._page = FakePage(self)

    # -- the port -------------------------------------------------------------------------------------------------------
    @property
    def page(self) -> FakePage:
        """The page."""
        return self._page

    @property
    def url(self) -> str:
        """Where it is."""
        return "" if self.closed else self._url

    def allow(self, hosts: Sequence[str], assets: Sequence[str]) -> None:
        """Remember what is allowed."""
        self.allowed.append((list(hosts), list(assets)))

    def open(self, url: str) -> None:
        """Load it afresh."""
        self._living()
        self._url = url
        self._page.typed = ""
        self.show()

    def settle(self, timeout: float = 5.0) -> bool:
        """Loads are instant here."""
        return not self._page.loading

    def quiet_for(self) -> float:
        """Nothing is ever under way here."""
        return 60.0

    def pump(self, seconds: float) -> None:
        """Time passes. A run that never ends fails here."""
        self.pumps += 1
        assert self.pumps < 20_000, "the run does not come to an end"
        self.clock.advance(max(seconds, 0.1))

    def read(self, locator: Any) -> Reading:
        """The list of addresses as the page shows it."""
        page = self._page
        if page.loading or self.blind or page.rows is None:
            return Reading(complete=False, url=self._url)
        if page.signed_out:
            return Reading((Piece("Email", "Email"), Piece("Sign in", "Sign in")), complete=True, url=self._url)
        items = [Piece(a, f"{a} {'Unverified' if s == PENDING else 'Verified'}") for a, s in page.rows.items()]
        return Reading((Piece("Emails", "Emails"), *items), complete=True, url=self._url)

    def survey(self, where: Any, parts: Any, read: Any = ()) -> Survey:
        """The fake recipe reads by :meth:`read` only."""
        return Survey(url=self._url)

    def type_secret(self, locator: Any, secret: str) -> None:
        """Remember it as typed."""
        assert locator == "password"
        self._page.typed = secret

    def on_site(self) -> bool:
        """Whether the page is the service's."""
        return self._url.startswith(f"https://{HOST}/")

    def blocked(self) -> list[str]:
        """What was stopped since the last call."""
        stopped, self.stopped = self.stopped, []
        return stopped

    def trouble(self, error: Exception) -> str:
        """One sentence."""
        return f"the page does not work: {error}"

    def alive(self) -> bool:
        """Whether it is open."""
        return not self.closed

    # -- inside -----------------------------------------------------------------------------------------------------------
    def show(self) -> None:
        """What a fresh load shows."""
        page, service = self._page, self.service
        page.loading = False
        page.signed_out = self.profile not in service.sessions
        page.rows = {} if page.signed_out else dict(service.addresses)

    def press(self, name: str, effect: Callable[[], None], *, signed_in: bool = False) -> None:
        """A button with everything that can go wrong around its effect."""
        self._living()
        if not self.on_site():
            raise PageTrouble("this page has no such button")
        fault = self.faults.pop(name, "")
        self.boundary(f"before:{name}")
        if signed_in and self.profile not in self.service.sessions:
            self.show()
            raise PageTrouble("this page has no such button")
        if fault == "raise_before":
            raise PageTrouble("the button has another name now")
        if fault == "limit":
            raise NeedsTime("Too many changes.", until=self.clock.now() + timedelta(days=2))
        if fault in {"refused", "locked"}:
            raise Refused("The service says no.", reason="address_in_use" if fault == "refused" else "account_locked")
        if fault == "close_before":
            self.closed = True
            raise PageTrouble("target closed")
        if fault != "swallowed":
            effect()
        self.boundary(f"after:{name}")
        if fault == "close_after":
            self.closed = True
            raise PageTrouble("target closed")
        if fault == "signs_out":
            self.service.sessions.discard(self.profile)
        if fault == "raise_after":
            raise PageTrouble("the page took too long")
        if fault == "mute":
            self._page.loading = self.blind = True
            return
        if fault == "offsite":
            self._url = "https://elsewhere.example/thanks"
            return
        if fault != "stale":
            self.show()

    def _living(self) -> None:
        if self.closed:
            raise BrowserError("The browser was closed.", todo="Run `migrate resume`.")
