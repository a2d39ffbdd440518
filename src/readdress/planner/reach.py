"""Which accounts can be got into, as the least fixed point of their ways in; a new way is followed up at once (pure).

Every way is a Horn clause: an account is open once all factors of one of its ways are there, and a factor may come out of
another account that is open. Propagation by counters is linear in the ways (Dowling and Gallier, J. Logic Programming 1 (1984) 267–284).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence

from readdress.models import OldState
from readdress.planner.access import UNKNOWN, Path, Service, Way
from readdress.planner.situation import Holding, Situation

Group = tuple[int, ...]
"""Accounts any one of which supplies a factor, by index."""


class Reach:
    """What is open in a situation. ``moved``: accounts that have NEW besides those that are known to.

    ``changed``: account → its factors after a route's losses and gains; ``unsupplied``: account → factors that it supplies no more.
    """

    def __init__(
        self,
        situation: Situation,
        moved: Collection[str] = (),
        changed: Mapping[str, frozenset[str]] | None = None,
        unsupplied: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self.situation = situation
        self.accounts: Sequence[Holding] = situation.accounts
        self.index = {a.id: n for n, a in enumerate(self.accounts)}
        self.several = {s for s, n in Counter(a.service.id for a in self.accounts).items() if n > 1}
        self._old = situation.old is OldState.ALIVE
        self._dead = {name for name, (state, _) in situation.providers.items() if state is not OldState.ALIVE}
        self._moved = set(moved) | {a.id for a in self.accounts if a.moved}
        self._changed = dict(changed or {})
        self._unsupplied = dict(unsupplied or {})
        suppliers: dict[str, list[int]] = {}
        for n, a in enumerate(self.accounts):
            for factor in a.service.supplies:
                if factor.startswith("sso:"):
                    some = suppliers.setdefault(factor, [])
                    some += [n] * (factor not in self._unsupplied.get(a.id, ()))
        self._groups_of = {f: tuple(ns) for f, ns in suppliers.items()}
        self.shut = [self._is_shut(a.service) for a in self.accounts]
        self.open = [False] * len(self.accounts)
        self._left: list[int] = []  # clause → groups that still have no open supplier
        self._target: list[int] = []  # clause → the account that it opens
        self._waiting: dict[Group, list[int]] = {}  # group → clauses
        self._in_groups: dict[int, list[Group]] = {}  # account → groups it is in
        self._met: set[Group] = set()
        ready: list[int] = []
        for n in range(len(self.accounts)):
            ready += [n for clause in self._clauses(n) if self._add(n, clause)]
        for n in ready:
            self.admit(n)

    # -- building -----------------------------------------------------------------------------------------------------
    def _is_shut(self, service: Service) -> bool:
        """A banned provider's own account opens to nobody, nor does the account that a dead OLD lives in."""
        return service.id in self._dead or ("old_mailbox" in service.supplies and self.situation.old is OldState.DEAD)

    def _clauses(self, n: int) -> Iterator[set[Group]]:
        if self.shut[n]:
            return
        if "session" in self.held(n):
            yield set()
        for way in self.ways(n):
            groups: set[Group] = set()
            for factor in way.needs:
                status = self.status(n, factor)
                if status is False:
                    break
                if status is not True:
                    groups.add(status)
            else:
                yield groups

    def _add(self, n: int, groups: set[Group]) -> bool:
        """Note a clause; ``True`` when it holds at once."""
        if not groups:
            return True
        clause = len(self._left)
        self._left.append(len(groups))
        self._target.append(n)
        for group in groups:
            if group not in self._waiting:
                self._waiting[group] = []
                for supplier in group:
                    self._in_groups.setdefault(supplier, []).append(group)
            self._waiting[group].append(clause)
        return False

    def admit(self, n: int) -> list[int]:
        """Open account ``n``, whatever opened it, and all that opens with it; those that were closed before."""
        if self.open[n]:
            return []
        found, todo = [], [n]
        self.open[n] = True
        while todo:
            at = todo.pop()
            found.append(at)
            for group in self._in_groups.get(at, ()):
                if group in self._met:
                    continue
                self._met.add(group)
                for clause in self._waiting[group]:
                    self._left[clause] -= 1
                    target = self._target[clause]
                    if not self._left[clause] and not self.open[target]:
                        self.open[target] = True
                        todo.append(target)
        return found

    def joint(self) -> bool:
        """Whether some way waits for more than one closed supplier at once: then two accounts may open what neither does alone."""
        return any(left > 1 and not self.open[target] for left, target in zip(self._left, self._target, strict=True))

    def would_open(self, n: int, known: Container[int] = ()) -> list[int]:
        """What :meth:`admit` would open, without opening it; not followed beyond ``known``."""
        if self.open[n]:
            return []
        found, todo, opened = [], [n], {n}
        met: set[Group] = set()
        left: dict[int, int] = {}
        while todo:
            at = todo.pop()
            found.append(at)
            for group in self._in_groups.get(at, ()):
                if group in self._met or group in met:
                    continue
                met.add(group)
                for clause in self._waiting[group]:
                    left[clause] = left.get(clause, self._left[clause]) - 1
                    target = self._target[clause]
                    if not left[clause] and not self.open[target] and target not in opened and target not in known:
                        opened.add(target)
                        todo.append(target)
        return found

    def lonely(self, n: int) -> bool:
        """Whether no account gets anything out of this one: then what becomes of it is its own affair."""
        return n not in self._in_groups and not self.accounts[n].service.supplies

    def alter(self, n: int, held: frozenset[str]) -> None:
        """A lonely account has NEW from now on, and these factors; whether it is open still is asked with :meth:`enters`."""
        account = self.accounts[n].id
        self._moved.add(account)
        self._changed[account] = held

    # -- reading ------------------------------------------------------------------------------------------------------
    def held(self, n: int) -> frozenset[str]:
        """What the person holds at the account."""
        account = self.accounts[n]
        return self._changed.get(account.id, account.held)

    def ways(self, n: int) -> list[Way]:
        """The account's own ways in that do not hang on the goodwill of support."""
        service = self.accounts[n].service
        return [w for w in (*service.sign_in, *service.recover) if w.needs and not w.by_support]

    def is_moved(self, n: int) -> bool:
        """Whether NEW is the address on file."""
        return self.accounts[n].id in self._moved

    def status(self, n: int, factor: str) -> bool | Group:
        """Whether a factor is there; where other accounts supply it: which ones. ``old_mailbox`` is the mailbox on file."""
        account = self.accounts[n]
        if factor == "old_mailbox" and self.is_moved(n):
            factor = "new_mailbox"
        if factor == "old_mailbox":
            return self._old
        if factor == "support":  # it answers anybody, unless the person said through which account it is reached
            held = True
        else:
            held = self.situation.new.held if factor == "new_mailbox" else factor in self.held(n)
        if not held or (factor.startswith("sso:") and factor[4:] in self._dead):
            return False
        link = account.links.get(factor)
        if link is not None and link in self.index:
            return (self.index[link],) if factor not in self._unsupplied.get(link, ()) else False
        group = self._groups_of.get(factor)
        return True if group is None else group or False

    def obtainable(self, n: int, factor: str) -> bool:
        """Whether the person could ever come to hold it: a mailbox or a provider that is gone does not come back."""
        if factor == "old_mailbox":
            return self._old or self.is_moved(n)
        return not (factor.startswith("sso:") and factor[4:] in self._dead)

    def has(self, n: int, factor: str, *, inside: bool = False) -> bool:
        """Whether the factor can be used now. ``inside``: a session is had by signing in."""
        if factor == "session" and inside:
            return self.open[n]
        status = self.status(n, factor)
        return status if isinstance(status, bool) else any(self.open[s] for s in status)

    def missing(self, n: int, needs: Iterable[str], *, inside: bool = False) -> frozenset[str]:
        """Those of ``needs`` that cannot be used now."""
        return frozenset([f for f in needs if not self.has(n, f, inside=inside)])

    def best(self, n: int, ways: Iterable[Way], *, inside: bool = False) -> Way | None:
        """The quickest of the ways that are open now: what is known before what nobody could establish; rather not through OLD."""
        fitting = [w for w in ways if w.needs and all([self.has(n, f, inside=inside) for f in w.needs])]  # noqa: C419 - twice as fast
        return min(fitting, key=_choice, default=None)

    def enters(self, n: int) -> bool:
        """Whether a living session or one of the account's ways opens it, asked afresh."""
        return not self.shut[n] and ("session" in self.held(n) or self.best(n, self.ways(n)) is not None)

    def signs_in(self, n: int) -> bool:
        """Whether the account opens without being recovered first."""
        if not self.open[n]:
            return False
        service = self.accounts[n].service
        return "session" in self.held(n) or self.best(n, [w for w in service.sign_in if not w.by_support]) is not None

    def session_only(self, n: int) -> bool:
        """Whether nothing but a living session opens the account."""
        return "session" in self.held(n) and not any(
            "session" not in w.needs and not self.missing(n, w.needs) for w in self.ways(n)
        )

    def suppliers(self, n: int, factors: Iterable[str]) -> list[int]:
        """The accounts out of which the account gets any of these factors."""
        found: dict[int, None] = {}
        for factor in factors:
            status = self.status(n, factor)
            if not isinstance(status, bool):
                found.update(dict.fromkeys(s for s in status if s != n))
        return list(found)


def _choice(way: Way) -> tuple[bool, int, bool, list[str]]:
    return way.grade == UNKNOWN, way.minutes, "old_mailbox" in way.needs, sorted(way.needs)


def after_move(held: frozenset[str], path: Path) -> frozenset[str]:
    """The account's factors once the route was gone."""
    return (held - path.loses) | path.gains
