"""What the allocation solver is asked, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dispatch.needs.model import NeedLine


@dataclass(frozen=True, slots=True)
class Offer:
    """``quantity`` units of one lot that a warehouse may send.

    ``expires_on`` None = does not expire; ``restriction`` = donor's hazard or
    None; ``source_rank`` 0 = the county's own warehouse tier first, higher = opened later.
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


@dataclass(frozen=True, slots=True)
class AllocationProblem:
    """Needs, offers and the travel between them.

    ``travel_s`` maps (warehouse code, county adcode) to seconds of driving; a
    missing key means no open road.  ``departs_at`` is when trucks can leave.
    ``item_weight_g`` and ``county_names`` (adcode → (zh, en)) and ``item_names``
    serve cost and words.  ``withheld`` maps (warehouse, item) to units that exist
    but may not be sent (safety stock, share, tier) for explaining gaps.
    """

    needs: tuple[NeedLine, ...]
    offers: tuple[Offer, ...]
    travel_s: dict[tuple[str, str], int]
    departs_at: datetime
    hazard: str
    item_weight_g: dict[str, int]
    item_names: dict[str, tuple[str, str]]
    county_names: dict[str, tuple[str, str]]
    withheld: dict[tuple[str, str], int]
