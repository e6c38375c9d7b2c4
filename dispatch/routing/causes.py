"""What can keep a shipment off every truck, and what was found out about it.  Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.routing.model import RoadEdge, Shipment, VehicleClass


class Hindrance(StrEnum):
    """A rule that can keep a shipment off every truck, in the order of effort to lift it.

    What a coordinator fixed comes first, then what is in our own hands (another load, a second
    crew), then what the county must grant, then equipment, trucks, and last the roads.
    """

    LEFT_OUT = "left_out"
    PIN = "pin"
    SPLIT = "split"
    CREW = "crew"
    WINDOW = "window"
    SKILL = "skill"
    FLEET = "fleet"
    ROAD = "road"


Lifts = frozenset[Hindrance]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A truck with what it carries already, in order; ``code`` empty and ``count`` None = as
    many more as wanted."""

    code: str
    class_code: str
    is_hired: bool
    carries: tuple[Shipment, ...] = ()
    count: int | None = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shipment could ride and when it is there; in ``parts`` the last of them, after
    the roads ``opened``."""

    carrier: Carrier
    arrives_at: datetime
    parts: int = 1
    opened: tuple[RoadEdge, ...] = ()


@dataclass(frozen=True, slots=True)
class Loan:
    """``trucks`` of a class that stand unused at another warehouse, ``drive_s`` away."""

    warehouse_code: str
    class_code: str
    trucks: int
    drive_s: int


@dataclass(frozen=True, slots=True)
class Finding:
    """The rules that, lifted together, let a shipment ride; no smaller part of them would.

    Empty ``lifts``: with a ``place`` there is room and no rule is in the way, without one
    nothing helps.  ``late_s`` is how far the window must be longer (instead of a second crew, where that is lifted); ``open_by`` the last
    moment at which the roads of the place may open (``meets_due``: for the deadline, else
    only for the receiving window); ``more`` trucks of ``kind`` are wanted, ``loans`` of them
    can be had.
    """

    shipment: Shipment
    lifts: Lifts
    place: Place | None
    late_s: int = 0
    open_by: datetime | None = None
    meets_due: bool = False
    kind: VehicleClass | None = None
    more: int = 0
    loans: tuple[Loan, ...] = ()
