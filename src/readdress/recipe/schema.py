"""Recipe format 1 as pydantic models: every table, every key; unknown ones are refused."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from readdress.models import Change, RouteKind, Side, Slot, Text, Verdict
from readdress.recipe.fields import Duration, Factor, Filled, Host, Name, Slug, path_matches


class Table(BaseModel):
    """Base of all tables: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Source(Table):
    """Where facts come from. ``grade``: official, strong (several independent), single, weak, or ``observed`` (program run in tests)."""

    id: Name | None = None
    url: Filled
    day: date | None = Field(default=None, alias="date")
    says: Filled
    grade: Literal["official", "strong", "single", "weak", "observed"]


class SiteRule(Table):
    """The recipe serves software on many hosts: the person gives the site's address (``--site``).

    ``root``: what is put behind a bare host, where the program's pages do not stand at the root (MediaWiki: ``/index.php``).
    """

    required: bool = True
    hint: Text | None = None
    root: str = ""
    presets: dict[Slug, str] = Field(default_factory=dict)


class Detect(Table):
    """How discovery knows the service: senders by exact address or domain, subjects by kind, log-in pages."""

    senders: list[str] = Field(default_factory=list)
    domains: list[str] = Field(default_factory=list)
    subjects: dict[str, list[str]] = Field(default_factory=dict)
    logins: list[str] = Field(default_factory=list)


class CodeRule(Table):
    """What the code in a mail looks like. ``shape``: ``X`` a character of the alphabet, anything else itself: ``XXXX-XXXX``.

    ``prefix``: what may stand right before it and is no part of it: ``G-``.
    """

    length: list[int] = Field(default_factory=list, max_length=8)
    alphabet: Literal["digits", "letters", "alnum", "hex"] = "digits"
    shape: str | None = None
    prefix: str = Field(default="", max_length=8)
    near: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _some_size(self) -> Self:
        if not self.length and not self.shape:
            raise ValueError('a code needs "length" (a list, like [6]) or "shape" (like "XXXX-XXXX")')
        if any(not 3 <= n <= 32 for n in self.length):
            raise ValueError("a code is between 3 and 32 characters long")
        return self


class LinkRule(Table):
    """Which link of a mail may be opened. ``query``: parameters that must be there, with a value or ``*``."""

    host: Host
    path: Filled
    query: dict[str, str] = Field(default_factory=dict)
    open: Literal["signed_in", "anywhere", "person"] = "signed_in"


class Mail(Table):
    """A mail that a step asks the service for. ``resend``: how a person asks for it once more; ``notice``: it only tells that something happened."""

    id: Name
    to: Side
    sender: list[Filled] = Field(alias="from", min_length=1)
    subject: list[Filled] = Field(default_factory=list)
    code: CodeRule | None = None
    link: LinkRule | None = None
    lives: Duration | None = None
    never: list[str] = Field(default_factory=list)
    notice: bool = False
    resend: Text | None = None

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.notice == bool(self.code or self.link) or (self.code and self.link):
            raise ValueError(
                'a mail has exactly one of "code", "link", or notice = true (it only tells that something happened)'
            )
        return self


class FactorSet(Table):
    """Factors that together open a way (all of ``needs``). ``cost``: how long it takes a person."""

    needs: list[Factor]
    cost: Duration = timedelta(minutes=5)
    grade: Literal["official", "strong", "single", "weak", "observed", "unknown"] = "unknown"
    note: Text | None = None
    sources: list[Name] = Field(default_factory=list)


class Access(Table):
    """What signs in, what changes the address, what recovers the account (each a list of alternatives); what it supplies to others."""

    sign_in: list[FactorSet] = Field(default_factory=list)
    change: list[FactorSet] = Field(default_factory=list)
    recover: list[FactorSet] = Field(default_factory=list)
    supplies: list[Factor] = Field(default_factory=list)


class Limit(Table):
    """So many a week or a year: ``count`` of the steps ``of`` within any ``within``."""

    id: Name
    of: list[Name] = Field(min_length=1)
    count: int = Field(ge=1)
    within: Duration
    sources: list[Name] = Field(default_factory=list)


class WaitRule(Table):
    """Cooling-off: for ``lasts`` after step ``after`` the steps ``closed`` are not possible (or not wise)."""

    id: Name
    after: Name
    lasts: Duration
    closed: list[Name] = Field(default_factory=list)
    reason: Text
    sources: list[Name] = Field(default_factory=list)


class Api(Table):
    """The service's own interface (JSON over HTTPS), for steps that go there instead of through a page.

    ``calls``: all that ``flow.py`` may call, as method and path; ``*`` for one part. ``token``: how a person makes the token that the engine
    sends along and the flow never sees.
    """

    host: Host
    calls: list[str] = Field(min_length=1)
    token: Text
    secret: Name = "token"
    headers: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _narrow(self) -> Self:
        if self.host.startswith(("*", "{")) or ":" in self.host:
            raise ValueError(f"{self.host!r} is no single host: a token goes to one host only")
        for call in self.calls:
            if not re.fullmatch(r"(GET|POST|PUT|PATCH|DELETE) /[!-~]*", call):
                raise ValueError(f'{call!r} is no call: write method and path, like "GET /user/emails"')
        for name, value in self.headers.items():
            if not re.fullmatch(r"(Accept|X-[A-Za-z0-9-]+) [ -~]+", f"{name} {value}"):
                raise ValueError(f"the header {name!r} is not the recipe's to send: only Accept and X-… are")
        return self

    def allows(self, method: str, path: str) -> bool:
        """Whether a flow may call that."""
        calls = (call.split(" ", 1) for call in self.calls)
        return any(method == verb and path_matches(pattern, path) for verb, pattern in calls)


class StepKind(StrEnum):
    """``act`` changes something; ``sign_in`` and ``prepare`` may be repeated; ``read_back`` only looks; ``save`` keeps data; ``ask`` is the person's answer."""

    ACT = "act"
    SIGN_IN = "sign_in"
    PREPARE = "prepare"
    READ_BACK = "read_back"
    SAVE = "save"
    ASK = "ask"


class RecipeStep(Table):
    """One step: text for a person, optionally automated by a function of the same name in ``flow.py``.

    ``expects``: the mail that the act makes the service send; ``uses``: the mail whose code or link it consumes (its own, or of an
    earlier step). ``removes``: the act takes OLD away. ``reaches``: the verdict of ``slot`` once the step is done.
    """

    id: Name
    kind: StepKind = StepKind.ACT
    title: Text
    manual: Text
    open: str | None = None
    once: bool = True
    optional: bool = False
    slot: Slot | None = None
    reaches: Verdict | None = None
    expects: Name | None = None
    uses: Name | None = None
    removes: bool = False
    loses: list[Factor] = Field(default_factory=list)
    gains: list[Factor] = Field(default_factory=list)
    needs: list[Factor] = Field(default_factory=list)
    sources: list[Name] = Field(default_factory=list)

    @property
    def repeatable(self) -> bool:
        """Whether doing it again harms nothing."""
        return not self.once or self.kind in {StepKind.SIGN_IN, StepKind.PREPARE, StepKind.READ_BACK}


class Route(Table):
    """One way through a recipe.

    ``when``: the look of ``flow.py`` that recognises on the signed-in account, at ``when_open``, that this is its route.
    """

    id: Name
    kind: RouteKind = RouteKind.CHANGE
    title: Text | None = None
    slots: list[Slot] = Field(default_factory=list)
    needs: list[Factor] = Field(default_factory=list)
    when: Name | None = None
    when_open: str | None = None
    change: Change | None = None
    cooling: Duration = timedelta(hours=24)
    undo: Name | None = None
    warn: Text | None = None
    sources: list[Name] = Field(default_factory=list)
    step: list[RecipeStep] = Field(min_length=1)

    def find(self, step: str) -> RecipeStep:
        """The step of that id. Raises ``KeyError``."""
        for s in self.step:
            if s.id == step:
                return s
        raise KeyError(step)


class Question(Table):
    """What nobody could establish, put to the person."""

    id: Name
    text: Text


class Recipe(Table):
    """How the address is changed on one service."""

    format: Literal[1]
    id: Slug
    name: Text
    category: Slug = "other"
    home: str | None = None
    hosts: list[Host] = Field(default_factory=list)
    assets: list[Host] = Field(default_factory=list)
    browser: Literal["managed", "own"] = "managed"
    browser_why: Text | None = None
    slots: list[Slot] = Field(min_length=1)
    rides: list[str] = Field(default_factory=list)
    site: SiteRule | None = None
    languages: list[str] = Field(default_factory=list)
    checked: date
    proof: Literal["documents", "replica", "software", "live"]
    sources: list[Source] = Field(min_length=1)
    unknown: list[Question] = Field(default_factory=list)
    detect: Detect = Field(default_factory=Detect)
    mail: list[Mail] = Field(default_factory=list)
    access: Access = Field(default_factory=Access)
    api: Api | None = None
    limit: list[Limit] = Field(default_factory=list)
    wait: list[WaitRule] = Field(default_factory=list)
    route: list[Route] = Field(min_length=1)

    def find_mail(self, mail: str) -> Mail:
        """The expected mail of that id. Raises ``KeyError``."""
        for m in self.mail:
            if m.id == mail:
                return m
        raise KeyError(mail)

    def find_route(self, route: str) -> Route:
        """The route of that id. Raises ``KeyError``."""
        for r in self.route:
            if r.id == route:
                return r
        raise KeyError(route)

    @property
    def lookable(self) -> list[str]:
        """What a look of ``flow.py`` may be about: the steps, and the ``when`` of routes."""
        names = [s.id for r in self.route for s in r.step] + [r.when for r in self.route if r.when]
        return list(dict.fromkeys(names))

    @property
    def important(self) -> frozenset[Slot]:
        """Slots that some change route moves: those that must be read back before the account counts as moved."""
        return frozenset(s for r in self.route if r.kind is RouteKind.CHANGE for s in r.slots) or frozenset(self.slots)
