"""Mixed fleets: another truck for a route, or trucks exchanged between two routes."""

from __future__ import annotations

import numpy as np

from dispatch.routing.search.arrays import NEARBY, PLAIN, ROUTES, TOUCHED, Problem, State
from dispatch.routing.search.compiled import inlined
from dispatch.routing.search.places import spot
from dispatch.routing.search.routes import refresh, touch

FREE_TRUCK, EXCHANGE = 1, 2


@inlined
def may_drive(p: Problem, s: State, x: int, h: int, extra: tuple[int, int, int, int]) -> bool:
    """Whether a truck of group ``h`` can drive slot ``x`` with load a, load b, metres
    and seconds more."""
    route, g = s.routes[x], p.groups[h]
    if route.load_a + extra[0] > g.room_a or route.load_b + extra[1] > g.room_b:
        return False
    if route.metres + extra[2] > g.most_m:
        return False
    if p.mode != PLAIN and route.seconds + extra[3] > g.most_s:
        return False
    if p.restricted:
        for i in range(1, route.size + 1):
            if not p.allowed[s.seq[x, i], h]:
                return False
    return True


@inlined
def price(p: Problem, h: int, metres: int, seconds: int) -> float:
    """What a truck of group ``h`` asks for a route, soft costs aside."""
    g = p.groups[h]
    return g.fixed + g.per_m * metres + g.per_s * seconds


@inlined
def recharge(p: Problem, s: State, x: int, h: int) -> float:
    """Costs of who serves whom, more when a truck of group ``h`` drives slot ``x``."""
    if not p.charged:
        return 0.0
    total = -s.routes[x].serve
    for i in range(1, s.routes[x].size + 1):
        total += p.serve[s.seq[x, i], h]
    return total


@inlined
def _may_exchange(p: Problem, s: State, group: int, load_a: int) -> bool:
    """Whether a truck large enough is driven by another route and no other one is free, or
    none of ``group``: else taking free ones comes to the same."""
    short = s.used[group] >= p.groups[group].count
    for m in range(p.mates.shape[1]):
        h = p.mates[group, m]
        if h < 0:
            break
        if h != group and s.used[h] > 0 and p.groups[h].room_a >= load_a and (
            short or s.used[h] >= p.groups[h].count
        ):
            return True
    return False


@inlined
def larger_truck(
    p: Problem, s: State, k: int, u: int, most: float, grow: bool
) -> tuple[float, int, int]:
    """The cheapest way for route ``k``, too full, to take stop ``u`` at its known place.

    A free truck of another group, or one exchanged with another route of the depot.
    Returns the added cost (inf = no way below ``most``), the way and the group or route.
    """
    x = s.slot[k]
    route, place, stop = s.routes[x], s.place[spot(s, u, x)], p.stops[u]
    extra = (stop.load_a, stop.load_b, place.metres, place.seconds)
    long, lasts = route.metres + place.metres, route.seconds + place.seconds
    soft = place.delta - p.groups[route.group].per_m * place.metres
    soft -= p.groups[route.group].per_s * place.seconds
    base = soft - price(p, route.group, route.metres, route.seconds)
    if p.charged:
        base -= p.serve[u, route.group]
    best, way, which = most, 0, -1
    for m in range(p.mates.shape[1] if grow else 0):
        h = p.mates[route.group, m]
        if h < 0:
            break
        more = base + price(p, h, long, lasts) + recharge(p, s, x, h)
        if p.charged:
            more += p.serve[u, h]
        if s.used[h] < p.groups[h].count and more < best and p.allowed[u, h] and may_drive(p, s, x, h, extra):
            best, way, which = more, FREE_TRUCK, h
    for i in range(s.tally[NEARBY] if _may_exchange(p, s, route.group, route.load_a + stop.load_a) else 0):
        q = s.nearby[i]
        y = s.slot[q]
        other = s.routes[y]
        h = other.group
        if other.size == 0 or h == route.group or p.groups[h].family != p.groups[route.group].family:
            continue
        if route.load_a + stop.load_a > p.groups[h].room_a or other.load_a > p.groups[route.group].room_a:
            continue
        more = base + price(p, h, long, lasts) - price(p, h, other.metres, other.seconds)
        more += price(p, route.group, other.metres, other.seconds)
        if p.charged:
            more += p.serve[u, h] + recharge(p, s, x, h) + recharge(p, s, y, route.group)
        if more < best and p.allowed[u, h] and may_drive(p, s, x, h, extra) and may_drive(
            p, s, y, route.group, (0, 0, 0, 0)
        ):
            best, way, which = more, EXCHANGE, q
    return (best, way, which) if way else (np.inf, 0, -1)


@inlined
def change_truck(p: Problem, s: State, k: int, way: int, which: int) -> None:
    """Carry out what ``larger_truck`` or ``tidy`` found."""
    x = touch(s, k)
    if way == FREE_TRUCK:
        s.used[s.routes[x].group] -= 1
        s.used[which] += 1
        s.routes[x].group = which
    else:
        y = touch(s, which)
        s.routes[x].group, s.routes[y].group = s.routes[y].group, s.routes[x].group
        refresh(p, s, y)
    refresh(p, s, x)


@inlined
def tidy(p: Problem, s: State) -> None:
    """For each changed route: a cheaper free truck, or an exchange that saves."""
    for t in range(s.tally[TOUCHED]):
        k = s.touched[t]
        if s.routes[s.slot[k]].size == 0:
            continue
        saves, way, which = _saving(p, s, k)
        if saves > 1e-9:
            change_truck(p, s, k, way, which)


@inlined
def _saving(p: Problem, s: State, k: int) -> tuple[float, int, int]:
    x = s.slot[k]
    route = s.routes[x]
    none = (0, 0, 0, 0)
    now = price(p, route.group, route.metres, route.seconds)
    best, way, which = 0.0, 0, -1
    for m in range(p.mates.shape[1]):
        h = p.mates[route.group, m]
        if h < 0:
            break
        saves = now - price(p, h, route.metres, route.seconds) - recharge(p, s, x, h)
        if saves > best and s.used[h] < p.groups[h].count and may_drive(p, s, x, h, none):
            best, way, which = saves, FREE_TRUCK, h
    for q in range(s.tally[ROUTES] if _may_exchange(p, s, route.group, route.load_a) else 0):
        y = s.slot[q]
        other = s.routes[y]
        h = other.group
        if other.size == 0 or h == route.group or p.groups[h].family != p.groups[route.group].family:
            continue
        if route.load_a > p.groups[h].room_a or other.load_a > p.groups[route.group].room_a:
            continue
        saves = now + price(p, h, other.metres, other.seconds)
        saves -= price(p, h, route.metres, route.seconds)
        saves -= price(p, route.group, other.metres, other.seconds)
        saves -= recharge(p, s, x, h) + recharge(p, s, y, route.group)
        if saves > best and may_drive(p, s, x, h, none) and may_drive(p, s, y, route.group, none):
            best, way, which = saves, EXCHANGE, q
    return best, way, which
