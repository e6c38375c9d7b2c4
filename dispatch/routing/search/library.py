"""OR-Tools' routing library on the same question: the engine without the compiled search."""

from __future__ import annotations

import time

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatch.routing.search.price import price_route
from dispatch.routing.search.problem import FAR, SearchProblem, SearchResult, SearchRoute

MINUTE = 60
MOST_MINUTES = 10**6
HUGE = 10**12


def solve_by_library(
    asked: SearchProblem, seconds: float, solutions: int | None = None
) -> SearchResult:
    """The best plan found within ``seconds``, or after ``solutions`` improvements.

    Small problems only: the library holds the interpreter lock while it searches.
    """
    began = time.perf_counter()
    n = len(asked.stops)
    trucks = [k for k, g in enumerate(asked.groups) for _ in range(min(n, n if g.count is None else g.count))]
    if not n or not trucks:
        return _result(asked, (), began)
    depots = [n + asked.groups[k].depot for k in trucks]
    manager = pywrapcp.RoutingIndexManager(asked.distance_m.shape[1], len(trucks), depots, depots)
    model = pywrapcp.RoutingModel(manager)
    _add_costs(model, asked, trucks)
    _add_loads(model, asked, trucks)
    _add_times(model, manager, asked, trucks)
    for u, stop in enumerate(asked.stops):
        model.AddDisjunction([manager.NodeToIndex(u)], int(min(HUGE, stop.unserved_cost)))
        if asked.allowed is not None:
            able = [v for v, k in enumerate(trucks) if asked.allowed[u, k]]
            model.VehicleVar(manager.NodeToIndex(u)).SetValues([-1, *able])
    answer = model.SolveWithParameters(_parameters(seconds, solutions))
    routes = []
    for v, k in enumerate(trucks if answer is not None else ()):
        index, stops = answer.Value(model.NextVar(model.Start(v))), []
        while not model.IsEnd(index):
            stops.append(manager.IndexToNode(index))
            index = answer.Value(model.NextVar(index))
        if stops:
            routes.append(SearchRoute(k, tuple(stops), price_route(asked, k, tuple(stops))))
    return _result(asked, tuple(routes), began)


def _result(asked: SearchProblem, routes: tuple[SearchRoute, ...], began: float) -> SearchResult:
    served = {u for route in routes for u in route.stops}
    unserved = tuple(u for u in range(len(asked.stops)) if u not in served)
    cost = sum(r.cost for r in routes) + sum(asked.stops[u].unserved_cost for u in unserved)
    return SearchResult(routes, unserved, cost, None, 0, time.perf_counter() - began)


def _add_costs(model: pywrapcp.RoutingModel, asked: SearchProblem, trucks: list[int]) -> None:
    n = len(asked.stops)
    evaluators: dict[int, int] = {}
    for v, k in enumerate(trucks):
        g = asked.groups[k]
        if k not in evaluators:
            cost = asked.distance_m[g.profile] * g.cost_per_m
            if not asked.returns_count_m:
                cost[:, n:] = 0
            if asked.serve_cost is not None:
                cost[:, :n] += asked.serve_cost[:, k]
            evaluators[k] = model.RegisterTransitMatrix(np.minimum(cost, HUGE).astype(np.int64).tolist())
        model.SetArcCostEvaluatorOfVehicle(evaluators[k], v)
        model.SetFixedCostOfVehicle(int(g.fixed_cost), v)


def _add_loads(model: pywrapcp.RoutingModel, asked: SearchProblem, trucks: list[int]) -> None:
    depots = [0] * (asked.distance_m.shape[1] - len(asked.stops))
    for name, loads, rooms in (
        ("load_g", [s.load_g for s in asked.stops], [asked.groups[k].room_g for k in trucks]),
        ("load_cm3", [s.load_cm3 for s in asked.stops], [asked.groups[k].room_cm3 for k in trucks]),
    ):
        load = model.RegisterUnaryTransitVector([*loads, *depots])
        model.AddDimensionWithVehicleCapacity(load, 0, rooms, True, name)


def _add_times(
    model: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, asked: SearchProblem,
    trucks: list[int],
) -> None:
    """Minutes; waiting for arrival and lateness are two dimensions with soft bounds."""
    n = len(asked.stops)
    service = np.array([s.service_s for s in asked.stops] + [0] * (asked.distance_m.shape[1] - n))
    transits: dict[int, int] = {}
    for k in trucks:
        profile = asked.groups[k].profile
        if profile not in transits:
            seconds = np.minimum(asked.duration_s[profile] + service[:, None], MOST_MINUTES * MINUTE)
            transits[profile] = model.RegisterTransitMatrix((-(-seconds // MINUTE)).astype(np.int64).tolist())
    by_truck = [transits[asked.groups[k].profile] for k in trucks]
    for name in ("late", "arrival"):
        model.AddDimensionWithVehicleTransits(by_truck, MOST_MINUTES, 2 * MOST_MINUTES, True, name)
    late, arrival = model.GetDimensionOrDie("late"), model.GetDimensionOrDie("arrival")
    for u, stop in enumerate(asked.stops):
        index = manager.NodeToIndex(u)
        late.CumulVar(index).SetRange(
            -(-stop.open_s // MINUTE), max(-(-stop.open_s // MINUTE), min(stop.close_s, FAR) // MINUTE)
        )
        if stop.late_cost_per_s and stop.due_s < FAR:
            late.SetCumulVarSoftUpperBound(index, stop.due_s // MINUTE, int(stop.late_cost_per_s * MINUTE))
        if stop.arrival_cost_per_s:
            arrival.SetCumulVarSoftUpperBound(index, 0, int(stop.arrival_cost_per_s * MINUTE))


def _parameters(seconds: float, solutions: int | None) -> object:
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    if solutions is not None:
        search.solution_limit = solutions
        search.time_limit.FromSeconds(600)
    else:
        search.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
    return search
