"""What would be lost, the smallest sets that would still open it, the cheapest single act: against trying everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings

from readdress.models import OldState
from readdress.planner.moves import possible
from readdress.planner.reach import Reach
from readdress.planner.risk import ADD_MINUTES, Loss, risks
from readdress.planner.situation import Situation
from tests.planner.graphs import account, naive_open, service, situation, situations, small_graphs, subsets

few = settings(max_examples=100, deadline=None)


def after(s: Situation, what: str) -> Situation:
    """The situation once that has ended."""
    if what == "old":
        return s.without_old()
    return s.without_sessions() if what == "sessions" else s.without_provider(what)


def given_to(s: Situation, account: str, factors: frozenset[str]) -> Situation:
    """The situation in which the person holds these at the account itself, out of no other account."""
    return replace(
        s,
        accounts=tuple(
            replace(a, held=a.held | factors, links={f: to for f, to in a.links.items() if f not in factors})
            if a.id == account
            else a
            for a in s.accounts
        ),
    )


def single_acts(now: Situation, later: Situation) -> Iterator[tuple[int, Situation, tuple[str, ...]]]:
    """Every single act that the person could do today: its minutes, and the later situation with it (and what has moved)."""
    inside, open_later = naive_open(now), naive_open(later)
    reach = Reach(now)
    dead = {name for name, (state, _) in later.providers.items() if state is not OldState.ALIVE}
    for n, a in enumerate(now.accounts):
        if a.id not in inside or a.service.id in dead:
            continue
        ways = (*a.service.sign_in, *a.service.recover)
        for factor in {f for w in ways for f in w.needs}:
            minutes = ADD_MINUTES.get(factor)
            if factor.startswith("sso:"):
                there = {b.id for b in now.accounts if factor in b.service.supplies}
                minutes = 5 if there & open_later else None
            if minutes is not None:
                yield minutes, given_to(later, a.id, frozenset({factor})), ()
        moves = possible(reach, n)
        if moves:
            entry = moves[0].entry.minutes if moves[0].can == "recover" and moves[0].entry else 0
            yield entry + moves[0].way.minutes, later, (a.id,)


def check(s: Situation) -> int:
    """Compare every danger of the situation with brute force; how many accounts would be closed."""
    count = 0
    for event in risks(s).events:
        later = after(s, event.what)
        now_open, then_open = naive_open(s), naive_open(later)
        closed = {d.account: d for d in event.of(Loss.CLOSED)}
        assert set(closed) == now_open - then_open
        for name, danger in closed.items():
            count += 1
            holding = next(a for a in s.accounts if a.id == name)
            vocabulary = {f for w in (*holding.service.sign_in, *holding.service.recover) for f in w.needs} - {
                "session"
            }
            can = [f for f in vocabulary if _could_be_had(later, holding.moved, f)]
            dead = {p for p, (state, _) in later.providers.items() if state is not OldState.ALIVE}
            for factors in subsets(can, 3):
                opens = name in naive_open(given_to(later, name, factors)) and holding.service.id not in dead
                listed = any(one <= factors for one in danger.sets)
                assert opens == listed or _by_others(later, factors), (s, event.what, name, factors, danger)
            saving = [m for m, world, moved in single_acts(s, later) if name in naive_open(world, moved)]
            assert (danger.act.minutes if danger.act else None) == min(saving, default=None), (s, event.what, danger)
    return count


def _could_be_had(s: Situation, moved: bool, factor: str) -> bool:
    if factor == "old_mailbox":
        return False
    dead = {p for p, (state, _) in s.providers.items() if state is not OldState.ALIVE}
    return factor not in {"support", "new_mailbox"} and factor[4:] not in dead


def _by_others(s: Situation, factors: frozenset[str]) -> bool:
    """A sign-in with a provider whose own account is closed opens nothing, though the person could come to hold it."""
    opened = naive_open(s)
    return any(
        f.startswith("sso:") and (there := {b.id for b in s.accounts if f in b.service.supplies}) and not there & opened
        for f in factors
    )


def test_every_small_graph_agrees_with_trying_everything() -> None:
    """Each 7th situation of two accounts, OLD alive and dead: its end, the providers' and the sessions'."""
    assert sum(check(s) for s in small_graphs(2, step=7)) > 50


@few
@given(situations(most=4, losing=False))
def test_any_situation_agrees_with_trying_everything(s) -> None:
    """Links, several routes, addresses moved already."""
    if s.new.held:
        check(s)


def test_the_cheapest_act_may_be_at_another_account() -> None:
    """The shop's password lies in a manager that opens through OLD: moving the manager saves both."""
    manager = account(service("manager", ["old_mailbox"]), "")
    shop = account(service("shop", change=["session phone"]), links={"password": "manager"})
    event = risks(situation(manager, shop)).events[0]
    acts = {d.account: d.act for d in event.of(Loss.CLOSED)}
    assert {a.account for a in acts.values() if a} == {"manager", "shop"}
    assert acts["manager"].factor == ""
    assert acts["shop"].account in {"manager", "shop"}


def test_no_single_act() -> None:
    """Two factors are missing, and the address cannot be changed: the sets say so, and no act is made up."""
    held = account(service("a", ["old_mailbox", "phone totp"], change=["session identity_document"]), "")
    danger = risks(situation(held)).events[0].dangers[0]
    assert danger.sets == (frozenset({"phone", "totp"}),)
    assert danger.act is None


def test_lesser_losses_are_told_apart() -> None:
    """Still open, but: only by a session; never to be changed again; not to be recovered."""
    s = situation(
        account(service("session", ["old_mailbox"]), "session"),
        account(service("stuck", change=["session old_mailbox"])),
        account(service("bare", recover=["old_mailbox"])),
        account(service("fine", recover=["phone"]), "password phone"),
    )
    event = next(e for e in risks(s).events if e.what == "old")
    assert {d.account: d.loss for d in event.dangers} == {
        "session": Loss.SESSION_LEFT,
        "stuck": Loss.STUCK,
        "bare": Loss.NO_RECOVERY,
    }
    assert event.dangers[1].act.account == "stuck"


def test_what_is_unreachable_already_is_no_danger() -> None:
    """It stands apart, with what would open it."""
    s = situation(account(service("a", ["password phone"]), ""), old=OldState.DEAD)
    risk = risks(s)
    assert not risk.events
    assert [p.missing for p in risk.unreachable] == [(frozenset({"password", "phone"}),)]


def test_providers_are_those_that_are_used_and_live() -> None:
    """A provider that nobody signs in with is no event; nor is one that is gone."""
    s = situation(
        account(service("google", supplies="sso:google")),
        account(service("shop", ["sso:google"]), "sso:google"),
        account(service("music", ["sso:qq"]), "sso:qq"),
        providers={"qq": (OldState.DEAD, None)},
    )
    assert [e.what for e in risks(s).events] == ["old", "google"]
