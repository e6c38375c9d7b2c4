"""Supply lines and gaps: for every need, supplied + gap = need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.words import Words


class SolveStatus(StrEnum):
    """What a solver's answer is worth."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    FALLBACK = "fallback"
    INFEASIBLE = "infeasible"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class SupplyLine:
    """So many units of one lot from a warehouse to a county, and why."""

    county: str
    item_code: str
    lot_code: str
    warehouse_code: str
    quantity: int
    arrives_at: datetime
    reason: Words


@dataclass(frozen=True, slots=True)
class Gap:
    """What stays uncovered, its cause, and the cheapest way out.

    ``freed`` are units that way out would bring here with all other counties
    keeping theirs; 0 when no rule stands in the way and stock itself is short.
    """

    county: str
    item_code: str
    quantity: int
    cause: Words
    remedy: Words
    freed: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """One aim in its order: the value reached and the proven bound on it.

    ``floor`` is a share (more is better); ``unmet`` is weighted kilograms, ``late``
    and ``arrival`` weighted kilogram-hours, ``cost`` truck tonne-hours (less is better).
    """

    name: str
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the value is from its bound, as a share of the larger of the two."""
        larger = max(abs(self.value), abs(self.bound))
        return abs(self.value - self.bound) / larger if larger else 0.0


@dataclass(frozen=True, slots=True)
class Floor:
    """Units of a scarce item promised to a county before anyone gets more."""

    county: str
    item_code: str
    units: int


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """The counties that bind the best equal coverage of a scarce item: whoever
    doubts it adds up what can reach them and divides by what they need."""

    item_code: str
    counties: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class AllocationResult:
    """The allocation with its worth: objective, proven bound and relative gap.

    ``objective`` is the weighted cost of the whole; ``stages`` the aims in order;
    ``engine`` ``flow`` or ``lp``; ``alpha`` the share of the floor asked for.
    """

    status: SolveStatus
    lines: tuple[SupplyLine, ...]
    gaps: tuple[Gap, ...]
    objective: float
    bound: float
    runtime_s: float
    engine: str = "flow"
    alpha: float = 0.0
    stages: tuple[Stage, ...] = ()
    floors: tuple[Floor, ...] = ()
    bottlenecks: tuple[Bottleneck, ...] = ()
