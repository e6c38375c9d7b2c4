"""Supply routes by OR-Tools: one small problem per warehouse, as sources are fixed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatch.routing.costs import lower_bound_fen, route_cost_fen
from dispatch.routing.model import Route, RoutingResult, Shipment, Stop, Unserved, VehicleClass
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.schedule import arrivals
from dispatch.words import Words

LATE_FEN_PER_MINUTE = {1: 800, 2: 400, 3: 200, 4: 100}
DROP_FEN = 10**10


@dataclass(frozen=True)
class Truck:
    """A truck the search may use at a depot; hired ones are made up as needed."""

    code: str
    kind: VehicleClass
    is_hired: bool


def solve(problem: RoutingProblem, params: RoutingParams) -> RoutingResult:
    """Routes for every shipment that has a road; the rest is unserved with its cause."""
    began = time.perf_counter()
    by_depot: dict[str, list[Shipment]] = defaultdict(list)
    unserved = []
    for shipment in problem.shipments:
        start = problem.warehouse_county[shipment.warehouse_code]
        if (start, shipment.county) in problem.matrix.duration_s:
            by_depot[shipment.warehouse_code].append(shipment)
        else:
            unserved.append(_no_road(shipment))
    served = [s for group in by_depot.values() for s in group]
    weight = sum(len(group) for group in by_depot.values() if len(group) > 1) or 1
    routes: list[Route] = []
    for depot, group in sorted(by_depot.items()):
        share_ms = max(50, params.time_limit_s * 1000 * len(group) // weight)
        routes += _solve_depot(problem, params, (depot, share_ms), group)
    return RoutingResult(
        status="feasible",
        routes=tuple(routes),
        unserved=tuple(unserved),
        objective=sum(route.cost_fen for route in routes),
        bound=lower_bound_fen(problem, served),
        runtime_s=time.perf_counter() - began,
    )


def _no_road(shipment: Shipment) -> Unserved:
    return Unserved(
        shipment.id,
        Words("route.no_road", f"从 {shipment.warehouse_code} 到 {shipment.county} 没有可通行的道路。",
              f"There is no open road from {shipment.warehouse_code} to {shipment.county}."),
        Words("remedy.open_road", "请与交通部门核实并打开一条道路，或申请空中运输。",
              "Have a road opened, or ask for air transport."),
    )


def _trucks(problem: RoutingProblem, depot: str, group: Sequence[Shipment]) -> list[Truck]:
    own = [
        Truck(v.code, problem.classes[v.class_code], False)
        for v in problem.vehicles if v.warehouse_code == depot
    ]
    short = depot.removeprefix("WH-")
    largest = max(problem.classes.values(), key=lambda c: c.payload_kg)
    hired = [
        Truck(f"HIRE-{short}-{kind.code}-{n}", kind, True)
        for kind in problem.classes.values()
        for n in range(1, (len(group) if kind is largest else min(len(group), 2)) + 1)
    ]
    return own + hired


def _solve_depot(
    problem: RoutingProblem,
    params: RoutingParams,
    place: tuple[str, int],
    group: Sequence[Shipment],
) -> list[Route]:
    depot, share_ms = place
    trucks = _trucks(problem, depot, group)
    tours = [(_cheapest_single(problem, depot, trucks, group[0]), [group[0]])]
    if len(group) > 1:
        tours = _search(problem, params, (depot, share_ms), (trucks, group)) or _one_each(
            problem, depot, trucks, group
        )
    return [_route(problem, depot, truck, tour) for truck, tour in tours]


def _fits(truck: Truck, shipment: Shipment) -> bool:
    return (
        shipment.load_g <= truck.kind.payload_kg * 1000
        and shipment.load_cm3 <= truck.kind.volume_cm3
    )


def _cheapest_single(
    problem: RoutingProblem, depot: str, trucks: Sequence[Truck], shipment: Shipment
) -> Truck:
    places = [problem.warehouse_county[depot], shipment.county]
    return min(
        (t for t in trucks if _fits(t, shipment)),
        key=lambda t: (route_cost_fen(problem, t.kind, t.is_hired, places), t.code),
    )


def _one_each(
    problem: RoutingProblem, depot: str, trucks: Sequence[Truck], group: Sequence[Shipment]
) -> list[tuple[Truck, list[Shipment]]]:
    """The plan without a search: each shipment its own cheapest free truck."""
    free = list(trucks)
    tours = []
    for shipment in sorted(group, key=lambda s: (-s.load_g, s.id)):
        truck = _cheapest_single(problem, depot, free, shipment)
        free.remove(truck)
        tours.append((truck, [shipment]))
    return tours


def _search(
    problem: RoutingProblem,
    params: RoutingParams,
    place: tuple[str, int],
    work: tuple[list[Truck], Sequence[Shipment]],
) -> list[tuple[Truck, list[Shipment]]]:
    (depot, share_ms), (trucks, group) = place, work
    nodes = [problem.warehouse_county[depot], *(s.county for s in group)]
    manager = pywrapcp.RoutingIndexManager(len(nodes), len(trucks), 0)
    model = pywrapcp.RoutingModel(manager)
    _add_costs(model, problem, trucks, nodes)
    _add_loads(model, trucks, group)
    _add_times(model, manager, problem, (nodes, group))
    for node in range(1, len(nodes)):
        model.AddDisjunction([manager.NodeToIndex(node)], DROP_FEN)
    answer = model.SolveWithParameters(_parameters(params, share_ms))
    if answer is None:
        return []
    tours = []
    for number, truck in enumerate(trucks):
        index, tour = answer.Value(model.NextVar(model.Start(number))), []
        while not model.IsEnd(index):
            tour.append(group[manager.IndexToNode(index) - 1])
            index = answer.Value(model.NextVar(index))
        if tour:
            tours.append((truck, tour))
    return tours if sum(len(tour) for _, tour in tours) == len(group) else []


def _add_costs(
    model: pywrapcp.RoutingModel, problem: RoutingProblem, trucks: list[Truck], nodes: list[str]
) -> None:
    evaluators: dict[tuple[str, bool], int] = {}
    for number, truck in enumerate(trucks):
        percent = problem.hire_factor_percent if truck.is_hired else 100
        key = (truck.kind.code, truck.is_hired)
        if key not in evaluators:
            evaluators[key] = model.RegisterTransitMatrix([
                [truck.kind.cost_per_km_fen * problem.matrix.distance_m[a, b] * percent // 100_000
                 for b in nodes] for a in nodes
            ])
        model.SetArcCostEvaluatorOfVehicle(evaluators[key], number)
        model.SetFixedCostOfVehicle(truck.kind.fixed_cost_fen * percent // 100, number)


def _add_loads(
    model: pywrapcp.RoutingModel, trucks: list[Truck], group: Sequence[Shipment]
) -> None:
    kilograms = model.RegisterUnaryTransitVector([0, *(s.load_g for s in group)])
    model.AddDimensionWithVehicleCapacity(
        kilograms, 0, [t.kind.payload_kg * 1000 for t in trucks], True, "load_g"
    )
    volume = model.RegisterUnaryTransitVector([0, *(s.load_cm3 for s in group)])
    model.AddDimensionWithVehicleCapacity(
        volume, 0, [t.kind.volume_cm3 for t in trucks], True, "load_cm3"
    )


def _add_times(
    model: pywrapcp.RoutingModel,
    manager: pywrapcp.RoutingIndexManager,
    problem: RoutingProblem,
    stops: tuple[list[str], Sequence[Shipment]],
) -> None:
    """Minutes, with rests smeared over the driving; lateness is soft, by priority."""
    nodes, group = stops
    stretch = 1 + problem.rest_s / problem.rest_after_s
    service = [problem.load_s, *(problem.unload_s for _ in group)]
    rows = []
    for i, a in enumerate(nodes):
        row = []
        for j, b in enumerate(nodes):
            same_stop = a == b and i and j
            seconds = 0 if same_stop else problem.matrix.duration_s[a, b] * stretch + service[i]
            row.append(int(seconds // 60))
        rows.append(row)
    model.AddDimension(model.RegisterTransitMatrix(rows), 0, 10**6, True, "minutes")
    minutes = model.GetDimensionOrDie("minutes")
    for number, shipment in enumerate(group, 1):
        due = max(0, int((shipment.due_at - problem.departs_at).total_seconds() // 60))
        minutes.SetCumulVarSoftUpperBound(
            manager.NodeToIndex(number), due, LATE_FEN_PER_MINUTE[shipment.priority]
        )


def _parameters(params: RoutingParams, share_ms: int) -> object:
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    search.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    if params.solution_limit is not None:
        search.solution_limit = params.solution_limit
        search.time_limit.FromSeconds(600)
    else:
        search.time_limit.FromMilliseconds(share_ms)
    return search


def _route(
    problem: RoutingProblem, depot: str, truck: Truck, tour: Sequence[Shipment]
) -> Route:
    counties = list(dict.fromkeys(s.county for s in tour))
    start = problem.warehouse_county[depot]
    leaves, times, duration_s = arrivals(problem, depot, counties)
    places = [start, *counties]
    legs = tuple(
        leg for a, b in zip(places, places[1:], strict=False) if a != b
        for leg in problem.matrix.path(a, b)
    )
    return Route(
        vehicle_code=truck.code,
        vehicle_class=truck.kind.code,
        warehouse_code=depot,
        departs_at=leaves,
        stops=tuple(
            Stop(county, at, tuple(s.id for s in tour if s.county == county))
            for county, at in zip(counties, times, strict=True)
        ),
        legs=legs,
        distance_m=sum(leg.distance_m for leg in legs),
        duration_s=duration_s,
        load_g=sum(s.load_g for s in tour),
        load_cm3=sum(s.load_cm3 for s in tour),
        cost_fen=route_cost_fen(problem, truck.kind, truck.is_hired, places),
        is_hired=truck.is_hired,
        reason=_why(problem, truck, tour, counties),
    )


def _why(
    problem: RoutingProblem, truck: Truck, tour: Sequence[Shipment], counties: Sequence[str]
) -> Words:
    kg = sum(s.load_g for s in tour) / 1000
    filled = max(
        kg * 100 / truck.kind.payload_kg,
        sum(s.load_cm3 for s in tour) * 100 / truck.kind.volume_cm3,
    )
    hired_zh = f"自有车辆不足或不合算，租车（按 {problem.hire_factor_percent}% 计价）；" if truck.is_hired else ""
    hired_en = (
        f"hired at {problem.hire_factor_percent} %, as no own truck does it cheaper; "
        if truck.is_hired else ""
    )
    return Words(
        "route.hired" if truck.is_hired else "route.own",
        f"{hired_zh}{truck.kind.name_zh}装载 {kg:,.0f} 千克，满载率 {filled:.0f}%，{len(counties)} 个站点。",
        f"{hired_en}{truck.kind.name_en} carries {kg:,.0f} kg, {filled:.0f} % full, {len(counties)} stop(s).",
    )
