"""One tier's table against one set of counts: level, criteria, and what the next level asks.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.alerts.model import LossCounts
from dispatch.plans.engine import loss_criteria
from dispatch.plans.model import Criterion
from dispatch.plans.policy import MEASURES, Policy


@dataclass(frozen=True, slots=True)
class Step:
    """How far one measure is from a level: ``missing`` more reach its threshold."""

    name: str
    observed: int | None
    threshold: int
    missing: int


@dataclass(frozen=True)
class TierAnswer:
    """``level`` 1 (most severe) to 4 or None; ``next_up`` is the level above with the ways to it."""

    level: int | None
    criteria: tuple[Criterion, ...]
    next_level: int | None
    next_up: tuple[Step, ...]


def assess_tier(tier: str, counts: LossCounts, policy: Policy) -> TierAnswer:
    """Hold counts against a tier's table; any one measure suffices, the most severe wins."""
    criteria = tuple(loss_criteria(counts, policy, tier))
    level = min((c.level for c in criteria if c.met), default=None)
    above = 4 if level is None else level - 1
    if above == 0:
        return TierAnswer(level, criteria, None, ())
    return TierAnswer(level, criteria, above, _steps(tier, counts, policy, above))


def _steps(tier: str, counts: LossCounts, policy: Policy, level: int) -> tuple[Step, ...]:
    steps = []
    for measure in MEASURES:
        observed = getattr(counts, measure)
        threshold = policy.thresholds[tier][measure][level - 1]
        steps.append(Step(measure, observed, threshold, threshold - (observed or 0)))
    return tuple(sorted(steps, key=lambda step: (step.missing / step.threshold, step.name)))
