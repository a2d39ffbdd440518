"""Runs a route beside the change itself: taking it back, saving what is in an account, recovering it, appealing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from readdress.engine.letters import lost
from readdress.engine.runner import Runner
from readdress.engine.tools import Ended, Outcome
from readdress.errors import MailboxError, NeedsMail, NeedsPerson, NeedsTime, Refused, UsageError
from readdress.models import (
    Account,
    Change,
    Draft,
    OldState,
    RouteKind,
    Slot,
    StepRecord,
    StepStatus,
    Text,
    Verdict,
)
from readdress.models.events import fact, slot_verdict, step_ended
from readdress.recipe.place import place
from readdress.recipe.schema import StepKind

if TYPE_CHECKING:
    from readdress.engine.tools import Patience, Tools
    from readdress.recipe.pack import Pack
    from readdress.recipe.schema import Recipe, Route
    from readdress.workflow.migration import Migration

UNDONE = "undone"
"""The fact that says since when an account stands at OLD again because the person took the change back; moving it on purpose clears it."""

_OVER = {StepStatus.DONE, StepStatus.SKIPPED}


@dataclass(frozen=True, slots=True)
class Way:
    """A route that can be gone with an account. ``done`` of ``steps`` are over; ``lacks``: factors that the person said they do not hold."""

    id: str
    kind: RouteKind
    title: Text
    steps: int
    done: int
    needs: tuple[str, ...]
    lacks: tuple[str, ...] = ()


def ways(m: Migration, account: Account) -> list[Way]:
    """Every route of the account's recipe, in its order. Raises :class:`~readdress.errors.RecipeError`."""
    recipe = place(m.catalogue.recipe(account.service), account.site)
    found = []
    for route in recipe.route:
        records = [m.state.step(account.id, route.id, s.id) for s in route.step]
        over = sum(r.status in _OVER for r in records)
        found.append(
            Way(
                route.id,
                route.kind,
                route.title or Text(route.id, route.id),
                len(records),
                over,
                tuple(route.needs),
                _lacks(m, account, route),
            )
        )
    return found


def go(m: Migration, account: Account, route_id: str, patience: Patience | None = None) -> Outcome:
    """Go one route of the account's recipe by its id: as far as it goes now, and on from there the next time.

    A route that changes the address is the account's own move from then on; any other keeps its records apart, and neither the chosen route
    nor what the move waits for is touched. One that was gone to its end begins anew. Raises :class:`~readdress.errors.UsageError` for a
    route that is not there.
    """
    pack = m.catalogue.get(account.service)
    recipe = place(pack.recipe, account.site)
    try:
        route = recipe.find_route(route_id)
    except KeyError:
        listed = ", ".join(r.id for r in recipe.route)
        raise UsageError(
            f"{recipe.name.en} has no route {route_id!r}.",
            todo=f"Its routes: {listed}. `migrate route {recipe.id}` shows them.",
        ) from None
    lacks = _lacks(m, account, route)
    if lacks:
        message = f"This way needs what you do not hold: {', '.join(lacks)}."
        todo = f"`migrate route {recipe.id}` lists the other ways; `migrate have` keeps what you hold."
        return Outcome(account.id, recipe.id, Ended.NEEDS_PERSON, account.verdict(), message, todo)
    tools = m.session.tools(patience)
    if route.kind is RouteKind.CHANGE:
        from readdress.engine.guided import runner_for

        if m.state.facts(account.id).get(UNDONE):
            m.record(fact(UNDONE, "", account.id))
        return runner_for(pack)(tools, account, pack, recipe, route).run()
    return SideRunner(tools, account, pack, recipe, route).run()


def undo(m: Migration, account: Account, patience: Patience | None = None) -> Outcome:
    """Take the change of an account back, where its recipe knows a way; else say plainly that there is none, and what can be done."""
    recipe = place(m.catalogue.recipe(account.service), account.site)
    if not any(s.verdict.rank > 0 or s.verdict is Verdict.STRAGGLER for s in account.slots.values()):
        message = f"Nothing was changed at {recipe.name.en}, so there is nothing to take back."
        return Outcome(account.id, recipe.id, Ended.NOTHING_TO_DO, account.verdict(), message)
    route = _undo_route(recipe, m.state.route(account.id))
    if route is None:
        return _no_way_back(m, account, recipe)
    if "old_mailbox" in route.needs and m.state.old_state()[0] == OldState.DEAD:
        message = f"The way back at {recipe.name.en} needs the old mailbox, and that is gone."
        todo = f"`migrate route {recipe.id}` lists the other ways, recovery among them."
        return Outcome(account.id, recipe.id, Ended.NEEDS_PERSON, account.verdict(), message, todo)
    return go(m, account, route.id, patience)


class SideRunner(Runner):
    """One account on a route that does not change the address. No wait and no choice of route is written down: the steps' records tell all."""

    def __init__(self, tools: Tools, account: Account, pack: Pack, recipe: Recipe, route: Route) -> None:
        super().__init__(tools, account, pack, recipe, route)
        self._held = account

    def run(self) -> Outcome:
        """Take the route as far as it goes now. Every way in which it stops is an :class:`Outcome`; only faults are raised."""
        if all(self._record(s).status in _OVER for s in self.route.step):
            self._begin_anew()
        try:
            for step in self.route.step:
                self._step(step)
        except NeedsTime as need:
            return self._outcome(Ended.NEEDS_TIME, need.message, self._again(), until=need.until)
        except (NeedsMail, MailboxError) as error:
            late = error if isinstance(error, NeedsMail) else lost(error)
            return self._outcome(Ended.NEEDS_MAIL, late.message, self._again(), until=late.until)
        except NeedsPerson as need:
            return self._outcome(Ended.NEEDS_PERSON, need.message, self._again())
        except Refused as no:
            ended = Ended.NEEDS_TIME if no.until is not None else Ended.REFUSED
            return self._outcome(ended, no.message, no.todo or self._again(), until=no.until)
        finally:
            self.letters.unwatch()
        return self._end()

    def _again(self) -> str:
        command = "undo" if self.route.kind is RouteKind.UNDO else "route"
        rest = "" if command == "undo" else f" {self.route.id}"
        return f"Go on with: migrate {command} {self.recipe.id}{rest}"

    def _begin_anew(self) -> None:
        """Everything was done once: looked at and done again, for what was saved or taken back then says nothing about today."""
        self.journal.record(*(_open_again(self._record(s), "begun again") for s in self.route.step))

    def _end(self) -> Outcome:
        done = [s for s in self.route.step if self._record(s).status is StepStatus.DONE]
        if self.route.kind is not RouteKind.UNDO:
            todo = {
                RouteKind.RECOVER: f"Now change the address: migrate --service {self.recipe.id}",
                RouteKind.APPEAL: "Note the answers as they come: migrate note TEXT --topic appeal",
            }.get(self.route.kind, "")
            return self._outcome(Ended.DONE, f"{len(done)} of {len(self.route.step)} steps were done.", todo)
        if not done:
            return self._outcome(Ended.NEEDS_PERSON, "No step was done, so nothing was taken back.", self._again())
        slots = {s.slot for s in done if s.slot is not None} or set(self.route.slots)
        self.journal.record(*self._taken_back(slots))
        message = "The change was taken back: the account is bound to the old address again."
        todo = f"It is left alone from now on; to move it once more: migrate --service {self.recipe.id}"
        return self._outcome(Ended.DONE, message, todo)

    def _taken_back(self, slots: set[Slot]) -> list[Draft]:
        """The slots fall, and the steps that had moved them stand open again, so that the account can be moved once more."""
        now = self._account().slots
        drafts = [slot_verdict(self.id, s, Verdict.FOUND, "taken back") for s in now if s in slots]
        for route in self.recipe.route:
            if route.kind is not RouteKind.CHANGE:
                continue
            for step in route.step:
                record = self.journal.step(self.id, route.id, step.id)
                touched = step.slot in slots or step.removes
                if touched and step.kind is not StepKind.SIGN_IN and record.status is not StepStatus.PENDING:
                    drafts.append(_open_again(record, "taken back"))
        return [*drafts, fact(UNDONE, self.tools.clock.now().isoformat(), self.id)]


def _open_again(record: StepRecord, why: str) -> Draft:
    return step_ended(
        record.account, record.route, record.step, StepStatus.NOT_DONE, attempt=record.attempt, detail=why
    )


def _undo_route(recipe: Recipe, chosen: str) -> Route | None:
    """The way back of the route that was gone, else the recipe's first."""
    backs = [r for r in recipe.route if r.kind is RouteKind.UNDO]
    own = next((r.undo for r in recipe.route if r.id == chosen), None)
    return next((r for r in backs if r.id == own), None) or next(iter(backs), None)


def _lacks(m: Migration, account: Account, route: Route) -> tuple[str, ...]:
    """What the route needs and the person said that they do not hold. What nobody spoke of stays open: the steps' texts tell it."""
    factors = m.state.all_factors()
    said = {**factors.get("", {}), **factors.get(account.id, {})}
    lacks = {f for f, (held, _) in said.items() if not held}
    if m.state.old_state()[0] == OldState.DEAD:
        lacks.add("old_mailbox")
    return tuple(f for f in route.needs if f in lacks)


def _no_way_back(m: Migration, account: Account, recipe: Recipe) -> Outcome:
    """Plainly: none is known. What can be done depends on what was done."""
    name = recipe.name.en
    old = m.header.old
    message = f"No way back is known for {name}."
    chosen = next((r for r in recipe.route if r.id == m.state.route(account.id)), None)
    steps = chosen.step if chosen is not None else []
    done = (
        {s.id for s in steps if m.state.step(account.id, chosen.id, s.id).status is StepStatus.DONE}
        if chosen
        else set()
    )
    removed = any(s.removes and s.id in done for s in steps)
    page = next((s.open for s in steps if s.open and s.kind is StepKind.ACT), None) or recipe.home or ""
    at = f" ({page})" if page else ""
    if m.state.old_state()[0] == OldState.DEAD:
        todo = f"{old} is gone, so there is nothing to go back to. If the new address is wrong, correct it on {name}'s own page{at}."
    elif chosen is not None and chosen.change is Change.ADD and not removed:
        todo = f"{old} was not taken away there: make it the first one again on {name}'s own page{at}, and do not run its removal."
    elif chosen is not None and chosen.change is Change.REPLACE_PENDING and not account.verdict().finished:
        todo = f"As long as the mail to the new address is not confirmed nothing has changed: leave it, or cancel on {name}'s own page{at}."
    else:
        todo = f"Change it once more by hand on {name}'s own page{at}, from the new address to {old}, while {old} still receives mail."
    return Outcome(account.id, recipe.id, Ended.NEEDS_PERSON, account.verdict(), message, todo)
