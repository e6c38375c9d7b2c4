"""A whole route moved to the yard it passes best: the ring stays, the yard changes."""

from __future__ import annotations

import numpy as np

from dispatch.routing.search.arrays import COSTED, SUMMED, TODO, TOUCHED, Problem, State
from dispatch.routing.search.chance import below
from dispatch.routing.search.compiled import inlined
from dispatch.routing.search.fleet import may_drive, price, recharge
from dispatch.routing.search.routes import refresh

# Trucks tried for one route
TRUCKS_TRIED = 8
# Longer timed routes keep their first stop
TURNED_MOST = 6


@inlined
def rehome(p: Problem, s: State) -> float:
    """For each changed route another yard, or another place for its own between two stops
    of the ring, when that saves; the costs saved."""
    saved = 0.0
    for t in range(s.tally[TOUCHED]):
        x = s.slot[s.touched[t]]
        if s.routes[x].size > 0:
            saved += _rehome_route(p, s, x)
    return saved


@inlined
def _rehome_route(p: Problem, s: State, x: int) -> float:
    route, seq = s.routes[x], s.seq[x]
    size = route.size
    before = route.cost
    u = seq[1 + below(s.random, size)]
    best, group, cut = 1e-7, -1, 0
    tried = 0
    for j in range(p.solo_size[u]):
        h = p.solo_group[u, j]
        if (h != route.group and s.used[h] >= p.groups[h].count) or (
            p.groups[h].profile != p.groups[route.group].profile
        ):
            continue
        if not may_drive(p, s, x, h, (0, 0, -route.metres, -route.seconds)):
            continue
        tried += 1
        if tried > TRUCKS_TRIED:
            break
        charge = recharge(p, s, x, h) + route.serve
        if p.mode <= SUMMED:
            saves, a_cut = _best_cut(p, s, x, h, before - charge)
        else:
            saves, a_cut = _best_timed_cut(p, s, x, h, before - charge)
        if saves > best:
            best, group, cut = saves, h, a_cut
    if group < 0:
        return 0.0
    s.used[route.group] -= 1
    s.used[group] += 1
    route.group = group
    # turned so that the stop after the cut comes first, by way of the free end of todo
    free = s.tally[TODO]
    for i in range(size):
        s.todo[free + i] = seq[1 + (cut + i) % size]
    for i in range(size):
        seq[i + 1] = s.todo[free + i]
    refresh(p, s, x)
    return before - route.cost


@inlined
def _best_cut(p: Problem, s: State, x: int, h: int, now: float) -> tuple[float, int]:
    """What the best place of group ``h``'s yard in the ring of slot ``x`` saves of ``now``."""
    route, seq, leg = s.routes[x], s.seq[x], s.leg[x]
    g = p.groups[h]
    size, depot = route.size, g.depot
    metres_of, seconds_of = p.metres[g.profile], p.seconds[g.profile]
    timed = p.mode == SUMMED
    first, last = seq[1], seq[size]
    ring = route.metres - leg[0] - leg[size] + metres_of[last, first]
    ring_s = 0
    if timed:
        home = p.groups[route.group].depot
        ring_s = route.seconds - seconds_of[home, first] - seconds_of[last, home]
        ring_s += seconds_of[last, first]
    best, cut = 0.0, 0
    for c in range(size):
        a, b = seq[c] if c > 0 else last, seq[c + 1]
        long = ring - metres_of[a, b] + metres_of[a, depot] + metres_of[depot, b]
        lasts = 0
        if timed:
            lasts = ring_s - seconds_of[a, b] + seconds_of[a, depot] + seconds_of[depot, b]
        saves = now - price(p, h, long, lasts)
        if saves > best and long <= g.most_m and (not timed or lasts <= g.most_s):
            best, cut = saves, c
    return best, cut


@inlined
def _best_timed_cut(p: Problem, s: State, x: int, h: int, now: float) -> tuple[float, int]:
    """The same where times have limits or a price; hard windows seldom let a ring turn."""
    size = s.routes[x].size
    best, cut = 0.0, 0
    for c in range(size if p.mode == COSTED and size <= TURNED_MOST else 1):
        saves = now - _drive(p, s, x, h, c)
        if saves > best:
            best, cut = saves, c
    return best, cut


@inlined
def _drive(p: Problem, s: State, x: int, h: int, cut: int) -> float:
    """What a truck of group ``h`` asks for the ring of slot ``x`` begun after the cut; inf
    when a limit is broken."""
    seq, size, g = s.seq[x], s.routes[x].size, p.groups[h]
    metres_of, seconds_of = p.metres[g.profile], p.seconds[g.profile]
    here, t, metres, soft = g.depot, g.leaves, 0, 0.0
    for i in range(size):
        u = seq[1 + (cut + i) % size]
        stop = p.stops[u]
        metres += metres_of[here, u]
        t = max(t + seconds_of[here, u], stop.open)
        if t > stop.close:
            return np.inf
        if p.mode == COSTED:
            soft += stop.arrive * (t - g.leaves) + stop.late * max(0, t - stop.due)
        t += stop.service
        here = u
    metres += metres_of[here, g.depot]
    t += seconds_of[here, g.depot]
    if t > g.back_by or t - g.leaves > g.most_s or metres > g.most_m:
        return np.inf
    return price(p, h, metres, t - g.leaves) + soft
