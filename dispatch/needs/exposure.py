"""First estimate of people in need, before any report has come: pure.

Every number says how it came about and gives way to the first report.  A warning is
taken as coming true: the estimate is of the harm if it does, not of the chance that it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from shapely.geometry.base import BaseGeometry

from dispatch.alerts.model import Observations, Situation
from dispatch.geo import LonLat
from dispatch.needs.band import Band, around
from dispatch.needs.exposure_table import WHOLE, ExposureTable, HazardTable
from dispatch.needs.quake import quake_bands, where_people_live
from dispatch.needs.snow import days_lying, kind_of, snow_bands, snow_grade
from dispatch.places import County
from dispatch.words import Words

QUAKE = "earthquake"
SNOW_GRADES = (
    ("无灾", "none"), ("轻灾", "light"), ("中灾", "medium"), ("重灾", "heavy"), ("特大灾", "extreme"),
)
KINDS = {
    "pastoral": ("牧业旗县", "a pastoral county"),
    "semi_pastoral": ("半农半牧旗县", "a half-pastoral county"),
    "other": ("农区或城区", "a farming or urban county"),
}
LEVELS = (("蓝", "blue"), ("黄", "yellow"), ("橙", "orange"), ("红", "red"))

Found = tuple[dict[str, Band], Words]
Shock = tuple[float, LonLat]


@dataclass(frozen=True, slots=True)
class PlaceEstimate:
    """One measure for one county (adcode) with its band and how it was reached.

    ``measure`` is need_aid (people), displaced (people), dead (people), rooms (collapsed),
    herder_households or livestock (head).  Numbers of people never exceed the population.
    """

    county: str
    measure: str
    p10: int
    p50: int
    p90: int
    words: Words


def first_estimate(
    situation: Situation,
    counties: Mapping[str, County],
    shapes: Mapping[str, BaseGeometry] | None,
    table: ExposureTable,
) -> tuple[PlaceEstimate, ...]:
    """Bands for every affected county, ordered by adcode; ``need_aid`` is always there.

    Affected are the counties warned and, after an earthquake, every county its damage may
    reach.  With several hazards at once the one with most people in need decides.  Without
    ``shapes`` a county is a disc around its seat.  Adcodes not in ``counties`` are passed over.
    """
    estimates = []
    for code in sorted(counties):
        shape = None if shapes is None else shapes.get(code)
        found = _worst(situation, counties[code], shape, table)
        if found is None:
            continue
        bands, words = found
        estimates += [
            PlaceEstimate(code, measure, band.p10, band.p50, band.p90, words)
            for measure, band in sorted(bands.items(), key=lambda pair: pair[0] != "need_aid")
        ]
    return tuple(estimates)


def _worst(
    situation: Situation, county: County, shape: BaseGeometry | None, table: ExposureTable
) -> Found | None:
    """The hazard that puts most people in need; None where the county is not touched."""
    found = []
    shock = _shock(situation.observations)
    is_warned = county.adcode in situation.counties
    for hazard in sorted({situation.hazard, *situation.hazards}):
        if hazard == QUAKE and shock is not None:
            bands, words = _quake(shock, county, shape, table)
            if is_warned or bands["need_aid"].p90:
                found.append((bands, words))
        elif is_warned:
            found.append(_warned(hazard, situation, county, table))
    return max(found, key=lambda f: (f[0]["need_aid"].p50, f[0]["need_aid"].p90), default=None)


def _shock(seen: Observations) -> Shock | None:
    """Magnitude and epicentre when both are known and can be counted with."""
    if seen.epicentre is None or seen.magnitude is None or not isfinite(seen.magnitude):
        return None
    return seen.magnitude, seen.epicentre


def _quake(
    shock: Shock, county: County, shape: BaseGeometry | None, table: ExposureTable
) -> Found:
    magnitude, epicentre = shock
    points = where_people_live(county, shape, table.earthquake)
    bands = quake_bands(county, points, magnitude, epicentre, table.earthquake)
    words = Words(
        "exposure.earthquake",
        f"{magnitude:.1f} 级，按东部强震区烈度衰减关系（2013）推算各处烈度，"
        f"乘各烈度失去住所比例（按 1996 年包头、2013 年科左后旗地震校准，假设），人口 {county.population:,}",
        f"M{magnitude:.1f}: intensity by the 2013 relation for the eastern strong-earthquake "
        "area, times the share displaced at each intensity (fitted to Baotou 1996 and Horqin Left "
        f"Rear 2013, assumption), population {county.population:,}",
    )
    return bands, words


def _warned(hazard: str, situation: Situation, county: County, table: ExposureTable) -> Found:
    """By colour and observations; a county never counts above the hazard's own colour."""
    rank = situation.counties[county.adcode].rank
    if hazard in situation.hazards:
        rank = min(rank, situation.hazards[hazard].rank)
    if hazard in table.snow.colour_grade:
        return _snow(hazard, rank, situation, (county, table))
    shares = table.hazards.get(hazard, table.hazards["other"])
    level, per = level_of(rank, situation.observations, shares)
    band = around(county.population * per / WHOLE, shares.spread, county.population)
    zh, en = LEVELS[level - 1]
    words = Words(
        "exposure.level",
        f"如预警成灾：{zh}色等级每万人 {per} 人需救助（{shares.source_zh}），人口 {county.population:,}",
        f"if it comes true: {per} in 10,000 in need at level {en} ({shares.source}), "
        f"population {county.population:,}",
    )
    return {"need_aid": band}, words


def level_of(rank: int, seen: Observations, shares: HazardTable) -> tuple[int, int]:
    """Level 1 to 4 (the worse of colour and what was observed), and people per 10,000."""
    level = rank
    for name, bounds in shares.grades.items():
        value = getattr(seen, name)
        if value is not None:
            level = max(level, sum(value >= bound for bound in bounds))
    return level, shares.per_10000[level - 1]


def _snow(
    hazard: str, rank: int, situation: Situation, place: tuple[County, ExposureTable]
) -> Found:
    county, table = place
    seen = situation.observations
    days = days_lying(seen, situation.started_at, situation.as_of)
    grade = snow_grade(hazard, rank, seen, days, table.snow)
    kind_zh, kind_en = KINDS[kind_of(county, table.snow)]
    per = table.snow.herder_need[grade]
    depth = seen.snow_depth_cm
    depth_zh = "" if depth is None else f"，积雪 {depth} 厘米 {days} 天"
    depth_en = "" if depth is None else f", {depth} cm of snow for {days} days"
    words = Words(
        "exposure.snow",
        f"如预警成灾：雪情按{SNOW_GRADES[grade][0]}计（{LEVELS[rank - 1][0]}色预警{depth_zh}），{kind_zh}，"
        f"牧民每万人 {per} 人需救助（假设，按 2000、2010、2012 年冬雪灾校准），人口 {county.population:,}",
        f"if it comes true: snow graded {SNOW_GRADES[grade][1]} ({LEVELS[rank - 1][1]} warning{depth_en}), "
        f"{kind_en}, {per} in 10,000 herders in need (assumption, fitted to the winters of 2000, 2010 and 2012), "
        f"population {county.population:,}",
    )
    return snow_bands(county, grade, table.snow), words
