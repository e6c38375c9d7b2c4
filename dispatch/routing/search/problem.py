"""What the route search is asked and what it answers: plain values, no solver."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from dispatch.errors import InvalidInput

FAR = 2**40
# Whole numbers beyond this might overflow when summed
MOST = 2**50
MOST_THREADS = 64


@dataclass(frozen=True, slots=True)
class SearchStop:
    """Goods to leave at one place.

    ``open_s``/``close_s`` bound the start of unloading hard (early trucks wait);
    ``due_s`` softly: each second later costs ``late_cost_per_s``.  Each second until
    the start of unloading costs ``arrival_cost_per_s``.  Priority is expressed by
    these two and by ``unserved_cost``, paid when no truck comes.
    """

    load_g: int
    load_cm3: int = 0
    service_s: int = 0
    open_s: int = 0
    close_s: int = FAR
    due_s: int = FAR
    late_cost_per_s: float = 0.0
    arrival_cost_per_s: float = 0.0
    unserved_cost: float = 1e9


@dataclass(frozen=True, slots=True)
class VehicleGroup:
    """Like trucks at one depot; ``count`` None = as many as wanted.

    Trucks leave at ``leaves_s``; a route's duration counts from there, waiting
    included.  ``profile`` picks the matrix of this kind of truck.
    """

    depot: int
    count: int | None
    room_g: int
    room_cm3: int = FAR
    fixed_cost: float = 0.0
    cost_per_m: float = 1.0
    cost_per_s: float = 0.0
    max_duration_s: int = FAR
    max_distance_m: int = FAR
    leaves_s: int = 0
    back_by_s: int = FAR
    profile: int = 0


@dataclass(frozen=True)
class SearchProblem:
    """Stops, trucks and matrices.

    Matrices are ``[profile, from, to]`` over the stops in their order followed by the
    depots, below 2**31.  ``allowed[stop, group]`` None = every truck may serve every
    stop.  ``serve_cost[stop, group]`` is added when the stop rides in a truck of that
    group (below zero = a bonus); None = nothing.  ``returns_count_m``/``returns_count_s``: whether the way back to the depot
    counts as distance / as time (both False = open routes).
    """

    stops: tuple[SearchStop, ...]
    groups: tuple[VehicleGroup, ...]
    distance_m: NDArray[np.int64]
    duration_s: NDArray[np.int64]
    allowed: NDArray[np.bool_] | None = None
    returns_count_m: bool = True
    returns_count_s: bool = True
    serve_cost: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        shape = self.distance_m.shape
        if len(shape) != 3 or shape[1] != shape[2] or self.duration_s.shape != shape:
            raise _wrong(f"The matrices have the shapes {shape} and {self.duration_s.shape}.")
        depots = shape[1] - len(self.stops)
        if any(not 0 <= g.depot < depots or not 0 <= g.profile < shape[0] for g in self.groups):
            raise _wrong("A vehicle group names a depot or profile that the matrices lack.")
        if any(m.size and (m.min() < 0 or m.max() >= 2**31)
               for m in (self.distance_m, self.duration_s)):
            raise _wrong("A distance or duration is negative or above 2^31.")
        wanted = (len(self.stops), len(self.groups))
        if self.allowed is not None and self.allowed.shape != wanted:
            raise _wrong(f"The table of allowed trucks has the shape {self.allowed.shape}.")
        if self.serve_cost is not None and (
            self.serve_cost.shape != wanted or not np.isfinite(self.serve_cost).all()
        ):
            raise _wrong("The table of costs by truck has a wrong shape or holds no numbers.")
        for number, stop in enumerate(self.stops):
            _check_numbers(f"Stop {number}", stop)
        for number, group in enumerate(self.groups):
            _check_numbers(f"Vehicle group {number}", group)


def _check_numbers(where: str, row: SearchStop | VehicleGroup) -> None:
    """All amounts are numbers, none below zero."""
    for field in _NAMES[type(row)]:
        value = getattr(row, field)
        if value is not None and not (0 <= value <= MOST and isfinite(value)):
            raise InvalidInput(
                f"{where}: {field} is {value}.",
                remedy="Give a number between 0 and 2^50.",
                zh=f"线路搜索输入有误：{where} 的 {field} 为 {value}。",
                remedy_zh="请填写 0 到 2^50 之间的数。",
            )


_NAMES = {kind: tuple(f.name for f in fields(kind)) for kind in (SearchStop, VehicleGroup)}


def _wrong(message: str) -> InvalidInput:
    return InvalidInput(
        message,
        remedy="Give square matrices over stops and depots, one per profile.",
        zh="线路搜索的输入矩阵不一致。",
        remedy_zh="请按站点加仓库的顺序给出方阵，每种车速一张。",
    )


@dataclass(frozen=True, slots=True)
class SearchParams:
    """How long and how to search.

    ``iterations`` set = reproducible: that many per thread, the same answer for the
    same seed and threads.  Otherwise ``seconds`` of wall clock, preparation included;
    0 = the first greedy plan.  ``heat`` is the part of the way from hot to cold that this
    run covers, so that a search can be done in slices, each starting from the plan of the
    one before: (0, 0.25), (0.25, 0.5) ...  ``master_share`` of the budget goes to the choice
    among all routes met (see ``master``); below ``master_from_s`` seconds there is none.
    """

    seed: int = 1
    seconds: float = 1.0
    iterations: int | None = None
    threads: int = 2
    master_share: float = 0.15
    master_from_s: float = 8.0
    heat: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        good = (
            1 <= self.threads <= MOST_THREADS and 0 <= self.seconds < float("inf")
            and (self.iterations is None or self.iterations >= 0)
            and 0 <= self.master_share < 1 and self.master_from_s >= 0
            and 0 <= self.heat[0] <= self.heat[1] <= 1
        )
        if not good:
            raise InvalidInput(
                f"Search parameters out of range: {self}.",
                remedy=f"Give 1 to {MOST_THREADS} threads, no negative budget, shares from 0 to 1.",
                zh="线路搜索参数超出范围。",
                remedy_zh=f"线程数 1 至 {MOST_THREADS}，时限不能为负，比例在 0 与 1 之间。",
            )


@dataclass(frozen=True, slots=True)
class SearchRoute:
    """Stops in order, driven by one truck of a group; ``cost`` is the whole route's."""

    group: int
    stops: tuple[int, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best plan met.

    ``pool_bound`` is the LP optimum over the routes met: a lower bound on plans made of
    these routes only, not on every plan; None = not asked.  ``is_optimal``: every plan was
    looked at, there is no cheaper one.
    """

    routes: tuple[SearchRoute, ...]
    unserved: tuple[int, ...]
    cost: float
    pool_bound: float | None
    iterations: int
    seconds: float
    is_optimal: bool = False
