"""What people told of single roads: values, the rule of their ages, and what they leave of speed.  Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from dispatch.geo import LonLat

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "road_report_rule.toml"


class RoadStateKind(StrEnum):
    """How a road is."""

    OPEN = "open"
    SLOW = "slow"
    CLOSED = "closed"


STATE_NAMES: dict[str, tuple[str, str]] = {"open": ("畅通", "open"), "slow": ("缓行", "slow"), "closed": ("封闭", "closed")}


@dataclass(frozen=True, slots=True)
class RoadReportRule:
    """From when a report is old, what a slow road leaves of speed, how far ahead and how late one may tell."""

    source: str
    is_assumption: bool
    stale_after: timedelta
    slow_percent: int
    most_ahead: timedelta
    most_late: timedelta


@dataclass(frozen=True, slots=True)
class RoadState:
    """The newest word on one road.

    ``percent`` is the share of its speed that is left (0 = closed, 100 = open), in force until
    ``until`` (None = until somebody says otherwise).  ``kind`` is how it came in: phone (tapped by
    ``actor`` there) or call (typed at the desk); ``said_by`` is who told it and ``said_at`` when,
    ``recorded_at`` when it was written down by ``actor``.
    """

    report_id: int
    edge_id: int
    state: str
    percent: int
    until: datetime | None
    kind: str
    said_by: str
    said_at: datetime
    recorded_at: datetime
    actor: str
    words: str
    place: LonLat | None = None

    @property
    def speed_factor(self) -> float:
        """The share of speed that is left as a number from 0 to 1."""
        return self.percent / 100

    def is_in_force(self, at: datetime) -> bool:
        """Whether it still counts at a moment."""
        return self.until is None or self.until > at

    def age(self, at: datetime) -> timedelta:
        """How long ago it was said; never negative."""
        return max(timedelta(), at - self.said_at)

    def is_stale(self, at: datetime, rule: RoadReportRule) -> bool:
        """Whether it is so old that somebody should ask again."""
        return self.age(at) >= rule.stale_after


@cache
def load_road_report_rule(path: Path = FILE) -> RoadReportRule:
    """Read the rule; raises ``KeyError`` where a figure is missing."""
    data = tomllib.loads(path.read_text("utf-8"))
    return RoadReportRule(
        data["source"], data["is_assumption"], timedelta(hours=data["stale_after_h"]), data["slow_percent"],
        timedelta(days=data["most_days"]), timedelta(hours=data["late_most_h"]),
    )
