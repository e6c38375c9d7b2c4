"""The one rule of which lot may go and which goes first; judged on the day of arrival.

Used by planning, reserving, picking and drills alike.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from dispatch.errors import Refused
from dispatch.inventory.model import Lot, StockLine


class Dated(Protocol):
    """What the rule needs to know of a lot."""

    @property
    def lot_code(self) -> str: ...
    @property
    def expires_on(self) -> date | None: ...
    @property
    def restriction(self) -> str | None: ...
    @property
    def area(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Use:
    """What goods are for: the hazard, the county they go to, the day they get there,
    and how many days they must still be good then."""

    purpose: str
    county: str
    arrives_on: date
    least_days: int = 1


def usable_days(expires_on: date | None, on: date) -> int | None:
    """Days a lot is still good on a day (0 = expires that day, below = expired); None = for ever."""
    return None if expires_on is None else (expires_on - on).days


def why_not(lot: Dated, use: Use) -> str | None:
    """``expired``, ``purpose`` or ``area`` when the lot may not serve the use, else None."""
    days = usable_days(lot.expires_on, use.arrives_on)
    if days is not None and days < use.least_days:
        return "expired"
    if lot.restriction not in (None, use.purpose):
        return "purpose"
    if lot.area is not None and not in_area(use.county, lot.area):
        return "area"
    return None


def in_area(county: str, area: str) -> bool:
    """True when a county lies in an area given as county, league (xx00) or region (xx0000) code."""
    stem = area[:2] if area.endswith("0000") else area[:4] if area.endswith("00") else area
    return county.startswith(stem)


def order(lot: Dated) -> tuple[bool, str, str]:
    """First expired first out; lots bound to a purpose or place last; then by code."""
    day = lot.expires_on.isoformat() if lot.expires_on else "9999"
    return (lot.restriction is not None or lot.area is not None, day, lot.lot_code)


def is_sound(lot: Lot) -> bool:
    """True for a lot that passed its inspection and is in good condition."""
    return lot.condition == "good" and lot.inspection == "passed"


def pick(lines: Iterable[StockLine], quantity: int, use: Use) -> list[tuple[StockLine, int]]:
    """Which lots to take ``quantity`` units from, in order; fewer when there are not enough."""
    usable = [line for line in lines if is_sound(line.lot) and why_not(line, use) is None]
    taken = []
    for line in sorted(usable, key=order):
        units = min(quantity, line.available)
        if units > 0:
            taken.append((line, units))
            quantity -= units
    return taken


REASONS = {
    "expired": ("expires before it arrives", "到达前已过期", "a storekeeper may write it off; nobody may send it",
                "由库管员办理报损，任何人不得发放"),
    "purpose": ("is bound by its donor to another purpose", "捐赠人限定了其他用途",
                "only the donor, in writing, may lift this", "须经捐赠人书面同意"),
    "area": ("is bound by its donor to another area", "捐赠人限定了其他地区",
             "only the donor, in writing, may lift this", "须经捐赠人书面同意"),
}


def refuse_unfit(lot: Dated, use: Use) -> None:
    """``Refused`` with the rule and who may lift it, when a person forces such a lot."""
    reason = why_not(lot, use)
    if reason is not None:
        en, zh, lifted, lifted_zh = REASONS[reason]
        raise Refused(
            f"Lot {lot.lot_code} {en}.", remedy=f"Choose another lot; {lifted}.",
            zh=f"批次 {lot.lot_code} {zh}。", remedy_zh=f"请换一个批次；{lifted_zh}。",
            facts={"lot": lot.lot_code, "rule": reason},
        )
