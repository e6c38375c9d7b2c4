"""A scenario of facts, and what its replay came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dispatch.geo import LonLat

Value = int | float | str | bool | None
Facts = Mapping[str, object]


class Precision(StrEnum):
    """How exactly a moment is known; ``unknown`` moments are never replayed."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a fact of the timeline is about."""

    ALERT = "alert"
    REPORT = "report"
    ROAD = "road"
    RESPONSE = "response"
    DISPATCH = "dispatch"


class Bound(StrEnum):
    """What a dispatch fact says of the arrival of its goods.

    ``at`` they arrived then; ``by`` they had arrived by then, some perhaps long before (a running
    total); ``after`` they were only sent then, or reached a wider area: not there before.
    """

    AT = "at"
    BY = "by"
    AFTER = "after"


class InjectKind(StrEnum):
    """What an exercise leader may throw in."""

    CLOSE_ROAD = "close_road"
    BREAK_TRUCK = "break_truck"
    DOUBLE_FIGURE = "double_figure"
    LATE_REPORT = "late_report"
    WRONG_REPORT = "wrong_report"
    PHONES_DOWN = "phones_down"


class Verdict(StrEnum):
    """Ours beside history, as far as the precision of both allows."""

    EARLIER = "earlier"
    LATER = "later"
    UNDECIDED = "undecided"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was, as a source tells it: aware UTC, or None where no time is known."""

    at: datetime | None
    precision: Precision


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read; ``url`` None = a document without an address."""

    code: str
    title: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Goods:
    """Goods that history sent; ``units`` None = not told; ``item`` is the source's kind of thing."""

    item: str
    units: int | None


@dataclass(frozen=True, slots=True)
class Event:
    """One fact of a timeline, or one thing that an exercise leader throws in.

    ``number`` counts from 1 in the file's order, ``line`` is where it stands.  ``places`` are
    adcodes of counties, leagues or the region; empty = the place is not one of ours.
    ``assumption`` is not empty for what no source says.
    """

    number: int
    line: int
    moment: Moment
    kind: Kind
    places: tuple[str, ...]
    facts: Facts
    source: str
    goods: tuple[Goods, ...] = ()
    bound: Bound = Bound.BY
    assumption: str = ""


@dataclass(frozen=True, slots=True)
class Inject:
    """What the exercise leader throws in at a moment.

    ``places`` are counties (adcodes); ``road`` a road number or ``*``; ``event`` the number of the
    fact concerned; ``measure`` and ``figure`` a wrong figure; ``hours`` how long it lasts.
    """

    number: int
    line: int
    at: datetime
    kind: InjectKind
    places: tuple[str, ...] = ()
    road: str = "*"
    event: int | None = None
    measure: str = ""
    figure: int | None = None
    hours: int = 0


@dataclass(frozen=True)
class Scenario:
    """A past (or invented) disaster as timestamped facts with their sources.

    ``is_private`` marks a file with facts that name no source: it may be replayed by its owner
    and is never shipped.  Times aware UTC; ``counties`` are adcodes.
    """

    code: str
    title_zh: str
    title_en: str
    hazard: str
    started: Moment
    ended: Moment | None
    counties: tuple[str, ...]
    events: tuple[Event, ...]
    sources: Mapping[str, Source]
    magnitude: float | None = None
    epicentre: LonLat | None = None
    depth_km: int | None = None
    injects: tuple[Inject, ...] = ()
    notes: tuple[str, ...] = ()
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class LevelStep:
    """A level that came in force at a tier (region, league, county) for a place (adcode)."""

    at: datetime
    tier: str
    place: str
    level: int


@dataclass(frozen=True, slots=True)
class FirstGoods:
    """When the first goods reached a county, ours beside history's.

    History is known as an interval: not before ``history_from`` and not after ``history_to``,
    either None where nothing is known.  ``ours_spread_s`` is how far ours may be off because the
    fact that set it in motion is known only to the hour or the day.
    """

    county: str
    ours_at: datetime | None
    ours_spread_s: int
    history_at: datetime | None
    history_from: datetime | None
    history_to: datetime | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The share (0 to 1) of all need covered so many seconds after the first alert."""

    after_s: int
    share: float


@dataclass(frozen=True, slots=True)
class ClockScore:
    """One deadline of the plan: met_at None = never met within the replay."""

    name: str
    tier: str
    due_at: datetime
    met_at: datetime | None


@dataclass(frozen=True)
class Figures:
    """What one way of deciding came to; the same for ours and for nearest-warehouse-first.

    Shares are 0 to 1, None where nobody was found in need.  ``reserve_left`` is the share of the
    minimum stock of all warehouses still on hand at the end; ``gini`` of the counties' coverage
    at the last of the hours told.
    """

    proposals: tuple[str, ...]
    first_goods: tuple[FirstGoods, ...]
    coverage: Mapping[int, float | None]
    curve: tuple[CurvePoint, ...]
    county_coverage: Mapping[str, float]
    worst_county: str | None
    gini: float | None
    reserve_left: float | None
    cost_fen: int
    truck_seconds: int
    proposal_after_s: int | None = None
    approval_after_s: int | None = None
    first_truck_after_s: int | None = None
    decisions_changed: int = 0


@dataclass(frozen=True, slots=True)
class HistoryGoods:
    """Goods that history tells of: item as the source has it, units None = not told.

    Between ``after`` and ``by``, either None where nothing is known.
    """

    places: tuple[str, ...]
    item: str
    units: int | None
    after: datetime | None
    by: datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class HistoryLevel:
    """A response that was really started, of whatever authority the source names."""

    at: datetime
    spread_s: int
    places: tuple[str, ...]
    level: int
    source: str


@dataclass(frozen=True)
class Score:
    """A replay's result: two scores of one scenario, policy and seed differ in ``runtime_s`` alone.

    ``assumptions`` are (Chinese, English) and never empty: no figure without what it rests on.
    """

    scenario: str
    policy: str
    seed: int
    stock_percent: int
    first_alert_at: datetime
    first_alert_spread_s: int
    alerts: int
    levels: tuple[LevelStep, ...]
    history_levels: tuple[HistoryLevel, ...]
    history_goods: tuple[HistoryGoods, ...]
    clocks: tuple[ClockScore, ...]
    ours: Figures
    greedy: Figures
    assumptions: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    runtime_s: float = field(compare=False)
