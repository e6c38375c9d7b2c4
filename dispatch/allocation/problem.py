"""What the allocation solver is asked, as one frozen value, checked at the door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from dispatch.allocation.travel import TravelGrid
from dispatch.errors import InvalidInput
from dispatch.needs.model import NeedLine

MOST_UNITS = 10**8
LONGEST_S = 10**7


class Rule(StrEnum):
    """A rule that can keep stock from a county, in the order of ease to lift it.

    ``LEVEL`` is what only a higher response level sets free; it frees the two before it too.
    ``LEFT_OUT`` is the stock of a warehouse that a coordinator left out, ``PINNED`` what a
    pinned quantity keeps from being sent as well.
    """

    SAFETY_STOCK = "safety_stock"
    TIER = "tier"
    LEVEL = "level"
    LEFT_OUT = "left_out"
    PINNED = "pinned"
    TRUCKS = "trucks"
    ROAD = "road"
    DONOR = "donor"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class Offer:
    """``quantity`` units of one lot that a warehouse may send.

    ``expires_on`` None = does not expire; ``restriction`` = donor's hazard and
    ``area`` = donor's area, or None; ``held_by`` is the rule that keeps units back
    (only for those in ``AllocationProblem.withheld``).
    """

    warehouse_code: str
    warehouse_zh: str
    warehouse_en: str
    lot_code: str
    item_code: str
    quantity: int
    expires_on: date | None
    restriction: str | None
    area: str | None = None
    held_by: Rule | None = None


@dataclass(frozen=True, slots=True)
class LinePin:
    """This warehouse sends exactly so many units of an item to a county (0 = none)."""

    warehouse_code: str
    county: str
    item_code: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the trucks of a warehouse can do; None = no limit.

    ``load_g`` and ``load_cm3``: all they may carry in this plan; ``truck_s``: truck
    time there and back, where a truck of ``payload_g`` shares its time by weight.
    """

    payload_g: int
    load_g: int | None = None
    load_cm3: int | None = None
    truck_s: int | None = None


@dataclass(frozen=True, slots=True)
class ClosedWay:
    """The fewest closed roads (ids and names) to open between a warehouse and a county, and
    the seconds from the order until a truck comes to the first of them."""

    edge_ids: tuple[int, ...]
    zh: str
    en: str
    reach_s: int


@dataclass(frozen=True, slots=True)
class AllocationProblem:
    """Needs, offers and the travel between them.

    ``travel_s`` maps (warehouse code, county adcode) to seconds from leaving to
    arriving; a missing key means no open road.  ``departs_at`` is when trucks can
    leave.  ``withheld`` are units that exist but may not be sent, each with its
    rule.  ``safety_stock`` maps (warehouse, item) to units that stay unless
    ``is_safety_stock_open``.  ``closed_travel_s``: travel if closed roads were
    open; ``closed_ways`` which of them, for the pairs that have no open road.
    ``distance_m`` with ``fen_per_tonne_km`` prices the second best source.
    ``fleet`` limits warehouses by their trucks.  ``line_pins`` are quantities a person
    fixed.  Raises ``InvalidInput`` listing every fault (first twenty).
    """

    needs: tuple[NeedLine, ...]
    offers: tuple[Offer, ...]
    travel_s: Mapping[tuple[str, str], int]
    departs_at: datetime
    hazard: str
    item_weight_g: dict[str, int]
    item_names: dict[str, tuple[str, str]]
    county_names: dict[str, tuple[str, str]]
    withheld: tuple[Offer, ...] = ()
    safety_stock: Mapping[tuple[str, str], int] = field(default_factory=dict)
    is_safety_stock_open: bool = False
    closed_travel_s: Mapping[tuple[str, str], int] | None = None
    closed_ways: Mapping[tuple[str, str], ClosedWay] = field(default_factory=dict)
    item_volume_cm3: dict[str, int] = field(default_factory=dict)
    fleet: Mapping[str, Fleet] = field(default_factory=dict)
    distance_m: Mapping[tuple[str, str], int] | None = None
    fen_per_tonne_km: int | None = None
    line_pins: tuple[LinePin, ...] = ()

    def __post_init__(self) -> None:
        faults = [
            *_need_faults(self), *_offer_faults(self), *_travel_faults(self.travel_s),
            *_travel_faults(self.closed_travel_s or {}), *_limit_faults(self),
        ]
        if faults:
            raise InvalidInput(
                f"The allocation problem has {len(faults)} fault(s): " + "; ".join(faults[:20]) + ".",
                remedy="Mend the records named; nothing was allocated.",
                zh=f"分配输入有 {len(faults)} 处错误：" + "；".join(faults[:20]) + "。",
                remedy_zh="请修改所列记录；没有分配任何物资。",
                facts={"faults": faults[:200]},
            )


def _is_count(value: object, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= MOST_UNITS


def _need_faults(problem: AllocationProblem) -> Iterable[str]:
    if problem.departs_at.tzinfo is None:
        yield "departs_at has no time zone"
    for need in problem.needs:
        where = f"need {need.county} {need.item_code}"
        if not _is_count(need.quantity):
            yield f"{where}: quantity {need.quantity!r} is not a whole number from 0 to {MOST_UNITS:,}"
        if not _is_count(need.priority, 1):
            yield f"{where}: priority {need.priority!r} is not 1 or more"
        if need.county not in problem.county_names:
            yield f"{where}: the place is unknown"
        if need.item_code not in problem.item_names:
            yield f"{where}: the item is unknown"
        if need.due_at.tzinfo is None:
            yield f"{where}: due_at has no time zone"


def _offer_faults(problem: AllocationProblem) -> Iterable[str]:
    for name, offers in (("offer", problem.offers), ("withheld", problem.withheld)):
        keys: Counter[tuple[str, str, Rule | None]] = Counter()
        for offer in offers:
            where = f"{name} {offer.warehouse_code} lot {offer.lot_code}"
            keys[offer.warehouse_code, offer.lot_code, offer.held_by] += 1
            if not _is_count(offer.quantity):
                yield f"{where}: quantity {offer.quantity!r} is not a whole number from 0 to {MOST_UNITS:,}"
            if (offer.held_by is None) != (name == "offer"):
                yield f"{where}: held_by {offer.held_by!r} does not fit"
        for (warehouse, lot, _), times in keys.items():
            if times > 1:
                yield f"{name} {warehouse} lot {lot}: given {times} times"


def _travel_faults(travel_s: Mapping[tuple[str, str], int]) -> Iterable[str]:
    if isinstance(travel_s, TravelGrid):
        if travel_s.seconds.dtype.kind != "i" or travel_s.seconds.max(initial=0) > LONGEST_S:
            yield f"travel grid: seconds are not whole numbers up to {LONGEST_S:,}"
        return
    for (warehouse, county), seconds in travel_s.items():
        if type(seconds) is not int or not 0 <= seconds <= LONGEST_S:  # ten thousand of them
            yield f"travel {warehouse} to {county}: {seconds!r} is not 0 to {LONGEST_S:,} whole seconds"


def _limit_faults(problem: AllocationProblem) -> Iterable[str]:
    for (warehouse, item), units in problem.safety_stock.items():
        if not _is_count(units):
            yield f"safety stock {warehouse} {item}: {units!r} is not a whole number from 0"
    for warehouse, fleet in problem.fleet.items():
        limits = (fleet.load_g, fleet.load_cm3, fleet.truck_s)
        if any(v is not None and (not isinstance(v, int) or v < 0) for v in limits):
            yield f"fleet {warehouse}: limits are whole numbers from 0, or none"
        if not isinstance(fleet.payload_g, int) or fleet.payload_g < 1:
            yield f"fleet {warehouse}: payload_g {fleet.payload_g!r} is not above 0"
    carried = {need.item_code for need in problem.needs} if problem.fleet else set()
    for item in sorted(carried):
        if not _is_count(problem.item_weight_g.get(item), 1):
            yield f"item {item}: no weight, and trucks are limited"
        if not _is_count(problem.item_volume_cm3.get(item), 1) and any(
            f.load_cm3 is not None for f in problem.fleet.values()
        ):
            yield f"item {item}: no volume, and the room of trucks is limited"
    if problem.fen_per_tonne_km is not None and not _is_count(problem.fen_per_tonne_km):
        yield f"fen_per_tonne_km {problem.fen_per_tonne_km!r} is not a whole number from 0"
