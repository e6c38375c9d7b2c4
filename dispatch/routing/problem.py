"""What the route planner is asked, as one frozen value, checked at the door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from dispatch.errors import InvalidInput
from dispatch.routing.model import Shipment, Vehicle, VehicleClass
from dispatch.routing.pins import Pins
from dispatch.routing.rates import DrivingRules, Rates
from dispatch.routing.roads import TravelMatrix
from dispatch.routing.surroundings import Surroundings

ENGINES = ("search", "ortools")
LONGEST_S = 10**7


@dataclass(frozen=True)
class RoutingProblem:
    """Shipments to carry with the trucks that stand at the warehouses.

    ``warehouse_county`` maps a warehouse to the county seat it stands at; the
    matrix is over county adcodes.  ``load_s``/``unload_s`` are service times.
    ``sources``: shipment id → other warehouses it may be loaded at, as far as
    ``spare`` units of (warehouse, item) go.  ``skills``: county → what a truck must be
    fit for to drive there.  ``rides``: shipment id → truck a person fixed it to.
    ``returns``: whether the empty way back is paid.  ``around`` is for words and trials only:
    no plan depends on it.
    Raises ``InvalidInput`` listing every fault (first twenty).
    """

    shipments: tuple[Shipment, ...]
    vehicles: tuple[Vehicle, ...]
    classes: dict[str, VehicleClass]
    warehouse_county: dict[str, str]
    matrix: TravelMatrix
    departs_at: datetime
    load_s: int
    unload_s: int
    driving: DrivingRules
    rates: Rates
    sources: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    spare: Mapping[tuple[str, str], int] = field(default_factory=dict)
    skills: Mapping[str, frozenset[str]] = field(default_factory=dict)
    pins: Pins = Pins()
    rides: Mapping[int, str] = field(default_factory=dict)
    returns: bool = True
    around: Surroundings = field(default=Surroundings(), repr=False, compare=False)

    def __post_init__(self) -> None:
        faults = [*_class_faults(self), *_shipment_faults(self), *_vehicle_faults(self), *_road_faults(self)]
        if faults:
            raise InvalidInput(
                f"The routing problem has {len(faults)} fault(s): " + "; ".join(faults[:20]) + ".",
                remedy="Mend the records named; nothing was planned.",
                zh=f"线路输入有 {len(faults)} 处错误：" + "；".join(faults[:20]) + "。",
                remedy_zh="请修改所列记录；没有生成任何线路。",
                facts={"faults": faults[:200]},
            )

    @cached_property
    def by_id(self) -> Mapping[int, Shipment]:
        """Shipments by their number."""
        return {s.id: s for s in self.shipments}


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _class_faults(problem: RoutingProblem) -> Iterable[str]:
    if problem.shipments and not problem.classes:
        yield "there is no truck class"
    for code, kind in problem.classes.items():
        if not _is_count(kind.payload_kg, 1) or not _is_count(kind.volume_cm3, 1):
            yield f"truck class {code}: payload and volume are above 0"
        if not _is_count(kind.fixed_cost_fen, 0) or not _is_count(kind.cost_per_km_fen, 0):
            yield f"truck class {code}: costs are whole fen from 0"


def _shipment_faults(problem: RoutingProblem) -> Iterable[str]:
    ids = Counter(s.id for s in problem.shipments)
    yield from (f"shipment {i}: given {n} times" for i, n in ids.items() if n > 1)
    if problem.departs_at.tzinfo is None:
        yield "departs_at has no time zone"
    for s in problem.shipments:
        if not _is_count(s.load_g, 1) or not _is_count(s.load_cm3, 0):
            yield f"shipment {s.id}: load {s.load_g!r} g, {s.load_cm3!r} cm3"
        if s.warehouse_code not in problem.warehouse_county:
            yield f"shipment {s.id}: the warehouse {s.warehouse_code} is unknown"
        if s.due_at.tzinfo is None:
            yield f"shipment {s.id}: due_at has no time zone"
        if not _is_count(s.priority, 1):
            yield f"shipment {s.id}: priority {s.priority!r} is not 1 or more"
        if s.opens_at and s.closes_at and s.opens_at > s.closes_at:
            yield f"shipment {s.id}: the receiving window ends before it begins"


def _vehicle_faults(problem: RoutingProblem) -> Iterable[str]:
    codes = Counter(v.code for v in problem.vehicles)
    yield from (f"truck {code}: given {n} times" for code, n in codes.items() if n > 1)
    for vehicle in problem.vehicles:
        if vehicle.class_code not in problem.classes:
            yield f"truck {vehicle.code}: the class {vehicle.class_code} is unknown"
        if vehicle.warehouse_code not in problem.warehouse_county:
            yield f"truck {vehicle.code}: the warehouse {vehicle.warehouse_code} is unknown"


def _road_faults(problem: RoutingProblem) -> Iterable[str]:
    """Looked at one by one only when the whole has a fault: there are ten thousand pairs."""
    matrix = problem.matrix
    seconds, metres = matrix.duration_s, matrix.distance_m
    if seconds.keys() == metres.keys() and _are_counts(seconds.values(), LONGEST_S) and _are_counts(metres.values(), None):
        return
    for pair in sorted(seconds.keys() | metres.keys()):
        s, m = seconds.get(pair), metres.get(pair)
        if not _is_count(s, 0) or not _is_count(m, 0) or (isinstance(s, int) and s > LONGEST_S):
            yield f"road {pair[0]} to {pair[1]}: {s!r} s, {m!r} m"


def _are_counts(values: Collection[object], most: int | None) -> bool:
    if set(map(type, values)) - {int}:
        return False
    counts = [v for v in values if isinstance(v, int)]
    return min(counts, default=0) >= 0 and (most is None or max(counts, default=0) <= most)


@dataclass(frozen=True, slots=True)
class RoutingParams:
    """How long and how to search.

    ``iterations`` set = reproducible: that many steps for each shipment, the same plan for
    the same seed (tests, drills); None = ``time_limit_s`` of wall clock for the whole
    problem (production).  ``slices``: the budget is spent in so many parts, with a plan
    after each.
    """

    time_limit_s: float = 4.0
    iterations: int | None = None
    seed: int = 1
    slices: int = 8
    engine: str = "search"

    def __post_init__(self) -> None:
        faults = [
            name for name, is_right in (
                ("time_limit_s is 0 to 3600", 0 <= self.time_limit_s <= 3600),
                ("iterations are 1 or more, or none", self.iterations is None or self.iterations >= 1),
                ("slices are 1 to 1000", 1 <= self.slices <= 1000),
                ("seed is 0 to 2147483647", 0 <= self.seed < 2**31),
                (f"engine is one of {', '.join(ENGINES)}", self.engine in ENGINES),
            ) if not is_right
        ]
        if faults:
            raise InvalidInput(
                "The routing parameters are refused: " + "; ".join(faults) + ".", remedy="Mend the fields named.",
                zh="线路参数被拒绝：" + "；".join(faults) + "。", remedy_zh="请修改所列字段。",
            )
