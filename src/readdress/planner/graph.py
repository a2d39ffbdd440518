"""Who supplies whom: depth in the graph of suppliers, and cycles (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from readdress.planner.access import Way
from readdress.planner.reach import Reach


def supply_edges(reach: Reach) -> list[list[int]]:
    """For each account the accounts that it gets a factor from, for any of its ways."""
    found = []
    for n, account in enumerate(reach.accounts):
        service = account.service
        factors: set[str] = set()
        for way in (*service.sign_in, *service.recover, *service.change):
            factors |= way.needs
        found.append(reach.suppliers(n, sorted(factors)))
    return found


def components(edges: Sequence[Sequence[int]]) -> list[list[int]]:
    """Strongly connected components, suppliers before their users (R. Tarjan, SIAM J. Computing 1 (1972) 146–160; no recursion)."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    found: list[list[int]] = []
    for root in range(len(edges)):
        if root in order:
            continue
        work = [(root, 0)]
        while work:
            node, at = work.pop()
            if at == 0:
                order[node] = low[node] = len(order)
                stack.append(node)
                on_stack.add(node)
            for next_at in range(at, len(edges[node])):
                other = edges[node][next_at]
                if other not in order:
                    work += [(node, next_at + 1), (other, 0)]
                    break
                if other in on_stack:
                    low[node] = min(low[node], order[other])
            else:
                if low[node] == order[node]:
                    members = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        members.append(member)
                        if member == node:
                            break
                    found.append(sorted(members))
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[node])
    return found


def depths(edges: Sequence[Sequence[int]], parts: Sequence[Sequence[int]]) -> list[int]:
    """How many suppliers stand above each account, counting a cycle as one."""
    part_of = {n: p for p, members in enumerate(parts) for n in members}
    depth = [0] * len(parts)
    for p, members in enumerate(parts):  # suppliers come first
        depth[p] = max((depth[part_of[s]] + 1 for n in members for s in edges[n] if part_of[s] != p), default=0)
    return [depth[part_of[n]] for n in range(len(edges))]


def opens_alone(reach: Reach, n: int, members: frozenset[int]) -> Way | None:
    """The account's quickest way in that needs none of ``members`` (its cycle); a living session is the way without needs."""
    if reach.shut[n] or not reach.open[n]:
        return None
    if "session" in reach.held(n):
        return Way(frozenset(), 0, "official")
    alone = []
    for way in reach.ways(n):
        for factor in way.needs:
            status = reach.status(n, factor)
            if status is False:
                break
            if status is not True and not any(reach.open[s] and s not in members for s in status):
                break
        else:
            alone.append(way)
    return min(alone, key=lambda w: (w.minutes, sorted(w.needs)), default=None)
