"""How the allocation weighs things."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class AllocationParams:
    """``floor_alpha`` (0-1): when an item is scarce every county first gets this share
    of the best equal coverage; ``late_factor`` (>= 0): how much worse a minute too
    late is than a minute of driving."""

    floor_alpha: float = 0.6
    late_factor: int = 3

    def __post_init__(self) -> None:
        if not 0 <= self.floor_alpha <= 1 or self.late_factor < 0:
            raise InvalidInput(
                f"floor_alpha {self.floor_alpha} or late_factor {self.late_factor} is out of range.",
                remedy="floor_alpha is 0 to 1, late_factor 0 or more.",
                zh=f"公平下限 {self.floor_alpha} 或迟到系数 {self.late_factor} 超出范围。",
                remedy_zh="公平下限为 0 到 1，迟到系数不小于 0。",
            )
