"""How the allocation weighs things: dated data, checked whole."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dispatch.errors import InvalidInput

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "allocation.toml"
ENGINES = ("auto", "flow", "lp")


@dataclass(frozen=True, slots=True)
class AllocationParams:
    """What the coordinator may set; ``InvalidInput`` lists every field out of range.

    ``alpha`` (0-1): when an item is scarce every county first gets this share of
    its best fair coverage.  ``nearest``: warehouses tried first per county and
    item.  ``priority_weights``: weight of priority 1, 2, … (the last also for
    all below).  ``late_pieces``: (seconds late, factor) of the convex lateness.
    ``epsilon``: share of an earlier aim a later one may give up (LP only).
    ``explains`` false leaves the causes of gaps for later: an answer at once.
    """

    alpha: float
    nearest: int
    priority_weights: tuple[int, ...]
    late_pieces: tuple[tuple[int, int], ...]
    epsilon: float
    engine: str
    seed: int
    explains: bool = True

    def __post_init__(self) -> None:
        faults = [name for name, is_right in self._rules() if not is_right]
        if faults:
            raise InvalidInput(
                "The allocation parameters are refused: " + "; ".join(faults) + ".",
                remedy="Mend the fields named.",
                zh="分配参数被拒绝：" + "；".join(faults) + "。",
                remedy_zh="请修改所列字段。",
                facts={"faults": faults},
            )

    def _rules(self) -> tuple[tuple[str, bool], ...]:
        weights, pieces = self.priority_weights, self.late_pieces
        starts, factors = [p[0] for p in pieces], [p[1] for p in pieces]
        return (
            ("alpha is 0 to 1", math.isfinite(self.alpha) and 0 <= self.alpha <= 1),
            ("nearest is 2 to 200", 2 <= self.nearest <= 200),
            ("priority_weights fall and are 1 to 100",
             bool(weights) and all(1 <= w <= 100 for w in weights)
             and list(weights) == sorted(weights, reverse=True)),
            ("late_pieces start at 0 and rise in both columns",
             starts[:1] == [0] and starts == sorted(set(starts)) and factors == sorted(factors)
             and all(0 <= f <= 100 for f in factors)),
            ("epsilon is 0 to 0.1", math.isfinite(self.epsilon) and 0 <= self.epsilon <= 0.1),
            (f"engine is one of {', '.join(ENGINES)}", self.engine in ENGINES),
            ("seed is 0 to 2147483647", 0 <= self.seed < 2**31),
        )

    def weight(self, priority: int) -> int:
        """Weight of a priority, 1 being the most urgent."""
        return self.priority_weights[min(priority, len(self.priority_weights)) - 1]


@cache
def load_params(path: Path = FILE) -> AllocationParams:
    """The parameters in force."""
    try:
        fields = tomllib.loads(path.read_text("utf-8"))
        return AllocationParams(
            alpha=fields["alpha"],
            nearest=fields["nearest"],
            priority_weights=tuple(fields["priority_weights"]),
            late_pieces=tuple((start, factor) for start, factor in fields["late_pieces"]),
            epsilon=fields["epsilon"],
            engine=fields["engine"],
            seed=fields["seed"],
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"The allocation parameters {path.name} cannot be read: {error!r}.",
            remedy="Mend the file.", zh=f"分配参数文件 {path.name} 无法读取：{error!r}。",
            remedy_zh="请修改该文件。",
        ) from error
