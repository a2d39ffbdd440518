"""What is open: the fixed point against the naive one, on every small graph and on made-up ones; what more factors and acts open."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from readdress.models import OldState
from readdress.planner.reach import Reach
from tests.planner.graphs import FACTORS, account, naive_open, open_ids, service, situation, situations, small_graphs

few = settings(max_examples=120, deadline=None)


def test_every_graph_of_two_accounts_agrees_with_the_naive_answer() -> None:
    """3,528 situations: all sign-ins, all holdings, the accounts supplying each other, OLD alive and dead."""
    count = 0
    for s in small_graphs(2):
        count += 1
        assert open_ids(Reach(s)) == naive_open(s), s
    assert count == 2 * 42**2


def test_graphs_of_three_accounts_agree_with_the_naive_answer() -> None:
    """Each 61st of the 148,176 situations of three accounts (61 shares no factor with their number, so that all kinds come up)."""
    for s in small_graphs(3, step=61):
        assert open_ids(Reach(s)) == naive_open(s), s


@few
@given(situations())
def test_any_situation_agrees_with_the_naive_answer(s) -> None:
    """Links, providers that are gone, addresses moved already."""
    assert open_ids(Reach(s)) == naive_open(s)


@few
@given(situations(), st.data())
def test_a_factor_more_never_makes_less_reachable(s, data) -> None:
    """Whatever the person holds besides, at any account, nothing that was open closes."""
    if not s.accounts:
        return
    n = data.draw(st.integers(0, len(s.accounts) - 1))
    factor = data.draw(st.sampled_from([f for f in FACTORS if f != "old_mailbox"]))
    richer = list(s.accounts)
    richer[n] = replace(richer[n], held=richer[n].held | {factor})
    assert open_ids(Reach(s)) <= open_ids(Reach(replace(s, accounts=tuple(richer))))


@few
@given(situations(), st.data())
def test_following_up_is_the_same_as_beginning_anew(s, data) -> None:
    """``admit`` and ``would_open`` after the fact find what a session there would have opened from the start."""
    if not s.accounts:
        return
    n = data.draw(st.integers(0, len(s.accounts) - 1))
    reach = Reach(s)
    if reach.shut[n]:
        return
    before = open_ids(reach)
    opened = list(s.accounts)
    opened[n] = replace(opened[n], held=opened[n].held | {"session"})
    foreseen = {reach.accounts[x].id for x in reach.would_open(n)}
    assert open_ids(reach) == before
    reach.admit(n)
    assert open_ids(reach) == open_ids(Reach(replace(s, accounts=tuple(opened)))) == before | foreseen


def test_a_password_that_lives_in_a_closed_manager_is_not_there() -> None:
    """A link makes a factor worth as much as the account that it comes out of."""
    manager = service("manager", ["password phone"])
    shop = account(service("shop"), links={"password": "manager"})
    assert open_ids(Reach(situation(account(manager, "password"), shop))) == set()
    assert open_ids(Reach(situation(account(manager, "password phone"), shop))) == {"manager", "shop"}


def test_old_that_only_reads_confirms_nothing() -> None:
    """An archive gets no codes."""
    forum = account(service("forum", ["old_mailbox"]), "")
    assert open_ids(Reach(situation(forum, old=OldState.READ_ONLY))) == set()
    assert open_ids(Reach(situation(forum, old=OldState.ALIVE))) == {"forum"}
    assert open_ids(Reach(situation(replace(forum, moved=True), old=OldState.DEAD))) == {"forum"}
