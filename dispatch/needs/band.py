"""A number that is not known yet: low, middle and high."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """Whole numbers the truth lies under with 10, 50 and 90 % chance."""

    p10: int
    p50: int
    p90: int


def around(middle: float, spread: float, cap: int) -> Band:
    """``middle`` divided and multiplied by ``spread`` (1 or more), none above ``cap``."""
    low, mid, high = (min(cap, round(n)) for n in (middle / spread, middle, middle * spread))
    return Band(low, mid, high)
