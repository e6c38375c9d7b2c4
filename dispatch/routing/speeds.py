"""Speeds and service times, read from dated data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from dispatch.errors import InvalidInput

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "road_speeds.toml"
RANKS = 5  # none, blue, yellow, orange, red
TIMES = ("local_delivery_s", "load_s", "unload_s")


@dataclass(frozen=True)
class SpeedTable:
    """km/h by road class, percent factors by hazard and colour rank, times in seconds.

    ``class_factor_percent`` (road class → hazard → factors) goes before ``factor_percent``.
    """

    km_per_h: dict[str, int]
    factor_percent: dict[str, list[int]]
    local_delivery_s: int
    load_s: int
    unload_s: int
    source: str
    is_assumption: bool
    valid_from: date
    class_factor_percent: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def weather_percent(self, hazard: str, road_class: str) -> list[int]:
        """Percent of normal speed left by colour rank; all 100 for a hazard that slows no one."""
        of_class = self.class_factor_percent.get(road_class, {})
        return of_class.get(hazard) or self.factor_percent.get(hazard) or [100] * RANKS


@cache
def load_speeds(path: Path = FILE) -> SpeedTable:
    """The speed table.

    Raises ``InvalidInput`` naming every speed, factor and time that cannot be driven by.
    """
    try:
        table = SpeedTable(**tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise _bad(path, [str(error)]) from error
    faults = list(_faults(table))
    if faults:
        raise _bad(path, faults)
    return table


def _faults(table: SpeedTable) -> Iterator[str]:
    for name, speed in table.km_per_h.items():
        if not 1 <= speed <= 120:
            yield f"km_per_h.{name} is {speed}, not 1 to 120"
    groups = [("factor_percent", table.factor_percent)]
    for name, group in table.class_factor_percent.items():
        if name not in table.km_per_h:
            yield f"class_factor_percent.{name} is no road class"
        groups.append((f"class_factor_percent.{name}", group))
    for name, group in groups:
        for hazard, factors in group.items():
            if len(factors) != RANKS or not all(1 <= percent <= 100 for percent in factors):
                yield f"{name}.{hazard} is {factors}, not {RANKS} percents from 1 to 100"
    for name in TIMES:
        if getattr(table, name) < 1:
            yield f"{name} is not above zero"


def _bad(path: Path, faults: list[str]) -> InvalidInput:
    return InvalidInput(
        f"{path.name}: " + "; ".join(faults), remedy="Mend the lines named.",
        zh=f"{path.name} 有误：" + "；".join(faults), remedy_zh="请修改所列各行。", facts={"faults": faults},
    )
