"""The library's front: one migration, opened from its state file, with the verbs that a person knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from readdress.errors import ConfigError, RecipeError, UsageError
from readdress.models import Address, OldState, Side, Slot
from readdress.state import StateFile, default_path
from readdress.workflow.adapters import Adapters
from readdress.workflow.finding import state_path

if TYPE_CHECKING:
    from readdress.discovery.results import Discovered
    from readdress.engine.tools import Outcome, Patience
    from readdress.models import Account, Draft, Event, Evidence, Header, MailboxConfig
    from readdress.planner.plan import Plan
    from readdress.recipe.catalogue import Catalogue
    from readdress.state import Fault, Overview
    from readdress.workflow.discovering import Archive
    from readdress.workflow.scanning import Progress
    from readdress.workflow.session import Session


class Migration:
    """One move from an old address to a new one.

    ::

        with Migration.open("me.readdress") as m:
            outcome = m.move("mediawiki", site="https://wiki.example.org")
            print(outcome.verdict, outcome.message)

    Make it with :meth:`create` or :meth:`open`, use it as a context manager. Methods raise
    :class:`~readdress.errors.ReaddressError`; nothing that was recorded is ever lost by an error.
    """

    def __init__(self, state: StateFile, path: Path, adapters: Adapters, recipes: Sequence[Path]) -> None:
        self.state = state
        self.path = path
        self.adapters = adapters
        self._recipes = tuple(recipes)
        self._catalogue: Catalogue | None = None
        self._session: Session | None = None
        self._stack = ExitStack()

    # -- opening ----------------------------------------------------------------------------------------------------
    @classmethod
    def create(
        cls,
        old: str | Address,
        new: str | Address,
        *,
        state: Path | str | None = None,
        adapters: Adapters | None = None,
        recipes: Sequence[Path] = (),
    ) -> Self:
        """Start a migration. ``state`` defaults to a file in the person's data folder; an existing one is never overwritten."""
        adapters = adapters or Adapters()
        before = old if isinstance(old, Address) else Address.parse(old)
        after = new if isinstance(new, Address) else Address.parse(new)
        if before.same_as(after):
            raise UsageError(
                "The old and the new address are the same.", todo="Give the address that you move to with --new."
            )
        path = Path(state) if state is not None else default_path(before)
        if state is None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = StateFile.create(path, before, after, clock=adapters.the_clock())
        return cls(made, path, adapters, recipes)

    @classmethod
    def open(
        cls,
        state: Path | str | None = None,
        *,
        write: bool = True,
        adapters: Adapters | None = None,
        recipes: Sequence[Path] = (),
    ) -> Self:
        """Open a migration; ``state`` defaults to the only one in the data folder. One writer at a time, any number of readers."""
        adapters = adapters or Adapters()
        path = state_path(Path(state) if state is not None else None)
        return cls(StateFile.open(path, clock=adapters.the_clock(), write=write), path, adapters, recipes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close browser, mailboxes and state file."""
        try:
            if self._session is not None:
                self._session.close()
                self._session = None
        finally:
            self.state.close()

    # -- what is known ----------------------------------------------------------------------------------------------
    @property
    def header(self) -> Header:
        """Old and new address, lineage and serial."""
        return self.state.header()

    @property
    def catalogue(self) -> Catalogue:
        """The recipes at hand."""
        if self._catalogue is None:
            from readdress.recipe.catalogue import Catalogue

            self._catalogue = Catalogue(self._recipes)
        return self._catalogue

    @property
    def session(self) -> Session:
        """The ports of this run, made when first needed."""
        if self._session is None:
            from readdress.workflow.session import Session

            self._session = Session(self.state, self.adapters)
        return self._session

    def accounts(self) -> list[Account]:
        """All accounts, oldest first."""
        return self.state.accounts()

    def status(self) -> Overview:
        """Where every account stands."""
        return self.state.overview()

    def log(self, account: str = "") -> Iterable[Event]:
        """The event log, oldest first."""
        return self.state.events(account=account)

    def check(self) -> list[Fault]:
        """Faults of the state file; an empty list when it is sound."""
        return self.state.check()

    def export(self) -> dict[str, Any]:
        """The whole state as one JSON-ready document, without secrets."""
        return self.state.export()

    def mailboxes(self) -> dict[Side, MailboxConfig | None]:
        """How both mailboxes are reached."""
        return {side: self.state.mailbox(side) for side in Side}

    def find(self, name: str, *, site: str = "", login: str = "") -> Account:
        """The one account of that id, or at that service (and site, and login).

        Raises :class:`~readdress.errors.UsageError` when there is none, or several.
        """
        fitting = self._fitting(name, site, login) or [
            a for a in self._open() if a.login and a.login.casefold() == name.casefold()
        ]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise UsageError(f"No account {name!r} is known.", todo="`migrate status` lists them all.")
        listed = ", ".join(f"{a.login or a.id} ({a.site})" if a.site else a.login or a.id for a in fitting)
        todo = "Say which one with --account LOGIN."
        if len({a.site for a in fitting}) == len(fitting):
            todo = "Say which one with --site URL."
        raise UsageError(f"There are several accounts at {name}: {listed}.", todo=todo)

    def named(self, name: str) -> list[Account]:
        """Every open account of that id, service, label or login. Raises :class:`~readdress.errors.UsageError` when there is none."""
        wanted = name.casefold()
        fitting = [a for a in self._open() if wanted in {a.id, a.service, a.label.casefold(), a.login.casefold()}]
        if not fitting and (guided := [s.id for s in self.catalogue.knowledge.find(name)]):
            fitting = [a for a in self._open() if a.service in guided]
        if not fitting:
            raise UsageError(f"No account {name!r} is known.", todo="`migrate accounts` lists them all.")
        return fitting

    def _open(self) -> list[Account]:
        return [a for a in self.accounts() if not a.closed]

    def _fitting(self, name: str, site: str, login: str) -> list[Account]:
        known = self._open()
        return [a for a in known if a.id == name] or [
            a
            for a in known
            if a.service == name
            and (not site or a.site == site)
            and (not login or login.casefold() in {a.login.casefold(), a.id})
        ]

    # -- changing what is known ---------------------------------------------------------------------------------------
    def record(self, *drafts: Draft) -> None:
        """Write events down."""
        self.state.record(*drafts)

    def set_mailbox(self, side: Side | str, config: MailboxConfig | None, secret: str | None = None) -> None:
        """Say how a mailbox is reached; ``secret`` is kept in the keyring, never in the state file."""
        side = Side(side)
        if secret is not None:
            self.session.secrets.set(f"mailbox/{side.value}", secret)
        from readdress.models import events

        self.record(events.mailbox_set(side, config))

    def keep_secret(self, account: str, name: str, secret: str) -> None:
        """Keep a secret of an account in the keyring."""
        self.session.secrets.set(f"{account}/{name}", secret)

    def forget_secret(self, account: str, name: str) -> None:
        """Drop a secret of an account from the keyring."""
        self.session.secrets.forget(f"{account}/{name}")

    def add(
        self,
        service: str,
        *,
        site: str = "",
        login: str = "",
        label: str = "",
        slots: Sequence[Slot] = (),
        evidence: Sequence[Evidence] = (),
        site_later: bool = False,
    ) -> Account:
        """Note an account that the person has: of a service with a recipe, of one that the catalogue knows, or a bare domain.

        ``slots``: where the address is used there; by default those that the recipe moves. ``site_later``: software whose site nobody
        knows yet is noted without one; moving it asks for it.
        """
        from secrets import token_hex

        from readdress.models import events
        from readdress.recipe.place import place, settle_site

        recipe = self.catalogue.recipe(service)
        site = settle_site(recipe, site)
        if site or not site_later:
            place(recipe, site)
        account = token_hex(6)
        slots = list(slots) or [s for s in Slot if s in recipe.important]
        drafts = [
            events.account_added(account, recipe.id, site=site, login=login, label=label or recipe.name.en, slots=slots)
        ]
        self.record(*drafts, *(events.evidence_found(account, e) for e in evidence))
        return self.state.account(account)

    # -- moving -----------------------------------------------------------------------------------------------------
    def move(self, service: str, *, site: str = "", login: str = "") -> Outcome:
        """Move one account now (``migrate --service``): the one that is known, or a new one.

        ``site``: for software that runs on many hosts; ``login``: when there are several accounts.
        """
        from readdress.recipe.place import settle_site

        recipe = self.catalogue.get(service).recipe  # with its code: without consent to it, nothing is written down
        if site and recipe.site is None:
            raise UsageError(
                f"{recipe.name.en} is one service with one address; it takes no --site.", todo="Leave --site out."
            )
        try:
            site = settle_site(recipe, site)
        except ConfigError as error:
            raise UsageError(error.message, todo=error.todo) from None
        known = self._fitting(recipe.id, "", login)
        if not site and recipe.site is not None and recipe.site.required and not any(a.site for a in known):
            raise UsageError(
                f"{recipe.name.en} runs on many hosts: which one is meant?",
                todo=f"Name it: migrate --service {recipe.id} --site https://…",
            )
        fitting = self._fitting(recipe.id, site, login)
        if not fitting and site:
            siteless = [a for a in self._fitting(recipe.id, "", login) if not a.site]
            if len(siteless) == 1:
                from readdress.models import events

                self.record(events.account_changed(siteless[0].id, site=site))
                fitting = [self.state.account(siteless[0].id)]
        if not fitting and login:
            nameless = [a for a in self._fitting(recipe.id, site, "") if not a.login]
            if len(nameless) == 1:
                from readdress.models import events

                self.record(events.account_changed(nameless[0].id, login=login))
                fitting = [self.state.account(nameless[0].id)]
        account = (
            self.find(recipe.id, site=site, login=login) if fitting else self.add(recipe.id, site=site, login=login)
        )
        if self.state.facts(account.id).get("undone"):
            from readdress.models import events

            self.record(events.fact("undone", "", account.id))  # taken back once, and wanted now
        return self.run(account)

    def go(self, account: Account, route: str, patience: Patience | None = None) -> Outcome:
        """Go one route of the account's recipe, of any kind: save what is in it, recover it, appeal, or another way to change it."""
        from readdress.workflow.routes import go

        return go(self, account, route, patience)

    def undo(self, account: Account, patience: Patience | None = None) -> Outcome:
        """Take the change back, where the recipe has a way back."""
        from readdress.workflow.routes import undo

        return undo(self, account, patience)

    def run(self, account: Account, patience: Patience | None = None) -> Outcome:
        """Take one account as far as it goes now."""
        from readdress.engine.guided import runner_for
        from readdress.engine.recognising import recognise
        from readdress.engine.tools import Ended, Outcome
        from readdress.models import Verdict
        from readdress.planner.order import fitting_routes
        from readdress.recipe.place import place

        pack = self.catalogue.get(account.service)
        recipe = place(pack.recipe, account.site)
        state, _ = self.state.old_state()
        held = self.state.factors(account.id)
        routes = fitting_routes(recipe, held, OldState(state))
        if not routes:
            message = f"None of the ways to change {recipe.name.en} fits what you hold."
            todo = "`migrate recipes show " + recipe.id + "` lists every way, recovery and appeal among them."
            return Outcome(account.id, recipe.id, Ended.NEEDS_PERSON, Verdict.FOUND, message, todo)
        tools = self.session.tools(patience)
        route = recognise(tools, account, pack, recipe, routes)
        return route if isinstance(route, Outcome) else runner_for(pack)(tools, account, pack, recipe, route).run()

    def resume(self) -> list[Outcome]:
        """Go on with every account that is unfinished and does not wait for a later time, in the plan's order."""
        return list(self.resuming())

    def resuming(self) -> Iterator[Outcome]:
        """:meth:`resume`, one outcome at a time. An account whose recipe cannot be used is reported and left for later."""
        from readdress.engine.tools import Ended, Outcome
        from readdress.planner.plan import Can

        now = self.adapters.the_clock().now()
        accounts = {a.id: a for a in self.accounts()}
        for place in self.plan():
            account = accounts[place.account]
            if place.can is Can.BLOCKED and place.victims:  # the change would close somebody's last way in
                todo = f"`migrate plan --why {account.id}` shows what it rests on."
                why = place.why.to(self.adapters.lang)
                yield Outcome(account.id, account.service, Ended.NEEDS_PERSON, account.verdict(), why, todo)
                continue
            wait = self.state.wait(account.id)
            taken_back = self.state.facts(account.id).get("undone")
            if (account.closed or taken_back) or (
                wait is not None and wait.kind == "time" and wait.until is not None and wait.until > now
            ):
                continue
            try:
                outcome = self.run(account)
            except (RecipeError, ConfigError) as error:  # broken, not agreed to, or its site is not known
                verdict = account.verdict()
                outcome = Outcome(account.id, account.service, Ended.NEEDS_PERSON, verdict, error.message, error.todo)
            if outcome.ended is not Ended.NOTHING_TO_DO:
                yield outcome

    def plan(self) -> Plan:
        """The order in which the accounts are moved, each place with its reason; iterates over the places."""
        from readdress.workflow.planning import planned

        return planned(self).plan

    # -- finding ----------------------------------------------------------------------------------------------------
    def discover(
        self,
        *,
        archives: Sequence[Archive] = (),
        passwords: Sequence[Path] = (),
        aliases: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Discovered:
        """Find accounts in the named archives and password exports; without any, in the old mailbox. New ones are added."""
        from readdress.workflow.discovering import discover

        return discover(self, archives=archives, passwords=passwords, aliases=aliases, progress=progress)
