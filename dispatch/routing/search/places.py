"""The best place of a stop in a route, by how much time matters."""

from __future__ import annotations

import numpy as np

from dispatch.routing.search.arrays import COSTED, PLAIN, STRIDE, SUMMED, Problem, State
from dispatch.routing.search.compiled import inlined


@inlined
def spot(s: State, u: int, x: int) -> int:
    """Where the place of stop ``u`` in slot ``x`` is kept; no two slots share one of the
    same stop."""
    return (u * s.tally[STRIDE] + x) & (len(s.place) - 1)


@inlined
def find_place(p: Problem, s: State, u: int, x: int) -> None:
    """Fill ``place[u, x]`` with the cheapest place of stop ``u`` in slot ``x``.

    ``delta`` is infinite when there is none that keeps time and length limits; room
    is not looked at here.
    """
    place = s.place[spot(s, u, x)]
    place.stamp, place.stop = s.routes[x].stamp, u
    place.delta = np.inf
    if p.mode <= SUMMED:
        _scan_sums(p, s, u, x)
    elif p.mode == COSTED:
        _scan_costed(p, s, u, x)
    else:
        _scan_windows(p, s, u, x)
    if p.charged:
        place.delta += p.serve[u, s.routes[x].group]


@inlined
def _scan_sums(p: Problem, s: State, u: int, x: int) -> None:
    route, seq, leg = s.routes[x], s.seq[x], s.leg[x]
    g = p.groups[route.group]
    to_u, from_u = p.to_metres[g.profile, u], p.metres[g.profile, u]
    timed = p.mode != PLAIN
    best = np.int64(2**60)
    best_price = np.inf
    best_s = np.int64(0)
    at = 0
    spare = g.most_m - route.metres
    for i in range(route.size + 1):
        a, b = seq[i], seq[i + 1]
        more = np.int64(to_u[a]) + from_u[b] - leg[i]
        if timed:
            seconds_of = p.seconds[g.profile]
            more_s = seconds_of[a, u] + seconds_of[u, b] - seconds_of[a, b] + p.stops[u].service
            price = g.per_m * more + g.per_s * more_s
            if price < best_price and route.seconds + more_s <= g.most_s and more <= spare:
                best, best_price, best_s, at = more, price, more_s, i
        elif more < best:
            best, at = more, i
    if best <= spare and best < 2**60:
        place = s.place[spot(s, u, x)]
        place.delta = best_price if timed else g.per_m * best
        place.metres, place.seconds, place.at = best, best_s, at


@inlined
def _scan_windows(p: Problem, s: State, u: int, x: int) -> None:
    route, seq, leg = s.routes[x], s.seq[x], s.leg[x]
    leaves, latest = s.leaves[x], s.latest[x]
    g = p.groups[route.group]
    to_u, from_u = p.to_metres[g.profile, u], p.metres[g.profile, u]
    late_to, late_from = p.to_seconds[g.profile, u], p.seconds[g.profile, u]
    stop = p.stops[u]
    opens, close, service = stop.open, stop.close, stop.service
    best = min(np.int64(2**60), g.most_m - route.metres + 1)
    at = -1
    for i in range(route.size + 1):
        if leaves[i] > close:
            break
        a, b = seq[i], seq[i + 1]
        more = np.int64(to_u[a]) + from_u[b] - leg[i]
        if more >= best:
            continue
        t = max(leaves[i] + late_to[a], opens)
        if t <= close and t + service + late_from[b] <= latest[i + 1]:
            best, at = more, i
    if at >= 0:
        place = s.place[spot(s, u, x)]
        place.delta, place.metres, place.seconds, place.at = g.per_m * best, best, 0, at


@inlined
def _scan_costed(p: Problem, s: State, u: int, x: int) -> None:
    route, seq, leg = s.routes[x], s.seq[x], s.leg[x]
    g = p.groups[route.group]
    best = np.inf
    soft = 0.0
    place = s.place[spot(s, u, x)]
    for i in range(route.size + 1):
        a, b = seq[i], seq[i + 1]
        if i > 0:
            stop = p.stops[a]
            began = s.leaves[x, i] - stop.service
            soft += stop.arrive * (began - g.leaves) + stop.late * max(0, began - stop.due)
        more = np.int64(p.metres[g.profile, a, u]) + p.metres[g.profile, u, b] - leg[i]
        if route.metres + more > g.most_m or g.per_m * more >= best:
            continue
        price, more_s = _delay(p, s, u, x, i, soft)
        if price + g.per_m * more < best:
            best = price + g.per_m * more
            place.delta, place.metres, place.seconds, place.at = best, more, more_s, i


@inlined
def _delay(p: Problem, s: State, u: int, x: int, i: int, soft: float) -> tuple[float, int]:
    """Soft costs and seconds more when ``u`` follows position ``i``; inf = too late."""
    route, seq = s.routes[x], s.seq[x]
    g = p.groups[route.group]
    seconds_of = p.seconds[g.profile]
    t = s.leaves[x, i]
    v = seq[i]
    for j in range(i, route.size + 1):
        following = u if j == i else seq[j]
        stop = p.stops[following]
        t = max(t + seconds_of[v, following], stop.open)
        if t > stop.close:
            return np.inf, 0
        soft += stop.arrive * (t - g.leaves) + stop.late * max(0, t - stop.due)
        t += stop.service
        v = following
    t += seconds_of[v, g.depot]
    if t > g.back_by or t - g.leaves > g.most_s:
        return np.inf, 0
    more_s = t - g.leaves - route.seconds
    return soft - route.soft + g.per_s * more_s, more_s
