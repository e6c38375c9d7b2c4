"""Stock as frozen values: integers in base units, grams and cubic centimetres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dispatch.geo import LonLat


class Tier(StrEnum):
    """Level of a warehouse in the three-level network."""

    REGION = "region"
    LEAGUE = "league"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the catalogue.

    ``persons_per_unit`` is how many people one unit serves (0 = not per person).
    ``verified`` is false where weight, volume or shelf life is our assumption;
    ``source`` says where the figures come from.  ``hazards`` empty = any hazard.
    """

    code: str
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    weight_g: int
    volume_cm3: int
    persons_per_unit: int
    shelf_life_days: int | None
    season: str
    hazards: tuple[str, ...]
    verified: bool
    source: str


@dataclass(frozen=True, slots=True)
class Kit:
    """One dated bill of materials: units of catalogue items that make one kit.

    ``parts`` are (item code, units) pairs in the order of the packing list.
    """

    item_code: str
    version: str
    valid_from: date
    is_assumption: bool
    source: str
    note_zh: str
    note_en: str
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A relief warehouse; ``county_adcode`` is the county its yard stands in,
    ``serves_adcode`` the region, league or county whose stock it holds."""

    code: str
    name_zh: str
    name_en: str
    tier: Tier
    serves_adcode: str
    league_adcode: str
    county_adcode: str
    location: LonLat


@dataclass(frozen=True, slots=True)
class Lot:
    """One batch of one item: what was received together.

    ``restriction`` is the donor's purpose (a hazard word) and ``area`` the donor's
    place (adcode), None for free use; ``inspection`` is pending, passed or failed;
    ``kit_version`` says what a kit holds; ``donation`` leads to the gift it came from.
    """

    code: str
    item_code: str
    produced_on: date | None
    expires_on: date | None
    owner: str
    restriction: str | None = None
    condition: str = "good"
    is_demo: bool = False
    donor: str | None = None
    producer: str | None = None
    area: str | None = None
    unit_cost_fen: int | None = None
    inspection: str = "passed"
    kit_version: str | None = None
    donation: str | None = None


@dataclass(frozen=True, slots=True)
class StockLine:
    """What one warehouse holds of one lot, all its bins together; never negative,
    never over-reserved."""

    warehouse_code: str
    lot: Lot
    on_hand: int
    reserved: int

    @property
    def lot_code(self) -> str:
        """The lot's code."""
        return self.lot.code

    @property
    def expires_on(self) -> date | None:
        """The lot's last good day plus one, or None."""
        return self.lot.expires_on

    @property
    def restriction(self) -> str | None:
        """The donor's purpose, or None."""
        return self.lot.restriction

    @property
    def area(self) -> str | None:
        """The donor's place, or None."""
        return self.lot.area

    @property
    def available(self) -> int:
        """Units neither issued nor promised to a proposal."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class StockSnapshot:
    """Stock of all warehouses at one moment.

    ``minimum`` maps (warehouse code, item code) to the safety stock in units.
    """

    at: datetime
    lines: tuple[StockLine, ...]
    minimum: dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Movement:
    """One two-leg fact: ``quantity`` units of a lot from one place to another.

    Places are codes with a kind prefix: ``wh:WH-150100`` (``wh:WH-150100/A-01`` for a
    bin), ``supplier:…``, ``transit:WB-…``, ``recipient:150524``, ``loss:…``,
    ``quarantine:WH-150100``, ``found:…``, ``kit:…`` (parts turning into kits and back).
    """

    lot_code: str
    quantity: int
    from_place: str
    to_place: str
    occurred_at: datetime
    reason: str
    actor: str
    document: str
    idempotency_key: str
    reverses_id: int | None = None
