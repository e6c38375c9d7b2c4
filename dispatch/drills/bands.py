"""How much a score hangs on the draw: the same scenario over seeds and levels of opening stock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dispatch.drills.model import Figures, Scenario, Score
from dispatch.drills.rule import load_drill_rule
from dispatch.drills.run import DrillRoom, Options, run


@dataclass(frozen=True, slots=True)
class Band:
    """Tenth, fiftieth and ninetieth percentile of a figure; None where no run has it."""

    p10: float | None
    p50: float | None
    p90: float | None


@dataclass(frozen=True)
class Bands:
    """Bands of figures over all runs, ours and practice; ``runs`` how many."""

    runs: int
    ours: dict[str, Band]
    greedy: dict[str, Band]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "runs": self.runs,
            **{name: {figure: {"p10": b.p10, "p50": b.p50, "p90": b.p90} for figure, b in bands.items()}
               for name, bands in (("ours", self.ours), ("greedy", self.greedy))},
        }


def run_bands(scenario: Scenario, room: DrillRoom, options: Options) -> Bands:
    """Re-run over the rule's seeds and stock levels; the score itself stays that of ``options``."""
    rule = load_drill_rule()
    scores = [
        run(scenario, room, replace(options, seed=seed, stock_percent=percent))
        for percent in rule.band_stock_percent for seed in rule.band_seeds
    ]
    return make_bands(scores)


def make_bands(scores: Sequence[Score]) -> Bands:
    """The bands of the figures of some scores."""
    hours = sorted({h for score in scores for h in score.ours.coverage})
    named: dict[str, Callable[[Figures], float | None]] = {f"coverage_{h}h": _coverage(h) for h in hours}
    named |= {
        "gini": lambda f: f.gini, "reserve_left": lambda f: f.reserve_left,
        "cost_fen": lambda f: f.cost_fen, "truck_seconds": lambda f: f.truck_seconds,
    }
    return Bands(
        len(scores),
        {name: band([read(s.ours) for s in scores]) for name, read in named.items()},
        {name: band([read(s.greedy) for s in scores]) for name, read in named.items()},
    )


def band(values: Sequence[float | None]) -> Band:
    """Percentiles by the nearest rank of the values that are known."""
    known = sorted(v for v in values if v is not None)
    if not known:
        return Band(None, None, None)
    p10, p50, p90 = (known[min(len(known) - 1, -(-len(known) * share // 100) - 1)] for share in (10, 50, 90))
    return Band(p10, p50, p90)


def _coverage(hours: int) -> Callable[[Figures], float | None]:
    return lambda figures: figures.coverage.get(hours)
