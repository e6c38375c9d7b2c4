"""The trucks and teams of a plan along one axis of time, as shares of its width in ten-thousandths.

A browser draws the shares; the same rows are a table for who does not see the bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.clock import to_local

WHOLE = 10_000
MOST_TICKS = 9
STEPS_H = (1, 2, 3, 6, 12, 24, 48)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the axis with what happens then."""

    at: str
    x: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A span on the axis; ``kind`` is load, drive, muster or stay."""

    kind: str
    x: str
    width: str


@dataclass(frozen=True)
class Row:
    """One truck or team: names, its spans and stops, when it leaves and is last heard of."""

    code: str
    zh: str
    en: str
    bars: tuple[Bar, ...]
    stops: tuple[Mark, ...]
    departs_at: str
    ends_at: str


@dataclass(frozen=True)
class Timeline:
    """``due``: by when the first goods are to be there, None when nothing is asked for."""

    ticks: tuple[Mark, ...]
    trucks: tuple[Row, ...]
    teams: tuple[Row, ...]
    due: Mark | None


def timeline_of(body: Mapping[str, Any]) -> Timeline:
    """The timeline of a proposal's body."""
    start = datetime.fromisoformat(body["situation"]["as_of"])
    due = min((n["due_at"] for n in body["needs"]), default=None)
    ends = [s["arrives_at"] for r in body["routes"] for s in r["stops"]] + [t["arrives_at"] for t in body["teams"]]
    last = max([datetime.fromisoformat(e) for e in [*ends, *([due] if due else [])]], default=start + HOUR)
    axis = _Axis(start, max(last - start, HOUR) * 1.04)
    trucks = sorted(body["routes"], key=lambda r: (r["departs_at"], r["depot"], r["vehicle"]))
    return Timeline(
        axis.ticks(), tuple(_truck(axis, r) for r in trucks), tuple(_team(axis, t) for t in body["teams"]),
        axis.mark(due, "最早时限", "first deadline") if due else None,
    )


class _Axis:
    """From a moment on, so long."""

    def __init__(self, start: datetime, span: timedelta) -> None:
        self.start, self.span = start, span

    def share(self, at: datetime) -> int:
        """Ten-thousandths of the width, kept on the axis."""
        return max(0, min(WHOLE, round((at - self.start) / self.span * WHOLE)))

    def mark(self, at: str, zh: str, en: str) -> Mark:
        return Mark(at, _percent(self.share(datetime.fromisoformat(at))), zh, en)

    def bar(self, kind: str, begins: datetime, ends: datetime) -> Bar:
        x = self.share(begins)
        return Bar(kind, _percent(x), _percent(max(0, self.share(ends) - x)))

    def ticks(self) -> tuple[Mark, ...]:
        """Whole local hours, so far apart that few are written; with the day where it changes."""
        step = next((h for h in STEPS_H if self.span / (h * HOUR) <= MOST_TICKS), STEPS_H[-1])
        local = to_local(self.start)
        at = local.replace(hour=local.hour // step * step if step < 24 else 0, minute=0, second=0, microsecond=0)
        found: list[Mark] = []
        while at <= self.start + self.span:
            if at >= self.start:
                is_new_day = not found or at.hour < step
                words = f"{at:%m-%d %H:%M}" if is_new_day else f"{at:%H:%M}"
                found.append(self.mark(at.isoformat(), words, words))
            at += step * HOUR
        return tuple(found)


def _percent(share: int) -> str:
    return f"{share / 100:.2f}%"


def _truck(axis: _Axis, route: Mapping[str, Any]) -> Row:
    leaves = datetime.fromisoformat(route["departs_at"])
    ends = max(s["arrives_at"] for s in route["stops"])
    bars = (axis.bar("load", axis.start, leaves), axis.bar("drive", leaves, datetime.fromisoformat(ends)))
    stops = tuple(axis.mark(s["arrives_at"], s["place_zh"], s["place_en"]) for s in route["stops"])
    return Row(route["vehicle"], route["depot_zh"], route["depot_en"], bars, stops, route["departs_at"], ends)


def _team(axis: _Axis, team: Mapping[str, Any]) -> Row:
    leaves, there = (datetime.fromisoformat(team[key]) for key in ("departs_at", "arrives_at"))
    bars: Sequence[Bar] = (
        axis.bar("muster", axis.start, leaves), axis.bar("drive", leaves, there),
        axis.bar("stay", there, axis.start + axis.span),
    )
    stop = axis.mark(team["arrives_at"], team["county_zh"], team["county_en"])
    return Row(team["team"], team["team_zh"], team["team_en"], tuple(bars), (stop,), team["departs_at"], team["arrives_at"])
