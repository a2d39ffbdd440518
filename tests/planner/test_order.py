"""The order of accounts and the choice of a route: what comes first, that nothing is lost or invented, and why each stands where it does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readdress.models import Account, OldState
from readdress.planner.order import choose_route, order
from readdress.recipe.schema import Recipe

# Two cores shared by many: examples may take as long as they do.
few = settings(max_examples=60, deadline=None)
CATEGORIES = ["identity", "money", "mail", "social", "work", "shopping", "travel", "education", "other", "games"]
FACTORS = ["password", "old_mailbox", "phone", "sso:alpha", "sso:beta", "session"]


def recipe(name: str, *, category: str = "other", routes: list[dict[str, Any]] | None = None, **access: Any) -> Recipe:
    """The least recipe of that name."""
    text = {"en": name, "zh": name}
    step = {"id": "change", "title": text, "manual": text}
    routes = routes or [{"id": "standard", "change": "add"}]
    return Recipe.model_validate(
        {
            "format": 1,
            "id": name,
            "name": text,
            "category": category,
            "slots": ["sign_in"],
            "checked": "2026-11-01",
            "proof": "documents",
            "sources": [{"url": "https://service.example/help", "says": "made up", "grade": "observed"}],
            "access": {k: [{"needs": n} for n in v] if k != "supplies" else v for k, v in access.items()},
            "route": [{"slots": ["sign_in"], "step": [step]} | r for r in routes],
        }
    )


def accounts(*services: str) -> list[Account]:
    """One account at each service, the id telling place and service."""
    return [Account(f"{n}-{s}", s) for n, s in enumerate(services)]


def placed(found: list[Account], recipes: dict[str, Recipe], old: OldState = OldState.ALIVE) -> list[str]:
    """The services in their order."""
    by_id = {a.id: a.service for a in found}
    return [by_id[p.account] for p in order(found, recipes, old)]


def test_providers_of_a_sign_in_come_before_what_hangs_on_them() -> None:
    """Once the provider is lost, so are its users."""
    recipes = {
        "bank": recipe("bank", category="money", sign_in=[["password"]], change=[["old_mailbox"]]),
        "game": recipe("game", sign_in=[["sso:alpha"]]),
        "alpha": recipe("alpha", category="games", supplies=["sso:alpha"]),
    }
    assert placed(accounts("game", "bank", "alpha"), recipes) == ["alpha", "bank", "game"]


def test_a_provider_that_nobody_uses_is_no_provider() -> None:
    """What it could supply does not matter when no account of the person asks for it."""
    recipes = {"alpha": recipe("alpha", supplies=["sso:alpha"]), "bank": recipe("bank", category="money")}
    assert placed(accounts("alpha", "bank"), recipes) == ["bank", "alpha"]


def test_what_only_old_can_move_comes_before_the_rest() -> None:
    """Then what could not be recovered without it; then value."""
    recipes = {
        "shop": recipe("shop", category="shopping", change=[["password"]]),
        "bank": recipe("bank", category="money", change=[["password"], ["old_mailbox"]]),
        "forum": recipe("forum", change=[["old_mailbox", "password"]]),
        "blog": recipe("blog", change=[["password"]], recover=[["old_mailbox"]]),
        "other": recipe("other"),
    }
    found = accounts("other", "shop", "bank", "blog", "forum")
    assert placed(found, recipes) == ["forum", "blog", "bank", "shop", "other"]
    assert placed(found, recipes, OldState.READ_ONLY) == placed(found, recipes)


def test_with_old_dead_nothing_waits_for_it() -> None:
    """Its proof cannot be had any more, so value decides."""
    recipes = {"forum": recipe("forum", change=[["old_mailbox"]]), "bank": recipe("bank", category="money")}
    found = accounts("forum", "bank")
    assert placed(found, recipes) == ["forum", "bank"]
    assert placed(found, recipes, OldState.DEAD) == ["bank", "forum"]


def test_replacements_come_before_what_only_adds() -> None:
    """Of equal value, the shape decides."""
    recipes = {
        "adds": recipe("adds", category="social"),
        "swaps": recipe("swaps", category="social", routes=[{"id": "standard", "change": "replace"}]),
    }
    assert placed(accounts("adds", "swaps"), recipes) == ["swaps", "adds"]


def test_unknown_ways_are_not_taken_for_ways_through_old() -> None:
    """A recipe that says nothing about access is not at risk by that."""
    recipes = {"silent": recipe("silent"), "bank": recipe("bank", category="money")}
    assert placed(accounts("silent", "bank"), recipes) == ["bank", "silent"]


ways = st.lists(st.lists(st.sampled_from(FACTORS), min_size=1, max_size=2, unique=True), max_size=2)
recipes_ = st.builds(
    lambda category, sign_in, change, recover, supplies, shape: {
        "category": category,
        "sign_in": sign_in,
        "change": change,
        "recover": recover,
        "supplies": supplies,
        "routes": [{"id": "standard", "change": shape}],
    },
    st.sampled_from(CATEGORIES),
    ways,
    ways,
    ways,
    st.lists(st.sampled_from(["sso:alpha", "sso:beta"]), max_size=2, unique=True),
    st.sampled_from(["add", "replace", "replace_pending"]),
)


@few
@given(
    known=st.dictionaries(st.sampled_from("abcde"), recipes_, max_size=5),
    services=st.lists(st.sampled_from("abcdefg"), max_size=10),
    old=st.sampled_from(OldState),
)
def test_order_is_a_permutation_with_reasons(
    known: dict[str, dict[str, Any]], services: list[str], old: OldState
) -> None:
    """Nobody is lost, nobody twice, each with a sentence in both languages; unknown services last; equal ones as they were found."""
    recipes = {name: recipe(name, **made) for name, made in known.items()}
    found = accounts(*services)
    places = order(found, recipes, old)
    assert sorted(p.account for p in places) == sorted(a.id for a in found)
    assert all(p.why.en and p.why.zh for p in places)
    assert [p.account for p in places] == [p.account for p in order(found, recipes, old)]
    service = {a.id: a.service for a in found}
    unknown = [service[p.account] not in recipes for p in places]
    assert unknown == sorted(unknown)
    for name in set(services):
        same = [p.account for p in places if service[p.account] == name]
        assert same == [a.id for a in found if a.service == name]


@few
@given(
    known=st.dictionaries(st.sampled_from("abcde"), recipes_, min_size=1, max_size=5),
    data=st.data(),
    old=st.sampled_from(OldState),
)
def test_providers_precede_everything_else(
    known: dict[str, dict[str, Any]], data: st.DataObject, old: OldState
) -> None:
    """Whoever supplies a factor that some account signs in with comes before every account that supplies none of those."""
    recipes = {name: recipe(name, **made) for name, made in known.items()}
    found = accounts(*data.draw(st.permutations(sorted(known))))
    wanted = {f for r in recipes.values() for w in r.access.sign_in for f in w.needs}
    provides = [bool(set(recipes[s].access.supplies) & wanted) for s in placed(found, recipes, old)]
    assert provides == sorted(provides, reverse=True)


@few
@given(known=st.dictionaries(st.sampled_from("abcde"), recipes_, min_size=2, max_size=5), data=st.data())
def test_the_order_of_different_services_does_not_hang_on_where_they_were_found(
    known: dict[str, dict[str, Any]], data: st.DataObject
) -> None:
    """Only services that rank equal may change places."""
    recipes = {name: recipe(name, **made) for name, made in known.items()}
    names = sorted(known)
    one = order(accounts(*names), recipes, OldState.ALIVE)
    two = order(accounts(*data.draw(st.permutations(names))), recipes, OldState.ALIVE)
    # Categories of equal worth (money, identity) may change places, and the sentence names them.
    assert [p.why.en.rpartition(": ")[2] for p in one] == [p.why.en.rpartition(": ")[2] for p in two]


# -- routes -----------------------------------------------------------------------------------------------------------------

ROUTES = [
    {"id": "by_old", "change": "add", "needs": ["session", "old_mailbox"]},
    {"id": "by_phone", "change": "replace", "needs": ["session", "phone"]},
    {"id": "plain", "change": "replace", "needs": ["session"]},
    {"id": "back", "kind": "undo"},
]


@pytest.mark.parametrize(
    ("held", "old", "prefer", "chosen"),
    [
        (set(), OldState.ALIVE, "", "by_old"),
        (set(), OldState.READ_ONLY, "", "by_old"),
        (set(), OldState.DEAD, "", "plain"),
        ({"phone"}, OldState.DEAD, "", "by_phone"),
        ({"old_mailbox"}, OldState.ALIVE, "plain", "plain"),
        ({"phone"}, OldState.ALIVE, "by_phone", "by_phone"),
        (set(), OldState.ALIVE, "by_phone", "by_old"),
        (set(), OldState.ALIVE, "back", "by_old"),
        (set(), OldState.DEAD, "by_old", "plain"),
        ({"old_mailbox"}, OldState.DEAD, "", "plain"),
    ],
)
def test_choose_route(held: set[str], old: OldState, prefer: str, chosen: str) -> None:
    """The first that fits what is held, the one chosen before if it still fits; never one that needs a dead mailbox, whatever was noted."""
    route = choose_route(recipe("a", routes=ROUTES), frozenset(held), old, prefer)
    assert route is not None
    assert route.id == chosen


def test_no_route_fits() -> None:
    """With OLD dead and only routes through it, there is none."""
    assert choose_route(recipe("a", routes=[ROUTES[0]]), frozenset(), OldState.DEAD) is None
    assert choose_route(recipe("a", routes=[ROUTES[3]]), frozenset(), OldState.ALIVE) is None


@few
@given(
    held=st.sets(st.sampled_from(FACTORS)),
    old=st.sampled_from(OldState),
    prefer=st.sampled_from(["", "by_old", "by_phone", "plain", "back"]),
)
def test_a_chosen_route_is_always_possible(held: set[str], old: OldState, prefer: str) -> None:
    """Its needs are held; it changes the address; the preferred one wins only when it is possible."""
    made = recipe("a", routes=ROUTES)
    route = choose_route(made, frozenset(held), old, prefer)
    assert route is not None
    assert route.kind == "change"
    usable = (held | {"session"} | {"old_mailbox"}) - ({"old_mailbox"} if old is OldState.DEAD else set())
    assert set(route.needs) <= usable
