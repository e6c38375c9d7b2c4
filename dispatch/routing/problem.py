"""What the route solver is asked, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.routing.model import Shipment, Vehicle, VehicleClass
from dispatch.routing.roads import TravelMatrix


@dataclass(frozen=True)
class RoutingProblem:
    """Shipments to carry with the trucks that stand at the warehouses.

    ``warehouse_county`` maps a warehouse to the county seat it stands at; the
    matrix is over county adcodes.  ``load_s``/``unload_s`` are service times;
    after ``rest_after_s`` of driving a crew rests ``rest_s``.
    """

    shipments: tuple[Shipment, ...]
    vehicles: tuple[Vehicle, ...]
    classes: dict[str, VehicleClass]
    warehouse_county: dict[str, str]
    matrix: TravelMatrix
    departs_at: datetime
    load_s: int
    unload_s: int
    rest_after_s: int
    rest_s: int
    hire_factor_percent: int = 150


@dataclass(frozen=True, slots=True)
class RoutingParams:
    """How long and how to search.

    ``solution_limit`` set = reproducible (counts solutions, tests and drills);
    None = ``time_limit_s`` of wall clock for the whole problem (production).
    """

    time_limit_s: int = 4
    solution_limit: int | None = None
    seed: int = 1
