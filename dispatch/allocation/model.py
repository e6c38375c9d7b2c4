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
    """What stays uncovered, its cause, and the cheapest way out."""

    county: str
    item_code: str
    quantity: int
    cause: Words
    remedy: Words


@dataclass(frozen=True, slots=True)
class AllocationResult:
    """The allocation with its worth: objective, proven bound and relative gap."""

    status: SolveStatus
    lines: tuple[SupplyLine, ...]
    gaps: tuple[Gap, ...]
    objective: float
    bound: float
    runtime_s: float
