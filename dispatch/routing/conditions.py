"""What slows or shuts roads, now and later: notices, weather, passages of an edge.  Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from dispatch.clock import as_utc
from dispatch.errors import InvalidInput
from dispatch.routing.model import RoadEdge
from dispatch.routing.speeds import SpeedTable

EVERY_ROAD = "*"
# metres per second = km/h ÷ 3.6 × percent ÷ 100 × percent ÷ 100: paces below are 36,000 times that
PACE_SCALE = 36_000

Changes = tuple[tuple[datetime, int], ...]
Paces = tuple[tuple[int, int], ...]


class Limit(Protocol):
    """What is left of a road's speed, until when."""

    @property
    def speed_factor(self) -> float: ...
    @property
    def until(self) -> datetime | None: ...


class Notice(Limit, Protocol):
    """A road notice as the warnings carry it (ref inside counties, factor, until)."""

    @property
    def ref(self) -> str: ...
    @property
    def counties(self) -> tuple[str, ...]: ...


class Report(Limit, Protocol):
    """The newest word of people on one road."""

    @property
    def edge_id(self) -> int: ...


L = TypeVar("L", bound=Limit)


@dataclass(frozen=True)
class RoadConditions:
    """What slows or shuts roads now, and until when.

    ``weather`` maps an adcode to (hazard, colour rank 1-4); ``percent`` maps an edge id to
    the share of its speed that is left now, 0 = closed; ``changes`` maps an edge id to
    (from this moment, that share), in time's order.  An edge without changes stays as it is.
    """

    weather: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    percent: Mapping[int, int] = field(default_factory=dict)
    changes: Mapping[int, Changes] = field(default_factory=dict)


def edge_percent(edges: Iterable[RoadEdge], notices: Sequence[Notice], at: datetime) -> dict[int, int]:
    """Edge id → percent of speed left under the notices in force (0 = closed).

    A notice means each edge that carries its road number (``*`` = any) and has an end
    in one of its counties.
    """
    percent: dict[int, int] = {}
    for notice in _in_force(notices, at):
        for edge in edges:
            if _is_meant(edge, notice):
                percent[edge.id] = min(percent.get(edge.id, 100), _percent(notice))
    return percent


def road_conditions(
    edges: Sequence[RoadEdge],
    notices: Sequence[Notice],
    at: datetime,
    weather: Mapping[str, tuple[tuple[str, int], ...]],
    reports: Iterable[Report] = (),
) -> RoadConditions:
    """The conditions of a moment with what changes after it, as notices and reports end one by one.

    Where several speak of one road the worst counts: a report that a road is open takes back
    earlier reports (only the newest of a road is given here), not a notice of the authorities.
    """
    current = list(_in_force(notices, at))
    told: dict[int, list[Limit]] = defaultdict(list)
    for report in _in_force(reports, at):
        told[report.edge_id].append(report)
    percent = edge_percent(edges, current, at)
    changes: dict[int, Changes] = {}
    for edge in edges:
        meant: list[Limit] = [notice for notice in current if _is_meant(edge, notice)]
        meant += told.get(edge.id, ())
        for limit in told.get(edge.id, ()):
            percent[edge.id] = min(percent.get(edge.id, 100), _percent(limit))
        steps = tuple(_steps(meant))
        if steps:
            changes[edge.id] = steps
    return RoadConditions(weather, percent, changes)


def _steps(notices: Sequence[Limit]) -> Iterator[tuple[datetime, int]]:
    left = min((_percent(n) for n in notices), default=100)
    for end in sorted({n.until for n in notices if n.until is not None}):
        after = min((_percent(n) for n in _in_force(notices, end)), default=100)
        if after != left:
            yield end, after
        left = after


def _in_force(notices: Iterable[L], at: datetime) -> Iterator[L]:
    return (n for n in notices if n.until is None or n.until > at)


def _is_meant(edge: RoadEdge, notice: Notice) -> bool:
    touches = edge.from_adcode in notice.counties or edge.to_adcode in notice.counties
    return touches and (notice.ref == EVERY_ROAD or notice.ref in edge.refs.split("/"))


def _percent(notice: Limit) -> int:
    return round(notice.speed_factor * 100)


def whole_second(at: datetime) -> int:
    """Seconds since 1970, a started second counted whole."""
    return math.ceil(as_utc(at).timestamp())


def paces_of(edge: RoadEdge, speeds: SpeedTable, conditions: RoadConditions) -> Paces:
    """(from second, pace) in time's order, the first from the beginning of time; 0 = closed.

    A pace is metres per ``PACE_SCALE`` seconds.  Raises ``InvalidInput`` for a road class
    without a speed, a colour rank or a percent that there is not, changes out of order.
    """
    if edge.road_class not in speeds.km_per_h:
        raise _bad_edge(edge, f"class {edge.road_class!r} has no speed", f"道路等级“{edge.road_class}”没有车速")
    states = [(0, conditions.percent.get(edge.id, 100))]
    states += [(whole_second(at), left) for at, left in conditions.changes.get(edge.id, ())]
    if any(not 0 <= left <= 100 for _, left in states):
        raise _bad_edge(edge, "a percent of speed is not 0 to 100", "剩余车速百分比不在 0 至 100 之间")
    if any(a >= b for (a, _), (b, _) in zip(states, states[1:], strict=False)):
        raise _bad_edge(edge, "changes are not in time's order", "路况变化未按时间先后排列")
    pace = speeds.km_per_h[edge.road_class] * _weather_percent(edge, speeds, conditions)
    return tuple((at, pace * left) for at, left in states)


def _weather_percent(edge: RoadEdge, speeds: SpeedTable, conditions: RoadConditions) -> int:
    slowest = 100
    for place in (edge.from_adcode, edge.to_adcode):
        for hazard, rank in conditions.weather.get(place, ()):
            factors = speeds.weather_percent(hazard, edge.road_class)
            if not 0 <= rank < len(factors):
                raise _bad_edge(edge, f"colour rank {rank} of {hazard} is not known", f"{hazard} 预警等级 {rank} 无法识别")
            slowest = min(slowest, factors[rank])
    return slowest


def _bad_edge(edge: RoadEdge, what: str, what_zh: str) -> InvalidInput:
    return InvalidInput(
        f"Road {edge.id} ({edge.from_adcode}-{edge.to_adcode}): {what}.",
        remedy="Mend the road table, the speed table or the road notice.",
        zh=f"道路 {edge.id}（{edge.from_adcode}-{edge.to_adcode}）：{what_zh}。",
        remedy_zh="请修改道路表、车速表或道路通告。", facts={"edge": edge.id},
    )


def crossing(distance_m: int, paces: Paces, at_s: int) -> tuple[int, int] | None:
    """(seconds waited, seconds driven) by who comes to an edge at a second; None = never open.

    A truck under way drives on at the new pace when the pace changes, so who comes later
    never gets there sooner.
    """
    last_from, last_pace = paces[-1]
    if at_s >= last_from:
        return (0, -(-distance_m * PACE_SCALE // last_pace)) if last_pace else None
    now = max(n for n, (begins, _) in enumerate(paces) if n == 0 or begins <= at_s)
    opens = next((n for n in range(now, len(paces)) if paces[n][1]), None)
    if opens is None:
        return None
    enters = max(at_s, paces[opens][0])
    left, clock = distance_m * PACE_SCALE, enters
    for n in range(opens, len(paces)):
        pace = paces[n][1]
        ends = paces[n + 1][0] if n + 1 < len(paces) else None
        if pace and (ends is None or left <= (ends - clock) * pace):
            return enters - at_s, clock - enters + -(-left // pace)
        if ends is None:
            return None
        left, clock = left - (ends - clock) * pace, ends
    return None


def edge_duration_s(edge: RoadEdge, speeds: SpeedTable, conditions: RoadConditions) -> int | None:
    """Seconds to drive an edge as things are now; None when it is closed."""
    pace = paces_of(edge, speeds, conditions)[0][1]
    return -(-edge.distance_m * PACE_SCALE // pace) if pace else None
