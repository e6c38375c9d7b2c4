"""Disasters drawn from the record: repeatable, as often and as large as there."""

from __future__ import annotations

from collections import Counter
from math import sqrt

import pytest
import shapely

from dispatch.boundaries import simplified
from dispatch.clock import to_local
from dispatch.drills.season_draw import Disaster, Nature, draw_year
from tests.conftest import Databases
from tests.drills.season_nature import make_nature, only

YEARS = 300


@pytest.fixture(scope="module")
def nature(databases: Databases) -> Nature:
    return make_nature(databases)


@pytest.fixture(scope="module")
def drawn(nature: Nature) -> list[Disaster]:
    return [d for year in range(1, YEARS + 1) for d in draw_year(nature, 7, year)]


def test_a_year_hangs_on_seed_and_number_alone(nature: Nature) -> None:
    years = [draw_year(nature, 3, year) for year in range(1, 6)]
    assert years == [draw_year(nature, 3, year) for year in reversed(range(1, 6))][::-1]
    assert years != [draw_year(nature, 4, year) for year in range(1, 6)]


def test_kinds_come_as_often_as_on_record(nature: Nature, drawn: list[Disaster]) -> None:
    seen = Counter(d.group for d in drawn)
    for group in nature.rules.groups:
        expected = group.rate * YEARS
        # four standard deviations of a Poisson count
        assert abs(seen[group.name] - expected) <= 4 * sqrt(expected), group.name


def test_places_people_and_days_stay_within_the_rules(nature: Nature, drawn: list[Disaster]) -> None:
    base, rules = nature.base, nature.rules
    for d in drawn:
        assert set(d.losses) <= set(d.counties) <= set(base.counties)
        assert 0 <= (d.started_at - base.starts_at).days < 366
        if d.group == "earthquake":
            continue
        living = sum(base.counties[c].population for c in d.counties)
        assert 0 <= d.people <= living * rules.spread.most_percent // 100
        recorded = to_local(nature.record[d.drawn_from].started_at).timetuple().tm_yday
        apart = abs(to_local(d.started_at).timetuple().tm_yday - recorded)
        assert min(apart, 365 - apart) <= rules.spread.days + 1


def test_snow_strikes_herders_and_half_of_floods_stay_where_they_were(nature: Nature, drawn: list[Disaster]) -> None:
    snow = nature.base.exposure.snow
    herding = set(snow.pastoral) | set(snow.semi_pastoral)
    for d in drawn:
        if d.group == "snow":
            assert next(iter(d.counties)) in herding
    single = [d for d in drawn if d.drawn_from == "2024-08-13-laoha-river"]
    share = sum(next(iter(d.counties)) == "150404" for d in single) / len(single)
    assert 0.2 < share < 0.8


def test_magnitudes_follow_the_law_inside_the_region(nature: Nature) -> None:
    often = only(nature, "earthquake", since=2025, until=2025)
    shocks = [d for year in range(1, 41) for d in draw_year(often, 1, year)]
    sizes = [d.observations.magnitude or 0.0 for d in shocks]
    assert len(sizes) > 100 and min(sizes) >= 5.3 and max(sizes) <= 7.0
    # with b = 0.724 the part above 6.0 is (10^-0.507 - 10^-1.230) / (1 - 10^-1.230) = 0.27
    assert 0.17 < sum(m > 6.0 for m in sizes) / len(sizes) < 0.37
    land = list(simplified().values())
    for d in shocks:
        place = d.observations.epicentre
        assert place and any(shapely.contains_xy(shape, place.lon, place.lat) for shape in land)
        assert all(loss["need"] >= nature.rules.quake.felt for loss in d.losses.values())


def test_roads_shut_by_colour_only_where_the_rule_says(nature: Nature, drawn: list[Disaster]) -> None:
    shut = Counter()
    all_of = Counter()
    for d in drawn:
        closed = {c for notice in d.roads for c in notice.counties}
        assert closed <= set(d.counties)
        if d.group not in nature.rules.closure.groups:
            assert not closed
            continue
        for county, colour in d.counties.items():
            all_of[colour.rank] += 1
            shut[colour.rank] += county in closed
    for rank, percent in enumerate(nature.rules.closure.percent, 1):
        if all_of[rank]:
            assert abs(100 * shut[rank] / all_of[rank] - percent) < 8, rank
