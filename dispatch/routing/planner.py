"""The route plan, slice by slice: first plan at once, sources fixed, sources free, master."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf

from dispatch.routing.bundles import units_of
from dispatch.routing.finish import weigh
from dispatch.routing.model import Shipment
from dispatch.routing.pins import check_pins
from dispatch.routing.plan import RoutePlan, lane_keys, trucks_of
from dispatch.routing.polish import polish
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.search.adapt import (
    Part,
    list_kinds,
    make_search_problem,
    read_hired_code,
    read_plan,
    start_routes,
)
from dispatch.routing.search.engine import solve
from dispatch.routing.search.library import solve_by_library
from dispatch.routing.search.problem import SearchParams

THREADS = 2
# of the slices one in four goes to the warehouses one by one
FIXED_SHARE = 4
MASTER_SHARE = 0.4
# of the time, for the proof and the exact timetable
POLISH_SHARE = 0.25


def first_plan(problem: RoutingProblem, before: RoutePlan | None = None) -> RoutePlan:
    """A plan at once: greedy at each warehouse, every source as allotted.

    ``before``: the plan this one should change little; its tours are kept where they can be.
    ``InvalidInput`` when two pins contradict each other.
    """
    check_pins(problem.pins, yards_of(problem))
    plan = RoutePlan((), (), 0.0)
    parts = [_part(problem, group, before) for group in _by_depot(problem).values()]
    return _together([_search(p, SearchParams(seconds=0, threads=1), before or plan) for p in parts], 0)


def yards_of(problem: RoutingProblem) -> dict[str, str]:
    """Truck → warehouse where it stands, hired ones that a pin names among them."""
    yards = {v.code: v.warehouse_code for v in problem.vehicles}
    for code in sorted(problem.pins.named_trucks - set(yards)):
        yard, class_code = read_hired_code(code)
        if yard in problem.warehouse_county and class_code in problem.classes:
            yards[code] = yard
    return yards


def replan(
    problem: RoutingProblem, params: RoutingParams, before: RoutePlan, begin: RoutePlan | None = None
) -> RoutePlan:
    """The whole budget in one search that changes little of ``before``; it begins from there,
    or from ``begin`` where that is given.

    ``InvalidInput`` when two pins contradict each other.
    """
    check_pins(problem.pins, yards_of(problem))
    last = max(1, params.slices - 1)
    start = replace(begin or before, cost=inf, unserved=(), slices=last, forbidden=())
    whole = replace(params, time_limit_s=params.time_limit_s * (last + 1), slices=last + 1)
    if params.iterations is not None:
        whole = replace(whole, iterations=params.iterations * (last + 1))
    return improve(problem, start, whole, before)


def improve(
    problem: RoutingProblem,
    plan: RoutePlan,
    params: RoutingParams,
    before: RoutePlan | None = None,
    cancel: threading.Event | None = None,
) -> RoutePlan:
    """One more slice of the budget; never worse than ``plan``.

    The first quarter of the slices searches each warehouse alone; then, where shipments may
    come from elsewhere, all together, and stock claimed twice is given back.  In the last slice
    the master chooses among all routes met; then comes the proof of how little the plan could
    cost, which also mends what the exact timetable makes dearer than the search thought.
    """
    cancel = cancel or threading.Event()
    number = plan.slices
    if params.engine == "ortools":
        return replace(_by_library(problem, plan, params, before), slices=params.slices)
    polish_s = params.time_limit_s * POLISH_SHARE
    params = replace(params, time_limit_s=params.time_limit_s - polish_s)
    fixed = max(1, params.slices // FIXED_SHARE)
    if number < fixed or not problem.sources:
        better = _alone(problem, plan, params, (before, cancel))
    else:
        better = _joined(problem, plan, params, (before, cancel))
    if number + 1 == params.slices and not cancel.is_set():
        better = polish(problem, better, None if params.iterations else polish_s, before)
    return replace(better, slices=number + 1)


def plan_routes(
    problem: RoutingProblem,
    params: RoutingParams,
    before: RoutePlan | None = None,
    cancel: threading.Event | None = None,
) -> RoutePlan:
    """The first plan and every slice after it."""
    plan = first_plan(problem, before)
    while plan.slices < params.slices and not (cancel and cancel.is_set()):
        plan = improve(problem, plan, params, before, cancel)
    return plan


def _by_depot(problem: RoutingProblem) -> dict[str, list[Shipment]]:
    keys = lane_keys(problem.shipments)
    locked = {load for tour in problem.pins.locked for load in tour.loads}
    groups: dict[str, list[Shipment]] = defaultdict(list)
    for shipment in problem.shipments:
        if keys[shipment.id] not in locked:
            groups[shipment.warehouse_code].append(shipment)
    return dict(sorted(groups.items()))


def _part(
    problem: RoutingProblem, group: Sequence[Shipment], before: RoutePlan | None,
    forbidden: frozenset[tuple[int, str]] = frozenset(), *, movable: bool = False,
) -> Part:
    return Part(problem, tuple(group), movable, forbidden, trucks_of(before, {s.id for s in group}))


def _search(
    part: Part, params: SearchParams, start: RoutePlan, cancel: threading.Event | None = None
) -> RoutePlan:
    kinds = list_kinds(part)
    if not kinds:
        return _all_stay(part)
    asked = make_search_problem(part, kinds)
    found = solve(asked, params, None, cancel, start_routes(part, kinds, start))
    tours, unserved = read_plan(part, kinds, found)
    return RoutePlan(tours, unserved, weigh(part.problem, tours, unserved))


def _within(plan: RoutePlan, part: Part) -> RoutePlan:
    """What a plan says of the shipments of a part."""
    ids = {s.id for s in part.shipments}
    tours = tuple(t for t in plan.tours if t.shipment_ids[0] in ids)
    unserved = tuple(i for i in plan.unserved if i in ids)
    return RoutePlan(tours, unserved, weigh(part.problem, tours, unserved))


def _all_stay(part: Part) -> RoutePlan:
    """The plan of a warehouse without any truck."""
    stays = sum(part.problem.rates.unserved(s.priority) for s in part.shipments)
    return RoutePlan((), tuple(s.id for s in part.shipments), stays)


def _together(plans: Sequence[RoutePlan], slices: int) -> RoutePlan:
    return RoutePlan(
        tuple(t for p in plans for t in p.tours), tuple(sorted(i for p in plans for i in p.unserved)),
        sum(p.cost for p in plans), slices,
    )


def _alone(
    problem: RoutingProblem, plan: RoutePlan, params: RoutingParams,
    more: tuple[RoutePlan | None, threading.Event],
) -> RoutePlan:
    """Each warehouse by itself, two at a time; a part of the budget by its shipments."""
    before, cancel = more
    groups = list(_by_depot(problem).values())
    parts = [_part(problem, group, before) for group in groups]
    total = sum(len(g) for g in groups if len(g) > 1) or 1
    fixed = params.slices if not problem.sources else max(1, params.slices // FIXED_SHARE)
    heat = (plan.slices / fixed, (plan.slices + 1) / fixed)

    def run(part: Part) -> RoutePlan:
        """A part searched; where the plan it begins from is only a start (at endless cost, it
        may use what is no longer to be used) the answer is taken as it is."""
        n = len(part.shipments)
        seconds = params.time_limit_s / params.slices * THREADS * n / total
        steps = None if params.iterations is None else max(1, params.iterations * n // params.slices)
        asked = SearchParams(params.seed, seconds, steps, 1, 0.0, heat=heat)
        found = _search(part, asked, plan, cancel)
        return found if plan.cost == inf else min(_within(plan, part), found, key=lambda p: p.cost)

    with ThreadPoolExecutor(THREADS) as pool:
        return _together(list(pool.map(run, parts)), plan.slices)


def _joined(
    problem: RoutingProblem, plan: RoutePlan, params: RoutingParams,
    more: tuple[RoutePlan | None, threading.Event],
) -> RoutePlan:
    """All warehouses together; what stock does not allow is forbidden and searched again."""
    before, cancel = more
    group = [s for shipments in _by_depot(problem).values() for s in shipments]
    fixed = max(1, params.slices // FIXED_SHARE)
    last = plan.slices + 1 == params.slices
    span = max(1, params.slices - fixed)
    asked = SearchParams(
        params.seed + plan.slices, params.time_limit_s / params.slices,
        None if params.iterations is None else max(1, params.iterations * len(group) // params.slices),
        THREADS, MASTER_SHARE if last else 0.0, 0.0,
        heat=((plan.slices - fixed) / span, (plan.slices + 1 - fixed) / span),
    )
    forbidden = frozenset(plan.forbidden)
    start = plan
    while True:
        found = _search(_part(problem, group, before, forbidden, movable=True), asked, start, cancel)
        clashes = claimed_twice(problem, found)
        if not clashes:
            better = min(plan, found, key=lambda p: p.cost)
            return replace(better, forbidden=tuple(sorted(forbidden)))
        forbidden |= clashes
        start = without(found, {i for i, _ in clashes})
        asked = replace(asked, seconds=asked.seconds / 4, iterations=asked.iterations and max(1, asked.iterations // 4))


def claimed_twice(problem: RoutingProblem, plan: RoutePlan) -> frozenset[tuple[int, str]]:
    """(shipment, warehouse) pairs that the spare stock of the warehouse does not cover, the
    most urgent and heaviest being served first."""
    of = problem.by_id
    left: Counter[tuple[str, str]] = Counter(problem.spare)
    moved = [
        (of[i], tour.warehouse_code) for tour in plan.tours for i in tour.shipment_ids
        if of[i].warehouse_code != tour.warehouse_code
    ]
    clashes = set()
    for shipment, yard in sorted(moved, key=lambda m: (m[0].priority, -m[0].load_g, m[0].id)):
        wanted = units_of(shipment)
        if all(left[yard, item] >= units for item, units in wanted.items()):
            left.subtract({(yard, item): units for item, units in wanted.items()})
        else:
            clashes.add((shipment.id, yard))
    return frozenset(clashes)


def without(plan: RoutePlan, ids: set[int]) -> RoutePlan:
    """The plan with some shipments taken out."""
    tours = tuple(
        replace(t, shipment_ids=tuple(i for i in t.shipment_ids if i not in ids)) for t in plan.tours
    )
    return replace(plan, tours=tuple(t for t in tours if t.shipment_ids))


def _by_library(
    problem: RoutingProblem, plan: RoutePlan, params: RoutingParams, before: RoutePlan | None
) -> RoutePlan:
    """The engine without the compiled search: the routing library, warehouse by warehouse."""
    groups = list(_by_depot(problem).values())
    total = sum(len(g) for g in groups if len(g) > 1) or 1
    plans = []
    for group in groups:
        part = _part(problem, group, before)
        kinds = list_kinds(part)
        if not kinds:
            plans.append(_all_stay(part))
            continue
        asked = make_search_problem(part, kinds)
        seconds = params.time_limit_s * len(group) / total
        found = solve_by_library(asked, seconds, params.iterations)
        tours, unserved = read_plan(part, kinds, found)
        plans.append(RoutePlan(tours, unserved, weigh(problem, tours, unserved)))
    better = _together(plans, params.slices)
    return min(better, plan, key=lambda p: p.cost)
