"""Recreate: put the waiting stops back one by one where each costs least."""

from __future__ import annotations

from dispatch.routing.search.arrays import MARK, NEARBY, ROUTES, TODO, WINDOWS, Problem, State
from dispatch.routing.search.chance import below, uniform
from dispatch.routing.search.compiled import inlined
from dispatch.routing.search.fleet import change_truck, larger_truck
from dispatch.routing.search.places import find_place, spot
from dispatch.routing.search.routes import open_route, refresh, touch

BLINK = 0.01
# Of more routes only those are looked at that visit one of so many near stops
FEW_ROUTES, NEAR_TRIED = 40, 60
# Too full routes for which a larger truck is looked for, those of least detour first
CROWDED_TRIED = 3
# New trucks looked at for one stop when priced by the part used
TRUCKS_TRIED = 24
# Orders of insertion and how often each is drawn
BY_CHANCE, BY_LOAD, FAR_FIRST, NEAR_FIRST, NARROW_FIRST, EARLY_FIRST = range(6)
SHARES, TIMED_SHARES = 11, 17


@inlined
def order_todo(p: Problem, s: State, order: int) -> None:
    """Sort the waiting stops by one of the orders."""
    many = s.tally[TODO]
    for i in range(many):
        u = s.todo[i]
        stop = p.stops[u]
        if order == BY_CHANCE:
            key = uniform(s.random)
        elif order == BY_LOAD:
            key = -float(stop.load_a)
        elif order == FAR_FIRST:
            key = -stop.away
        elif order == NEAR_FIRST:
            key = stop.away
        elif order == NARROW_FIRST:
            key = float(stop.close - stop.open)
        else:
            key = float(stop.close)
        j = i - 1
        while j >= 0 and s.key[j] > key:
            s.key[j + 1], s.todo[j + 1] = s.key[j], s.todo[j]
            j -= 1
        s.key[j + 1], s.todo[j + 1] = key, u


@inlined
def draw_order(p: Problem, s: State) -> int:
    """One of the orders: random and by load most often."""
    drawn = below(s.random, TIMED_SHARES if p.mode >= WINDOWS else SHARES)
    if drawn < 4:
        return BY_CHANCE
    if drawn < 8:
        return BY_LOAD
    if drawn < 10:
        return FAR_FIRST
    if drawn < 11:
        return NEAR_FIRST
    return NARROW_FIRST if drawn < 14 else EARLY_FIRST


@inlined
def recreate(p: Problem, s: State, blink: float, fill: float, grow: bool) -> float:
    """Insert ``todo``; what fits nowhere stays in it.  Returns the penalty of those.

    ``fill`` < 1 lets a new truck count at that part of its cost when mostly empty; without ``grow`` no route changes to a free
    larger truck.
    """
    left = 0
    penalty = 0.0
    for i in range(s.tally[TODO]):
        u = s.todo[i]
        if not _insert(p, s, u, blink, fill, grow):
            s.todo[left] = u
            left += 1
            penalty += p.stops[u].skip
    s.tally[TODO] = left
    return penalty


@inlined
def _new_truck(p: Problem, s: State, u: int, fill: float) -> tuple[float, int]:
    """The cheapest truck of its own for a stop; below ``fill`` = 1 priced by the part
    of the truck used, at least ``fill``, so that larger ones get a chance."""
    stop = p.stops[u]
    best, group = stop.skip, -1
    for j in range(p.solo_size[u]):
        g = p.solo_group[u, j]
        if s.used[g] >= p.groups[g].count:
            continue
        part = 1.0
        if fill < 1.0:
            part = max(fill, stop.load_a / max(1, p.groups[g].room_a))
        if part * p.solo_cost[u, j] < best:
            best, group = part * p.solo_cost[u, j], g
        if fill >= 1.0 or j >= TRUCKS_TRIED:
            break
    return best, group


@inlined
def _insert(p: Problem, s: State, u: int, blink: float, fill: float, grow: bool) -> bool:
    best, group = _new_truck(p, s, u, fill)
    _list_nearby(p, s, u)
    alone = best
    best, chosen, crowded = _roomy_route(p, s, u, blink, alone, p.mixed)
    if chosen < 0 and crowded == 0 and s.tally[NEARBY] < s.tally[ROUTES]:
        _list_all(s)
        best, chosen, crowded = _roomy_route(p, s, u, blink, alone, False)
    way, which = 0, -1
    tried = 0
    while crowded > 0 and tried < CROWDED_TRIED:
        tried += 1
        k = _least_detour(s, u, crowded)
        crowded -= 1
        if s.place[spot(s, u, s.slot[k])].delta >= best:
            break
        if uniform(s.random) >= blink:
            delta, a_way, a_which = larger_truck(p, s, k, u, best, grow)
            if delta < best:
                best, chosen, way, which = delta, k, a_way, a_which
    if chosen < 0 and group < 0:
        return False
    _carry_out(p, s, u, chosen, group, way, which)
    return True


@inlined
def _list_all(s: State) -> None:
    for k in range(s.tally[ROUTES]):
        s.nearby[k] = k
    s.tally[NEARBY] = s.tally[ROUTES]


@inlined
def _list_nearby(p: Problem, s: State, u: int) -> None:
    """The routes worth a look for stop ``u``: all, or of many those near it."""
    if s.tally[ROUTES] <= FEW_ROUTES:
        _list_all(s)
        return
    found = 0
    s.tally[MARK] += 1
    for j in range(1, min(p.near.shape[1], NEAR_TRIED)):
        k = s.where[p.near[u, j]]
        if k >= 0 and s.mark[k] != s.tally[MARK]:
            s.mark[k] = s.tally[MARK]
            s.nearby[found] = k
            found += 1
    s.tally[NEARBY] = found


@inlined
def _roomy_route(
    p: Problem, s: State, u: int, blink: float, most: float, full_too: bool
) -> tuple[float, int, int]:
    """The cheapest route with room, below ``most``; with ``full_too`` those that a larger
    truck might drive are gathered in ``crowded``.  Returns cost, route (-1 none) and how many were gathered."""
    stop = p.stops[u]
    best, chosen, crowded = most, -1, 0
    for i in range(s.tally[NEARBY]):
        k = s.nearby[i]
        x = s.slot[k]
        route = s.routes[x]
        g = p.groups[route.group]
        full = route.load_a + stop.load_a > g.room_a or route.load_b + stop.load_b > g.room_b
        if full and (
            not full_too or route.load_a + stop.load_a > g.most_a
            or route.load_b + stop.load_b > g.most_b
        ):
            continue
        if route.size == 0 or route.size + 2 >= s.seq.shape[1]:
            continue
        if p.restricted and not p.allowed[u, route.group]:
            continue
        place = s.place[spot(s, u, x)]
        if place.stamp != route.stamp or place.stop != u:
            find_place(p, s, u, x)
        delta = place.delta
        if delta >= best:
            continue
        if full:
            s.crowded[crowded] = k
            crowded += 1
        elif uniform(s.random) >= blink:
            best, chosen = delta, k
    return best, chosen, crowded


@inlined
def _least_detour(s: State, u: int, crowded: int) -> int:
    """Take the route of least detour out of ``crowded``: a larger truck seldom costs
    less, so that the search for one ends soon."""
    least = 0
    for i in range(1, crowded):
        if s.place[spot(s, u, s.slot[s.crowded[i]])].delta < s.place[spot(s, u, s.slot[s.crowded[least]])].delta:
            least = i
    k = s.crowded[least]
    s.crowded[least] = s.crowded[crowded - 1]
    return k


@inlined
def _carry_out(
    p: Problem, s: State, u: int, k: int, group: int, way: int, which: int
) -> None:
    if k < 0:
        k = open_route(s, group)
        at = 0
    else:
        at = s.place[spot(s, u, s.slot[k])].at
        if way:
            change_truck(p, s, k, way, which)
    x = touch(s, k)
    seq = s.seq[x]
    for i in range(s.routes[x].size, at, -1):
        seq[i + 1] = seq[i]
    seq[at + 1] = u
    s.routes[x].size += 1
    s.where[u] = k
    refresh(p, s, x)
