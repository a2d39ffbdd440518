"""The order: what comes first and why, that no prefix of it closes an account, and what brute force finds on every small graph."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings

from readdress.models import Change, OldState, RouteKind
from readdress.planner.access import Cap, Path, Rest, unknown_service
from readdress.planner.moves import possible
from readdress.planner.plan import Because, Can, NewCare
from readdress.planner.reach import Reach
from readdress.planner.situation import NewMailbox
from readdress.planner.solve import solve
from readdress.planner.timing import slots
from tests.planner.graphs import DAY, NOW, account, naive_open, service, situation, situations, small_graphs, walk, ways

few = settings(max_examples=120, deadline=None)


def order(s) -> list[str]:
    """The accounts in the plan's order."""
    return [p.account for p in solve(s)]


# -- what comes first -------------------------------------------------------------------------------------------------------


def test_what_only_a_session_opens_comes_first() -> None:
    """A session can end at any moment, a password cannot."""
    s = situation(
        account(service("bank", category="money")), account(service("game", ["phone"]), "session"), old=OldState.DEAD
    )
    plan = solve(s)
    assert order(s) == ["game", "bank"]
    assert plan.places[0].because is Because.SESSION_ONLY
    assert plan.keep_sessions


def test_a_deadline_comes_before_providers_and_without_one_providers_come_first() -> None:
    """With a known day whatever it closes hurries; else whatever others hang on is made safe first."""
    google = account(service("google", supplies="sso:google", category="identity"))
    shop = account(service("shop", ["sso:google"]), "sso:google")
    forum = account(service("forum", ["old_mailbox"]), "")
    assert order(situation(shop, forum, google)) == ["google", "forum", "shop"]
    hurried = situation(shop, forum, google, old_until=NOW + 14 * DAY)
    assert order(hurried) == ["forum", "google", "shop"]
    assert solve(hurried).find("forum").by == NOW + 14 * DAY


def test_the_earlier_of_two_days_comes_first() -> None:
    """OLD ends in 14 days, the provider in three."""
    by_old = account(service("forum", ["old_mailbox"]), "")
    by_qq = account(service("music", ["sso:qq"]), "sso:qq")
    s = situation(by_old, by_qq, old_until=NOW + 14 * DAY, providers={"qq": (OldState.ALIVE, NOW + 3 * DAY)})
    assert [(p.account, p.by) for p in solve(s)] == [("music", NOW + 3 * DAY), ("forum", NOW + 14 * DAY)]


def test_only_old_confirms_then_only_old_recovers_then_value() -> None:
    """With OLD alive, for no known time."""
    s = situation(
        account(service("plain")),
        account(service("bank", category="money")),
        account(service("blog", recover=["old_mailbox"])),
        account(service("forum", change=["session old_mailbox"])),
    )
    assert [p.because.value for p in solve(s)] == ["stuck_with_old", "old_recovers", "value", "plain"]
    assert order(s) == ["forum", "blog", "bank", "plain"]
    dead = solve(replace(s, old=OldState.DEAD))
    assert [p.account for p in dead] == ["bank", "plain", "blog", "forum"]
    assert dead.find("forum").can is Can.MISSING


def test_suppliers_stand_before_what_hangs_on_them() -> None:
    """A chain of three, found in the wrong order."""
    c = account(service("c", ["sso:b"]), "sso:b")
    b = account(service("b", ["sso:a"], supplies="sso:b"), "sso:a")
    a = account(service("a", supplies="sso:a"))
    assert order(situation(c, b, a)) == ["a", "b", "c"]


def test_what_its_supplier_saves_does_not_hurry() -> None:
    """OLD's end closes the manager, and the shop with it; once the manager has moved, only the forum still hurries."""
    manager = account(service("manager", ["old_mailbox"]), "")
    shop = account(service("shop"), links={"password": "manager"})
    forum = account(service("forum", ["old_mailbox"]), "")
    plan = solve(situation(shop, manager, forum, old_until=NOW + DAY))
    assert [p.account for p in plan] == ["manager", "forum", "shop"]
    assert plan.find("shop").because is not Because.LOST_BY


def test_no_recipe_is_a_guess_and_comes_last() -> None:
    """Unless something is known of it: that others hang on it, or that only a session opens it."""
    s = situation(account(unknown_service("other")), account(service("plain")))
    assert order(s) == ["plain", "other"]
    assert solve(s).find("other").because is Because.NO_RECIPE


# -- what can be done -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "held", "can"),
    [
        (service("a"), "password", Can.NOW),
        (service("a", recover=["phone"]), "phone", Can.RECOVER),
        (service("a", change=["session phone"]), "password", Can.MISSING),
        (service("a", change=[], more=[Path("out", RouteKind.SAVE)]), "password", Can.SAVE),
        (service("a", recover=["support"]), "", Can.APPEAL),
        (service("a", recover=["support phone"]), "", Can.CLOSED),
        (service("a", change=[], more=[Path("plea", RouteKind.APPEAL)]), "", Can.APPEAL),
        (service("a"), "", Can.CLOSED),
        (service("a", ["sso:qq"]), "sso:qq", Can.CLOSED),
        (service("a", change=["session password"], recover=["phone"]), "session phone", Can.RECOVER),
    ],
)
def test_what_can_be_done(made, held, can) -> None:
    """With OLD and the sign-in with QQ gone."""
    s = situation(account(made, held), old=OldState.DEAD, providers={"qq": (OldState.DEAD, None)})
    assert solve(s).places[0].can is can


def test_a_banned_provider_is_shut_and_takes_its_users_along() -> None:
    """Its own account takes no password any more; only its appeal is left."""
    qq = account(service("qq", ["password"], recover=["phone", "support"], supplies="sso:qq"), "password phone")
    music = account(service("music", ["sso:qq"]), "sso:qq")
    plan = solve(situation(qq, music, providers={"qq": (OldState.DEAD, None)}))
    assert [(p.account, p.can) for p in plan] == [("qq", Can.APPEAL), ("music", Can.CLOSED)]
    assert "gone itself" in plan.find("qq").why.en


def test_support_that_is_reached_through_an_account_makes_that_account_early() -> None:
    """Weibo was the way to QQ's support: it is a provider of the appeal."""
    qq = account(service("qq", recover=["support"]), "support", links={"support": "weibo"})
    weibo = account(service("weibo", category="social"))
    bank = account(service("bank", category="money"))
    plan = solve(situation(qq, bank, weibo, providers={"qq": (OldState.DEAD, None)}))
    assert [p.account for p in plan] == ["weibo", "bank", "qq"]
    assert plan.find("weibo").because is Because.PROVIDES


def test_a_change_that_would_close_the_last_way_in_is_never_planned() -> None:
    """Neither the account's own, nor that of whoever signs in through it; a second way in makes it possible."""
    lossy = service("a", ["sso:b"], loses="sso:b")
    s = situation(account(lossy, "sso:b"))
    assert solve(s).places[0].can is Can.BLOCKED
    assert solve(s).places[0].victims == ("a",)
    with_password = service("a", ["sso:b", "password"], loses="sso:b")
    assert solve(situation(account(with_password, "sso:b password"))).places[0].can is Can.NOW
    hub = account(service("hub", supplies="sso:hub", loses="sso:hub"))
    user = account(service("user", ["sso:hub"]), "sso:hub")
    plan = solve(situation(hub, user))
    assert plan.find("hub").can is Can.BLOCKED
    assert plan.find("hub").victims == ("user",)


def test_of_two_routes_the_one_that_closes_nothing_is_taken() -> None:
    """The first fitting route loses the only way in, the second does not."""
    second = Path("gentle", RouteKind.CHANGE, frozenset({"session"}), Change.ADD)
    place = solve(situation(account(service("a", loses="password", more=[second])))).places[0]
    assert place.can is Can.NOW
    assert place.path is second


def test_nothing_moves_to_a_new_mailbox_that_is_not_open() -> None:
    """Also not when it lives in an account that is closed."""
    closed = situation(account(service("a")), new=NewMailbox(held=False))
    assert solve(closed).places[0].can is Can.BLOCKED
    assert solve(closed).new is NewCare.CLOSED
    mail = account(service("mail"), "")
    shop = account(service("shop"), links={"new_mailbox": "mail"})
    plan = solve(situation(mail, shop))
    assert plan.find("shop").can is Can.BLOCKED
    assert plan.new is NewCare.CLOSED


@pytest.mark.parametrize(
    ("new", "care"),
    [
        (NewMailbox(recovery="old", second_factor=True), NewCare.RECOVERS_BY_OLD),
        (NewMailbox(recovery="none", second_factor=True), NewCare.NO_RECOVERY),
        (NewMailbox(recovery="phone", second_factor=False), NewCare.NO_SECOND_FACTOR),
        (NewMailbox(recovery="phone"), NewCare.UNKNOWN),
        (NewMailbox(), NewCare.UNKNOWN),
        (NewMailbox(recovery="phone", second_factor=True, set_up=False), NewCare.SET_UP),
        (NewMailbox(recovery="other", second_factor=True), NewCare.NOTHING),
    ],
)
def test_new_is_looked_at_first(new, care) -> None:
    """Everything will hang on it."""
    assert solve(situation(account(service("a")), new=new)).new is care


# -- cycles -----------------------------------------------------------------------------------------------------------------


def test_a_cycle_is_named_and_broken_by_the_account_that_opens_alone() -> None:
    """The manager's password lies in the mail account, the mail account's in the manager; one of them is still signed in."""
    manager = account(service("manager"), links={"password": "mail"})
    mail = account(service("mail"), "password session", links={"password": "manager"})
    cycle = solve(situation(manager, mail)).cycles[0]
    assert set(cycle.members) == {"manager", "mail"}
    assert (cycle.opener, cycle.way is not None) == ("mail", True)


def test_a_closed_cycle_says_what_would_break_it() -> None:
    """Nobody is signed in anywhere."""
    manager = account(service("manager", recover=["phone recovery_code"]), links={"password": "mail"})
    mail = account(service("mail"), links={"password": "manager"})
    plan = solve(situation(manager, mail, old=OldState.DEAD))
    cycle = plan.cycles[0]
    assert cycle.way is None
    assert cycle.missing == {"password"}
    assert {p.can for p in plan} == {Can.CLOSED}


# -- time -------------------------------------------------------------------------------------------------------------------


def test_a_spent_limit_gives_the_next_moment() -> None:
    """Two a week, both spent: the first of them frees a place a week after it."""
    cap = Cap("weekly", frozenset({"change"}), 2, 7 * DAY)
    used = (NOW - 6 * DAY, NOW - DAY)
    s = situation(account(service("a", caps=(cap,)), uses={"weekly": used}), account(service("b")))
    plan = solve(s)
    assert [p.account for p in plan] == ["b", "a"]
    place = plan.find("a")
    assert (place.can, place.at, place.waits_for) == (Can.LATER, NOW + DAY, "limit")


def test_limits_are_spread_over_time() -> None:
    """Five uses under two a week, none spent: now, now, in a week, in a week, in two."""
    cap = Cap("weekly", frozenset({"x"}), 2, 7 * DAY)
    assert [m - NOW for m in slots(cap, (), 5, NOW)] == [timedelta(0), timedelta(0), 7 * DAY, 7 * DAY, 14 * DAY]
    assert [m - NOW for m in slots(cap, [NOW - 3 * DAY], 2, NOW)] == [timedelta(0), 4 * DAY]


def test_a_rest_that_runs_closes_the_next_step() -> None:
    """Cooling-off after a step that was done."""
    rest = Rest("first", 3 * DAY, frozenset({"change"}), service("x").name)
    made = service("a", rests=(rest,))
    held = account(made, route="standard", done={"first": NOW - DAY})
    place = solve(situation(held)).places[0]
    assert (place.can, place.at, place.waits_for) == (Can.LATER, NOW + 2 * DAY, "rest")


def test_too_late_is_said() -> None:
    """The wait ends after OLD does, and the change needs OLD."""
    made = service("a", change=["session old_mailbox"])
    held = account(made, wait_until=NOW + 20 * DAY, wait_for="time")
    place = solve(situation(held, old_until=NOW + 14 * DAY)).places[0]
    assert place.late
    assert "after the old mailbox ends" in place.why.en


# -- properties -------------------------------------------------------------------------------------------------------------


@few
@given(situations())
def test_no_prefix_of_the_order_closes_an_account(s) -> None:
    """Walked through by the naive means: whatever was open before a change is open after it. What is blocked really has to be."""
    plan = solve(s)
    by_id = {a.id: a for a in s.accounts}
    carried = [
        (by_id[p.account], p.path) for p in plan if p.can in {Can.NOW, Can.RECOVER, Can.LATER} and p.path is not None
    ]
    for before, after in walk(s, carried):
        assert before <= after
    reach = Reach(s)
    for place in plan.of(Can.BLOCKED):
        holding = by_id[place.account]
        for move in possible(reach, reach.index[holding.id]):
            *_, (before, after) = walk(s, [*carried, (holding, move.path)])
            assert before - after, "it could have been done at the end"


@few
@given(situations())
def test_every_account_has_one_place_with_a_sentence(s) -> None:
    """Nobody is lost, nobody stands there twice; both languages."""
    plan = solve(s)
    assert sorted(p.account for p in plan) == sorted(a.id for a in s.accounts)
    assert all(p.why.en and p.why.zh for p in plan)
    sections = [("doable" if p.can.doable else p.can.value) for p in plan]
    seen = list(dict.fromkeys(sections))
    assert sections == [x for name in seen for x in sections if x == name], "each section stands together"


@few
@given(situations(losing=False))
def test_more_held_never_makes_less_possible(s) -> None:
    """Where changes take nothing away, a factor more never takes an account out of those that something can be done about."""
    doing = {p.account for p in solve(s) if p.can.doable or p.can in {Can.LATER, Can.DONE}}
    for n, holding in enumerate(s.accounts):
        accounts = list(s.accounts)
        accounts[n] = replace(holding, held=holding.held | {"phone", "password"})
        more = {
            p.account
            for p in solve(replace(s, accounts=tuple(accounts)))
            if p.can.doable or p.can in {Can.LATER, Can.DONE}
        }
        assert doing <= more


@few
@given(situations())
def test_reasons_are_true(s) -> None:
    """Each reason, asked again by the naive means."""
    now = naive_open(s)
    gone = naive_open(s.without_old())
    no_session = naive_open(replace(s, accounts=tuple(replace(a, held=a.held - {"session"}) for a in s.accounts)))
    for place in solve(s):
        if place.because is Because.LOST_WITH_OLD:
            assert place.account in now - gone
        if place.because is Because.LOST_BY:
            assert place.account in now - naive_open(s.with_ends(place.by))
        if place.because in {Because.FRAGILE_BY, Because.FRAGILE_WITH_OLD}:
            later = s.with_ends(place.by) if place.by else s.without_old()
            assert place.account in naive_open(later)
            assert place.account not in naive_open(
                replace(
                    later,
                    accounts=tuple(
                        replace(a, held=a.held - {"session"}) if a.id == place.account else a for a in s.accounts
                    ),
                )
            )
        if place.because is Because.SESSION_ONLY and place.can.doable:
            holding = next(a for a in s.accounts if a.id == place.account)
            alone = replace(s, accounts=(holding,))
            assert "session" in holding.held
            assert place.account not in no_session or place.account in naive_open(alone)
        if place.can in {Can.NOW, Can.RECOVER, Can.SAVE, Can.MISSING}:
            assert place.account in now
        if place.can in {Can.APPEAL, Can.CLOSED}:
            assert place.account not in now


def test_within_any_number_of_changes_our_order_saves_all_that_any_order_could() -> None:
    """Brute force on graphs of three accounts: OLD dies after ``k`` changes, for every ``k`` and every set of ``k`` changes.

    Where some choice leaves nobody closed, the first ``k`` of our order leave nobody closed either.
    """
    tried = 0
    for s in small_graphs(3, step=173):
        if s.old is not OldState.ALIVE:
            continue
        hurried = replace(s, old_until=NOW + DAY)
        plan = solve(hurried)
        if plan.cycles or any(p.because is Because.SESSION_ONLY for p in plan):
            continue  # what a session alone opens goes first whatever OLD does; breaking many cycles in the fewest places is a hard problem
        now = naive_open(hurried)
        ours = [p.account for p in plan if p.can in {Can.NOW, Can.RECOVER}]
        most = naive_open(hurried.without_old(), ours) & now
        for k in range(len(ours) + 1):
            best = max((naive_open(hurried.without_old(), chosen) & now for chosen in combinations(ours, k)), key=len)
            if best == most:
                tried += 1
                assert naive_open(hurried.without_old(), ours[:k]) & now == most, (hurried, k)
    assert tried > 500


def test_ways_are_written_down_as_meant() -> None:
    """The tests' own shorthand."""
    assert [sorted(w.needs) for w in ways("a b", "c")] == [["a", "b"], ["c"]]
