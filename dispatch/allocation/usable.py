"""Which offer may serve which county: an open road, and the one rule of lots on arrival."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.allocation.problem import AllocationProblem, Offer
from dispatch.clock import to_local
from dispatch.inventory.fefo import Use, why_not


def arrival(problem: AllocationProblem, warehouse_code: str, county: str) -> datetime | None:
    """When goods from a warehouse reach a county, or None without an open road."""
    seconds = problem.travel_s.get((warehouse_code, county))
    return None if seconds is None else problem.departs_at + timedelta(seconds=seconds)


def is_usable(problem: AllocationProblem, offer: Offer, county: str) -> bool:
    """True when the lot may go there and is still good on the day it arrives."""
    at = arrival(problem, offer.warehouse_code, county)
    return at is not None and why_not(offer, Use(problem.hazard, county, to_local(at).date())) is None
