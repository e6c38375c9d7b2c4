"""From the asked problem to arrays, and back from arrays to routes."""

from __future__ import annotations

import numpy as np

from dispatch.routing.search.arrays import (
    BANK,
    COSTED,
    FREE,
    GROUP,
    PLACE,
    PLAIN,
    ROUTE,
    STAMP,
    STOP,
    SUMMED,
    WINDOWS,
    Array,
    Problem,
    State,
)
from dispatch.routing.search.problem import FAR, SearchProblem

NEAR = 120
POOL_ROUTES = 4096


def make_problem(asked: SearchProblem) -> Problem:
    """Arrays of a problem; neighbours, single-stop routes and truck families worked out."""
    n = len(asked.stops)
    metres = np.ascontiguousarray(asked.distance_m, dtype=np.int32)
    seconds = np.ascontiguousarray(asked.duration_s, dtype=np.int32)
    if not asked.returns_count_m:
        metres[:, :n, n:] = 0
    if not asked.returns_count_s:
        seconds[:, :n, n:] = 0
    stops, groups = _stops(asked), _groups(asked, n)
    allowed = asked.allowed if asked.allowed is not None else np.ones((n, len(groups)), np.bool_)
    solo_group, solo_cost, solo_size = _solo(stops, groups, allowed, (metres, seconds))
    stops["away"] = metres[0][:n, n:].min(axis=1) if n else 0
    mates = _mates(groups, allowed)
    return Problem(
        n=n,
        mode=_mode(stops, groups),
        mixed=bool(mates.shape[1] > 1),
        restricted=not bool(allowed.all()),
        metres=metres,
        to_metres=np.ascontiguousarray(metres.transpose(0, 2, 1)),
        seconds=seconds,
        to_seconds=np.ascontiguousarray(seconds.transpose(0, 2, 1)),
        stops=stops,
        groups=groups,
        allowed=np.ascontiguousarray(allowed),
        near=_near(asked.distance_m[0], n),
        solo_group=solo_group,
        solo_cost=solo_cost,
        solo_size=solo_size,
        mates=mates,
    )


def _stops(asked: SearchProblem) -> Array:
    stops = np.zeros(len(asked.stops), STOP)
    for row, s in zip(stops, asked.stops, strict=True):
        row["load_a"], row["load_b"], row["service"] = s.load_g, s.load_cm3, s.service_s
        row["open"], row["close"], row["due"] = s.open_s, s.close_s, s.due_s
        row["late"], row["arrive"] = s.late_cost_per_s, s.arrival_cost_per_s
        row["skip"] = s.unserved_cost
    return stops


def _groups(asked: SearchProblem, n: int) -> Array:
    groups = np.zeros(len(asked.groups), GROUP)
    families: dict[tuple[int, int, int, int], int] = {}
    for row, g in zip(groups, asked.groups, strict=True):
        row["depot"], row["room_a"], row["room_b"] = n + g.depot, g.room_g, g.room_cm3
        row["count"] = n if g.count is None else min(g.count, n)
        row["fixed"], row["per_m"], row["per_s"] = g.fixed_cost, g.cost_per_m, g.cost_per_s
        row["most_s"], row["most_m"] = g.max_duration_s, g.max_distance_m
        row["leaves"], row["back_by"], row["profile"] = g.leaves_s, g.back_by_s, g.profile
        key = (g.depot, g.profile, g.leaves_s, g.back_by_s)
        row["family"] = families.setdefault(key, len(families))
    return groups


def _mode(stops: Array, groups: Array) -> int:
    costed = bool((stops["arrive"] > 0).any()) or bool(
        ((stops["late"] > 0) & (stops["due"] < FAR)).any()
    )
    windows = bool((stops["open"] > groups["leaves"].min(initial=0)).any()) or bool(
        (stops["close"] < FAR).any() or (groups["back_by"] < FAR).any()
    )
    summed = bool((groups["most_s"] < FAR).any() or (groups["per_s"] > 0).any())
    if costed or (windows and summed):
        return COSTED
    if windows:
        return WINDOWS
    return SUMMED if summed else PLAIN


def _solo(
    stops: Array, groups: Array, allowed: Array, matrices: tuple[Array, Array]
) -> tuple[Array, Array, Array]:
    """For each stop the groups that can serve it alone, cheapest first."""
    n, many = len(stops), len(groups)
    cost = np.full((n, many), np.inf)
    place = np.arange(n)
    for number, g in enumerate(groups):
        metres, seconds = (m[g["profile"]].astype(np.int64) for m in matrices)
        depot = g["depot"]
        long = metres[depot, place] + metres[place, depot]
        starts = np.maximum(g["leaves"] + seconds[depot, place], stops["open"])
        ends = starts + stops["service"] + seconds[place, depot]
        fits = allowed[:, number] & (stops["load_a"] <= g["room_a"]) & (stops["load_b"] <= g["room_b"])
        fits &= (starts <= stops["close"]) & (ends <= g["back_by"]) & (long <= g["most_m"])
        fits &= ends - g["leaves"] <= g["most_s"]
        soft = stops["arrive"] * (starts - g["leaves"])
        soft += stops["late"] * np.maximum(0, starts - stops["due"])
        price = g["fixed"] + g["per_m"] * long + g["per_s"] * (ends - g["leaves"]) + soft
        cost[fits, number] = price[fits]
    order = np.argsort(cost, axis=1, kind="stable").astype(np.int32)
    return order, np.take_along_axis(cost, order, axis=1), np.isfinite(cost).sum(axis=1)


def _mates(groups: Array, allowed: Array) -> Array:
    """Per group the groups it may change with: same depot, matrix and times."""
    rows = [[h for h in range(len(groups)) if groups[h]["family"] == g["family"]] for g in groups]
    width = max((len(row) for row in rows), default=1)
    return np.array([row + [-1] * (width - len(row)) for row in rows], np.int32).reshape(-1, width)


def _near(metres: Array, n: int) -> Array:
    both = (metres[:n, :n] + metres[:n, :n].T).astype(np.float64)
    np.fill_diagonal(both, -1.0)
    return np.ascontiguousarray(np.argsort(both, axis=1, kind="stable")[:, :NEAR], dtype=np.int32)


def make_state(problem: Problem, seed: int) -> State:
    """An empty plan: every stop waits in the bank."""
    n, groups = problem.n, problem.groups
    most = int(min(n, groups["count"].sum()))
    # in one step: routes before, their changed copies, new ones for all stops taken out
    names, slots, wide = 2 * most + 2, 3 * most + 2, _longest(problem) + 2
    timed = wide if problem.mode >= WINDOWS else 1
    count = np.zeros(16, np.int64)
    count[FREE], count[BANK], count[STAMP] = slots, n, 1
    pool = POOL_ROUTES
    return State(
        seq=np.zeros((slots, wide), np.int32), leg=np.zeros((slots, wide), np.int32),
        leaves=np.zeros((slots, timed), np.int64), latest=np.zeros((slots, timed), np.int64),
        routes=np.zeros(slots, ROUTE), slot=np.zeros(names, np.int32),
        old=np.full(names, -1, np.int32), touched=np.zeros(names, np.int32),
        free=np.arange(slots, dtype=np.int32)[::-1].copy(),
        where=np.full(n, -1, np.int32), at=np.zeros(n, np.int32),
        used=np.zeros(len(groups), np.int64), bank=np.arange(n, dtype=np.int32),
        todo=np.zeros(n, np.int32), crowded=np.zeros(names, np.int32), key=np.zeros(n, np.float64),
        place=np.zeros((n, slots), PLACE), tally=count,
        value=np.array([problem.stops["skip"].sum(), np.inf, 0.0]),
        random=np.array([0x9E3779B97F4A7C15 ^ (seed * 0xBF58476D1CE4E5B9 & 2**64 - 1)], np.uint64),
        best_stops=np.zeros(n, np.int32), best_group=np.zeros(most + 1, np.int32),
        best_size=np.zeros(most + 1, np.int32), best_bank=np.zeros(n, np.int32),
        pool_key=np.zeros(pool, np.uint64), pool_cost=np.zeros(pool),
        pool_group=np.zeros(pool, np.int32), pool_size=np.zeros(pool, np.int32),
        pool_stops=np.zeros((pool, wide), np.int32),
    )


def _longest(problem: Problem) -> int:
    """No route has more stops than the smallest loads that fill the largest truck."""
    most = problem.n
    for load, room in (("load_a", "room_a"), ("load_b", "room_b")):
        sums = np.cumsum(np.sort(problem.stops[load]))
        most = min(most, int((sums <= problem.groups[room].max(initial=0)).sum()))
    return max(1, most)
