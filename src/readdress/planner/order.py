"""The order in which accounts are moved, each place with its reason (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readdress.models import Account, Change, OldState, RouteKind, Text
from readdress.recipe.schema import FactorSet, Recipe, Route

_VALUE = {"identity": 0, "money": 0, "mail": 0, "social": 1, "work": 1, "shopping": 2, "travel": 2, "education": 2}


@dataclass(frozen=True, slots=True)
class Place:
    """One account's place in the order and, in one sentence, why it stands there."""

    account: str
    why: Text


def order(accounts: Sequence[Account], recipes: Mapping[str, Recipe], old: OldState) -> list[Place]:
    """Providers of a sign-in before what hangs on them; then what only OLD can still move; then value; then what only adds.

    Accounts without a recipe come last. Equal accounts keep the order in which they were found.
    """
    supplied = {f for r in recipes.values() for f in r.access.supplies}
    wanted = {
        f
        for a in accounts
        if (r := recipes.get(a.service))
        for way in r.access.sign_in
        for f in way.needs
        if f in supplied
    }
    ranked = []
    for index, account in enumerate(accounts):
        recipe = recipes.get(account.service)
        if recipe is None:
            ranked.append(
                ((9, 9, 9, index), Place(account.id, Text("no recipe yet: last, by hand", "暂无配方：最后手动处理")))
            )
            continue
        key, why = _reason(recipe, wanted, old)
        ranked.append(((*key, index), Place(account.id, why)))
    return [place for _, place in sorted(ranked, key=lambda r: r[0])]


def _reason(recipe: Recipe, wanted: set[str], old: OldState) -> tuple[tuple[int, int, int], Text]:
    value = _VALUE.get(recipe.category, 3)
    shape = 1 if all(r.change is Change.ADD for r in changes(recipe)) else 0
    if wanted & set(recipe.access.supplies):
        return (0, value, shape), Text("other accounts sign in through it", "其他账号通过它登录")
    if old is not OldState.DEAD and only_through_old(recipe.access.change):
        return (1, value, shape), Text(
            "only the old mailbox can confirm the change, and it may go", "只有旧邮箱能确认更改，而它可能随时失效"
        )
    if old is not OldState.DEAD and only_through_old(recipe.access.recover):
        return (2, value, shape), Text("without the old mailbox it could not be recovered", "没有旧邮箱就无法找回")
    if value < 3:
        return (3, value, shape), Text(
            f"{recipe.category}: worth more than the rest", f"{recipe.category}：比其余更重要"
        )
    return (4, value, shape), Text("nothing hangs on it", "没有其他东西依赖它")


def only_through_old(ways: Sequence[FactorSet]) -> bool:
    """Whether every known way needs the old mailbox (and some way is known)."""
    return bool(ways) and all("old_mailbox" in w.needs for w in ways)


def changes(recipe: Recipe) -> list[Route]:
    """The recipe's routes that change the address."""
    return [r for r in recipe.route if r.kind is RouteKind.CHANGE]


def choose_route(recipe: Recipe, held: frozenset[str], old: OldState, prefer: str = "") -> Route | None:
    """The first change route whose needs are held; ``session`` counts as held, for the person can sign in.

    With OLD dead a route that needs it is never chosen. ``prefer`` names the route that was chosen before.
    """
    fitting = fitting_routes(recipe, held, old)
    return next((r for r in fitting if r.id == prefer), fitting[0] if fitting else None)


def fitting_routes(recipe: Recipe, held: frozenset[str], old: OldState) -> list[Route]:
    """The change routes whose needs are held, in the recipe's order."""
    usable = (held | {"session", "old_mailbox", "new_mailbox"}) - ({"old_mailbox"} if old is OldState.DEAD else set())
    return [r for r in changes(recipe) if set(r.needs) <= usable]
