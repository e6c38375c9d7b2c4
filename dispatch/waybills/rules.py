"""The tracking rule in force: when a truck is silent, late or there; how long a broken one is out."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "tracking_rule.toml"


@dataclass(frozen=True, slots=True)
class TrackingRule:
    """As named in the file; distances in metres.

    A truck counts as there within ``arrive_within_m`` of a stop and as gone again only beyond
    ``leave_beyond_m``, so that one at the edge does not come and go.
    """

    source: str
    is_assumption: bool
    silent_after: timedelta
    late_after: timedelta
    arrive_within_m: int
    leave_beyond_m: int
    broken_for: timedelta
    most_late: timedelta
    most_photos: int
    photo_most_bytes: int


@cache
def load_tracking_rule(path: Path = FILE) -> TrackingRule:
    """Read the rule; raises ``KeyError`` where a figure is missing."""
    data = tomllib.loads(path.read_text("utf-8"))
    return TrackingRule(
        data["source"], data["is_assumption"], timedelta(hours=data["silent_after_h"]),
        timedelta(minutes=data["late_after_min"]), data["arrive_within_m"], data["leave_beyond_m"],
        timedelta(hours=data["broken_for_h"]), timedelta(hours=data["most_late_h"]),
        data["most_photos"], data["photo_most_kb"] * 1000,
    )
