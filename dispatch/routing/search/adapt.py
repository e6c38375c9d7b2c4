"""The product's routing question put to the compiled search, and its tours back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.routing.driving import stops_on_the_way_s
from dispatch.routing.model import Shipment
from dispatch.routing.plan import RoutePlan, Tour
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.search.problem import (
    FAR,
    SearchProblem,
    SearchResult,
    SearchRoute,
    SearchStop,
    VehicleGroup,
)

# Stands for "no road" in the matrices; such pairs are never allowed together
NO_ROAD = 2**31 - 1
OWN_FACTOR = 100
GRAMS = 1000


@dataclass(frozen=True, slots=True)
class TruckKind:
    """Like trucks at one warehouse; ``vehicle_codes`` is empty for hired ones yet to be named,
    of which there are ``count``."""

    warehouse_code: str
    class_code: str
    is_hired: bool
    vehicle_codes: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True)
class Part:
    """Some shipments of a problem, searched together.

    ``movable``: whether other sources may be used; ``forbidden``: (shipment id,
    warehouse) pairs that stock does not allow; ``before``: lane name → truck in the plan
    that should change little.
    """

    problem: RoutingProblem
    shipments: tuple[Shipment, ...]
    movable: bool = False
    forbidden: frozenset[tuple[int, str]] = frozenset()
    before: Mapping[int, str] = field(default_factory=dict)

    def yards_of(self, shipment: Shipment) -> tuple[str, ...]:
        """Where a shipment may be loaded, its own warehouse first."""
        if not self.movable:
            return (shipment.warehouse_code,)
        others = self.problem.sources.get(shipment.id, ())
        return (shipment.warehouse_code, *(w for w in others if (shipment.id, w) not in self.forbidden))


def list_kinds(part: Part) -> tuple[TruckKind, ...]:
    """Own trucks by warehouse and class, then hired ones of each class, where goods may lie.

    A truck that a pin or the plan before speaks of is a kind of its own.
    """
    problem, pins = part.problem, part.problem.pins
    yards = {yard for s in part.shipments for yard in part.yards_of(s)}
    alone = pins.named_trucks | set(part.before.values())
    gone = frozenset(pins.without | {tour.vehicle_code for tour in pins.locked})
    own: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for vehicle in problem.vehicles:
        if vehicle.warehouse_code in yards and vehicle.code not in gone:
            name = vehicle.code if vehicle.code in alone else ""
            own[vehicle.warehouse_code, vehicle.class_code, name].append(vehicle.code)
    kinds = [TruckKind(w, c, False, tuple(codes), len(codes)) for (w, c, _), codes in sorted(own.items())]
    return (*kinds, *_hired_kinds(part, yards, gone))


def _hired_kinds(part: Part, yards: set[str], gone: frozenset[str]) -> list[TruckKind]:
    """Hired trucks of the plan before and of pins by name, then as many others as can be had."""
    problem, pins = part.problem, part.problem.pins
    left = {(w, c): problem.rates.hire_most for w in sorted(yards) for c in sorted(problem.classes)}
    known = {v.code for v in problem.vehicles}
    locked = {t.vehicle_code for t in pins.locked if t.is_hired}
    named = []
    for code in sorted((set(part.before.values()) | locked | pins.named_trucks) - known):
        place = read_hired_code(code)
        if place in left:
            left[place] -= 1
            if code not in gone:
                named.append(TruckKind(*place, True, (code,)))
    return [*named, *(TruckKind(*place, True, (), count) for place, count in left.items() if count > 0)]


def hired_code(warehouse_code: str, class_code: str, number: int) -> str:
    """The name of a hired truck."""
    return f"HIRE-{warehouse_code.removeprefix('WH-')}-{class_code}-{number}"


def read_hired_code(code: str) -> tuple[str, str]:
    """(warehouse, class) of a hired truck's name; two empty names for any other."""
    parts = code.removeprefix("HIRE-").rsplit("-", 2)
    is_name = code.startswith("HIRE-") and len(parts) == 3 and parts[2].isdecimal()
    return (f"WH-{parts[0]}", parts[1]) if is_name else ("", "")


def make_search_problem(part: Part, kinds: tuple[TruckKind, ...]) -> SearchProblem:
    """Costs in fen.

    Unloading is part of the way to the next county, so that shipments for one county
    unload once; a truck's time ends with its last unloading.
    """
    problem = part.problem
    yards = sorted({kind.warehouse_code for kind in kinds})
    distance_m, duration_s = _matrices(part, yards)
    groups = []
    for kind in kinds:
        of = problem.classes[kind.class_code]
        factor = (problem.rates.hire_factor_percent if kind.is_hired else OWN_FACTOR) / 100
        groups.append(VehicleGroup(
            yards.index(kind.warehouse_code), kind.count,
            of.payload_kg * GRAMS, of.volume_cm3, fixed_cost=of.fixed_cost_fen * factor,
            cost_per_m=of.cost_per_km_fen * factor / 1000,
        ))
    allowed, serve_cost = _who_serves(part, kinds)
    return SearchProblem(
        tuple(_stop(problem, s) for s in part.shipments), tuple(groups), distance_m, duration_s,
        allowed, returns_count_m=problem.returns, returns_count_s=False, serve_cost=serve_cost,
    )


def _stop(problem: RoutingProblem, shipment: Shipment) -> SearchStop:
    leaves_at = problem.departs_at.timestamp() + problem.load_s
    rates, priority = problem.rates, shipment.priority
    opens, closes = shipment.opens_at, shipment.closes_at
    return SearchStop(
        shipment.load_g, shipment.load_cm3,
        open_s=max(0, int(opens.timestamp() - leaves_at)) if opens else 0,
        close_s=max(-1, int(closes.timestamp() - leaves_at)) if closes else FAR,
        due_s=max(0, int(shipment.due_at.timestamp() - leaves_at)),
        late_cost_per_s=rates.late_per_s(priority, shipment.load_g),
        arrival_cost_per_s=rates.arrival_per_s(priority, shipment.load_g),
        unserved_cost=float(rates.unserved(priority)),
    )


def _who_serves(
    part: Part, kinds: Sequence[TruckKind]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """[shipment, kind]: whether it may, and what it costs beside the road."""
    problem = part.problem
    pinned = {
        (p.warehouse_code, p.county): p.vehicle_code for p in problem.pins.trucks if p.number is None
    }
    able = [frozenset(problem.classes[k.class_code].skills.split()) for k in kinds]
    allowed = np.zeros((len(part.shipments), len(kinds)), np.bool_)
    cost = np.zeros(allowed.shape)
    for i, s in enumerate(part.shipments):
        yards = set(part.yards_of(s))
        truck = problem.rides.get(s.id) or pinned.get((s.warehouse_code, s.county))
        needs = problem.skills.get(s.county, frozenset())
        before = part.before.get(s.id)
        for k, kind in enumerate(kinds):
            start = problem.warehouse_county[kind.warehouse_code]
            allowed[i, k] = (
                kind.warehouse_code in yards and needs <= able[k]
                and (start, s.county) in problem.matrix.duration_s
                and (truck is None or kind.vehicle_codes == (truck,))
            )
            if kind.warehouse_code != s.warehouse_code:
                cost[i, k] += problem.rates.move_fen
            if before is not None and kind.vehicle_codes != (before,):
                cost[i, k] += problem.rates.change_fen
    return allowed, cost


def _matrices(
    part: Part, yards: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Metres and seconds between the places of shipments and yards.

    Worked out once for each pair of counties, then spread over the shipments.
    """
    problem = part.problem
    counties = [s.county for s in part.shipments]
    starts = [problem.warehouse_county[w] for w in yards]
    yards_of_goods = [problem.warehouse_county[s.warehouse_code] for s in part.shipments]
    names = sorted({*counties, *starts, *yards_of_goods})
    row = {name: number for number, name in enumerate(names)}
    metres = np.full((len(names), len(names)), NO_ROAD, np.int64)
    drive = metres.copy()
    for a in names:
        for b in names:
            drive_s = problem.matrix.duration_s.get((a, b))
            if drive_s is not None:
                metres[row[a], row[b]] = 0 if a == b else problem.matrix.distance_m[a, b]
                drive[row[a], row[b]] = drive_s
    at = np.array([row[name] for name in (*counties, *starts)])
    homes = [row[county] for county in yards_of_goods]
    driven = np.concatenate([drive[homes, at[: len(counties)]], np.zeros(len(starts), np.int64)])
    seconds = _with_stops(problem, drive[at[:, None], at[None]], driven)
    apart = at[:, None] != at[None]
    between = np.zeros_like(apart)
    between[: len(counties), : len(counties)] = True
    unload = np.where(np.arange(len(at)) < len(counties), problem.unload_s, 0)
    # goods for one county are unloaded together; a yard's own county takes the local drive
    full = np.where(between & ~apart, 0, np.minimum(NO_ROAD, seconds + unload[:, None] * apart))
    return metres[at[:, None], at[None]][None], full[None]


def _with_stops(
    problem: RoutingProblem, drive: NDArray[np.int64], driven: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Drives with breaks and sleep.

    A crew is taken to come to a place straight from its warehouse, ``driven`` seconds, and
    to have had a break there (it unloads); the timetable counts what it really has driven.
    """
    day_s = problem.driving.day_s
    # none of the day left is a day done: (0, day], but a yard starts fresh
    awake = np.where(driven > 0, (driven - 1) % day_s + 1, 0)
    known, back = np.unique(drive * (day_s + 1) + awake[:, None], return_inverse=True)
    stops = [
        0 if seconds >= NO_ROAD else stops_on_the_way_s(seconds, problem.driving, awake_s)
        for seconds, awake_s in (divmod(key, day_s + 1) for key in known.tolist())
    ]
    return drive + np.array(stops, np.int64)[back.reshape(drive.shape)]


def read_plan(
    part: Part, kinds: tuple[TruckKind, ...], found: SearchResult
) -> tuple[tuple[Tour, ...], tuple[int, ...]]:
    """Tours with the trucks' codes given out in order, and the shipments left."""
    given: Counter[int] = Counter()
    named = {code for k in kinds if k.is_hired for code in k.vehicle_codes}
    named |= {tour.vehicle_code for tour in part.problem.pins.locked}
    fresh: Counter[tuple[str, str]] = Counter()
    tours = []
    for route in found.routes:
        kind = kinds[route.group]
        if kind.vehicle_codes:
            code = kind.vehicle_codes[given[route.group]]
            given[route.group] += 1
        else:
            code = _next_hired(kind, fresh, named)
        ids = tuple(part.shipments[u].id for u in route.stops)
        tours.append(Tour(code, kind.class_code, kind.is_hired, kind.warehouse_code, ids))
    return tuple(tours), tuple(part.shipments[u].id for u in found.unserved)


def _next_hired(kind: TruckKind, fresh: Counter[tuple[str, str]], named: set[str]) -> str:
    while True:
        fresh[kind.warehouse_code, kind.class_code] += 1
        number = fresh[kind.warehouse_code, kind.class_code]
        code = hired_code(kind.warehouse_code, kind.class_code, number)
        if code not in named:
            return code


def start_routes(
    part: Part, kinds: tuple[TruckKind, ...], plan: RoutePlan
) -> tuple[SearchRoute, ...]:
    """The tours of a plan as the search takes them; what does not fit the part is left out."""
    number = {s.id: u for u, s in enumerate(part.shipments)}
    by_code = {code: k for k, kind in enumerate(kinds) for code in kind.vehicle_codes}
    hired = {(k.warehouse_code, k.class_code): n for n, k in enumerate(kinds) if k.is_hired and not k.vehicle_codes}
    routes = []
    for tour in plan.tours:
        group = by_code.get(tour.vehicle_code)
        if group is None:
            group = hired.get((tour.warehouse_code, tour.class_code))
        stops = tuple(number[i] for i in tour.shipment_ids if i in number)
        if group is not None and stops:
            routes.append(SearchRoute(group, stops, 0.0))
    return tuple(routes)
