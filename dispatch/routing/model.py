"""Roads, vehicles, stops and routes; seconds, metres, grams, cubic centimetres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class RoadEdge:
    """A road between two county seats, usable both ways.

    ``evidence`` is A (geometry or published figure), B (routed leg) or C (typed
    from knowledge: expect one in eight off by more than 12 %).
    """

    id: int
    from_adcode: str
    to_adcode: str
    distance_m: int
    road_class: str
    refs: str
    evidence: str


@dataclass(frozen=True, slots=True)
class VehicleClass:
    """A kind of truck: payload, volume, cost (fen); ``skills``: fit for (``snow cold_start``)."""

    code: str
    name_zh: str
    name_en: str
    payload_kg: int
    volume_cm3: int
    fixed_cost_fen: int
    cost_per_km_fen: int
    source: str
    skills: str = ""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One truck standing at a warehouse."""

    code: str
    class_code: str
    warehouse_code: str


@dataclass(frozen=True, slots=True, order=True)
class Leg:
    """One road edge driven, in order, with its road number for the driver's card.

    ``wait_s`` is how long the truck stands before this road opens; it is counted in
    neither ``duration_s`` nor ``distance_m``.
    """

    edge_id: int
    from_adcode: str
    to_adcode: str
    distance_m: int
    duration_s: int
    refs: str
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Drive:
    """The way from one place to another: driving apart from waiting at closed roads."""

    legs: tuple[Leg, ...]
    distance_m: int
    duration_s: int
    wait_s: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """A bundle for one county from one warehouse that a truck can carry whole.

    ``items`` are (item code, lot code, quantity) triples.  Unloading may begin only
    between ``opens_at`` and ``closes_at`` (None = any time).
    """

    id: int
    warehouse_code: str
    county: str
    load_g: int
    load_cm3: int
    due_at: datetime
    priority: int
    items: tuple[tuple[str, str, int], ...]
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A county reached on a route and the shipments left there.

    ``wait_s``: until its receiving window opens.
    """

    county: str
    arrives_at: datetime
    shipment_ids: tuple[int, ...]
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """One truck's tour: from its depot to its stops (it stays or returns empty).

    ``distance_m`` and ``duration_s`` count until the last unloading.
    """

    vehicle_code: str
    vehicle_class: str
    warehouse_code: str
    departs_at: datetime
    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]
    distance_m: int
    duration_s: int
    load_g: int
    load_cm3: int
    cost_fen: int
    is_hired: bool
    reason: Words


@dataclass(frozen=True, slots=True)
class Unserved:
    """A shipment no truck can take, with cause and way out."""

    shipment_id: int
    cause: Words
    remedy: Words


@dataclass(frozen=True, slots=True)
class RoutingResult:
    """Routes with their worth; ``bound`` is a proven lower bound on cost in fen
    (0 when none is known)."""

    status: str
    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    objective: int
    bound: int
    runtime_s: float
