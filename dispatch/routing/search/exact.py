"""A handful of stops: every route of every truck, and the cheapest plan made of them."""

from __future__ import annotations

import numpy as np

from dispatch.routing.search.arrays import Array, Problem
from dispatch.routing.search.compiled import compiled
from dispatch.routing.search.price import price_route
from dispatch.routing.search.problem import SearchProblem, SearchRoute

ALWAYS, MOST_STOPS = 3, 7
# Routes to drive through in about a thousandth of a second
MOST_ROUTES = 150_000
# Orders of all sets of 0..7 stops
ORDERS = (0, 1, 4, 15, 64, 325, 1956, 13_699)


def is_small(problem: Problem) -> bool:
    """Whether all plans can be looked at in about a thousandth of a second."""
    if not 1 <= problem.n <= MOST_STOPS:
        return False
    return problem.n <= ALWAYS or ORDERS[problem.n] * len(_useful(problem)) <= MOST_ROUTES


def _useful(problem: Problem) -> Array:
    held = np.arange(problem.solo_group.shape[1])[None] < problem.solo_size[:, None]
    return np.unique(problem.solo_group[held])


def best_plan(asked: SearchProblem, problem: Problem) -> tuple[SearchRoute, ...]:
    """The routes of the cheapest plan; stops in none of them stay unserved."""
    n, useful = problem.n, _useful(problem)
    sets = 1 << n
    cost = np.full((len(useful), sets), np.inf)
    order = np.zeros((len(useful), sets, n), np.int8)
    drive_all(problem, useful, cost, order, np.zeros((4, n + 1)), np.zeros((6, n + 1), np.int64))
    layers = len(useful) * n
    value = np.zeros(sets)
    chosen = np.zeros((layers, sets), np.int64)
    whose = np.zeros(layers, np.int64)
    many = put_together(problem, useful, cost, value, chosen, whose)
    routes, left = [], sets - 1
    for layer in range(many - 1, -1, -1):
        taken = int(chosen[layer, left])
        if taken:
            own = int(whose[layer])
            stops = tuple(order[own, taken, : taken.bit_count()].tolist())
            group = int(useful[own])
            routes.append(SearchRoute(group, stops, price_route(asked, group, stops)))
            left &= ~taken
    return tuple(routes[::-1])


@compiled
def drive_all(
    p: Problem, useful: Array, cost: Array, order: Array, sums: Array, whole: Array
) -> None:
    """Cheapest order of each set of stops for each useful group, by depth-first search.

    ``sums`` and ``whole`` are room to work in: what is known at each depth.
    """
    soft = sums[0]
    here, metres, leaves, load_a, load_b = whole[0], whole[1], whole[2], whole[3], whole[4]
    following = whole[5]
    for j in range(len(useful)):
        h = useful[j]
        g = p.groups[h]
        metres_of, seconds_of = p.metres[g.profile], p.seconds[g.profile]
        depth, held = 0, 0
        here[0], leaves[0], following[0] = g.depot, g.leaves, 0
        while depth >= 0:
            u = following[depth]
            if u >= p.n:
                if depth > 0:
                    held ^= 1 << here[depth]
                depth -= 1
                continue
            following[depth] += 1
            if held >> u & 1 or not p.allowed[u, h]:
                continue
            stop = p.stops[u]
            a, b = load_a[depth] + stop.load_a, load_b[depth] + stop.load_b
            long = metres[depth] + metres_of[here[depth], u]
            starts = max(leaves[depth] + seconds_of[here[depth], u], stop.open)
            if a > g.room_a or b > g.room_b or long > g.most_m or starts > stop.close:
                continue
            extra = stop.arrive * (starts - g.leaves) + stop.late * max(0, starts - stop.due)
            if p.charged:
                extra += p.serve[u, h]
            depth += 1
            held |= 1 << u
            here[depth], metres[depth], leaves[depth] = u, long, starts + stop.service
            load_a[depth], load_b[depth], following[depth] = a, b, 0
            soft[depth] = soft[depth - 1] + extra
            long += metres_of[u, g.depot]
            ends = leaves[depth] + seconds_of[u, g.depot]
            if long > g.most_m or ends > g.back_by or ends - g.leaves > g.most_s:
                continue
            price = g.fixed + g.per_m * long + g.per_s * (ends - g.leaves) + soft[depth]
            if price < cost[j, held]:
                cost[j, held] = price
                for i in range(depth):
                    order[j, held, i] = here[i + 1]


@compiled
def put_together(
    p: Problem, useful: Array, cost: Array, value: Array, chosen: Array, whose: Array
) -> int:
    """Truck by truck, the cheapest way to deal with each set of stops; how many trucks.

    ``value[set]`` is that cost, ``chosen[truck, set]`` the stops the truck takes of it.
    """
    everything = len(value) - 1
    for held in range(len(value)):
        for u in range(p.n):
            if held >> u & 1:
                value[held] += p.stops[u].skip
    trucks = 0
    for j in range(len(useful)):
        for _ in range(min(p.n, p.groups[useful[j]].count)):
            better = False
            for held in range(everything, 0, -1):
                part = held
                while part > 0:
                    total = value[held ^ part] + cost[j, part]
                    if total < value[held] - 1e-9:
                        value[held], chosen[trucks, held] = total, part
                        better = True
                    part = (part - 1) & held
            whose[trucks] = j
            trucks += 1
            if not better:
                break
    return trucks
