"""One tier's table against one set of counts: level, criteria, and what the next level asks.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.alerts.model import LossCounts
from dispatch.plans.losses import Table, loss_criteria, lowered_criteria
from dispatch.plans.model import Criterion, Step
from dispatch.plans.steps import measure_steps, only


@dataclass(frozen=True)
class TierAnswer:
    """``level`` 1 (most severe) to 4 or None; ``next_up`` is the level above with the ways to it."""

    level: int | None
    criteria: tuple[Criterion, ...]
    next_level: int | None
    next_up: tuple[Step, ...]


def assess_tier(table: Table, counts: LossCounts, lowered: tuple[str, ...] = ()) -> TierAnswer:
    """Hold counts against a tier's table; any one measure suffices, the most severe wins."""
    criteria = (*loss_criteria(table, counts), *lowered_criteria(table, counts, lowered))
    level = min((c.level for c in criteria if c.met), default=None)
    above = 4 if level is None else level - 1
    if above == 0:
        return TierAnswer(level, criteria, None, ())
    steps = measure_steps(table, only(counts, table), above, lowered)
    steps.sort(key=lambda step: (step.missing / int(step.threshold), step.name))
    return TierAnswer(level, criteria, above, tuple(steps))
