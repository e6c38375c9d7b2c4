"""From snow to herders: the grade of the snow, then who lives from stock; pure."""

from __future__ import annotations

from datetime import datetime

from dispatch.alerts.model import Observations
from dispatch.needs.band import Band, around
from dispatch.needs.exposure_table import WHOLE, SnowTable
from dispatch.places import County


def days_lying(seen: Observations, started_at: datetime, as_of: datetime) -> int:
    """Days the snow has lain: as observed, else begun days since the start."""
    if seen.snow_days is not None:
        return max(0, seen.snow_days)
    return max(0, (as_of - started_at).days) + 1


def snow_grade(hazard: str, rank: int, seen: Observations, days: int, table: SnowTable) -> int:
    """0 none … 4 extreme: the worst of warning colour, depth with days, and grass buried."""
    grades = [0]
    if 1 <= rank <= 4 and hazard in table.colour_grade:
        grades.append(table.colour_grade[hazard][rank - 1])
    if (depth := seen.snow_depth_cm) is not None:
        grades += [r.grade for r in table.depth if depth >= r.depth_cm and days >= r.days]
    if (grass := seen.grass_buried_percent) is not None:
        area = 100 if seen.snow_area_percent is None else seen.snow_area_percent
        grades += [
            r.grade for r in table.grass
            if grass >= r.grass_percent and days >= r.days and area >= r.area_percent
        ]
    return max(grades)


def herders(county: County, table: SnowTable) -> int:
    """People of the county who live from grazing stock."""
    kind = kind_of(county, table)
    percent = table.herder_percent[kind]
    if kind == "pastoral":
        percent = table.herder_percent_by_league.get(county.league_adcode, percent)
    return county.population * percent // 100


def kind_of(county: County, table: SnowTable) -> str:
    """ "pastoral", "semi_pastoral" or "other"."""
    if county.adcode in table.pastoral:
        return "pastoral"
    return "semi_pastoral" if county.adcode in table.semi_pastoral else "other"


def snow_bands(county: County, grade: int, table: SnowTable) -> dict[str, Band]:
    """Measure → band for one county under one grade of snow."""
    grazing = herders(county, table)
    settled = county.population - grazing
    need = (grazing * table.herder_need[grade] + settled * table.other_need[grade]) / WHOLE
    homes = grazing * 10 // table.household_tenths
    hit = homes * table.herder_hit[grade] / WHOLE
    households = around(hit, table.spread, homes)
    head = table.livestock[kind_of(county, table)]
    return {
        "need_aid": around(need, table.spread, county.population),
        "herder_households": households,
        "livestock": Band(households.p10 * head, households.p50 * head, households.p90 * head),
    }
