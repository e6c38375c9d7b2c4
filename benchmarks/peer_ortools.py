"""OR-Tools' own routing library in the benchmark: one process per way of searching."""

from __future__ import annotations

from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.instances import Instance
from benchmarks.peers import Answer, matrix, scale_of, trucks_worth_having

TRUE, FALSE = 3, 2


def solve(instance: Instance, budget_s: float, seed: int) -> Answer:
    """Odd seeds: savings and guided local search; even ones: savings and the library's
    string removals with annealing, without local search after each."""
    scale = min(1000, scale_of(instance))
    way = matrix(instance, scale)
    n = len(instance.customers)
    owner = [
        index for index, fleet in enumerate(instance.fleets)
        for _ in range(trucks_worth_having(instance, fleet))
    ]
    ends = [n + instance.fleets[index].depot for index in owner]
    manager = pywrapcp.RoutingIndexManager(len(way), len(owner), ends, ends)
    model = pywrapcp.RoutingModel(manager)
    _add_costs(model, instance, owner, (way, scale))
    _add_rules(model, manager, instance, owner, (way, scale))
    found = _search(model, budget_s, is_guided=bool(seed % 2))
    if found is None:
        return []
    answer = []
    for vehicle, index in enumerate(owner):
        stops, at = [], model.Start(vehicle)
        while not model.IsEnd(at):
            if manager.IndexToNode(at) < n:
                stops.append(manager.IndexToNode(at))
            at = found.Value(model.NextVar(at))
        if stops:
            answer.append((index, tuple(stops)))
    return answer


def _add_costs(model: Any, instance: Instance, owner: list[int], scaled: tuple[Any, int]) -> None:
    way, scale = scaled
    made: dict[float, int] = {}
    for vehicle, index in enumerate(owner):
        fleet = instance.fleets[index]
        if fleet.unit not in made:
            priced = (way * fleet.unit).round().astype(int)
            made[fleet.unit] = model.RegisterTransitMatrix(priced.tolist())
        model.SetArcCostEvaluatorOfVehicle(made[fleet.unit], vehicle)
        model.SetFixedCostOfVehicle(round(fleet.fixed * scale), vehicle)


def _add_rules(
    model: Any, manager: Any, instance: Instance, owner: list[int], scaled: tuple[Any, int]
) -> None:
    way, scale = scaled
    n = len(instance.customers)
    loads = [c.demand for c in instance.customers] + [0] * len(instance.depots)
    rooms = [instance.fleets[index].capacity for index in owner]
    load = model.RegisterUnaryTransitVector(loads)
    model.AddDimensionWithVehicleCapacity(load, 0, rooms, True, "load")
    dearest = int(way.max()) * 200 * max(1, round(max(f.unit for f in instance.fleets)))
    for u in range(n):
        model.AddDisjunction([manager.NodeToIndex(u)], dearest)
    timed = any(c.closes < 1e9 for c in instance.customers)
    limited = any(f.max_duration < 1e9 for f in instance.fleets)
    if not timed and not limited:
        return
    service = [round(c.service * scale) for c in instance.customers] + [0] * len(instance.depots)
    times = [[int(d) + service[a] for d in row] for a, row in enumerate(way)]
    horizon = 2**40
    model.AddDimension(model.RegisterTransitMatrix(times), horizon, horizon, not timed, "time")
    clock = model.GetDimensionOrDie("time")
    for vehicle, index in enumerate(owner):
        fleet = instance.fleets[index]
        last = min(fleet.max_duration, instance.depots[fleet.depot].closes)
        if last < 1e9:
            clock.CumulVar(model.End(vehicle)).SetMax(round(last * scale))
    if timed:
        for u, c in enumerate(instance.customers):
            opens, closes = round(c.opens * scale), round(c.closes * scale)
            clock.CumulVar(manager.NodeToIndex(u)).SetRange(opens, closes)


def _search(model: Any, budget_s: float, is_guided: bool) -> Any:
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.SAVINGS
    search.time_limit.FromMilliseconds(int(budget_s * 1000))
    if is_guided:
        search.local_search_metaheuristic = (
            routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        )
        return model.SolveWithParameters(search)
    search.use_iterated_local_search = True
    ils = search.iterated_local_search_parameters
    strings = ils.ruin_recreate_parameters.ruin_strategies.add().sisr
    strings.max_removed_sequence_size, strings.avg_num_removed_visits = 10, 10
    strings.bypass_factor = 0.01
    ils.improve_perturbed_solution = False
    annealing = ils.reference_solution_acceptance_strategy.simulated_annealing
    annealing.automatic_temperatures = True
    return model.SolveWithIteratedLocalSearch(search)
