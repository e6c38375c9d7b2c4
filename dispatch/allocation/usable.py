"""Which offer may serve which county: road open, not expired on arrival, purpose fits.

The one rule, used by the solver and the explanations (the checker has its own).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.allocation.problem import AllocationProblem, Offer
from dispatch.clock import to_local


def arrival(problem: AllocationProblem, warehouse_code: str, county: str) -> datetime | None:
    """When goods from a warehouse reach a county, or None without an open road."""
    seconds = problem.travel_s.get((warehouse_code, county))
    return None if seconds is None else problem.departs_at + timedelta(seconds=seconds)


def is_usable(problem: AllocationProblem, offer: Offer, county: str) -> bool:
    """True when the lot may go there and is still good on the day it arrives."""
    at = arrival(problem, offer.warehouse_code, county)
    if at is None or offer.restriction not in (None, problem.hazard):
        return False
    return offer.expires_on is None or offer.expires_on > to_local(at).date()


def fefo_key(offer: Offer) -> tuple[bool, str, str]:
    """First expired, first out; donor-restricted lots last; then by code."""
    day = offer.expires_on.isoformat() if offer.expires_on else "9999"
    return (offer.restriction is not None, day, offer.lot_code)
