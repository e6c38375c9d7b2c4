"""From the asked problem to arrays, in parts short enough to be cancelled between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

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
    STRIDE,
    SUMMED,
    WINDOWS,
    Array,
    Problem,
    State,
)
from dispatch.routing.search.problem import FAR, SearchProblem
from dispatch.routing.search.solo import list_solo

NEAR = 120
POOL_ROUTES = 4096
# Entries of a matrix handled between two looks at the cancel flag
PART = 2_000_000
# Places remembered by a thread at most (40 bytes each); fresh memory costs more time than
# working places out again
MOST_PLACES = 2**20
# No route is longer: keeps the arrays of ten thousand stops within memory
LONGEST_ROUTE = 2000
Check = Callable[[], None]


class Cancelled(Exception):
    """The search was called off before there was a plan."""


def make_problem(asked: SearchProblem, check: Check) -> Problem:
    """Arrays of a problem; neighbours, single-stop routes and truck families worked out.

    ``check`` is called every few hundredths of a second; what it raises is passed on.
    """
    n = len(asked.stops)
    stops, groups = _stops(asked), _groups(asked, n)
    mode = _mode(stops, groups)
    metres = _matrix(asked.distance_m, n, asked.returns_count_m, check)
    seconds = metres if mode == PLAIN else _matrix(
        asked.duration_s, n, asked.returns_count_s, check
    )
    allowed = np.ones((n, len(groups)), np.bool_)
    if asked.allowed is not None:
        allowed = np.ascontiguousarray(asked.allowed, np.bool_)
    serve = np.zeros((0, 0))
    if asked.serve_cost is not None:
        serve = np.ascontiguousarray(asked.serve_cost, np.float64)
    solo = _solo((stops, groups, allowed, serve, metres, seconds), check)
    stops["away"] = metres[0][:n, n:].min(axis=1) if n else 0
    mates = _mates(groups)
    return Problem(
        n=n,
        mode=mode,
        mixed=bool(mates.shape[1] > 1),
        restricted=not bool(allowed.all()),
        charged=bool(serve.size),
        metres=metres,
        to_metres=metres if mode == COSTED else _turned(metres, check),
        seconds=seconds,
        to_seconds=_turned(seconds, check) if mode == WINDOWS else seconds,
        stops=stops,
        groups=groups,
        allowed=allowed,
        serve=serve,
        near=_near(asked.distance_m[0], n, check),
        solo_group=solo[0],
        solo_cost=solo[1],
        solo_size=solo[2],
        mates=mates,
    )


def _rows(wide: int, many: int) -> list[tuple[int, int]]:
    step = max(1, PART // max(1, wide))
    return [(i, min(many, i + step)) for i in range(0, many, step)]


def _matrix(asked: Array, n: int, returns_count: bool, check: Check) -> Array:
    """32-bit copy; the ways back cost nothing when they do not count."""
    made = np.empty(asked.shape, np.int32)
    for first, last in _rows(asked.shape[0] * asked.shape[2], asked.shape[1]):
        check()
        made[:, first:last] = asked[:, first:last]
    if not returns_count:
        made[:, :n, n:] = 0
    return made


def _turned(matrix: Array, check: Check) -> Array:
    """The matrix transposed; itself when large and the same both ways."""
    parts = _rows(matrix.shape[0] * matrix.shape[2], matrix.shape[1])
    if len(parts) > 1:
        for first, last in parts:
            check()
            if not np.array_equal(
                matrix[:, first:last], matrix[:, :, first:last].transpose(0, 2, 1)
            ):
                break
        else:
            return matrix
    made = np.empty_like(matrix)
    for first, last in parts:
        check()
        made[:, first:last] = matrix[:, :, first:last].transpose(0, 2, 1)
    return made


def _stops(asked: SearchProblem) -> Array:
    return np.array(
        [
            (s.load_g, s.load_cm3, s.service_s, s.open_s, s.close_s, s.due_s,
             s.late_cost_per_s, s.arrival_cost_per_s, s.unserved_cost, 0.0)
            for s in asked.stops
        ],
        STOP,
    )


def _groups(asked: SearchProblem, n: int) -> Array:
    families: dict[tuple[int, int, int, int], int] = {}
    rows = []
    for g in asked.groups:
        key = (g.depot, g.profile, g.leaves_s, g.back_by_s)
        rows.append((
            n + g.depot, g.room_g, g.room_cm3, n if g.count is None else min(g.count, n),
            g.fixed_cost, g.cost_per_m, g.cost_per_s, g.max_duration_s, g.max_distance_m,
            g.leaves_s, g.back_by_s, g.profile, families.setdefault(key, len(families)), 0, 0,
        ))
    groups = np.array(rows, GROUP)
    for room, most in (("room_a", "most_a"), ("room_b", "most_b")):
        largest = np.zeros(len(families), np.int64)
        np.maximum.at(largest, groups["family"], groups[room])
        groups[most] = largest[groups["family"]]
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


def _solo(given: tuple[Array, ...], check: Check) -> tuple[Array, Array, Array]:
    """For each stop the groups that can serve it alone, cheapest first, their prices and
    how many they are."""
    n, many = len(given[0]), len(given[1])
    group, cost = np.zeros((n, many), np.int32), np.full((n, many), np.inf)
    size = np.zeros(n, np.int64)
    parts = _rows(10 * many, n)
    for part in parts:
        check()
        list_solo(*given, part, group, cost, size)
    wide = int(size.max(initial=0))
    group, cost = group[:, :wide], cost[:, :wide]
    for first, last in parts:
        check()
        order = np.argsort(cost[first:last], axis=1, kind="stable")
        group[first:last] = np.take_along_axis(group[first:last], order, axis=1)
        cost[first:last] = np.take_along_axis(cost[first:last], order, axis=1)
    return np.ascontiguousarray(group), np.ascontiguousarray(cost), size


def _mates(groups: Array) -> Array:
    """Per group the groups it may change with: same depot, matrix and times."""
    members: dict[int, list[int]] = defaultdict(list)
    families = groups["family"].tolist()
    for h, family in enumerate(families):
        members[family].append(h)
    width = max((len(m) for m in members.values()), default=1)
    rows = [members[f] + [-1] * (width - len(members[f])) for f in families]
    return np.array(rows, np.int32).reshape(-1, width)


def _near(metres: Array, n: int, check: Check) -> Array:
    """Each stop's nearest by the way there and back, itself first; ties by number."""
    most = min(NEAR, n)
    near = np.zeros((n, most), np.int32)
    for first, last in _rows(4 * n, n):
        check()
        both = metres[first:last, :n].astype(np.int64) + metres[:n, first:last].T
        both[np.arange(last - first), np.arange(first, last)] = -1
        keys = both * n + np.arange(n)
        if most < n:
            keys = np.partition(keys, most - 1, axis=1)[:, :most]
        near[first:last] = np.sort(keys, axis=1) % n
    return near


def make_state(problem: Problem, seed: int) -> State:
    """An empty plan: every stop waits in the bank."""
    n, groups = problem.n, problem.groups
    most = int(min(n, groups["count"].sum()))
    # in one step: routes before, their changed copies, new ones for all stops taken out
    names, slots, wide = 2 * most + 2, 3 * most + 2, _longest(problem) + 2
    timed = wide if problem.mode >= WINDOWS else 1
    places = 1 << max(slots, min(MOST_PLACES, n * slots) - 1).bit_length()
    count = np.zeros(16, np.int64)
    count[FREE], count[BANK], count[STAMP], count[STRIDE] = slots, n, 1, min(slots, 64)
    pool = POOL_ROUTES
    return State(
        seq=np.zeros((slots, wide), np.int32), leg=np.zeros((slots, wide), np.int32),
        leaves=np.zeros((slots, timed), np.int64), latest=np.zeros((slots, timed), np.int64),
        routes=np.zeros(slots, ROUTE), slot=np.zeros(names, np.int32),
        old=np.full(names, -1, np.int32), touched=np.zeros(names, np.int32),
        free=np.arange(slots, dtype=np.int32)[::-1].copy(),
        where=np.full(n, -1, np.int32), at=np.zeros(n, np.int32),
        used=np.zeros(len(groups), np.int64), bank=np.arange(n, dtype=np.int32),
        todo=np.zeros(n, np.int32), crowded=np.zeros(names, np.int32),
        nearby=np.zeros(names, np.int32), mark=np.zeros(names, np.int64), key=np.zeros(n, np.float64),
        place=np.zeros(places, PLACE), tally=count,
        value=np.array([problem.stops["skip"].sum(), np.inf]),
        random=np.array([0x9E3779B97F4A7C15 ^ (seed * 0xBF58476D1CE4E5B9 & 2**64 - 1)], np.uint64),
        best_stops=np.zeros(n, np.int32), best_group=np.zeros(most + 1, np.int32),
        best_size=np.zeros(most + 1, np.int32), best_bank=np.zeros(n, np.int32),
        pool_key=np.zeros(pool, np.uint64), pool_cost=np.zeros(pool),
        pool_group=np.zeros(pool, np.int32), pool_size=np.zeros(pool, np.int32),
        pool_stops=np.zeros((pool, wide), np.int32),
    )


def _longest(problem: Problem) -> int:
    """No route has more stops than the smallest loads that fill the largest truck."""
    most = min(problem.n, LONGEST_ROUTE)
    for load, room in (("load_a", "room_a"), ("load_b", "room_b")):
        sums = np.cumsum(np.sort(problem.stops[load]))
        most = min(most, int((sums <= problem.groups[room].max(initial=0)).sum()))
    return max(1, most)
