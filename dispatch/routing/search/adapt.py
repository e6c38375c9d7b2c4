"""The product's routing question put to the compiled search, and its tours back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.routing.problem import RoutingProblem
from dispatch.routing.search.problem import SearchProblem, SearchResult, SearchStop, VehicleGroup

# Stands for "no road" in the matrices; such pairs are never allowed together
NO_ROAD = 2**31 - 1


@dataclass(frozen=True, slots=True)
class TruckKind:
    """Like trucks at one warehouse; ``vehicle_codes`` is empty for hired ones."""

    warehouse_code: str
    class_code: str
    is_hired: bool
    vehicle_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tour:
    """One truck's shipments in order; ``vehicle_code`` is None for a hired truck."""

    kind: TruckKind
    vehicle_code: str | None
    shipment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Prices:
    """Fen: for each minute late by priority, and for a shipment left standing."""

    late_fen_per_minute: Mapping[int, int]
    unserved_fen: int


def list_kinds(problem: RoutingProblem) -> tuple[TruckKind, ...]:
    """Own trucks by warehouse and class, then a hired kind of each class where goods lie."""
    own: dict[tuple[str, str], list[str]] = defaultdict(list)
    for vehicle in problem.vehicles:
        own[vehicle.warehouse_code, vehicle.class_code].append(vehicle.code)
    kinds = [TruckKind(w, c, False, tuple(codes)) for (w, c), codes in sorted(own.items())]
    yards = sorted({s.warehouse_code for s in problem.shipments})
    hired = [TruckKind(w, c, True) for w in yards for c in sorted(problem.classes)]
    return (*kinds, *hired)


def make_search_problem(
    problem: RoutingProblem, kinds: tuple[TruckKind, ...], prices: Prices
) -> SearchProblem:
    """Costs in fen, sources as the shipments name them.

    Unloading is part of the way to the next county, so that shipments for one county
    unload once; a truck's time ends with its last unloading.
    """
    yards = sorted({kind.warehouse_code for kind in kinds})
    distance_m, duration_s = _matrices(problem, yards)
    groups = []
    for kind in kinds:
        of = problem.classes[kind.class_code]
        factor = problem.hire_factor_percent / 100 if kind.is_hired else 1.0
        groups.append(VehicleGroup(
            yards.index(kind.warehouse_code), None if kind.is_hired else len(kind.vehicle_codes),
            of.payload_kg * 1000, of.volume_cm3, fixed_cost=of.fixed_cost_fen * factor,
            cost_per_m=of.cost_per_km_fen * factor / 1000,
        ))
    leaves_at = problem.departs_at.timestamp() + problem.load_s
    stops = tuple(
        SearchStop(
            s.load_g, s.load_cm3, due_s=max(0, int(s.due_at.timestamp() - leaves_at)),
            late_cost_per_s=prices.late_fen_per_minute[s.priority] / 60,
            unserved_cost=prices.unserved_fen,
        )
        for s in problem.shipments
    )
    allowed = np.array([
        [
            k.warehouse_code == s.warehouse_code
            and (problem.warehouse_county[k.warehouse_code], s.county) in problem.matrix.duration_s
            for k in kinds
        ]
        for s in problem.shipments
    ], np.bool_).reshape(len(stops), len(kinds))
    return SearchProblem(
        stops, tuple(groups), distance_m, duration_s, allowed, returns_count_s=False
    )


def _matrices(
    problem: RoutingProblem, yards: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    places = [s.county for s in problem.shipments] + [problem.warehouse_county[w] for w in yards]
    metres = np.full((1, len(places), len(places)), NO_ROAD, np.int64)
    seconds = metres.copy()
    for i, a in enumerate(places):
        unload_s = problem.unload_s if i < len(problem.shipments) else 0
        for j, b in enumerate(places):
            drive_s = 0 if a == b else problem.matrix.duration_s.get((a, b))
            if drive_s is None:
                continue
            rests = max(0, -(-drive_s // problem.rest_after_s) - 1)
            metres[0, i, j] = 0 if a == b else problem.matrix.distance_m[a, b]
            seconds[0, i, j] = drive_s + rests * problem.rest_s + (unload_s if a != b else 0)
    return metres, seconds


def read_tours(
    problem: RoutingProblem, kinds: tuple[TruckKind, ...], found: SearchResult
) -> tuple[tuple[Tour, ...], tuple[int, ...]]:
    """Tours with the own trucks' codes given out in order, and the shipments left."""
    given: Counter[int] = Counter()
    tours = []
    for route in found.routes:
        kind = kinds[route.group]
        code = None if kind.is_hired else kind.vehicle_codes[given[route.group]]
        given[route.group] += 1
        tours.append(Tour(kind, code, tuple(problem.shipments[u].id for u in route.stops)))
    return tuple(tours), tuple(problem.shipments[u].id for u in found.unserved)
