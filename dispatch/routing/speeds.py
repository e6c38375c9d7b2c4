"""Speeds and service times, read from dated data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "road_speeds.toml"


@dataclass(frozen=True)
class SpeedTable:
    """km/h by road class, percent factors by hazard and colour rank, times in seconds."""

    km_per_h: dict[str, int]
    factor_percent: dict[str, list[int]]
    local_delivery_s: int
    load_s: int
    unload_s: int
    rest_after_s: int
    rest_s: int
    source: str
    is_assumption: bool


@cache
def load_speeds(path: Path = FILE) -> SpeedTable:
    """The speed table."""
    return SpeedTable(**tomllib.loads(path.read_text("utf-8")))
