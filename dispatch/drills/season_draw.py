"""A year's disasters, drawn from the record.  Pure: the same seed and year, the same disasters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from math import cos, exp, log, log10, pi, radians, sin, sqrt
from random import Random

import shapely

from dispatch.alerts.model import Colour, LossCounts, Observations, RoadNotice, Situation
from dispatch.boundaries import simplified
from dispatch.clock import LOCAL_ZONE, to_local
from dispatch.drills.season_ground import Base
from dispatch.drills.season_record import Recorded, b_value
from dispatch.drills.season_rules import Group, SeasonRules
from dispatch.geo import LonLat, distance_m
from dispatch.needs.estimate import spread
from dispatch.needs.exposure import PlaceEstimate, first_estimate

Z_90 = 1.2816
KM_PER_DEGREE = 111.195
YEAR_DAYS = 365
EVERY_ROAD = "*"
MILDER = {Colour.RED: Colour.ORANGE, Colour.ORANGE: Colour.YELLOW, Colour.YELLOW: Colour.BLUE, Colour.BLUE: Colour.BLUE}
QUAKE_MEASURES = {"need_aid": "need", "dead": "dead", "rooms": "rooms"}


@dataclass(frozen=True)
class Disaster:
    """One drawn disaster with what it does in the end.

    ``losses`` maps each county hit to its final figures: ``need`` people in need, ``dead`` and
    ``rooms`` where they are estimated.  ``drawn_from`` is the recorded event behind it.
    """

    number: int
    group: str
    hazard: str
    drawn_from: str
    started_at: datetime
    counties: Mapping[str, Colour]
    losses: Mapping[str, Mapping[str, int]]
    observations: Observations
    temperature_c: int
    roads: tuple[RoadNotice, ...] = ()

    @property
    def people(self) -> int:
        """People in need in all."""
        return sum(loss["need"] for loss in self.losses.values())


@dataclass(frozen=True)
class Nature:
    """What disasters are drawn with."""

    base: Base
    rules: SeasonRules
    record: Mapping[str, Recorded]


def draw_year(nature: Nature, seed: int, year: int) -> tuple[Disaster, ...]:
    """The disasters of one year, first one first."""
    chance = Random(f"{seed}/{year}")
    drawn = [
        _disaster(nature, group, chance)
        for group in nature.rules.groups
        for _ in range(_poisson(group.rate, chance))
    ]
    drawn.sort(key=lambda d: (d.started_at, d.group, d.drawn_from, tuple(d.counties)))
    return tuple(replace(d, number=n) for n, d in enumerate(drawn, 1))


def _poisson(rate: float, chance: Random) -> int:
    """Knuth's product of uniforms; rates here are below one or two a year."""
    count, left = 0, chance.random()
    while left > exp(-rate):
        count, left = count + 1, left * chance.random()
    return count


def _around(ratio: float, z: float) -> float:
    """A log-normal factor of median 1 whose P90 is ``ratio``."""
    return exp(z * log(ratio) / Z_90)


def _disaster(nature: Nature, group: Group, chance: Random) -> Disaster:
    event = nature.record[chance.choice(group.events)]
    if group.places == "epicentre":
        return _quake(nature, group, event, chance)
    rules = nature.rules
    starts = _start(nature, event.started_at, chance.randint(-rules.spread.days, rules.spread.days), chance)
    hit = max(1, round(event.counties_hit * _around(rules.spread.counties, chance.gauss(0, 1))))
    places = _stretch(nature.base, _centre(nature, group, event, chance), hit)
    outer = len(places) * rules.spread.outer_percent // 100
    colours = {c: event.colour if n < len(places) - outer else MILDER[event.colour] for n, c in enumerate(places)}
    bare = Disaster(0, group.name, event.hazard, event.code, starts, colours, {}, event.observations, _cold(rules, starts))
    people = _people(nature, event, bare, chance)
    weights = {c: nature.base.counties[c].population * colours[c].rank for c in places}
    losses = {c: {"need": n} for c, n in spread(people, weights).items()}
    return replace(bare, losses=losses, roads=_closed(rules, bare, chance))


def _start(nature: Nature, recorded: datetime, moved_days: int, chance: Random) -> datetime:
    """The recorded day of the year, moved, within the simulated year; any time of that day."""
    first = to_local(nature.base.starts_at).date()
    local = to_local(recorded).date()
    leap_day = (local.month, local.day) == (2, 29)
    day = date(first.year, local.month, 28 if leap_day else local.day) + timedelta(days=moved_days)
    offset = (day - first).days % YEAR_DAYS
    at = datetime.combine(first + timedelta(days=offset), time(), LOCAL_ZONE).astimezone(UTC)
    return at + timedelta(minutes=chance.randrange(24 * 60))


def _cold(rules: SeasonRules, at: datetime) -> int:
    return rules.temperature_c[to_local(at).month - 1]


def _centre(nature: Nature, group: Group, event: Recorded, chance: Random) -> str:
    """Where it strikes: a county of the recorded event, or in some draws anywhere of its kind."""
    counties = nature.base.counties
    snow = nature.base.exposure.snow
    everywhere = sorted(counties if group.places == "any" else (set(snow.pastoral) | set(snow.semi_pastoral)) & set(counties))
    own = [c for c in everywhere if c in event.counties or counties[c].league_adcode in event.leagues]
    is_elsewhere = chance.randrange(100) < nature.rules.spread.elsewhere_percent
    return chance.choice(everywhere if is_elsewhere or not own else own)


def _stretch(base: Base, centre: str, hit: int) -> list[str]:
    """So many counties around one, nearest seats first."""
    seat = base.counties[centre].seat
    return sorted(base.counties, key=lambda c: (distance_m(seat, base.counties[c].seat), c))[:hit]


def _people(nature: Nature, event: Recorded, drawn: Disaster, chance: Random) -> int:
    """As counted then for each county, spread; where nobody counted, from the band of the first estimate."""
    base, rules, z = nature.base, nature.rules, chance.gauss(0, 1)
    if event.people is None:
        found = [e for e in _estimates(base, drawn) if e.measure == "need_aid"]
        people = sum(_within(e, z) for e in found)
    else:
        share = len(drawn.counties) / event.counties_hit
        people = round(event.people * share * _around(rules.spread.people, z))
    living = sum(base.counties[c].population for c in drawn.counties)
    return min(people, living * rules.spread.most_percent // 100)


def _within(estimate: PlaceEstimate, z: float) -> int:
    """The figure ``z`` standard deviations from the middle, on a log scale on each side."""
    low, mid, high = estimate.p10, estimate.p50, estimate.p90
    if z < 0:
        return round(mid * (max(low, 1) / max(mid, 1)) ** (-z / Z_90)) if mid else 0
    return round(max(mid, 1) * (max(high, 1) / max(mid, 1)) ** (z / Z_90)) if high else 0


def _estimates(base: Base, drawn: Disaster) -> tuple[PlaceEstimate, ...]:
    at = drawn.started_at
    colour = max(drawn.counties.values(), key=lambda c: c.rank, default=Colour.RED)
    situation = Situation(
        code="", hazard=drawn.hazard, title_zh="", title_en="", started_at=at, as_of=at, colour=colour,
        hazards={drawn.hazard: colour}, counties=dict(drawn.counties), counts=LossCounts(), counts_at=None,
        roads=(), alert_identifiers=(), observations=drawn.observations,
    )
    return first_estimate(situation, base.counties, simplified(), base.exposure)


def _closed(rules: SeasonRules, drawn: Disaster, chance: Random) -> tuple[RoadNotice, ...]:
    if drawn.group not in rules.closure.groups:
        return ()
    until = drawn.started_at + timedelta(hours=rules.closure.hours)
    shut = [
        c for c, colour in drawn.counties.items() if chance.randrange(100) < rules.closure.percent[colour.rank - 1]
    ]
    return tuple(RoadNotice(EVERY_ROAD, (c,), 0.0, until) for c in shut)


def _quake(nature: Nature, group: Group, event: Recorded, chance: Random) -> Disaster:
    """Magnitude by the law, the place around the recorded epicentre, the harm from the estimate's band."""
    rule, base = nature.rules.quake, nature.base
    slope = b_value([nature.record[code] for code in group.events], rule)
    least = 10 ** (-slope * (rule.most - rule.complete_from))
    magnitude = round(rule.complete_from - log10(1 - chance.random() * (1 - least)) / slope, 1)
    seen = replace(event.observations, magnitude=magnitude, epicentre=_epicentre(nature, event, chance))
    starts = _start(nature, event.started_at, chance.randrange(YEAR_DAYS), chance)
    bare = Disaster(0, group.name, event.hazard, event.code, starts, {}, {}, seen, _cold(nature.rules, starts))
    z = chance.gauss(0, 1)
    losses: dict[str, dict[str, int]] = {}
    for e in _estimates(base, bare):
        if e.measure in QUAKE_MEASURES:
            losses.setdefault(e.county, {})[QUAKE_MEASURES[e.measure]] = min(
                _within(e, z), base.counties[e.county].population,
            )
    hit = {c: loss for c, loss in losses.items() if loss["need"] >= rule.felt}
    return replace(bare, counties=dict.fromkeys(hit, Colour.RED), losses=hit)


def _epicentre(nature: Nature, event: Recorded, chance: Random) -> LonLat:
    """A place within the rule's distance of the recorded one, inside the region."""
    start = event.observations.epicentre
    assert start is not None, event.code
    shapes: Sequence[shapely.geometry.base.BaseGeometry] = list(simplified().values())
    away = nature.rules.quake.wander_km / KM_PER_DEGREE
    for _ in range(100):
        far, turn = away * sqrt(chance.random()), 2 * pi * chance.random()
        place = LonLat(start.lon + far * cos(turn) / cos(radians(start.lat)), start.lat + far * sin(turn))
        if any(shapely.contains_xy(shape, place.lon, place.lat) for shape in shapes):
            return place
    return start
