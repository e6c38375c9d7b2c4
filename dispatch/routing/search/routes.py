"""Routes in their slots: recomputed, opened, touched, settled or put back."""

from __future__ import annotations

from dispatch.routing.search.arrays import (
    BANK,
    BEFORE,
    COST,
    COSTED,
    FREE,
    PLAIN,
    ROUTES,
    STAMP,
    TOUCHED,
    WINDOWS,
    Problem,
    State,
)
from dispatch.routing.search.compiled import inlined


@inlined
def refresh(p: Problem, s: State, x: int) -> None:
    """Everything that follows from the stops of slot ``x``; a fresh stamp."""
    route, seq, leg = s.routes[x], s.seq[x], s.leg[x]
    g = p.groups[route.group]
    depot = g.depot
    size = route.size
    metres_of = p.metres[g.profile]
    seq[0], seq[size + 1] = depot, depot
    metres = 0
    load_a = 0
    load_b = 0
    for i in range(size + 1):
        step = metres_of[seq[i], seq[i + 1]]
        leg[i] = step
        metres += step
    for i in range(1, size + 1):
        u = seq[i]
        s.at[u] = i
        load_a += p.stops[u].load_a
        load_b += p.stops[u].load_b
    route.metres, route.load_a, route.load_b = metres, load_a, load_b
    route.seconds, route.soft = 0, 0.0
    if p.mode != PLAIN:
        _time(p, s, x)
    route.serve = 0.0
    if p.charged:
        for i in range(1, size + 1):
            route.serve += p.serve[seq[i], route.group]
    route.cost = g.fixed + g.per_m * metres + g.per_s * route.seconds + route.soft + route.serve
    s.tally[STAMP] += 1
    route.stamp = s.tally[STAMP]


@inlined
def _time(p: Problem, s: State, x: int) -> None:
    route, seq = s.routes[x], s.seq[x]
    g = p.groups[route.group]
    seconds_of = p.seconds[g.profile]
    size = route.size
    soft = 0.0
    t = g.leaves
    if p.mode >= WINDOWS:
        s.leaves[x, 0] = t
    for i in range(1, size + 1):
        stop = p.stops[seq[i]]
        t = max(t + seconds_of[seq[i - 1], seq[i]], stop.open)
        soft += stop.arrive * (t - g.leaves) + stop.late * max(0, t - stop.due)
        t += stop.service
        if p.mode >= WINDOWS:
            s.leaves[x, i] = t
    t += seconds_of[seq[size], seq[size + 1]]
    route.seconds = t - g.leaves
    route.soft = soft if p.mode == COSTED else 0.0
    if p.mode >= WINDOWS:
        t = g.back_by
        s.latest[x, size + 1] = t
        for i in range(size, 0, -1):
            stop = p.stops[seq[i]]
            t = min(stop.close, t - seconds_of[seq[i], seq[i + 1]] - stop.service)
            s.latest[x, i] = t


@inlined
def touch(s: State, k: int) -> int:
    """The slot in which route ``k`` may be changed; the plan before stays in ``old``."""
    if s.old[k] != -1:
        return s.slot[k]
    before = s.slot[k]
    s.tally[FREE] -= 1
    x = s.free[s.tally[FREE]]
    route, was = s.routes[x], s.routes[before]
    route.size, route.group, route.cost = was.size, was.group, was.cost
    for i in range(was.size + 2):
        s.seq[x, i] = s.seq[before, i]
    s.slot[k], s.old[k] = x, before
    s.touched[s.tally[TOUCHED]] = k
    s.tally[TOUCHED] += 1
    return x


@inlined
def open_route(s: State, group: int) -> int:
    """A new empty route; its number."""
    k = s.tally[ROUTES]
    s.tally[ROUTES] += 1
    s.tally[FREE] -= 1
    x = s.free[s.tally[FREE]]
    s.routes[x].size, s.routes[x].group, s.routes[x].cost = 0, group, 0.0
    s.slot[k], s.old[k] = x, -2
    s.touched[s.tally[TOUCHED]] = k
    s.tally[TOUCHED] += 1
    s.used[group] += 1
    return k


@inlined
def change(p: Problem, s: State) -> float:
    """Cost of the touched routes now less before."""
    total = 0.0
    for t in range(s.tally[TOUCHED]):
        k = s.touched[t]
        x = s.slot[k]
        if s.routes[x].size > 0:
            total += s.routes[x].cost
        if s.old[k] >= 0:
            total -= s.routes[s.old[k]].cost
    return total


@inlined
def settle(s: State) -> None:
    """Keep what was changed: free the old slots, close gaps of emptied routes."""
    count = s.tally
    for t in range(count[TOUCHED]):
        k = s.touched[t]
        if s.old[k] >= 0:
            s.free[count[FREE]] = s.old[k]
            count[FREE] += 1
        s.old[k] = -1
    k = count[ROUTES] - 1
    while k >= 0 and count[TOUCHED] > 0:
        if s.routes[s.slot[k]].size == 0:
            s.free[count[FREE]] = s.slot[k]
            count[FREE] += 1
            last = count[ROUTES] - 1
            if k != last:
                x = s.slot[last]
                s.slot[k] = x
                for i in range(1, s.routes[x].size + 1):
                    s.where[s.seq[x, i]] = k
            count[ROUTES] = last
        k -= 1
    count[TOUCHED] = 0


@inlined
def revert(s: State) -> None:
    """Undo every change since the last ``settle``."""
    count = s.tally
    for t in range(count[TOUCHED]):
        k = s.touched[t]
        x = s.slot[k]
        before = s.old[k]
        if s.routes[x].size > 0:
            s.used[s.routes[x].group] -= 1
        s.free[count[FREE]] = x
        count[FREE] += 1
        s.old[k] = -1
        if before >= 0:
            s.slot[k] = before
            s.used[s.routes[before].group] += 1
            for i in range(1, s.routes[before].size + 1):
                u = s.seq[before, i]
                s.where[u], s.at[u] = k, i
    count[TOUCHED] = 0
    count[ROUTES] = count[BEFORE]
    for i in range(count[BANK]):
        s.where[s.bank[i]] = -1


@inlined
def recost(p: Problem, s: State) -> None:
    """The plan's cost from scratch, so that sums of changes do not drift."""
    total = 0.0
    for k in range(s.tally[ROUTES]):
        total += s.routes[s.slot[k]].cost
    for i in range(s.tally[BANK]):
        total += p.stops[s.bank[i]].skip
    s.value[COST] = total
