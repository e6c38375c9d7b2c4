"""What history tells of responses and goods, as intervals that keep to what is known.  Pure."""

from __future__ import annotations

from datetime import datetime

from dispatch.drills.areas import counties_in
from dispatch.drills.comings import arrival_of, spread_of
from dispatch.drills.model import (
    Bound,
    Event,
    FirstGoods,
    HistoryGoods,
    HistoryLevel,
    Kind,
    Precision,
    Scenario,
    Verdict,
)
from dispatch.drills.rule import DrillRule

LEVELS = {"I": 1, "II": 2, "III": 3, "IV": 4}
Interval = tuple[datetime | None, datetime | None]


def history_levels(scenario: Scenario, rule: DrillRule) -> tuple[HistoryLevel, ...]:
    """Responses that were really started, of whatever authority, in order of time."""
    found = []
    for event in scenario.events:
        level = LEVELS.get(str(event.facts.get("level", "")))
        at = _at(event, scenario, rule)
        if event.kind is Kind.RESPONSE and level and at is not None:
            spread = int(spread_of(event, rule).total_seconds())
            found.append(HistoryLevel(at, spread, event.places, level, event.source))
    return tuple(sorted(found, key=lambda h: (h.at, h.level)))


def history_goods(scenario: Scenario, rule: DrillRule) -> tuple[HistoryGoods, ...]:
    """Goods that history tells of, in the file's order."""
    found = []
    for event in scenario.events:
        if event.kind is Kind.DISPATCH and event.goods:
            low, high = arrival(event, scenario, rule)
            found += [HistoryGoods(event.places, g.item, g.units, low, high, event.source) for g in event.goods]
    return tuple(found)


def arrival(event: Event, scenario: Scenario, rule: DrillRule) -> Interval:
    """Between when and when the goods of a dispatch came: as far as its bound and precision tell."""
    at = _at(event, scenario, rule)
    if at is None:
        return None, None
    spread = spread_of(event, rule)
    low = None if event.bound is Bound.BY else at - spread
    return low, None if event.bound is Bound.AFTER else at + spread


def first_of(county: str, scenario: Scenario, rule: DrillRule) -> Interval:
    """Between when and when history's first goods reached a county.

    Goods for several places tell only that none of them had these before; a county's own tell
    when it had some.  The earliest bound of each kind counts, and no bound where any dispatch
    that may have been the first leaves it open.
    """
    lows: list[datetime | None] = []
    highs: list[datetime] = []
    for event in scenario.events:
        if event.kind is not Kind.DISPATCH or not event.goods or not _touches(event, county):
            continue
        low, high = arrival(event, scenario, rule)
        if low is None and high is None:
            lows.append(None)
            continue
        lows.append(low)
        if event.places == (county,) and high is not None:
            highs.append(high)
    known = [low for low in lows if low is not None]
    low = min(known) if known and len(known) == len(lows) else None
    return low, min(highs, default=None)


def compared(
    county: str, ours: tuple[datetime | None, int], scenario: Scenario, rule: DrillRule
) -> FirstGoods:
    """Ours beside history's: earlier or later only where no doubt of either changes that."""
    at, spread_s = ours
    low, high = first_of(county, scenario, rule)
    verdict = Verdict.UNKNOWN if low is None and high is None else Verdict.UNDECIDED
    if at is None and high is not None:
        verdict = Verdict.LATER
    elif at is not None and low is not None and (low - at).total_seconds() > spread_s:
        verdict = Verdict.EARLIER
    elif at is not None and high is not None and (at - high).total_seconds() > spread_s:
        verdict = Verdict.LATER
    middle = low + (high - low) / 2 if low and high else high or low
    return FirstGoods(county, at, spread_s, middle, low, high, verdict)


def counties_of(scenario: Scenario) -> tuple[str, ...]:
    """The scenario's counties and those history sent goods to."""
    sent = [p for e in scenario.events if e.kind is Kind.DISPATCH for p in e.places if not p.endswith("00")]
    return tuple(dict.fromkeys((*scenario.counties, *sent)))


def _touches(event: Event, county: str) -> bool:
    return bool(counties_in(event.places, (county,)))


def _at(event: Event, scenario: Scenario, rule: DrillRule) -> datetime | None:
    if event.moment.precision is Precision.UNKNOWN or scenario.started.at is None:
        return None
    return arrival_of(event.moment, scenario.started.at, rule)
